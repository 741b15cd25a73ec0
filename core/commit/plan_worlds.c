#include "commit/plan_worlds.h"
#include "base/text.h"
#include "commit/resale.h"
#include "simulate/draws.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MONTH_H = 730, DAY_H = 24 };
#define REGION_SHARE 0.5            /* of the variance of levels, shared by a region */

/* What a week uses above any number of units, for any level. */
typedef struct shape {
	double *top, *sum;          /* [n] profile from the highest; sums up to and with each */
	size_t n;
} shape;

/* What is done, by segment. */
typedef struct book {
	double *bought;             /* units in force */
	double *rate;               /* micro-units for an hour of all of them */
	double *sold;               /* units that would still be held */
	double proceeds;            /* micro-units, in all */
} book;

typedef struct pricer {
	tt_plans_pool *p;
	shape shape;
	double price;               /* micro-units for an hour of one unit on demand */
	book all, now;              /* of the plan; of what is done now */
} pricer;

typedef struct sums {
	double saving, unused;      /* micro-units */
	double used, bought;        /* unit-hours of what is bought */
	double covered, all;        /* of usage */
} sums;

static int falling(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

/* Units above `units`, mean over a week at `level`. */
static double above(const shape *s, double level, double units)
{
	size_t low = 0, high = s->n;

	if (!(level > 0))
		return 0;
	while (low < high) { /* how many hours are above */
		const size_t mid = (low + high) / 2;

		if (level * s->top[mid] > units)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? (level * s->sum[low - 1] - units * (double)low) / (double)s->n : 0;
}

/* One segment at one level. */
static void segment(const pricer *x, size_t s, double level, const book *b, sums *to)
{
	const tt_rolling_segment *at = &x->p->rolling.segments[s];
	const double hours = (double)at->hours, bought = b->bought[s],
		held = (double)at->held + at->held_part + at->held_money;
	const double kept = above(&x->shape, level, held - b->sold[s]);
	const double without = b->sold[s] > 0 ? above(&x->shape, level, held) : kept;
	const double with = above(&x->shape, level, held - b->sold[s] + bought);
	const double used = kept - with, all = above(&x->shape, level, 0);

	to->saving += hours * (x->price * (without - with) - b->rate[s]);
	to->used += hours * used;
	to->bought += hours * bought;
	to->all += hours * all;
	to->covered += hours * (all - with);
	if (bought > 0)
		to->unused += hours * b->rate[s] * (bought - used) / bought;
}

static int open_book(book *b, size_t n, tt_arena *arena, tt_err *err)
{
	b->bought = tt_arena_alloc(arena, n * sizeof *b->bought);
	b->rate = tt_arena_alloc(arena, n * sizeof *b->rate);
	b->sold = tt_arena_alloc(arena, n * sizeof *b->sold);
	return b->bought && b->rate && b->sold ? TT_OK : tt_no_memory(err);
}

static void enter(book *b, const tt_purchase *v, double rate)
{
	for (size_t s = v->first; s < v->end; s++) {
		b->bought[s] += (double)v->units;
		b->rate[s] += (double)v->units * rate;
	}
}

/* Purchases and sales of quarters before `quarters`. */
static void fill(const tt_plans_pool *p, size_t quarters, book *b)
{
	const tt_rolling *r = &p->rolling;

	for (size_t i = 0; i < p->n_purchases; i++) {
		const size_t k = (size_t)(p->purchases[i].offer - p->offers.v);

		if (p->purchases[i].quarter < quarters)
			enter(b, &p->purchases[i],
			      tt_decimal_f64(r->offers[k].rate_per_hour) * 1e6);
	}
	for (size_t s = 0; s < r->n_segments; s++)
		b->sold[s] = (double)tt_resale_sold(r, &p->plan.plan, s, quarters);
	for (size_t i = 0; i < p->n_sales; i++)
		if (r->segments[p->sales[i].segment].quarter < quarters)
			b->proceeds += (double)p->sales[i].proceeds_micro;
}

static int make(pricer *x, tt_arena *arena, tt_err *err)
{
	const tt_rolling *r = &x->p->rolling;
	const size_t n = r->level.season_h, m = r->n_segments + 1;

	x->shape = (shape){ tt_arena_alloc(arena, n * sizeof(double)),
		tt_arena_alloc(arena, n * sizeof(double)), n };
	TT_TRY(open_book(&x->all, m, arena, err));
	TT_TRY(open_book(&x->now, m, arena, err));
	if (!x->shape.top || !x->shape.sum)
		return tt_no_memory(err);
	memcpy(x->shape.top, x->p->plan.profile, n * sizeof(double));
	qsort(x->shape.top, n, sizeof(double), falling);
	for (size_t i = 0; i < n; i++)
		x->shape.sum[i] = x->shape.top[i] + (i ? x->shape.sum[i - 1] : 0);
	x->price = tt_decimal_f64(r->price_per_hour) * 1e6;
	fill(x->p, SIZE_MAX, &x->all);
	fill(x->p, 1, &x->now);
	return TT_OK;
}

/* --- Worlds -------------------------------------------------------------------------------- */

typedef struct streams {
	tt_stream own, region;
} streams;

static streams streams_of(const tt_plans_pool *p, uint64_t seed)
{
	const tt_node_row *like = &p->pool->likes[0];
	tt_buf place = { 0 };
	streams s;

	tt_buf_printf(&place, "%s %s", like->provider, like->region);
	s = (streams){ tt_stream_at(seed, tt_draw_address("commit pool", p->pool->name)),
		tt_stream_at(seed, tt_draw_address("commit region", tt_buf_text(&place))) };
	tt_buf_free(&place);
	return s;
}

/* How far the level has wandered in the middle of each quarter, in standard deviations there. */
static void wander(const streams *s, uint64_t world, size_t quarters, double *z)
{
	double sum = 0;

	for (size_t q = 0; q < quarters; q++) {
		const double own =
			tt_draw_normal(s->own, world, TT_DRAW_QUARTER_LEVEL, (uint32_t)q);
		const double shared =
			tt_draw_normal(s->region, world, TT_DRAW_QUARTER_LEVEL, (uint32_t)q);
		const double step = sqrt(REGION_SHARE) * shared + sqrt(1 - REGION_SHARE) * own;

		sum += q ? step : sqrt(.5) * step;
		z[q] = sum / sqrt((double)q + .5);
	}
}

static int to_micro(double v, int64_t *ret, tt_err *err)
{
	if (!(fabs(v) < 9e18))
		return tt_fail(err, TT_EINVAL, "what a plan saves in a world does not fit: more "
		               "than 9,000,000,000,000 units of money");
	*ret = llround(v);
	return TT_OK;
}

/* The level of each quarter in a world; nothing from when the work has moved. */
static void find_levels(const tt_plans_pool *p, const streams *s, uint64_t world, double *ret)
{
	const tt_caution *c = &p->rolling.caution;
	const double moved = c->moves_millionths
		? tt_draw_uniform(s->own, world, TT_DRAW_MOVED, 0) : 0;

	wander(s, world, p->rolling.n_quarters, ret);
	for (size_t q = 0; q < p->rolling.n_quarters; q++)
		ret[q] = moved < tt_caution_stays(c, q)
			? tt_level_at(&p->plan.level, q,
			              tt_track_widens(&p->track, q) * ret[q]) : 0;
}

void tt_plan_levels(const tt_plans_pool *p, uint64_t seed, uint64_t world, double *ret)
{
	const streams s = streams_of(p, seed);

	find_levels(p, &s, world, ret);
}

/* One world: all that is planned into `all`, what is bought now into `now`. */
static void world(const pricer *x, const double *levels, sums *all, sums *now)
{
	const tt_plans_pool *p = x->p;

	for (size_t i = 0; i < p->rolling.n_segments; i++) {
		const double level = levels[p->rolling.segments[i].quarter];

		segment(x, i, level, &x->all, all);
		if (x->now.bought[i] > 0 || x->now.sold[i] > 0)
			segment(x, i, level, &x->now, now);
	}
}

static int worlds(const pricer *x, const tt_plans_options *o, tt_arena *arena, tt_err *err)
{
	tt_plans_pool *p = x->p;
	const size_t n = o->worlds;
	const streams s = streams_of(p, o->seed);
	double *levels = tt_arena_alloc(arena, (p->rolling.n_quarters + 1) * sizeof *levels);
	int64_t *room = tt_arena_alloc(arena, n * sizeof *room);
	sums all = { 0 }, now = { 0 };

	p->savings = tt_arena_alloc(arena, n * sizeof *p->savings);
	p->now.savings = tt_arena_alloc(arena, n * sizeof *p->savings);
	p->now.unused = tt_arena_alloc(arena, n * sizeof *p->savings);
	if (!levels || !room || !p->savings || !p->now.savings || !p->now.unused)
		return tt_no_memory(err);
	for (size_t w = 0; w < n; w++) {
		all.saving = x->all.proceeds;
		now.saving = x->now.proceeds;
		now.unused = 0;
		find_levels(p, &s, w, levels);
		world(x, levels, &all, &now);
		TT_TRY(to_micro(all.saving, &p->savings[w], err));
		TT_TRY(to_micro(now.saving, &p->now.savings[w], err));
		TT_TRY(to_micro(now.unused, &p->now.unused[w], err));
	}
	tt_worlds_summarise(p->savings, n, room, &p->saving);
	p->tail_micro = tt_plan_tail(p->savings, n, room);
	p->utilization_ratio = all.bought > 0 ? all.used / all.bought : (double)NAN;
	p->coverage_ratio = all.all > 0 ? all.covered / all.all : (double)NAN;
	p->now.utilization_ratio = now.bought > 0 ? now.used / now.bought : (double)NAN;
	tt_plan_now_summarise(&p->now, o->over_micro, n, room);
	return to_micro(all.unused / (double)n, &p->unused_micro, err);
}

void tt_plan_now_summarise(tt_plans_now *now, int64_t over_micro, size_t n, int64_t *room)
{
	tt_i128 unused = 0;
	size_t more = 0;

	now->over_micro = over_micro == TT_MONEY_UNKNOWN ? now->cost_micro / 4 : over_micro;
	for (size_t w = 0; w < n; w++) {
		unused += now->unused[w];
		more += now->unused[w] > now->over_micro;
	}
	tt_worlds_summarise(now->savings, n, room, &now->saving);
	now->tail_micro = tt_plan_tail(now->savings, n, room);
	now->unused_micro = (int64_t)tt_div_half_even(unused, (tt_i128)n);
	now->over_ratio = (double)more / (double)n;
}

int64_t tt_plan_tail(const int64_t *v, size_t n, int64_t *room)
{
	const size_t worst = n < 10 ? 1 : n / 10;
	tt_i128 sum = 0;

	memcpy(room, v, n * sizeof *room);
	tt_order_sort(room, n);
	for (size_t i = 0; i < worst; i++)
		sum += room[i];
	return (int64_t)tt_div_half_even(sum, (tt_i128)worst);
}

/* --- What is bought now -------------------------------------------------------------------- */

static int falls(const pricer *x, tt_err *err)
{
	static const double ratios[TT_PLAN_FALLS] = { .2, .4 };
	tt_plans_pool *p = x->p;

	for (size_t k = 0; k < TT_PLAN_FALLS; k++) {
		sums to = { .saving = x->now.proceeds };

		for (size_t i = 0; i < p->rolling.n_segments; i++) {
			const size_t q = p->rolling.segments[i].quarter;

			segment(x, i, (1 - ratios[k]) * tt_level_at(&p->plan.level, q, 0), &x->now,
			        &to);
		}
		p->falls[k].fall_ratio = ratios[k];
		TT_TRY(to_micro(to.saving, &p->falls[k].saving_micro, err));
		TT_TRY(to_micro(to.unused, &p->falls[k].unused_micro, err));
	}
	return TT_OK;
}

/* Months until what on demand would have cost is at least what was paid, upfront and since, at
 * the expected level; looked at by the day. */
static int32_t back_months(const pricer *x)
{
	const tt_plans_pool *p = x->p;
	double paid = 0, monthly = 0, spared = 0;
	int64_t since_h = 0;

	for (size_t i = 0; i < p->n_purchases && !p->purchases[i].quarter; i++) {
		const tt_offer *o = p->purchases[i].offer;
		const double units = (double)p->purchases[i].units;
		const double rate = tt_decimal_f64(o->rate_per_hour);

		if (o->upfront == TT_DECIMAL_MISSING || (o->upfront && !o->term_h))
			return -1;
		paid += units * tt_decimal_f64(o->upfront) * 1e6;
		monthly += units * MONTH_H * 1e6 *
			(rate - (o->upfront ? tt_decimal_f64(o->upfront) / (double)o->term_h : 0));
	}
	for (size_t i = 0; i < p->rolling.n_segments; i++) {
		const tt_rolling_segment *s = &p->rolling.segments[i];
		const double level = tt_level_at(&p->plan.level, s->quarter, 0);
		const double kept = (double)s->held + s->held_part + s->held_money -
			x->now.sold[i];
		const double used = above(&x->shape, level, kept) -
			above(&x->shape, level, kept + x->now.bought[i]);

		for (int64_t h = 0; h < s->hours; h += DAY_H, since_h += DAY_H) {
			const double hours = fmin(DAY_H, (double)(s->hours - h));

			paid += monthly * hours / MONTH_H;
			spared += x->price * used * hours;
			if (spared >= paid)
				return (int32_t)(since_h / MONTH_H + 1);
		}
	}
	return 0;
}

int tt_plan_worlds(tt_plans_pool *p, const tt_plans_options *o, tt_arena *arena, tt_err *err)
{
	pricer x = { .p = p };

	for (size_t i = 0; i < p->n_purchases && !p->purchases[i].quarter; i++)
		p->now.cost_micro += p->purchases[i].cost_micro;
	TT_TRY(make(&x, arena, err));
	TT_TRY(worlds(&x, o, arena, err));
	TT_TRY(falls(&x, err));
	p->back_months = p->now.cost_micro ? back_months(&x) : 0;
	return TT_OK;
}
