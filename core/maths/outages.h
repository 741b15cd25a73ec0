/* outages.h - hours in which nothing was seen of anything: a gap in the collection, most
 * likely, and not a demand of 0.
 *
 * Pools of a fleet rarely all stand still in the same hour, but a collector that is down
 * makes them all look so, as zeros or as missing values. Such hours are found here, for who
 * plans to leave out and to say so. A fleet that stops each night does the same: stretches are
 * cut where it begins or ends to be as usual in that hour of the season. Hours before the
 * first use and after the last one are stretches too, at either end; what they mean is not
 * known here. Pure functions, any thread. */
#ifndef TT_MATHS_OUTAGES_H
#define TT_MATHS_OUTAGES_H
#include "base/error.h"
#include "base/memory.h"
#include <stdbool.h>

typedef struct tt_outage {
	size_t from, to;            /* hours [from, to) */
	size_t missing;             /* of them, without one value; in the others all are 0 */
	bool usual;                 /* all series are 0 or missing in these hours of at least half
	                             * of the other seasons, too */
} tt_outage;

/* All stretches in series[n_series][n], aligned, NaN: missing; with a season of `season_h`
 * hours. TT_EINVAL without a series or a season, TT_ENOMEM. O(n x n_series). */
int tt_outages_find(const double *const *series, size_t n_series, size_t n, size_t season_h,
                    tt_arena *arena, tt_outage **ret, size_t *ret_n, tt_err *err);
#endif
