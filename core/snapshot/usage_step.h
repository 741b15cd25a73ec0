/* usage_step.h - the usual step: the median distance of a carrier's times, or of those of
 * all carriers. */
#ifndef TT_SNAPSHOT_USAGE_STEP_H
#define TT_SNAPSHOT_USAGE_STEP_H
#include "snapshot/usage.h"

/* Count the distance `s` that many times more in the n at *d. TT_ENOMEM. */
int tt_distance_add(tt_distance **d, size_t *n, size_t *cap, int32_t s, uint32_t times);

/* Smallest distance whose cumulative count is at least half; 0 when there is none.
 * Sorts `d`. */
int32_t tt_distance_median(tt_distance *d, size_t n);

/* Of all carriers together, the waiting rows included. Errors: TT_ENOMEM. */
int tt_usage_fleet_median(const tt_usage *u, int32_t *ret, tt_err *err);

/* The same so far; `otherwise_s` when there is none. */
int32_t tt_usage_fleet_step(const tt_usage *u, int32_t otherwise_s);
#endif
