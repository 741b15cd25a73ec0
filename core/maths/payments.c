#include "maths/payments.h"
#include "maths/elementary.h"
#include "maths/powers.h"
#include <math.h>

enum { MONTHS_MOST = 1200 };

static int check(const tt_payments *p, tt_err *err)
{
	const tt_decimal most = TT_DECIMAL_ONE * 1000000000000000;

	if (p->upfront < 0 || p->upfront >= most || p->monthly < 0 || p->monthly >= most)
		return tt_fail(err, TT_EINVAL, "a payment of %g upfront and %g monthly, expected "
		               "0 to 10^15", tt_decimal_f64(p->upfront),
		               tt_decimal_f64(p->monthly));
	if (!p->months || p->months > MONTHS_MOST)
		return tt_fail(err, TT_EINVAL, "a term of %u months, expected 1 to %d",
		               (unsigned)p->months, MONTHS_MOST);
	if (!(p->annual_ratio > -1 && p->annual_ratio < 1e6))
		return tt_fail(err, TT_EINVAL, "annual interest of %g, expected a ratio above -1",
		               p->annual_ratio);
	return TT_OK;
}

int tt_payments_rate(const tt_payments *p, tt_decimal *ret_per_hour, tt_err *err)
{
	double a = 0, worth = 1;

	TT_TRY(check(p, err));
	if (p->annual_ratio == 0) {
		*ret_per_hour = tt_div_half_even(p->upfront + p->monthly * p->months,
		                                 (tt_i128)p->months * TT_PAYMENTS_MONTH_H);
		return TT_OK;
	}
	const double month = tt_exp(-tt_log1p(p->annual_ratio) / 12);

	for (uint32_t k = 0; k < p->months; k++, worth *= month)
		a += worth;
	/* what is paid in each month needs no interest */
	const double upfront = tt_decimal_f64(p->upfront) / (a * TT_PAYMENTS_MONTH_H);

	*ret_per_hour = tt_div_half_even(p->monthly, TT_PAYMENTS_MONTH_H) +
	                (tt_decimal)floor(upfront * 1e12 + 0.5);
	return TT_OK;
}

double tt_payments_break_even_ratio(tt_decimal rate, tt_decimal price)
{
	return price > 0 ? (double)rate / (double)price : (double)NAN;
}

tt_decimal tt_payments_cash(const tt_payments *p, uint32_t month)
{
	return (month == 0 ? p->upfront : 0) + (month < p->months ? p->monthly : 0);
}

tt_decimal tt_payments_cash_until(const tt_payments *p, uint32_t month)
{
	const uint32_t n = month < p->months ? month + 1 : p->months;

	return p->upfront + p->monthly * n;
}

uint32_t tt_payments_months_back(const tt_payments *p, tt_decimal on_demand_monthly)
{
	const tt_decimal gain = on_demand_monthly - p->monthly;

	if (!p->upfront && gain >= 0)
		return p->months ? 1 : 0;
	if (gain <= 0 || (p->upfront - 1) / gain >= p->months)
		return 0;
	return (uint32_t)((p->upfront - 1) / gain) + 1;
}
