/* arbitrage - nodes on demand whose card costs less in another region or at another provider.
 *
 * Rule: of nodes with as many of the same card, the place where prices.csv has the lowest price,
 * if that takes `min_saved_ratio` off the bill after egress and what is held.
 * Proposes: reprice to that place, with the data that goes along.
 * Blind spot: latency, and what else stands where the nodes are. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double min_saved_ratio, min_network_ratio, moved_once_gib, min_window_days, min_node_h;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, min_saved_ratio, "ratio", 0.15, 0.01, 1,
	             "Nothing is said where less would be taken off the bill, egress paid."),
	TT_PARAM_F64(struct params, min_network_ratio, "ratio", 0.5, 0.01, 1,
	             "Nor where the nodes' network was measured for less of their time."),
	TT_PARAM_F64(struct params, moved_once_gib, "", 1000, 0, 1e9,
	             "GiB that go along once, for each node: images, models, data sets."),
	TT_PARAM_F64(struct params, min_window_days, "days", 7, 0, 366,
	             "Nothing is said by a shorter window."),
	TT_PARAM_F64(struct params, min_node_h, "h", 168, 0, 1e9,
	             "Nor of nodes that were there for less, together."),
};

static const tt_need needs[] = {
	{ .table = "nodes", .required = 1 },
	{ .table = "prices", .required = 1 },
	{ .metric = TT_NETWORK_BYTES_PER_S },
};

static const tt_ground grounds[] = {
	{ "cheaper_elsewhere", "saved_ratio", ">=", "min_saved_ratio", TT_METRIC_NONE },
	{ "cheaper_elsewhere", "network_ratio", ">=", "min_network_ratio", TT_METRIC_NONE },
};

struct look {
	const tt_host *h;
	tt_call *c;
	const struct params *p;
	double window_s;
	const tt_price *const *prices; size_t n_prices;
	const tt_node_pool *const *pools; size_t n_pools;
	size_t n_found, n_short, n_unmeasured, n_without_egress;
};

static int same_place(const tt_price *o, const tt_node_pool *p)
{
	return strcmp(o->provider, p->provider) == 0 && strcmp(o->region, p->region) == 0;
}

/* The lowest price elsewhere of an instance with as many of that card; NULL: none is lower. */
static const tt_price *cheapest(const struct look *l, const tt_node_pool *p)
{
	const tt_price *best = NULL;

	for (size_t i = 0; i < l->n_prices; i++) {
		const tt_price *o = l->prices[i];

		if (strcmp(o->pricing, "on_demand") == 0 && !same_place(o, p) && *o->region &&
		    *o->gpu_model && strcmp(o->gpu_model, p->gpu_model) == 0 &&
		    o->gpus == p->gpus && o->price_per_hour > 0 &&
		    o->price_per_hour < (best ? best->price_per_hour : p->price_per_hour))
			best = o;
	}
	return best;
}

static double egress_of(const struct look *l, const tt_node_pool *p)
{
	double most = (double)NAN;

	for (size_t i = 0; i < l->n_prices; i++)
		if (same_place(l->prices[i], p))
			most = fmax(most, l->prices[i]->egress_per_gib);
	return most;
}

static const char *move_text(struct look *l, const tt_node_pool *p, const tt_price *o,
                             double monthly_gib)
{
	const tt_host *h = l->h;
	const int other = strcmp(o->provider, p->provider) != 0;
	const int type = strcmp(o->instance_type, p->instance_type) != 0;

	return h->text(l->c, "reprice %s%s%s region=%s%s%s egress_gib=%.0f "
	               "egress_gib_per_month=%.0f", p->nodes, other ? " provider=" : "",
	               other ? h->quote(l->c, o->provider) : "", h->quote(l->c, o->region),
	               type ? " price_per_hour=" : "", type ? o->price : "",
	               l->p->moved_once_gib * (double)p->n_nodes, monthly_gib);
}

static int report(struct look *l, const tt_node_pool *p, const tt_price *o, const char *change,
                  const tt_repriced *r, double monthly_gib)
{
	const tt_host *h = l->h;
	const int other = strcmp(o->provider, p->provider) != 0;
	const double saved = (double)r->less_micro / (double)r->now_micro;
	const double gap = p->price_per_hour - o->price_per_hour, egress = egress_of(l, p);
	const tt_evidence evidence[] = {
		{ "price_per_hour", p->price_per_hour, NULL },
		{ "there_price_per_hour", o->price_per_hour, NULL },
		{ "there_provider", 0, o->provider },
		{ "there_region", 0, o->region },
		{ "there_instance_type", 0, o->instance_type },
		{ "saved_ratio", saved, NULL },
		{ "nodes", (double)p->n_nodes, NULL },
		{ "node_h", r->node_h, NULL },
		{ "network_ratio", p->network_ratio, NULL },
		{ "moved_gib_per_month", monthly_gib, NULL },
		{ "moved_once_gib", l->p->moved_once_gib * (double)p->n_nodes, NULL },
		{ "egress_per_gib", egress, NULL },
		{ "breakeven_gib_per_month", egress > 0 ? gap * r->node_h / egress * 730 * 3600 /
			l->window_s : (double)NAN, NULL },
	};

	l->n_found++;
	return h->emit(l->c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = "cheaper_elsewhere",
		.title = h->text(l->c, "%zu node%s %s (%s %s) would cost %.2f an hour instead of "
		                 "%.2f in %s %s: %.0f %% less after egress", p->n_nodes,
		                 p->n_nodes == 1 ? "" : "s", p->instance_type, p->provider,
		                 p->region, o->price_per_hour, p->price_per_hour, o->provider,
		                 o->region, 100 * saved),
		.subject_kind = p->subject_kind, .subject_id = p->subject_id,
		.owner = p->owner, .spend_concerned_micro = r->now_micro,
		.coverage_ratio = p->network_ratio,
		.confidence_ratio = 0.8 * h->confidence(l->c, p->network_ratio, l->window_s,
		                                        l->p->min_saved_ratio / saved),
		.effort_days = other ? 20 : 5, .risk = other ? TT_RISK_HIGH : TT_RISK_MEDIUM,
		.risk_note = other ? "another provider: its network, its storage, its limits"
			: "who calls it waits longer, and data that stays is read across regions",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &change, .n_changes = 1,
	});
}

static int look_at(struct look *l, const tt_node_pool *p)
{
	const tt_price *o = strcmp(p->pricing, "on_demand") == 0 && p->price_per_hour > 0 &&
		(p->alive_h >= l->p->min_node_h || l->window_s < l->p->min_window_days * 86400)
		? cheapest(l, p) : NULL;
	const tt_repriced *r;
	const char *change;
	double monthly_gib;
	int rc;

	if (!o || 1 - o->price_per_hour / p->price_per_hour < l->p->min_saved_ratio)
		return TT_OK;
	if (l->window_s < l->p->min_window_days * 86400) {
		l->n_short++;
		return TT_OK;
	}
	if (!(p->network_ratio >= l->p->min_network_ratio)) {
		l->n_unmeasured++;
		return TT_OK;
	}
	if (isnan(egress_of(l, p))) {
		l->n_without_egress++;
		return TT_OK;
	}
	/* all that went in or out of the nodes: what has to leave is at most that */
	monthly_gib = p->network_gib / p->network_ratio * 730 * 3600 / l->window_s;
	change = move_text(l, p, o, monthly_gib);
	rc = l->h->repriced(l->c, change, &r);
	if (rc < 0)
		return rc == TT_ENODATA ? TT_OK : rc;
	if (r->now_micro <= 0 || r->less_micro <= 0 ||
	    (double)r->less_micro < l->p->min_saved_ratio * (double)r->now_micro)
		return TT_OK;
	return report(l, p, o, change, r, monthly_gib);
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	struct look l = { .h = h, .c = c, .p = params_ };
	int rc;

	l.window_s = (double)(subject->window->end_s - subject->window->start_s);
	rc = h->prices(c, &l.prices, &l.n_prices);
	if (rc == TT_OK)
		rc = h->pools(c, TT_POOL_NETWORK, NULL, 0, &l.pools, &l.n_pools);
	for (size_t i = 0; rc == TT_OK && i < l.n_pools; i++)
		rc = look_at(&l, l.pools[i]);
	if (rc < 0 || l.n_found)
		return rc;
	if (l.n_short)
		return h->fail(c, TT_ENODATA, "the window is shorter than %.0f days",
		               l.p->min_window_days);
	if (l.n_unmeasured)
		return h->fail(c, TT_ENODATA, "cards cost less elsewhere, but what would have to "
		               "move is not known: no network_bytes_per_s of their nodes");
	return !l.n_without_egress ? TT_OK
		: h->fail(c, TT_ENODATA, "cards cost less elsewhere, but prices.csv has no "
		          "egress_per_gib of where they are");
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "arbitrage", .version = "1.0.0",
	          .summary = "Cards that cost less in another region or at another provider",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_FLEET,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
