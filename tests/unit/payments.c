/* Effective rates against published ones, and the cash behind them. */
#include "maths/payments.h"
#include "t.h"

static tt_err err;

static double rate(double upfront, double monthly, uint32_t months, double annual)
{
	const tt_payments p = { (tt_decimal)llround(upfront * 1e6) * 1000000,
		(tt_decimal)llround(monthly * 1e6) * 1000000, months, annual };
	tt_decimal r;

	err = (tt_err){ 0 };
	return tt_payments_rate(&p, &r, &err) < 0 ? (double)NAN : tt_decimal_f64(r);
}

static void test_rates(void)
{
	T_F64(2.52, rate(0, 1839.60, 12, 0), 0);
	T_F64(2.482721, rate(21000, 0, 12, 0.08), 5e-7);
	T_F64(1.671458, rate(20000, 600, 36, 0.08), 5e-7);
	T_F64(98.32, rate(98.32 * 730 * 36, 0, 36, 0), 1e-12);
	/* interest so small that it is none, and one that pays for waiting */
	T_F64(rate(20000, 600, 36, 0), rate(20000, 600, 36, 1e-12), 1e-9);
	T_OK(rate(20000, 600, 36, -0.01) < rate(20000, 600, 36, 0));
	T_F64(600 / 730., rate(0, 600, 36, 0.08), 1e-12); /* paid as used: no interest */
}

static void test_refused(void)
{
	T_OK(isnan(rate(1, 1, 0, 0)));
	T_HAS("0 months", err.text);
	T_OK(isnan(rate(-1, 1, 12, 0)));
	T_HAS("-1 upfront", err.text);
	T_OK(isnan(rate(1, -1, 12, 0)));
	T_OK(isnan(rate(1, 1, 1201, 0)));
	T_OK(isnan(rate(1, 1, 12, -1)));
	T_HAS("interest", err.text);
	T_OK(isnan(rate(1, 1, 12, (double)NAN)));
}

static void test_cash(void)
{
	tt_payments p = { 20000 * TT_DECIMAL_ONE, 600 * TT_DECIMAL_ONE, 36, 0.08 };

	T_OK(tt_payments_cash(&p, 0) == 20600 * TT_DECIMAL_ONE);
	T_OK(tt_payments_cash(&p, 35) == 600 * TT_DECIMAL_ONE);
	T_OK(tt_payments_cash(&p, 36) == 0);
	T_OK(tt_payments_cash_until(&p, 1) == 21200 * TT_DECIMAL_ONE);
	T_OK(tt_payments_cash_until(&p, 99) == 41600 * TT_DECIMAL_ONE);
	/* months back against adding up */
	for (int64_t monthly = 0; monthly < 8000; monthly += 50) {
		uint32_t month = 0;

		while (month < p.months && tt_payments_cash_until(&p, month) >
		                           monthly * (month + 1) * TT_DECIMAL_ONE)
			month++;
		T_INT(month < p.months ? month + 1 : 0,
		      tt_payments_months_back(&p, monthly * TT_DECIMAL_ONE));
	}
	p.upfront = 0;
	T_INT(1, tt_payments_months_back(&p, 600 * TT_DECIMAL_ONE));
	T_INT(0, tt_payments_months_back(&p, 599 * TT_DECIMAL_ONE));
	T_F64(0.63, tt_payments_break_even_ratio(2520000, 4000000), 0);
	T_OK(isnan(tt_payments_break_even_ratio(1, 0)));
}

int main(void)
{
	test_rates();
	test_refused();
	test_cash();
	return T_END();
}
