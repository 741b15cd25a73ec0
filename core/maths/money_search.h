/* money_search.h - how much to commit to each of several plans of money per hour that apply one
 * after the other.
 *
 * What is bought of one plan changes what the others are spent on, so their curves do not
 * add up, and the cheapest assignment is not what is billed (money_plan.h). So the bill
 * itself is searched: from nothing, from each plan on its own, and from each in turn on what
 * those before it leave, as long as that helps; then by steps of one plan up or down, and
 * of money moved from one plan to another at the ratio of their rates for some item, that
 * get shorter down to the step in which plans are sold. Between two breakpoints a bill is a
 * straight line, so where one such step does not help, none up to the next breakpoint does.
 *
 * The answer is a bill that can be had, cheaper than all of its neighbours; it is not proven
 * to be the cheapest of all. Pure, and the same on every machine. */
#ifndef TT_MATHS_MONEY_SEARCH_H
#define TT_MATHS_MONEY_SEARCH_H
#include "maths/money_plan.h"

typedef struct tt_money_found {
	int64_t *commitment_micro;  /* [n_plans] per hour, multiples of the step */
	int64_t *unused_micro;      /* [n_plans] of it, lost in all hours */
	tt_money_bill bill, none;   /* with these, and without any */
	size_t n_bills;             /* made on the way */
} tt_money_found;

/* Search in steps of `step_micro` > 0 per hour (1000: 0.001). What it points to lives in
 * `arena`. Errors as of tt_money_biller_make(). */
int tt_money_search(const tt_money_usage *u, int64_t step_micro, tt_arena *arena,
                    tt_money_found *ret, tt_err *err);
#endif
