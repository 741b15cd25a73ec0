/* stale_node_group - a node group that nobody works on any more.
 *
 * Rule: since the last hour of work the cards were active for less than `idle_below_pct` on
 * average, and that is longer ago than `min_idle_h` and than 95 % of the group's own pauses.
 * Proposes: release of the group, or of those of its nodes that no other pod needs.
 * Blind spot: a spare for a disaster, and work that comes once a quarter. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <stdlib.h>

struct params {
	double idle_below_pct, work_above_pct, min_idle_h, min_coverage_ratio;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, idle_below_pct, "pct", 1, 0.1, 100,
	             "A group is stale when its mean activity since the last work is below this."),
	TT_PARAM_F64(struct params, work_above_pct, "pct", 20, 0.1, 100,
	             "A reading of any card from which on an hour counts as one of work."),
	TT_PARAM_F64(struct params, min_idle_h, "h", 24, 1, 8760,
	             "A group is not stale before it has been without work for this long."),
	TT_PARAM_F64(struct params, min_coverage_ratio, "ratio", 0.8, 0.1, 1,
	             "Nothing is said of a group that was measured for a smaller share."),
};

static const tt_need needs[] = {
	{ .metric = TT_ACTIVITY_PCT, .required = 1 },
};

static const tt_ground grounds[] = {
	{ "stale", "mean_activity_pct", "<", "idle_below_pct", TT_ACTIVITY_PCT },
	{ "stale", "idle_h", ">=", "min_idle_h", TT_METRIC_NONE },
	{ "stale", "coverage_ratio", ">=", "min_coverage_ratio", TT_METRIC_NONE },
};

struct seen {
	double alive_s, measured_s;      /* card-seconds of the whole window */
	double *pauses_h;                /* between work and work, in order  */
	size_t n_pauses;
	/* since the last work, or since there were cards again */
	size_t since;                    /* hour */
	double since_alive_s, since_measured_s, activity;
	size_t known_h, paused_h;        /* hours: measured, and all */
};

static void begin_pause(struct seen *s, size_t hour)
{
	s->since = hour;
	s->since_alive_s = s->since_measured_s = s->activity = 0;
	s->known_h = s->paused_h = 0;
}

/* An hour that was not measured does not end a pause, and does not count for one. */
static int look(const tt_host *h, tt_call *c, const struct params *p, const tt_group *g,
                struct seen *s)
{
	s->pauses_h = h->alloc(c, (g->n_hours + 1) * sizeof *s->pauses_h);
	if (!s->pauses_h)
		return TT_ENOMEM;
	for (size_t i = 0; i < g->n_hours; i++) {
		const tt_group_hour *k = &g->hours[i];
		int works = k->max_pct >= p->work_above_pct;

		s->alive_s += k->alive_s;
		s->measured_s += k->measured_s;
		if (works && s->paused_h)
			s->pauses_h[s->n_pauses++] = (double)s->paused_h;
		if (works || !(k->alive_s > 0)) {
			begin_pause(s, i + 1);
			continue;
		}
		s->paused_h++;
		s->since_alive_s += k->alive_s;
		s->since_measured_s += k->measured_s;
		s->activity += k->measured_s > 0 ? k->mean_pct * k->measured_s : 0;
		s->known_h += k->measured_s >= p->min_coverage_ratio * k->alive_s;
	}
	return TT_OK;
}

static int ascending(const void *pa, const void *pb)
{
	const double *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

/* Nearest rank; NaN when there are none. */
static double p95(double *v, size_t n)
{
	if (!n)
		return (double)NAN;
	qsort(v, n, sizeof *v, ascending);
	return v[(n * 95 + 99) / 100 - 1];
}

static const char *change(const tt_host *h, tt_call *c, const tt_subject *subject,
                          const tt_group *g, const char *since)
{
	const char *what = g->n_free == g->n_nodes
		? h->subject(c, "", "node_group", subject->id) : g->free_nodes;

	return *since ? h->text(c, "release %s from=%s", what, since)
	              : h->text(c, "release %s", what);
}

static const char *risk_note(const tt_host *h, tt_call *c, const tt_group *g)
{
	if (g->n_held)
		return h->text(c, "pods still hold %zu of its cards: ask their owners first",
		               g->n_held);
	if (g->n_free < g->n_nodes)
		return h->text(c, "pods without cards keep %zu of its %zu nodes",
		               g->n_nodes - g->n_free, g->n_nodes);
	return "";
}

static int report(const tt_host *h, tt_call *c, const struct params *p, const tt_subject *subject,
                  const tt_group *g, struct seen *s, double idle_h)
{
	double mean_pct = s->activity / s->since_measured_s;
	double coverage = fmin(1, s->since_measured_s / s->since_alive_s);
	const char *since = s->since
		? h->time(c, subject->window->start_s + (int64_t)s->since * 3600) : "";
	const char *changes = change(h, c, subject, g, since);
	double pause_h = p95(s->pauses_h, s->n_pauses);
	const tt_evidence evidence[] = {
		{ "mean_activity_pct", mean_pct, NULL },
		{ "idle_h", idle_h, NULL },
		{ "idle_since", 0, *since ? since : "before the window" },
		{ "p95_pause_h", pause_h, NULL },
		{ "pauses", (double)s->n_pauses, NULL },
		{ "coverage_ratio", coverage, NULL },
		{ "window_coverage_ratio", fmin(1, s->measured_s / s->alive_s), NULL },
		{ "nodes", (double)g->n_nodes, NULL },
		{ "nodes_kept_by_other_pods", (double)(g->n_nodes - g->n_free), NULL },
		{ "cards", g->cards, NULL },
		{ "cards_held", (double)g->n_held, NULL },
	};

	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = "stale",
		.title = h->text(c, "node group %s (%zu node%s, %.0f cards) has not worked for "
		                 "%.0f h: mean activity %.1f %%, coverage %.0f %%", subject->id,
		                 g->n_nodes, g->n_nodes == 1 ? "" : "s", g->cards, idle_h,
		                 mean_pct, 100 * coverage),
		.subject_kind = "node_group", .subject_id = subject->id, .owner = g->owner,
		.spend_concerned_micro = g->cost_micro, .coverage_ratio = coverage,
		.confidence_ratio = h->confidence(c, coverage, idle_h * 3600,
		                                  mean_pct / p->idle_below_pct),
		.effort_days = g->n_held ? 1 : 0.5,
		.risk = g->n_held ? TT_RISK_MEDIUM : TT_RISK_LOW,
		.risk_note = risk_note(h, c, g),
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &changes, .n_changes = g->n_free > 0,
	});
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const struct params *p = params_;
	struct seen s = { 0 };
	tt_group g;
	int rc = h->group(c, subject, &g);

	if (rc < 0 || !g.n_nodes) /* nothing is there to release */
		return rc;
	rc = look(h, c, p, &g, &s);
	if (rc < 0)
		return rc;
	if (!(s.measured_s >= p->min_coverage_ratio * s.alive_s))
		return h->fail(c, TT_ENODATA, "no node group was measured for %.0f %% of its life",
		               100 * p->min_coverage_ratio);
	if ((double)g.n_hours < p->min_idle_h || (double)g.alive_s < p->min_idle_h * 3600)
		return h->fail(c, TT_ENODATA, "no node group was there for %.0f h", p->min_idle_h);

	/* a node that has just come was wanted for something */
	double idle_h = fmin((double)s.known_h, (double)g.alive_s / 3600);
	double pause_h = p95(s.pauses_h, s.n_pauses);

	if (idle_h < p->min_idle_h || idle_h < pause_h ||
	    !(s.since_measured_s >= p->min_coverage_ratio * s.since_alive_s) ||
	    !(s.activity < p->idle_below_pct * s.since_measured_s))
		return TT_OK;
	return report(h, c, p, subject, &g, &s, idle_h);
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "stale_node_group", .version = "1.0.0",
	          .summary = "Node groups that nobody works on any more",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_NODE_GROUP,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
