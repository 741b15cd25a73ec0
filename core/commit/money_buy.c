#include "commit/money_buy.h"
#include "commit/offer_dates.h"
#include "maths/money_curve.h"
#include <string.h>

#define MOST_WORK 4e8               /* items looked at in bills */

/* --- Preparing ----------------------------------------------------------------------------- */

static int offers(tt_money_buy *f, int64_t start_s, tt_err *err)
{
	const size_t n = f->all->n_offers;
	tt_rolling_offer *v = tt_arena_alloc(f->arena, (n + 1) * sizeof *v);

	f->offers = tt_arena_alloc(f->arena, (n + 1) * sizeof *f->offers);
	f->conditions = tt_arena_alloc(f->arena, (n + 1) * sizeof *f->conditions);
	if (!v || !f->offers || !f->conditions)
		return tt_no_memory(err);
	for (size_t k = 0; k < f->all->n; k++) {
		const tt_listed_offer *o = f->all->v[k].offer;

		int64_t least, most;

		if (!o)
			continue;
		tt_money_steps(o, &least, &most);
		v[f->n_offers] = (tt_rolling_offer){ .most = most,
			.rate_per_hour = (tt_decimal)TT_MONEY_STEP_MICRO * 1000000 };
		tt_offer_dates(o, start_s, &v[f->n_offers]);
		f->conditions[f->n_offers] = (tt_offer){ .name = o->id,
			.least = least, .most = most };
		f->offers[f->n_offers++] = k;
	}
	f->dates.offers = v;
	f->dates.n_offers = f->n_offers;
	return TT_OK;
}

static int bill(tt_money_buy *f, size_t s, const int64_t *micro, tt_i128 *ret, tt_err *err)
{
	tt_money_bill b;

	f->work += (double)(f->c->n_rows * (f->c->n_items + 1) * f->all->n);
	TT_TRY(tt_money_bill_all(&f->billers[s], micro, NULL, &b, err));
	*ret = (tt_i128)b.total_micro * f->c->segments[s].hours;
	return TT_OK;
}

static int billers(tt_money_buy *f, tt_err *err)
{
	const tt_money_course *c = f->c;
	const size_t n = f->all->n;

	f->billers = tt_arena_alloc(f->arena, (c->n_segments + 1) * sizeof *f->billers);
	f->committed = tt_arena_alloc(f->arena, (c->n_segments + 1) * sizeof *f->committed);
	f->cost = tt_arena_alloc(f->arena, (c->n_segments + 1) * sizeof *f->cost);
	f->rates = tt_arena_alloc(f->arena, (n * c->n_items + 1) * sizeof *f->rates);
	if (!f->billers || !f->committed || !f->cost || !f->rates)
		return tt_no_memory(err);
	for (size_t k = 0; k < n; k++)
		memcpy(&f->rates[k * c->n_items], f->all->v[k].rates,
		       c->n_items * sizeof *f->rates);
	for (size_t s = 0; s < c->n_segments; s++) {
		tt_money_usage *u = tt_arena_alloc(f->arena, sizeof *u);

		f->committed[s] = tt_arena_alloc(f->arena, (n + 1) * sizeof **f->committed);
		if (!u || !f->committed[s])
			return tt_no_memory(err);
		*u = (tt_money_usage){ c->prices, f->rates, c->n_items, n, c->used[s], NULL,
			c->n_rows, TT_MONEY_ONE };
		TT_TRY(tt_money_biller_make(u, f->arena, &f->billers[s], err));
	}
	return TT_OK;
}

int tt_money_buy_open(tt_money_buy *f, const tt_money_course *c, const tt_money_all_terms *all,
                      size_t quarters, int64_t start_s, tt_arena *arena, tt_err *err)
{
	*f = (tt_money_buy){ .c = c, .all = all, .arena = arena, .most_work = MOST_WORK,
		.dates = { .segments = c->segments, .n_segments = c->n_segments,
		           .n_quarters = quarters } };
	TT_TRY(offers(f, start_s, err));
	f->n_spots = quarters * f->n_offers;
	f->spots = tt_arena_alloc(arena, (f->n_spots + 1) * sizeof *f->spots);
	f->bought = tt_arena_alloc(arena, (f->n_spots + 1) * sizeof *f->bought);
	if (!f->spots || !f->bought)
		return tt_no_memory(err);
	TT_TRY(tt_rolling_offers(&f->dates, arena, f->spots, err));
	return billers(f, err);
}

/* --- What is committed --------------------------------------------------------------------- */

void tt_money_buy_commit(tt_money_buy *f)
{
	for (size_t s = 0; s < f->c->n_segments; s++)
		for (size_t k = 0; k < f->all->n; k++) {
			const tt_money_terms *t = &f->all->v[k];

			f->committed[s][k] = tt_money_in_force(t, f->c->starts_h[s]) ?
				(int64_t)tt_div_half_even(t->per_hour, 1000000) : 0;
		}
	for (size_t i = 0; i < f->n_spots; i++)
		for (size_t s = f->spots[i].start; f->bought[i] && s < f->spots[i].end; s++)
			f->committed[s][f->offers[i % f->n_offers]] +=
				f->bought[i] * TT_MONEY_STEP_MICRO;
}

/* The bill of all segments, as they are committed. */
static int bill_all(tt_money_buy *f, tt_i128 *ret, tt_err *err)
{
	tt_money_buy_commit(f);
	*ret = 0;
	for (size_t s = 0; s < f->c->n_segments; s++) {
		TT_TRY(bill(f, s, f->committed[s], &f->cost[s], err));
		*ret += f->cost[s];
	}
	return TT_OK;
}

/* --- One offer on what those before it leave ----------------------------------------------- */

static int segment(tt_money_buy *f, size_t plan, size_t s, tt_arena *arena,
                   tt_ladder_segment *ret, tt_err *err)
{
	const tt_money_course *c = f->c;
	const size_t n = c->n_rows * c->n_items;
	int64_t *left = tt_arena_alloc(arena, (n + 1) * sizeof *left);
	tt_ladder_layer *v;
	tt_layer_curve layers;
	tt_money_curve curve;

	if (!left)
		return tt_no_memory(err);
	memcpy(left, c->used[s], n * sizeof *left);
	for (size_t k = 0; k < plan; k++)
		for (size_t t = 0; f->committed[s][k] && t < c->n_rows; t++)
			tt_money_spend(&f->all->v[k], (tt_decimal)f->committed[s][k] * 1000000,
			               &left[t * c->n_items]);
	TT_TRY(tt_money_curve_make(&(tt_money_usage){ c->prices, f->all->v[plan].rates, c->n_items,
		1, left, NULL, c->n_rows, TT_MONEY_ONE }, 0, arena, &curve, err));
	TT_TRY(tt_money_curve_layers(&curve, (tt_decimal)TT_MONEY_STEP_MICRO * 1000000, arena,
	                             &layers, err));
	v = tt_arena_alloc(arena, (layers.n + 1) * sizeof *v);
	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < layers.n; i++)
		v[i] = (tt_ladder_layer){ layers.v[i].units,
			(int64_t)tt_div_half_even((tt_i128)layers.v[i].busy *
			                          c->segments[s].hours, (tt_i128)c->n_rows) };
	*ret = (tt_ladder_segment){ v, layers.n };
	return TT_OK;
}

/* The cheapest ladder of offer `j`, into `bought`. */
static int ladder(tt_money_buy *f, size_t j, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	const size_t n = f->c->n_segments, quarters = f->dates.n_quarters;
	const tt_offers terms = { .v = &f->conditions[j], .n = 1 };
	tt_ladder_segment *v = arena ? tt_arena_alloc(arena, (n + 1) * sizeof *v) : NULL;
	tt_ladder_offer *o = v ? tt_arena_alloc(arena, (quarters + 1) * sizeof *o) : NULL;
	tt_rolling_plan p = { .profile = NULL };
	tt_conditions limits;

	if (!o)
		return tt_no_memory(err);
	tt_money_buy_commit(f);
	for (size_t s = 0; s < n; s++)
		TT_TRY(segment(f, f->offers[j], s, arena, &v[s], err));
	for (size_t q = 0; q < quarters; q++)
		o[q] = f->spots[q * f->n_offers + j];
	p.ladder = p.expected = (tt_ladder){ v, n, o, quarters, NULL, 0 };
	TT_TRY(tt_ladder_solve(&p.ladder, arena, &p.plan, err));
	TT_TRY(tt_rolling_expect(&f->dates, arena, &p, err));
	TT_TRY(tt_conditions_keep(&terms, &f->dates, arena, &p, &limits, err));
	for (size_t q = 0; q < quarters; q++)
		f->bought[q * f->n_offers + j] = p.plan.bought[q];
	f->limited = f->limited || limits.n;
	return TT_OK;
}

/* --- Moving money -------------------------------------------------------------------------- */

static bool allowed(const tt_money_buy *f, size_t i, int64_t v)
{
	return v >= 0 && v <= f->spots[i].most &&
	       tt_condition_holds(&f->conditions[i % f->n_offers], v);
}

/* `by` steps more of purchase `a` and `with` of `b`, if that is cheaper. */
static int move(tt_money_buy *f, size_t a, int64_t by, size_t b, int64_t with, bool *ret,
                tt_err *err)
{
	const size_t n = f->c->n_segments;
	tt_i128 *cost = f->tried;
	int64_t *micro = f->micro;
	tt_i128 saved = 0;

	*ret = false;
	if (!allowed(f, a, f->bought[a] + by) ||
	    (with && !allowed(f, b, f->bought[b] + with)) || f->work > f->most_work)
		return TT_OK;
	for (size_t s = 0; s < n; s++) {
		const bool of_a = f->spots[a].start <= s && s < f->spots[a].end;
		const bool of_b = with && f->spots[b].start <= s && s < f->spots[b].end;

		cost[s] = f->cost[s];
		if (!of_a && !of_b)
			continue;
		memcpy(micro, f->committed[s], f->all->n * sizeof *micro);
		micro[f->offers[a % f->n_offers]] += of_a ? by * TT_MONEY_STEP_MICRO : 0;
		micro[f->offers[b % f->n_offers]] += of_b ? with * TT_MONEY_STEP_MICRO : 0;
		TT_TRY(bill(f, s, micro, &cost[s], err));
		saved += f->cost[s] - cost[s];
	}
	if (saved <= 0)
		return TT_OK;
	f->bought[a] += by;
	f->bought[b] += with;
	memcpy(f->cost, cost, n * sizeof *cost);
	tt_money_buy_commit(f);
	*ret = true;
	return TT_OK;
}

static int along(tt_money_buy *f, size_t a, int64_t by, size_t b, int64_t with, bool *any,
                 tt_err *err)
{
	bool moved = true;

	while (moved) {
		TT_TRY(move(f, a, by, b, with, &moved, err));
		*any = *any || moved;
	}
	return TT_OK;
}

/* More or less of each purchase; from one to another in the same quarter, or to the same offer a
 * quarter earlier or later. */
static int moves(tt_money_buy *f, int64_t length, bool *any, tt_err *err)
{
	for (size_t a = 0; a < f->n_spots; a++) {
		TT_TRY(along(f, a, length, a, 0, any, err));
		TT_TRY(along(f, a, -length, a, 0, any, err));
		for (size_t b = 0; b < f->n_spots; b++) {
			const bool quarter = a / f->n_offers == b / f->n_offers;

			if (a != b && (quarter || a + f->n_offers == b || b + f->n_offers == a))
				TT_TRY(along(f, a, length, b, -length, any, err));
		}
	}
	return TT_OK;
}

static int walk(tt_money_buy *f, tt_err *err)
{
	enum { PART = 8, FINER = 4, ROUNDS = 8 };
	bool any = true;

	for (int round = 0; any && round < ROUNDS; round++) {
		int64_t length = 1;

		any = false;
		for (size_t i = 0; i < f->n_spots; i++)
			length = f->bought[i] / PART > length ? f->bought[i] / PART : length;
		for (; length; length /= FINER)
			TT_TRY(moves(f, length, &any, err));
	}
	return TT_OK;
}

/* --- All ----------------------------------------------------------------------------------- */

/* Keep what is bought where it costs less than the best. */
static int compare(tt_money_buy *f, int64_t *best, tt_i128 *best_cost, tt_err *err)
{
	tt_i128 cost;

	TT_TRY(bill_all(f, &cost, err));
	if (cost >= *best_cost)
		return TT_OK;
	*best_cost = cost;
	memcpy(best, f->bought, f->n_spots * sizeof *best);
	return TT_OK;
}

/* Nothing that is held meters with the offer item by item: then the order that is searched by need
 * not be that of the bill (money_terms.h). */
static bool alone_of_its_kind(const tt_money_all_terms *all)
{
	for (size_t k = 0; k + 1 < all->n; k++)
		if (all->v[k].kind == all->v[all->n - 1].kind)
			return false;
	return true;
}

int tt_money_buy_run(tt_money_buy *f, bool *ret_exact, tt_err *err)
{
	const size_t bytes = f->n_spots * sizeof *f->bought;
	int64_t *best = tt_arena_alloc(f->arena, bytes + 1);
	tt_i128 cost;

	f->micro = tt_arena_alloc(f->arena, (f->all->n + 1) * sizeof *f->micro);
	f->tried = tt_arena_alloc(f->arena, (f->c->n_segments + 1) * sizeof *f->tried);
	if (!best || !f->micro || !f->tried)
		return tt_no_memory(err);
	TT_TRY(bill_all(f, &cost, err));
	for (size_t j = 0; j < f->n_offers && f->n_offers > 1; j++) {
		memset(f->bought, 0, bytes);
		TT_TRY(ladder(f, j, err));
		TT_TRY(compare(f, best, &cost, err));
	}
	memset(f->bought, 0, bytes);
	for (size_t j = 0; j < f->n_offers; j++)
		TT_TRY(ladder(f, j, err));
	TT_TRY(compare(f, best, &cost, err));
	memcpy(f->bought, best, bytes);
	TT_TRY(bill_all(f, &cost, err));
	*ret_exact = f->n_offers == 1 && f->offers[0] + 1 == f->all->n && !f->limited &&
	             alone_of_its_kind(f->all);
	return *ret_exact ? TT_OK : walk(f, err);
}
