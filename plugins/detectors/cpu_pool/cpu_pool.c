/* cpu_pool - CPU nodes that do next to nothing, and GPU nodes that only CPU pods keep.
 *
 * Rule: a node group without cards whose CPUs are used for less than `busy_below_pct` at p95
 * (`slack`); a node whose cards nobody has held or used for `min_kept_h`, with pods without
 * cards on it (`kept`).
 * Proposes: as few nodes as use and requests take; release of the node that is kept, where
 * a CPU node has room for its pods.
 * Blind spot: CPU nodes that are there for memory, disks or network. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double busy_below_pct, target_ratio, keep_nodes, min_kept_h, min_coverage_ratio;
	double min_alive_h;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, busy_below_pct, "pct", 5, 0.1, 100,
	             "A CPU pool has slack when its use at p95 is below this."),
	TT_PARAM_F64(struct params, target_ratio, "ratio", 0.5, 0.01, 1,
	             "Use at p95 that the nodes which stay are sized for."),
	TT_PARAM_F64(struct params, keep_nodes, "", 2, 1, 1000000,
	             "No pool is proposed to have fewer nodes, as long as pods are on it."),
	TT_PARAM_F64(struct params, min_kept_h, "h", 24, 1, 8760,
	             "A node is kept by CPU pods when its cards were free for this long."),
	TT_PARAM_F64(struct params, min_coverage_ratio, "ratio", 0.8, 0.1, 1,
	             "Nothing is said of nodes that were measured for a smaller share."),
	TT_PARAM_F64(struct params, min_alive_h, "h", 24, 1, 8760,
	             "Nothing is said of a pool with a node that was there for less."),
};

static const tt_need needs[] = {
	{ .table = "nodes", .required = 1 },
	{ .table = "pods", .required = 1 },
	{ .metric = TT_CPU_UTIL_PCT },
};

static const tt_ground grounds[] = {
	{ "slack", "p95_cpu_pct", "<", "busy_below_pct", TT_METRIC_NONE },
	{ "slack", "coverage_ratio", ">=", "min_coverage_ratio", TT_METRIC_NONE },
	{ "kept", "kept_h", ">=", "min_kept_h", TT_METRIC_NONE },
	{ "kept", "coverage_ratio", ">=", "min_coverage_ratio", TT_METRIC_NONE },
};

/* What is asked for on a node, with what this call would move there. */
struct asked { double cpus, memory_mib; };

struct fleet {
	const tt_group_nodes *g;
	struct asked *asked;     /* [g->n] */
	size_t n_looked, n_unknown;
};

struct pool {
	size_t n;                /* nodes that are there at the end */
	double cpus, memory_mib; /* of all of them; NaN not known of one */
	double least_cpus, least_memory_mib; /* of one */
	double p95_cpus, max_pct, coverage_ratio, alive_s;
	struct asked asked;
	size_t n_other_pods;
	int64_t cost_micro;
	const char *owner;
};

static int is_of_pool(const tt_group_node *n)
{
	return !(n->cards > 0) && !n->went && *n->node_group;
}

static int64_t plus(int64_t a, int64_t b)
{
	return a == TT_MONEY_UNKNOWN || b == TT_MONEY_UNKNOWN ? TT_MONEY_UNKNOWN : a + b;
}

/* The nodes [i, end) of a group. */
static struct pool sum(const tt_host *h, tt_call *c, const struct fleet *f, size_t i, size_t end)
{
	struct pool p = { .least_cpus = (double)INFINITY, .least_memory_mib = (double)INFINITY,
		          .coverage_ratio = 1, .alive_s = (double)INFINITY, .owner = "" };

	for (; i < end; i++) {
		const tt_group_node *n = f->g->v[i];
		double alive_s = (double)(n->to_s - n->from_s);
		tt_stats cpu;

		if (!is_of_pool(n))
			continue;
		h->stats(c, n->id, TT_CPU_UTIL_PCT, &cpu);
		p.owner = !p.n++ ? n->owner : strcmp(p.owner, n->owner) == 0 ? n->owner : "";
		p.cpus += n->cpus;
		p.memory_mib += n->memory_mib;
		p.least_cpus = fmin(p.least_cpus, n->cpus);
		p.least_memory_mib = fmin(p.least_memory_mib, n->memory_mib);
		p.p95_cpus += cpu.p95 / 100 * n->cpus;
		p.max_pct = fmax(p.max_pct, cpu.max);
		p.coverage_ratio = fmin(p.coverage_ratio,
		                        cpu.measured_s > 0 ? cpu.measured_s / alive_s : 0);
		p.alive_s = fmin(p.alive_s, alive_s);
		p.asked.cpus += f->asked[i].cpus;
		p.asked.memory_mib += f->asked[i].memory_mib;
		p.n_other_pods += n->n_other_pods;
		p.cost_micro = plus(p.cost_micro, n->cost_micro);
	}
	return p;
}

/* As few nodes as what is used and what is asked for take; NaN where one is not known. */
static double nodes_needed(const struct params *p, const struct pool *o)
{
	double used = o->p95_cpus / p->target_ratio / o->least_cpus;
	double cpus = o->asked.cpus / o->least_cpus;
	double memory = o->asked.memory_mib / o->least_memory_mib;

	if (isnan(used + cpus + memory))
		return (double)NAN;
	if (!o->n_other_pods && !(o->asked.cpus > 0))
		return 0;
	return fmax(p->keep_nodes, ceil(fmax(used, fmax(cpus, memory)) - 1e-9));
}

static int report_pool(const tt_host *h, tt_call *c, const struct params *p, const char *group,
                       const struct pool *o)
{
	double p95_pct = 100 * o->p95_cpus / o->cpus, need = nodes_needed(p, o);
	const char *what = h->subject(c, "", "node_group", group);
	const char *change = need > 0 ? h->text(c, "resize %s nodes=%.0f", what, need)
		: h->text(c, "release %s", what);
	const tt_evidence evidence[] = {
		{ "nodes", (double)o->n, NULL },
		{ "nodes_needed", need, NULL },
		{ "p95_cpu_pct", p95_pct, NULL },
		{ "max_cpu_pct", o->max_pct, NULL },
		{ "cpus", o->cpus, NULL },
		{ "asked_cpus", o->asked.cpus, NULL },
		{ "memory_mib", o->memory_mib, NULL },
		{ "asked_memory_mib", o->asked.memory_mib, NULL },
		{ "pods", (double)o->n_other_pods, NULL },
		{ "coverage_ratio", o->coverage_ratio, NULL },
	};
	int fewer = need < (double)o->n;

	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = "slack",
		.title = h->text(c, "CPU pool %s (%zu node%s): p95 of CPU use %.1f %%, its pods "
		                 "ask for %.0f %% of the CPUs, coverage %.0f %%", group, o->n,
		                 o->n == 1 ? "" : "s", p95_pct, 100 * o->asked.cpus / o->cpus,
		                 100 * o->coverage_ratio),
		.subject_kind = "node_group", .subject_id = group, .owner = o->owner,
		.spend_concerned_micro = o->cost_micro, .coverage_ratio = o->coverage_ratio,
		.confidence_ratio = h->confidence(c, o->coverage_ratio, o->alive_s,
		                                  p95_pct / p->busy_below_pct),
		.effort_days = 0.5, .risk = TT_RISK_LOW,
		.risk_note = fewer ? "" : isnan(need) ? "what its pods ask for is not known"
			: "what its pods ask for keeps the nodes: lower their requests first",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &change, .n_changes = fewer != 0,
	});
}

static int look_at_pool(const tt_host *h, tt_call *c, const struct params *p, struct fleet *f,
                        size_t i, size_t end)
{
	struct pool o = sum(h, c, f, i, end);

	if (!o.n)
		return TT_OK;
	if (!(o.coverage_ratio >= p->min_coverage_ratio) || o.alive_s < p->min_alive_h * 3600 ||
	    isnan(o.cpus)) {
		f->n_unknown++;
		return TT_OK;
	}
	f->n_looked++;
	o.coverage_ratio = fmin(1, o.coverage_ratio);
	return 100 * o.p95_cpus < p->busy_below_pct * o.cpus
		? report_pool(h, c, p, f->g->v[i]->node_group, &o) : TT_OK;
}

/* A CPU node that has room for all that is on `kept`; g->n when there is none. */
static size_t find_room(const struct fleet *f, const tt_group_node *kept)
{
	for (size_t i = 0; i < f->g->n; i++) {
		const tt_group_node *n = f->g->v[i];

		if (is_of_pool(n) && f->asked[i].cpus + kept->other_cpus <= n->cpus &&
		    f->asked[i].memory_mib + kept->other_memory_mib <= n->memory_mib)
			return i;
	}
	return f->g->n;
}

static int report_kept(const tt_host *h, tt_call *c, const struct params *p,
                       const tt_subject *subject, struct fleet *f, const tt_group_node *n)
{
	size_t room = find_room(f, n);
	int fits = room < f->g->n;
	double kept_s = (double)(n->to_s - n->idle_since_s);
	const char *what = h->subject(c, "", "node", n->id);
	const char *change = n->idle_since_s > subject->window->start_s
		? h->text(c, "release %s from=%s", what, h->time(c, n->idle_since_s))
		: h->text(c, "release %s", what);
	const tt_evidence evidence[] = {
		{ "cards", n->cards, NULL },
		{ "kept_h", kept_s / 3600, NULL },
		{ "other_pods", (double)n->n_other_pods, NULL },
		{ "other_cpus", n->other_cpus, NULL },
		{ "other_memory_mib", n->other_memory_mib, NULL },
		{ "room_on_node", 0, fits ? f->g->v[room]->id : "none that is known" },
		{ "coverage_ratio", n->idle_coverage_ratio, NULL },
	};

	if (fits) {
		f->asked[room].cpus += n->other_cpus;
		f->asked[room].memory_mib += n->other_memory_mib;
	}
	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = "kept",
		.title = h->text(c, "node %s with %.0f card%s is kept by %zu pod%s without cards: "
		                 "no card was held or used for %.0f h, coverage %.0f %%", n->id,
		                 n->cards, n->cards > 1 ? "s" : "", n->n_other_pods,
		                 n->n_other_pods == 1 ? "" : "s", kept_s / 3600,
		                 100 * n->idle_coverage_ratio),
		.subject_kind = "node", .subject_id = n->id, .owner = n->owner,
		.spend_concerned_micro = n->cost_micro, .coverage_ratio = n->idle_coverage_ratio,
		.confidence_ratio = h->confidence(c, n->idle_coverage_ratio, kept_s,
		                                  p->min_kept_h * 3600 / kept_s),
		.effort_days = 0.5, .risk = TT_RISK_LOW,
		.risk_note = fits ? h->text(c, "its pods have to move first: node %s has room",
		                            f->g->v[room]->id)
			: "no CPU node is known to have room for its pods",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &change, .n_changes = fits != 0,
	});
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const struct params *p = params_;
	struct fleet f = { .g = h->nodes(c, subject) };
	int rc = TT_OK;

	f.asked = f.g ? h->alloc(c, (f.g->n + 1) * sizeof *f.asked) : NULL;
	if (!f.asked)
		return TT_ENOMEM;
	for (size_t i = 0; i < f.g->n; i++)
		f.asked[i] = (struct asked){ f.g->v[i]->asked_cpus, f.g->v[i]->asked_memory_mib };
	for (size_t i = 0; i < f.g->n && rc == TT_OK; i++) {
		const tt_group_node *n = f.g->v[i];

		if ((double)(n->to_s - n->idle_since_s) < p->min_kept_h * 3600)
			continue;
		if (!(n->idle_coverage_ratio >= p->min_coverage_ratio)) {
			f.n_unknown++;
			continue;
		}
		f.n_looked++;
		rc = report_kept(h, c, p, subject, &f, n);
	}
	for (size_t i = 0, end; i < f.g->n && rc == TT_OK; i = end) {
		for (end = i; end < f.g->n && strcmp(f.g->v[end]->node_group,
		                                     f.g->v[i]->node_group) == 0;)
			end++;
		rc = look_at_pool(h, c, p, &f, i, end);
	}
	if (rc == TT_OK && f.n_unknown && !f.n_looked)
		return h->fail(c, TT_ENODATA, "no CPU pool and no kept node was measured for "
		               "%.0f %% of its time", 100 * p->min_coverage_ratio);
	return rc;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "cpu_pool", .version = "1.0.0",
	          .summary = "Idle CPU pools, and GPU nodes that only CPU pods keep",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_FLEET,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
