#include "commit/waiting.h"
#include <stdlib.h>
#include <string.h>

static const int64_t money_most = INT64_C(1) << 52; /* as flows allow */

static int check(const tt_waiting_task *t, int64_t *ret_chances, tt_err *err)
{
	int64_t chances = 0;

	if (!t->n_courses || t->now >= t->n_offers || t->offers[t->now].start)
		return tt_fail(err, TT_EINVAL, "%zu courses, and offer %zu of %zu to buy today: "
		               "expected a course, and an offer that starts at 0", t->n_courses,
		               t->now, t->n_offers);
	for (size_t j = 0; j < t->n_offers; j++)
		if (j != t->now && !t->offers[j].start)
			return tt_fail(err, TT_EINVAL, "offer %zu starts today as well as offer "
			               "%zu, expected one", j, t->now);
	for (size_t c = 0; c < t->n_courses; c++) {
		if (t->courses[c].chance <= 0 || t->courses[c].chance > money_most - chances)
			return tt_fail(err, TT_EINVAL, "course %zu has a chance of %lld, expected "
			               "more than 0", c, (long long)t->courses[c].chance);
		chances += t->courses[c].chance;
	}
	*ret_chances = chances;
	return TT_OK;
}

/* --- One number of units today ---------------------------------------------------------- */

typedef struct rest {
	const tt_waiting_task *t;
	int64_t chances;
	tt_ladder_offer *offers;    /* all but today's */
	tt_ladder_held *held;       /* what is held, and what is bought today */
} rest;

/* Mean cost of the best that can be done then, and of what one unit more would add to it: both
 * x chances. */
static int cost_of(const rest *r, int64_t units, tt_i128 *ret_cost, tt_i128 *ret_slope,
                   tt_err *err)
{
	const tt_waiting_task *t = r->t;
	const tt_ladder_offer *today = &t->offers[t->now];
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = NULL;

	*ret_cost = (tt_i128)today->cost_micro * units * r->chances;
	*ret_slope = (tt_i128)today->cost_micro * r->chances;
	r->held[t->n_held] = (tt_ladder_held){ .end = today->end, .units = units };
	for (size_t c = 0; c < t->n_courses; c++) {
		const tt_ladder l = { t->courses[c].segments, t->n_segments, r->offers,
			t->n_offers - 1, r->held, t->n_held + (units > 0) };
		tt_ladder_plan p;

		tt_arena_free(arena);
		arena = tt_arena_new();
		if (!arena)
			return tt_no_memory(err);
		if (tt_ladder_solve(&l, arena, &p, err) < 0)
			return tt_context(err, "course %zu", c);
		*ret_cost += (tt_i128)p.cost_micro * t->courses[c].chance;
		for (size_t q = 0; q < today->end; q++)
			*ret_slope -= (tt_i128)p.worth_micro[q] * t->courses[c].chance;
	}
	return TT_OK;
}

static int64_t units_most(const tt_waiting_task *t)
{
	int64_t most = 0;

	for (size_t c = 0; c < t->n_courses; c++)
		for (size_t q = 0; q < t->offers[t->now].end; q++) {
			const tt_ladder_segment *s = &t->courses[c].segments[q];
			int64_t units = 0;

			for (size_t i = 0; i < s->n; i++)
				units += s->layers[i].units;
			most = units > most ? units : most;
		}
	return most < t->offers[t->now].most ? most : t->offers[t->now].most;
}

/* Below a number at which one more costs less, all numbers cost more; above one at which it
 * does not, none costs less. */
static int best(const rest *r, int64_t *ret_units, tt_i128 *ret_cost, tt_err *err)
{
	int64_t low = 0, high = units_most(r->t);
	tt_i128 cost, slope, cost_low;

	while (high - low > 1) {
		const int64_t mid = low + (high - low) / 2;

		TT_TRY(cost_of(r, mid, &cost, &slope, err));
		if (slope < 0)
			low = mid;
		else
			high = mid;
	}
	TT_TRY(cost_of(r, low, &cost_low, &slope, err));
	TT_TRY(cost_of(r, high, &cost, &slope, err));
	*ret_units = cost < cost_low ? high : low;
	*ret_cost = cost < cost_low ? cost : cost_low;
	return TT_OK;
}

/* --- Those who do not wait -------------------------------------------------------------- */

static int solve(const tt_waiting_task *t, const tt_ladder_segment *segments, tt_arena *arena,
                 tt_ladder_plan *ret, tt_err *err)
{
	const tt_ladder l = { segments, t->n_segments, t->offers, t->n_offers, t->held, t->n_held };

	return tt_ladder_solve(&l, arena, ret, err);
}

static int foresee(const tt_waiting_task *t, tt_i128 *ret_cost, tt_i128 *ret_none, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();

	*ret_cost = *ret_none = 0;
	for (size_t c = 0; c < t->n_courses; c++) {
		tt_ladder_plan p;

		if (!arena)
			return tt_no_memory(err);
		if (solve(t, t->courses[c].segments, arena, &p, err) < 0)
			return tt_context(err, "course %zu", c);
		*ret_cost += (tt_i128)p.cost_micro * t->courses[c].chance;
		*ret_none += (tt_i128)p.none_micro * t->courses[c].chance;
	}
	return TT_OK;
}

/* Where a course's layers stand while all are walked through together. */
typedef struct walk {
	const tt_ladder_segment *s;
	size_t i;
	int64_t used, chance;       /* units of layer i that are passed */
} walk;

static size_t count_layers(const tt_waiting_task *t, size_t q)
{
	size_t n = 0;

	for (size_t c = 0; c < t->n_courses; c++)
		n += t->courses[c].segments[q].n;
	return n;
}

/* Layer by layer the sum of what it costs in all courses, x chance. */
static int mix(const tt_waiting_task *t, size_t q, walk *w, tt_arena *arena,
               tt_ladder_segment *ret, tt_err *err)
{
	tt_ladder_layer *v = tt_arena_alloc(arena, (count_layers(t, q) + 1) * sizeof *v);
	size_t n = 0;

	if (!v)
		return tt_no_memory(err);
	for (size_t c = 0; c < t->n_courses; c++)
		w[c] = (walk){ &t->courses[c].segments[q], 0, 0, t->courses[c].chance };
	for (;;) {
		int64_t units = INT64_MAX;
		tt_i128 cost = 0;

		for (size_t c = 0; c < t->n_courses; c++) {
			if (w[c].i == w[c].s->n)
				continue;
			const tt_ladder_layer *l = &w[c].s->layers[w[c].i];

			units = l->units - w[c].used < units ? l->units - w[c].used : units;
			cost += (tt_i128)l->cost_micro * w[c].chance;
		}
		if (units == INT64_MAX)
			break;
		if (cost >= money_most)
			return tt_fail(err, TT_EINVAL, "segment %zu: a layer costs too much, by "
			               "all chances, to be summed up", q);
		v[n++] = (tt_ladder_layer){ units, (int64_t)cost };
		for (size_t c = 0; c < t->n_courses; c++) {
			w[c].used += units;
			if (w[c].i < w[c].s->n && w[c].used == w[c].s->layers[w[c].i].units) {
				w[c].i++;
				w[c].used = 0;
			}
		}
	}
	*ret = (tt_ladder_segment){ v, n };
	return TT_OK;
}

static int falling(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x < y) - (x > y);
}

/* Units whose layers cost at least `cost`. */
static int64_t units_at(const tt_ladder_segment *s, int64_t cost)
{
	int64_t units = 0;

	for (size_t i = 0; i < s->n && s->layers[i].cost_micro >= cost; i++)
		units += s->layers[i].units;
	return units;
}

/* The mean demand: of hours in the order of their size the mean in all courses. */
static int average(const tt_waiting_task *t, size_t q, int64_t chances, tt_arena *arena,
                   tt_ladder_segment *ret, tt_err *err)
{
	const size_t most = count_layers(t, q);
	int64_t *cost = tt_arena_alloc(arena, (most + 1) * sizeof *cost), before = 0;
	tt_ladder_layer *v = tt_arena_alloc(arena, (most + 1) * sizeof *v);
	size_t k = 0, n = 0;

	if (!cost || !v)
		return tt_no_memory(err);
	for (size_t c = 0; c < t->n_courses; c++)
		for (size_t i = 0; i < t->courses[c].segments[q].n; i++)
			cost[k++] = t->courses[c].segments[q].layers[i].cost_micro;
	qsort(cost, k, sizeof *cost, falling);
	for (size_t i = 0; i < k; i++) {
		tt_i128 sum = 0;

		for (size_t c = 0; c < t->n_courses; c++)
			sum += (tt_i128)units_at(&t->courses[c].segments[q], cost[i]) *
			       t->courses[c].chance;
		const int64_t units = (int64_t)tt_div_half_even(sum, chances);

		if (units > before)
			v[n++] = (tt_ladder_layer){ units - before, cost[i] };
		before = units;
	}
	*ret = (tt_ladder_segment){ v, n };
	return TT_OK;
}

static int plan_for_mean(const rest *r, tt_i128 *ret_cost, int64_t *ret_units, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	const tt_waiting_task *t = r->t;
	tt_i128 slope;
	tt_ladder_plan p;

	if (!arena)
		return tt_no_memory(err);
	tt_ladder_segment *s = tt_arena_alloc(arena, (t->n_segments + 1) * sizeof *s);

	if (!s)
		return tt_no_memory(err);
	for (size_t q = 0; q < t->n_segments; q++)
		TT_TRY(average(t, q, r->chances, arena, &s[q], err));
	TT_TRY(solve(t, s, arena, &p, err));
	*ret_units = p.bought[t->now];
	return cost_of(r, *ret_units, ret_cost, &slope, err);
}

/* One ladder for all courses: what a layer costs is what it costs in all of them, and so are
 * offers and proceeds, x chances. */
static int fix_all(const rest *r, tt_i128 *ret_cost, int64_t *ret_units, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_waiting_task t = *r->t;
	tt_ladder_plan p;

	if (!arena)
		return tt_no_memory(err);
	tt_ladder_segment *s = tt_arena_alloc(arena, (t.n_segments + 1) * sizeof *s);
	tt_ladder_offer *offers = tt_arena_alloc(arena, (t.n_offers + 1) * sizeof *offers);
	tt_ladder_held *held = tt_arena_alloc(arena, (t.n_held + 1) * sizeof *held);
	walk *w = tt_arena_alloc(arena, (t.n_courses + 1) * sizeof *w);

	if (!s || !offers || !held || !w)
		return tt_no_memory(err);
	for (size_t q = 0; q < t.n_segments; q++)
		TT_TRY(mix(&t, q, w, arena, &s[q], err));
	for (size_t j = 0; j < t.n_offers; j++) {
		offers[j] = t.offers[j];
		if (t.offers[j].cost_micro > money_most / r->chances)
			return tt_fail(err, TT_EINVAL, "offer %zu costs too much, by all chances, "
			               "to be summed up", j);
		offers[j].cost_micro *= r->chances;
	}
	for (size_t h = 0; h < t.n_held; h++) {
		int64_t *brings = tt_arena_alloc(arena, (t.held[h].end + 1) * sizeof *brings);

		if (!brings)
			return tt_no_memory(err);
		held[h] = t.held[h];
		for (size_t q = 0; t.held[h].proceeds_micro && q < t.held[h].end; q++) {
			const int64_t one = t.held[h].proceeds_micro[q];

			if (one > money_most / r->chances)
				return tt_fail(err, TT_EINVAL, "holding %zu brings too much, by "
				               "all chances, to be summed up", h);
			brings[q] = one == TT_MONEY_UNKNOWN ? one : one * r->chances;
		}
		held[h].proceeds_micro = t.held[h].proceeds_micro ? brings : NULL;
	}
	t.offers = offers;
	t.held = held;
	TT_TRY(solve(&t, s, arena, &p, err));
	*ret_cost = p.cost_micro;
	*ret_units = p.bought[t.now];
	return TT_OK;
}

/* --- All of them ------------------------------------------------------------------------ */

int tt_waiting_value(const tt_waiting_task *t, tt_waiting *ret, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	rest r = { .t = t };
	tt_i128 cost, foresight, none, mean, fixed = 0;
	tt_waiting w = { 0 };
	size_t n = 0;

	TT_TRY(check(t, &r.chances, err));
	if (!arena)
		return tt_no_memory(err);
	r.offers = tt_arena_alloc(arena, t->n_offers * sizeof *r.offers);
	r.held = tt_arena_alloc(arena, (t->n_held + 1) * sizeof *r.held);
	if (!r.offers || !r.held)
		return tt_no_memory(err);
	for (size_t j = 0; j < t->n_offers; j++)
		if (j != t->now)
			r.offers[n++] = t->offers[j];
	if (t->n_held)
		memcpy(r.held, t->held, t->n_held * sizeof *r.held);

	TT_TRY(foresee(t, &foresight, &none, err)); /* looks at every segment before others do */
	TT_TRY(best(&r, &w.units, &cost, err));
	TT_TRY(plan_for_mean(&r, &mean, &w.mean_units, err));
	TT_TRY(fix_all(&r, &fixed, &w.fixed_units, err));
	w.cost_micro = (int64_t)tt_div_half_even(cost, r.chances);
	w.none_micro = (int64_t)tt_div_half_even(none, r.chances);
	w.foresight_micro = (int64_t)tt_div_half_even(foresight, r.chances);
	w.mean_micro = (int64_t)tt_div_half_even(mean, r.chances);
	w.fixed_micro = (int64_t)tt_div_half_even(fixed, r.chances);
	w.of_courses_micro = (int64_t)tt_div_half_even(mean - cost, r.chances);
	w.of_foresight_micro = (int64_t)tt_div_half_even(cost - foresight, r.chances);
	w.of_waiting_micro = (int64_t)tt_div_half_even(fixed - cost, r.chances);
	*ret = w;
	return TT_OK;
}
