#include "snapshot/builder.h"
#include "base/file.h"
#include "base/leftovers.h"
#include "base/threads.h"
#include "snapshot/check.h"
#include "snapshot/store.h"
#include "snapshot/table_csv.h"
#include "snapshot/usage_read.h"
#include "snapshot/window.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A usage table is read in finish(): it needs the other tables, whatever their order. */
typedef struct usage_file {
	const char *path, *file;
	tt_column *renames; size_t n_renames;
	tt_usage_result result;
} usage_file;

enum { GPU_USAGE, NODE_USAGE, USAGES };
static const char *const usage_name[USAGES] = { "gpu_usage", "node_usage" };

struct tt_builder {
	tt_build_options options;
	const char *out, *folder;
	const char *source;
	tt_snapshot_window window;
	int has_window;
	tt_rows table[TT_TABLE_COUNT];
	usage_file usage[USAGES];
	tt_rejects rejects;
	const char **notes; size_t n_notes, cap_notes;
	tt_arena *arena;
};

static int no_memory(tt_err *err)
{
	return tt_fail(err, TT_ENOMEM, "out of memory");
}

static const char *keep(tt_builder *b, const char *s)
{
	return tt_arena_text(b->arena, s, strlen(s));
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* --- Opening ------------------------------------------------------------------------ */

/* A build that was killed while it wrote leaves "OUT.tmp-PID-N" behind: remove those whose
 * process is gone. */
static void sweep_leftovers(const char *folder, const char *out)
{
	char path[4200];
	size_t n = strlen(base_name(out));
	DIR *d = opendir(folder);

	for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
		int64_t pid;
		const char *at = e->d_name + n;
		if (strncmp(e->d_name, base_name(out), n) != 0 || strncmp(at, ".tmp-", 5) != 0)
			continue;
		at += 5;
		if (!tt_parse_i64(at, strcspn(at, "-"), &pid) || pid <= 0 ||
		    kill((pid_t)pid, 0) == 0 || errno != ESRCH)
			continue;
		if (tt_path_join(folder, e->d_name, path, sizeof path, NULL) == TT_OK)
			unlink(path);
	}
	if (d)
		closedir(d);
}

int tt_builder_open(const char *out, const tt_build_options *o, tt_builder **ret, tt_err *err)
{
	TT_CLEANUP(tt_builder_closep) tt_builder *b = tt_zalloc(1, sizeof *b);
	const char *slash = strrchr(out, '/');

	if (!b || !(b->arena = tt_arena_new()))
		return no_memory(err);
	b->options = *o;
	b->rejects.lenient = o->lenient;
	b->source = "";
	b->out = keep(b, out);
	b->folder = slash == out ? "/" : slash ? tt_arena_text(b->arena, out, (size_t)(slash - out))
		: ".";
	if (!b->out || !b->folder)
		return no_memory(err);
	if (tt_is_file(b->folder))
		return tt_fail(err, TT_EIO, "%s: Not a directory", b->folder);
	if (access(b->folder, W_OK | X_OK) != 0)
		return tt_fail(err, TT_EIO, "%s: can't write there: %s", b->folder,
		               strerror(errno));
	sweep_leftovers(b->folder, b->out);
	if (b->options.threads <= 0)
		b->options.threads = tt_processors();
	for (int t = 0; t < TT_TABLE_COUNT; t++)
		TT_TRY(tt_rows_init(&b->table[t], (enum tt_table_id)t, err));
	*ret = b;
	b = NULL;
	return TT_OK;
}

void tt_builder_close(tt_builder *b)
{
	if (!b)
		return;
	for (int t = 0; t < TT_TABLE_COUNT; t++)
		tt_rows_free(&b->table[t]);
	for (int i = 0; i < USAGES; i++) {
		tt_usage_free(b->usage[i].result.usage);
		tt_free(b->usage[i].renames);
	}
	tt_rejects_free(&b->rejects);
	tt_free(b->notes);
	tt_arena_free(b->arena);
	tt_free(b);
}

void tt_builder_closep(tt_builder **b)
{
	tt_builder_close(*b);
}

/* --- Filling ---------------------------------------------------------------------------- */

int tt_builder_note(tt_builder *b, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	if (!TT_GROW(b->notes, b->n_notes, b->cap_notes))
		return TT_ENOMEM;
	b->notes[b->n_notes] = keep(b, text);
	return b->notes[b->n_notes++] ? TT_OK : TT_ENOMEM;
}

void tt_builder_source(tt_builder *b, const char *source_id)
{
	b->source = keep(b, source_id);
}

int tt_builder_window(tt_builder *b, const char *path, tt_err *err)
{
	if (b->has_window)
		return tt_fail(err, TT_EINVAL, "%s: the window was read before", path);
	TT_TRY(tt_window_read(path, base_name(path), b->arena, &b->window, err));
	b->has_window = 1;
	return TT_OK;
}

static int later(tt_builder *b, usage_file *u, const char *path, const char *table,
                 const tt_column *columns, size_t n_columns, tt_err *err)
{
	if (u->path)
		return tt_fail(err, TT_EINVAL, "table %s is read a second time, from %s", table,
		               path);
	u->path = keep(b, path);
	u->file = u->path ? base_name(u->path) : NULL;
	u->renames = tt_zalloc(n_columns, sizeof *u->renames);
	if (!u->path || !u->renames)
		return no_memory(err);
	for (size_t i = 0; i < n_columns; i++) {
		u->renames[i] = (tt_column){ keep(b, columns[i].file), keep(b, columns[i].field) };
		if (!u->renames[i].file || !u->renames[i].field)
			return no_memory(err);
	}
	u->n_renames = n_columns;
	return TT_OK;
}

/* Lines of `text` as notes. */
static int add_notes(tt_builder *b, const tt_buf *text, tt_err *err)
{
	for (const char *s = tt_buf_text(text), *end; *s; s = end + (*end == '\n')) {
		end = s + strcspn(s, "\n");
		if (end > s && tt_builder_note(b, "%.*s", (int)(end - s), s) < 0)
			return no_memory(err);
	}
	return TT_OK;
}

int tt_builder_read_csv(tt_builder *b, const char *path, const char *table,
                        const tt_column *columns, size_t n_columns, tt_err *err)
{
	tt_buf notes = { 0 };

	if (!b->has_window)
		return tt_fail(err, TT_EINVAL, "%s: the window must be read before any table",
		               path);
	for (int i = 0; i < USAGES; i++)
		if (strcmp(table, usage_name[i]) == 0)
			return later(b, &b->usage[i], path, table, columns, n_columns, err);
	int t = tt_table_find(table);
	if (t < 0)
		return tt_fail(err, TT_EINVAL, "%s: a snapshot has no table \"%s\"", path, table);
	int rc = tt_table_read_csv(path, tt_table_def_at((enum tt_table_id)t), columns, n_columns,
	                           &b->table[t], &b->rejects, &notes, err);
	if (rc == TT_OK)
		rc = add_notes(b, &notes, err);
	tt_buf_free(&notes);
	return rc;
}

/* --- Finishing ---------------------------------------------------------------------------- */

static int usage_notes(tt_builder *b, const usage_file *u, tt_err *err)
{
	const tt_usage_result *r = &u->result;
	int rc = TT_OK;

	if (r->unknown[0])
		rc = tt_builder_note(b, "%s: column %s is not known and was passed over", u->file,
		                     r->unknown);
	if (rc == TT_OK && r->duplicates > 0)
		rc = tt_builder_note(b, "%s: %" PRId64 " equal rows counted once", u->file,
		                     r->duplicates);
	if (rc == TT_OK && r->outside > 0)
		rc = tt_builder_note(b, "%s: %" PRId64
		                     " rows outside of the window were passed over",
		                     u->file, r->outside);
	if (rc == TT_OK && r->differing)
		rc = tt_builder_note(b, "%s: pods that share a card gave different readings at the "
		                     "same time; the larger counted", u->file);
	return rc < 0 ? no_memory(err) : TT_OK;
}

static int read_usage(tt_builder *b, int which, tt_err *err)
{
	usage_file *u = &b->usage[which];
	const tt_rows *nodes = &b->table[TT_NODES], *pods = &b->table[TT_PODS];

	if (!u->path)
		return TT_OK;
	tt_usage_input in = { .table = usage_name[which], .path = u->path, .file = u->file,
		.of_node = which == NODE_USAGE, .renames = u->renames, .n_renames = u->n_renames,
		.start_s = b->window.start_s, .end_s = b->window.end_s,
		.step_s = (int32_t)b->window.step_s, .nodes = nodes->file ? nodes : NULL,
		.pods = pods, .temp_folder = b->options.temp_folder ? b->options.temp_folder
			: b->folder, .threads = b->options.threads, .options = &b->options };
	TT_TRY(tt_usage_read(&in, &b->rejects, &u->result, err));
	if (b->window.step_s == 0)
		b->window.step_s = u->result.step_s;
	return usage_notes(b, u, err);
}

static int write_file(tt_builder *b, tt_err *err)
{
	const tt_usage_result *gpu = &b->usage[GPU_USAGE].result;
	const tt_usage_result *node = &b->usage[NODE_USAGE].result;
	char temp[4200];
	tt_store_input in = { .name = b->window.name, .currency = b->window.currency,
		.note = b->window.note, .source = b->source, .start_s = b->window.start_s,
		.end_s = b->window.end_s, .step_s = b->window.step_s, .table = b->table,
		.gpu_usage = gpu->usage, .node_usage = node->usage,
		.gpu_usage_file = b->usage[GPU_USAGE].file,
		.node_usage_file = b->usage[NODE_USAGE].file,
		.gpu_usage_rows = gpu->rows, .node_usage_rows = node->rows,
		.gpu_usage_duplicates = gpu->duplicates, .node_usage_duplicates = node->duplicates,
		.usage_has_pods = gpu->has_pods, .rejects = &b->rejects, .notes = b->notes,
		.n_notes = b->n_notes, .threads = b->options.threads };

	TT_TRY(tt_temp_path(b->out, temp, sizeof temp, err));
	unlink(temp); /* of a dead process that had our number, as containers do */
	tt_leftover_add(temp);
	int rc = tt_store_write(temp, &in, err);
	if (rc < 0)
		unlink(temp);
	else
		rc = tt_commit_file(temp, b->out, err);
	tt_leftover_done(temp);
	return rc;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int tt_builder_finish(tt_builder *b, tt_build_times *ret_times, tt_err *err)
{
	double start = now_s();

	if (!b->has_window)
		return tt_fail(err, TT_EINVAL, "%s: no window was read", b->out);
	if (!b->source)
		return no_memory(err);
	TT_TRY(tt_check_tables(b->table, b->window.start_s, b->window.end_s, &b->rejects, err));
	for (int i = 0; i < USAGES; i++)
		TT_TRY(read_usage(b, i, err));
	double answers = now_s();
	TT_TRY(write_file(b, err));
	if (ret_times)
		*ret_times = (tt_build_times){ answers - start, now_s() - answers };
	return TT_OK;
}
