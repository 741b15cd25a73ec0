/* gpu_fit - workloads on another card than the one that does their work for the least.
 *
 * Rule: of the cards that can be had where it runs, one that has the memory and keeps up (by
 * listed throughput, else by tensor and DRAM activity) would cost `max_cost_ratio` or less.
 * Proposes: to go there; the next best cards behind it.
 * Blind spot: what a card is needed for besides. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double max_cost_ratio, busy_ratio, min_activity_pct, min_coverage_ratio, min_alive_h;
	int64_t max_cards;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, max_cost_ratio, "ratio", 0.8, 0.05, 1,
	             "Nothing is said of a card on which it would cost more than that of now."),
	TT_PARAM_F64(struct params, busy_ratio, "ratio", 0.7, 0.1, 1,
	             "How busy a service may make a card (as the price has it: 0.7)."),
	TT_PARAM_F64(struct params, min_activity_pct, "pct", 1, 0, 100,
	             "A workload that is never above this (99th percentile) is idle."),
	TT_PARAM_F64(struct params, min_coverage_ratio, "ratio", 0.8, 0.1, 1,
	             "Nothing is said of a workload that was measured for a smaller share."),
	TT_PARAM_F64(struct params, min_alive_h, "h", 24, 1, 8760,
	             "Nothing is said of a workload whose pods ran for less, together."),
	TT_PARAM_I64(struct params, max_cards, "", 4, 1, 16,
	             "So many cards are tried, those first that look cheapest."),
};

static const tt_need needs[] = {
	{ .metric = TT_ACTIVITY_PCT, .series = 1, .required = 1 },
	{ .metric = TT_TENSOR_ACTIVE_PCT, .series = 1 },
	{ .metric = TT_DRAM_ACTIVE_PCT, .series = 1 },
	{ .table = "pods", .required = 1 },
	{ .table = "prices", .required = 1 },
};

static const tt_ground grounds[] = {
	{ "wrong_card", "cost_ratio", "<=", "max_cost_ratio", TT_METRIC_NONE },
	{ "wrong_card", "coverage_ratio", ">=", "min_coverage_ratio", TT_METRIC_NONE },
};

enum { CARDS_MAX = 16 };

struct card {                    /* that it could go to                      */
	const tt_type *type;     /* the cheapest instance with it            */
	double least_ratio;      /* what it would cost at least, of now      */
	const char *change;
	const tt_tried *t;
};

struct cards {
	struct card v[CARDS_MAX];
	size_t n, unknown;       /* of so many it is not known how fast they are */
	const char *refused;     /* why the first one that would be cheaper is not */
};

static int is_service(const tt_load *l)
{
	return strcmp(l->workload_kind, "inference") == 0;
}

static double card_micro(const tt_type *t)
{
	return t->price_per_hour_micro == TT_MONEY_UNKNOWN ? (double)NAN
		: (double)t->price_per_hour_micro / t->gpus;
}

/* Not fmax(), which would pass over what is not known. */
static double larger(double a, double b)
{
	return a > b || isnan(a) ? a : b;
}

/* Cards or hours there for one of now, at least: what the bound of the price (the busier of both
 * engines, step by step) can't be below. */
static double least_needed(const struct params *p, const tt_load *l, const tt_type *here,
                           const tt_type *there)
{
	double compute = here->tensor_tflops / there->tensor_tflops;
	double bandwidth = here->dram_gb_per_s / there->dram_gb_per_s;

	if (!isnan(there->throughput_ratio))
		return 1 / there->throughput_ratio;
	if (is_service(l))
		return larger(1, larger(l->p95_tensor_pct * compute, l->p95_dram_pct * bandwidth) /
		                 (100 * p->busy_ratio));
	if (strcmp(l->workload_kind, "notebook") == 0)
		return compute > 0 && bandwidth > 0 ? 1 : (double)NAN;
	return larger(1, larger(l->mean_tensor_pct * compute, l->mean_dram_pct * bandwidth) /
	                 (l->mean_tensor_pct + l->mean_dram_pct));
}

static int is_there(const struct cards *to, const char *model)
{
	for (size_t i = 0; i < to->n; i++)
		if (strcmp(to->v[i].type->gpu_model, model) == 0)
			return 1;
	return 0;
}

/* Whether it is worth to look closely. */
static int any_cheaper(const struct params *p, const tt_types *types)
{
	for (size_t i = 0; i < types->n; i++)
		if (!types->v[i].same_gpu && *types->v[i].gpu_model &&
		    (!isnan(types->v[i].throughput_ratio) ||
		     card_micro(&types->v[i]) <= p->max_cost_ratio * card_micro(&types->here)))
			return 1;
	return 0;
}

/* Those that may be cheap enough, that first which looks cheapest. */
static void find_cards(const struct params *p, const tt_load *l, const tt_types *types,
                       struct cards *to)
{
	const size_t most = (size_t)p->max_cards;

	for (size_t i = 0; i < types->n; i++) { /* by price of a card */
		const tt_type *t = &types->v[i];
		struct card one = { .type = t };
		size_t at;

		if (t->same_gpu || !*t->gpu_model || is_there(to, t->gpu_model))
			continue;
		one.least_ratio = least_needed(p, l, &types->here, t) * card_micro(t) /
		                  card_micro(&types->here);
		to->unknown += isnan(one.least_ratio) ? 1 : 0;
		if (!(one.least_ratio <= p->max_cost_ratio))
			continue;
		for (at = to->n; at && to->v[at - 1].least_ratio > one.least_ratio; at--)
			if (at < most)
				to->v[at] = to->v[at - 1];
		if (at < most)
			to->v[at] = one;
		to->n += to->n < most;
	}
}

/* Those that it fits and that are cheap enough, by what it then costs. */
static int try_cards(const tt_host *h, tt_call *c, const struct params *p, const tt_load *l,
                     struct cards *to)
{
	size_t kept = 0;

	for (size_t i = 0; i < to->n; i++) {
		struct card one = to->v[i];
		size_t at = kept;
		int rc;

		one.change = h->text(c, "retype %s gpu_model=%s", l->subject,
		                     h->quote(c, one.type->gpu_model));
		rc = h->tried(c, one.change, &one.t);
		if (rc < 0)
			return rc;
		if (*one.t->why_not && !*to->refused)
			to->refused = one.t->why_not;
		if (*one.t->why_not || !one.t->nodes ||
		    !((double)one.t->after_micro <=
		      p->max_cost_ratio * (double)one.t->before_micro))
			continue;
		for (; at && to->v[at - 1].t->after_micro > one.t->after_micro; at--)
			to->v[at] = to->v[at - 1];
		to->v[at] = one;
		kept++;
	}
	to->n = kept;
	return TT_OK;
}

/* A request may take as long as the slower of both engines makes it. */
static int risk_of(const tt_load *l, const tt_type *here, const tt_type *there,
                   const char **ret_note)
{
	double times = larger(here->tensor_tflops / there->tensor_tflops,
	                      here->dram_gb_per_s / there->dram_gb_per_s);

	*ret_note = "";
	if (!is_service(l) || times * l->latency_p95_ms <= l->slo_latency_ms)
		return TT_RISK_LOW;
	*ret_note = isnan(times * l->latency_p95_ms / l->slo_latency_ms) ?
		"how much slower a request may be is not known: no latency_p95_ms or no "
		"slo_latency_ms" : "a request may take longer than slo_latency_ms allows";
	return TT_RISK_MEDIUM;
}

static double per(double micro, double count)
{
	return count > 0 ? micro / 1e6 / count : (double)NAN;
}

static int report(const tt_host *h, tt_call *c, const tt_subject *subject, const tt_load *l,
                  const tt_types *types, const struct cards *cards)
{
	const struct card *best = &cards->v[0];
	const tt_tried *t = best->t;
	const tt_type *here = &types->here, *there = best->type;
	double coverage = fmin(1, l->measured_s / l->alive_s);
	double window_s = (double)(subject->window->end_s - subject->window->start_s);
	double now = l->cost_micro == TT_MONEY_UNKNOWN ? (double)NAN : (double)l->cost_micro;
	double then = now - (double)(t->before_micro - t->after_micro);
	double cost_ratio = (double)t->after_micro / (double)t->before_micro;
	const char *more[CARDS_MAX + 1] = { NULL }, *note;
	int risk = risk_of(l, here, there, &note), listed = !isnan(there->throughput_ratio);
	const tt_evidence evidence[] = {
		{ "workload_kind", 0, l->workload_kind },
		{ "gpu_model", 0, here->gpu_model },
		{ "then_gpu_model", 0, there->gpu_model },
		{ "then_instance_type", 0, t->instance_type },
		{ "pace_from", 0, listed ? "throughput of the catalogue" : "activity, a bound" },
		{ "p95_activity_pct", l->p95_activity_pct, NULL },
		{ "p95_tensor_pct", l->p95_tensor_pct, NULL },
		{ "p95_dram_pct", l->p95_dram_pct, NULL },
		{ "max_fb_used_mib", l->max_fb_used_mib, NULL },
		{ "gpu_memory_mib", here->gpu_memory_mib, NULL },
		{ "then_gpu_memory_mib", there->gpu_memory_mib, NULL },
		{ "price_per_card_h", card_micro(here) / 1e6, NULL },
		{ "then_price_per_card_h", card_micro(there) / 1e6, NULL },
		{ "then_hours_times", t->paid_ratio, NULL },
		{ "then_pods_times", t->pods_ratio, NULL },
		{ "cost_ratio", cost_ratio, NULL },
		{ "cost_per_1000_requests", 1e3 * per(now, l->requests), NULL },
		{ "cost_per_1000_requests_then", 1e3 * per(then, l->requests), NULL },
		{ "cost_per_mtok", 1e6 * per(now, l->tokens), NULL },
		{ "cost_per_mtok_then", 1e6 * per(then, l->tokens), NULL },
		{ "cheaper_but_refused", 0, cards->refused },
		{ "measured_pod_h", l->measured_s / 3600, NULL },
		{ "coverage_ratio", coverage, NULL },
	};

	for (size_t i = 1; i < cards->n; i++)
		more[i - 1] = cards->v[i].change;
	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = "wrong_card",
		.title = h->text(c, "%s (%s, %zu pod%s) uses %s at %.0f %% (p95); on %s it would "
		                 "cost %.0f %% of now, coverage %.0f %%", subject->id,
		                 l->workload_kind, l->n_pods, l->n_pods == 1 ? "" : "s",
		                 here->gpu_model, l->p95_activity_pct, there->gpu_model,
		                 100 * cost_ratio, 100 * coverage),
		.subject_kind = "workload", .subject_id = subject->id, .owner = l->owner,
		.spend_concerned_micro = t->before_micro, .coverage_ratio = coverage,
		.confidence_ratio = h->confidence(c, coverage, window_s, cost_ratio) *
			(listed ? 1 : 0.8),
		.effort_days = is_service(l) ? 2 : 1, .risk = risk, .risk_note = note,
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &best->change, .n_changes = 1, .alternatives = more,
	});
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const struct params *p = params_;
	const tt_loads *all = h->loads(c, subject, 0);
	struct cards cards = { .refused = "" };
	const tt_types *types;
	int rc;

	if (!all)
		return TT_ENOMEM;
	if (!all->n || strcmp(all->v->workload_kind, "system") == 0)
		return TT_NOT_ABOUT;
	if (all->v->alive_s < p->min_alive_h * 3600 ||
	    !(all->v->measured_s >= p->min_coverage_ratio * all->v->alive_s))
		return h->fail(c, TT_ENODATA, "no workload ran for %.0f h and was measured for "
		               "%.0f %% of that", p->min_alive_h, 100 * p->min_coverage_ratio);
	if (!(all->v->p99_activity_pct > p->min_activity_pct))
		return TT_OK; /* idle is another finding */
	rc = h->types(c, subject, &types);
	if (rc < 0)
		return rc;
	if (isnan(card_micro(&types->here)))
		return h->fail(c, TT_ENODATA, "no workload is on nodes with a price");
	if (!any_cheaper(p, types))
		return TT_OK;
	all = h->loads(c, subject, TT_LOAD_ENGINES | TT_LOAD_MEMORY); /* reads series */
	if (!all)
		return TT_ENOMEM;
	find_cards(p, all->v, types, &cards);
	if (!cards.n)
		return !cards.unknown ? TT_OK :
		       h->fail(c, TT_ENODATA, "how fast other cards are is not known: of no "
		               "workload were tensor_active_ratio and dram_active_ratio measured, "
		               "or its model is in the catalogue");
	rc = try_cards(h, c, p, all->v, &cards);
	if (rc < 0)
		return rc;
	return cards.n ? report(h, c, subject, all->v, types, &cards) : TT_OK;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "gpu_fit", .version = "1.0.0",
	          .summary = "Workloads on another card than the one that costs least",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_WORKLOAD,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
