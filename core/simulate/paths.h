/* paths.h - how much of a pool is wanted in each hour of many worlds, and what that costs
 * at every level of commitment.
 *
 * Demand is the expected demand of the hour (season and growth in it) times e to the sum of
 * a level that moves weekly, a level that moves hourly (both AR(1), 0 before the first
 * step: today is known), and the world's tilt, rounded to whole units. A path is counted
 * into a histogram as it is drawn and forgotten: for any level of commitment the hours
 * above it follow from the counts exactly, so an hour costs the same whether there is one
 * level or a thousand.
 *
 * Draws come from the pool's stream (tt_draw_address("pool", name)): results do not depend
 * on threads, on which worlds are asked for together, or on the processor. Not for what a
 * provider's rules do with commitments of several kinds: that is metering's. */
#ifndef TT_SIMULATE_PATHS_H
#define TT_SIMULATE_PATHS_H
#include "base/memory.h"
#include "base/money.h"
#include "simulate/draws.h"
#include "simulate/lanes.h"

#define TT_PATHS_HOURS_MOST 65535 /* seven years */
#define TT_PATHS_UNITS_MOST 65535

typedef struct tt_demand_model {
	const double *expected;      /* [n_h] units in each hour, >= 0; copied */
	size_t n_h;
	double week_carry, week_sd;  /* of the logarithm; carry 0 .. 1, 1: a random walk */
	double hour_carry, hour_sd;
	uint32_t most;               /* the pool's limit: demand above it counts as it */
} tt_demand_model;

/* What is common to a world, as logarithms of a factor: at its start, and more each week. */
typedef struct tt_path_tilt {
	double start, per_week;
} tt_path_tilt;

typedef struct tt_paths {            /* made by tt_paths_make(); lives as long as the arena */
	tt_lanes_model lanes;
	const float *scale;          /* [weeks x 168] */
	size_t n_h;
	uint32_t weeks, most;
	enum tt_lanes_code code;     /* BEST; a test may choose */
} tt_paths;

/* Check and prepare. The mean of demand before rounding is `expected`: e to a normal is
 * larger than 1 on average, and the scale makes up for it.
 * Errors: TT_EDATA "demand: sd of a week is -1, expected ..."; TT_ENOMEM. */
int tt_paths_make(const tt_demand_model *m, tt_stream stream, tt_arena *arena, tt_paths *ret,
                  tt_err *err);

/* One world, hour by hour: ret[n_h]. tilt may be NULL. Errors: TT_ENOMEM. */
int tt_paths_hours(const tt_paths *p, uint64_t world, const tt_path_tilt *tilt, uint32_t *ret,
                   tt_err *err);

typedef struct tt_commit_levels {
	const uint32_t *units;       /* [n] rising */
	size_t n;
	tt_decimal rate, on_demand;  /* per unit and hour: committed, and what is above */
} tt_commit_levels;

/* Where results go; either may be NULL. Row k is world first + k. */
typedef struct tt_paths_result {
	uint64_t *above_unit_h;      /* [worlds][levels] demand above the level, exact */
	int64_t *cost_micro;         /* [worlds][levels] units x n_h x rate + above x on_demand,
	                              * rounded once, half-even */
} tt_paths_result;

/* Worlds first .. first + n - 1 at every level, with so many threads. tilts[n] may be NULL.
 * Errors: TT_EINVAL levels not rising; TT_EDATA a cost that no int64 holds; TT_ENOMEM. */
int tt_paths_price(const tt_paths *p, uint64_t first, size_t n, const tt_path_tilt *tilts,
                   const tt_commit_levels *levels, int threads, const tt_paths_result *ret,
                   tt_err *err);
#endif
