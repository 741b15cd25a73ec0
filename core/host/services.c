/* services.c - see services.h. A plugin may ignore what a service returns, so whatever
 * went wrong is kept in the call as well. */
#include "host/services.h"
#include "base/file.h"
#include <errno.h>
#include <limits.h>
#include <math.h>
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

static void *host_alloc(tt_call *c, size_t bytes)
{
	void *p = NULL;

	if (bytes <= c->left_bytes)
		p = tt_arena_alloc(c->arena, bytes ? bytes : 1);
	if (p)
		c->left_bytes -= bytes;
	else
		tt_fail(&c->err, TT_ENOMEM, "asked for more than %d MiB of memory",
		        TT_CALL_BYTES_MAX >> 20);
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
		p = host_alloc(c, (size_t)n + 1);
	if (p)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(args);
	return p;
}

static const char *host_quote(tt_call *c, const char *s)
{
	char *out = s ? host_alloc(c, 2 * strlen(s) + 3) : NULL, *q = out;

	if (!out)
		return NULL;
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

/* Something that the plugin must not get away with. */
static int broken(tt_call *c, int status, const char *fmt, ...) TT_PRINTF(3, 4);
static int broken(tt_call *c, int status, const char *fmt, ...)
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

/* --- For detectors ---------------------------------------------------------------- */

static int of_detector(tt_call *c, const char *service)
{
	return c->kind == TT_CALL_DETECT
		? TT_OK : broken(c, TT_EINVAL, "called %s(), which is for detectors", service);
}

/* The measure behind (carrier, metric); NULL when it was not collected. */
static int find_measure(tt_call *c, const char *service, const char *id, int32_t metric,
                        const tt_measure **ret)
{
	const tt_snapshot *s;
	size_t at;

	*ret = NULL;
	TT_TRY(of_detector(c, service));
	s = c->subjects->snapshot;
	if (!id || metric <= TT_METRIC_NONE ||
	    (metric >= TT_METRIC_COUNT && metric != TT_ACTIVITY_PCT))
		return broken(c, TT_EINVAL, "asked %s() for metric %d of \"%.60s\", which is none",
		              service, metric, id ? id : "");
	at = tt_snapshot_find_carrier(s, id);
	if (at >= s->n_carriers)
		return TT_ENODATA; /* a node or card that nothing was measured of */
	if (metric == TT_ACTIVITY_PCT)
		metric = tt_snapshot_activity(s, &s->carriers[at]);
	if (metric != TT_METRIC_NONE)
		*ret = tt_snapshot_measure(s, &s->carriers[at], metric);
	return *ret ? TT_OK : TT_ENODATA;
}

static int host_stats(tt_call *c, const char *carrier_id, int32_t metric, tt_stats *ret)
{
	const tt_measure *m;
	int rc = find_measure(c, "stats", carrier_id, metric, &m);
	tt_err err = { 0 };

	*ret = (tt_stats){ .size = sizeof *ret, .metric = TT_METRIC_NONE, .measured_s = (double)NAN,
		           .mean = (double)NAN, .min = (double)NAN, .max = (double)NAN,
		           .p50 = (double)NAN, .p95 = (double)NAN, .p99 = (double)NAN };
	if (rc < 0)
		return rc;
	rc = tt_measure_stats(m, ret, &err);
	return rc < 0 && rc != TT_ENODATA ? broken(c, rc, "%s", err.text) : rc;
}

struct tt_call_series {
	const tt_measure *measure;
	tt_series series;
	tt_call_series *next;
};

static int read_series(tt_call *c, const tt_measure *m, tt_series *ret)
{
	const tt_snapshot *s = c->subjects->snapshot;
	size_t n = tt_snapshot_steps(s);
	tt_call_series *one = host_alloc(c, sizeof *one);
	double *mean = host_alloc(c, n * sizeof *mean), *max = host_alloc(c, n * sizeof *max);
	tt_err err = { 0 };

	if (!one || !mean || !max)
		return TT_ENOMEM;

	int rc = tt_snapshot_series(s, m, mean, max, &err);

	if (rc < 0)
		return rc == TT_ENODATA ? rc : broken(c, rc, "%s", err.text);
	*one = (tt_call_series){ m, { mean, max, n, s->start_s, s->step_s }, c->series };
	c->series = one;
	*ret = one->series;
	return TT_OK;
}

static int host_series(tt_call *c, const char *carrier_id, int32_t metric, tt_series *ret)
{
	static const double nothing = 0;
	const tt_measure *m;
	int rc = find_measure(c, "series", carrier_id, metric, &m);

	*ret = (tt_series){ .mean = &nothing, .max = &nothing };
	if (rc < 0)
		return rc;
	ret->start_s = c->subjects->snapshot->start_s;
	ret->step_s = c->subjects->snapshot->step_s;
	if (ret->step_s <= 0)
		return TT_ENODATA;
	for (const tt_call_series *k = c->series; k; k = k->next)
		if (k->measure == m) {
			*ret = k->series;
			return TT_OK;
		}
	return read_series(c, m, ret);
}

static int of_fleet(tt_call *c, const char *service)
{
	TT_TRY(of_detector(c, service));
	return c->scope == TT_SCOPE_FLEET
		? TT_OK : broken(c, TT_EINVAL, "called %s(), which is for scope fleet", service);
}

static int host_spend(tt_call *c, size_t i, tt_spend *ret)
{
	TT_TRY(of_fleet(c, "spend"));
	if (i >= c->n_lines)
		return TT_ENODATA;
	*ret = c->lines[i];
	return TT_OK;
}

static int host_spender(tt_call *c, const char *namespace_, const char *creator, size_t k,
                        const char **ret)
{
	const tt_subjects *s = c->subjects;
	tt_err err = { 0 };
	int rc = TT_OK;

	TT_TRY(of_fleet(c, "spender"));
	if (!namespace_ || !creator)
		return broken(c, TT_EINVAL, "called spender() with NULL for a word");
	if (!c->spenders_arena) {
		c->spenders_arena = tt_arena_new();
		rc = c->spenders_arena ? tt_spenders_make(s->snapshot, s->settings,
		                                          c->spenders_arena, &c->spenders, &err)
		                       : TT_ENOMEM;
	}
	if (rc < 0)
		return broken(c, rc, "%s", tt_status_text(rc));
	*ret = tt_spenders_at(&c->spenders, namespace_, creator, k);
	return *ret ? TT_OK : TT_ENODATA;
}

/* What finding.h can't check, because it knows no fleet. */
static int check_found(tt_call *c, const tt_found *f)
{
	int64_t total = c->subjects->bill->total_micro;

	if (!tt_subjects_has(c->subjects, f->subject_kind, f->subject_id))
		return broken(c, TT_EINVAL, "its finding \"%.60s\" is about %s \"%.80s\", which "
		              "the snapshot does not have", f->verdict,
		              tt_subject_kind_text(f->subject_kind), f->subject_id);
	if (f->spend_concerned_micro != TT_MONEY_UNKNOWN &&
	    (f->spend_concerned_micro < 0 || f->spend_concerned_micro > total))
		return broken(c, TT_EINVAL, "its finding \"%.60s\" about %.80s concerns a spend of "
		              "%lld micro-units, expected 0 to %lld, what the fleet costs",
		              f->verdict, f->subject_id, (long long)f->spend_concerned_micro,
		              (long long)total);
	return TT_OK;
}

static int host_emit(tt_call *c, const tt_finding *f)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = NULL;
	TT_CLEANUP(tt_buf_free) tt_buf bytes = { 0 };
	tt_err err = { 0 };
	tt_found found;
	int rc;

	TT_TRY(of_detector(c, "emit"));
	if (c->left_findings <= 0)
		return broken(c, TT_ECANCELLED, "has more than %lld findings",
		              (long long)c->limit_findings);
	c->left_findings--;
	arena = tt_arena_new();
	if (!arena)
		return broken(c, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
	rc = tt_found_check(c->detector, f, arena, &found, &err);
	if (rc < 0)
		return broken(c, rc, "%s", err.text);
	TT_TRY(check_found(c, &found));
	tt_found_write(&found, &bytes);
	if (bytes.failed)
		return broken(c, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
	return c->put(c->put_ctx, &bytes);
}

/* --- For sources --------------------------------------------------------------------- */

static int check_names(tt_call *c, const char *location, const char *name)
{
	if (c->kind == TT_CALL_DETECT)
		return broken(c, TT_EINVAL, "asked for a file, which is for sources");
	if (!location || !name || !*name || strchr(name, '/') ||
	    strlen(location) > TT_NAME_BYTES_MAX || strlen(name) > TT_NAME_BYTES_MAX)
		return broken(c, TT_EINVAL, "asked for a file by a name that is none");
	return TT_OK;
}

/* Whether anything has this name, be it a folder or a link to nowhere: only what is
 * really absent may be passed over in silence. */
static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* The path of `name` or `name`.gz in the folder, "" when neither is there; both are a
 * contradiction, since one stands for the other. */
static int find_file(tt_call *c, const char *location, const char *name, char path[PATH_MAX])
{
	char packed[PATH_MAX + 4];
	tt_err err = { 0 };
	int there, packed_there, rc;

	TT_TRY(check_names(c, location, name));
	rc = tt_path_join(location, name, path, PATH_MAX - 4, &err);
	if (rc < 0)
		return broken(c, rc, "%s", err.text);
	snprintf(packed, sizeof packed, "%s.gz", path);
	there = is_there(path);
	packed_there = is_there(packed);
	if (there && packed_there)
		return broken(c, TT_EDATA, "%s and %s are both there, and one stands for the other",
		              path, packed);
	if (packed_there)
		memcpy(path, packed, strlen(packed) + 1);
	else if (!there)
		path[0] = '\0';
	return TT_OK;
}

static int host_has_file(tt_call *c, const char *location, const char *name)
{
	char plain[PATH_MAX], packed[PATH_MAX + 4];

	if (check_names(c, location, name) < 0 ||
	    tt_path_join(location, name, plain, sizeof plain - 4, NULL) < 0)
		return 0;
	snprintf(packed, sizeof packed, "%s.gz", plain);
	return is_there(plain) || is_there(packed);
}

static int of_reader(tt_call *c, const char *service)
{
	return c->kind == TT_CALL_READ
		? TT_OK : broken(c, TT_EINVAL, "called %s() outside of read()", service);
}

static int host_read_csv(tt_call *c, const char *location, const struct tt_table *t)
{
	char path[PATH_MAX];
	tt_err err = { 0 };
	int rc;

	TT_TRY(of_reader(c, "read_csv"));
	if (!t || !t->name || (t->n_columns && !t->columns))
		return broken(c, TT_EINVAL, "called read_csv() without a table");
	TT_TRY(find_file(c, location, t->file, path));
	if (!path[0])
		return TT_OK;
	rc = tt_builder_read_csv(c->builder, path, t->name, t->columns, t->n_columns, &err);
	return rc < 0 ? broken(c, rc, "%s", err.text) : TT_OK;
}

static int host_read_window(tt_call *c, const char *location, const char *name)
{
	char path[PATH_MAX];
	tt_err err = { 0 };
	int rc;

	TT_TRY(of_reader(c, "read_window"));
	TT_TRY(check_names(c, location, name));
	rc = tt_path_join(location, name, path, sizeof path, &err);
	if (rc == TT_OK)
		rc = tt_builder_window(c->builder, path, &err);
	return rc < 0 ? broken(c, rc, "%s", err.text) : TT_OK;
}

const tt_host tt_host_table = {
	.size = sizeof tt_host_table, .abi_major = TT_ABI_MAJOR, .abi_minor = TT_ABI_MINOR,
	.alloc = host_alloc, .text = host_text, .quote = host_quote, .fail = host_fail,
	.cancelled = host_cancelled, .stats = host_stats, .series = host_series,
	.spend = host_spend, .spender = host_spender, .emit = host_emit,
	.has_file = host_has_file, .read_csv = host_read_csv, .read_window = host_read_window,
};
