/* held_money.h - what commitments of money that are held cover of each pool ahead.
 *
 * They cover by price, pool after pool in the published order, so what is left of a pool hangs
 * on what others use. Where a pool comes first for a plan it is a fixed number of units; else
 * the number is taken that covers as much on average. Units are covered first. */
#ifndef TT_COMMIT_HELD_MONEY_H
#define TT_COMMIT_HELD_MONEY_H
#include "commit/plans.h"

/* Hours of the plan at which one of them begins or ends, into cuts[2 x rows]; returns how many. */
size_t tt_held_money_cuts(const tt_snapshot *s, int64_t start_s, int64_t *cuts);

/* Fill in held_money of the segments of pools that are asked, and a note for each that covers
 * none (there is room in x->notes). Errors: TT_EINVAL, TT_EDATA (does
 * not fit), TT_ENOMEM. */
int tt_held_money_fill(const tt_snapshot *s, tt_plans *x, tt_arena *arena, tt_err *err);
#endif
