/* scalars.h - the few numbers that a whole fleet shares in a world: demand, price and
 * interruption level of each region, in the order of their names.
 *
 * They move every result, so they are spread evenly: Sobol points with a digital shift,
 * which is a random number per replicate and scalar that is XORed to the point's bits.
 * World w is point w / 16 of replicate w mod 16; any first 2^k worlds are 16 replicates
 * of the first 2^(k - 4) points, and the spread of the replicates' means is an error bar
 * (maths/order_stats.h). Addressed by the world like any other draw: nothing is counted
 * on, and more worlds leave the first ones as they were. Dimensions are fixed when a
 * fleet is read and are few; what belongs to one change or pool is draws.h's. Any thread. */
#ifndef TT_SIMULATE_SCALARS_H
#define TT_SIMULATE_SCALARS_H
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

#define TT_SCALARS 12                       /* more dimensions gain nothing */
#define TT_SCALAR_REPLICATES 16
#define TT_SCALAR_BITS 20                   /* of a point's number: 2^24 worlds */
#define TT_SCALAR_WORLDS ((uint64_t)TT_SCALAR_REPLICATES << TT_SCALAR_BITS)

typedef struct tt_scalars {
	size_t n;                           /* dimensions */
	uint32_t direction[TT_SCALARS][TT_SCALAR_BITS];      /* 30 bits each */
	uint64_t shift[TT_SCALARS][TT_SCALAR_REPLICATES];    /* 52 bits each */
} tt_scalars;

/* For n scalars, for worlds below `n_worlds`. The points are GSL's; their direction
 * numbers are read off its sequence, which takes n_worlds / 16 steps.
 * Errors: TT_EINVAL more than 12, or than TT_SCALAR_WORLDS; TT_ENOMEM. */
int tt_scalars_make(uint64_t seed, size_t n, uint64_t n_worlds, tt_scalars *ret, tt_err *err);

/* Strictly between 0 and 1; i < n, world < n_worlds. */
double tt_scalar_uniform(const tt_scalars *s, uint64_t world, size_t i);
#endif
