#include "maths/robust.h"
#include "base/memory.h"
#include "maths/elementary.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Most are a handful, and calling a function for each comparison takes longer than they do. */
static void sort(double *v, size_t n)
{
	if (n > 48) {
		qsort(v, n, sizeof *v, by_value);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		const double x = v[i];
		size_t k = i;

		for (; k && v[k - 1] > x; k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

double tt_median_known(double *v, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(v[i]))
			v[k++] = v[i];
	if (!k)
		return (double)NAN;
	sort(v, k);
	return k % 2 ? v[k / 2] : (v[k / 2 - 1] + v[k / 2]) / 2;
}

double tt_robust_scale(double *v, size_t n)
{
	double sum = 0;
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		v[i] = fabs(v[i]);
		if (isnan(v[i]))
			continue;
		sum += v[i];
		known++;
	}
	const double middle = tt_median_known(v, n);

	if (middle == 0)
		return 1.2533141373155 * sum / (double)known; /* sqrt(pi / 2) */
	return 1.482602218505602 * middle;
}

/* --- Student's distribution ------------------------------------------------------------- */

/* Halved until the series is short: tan(x / 2) = tan x / (1 + sqrt(1 + tan^2 x)). */
static double arc_tangent(double x)
{
	double sum = 0, scale = 1;

	for (int i = 0; i < 4; i++, scale *= 2)
		x /= 1 + sqrt(1 + x * x);
	for (int k = 12; k >= 0; k--)
		sum = 1. / (2 * k + 1) - sum * x * x;
	return scale * x * sum;
}

/* P(|T| <= t), by the finite sums (Abramowitz and Stegun 26.7.3 and 26.7.4). */
static double within(double t, size_t degrees)
{
	const double n = (double)degrees, length = sqrt(n + t * t), sine = t / length;
	const double square = n / (n + t * t);
	double term = degrees % 2 ? sqrt(n) / length : 1, sum = 0;

	for (size_t k = degrees % 2 ? 3 : 2; k <= degrees; k += 2) {
		sum += term;
		term *= square * (double)(k - 1) / (double)k;
	}
	if (degrees % 2)
		return (arc_tangent(t / sqrt(n)) + sine * sum) * 0.63661977236758134; /* 2 / pi */
	return sine * sum;
}

/* Fisher and Cornish: what is left out is below 1e-9 for 200 degrees. */
static double expanded(double z, double n)
{
	const double s = z * z;

	return z + z * (s + 1) / (4 * n) + z * ((5 * s + 16) * s + 3) / (96 * n * n) +
	       z * (((3 * s + 19) * s + 17) * s - 15) / (384 * n * n * n) +
	       z * ((((79 * s + 776) * s + 1482) * s - 1920) * s - 945) /
	               (92160 * n * n * n * n);
}

double tt_student_quantile(double p, size_t degrees)
{
	double low = 0, high = 1;

	if (!(p > 0 && p < 1) || !degrees)
		return (double)NAN;
	if (p < .5)
		return -tt_student_quantile(1 - p, degrees);
	if (degrees > 200)
		return expanded(tt_normal_quantile(p), (double)degrees);
	while (within(high, degrees) < 2 * p - 1 && high < 1e300)
		high *= 2;
	for (int i = 0; i < 100; i++) {
		const double middle = low + (high - low) / 2;

		if (within(middle, degrees) < 2 * p - 1)
			low = middle;
		else
			high = middle;
	}
	return high;
}

/* --- Outliers --------------------------------------------------------------------------- */

static void middle_and_spread(const double *v, size_t n, bool robust, double *room,
                              double *ret_middle, double *ret_spread)
{
	double sum = 0, squares = 0;

	if (robust) {
		memcpy(room, v, n * sizeof *v);
		*ret_middle = tt_median_known(room, n);
		for (size_t i = 0; i < n; i++)
			room[i] = v[i] - *ret_middle;
		*ret_spread = tt_robust_scale(room, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		sum += v[i];
	*ret_middle = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (v[i] - *ret_middle) * (v[i] - *ret_middle);
	*ret_spread = sqrt(squares / (double)(n - 1));
}

/* How far out the farthest of n is by chance. */
static double limit_of(size_t n, double alpha)
{
	const double t = tt_student_quantile(1 - alpha / (2 * (double)n), n - 2);

	return (double)(n - 1) * t / sqrt(((double)(n - 2) + t * t) * (double)n);
}

int tt_outliers_find(const double *v, size_t n, size_t most, double alpha, bool robust,
                     tt_outlier *ret, size_t *ret_tried, size_t *ret_outliers, tt_err *err)
{
	TT_CLEANUP(tt_freep) double *left = tt_zalloc(2 * n + 1, sizeof *left);
	TT_CLEANUP(tt_freep) size_t *where = tt_zalloc(n + 1, sizeof *where);
	size_t k = 0, tried = 0, outliers = 0;

	if (!left || !where)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		if (isnan(v[i]))
			continue;
		left[k] = v[i];
		where[k++] = i;
	}
	for (; tried < most && k > 3; tried++, k--) {
		double middle, spread;
		size_t far = 0;

		middle_and_spread(left, k, robust, left + n, &middle, &spread);
		for (size_t i = 1; i < k; i++)
			if (fabs(left[i] - middle) > fabs(left[far] - middle))
				far = i;
		if (!(spread > 0))
			break;
		ret[tried] = (tt_outlier){ where[far], fabs(left[far] - middle) / spread,
			limit_of(k, alpha) };
		if (ret[tried].distance > ret[tried].limit)
			outliers = tried + 1;
		memmove(left + far, left + far + 1, (k - far - 1) * sizeof *left);
		memmove(where + far, where + far + 1, (k - far - 1) * sizeof *where);
	}
	*ret_tried = tried;
	*ret_outliers = outliers;
	return TT_OK;
}
