/* tables.h - the tables of a snapshot: one catalogue of fields with type, unit,
 * range and struct offset. The CSV reader, the SQLite store and the loader all
 * work from it, so a field is added in one place.
 *
 * gpu_usage and node_usage are not here: they are measured series (usage.h). */
#ifndef TT_SNAPSHOT_TABLES_H
#define TT_SNAPSHOT_TABLES_H
#include "base/memory.h"
#include "base/money.h"
#include "base/text.h"
#include "snapshot/rejects.h"
#include <stdbool.h>

#define TT_TIME_MISSING INT64_MIN
#define TT_DECIMAL_MISSING (-((tt_decimal)1 << 126))

enum tt_field_type {
	TT_FIELD_TEXT,     /* const char *; "" missing                          */
	TT_FIELD_WORD,     /* const char *, one of `words`; "" missing          */
	TT_FIELD_LABELS,   /* const char *, canonical "k=v;k=v" sorted by key   */
	TT_FIELD_F64,      /* double; NaN missing                               */
	TT_FIELD_TIME,     /* int64_t; TT_TIME_MISSING                          */
	TT_FIELD_DECIMAL,  /* tt_decimal; TT_DECIMAL_MISSING                    */
	TT_FIELD_BOOL      /* double: 1, 0, NaN missing                         */
};
enum {
	TT_FIELD_REQUIRED = 1,
	TT_FIELD_KEY = 2,
	TT_FIELD_VALUE = 4,
	TT_FIELD_WHOLE = 8, /* F64: no digits after the point                   */
	TT_FIELD_LEVEL = 16, /* VALUE that does not add up over time            */
	TT_FIELD_MADE = 32  /* of no column of the file: of all of a record     */
};

typedef struct tt_field {
	const char *name;         /* in the contract, in SQL and in messages    */
	enum tt_field_type type;
	unsigned flags;
	size_t offset;            /* in the row struct                          */
	double min, max;          /* F64 and DECIMAL, inclusive                 */
	const char *const *words; /* WORD: NULL-terminated; one that ends in ':'
	                           * is itself and a name: "mig:1g.10gb"        */
} tt_field;

enum tt_table_id {
	TT_NODES, TT_PODS, TT_PRICES, TT_COMMITMENTS, TT_DEMAND, TT_TRAFFIC,
	TT_SPOT_AVAILABILITY, TT_NODE_GROUPS, TT_WORKLOADS, TT_QUOTAS, TT_BUDGETS,
	TT_REVENUE, TT_VOLUMES, TT_CHARGES, TT_TABLE_COUNT
};

typedef struct tt_table_def {
	const char *name;         /* "nodes"                                    */
	size_t row_size;
	const tt_field *fields;
	size_t n_fields;
	int curve;                /* rows are readings over time: `time` and the
	                           * VALUE fields are stored packed, per KEY    */
	int focus;                /* a bill: columns and values of FOCUS, focus.h */
} tt_table_def;

const tt_table_def *tt_table_def_at(enum tt_table_id id);
int tt_table_find(const char *name); /* its id; -1: no such table */

/* --- Rows ------------------------------------------------------------------- */
typedef struct tt_node_row {
	const char *node, *cluster, *node_group, *provider, *region, *instance_type,
		*resource_id, *gpu_model;
	double gpus, gpu_memory_mib, cpus, memory_mib;
	const char *pricing;
	tt_decimal price_per_hour;
	const char *taints;
	int64_t started_at, ended_at;
	const char *labels;
} tt_node_row;

typedef struct tt_pod_row {
	const char *pod, *namespace_, *cluster, *node, *workload, *workload_kind;
	double gpus;
	const char *gpu_sharing, *gpu_model;
	double cpus, memory_mib;
	const char *node_selector;
	double priority, restarts;
	int64_t submitted_at, started_at, ended_at;
	const char *outcome, *labels;
} tt_pod_row;

typedef struct tt_price_row {
	const char *provider, *region, *instance_type, *gpu_model;
	double gpus;
	const char *pricing, *payment;
	tt_decimal price_per_hour, upfront, egress_per_gib;
	double interruptions_per_h;
	int64_t as_of;
} tt_price_row;

typedef struct tt_commitment_row {
	const char *commitment, *kind, *provider, *region, *instance_type, *gpu_model;
	double units;
	tt_decimal commitment_per_hour;
	int64_t starts_at, ends_at;
	const char *payment;
	tt_decimal upfront, price_per_hour;
} tt_commitment_row;

typedef struct tt_demand_row {
	int64_t time;
	const char *provider, *region, *instance_type, *gpu_model, *owner;
	double units;
} tt_demand_row;

typedef struct tt_traffic_row {
	int64_t time;
	const char *workload;
	double requests, input_tokens, output_tokens, cached_tokens, latency_p95_ms;
} tt_traffic_row;

typedef struct tt_spot_row {
	int64_t time;
	const char *provider, *region, *zone, *instance_type;
	double available_units;
} tt_spot_row;

typedef struct tt_node_group_row {
	const char *node_group, *autoscaler;
	double min_nodes, max_nodes, boot_s, drain_s, consolidates;
} tt_node_group_row;

typedef struct tt_workload_row {
	const char *workload, *workload_kind;
	double min_replicas, max_replicas, slo_latency_ms, capacity_per_replica,
		model_size_mib, image_size_mib, checkpoint_interval_s, checkpoint_s,
		restart_s, interruptible;
} tt_workload_row;

typedef struct tt_quota_row {
	const char *owner, *gpu_model;
	double gpus;
	int64_t starts_at, ends_at;
} tt_quota_row;

typedef struct tt_budget_row {
	const char *owner;
	int64_t starts_at, ends_at;
	tt_decimal amount;
} tt_budget_row;

typedef struct tt_revenue_row {
	int64_t time;
	const char *workload;
	tt_decimal amount;
} tt_revenue_row;

typedef struct tt_volume_row {
	const char *volume, *owner;
	double size_mib;
	const char *storage_class;
	tt_decimal price_per_hour;
	int64_t last_read_at, last_written_at;
	const char *attached_to;
} tt_volume_row;

/* A charge, under the names of its columns. Rows that are equal in all that is kept can be
 * two: `record` is of all columns that the file had (focus.h). */
typedef struct tt_charge_row {
	const char *ResourceId;
	int64_t ChargePeriodStart, ChargePeriodEnd;
	const char *ChargeCategory, *ChargeClass, *ServiceCategory, *ServiceSubcategory,
		*ServiceName, *SkuMeter, *ChargeDescription, *RegionId;
	double ConsumedQuantity;
	const char *ConsumedUnit;
	double PricingQuantity;
	const char *PricingUnit, *CommitmentDiscountId, *CommitmentDiscountStatus;
	const char *BillingCurrency;
	tt_decimal EffectiveCost;
	const char *Tags;
	double record;
} tt_charge_row;

/* --- A set of rows of one table ------------------------------------------------ */
typedef struct tt_rows {
	const tt_table_def *def;
	char *p;                /* n rows of def->row_size                         */
	size_t n, cap;
	int64_t *line;          /* [n] line in the file; NULL once loaded from SQLite */
	size_t line_cap;
	const char *file;       /* path as in messages; NULL: there was no file    */
	int64_t read;           /* rows read from the file, rejected ones included */
	int64_t duplicates;     /* equal rows that counted once                    */
	/* of rows out of several shards, whose lines are those of tt_shard_line() */
	const char *const *shard; /* names for messages; NULL: there is one file   */
	int64_t copies;         /* equal rows of other shards, not in `read`       */
	tt_arena *text;         /* owns every string of the rows                   */
} tt_rows;

#define TT_ROW(rows, type, i) ((type *)(void *)((rows)->p + (i) * sizeof(type)))

int tt_rows_init(tt_rows *r, enum tt_table_id id, tt_err *err);
void tt_rows_free(tt_rows *r);
/* A new row with every field missing; NULL when out of memory. */
void *tt_rows_add(tt_rows *r, int64_t line);
/* Order of two rows by one field. Missing sorts first. */
int tt_field_compare(const tt_field *f, const void *a, const void *b);
/* Order of two rows by KEY fields, then (curves) time; then, for a total order,
 * every other field. Missing sorts first. */
int tt_row_compare_key(const tt_table_def *d, const void *a, const void *b);
int tt_row_compare_all(const tt_table_def *d, const void *a, const void *b);

/* --- Values that a row may have ------------------------------------------------ *
 * The same for a row from a file of tables and for one from a snapshot file. */
enum tt_field_fault {
	TT_FIELD_FINE, TT_FIELD_NEEDED, TT_FIELD_TOO_LOW, TT_FIELD_TOO_HIGH,
	TT_FIELD_NOT_WHOLE, TT_FIELD_NO_WORD
};
enum tt_field_fault tt_field_check(const tt_field *f, const void *row);

/* Two fields of a table, of one type, of which the first is not above the second. */
typedef struct tt_field_pair { const tt_field *low, *high; const char *relation; } tt_field_pair;
typedef struct tt_field_pairs { tt_field_pair v[8]; size_t n; } tt_field_pairs;
/* Those of a table: found once, not for each of its rows. */
tt_field_pairs tt_table_pairs(const tt_table_def *d);
/* Whether `row` has both and the wrong way round. */
bool tt_row_contradicts(const tt_field_pair *p, const void *row);

/* The first field whose value no row may have; NULL when there is none. */
const tt_field *tt_row_check(const tt_table_def *d, const tt_field_pairs *pairs, const void *row);

/* Whether the pod ever started, in the window or not: one with a submitted_at and no
 * started_at, or still pending, has not. */
bool tt_pod_started(const tt_pod_row *p);

/* Row whose first field, the key, is `name`; SIZE_MAX when there is none. The rows are
 * sorted by it. */
size_t tt_rows_find(const tt_rows *r, const char *name);
#endif
