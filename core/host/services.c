/* services.c - see services.h: what every call and a source's calls are given. A plugin
 * may ignore what a service returns, so whatever went wrong is kept in the call as well. */
#include "host/detector_services.h"
#include "base/file.h"
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

int64_t tt_cpu_ns(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int tt_call_open(tt_call *c, enum tt_call_kind kind, tt_err *err)
{
	*c = (tt_call){ .kind = kind, .left_bytes = TT_CALL_BYTES_MAX,
		        .cpu_until_ns = INT64_MAX, .arena = tt_arena_new() };
	return c->arena ? TT_OK : tt_fail(err, TT_ENOMEM, "calling a plugin: %s",
	                                  tt_status_text(TT_ENOMEM));
}

void tt_call_close(tt_call *c)
{
	tt_free(c->asked.v);
	c->asked.v = NULL;
	tt_arena_free(c->arena);
	tt_arena_free(c->spenders_arena);
	c->arena = c->spenders_arena = NULL;
}

static int is_status(int rc)
{
#define X(name, value, text) rc == (value) ||
	return TT_STATUS_MAP(X) 0;
#undef X
}

int tt_call_verdict(const tt_call *c, int rc, tt_err *err)
{
	if (c->broken.status < 0)
		return tt_fail(err, c->broken.status, "%s", c->broken.text);
	if (rc == TT_OK)
		return TT_OK;
	if (!is_status(rc))
		return tt_fail(err, TT_EABI, "returned %d, which is no status", rc);
	return tt_fail(err, rc, "%s", c->err.text[0] ? c->err.text : tt_status_text(rc));
}

/* --- For every call ------------------------------------------------------------- */

/* Something that the plugin must not get away with. */
int tt_call_break(tt_call *c, int status, const char *fmt, ...)
{
	char why[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof why, fmt, args);
	va_end(args);
	tt_fail(&c->broken, status, "%s", why);
	tt_fail(&c->err, status, "%s", why);
	return status;
}

/* What was not there can't be missed by accident: texts go on being made out of "", and
 * the call as a whole has failed. */
void *tt_call_alloc(tt_call *c, size_t bytes)
{
	void *p = NULL;

	if (bytes > c->left_bytes) {
		c->over_budget = 1;
		tt_call_break(c, TT_ENOMEM, "asked for more than %d MiB of memory",
		              TT_CALL_BYTES_MAX >> 20);
		return NULL;
	}
	if (c->grant && !c->grant(c->grant_ctx)) {
		c->over_budget = 1;
		tt_call_break(c, TT_ENOMEM, "was refused memory");
		return NULL;
	}
	p = tt_arena_alloc(c->arena, bytes ? bytes : 1);
	if (p)
		c->left_bytes -= bytes;
	else
		tt_call_break(c, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
	return p;
}

static const char *host_text(tt_call *c, const char *fmt, ...) TT_PRINTF(2, 3);
static const char *host_text(tt_call *c, const char *fmt, ...)
{
	va_list args, again;
	char *p = NULL;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	if (n >= 0)
		p = tt_call_alloc(c, (size_t)n + 1);
	if (p)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(args);
	return p ? p : "";
}

const char *tt_call_quote(tt_call *c, const char *s)
{
	char *out = tt_call_alloc(c, s ? 2 * strlen(s) + 3 : 1), *q = out;

	if (!s)
		tt_call_break(c, TT_EINVAL, "asked for the text of NULL");
	if (!s || !out)
		return "";
	*q++ = '"';
	for (; *s; *q++ = *s++)
		if (*s == '"' || *s == '\\')
			*q++ = '\\';
	*q = '"';
	return out;
}

static int host_fail(tt_call *c, int status, const char *fmt, ...) TT_PRINTF(3, 4);
static int host_fail(tt_call *c, int status, const char *fmt, ...)
{
	char why[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof why, fmt, args);
	va_end(args);
	c->err = (tt_err){ 0 }; /* its last word counts, unlike in the core */
	tt_fail(&c->err, status, "%s", why);
	return status;
}

static int host_cancelled(const tt_call *c)
{
	return c->cpu_until_ns != INT64_MAX && tt_cpu_ns() >= c->cpu_until_ns;
}

/* --- For sources --------------------------------------------------------------------- */

static int check_names(tt_call *c, const char *location, const char *name)
{
	if (c->kind == TT_CALL_DETECT)
		return tt_call_break(c, TT_EINVAL, "asked for a file, which is for sources");
	if (!location || !name || !*name || strchr(name, '/') ||
	    strlen(location) > TT_NAME_BYTES_MAX || strlen(name) > TT_NAME_BYTES_MAX)
		return tt_call_break(c, TT_EINVAL, "asked for a file by a name that is none");
	return TT_OK;
}

/* What the source knows of is not reported as passed over. */
static int remember(tt_call *c, const char *name)
{
	const char *kept = tt_arena_text(c->arena, name, strlen(name));

	if (!kept || !TT_GROW(c->asked.v, c->asked.n, c->asked.cap))
		return tt_call_break(c, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
	c->asked.v[c->asked.n++] = kept;
	return TT_OK;
}

/* Whether anything has this name, be it a link to nowhere: only what is really absent may
 * be passed over in silence. */
static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* A pipe would be waited for, for ever. */
static int check_regular(tt_call *c, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return tt_call_break(c, TT_EIO, "%s: %s", path, strerror(errno));
	if (S_ISREG(st.st_mode))
		return TT_OK;
	return tt_call_break(c, TT_EDATA, "%s: %s, expected a file", path,
	                     S_ISDIR(st.st_mode) ? strerror(EISDIR) : "not a regular file");
}

/* The path of `name` or `name`.gz in the folder, "" when neither is there; both are a
 * contradiction, since one stands for the other. */
static int find_file(tt_call *c, const char *location, const char *name, char path[PATH_MAX])
{
	char packed[PATH_MAX + 4];
	tt_err err = { 0 };
	int there, packed_there, rc;

	TT_TRY(check_names(c, location, name));
	TT_TRY(remember(c, name));
	rc = tt_path_join(location, name, path, PATH_MAX - 4, &err);
	if (rc < 0)
		return tt_call_break(c, rc, "%s", err.text);
	snprintf(packed, sizeof packed, "%s.gz", path);
	there = is_there(path);
	packed_there = is_there(packed);
	if (there && packed_there)
		return tt_call_break(c, TT_EDATA, "%s and %s are both there, and one stands for "
		                     "the other", path, packed);
	if (packed_there)
		memcpy(path, packed, strlen(packed) + 1);
	else if (!there)
		path[0] = '\0';
	return path[0] ? check_regular(c, path) : TT_OK;
}

/* What can't be looked at is there as well: reading it says why. */
static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? S_ISREG(st.st_mode) : errno != ENOENT && errno != ENOTDIR;
}

static int host_has_file(tt_call *c, const char *location, const char *name)
{
	char plain[PATH_MAX], packed[PATH_MAX + 4];

	if (check_names(c, location, name) < 0 || remember(c, name) < 0 ||
	    tt_path_join(location, name, plain, sizeof plain - 4, NULL) < 0)
		return 0;
	snprintf(packed, sizeof packed, "%s.gz", plain);
	return is_file(plain) || is_file(packed);
}

static int of_reader(tt_call *c, const char *service)
{
	return c->kind == TT_CALL_READ
		? TT_OK : tt_call_break(c, TT_EINVAL, "called %s() outside of read()", service);
}

static int host_read_csv(tt_call *c, const char *location, const struct tt_table *t)
{
	char path[PATH_MAX];
	tt_err err = { 0 };
	int rc;

	TT_TRY(of_reader(c, "read_csv"));
	if (!t || !t->name || (t->n_columns && !t->columns))
		return tt_call_break(c, TT_EINVAL, "called read_csv() without a table");
	TT_TRY(find_file(c, location, t->file, path));
	if (!path[0])
		return TT_OK;
	rc = tt_builder_read_csv(c->builder, path, t->name, t->columns, t->n_columns, &err);
	return rc < 0 ? tt_call_break(c, rc, "%s", err.text) : TT_OK;
}

static int host_read_window(tt_call *c, const char *location, const char *name)
{
	char path[PATH_MAX];
	tt_err err = { 0 };
	int rc;

	TT_TRY(of_reader(c, "read_window"));
	TT_TRY(find_file(c, location, name, path));
	if (!path[0])
		return tt_call_break(c, TT_EIO, "%s/%s: %s", location, name, strerror(ENOENT));
	rc = tt_builder_window(c->builder, path, &err);
	return rc < 0 ? tt_call_break(c, rc, "%s", err.text) : TT_OK;
}

static int host_note(tt_call *c, const char *fmt, ...) TT_PRINTF(2, 3);
static int host_note(tt_call *c, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	TT_TRY(of_reader(c, "note"));
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return tt_builder_note(c->builder, "%s", text) < 0
		? tt_call_break(c, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM)) : TT_OK;
}

const tt_host tt_host_table = {
	.size = sizeof tt_host_table, .abi_major = TT_ABI_MAJOR, .abi_minor = TT_ABI_MINOR,
	.alloc = tt_call_alloc, .text = host_text, .quote = tt_call_quote, .fail = host_fail,
	.cancelled = host_cancelled, .stats = tt_lend_stats, .series = tt_lend_series,
	.cards = tt_lend_cards, .longest_gap = tt_lend_longest_gap,
	.confidence = tt_lend_confidence, .subject = tt_lend_subject, .spend = tt_lend_spend,
	.plain_owner = tt_lend_plain_owner, .spenders = tt_lend_spenders, .emit = tt_lend_emit,
	.has_file = host_has_file, .read_csv = host_read_csv, .read_window = host_read_window,
	.note = host_note, .group = tt_lend_group, .time = tt_lend_time,
	.workload = tt_lend_workload, .gaps = tt_lend_gaps, .best_timeout = tt_lend_best_timeout,
	.nodes = tt_lend_nodes, .best_floor = tt_lend_best_floor,
	.sized = tt_lend_sized, .churn = tt_lend_churn, .runs = tt_lend_runs,
	.slack = tt_lend_slack, .charges = tt_lend_charges,
	.rows = tt_lend_rows, .word = tt_lend_word, .number = tt_lend_number,
	.loads = tt_lend_loads, .course = tt_lend_course,
	.types = tt_lend_types, .tried = tt_lend_tried,
	.prices = tt_lend_prices, .pools = tt_lend_pools, .works = tt_lend_works,
	.repriced = tt_lend_repriced, .layers = tt_lend_layers,
	.commitment = tt_lend_commitment,
};
