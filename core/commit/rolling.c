#include "commit/rolling.h"
#include "maths/elementary.h"
#include <math.h>
#include <stdbool.h>

enum { LEVELS = TT_ROLLING_LEVELS };
#define PARTS INT64_C(1000000000)   /* of a unit, in samples of demand */
#define MOST 4e6                    /* units; so that parts of all samples fit */
#define NANOS 1000                  /* of a micro-unit: to which prices of a segment are exact */

/* Equally likely, but for the ends: the tails are a little heavier than ninths. */
static const double chances[LEVELS] = { .05, .15, .25, .35, .5, .65, .75, .85, .95 };

typedef struct planner {
	const tt_rolling *r;
	tt_arena *arena;
	tt_rolling_plan *to;
	int64_t *samples;           /* [2 * LEVELS * season_h] of one segment: all, the worst */
} planner;

double tt_rolling_level(const tt_rolling_plan *p, size_t quarter, size_t i)
{
	return tt_level_at(&p->level, quarter, tt_normal_quantile(chances[i]));
}

double tt_rolling_held(const tt_rolling_segment *s)
{
	return (double)(s->held - s->for_sale) + s->held_part + s->held_money;
}

/* What a week at `level` uses above what is in force. */
static void sample_week(const tt_rolling *r, const double *profile, double held, double level,
                        int64_t *to)
{
	for (size_t h = 0; h < r->level.season_h; h++) {
		const double units = fmin(level * profile[h] - held, MOST);

		to[h] = units > 0 ? llround(units * (double)PARTS) : 0;
	}
}

/* What a segment may use above what is in force, as if each sample were an hour of it: in the
 * lowest `share` of courses. */
static void sample(const planner *p, const tt_rolling_segment *s, double share, int64_t *to)
{
	for (size_t k = 0; k < LEVELS; k++)
		sample_week(p->r, p->to->profile, tt_rolling_held(s),
		            tt_level_at(&p->to->level, s->quarter,
		                        tt_normal_quantile(share * chances[k])),
		            &to[k * p->r->level.season_h]);
}

/* Of one unit in use all through a segment: 10^-9, so that parts of a sample fit beside it. */
static tt_i128 price_of(const tt_rolling *r, const tt_rolling_segment *s)
{
	return tt_div_half_even(r->price_per_hour * s->hours, NANOS);
}

/* As it is expected, and as caution weighs it. */
static int segment(planner *p, const tt_rolling_segment *s, tt_ladder_segment *ret,
                   tt_ladder_segment *ret_weighed, tt_err *err)
{
	const tt_caution *c = &p->r->caution;
	const tt_caution stays = { .moves_millionths = c->moves_millionths };
	const size_t n = LEVELS * p->r->level.season_h;
	const tt_layers_demand d = { p->samples, n, PARTS }, worst = { p->samples + n, n, PARTS };
	const tt_i128 price = price_of(p->r, s), per = (tt_i128)n * PARTS * NANOS;

	sample(p, s, 1, p->samples); /* n are busy at most: a layer costs at most the price */
	if (!tt_caution_any(c)) {
		TT_TRY(tt_ladder_segment_make(&d, price, per, p->arena, ret, err));
		*ret_weighed = *ret;
		return TT_OK;
	}
	sample(p, s, 1 - (double)c->level_millionths / TT_CAUTION_ALL, p->samples + n);
	TT_TRY(tt_caution_segment(&stays, s->quarter, &d, &worst, price, per, p->arena, ret, err));
	return tt_caution_segment(c, s->quarter, &d, &worst, price, per, p->arena, ret_weighed,
	                          err);
}

int tt_rolling_course(const tt_rolling *r, const tt_rolling_plan *p, const double *levels,
                      tt_arena *arena, tt_ladder_segment *ret, tt_err *err)
{
	const size_t n = r->level.season_h;
	int64_t *week = tt_arena_alloc(arena, (n + 1) * sizeof *week);

	if (!week)
		return tt_no_memory(err);
	for (size_t i = 0; i < r->n_segments; i++) {
		const tt_rolling_segment *s = &r->segments[i];
		const tt_layers_demand d = { week, n, PARTS };

		sample_week(r, p->profile, tt_rolling_held(s), levels[s->quarter], week);
		TT_TRY(tt_ladder_segment_make(&d, price_of(r, s), (tt_i128)n * PARTS * NANOS,
		                              arena, &ret[i], err));
	}
	return TT_OK;
}

/* The segment that begins then; [from, to) where there is none. */
static size_t segment_at(const int64_t *starts_h, size_t from, size_t to, int64_t at_h)
{
	while (from < to && starts_h[from] < at_h)
		from++;
	return from;
}

/* One purchase in a quarter, of segments [from, to), or none: of an offer that can't be bought
 * then there are 0 units. */
static int purchase(const tt_rolling *r, const tt_rolling_offer *k, const int64_t *starts_h,
                    size_t from, size_t to, tt_ladder_offer *ret, tt_err *err)
{
	const bool dated = k->from_h || k->until_h;
	const size_t at = segment_at(starts_h, from, to, dated ? k->from_h : 0);
	const size_t quarter = r->segments[from].quarter;
	size_t end = at;

	*ret = (tt_ladder_offer){ .start = from, .end = from + 1 };
	if (at == to || (dated && starts_h[at] >= k->until_h))
		return TT_OK;
	if (k->term_h)
		end = segment_at(starts_h, at + 1, r->n_segments, starts_h[at] + k->term_h);
	else
		while (end < r->n_segments && r->segments[end].quarter < quarter + k->quarters)
			end++;
	*ret = (tt_ladder_offer){ .start = at, .end = end,
		.most = k->most ? k->most : TT_FLOW_MANY };
	return tt_cost_micro(k->rate_per_hour, (starts_h[end] - starts_h[at]) * 3600,
	                     &ret->cost_micro, err);
}

int tt_rolling_offers(const tt_rolling *r, tt_arena *arena, tt_ladder_offer *ret, tt_err *err)
{
	int64_t *starts_h = tt_arena_alloc(arena, (r->n_segments + 1) * sizeof *starts_h);
	size_t to;

	if (!starts_h)
		return tt_no_memory(err);
	for (size_t s = 0; s < r->n_segments; s++)
		starts_h[s + 1] = starts_h[s] + r->segments[s].hours;
	for (size_t from = 0; from < r->n_segments; from = to) {
		const size_t quarter = r->segments[from].quarter;

		for (to = from; to < r->n_segments && r->segments[to].quarter == quarter; to++)
			;
		for (size_t k = 0; k < r->n_offers; k++)
			TT_TRY(purchase(r, &r->offers[k], starts_h, from, to,
			                &ret[quarter * r->n_offers + k], err));
	}
	return TT_OK;
}

int tt_rolling_ask(const tt_rolling *r, tt_arena *arena, tt_rolling_plan *ret, tt_err *err)
{
	const size_t season_h = r->level.season_h, n_offers = r->n_quarters * r->n_offers;
	tt_rolling_plan to = {
		.profile = tt_arena_alloc(arena, (season_h + 1) * sizeof *to.profile) };
	planner p = { .r = r, .arena = arena, .to = &to,
		.samples = tt_arena_alloc(arena, (2 * LEVELS * season_h + 1) * sizeof *p.samples) };
	tt_ladder_segment *segments =
		tt_arena_alloc(arena, (r->n_segments + 1) * sizeof *segments);
	tt_ladder_segment *weighed =
		tt_arena_alloc(arena, (r->n_segments + 1) * sizeof *weighed);
	tt_ladder_offer *v = tt_arena_alloc(arena, (n_offers + 1) * sizeof *v);

	if (!to.profile || !p.samples || !segments || !weighed || !v)
		return tt_no_memory(err);
	TT_TRY(tt_look_back_find(r->y, r->n, season_h, &to.look_back, err));
	TT_TRY(tt_level_fit(r->y + to.look_back.from, r->n - to.look_back.from, &r->level,
	                    to.profile, &to.level, err));
	to.level.share = r->share;
	for (size_t s = 0; s < r->n_segments; s++)
		TT_TRY(segment(&p, &r->segments[s], &segments[s], &weighed[s], err));
	TT_TRY(tt_rolling_offers(r, arena, v, err));
	to.ladder = (tt_ladder){ weighed, r->n_segments, v, n_offers, r->for_sale, r->n_for_sale };
	to.expected = to.ladder;
	to.expected.segments = segments;
	*ret = to;
	return TT_OK;
}

int tt_rolling_expect(const tt_rolling *r, tt_arena *arena, tt_rolling_plan *p, tt_err *err)
{
	tt_ladder_plan least;

	p->expects = p->plan;
	p->least_micro = p->plan.cost_micro;
	if (!r->caution.weight_millionths)
		return TT_OK;
	TT_TRY(tt_ladder_solve(&p->expected, arena, &least, err));
	p->least_micro = least.cost_micro;
	least.bought = p->plan.bought;
	least.sold = p->plan.sold;
	least.worth_micro = p->plan.worth_micro;
	TT_TRY(tt_ladder_bill(&p->expected, &least, err));
	p->expects = least;
	return TT_OK;
}

int tt_rolling_make(const tt_rolling *r, tt_arena *arena, tt_rolling_plan *ret, tt_err *err)
{
	tt_rolling_plan to;

	TT_TRY(tt_rolling_ask(r, arena, &to, err));
	TT_TRY(tt_ladder_solve(&to.ladder, arena, &to.plan, err));
	TT_TRY(tt_rolling_expect(r, arena, &to, err));
	*ret = to;
	return TT_OK;
}
