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
#endif
