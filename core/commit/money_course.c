#include "commit/money_course.h"
#include <math.h>
#include <stdlib.h>

#define MOST 4e6                    /* units, as in rolling.c */

int tt_money_items(const tt_plans *x, tt_arena *arena, tt_money_course *ret, tt_err *err)
{
	tt_money_item *v = tt_arena_alloc(arena, (x->n + 1) * sizeof *v);
	tt_money_course c = { .items = v,
		.prices = tt_arena_alloc(arena, (x->n + 1) * sizeof *c.prices) };

	if (!v || !c.prices)
		return tt_no_memory(err);
	for (size_t i = 0; i < x->n; i++) {
		const tt_plans_pool *p = &x->v[i];
		tt_money_item *to = &v[c.n_items];
		tt_rolling_plan *expected;
		tt_err reason = { 0 };

		if (!p->rolling.y || p->offers.price_per_hour <= 0)
			continue;
		*to = (tt_money_item){ p, &p->plan, p->offers.price_per_hour };
		if (!p->plan.profile) {
			expected = tt_arena_alloc(arena, sizeof *expected);
			if (!expected)
				return tt_no_memory(err);
			const int rc = tt_rolling_ask(&p->rolling, arena, expected, &reason);

			if (rc == TT_ENODATA)
				continue;
			if (rc)
				return tt_fail(err, rc, "pool %s: %s", p->pool->name, reason.text);
			to->expected = expected;
		}
		c.prices[c.n_items++] = p->offers.price_per_hour;
	}
	*ret = c;
	return TT_OK;
}

/* --- Segments ------------------------------------------------------------------------------ */

static int by_time(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int tt_money_segments(const tt_plans *x, const int64_t *cuts, size_t n, tt_arena *arena,
                      tt_money_course *c, tt_err *err)
{
	const int64_t all_h = (int64_t)x->quarters * TT_QUARTER_H;
	size_t most = n + x->quarters + 1, k = 0;
	tt_rolling_segment *v;
	int64_t *at_h;

	for (size_t i = 0; i < c->n_items; i++)
		most += c->items[i].pool->rolling.n_segments;
	at_h = tt_arena_alloc(arena, most * sizeof *at_h);
	v = tt_arena_alloc(arena, most * sizeof *v);
	c->starts_h = tt_arena_alloc(arena, (most + 1) * sizeof *c->starts_h);
	if (!at_h || !v || !c->starts_h)
		return tt_no_memory(err);
	for (size_t q = 0; q < x->quarters; q++)
		at_h[k++] = (int64_t)q * TT_QUARTER_H;
	for (size_t i = 0; i < n; i++)
		if (cuts[i] > 0 && cuts[i] < all_h)
			at_h[k++] = cuts[i];
	for (size_t i = 0; i < c->n_items; i++) {
		const tt_rolling *r = &c->items[i].pool->rolling;
		int64_t sum_h = 0;

		for (size_t s = 0; s < r->n_segments; sum_h += r->segments[s++].hours)
			at_h[k++] = sum_h;
	}
	qsort(at_h, k, sizeof *at_h, by_time);
	for (size_t i = 0; i < k; i++) {
		const int64_t end_h = i + 1 < k ? at_h[i + 1] : all_h;

		if (end_h == at_h[i])
			continue;
		c->starts_h[c->n_segments] = at_h[i];
		v[c->n_segments++] = (tt_rolling_segment){
			.quarter = (size_t)(at_h[i] / TT_QUARTER_H), .hours = end_h - at_h[i] };
	}
	c->starts_h[c->n_segments] = all_h;
	c->segments = v;
	return TT_OK;
}

/* --- Rows ---------------------------------------------------------------------------------- */

/* Held units, and those that the plan buys and sells at once; what it does later is not done. */
static double after_now(const tt_plans_pool *p, size_t s)
{
	const tt_ladder *l = &p->plan.ladder;
	int64_t units = p->rolling.segments[s].held;

	for (size_t i = 0; i < p->rolling.n_offers; i++)
		if (l->offers[i].start <= s && s < l->offers[i].end)
			units += p->plan.plan.bought[i];
	for (size_t h = 0; h < l->n_held; h++)
		if (l->held[h].end > s)
			units -= p->plan.plan.sold[h][0];
	return (double)units + p->rolling.segments[s].held_part;
}

/* Units of the pool that are not to be had any more. */
static double taken(const tt_plans_pool *p, enum tt_money_less less, int64_t at_h)
{
	const tt_rolling *r = &p->rolling;
	int64_t end_h = 0;
	size_t s = 0;

	while (s + 1 < r->n_segments && (end_h += r->segments[s].hours) <= at_h)
		s++;
	if (less == TT_MONEY_LESS_HELD || !p->plan.plan.committed)
		return (double)r->segments[s].held + r->segments[s].held_part;
	if (less == TT_MONEY_LESS_NOW)
		return after_now(p, s);
	return (double)(r->segments[s].held - r->segments[s].for_sale +
	                p->plan.plan.committed[s]) + r->segments[s].held_part;
}

static void item_rows(const tt_money_course *c, size_t i, size_t s, enum tt_money_less less,
                      double factor, int64_t *to)
{
	const tt_money_item *item = &c->items[i];
	const size_t season_h = item->pool->rolling.level.season_h;
	const double less_units = taken(item->pool, less, c->starts_h[s]);

	for (size_t k = 0; k < TT_ROLLING_LEVELS; k++) {
		const double level = factor * tt_rolling_level(item->expected,
		                                               c->segments[s].quarter, k);

		for (size_t h = 0; h < season_h; h++) {
			const double units = fmin(level * item->expected->profile[h] - less_units,
			                          MOST);

			to[(k * season_h + h) * c->n_items + i] =
				units > 0 ? llround(units * (double)TT_MONEY_ONE) : 0;
		}
	}
}

size_t tt_money_n_rows(const tt_money_course *c)
{
	return c->n_items ? TT_ROLLING_LEVELS * c->items[0].pool->rolling.level.season_h : 0;
}

void tt_money_segment_rows(const tt_money_course *c, size_t s, enum tt_money_less less,
                           double factor, int64_t *ret)
{
	for (size_t i = 0; i < c->n_items; i++)
		item_rows(c, i, s, less, factor, ret);
}

int tt_money_rows(tt_money_course *c, enum tt_money_less less, double factor, tt_arena *arena,
                  tt_err *err)
{
	c->n_rows = tt_money_n_rows(c);
	c->used = tt_arena_alloc(arena, (c->n_segments + 1) * sizeof *c->used);
	if (!c->used)
		return tt_no_memory(err);
	for (size_t s = 0; s < c->n_segments; s++) {
		c->used[s] = tt_arena_alloc(arena, (c->n_rows * c->n_items + 1) *
		                                   sizeof **c->used);
		if (!c->used[s])
			return tt_no_memory(err);
		tt_money_segment_rows(c, s, less, factor, c->used[s]);
	}
	return TT_OK;
}
