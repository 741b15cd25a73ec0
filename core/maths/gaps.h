/* gaps.h - what stopping after an idle time costs, and which time costs least.
 *
 * Something is idle in `gaps` that are known afterwards. Stopped once it has been idle for
 * `timeout`, it runs for min(gap, timeout) of each gap; every gap that is longer ends with
 * a start that costs `cold_start` more. All in one unit of time, none of them negative.
 * Pure functions, any thread. */
#ifndef TT_MATHS_GAPS_H
#define TT_MATHS_GAPS_H
#include <stddef.h>

/* Sum of min(gap, timeout) + cold_start for each gap above the timeout. An infinite
 * timeout never stops: the sum of all gaps. */
double tt_gaps_cost(const double *gaps, size_t n, double timeout, double cold_start);

/* The least of that, and into ret_timeout the timeout that has it: 0 or one of the gaps,
 * the longest of several (the fewest starts). Sorts gaps[n] in place; O(n log n). No gaps:
 * 0 and 0. */
double tt_gaps_best_timeout(double *gaps, size_t n, double cold_start, double *ret_timeout);

/* Of several that stand in line, of which the last goes first: in the gap the `level`-th of
 * them is missing, counted from 1. */
typedef struct tt_floor_gap {
	size_t level;
	double length;
} tt_floor_gap;

typedef struct tt_gaps_floor {
	size_t floor;           /* so many of them never go; 0, or the level of a gap */
	double timeout;         /* of those above, as tt_gaps_best_timeout() */
	double cost;
} tt_gaps_floor;

/* The floor and timeout with the least cost: what the floor keeps costs all of its gaps.
 * Lower levels are missing for a shorter time, so floors are raised while that helps: the
 * lowest of several. Sorts gaps[n] in place; `room` is for n lengths. O(n log n) for each
 * floor that is tried. */
tt_gaps_floor tt_gaps_best_floor(tt_floor_gap *gaps, size_t n, double cold_start, double *room);
#endif
