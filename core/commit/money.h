/* money.h - how much money an hour to commit to, and when, beside the units of a plan.
 *
 * Commitments of money apply to what is left on demand after units and what is held, in the
 * published order. One offer alone is a ladder in steps of 0.001 an hour (money_curve.h), found
 * exactly. Several change what the others are spent on: each is bought on what those before
 * it leave, and then money is moved between purchases as long as the bill gets smaller. That is
 * a bill that can be had, cheaper than all of its neighbours, and not proven to be the least.
 *
 * All figures are billed by bill/metering.h, hour by hour of what is expected. */
#ifndef TT_COMMIT_MONEY_H
#define TT_COMMIT_MONEY_H
#include "commit/money_terms.h"

typedef struct tt_money_purchase {
	const tt_listed_offer *offer;
	size_t quarter;
	int64_t starts_s, ends_s;   /* of the term; it may end after what is planned */
	int64_t per_hour_micro;
	int64_t cost_micro;         /* within what is planned */
} tt_money_purchase;

typedef struct tt_money_offer_use { /* all purchases of one offer */
	const tt_listed_offer *offer;
	int64_t committed_micro, unused_micro;
	double utilization_ratio;   /* NaN: nothing is bought */
	double break_even_ratio;    /* what of it has to be spent, on what it is spent on, to cost
	                             * no more than on demand */
} tt_money_offer_use;

typedef struct tt_money_plan {
	tt_money_purchase *purchases; /* [n_purchases] by quarter */
	size_t n_purchases;
	tt_money_offer_use *uses;   /* [n_uses] every offer that covers anything */
	size_t n_uses;
	int64_t none_micro;         /* on demand beside what is held and units, without these */
	int64_t cost_micro;         /* these, and what is left on demand */
	int64_t committed_micro, unused_micro;
	double coverage_ratio;      /* of none_micro, not on demand any more; NaN: it is 0 */
	tt_plans_fall falls[TT_PLAN_FALLS]; /* of what is bought in the first quarter */
	bool exact;                 /* none costs less; else none was found that does */
	bool cut_short;             /* looking for one took too long */
	const char **notes;         /* what is left out or not weighed */
	size_t n_notes;
} tt_money_plan;

/* For a plan that is made; *ret is NULL where no listed offer is of money. Bought by what is
 * expected: caution, work that moves and the discount are not weighed, and notes say so. In
 * `arena`. Errors: TT_EINVAL, TT_EDATA (does not fit), TT_ENOMEM. */
int tt_money_plan_make(const tt_snapshot *s, const tt_plans *x, const tt_plans_options *o,
                       tt_arena *arena, const tt_money_plan **ret, tt_err *err);
#endif
