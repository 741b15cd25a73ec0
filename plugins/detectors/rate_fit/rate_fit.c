/* rate_fit - capacity that is paid for in the wrong way.
 *
 * Rule: work that can be interrupted costs less on spot, everything that interruptions take
 * counted in; work or a service on spot that loses more than spot saves; a steady baseload on
 * demand of which whole units would cost less committed.
 * Proposes: reprice to spot, or back; a commitment that is bought.
 * Blind spot: demand after the window. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double min_saved_ratio, min_card_h, max_lost_ratio;
	double min_committed_saved_ratio, min_window_days, min_known_ratio;
	int64_t max_term_months;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, min_saved_ratio, "ratio", 0.2, 0, 1,
	             "Spot is proposed where work costs so much less, interruptions counted in."),
	TT_PARAM_F64(struct params, min_card_h, "h", 24, 0, 1e9,
	             "Nothing is said of a workload with fewer card-hours on such nodes."),
	TT_PARAM_F64(struct params, max_lost_ratio, "ratio", 0.001, 0, 1,
	             "Share of the time that a service on spot may be without a replica."),
	TT_PARAM_F64(struct params, min_committed_saved_ratio, "ratio", 0.05, 0, 1,
	             "A commitment is proposed where it takes so much off the price on demand."),
	TT_PARAM_F64(struct params, min_window_days, "days", 14, 1, 366,
	             "No commitment is proposed by a shorter window."),
	TT_PARAM_F64(struct params, min_known_ratio, "ratio", 0.8, 0.1, 1,
	             "Nor where it is known for a smaller share of node time who used it."),
	TT_PARAM_I64(struct params, max_term_months, "months", 12, 12, 36,
	             "Nor one for a longer term."),
};

static const tt_need needs[] = {
	{ .table = "nodes", .required = 1 },
	{ .table = "prices", .required = 1 },
	{ .metric = TT_ACTIVITY_PCT },
};

static const tt_ground grounds[] = {
	{ "spot_fits", "saved_ratio", ">=", "min_saved_ratio", TT_METRIC_NONE },
	{ "spot_service", "lost_ratio", ">", "max_lost_ratio", TT_METRIC_NONE },
	{ "uncommitted", "committed_saved_ratio", ">=", "min_committed_saved_ratio",
	  TT_METRIC_NONE },
	{ "uncommitted", "known_ratio", ">=", "min_known_ratio", TT_METRIC_NONE },
};

struct look {
	const tt_host *h;
	tt_call *c;
	const struct params *p;
	double window_s;
	const tt_price *const *prices; size_t n_prices;
	const char **without; size_t n_without; /* workloads that go to spot */
	size_t n_found, n_unpriced; /* of the latter a spot price or rate is in no table */
};

static int is_lost(const tt_card_work *w)
{
	return strcmp(w->workload_kind, "training") == 0 || strcmp(w->workload_kind, "batch") == 0;
}

/* --- Spot --------------------------------------------------------------------------------- */

static int report(struct look *l, const char *verdict, const char *title, const tt_card_work *w,
                  const tt_repriced *spot, const tt_repriced *then, const char *to, double ratio,
                  double close_ratio)
{
	const tt_host *h = l->h;
	double price_ratio = spot->there_per_node_h / spot->now_per_node_h;
	double per_1000 = w->cost_micro == TT_MONEY_UNKNOWN || !(w->requests > 0) ? (double)NAN
		: (double)w->cost_micro / 1e3 / w->requests;
	const char *change = h->text(l->c, "reprice %s pricing=%s",
	                             h->subject(l->c, "", "workload", w->workload), to);
	const int spots = strcmp(to, "spot") == 0, knows = w->checkpoint_interval_s > 0;
	const tt_evidence evidence[] = {
		{ "workload_kind", 0, w->workload_kind },
		{ spots ? "saved_ratio" : is_lost(w) ? "spot_per_on_demand" : "lost_ratio", ratio,
		  NULL },
		{ "spot_price_ratio", spots ? price_ratio : (double)NAN, NULL },
		{ "spot_price_per_hour", spot->there_per_node_h, NULL },
		{ "paid_h_per_work_h", spot->paid_ratio, NULL },
		{ "interruptions_per_h", spot->interruptions_per_h, NULL },
		{ "gang_nodes", spot->gang, NULL },
		{ "checkpoint_interval_s", w->checkpoint_interval_s, NULL },
		{ "checkpoint_s", w->checkpoint_s, NULL },
		{ "recovery_s", spot->recovery_s, NULL },
		{ "node_h", spot->node_h, NULL },
		{ "on_demand_card_h", w->on_demand_card_h, NULL },
		{ "spot_card_h", w->spot_card_h, NULL },
		{ "cost_per_1000_requests", per_1000, NULL },
		{ "cost_per_1000_requests_then", then ? per_1000 - (double)then->less_micro / 1e3 /
			w->requests : (double)NAN, NULL },
	};

	l->n_found++;
	return h->emit(l->c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = verdict, .title = title,
		.subject_kind = "workload", .subject_id = w->workload, .owner = w->owner,
		.spend_concerned_micro = spots ? spot->now_micro : w->cost_micro,
		.coverage_ratio = 1,
		.confidence_ratio = h->confidence(l->c, knows || !is_lost(w) ? 1 : 0.8,
		                                  l->window_s, close_ratio),
		.effort_days = spots ? (knows ? 1 : 3) : 0.5,
		.risk = !spots ? TT_RISK_NONE : knows && w->interruptible > 0 ? TT_RISK_LOW
			: TT_RISK_MEDIUM,
		.risk_note = !spots ? "" : h->text(l->c, "its nodes are taken away %.2g times a "
			"day each, and there may be none for a while",
			24 * spot->interruptions_per_h),
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &change, .n_changes = 1,
	});
}

static int price(struct look *l, const tt_card_work *w, const char *pricing,
                 const tt_repriced **ret)
{
	int rc = l->h->repriced(l->c, l->h->text(l->c, "reprice %s pricing=%s",
	                        l->h->subject(l->c, "", "workload", w->workload), pricing), ret);

	l->n_unpriced += rc == TT_ENODATA;
	return rc;
}

static int try_spot(struct look *l, const tt_card_work *w)
{
	const tt_repriced *r;
	double saved;
	int rc;

	if (!is_lost(w) || !w->interruptible || w->on_demand_card_h < l->p->min_card_h ||
	    (w->interruptible < 0 && !(w->checkpoint_interval_s > 0)))
		return TT_OK;
	rc = price(l, w, "spot", &r);
	if (rc < 0 || !(r->node_h > 0) || r->now_micro <= 0)
		return rc;
	saved = (double)r->less_micro / (double)r->now_micro;
	if (!(saved > 0) || saved < l->p->min_saved_ratio)
		return TT_OK;
	l->without[l->n_without++] = w->workload;
	return report(l, "spot_fits", l->h->text(l->c, "%s %s runs on demand and can be "
		"interrupted; on spot its work costs %.0f %% less: price %.0f %%, %.2f paid hours "
		"for one",
		w->workload_kind, w->workload, 100 * saved,
		100 * r->there_per_node_h / r->now_per_node_h, r->paid_ratio), w, r, r, "spot",
		saved,
		l->p->min_saved_ratio / saved);
}

/* Work on spot of which more is done twice than spot is cheaper by. */
static int try_work_back(struct look *l, const tt_card_work *w)
{
	const tt_repriced *spot, *back;
	int rc = price(l, w, "on_demand", &back);
	double ratio;

	if (rc < 0 || !(back->there_per_node_h > 0))
		return rc;
	ratio = back->now_per_node_h / (back->there_per_node_h * back->paid_ratio);
	if (!(ratio > 1))
		return TT_OK;
	rc = price(l, w, "spot", &spot);
	return rc < 0 ? rc : report(l, "spot_loss", l->h->text(l->c, "%s %s on spot pays %.2f "
		"hours for one of work: it costs %.0f %% of what it would on demand",
		w->workload_kind, w->workload, spot->paid_ratio, 100 * ratio), w, spot, back,
		"on_demand", ratio, 1 / ratio);
}

/* A service with a promise, whose replicas are gone too often. */
static int try_service_back(struct look *l, const tt_card_work *w)
{
	const tt_repriced *spot, *back;
	double lost;
	int rc = price(l, w, "spot", &spot);

	if (rc < 0 || !(spot->node_h > 0))
		return rc;
	rc = price(l, w, "on_demand", &back);
	if (rc < 0 && rc != TT_ENODATA) /* without that price it is said all the same */
		return rc;
	back = rc < 0 ? NULL : back;
	lost = spot->interruptions_per_h *
		(fmax(0, spot->recovery_s) + fmax(0, spot->wait_s)) / 3600;
	return !(lost > l->p->max_lost_ratio) ? TT_OK : report(l, "spot_service",
		l->h->text(l->c, "service %s has to answer within %.0f ms and is on spot: each "
		"replica is gone %.2f %% of the time", w->workload, w->slo_latency_ms, 100 * lost),
		w, spot, back, "on_demand", lost, l->p->max_lost_ratio / lost);
}

static int try_back(struct look *l, const tt_card_work *w)
{
	if (w->spot_card_h < l->p->min_card_h)
		return TT_OK;
	if (is_lost(w))
		return try_work_back(l, w);
	return w->slo_latency_ms > 0 ? try_service_back(l, w) : TT_OK;
}

/* --- Baseload ------------------------------------------------------------------------------ */

struct base {
	const tt_node_pool *like;
	double *rest;            /* [n] nodes on demand, without idle ones */
	double price_per_hour;   /* of those on demand the lowest; NaN none */
	double alive_h, known_h, idle_h, rest_h, beyond_h;
	int64_t cost_micro;
	const char *owner;
};

static int same_kind(const tt_node_pool *a, const tt_node_pool *b)
{
	return strcmp(a->provider, b->provider) == 0 && strcmp(a->region, b->region) == 0 &&
	       strcmp(a->instance_type, b->instance_type) == 0 && a->gpus == b->gpus &&
	       strcmp(a->gpu_model, b->gpu_model) == 0;
}

/* Pools on demand and reserved ones of a kind together: idle nodes of either are first to go. */
static int add_up(struct look *l, const tt_node_pool *const *v, size_t n, struct base *b)
{
	b->rest = l->h->alloc(l->c, (v[0]->n_hours + 1) * sizeof *b->rest);
	if (!b->rest)
		return TT_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const int on_demand = strcmp(v[i]->pricing, "on_demand") == 0;

		if (!on_demand && strcmp(v[i]->pricing, "reserved") != 0)
			continue;
		if (on_demand && v[i]->price_per_hour > 0)
			b->price_per_hour = fmin(b->price_per_hour, v[i]->price_per_hour);
		if (on_demand && v[i]->cost_micro > 0)
			b->cost_micro += v[i]->cost_micro;
		b->owner = !b->owner || strcmp(b->owner, v[i]->owner) == 0 ? v[i]->owner : "";
		b->alive_h += v[i]->alive_h;
		b->known_h += v[i]->alive_h * v[i]->known_ratio;
		for (size_t k = 0; k < v[i]->n_hours; k++) {
			const double idle = v[i]->hours[k].alive - v[i]->hours[k].used;

			b->rest[k] += v[i]->hours[k].uncovered - idle;
			b->idle_h += idle;
			b->beyond_h += v[i]->hours[k].uncovered;
		}
	}
	for (size_t k = 0; k < v[0]->n_hours; k++)
		b->rest_h += b->rest[k] = fmax(0, b->rest[k]);
	return TT_OK;
}

static int is_offer(const struct look *l, const tt_price *o, const tt_node_pool *of)
{
	return *o->offer && strcmp(o->provider, of->provider) == 0 &&
	       (strcmp(o->pricing, "commit_1y") == 0 || l->p->max_term_months >= 36) &&
	       strcmp(o->region, of->region) == 0 && o->price_per_hour > 0 &&
	       strcmp(o->instance_type, of->instance_type) == 0 &&
	       (!*o->gpu_model || strcmp(o->gpu_model, of->gpu_model) == 0);
}

static int propose(struct look *l, const struct base *b, const tt_price *o,
                   const tt_layer_rule *r)
{
	const tt_host *h = l->h;
	const double saved = 1 - r->cost_ratio, breakeven = o->price_per_hour / b->price_per_hour;
	const double known = b->known_h / b->alive_h;
	const char *change = h->text(l->c, "commit offer:%s action=buy units=%lld",
	                             h->quote(l->c, o->offer), (long long)r->units);
	const tt_evidence evidence[] = {
		{ "offer", 0, o->offer },
		{ "units", (double)r->units, NULL },
		{ "committed_saved_ratio", saved, NULL },
		{ "rate_per_hour", o->price_per_hour, NULL },
		{ "price_per_hour", b->price_per_hour, NULL },
		{ "breakeven_ratio", breakeven, NULL },
		{ "last_unit_used_ratio", r->last_busy_ratio, NULL },
		{ "next_unit_used_ratio", r->next_busy_ratio, NULL },
		{ "units_used_ratio", r->used_ratio, NULL },
		{ "covered_ratio", r->covered_ratio, NULL },
		{ "on_demand_node_h", b->beyond_h, NULL },
		{ "idle_node_h", b->idle_h, NULL },
		{ "used_node_h", b->rest_h, NULL },
		{ "known_ratio", known, NULL },
	};

	l->n_found++;
	return h->emit(l->c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = "uncommitted",
		.title = h->text(l->c, "%lld of %s would cost %.0f %% less committed (%s): "
		                 "the last of them is in use %.0f %% of the time, %.0f %% is "
		                 "break-even",
		                 (long long)r->units, b->like->instance_type, 100 * saved,
		                 o->pricing, 100 * r->last_busy_ratio, 100 * breakeven),
		.subject_kind = "fleet",
		.subject_id = h->text(l->c, "%s/%s/%s%s%s", b->like->provider, b->like->region,
		                      b->like->instance_type, *b->like->gpu_model ? " " : "",
		                      b->like->gpu_model),
		.owner = b->owner, .coverage_ratio = known,
		.spend_concerned_micro = (int64_t)fmin((double)b->cost_micro, 1e6 * b->rest_h *
			r->covered_ratio * b->price_per_hour),
		.confidence_ratio = 0.8 * h->confidence(l->c, known, l->window_s,
		                                        breakeven / r->last_busy_ratio),
		.effort_days = 0.5, .risk = TT_RISK_NONE,
		.risk_note = "paid for its term, whatever runs then",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &change, .n_changes = 1,
	});
}

static int try_offers(struct look *l, const struct base *b)
{
	const tt_price *best = NULL;
	tt_layer_rule r, best_rule = { .cost_ratio = 1 };

	for (size_t i = 0; i < l->n_prices; i++) {
		if (!is_offer(l, l->prices[i], b->like))
			continue;
		int rc = l->h->layers(l->c, b->rest, b->like->n_hours, l->prices[i]->price_per_hour,
		                      b->price_per_hour, &r);

		if (rc < 0)
			return rc;
		if (r.units && r.cost_ratio < best_rule.cost_ratio) {
			best = l->prices[i];
			best_rule = r;
		}
	}
	return !best || 1 - best_rule.cost_ratio < l->p->min_committed_saved_ratio ? TT_OK
		: propose(l, b, best, &best_rule);
}

static int find_baseload(struct look *l)
{
	const tt_node_pool *const *v;
	size_t n, k;
	int rc = l->h->pools(l->c, TT_POOL_HOURS, l->without, l->n_without, &v, &n);

	for (size_t i = 0; rc == TT_OK && i < n; i += k) {
		struct base b = { .like = v[i], .price_per_hour = (double)NAN };

		for (k = 1; i + k < n && same_kind(v[i], v[i + k]);)
			k++;
		rc = add_up(l, v + i, k, &b);
		if (rc == TT_OK && b.price_per_hour > 0 && b.rest_h > 0 &&
		    b.known_h >= l->p->min_known_ratio * b.alive_h)
			rc = try_offers(l, &b);
	}
	return rc;
}

static int has_offers(const struct look *l)
{
	for (size_t i = 0; i < l->n_prices; i++)
		if (*l->prices[i]->offer)
			return 1;
	return 0;
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const double window_s = (double)(subject->window->end_s - subject->window->start_s);
	struct look l = { .h = h, .c = c, .p = params_, .window_s = window_s };
	const tt_card_work *const *works;
	size_t n;
	int rc = h->works(c, &works, &n);

	if (rc == TT_OK)
		rc = h->prices(c, &l.prices, &l.n_prices);
	l.without = h->alloc(c, (n + 1) * sizeof *l.without);
	if (!l.without)
		return TT_ENOMEM;
	for (size_t i = 0; rc == TT_OK && i < n; i++) {
		rc = try_spot(&l, works[i]);
		if (rc == TT_OK)
			rc = try_back(&l, works[i]);
		if (rc == TT_ENODATA) /* of this one alone */
			rc = TT_OK;
	}
	if (rc == TT_OK && window_s >= l.p->min_window_days * 86400)
		rc = find_baseload(&l);
	if (rc < 0 || l.n_found)
		return rc;
	if (l.n_unpriced)
		return h->fail(c, TT_ENODATA, "no workload that could be on spot has a spot price "
		               "and a rate of interruptions");
	return window_s >= l.p->min_window_days * 86400 || !has_offers(&l) ? TT_OK
		: h->fail(c, TT_ENODATA, "the window is shorter than %.0f days",
		          l.p->min_window_days);
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "rate_fit", .version = "1.0.0",
	          .summary = "On demand that should be spot or committed, and spot that should not",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_FLEET,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
