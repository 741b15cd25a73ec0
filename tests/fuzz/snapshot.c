/* snapshot.c - a snapshot file that was damaged. The input changes a small valid one, and
 * what then can't be read is refused; nothing that can be read is out of its bounds.
 *
 * The input is a row of edits:
 *   0..127   one cell:  table, column, row, type, length, bytes; type 0 NULL, 1 an integer,
 *            2 a double, 3 text, 4 a blob, 5 the whole row goes
 *   128..255 the file:  offset (three bytes), length, bytes
 * Cells go first, since the file must then still be one. */
#include "fuzz.h"
#include "snapshot/builder.h"
#include "snapshot/snapshot.h"
#include <math.h>
#include <sqlite3.h>

#define STEPS_MOST 100000 /* a longer series is right, and slow */

static const char *const table_of[] = {
	"about", "inputs", "rejects", "notes", "carriers", "measures", "aligned", "holdings",
	"nodes", "pods", "prices", "demand", "traffic", "revenue", "charges",
};
#define TABLES (sizeof table_of / sizeof *table_of)

/* --- The valid one ----------------------------------------------------------------------- */

static const struct { const char *table, *text; } input[] = {
	{ "nodes", "node,instance_type,gpu_model,gpus,price_per_hour,labels\n"
	           "a,i2,l4,2,3.25,team=x\n" },
	{ "pods", "pod,namespace,node,gpus,gpu_sharing\np,lab,a,1,none\nq,lab,a,0.5,time_slice\n" },
	{ "prices", "instance_type,gpu_model,gpus,pricing,price_per_hour\ni2,l4,2,on_demand,4\n" },
	{ "demand", "time,instance_type,gpu_model,owner,units\n0,i2,l4,x,1\n3600,i2,l4,x,2\n" },
	{ "traffic", "time,workload,requests\n0,w,5\n60,w,7\n120,w,5\n" },
	{ "revenue", "time,workload,amount\n0,w,5\n60,w,-7\n" },
	{ "charges", "ResourceId,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,"
	  "BillingCurrency,EffectiveCost,ServiceCategory,ConsumedUnit,Tags\n"
	  "r,0,3600,Usage,USD,1.5,Storage,GB-Months,team=x\n"
	  ",1800,9000,Tax,USD,-0.25,,,\nr,3600,7200,Usage,USD,1e-6,Storage,GB-Months,\n" },
	{ "gpu_usage", "time,node,gpu,pod,gpu_util_pct,sm_active_ratio,fb_used_mib,extra\n"
	  "0,a,0,p,90,0.5,9000,1\n0,a,1,q,0,,10,1\n60,a,0,p,80,0.4,9000,1\n60,a,1,q,30,,10,1\n"
	  "120,a,0,,0,0,0,1\n120,a,1,q,31,,10,1\n180,a,0,p,1,0.01,1,1\n240,a,0,p,x,,,1\n" },
	{ "node_usage", "time,node,cpu_util_ratio\n0,a,0.5\n300,a,0.25\n" },
};

static void make_valid(tt_buf *ret)
{
	static const char window[] = "name: f\nstart: 0\nend: 7200\ncurrency: USD\n";
	char path[512], out[512];
	tt_build_options o = { .lenient = 1, .threads = 1 };
	tt_builder *b = NULL;
	tt_err err = { 0 };

	fuzz_write(fuzz_path(path, sizeof path, "in"), window, sizeof window - 1);
	fuzz_path(out, sizeof out, "valid.db");
	FUZZ_MUST(tt_builder_open(out, &o, &b, &err) == TT_OK);
	FUZZ_MUST(tt_builder_window(b, path, &err) == TT_OK);
	for (size_t i = 0; i < sizeof input / sizeof *input; i++) {
		fuzz_write(fuzz_path(path, sizeof path, input[i].table), input[i].text,
		           strlen(input[i].text));
		FUZZ_MUST(tt_builder_read_csv(b, path, input[i].table, NULL, 0, &err) == TT_OK);
	}
	FUZZ_MUST(tt_builder_finish(b, NULL, &err) == TT_OK);
	tt_builder_close(b);
	FUZZ_MUST(fuzz_read(out, ret) && ret->n > 0);
}

/* --- Edits --------------------------------------------------------------------------------- */

typedef struct edit {
	bool cell;
	unsigned table, column, row, type;
	size_t offset;
	const uint8_t *p;
	size_t n;
} edit;

static bool next_edit(const uint8_t **data, size_t *size, edit *ret)
{
	const uint8_t *p = *data;
	bool cell = *size > 0 && p[0] < 128;
	size_t head = cell ? 6 : 5;

	if (*size < head)
		return false;
	*ret = (edit){ .cell = cell, .table = p[1], .column = p[2], .row = p[3], .type = p[4],
		.offset = (size_t)(p[1] | p[2] << 8 | p[3] << 16), .p = p + head,
		.n = p[head - 1] };
	if (ret->n > *size - head)
		ret->n = *size - head;
	*data = p + head + ret->n;
	*size -= head + ret->n;
	return true;
}

static void bind_value(sqlite3_stmt *s, const edit *e)
{
	unsigned char eight[8] = { 0 };
	int64_t i;
	double f;

	memcpy(eight, e->p, e->n < 8 ? e->n : 8);
	memcpy(&i, eight, 8);
	memcpy(&f, eight, 8);
	if (e->type % 6 == 1)
		sqlite3_bind_int64(s, 1, i);
	else if (e->type % 6 == 2)
		sqlite3_bind_double(s, 1, f);
	else if (e->type % 6 == 3)
		sqlite3_bind_text(s, 1, (const char *)e->p, (int)e->n, SQLITE_STATIC);
	else if (e->type % 6 == 4)
		sqlite3_bind_blob(s, 1, e->n ? (const void *)e->p : "", (int)e->n, SQLITE_STATIC);
}

static void edit_cell(sqlite3 *db, const edit *e)
{
	const char *table = table_of[e->table % TABLES];
	sqlite3_stmt *s = NULL;
	char sql[256];
	int columns = 0;

	snprintf(sql, sizeof sql, "SELECT * FROM %s", table);
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK)
		columns = sqlite3_column_count(s);
	const char *column = columns ? sqlite3_column_name(s, (int)(e->column % (unsigned)columns))
		: "";
	if (e->type % 6 == 5)
		snprintf(sql, sizeof sql, "DELETE FROM %s WHERE rowid = (SELECT rowid FROM %s "
		         "LIMIT 1 OFFSET %u)", table, table, e->row % 16);
	else
		snprintf(sql, sizeof sql, "UPDATE %s SET \"%s\" = ?1 WHERE rowid = (SELECT rowid "
		         "FROM %s LIMIT 1 OFFSET %u)", table, column, table, e->row % 16);
	sqlite3_finalize(s);
	s = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK) {
		bind_value(s, e);
		sqlite3_step(s); /* what a constraint forbids stays as it was */
	}
	sqlite3_finalize(s);
}

/* A copy of `valid` with the edits; the caller's, sqlite3_free(). */
static unsigned char *damaged(const tt_buf *valid, const uint8_t *data, size_t size, size_t *ret_n)
{
	unsigned char *copy = sqlite3_malloc64(valid->n);
	const uint8_t *at = data;
	size_t left = size;
	sqlite3_int64 n = 0;
	sqlite3 *db = NULL;
	edit e;

	FUZZ_MUST(copy && sqlite3_open(":memory:", &db) == SQLITE_OK);
	memcpy(copy, valid->p, valid->n);
	FUZZ_MUST(sqlite3_deserialize(db, "main", copy, (sqlite3_int64)valid->n,
	                              (sqlite3_int64)valid->n, SQLITE_DESERIALIZE_FREEONCLOSE |
	                              SQLITE_DESERIALIZE_RESIZEABLE) == SQLITE_OK);
	while (next_edit(&at, &left, &e))
		if (e.cell)
			edit_cell(db, &e);
	unsigned char *out = sqlite3_serialize(db, "main", &n, 0);
	FUZZ_MUST(out && n > 0);
	sqlite3_close(db);
	for (at = data, left = size; next_edit(&at, &left, &e);)
		for (size_t i = 0; !e.cell && i < e.n; i++)
			out[(e.offset + i) % (size_t)n] = e.p[i];
	*ret_n = (size_t)n;
	return out;
}

/* --- Reading it ------------------------------------------------------------------------------ */

static void dump_stats(const tt_measure *m, tt_buf *out)
{
	tt_stats st;
	tt_err err = { 0 };
	int rc = tt_measure_stats(m, &st, &err);

	if (rc != TT_ENODATA)
		fuzz_status(rc, TT_EDATA, &err);
	tt_buf_printf(out, "%d %s", rc, err.text);
	if (rc == TT_OK) /* where the extremes contradict each other nothing is in between */
		FUZZ_MUST(st.min > st.max || (st.p50 <= st.p95 && st.p95 <= st.p99));
	if (rc == TT_OK)
		tt_buf_printf(out, " %a %a %a %a %a %a", st.mean, st.min, st.p50, st.p95, st.p99,
		              st.max);
	tt_buf_putc(out, '\n');
}

static void dump_hours(const tt_snapshot *s, const tt_measure *m, tt_buf *out)
{
	size_t n = tt_snapshot_hours(s);
	tt_hour *v = calloc(n + 1, sizeof *v);
	tt_err err = { 0 };

	FUZZ_MUST(v);
	int rc = tt_measure_hourly(s, m, v, &err);
	fuzz_status(rc, TT_EDATA, &err);
	tt_buf_printf(out, "%d %s\n", rc, err.text);
	for (size_t i = 0; rc == TT_OK && i < n; i++) {
		FUZZ_MUST(v[i].seconds >= 0 && v[i].seconds <= 3600);
		if (v[i].seconds > 0)
			tt_buf_printf(out, "%a %a %a\n", v[i].mean, v[i].p95, v[i].max);
	}
	free(v);
}

static void dump_series(const tt_snapshot *s, const tt_measure *m, tt_buf *out)
{
	size_t n = tt_snapshot_steps(s);
	double *mean, *max;
	tt_err err = { 0 };

	if (n > STEPS_MOST)
		return;
	mean = calloc(n + 1, sizeof *mean);
	max = calloc(n + 1, sizeof *max);
	FUZZ_MUST(mean && max);
	int rc = tt_snapshot_series(s, m, mean, max, &err);
	fuzz_status(rc, TT_EDATA, &err);
	tt_buf_printf(out, "%d %s\n", rc, err.text);
	for (size_t i = 0; rc == TT_OK && i < n; i++)
		if (!isnan(mean[i]))
			tt_buf_printf(out, "%zu %a %a\n", i, mean[i], max[i]);
	free(mean);
	free(max);
}

static void dump(const tt_snapshot *s, tt_buf *out)
{
	tt_buf_printf(out, "%s %s %zu %zu %zu\n", s->name, s->currency, s->n_carriers,
	              s->n_measures, s->n_holdings);
	FUZZ_MUST(s->n_cards <= s->n_carriers);
	for (size_t i = 0; i < s->n_carriers; i++) {
		const tt_carrier *c = &s->carriers[i];
		FUZZ_MUST(c->node_index == SIZE_MAX || c->node_index < s->table[TT_NODES].n);
		FUZZ_MUST(c->n_holdings == 0 ||
		          c->first_holding + c->n_holdings <= s->n_holdings);
		for (int m = 0; m < TT_METRIC_COUNT; m++)
			FUZZ_MUST(c->measure[m] <= s->n_measures);
		tt_buf_printf(out, "%s\n", c->id);
	}
	for (size_t i = 0; i < s->n_measures; i++) {
		FUZZ_MUST(s->measures[i].carrier < s->n_carriers);
		dump_stats(&s->measures[i], out);
		dump_hours(s, &s->measures[i], out);
		dump_series(s, &s->measures[i], out);
	}
	for (size_t i = 0; i < s->n_holdings; i++) {
		const tt_holding *h = &s->holdings[i];
		FUZZ_MUST(h->carrier < s->n_carriers);
		FUZZ_MUST(h->pod_index == SIZE_MAX || h->pod_index < s->table[TT_PODS].n);
		tt_buf_printf(out, "%s %lld\n", h->pod, (long long)h->from_s);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static tt_buf valid;
	tt_buf out[2] = { { 0 } };
	char path[512];
	size_t n;

	if (!valid.p)
		make_valid(&valid);
	unsigned char *file = damaged(&valid, data, size, &n);
	fuzz_write(fuzz_path(path, sizeof path, "damaged.db"), file, n);
	sqlite3_free(file);
	for (int i = 0; i < 2; i++) {
		tt_snapshot *s = NULL;
		tt_err err = { 0 };
		int rc = tt_snapshot_load(path, &s, &err);
		fuzz_status(rc, TT_EIO, &err);
		FUZZ_MUST(size > 0 || rc == TT_OK);
		tt_buf_printf(&out[i], "%d %s\n", rc, err.text);
		if (rc == TT_OK)
			dump(s, &out[i]);
		tt_snapshot_close(s);
	}
	fuzz_same(&out[0], &out[1]);
	for (int i = 0; i < 2; i++)
		tt_buf_free(&out[i]);
	return 0;
}
