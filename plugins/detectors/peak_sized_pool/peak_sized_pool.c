/* peak_sized_pool - inference pools with more replicas than their demand takes.
 *
 * Rule: as many replicas as were enough in `served_ratio` of the time, by the objective on
 * waiting where traffic tells, else by the activity of the cards, would have let
 * `min_freed_ratio` of what ran go.
 * Proposes: the policy that follows that demand.
 * Blind spot: a peak that the window does not show. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct params {
	double served_ratio, target_ratio, ready_s, min_freed_ratio, min_coverage_ratio;
	double min_window_h;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, served_ratio, "ratio", 0.95, 0.5, 0.9999,
	             "Share of the time, and of requests, that replicas have to be enough for."),
	TT_PARAM_F64(struct params, target_ratio, "ratio", 0.7, 0.05, 1,
	             "Activity of a replica that is sized for where there is no traffic."),
	TT_PARAM_F64(struct params, ready_s, "s", 216, 0, 86400,
	             "What a replica takes to serve where workloads.csv has no restart_s."),
	TT_PARAM_F64(struct params, min_freed_ratio, "ratio", 0.2, 0.01, 1,
	             "Nothing is said where a smaller share of the replicas' time would go."),
	TT_PARAM_F64(struct params, min_coverage_ratio, "ratio", 0.8, 0.1, 1,
	             "Nothing is said where the demand is known for a smaller share of the time."),
	TT_PARAM_F64(struct params, min_window_h, "h", 168, 1, 8760,
	             "Nothing is said of a shorter window."),
};

static const tt_need needs[] = {
	{ .table = "pods", .required = 1 },
	{ .table = "traffic" },
	{ .metric = TT_ACTIVITY_PCT, .series = 1 },
};

static const tt_ground grounds[] = {
	{ "oversized", "freed_ratio", ">=", "min_freed_ratio", TT_METRIC_NONE },
	{ "oversized", "coverage_ratio", ">=", "min_coverage_ratio", TT_METRIC_NONE },
};

struct pool {
	const tt_sized *z;
	int by_traffic;
	const char *change;
	double known_s, unknown_s;       /* while replicas ran                   */
	double ran_s, policy_s, freed_s; /* replica-seconds: of the policy, and of the
	                                  * fixed number `enough`                */
	double most, peak, p95, enough;  /* replicas; demand of the peak and the quantile */
	double short_s;                  /* that the fixed number has too few    */
};

struct step {
	double load, wanted;
};

static int by_wanted(const void *pa, const void *pb)
{
	const struct step *a = pa, *b = pb;

	if (a->wanted != b->wanted)
		return a->wanted < b->wanted ? -1 : 1;
	return (a->load > b->load) - (a->load < b->load);
}

static int by_load(const void *pa, const void *pb)
{
	const struct step *a = pa, *b = pb;

	return (a->load > b->load) - (a->load < b->load);
}

/* What was enough in `served_ratio` of the known time. */
static int find_enough(const tt_host *h, tt_call *c, const struct params *p, struct pool *o)
{
	const tt_sized *z = o->z;
	struct step *v = h->alloc(c, (z->n + 1) * sizeof *v);
	size_t n = 0, at;

	if (!v)
		return TT_ENOMEM;
	for (size_t i = 0; i < z->n; i++) {
		if (!(z->ran[i] > 0))
			continue;
		if (isnan(z->load[i])) {
			o->unknown_s += (double)z->step_s;
			continue;
		}
		v[n++] = (struct step){ z->load[i], z->wanted[i] };
		o->known_s += (double)z->step_s;
	}
	if (!n)
		return TT_OK;
	at = (size_t)ceil(p->served_ratio * (double)n - 1e-9);
	at = at ? at - 1 : 0;
	qsort(v, n, sizeof *v, by_wanted);
	o->enough = v[at].wanted;
	qsort(v, n, sizeof *v, by_load);
	o->p95 = v[at].load;
	o->peak = v[n - 1].load;
	return TT_OK;
}

static void sum(struct pool *o)
{
	const tt_sized *z = o->z;
	double step_s = (double)z->step_s;

	for (size_t i = 0; i < z->n; i++) {
		if (isnan(z->load[i]) || !(z->ran[i] > 0))
			continue;
		o->most = fmax(o->most, z->ran[i]);
		o->ran_s += z->ran[i] * step_s;
		o->policy_s += z->wanted[i] * step_s;
		o->freed_s += fmax(0, z->ran[i] - o->enough) * step_s;
		o->short_s += z->load[i] > o->enough ? step_s : 0;
	}
}

/* By traffic and the objective, else by activity. */
static int size(const tt_host *h, tt_call *c, const struct params *p, const tt_subject *subject,
                const tt_workload *w, struct pool *o)
{
	const char *what = h->subject(c, "", "workload", subject->id);
	double ready_s = ceil(isnan(w->restart_s) ? p->ready_s : w->restart_s);
	int rc;

	o->by_traffic = 1;
	o->change = h->text(c, "resize %s policy=slo ready_s=%.0f served_ratio=%g", what, ready_s,
	                    p->served_ratio);
	rc = h->sized(c, subject, o->change, &o->z);
	if (rc != TT_ENODATA)
		return rc;
	o->by_traffic = 0;
	o->change = h->text(c, "resize %s policy=quantile served_ratio=%g target_ratio=%g", what,
	                    p->served_ratio, p->target_ratio);
	rc = h->sized(c, subject, o->change, &o->z);
	return rc != TT_ENODATA ? rc : h->fail(c, rc, "no pool has traffic and a "
	                                       "capacity_per_replica, or activity");
}

/* What 1,000 requests cost, now and with what the change takes off the bill; NaN. */
static int unit_costs(const tt_host *h, tt_call *c, const struct pool *o, double *ret_now,
                      double *ret_then)
{
	const double requests = o->by_traffic ? o->z->requests : (double)NAN;
	const tt_tried *t;
	int rc;

	*ret_now = *ret_then = (double)NAN;
	if (o->z->cost_micro == TT_MONEY_UNKNOWN || !(requests > 0))
		return TT_OK;
	*ret_now = (double)o->z->cost_micro / 1e3 / requests;
	rc = h->tried(c, o->change, &t);
	if (rc == TT_OK && !*t->why_not)
		*ret_then = *ret_now - (double)(t->before_micro - t->after_micro) / 1e3 / requests;
	return rc;
}

static int report(const tt_host *h, tt_call *c, const struct params *p, const tt_subject *subject,
                  const tt_workload *w, const struct pool *o)
{
	double coverage = o->known_s / (o->known_s + o->unknown_s), freed = o->freed_s / o->ran_s;
	double days = (double)(subject->window->end_s - subject->window->start_s) / 86400;
	double requests = o->by_traffic ? o->z->requests : (double)NAN, now, then;
	int rc = unit_costs(h, c, o, &now, &then);
	const tt_evidence evidence[] = {
		{ "demand_from", 0, o->by_traffic ? "traffic.csv" : "activity" },
		{ "most_replicas", o->most, NULL },
		{ "enough_replicas", o->enough, NULL },
		{ "peak_demand_replicas", o->peak, NULL },
		{ "demand_replicas", o->p95, NULL },
		{ "ran_replica_h", o->ran_s / 3600, NULL },
		{ "policy_replica_h", o->policy_s / 3600, NULL },
		{ "freed_ratio", freed, NULL },
		{ "fixed_overloaded_min", o->short_s / 60, NULL },
		{ "policy_overloaded_min", o->z->overloaded_s / 60, NULL },
		{ "slo_latency_ms", o->z->slo_latency_ms, NULL },
		{ "min_replicas", o->z->min_replicas, NULL },
		{ "requests", requests, NULL },
		{ "cost_per_1000_requests", now, NULL },
		{ "cost_per_1000_requests_then", then, NULL },
		{ "coverage_ratio", coverage, NULL },
	};

	return rc < 0 ? rc : h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = "oversized",
		.title = h->text(c, "%s runs up to %.0f replicas, %.0f were enough in %g %% of the "
		                 "time (by %s): %.0f %% of their time is not needed, %.0f minutes "
		                 "would be overloaded", subject->id, o->most, o->enough,
		                 100 * p->served_ratio, o->by_traffic ? "traffic" : "activity",
		                 100 * freed, o->short_s / 60),
		.subject_kind = "workload", .subject_id = subject->id, .owner = w->owner,
		.spend_concerned_micro = o->z->cost_micro, .coverage_ratio = coverage,
		.confidence_ratio = (o->by_traffic ? 1 : 0.8) * h->confidence(c, coverage,
			days * 86400, p->min_freed_ratio / freed),
		.effort_days = 1, .risk = o->by_traffic ? TT_RISK_LOW : TT_RISK_MEDIUM,
		.risk_note = o->by_traffic ? "" : "no traffic is known: activity does not tell how "
			"long requests wait",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &o->change, .n_changes = 1,
	});
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const struct params *p = params_;
	double window_h = (double)(subject->window->end_s - subject->window->start_s) / 3600;
	struct pool o = { 0 };
	tt_workload w;
	int rc = h->workload(c, subject, &w);

	if (rc < 0 || w.n_pods < 2 || strcmp(w.workload_kind, "inference") != 0)
		return rc < 0 ? rc : TT_NOT_ABOUT; /* one replica is scale_to_zero's */
	if (window_h < p->min_window_h)
		return h->fail(c, TT_ENODATA, "the window is shorter than %.0f h",
		               p->min_window_h);
	rc = size(h, c, p, subject, &w, &o);
	if (rc == TT_OK)
		rc = find_enough(h, c, p, &o);
	if (rc < 0)
		return rc;
	if (!(o.known_s > 0) || o.known_s < p->min_coverage_ratio * (o.known_s + o.unknown_s))
		return h->fail(c, TT_ENODATA, "no pool's demand is known for %.0f %% of its time",
		               100 * p->min_coverage_ratio);
	sum(&o);
	if (!(o.p95 > 0) || o.freed_s < p->min_freed_ratio * o.ran_s)
		return TT_OK; /* what nobody asks for is not sized for a peak */
	return report(h, c, p, subject, &w, &o);
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "peak_sized_pool", .version = "1.0.0",
	          .summary = "Inference pools with more replicas than their demand takes",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_WORKLOAD,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
