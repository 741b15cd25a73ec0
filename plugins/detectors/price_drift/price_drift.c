/* price_drift - nodes that cost more than the same costs today.
 *
 * Rule: what is paid for a node lies above the price that prices.csv lists for it (the list, or
 * what was negotiated), or another type with the same cards and no less of the rest is listed
 * for less: an old generation.
 * Proposes: reprice to the listed price; retype to the other type.
 * Blind spot: what a price includes. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double min_above_ratio, min_generation_ratio, min_node_h;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, min_above_ratio, "ratio", 0.03, 0.001, 1,
	             "Nothing is said where less of what is paid is above the listed price."),
	TT_PARAM_F64(struct params, min_generation_ratio, "ratio", 0.1, 0.001, 1,
	             "Another type is proposed where it costs so much less."),
	TT_PARAM_F64(struct params, min_node_h, "h", 168, 0, 1e9,
	             "Nothing is said of nodes that were there for less, together."),
};

static const tt_need needs[] = {
	{ .table = "nodes", .required = 1 },
	{ .table = "prices", .required = 1 },
};

static const tt_ground grounds[] = {
	{ "above_list", "above_ratio", ">=", "min_above_ratio", TT_METRIC_NONE },
	{ "old_generation", "saved_ratio", ">=", "min_generation_ratio", TT_METRIC_NONE },
};

struct look {
	const tt_host *h;
	tt_call *c;
	const struct params *p;
	const tt_price *const *prices; size_t n_prices;
	const tt_node_pool *const *pools; size_t n_pools;
};

static int is_there(const tt_price *o, const tt_node_pool *p)
{
	return strcmp(o->provider, p->provider) == 0 && strcmp(o->region, p->region) == 0 &&
	       strcmp(o->pricing, p->pricing) == 0 && o->price_per_hour > 0 &&
	       (!*o->gpu_model || strcmp(o->gpu_model, p->gpu_model) == 0);
}

static int emit(struct look *l, const tt_node_pool *p, tt_finding *f, const char *change,
                double ratio, double threshold)
{
	f->size = sizeof *f;
	f->subject_kind = p->subject_kind;
	f->subject_id = p->subject_id;
	f->owner = p->owner;
	f->spend_concerned_micro = p->cost_micro;
	f->coverage_ratio = 1;
	f->confidence_ratio = l->h->confidence(l->c, 1, 604800, threshold / ratio);
	f->changes = &change;
	f->n_changes = 1;
	return l->h->emit(l->c, f);
}

/* --- The same, listed for less --------------------------------------------------------- */

static int look_at_list(struct look *l, const tt_node_pool *p, const tt_price *o)
{
	const double above = 1 - o->price_per_hour / p->price_per_hour;
	const tt_evidence evidence[] = {
		{ "paid_per_hour", p->price_per_hour, NULL },
		{ "listed_per_hour", o->price_per_hour, NULL },
		{ "above_ratio", above, NULL },
		{ "paid_from", 0, p->price_from },
		{ "pricing", 0, p->pricing },
		{ "nodes", (double)p->n_nodes, NULL },
		{ "node_h", p->alive_h, NULL },
	};

	if (!(above > 0) || above < l->p->min_above_ratio)
		return TT_OK;
	return emit(l, p, &(tt_finding){
		.verdict = "above_list",
		.title = l->h->text(l->c, "%zu node%s %s %s %.4g an hour each (%s), listed for "
		                    "%.4g: %.0f %% above", p->n_nodes, p->n_nodes == 1 ? "" : "s",
		                    p->instance_type, p->n_nodes == 1 ? "costs" : "cost",
		                    p->price_per_hour, p->price_from, o->price_per_hour,
		                    100 * (p->price_per_hour / o->price_per_hour - 1)),
		.effort_days = 0.5, .risk = TT_RISK_NONE,
		.risk_note = "what was agreed with the seller decides",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
	}, l->h->text(l->c, "reprice %s price_per_hour=%s", p->nodes, o->price), above,
	   l->p->min_above_ratio);
}

/* --- Another type with the same cards -------------------------------------------------- */

/* What nodes of that type have; NULL: the fleet has none there. */
static const tt_node_pool *seen(const struct look *l, const tt_price *o)
{
	for (size_t i = 0; i < l->n_pools; i++)
		if (strcmp(l->pools[i]->provider, o->provider) == 0 &&
		    strcmp(l->pools[i]->instance_type, o->instance_type) == 0)
			return l->pools[i];
	return NULL;
}

/* With the same cards, and at least as many CPUs and as much memory. */
static int is_as_good(const struct look *l, const tt_price *o, const tt_node_pool *p)
{
	const tt_node_pool *there = seen(l, o);

	return there && *p->gpu_model && strcmp(there->gpu_model, p->gpu_model) == 0 &&
	       there->gpus == p->gpus && there->cpus >= p->cpus &&
	       there->memory_mib >= p->memory_mib;
}

static int look_at_types(struct look *l, const tt_node_pool *p)
{
	const tt_price *best = NULL;
	const tt_tried *t;
	const char *change;
	double saved;
	int rc;

	for (size_t i = 0; i < l->n_prices; i++) {
		const tt_price *o = l->prices[i];

		if (is_there(o, p) && strcmp(o->instance_type, p->instance_type) != 0 &&
		    is_as_good(l, o, p) && o->price_per_hour < (best ? best->price_per_hour
		                                                : p->price_per_hour))
			best = o;
	}
	saved = best ? 1 - best->price_per_hour / p->price_per_hour : 0;
	if (!best || saved < l->p->min_generation_ratio)
		return TT_OK;
	change = l->h->text(l->c, "retype %s instance_type=%s", p->nodes,
	                    l->h->quote(l->c, best->instance_type));
	rc = l->h->tried(l->c, change, &t);
	if (rc < 0 || *t->why_not || t->after_micro >= t->before_micro)
		return rc;

	const tt_evidence evidence[] = {
		{ "paid_per_hour", p->price_per_hour, NULL },
		{ "there_per_hour", best->price_per_hour, NULL },
		{ "there_instance_type", 0, best->instance_type },
		{ "saved_ratio", saved, NULL },
		{ "cpus", p->cpus, NULL },
		{ "there_cpus", seen(l, best)->cpus, NULL },
		{ "nodes", (double)p->n_nodes, NULL },
		{ "node_h", p->alive_h, NULL },
	};

	return emit(l, p, &(tt_finding){
		.verdict = "old_generation",
		.title = l->h->text(l->c, "%zu node%s %s at %.4g an hour: %s has the same cards, "
		                    "no less of the rest, and costs %.4g", p->n_nodes,
		                    p->n_nodes == 1 ? "" : "s", p->instance_type,
		                    p->price_per_hour, best->instance_type, best->price_per_hour),
		.effort_days = 2, .risk = TT_RISK_LOW,
		.risk_note = "what runs there starts again on other nodes",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
	}, change, saved, l->p->min_generation_ratio);
}

static int look_at(struct look *l, const tt_node_pool *p)
{
	const tt_price *listed = NULL;
	int rc = TT_OK;

	if ((strcmp(p->pricing, "on_demand") != 0 && strcmp(p->pricing, "spot") != 0) ||
	    !(p->price_per_hour > 0) || p->alive_h < l->p->min_node_h)
		return TT_OK; /* reserved and owned ones keep their price */
	for (size_t i = 0; i < l->n_prices; i++) /* of several ways to pay the highest price */
		if (is_there(l->prices[i], p) &&
		    strcmp(l->prices[i]->instance_type, p->instance_type) == 0 &&
		    (!listed || l->prices[i]->price_per_hour > listed->price_per_hour))
			listed = l->prices[i];
	if (listed)
		rc = look_at_list(l, p, listed);
	return rc == TT_OK ? look_at_types(l, p) : rc;
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	struct look l = { .h = h, .c = c, .p = params_ };
	int rc = h->prices(c, &l.prices, &l.n_prices);

	(void)subject;
	if (rc == TT_OK)
		rc = h->pools(c, 0, NULL, 0, &l.pools, &l.n_pools);
	for (size_t i = 0; rc == TT_OK && i < l.n_pools; i++)
		rc = look_at(&l, l.pools[i]);
	return rc;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "price_drift", .version = "1.0.0",
	          .summary = "Nodes that cost more than the same is listed for today",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_FLEET,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
