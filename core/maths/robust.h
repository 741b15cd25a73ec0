/* robust.h - middle and spread of values of which some may be wrong, and when one is too far
 * out to be one of the others.
 *
 * Values that are missing are NaN and left out. Pure functions, any thread; the same bits
 * everywhere. */
#ifndef TT_MATHS_ROBUST_H
#define TT_MATHS_ROBUST_H
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>

/* The median of those of v[n] that are known; NaN where none is. Reorders v. */
double tt_median_known(double *v, size_t n);

/* What would be the standard deviation of a normal: 1.4826 times the median of |v|; where that
 * is 0, 1.2533 times its mean. NaN where nothing is known. Reorders v, of which only the
 * absolute values remain. */
double tt_robust_scale(double *v, size_t n);

/* t with P(T <= t) = p for Student's T of `degrees` > 0 degrees of freedom; exact to 1e-9. NaN
 * for p outside (0, 1). */
double tt_student_quantile(double p, size_t degrees);

typedef struct tt_outlier {
	size_t at;                  /* in v */
	double distance, limit;     /* in standard deviations of what is left at its turn */
} tt_outlier;

/* Rosner's generalised test for up to `most` outliers in v[n] (NaN left out), of which one is
 * false with probability `alpha`: ret[most] in the order in which they are taken out, of
 * which the first *ret_outliers are outliers and the rest were tried. `robust`: about the
 * median in units of the median deviation, so that outliers don't hide each other. Stops
 * where three values are left, or all are the same. TT_ENOMEM. O(n x most). */
int tt_outliers_find(const double *v, size_t n, size_t most, double alpha, bool robust,
                     tt_outlier *ret, size_t *ret_tried, size_t *ret_outliers, tt_err *err);
#endif
