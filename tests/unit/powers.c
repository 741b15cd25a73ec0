/* Powers and the gamma function against the C library's, and their edges. */
#include "maths/powers.h"
#include "t.h"

#define INF ((double)INFINITY)

static void test_near_one(void)
{
	for (double x = 1e-18; x < 40; x *= 1.37) {
		T_F64(1, tt_expm1(x) / expm1(x), 2e-15);
		T_F64(1, tt_expm1(-x) / expm1(-x), 2e-15);
		T_F64(1, tt_log1p(x) / log1p(x), 2e-15);
		if (x < 1)
			T_F64(1, tt_log1p(-x) / log1p(-x), 2e-15);
	}
	T_F64(0, tt_expm1(0), 0);
	T_F64(0, tt_log1p(0), 0);
	T_F64(-1, tt_expm1(-INF), 0);
	T_F64(INF, tt_expm1(INF), 0);
	T_F64(INF, tt_expm1(710), 0);
	T_F64(-INF, tt_log1p(-1), 0);
	T_F64(INF, tt_log1p(INF), 0);
	T_OK(isnan(tt_log1p(-1.5)));
	T_OK(isnan(tt_expm1((double)NAN)) && isnan(tt_log1p((double)NAN)));
}

static void test_power(void)
{
	for (double x = 1e-9; x < 1e9; x *= 3.7)
		for (double y = -12; y < 12; y += 0.7)
			T_F64(1, tt_power(x, y) / pow(x, y), 1e-15 * (1 + fabs(y * log(x))));
	T_F64(1, tt_power(0, 0), 0);
	T_F64(0, tt_power(0, 0.7), 0);
	T_F64(INF, tt_power(0, -1), 0);
	T_F64(1, tt_power(1, INF), 0);
	T_F64(0, tt_power(0.5, INF), 0);
	T_F64(INF, tt_power(INF, 2), 0);
	T_OK(isnan(tt_power(-1, 2)));
	T_OK(isnan(tt_power((double)NAN, 2)) && isnan(tt_power(2, (double)NAN)));
}

static void test_gamma(void)
{
	double factorial = 1;

	for (int n = 1; n <= 170; n++) {
		T_F64(1, tt_gamma(n) / factorial, n <= 20 ? 1e-14 : 1e-12);
		factorial *= n;
	}
	for (double x = 1; x < 20; x += 0.05)
		T_F64(1, tt_gamma(x) / tgamma(x), 1e-14);
	T_F64(INF, tt_gamma(200), 0);
	T_F64(INF, tt_gamma(INF), 0);
	T_OK(isnan(tt_gamma(0.5)));
	T_OK(isnan(tt_gamma((double)NAN)));
}

int main(void)
{
	test_near_one();
	test_power();
	test_gamma();
	return T_END();
}
