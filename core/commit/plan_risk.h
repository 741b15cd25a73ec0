/* plan_risk.h - what it is worth to wait, to know, and to be free to move: of a pool that is
 * planned.
 *
 * Waiting: what is bought of one offer today, where the course of demand is known a quarter
 * later and the rest is bought for it (waiting.h), beside fixing every purchase today. Real
 * demand is known bit by bit, so that is from above. Regret: what who had known each world
 * would have saved more than the plan as it stands, all its purchases fixed. Freedom: what
 * offers would save if they could follow work that moves, and up to which rate one that can is
 * as good as those that can't. */
#ifndef TT_COMMIT_PLAN_RISK_H
#define TT_COMMIT_PLAN_RISK_H
#include "commit/plans.h"
#include "commit/waiting.h"

enum { TT_PLAN_RISK_COURSES = 9, TT_PLAN_RISK_WORLDS = 64 };

typedef struct tt_plan_risk {
	const tt_offer *today;      /* what may be bought in `waiting` now; NULL: none can */
	tt_waiting waiting;
	size_t worlds;              /* that foresight is looked at in */
	int64_t foresight_micro;    /* mean saving of who had known them */
	int64_t regret_micro;       /* that less the plan's, >= 0 up to rounding */
	int64_t freedom_micro;      /* what the offers would save more if they could follow */
	double freedom_ratio;       /* rate over price on demand that is as good; NaN: nothing
	                             * moves, or nothing is saved */
} tt_plan_risk;

/* Errors: TT_EINVAL, TT_EDATA (does not fit), TT_ENOMEM. */
int tt_plan_risk_make(const tt_plans_pool *p, uint64_t seed, tt_arena *arena, tt_plan_risk *ret,
                      tt_err *err);
#endif
