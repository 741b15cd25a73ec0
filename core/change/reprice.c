#include "change/reprice.h"
#include "bill/price.h"
#include "change/charges.h"
#include "change/interruptions.h"
#include "change/spot_trace.h"
#include "change/targets.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *tt_reprice_unpriced(const tt_change *c)
{
	if (!tt_change_get(c, "pricing") && !tt_change_get(c, "provider") &&
	    !tt_change_get(c, "region") && !tt_change_get(c, "price_per_hour") &&
	    !tt_change_get(c, "discount_ratio"))
		return "reprice with a checkpoint interval alone";
	return NULL;
}

struct reprice {
	const tt_change *c;
	tt_case *cs;
	tt_residents r;
	tt_span force;
	double *gangs;          /* [pods] made when first needed */
	tt_u128 gib_price;      /* highest egress_per_gib of what moves */
	bool moves;             /* to another provider or region */
};

static const char *word(const tt_change *c, const char *key, const char *none)
{
	const tt_change_arg *arg = tt_change_get(c, key);

	return arg ? arg->text : none;
}

static int no_price(const tt_node_row *want, const char *what, tt_err *err)
{
	return tt_fail(err, TT_ENODATA,
		       "reprice: prices.csv has no %s of %s %s %s (%s), and the change says none",
		       what, want->provider, want->region, want->instance_type, want->pricing);
}

/* How often it is taken away where nobody says: as often as it was while it was probed. */
static int find_trace(const tt_snapshot *s, const tt_node_row *want, tt_terms *t, tt_err *err)
{
	tt_spot_trace trace;

	TT_TRY(tt_spot_trace_read(s, want->provider, want->region, want->instance_type, &trace,
				  err));
	if (isnan(trace.interruptions_per_h))
		return no_price(want, "interruptions_per_h", err);
	t->interruptions_per_h = trace.interruptions_per_h;
	if (!isnan(trace.wait_s))
		t->wait_s = trace.wait_s;
	return TT_OK;
}

/* The price there and its interruptions, out of prices.csv. */
static int find_listed(struct reprice *p, const tt_node_row *node, tt_terms *t, tt_err *err)
{
	tt_node_row want = *node;
	const tt_price_row *there;

	if (!*want.pricing || strcmp(want.pricing, "reserved") == 0)
		want.pricing = "on_demand";
	want.provider = word(p->c, "provider", want.provider);
	want.region = word(p->c, "region", want.region);
	want.pricing = word(p->c, "pricing", want.pricing);
	there = tt_price_listed(p->cs->snapshot, &want);
	/* a discount alone says what it costs elsewhere: so much less than here */
	if (t->price_per_hour == TT_DECIMAL_MISSING && there)
		t->price_per_hour = there->price_per_hour;
	else if (t->price_per_hour == TT_DECIMAL_MISSING && t->price_u9 == TT_U9_ONE)
		return no_price(&want, "price", err);
	if (strcmp(word(p->c, "pricing", ""), "spot") == 0) {
		const tt_change_arg *rate = tt_change_get(p->c, "interruptions_per_h");

		t->interruptions_per_h = rate ? rate->number :
					 there ? there->interruptions_per_h : NAN;
		t->rate_is_assumed = isnan(t->interruptions_per_h) &&
				     p->cs->settings->assumes_interruptions;
		if (t->rate_is_assumed)
			t->interruptions_per_h = p->cs->settings->interruptions_per_h;
		if (isnan(t->interruptions_per_h))
			TT_TRY(find_trace(p->cs->snapshot, &want, t, err));
	}
	return TT_OK;
}

/* What leaving the node's region costs: the highest that prices.csv says of it. */
static int find_egress(struct reprice *p, const tt_node_row *node, tt_err *err)
{
	const tt_rows *t = &p->cs->snapshot->table[TT_PRICES];
	tt_decimal most = TT_DECIMAL_MISSING;

	for (size_t i = 0; i < t->n; i++) {
		const tt_price_row *r = TT_ROW(t, tt_price_row, i);

		if (strcmp(r->provider, node->provider) == 0 &&
		    strcmp(r->region, node->region) == 0 &&
		    r->egress_per_gib != TT_DECIMAL_MISSING && r->egress_per_gib > most)
			most = r->egress_per_gib;
	}
	if (most == TT_DECIMAL_MISSING)
		return tt_fail(err, TT_ENODATA,
			       "reprice: prices.csv has no egress_per_gib of %s %s",
			       node->provider, node->region);
	if ((tt_u128)most > p->gib_price)
		p->gib_price = (tt_u128)most;
	return TT_OK;
}

static int find_work(struct reprice *p, const uint32_t *pods, size_t n, tt_work *ret, tt_err *err)
{
	const bool one = p->c->n_subjects == 1 && p->c->subjects[0].kind == TT_SUBJECT_WORKLOAD;

	if (!p->gangs)
		TT_TRY(tt_gangs_make(p->cs->snapshot, one ? p->c->subjects[0].id : NULL,
				     &p->gangs, err));
	tt_work_of_pods(p->cs->snapshot, p->gangs, pods, n, ret);
	return TT_OK;
}

/* What was on spot has done some of its work twice, and does it once on demand: fewer paid
 * hours, by the rate at which that spot is taken away. Where no table has that, as many. */
static int find_repeats(struct reprice *p, const tt_node_row *node, const uint32_t *pods,
			size_t n, tt_terms *t, tt_err *err)
{
	const tt_price_row *listed = tt_price_listed(p->cs->snapshot, node);
	tt_spot_trace trace;
	tt_terms spot;
	tt_work work;

	tt_terms_init(&spot);
	spot.interruptions_per_h = listed ? listed->interruptions_per_h : NAN;
	if (isnan(spot.interruptions_per_h)) {
		TT_TRY(tt_spot_trace_read(p->cs->snapshot, node->provider, node->region,
					  node->instance_type, &trace, err));
		spot.interruptions_per_h = trace.interruptions_per_h;
	}
	if (isnan(spot.interruptions_per_h))
		return TT_OK;
	TT_TRY(find_work(p, pods, n, &work, err));
	if (tt_interruptions_price(p->c, p->cs->snapshot, &work, &spot, NULL) == TT_OK)
		t->paid_u9 = (uint64_t)llround(1e9 * tt_terms_paid_ratio(&spot, 0, 0) /
					       ((double)spot.paid_u9 / 1e9));
	return TT_OK;
}

/* The terms of one node, on which the n pods run. */
static int make_terms(struct reprice *p, size_t node, const uint32_t *pods, size_t n,
		      const tt_terms **ret, tt_err *err)
{
	const tt_change_arg *discount = tt_change_get(p->c, "discount_ratio");
	const tt_change_arg *price = tt_change_get(p->c, "price_per_hour");
	const tt_change_arg *zone = tt_change_get(p->c, "zone_interruptions_per_h");
	const bool listed = p->moves || tt_change_get(p->c, "pricing");
	const tt_node_row *was = tt_node_at(p->cs->snapshot, node);
	tt_terms t;
	tt_work work;

	tt_terms_init(&t);
	t.provider = word(p->c, "provider", "");
	t.region = word(p->c, "region", "");
	t.pricing = word(p->c, "pricing", "");
	if (price && tt_decimal_parse(price->text, strlen(price->text), &t.price_per_hour))
		return tt_fail(err, TT_EINVAL, "reprice: price_per_hour=%s is no price",
			       price->text);
	if (discount)
		t.price_u9 = TT_U9_ONE - (uint64_t)llround(discount->number * 1e9);
	if (listed)
		TT_TRY(find_listed(p, was, &t, err));
	if (tt_change_get(p->c, "egress_gib") || tt_change_get(p->c, "egress_gib_per_month"))
		TT_TRY(find_egress(p, was, err));
	t.zone_interruptions_per_h = zone ? zone->number : 0;
	if (strcmp(t.pricing, "spot") == 0) {
		t.zone_rate_is_assumed = !zone;
		TT_TRY(find_work(p, pods, n, &work, err));
		TT_TRY(tt_interruptions_price(p->c, p->cs->snapshot, &work, &t, err));
	} else if (strcmp(t.pricing, "on_demand") == 0 && strcmp(was->pricing, "spot") == 0) {
		TT_TRY(find_repeats(p, was, pods, n, &t, err));
	}
	*ret = tt_case_terms(p->cs, &t, err);
	return *ret ? TT_OK : TT_ENOMEM;
}

/* Pods of the node outside the system namespaces, which is whose work is interrupted. */
static int work_on(struct reprice *p, size_t node, uint32_t **ret, size_t *ret_n, tt_err *err)
{
	const size_t first = p->r.first[node], end = p->r.first[node + 1];
	uint32_t *v = tt_alloc((end - first + 1) * sizeof *v);

	if (!v)
		return tt_no_memory(err);
	*ret_n = 0;
	for (size_t i = first; i < end; i++) {
		if (!tt_settings_is_system(p->cs->settings,
					   tt_pod_at(p->cs->snapshot, p->r.pod[i])->namespace_))
			v[(*ret_n)++] = p->r.pod[i];
	}
	*ret = v;
	return TT_OK;
}

static int reprice_node(struct reprice *p, size_t node, tt_err *err)
{
	TT_CLEANUP(tt_freep) uint32_t *pods = NULL;
	tt_release what = { .node = (uint32_t)node, .pod = TT_NO_POD, .leave = TT_REPRICED };
	size_t n = 0;

	TT_TRY(work_on(p, node, &pods, &n, err));
	TT_TRY(make_terms(p, node, pods, n, &what.terms, err));
	return tt_case_release(p->cs, &what, &(tt_spans){ .v = &p->force, .n = 1 }, err);
}

/* Pods [first, first + n) of the targets are on one node. */
static int reprice_pods(struct reprice *p, const tt_targets *t, size_t first, size_t n,
			tt_err *err)
{
	const tt_terms *terms = NULL;

	for (size_t i = first; i < first + n; i++) {
		tt_release what;
		tt_span life;

		if (!tt_targets_release(t, p->cs->snapshot, i, &what, &life))
			continue;
		if (!terms)
			TT_TRY(make_terms(p, what.node, t->v + first, n, &terms, err));
		what.leave = TT_REPRICED;
		what.terms = terms;
		TT_TRY(tt_case_release(p->cs, &what, &(tt_spans){ .v = &p->force, .n = 1 }, err));
	}
	return TT_OK;
}

static int reprice_targets(struct reprice *p, const tt_targets *t, tt_err *err)
{
	const tt_snapshot *s = p->cs->snapshot;

	for (size_t i = 0, n; i < t->n; i += n) {
		n = 1;
		if (t->nodes) {
			TT_TRY(reprice_node(p, t->v[i], err));
			continue;
		}
		while (i + n < t->n && strcmp(tt_pod_at(s, t->v[i + n])->node,
					      tt_pod_at(s, t->v[i])->node) == 0)
			n++;
		TT_TRY(reprice_pods(p, t, i, n, err));
	}
	return TT_OK;
}

/* GiB (a number of the change) at the price, as a charge of [from, to). */
static int charge_gib(struct reprice *p, double gib, tt_span when, tt_err *err)
{
	const tt_i128 gib_u6 = (tt_i128)llround(gib * 1e6);
	tt_i128 product, micro;
	tt_charge charge = { .address = tt_change_hash(p->c), .what = "egress",
			     .from_s = when.from_s, .to_s = when.to_s };

	/* 10^-6 GiB at 10^-12 a GiB: to 10^-6 */
	if (__builtin_mul_overflow(gib_u6, (tt_i128)p->gib_price, &product) ||
	    (micro = tt_div_half_even(product, (tt_i128)1000000 * 1000000)) > INT64_MAX)
		return tt_fail(err, TT_EDATA, "reprice: what egress costs does not fit");
	charge.micro = (int64_t)micro;
	return tt_case_charge(p->cs, &charge, err);
}

static int charge_egress(struct reprice *p, tt_err *err)
{
	const tt_change_arg *once = tt_change_get(p->c, "egress_gib");
	const tt_change_arg *monthly = tt_change_get(p->c, "egress_gib_per_month");
	const double months = (double)(p->force.to_s - p->force.from_s) / (730.0 * 3600);

	if (p->force.from_s >= p->force.to_s)
		return TT_OK;
	if (once)
		TT_TRY(charge_gib(p, once->number,
				  (tt_span){ p->force.from_s, p->force.from_s + 1 }, err));
	return monthly ? charge_gib(p, monthly->number * months, p->force, err) : TT_OK;
}

static int all_nodes(const tt_snapshot *s, tt_targets *t, tt_err *err)
{
	t->n = 0;
	t->nodes = true;
	for (size_t i = 0; i < s->table[TT_NODES].n; i++) {
		if (!TT_GROW(t->v, t->n, t->cap))
			return tt_no_memory(err);
		t->v[t->n++] = (uint32_t)i;
	}
	return TT_OK;
}

static int apply(struct reprice *p, tt_targets *t, tt_err *err)
{
	for (size_t i = 0; i < p->c->n_subjects; i++) {
		const tt_change_subject *subject = &p->c->subjects[i];

		if (subject->kind == TT_SUBJECT_CHARGE) {
			TT_TRY(tt_charges_apply(p->c, subject, p->cs, err));
			continue;
		}
		if (subject->kind == TT_SUBJECT_FLEET)
			TT_TRY(all_nodes(p->cs->snapshot, t, err));
		else if (subject->kind == TT_SUBJECT_NAMESPACE)
			return tt_targets_refuse(p->c, subject, err);
		else
			TT_TRY(tt_targets_find(p->c, subject, p->cs->snapshot, t, err));
		TT_TRY(reprice_targets(p, t, err));
	}
	return charge_egress(p, err);
}

int tt_reprice_apply(const tt_change *c, tt_case *cs, tt_err *err)
{
	TT_CLEANUP(tt_targets_free) tt_targets t = { 0 };
	struct reprice p = { .c = c, .cs = cs, .r = tt_residents_of(cs->snapshot),
			     .force = tt_change_force(c, cs->snapshot),
			     .moves = tt_change_get(c, "provider") || tt_change_get(c, "region") };
	int rc = apply(&p, &t, err);

	tt_free(p.gangs);
	return rc;
}
