#include "maths/elementary.h"
#include <math.h>
#include <stddef.h>

/* ln 2 in two parts: times any exponent the first is exact. */
#define LN2_HIGH 0x1.62e42fefa38p-1
#define LN2_LOW 0x1.ef35793c7673p-45
#define LOG2_E 0x1.71547652b82fep0

/* c[0] + c[1] x + ... */
static double polynomial(const double *c, size_t n, double x)
{
	double sum = c[n - 1];

	for (size_t i = n - 1; i-- > 0;)
		sum = sum * x + c[i];
	return sum;
}

double tt_log(double x)
{
	/* atanh(s) = s + s^3/3 + ...: with m between sqrt(1/2) and sqrt(2), s is below 0.172
	 * and the first term left out below 2^-60 */
	static const double odd[] = { 1. / 3, 1. / 5, 1. / 7, 1. / 9, 1. / 11, 1. / 13, 1. / 15,
		1. / 17, 1. / 19, 1. / 21 };
	int e;

	if (!(x > 0))
		return x == 0 ? -INFINITY : NAN;
	if (isinf(x))
		return x;
	double m = frexp(x, &e);

	if (m < 0x1.6a09e667f3bcdp-1) {
		m *= 2;
		e--;
	}
	/* log m = f - (f^2/2 - s (f^2/2 + R)): the largest term is exact */
	double f = m - 1, s = f / (2 + f), z = s * s, half = 0.5 * f * f;
	double rest = 2 * z * polynomial(odd, sizeof odd / sizeof *odd, z);
	double k = (double)e;

	return k * LN2_HIGH - ((half - (s * (half + rest) + k * LN2_LOW)) - f);
}

double tt_exp(double x)
{
	static const double taylor[] = { 1, 1, 1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720,
		1. / 5040, 1. / 40320, 1. / 362880, 1. / 3628800, 1. / 39916800, 1. / 479001600,
		1. / 6227020800 };

	if (isnan(x))
		return x;
	if (x > 709.79)
		return INFINITY;
	if (x < -745.14)
		return 0;
	double k = floor(x * LOG2_E + 0.5);
	double r = (x - k * LN2_HIGH) - k * LN2_LOW;

	return ldexp(polynomial(taylor, sizeof taylor / sizeof *taylor, r), (int)k);
}

/* The three ranges of AS 241: numerator and denominator of a rational function each. */
static const double near_a[] = { 3.3871328727963666080e0, 1.3314166789178437745e2,
	1.9715909503065514427e3, 1.3731693765509461125e4, 4.5921953931549871457e4,
	6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3 };
static const double near_b[] = { 1, 4.2313330701600911252e1, 6.8718700749205790830e2,
	5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4,
	2.8729085735721942674e4, 5.2264952788528545610e3 };
static const double far_a[] = { 1.42343711074968357734e0, 4.63033784615654529590e0,
	5.76949722146069140550e0, 3.64784832476320460504e0, 1.27045825245236838258e0,
	2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4 };
static const double far_b[] = { 1, 2.05319162663775882187e0, 1.67638483018380384940e0,
	6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2,
	5.47593808499534494600e-4, 1.05075007164441684324e-9 };
static const double tail_a[] = { 6.65790464350110377720e0, 5.46378491116411436990e0,
	1.78482653991729133580e0, 2.96560571828504891230e-1, 2.65321895265761230930e-2,
	1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7 };
static const double tail_b[] = { 1, 5.99832206555887937690e-1, 1.36929880922735805310e-1,
	1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
	1.42151175831644588870e-7, 2.04426310338993978564e-15 };

double tt_normal_quantile(double p)
{
	double q = p - 0.5;

	if (!(p > 0 && p < 1))
		return p == 0 ? -INFINITY : p == 1 ? INFINITY : NAN;
	if (fabs(q) <= 0.425) {
		double r = 0.180625 - q * q;
		return q * polynomial(near_a, 8, r) / polynomial(near_b, 8, r);
	}
	double r = sqrt(-tt_log(q < 0 ? p : 1 - p));
	double z = r <= 5 ? polynomial(far_a, 8, r - 1.6) / polynomial(far_b, 8, r - 1.6)
			  : polynomial(tail_a, 8, r - 5) / polynomial(tail_b, 8, r - 5);

	return q < 0 ? -z : z;
}
