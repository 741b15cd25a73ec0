/* gpu_sharing - node groups whose pods have a card each and don't fill it.
 *
 * Rule: pods of one card whose activity stays below `max_activity_pct` would, by MIG, MPS or
 * (notebooks) time-slicing, take `min_freed_ratio` less of their nodes.
 * Proposes: to share, by what leaves most after what it slows down; the others behind it.
 * Blind spot: what users notice of a neighbour. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double max_activity_pct, min_activity_pct, min_freed_ratio, min_coverage_ratio, min_alive_h;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, max_activity_pct, "pct", 45, 1, 90,
	             "A workload whose activity is higher (95th percentile) keeps its cards."),
	TT_PARAM_F64(struct params, min_activity_pct, "pct", 1, 0, 100,
	             "A workload that is never above this (99th percentile) is idle, not small."),
	TT_PARAM_F64(struct params, min_freed_ratio, "ratio", 0.2, 0.01, 1,
	             "Nothing is said where less of the nodes' time would be freed."),
	TT_PARAM_F64(struct params, min_coverage_ratio, "ratio", 0.8, 0.1, 1,
	             "A workload that was measured for a smaller share keeps its cards."),
	TT_PARAM_F64(struct params, min_alive_h, "h", 24, 1, 8760,
	             "Nothing is said of pods that ran for less, together."),
};

static const tt_need needs[] = {
	{ .metric = TT_ACTIVITY_PCT, .series = 1, .required = 1 },
	{ .metric = TT_FB_USED_MIB, .series = 1, .required = 1 },
	{ .table = "pods", .required = 1 },
};

static const tt_ground grounds[] = {
	{ "small", "p95_activity_pct", "<=", "max_activity_pct", TT_METRIC_NONE },
	{ "small", "freed_ratio", ">=", "min_freed_ratio", TT_METRIC_NONE },
	{ "small", "coverage_ratio", ">=", "min_coverage_ratio", TT_METRIC_NONE },
};

enum { MIG, MPS, TIME_SLICE, MODES };
static const char *const mode_name[MODES] = { "mig", "mps", "time_slice" };
static const double mode_days[MODES] = { 3, 2, 1 };

struct small {                   /* workloads that may share, together       */
	const char *subjects, *notebooks, *owner;
	size_t n, pods;
	double alive_s, measured_s, p95_pct, cost_micro, serve_micro, requests;
	double most_times;       /* as long as a request may take; NaN: not known */
	int serves, apart;       /* a service is among them; several owners are  */
};

struct way {
	const char *change;
	const tt_tried *t;
	double freed_ratio;
	double worth_micro;      /* what goes, less what is slower for users; NaN: no way */
};

static void add(const tt_host *h, tt_call *c, const tt_load *l, struct small *s)
{
	const char *kind = *l->subject == 'p' ? "pod" : "workload";
	double micro = l->cost_micro == TT_MONEY_UNKNOWN ? (double)NAN : (double)l->cost_micro;
	double times = l->slo_latency_ms / l->latency_p95_ms;

	s->subjects = h->subject(c, s->subjects, kind, l->name);
	if (strcmp(l->workload_kind, "notebook") == 0)
		s->notebooks = h->subject(c, s->notebooks, kind, l->name);
	s->apart |= s->n++ && strcmp(s->owner, l->owner) != 0;
	s->owner = s->apart ? "" : l->owner;
	s->pods += l->n_pods;
	s->alive_s += l->alive_s;
	s->measured_s += l->measured_s;
	s->p95_pct = fmax(s->p95_pct, l->p95_activity_pct);
	s->cost_micro += micro;
	if (strcmp(l->workload_kind, "inference") == 0) {
		s->most_times = !s->serves || times < s->most_times || isnan(times) ? times
			: s->most_times;
		s->serve_micro += micro;
		s->serves = 1;
	}
	s->requests += l->requests;
}

/* Who shares, and of how many it is not known whether they could. */
static void find_small(const tt_host *h, tt_call *c, const struct params *p, const tt_loads *all,
                       struct small *s, size_t *ret_unknown)
{
	*s = (struct small){ .subjects = "", .notebooks = "", .owner = "" };
	for (size_t i = 0; i < all->n; i++) {
		const tt_load *l = &all->v[i];

		if (l->most_gpus > 1 || l->shares || strcmp(l->workload_kind, "system") == 0)
			continue;
		if (!(l->measured_s >= p->min_coverage_ratio * l->alive_s))
			++*ret_unknown;
		else if (l->p95_activity_pct <= p->max_activity_pct &&
		         l->p99_activity_pct > p->min_activity_pct)
			add(h, c, l, s);
	}
}

/* The money that is left of a way after what it slows down: a service that takes 1.1 times as
 * long gets a tenth less of its cards. */
static int weigh(const tt_host *h, tt_call *c, const struct params *p, const struct small *s,
                 int mode, struct way *w)
{
	const char *who = mode == TIME_SLICE ? s->notebooks : s->subjects;
	double slower_ratio;
	int rc;

	*w = (struct way){ .freed_ratio = (double)NAN, .worth_micro = (double)NAN };
	if (!*who)
		return TT_OK;
	w->change = h->text(c, "share %s mode=%s", who, mode_name[mode]);
	rc = h->tried(c, w->change, &w->t);
	if (rc < 0 || *w->t->why_not || !w->t->n_sharing)
		return rc;
	slower_ratio = s->serves && mode != TIME_SLICE ?
		s->serve_micro / s->cost_micro * (w->t->slowdown_ratio - 1) : 0;
	w->freed_ratio = 1 - w->t->taken_node_s * w->t->paid_ratio / w->t->freed_node_s;
	if (w->freed_ratio >= p->min_freed_ratio)
		w->worth_micro = (double)(w->t->before_micro - w->t->after_micro) -
		                 slower_ratio * (double)w->t->after_micro;
	return TT_OK;
}

/* The way that is worth most of those left, -1: none. */
static int best_of(const struct way *ways, unsigned left)
{
	int best = -1;

	for (int m = 0; m < MODES; m++)
		if (left >> m & 1 && ways[m].worth_micro > 0 &&
		    (best < 0 || ways[m].worth_micro > ways[best].worth_micro))
			best = m;
	return best;
}

/* Services are late where their objective leaves no room for the slowest request. */
static int risk_of(const struct small *s, const struct way *w, int mode, const char **ret_note)
{
	double times = mode == MIG ? 1 / w->t->least_part_ratio : w->t->slowdown_ratio;

	*ret_note = s->apart && mode == MPS ? "workloads of several owners have one card: a fault "
		"of one ends the others" : "";
	if (s->serves && mode != TIME_SLICE && !(times <= s->most_times))
		*ret_note = isnan(s->most_times) ? "how much slower a request may be is not known: "
			"a service has no latency_p95_ms or no slo_latency_ms" :
			"a request may take longer than slo_latency_ms allows";
	return **ret_note ? TT_RISK_MEDIUM : TT_RISK_LOW;
}

static double micro_per_request(const struct small *s, double micro)
{
	return s->requests > 0 ? micro / 1e3 / s->requests : (double)NAN;
}

static int report(const tt_host *h, tt_call *c, const struct params *p, const tt_subject *subject,
                  const struct small *s, const struct way *ways, int best)
{
	double coverage = fmin(1, s->measured_s / s->alive_s);
	double window_s = (double)(subject->window->end_s - subject->window->start_s);
	const struct way *w = &ways[best];
	const tt_tried *t = w->t;
	const char *more[MODES] = { NULL }, *note;
	unsigned left = ~(1u << best);
	int risk = risk_of(s, w, best, &note);

	for (int k = 0, m; (m = best_of(ways, left)) >= 0; left &= ~(1u << m))
		more[k++] = ways[m].change;

	const tt_evidence evidence[] = {
		{ "mode", 0, mode_name[best] },
		{ "workloads", (double)s->n, NULL },
		{ "pods", (double)s->pods, NULL },
		{ "sharing_pods", (double)t->n_sharing, NULL },
		{ "p95_activity_pct", s->p95_pct, NULL },
		{ "freed_node_h", t->freed_node_s / 3600, NULL },
		{ "taken_node_h", t->taken_node_s * t->paid_ratio / 3600, NULL },
		{ "freed_ratio", w->freed_ratio, NULL },
		{ "mig_freed_ratio", ways[MIG].freed_ratio, NULL },
		{ "mps_freed_ratio", ways[MPS].freed_ratio, NULL },
		{ "time_slice_freed_ratio", ways[TIME_SLICE].freed_ratio, NULL },
		{ "slowdown_times", t->slowdown_ratio, NULL },
		{ "p99_sum_cards", t->p99_cards, NULL },
		{ "least_instance_ratio", t->least_part_ratio, NULL },
		{ "cost_per_1000_requests", micro_per_request(s, s->cost_micro), NULL },
		{ "cost_per_1000_requests_then", micro_per_request(s, s->cost_micro -
			(double)(t->before_micro - t->after_micro)), NULL },
		{ "measured_pod_h", s->measured_s / 3600, NULL },
		{ "coverage_ratio", coverage, NULL },
	};

	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = "small",
		.title = h->text(c, "%zu pods of %zu workload%s have a card each and do up to "
		                 "%.0f %% on it; by %s they take %.0f %% less of %zu nodes, "
		                 "coverage %.0f %%", s->pods, s->n, s->n == 1 ? "" : "s",
		                 s->p95_pct, mode_name[best], 100 * w->freed_ratio, t->nodes,
		                 100 * coverage),
		.subject_kind = "node_group", .subject_id = subject->id, .owner = s->owner,
		.spend_concerned_micro = t->before_micro, .coverage_ratio = coverage,
		.confidence_ratio = h->confidence(c, coverage, window_s,
		                                  s->p95_pct / p->max_activity_pct),
		.effort_days = mode_days[best] + 0.25 * (double)s->n,
		.risk = risk, .risk_note = note,
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &w->change, .n_changes = 1, .alternatives = more,
	});
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const struct params *p = params_;
	const tt_loads *all = h->loads(c, subject, 0);
	struct way ways[MODES];
	struct small s;
	size_t unknown = 0;

	if (!all)
		return TT_ENOMEM;
	if (!all->n)
		return TT_NOT_ABOUT;
	find_small(h, c, p, all, &s, &unknown);
	if (s.pods < 2)
		return !unknown ? TT_OK :
		       h->fail(c, TT_ENODATA, "no pods with a card each were measured for %.0f %% "
		               "of their time", 100 * p->min_coverage_ratio);
	if (s.alive_s < p->min_alive_h * 3600)
		return h->fail(c, TT_ENODATA, "no such pods ran for %.0f h", p->min_alive_h);
	for (int m = 0; m < MODES; m++) {
		int rc = weigh(h, c, p, &s, m, &ways[m]);

		if (rc < 0)
			return rc;
	}

	int best = best_of(ways, ~0u);

	return best < 0 ? TT_OK : report(h, c, p, subject, &s, ways, best);
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "gpu_sharing", .version = "1.0.0",
	          .summary = "Pods that have a card each and don't fill it",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_NODE_GROUP,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
