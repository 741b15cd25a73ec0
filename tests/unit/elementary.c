/* Logarithm, exponential and normal quantile against libm and GSL, and where they end. */
#include "maths/elementary.h"
#include "t.h"
#include <gsl/gsl_cdf.h>
#include <stdbool.h>

/* Off by more than two units in the last place of b. */
static bool far(double a, double b)
{
	double ulp = nextafter(fabs(b), INFINITY) - fabs(b);

	return !(fabs(a - b) <= 2 * ulp);
}

static void test_log_exp(void)
{
	int wrong = 0;

	for (int i = 1; i < 200000; i++) {
		double x = i / 50000., y = (i - 100000) * 0.007;

		wrong += far(tt_log(x), log(x));
		wrong += far(tt_log(ldexp(x, i % 2000 - 1000)), log(ldexp(x, i % 2000 - 1000)));
		wrong += far(tt_exp(y), exp(y));
		wrong += far(tt_exp(x - 2), exp(x - 2));
	}
	T_INT(0, wrong);
	T_F64(0, tt_log(1), 0);
	T_F64(-INFINITY, tt_log(0), 0);
	T_F64(INFINITY, tt_log(INFINITY), 0);
	T_F64(NAN, tt_log(-1), 0);
	T_F64(NAN, tt_log(NAN), 0);
	T_F64(log(5e-324), tt_log(5e-324), 1e-12);
	T_F64(1, tt_exp(0), 0);
	T_F64(INFINITY, tt_exp(710), 0);
	T_F64(exp(709.78), tt_exp(709.78), 1e293);
	T_F64(0, tt_exp(-746), 0);
	T_F64(5e-324, tt_exp(-745), 0);
	T_F64(NAN, tt_exp(NAN), 0);
}

static void test_normal(void)
{
	double before = -INFINITY;
	int wrong = 0, falls = 0;

	for (int i = 1; i < 1 << 18; i++) {
		double p = ldexp(i, -18), z = tt_normal_quantile(p);

		wrong += !(fabs(z - gsl_cdf_ugaussian_Pinv(p)) <= 1e-15 * (1 + fabs(z)));
		wrong += z != -tt_normal_quantile(1 - p);
		falls += z < before;
		before = z;
	}
	for (int e = 18; e < 1000; e++) {
		double p = ldexp(0.9, -e), z = tt_normal_quantile(p);

		wrong += !(fabs(z - gsl_cdf_ugaussian_Pinv(p)) <= 1e-15 * fabs(z));
	}
	T_INT(0, wrong);
	T_INT(0, falls);
	/* neighbours among the uniforms that are drawn, also where one formula takes over */
	static const double at[] = { 0.075, 0.925, 1.3887943864964021e-11, 0.01, 0.3, 0.499, 0.62,
		0.999 };

	for (size_t k = 0; k < sizeof at / sizeof *at; k++) {
		before = -INFINITY;
		for (int i = -20000; i <= 20000; i++) {
			double bits = floor(at[k] * 0x1p52) + i;
			double z = tt_normal_quantile((bits + 0.5) * 0x1p-52);

			falls += z < before;
			before = z;
		}
	}
	T_INT(0, falls);
	T_F64(1.959963984540054, tt_normal_quantile(0.975), 1e-15);
	T_F64(0, tt_normal_quantile(0.5), 0);
	T_F64(-INFINITY, tt_normal_quantile(0), 0);
	T_F64(INFINITY, tt_normal_quantile(1), 0);
	T_F64(NAN, tt_normal_quantile(-0.1), 0);
	T_F64(NAN, tt_normal_quantile(1.1), 0);
	T_F64(NAN, tt_normal_quantile(NAN), 0);
}

int main(void)
{
	test_log_exp();
	test_normal();
	return T_END();
}
