/* uncertain.h - what a plan saves in sampled months: P10, P50 and P90 of every finding
 * alone and in the plan, of the plan and of its waves.
 *
 * The month after the window (of a window shorter than a week: as long a time as it) is
 * simulated (simulate/simulation.h) with the plan's findings
 * put on top of one another in the plan's order and the others priced alone. What varies is
 * what was measured (whole weeks of the window, drawn for the whole fleet) and what changes
 * say of themselves (adoption_ratio, realisation_ratio): demand and prices stay as they were,
 * because what else the future may hold is for a scenario to say. Sums are made within a
 * world, quantiles after that. Deciding is plan.c's. */
#ifndef TT_RANK_UNCERTAIN_H
#define TT_RANK_UNCERTAIN_H
#include "rank/plan.h"

/* Fill in the quantiles of the plan, whose points are there; o->most_worlds is not 0. Steps
 * that save together have a P10 above 0, among the worlds in which all of them are adopted;
 * else the findings get their `unsure`, and *ret_n says how many did. Where the simulator
 * cannot price what the plan can, points stay and plan->worlds.why says so. The same for any
 * number of threads. Errors: TT_ENOMEM. */
int tt_plan_uncertain(tt_plan *plan, const tt_bill *b, const tt_settings *st,
                      const tt_plan_options *o, size_t *ret_n, tt_err *err);
#endif
