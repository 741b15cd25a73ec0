#include "report/provenance.h"
#include "snapshot/metrics.h"
#include <stdio.h>
#include <string.h>

/* --- Evidence ----------------------------------------------------------------------- *
 * Evidence about a metric is called STATISTIC_METRIC, "p99_activity_pct"; a share of what
 * there is ends in _ratio instead, "max_fb_used_ratio". */

static const struct { const char *prefix, *text; } statistics[] = {
	{ "p50_", "median by time" }, { "p95_", "p95 by time" }, { "p99_", "p99 by time" },
	{ "mean_", "mean by time" }, { "min_", "lowest reading" }, { "max_", "highest reading" },
};

static const char *column_of(const tt_explanation *e, int metric)
{
	const tt_metric_def *def;
	int seen = TT_METRIC_NONE;

	if (metric == TT_ACTIVITY_PCT) { /* resolved card by card */
		for (size_t i = 0; i < e->reach.n_carriers; i++) {
			const tt_carrier *k = &e->audit->snapshot->carriers[e->reach.carriers[i]];
			int is = tt_snapshot_activity(e->audit->snapshot, k);

			if (is == TT_METRIC_NONE || is == seen)
				continue;
			if (seen != TT_METRIC_NONE)
				return "sm_active_ratio or gpu_util_pct";
			seen = is;
		}
		metric = seen;
	}
	def = tt_metric_def_at(metric);
	return def ? def->column : "";
}

/* The metric that the rest of a key names, by its own name, its column's, or with _ratio
 * for the unit; *ret_share then. */
static int metric_of(const char *rest, int *ret_share)
{
	size_t n = strlen(rest);

	*ret_share = 0;
	if (strcmp(rest, "activity_pct") == 0)
		return TT_ACTIVITY_PCT;
	for (size_t i = 0; i < TT_METRIC_DEFS; i++)
		if (strcmp(tt_metrics[i].name, rest) == 0 ||
		    strcmp(tt_metrics[i].column, rest) == 0)
			return tt_metrics[i].metric;
	if (n <= 6 || strcmp(rest + n - 6, "_ratio") != 0)
		return TT_METRIC_NONE;
	n -= 6;
	for (size_t i = 0; i < TT_METRIC_DEFS; i++) {
		if (strncmp(tt_metrics[i].name, rest, n) == 0 && tt_metrics[i].name[n] == '_') {
			*ret_share = 1;
			return tt_metrics[i].metric;
		}
	}
	return TT_METRIC_NONE;
}

static int trace_evidence(const tt_explanation *e, const tt_found_evidence *v, const char **ret,
                          tt_err *err)
{
	const char *key = v->key;
	char text[160] = "";

	for (size_t i = 0; i < sizeof statistics / sizeof *statistics; i++) {
		size_t n = strlen(statistics[i].prefix);
		int share, metric;

		if (strncmp(key, statistics[i].prefix, n) != 0)
			continue;
		metric = metric_of(key + n, &share);
		if (metric != TT_METRIC_NONE && *column_of(e, metric))
			snprintf(text, sizeof text, "%s of %s%s", statistics[i].text,
			         column_of(e, metric), share ? ", as a share" : "");
	}
	if (tt_told_as_param(e, v))
		snprintf(text, sizeof text, "parameter");
	*ret = tt_arena_text(e->arena, text, strlen(text));
	return *ret ? TT_OK : tt_no_memory(err);
}

/* --- Tables ---------------------------------------------------------------------------- */

static void add(tt_explanation *e, tt_told_source s)
{
	if (s.rows > 0 && s.used)
		e->sources[e->n_sources++] = s;
}

static void add_table(tt_explanation *e, enum tt_table_id id, size_t used, const char *as)
{
	const tt_rows *t = &e->audit->snapshot->table[id];

	add(e, (tt_told_source){ t->def->name, t->file, (int64_t)t->n, (int64_t)used, as });
}

static void add_usage(tt_explanation *e)
{
	const tt_snapshot *s = e->audit->snapshot;
	const tt_metric_def *def = tt_metric_def_at(e->course.metric);
	int of_node = def && def->of_node;
	int64_t n = 0;

	for (size_t i = 0; i < e->course.n_carriers; i++)
		n += e->course.carriers[i].n;
	if (e->course.kind == TT_COURSE_METRIC)
		add(e, (tt_told_source){ of_node ? "node_usage" : "gpu_usage",
		                         of_node ? s->node_usage_file : s->usage_file,
		                         of_node ? s->node_usage_rows : s->usage_rows, n,
		                         "reading" });
	else if (e->reach.n_carriers && s->usage_has_pods)
		add(e, (tt_told_source){ "gpu_usage", s->usage_file, s->usage_rows,
		                         (int64_t)e->reach.n_carriers, "card" });
}

/* Where in a table of prices the price of a node stands. */
static int same_price(const tt_bill *b, uint32_t a, uint32_t c)
{
	const tt_node_row *x = tt_node_at(b->snapshot, a), *y = tt_node_at(b->snapshot, c);

	return b->nodes[a].price_per_hour == b->nodes[c].price_per_hour &&
	       strcmp(b->nodes[a].price_from, b->nodes[c].price_from) == 0 &&
	       strcmp(x->instance_type, y->instance_type) == 0 &&
	       strcmp(x->pricing, y->pricing) == 0 && strcmp(x->region, y->region) == 0;
}

static int add_prices(tt_explanation *e, tt_err *err)
{
	e->prices = tt_arena_alloc(e->arena, (e->reach.n_nodes + 1) * sizeof *e->prices);
	if (!e->prices)
		return tt_no_memory(err);
	for (size_t i = 0; i < e->reach.n_nodes; i++) {
		size_t k = 0;

		while (k < e->n_prices &&
		       !same_price(e->audit->bill, e->prices[k].node, e->reach.nodes[i]))
			k++;
		if (k == e->n_prices)
			e->prices[e->n_prices++].node = e->reach.nodes[i];
		e->prices[k].nodes++;
	}
	return TT_OK;
}

static size_t prices_of(const tt_explanation *e, const char *file)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_prices; i++)
		n += strncmp(e->audit->bill->nodes[e->prices[i].node].price_from, file,
		             strlen(file)) == 0;
	return n;
}

int tt_provenance_make(tt_explanation *e, tt_err *err)
{
	const tt_found *f = e->ranked->found;

	e->evidence_from = tt_arena_alloc(e->arena, (f->n_evidence + 1) * sizeof(char *));
	e->sources = tt_arena_alloc(e->arena, (TT_TABLE_COUNT + 2) * sizeof *e->sources);
	if (!e->evidence_from || !e->sources)
		return tt_no_memory(err);
	for (size_t i = 0; i < f->n_evidence; i++)
		TT_TRY(trace_evidence(e, &f->evidence[i], &e->evidence_from[i], err));
	TT_TRY(add_prices(e, err));
	add_usage(e);
	add_table(e, TT_NODES, e->reach.n_nodes, "node");
	add_table(e, TT_PODS, e->reach.n_pods, "pod");
	add_table(e, TT_PRICES, prices_of(e, "prices.csv"), "price");
	add_table(e, TT_COMMITMENTS, prices_of(e, "commitments.csv"), "price");
	return TT_OK;
}
