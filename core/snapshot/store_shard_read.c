#include "snapshot/store_shard.h"
#include "snapshot/pack.h"
#include "snapshot/store.h"
#include "snapshot/table_sort.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define MOST_ROWS ((int64_t)1 << 40) /* of a carrier or a file: more is damage */

struct tt_shard_store {
	sqlite3 *db;
	sqlite3_stmt *part;
	pthread_mutex_t lock;     /* of both: parts are read by several threads */
};

static int no_memory(tt_err *err)
{
	return tt_no_memory(err);
}

static int damaged(const tt_shard *s, const char *what, tt_err *err)
{
	return tt_fail(err, TT_EDATA, "%s: damaged: %s", s->label, what);
}

static int prepare(const tt_shard *s, const char *sql, sqlite3_stmt **ret, tt_err *err)
{
	return tt_store_prepare(s->store->db, s->label, sql, ret, err);
}

static int done(const tt_shard *s, int rc, tt_err *err)
{
	return rc == SQLITE_DONE ? TT_OK : tt_store_error(s->store->db, s->label, err);
}

static const char *text(const tt_shard *s, sqlite3_stmt *q, int at)
{
	const char *p = (const char *)sqlite3_column_text(q, at);

	return tt_arena_text(s->arena, p ? p : "", p ? strlen(p) : 0);
}

/* --- What is small -------------------------------------------------------------------- */

static int load_about(tt_shard *s, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *q = NULL;
	tt_snapshot_window *w = &s->window;
	int rc;

	*w = (tt_snapshot_window){ .name = "", .currency = "", .note = "", .start_s = -1 };
	s->source = "";
	TT_TRY(prepare(s, "SELECT key, value FROM about", &q, err));
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		const char *key = text(s, q, 0), *value = text(s, q, 1);
		if (!key || !value)
			return no_memory(err);
		if (strcmp(key, "name") == 0)
			w->name = value;
		else if (strcmp(key, "currency") == 0)
			w->currency = value;
		else if (strcmp(key, "note") == 0)
			w->note = value;
		else if (strcmp(key, "source") == 0)
			s->source = value;
		else if (strcmp(key, "start_s") == 0)
			w->start_s = sqlite3_column_int64(q, 1);
		else if (strcmp(key, "end_s") == 0)
			w->end_s = sqlite3_column_int64(q, 1);
		else if (strcmp(key, "step_s") == 0)
			w->step_s = sqlite3_column_int64(q, 1);
	}
	TT_TRY(done(s, rc, err));
	if (w->start_s < 0 || w->end_s <= w->start_s || w->end_s - w->start_s > TT_WINDOW_MOST_S ||
	    w->step_s < 0 || w->step_s > 86400)
		return damaged(s, "no window", err);
	return TT_OK;
}

/* Names of metrics, apart by commas, as definitions. */
static int load_metrics(const tt_shard *s, const char *names, tt_shard_usage *u, tt_err *err)
{
	char name[64];

	for (size_t n; *names; names += n + (names[n] == ',')) {
		n = strcspn(names, ",");
		if (n >= sizeof name || u->n_metrics == TT_METRIC_DEFS)
			return damaged(s, "its metrics", err);
		memcpy(name, names, n);
		name[n] = 0;
		u->metric[u->n_metrics] = tt_metric_def_at(tt_metric_find(name));
		if (!u->metric[u->n_metrics++])
			return damaged(s, "its metrics", err);
	}
	return TT_OK;
}

static int load_inputs(tt_shard *s, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *q = NULL;
	int rc;

	TT_TRY(prepare(s, "SELECT name, file, rows, metrics, lines FROM inputs", &q, err));
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		const char *name = text(s, q, 0), *file = text(s, q, 1), *metrics = text(s, q, 3);
		const int64_t rows = sqlite3_column_int64(q, 2);
		if (!name || !file || !metrics)
			return no_memory(err);
		if (rows < 0 || rows > MOST_ROWS)
			return damaged(s, "how many rows it read", err);
		const int t = tt_table_find(name);
		if (t >= 0) {
			s->input[t].file = file;
			s->input[t].rows = rows;
		}
		for (int i = 0; i < TT_USAGE_TABLES; i++) {
			if (strcmp(name, tt_usage_tables[i]) != 0)
				continue;
			s->usage[i].file = file;
			s->usage[i].rows = rows;
			s->usage[i].lines = sqlite3_column_int64(q, 4);
			TT_TRY(load_metrics(s, metrics, &s->usage[i], err));
		}
	}
	return done(s, rc, err);
}

static int load_notes(tt_shard *s, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *q = NULL, *r = NULL;
	size_t cap = 0;
	int rc;

	TT_TRY(prepare(s, "SELECT table_name, note FROM notes ORDER BY id", &q, err));
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		if (!TT_GROW(s->notes, s->n_notes, cap))
			return no_memory(err);
		tt_table_note *n = &s->notes[s->n_notes++];
		*n = (tt_table_note){ text(s, q, 0), text(s, q, 1) };
		if (!n->table || !n->text)
			return no_memory(err);
	}
	TT_TRY(done(s, rc, err));
	TT_TRY(prepare(s, "SELECT table_name, kind, n, first FROM rejects ORDER BY id", &r, err));
	while ((rc = sqlite3_step(r)) == SQLITE_ROW) {
		tt_rejects *j = &s->rejects;
		if (!TT_GROW(j->kinds, j->n_kinds, j->cap_kinds))
			return no_memory(err);
		tt_reject *k = &j->kinds[j->n_kinds++];
		*k = (tt_reject){ .table = text(s, r, 0), .kind = text(s, r, 1),
			.n = sqlite3_column_int64(r, 2) };
		const char *first = (const char *)sqlite3_column_text(r, 3);
		snprintf(k->first, sizeof k->first, "%s", first ? first : "");
		if (!k->table || !k->kind)
			return no_memory(err);
		if (k->n < 1 || k->n > MOST_ROWS)
			return damaged(s, "how many rows were rejected", err);
		j->n += k->n;
	}
	return done(s, rc, err);
}

/* --- Carriers and pods ------------------------------------------------------------------ */

static int load_carrier(tt_shard *s, sqlite3_stmt *q, tt_shard_carrier *c, tt_err *err)
{
	tt_buf key = { 0 };

	for (int i = 0; i < 3; i++) {
		const char *p = (const char *)sqlite3_column_text(q, i);
		tt_buf_puts(&key, p ? p : "");
		if (i < 2)
			tt_buf_putc(&key, '\x1f');
	}
	c->key = key.failed ? NULL : tt_arena_text(s->arena, key.p, key.n);
	tt_buf_free(&key);
	if (!c->key)
		return no_memory(err);
	if (c->key[0] == '\x1f' || c->rows < 1 || c->rows > MOST_ROWS || c->parts < 1 ||
	    c->parts > c->rows || c->first_part < 1 || c->first_part > MOST_ROWS)
		return damaged(s, "a carrier without rows", err);
	return TT_OK;
}

static int load_carriers(tt_shard *s, int table, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *q = NULL;
	tt_shard_usage *u = &s->usage[table];
	size_t cap = 0;
	int rc;

	TT_TRY(prepare(s, "SELECT node, gpu, slice, rows, first_s, first_part, parts "
	               "FROM carriers WHERE table_name = ?1 ORDER BY id", &q, err));
	sqlite3_bind_text(q, 1, tt_usage_tables[table], -1, SQLITE_STATIC);
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		if (!TT_GROW(u->carriers, u->n_carriers, cap))
			return no_memory(err);
		tt_shard_carrier *c = &u->carriers[u->n_carriers++];
		*c = (tt_shard_carrier){ .rows = sqlite3_column_int64(q, 3),
			.first_s = sqlite3_column_int64(q, 4),
			.first_part = sqlite3_column_int64(q, 5),
			.parts = sqlite3_column_int64(q, 6) };
		TT_TRY(load_carrier(s, q, c, err));
		if (!u->file)
			return damaged(s, "rows of a table that was not read", err);
	}
	return done(s, rc, err);
}

static int load_pods(tt_shard *s, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *q = NULL;
	size_t cap = 0;
	int rc;

	TT_TRY(prepare(s, "SELECT pod, id FROM pod_names ORDER BY id", &q, err));
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		if (!TT_GROW(s->pods, s->n_pods, cap))
			return no_memory(err);
		s->pods[s->n_pods] = text(s, q, 0);
		if (!s->pods[s->n_pods++])
			return no_memory(err);
		if (sqlite3_column_int64(q, 1) != (int64_t)s->n_pods || !*s->pods[s->n_pods - 1])
			return damaged(s, "names of pods", err);
	}
	return done(s, rc, err);
}

/* --- Life --------------------------------------------------------------------------------- */

static int load(tt_shard *s, tt_err *err)
{
	TT_TRY(tt_store_open_shard(s->path, &s->store->db, err));
	TT_TRY(load_about(s, err));
	TT_TRY(load_inputs(s, err));
	TT_TRY(load_notes(s, err));
	for (int i = 0; i < TT_USAGE_TABLES; i++)
		TT_TRY(load_carriers(s, i, err));
	TT_TRY(load_pods(s, err));
	return prepare(s, "SELECT n, rows FROM parts WHERE id = ?1", &s->store->part, err);
}

int tt_shard_open(const char *path, const char *label, tt_shard **ret, tt_err *err)
{
	tt_shard *s = tt_zalloc(1, sizeof *s);

	if (!s)
		return no_memory(err);
	s->store = tt_zalloc(1, sizeof *s->store);
	s->arena = tt_arena_new();
	if (s->store)
		pthread_mutex_init(&s->store->lock, NULL);
	s->path = s->arena ? tt_arena_text(s->arena, path, strlen(path)) : NULL;
	s->label = s->arena ? tt_arena_text(s->arena, label, strlen(label)) : NULL;
	int rc = s->store && s->path && s->label ? load(s, err) : no_memory(err);
	if (rc < 0) {
		tt_shard_close(s);
		return rc;
	}
	*ret = s;
	return TT_OK;
}

void tt_shard_close(tt_shard *s)
{
	if (!s)
		return;
	if (s->store) {
		sqlite3_finalize(s->store->part);
		sqlite3_close(s->store->db);
		pthread_mutex_destroy(&s->store->lock);
	}
	for (int i = 0; i < TT_USAGE_TABLES; i++)
		tt_free(s->usage[i].carriers);
	tt_free(s->store);
	tt_free(s->pods);
	tt_free(s->notes);
	tt_rejects_free(&s->rejects);
	tt_arena_free(s->arena);
	tt_free(s);
}

/* --- Rows ----------------------------------------------------------------------------------- */

int tt_shard_rows(const tt_shard *s, enum tt_table_id t, size_t number, tt_rows *to, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *q = NULL;
	const tt_table_def *d = to->def;
	const tt_field_pairs pairs = tt_table_pairs(d);
	tt_buf sql = { 0 };
	int rc;

	if (!s->input[t].file)
		return TT_OK;
	tt_buf_printf(&sql, "SELECT * FROM %s ORDER BY row", d->name);
	rc = sql.failed ? no_memory(err) : prepare(s, sql.p, &q, err);
	tt_buf_free(&sql);
	TT_TRY(rc);
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		const int64_t line = sqlite3_column_int64(q, 1);
		char *row = tt_rows_add(to, tt_shard_line(number, line));
		if (!row)
			return no_memory(err);
		for (size_t i = 0; i < d->n_fields; i++)
			TT_TRY(tt_store_load_field(s->label, &d->fields[i], to->text, q,
			                           (int)i + 2, row, err));
		if (line < 1 || line > MOST_ROWS || tt_row_check(d, &pairs, row))
			return tt_fail(err, TT_EDATA, "%s: damaged: a row of %s", s->label,
			               d->name);
	}
	to->read += s->input[t].rows;
	return done(s, rc, err);
}

/* Packed columns of a part before zstd, at most. */
static size_t piece_bytes(const tt_shard_usage *u)
{
	return (3 + u->n_metrics) * (TT_PACK_ROWS * 8 + 32);
}

int tt_shard_part_new(const tt_shard_usage *u, tt_shard_part *p, tt_err *err)
{
	*p = (tt_shard_part){ .buf = tt_alloc(piece_bytes(u)),
		.t = tt_alloc((3 + u->n_metrics) * TT_PACK_ROWS * sizeof *p->t) };
	if (!p->buf || !p->t) {
		tt_shard_part_free(p);
		return no_memory(err);
	}
	p->pod = p->t + TT_PACK_ROWS;
	p->line = p->pod + TT_PACK_ROWS;
	for (size_t m = 0; m < u->n_metrics; m++)
		p->value[m] = p->line + (m + 1) * TT_PACK_ROWS;
	return TT_OK;
}

void tt_shard_part_free(tt_shard_part *p)
{
	tt_free(p->buf);
	tt_free(p->t);
	*p = (tt_shard_part){ .n = 0 };
}

/* What the engine takes for granted of a row. */
static bool part_sound(const tt_shard *s, const tt_shard_usage *u, const tt_shard_part *p)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->t[i] < -TT_WINDOW_MOST_S || p->t[i] > INT64_MAX / 2 ||
		    (i > 0 && p->t[i] < p->t[i - 1]) || p->pod[i] < 0 ||
		    p->pod[i] > (int64_t)s->n_pods || p->line[i] < 0 || p->line[i] > UINT32_MAX)
			return false;
		for (size_t m = 0; m < u->n_metrics; m++)
			if (p->value[m][i] != TT_USAGE_MISSING &&
			    (p->value[m][i] < 0 || p->value[m][i] > u->metric[m]->max_micro))
				return false;
	}
	return true;
}

/* The packed rows into p->buf; n of them. Under the lock. */
static int fetch(const tt_shard *s, const tt_shard_usage *u, int64_t id, tt_shard_part *p,
                 size_t *ret_bytes, tt_err *err)
{
	sqlite3_stmt *q = s->store->part;
	sqlite3_bind_int64(q, 1, id);
	int rc = sqlite3_step(q);
	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? damaged(s, "rows are missing", err)
			: tt_store_error(s->store->db, s->label, err);
	const int64_t n = sqlite3_column_int64(q, 0);
	p->n = n < 1 || n > TT_PACK_ROWS ? 0 : (size_t)n;
	if (p->n == 0 || tt_unpack_piece(sqlite3_column_blob(q, 1),
	                                 (size_t)sqlite3_column_bytes(q, 1), p->buf, piece_bytes(u),
	                                 ret_bytes, NULL) < 0)
		return damaged(s, "rows of a usage table", err);
	return TT_OK;
}

int tt_shard_part_read(const tt_shard *s, const tt_shard_usage *u, int64_t id, tt_shard_part *ret,
                       tt_err *err)
{
	int64_t *const key[3] = { ret->t, ret->pod, ret->line };
	size_t bytes = 0;

	pthread_mutex_lock(&s->store->lock);
	int rc = fetch(s, u, id, ret, &bytes, err);
	sqlite3_reset(s->store->part);
	pthread_mutex_unlock(&s->store->lock);
	TT_TRY(rc);
	const unsigned char *at = ret->buf, *end = ret->buf + bytes;
	for (size_t c = 0; rc == TT_OK && c < 3 + u->n_metrics; c++)
		rc = tt_unpack_column(&at, end, c < 3 ? key[c] : ret->value[c - 3], ret->n, NULL);
	return rc < 0 || at != end || !part_sound(s, u, ret)
		? damaged(s, "rows of a usage table", err) : TT_OK;
}
