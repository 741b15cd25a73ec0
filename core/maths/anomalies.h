/* anomalies.h - hours in which a series was not what its level and its season say.
 *
 * The level is a median that rolls along, the season the median of what is left for each of
 * its hours, and an hour stands out if it is off by many times what hours usually are (the
 * median deviation). Medians throughout, so that what stands out does not hide itself. For
 * what a plan is made from, such hours are drawn in to where they would just have stood
 * out, so one spike is not planned for and none is lost. Hours that are missing (NaN) are
 * left out and stay missing. Pure functions, any thread; the same bits everywhere. */
#ifndef TT_MATHS_ANOMALIES_H
#define TT_MATHS_ANOMALIES_H
#include "base/error.h"
#include "base/memory.h"

typedef struct tt_anomaly {
	size_t at;
	double z;                   /* of how many usual deviations it is off */
} tt_anomaly;

typedef struct tt_anomalies {
	tt_anomaly *v;              /* [n] in the order of time */
	size_t n;
	double *expected;           /* [n of the series] NaN: that hour is missing */
	double scale;               /* one usual deviation; 0: the series does what it should in
	                             * every hour, and nothing can stand out; NaN: all missing */
	double threshold;
} tt_anomalies;

/* Of y[n] with a season of m hours and a level over w hours (odd; a week and one), all that are
 * off by more than `threshold` (5). In `arena`. TT_EINVAL for m of 0 or w that is even,
 * TT_ENOMEM. O(n (w + log n)). */
int tt_anomalies_find(const double *y, size_t n, size_t m, size_t w, double threshold,
                      tt_arena *arena, tt_anomalies *ret, tt_err *err);

/* y with those hours drawn in; ret may be y. */
void tt_anomalies_draw_in(const double *y, size_t n, const tt_anomalies *a, double *ret);
#endif
