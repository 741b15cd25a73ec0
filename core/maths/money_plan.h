/* money_plan.h - what usage costs under commitments of money per hour (savings plans, flexible
 * committed use), in the order in which providers apply them.
 *
 * A plan is so much money in every hour, spent or lost. It buys each item at the plan's rate,
 * the item first on which it saves the highest percentage of the price, of equals the one
 * with the lowest rate, then the first; what is left of an item is for the next plan, and
 * what none covers is on demand. This is the order of bill/metering.h, which bills; here it
 * is applied often and to no dates, so that commitments can be tried. An assignment that is
 * free of this order would be cheaper, and is not what anybody is billed.
 *
 * Whole numbers: an hour that divides unevenly is carried in 2^-40 parts of an item (coarser
 * where sums would not fit), to the plan's disadvantage. Pure but for the biller's own room:
 * a biller for each thread. */
#ifndef TT_MATHS_MONEY_PLAN_H
#define TT_MATHS_MONEY_PLAN_H
#include "base/memory.h"
#include "base/money.h"

typedef struct tt_money_usage {
	const tt_decimal *price;    /* [n_items] an hour of one unit on demand, 0 to 9 million */
	const tt_decimal *rates;    /* [n_plans][n_items] under each plan, in the order in
	                             * which plans apply; 0 or less: not covered */
	size_t n_items, n_plans;
	const int64_t *used;        /* [n_rows][n_items] in parts, >= 0 */
	const int64_t *hours;       /* [n_rows] how many hours are alike, > 0; NULL: one each */
	size_t n_rows;
	int64_t unit;               /* parts of one unit, 1 to 2^40 */
} tt_money_usage;

typedef struct tt_money_biller {
	const tt_money_usage *u;
	const size_t *order;        /* [n_plans][n_items] those that a plan covers come first */
	const size_t *n_covered;    /* [n_plans] */
	int64_t hours;              /* of all rows */
	int shift;                  /* an amount is in parts x 10^-12 of money x 2^shift */
	tt_i128 *left, *lost;       /* [n_items], [n_plans] room */
} tt_money_biller;

typedef struct tt_money_bill {
	int64_t on_demand_micro, committed_micro, total_micro;
	tt_i128 exact;              /* the total as above, to compare two of one biller by */
} tt_money_bill;

/* Items that plan `plan` covers, in the order in which it does; returns how many. */
size_t tt_money_order(const tt_money_usage *u, size_t plan, size_t *ret);

/* Prepare; `u` must outlive the biller, which lives in `arena`. TT_EINVAL for usage against
 * the rules above, TT_EDATA where sums would not fit, TT_ENOMEM. */
int tt_money_biller_make(const tt_money_usage *u, tt_arena *arena, tt_money_biller *ret,
                         tt_err *err);

/* All rows under commitments of so many micro-units of money per hour, each >= 0.
 * unused_micro[n_plans], unless NULL, is what was lost of each. TT_EINVAL for one that is
 * negative or more than can be counted. O(n_rows x n_items x n_plans). */
int tt_money_bill_all(tt_money_biller *b, const int64_t *commitment_micro, int64_t *unused_micro,
                      tt_money_bill *ret, tt_err *err);
#endif
