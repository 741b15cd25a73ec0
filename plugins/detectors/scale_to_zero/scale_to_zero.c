/* scale_to_zero - services and notebooks that hold cards between one use and the next.
 *
 * Rule: an inference service or notebook whose pods, stopped after the idle timeout that its
 * own gaps and cold start make best, would not run for `min_freed_ratio` of their time
 * (`sleeps`); else a notebook that is used in working hours alone (`off_hours`), or one that
 * ran for a week and is hardly used at all (`low_use`).
 * Proposes: a schedule with that timeout and cold start, or with those hours.
 * Blind spot: what users wait for while it starts is not in the price. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double cold_start_s, min_timeout_s, min_notebook_timeout_s, min_freed_ratio;
	double min_coverage_ratio, min_alive_h;
	double work_from_h, work_to_h, low_use_ratio, min_low_use_h;
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
	TT_PARAM_F64(struct params, work_from_h, "h", 6, 0, 23,
	             "Working hours begin at this hour of Monday to Friday, UTC."),
	TT_PARAM_F64(struct params, work_to_h, "h", 20, 1, 24,
	             "They end at this hour."),
	TT_PARAM_F64(struct params, low_use_ratio, "ratio", 0.05, 0, 1,
	             "Use is low when the cards are busy for less of the time than this."),
	TT_PARAM_F64(struct params, min_low_use_h, "h", 168, 1, 87600,
	             "Use is low only of a workload that was watched for as long."),
};

static const tt_need needs[] = {
	{ .metric = TT_ACTIVITY_PCT, .series = 1, .required = 1 },
	{ .table = "pods", .required = 1 },
};

static const tt_ground grounds[] = {
	{ "sleeps", "freed_ratio", ">=", "min_freed_ratio", TT_METRIC_NONE },
	{ NULL, "coverage_ratio", ">=", "min_coverage_ratio", TT_METRIC_NONE },
	{ "off_hours", "off_use_ratio", "<", "low_use_ratio", TT_METRIC_NONE },
	{ "off_hours", "off_hours_ratio", ">=", "min_freed_ratio", TT_METRIC_NONE },
	{ "low_use", "use_ratio", "<", "low_use_ratio", TT_METRIC_NONE },
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

/* Its demand and what its pods cost; NULL where neither traffic nor activity tells. */
static int size(const tt_host *h, tt_call *c, const tt_subject *subject, const tt_sized **ret)
{
	const char *all = h->text(c, "resize %s policy=lead lead_s=0 target_ratio=1",
	                          h->subject(c, "", "workload", subject->id));
	int rc = h->sized(c, subject, all, ret);

	if (rc == TT_ENODATA)
		*ret = NULL;
	return rc == TT_ENODATA ? TT_OK : rc;
}

/* What 1,000 requests cost, now and with what the change takes off the bill; NaN. */
static int unit_costs(const tt_host *h, tt_call *c, const tt_sized *z, const char *change,
                      double *ret_now, double *ret_then)
{
	const tt_tried *t;
	int rc;

	*ret_now = *ret_then = (double)NAN;
	if (!z || z->cost_micro == TT_MONEY_UNKNOWN || !(z->requests > 0))
		return TT_OK;
	*ret_now = (double)z->cost_micro / 1e3 / z->requests;
	rc = h->tried(c, change, &t);
	if (rc == TT_OK && !*t->why_not)
		*ret_then = *ret_now - (double)(t->before_micro - t->after_micro) / 1e3 /
			z->requests;
	return rc;
}

static int report(const tt_host *h, tt_call *c, const tt_subject *subject, const tt_workload *w,
                  const tt_gaps *g, const struct effect *e)
{
	const tt_sized *z;
	double now = (double)NAN, then = (double)NAN;
	int serves = strcmp(w->workload_kind, "inference") == 0;
	double coverage = fmin(1, g->measured_s / g->alive_s), freed = e->freed_s / g->alive_s;
	double days = (double)(subject->window->end_s - subject->window->start_s) / 86400;
	const char *change = h->text(c, "schedule %s idle_timeout_s=%.0f cold_start_s=%.0f",
	                             h->subject(c, "", "workload", subject->id), e->timeout_s,
	                             ceil(e->cold_start_s));
	int rc = size(h, c, subject, &z);

	if (rc == TT_OK)
		rc = unit_costs(h, c, z, change, &now, &then);
	if (rc < 0)
		return rc;

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
		{ "cost_per_1000_requests", now, NULL },
		{ "cost_per_1000_requests_then", then, NULL },
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
		.spend_concerned_micro = !z || z->cost_micro == TT_MONEY_UNKNOWN ? TT_MONEY_UNKNOWN
			: (int64_t)(e->idle_s / g->measured_s * (double)z->cost_micro),
		.coverage_ratio = coverage,
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

/* --- Used in some hours, or hardly ------------------------------------------------------- */

enum { DAY_S = 86400 };

/* Hours tell where people are when use in them is so many times that of the others. */
enum { IN_TIMES = 2 };

struct hours {                   /* of pods, in the window */
	double in_s, off_s;      /* inside and outside of working hours; known ones */
	double in_use_s, off_use_s; /* of them, as if busy in full */
	double most_off_ratio;   /* the busiest step outside */
	int weekend;             /* non-zero: the window has one */
};

static struct hours split(const struct params *p, const tt_sized *z, int64_t start_s)
{
	struct hours u = { 0 };

	for (size_t i = 0; i < z->n; i++) {
		const int64_t at_s = start_s + (int64_t)i * z->step_s;
		const int64_t day = (at_s / DAY_S + 4) % 7; /* 0 is Sunday */
		const double hour = (double)(at_s % DAY_S) / 3600;
		const double pod_s = z->ran[i] * (double)z->step_s;

		if (isnan(z->load[i]) || !(pod_s > 0))
			continue;
		u.weekend |= day == 0;
		if (day > 0 && day < 6 && hour >= p->work_from_h && hour < p->work_to_h) {
			u.in_s += pod_s;
			u.in_use_s += z->load[i] * (double)z->step_s;
			continue;
		}
		u.off_s += pod_s;
		u.off_use_s += z->load[i] * (double)z->step_s;
		u.most_off_ratio = fmax(u.most_off_ratio, z->load[i] / z->ran[i]);
	}
	return u;
}

static int report_hours(const tt_host *h, tt_call *c, const struct params *p,
                        const tt_subject *subject, const tt_workload *w, const tt_gaps *g,
                        const tt_sized *z, const struct hours *u, int off_hours)
{
	double coverage = fmin(1, g->measured_s / g->alive_s);
	double off = u->off_s / (u->in_s + u->off_s), use_off = u->off_use_s / u->off_s;
	double use = (u->in_use_s + u->off_use_s) / (u->in_s + u->off_s);
	const char *what = h->subject(c, "", "workload", subject->id);
	const char *change = !off_hours ? ""
		: h->text(c, "schedule %s hours=\"mon-fri %02.0f:00-%02.0f:00\"", what,
		          p->work_from_h, p->work_to_h);
	const tt_evidence evidence[] = {
		{ "workload_kind", 0, w->workload_kind },
		{ "pods", (double)w->n_pods, NULL },
		{ "use_ratio", use, NULL },
		{ "off_use_ratio", use_off, NULL },
		{ "most_off_use_ratio", u->most_off_ratio, NULL },
		{ "off_hours_ratio", off, NULL },
		{ "watched_h", (u->in_s + u->off_s) / 3600, NULL },
		{ "coverage_ratio", coverage, NULL },
	};

	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = off_hours ? "off_hours" : "low_use",
		.title = off_hours
			? h->text(c, "%s %s (%zu pod%s) is on for %.0f %% of its time outside of "
			          "working hours, used for %.1f %% of that", w->workload_kind,
			          subject->id, w->n_pods, w->n_pods == 1 ? "" : "s", 100 * off,
			          100 * use_off)
			: h->text(c, "%s %s (%zu pod%s) is always on and used for %.1f %% of its "
			          "time, without gaps to sleep in", w->workload_kind, subject->id,
			          w->n_pods, w->n_pods == 1 ? "" : "s", 100 * use),
		.subject_kind = "workload", .subject_id = subject->id, .owner = w->owner,
		.spend_concerned_micro = z->cost_micro == TT_MONEY_UNKNOWN ? TT_MONEY_UNKNOWN
			: (int64_t)((off_hours ? off : 1 - use) * (double)z->cost_micro),
		.coverage_ratio = coverage,
		.confidence_ratio = h->confidence(c, coverage, (double)(subject->window->end_s -
			subject->window->start_s), (off_hours ? use_off : use) / p->low_use_ratio),
		.effort_days = 0.5, .risk = TT_RISK_LOW,
		.risk_note = off_hours ? "who works late starts it again by hand"
			: "ask its owner: sharing or an end may be better than a timeout",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &change, .n_changes = (size_t)off_hours,
	});
}

/* A service may have users at any hour, so hours are for notebooks alone. */
static int look_at_hours(const tt_host *h, tt_call *c, const struct params *p,
                         const tt_subject *subject, const tt_workload *w, const tt_gaps *g)
{
	const tt_sized *z;
	int rc = size(h, c, subject, &z);

	if (rc < 0 || !z)
		return rc;

	const struct hours u = split(p, z, subject->window->start_s);
	const double known_s = u.in_s + u.off_s;

	if (strcmp(w->workload_kind, "notebook") == 0 && u.weekend && u.in_s > 0 &&
	    u.off_use_s < p->low_use_ratio * u.off_s &&
	    u.in_use_s * u.off_s >= IN_TIMES * u.off_use_s * u.in_s &&
	    u.most_off_ratio < 2 * p->low_use_ratio && u.off_s >= p->min_freed_ratio * known_s)
		return report_hours(h, c, p, subject, w, g, z, &u, 1);
	if (u.off_s > 0 && known_s >= p->min_low_use_h * 3600 &&
	    u.in_use_s + u.off_use_s < p->low_use_ratio * known_s)
		return report_hours(h, c, p, subject, w, g, z, &u, 0);
	return TT_OK;
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const struct params *p = params_;
	tt_workload w;
	tt_gaps g;
	int rc = h->workload(c, subject, &w);

	if (rc < 0 || !w.n_pods || (strcmp(w.workload_kind, "inference") != 0 &&
	                            strcmp(w.workload_kind, "notebook") != 0))
		return rc < 0 ? rc : TT_NOT_ABOUT;
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
		return look_at_hours(h, c, p, subject, &w, &g);
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
