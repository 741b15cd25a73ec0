#include "snapshot/store_shard.h"
#include "snapshot/pack.h"
#include "snapshot/store.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const tt_usage_tables[TT_USAGE_TABLES] = { "gpu_usage", "node_usage" };

struct tt_shard_writer {
	sqlite3 *db;
	const char *path;
	int64_t next_carrier, next_part;
	/* the carrier whose rows are coming in */
	const char *table;
	const tt_usage_rows *from;
	sqlite3_stmt *carrier, *part;
	uint32_t number;
	int64_t rows, first_s, first_part;
	size_t n;                 /* rows waiting */
	int64_t (*column)[TT_PACK_ROWS]; /* [COLUMNS] time, pod, line, values */
};

enum { TIME, POD, LINE, VALUES, COLUMNS = VALUES + TT_METRIC_DEFS };

/* --- Statements ---------------------------------------------------------------------- */

static int run(const tt_shard_writer *w, const char *sql, tt_err *err)
{
	return sqlite3_exec(w->db, sql, NULL, NULL, NULL) == SQLITE_OK
		? TT_OK : tt_store_error(w->db, w->path, err);
}

static int prepare(const tt_shard_writer *w, const char *sql, sqlite3_stmt **ret, tt_err *err)
{
	return tt_store_prepare(w->db, w->path, sql, ret, err);
}

static int step(const tt_shard_writer *w, sqlite3_stmt *s, tt_err *err)
{
	int rc = sqlite3_step(s) == SQLITE_DONE ? TT_OK : tt_store_error(w->db, w->path, err);

	sqlite3_reset(s);
	return rc;
}

static void bind(sqlite3_stmt *s, int at, const char *text)
{
	sqlite3_bind_text(s, at, text ? text : "", -1, SQLITE_TRANSIENT);
}

/* --- Life ---------------------------------------------------------------------------- */

int tt_shard_create(const char *path, tt_shard_writer **ret, tt_err *err)
{
	TT_CLEANUP(tt_shard_writer_closep) tt_shard_writer *w = tt_zalloc(1, sizeof *w);
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	tt_buf schema = { 0 };
	char sql[256];

	if (!w || !(w->column = tt_zalloc(COLUMNS, sizeof *w->column)))
		return tt_no_memory(err);
	*w = (tt_shard_writer){ .column = w->column, .path = path, .next_part = 1,
		.next_carrier = 1 };
	if (sqlite3_open_v2(path, &w->db, flags, TT_STORE_ALONE) != SQLITE_OK)
		return tt_store_error(w->db, path, err);
	snprintf(sql, sizeof sql, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; "
	         "PRAGMA locking_mode = EXCLUSIVE; PRAGMA application_id = %d; "
	         "PRAGMA user_version = %d; BEGIN", TT_STORE_SHARD, TT_STORE_VERSION);
	TT_TRY(run(w, sql, err));
	int rc = tt_store_shard_schema(&schema) < 0 ? tt_no_memory(err)
		: run(w, schema.p, err);
	tt_buf_free(&schema);
	TT_TRY(rc);
	*ret = w;
	w = NULL;
	return TT_OK;
}

void tt_shard_writer_closep(tt_shard_writer **w)
{
	if (!*w)
		return;
	sqlite3_finalize((*w)->carrier);
	sqlite3_finalize((*w)->part);
	sqlite3_close((*w)->db);
	tt_free((*w)->column);
	tt_free(*w);
	*w = NULL;
}

int tt_shard_finish(tt_shard_writer *w, tt_err *err)
{
	TT_TRY(run(w, "COMMIT", err));
	sqlite3_finalize(w->carrier);
	sqlite3_finalize(w->part);
	w->carrier = w->part = NULL;
	sqlite3 *db = w->db;
	w->db = NULL;
	return sqlite3_close(db) == SQLITE_OK ? TT_OK
		: tt_fail(err, TT_EIO, "%s: can't be closed", w->path);
}

/* --- What is small ------------------------------------------------------------------- */

int tt_shard_put_about(tt_shard_writer *w, const tt_snapshot_window *window, const char *source,
                       tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	const int64_t v[3] = { window->start_s, window->end_s, window->step_s };
	char number[3][24];

	for (int i = 0; i < 3; i++)
		snprintf(number[i], sizeof number[i], "%" PRId64, v[i]);
	const char *const pairs[][2] = { { "name", window->name },
		{ "currency", window->currency }, { "note", window->note }, { "source", source },
		{ "start_s", number[0] }, { "end_s", number[1] }, { "step_s", number[2] } };
	TT_TRY(prepare(w, "INSERT INTO about VALUES (?1, ?2)", &s, err));
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		bind(s, 1, pairs[i][0]);
		bind(s, 2, pairs[i][1]);
		TT_TRY(step(w, s, err));
	}
	return TT_OK;
}

static int put_input(const tt_shard_writer *w, const char *name, const char *file, int64_t rows,
                     int64_t lines, const char *metrics, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;

	TT_TRY(prepare(w, "INSERT INTO inputs VALUES (?1, ?2, ?3, ?4, ?5)", &s, err));
	bind(s, 1, name);
	bind(s, 2, file);
	sqlite3_bind_int64(s, 3, rows);
	sqlite3_bind_int64(s, 4, lines);
	bind(s, 5, metrics);
	return step(w, s, err);
}

int tt_shard_put_rows(tt_shard_writer *w, const tt_rows *rows, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	const tt_table_def *d = rows->def;
	tt_buf sql = { 0 };

	if (!rows->file)
		return TT_OK;
	TT_TRY(put_input(w, d->name, rows->file, rows->read, 0, "", err));
	tt_buf_printf(&sql, "INSERT INTO %s VALUES (NULL, ?", d->name);
	for (size_t f = 0; f < d->n_fields; f++)
		tt_buf_puts(&sql, ", ?");
	tt_buf_puts(&sql, ")");
	int rc = sql.failed ? tt_no_memory(err)
		: prepare(w, sql.p, &s, err);
	tt_buf_free(&sql);
	for (size_t i = 0; rc == TT_OK && i < rows->n; i++) {
		sqlite3_bind_int64(s, 1, rows->line[i]);
		for (size_t f = 0; f < d->n_fields; f++)
			tt_store_bind_field(s, (int)f + 2, &d->fields[f],
			                    rows->p + i * d->row_size);
		rc = step(w, s, err);
	}
	return rc;
}

int tt_shard_put_note(tt_shard_writer *w, const tt_table_note *note, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;

	TT_TRY(prepare(w, "INSERT INTO notes VALUES (NULL, ?1, ?2)", &s, err));
	bind(s, 1, note->table);
	bind(s, 2, note->text);
	return step(w, s, err);
}

int tt_shard_put_rejects(tt_shard_writer *w, const tt_rejects *rejects, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;

	TT_TRY(prepare(w, "INSERT INTO rejects VALUES (NULL, ?1, ?2, ?3, ?4)", &s, err));
	for (size_t i = 0; i < rejects->n_kinds; i++) {
		const tt_reject *k = &rejects->kinds[i];
		bind(s, 1, k->table);
		bind(s, 2, k->kind);
		sqlite3_bind_int64(s, 3, k->n);
		bind(s, 4, k->first);
		TT_TRY(step(w, s, err));
	}
	return TT_OK;
}

/* --- Usage --------------------------------------------------------------------------- */

static int put_part(tt_shard_writer *w, tt_err *err)
{
	const size_t columns = VALUES + w->from->layout.n_metrics;
	tt_buf raw = { 0 }, packed = { 0 };

	if (w->n == 0)
		return TT_OK;
	for (size_t c = 0; c < columns; c++)
		tt_pack_column(w->column[c], w->n, &raw);
	int rc = tt_pack_piece(&raw, &packed, err);
	if (rc == TT_OK) {
		sqlite3_bind_int64(w->part, 1, w->next_part++);
		sqlite3_bind_int64(w->part, 2, (int64_t)w->n);
		sqlite3_bind_blob64(w->part, 3, packed.p, packed.n, SQLITE_TRANSIENT);
		rc = packed.failed ? tt_no_memory(err)
			: step(w, w->part, err);
	}
	tt_buf_free(&raw);
	tt_buf_free(&packed);
	w->n = 0;
	return rc;
}

/* The rows of a carrier are all there. */
static int put_carrier(tt_shard_writer *w, tt_err *err)
{
	if (w->rows == 0)
		return TT_OK;
	TT_TRY(put_part(w, err));
	const char *node = tt_names_at(w->from->names->carriers, w->number);
	const char *gpu = strchr(node, '\x1f') + 1, *slice = strchr(gpu, '\x1f') + 1;
	sqlite3_bind_int64(w->carrier, 1, w->next_carrier++);
	bind(w->carrier, 2, w->table);
	sqlite3_bind_text(w->carrier, 3, node, (int)(gpu - 1 - node), SQLITE_TRANSIENT);
	sqlite3_bind_text(w->carrier, 4, gpu, (int)(slice - 1 - gpu), SQLITE_TRANSIENT);
	bind(w->carrier, 5, slice);
	sqlite3_bind_int64(w->carrier, 6, w->rows);
	sqlite3_bind_int64(w->carrier, 7, w->first_s);
	sqlite3_bind_int64(w->carrier, 8, w->first_part);
	sqlite3_bind_int64(w->carrier, 9, w->next_part - w->first_part);
	w->rows = 0;
	return step(w, w->carrier, err);
}

typedef struct putting { tt_shard_writer *w; tt_err *err; } putting;

static int take_row(void *ctx, const tt_usage_row *row, const int64_t *value)
{
	tt_shard_writer *w = ((putting *)ctx)->w;
	tt_err *err = ((putting *)ctx)->err;
	const int64_t t = w->from->names->start_s + row->t;

	if (w->rows > 0 && row->carrier != w->number)
		TT_TRY(put_carrier(w, err));
	if (w->n == TT_PACK_ROWS)
		TT_TRY(put_part(w, err));
	if (w->rows++ == 0) {
		w->number = row->carrier;
		w->first_s = t;
		w->first_part = w->next_part;
	}
	w->column[TIME][w->n] = t;
	w->column[POD][w->n] = row->pod;
	w->column[LINE][w->n] = row->line;
	for (size_t m = 0; m < w->from->layout.n_metrics; m++)
		w->column[VALUES + m][w->n] = value[m];
	w->n++;
	return TT_OK;
}

static int put_pods(const tt_shard_writer *w, const tt_names *pods, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;

	TT_TRY(prepare(w, "INSERT INTO pod_names VALUES (?1, ?2)", &s, err));
	for (size_t i = 0; i < tt_names_count(pods); i++) {
		sqlite3_bind_int64(s, 1, (int64_t)i + 1);
		bind(s, 2, tt_names_at(pods, i));
		TT_TRY(step(w, s, err));
	}
	return TT_OK;
}

int tt_shard_put_usage(tt_shard_writer *w, const char *table, const char *file, tt_usage_rows *r,
                       tt_err *err)
{
	putting p = { .w = w, .err = err };
	tt_buf metrics = { 0 };

	for (size_t m = 0; m < r->layout.n_metrics; m++)
		tt_buf_printf(&metrics, "%s%s", m ? "," : "", r->layout.metric[m]->name);
	int rc = metrics.failed ? tt_no_memory(err)
		: put_input(w, table, file, r->rows, r->lines, tt_buf_text(&metrics), err);
	tt_buf_free(&metrics);
	TT_TRY(rc);
	if (!w->carrier)
		TT_TRY(prepare(w, "INSERT INTO carriers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
		               "?9)", &w->carrier, err));
	if (!w->part)
		TT_TRY(prepare(w, "INSERT INTO parts VALUES (?1, ?2, ?3)", &w->part, err));
	w->table = table;
	w->from = r;
	TT_TRY(put_pods(w, r->names->pods, err));
	TT_TRY(tt_usage_rows_each(r, take_row, &p, err));
	return put_carrier(w, err);
}
