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

/* For people: times as text, names instead of numbers, and no more digits than are read. */
#define TIME(column) "datetime(" column ", 'unixepoch')"
#define WHOLE(column) "CAST(" column " AS INTEGER)"
/* 4 and 0.25 rather than 4.0 */
#define COUNT(column) "iif(" column " = " WHOLE(column) ", " WHOLE(column) ", " column ")"

static const char views[] =
"CREATE VIEW v_about AS SELECT\n"
"  CASE key WHEN 'start_s' THEN 'start' WHEN 'end_s' THEN 'end' ELSE key END AS key,\n"
"  iif(key IN ('start_s', 'end_s'), " TIME("value") ", value) AS value FROM about;\n"
"CREATE VIEW v_nodes AS SELECT node, node_group, instance_type, gpu_model,\n"
"  " COUNT("gpus") " AS gpus, pricing, price_per_hour,\n"
"  " TIME("started_at") " AS started, " TIME("ended_at") " AS ended, labels FROM nodes;\n"
"CREATE VIEW v_pods AS SELECT pod, namespace, node, workload, workload_kind,\n"
"  " COUNT("gpus") " AS gpus, outcome,\n"
"  " TIME("started_at") " AS started, " TIME("ended_at") " AS ended,\n"
"  started_at - submitted_at AS waited_s, labels FROM pods;\n"
"CREATE VIEW v_prices AS SELECT provider, region, instance_type, gpu_model,\n"
"  " COUNT("gpus") " AS gpus, pricing, payment, price_per_hour, upfront,\n"
"  " TIME("as_of") " AS as_of FROM prices;\n"
"CREATE VIEW v_commitments AS SELECT commitment, kind, provider, region, instance_type,\n"
"  gpu_model, " COUNT("units") " AS units, commitment_per_hour, price_per_hour,\n"
"  " TIME("starts_at") " AS starts, " TIME("ends_at") " AS ends, payment, upfront\n"
"  FROM commitments;\n"
"CREATE VIEW v_demand AS SELECT provider, region, instance_type, gpu_model, owner,\n"
"  " TIME("first_s") " AS first, " TIME("last_s") " AS last, n AS hours,\n"
"  round(sum_of_units, 3) AS unit_hours, round(sum_of_units / n, 3) AS mean_units\n"
"  FROM demand;\n"
"CREATE VIEW v_traffic AS SELECT workload, " TIME("first_s") " AS first,\n"
"  " TIME("last_s") " AS last, n, " COUNT("sum_of_requests") " AS requests,\n"
"  " COUNT("sum_of_input_tokens") " AS input_tokens,\n"
"  " COUNT("sum_of_output_tokens") " AS output_tokens FROM traffic;\n"
"CREATE VIEW v_charges AS SELECT ServiceCategory, ServiceName, ChargeCategory, RegionId,\n"
"  count(*) AS rows, count(DISTINCT ResourceId) AS resources,\n"
"  round(sum(CAST(EffectiveCost AS REAL)), 2) AS effective_cost,\n"
"  " TIME("min(ChargePeriodStart)") " AS first, " TIME("max(ChargePeriodEnd)") " AS last\n"
"  FROM charges GROUP BY 1, 2, 3, 4;\n"
"CREATE VIEW v_measures AS SELECT c.node, c.gpu, c.slice, n.node_group, n.gpu_model,\n"
"  m.metric, m.n, round(m.seconds / 3600.0, 3) AS measured_h, round(m.mean, 3) AS mean,\n"
"  round(m.min, 3) AS min, round(m.p50, 3) AS p50, round(m.p95, 3) AS p95,\n"
"  round(m.p99, 3) AS p99, round(m.max, 3) AS max\n"
"  FROM measures m JOIN carriers c ON c.id = m.carrier LEFT JOIN nodes n ON n.node = c.node;\n"
"CREATE VIEW v_holdings AS SELECT c.node, c.gpu, c.slice, h.pod, p.namespace, p.workload,\n"
"  p.workload_kind, " TIME("h.from_s") " AS held_from, " TIME("h.to_s") " AS held_to,\n"
"  round((h.to_s - h.from_s) / 3600.0, 3) AS held_h,\n"
"  round(h.gpu_util_micro_s / 1e6 / nullif(h.gpu_util_s, 0), 3) AS mean_gpu_util_pct,\n"
"  round(h.sm_active_micro_s / 1e6 / nullif(h.sm_active_s, 0), 3) AS mean_sm_active_pct\n"
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

/* A shard: rows as they were read, nothing worked out. Rows of usage tables are packed, the
 * parts of a carrier one behind the other. */
static const char shard_schema[] =
"CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;\n"
"CREATE TABLE inputs (name TEXT PRIMARY KEY, file TEXT NOT NULL, rows INTEGER NOT NULL,\n"
"  lines INTEGER NOT NULL, metrics TEXT NOT NULL) STRICT;\n"
"CREATE TABLE rejects (id INTEGER PRIMARY KEY, table_name TEXT NOT NULL, kind TEXT NOT NULL,\n"
"  n INTEGER NOT NULL, first TEXT NOT NULL) STRICT;\n"
"CREATE TABLE notes (id INTEGER PRIMARY KEY, table_name TEXT NOT NULL, note TEXT NOT NULL)\n"
"  STRICT;\n"
"CREATE TABLE carriers (id INTEGER PRIMARY KEY, table_name TEXT NOT NULL,\n"
"  node TEXT NOT NULL, gpu TEXT NOT NULL, slice TEXT NOT NULL, rows INTEGER NOT NULL,\n"
"  first_s INTEGER NOT NULL, first_part INTEGER NOT NULL, parts INTEGER NOT NULL) STRICT;\n"
"CREATE TABLE pod_names (id INTEGER PRIMARY KEY, pod TEXT NOT NULL) STRICT;\n"
"CREATE TABLE parts (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, rows BLOB NOT NULL) STRICT;\n";

static void shard_table(const tt_table_def *d, tt_buf *out)
{
	tt_buf_printf(out, "CREATE TABLE %s (row INTEGER PRIMARY KEY, line INTEGER NOT NULL",
	              d->name);
	for (size_t i = 0; i < d->n_fields; i++)
		tt_buf_printf(out, ", %s %s", d->fields[i].name, sql_type(&d->fields[i]));
	tt_buf_puts(out, ") STRICT;\n");
}

int tt_store_shard_schema(tt_buf *out)
{
	tt_buf_puts(out, shard_schema);
	for (int t = 0; t < TT_TABLE_COUNT; t++)
		shard_table(tt_table_def_at((enum tt_table_id)t), out);
	return out->failed ? TT_ENOMEM : TT_OK;
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
		if (d->fields[i].flags & TT_FIELD_VALUE) {
			tt_buf_printf(out, ", %s BLOB NOT NULL", d->fields[i].name);
			if (!(d->fields[i].flags & TT_FIELD_LEVEL))
				tt_buf_printf(out, ", sum_of_%s %s", d->fields[i].name,
				              sql_type(&d->fields[i]));
		}
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
