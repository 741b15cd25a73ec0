/* tables.c - the catalogue of fields, and rows of a table. Knows nothing of CSV or SQLite:
 * both work from the catalogue. */
#include "snapshot/tables.h"
#include "base/clock.h"

#include <math.h>
#include <string.h>

/* Past these a number is a mistake, and sums of it would no longer be exact. */
#define MOST_CARDS 1e6
#define MOST 1e15

#define TEXT(T, f, flags) { #f, TT_FIELD_TEXT, flags, TT_FIELD_(T, f, const char *), 0, 0, NULL }
#define WORD(T, f, flags, words) \
	{ #f, TT_FIELD_WORD, flags, TT_FIELD_(T, f, const char *), 0, 0, words }
#define LABELS(T, f) { #f, TT_FIELD_LABELS, 0, TT_FIELD_(T, f, const char *), 0, 0, NULL }
#define F64(T, f, flags, lo, hi) { #f, TT_FIELD_F64, flags, TT_FIELD_(T, f, double), lo, hi, NULL }
#define TIME(T, f, flags) { #f, TT_FIELD_TIME, flags, TT_FIELD_(T, f, int64_t), 0, 0, NULL }
#define DECIMAL(T, f, flags) \
	{ #f, TT_FIELD_DECIMAL, flags, TT_FIELD_(T, f, tt_decimal), 0, MOST, NULL }
#define BOOL(T, f) { #f, TT_FIELD_BOOL, 0, TT_FIELD_(T, f, double), 0, 1, NULL }
#define REQ TT_FIELD_REQUIRED
#define KEY TT_FIELD_KEY
#define VALUE TT_FIELD_VALUE
#define WHOLE TT_FIELD_WHOLE
#define LEVEL TT_FIELD_LEVEL
#define MADE TT_FIELD_MADE

static const char *const node_pricing[] = { "on_demand", "spot", "reserved", "owned", NULL };
static const char *const pricing[] = { "on_demand", "spot", "commit_1y", "commit_3y", NULL };
static const char *const payment[] = { "none", "partial", "all", NULL };
static const char *const workload_kind[] = { "training", "inference", "notebook", "batch",
	"system", "unknown", NULL };
static const char *const gpu_sharing[] = { "none", "time_slice", "mps", "mig:", NULL };
static const char *const outcome[] = { "running", "succeeded", "failed", "cancelled",
	"preempted", "pending", NULL };
static const char *const commitment_kind[] = { "reserved_instance", "savings_plan",
	"committed_use", "capacity_block", NULL };
static const char *const autoscaler[] = { "none", "cluster_autoscaler", "karpenter", "other",
	NULL };

static const tt_field nodes[] = {
	TEXT(tt_node_row, node, REQ | KEY),
	TEXT(tt_node_row, cluster, 0),
	TEXT(tt_node_row, node_group, 0),
	TEXT(tt_node_row, provider, 0),
	TEXT(tt_node_row, region, 0),
	TEXT(tt_node_row, instance_type, 0),
	TEXT(tt_node_row, resource_id, 0),
	TEXT(tt_node_row, gpu_model, 0),
	F64(tt_node_row, gpus, WHOLE, 0, MOST_CARDS),
	F64(tt_node_row, gpu_memory_mib, 0, 0, MOST),
	F64(tt_node_row, cpus, 0, 0, MOST),
	F64(tt_node_row, memory_mib, 0, 0, MOST),
	WORD(tt_node_row, pricing, 0, node_pricing),
	DECIMAL(tt_node_row, price_per_hour, 0),
	TEXT(tt_node_row, taints, 0),
	TIME(tt_node_row, started_at, 0),
	TIME(tt_node_row, ended_at, 0),
	LABELS(tt_node_row, labels),
};

static const tt_field pods[] = {
	TEXT(tt_pod_row, pod, REQ | KEY),
	{ "namespace", TT_FIELD_TEXT, 0, offsetof(tt_pod_row, namespace_), 0, 0, NULL },
	TEXT(tt_pod_row, cluster, 0),
	TEXT(tt_pod_row, node, 0),
	TEXT(tt_pod_row, workload, 0),
	WORD(tt_pod_row, workload_kind, 0, workload_kind),
	F64(tt_pod_row, gpus, 0, 0, MOST_CARDS),
	WORD(tt_pod_row, gpu_sharing, 0, gpu_sharing),
	TEXT(tt_pod_row, gpu_model, 0),
	F64(tt_pod_row, cpus, 0, 0, MOST),
	F64(tt_pod_row, memory_mib, 0, 0, MOST),
	LABELS(tt_pod_row, node_selector),
	F64(tt_pod_row, priority, 0, -MOST, MOST),
	F64(tt_pod_row, restarts, WHOLE, 0, MOST),
	TIME(tt_pod_row, submitted_at, 0),
	TIME(tt_pod_row, started_at, 0),
	TIME(tt_pod_row, ended_at, 0),
	WORD(tt_pod_row, outcome, 0, outcome),
	LABELS(tt_pod_row, labels),
};

static const tt_field prices[] = {
	TEXT(tt_price_row, provider, KEY),
	TEXT(tt_price_row, region, KEY),
	TEXT(tt_price_row, instance_type, KEY),
	TEXT(tt_price_row, gpu_model, KEY),
	F64(tt_price_row, gpus, KEY, 0, MOST_CARDS),
	WORD(tt_price_row, pricing, REQ | KEY, pricing),
	WORD(tt_price_row, payment, KEY, payment),
	DECIMAL(tt_price_row, price_per_hour, REQ),
	DECIMAL(tt_price_row, upfront, 0),
	DECIMAL(tt_price_row, egress_per_gib, 0),
	F64(tt_price_row, interruptions_per_h, 0, 0, MOST),
	TIME(tt_price_row, as_of, KEY),
};

static const tt_field commitments[] = {
	TEXT(tt_commitment_row, commitment, REQ | KEY),
	WORD(tt_commitment_row, kind, 0, commitment_kind),
	TEXT(tt_commitment_row, provider, 0),
	TEXT(tt_commitment_row, region, 0),
	TEXT(tt_commitment_row, instance_type, 0),
	TEXT(tt_commitment_row, gpu_model, 0),
	F64(tt_commitment_row, units, 0, 0, MOST),
	DECIMAL(tt_commitment_row, commitment_per_hour, 0),
	TIME(tt_commitment_row, starts_at, 0),
	TIME(tt_commitment_row, ends_at, 0),
	WORD(tt_commitment_row, payment, 0, payment),
	DECIMAL(tt_commitment_row, upfront, 0),
	DECIMAL(tt_commitment_row, price_per_hour, 0),
};

static const tt_field demand[] = {
	TIME(tt_demand_row, time, REQ),
	TEXT(tt_demand_row, provider, KEY),
	TEXT(tt_demand_row, region, KEY),
	TEXT(tt_demand_row, instance_type, KEY),
	TEXT(tt_demand_row, gpu_model, KEY),
	TEXT(tt_demand_row, owner, KEY),
	F64(tt_demand_row, units, REQ | VALUE, 0, MOST),
};

static const tt_field traffic[] = {
	TIME(tt_traffic_row, time, REQ),
	TEXT(tt_traffic_row, workload, REQ | KEY),
	F64(tt_traffic_row, requests, VALUE, 0, MOST),
	F64(tt_traffic_row, input_tokens, VALUE, 0, MOST),
	F64(tt_traffic_row, output_tokens, VALUE, 0, MOST),
	F64(tt_traffic_row, cached_tokens, VALUE, 0, MOST),
	F64(tt_traffic_row, latency_p95_ms, VALUE | LEVEL, 0, MOST),
};

static const tt_field spot_availability[] = {
	TIME(tt_spot_row, time, REQ),
	TEXT(tt_spot_row, provider, KEY),
	TEXT(tt_spot_row, region, KEY),
	TEXT(tt_spot_row, zone, KEY),
	TEXT(tt_spot_row, instance_type, KEY),
	F64(tt_spot_row, available_units, REQ | VALUE | LEVEL, 0, MOST),
};

static const tt_field node_groups[] = {
	TEXT(tt_node_group_row, node_group, REQ | KEY),
	WORD(tt_node_group_row, autoscaler, 0, autoscaler),
	F64(tt_node_group_row, min_nodes, WHOLE, 0, MOST),
	F64(tt_node_group_row, max_nodes, WHOLE, 0, MOST),
	F64(tt_node_group_row, boot_s, 0, 0, MOST),
	F64(tt_node_group_row, drain_s, 0, 0, MOST),
	BOOL(tt_node_group_row, consolidates),
};

static const tt_field workloads[] = {
	TEXT(tt_workload_row, workload, REQ | KEY),
	WORD(tt_workload_row, workload_kind, 0, workload_kind),
	F64(tt_workload_row, min_replicas, WHOLE, 0, MOST),
	F64(tt_workload_row, max_replicas, WHOLE, 0, MOST),
	F64(tt_workload_row, slo_latency_ms, 0, 0, MOST),
	F64(tt_workload_row, capacity_per_replica, 0, 0, MOST),
	F64(tt_workload_row, model_size_mib, 0, 0, MOST),
	F64(tt_workload_row, image_size_mib, 0, 0, MOST),
	F64(tt_workload_row, checkpoint_interval_s, 0, 0, MOST),
	F64(tt_workload_row, checkpoint_s, 0, 0, MOST),
	F64(tt_workload_row, restart_s, 0, 0, MOST),
	BOOL(tt_workload_row, interruptible),
};

static const tt_field quotas[] = {
	TEXT(tt_quota_row, owner, REQ | KEY),
	TEXT(tt_quota_row, gpu_model, KEY),
	F64(tt_quota_row, gpus, REQ, 0, MOST_CARDS),
	TIME(tt_quota_row, starts_at, KEY),
	TIME(tt_quota_row, ends_at, 0),
};

static const tt_field budgets[] = {
	TEXT(tt_budget_row, owner, REQ | KEY),
	TIME(tt_budget_row, starts_at, KEY),
	TIME(tt_budget_row, ends_at, 0),
	DECIMAL(tt_budget_row, amount, REQ),
};

/* Revenue can be negative: a refund falls into the hour in which it is booked. */
static const tt_field revenue[] = {
	TIME(tt_revenue_row, time, REQ),
	TEXT(tt_revenue_row, workload, REQ | KEY),
	{ "amount", TT_FIELD_DECIMAL, REQ | VALUE, TT_FIELD_(tt_revenue_row, amount, tt_decimal),
	  -MOST, MOST, NULL },
};

static const tt_field volumes[] = {
	TEXT(tt_volume_row, volume, REQ | KEY),
	TEXT(tt_volume_row, owner, 0),
	F64(tt_volume_row, size_mib, 0, 0, MOST),
	TEXT(tt_volume_row, storage_class, 0),
	DECIMAL(tt_volume_row, price_per_hour, 0),
	TIME(tt_volume_row, last_read_at, 0),
	TIME(tt_volume_row, last_written_at, 0),
	TEXT(tt_volume_row, attached_to, 0),
};

static const char *const charge_category[] = { "Usage", "Purchase", "Tax", "Credit", "Adjustment",
	NULL };
static const char *const charge_class[] = { "Correction", NULL };
static const char *const discount_status[] = { "Used", "Unused", NULL };

/* All of a row is its key: what is there twice is equal in everything. */
static const tt_field charges[] = {
	TEXT(tt_charge_row, ResourceId, KEY),
	TIME(tt_charge_row, ChargePeriodStart, REQ | KEY),
	TIME(tt_charge_row, ChargePeriodEnd, REQ | KEY),
	WORD(tt_charge_row, ChargeCategory, REQ | KEY, charge_category),
	WORD(tt_charge_row, ChargeClass, KEY, charge_class),
	TEXT(tt_charge_row, ServiceCategory, KEY),
	TEXT(tt_charge_row, ServiceSubcategory, KEY),
	TEXT(tt_charge_row, ServiceName, KEY),
	TEXT(tt_charge_row, SkuMeter, KEY),
	TEXT(tt_charge_row, ChargeDescription, KEY),
	TEXT(tt_charge_row, RegionId, KEY),
	F64(tt_charge_row, ConsumedQuantity, KEY, -MOST, MOST),
	TEXT(tt_charge_row, ConsumedUnit, KEY),
	F64(tt_charge_row, PricingQuantity, KEY, -MOST, MOST),
	TEXT(tt_charge_row, PricingUnit, KEY),
	TEXT(tt_charge_row, CommitmentDiscountId, KEY),
	WORD(tt_charge_row, CommitmentDiscountStatus, KEY, discount_status),
	TEXT(tt_charge_row, BillingCurrency, REQ | KEY),
	{ "EffectiveCost", TT_FIELD_DECIMAL, REQ | KEY,
	  TT_FIELD_(tt_charge_row, EffectiveCost, tt_decimal), -MOST, MOST, NULL },
	{ "Tags", TT_FIELD_LABELS, KEY, TT_FIELD_(tt_charge_row, Tags, const char *), 0, 0, NULL },
	F64(tt_charge_row, record, REQ | KEY | WHOLE | MADE, 0, 9007199254740991),
};

#define TABLE(t, row, curve) { #t, sizeof(row), t, sizeof(t) / sizeof *(t), curve, 0 }
static const tt_table_def catalogue[TT_TABLE_COUNT] = {
	[TT_NODES] = TABLE(nodes, tt_node_row, 0),
	[TT_PODS] = TABLE(pods, tt_pod_row, 0),
	[TT_PRICES] = TABLE(prices, tt_price_row, 0),
	[TT_COMMITMENTS] = TABLE(commitments, tt_commitment_row, 0),
	[TT_DEMAND] = TABLE(demand, tt_demand_row, 1),
	[TT_TRAFFIC] = TABLE(traffic, tt_traffic_row, 1),
	[TT_SPOT_AVAILABILITY] = TABLE(spot_availability, tt_spot_row, 1),
	[TT_NODE_GROUPS] = TABLE(node_groups, tt_node_group_row, 0),
	[TT_WORKLOADS] = TABLE(workloads, tt_workload_row, 0),
	[TT_QUOTAS] = TABLE(quotas, tt_quota_row, 0),
	[TT_BUDGETS] = TABLE(budgets, tt_budget_row, 0),
	[TT_REVENUE] = TABLE(revenue, tt_revenue_row, 1),
	[TT_VOLUMES] = TABLE(volumes, tt_volume_row, 0),
	[TT_CHARGES] = { "charges", sizeof(tt_charge_row), charges,
		sizeof charges / sizeof *charges, 0, 1 },
};

const tt_table_def *tt_table_def_at(enum tt_table_id id)
{
	return &catalogue[id];
}

int tt_table_find(const char *name)
{
	for (int i = 0; i < TT_TABLE_COUNT; i++)
		if (strcmp(catalogue[i].name, name) == 0)
			return i;
	return -1;
}

/* --- Rows ------------------------------------------------------------------- */
int tt_rows_init(tt_rows *r, enum tt_table_id id, tt_err *err)
{
	*r = (tt_rows){ .def = &catalogue[id], .text = tt_arena_new() };
	if (!r->text)
		return tt_no_memory(err);
	return TT_OK;
}

void tt_rows_free(tt_rows *r)
{
	tt_free(r->p);
	tt_free(r->line);
	tt_arena_free(r->text);
	*r = (tt_rows){ .def = r->def };
}

static void set_missing(const tt_field *f, char *row)
{
	void *at = row + f->offset;
	switch (f->type) {
	case TT_FIELD_TEXT:
	case TT_FIELD_WORD:
	case TT_FIELD_LABELS:
		*(const char **)at = "";
		break;
	case TT_FIELD_F64:
	case TT_FIELD_BOOL:
		*(double *)at = (double)NAN;
		break;
	case TT_FIELD_TIME:
		*(int64_t *)at = TT_TIME_MISSING;
		break;
	case TT_FIELD_DECIMAL:
		*(tt_decimal *)at = TT_DECIMAL_MISSING;
		break;
	}
}

void *tt_rows_add(tt_rows *r, int64_t line)
{
	if (r->n == r->cap) {
		const size_t cap = r->cap ? 2 * r->cap : 64;
		char *p = tt_realloc(r->p, cap, r->def->row_size);
		if (!p)
			return NULL;
		r->p = p;
		r->cap = cap;
	}
	if (!TT_GROW(r->line, r->n, r->line_cap))
		return NULL;
	char *row = r->p + r->n * r->def->row_size;
	memset(row, 0, r->def->row_size);
	for (size_t i = 0; i < r->def->n_fields; i++)
		set_missing(&r->def->fields[i], row);
	r->line[r->n++] = line;
	return row;
}

/* --- Order ------------------------------------------------------------------ */
static int compare_f64(double a, double b)
{
	if (isnan(a) || isnan(b))
		return (isnan(a) ? 0 : 1) - (isnan(b) ? 0 : 1);
	return (a > b) - (a < b);
}

/* The missing time and decimal are the lowest of their type, "" the lowest text. */
int tt_field_compare(const tt_field *f, const void *a, const void *b)
{
	const void *x = (const char *)a + f->offset, *y = (const char *)b + f->offset;
	switch (f->type) {
	case TT_FIELD_TEXT:
	case TT_FIELD_WORD:
	case TT_FIELD_LABELS: {
		const char *s = *(const char *const *)x, *t = *(const char *const *)y;
		return s == t ? 0 : strcmp(s, t);
	}
	case TT_FIELD_F64:
	case TT_FIELD_BOOL:
		return compare_f64(*(const double *)x, *(const double *)y);
	case TT_FIELD_TIME: {
		const int64_t s = *(const int64_t *)x, t = *(const int64_t *)y;
		return (s > t) - (s < t);
	}
	case TT_FIELD_DECIMAL: {
		const tt_decimal s = *(const tt_decimal *)x, t = *(const tt_decimal *)y;
		return (s > t) - (s < t);
	}
	}
	return 0;
}

/* `time` of a curve is the first field of its table and belongs to the order by key. */
static int is_time_of_curve(const tt_table_def *d, size_t i)
{
	return d->curve && i == 0;
}

int tt_row_compare_key(const tt_table_def *d, const void *a, const void *b)
{
	for (size_t i = 0; i < d->n_fields; i++) {
		if (!(d->fields[i].flags & TT_FIELD_KEY))
			continue;
		const int c = tt_field_compare(&d->fields[i], a, b);
		if (c)
			return c;
	}
	return d->curve ? tt_field_compare(&d->fields[0], a, b) : 0;
}

int tt_row_compare_all(const tt_table_def *d, const void *a, const void *b)
{
	int c = tt_row_compare_key(d, a, b);
	for (size_t i = 0; c == 0 && i < d->n_fields; i++)
		if (!(d->fields[i].flags & TT_FIELD_KEY) && !is_time_of_curve(d, i))
			c = tt_field_compare(&d->fields[i], a, b);
	return c;
}

size_t tt_rows_find(const tt_rows *r, const char *name)
{
	size_t lo = 0, hi = r->n;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const char *key;
		memcpy(&key, r->p + mid * r->def->row_size, sizeof key);
		const int order = strcmp(key, name);
		if (order == 0)
			return mid;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return SIZE_MAX;
}

_Static_assert(offsetof(tt_node_row, node) == 0 && offsetof(tt_pod_row, pod) == 0
	&& offsetof(tt_workload_row, workload) == 0
	&& offsetof(tt_node_group_row, node_group) == 0, "tt_rows_find() takes the first field");

/* --- Values that a row may have ------------------------------------------------ */
static bool is_word(const char *s, const char *const *words)
{
	for (; *words; words++) {
		const size_t n = strlen(*words);
		if ((*words)[n - 1] == ':' ? strlen(s) > n && !memcmp(s, *words, n)
		                             && !strchr(s, ' ')
		                           : !strcmp(s, *words))
			return true;
	}
	return false;
}

static enum tt_field_fault check_f64(const tt_field *f, double v)
{
	if (v < f->min)
		return TT_FIELD_TOO_LOW;
	if (v > f->max)
		return TT_FIELD_TOO_HIGH;
	return f->flags & TT_FIELD_WHOLE && v != floor(v) ? TT_FIELD_NOT_WHOLE : TT_FIELD_FINE;
}

static enum tt_field_fault check_decimal(const tt_field *f, tt_decimal v)
{
	if (v < 0 && v < (tt_decimal)f->min * TT_DECIMAL_ONE)
		return TT_FIELD_TOO_LOW;
	return v >= (tt_decimal)f->max * TT_DECIMAL_ONE ? TT_FIELD_TOO_HIGH : TT_FIELD_FINE;
}

static bool is_missing(const tt_field *f, const void *row)
{
	const void *at = (const char *)row + f->offset;
	switch (f->type) {
	case TT_FIELD_TEXT:
	case TT_FIELD_WORD:
	case TT_FIELD_LABELS:
		return !**(const char *const *)at;
	case TT_FIELD_F64:
	case TT_FIELD_BOOL:
		return isnan(*(const double *)at);
	case TT_FIELD_TIME:
		return *(const int64_t *)at == TT_TIME_MISSING;
	case TT_FIELD_DECIMAL:
		return *(const tt_decimal *)at == TT_DECIMAL_MISSING;
	}
	return false;
}

enum tt_field_fault tt_field_check(const tt_field *f, const void *row)
{
	const void *at = (const char *)row + f->offset;
	if (is_missing(f, row))
		return f->flags & TT_FIELD_REQUIRED ? TT_FIELD_NEEDED : TT_FIELD_FINE;
	switch (f->type) {
	case TT_FIELD_TEXT:
	case TT_FIELD_LABELS:
		break;
	case TT_FIELD_WORD:
		return is_word(*(const char *const *)at, f->words) ? TT_FIELD_FINE
		                                                   : TT_FIELD_NO_WORD;
	case TT_FIELD_F64:
		return check_f64(f, *(const double *)at);
	case TT_FIELD_BOOL:
		return *(const double *)at == 0 || *(const double *)at == 1 ? TT_FIELD_FINE
		                                                            : TT_FIELD_NO_WORD;
	case TT_FIELD_TIME:
		return *(const int64_t *)at < 0 ? TT_FIELD_TOO_LOW
			: *(const int64_t *)at > TT_TIME_LAST ? TT_FIELD_TOO_HIGH : TT_FIELD_FINE;
	case TT_FIELD_DECIMAL:
		return check_decimal(f, *(const tt_decimal *)at);
	}
	return TT_FIELD_FINE;
}

static const tt_field *field_called(const tt_table_def *d, const char *name)
{
	for (size_t i = 0; i < d->n_fields; i++)
		if (strcmp(d->fields[i].name, name) == 0)
			return &d->fields[i];
	return NULL;
}

tt_field_pairs tt_table_pairs(const tt_table_def *d)
{
	static const struct { const char *low, *high, *relation; } pairs[] = {
		{ "started_at", "ended_at", "before" },
		{ "starts_at", "ends_at", "before" },
		{ "ChargePeriodStart", "ChargePeriodEnd", "before" },
		{ "submitted_at", "started_at", "before" },
		{ "submitted_at", "ended_at", "before" },
		{ "min_nodes", "max_nodes", "below" },
		{ "min_replicas", "max_replicas", "below" },
	};
	tt_field_pairs ret = { .n = 0 };

	_Static_assert(sizeof pairs / sizeof *pairs <= sizeof ret.v / sizeof *ret.v, "room");
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		const tt_field *low = field_called(d, pairs[i].low);
		const tt_field *high = field_called(d, pairs[i].high);

		if (low && high)
			ret.v[ret.n++] = (tt_field_pair){ low, high, pairs[i].relation };
	}
	return ret;
}

bool tt_row_contradicts(const tt_field_pair *p, const void *row)
{
	const void *low = (const char *)row + p->low->offset;
	const void *high = (const char *)row + p->high->offset;

	if (is_missing(p->low, row) || is_missing(p->high, row))
		return false;
	return p->low->type == TT_FIELD_TIME ? *(const int64_t *)high < *(const int64_t *)low
	                                     : *(const double *)high < *(const double *)low;
}

const tt_field *tt_row_check(const tt_table_def *d, const tt_field_pairs *pairs, const void *row)
{
	for (size_t i = 0; i < d->n_fields; i++)
		if (tt_field_check(&d->fields[i], row) != TT_FIELD_FINE)
			return &d->fields[i];
	for (size_t i = 0; i < pairs->n; i++)
		if (tt_row_contradicts(&pairs->v[i], row))
			return pairs->v[i].high;
	return NULL;
}

bool tt_pod_started(const tt_pod_row *p)
{
	return p->started_at != TT_TIME_MISSING
		|| (p->submitted_at == TT_TIME_MISSING && strcmp(p->outcome, "pending") != 0);
}
