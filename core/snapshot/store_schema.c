#include "snapshot/store.h"
#include <string.h>

/* What is not a table of the catalogue. */
static const char fixed_schema[] =
"CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;\n"
"CREATE TABLE inputs (name TEXT PRIMARY KEY, file TEXT NOT NULL, rows INTEGER NOT NULL,\n"
"  duplicates INTEGER NOT NULL) STRICT;\n"
"CREATE TABLE rejects (id INTEGER PRIMARY KEY, table_name TEXT NOT NULL, kind TEXT NOT NULL,\n"
"  n INTEGER NOT NULL, first TEXT NOT NULL) STRICT;\n"
"CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;\n"
"CREATE TABLE carriers (id INTEGER PRIMARY KEY, node TEXT NOT NULL, gpu TEXT NOT NULL,\n"
"  slice TEXT NOT NULL, usual_step_s INTEGER NOT NULL, first_s INTEGER NOT NULL,\n"
"  last_s INTEGER NOT NULL, UNIQUE (node, gpu, slice)) STRICT;\n"
"CREATE TABLE measures (id INTEGER PRIMARY KEY,\n"
"  carrier INTEGER NOT NULL REFERENCES carriers (id), metric TEXT NOT NULL,\n"
"  n INTEGER NOT NULL, seconds INTEGER NOT NULL, mean REAL NOT NULL, min REAL NOT NULL,\n"
"  max REAL NOT NULL, p50 REAL NOT NULL, p95 REAL NOT NULL, p99 REAL NOT NULL,\n"
"  sum_micro TEXT NOT NULL, sum_micro_s TEXT NOT NULL, min_micro INTEGER NOT NULL,\n"
"  max_micro INTEGER NOT NULL, histogram BLOB NOT NULL, hourly BLOB NOT NULL,\n"
"  UNIQUE (carrier, metric)) STRICT;\n"
"CREATE TABLE aligned (measure INTEGER PRIMARY KEY REFERENCES measures (id),\n"
"  mean BLOB NOT NULL, max BLOB) STRICT;\n"
"CREATE TABLE holdings (id INTEGER PRIMARY KEY,\n"
"  carrier INTEGER NOT NULL REFERENCES carriers (id), pod TEXT NOT NULL,\n"
"  from_s INTEGER NOT NULL, to_s INTEGER NOT NULL, gpu_util_s INTEGER NOT NULL,\n"
"  gpu_util_micro_s INTEGER NOT NULL, gpu_util_bins BLOB, sm_active_s INTEGER NOT NULL,\n"
"  sm_active_micro_s INTEGER NOT NULL, sm_active_bins BLOB) STRICT;\n";

/* For people: times as text, names instead of numbers. */
static const char views[] =
"CREATE VIEW v_about AS SELECT key, value FROM about;\n"
"CREATE VIEW v_nodes AS SELECT node, node_group, instance_type, gpu_model, gpus, pricing,\n"
"  price_per_hour, datetime(started_at, 'unixepoch') AS started,\n"
"  datetime(ended_at, 'unixepoch') AS ended, labels FROM nodes;\n"
"CREATE VIEW v_pods AS SELECT pod, namespace, node, workload, workload_kind, gpus, outcome,\n"
"  datetime(started_at, 'unixepoch') AS started, datetime(ended_at, 'unixepoch') AS ended,\n"
"  started_at - submitted_at AS waited_s, labels FROM pods;\n"
"CREATE VIEW v_measures AS SELECT c.node, c.gpu, c.slice, n.node_group, n.gpu_model,\n"
"  m.metric, m.n, m.seconds / 3600.0 AS measured_h, m.mean, m.min, m.p50, m.p95, m.p99,\n"
"  m.max FROM measures m JOIN carriers c ON c.id = m.carrier\n"
"  LEFT JOIN nodes n ON n.node = c.node;\n"
"CREATE VIEW v_holdings AS SELECT c.node, c.gpu, c.slice, h.pod, p.namespace, p.workload,\n"
"  p.workload_kind, datetime(h.from_s, 'unixepoch') AS held_from,\n"
"  datetime(h.to_s, 'unixepoch') AS held_to, (h.to_s - h.from_s) / 3600.0 AS held_h,\n"
"  h.gpu_util_micro_s / 1e6 / nullif(h.gpu_util_s, 0) AS mean_gpu_util_pct,\n"
"  h.sm_active_micro_s / 1e6 / nullif(h.sm_active_s, 0)\n"
"  AS mean_sm_active_pct\n"
"  FROM holdings h JOIN carriers c ON c.id = h.carrier LEFT JOIN pods p ON p.pod = h.pod;\n";

static const char *sql_type(const tt_field *f)
{
	switch (f->type) {
	case TT_FIELD_F64:
	case TT_FIELD_BOOL:
		return "REAL";
	case TT_FIELD_TIME:
		return "INTEGER";
	case TT_FIELD_TEXT:
	case TT_FIELD_WORD:
	case TT_FIELD_LABELS:
	case TT_FIELD_DECIMAL:
		return "TEXT";
	}
	return "TEXT";
}

static void entity_table(const tt_table_def *d, tt_buf *out)
{
	tt_buf_printf(out, "CREATE TABLE %s (row INTEGER PRIMARY KEY", d->name);
	for (size_t i = 0; i < d->n_fields; i++) {
		const tt_field *f = &d->fields[i];
		tt_buf_printf(out, ", %s %s%s", f->name, sql_type(f),
		              f->flags & TT_FIELD_REQUIRED ? " NOT NULL" : "");
		if (strcmp(d->name, "nodes") == 0 && strcmp(f->name, "node") == 0)
			tt_buf_puts(out, " UNIQUE");
		if (strcmp(d->name, "pods") == 0 && strcmp(f->name, "pod") == 0)
			tt_buf_puts(out, " UNIQUE");
		if (strcmp(d->name, "pods") == 0 && strcmp(f->name, "node") == 0)
			tt_buf_puts(out, " REFERENCES nodes (node)");
	}
	tt_buf_puts(out, ") STRICT;\n");
}

/* One row per key; times and values packed. */
static void curve_table(const tt_table_def *d, tt_buf *out)
{
	tt_buf_printf(out, "CREATE TABLE %s (row INTEGER PRIMARY KEY", d->name);
	for (size_t i = 0; i < d->n_fields; i++)
		if (d->fields[i].type != TT_FIELD_TIME && !(d->fields[i].flags & TT_FIELD_VALUE))
			tt_buf_printf(out, ", %s %s", d->fields[i].name, sql_type(&d->fields[i]));
	tt_buf_puts(out, ", n INTEGER NOT NULL, first_s INTEGER NOT NULL, last_s INTEGER NOT NULL, "
	            "time BLOB NOT NULL");
	for (size_t i = 0; i < d->n_fields; i++)
		if (d->fields[i].flags & TT_FIELD_VALUE)
			tt_buf_printf(out, ", %s BLOB NOT NULL, sum_of_%s REAL", d->fields[i].name,
			              d->fields[i].name);
	tt_buf_puts(out, ") STRICT;\n");
}

int tt_store_schema(tt_buf *out)
{
	tt_buf_puts(out, fixed_schema);
	for (int t = 0; t < TT_TABLE_COUNT; t++) {
		const tt_table_def *d = tt_table_def_at((enum tt_table_id)t);
		if (d->curve)
			curve_table(d, out);
		else
			entity_table(d, out);
	}
	tt_buf_puts(out, views);
	return out->failed ? TT_ENOMEM : TT_OK;
}
