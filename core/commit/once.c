#include "commit/once.h"
#include "commit/portfolio.h"
#include <math.h>

#define MICRO 1000000

/* Usage that is left, of hours that count, for one pool. */
typedef struct left {
	tt_layers_demand d;
	tt_decimal rate, price;
	tt_i128 all;                /* parts x hours */
} left;

static tt_i128 within(const left *l, int64_t units)
{
	return l->all - tt_layers_cost(&l->d, units, 0, 1);
}

static int money(const left *l, tt_i128 cost, int64_t *ret, tt_err *err)
{
	const tt_i128 micro = tt_div_half_even(cost, (tt_i128)l->d.unit * MICRO);

	if (micro > INT64_MAX || micro < -INT64_MAX)
		return tt_fail(err, TT_EDATA, "the cost of a pool does not fit: more than "
		               "9,223,372,036,854 units of money");
	*ret = (int64_t)micro;
	return TT_OK;
}

static int level(const left *l, int64_t units, tt_once_level *ret, tt_err *err)
{
	const double held = (double)units * (double)l->d.unit * (double)l->d.n;
	const double used = (double)within(l, units);

	*ret = (tt_once_level){ .units = units,
		.utilization_ratio = units ? used / held : (double)NAN,
		.coverage_ratio = l->all ? used / (double)l->all : (double)NAN };
	return money(l, tt_layers_cost(&l->d, units, l->rate, l->price), &ret->cost_micro, err);
}

/* The most units of which at least `ratio` is used: the more units, the less. */
static int64_t at_utilization(const left *l, double ratio, int64_t most)
{
	int64_t low = 0, high = most;

	while (low < high) {
		const int64_t mid = low + (high - low + 1) / 2;

		const double held = (double)mid * (double)l->d.unit * (double)l->d.n;

		if ((double)within(l, mid) >= ratio * held)
			low = mid;
		else
			high = mid - 1;
	}
	return low;
}

/* The fewest that cover at least `ratio`. */
static int64_t at_coverage(const left *l, double ratio, int64_t most)
{
	int64_t low = 0, high = most;

	while (low < high) {
		const int64_t mid = low + (high - low) / 2;

		if ((double)within(l, mid) >= ratio * (double)l->all)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static int64_t most_units(const left *l)
{
	int64_t most = 0;

	for (size_t i = 0; i < l->d.n; i++) {
		const int64_t units = l->d.v[i] / l->d.unit + (l->d.v[i] % l->d.unit > 0);

		most = units > most ? units : most;
	}
	return most;
}

static int answer(left *l, const tt_offer *offer, const tt_once_options *o, tt_once_answer *ret,
                  tt_err *err)
{
	const int64_t most = most_units(l);
	tt_layers best;

	l->rate = offer->rate_per_hour;
	tt_layers_best(&l->d, l->rate, l->price, &best);

	const tt_i128 all = l->rate * (tt_i128)l->d.n * l->d.unit;
	tt_once_answer a = { .offer = offer, .pays_from_h = best.rank,
		.has_utilization = !isnan(o->least_utilization_ratio),
		.has_coverage = !isnan(o->least_coverage_ratio) };

	TT_TRY(level(l, best.units, &a.best, err));
	TT_TRY(money(l, all - l->price * best.next_busy, &a.one_more_micro, err));
	if (best.units)
		TT_TRY(money(l, all - l->price * best.last_busy, &a.last_micro, err));
	if (a.has_utilization)
		TT_TRY(level(l, at_utilization(l, o->least_utilization_ratio, most),
		             &a.at_utilization, err));
	if (a.has_coverage)
		TT_TRY(level(l, at_coverage(l, o->least_coverage_ratio, most), &a.at_coverage,
		             err));
	*ret = a;
	return TT_OK;
}

/* What of the pool's usage what is held does not cover, in hours that count. */
static int64_t *residual(const tt_eligible *e, const tt_eligible_pool *p, const int64_t *covered,
                         const tt_once_options *o, tt_arena *arena)
{
	int64_t *v = tt_arena_alloc(arena, e->hours * sizeof *v);
	size_t n = 0;

	for (size_t h = 0; v && h < e->hours; h++)
		if (o->keep_gaps || !e->gap[h])
			v[n++] = p->used[h] - covered[h];
	return v;
}

static double unit_hours(const tt_eligible *e, const tt_once_options *o, const int64_t *v,
                         int64_t unit)
{
	tt_i128 sum = 0;

	for (size_t h = 0; h < e->hours; h++)
		if (o->keep_gaps || !e->gap[h])
			sum += v[h];
	return (double)sum / (double)unit;
}

static int make_pool(const tt_snapshot *s, const tt_eligible *e, const tt_once_options *o,
                     const int64_t *covered, size_t hours, tt_arena *arena, tt_once_pool *p,
                     tt_err *err)
{
	TT_TRY(tt_offers_make(s, p->pool, o->whole, o->ratios, arena, &p->offers, err));
	p->on_demand_micro = TT_MONEY_UNKNOWN;
	if (!p->offers.unit)
		return TT_OK;

	int64_t *v = residual(e, p->pool, covered, o, arena);
	left l = { .d = { v, hours, p->offers.unit }, .price = p->offers.price_per_hour };

	p->answers = tt_arena_alloc(arena, (p->offers.n + 1) * sizeof *p->answers);
	if (!v || !p->answers)
		return tt_no_memory(err);
	p->used_unit_hours = unit_hours(e, o, p->pool->used, l.d.unit);
	p->held_unit_hours = unit_hours(e, o, covered, l.d.unit);
	l.all = tt_layers_cost(&l.d, 0, 0, 1);
	if (l.price == TT_DECIMAL_MISSING)
		return TT_OK;
	TT_TRY(money(&l, tt_layers_cost(&l.d, 0, 0, l.price), &p->on_demand_micro, err));
	for (size_t i = 0; i < p->offers.n; i++)
		TT_TRY(answer(&l, &p->offers.v[i], o, &p->answers[i], err));
	return TT_OK;
}

int tt_once_make(const tt_snapshot *s, const tt_eligible *e, const tt_once_options *o,
                 tt_arena *arena, tt_once *ret, tt_err *err)
{
	tt_once x = { .n = e->n, .hours = o->keep_gaps ? e->hours : e->hours - e->n_gaps,
		.v = tt_arena_alloc(arena, (e->n + 1) * sizeof *x.v) };
	tt_portfolio held;

	if (!x.v)
		return tt_no_memory(err);
	TT_TRY(tt_portfolio_cover(s, e, arena, &held, err));
	for (size_t i = 0; i < e->n; i++) {
		x.v[i].pool = &e->v[i];
		TT_TRY(make_pool(s, e, o, held.covered[i], x.hours, arena, &x.v[i], err));
	}
	x.notes = held.notes;
	x.n_notes = held.n_notes;
	*ret = x;
	return TT_OK;
}
