/* plan_cash.h - a plan quarter by quarter, in two views that are never added up.
 *
 * Cash: what is paid when, upfront sums on the day of the purchase and fees as hours go by.
 * Amortised: the same commitments at one rate for each hour of their term, which is what the
 * plan is decided on. A term may run on after what is planned: then cash has all of its upfront
 * sum and the amortised view the part that belongs to the plan. With interest the amortised
 * view also has what it costs to pay early (maths/payments.h). */
#ifndef TT_COMMIT_PLAN_CASH_H
#define TT_COMMIT_PLAN_CASH_H
#include "commit/plans.h"

typedef struct tt_plan_quarter {
	int64_t starts_s;
	double use_units;           /* expected mean; of a pool */
	int64_t held_units, bought_units; /* in force at its start; of a pool */
	double bought_unit_hours;   /* of a pool */
	int64_t none_micro;         /* expected: all that is not held, on demand */
	int64_t kept_micro;         /* the same of what is not held after sales; of a pool */
	int64_t on_demand_micro;    /* with the plan */
	int64_t sales_micro;        /* what sales in it free and bring */
	int64_t upfront_micro, fees_micro; /* cash; UNKNOWN: an upfront sum is not known */
	int64_t amortised_micro;    /* of what is bought */
	double utilization_ratio;   /* expected, of what is bought; NaN: nothing is in force */
	double coverage_ratio;      /* expected, of what is not held any more; NaN: of nothing */
} tt_plan_quarter;

/* Of a pool that is planned, into ret[n_quarters]. Errors: TT_EINVAL (does not fit). */
int tt_plan_quarters(const tt_plans_pool *p, int64_t start_s, tt_plan_quarter *ret, tt_err *err);

/* Of all pools, from their by_quarter, without units and ratios; into ret[quarters]. Errors:
 * TT_EINVAL. */
int tt_plans_quarters(const tt_plans *x, tt_plan_quarter *ret, tt_err *err);

/* What a purchase takes on its first day and in each month of 730 h, all units; UNKNOWN. */
void tt_purchase_cash(const tt_purchase *b, int64_t *ret_upfront, int64_t *ret_monthly);

/* What an hour of one unit costs when it is known what waiting for money is worth, a year:
 * the rate where nothing is paid early or nobody knows how much. TT_EINVAL. */
int tt_offer_effective(const tt_offer *o, double annual_ratio, tt_decimal *ret, tt_err *err);
#endif
