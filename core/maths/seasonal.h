/* seasonal.h - forecasts of a series that repeats: the week before, with or without growth,
 * and Holt and Winters' smoothing.
 *
 * Hours that are missing are NaN: they are left out, never read as 0. What cannot be said is
 * NaN. Values are demands, so no forecast is below 0. forecast.h chooses between these and
 * level_forecast.h. Pure functions, any thread; the same bits everywhere. */
#ifndef TT_MATHS_SEASONAL_H
#define TT_MATHS_SEASONAL_H
#include <stddef.h>

/* ret[h], h from 0: the last known value at the same place of a season of m hours, m > 0. */
void tt_seasonal_naive(const double *y, size_t n, size_t m, size_t horizon, double *ret);

/* The same times growth from season to season, the k-th one ahead by growth x damping^k. What
 * grows is read off pairs of hours one season apart, of the last eight seasons, as far as
 * both are known: no growth where fewer than half a season are. At most 10 % a season. */
void tt_seasonal_drift(const double *y, size_t n, size_t m, double damping, size_t horizon,
                       double *ret);

/* Standard deviation h hours ahead (from 1) of the first of these, if that of one season
 * ahead is 1. */
double tt_seasonal_spread(size_t h, size_t m);

typedef struct tt_smoothing {
	double level, trend, season; /* weight of what is new, 0 to 1 */
	double damping;              /* of the trend, per hour, 0 to 1 */
} tt_smoothing;

/* Holt-Winters, additive, with a damped trend. Starts from the first two seasons, and goes on
 * as forecast through hours that are missing. `room` is for m values. NaN throughout with
 * less than two seasons or a first or second one of which nothing is known. Returns the sum
 * of squares of all errors one hour ahead after the first season. O(n + horizon). */
double tt_holt_winters(const double *y, size_t n, size_t m, const tt_smoothing *s,
                       size_t horizon, double *room, double *ret);
#endif
