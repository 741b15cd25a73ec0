/* ladder_bill.c - what a ladder costs, and the proof that none is cheaper: read off the plan,
 * without the flow that found it. */
#include "commit/ladder.h"
#include <stdbool.h>

static bool for_sale(const tt_ladder_held *h, size_t q)
{
	return h->proceeds_micro && h->proceeds_micro[q] != TT_MONEY_UNKNOWN;
}

/* Units in force in each segment. */
static int in_force(const tt_ladder *l, const tt_ladder_plan *p, size_t q, tt_i128 *ret,
                    tt_err *err)
{
	*ret = 0;
	for (size_t j = 0; j < l->n_offers; j++)
		if (l->offers[j].start <= q && q < l->offers[j].end)
			*ret += p->bought[j];
	for (size_t h = 0; h < l->n_held; h++) {
		int64_t left = l->held[h].units;

		for (size_t s = 0; s <= q && s < l->held[h].end; s++) {
			if (p->sold[h][s] < 0 || p->sold[h][s] > left ||
			    (p->sold[h][s] && !for_sale(&l->held[h], s)))
				return tt_fail(err, TT_EINVAL, "%lld units of holding %zu are sold "
				               "in segment %zu, of %lld that can be",
				               (long long)p->sold[h][s], h, s,
				               for_sale(&l->held[h], s) ? (long long)left : 0);
			left -= p->sold[h][s];
		}
		*ret += q < l->held[h].end ? left : 0;
	}
	if (*ret > TT_FLOW_MANY)
		return tt_fail(err, TT_EINVAL, "more than 2^52 units are committed in segment %zu",
		               q);
	return TT_OK;
}

/* Of the layers above the first `units`. */
static tt_i128 on_demand(const tt_ladder_segment *s, tt_i128 units)
{
	tt_i128 cost = 0;

	for (size_t i = 0; i < s->n; i++) {
		tt_i128 covered = units < s->layers[i].units ? units : s->layers[i].units;

		cost += (s->layers[i].units - covered) * s->layers[i].cost_micro;
		units -= covered;
	}
	return cost;
}

static tt_i128 held_units(const tt_ladder *l, size_t q)
{
	tt_i128 units = 0;

	for (size_t h = 0; h < l->n_held; h++)
		units += q < l->held[h].end ? l->held[h].units : 0;
	return units;
}

static int fits(tt_i128 v, tt_err *err)
{
	if (v > INT64_MAX || v < -INT64_MAX)
		return tt_fail(err, TT_EINVAL, "the cost of a ladder does not fit: more than "
		               "9,223,372,036,854 units of money");
	return TT_OK;
}

int tt_ladder_on_demand(const tt_ladder_segment *s, int64_t units, int64_t *ret, tt_err *err)
{
	const tt_i128 cost = on_demand(s, units);

	TT_TRY(fits(cost, err));
	*ret = (int64_t)cost;
	return TT_OK;
}

int tt_ladder_bill(const tt_ladder *l, tt_ladder_plan *p, tt_err *err)
{
	tt_i128 cost = 0, none = 0, units = 0;

	for (size_t q = 0; q < l->n_segments; q++) {
		TT_TRY(in_force(l, p, q, &units, err));
		const tt_i128 od = on_demand(&l->segments[q], units);

		TT_TRY(fits(od, err));
		p->committed[q] = (int64_t)units;
		p->on_demand_micro[q] = (int64_t)od;
		cost += od;
		none += on_demand(&l->segments[q], held_units(l, q));
	}
	for (size_t j = 0; j < l->n_offers; j++)
		cost += (tt_i128)p->bought[j] * l->offers[j].cost_micro;
	for (size_t h = 0; h < l->n_held; h++)
		for (size_t q = 0; q < l->held[h].end; q++)
			if (p->sold[h][q])
				cost -= (tt_i128)p->sold[h][q] * l->held[h].proceeds_micro[q];
	TT_TRY(fits(cost, err));
	TT_TRY(fits(none, err));
	p->cost_micro = (int64_t)cost;
	p->none_micro = (int64_t)none;
	return TT_OK;
}

static tt_i128 worth(const tt_ladder_plan *p, size_t from, size_t to)
{
	tt_i128 sum = 0;

	for (size_t q = from; q < to; q++)
		sum += p->worth_micro[q];
	return sum;
}

/* Layers that are covered are worth it, those on demand would not be. */
static int check_segment(const tt_ladder_segment *s, size_t q, int64_t units, int64_t worth_micro,
                         tt_err *err)
{
	if (worth_micro < 0)
		return tt_fail(err, TT_EDATA, "coverage of segment %zu is worth %lld, less than 0",
		               q, (long long)worth_micro);
	for (size_t i = 0; i < s->n; i++) {
		const int64_t cost = s->layers[i].cost_micro;
		const int64_t covered = units < s->layers[i].units ? units : s->layers[i].units;

		if ((covered && cost < worth_micro) ||
		    (covered < s->layers[i].units && cost > worth_micro))
			return tt_fail(err, TT_EDATA, "layer %zu of segment %zu costs %lld on "
			               "demand and is %scovered, where coverage is worth %lld",
			               i, q, (long long)cost, cost > worth_micro ? "not " : "",
			               (long long)worth_micro);
		units -= covered;
	}
	if (units && worth_micro)
		return tt_fail(err, TT_EDATA, "segment %zu has %lld units more than are used, "
		               "where coverage is worth %lld", q, (long long)units,
		               (long long)worth_micro);
	return TT_OK;
}

static int check_offer(const tt_ladder *l, const tt_ladder_plan *p, size_t j, tt_err *err)
{
	const tt_ladder_offer *o = &l->offers[j];
	const tt_i128 w = worth(p, o->start, o->end);

	if (p->bought[j] < o->least || p->bought[j] > o->most)
		return tt_fail(err, TT_EDATA, "%lld units of offer %zu are bought, of %lld to %lld",
		               (long long)p->bought[j], j, (long long)o->least,
		               (long long)o->most);
	if ((p->bought[j] > o->least && o->cost_micro > w) ||
	    (p->bought[j] < o->most && o->cost_micro < w))
		return tt_fail(err, TT_EDATA, "offer %zu costs %lld, is worth %lld and is %s", j,
		               (long long)o->cost_micro, (long long)w,
		               o->cost_micro > w ? "bought" : "not bought to its limit");
	return TT_OK;
}

/* Every way that a unit goes is worth as much as the best of them. */
static int check_held(const tt_ladder *l, const tt_ladder_plan *p, size_t h, tt_err *err)
{
	const tt_ladder_held *x = &l->held[h];
	const tt_i128 kept = worth(p, 0, x->end);
	tt_i128 best = kept;
	int64_t left = x->units;

	for (size_t q = 0; q < x->end; q++)
		if (for_sale(x, q) && worth(p, 0, q) + x->proceeds_micro[q] > best)
			best = worth(p, 0, q) + x->proceeds_micro[q];
	for (size_t q = 0; q < x->end; q++) {
		left -= p->sold[h][q];
		if (p->sold[h][q] && worth(p, 0, q) + x->proceeds_micro[q] < best)
			return tt_fail(err, TT_EDATA, "units of holding %zu are sold in segment "
			               "%zu, which is not the best that can be done", h, q);
	}
	if (left && kept < best)
		return tt_fail(err, TT_EDATA, "%lld units of holding %zu are kept, where selling "
		               "brings %lld more each", (long long)left, h,
		               (long long)(best - kept));
	return TT_OK;
}

int tt_ladder_check(const tt_ladder *l, const tt_ladder_plan *p, tt_err *err)
{
	tt_i128 cost = 0, units = 0;

	for (size_t j = 0; j < l->n_offers; j++) {
		TT_TRY(check_offer(l, p, j, err));
		cost += (tt_i128)p->bought[j] * l->offers[j].cost_micro;
	}
	for (size_t q = 0; q < l->n_segments; q++) {
		TT_TRY(in_force(l, p, q, &units, err));
		TT_TRY(check_segment(&l->segments[q], q, (int64_t)units, p->worth_micro[q], err));
		cost += on_demand(&l->segments[q], units);
	}
	for (size_t h = 0; h < l->n_held; h++) {
		TT_TRY(check_held(l, p, h, err));
		for (size_t q = 0; q < l->held[h].end; q++)
			if (p->sold[h][q])
				cost -= (tt_i128)p->sold[h][q] * l->held[h].proceeds_micro[q];
	}
	if (cost != p->cost_micro)
		return tt_fail(err, TT_EDATA, "a ladder costs another sum than the %lld that "
		               "it says", (long long)p->cost_micro);
	return TT_OK;
}
