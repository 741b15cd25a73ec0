/* stranded_commitment - commitments that are paid for and not used.
 *
 * Rule: all commitments for the same capacity together are used for less than
 * `max_used_ratio` of their unit-hours; or they are used, and end soon.
 * Proposes: exchange, sell or let lapse what no layer of demand is worth; move work on demand
 * elsewhere to where they stand.
 * Blind spot: whether the provider or a market takes them back. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

enum { CHANGES_MAX = 200, YEAR_H = 8760 };

struct params {
	double max_used_ratio, min_window_days, resale_ratio, sold_ratio;
	double expiring_days, min_moved_ratio;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, max_used_ratio, "ratio", 0.75, 0.01, 1,
	             "Commitments are stranded where less of their unit-hours is used."),
	TT_PARAM_F64(struct params, min_window_days, "days", 7, 0, 366,
	             "Nothing is said by a shorter window."),
	TT_PARAM_F64(struct params, resale_ratio, "ratio", 0.5, 0, 1,
	             "What a sale brings of what is left of the sum paid at the start."),
	TT_PARAM_F64(struct params, sold_ratio, "ratio", 0.5, 0, 1,
	             "How likely a sale is to find a buyer."),
	TT_PARAM_F64(struct params, expiring_days, "days", 90, 0, 3660,
	             "Commitments in use that end within this time are named."),
	TT_PARAM_F64(struct params, min_moved_ratio, "ratio", 0.2, 0, 1,
	             "Work is moved to them where that takes so much off what it costs."),
};

static const tt_need needs[] = {
	{ .table = "commitments" },
	{ .table = "nodes", .required = 1 },
};

static const tt_ground grounds[] = {
	{ "stranded", "used_ratio", "<", "max_used_ratio", TT_METRIC_NONE },
	{ "movable", "used_ratio", "<", "max_used_ratio", TT_METRIC_NONE },
	{ "movable", "moved_saved_ratio", ">=", "min_moved_ratio", TT_METRIC_NONE },
	{ "expiring", "ends_in_days", "<=", "expiring_days", TT_METRIC_NONE },
};

struct look {
	const tt_host *h;
	tt_call *c;
	const struct params *p;
	const tt_subject *s;
	const tt_commitment *k;
	const tt_price *const *prices; size_t n_prices;
	double window_s, units, used_ratio, surplus;
	const char **changes; size_t n_changes;
	double sold, exchanged;
};

static const char *name(const struct look *l)
{
	const tt_commitment *k = l->k;

	return *k->instance_type ? k->instance_type : *k->gpu_model ? k->gpu_model : k->kind;
}

/* In the window, so that there is nothing left to give up. */
static int has_ended(const tt_held_one *v)
{
	return v->ends_in_s < 0;
}

static double soonest_s(const tt_commitment *k)
{
	double s = (double)NAN;

	for (size_t i = 0; i < k->n; i++)
		if (!has_ended(&k->v[i]))
			s = fmin(s, k->v[i].ends_in_s);
	return s;
}

static int have_all_ended(const tt_commitment *k)
{
	size_t n = 0;

	while (n < k->n && has_ended(&k->v[n]))
		n++;
	return n == k->n;
}

static int emit(struct look *l, tt_finding *f, const tt_evidence *v, size_t n)
{
	f->size = sizeof *f;
	f->subject_kind = "commitment";
	f->subject_id = l->s->id;
	f->owner = "";
	f->coverage_ratio = 1;
	f->evidence = v;
	f->n_evidence = n;
	return l->h->emit(l->c, f);
}

/* --- What no demand is worth ----------------------------------------------------------- */

/* An hour of a unit that is given up: what recurs ends, and a sale brings its part of the
 * sum that was paid, over the rest of the term. */
static double given_up_per_hour(const struct look *l, const tt_held_one *v)
{
	const double rest_h = (v->ends_in_s + l->window_s) / 3600;

	return v->recurring_per_hour +
		(rest_h > 0 ? l->p->resale_ratio * v->left / v->units / rest_h : 0);
}

/* Units that are in use for too little of the time to be kept. */
static int find_surplus(struct look *l)
{
	const tt_commitment *k = l->k;
	double rate = 0, most = 0;
	tt_layer_rule r;
	int rc;

	for (size_t i = 0; i < k->n; i++) {
		l->units += k->v[i].units;
		rate += k->v[i].units * given_up_per_hour(l, &k->v[i]);
	}
	for (size_t i = 0; i < k->n_hours; i++)
		most = fmax(most, k->used[i]);
	if (!(k->price_per_hour > 0)) {
		l->surplus = floor(l->units - ceil(most - 1e-6));
		return TT_OK;
	}
	rc = l->h->layers(l->c, k->used, k->n_hours, rate / l->units, k->price_per_hour, &r);
	l->surplus = floor(fmax(0, l->units - (double)r.units));
	return rc;
}

/* Those used least first; of equals the last by name. */
static size_t next_of(const struct look *l, const char *taken)
{
	size_t best = l->k->n;
	double least = -1;

	for (size_t i = l->k->n; i-- > 0;) {
		const tt_held_one *v = &l->k->v[i];
		const double unused = v->cost_micro > 0
			? (double)v->unused_micro / (double)v->cost_micro : 0;

		if (!taken[i] && unused > least) {
			best = i;
			least = unused;
		}
	}
	return best;
}

static void give_up(struct look *l, const tt_held_one *v, double units, const char *offer)
{
	const tt_host *h = l->h;
	const char *some = units < v->units ? h->text(l->c, " units=%.6g", units) : "";

	if (l->n_changes == CHANGES_MAX || !(units > 0))
		return;
	l->changes[l->n_changes++] = offer
		? h->text(l->c, "commit commitment:%s action=exchange%s into_offer=%s",
		          h->quote(l->c, v->id), some, h->quote(l->c, offer))
		: h->text(l->c, "commit commitment:%s action=sell%s proceeds=%.2f "
		          "adoption_ratio=%g", h->quote(l->c, v->id), some,
		          l->p->resale_ratio * v->left * units / v->units, l->p->sold_ratio);
	*(offer ? &l->exchanged : &l->sold) += units;
}

/* --- Demand elsewhere ------------------------------------------------------------------ */

static int is_elsewhere(const struct look *l, const tt_node_pool *p)
{
	const tt_commitment *k = l->k;

	return strcmp(p->pricing, "on_demand") == 0 && *p->gpu_model &&
	       strcmp(p->gpu_model, k->gpu_model) == 0 &&
	       (!*k->provider || strcmp(p->provider, k->provider) == 0) &&
	       ((*k->region && strcmp(p->region, k->region) != 0) ||
	        (*k->instance_type && strcmp(p->instance_type, k->instance_type) != 0));
}

/* What of it an offer would be worth for, and the offer that costs least. */
static int find_offer(struct look *l, const tt_node_pool *p, const tt_price **ret,
                      double *ret_units)
{
	double *rest = l->h->alloc(l->c, (p->n_hours + 1) * sizeof *rest), least = 1;
	tt_layer_rule r;

	*ret = NULL;
	*ret_units = 0;
	if (!rest)
		return TT_ENOMEM;
	for (size_t i = 0; i < p->n_hours; i++)
		rest[i] = p->hours[i].uncovered - (p->hours[i].alive - p->hours[i].used);
	for (size_t i = 0; i < l->n_prices && p->price_per_hour > 0; i++) {
		const tt_price *o = l->prices[i];
		int rc;

		if (!*o->offer || strcmp(o->provider, p->provider) != 0 ||
		    strcmp(o->region, p->region) != 0 ||
		    strcmp(o->instance_type, p->instance_type) != 0)
			continue;
		rc = l->h->layers(l->c, rest, p->n_hours, o->price_per_hour, p->price_per_hour, &r);
		if (rc < 0)
			return rc;
		if (r.units && r.cost_ratio < least) {
			least = r.cost_ratio;
			*ret = o;
			*ret_units = (double)r.units;
		}
	}
	return TT_OK;
}

/* What is left of a sum that was paid has to go into the new one. */
static int takes_up(const tt_held_one *v, const tt_price *o)
{
	const int years = strcmp(o->pricing, "commit_3y") == 0 ? 3 : 1;

	return o->price_per_hour * YEAR_H * years >= v->left / v->units;
}

static int exchange(struct look *l, const tt_node_pool *const *v, size_t n, char *taken,
                    double *left_of)
{
	for (size_t i = 0; i < n; i++) {
		const tt_price *o;
		double units;
		int rc;

		if (!is_elsewhere(l, v[i]))
			continue;
		rc = find_offer(l, v[i], &o, &units);
		if (rc < 0)
			return rc;
		while (o && units > 0 && l->surplus > 0) {
			const size_t at = next_of(l, taken);
			const double u = at < l->k->n ? fmin(fmin(units, l->surplus),
			                                     floor(left_of[at])) : 0;

			if (!(u > 0) || !takes_up(&l->k->v[at], o))
				break;
			give_up(l, &l->k->v[at], u, o->offer);
			l->surplus -= u;
			left_of[at] -= u;
			units -= u;
			taken[at] = !(left_of[at] >= 1);
		}
	}
	return TT_OK;
}

static int find_changes(struct look *l, const tt_node_pool *const *v, size_t n)
{
	char *taken = l->h->alloc(l->c, l->k->n + 1);
	double *left_of = l->h->alloc(l->c, (l->k->n + 1) * sizeof *left_of);
	int rc;

	if (!taken || !left_of)
		return TT_ENOMEM;
	for (size_t i = 0; i < l->k->n; i++) {
		left_of[i] = l->k->v[i].units;
		taken[i] = !(left_of[i] >= 1) || /* parts of a unit stay */
			has_ended(&l->k->v[i]);
	}
	rc = exchange(l, v, n, taken, left_of);
	for (size_t at; rc == TT_OK && l->surplus > 0 && (at = next_of(l, taken)) < l->k->n;) {
		const double u = fmin(l->surplus, floor(left_of[at]));

		give_up(l, &l->k->v[at], u, NULL);
		l->surplus -= u;
		taken[at] = 1;
	}
	return rc;
}

/* --- What is said ---------------------------------------------------------------------- */

static int report_stranded(struct look *l)
{
	const tt_host *h = l->h;
	const tt_commitment *k = l->k;
	const double unused = (double)k->unused_micro / 1e6, ends_s = soonest_s(k);
	const char *ids = "", *lapse;
	const tt_evidence evidence[] = {
		{ "commitments", (double)k->n, NULL },
		{ "kind", 0, k->kind },
		{ "used_ratio", l->used_ratio, NULL },
		{ "unused_cost", unused, NULL },
		{ "cost", (double)k->cost_micro / 1e6, NULL },
		{ "held_unit_h", k->held_h > 0 ? k->held_h : (double)NAN, NULL },
		{ "unused_unit_h", k->held_h > 0 ? k->unused_h : (double)NAN, NULL },
		{ "units", l->units > 0 ? l->units : (double)NAN, NULL },
		{ "exchanged_units", l->exchanged, NULL },
		{ "sold_units", l->sold, NULL },
		{ "price_per_hour", k->price_per_hour, NULL },
		{ "rate_per_hour", k->v[0].rate_per_hour, NULL },
		{ "ends_in_days", ends_s / 86400, NULL },
	};

	for (size_t i = 0; i < k->n && i < CHANGES_MAX; i++)
		if (!has_ended(&k->v[i]))
			ids = h->subject(l->c, ids, "commitment", k->v[i].id);
	lapse = h->text(l->c, "commit %s action=lapse", ids);
	if (!l->n_changes)
		l->changes[l->n_changes++] = lapse;
	return emit(l, &(tt_finding){
		.verdict = "stranded",
		.title = h->text(l->c, "%zu commitment%s for %s (%s%s) %s used %.0f %%: %.2f of "
		                 "%.2f is paid for nothing", k->n, k->n == 1 ? "" : "s", name(l),
		                 l->s->id, k->n == 1 ? "" : " and others",
		                 k->n == 1 ? "is" : "are", 100 * l->used_ratio, unused,
		                 (double)k->cost_micro / 1e6),
		.spend_concerned_micro = k->unused_micro,
		.confidence_ratio = h->confidence(l->c, 1, l->window_s,
		                                  l->used_ratio / l->p->max_used_ratio),
		.effort_days = 1, .risk = TT_RISK_NONE,
		.risk_note = l->sold > 0 ? "a sale needs a buyer, and not every kind can be sold"
			: "",
		.changes = l->changes, .n_changes = l->n_changes,
	}, evidence, TT_COUNT(evidence));
}

/* Where they stand, of the same card: another region, or another size in theirs. */
static const char *move_text(struct look *l, const tt_node_pool *p)
{
	const tt_commitment *k = l->k;
	const int region = *k->region && strcmp(p->region, k->region) != 0;
	const int type = *k->instance_type && strcmp(p->instance_type, k->instance_type) != 0;

	if (region && type)
		return NULL;
	return region ? l->h->text(l->c, "reprice %s region=%s", p->nodes,
	                           l->h->quote(l->c, k->region))
		: l->h->text(l->c, "retype %s instance_type=%s", p->nodes,
		             l->h->quote(l->c, k->instance_type));
}

static int report_movable(struct look *l, const tt_node_pool *p, const tt_tried *t,
                          const char *change, double saved)
{
	const tt_evidence evidence[] = {
		{ "used_ratio", l->used_ratio, NULL },
		{ "unused_cost", (double)l->k->unused_micro / 1e6, NULL },
		{ "moved_node_group", 0, p->node_group },
		{ "moved_instance_type", 0, p->instance_type },
		{ "moved_region", 0, p->region },
		{ "moved_nodes", (double)p->n_nodes, NULL },
		{ "moved_cost", (double)t->before_micro / 1e6, NULL },
		{ "moved_saved_ratio", saved, NULL },
		{ "most_new_nodes", t->most_new_nodes, NULL },
	};

	return emit(l, &(tt_finding){
		.verdict = "movable",
		.title = l->h->text(l->c, "%zu nodes on demand (%s%s%s, %s) could move to %s, of "
		                    "which %.0f %% is used and the rest is paid all the same",
		                    p->n_nodes, p->node_group, *p->node_group ? ", " : "",
		                    p->instance_type, p->region, name(l), 100 * l->used_ratio),
		.spend_concerned_micro = t->before_micro,
		.confidence_ratio = 0.8 * l->h->confidence(l->c, 1, l->window_s,
			l->p->min_moved_ratio / saved),
		.effort_days = 3, .risk = TT_RISK_MEDIUM,
		.risk_note = "what runs there starts again elsewhere; data that it reads moves too",
		.changes = &change, .n_changes = 1,
	}, evidence, TT_COUNT(evidence));
}

static int find_movable(struct look *l, const tt_node_pool *const *v, size_t n)
{
	const tt_node_pool *best = NULL;
	const tt_tried *best_try = NULL;
	const char *best_text = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *text = is_elsewhere(l, v[i]) ? move_text(l, v[i]) : NULL;
		const tt_tried *t = NULL;
		int rc = text ? l->h->tried(l->c, text, &t) : TT_OK;

		if (rc < 0)
			return rc;
		if (!t || *t->why_not || t->before_micro <= 0 || t->after_micro < 0 ||
		    (best && t->before_micro - t->after_micro <=
		     best_try->before_micro - best_try->after_micro))
			continue;
		best = v[i];
		best_try = t;
		best_text = text;
	}
	if (!best)
		return TT_OK;

	const double saved = 1 - (double)best_try->after_micro / (double)best_try->before_micro;

	return saved > 0 && saved >= l->p->min_moved_ratio
		? report_movable(l, best, best_try, best_text, saved) : TT_OK;
}

/* In use, and about to end: what runs then is on demand. */
static int report_expiring(struct look *l)
{
	const tt_commitment *k = l->k;
	double units = 0, ends_s = soonest_s(k);
	int64_t cost_micro = 0;
	const char *ids = "";

	for (size_t i = 0; i < k->n; i++) {
		if (has_ended(&k->v[i]) ||
		    !(k->v[i].ends_in_s <= l->p->expiring_days * 86400))
			continue;
		units += k->v[i].units;
		cost_micro += k->v[i].cost_micro;
		ids = l->h->subject(l->c, ids, "commitment", k->v[i].id);
	}

	const tt_evidence evidence[] = {
		{ "ends_in_days", ends_s / 86400, NULL },
		{ "used_ratio", l->used_ratio, NULL },
		{ "units", units, NULL },
		{ "rate_per_hour", k->v[0].rate_per_hour, NULL },
		{ "price_per_hour", k->price_per_hour, NULL },
		{ "cost", (double)cost_micro / 1e6, NULL },
	};

	return emit(l, &(tt_finding){
		.verdict = "expiring",
		.title = l->h->text(l->c, "commitments for %s end in %.0f days and are used %.0f "
		                    "%%: what runs then is on demand", name(l), ends_s / 86400,
		                    100 * l->used_ratio),
		.spend_concerned_micro = cost_micro,
		.confidence_ratio = l->h->confidence(l->c, 1, l->window_s, 0),
		.effort_days = 0.5, .risk = TT_RISK_NONE,
		.risk_note = l->h->text(l->c, "%.900s", ids),
	}, evidence, TT_COUNT(evidence));
}

static int look_at(struct look *l)
{
	const tt_commitment *k = l->k;
	const int reserved = strcmp(k->kind, "reserved_instance") == 0;
	const tt_node_pool *const *pools = NULL;
	size_t n = 0;
	int rc = TT_OK;

	l->used_ratio = k->held_h > 0 ? 1 - k->unused_h / k->held_h
		: 1 - (double)k->unused_micro / (double)k->cost_micro;
	if (!(l->used_ratio < l->p->max_used_ratio))
		return soonest_s(k) <= l->p->expiring_days * 86400 ? report_expiring(l) : TT_OK;
	rc = l->h->prices(l->c, &l->prices, &l->n_prices);
	if (rc == TT_OK)
		rc = l->h->pools(l->c, TT_POOL_HOURS, NULL, 0, &pools, &n);
	if (rc == TT_OK && k->held_h > 0)
		rc = find_surplus(l);
	if (rc == TT_OK && k->held_h > 0 && reserved)
		rc = find_changes(l, pools, n);
	if (rc == TT_OK)
		rc = report_stranded(l);
	return rc < 0 ? rc : find_movable(l, pools, n);
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	struct look l = { .h = h, .c = c, .p = params_, .s = subject };
	int rc = h->commitment(c, subject, &l.k);

	if (rc < 0)
		return rc;
	if (*l.k->unmetered)
		return h->fail(c, TT_ENODATA, "commitment %s: %s", subject->id, l.k->unmetered);
	l.window_s = (double)(subject->window->end_s - subject->window->start_s);
	if (l.window_s < l.p->min_window_days * 86400)
		return h->fail(c, TT_ENODATA, "the window is shorter than %.0f days",
		               l.p->min_window_days);
	if (!l.k->n || strcmp(l.k->v[0].id, subject->id) != 0 || l.k->cost_micro <= 0 ||
	    have_all_ended(l.k))
		return TT_OK; /* the first of them speaks for all */
	l.changes = h->alloc(c, (CHANGES_MAX + 1) * sizeof *l.changes);
	return l.changes ? look_at(&l) : TT_ENOMEM;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "stranded_commitment", .version = "1.0.0",
	          .summary = "Commitments that are paid for and not used, or end soon",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_COMMITMENT,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
