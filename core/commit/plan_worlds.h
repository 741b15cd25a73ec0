/* plan_worlds.h - a plan of plans.h as it stands, priced in sampled worlds: what it saves, what of
 * it nothing uses, what a fall in demand does to what is bought now. */
#ifndef TT_COMMIT_PLAN_WORLDS_H
#define TT_COMMIT_PLAN_WORLDS_H
#include "commit/plans.h"

/* Fill in what plans.h says of worlds, falls and months of a pool that is planned. A world of one
 * seed has the same levels whatever else is planned. Errors: TT_EINVAL (does not fit),
 * TT_ENOMEM. */
int tt_plan_worlds(tt_plans_pool *p, const tt_plans_options *o, tt_arena *arena, tt_err *err);

/* The level of demand in each quarter of a world, into ret[quarters]. */
void tt_plan_levels(const tt_plans_pool *p, uint64_t seed, uint64_t world, double *ret);

/* What follows from savings, unused and cost_micro of n worlds: saving, tail_micro, unused_micro
 * and how likely more than `over_micro` is unused. `room` is for n. */
void tt_plan_now_summarise(tt_plans_now *now, int64_t over_micro, size_t n, int64_t *room);

/* Mean of the worst tenth of v[n] (at least one); `room` is for n. */
int64_t tt_plan_tail(const int64_t *v, size_t n, int64_t *room);
#endif
