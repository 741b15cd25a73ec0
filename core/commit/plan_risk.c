#include "commit/plan_risk.h"
#include "commit/plan_worlds.h"
#include "maths/elementary.h"
#include <math.h>
#include <string.h>

/* --- Waiting -------------------------------------------------------------------------------- */

/* Of what is bought now the offer with most units, else the one with the lowest rate that can
 * be bought now. */
static size_t todays(const tt_plans_pool *p)
{
	const tt_ladder_plan *plan = &p->plan.plan;
	size_t best = 0;

	for (size_t k = 1; k < p->offers.n; k++) {
		if (!p->plan.ladder.offers[k].most)
			continue;
		if (!p->plan.ladder.offers[best].most ||
		    (plan->bought[k] != plan->bought[best]
		     ? plan->bought[k] > plan->bought[best]
		     : p->rolling.offers[k].rate_per_hour < p->rolling.offers[best].rate_per_hour))
			best = k;
	}
	return best;
}

static int courses(const tt_plans_pool *p, tt_arena *arena, tt_waiting_course *v, tt_err *err)
{
	const tt_rolling *r = &p->rolling;
	double *levels = tt_arena_alloc(arena, (r->n_quarters + 1) * sizeof *levels);

	if (!levels)
		return tt_no_memory(err);
	for (size_t c = 0; c < TT_PLAN_RISK_COURSES; c++) {
		const double z = tt_normal_quantile(((double)c + .5) / TT_PLAN_RISK_COURSES);
		tt_ladder_segment *s = tt_arena_alloc(arena, (r->n_segments + 1) * sizeof *s);

		if (!s)
			return tt_no_memory(err);
		for (size_t q = 0; q < r->n_quarters; q++)
			levels[q] = tt_level_at(&p->plan.level, q,
			                        tt_track_widens(&p->track, q) * z);
		TT_TRY(tt_rolling_course(r, &p->plan, levels, arena, s, err));
		v[c] = (tt_waiting_course){ s, 1 };
	}
	return TT_OK;
}

static int find_waiting(const tt_plans_pool *p, tt_arena *arena, tt_plan_risk *ret, tt_err *err)
{
	const tt_ladder *l = &p->plan.expected;
	const size_t today = todays(p);
	tt_waiting_course v[TT_PLAN_RISK_COURSES];
	tt_ladder_offer *offers = tt_arena_alloc(arena, (l->n_offers + 1) * sizeof *offers);
	size_t n = 0;

	if (!offers)
		return tt_no_memory(err);
	for (size_t j = 0; j < l->n_offers; j++)
		if (l->offers[j].start || j == today)
			offers[n++] = l->offers[j];
	if (!n || offers[0].start)
		return TT_OK;
	TT_TRY(courses(p, arena, v, err));
	ret->today = &p->offers.v[today];
	return tt_waiting_value(&(tt_waiting_task){ .courses = v, .n_courses = TT_PLAN_RISK_COURSES,
		.n_segments = l->n_segments, .offers = offers, .n_offers = n, .now = 0,
		.held = l->held, .n_held = l->n_held }, &ret->waiting, err);
}

/* --- Foresight ------------------------------------------------------------------------------ */

static int find_regret(const tt_plans_pool *p, uint64_t seed, tt_arena *arena, tt_plan_risk *ret,
                       tt_err *err)
{
	const tt_rolling *r = &p->rolling;
	double *levels = tt_arena_alloc(arena, (r->n_quarters + 1) * sizeof *levels);
	tt_i128 foresight = 0, planned = 0;

	if (!levels)
		return tt_no_memory(err);
	ret->worlds = p->saving.n < TT_PLAN_RISK_WORLDS ? p->saving.n : TT_PLAN_RISK_WORLDS;
	for (size_t w = 0; w < ret->worlds; w++) {
		TT_CLEANUP(tt_arena_freep) tt_arena *room = tt_arena_new();
		tt_ladder_segment *s = room ? tt_arena_alloc(room, (r->n_segments + 1) *
		                                                   sizeof *s) : NULL;
		tt_ladder l = p->plan.expected;
		tt_ladder_plan plan;

		if (!s)
			return tt_no_memory(err);
		tt_plan_levels(p, seed, w, levels);
		TT_TRY(tt_rolling_course(r, &p->plan, levels, room, s, err));
		l.segments = s;
		TT_TRY(tt_ladder_solve(&l, room, &plan, err));
		foresight += plan.none_micro - plan.cost_micro;
		planned += p->savings[w];
	}
	ret->foresight_micro = (int64_t)tt_div_half_even(foresight, (tt_i128)ret->worlds);
	ret->regret_micro = (int64_t)tt_div_half_even(foresight - planned, (tt_i128)ret->worlds);
	return TT_OK;
}

/* --- Freedom to move ------------------------------------------------------------------------ */

/* What the best plan saves where every offer follows the work; at `rate` of the price where
 * that is above 0, else at what they cost. */
static int follow(const tt_plans_pool *p, const tt_ladder *l, int64_t rate_thousandths,
                  int64_t *ret, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_ladder_offer *offers = arena ? tt_arena_alloc(arena, (l->n_offers + 1) * sizeof *offers)
	                                : NULL;
	tt_ladder same = *l;
	tt_ladder_plan plan;

	if (!offers)
		return tt_no_memory(err);
	for (size_t j = 0; j < l->n_offers; j++) {
		int64_t hours = 0;

		offers[j] = l->offers[j];
		for (size_t s = offers[j].start; s < offers[j].end; s++)
			hours += p->rolling.segments[s].hours;
		if (rate_thousandths)
			TT_TRY(tt_cost_micro(p->rolling.price_per_hour / 1000 * rate_thousandths,
			                     hours * 3600, &offers[j].cost_micro, err));
	}
	same.offers = offers;
	TT_TRY(tt_ladder_solve(&same, arena, &plan, err));
	*ret = plan.none_micro - plan.cost_micro;
	return TT_OK;
}

static int find_freedom(const tt_plans_pool *p, tt_arena *arena, tt_plan_risk *ret, tt_err *err)
{
	const int64_t bound = p->none_micro - p->cost_micro + p->caution_micro;
	int64_t low = 0, high = 1000, saving; /* at `low` it is as good, at `high` not */
	tt_rolling r = p->rolling;
	tt_rolling_plan plan;

	ret->freedom_ratio = (double)NAN;
	if (!r.caution.moves_millionths || bound <= 0)
		return TT_OK;
	r.caution = (tt_caution){ .level_millionths = r.caution.level_millionths };
	TT_TRY(tt_rolling_ask(&r, arena, &plan, err));
	TT_TRY(follow(p, &plan.ladder, 0, &saving, err));
	ret->freedom_micro = saving - bound;
	while (high - low > 1) {
		const int64_t mid = low + (high - low) / 2;

		TT_TRY(follow(p, &plan.ladder, mid, &saving, err));
		if (saving >= bound)
			low = mid;
		else
			high = mid;
	}
	ret->freedom_ratio = (double)low / 1000;
	return TT_OK;
}

int tt_plan_risk_make(const tt_plans_pool *p, uint64_t seed, tt_arena *arena, tt_plan_risk *ret,
                      tt_err *err)
{
	tt_plan_risk risk = { .today = NULL };

	TT_TRY(find_waiting(p, arena, &risk, err));
	TT_TRY(find_regret(p, seed, arena, &risk, err));
	TT_TRY(find_freedom(p, arena, &risk, err));
	*ret = risk;
	return TT_OK;
}
