/* conditions.h - purchases that can't be of any size: at least so many units, or so many at a
 * time.
 *
 * That is no flow any more. The ladder is solved without conditions first; where a purchase
 * breaks one, it is held to the nearest size below that is allowed, or to the one above,
 * whichever plan costs less, and so on. What comes out is the cheapest plan of the ladder
 * within these limits, with its proof; the limits are part of the answer, and so is what
 * the ladder without any would have cost, which no plan can beat. */
#ifndef TT_COMMIT_CONDITIONS_H
#define TT_COMMIT_CONDITIONS_H
#include "commit/offers.h"
#include "commit/rolling.h"

/* The limits of one purchase: entry `at` of the ladder's offers. */
typedef struct tt_limit {
	size_t at;
	int64_t least, most;
} tt_limit;

typedef struct tt_conditions {
	tt_limit *v;                /* [n] by `at` */
	size_t n;
	int64_t bound_micro;        /* expected cost without them */
} tt_conditions;

/* Whether so many units may be bought at once. */
bool tt_condition_holds(const tt_offer *o, int64_t units);

/* Put the limits on a ladder that is asked. Errors: TT_ENOMEM. */
int tt_conditions_put(const tt_conditions *c, tt_arena *arena, tt_ladder *l, tt_err *err);

/* Change a plan that is solved until all its purchases are allowed. Errors as of
 * tt_rolling_make(). */
int tt_conditions_keep(const tt_offers *o, const tt_rolling *r, tt_arena *arena,
                       tt_rolling_plan *plan, tt_conditions *ret, tt_err *err);
#endif
