/* change_points.h - where the level of a series changed for good.
 *
 * The segments with the least sum of squares about their means, each change paying a penalty:
 * the optimum, not a guess, by dynamic programming that drops dates which can never be the
 * last change again (PELT; Killick, Fearnhead and Eckley 2012). So a demand can be planned
 * for from its last change on. A series with a daily shape has to be given day by day or
 * week by week, else each morning is a change; and one that drifts changes again and again (19
 * times in 156 weeks of one that grew fivefold), so who cuts a look-back there asks how far
 * the level jumped. Values that are missing (NaN) are left out; dates are counted in the
 * series as given. Pure functions, any thread; the same bits
 * everywhere. */
#ifndef TT_MATHS_CHANGE_POINTS_H
#define TT_MATHS_CHANGE_POINTS_H
#include "base/error.h"
#include "base/memory.h"

typedef struct tt_change_points {
	size_t *at;                 /* [n] first value after a change, rising */
	double *level;              /* [n + 1] mean before the first change, then after each */
	size_t n;
	double sigma, penalty;
	double objective;           /* sum of squares and penalties */
	uint64_t n_costs;           /* segments that were tried */
} tt_change_points;

/* Standard deviation of what a series does from one value to the next, whatever its level: the
 * median absolute deviation of first differences, by sqrt 2; where that is 0, from their
 * mean absolute deviation. NaN with less than two neighbours that are known. TT_ENOMEM. */
int tt_change_sigma(const double *y, size_t n, double *ret, tt_err *err);

/* The changes in y[n], in `arena`. `penalty` NaN: 2 sigma^2 ln n, of the values that are
 * known. None in a series of which less than two are. O(n) where changes come by and by,
 * O(n^2) at worst. */
int tt_change_points_find(const double *y, size_t n, double penalty, tt_arena *arena,
                          tt_change_points *ret, tt_err *err);
#endif
