#include "snapshot/store.h"
#include "snapshot/pack.h"
#include "snapshot/sound.h"
#include "snapshot/window.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Loading -------------------------------------------------------------------------- */

typedef struct loader {
	sqlite3 *db;
	tt_snapshot *s;
} loader;

static int done(const loader *l, int rc, tt_err *err)
{
	return rc == SQLITE_DONE ? TT_OK : tt_store_error(l->db, l->s->path, err);
}

static const char *text(tt_arena *a, sqlite3_stmt *s, int at)
{
	const char *p = (const char *)sqlite3_column_text(s, at);

	return p ? tt_arena_text(a, p, (size_t)sqlite3_column_bytes(s, at)) : "";
}

static const unsigned char *blob(tt_arena *a, sqlite3_stmt *s, int at, size_t *ret_n)
{
	const void *p = sqlite3_column_blob(s, at);

	*ret_n = (size_t)sqlite3_column_bytes(s, at);
	return (const unsigned char *)tt_arena_text(a, p ? p : "", *ret_n);
}

static int i128(sqlite3_stmt *s, int at, const loader *l, tt_i128 *ret, tt_err *err)
{
	const char *p = (const char *)sqlite3_column_text(s, at);
	bool minus = p && *p == '-';
	tt_i128 v = 0;

	if (!p)
		return tt_fail(err, TT_EDATA, "%s: damaged: a sum is missing", l->s->path);
	p += minus;
	for (int digits = 0; *p; p++, digits++) {
		if (*p < '0' || *p > '9' || digits > 36)
			return tt_fail(err, TT_EDATA, "%s: damaged: a sum is not a number",
			               l->s->path);
		v = v * 10 + (*p - '0');
	}
	*ret = minus ? -v : v;
	return TT_OK;
}

int tt_store_load_field(const char *path, const tt_field *f, tt_arena *a, sqlite3_stmt *s, int at,
                        char *row, tt_err *err)
{
	void *v = row + f->offset;
	const char *t;

	switch (f->type) {
	case TT_FIELD_TEXT:
	case TT_FIELD_WORD:
	case TT_FIELD_LABELS:
		t = text(a, s, at);
		*(const char **)v = t;
		return t ? TT_OK : tt_no_memory(err);
	case TT_FIELD_F64:
	case TT_FIELD_BOOL:
		if (sqlite3_column_type(s, at) != SQLITE_NULL)
			*(double *)v = sqlite3_column_double(s, at);
		return TT_OK;
	case TT_FIELD_TIME:
		if (sqlite3_column_type(s, at) != SQLITE_NULL)
			*(int64_t *)v = sqlite3_column_int64(s, at);
		return TT_OK;
	case TT_FIELD_DECIMAL:
		t = (const char *)sqlite3_column_text(s, at);
		if (t && tt_decimal_parse(t, strlen(t), v) != TT_DECIMAL_OK)
			return tt_fail(err, TT_EDATA, "%s: damaged: %s is \"%.40s\"", path,
			               f->name, t);
		return TT_OK;
	}
	return TT_OK;
}

static int load_entities(const loader *l, tt_rows *rows, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	char sql[128];
	int rc;

	snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY row", rows->def->name);
	TT_TRY(tt_store_prepare(l->db, l->s->path, sql, &s, err));
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		char *row = tt_rows_add(rows, 0);
		if (!row)
			return tt_no_memory(err);
		for (size_t i = 0; i < rows->def->n_fields; i++)
			TT_TRY(tt_store_load_field(l->s->path, &rows->def->fields[i], rows->text, s,
			                           (int)i + 1, row, err));
	}
	return done(l, rc, err);
}

/* Blob `at` unpacked into field `f` of n rows from `first`. */
static int load_values(const loader *l, tt_rows *rows, size_t first, size_t n,
                       const tt_field *f, sqlite3_stmt *s, int at, tt_err *err)
{
	const void *p = sqlite3_column_blob(s, at);
	size_t bytes = (size_t)sqlite3_column_bytes(s, at);
	const size_t wide = f->type == TT_FIELD_DECIMAL ? 2 : 1;
	int64_t *v = tt_alloc(wide * n * sizeof *v);
	int rc = v ? TT_OK : tt_no_memory(err);

	if (rc == TT_OK)
		rc = f->type == TT_FIELD_TIME ? tt_unpack_times(p, bytes, v, n, err)
			: tt_unpack_f64(p, bytes, (double *)(void *)v, wide * n, err);
	if (rc == TT_EDATA)
		tt_context(err, "%s: %s.%s", l->s->path, rows->def->name, f->name);
	for (size_t i = 0; rc == TT_OK && i < wide * n; i++)
		memcpy(rows->p + (first + i % n) * rows->def->row_size + f->offset +
		       i / n * sizeof *v, &v[i], sizeof *v);
	tt_free(v);
	return rc;
}

static int load_curve(const loader *l, tt_rows *rows, sqlite3_stmt *s, tt_err *err)
{
	const tt_table_def *d = rows->def;
	size_t first = rows->n;
	int at = 1;

	char *row = tt_rows_add(rows, 0);
	if (!row)
		return tt_no_memory(err);
	for (size_t i = 0; i < d->n_fields; i++)
		if (d->fields[i].type != TT_FIELD_TIME && !(d->fields[i].flags & TT_FIELD_VALUE))
			TT_TRY(tt_store_load_field(l->s->path, &d->fields[i], rows->text, s, at++,
			                           row, err));
	int64_t n = sqlite3_column_int64(s, at);
	/* before there is memory for them */
	if (n < 1 || !tt_packed_words(sqlite3_column_blob(s, at + 3),
	                              (size_t)sqlite3_column_bytes(s, at + 3), (uint64_t)n))
		return tt_fail(err, TT_EDATA, "%s: damaged: %s has a curve of %lld readings",
		               l->s->path, d->name, (long long)n);
	for (int64_t i = 1; i < n; i++) {
		row = tt_rows_add(rows, 0);
		if (!row)
			return tt_no_memory(err);
		memcpy(row, rows->p + first * d->row_size, d->row_size);
	}
	at += 3; /* n, first_s, last_s */
	for (size_t i = 0; i < d->n_fields; i++)
		if (d->fields[i].type == TT_FIELD_TIME)
			TT_TRY(load_values(l, rows, first, (size_t)n, &d->fields[i], s, at++, err));
	for (size_t i = 0; i < d->n_fields; i++)
		if (d->fields[i].flags & TT_FIELD_VALUE) {
			TT_TRY(load_values(l, rows, first, (size_t)n, &d->fields[i], s, at, err));
			/* the sum is for people */
			at += d->fields[i].flags & TT_FIELD_LEVEL ? 1 : 2;
		}
	return TT_OK;
}

static int load_curves(const loader *l, tt_rows *rows, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	char sql[128];
	int rc;

	snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY row", rows->def->name);
	TT_TRY(tt_store_prepare(l->db, l->s->path, sql, &s, err));
	while ((rc = sqlite3_step(s)) == SQLITE_ROW)
		TT_TRY(load_curve(l, rows, s, err));
	return done(l, rc, err);
}

static int load_about(const loader *l, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	tt_snapshot *to = l->s;
	int rc;

	to->name = to->currency = to->note = to->source = "";
	TT_TRY(tt_store_prepare(l->db, to->path, "SELECT key, value FROM about", &s, err));
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *key = (const char *)sqlite3_column_text(s, 0);
		const char *value = text(to->arena, s, 1);
		if (!value)
			return tt_no_memory(err);
		if (!key)
			continue; /* of a damaged file; what it was is missed below */
		if (strcmp(key, "name") == 0)
			to->name = value;
		else if (strcmp(key, "currency") == 0)
			to->currency = value;
		else if (strcmp(key, "note") == 0)
			to->note = value;
		else if (strcmp(key, "source") == 0)
			to->source = value;
		else if (strcmp(key, "start_s") == 0)
			to->start_s = sqlite3_column_int64(s, 1);
		else if (strcmp(key, "end_s") == 0)
			to->end_s = sqlite3_column_int64(s, 1);
		else if (strcmp(key, "step_s") == 0)
			to->step_s = sqlite3_column_int64(s, 1);
		else if (strcmp(key, "usage_has_pods") == 0)
			to->usage_has_pods = sqlite3_column_int(s, 1);
	}
	TT_TRY(done(l, rc, err));
	if (to->start_s < 0 || to->end_s <= to->start_s ||
	    to->end_s - to->start_s > TT_WINDOW_MOST_S)
		return tt_fail(err, TT_EDATA, "%s: damaged: no window, or one of over 40 years",
		               to->path);
	if (to->step_s < 0 || to->step_s > TT_WINDOW_MOST_S)
		return tt_fail(err, TT_EDATA, "%s: damaged: step_s is %lld", to->path,
		               (long long)to->step_s);
	return TT_OK;
}

static int load_inputs(const loader *l, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	tt_snapshot *to = l->s;
	int rc;

	TT_TRY(tt_store_prepare(l->db, to->path, "SELECT name, file, rows, duplicates FROM inputs",
	                        &s, err));
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(s, 0);
		const char *file = text(to->arena, s, 1);
		int t = name ? tt_table_find(name) : -1;
		if (!file)
			return tt_no_memory(err);
		if (t >= 0) {
			to->table[t].file = file;
			to->table[t].read = sqlite3_column_int64(s, 2);
			to->table[t].duplicates = sqlite3_column_int64(s, 3);
		} else if (name && strcmp(name, "gpu_usage") == 0) {
			to->usage_file = file;
			to->usage_rows = sqlite3_column_int64(s, 2);
		} else if (name && strcmp(name, "node_usage") == 0) {
			to->node_usage_file = file;
			to->node_usage_rows = sqlite3_column_int64(s, 2);
		}
	}
	return done(l, rc, err);
}

static int load_notes(const loader *l, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL, *r = NULL;
	tt_snapshot *to = l->s;
	size_t cap = 0;
	int rc;

	TT_TRY(tt_store_prepare(l->db, to->path, "SELECT note FROM notes ORDER BY id", &s, err));
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		if (!TT_GROW(to->notes, to->n_notes, cap))
			return tt_no_memory(err);
		to->notes[to->n_notes] = text(to->arena, s, 0);
		if (!to->notes[to->n_notes++])
			return tt_no_memory(err);
	}
	TT_TRY(done(l, rc, err));
	TT_TRY(tt_store_prepare(l->db, to->path, "SELECT table_name, kind, n, first FROM rejects "
	                        "ORDER BY id", &r, err));
	while ((rc = sqlite3_step(r)) == SQLITE_ROW) {
		tt_rejects *j = &to->rejects;
		if (!TT_GROW(j->kinds, j->n_kinds, j->cap_kinds))
			return tt_no_memory(err);
		tt_reject *k = &j->kinds[j->n_kinds++];
		*k = (tt_reject){ .table = text(to->arena, r, 0), .kind = text(to->arena, r, 1),
			.n = sqlite3_column_int64(r, 2) };
		const char *first = (const char *)sqlite3_column_text(r, 3);
		snprintf(k->first, sizeof k->first, "%s", first ? first : "");
		if (k->n < 0 || k->n > TT_COUNT_MOST || j->n > TT_COUNT_MOST)
			return tt_fail(err, TT_EDATA, "%s: damaged: a count of rejected rows",
			               to->path);
		j->n += k->n;
		if (!k->table || !k->kind)
			return tt_no_memory(err);
	}
	return done(l, rc, err);
}

/* --- Carriers, measures, holdings --------------------------------------------------------- */

static const char *carrier_id(tt_arena *a, const tt_carrier *c)
{
	char buf[1200];

	snprintf(buf, sizeof buf, "%s%s%s%s%s", c->node, c->gpu[0] ? "/" : "", c->gpu,
	         c->slice[0] ? "/" : "", c->slice);
	return tt_arena_text(a, buf, strlen(buf));
}

static int load_carriers(const loader *l, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	tt_snapshot *to = l->s;
	size_t cap = 0;
	int rc;

	TT_TRY(tt_store_prepare(l->db, to->path, "SELECT id, node, gpu, slice, usual_step_s, "
	                        "first_s, last_s FROM carriers ORDER BY id", &s, err));
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		if (!TT_GROW(to->carriers, to->n_carriers, cap))
			return tt_no_memory(err);
		tt_carrier *c = &to->carriers[to->n_carriers++];
		*c = (tt_carrier){ .node = text(to->arena, s, 1), .gpu = text(to->arena, s, 2),
			.slice = text(to->arena, s, 3), .usual_step_s = sqlite3_column_int64(s, 4),
			.first_s = sqlite3_column_int64(s, 5),
			.last_s = sqlite3_column_int64(s, 6) };
		if (!c->node || !c->gpu || !c->slice)
			return tt_no_memory(err);
		if (sqlite3_column_int64(s, 0) != (int64_t)to->n_carriers)
			return tt_fail(err, TT_EDATA, "%s: damaged: carriers are not numbered "
			               "from 1", to->path);
		c->id = carrier_id(to->arena, c);
		c->node_index = tt_snapshot_find_node(to, c->node);
		to->n_cards += c->gpu[0] != 0;
		if (!c->id)
			return tt_no_memory(err);
	}
	return done(l, rc, err);
}

/* Of rows as they were written: by carrier, so that the file sorts nothing. */
static int carrier_at(const loader *l, sqlite3_stmt *s, int at, uint32_t last, uint32_t *ret,
                      tt_err *err)
{
	int64_t id = sqlite3_column_int64(s, at);

	if (id < 1 || id > (int64_t)l->s->n_carriers)
		return tt_fail(err, TT_EDATA, "%s: damaged: no carrier %lld", l->s->path,
		               (long long)id);
	if (id - 1 < last)
		return tt_fail(err, TT_EDATA, "%s: damaged: what was measured of carrier %lld is "
		               "out of order", l->s->path, (long long)id);
	*ret = (uint32_t)(id - 1);
	return TT_OK;
}

static int load_measures(const loader *l, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	tt_snapshot *to = l->s;
	uint32_t last = 0;
	size_t cap = 0;
	int rc;

	TT_TRY(tt_store_prepare(l->db, to->path, "SELECT id, carrier, metric, n, seconds, "
	                        "sum_micro, sum_micro_s, min_micro, max_micro, histogram, hourly "
	                        "FROM measures ORDER BY id", &s, err));
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		if (!TT_GROW(to->measures, to->n_measures, cap))
			return tt_no_memory(err);
		tt_measure *m = &to->measures[to->n_measures];
		const char *metric = (const char *)sqlite3_column_text(s, 2);
		*m = (tt_measure){ .rowid = sqlite3_column_int64(s, 0),
			.metric = metric ? tt_metric_find(metric) : TT_METRIC_NONE,
			.n = sqlite3_column_int64(s, 3), .seconds = sqlite3_column_int64(s, 4),
			.min_micro = sqlite3_column_int64(s, 7),
			.max_micro = sqlite3_column_int64(s, 8) };
		if (m->n < 1 || m->seconds < 1)
			return tt_fail(err, TT_EDATA, "%s: damaged: a measure without readings",
			               to->path);
		TT_TRY(carrier_at(l, s, 1, last, &m->carrier, err));
		last = m->carrier;
		TT_TRY(i128(s, 5, l, &m->sum_micro, err));
		TT_TRY(i128(s, 6, l, &m->sum_micro_s, err));
		m->histogram = blob(to->arena, s, 9, &m->histogram_bytes);
		m->hourly = blob(to->arena, s, 10, &m->hourly_bytes);
		if (!m->histogram || !m->hourly)
			return tt_no_memory(err);
		if (m->metric == TT_METRIC_NONE)
			continue; /* of a later version: not ours to read */
		to->carriers[m->carrier].measure[m->metric] = (uint32_t)++to->n_measures;
	}
	return done(l, rc, err);
}

static int load_bins(const loader *l, sqlite3_stmt *s, int at, const uint32_t **ret, tt_err *err)
{
	size_t bytes = (size_t)sqlite3_column_bytes(s, at);

	if (bytes == 0)
		return TT_OK;
	uint32_t *v = tt_arena_alloc(l->s->arena, TT_BUSY_BINS * sizeof *v);
	if (!v)
		return tt_no_memory(err);
	*ret = v;
	return tt_unpack_bins(sqlite3_column_blob(s, at), bytes, v, TT_BUSY_BINS, err);
}

static int load_holdings(const loader *l, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	tt_snapshot *to = l->s;
	uint32_t last = 0;
	size_t cap = 0;
	int rc;

	TT_TRY(tt_store_prepare(l->db, to->path, "SELECT carrier, pod, from_s, to_s, gpu_util_s, "
	                        "gpu_util_micro_s, gpu_util_bins, sm_active_s, sm_active_micro_s, "
	                        "sm_active_bins FROM holdings ORDER BY id", &s, err));
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		if (!TT_GROW(to->holdings, to->n_holdings, cap))
			return tt_no_memory(err);
		tt_holding *h = &to->holdings[to->n_holdings];
		*h = (tt_holding){ .from_s = sqlite3_column_int64(s, 2),
			.to_s = sqlite3_column_int64(s, 3) };
		TT_TRY(carrier_at(l, s, 0, last, &h->carrier, err));
		last = h->carrier;
		const char *pod = (const char *)sqlite3_column_text(s, 1);
		h->pod_index = tt_snapshot_find_pod(to, pod ? pod : "");
		h->pod = h->pod_index == SIZE_MAX ? text(to->arena, s, 1)
			: TT_ROW(&to->table[TT_PODS], tt_pod_row, h->pod_index)->pod;
		if (!h->pod)
			return tt_no_memory(err);
		for (int b = 0; b < TT_BUSY_METRICS; b++) {
			h->measured_s[b] = sqlite3_column_int64(s, 4 + 3 * b);
			h->busy_micro_s[b] = sqlite3_column_int64(s, 5 + 3 * b);
			TT_TRY(load_bins(l, s, 6 + 3 * b, &h->bins_s[b], err));
		}
		tt_carrier *c = &to->carriers[h->carrier];
		if (c->n_holdings++ == 0)
			c->first_holding = to->n_holdings;
		to->n_holdings++;
	}
	return done(l, rc, err);
}

static int load_all(const loader *l, tt_err *err)
{
	TT_TRY(load_about(l, err));
	for (int t = 0; t < TT_TABLE_COUNT; t++) {
		tt_rows *rows = &l->s->table[t];
		TT_TRY(tt_rows_init(rows, (enum tt_table_id)t, err));
		TT_TRY(rows->def->curve ? load_curves(l, rows, err) : load_entities(l, rows, err));
	}
	TT_TRY(load_inputs(l, err));
	TT_TRY(load_notes(l, err));
	TT_TRY(load_carriers(l, err));
	TT_TRY(load_measures(l, err));
	return load_holdings(l, err);
}

int tt_snapshot_load(const char *path, tt_snapshot **ret, tt_err *err)
{
	TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = tt_zalloc(1, sizeof *s);
	TT_CLEANUP(tt_store_closep) sqlite3 *db = NULL;

	if (!s || !(s->arena = tt_arena_new()))
		return tt_no_memory(err);
	TT_TRY(tt_series_readers_make(s->arena, &s->readers, err));
	s->path = tt_arena_text(s->arena, path, strlen(path));
	if (!s->path)
		return tt_no_memory(err);
	TT_TRY(tt_store_open(path, &db, err));
	loader l = { .db = db, .s = s };
	TT_TRY(load_all(&l, err));
	TT_TRY(tt_snapshot_sound(s, err));
	TT_TRY(tt_billed_make(s, err));
	TT_TRY(tt_placed_make(s, s->arena, &s->placed, err));
	*ret = s;
	s = NULL;
	return TT_OK;
}
