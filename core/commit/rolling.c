#include "commit/rolling.h"
#include "maths/elementary.h"
#include <math.h>

enum { LEVELS = 9 };
#define PARTS INT64_C(1000000000)   /* of a unit, in samples of demand */
#define MOST 4e6                    /* units; so that parts of all samples fit */
#define MICRO 1000000

/* Equally likely, but for the ends: the tails are a little heavier than ninths. */
static const double chances[LEVELS] = { .05, .15, .25, .35, .5, .65, .75, .85, .95 };

typedef struct planner {
	const tt_rolling *r;
	tt_arena *arena;
	tt_rolling_plan *to;
	int64_t *samples;           /* [2 * LEVELS * season_h] of one segment: all, the worst */
} planner;

/* What a week at `level` uses above what is in force. */
static void sample_week(const tt_rolling *r, const double *profile, int64_t held, double level,
                        int64_t *to)
{
	for (size_t h = 0; h < r->level.season_h; h++) {
		const double units = fmin(level * profile[h] - (double)held, MOST);

		to[h] = units > 0 ? llround(units * (double)PARTS) : 0;
	}
}

/* What a segment may use above what is in force, as if each sample were an hour of it: in the
 * lowest `share` of courses. */
static void sample(const planner *p, const tt_rolling_segment *s, double share, int64_t *to)
{
	for (size_t k = 0; k < LEVELS; k++)
		sample_week(p->r, p->to->profile, s->held,
		            tt_level_at(&p->to->level, s->quarter,
		                        tt_normal_quantile(share * chances[k])),
		            &to[k * p->r->level.season_h]);
}

/* As it is expected, and as caution weighs it. */
static int segment(planner *p, const tt_rolling_segment *s, tt_ladder_segment *ret,
                   tt_ladder_segment *ret_weighed, tt_err *err)
{
	const tt_caution *c = &p->r->caution;
	const tt_caution stays = { .moves_millionths = c->moves_millionths };
	const size_t n = LEVELS * p->r->level.season_h;
	const tt_layers_demand d = { p->samples, n, PARTS }, worst = { p->samples + n, n, PARTS };
	const tt_i128 price = p->r->price_per_hour / MICRO * s->hours, per = (tt_i128)n * PARTS;

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

		sample_week(r, p->profile, s->held, levels[s->quarter], week);
		TT_TRY(tt_ladder_segment_make(&d, r->price_per_hour / MICRO * s->hours,
		                              (tt_i128)n * PARTS, arena, &ret[i], err));
	}
	return TT_OK;
}

/* Offers begin with the first segment of a quarter, and end with the last of one. */
static int offers(const planner *p, tt_ladder_offer *v, tt_err *err)
{
	const tt_rolling *r = p->r;

	for (size_t s = 0; s < r->n_segments; s++) {
		const size_t quarter = r->segments[s].quarter;

		if (s && r->segments[s - 1].quarter == quarter)
			continue;
		for (size_t k = 0; k < r->n_offers; k++) {
			tt_ladder_offer *o = &v[quarter * r->n_offers + k];
			int64_t hours = 0;

			*o = (tt_ladder_offer){ .start = s, .end = s, .most = TT_FLOW_MANY };
			for (; o->end < r->n_segments && r->segments[o->end].quarter <
			       quarter + r->offers[k].quarters; o->end++)
				hours += r->segments[o->end].hours;
			TT_TRY(tt_cost_micro(r->offers[k].rate_per_hour, hours * 3600,
			                     &o->cost_micro, err));
		}
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
	for (size_t s = 0; s < r->n_segments; s++)
		TT_TRY(segment(&p, &r->segments[s], &segments[s], &weighed[s], err));
	TT_TRY(offers(&p, v, err));
	to.ladder = (tt_ladder){ weighed, r->n_segments, v, n_offers, NULL, 0 };
	to.expected = (tt_ladder){ segments, r->n_segments, v, n_offers, NULL, 0 };
	*ret = to;
	return TT_OK;
}

/* What the plan costs where nothing is feared, and what could be had there. */
static int expect(const tt_rolling *r, tt_arena *arena, tt_rolling_plan *p, tt_err *err)
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
	TT_TRY(expect(r, arena, &to, err));
	*ret = to;
	return TT_OK;
}
