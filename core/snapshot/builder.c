#include "snapshot/builder.h"
#include "base/file.h"
#include "base/leftovers.h"
#include "base/threads.h"
#include "base/workfile.h"
#include "snapshot/check.h"
#include "snapshot/store.h"
#include "snapshot/table_csv.h"
#include "snapshot/table_sort.h"
#include "snapshot/usage_join.h"
#include "snapshot/usage_notes.h"
#include "snapshot/usage_pack.h"
#include <errno.h>
#include <inttypes.h>
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

struct tt_builder {
	tt_build_options options;
	const char *out, *folder;
	const char *source;
	tt_snapshot_window window;
	int has_window;
	tt_rows table[TT_TABLE_COUNT];
	usage_file usage[TT_USAGE_TABLES];
	tt_rejects rejects;
	tt_table_note *notes; size_t n_notes, cap_notes;
	const char *about;           /* the table that notes are about; "": none */
	const tt_shard *const *shards; size_t n_shards; /* rows come from these, if any */
	tt_arena *arena;
};

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

int tt_builder_open(const char *out, const tt_build_options *o, tt_builder **ret, tt_err *err)
{
	TT_CLEANUP(tt_builder_closep) tt_builder *b = tt_zalloc(1, sizeof *b);
	const char *slash = strrchr(out, '/');

	if (!b || !(b->arena = tt_arena_new()))
		return tt_no_memory(err);
	b->options = *o;
	b->rejects.lenient = o->lenient;
	b->source = b->about = "";
	b->out = keep(b, out);
	b->folder = slash == out ? "/" : slash ? tt_arena_text(b->arena, out, (size_t)(slash - out))
		: ".";
	if (!b->out || !b->folder)
		return tt_no_memory(err);
	if (tt_is_file(b->folder))
		return tt_fail(err, TT_EIO, "%s: Not a directory", b->folder);
	if (access(b->folder, W_OK | X_OK) != 0)
		return tt_fail(err, TT_EIO, "%s: can't write there: %s", b->folder,
		               strerror(errno));
	tt_workfile_sweep(b->out);
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
	for (int i = 0; i < TT_USAGE_TABLES; i++) {
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

/* Headers of several shards are mostly the same: what was said once is not said again. */
static int note_once(tt_builder *b, const char *table, const char *text)
{
	for (size_t i = 0; i < b->n_notes; i++)
		if (strcmp(b->notes[i].table, table) == 0 && strcmp(b->notes[i].text, text) == 0)
			return TT_OK;
	if (!TT_GROW(b->notes, b->n_notes, b->cap_notes))
		return TT_ENOMEM;
	b->notes[b->n_notes] = (tt_table_note){ table, keep(b, text) };
	return b->notes[b->n_notes++].text ? TT_OK : TT_ENOMEM;
}

int tt_builder_note(tt_builder *b, const char *fmt, ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	for (size_t n = strlen(text); !tt_utf8_ok(text, n);)
		text[--n] = '\0'; /* cut at a whole character */
	return note_once(b, b->about, text);
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
		return tt_no_memory(err);
	for (size_t i = 0; i < n_columns; i++) {
		u->renames[i] = (tt_column){ keep(b, columns[i].file), keep(b, columns[i].field) };
		if (!u->renames[i].file || !u->renames[i].field)
			return tt_no_memory(err);
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
			return tt_no_memory(err);
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
	for (int i = 0; i < TT_USAGE_TABLES; i++)
		if (strcmp(table, tt_usage_tables[i]) == 0)
			return later(b, &b->usage[i], path, table, columns, n_columns, err);
	int t = tt_table_find(table);
	if (t < 0)
		return tt_fail(err, TT_EINVAL, "%s: a snapshot has no table \"%s\"", path, table);
	const tt_table_def *d = tt_table_def_at((enum tt_table_id)t);
	int rc = (b->options.shard ? tt_table_read_rows : tt_table_read_csv)
		(path, d, columns, n_columns, &b->table[t], &b->rejects, &notes, err);
	b->about = d->name;
	if (rc == TT_OK)
		rc = add_notes(b, &notes, err);
	b->about = "";
	tt_buf_free(&notes);
	return rc;
}

/* --- Joining -------------------------------------------------------------------------------- */

/* Rows of table `t` of all shards. The file has one name in all of them, as a rule. */
static int join_table(tt_builder *b, int t, const char *const *labels, int64_t *copies, tt_err *err)
{
	tt_rows *rows = &b->table[t];
	tt_buf notes = { 0 };

	for (size_t i = 0; i < b->n_shards; i++) {
		const char *file = b->shards[i]->input[t].file;
		if (file && (!rows->file || strcmp(file, rows->file) < 0))
			rows->file = file;
		TT_TRY(tt_shard_rows(b->shards[i], (enum tt_table_id)t, i, rows, err));
	}
	if (!rows->file)
		return TT_OK;
	rows->shard = labels;
	TT_TRY(tt_rows_sort(rows, &b->rejects, err));
	*copies += rows->copies;
	tt_table_note_equal(rows, &notes);
	b->about = rows->def->name;
	int rc = notes.failed ? tt_no_memory(err) : add_notes(b, &notes, err);
	b->about = "";
	tt_buf_free(&notes);
	return rc;
}

/* What was noted and rejected when the shard was made. */
static int join_remarks(tt_builder *b, const tt_shard *s, tt_err *err)
{
	tt_rejects *to = &b->rejects;
	const int lenient = to->lenient;
	int rc = TT_OK;

	for (size_t i = 0; i < s->n_notes; i++)
		if (note_once(b, s->notes[i].table, s->notes[i].text) < 0)
			return tt_no_memory(err);
	to->lenient = 1; /* it was then */
	for (size_t i = 0; i < s->rejects.n_kinds; i++) {
		const tt_reject *k = &s->rejects.kinds[i];
		for (int64_t n = 0; n < k->n && rc == TT_OK; n++)
			rc = tt_reject_row(to, err, k->table, k->kind, "%s: %s", s->label,
			                   k->first);
	}
	to->lenient = lenient;
	return rc;
}

int tt_builder_join(tt_builder *b, const tt_snapshot_window *window,
                    const struct tt_shard *const *shards, size_t n, int64_t *ret_copies,
                    tt_err *err)
{
	const char **labels = tt_arena_alloc(b->arena, n * sizeof *labels);

	if (!labels)
		return tt_no_memory(err);
	b->window = *window;
	b->has_window = 1;
	b->shards = shards;
	b->n_shards = n;
	for (size_t i = 0; i < n; i++) {
		labels[i] = shards[i]->label;
		TT_TRY(join_remarks(b, shards[i], err));
	}
	for (int t = 0; t < TT_TABLE_COUNT; t++)
		TT_TRY(join_table(b, t, labels, ret_copies, err));
	for (int t = 0; t < TT_USAGE_TABLES; t++)
		for (size_t i = 0; i < n; i++) {
			const char *file = shards[i]->usage[t].file;
			if (file && (!b->usage[t].file || strcmp(file, b->usage[t].file) < 0))
				b->usage[t].file = file;
		}
	return TT_OK;
}

/* --- Finishing ---------------------------------------------------------------------------- */

static int note_unknown(tt_builder *b, const char *file, const char *columns)
{
	return tt_builder_note(b, "%s: column %s is not known and was passed over", file, columns);
}

static tt_usage_input usage_input(const tt_builder *b, int which)
{
	const usage_file *u = &b->usage[which];
	const tt_rows *nodes = &b->table[TT_NODES];

	return (tt_usage_input){ .table = tt_usage_tables[which], .path = u->path, .file = u->file,
		.of_node = which == TT_NODE_USAGE, .renames = u->renames,
		.n_renames = u->n_renames, .start_s = b->window.start_s, .end_s = b->window.end_s,
		.step_s = (int32_t)b->window.step_s, .nodes = nodes->file ? nodes : NULL,
		.pods = &b->table[TT_PODS],
		.temp_folder = b->options.temp_folder ? b->options.temp_folder : b->folder,
		.threads = b->options.threads, .options = &b->options };
}

static int read_usage(tt_builder *b, int which, tt_err *err)
{
	usage_file *u = &b->usage[which];
	const tt_usage_input in = usage_input(b, which);
	const tt_usage_join join = { .table = (enum tt_usage_table)which, .shards = b->shards,
		.n_shards = b->n_shards, .file = u->file, .start_s = in.start_s, .end_s = in.end_s,
		.step_s = in.step_s, .nodes = in.nodes, .pods = in.pods,
		.temp_folder = in.temp_folder, .threads = in.threads, .options = in.options };

	if (!u->file)
		return TT_OK;
	TT_TRY(b->n_shards ? tt_usage_join_shards(&join, &b->rejects, &u->result, err)
	                   : tt_usage_read(&in, &b->rejects, &u->result, err));
	if (b->window.step_s == 0 && u->result.rows > 0) /* a header tells no step */
		b->window.step_s = u->result.step_s;
	b->about = tt_usage_tables[which];
	int rc = u->result.unknown[0] ? note_unknown(b, u->file, u->result.unknown) : TT_OK;
	rc = rc < 0 ? tt_no_memory(err)
	            : tt_usage_notes(b, u->file, &u->result,
	                             which == TT_GPU_USAGE ? in.nodes : NULL, err);
	b->about = "";
	return rc;
}

/* Place of a table in the file, whatever the order was in which tables were read. */
static int place_of(const char *table)
{
	for (int i = 0; i < TT_USAGE_TABLES; i++)
		if (strcmp(table, tt_usage_tables[i]) == 0)
			return TT_TABLE_COUNT + i;
	return tt_table_find(table); /* -1: no table */
}

static int compare_notes(const void *ctx, size_t a, size_t b)
{
	const tt_table_note *note = ctx;

	return place_of(note[a].table) - place_of(note[b].table);
}

static int compare_rejects(const void *pa, const void *pb)
{
	const tt_reject *a = pa, *b = pb;
	const int order = place_of(a->table) - place_of(b->table);

	return order ? order : strcmp(a->kind, b->kind);
}

static int write_snapshot(tt_builder *b, const char *temp, tt_err *err)
{
	const tt_usage_result *gpu = &b->usage[TT_GPU_USAGE].result;
	const tt_usage_result *node = &b->usage[TT_NODE_USAGE].result;
	TT_CLEANUP(tt_freep) size_t *order = NULL;
	TT_CLEANUP(tt_freep) const char **notes = tt_zalloc(b->n_notes, sizeof *notes);
	tt_store_input in = { .name = b->window.name, .currency = b->window.currency,
		.note = b->window.note, .source = b->source, .start_s = b->window.start_s,
		.end_s = b->window.end_s, .step_s = b->window.step_s, .table = b->table,
		.gpu_usage = gpu->usage, .node_usage = node->usage,
		.gpu_usage_file = b->usage[TT_GPU_USAGE].file,
		.node_usage_file = b->usage[TT_NODE_USAGE].file,
		.gpu_usage_rows = gpu->rows, .node_usage_rows = node->rows,
		.gpu_usage_duplicates = gpu->duplicates, .node_usage_duplicates = node->duplicates,
		.usage_has_pods = gpu->has_pods, .rejects = &b->rejects, .notes = notes,
		.n_notes = b->n_notes, .threads = b->options.threads };

	if (!notes)
		return tt_no_memory(err);
	TT_TRY(tt_sort_index(b->n_notes, compare_notes, b->notes, &order, err));
	for (size_t i = 0; i < b->n_notes; i++)
		notes[i] = b->notes[order[i]].text;
	if (b->rejects.n_kinds > 0)
		qsort(b->rejects.kinds, b->rejects.n_kinds, sizeof *b->rejects.kinds,
		      compare_rejects);
	return tt_store_write(temp, &in, err);
}

static int put_usage(tt_builder *b, tt_shard_writer *w, int which, tt_err *err)
{
	const tt_usage_input in = usage_input(b, which);
	tt_usage_rows rows;

	if (!in.file)
		return TT_OK;
	TT_TRY(tt_usage_rows_read(&in, &b->rejects, &rows, err));
	int rc = tt_shard_put_usage(w, in.table, in.file, &rows, err);
	b->about = in.table;
	if (rc == TT_OK && rows.layout.unknown[0] &&
	    note_unknown(b, in.file, rows.layout.unknown) < 0)
		rc = tt_no_memory(err);
	b->about = "";
	tt_usage_rows_free(&rows);
	return rc;
}

static int write_shard(tt_builder *b, const char *temp, tt_err *err)
{
	TT_CLEANUP(tt_shard_writer_closep) tt_shard_writer *w = NULL;

	TT_TRY(tt_shard_create(temp, &w, err));
	TT_TRY(tt_shard_put_about(w, &b->window, b->source, err));
	for (int t = 0; t < TT_TABLE_COUNT; t++)
		TT_TRY(tt_shard_put_rows(w, &b->table[t], err));
	for (int t = 0; t < TT_USAGE_TABLES; t++)
		TT_TRY(put_usage(b, w, t, err));
	for (size_t i = 0; i < b->n_notes; i++)
		TT_TRY(tt_shard_put_note(w, &b->notes[i], err));
	TT_TRY(tt_shard_put_rejects(w, &b->rejects, err));
	return tt_shard_finish(w, err);
}

/* What failed is known to people by the name that they gave. */
static void name_target(const char *temp, const char *out, tt_err *err)
{
	tt_err own = { 0 };
	size_t n = strlen(temp);

	if (!err || strncmp(err->text, temp, n) != 0)
		return;
	tt_fail(&own, err->status, "%s%s", out, err->text + n);
	*err = own;
}

static int write_file(tt_builder *b, tt_err *err)
{
	char temp[4200];

	int fd;

	TT_TRY(tt_workfile_open(b->out, temp, sizeof temp, &fd, err));
	int rc = b->options.shard ? write_shard(b, temp, err) : write_snapshot(b, temp, err);
	if (rc < 0) {
		unlink(temp);
		name_target(temp, b->out, err);
	} else {
		rc = tt_commit_file(temp, b->out, err);
	}
	tt_leftover_done(temp);
	close(fd);
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
		return tt_no_memory(err);
	/* what needs more than one row is for whoever has the rows of all shards */
	if (!b->options.shard) {
		TT_TRY(tt_check_tables(b->table, b->window.start_s, b->window.end_s, &b->rejects,
		                       err));
		TT_TRY(tt_check_currency(&b->table[TT_CHARGES], b->window.currency, &b->rejects,
		                         err));
	}
	for (int i = 0; i < TT_USAGE_TABLES && !b->options.shard; i++)
		TT_TRY(read_usage(b, i, err));
	double answers = now_s();
	TT_TRY(write_file(b, err));
	if (ret_times)
		*ret_times = (tt_build_times){ answers - start, now_s() - answers };
	return TT_OK;
}
