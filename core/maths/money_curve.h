/* money_curve.h - what each amount of money per hour would save under one plan: the whole curve
 * at once, and its best point.
 *
 * Within an hour a plan is spent on the item with the highest saving first (money_plan.h), so
 * each further unit of money saves no more than the one before, and so for all hours
 * together: a curve of falling slopes with a breakpoint wherever an item ends in some hour.
 * A unit of money pays as long as it saves more than it costs, which is one in every hour;
 * one that only breaks even is not bought. In steps in which plans are sold the curve is one
 * of layers, so that a ladder of such plans is as exact as one of units (commit/ladder.h),
 * as long as all of them have the same rates. Pure functions, any thread. */
#ifndef TT_MATHS_MONEY_CURVE_H
#define TT_MATHS_MONEY_CURVE_H
#include "maths/layer_curve.h"
#include "maths/money_plan.h"

#define TT_MONEY_SLOPE ((tt_i128)1 << 40) /* 1 saved per 1 spent in one hour */

typedef struct tt_money_piece {
	tt_i128 width;              /* money per hour: in parts x 10^-12 */
	tt_i128 slope;              /* saved per spent, over all hours, in 1 / TT_MONEY_SLOPE,
	                             * each hour's rounded down; > 0, falling */
} tt_money_piece;

typedef struct tt_money_curve {
	const tt_money_piece *v;    /* [n] from the first money that is spent */
	size_t n;
	int64_t hours, unit;
} tt_money_curve;

/* The curve of plan `plan`, alone, in `arena`. Errors as of tt_money_biller_make(); TT_EINVAL
 * for a rate below a millionth of its price. O(n log n) of rows x items. */
int tt_money_curve_make(const tt_money_usage *u, size_t plan, tt_arena *arena,
                        tt_money_curve *ret, tt_err *err);

/* The commitment per hour that costs least, the smallest of several: rounded half-even. */
tt_decimal tt_money_curve_best(const tt_money_curve *c);

/* The same curve in steps of `step` per hour: layers of which `busy` is what one saves over
 * all hours, in micro-units of money, rounded half-even. TT_EINVAL for a step of 0 or less,
 * TT_EDATA where that doesn't fit, TT_ENOMEM. */
int tt_money_curve_layers(const tt_money_curve *c, tt_decimal step, tt_arena *arena,
                          tt_layer_curve *ret, tt_err *err);
#endif
