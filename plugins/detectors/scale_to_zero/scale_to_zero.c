/* scale_to_zero - services and notebooks that hold cards between one use and the next.
 *
 * Rule: an inference service or notebook whose pods, stopped after the idle timeout that its
 * own gaps and cold start make best, would not run for `min_freed_ratio` of their time.
 * Proposes: a schedule with that timeout and cold start.
 * Blind spot: what users wait for while it starts is not in the price. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double cold_start_s, min_timeout_s, min_notebook_timeout_s, min_freed_ratio;
	double min_coverage_ratio, min_alive_h;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, cold_start_s, "s", 216, 1, 86400,
	             "What a start takes where workloads.csv has no restart_s."),
	TT_PARAM_F64(struct params, min_timeout_s, "s", 300, 0, 604800,
	             "No shorter idle timeout is proposed for a service."),
	TT_PARAM_F64(struct params, min_notebook_timeout_s, "s", 1800, 0, 604800,
	             "No shorter idle timeout is proposed for a notebook, which loses its state."),
	TT_PARAM_F64(struct params, min_freed_ratio, "ratio", 0.2, 0.01, 1,
	             "Nothing is said where a smaller share of the pods' time would be freed."),
	TT_PARAM_F64(struct params, min_coverage_ratio, "ratio", 0.8, 0.1, 1,
	             "Nothing is said of a workload that was measured for a smaller share."),
	TT_PARAM_F64(struct params, min_alive_h, "h", 24, 1, 8760,
	             "Nothing is said of a workload whose pods ran for less, together."),
};

static const tt_need needs[] = {
	{ .metric = TT_ACTIVITY_PCT, .series = 1, .required = 1 },
	{ .table = "pods", .required = 1 },
};

static const tt_ground grounds[] = {
	{ "sleeps", "freed_ratio", ">=", "min_freed_ratio", TT_METRIC_NONE },
	{ "sleeps", "coverage_ratio", ">=", "min_coverage_ratio", TT_METRIC_NONE },
};

struct effect {                  /* of an idle timeout */
	double timeout_s, cold_start_s;
	double idle_s, freed_s;  /* pod-seconds; starts are paid from what is freed */
	size_t starts;
};

static struct effect weigh(const tt_host *h, tt_call *c, double min_s, const tt_gaps *g,
                           double cold_start_s)
{
	struct effect e = { .cold_start_s = cold_start_s };

	e.timeout_s = ceil(fmax(min_s, h->best_timeout(c, g, cold_start_s)));
	for (size_t i = 0; i < g->n; i++) {
		e.idle_s += g->gaps_s[i];
		if (g->gaps_s[i] <= e.timeout_s)
			continue;
		e.freed_s += g->gaps_s[i] - e.timeout_s - cold_start_s;
		e.starts++;
	}
	return e;
}

static int report(const tt_host *h, tt_call *c, const tt_subject *subject, const tt_workload *w,
                  const tt_gaps *g, const struct effect *e)
{
	int serves = strcmp(w->workload_kind, "inference") == 0;
	double coverage = fmin(1, g->measured_s / g->alive_s), freed = e->freed_s / g->alive_s;
	double days = (double)(subject->window->end_s - subject->window->start_s) / 86400;
	const char *change = h->text(c, "schedule %s idle_timeout_s=%.0f cold_start_s=%.0f",
	                             h->subject(c, "", "workload", subject->id), e->timeout_s,
	                             ceil(e->cold_start_s));
	const tt_evidence evidence[] = {
		{ "workload_kind", 0, w->workload_kind },
		{ "pods", (double)w->n_pods, NULL },
		{ "gaps", (double)g->n, NULL },
		{ "idle_ratio", e->idle_s / g->measured_s, NULL },
		{ "freed_ratio", freed, NULL },
		{ "freed_pod_h", e->freed_s / 3600, NULL },
		{ "idle_timeout_s", e->timeout_s, NULL },
		{ "cold_start_s", ceil(e->cold_start_s), NULL },
		{ "cold_start_from", 0, isnan(w->restart_s) ? "cold_start_s" : "workloads.csv" },
		{ "starts_per_day", (double)e->starts / days, NULL },
		{ "measured_pod_h", g->measured_s / 3600, NULL },
		{ "coverage_ratio", coverage, NULL },
	};

	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = "sleeps",
		.title = h->text(c, "%s %s (%zu pod%s) is idle %.0f %% of its time; stopped after "
		                 "%.0f s it would not run for %.0f %%, coverage %.0f %%",
		                 w->workload_kind, subject->id, w->n_pods,
		                 w->n_pods == 1 ? "" : "s", 100 * e->idle_s / g->measured_s,
		                 e->timeout_s, 100 * freed, 100 * coverage),
		.subject_kind = "workload", .subject_id = subject->id, .owner = w->owner,
		.spend_concerned_micro = TT_MONEY_UNKNOWN, .coverage_ratio = coverage,
		.confidence_ratio = h->confidence(c, coverage, days * 86400, 0) *
			(isnan(w->restart_s) ? 0.8 : 1),
		.effort_days = serves ? 2 : 0.5,
		.risk = serves ? TT_RISK_MEDIUM : TT_RISK_LOW,
		.risk_note = h->text(c, "somebody waits %.0f s for a start, %.1f times a day",
		                     ceil(e->cold_start_s), (double)e->starts / days),
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &change, .n_changes = 1,
	});
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const struct params *p = params_;
	tt_workload w;
	tt_gaps g;
	int rc = h->workload(c, subject, &w);

	if (rc < 0 || !w.n_pods || (strcmp(w.workload_kind, "inference") != 0 &&
	                            strcmp(w.workload_kind, "notebook") != 0))
		return rc;
	rc = h->gaps(c, subject, &g);
	if (rc < 0)
		return rc;
	if (g.alive_s < p->min_alive_h * 3600)
		return h->fail(c, TT_ENODATA, "no service or notebook ran for %.0f h",
		               p->min_alive_h);
	if (!(g.measured_s >= p->min_coverage_ratio * g.alive_s))
		return h->fail(c, TT_ENODATA, "no service or notebook was measured for %.0f %% of "
		               "its time", 100 * p->min_coverage_ratio);

	int serves = strcmp(w.workload_kind, "inference") == 0;
	struct effect e = weigh(h, c, serves ? p->min_timeout_s : p->min_notebook_timeout_s, &g,
	                        isnan(w.restart_s) ? p->cold_start_s : w.restart_s);

	if (!e.starts || !(e.freed_s >= p->min_freed_ratio * g.alive_s))
		return TT_OK;
	return report(h, c, subject, &w, &g, &e);
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "scale_to_zero", .version = "1.0.0",
	          .summary = "Services and notebooks that hold cards between uses",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_WORKLOAD,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
