#include "snapshot/store.h"
#include "base/threads.h"
#include "snapshot/pack.h"
#include "snapshot/usage_pack.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define BATCH 32 /* carriers packed together before they are written */

typedef struct writer {
	sqlite3 *db;
	const char *path;
	const tt_store_input *in;
} writer;

static int run(const writer *w, const char *sql, tt_err *err)
{
	return sqlite3_exec(w->db, sql, NULL, NULL, NULL) == SQLITE_OK
		? TT_OK : tt_store_error(w->db, w->path, err);
}

static int step(const writer *w, sqlite3_stmt *s, tt_err *err)
{
	int rc = sqlite3_step(s) == SQLITE_DONE ? TT_OK : tt_store_error(w->db, w->path, err);

	sqlite3_reset(s);
	return rc;
}

static void bind_text(sqlite3_stmt *s, int at, const char *text)
{
	if (text && text[0])
		sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(s, at);
}

/* Text that stays "" rather than NULL. */
static void bind_exact(sqlite3_stmt *s, int at, const char *text)
{
	sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

static void bind_buf(sqlite3_stmt *s, int at, const tt_buf *b)
{
	if (b->n > 0)
		sqlite3_bind_blob64(s, at, b->p, b->n, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(s, at);
}

static void bind_i128(sqlite3_stmt *s, int at, tt_i128 v)
{
	char buf[48], *p = buf + sizeof buf;
	tt_u128 u = v < 0 ? -(tt_u128)v : (tt_u128)v;

	*--p = 0;
	do {
		*--p = (char)('0' + (int)(u % 10));
		u /= 10;
	} while (u);
	if (v < 0)
		*--p = '-';
	bind_exact(s, at, p);
}

/* --- Entities --------------------------------------------------------------------- */

void tt_store_bind_field(sqlite3_stmt *s, int at, const tt_field *f, const char *row)
{
	const void *v = row + f->offset;
	char buf[64];

	switch (f->type) {
	case TT_FIELD_TEXT:
	case TT_FIELD_WORD:
	case TT_FIELD_LABELS:
		bind_text(s, at, *(const char *const *)v);
		return;
	case TT_FIELD_F64:
	case TT_FIELD_BOOL:
		sqlite3_bind_double(s, at, *(const double *)v); /* NaN becomes NULL */
		return;
	case TT_FIELD_TIME:
		if (*(const int64_t *)v == TT_TIME_MISSING)
			sqlite3_bind_null(s, at);
		else
			sqlite3_bind_int64(s, at, *(const int64_t *)v);
		return;
	case TT_FIELD_DECIMAL:
		if (*(const tt_decimal *)v == TT_DECIMAL_MISSING)
			sqlite3_bind_null(s, at);
		else
			bind_exact(s, at, tt_decimal_format(*(const tt_decimal *)v, buf,
			                                    sizeof buf));
		return;
	}
}

static int insert_sql(const tt_table_def *d, tt_buf *sql)
{
	int n = 1;

	tt_buf_printf(sql, "INSERT INTO %s VALUES (?1", d->name);
	for (size_t i = 0; i < d->n_fields; i++)
		tt_buf_printf(sql, ", ?%d", ++n);
	tt_buf_puts(sql, ")");
	return sql->failed ? TT_ENOMEM : TT_OK;
}

static int write_entities(const writer *w, const tt_rows *rows, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	tt_buf sql = { 0 };
	int rc = insert_sql(rows->def, &sql) < 0 ? tt_fail(err, TT_ENOMEM, "out of memory")
		: tt_store_prepare(w->db, w->path, sql.p, &s, err);

	tt_buf_free(&sql);
	for (size_t i = 0; rc == TT_OK && i < rows->n; i++) {
		sqlite3_bind_int64(s, 1, (int64_t)i + 1);
		for (size_t f = 0; f < rows->def->n_fields; f++)
			tt_store_bind_field(s, (int)f + 2, &rows->def->fields[f],
			                    rows->p + i * rows->def->row_size);
		rc = step(w, s, err);
	}
	return rc;
}

/* --- Curves ------------------------------------------------------------------------- */

static bool same_key(const tt_table_def *d, const char *a, const char *b)
{
	for (size_t i = 0; i < d->n_fields; i++) {
		const tt_field *f = &d->fields[i];
		if (f->type == TT_FIELD_TIME || (f->flags & TT_FIELD_VALUE))
			continue;
		if (strcmp(*(const char *const *)(const void *)(a + f->offset),
		           *(const char *const *)(const void *)(b + f->offset)) != 0)
			return false;
	}
	return true;
}

static const tt_field *time_field(const tt_table_def *d)
{
	for (size_t i = 0; i < d->n_fields; i++)
		if (d->fields[i].type == TT_FIELD_TIME)
			return &d->fields[i];
	return NULL;
}

/* The sum of what is known of `f`; NULL when nothing is. */
static void bind_sum(sqlite3_stmt *s, int at, const tt_field *f, const char *rows, size_t size,
                     size_t n)
{
	bool any = false;
	tt_decimal exact = 0;
	double sum = 0;
	char buf[64];

	for (size_t i = 0; i < n; i++) {
		const void *v = rows + i * size + f->offset;
		bool known = f->type == TT_FIELD_DECIMAL
			? *(const tt_decimal *)v != TT_DECIMAL_MISSING : !isnan(*(const double *)v);
		if (known && f->type == TT_FIELD_DECIMAL)
			exact += *(const tt_decimal *)v;
		else if (known)
			sum += *(const double *)v;
		any |= known;
	}
	if (!any)
		sqlite3_bind_null(s, at);
	else if (f->type == TT_FIELD_DECIMAL)
		bind_exact(s, at, tt_decimal_format(exact, buf, sizeof buf));
	else
		sqlite3_bind_double(s, at, sum);
}

/* The values of `f` in n rows, whatever their type, as bytes. `words` has room for them. */
static int pack_values(const tt_field *f, const char *rows, size_t size, size_t n, double *words,
                       tt_buf *out, tt_err *err)
{
	const size_t wide = f->type == TT_FIELD_DECIMAL ? 2 : 1;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < wide; k++)
			memcpy(&words[k * n + i], rows + i * size + f->offset + k * sizeof *words,
			       sizeof *words);
	return tt_pack_f64(words, wide * n, out, err);
}

/* Rows [from, to) share a key: one row of the file. */
static int write_curve(const writer *w, sqlite3_stmt *s, const tt_rows *rows, size_t from,
                       size_t to, int64_t number, tt_err *err)
{
	const tt_table_def *d = rows->def;
	size_t n = to - from, time_at = time_field(d)->offset;
	const char *first = rows->p + from * d->row_size;
	int64_t *time = tt_alloc(n * sizeof *time);
	double *words = tt_alloc(2 * n * sizeof *words);
	tt_buf packed = { 0 };
	int at = 1, rc = time && words ? TT_OK : tt_fail(err, TT_ENOMEM, "out of memory");

	for (size_t i = 0; rc == TT_OK && i < n; i++)
		memcpy(&time[i], first + i * d->row_size + time_at, sizeof time[i]);
	sqlite3_bind_int64(s, at++, number);
	for (size_t i = 0; i < d->n_fields; i++)
		if (d->fields[i].type != TT_FIELD_TIME && !(d->fields[i].flags & TT_FIELD_VALUE))
			tt_store_bind_field(s, at++, &d->fields[i], first);
	if (rc == TT_OK) {
		sqlite3_bind_int64(s, at++, (int64_t)n);
		sqlite3_bind_int64(s, at++, time[0]);
		sqlite3_bind_int64(s, at++, time[n - 1]);
		rc = tt_pack_times(time, n, &packed, err);
		bind_buf(s, at++, &packed);
	}
	for (size_t f = 0; rc == TT_OK && f < d->n_fields; f++) {
		if (!(d->fields[f].flags & TT_FIELD_VALUE))
			continue;
		packed.n = 0;
		rc = pack_values(&d->fields[f], first, d->row_size, n, words, &packed, err);
		bind_buf(s, at++, &packed);
		if (!(d->fields[f].flags & TT_FIELD_LEVEL))
			bind_sum(s, at++, &d->fields[f], first, d->row_size, n);
	}
	if (rc == TT_OK)
		rc = step(w, s, err);
	tt_buf_free(&packed);
	tt_free(time);
	tt_free(words);
	return rc;
}

static int write_curves(const writer *w, const tt_rows *rows, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	const tt_table_def *d = rows->def;
	int64_t number = 0;
	tt_buf sql = { 0 };

	tt_buf_printf(&sql, "INSERT INTO %s VALUES (?", d->name);
	for (size_t i = 0; i < d->n_fields; i++)
		tt_buf_puts(&sql, d->fields[i].flags & TT_FIELD_LEVEL ? ", ?"
		            : d->fields[i].flags & TT_FIELD_VALUE ? ", ?, ?"
		            : d->fields[i].type == TT_FIELD_TIME ? ", ?, ?, ?, ?" : ", ?");
	tt_buf_puts(&sql, ")");
	int rc = sql.failed ? tt_fail(err, TT_ENOMEM, "out of memory")
		: tt_store_prepare(w->db, w->path, sql.p, &s, err);
	tt_buf_free(&sql);
	for (size_t from = 0, to; rc == TT_OK && from < rows->n; from = to) {
		for (to = from + 1; to < rows->n; to++)
			if (!same_key(d, rows->p + from * d->row_size, rows->p + to * d->row_size))
				break;
		rc = write_curve(w, s, rows, from, to, ++number, err);
	}
	return rc;
}

/* --- Usage ---------------------------------------------------------------------------- */

typedef struct statements { sqlite3_stmt *carrier, *measure, *aligned, *holding; } statements;

static void statements_end(statements *s)
{
	sqlite3_finalize(s->carrier);
	sqlite3_finalize(s->measure);
	sqlite3_finalize(s->aligned);
	sqlite3_finalize(s->holding);
}

static int statements_make(const writer *w, statements *s, tt_err *err)
{
	TT_TRY(tt_store_prepare(w->db, w->path, "INSERT INTO carriers VALUES (?1, ?2, ?3, ?4, ?5, "
	                        "?6, ?7)", &s->carrier, err));
	TT_TRY(tt_store_prepare(w->db, w->path, "INSERT INTO measures VALUES (NULL, ?1, ?2, ?3, "
	                        "?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
	                        &s->measure, err));
	TT_TRY(tt_store_prepare(w->db, w->path, "INSERT INTO aligned VALUES (?1, ?2, ?3)",
	                        &s->aligned, err));
	return tt_store_prepare(w->db, w->path, "INSERT INTO holdings VALUES (NULL, ?1, ?2, ?3, "
	                        "?4, ?5, ?6, ?7, ?8, ?9, ?10)", &s->holding, err);
}

static int write_series(const writer *w, const statements *s, int64_t carrier,
                        const tt_packed_series *p, tt_err *err)
{
	const tt_series_state *of = p->of;

	sqlite3_bind_int64(s->measure, 1, carrier);
	bind_exact(s->measure, 2, of->def->name);
	sqlite3_bind_int64(s->measure, 3, of->n);
	sqlite3_bind_int64(s->measure, 4, of->seconds);
	sqlite3_bind_double(s->measure, 5, of->seconds > 0
	                    ? (double)of->sum_micro_s / (double)of->seconds / 1e6 : 0);
	sqlite3_bind_double(s->measure, 6, (double)of->min_micro / 1e6);
	sqlite3_bind_double(s->measure, 7, (double)of->max_micro / 1e6);
	for (int i = 0; i < 3; i++)
		sqlite3_bind_double(s->measure, 8 + i, p->quantile[i]);
	bind_i128(s->measure, 11, of->sum_micro);
	bind_i128(s->measure, 12, of->sum_micro_s);
	sqlite3_bind_int64(s->measure, 13, of->min_micro);
	sqlite3_bind_int64(s->measure, 14, of->max_micro);
	bind_buf(s->measure, 15, &p->histogram);
	bind_buf(s->measure, 16, &p->hourly);
	TT_TRY(step(w, s->measure, err));
	if (p->mean.n == 0)
		return TT_OK;
	sqlite3_bind_int64(s->aligned, 1, sqlite3_last_insert_rowid(w->db));
	bind_buf(s->aligned, 2, &p->mean);
	bind_buf(s->aligned, 3, &p->max);
	return step(w, s->aligned, err);
}

static int write_run(const writer *w, const statements *s, int64_t carrier, int64_t usual_s,
                     const tt_run *r, const char *pod, tt_err *err)
{
	tt_buf bins[TT_BUSY_METRICS] = { { 0 } };
	int rc;

	sqlite3_bind_int64(s->holding, 1, carrier);
	bind_exact(s->holding, 2, pod);
	sqlite3_bind_int64(s->holding, 3, w->in->start_s + r->from_s);
	sqlite3_bind_int64(s->holding, 4, w->in->start_s + r->to_s);
	for (int b = 0; b < TT_BUSY_METRICS; b++) {
		if (r->measured_s[b] > 0)
			tt_pack_bins(r->bins_s[b], TT_BUSY_BINS, usual_s, &bins[b]);
		sqlite3_bind_int64(s->holding, 5 + 3 * b, r->measured_s[b]);
		sqlite3_bind_int64(s->holding, 6 + 3 * b, (int64_t)r->busy_micro_s[b]);
		bind_buf(s->holding, 7 + 3 * b, &bins[b]);
	}
	rc = bins[0].failed || bins[1].failed ? tt_fail(err, TT_ENOMEM, "out of memory")
		: step(w, s->holding, err);
	tt_buf_free(&bins[0]);
	tt_buf_free(&bins[1]);
	return rc;
}

static int write_carrier(const writer *w, const statements *s, int64_t id,
                         const tt_packed_carrier *c, tt_err *err)
{
	sqlite3_bind_int64(s->carrier, 1, id);
	bind_exact(s->carrier, 2, c->node);
	bind_exact(s->carrier, 3, c->gpu);
	bind_exact(s->carrier, 4, c->slice);
	sqlite3_bind_int64(s->carrier, 5, c->of->usual_s);
	sqlite3_bind_int64(s->carrier, 6, w->in->start_s + c->of->first_s);
	sqlite3_bind_int64(s->carrier, 7, w->in->start_s + c->of->last_s);
	TT_TRY(step(w, s->carrier, err));
	for (size_t i = 0; i < c->n_series; i++)
		TT_TRY(write_series(w, s, id, &c->series[i], err));
	for (size_t i = 0; i < c->n_runs; i++)
		TT_TRY(write_run(w, s, id, c->of->usual_s, &c->runs[i], c->pods[i], err));
	return TT_OK;
}

typedef struct packing {   /* a batch that several threads pack */
	const tt_usage *u;
	const uint32_t *order;
	size_t n, n_steps, n_hours;
	int threads;
	tt_packed_carrier out[BATCH];
	tt_err err[TT_USAGE_SHARDS];
} packing;

static void pack_some(void *ctx, int me)
{
	packing *p = ctx;
	tt_err *err = &p->err[me];

	for (size_t i = (size_t)me; i < p->n && err->status == TT_OK; i += (size_t)p->threads)
		tt_usage_pack(p->u, p->order[i], p->n_steps, p->n_hours, &p->out[i], err);
}

static int write_batch(const writer *w, const statements *s, packing *p, int64_t first_id,
                       tt_err *err)
{
	int rc = TT_OK;

	memset(p->out, 0, sizeof p->out);
	tt_run_threads(p->threads, pack_some, p);
	for (int i = 0; i < p->threads; i++)
		if (p->err[i].status < 0 && rc == TT_OK) {
			*err = p->err[i];
			rc = err->status;
		}
	for (size_t i = 0; i < p->n; i++) {
		if (rc == TT_OK)
			rc = write_carrier(w, s, first_id + (int64_t)i, &p->out[i], err);
		tt_packed_carrier_free(&p->out[i]);
	}
	return rc;
}

static int write_usage(const writer *w, const tt_usage *u, int64_t *id, tt_err *err)
{
	int64_t window_s = w->in->end_s - w->in->start_s, step_s = w->in->step_s;
	packing *p = tt_zalloc(1, sizeof *p);
	uint32_t *order = NULL;
	statements s = { 0 };
	size_t n = 0;
	int rc = p ? tt_usage_order(u, &order, &n, err) : tt_fail(err, TT_ENOMEM, "out of memory");

	if (rc == TT_OK)
		rc = statements_make(w, &s, err);
	for (size_t at = 0; rc == TT_OK && at < n; at += BATCH) {
		*p = (packing){ .u = u, .order = order + at, .n = n - at < BATCH ? n - at : BATCH,
			/* a step of node_usage that is not the snapshot's is not aligned */
			.n_steps = u->step_s == step_s && step_s > 0
				? (size_t)((window_s + step_s - 1) / step_s) : 0,
			.n_hours = (size_t)((window_s + 3599) / 3600),
			.threads = w->in->threads < TT_USAGE_SHARDS ? w->in->threads :
			                                              TT_USAGE_SHARDS };
		rc = write_batch(w, &s, p, *id + 1, err);
		*id += (int64_t)p->n;
	}
	statements_end(&s);
	tt_free(order);
	tt_free(p);
	return rc;
}

/* --- The rest ----------------------------------------------------------------------------- */

static int write_about(const writer *w, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	const tt_store_input *in = w->in;
	char number[4][24];
	const int64_t v[4] = { in->start_s, in->end_s, in->step_s, in->usage_has_pods };

	for (int i = 0; i < 4; i++)
		snprintf(number[i], sizeof number[i], "%" PRId64, v[i]);
	const char *const pairs[][2] = { { "name", in->name }, { "currency", in->currency },
		{ "note", in->note }, { "source", in->source }, { "start_s", number[0] },
		{ "end_s", number[1] }, { "step_s", number[2] }, { "usage_has_pods", number[3] } };
	TT_TRY(tt_store_prepare(w->db, w->path, "INSERT INTO about VALUES (?1, ?2)", &s, err));
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		bind_exact(s, 1, pairs[i][0]);
		bind_exact(s, 2, pairs[i][1] ? pairs[i][1] : "");
		TT_TRY(step(w, s, err));
	}
	return TT_OK;
}

static int write_input(const writer *w, sqlite3_stmt *s, const char *name, const char *file,
                       int64_t rows, int64_t duplicates, tt_err *err)
{
	const char *slash = file ? strrchr(file, '/') : NULL;

	if (!file)
		return TT_OK;
	bind_exact(s, 1, name);
	bind_exact(s, 2, slash ? slash + 1 : file); /* where it lay is not part of the facts */
	sqlite3_bind_int64(s, 3, rows);
	sqlite3_bind_int64(s, 4, duplicates);
	return step(w, s, err);
}

static int write_inputs(const writer *w, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	const tt_store_input *in = w->in;

	TT_TRY(tt_store_prepare(w->db, w->path, "INSERT INTO inputs VALUES (?1, ?2, ?3, ?4)", &s,
	                        err));
	for (int t = 0; t < TT_TABLE_COUNT; t++)
		TT_TRY(write_input(w, s, tt_table_def_at((enum tt_table_id)t)->name,
		                   in->table[t].file, in->table[t].read, in->table[t].duplicates,
		                   err));
	TT_TRY(write_input(w, s, "gpu_usage", in->gpu_usage_file, in->gpu_usage_rows,
	                   in->gpu_usage_duplicates, err));
	return write_input(w, s, "node_usage", in->node_usage_file, in->node_usage_rows,
	                   in->node_usage_duplicates, err);
}

static int write_notes(const writer *w, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *note = NULL, *reject = NULL;

	TT_TRY(tt_store_prepare(w->db, w->path, "INSERT INTO notes VALUES (NULL, ?1)", &note, err));
	for (size_t i = 0; i < w->in->n_notes; i++) {
		bind_exact(note, 1, w->in->notes[i]);
		TT_TRY(step(w, note, err));
	}
	TT_TRY(tt_store_prepare(w->db, w->path, "INSERT INTO rejects VALUES (NULL, ?1, ?2, ?3, "
	                        "?4)", &reject, err));
	for (size_t i = 0; i < w->in->rejects->n_kinds; i++) {
		const tt_reject *r = &w->in->rejects->kinds[i];
		bind_exact(reject, 1, r->table);
		bind_exact(reject, 2, r->kind);
		sqlite3_bind_int64(reject, 3, r->n);
		bind_exact(reject, 4, r->first);
		TT_TRY(step(w, reject, err));
	}
	return TT_OK;
}

static int write_checksum(const writer *w, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	char sum[TT_STORE_SUM];

	TT_TRY(tt_store_checksum(w->db, w->path, sum, err));
	TT_TRY(tt_store_prepare(w->db, w->path, "INSERT INTO about VALUES ('checksum', ?1)", &s,
	                        err));
	bind_exact(s, 1, sum);
	return step(w, s, err);
}

static int write_all(const writer *w, tt_err *err)
{
	char sql[256];
	tt_buf schema = { 0 };
	int64_t carriers = 0;

	/* Small pages: the rest of the last page of every blob is lost.
	 * The file is new and is renamed only when it is whole: no journal is needed. */
	snprintf(sql, sizeof sql, "PRAGMA page_size = 2048; PRAGMA journal_mode = OFF; "
	         "PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; "
	         "PRAGMA cache_size = -256; PRAGMA foreign_keys = %s; PRAGMA application_id = %d; "
	         "PRAGMA user_version = %d;",
	         w->in->table[TT_NODES].file ? "ON" : "OFF", TT_STORE_APPLICATION,
	         TT_STORE_VERSION);
	TT_TRY(run(w, sql, err));
	TT_TRY(run(w, "BEGIN", err));
	int rc = tt_store_schema(&schema) < 0 ? tt_fail(err, TT_ENOMEM, "out of memory")
		: run(w, schema.p, err);
	tt_buf_free(&schema);
	TT_TRY(rc);
	TT_TRY(write_about(w, err));
	TT_TRY(write_inputs(w, err));
	TT_TRY(write_notes(w, err));
	for (int t = 0; t < TT_TABLE_COUNT; t++) {
		const tt_rows *rows = &w->in->table[t];
		TT_TRY(rows->def->curve ? write_curves(w, rows, err) :
		                          write_entities(w, rows, err));
	}
	if (w->in->gpu_usage)
		TT_TRY(write_usage(w, w->in->gpu_usage, &carriers, err));
	if (w->in->node_usage)
		TT_TRY(write_usage(w, w->in->node_usage, &carriers, err));
	TT_TRY(write_checksum(w, err));
	return run(w, "COMMIT", err);
}

int tt_store_write(const char *path, const tt_store_input *in, tt_err *err)
{
	writer w = { .path = path, .in = in };
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

	TT_TRY(tt_usage_check_ids(in->gpu_usage, in->node_usage, err));
	if (sqlite3_open_v2(path, &w.db, flags, TT_STORE_ALONE) != SQLITE_OK) {
		int rc = tt_store_error(w.db, path, err);
		sqlite3_close(w.db);
		return rc;
	}
	int rc = write_all(&w, err);
	if (sqlite3_close(w.db) != SQLITE_OK && rc == TT_OK)
		rc = tt_fail(err, TT_EIO, "%s: can't be closed", path);
	return rc;
}
