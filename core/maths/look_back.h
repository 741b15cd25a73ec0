/* look_back.h - since when a demand is what it is now: how far back to look.
 *
 * A level that jumped and stayed (work that moved away, a service that was switched off, a new
 * customer) says nothing of what comes, and a slope across it says worse than nothing. What
 * grows or shrinks by and by does not jump, however often the optimum of change_points.h
 * cuts it: a jump is a change of that optimum, of logarithms of seasons, whose levels on either
 * side differ by at least a third, beyond what the series drifts, by far more than its
 * seasons usually do, and which did not go back since nor is one back, after eight seasons or
 * less. Only the last one counts.
 *
 * Seasons (weeks) are counted from the end; those of which less than half of the hours are
 * known are left out, and what is before a season without any demand does not count. Missing
 * hours are NaN. Pure functions, any thread; the same bits everywhere. */
#ifndef TT_MATHS_LOOK_BACK_H
#define TT_MATHS_LOOK_BACK_H
#include "base/error.h"
#include <stddef.h>

typedef struct tt_look_back {
	size_t from;                /* hour of the jump, a whole day from the end; 0: none */
	double before, after;       /* mean in the four seasons before and after; NaN: none */
} tt_look_back;

/* The last jump of y[n] that has two seasons or more behind it; `season_h` is whole days.
 * TT_EINVAL for a season that is not, TT_ENOMEM. */
int tt_look_back_find(const double *y, size_t n, size_t season_h, tt_look_back *ret,
                      tt_err *err);
#endif
