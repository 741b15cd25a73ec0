/* host_fit - node groups whose CPUs and memory do not go with their cards.
 *
 * Rule: hosts of which `max_cpu_pct` of the CPUs and `max_memory_ratio` of the memory are used
 * at most, where the same card can be had with a smaller one; and hosts that are full while
 * their cards wait, where it can be had with a larger one.
 * Proposes: to go to that instance type.
 * Blind spot: what else comes with a host. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double max_cpu_pct, max_memory_ratio, max_cost_ratio, headroom_ratio;
	double min_starved_cpu_pct, min_starved_memory_ratio, max_activity_pct, min_larger_times;
	double min_coverage_ratio, min_alive_h;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, max_cpu_pct, "pct", 25, 1, 90,
	             "A host is too large up to this CPU use (95th percentile, of each node)."),
	TT_PARAM_F64(struct params, max_memory_ratio, "ratio", 0.4, 0.01, 0.95,
	             "A host is too large up to this share of its memory (highest, of each node)."),
	TT_PARAM_F64(struct params, max_cost_ratio, "ratio", 0.9, 0.05, 1,
	             "Nothing is said of a smaller host on which it would cost more of now."),
	TT_PARAM_F64(struct params, headroom_ratio, "ratio", 0.15, 0, 0.9,
	             "Share of the smaller host that what is used has to leave free."),
	TT_PARAM_F64(struct params, min_starved_cpu_pct, "pct", 90, 10, 100,
	             "A host is too small from this CPU use on (95th percentile, of each node)."),
	TT_PARAM_F64(struct params, min_starved_memory_ratio, "ratio", 0.95, 0.1, 1,
	             "A host is too small from this share of its memory on (highest)."),
	TT_PARAM_F64(struct params, max_activity_pct, "pct", 50, 1, 100,
	             "Cards wait for a host that is too small up to this mean activity."),
	TT_PARAM_F64(struct params, min_larger_times, "", 1.5, 1, 100,
	             "How many times as much a larger host has to have for each card."),
	TT_PARAM_F64(struct params, min_coverage_ratio, "ratio", 0.8, 0.1, 1,
	             "Nothing is said where less of the nodes' life was measured."),
	TT_PARAM_F64(struct params, min_alive_h, "h", 24, 1, 8760,
	             "Nodes that lived for less do not count."),
};

static const tt_need needs[] = {
	{ .metric = TT_CPU_UTIL_PCT, .required = 1 },
	{ .metric = TT_MEMORY_USED_MIB, .required = 1 },
	{ .table = "prices", .required = 1 },
};

static const tt_ground grounds[] = {
	{ "oversized", "p95_cpu_util_pct", "<=", "max_cpu_pct", TT_METRIC_NONE },
	{ "oversized", "memory_used_ratio", "<=", "max_memory_ratio", TT_METRIC_NONE },
	{ "oversized", "cost_ratio", "<=", "max_cost_ratio", TT_METRIC_NONE },
	{ "starved", "mean_activity_pct", "<=", "max_activity_pct", TT_METRIC_NONE },
	{ NULL, "coverage_ratio", ">=", "min_coverage_ratio", TT_METRIC_NONE },
};

struct host {                    /* of the group's nodes with cards: the largest of each */
	size_t nodes;
	double life_s, measured_s;
	double p95_pct, least_p95_pct, memory_ratio, least_memory_ratio;
	double cpus, memory_mib; /* used for each card: p95, highest         */
	double asked_cpus, asked_memory_mib; /* for each card; NaN: not known */
	double mean_pct;         /* activity of the cards; NaN               */
};

/* Not fmax(), which would pass over what is not known. */
static double larger(double a, double b)
{
	return a > b || isnan(a) ? a : b;
}

static int add_node(const tt_host *h, tt_call *c, const tt_group_node *n, struct host *to)
{
	tt_stats cpu, memory;
	int rc = h->stats(c, n->id, TT_CPU_UTIL_PCT, &cpu);
	int more = rc < 0 && rc != TT_ENODATA ? rc
		: h->stats(c, n->id, TT_MEMORY_USED_MIB, &memory);

	if (more < 0 && more != TT_ENODATA)
		return more;
	to->nodes++;
	to->life_s += (double)(n->to_s - n->from_s);
	to->asked_cpus = larger(to->asked_cpus, n->asked_cpus / n->cards);
	to->asked_memory_mib = larger(to->asked_memory_mib, n->asked_memory_mib / n->cards);
	if (rc < 0 || more < 0)
		return TT_OK;
	to->measured_s += fmin(cpu.measured_s, memory.measured_s);
	to->p95_pct = larger(to->p95_pct, cpu.p95);
	to->least_p95_pct = fmin(to->least_p95_pct, cpu.p95);
	to->memory_ratio = larger(to->memory_ratio, memory.max / n->memory_mib);
	to->least_memory_ratio = fmin(to->least_memory_ratio, memory.max / n->memory_mib);
	to->cpus = larger(to->cpus, cpu.p95 / 100 * n->cpus / n->cards);
	to->memory_mib = larger(to->memory_mib, memory.max / n->cards);
	return TT_OK;
}

static int look(const tt_host *h, tt_call *c, const struct params *p, const tt_subject *subject,
                const tt_group *group, struct host *to)
{
	const tt_group_nodes *nodes = h->nodes(c, subject);
	double sum = 0, s = 0;

	if (!nodes)
		return TT_ENOMEM;
	*to = (struct host){ .least_p95_pct = INFINITY, .least_memory_ratio = INFINITY };
	for (size_t i = 0; i < nodes->n; i++) {
		const tt_group_node *n = nodes->v[i];
		int rc = n->cards > 0 && (double)(n->to_s - n->from_s) >= p->min_alive_h * 3600 ?
			add_node(h, c, n, to) : TT_OK;

		if (rc < 0)
			return rc;
	}
	for (size_t i = 0; i < group->n_hours; i++) {
		if (!(group->hours[i].measured_s > 0))
			continue;
		sum += group->hours[i].mean_pct * group->hours[i].measured_s;
		s += group->hours[i].measured_s;
	}
	to->mean_pct = s > 0 ? sum / s : (double)NAN;
	return TT_OK;
}

static double card_micro(const tt_type *t)
{
	return t->price_per_hour_micro == TT_MONEY_UNKNOWN ? (double)NAN
		: (double)t->price_per_hour_micro / t->gpus;
}

/* Whether what is used has room there, with headroom, and what pods ask for. */
static int holds(const struct params *p, const struct host *at, const tt_type *t)
{
	double free = 1 - p->headroom_ratio;

	return t->cpus / t->gpus * free >= at->cpus && t->memory_mib / t->gpus * free >=
		at->memory_mib && t->cpus / t->gpus >= at->asked_cpus &&
		t->memory_mib / t->gpus >= at->asked_memory_mib;
}

/* Of the types with the same card, by price, the first that is as it should be and can be
 * gone to; NULL: none. */
static int find_type(const tt_host *h, tt_call *c, const struct params *p,
                     const tt_subject *subject, const struct host *at, const tt_types *types,
                     int starved, const tt_type **ret, const char **ret_change,
                     const tt_tried **ret_tried)
{
	const tt_type *here = &types->here;
	double cpus = here->cpus / here->gpus, memory_mib = here->memory_mib / here->gpus;

	*ret = NULL;
	for (size_t i = 0; i < types->n && !*ret; i++) {
		const tt_type *t = &types->v[i];
		int larger_cpus = t->cpus / t->gpus >= p->min_larger_times * cpus;
		int larger_memory = t->memory_mib / t->gpus >= p->min_larger_times * memory_mib;
		int rc;

		if (!t->same_gpu || strcmp(t->instance_type, here->instance_type) == 0 ||
		    !holds(p, at, t))
			continue;
		if (starved ? (at->p95_pct >= p->min_starved_cpu_pct && !larger_cpus) ||
		              (at->memory_ratio >= p->min_starved_memory_ratio && !larger_memory)
			    : !(card_micro(t) <= p->max_cost_ratio * card_micro(here)))
			continue;
		*ret_change = h->text(c, "retype %s instance_type=%s",
		                      h->subject(c, "", "node_group", subject->id),
		                      h->quote(c, t->instance_type));
		rc = h->tried(c, *ret_change, ret_tried);
		if (rc < 0)
			return rc;
		if (!*(*ret_tried)->why_not && (*ret_tried)->nodes &&
		    (starved || (double)(*ret_tried)->after_micro <= p->max_cost_ratio *
		                (double)(*ret_tried)->before_micro))
			*ret = t;
	}
	return TT_OK;
}

static int report(const tt_host *h, tt_call *c, const struct params *p, const tt_subject *subject,
                  const tt_group *group, const struct host *at, const tt_type *here,
                  const tt_type *there, const char *change, const tt_tried *t, int starved)
{
	double coverage = fmin(1, at->measured_s / at->life_s);
	double window_s = (double)(subject->window->end_s - subject->window->start_s);
	double cost_ratio = (double)t->after_micro / (double)t->before_micro;
	const tt_evidence evidence[] = {
		{ "nodes", (double)at->nodes, NULL },
		{ "instance_type", 0, here->instance_type },
		{ "then_instance_type", 0, there->instance_type },
		{ "p95_cpu_util_pct", at->p95_pct, NULL },
		{ "memory_used_ratio", at->memory_ratio, NULL },
		{ "mean_activity_pct", at->mean_pct, NULL },
		{ "cpus_per_card", here->cpus / here->gpus, NULL },
		{ "used_cpus_per_card", at->cpus, NULL },
		{ "asked_cpus_per_card", at->asked_cpus, NULL },
		{ "then_cpus_per_card", there->cpus / there->gpus, NULL },
		{ "memory_per_card_mib", here->memory_mib / here->gpus, NULL },
		{ "used_memory_per_card_mib", at->memory_mib, NULL },
		{ "asked_memory_per_card_mib", at->asked_memory_mib, NULL },
		{ "then_memory_per_card_mib", there->memory_mib / there->gpus, NULL },
		{ "price_per_card_h", card_micro(here) / 1e6, NULL },
		{ "then_price_per_card_h", card_micro(there) / 1e6, NULL },
		{ starved ? "cost_times" : "cost_ratio", cost_ratio, NULL },
		{ "coverage_ratio", coverage, NULL },
	};

	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = starved ? "starved" : "oversized",
		.title = h->text(c, "%zu nodes of %s (%s) use up to %.0f %% of their CPUs (p95) "
		                 "and %.0f %% of their memory%s; %s has the same card for %.0f %% "
		                 "of the price, coverage %.0f %%", at->nodes, subject->id,
		                 here->instance_type, at->p95_pct, 100 * at->memory_ratio,
		                 starved ? ", and their cards wait" : "", there->instance_type,
		                 100 * card_micro(there) / card_micro(here), 100 * coverage),
		.subject_kind = "node_group", .subject_id = subject->id, .owner = group->owner,
		.spend_concerned_micro = t->before_micro, .coverage_ratio = coverage,
		.confidence_ratio = h->confidence(c, coverage, window_s,
			starved ? at->mean_pct / p->max_activity_pct
				: at->p95_pct / p->max_cpu_pct),
		.effort_days = 1, .risk = TT_RISK_LOW, .risk_note = "",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &change, .n_changes = 1,
	});
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const struct params *p = params_;
	const char *change = "";
	const tt_types *types;
	const tt_tried *t = NULL;
	const tt_type *there = NULL;
	struct host at = { 0 };
	tt_group group;
	int starved, rc = h->group(c, subject, &group);

	if (rc == TT_OK)
		rc = look(h, c, p, subject, &group, &at);
	if (rc < 0 || !at.nodes)
		return rc < 0 ? rc : TT_NOT_ABOUT;
	if (!(at.measured_s >= p->min_coverage_ratio * at.life_s))
		return h->fail(c, TT_ENODATA, "CPU and memory of no group of nodes with cards were "
		               "measured for %.0f %% of their life", 100 * p->min_coverage_ratio);
	starved = (at.least_p95_pct >= p->min_starved_cpu_pct ||
	           at.least_memory_ratio >= p->min_starved_memory_ratio) &&
	          at.mean_pct <= p->max_activity_pct;
	if (!starved && !(at.p95_pct <= p->max_cpu_pct && at.memory_ratio <= p->max_memory_ratio))
		return TT_OK;
	rc = h->types(c, subject, &types);
	if (rc == TT_OK)
		rc = find_type(h, c, p, subject, &at, types, starved, &there, &change, &t);
	if (rc < 0 || !there)
		return rc;
	return report(h, c, p, subject, &group, &at, &types->here, there, change, t, starved);
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "host_fit", .version = "1.0.0",
	          .summary = "CPUs and memory that do not go with the cards of a node group",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_NODE_GROUP,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
