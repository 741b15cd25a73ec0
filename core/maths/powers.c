#include "maths/powers.h"
#include "maths/elementary.h"
#include <math.h>
#include <stddef.h>

/* W. Kahan's way: what rounding did to u, it did to ln u too, and the quotient forgets it. */
double tt_expm1(double x)
{
	double u = tt_exp(x);

	if (!(fabs(x) < 0.5))
		return u - 1;
	return u == 1 ? x : (u - 1) * x / tt_log(u);
}

double tt_log1p(double x)
{
	double u = 1 + x;

	if (!(fabs(x) < 0.5))
		return tt_log(u);
	return u == 1 ? x : tt_log(u) * x / (u - 1);
}

double tt_power(double x, double y)
{
	if (y == 0 || x == 1)
		return 1;
	if (x == 0 && !isnan(y))
		return y > 0 ? 0 : (double)INFINITY;
	return tt_exp(y * tt_log(x));
}

double tt_gamma(double x)
{
	static const double terms[] = { 676.5203681218851, -1259.1392167224028,
		771.32342877765313, -176.61502916214059, 12.507343278686905,
		-0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7 };
	double z = x - 1, t = z + 7.5, sum = 0.99999999999980993;

	if (!(x >= 1))
		return (double)NAN;
	if (isinf(x))
		return x;
	for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
		sum += terms[i] / (z + (double)i + 1);
	return 2.5066282746310002 * sum * tt_exp((z + 0.5) * tt_log(t) - t); /* sqrt(2 pi) */
}
