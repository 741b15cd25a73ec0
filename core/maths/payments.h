/* payments.h - what a commitment costs per hour when it is paid upfront, monthly or both, and
 * when the money is back.
 *
 * Two views, kept apart. Cash: what leaves the account in which month. Amortised: one rate
 * for each hour of the term,
 *
 *     (upfront + monthly x a) / (a x 730),   a = the sum over months k of (1 + i)^-k
 *
 * with i the monthly interest that makes the annual one; months are paid at their start and
 * have 730 hours. Without interest this is what is paid by the hours, to the last digit; with
 * it the bits are the same everywhere. All of one unit. Which commitment pays is not answered
 * here: that depends on hours of use (layers.h). Pure functions, any thread. */
#ifndef TT_MATHS_PAYMENTS_H
#define TT_MATHS_PAYMENTS_H
#include "base/money.h"

#define TT_PAYMENTS_MONTH_H 730

typedef struct tt_payments {
	tt_decimal upfront, monthly;   /* >= 0, below 10^15 */
	uint32_t months;               /* of the term, 1 to 1200 */
	double annual_ratio;           /* interest, 0.08: 8 % a year; 0: time has no price */
} tt_payments;

/* The effective rate of an hour, rounded half-even. TT_EINVAL where a field is outside what
 * it says there, or interest is -1 or less. */
int tt_payments_rate(const tt_payments *p, tt_decimal *ret_per_hour, tt_err *err);

/* The share of hours in which a unit has to be in use to cost as much as on demand at `price`
 * an hour; above 1 it never pays. NaN where the price is not above 0. */
double tt_payments_break_even_ratio(tt_decimal rate, tt_decimal price);

/* Cash that is paid at the start of month `month`, from 0; and in all months up to and with
 * it. 0 after the term, and no more. */
tt_decimal tt_payments_cash(const tt_payments *p, uint32_t month);
tt_decimal tt_payments_cash_until(const tt_payments *p, uint32_t month);

/* After how many months, from 1, what would have been paid on demand (the same in each month,
 * >= 0) is at least all cash until then; 0: not within the term. */
uint32_t tt_payments_months_back(const tt_payments *p, tt_decimal on_demand_monthly);
#endif
