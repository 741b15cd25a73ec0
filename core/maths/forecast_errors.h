/* forecast_errors.h - how far off a forecast was, and how wide an interval has to be.
 *
 * Hours of which the actual value or the forecast is missing (NaN) are left out; where none
 * remain, the answer is NaN. Pure functions, any thread; the same bits everywhere. */
#ifndef TT_MATHS_FORECAST_ERRORS_H
#define TT_MATHS_FORECAST_ERRORS_H
#include <stddef.h>
#include <stdint.h>

/* Mean absolute error, in those of the naive seasonal forecast over the history before. NaN
 * for a history without change from season to season: it has no scale. */
double tt_mase(const double *history, size_t n, size_t m, const double *actual,
               const double *forecast, size_t horizon);

/* Mean of 200 |a - f| / (|a| + |f|), in percent; 0 where both are 0. */
double tt_smape(const double *actual, const double *forecast, size_t horizon);

/* Loss of the quantile q at level tau when y comes. p times this at tau = 1 - r / p is what
 * an hour costs more than it had to, when q was committed at r and the rest costs p. */
double tt_pinball(double y, double q, double tau);
double tt_pinball_mean(const double *actual, const double *forecast, size_t horizon, double tau);

/* Split conformal intervals: the smallest rank (from 1) of n absolute errors that the next one
 * is at most with probability 1 - alpha, exchangeable with them; above n: no finite width is
 * sure enough. alpha in millionths, 1 to 999999. */
size_t tt_conformal_rank(size_t n, uint32_t alpha_millionths);

/* The error of that rank of those of errors[n] that are known; INFINITY where there are too
 * few. Reorders errors. */
double tt_conformal_width(double *errors, size_t n, uint32_t alpha_millionths);
#endif
