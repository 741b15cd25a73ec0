/* growth.h - what of a pool's work an item of growth is about. */
#ifndef TT_SIMULATE_GROWTH_H
#define TT_SIMULATE_GROWTH_H
#include "simulate/bind.h"
#include "simulate/capacity.h"

/* Its share of each of pools->n pools, 0 to 1, into the zeroed ret[]: by card-seconds of the
 * pods that ran there; of pods without cards by CPUs, which count for little beside them. All
 * of a node group that it names. Errors: TT_ENOMEM. */
int tt_growth_shares(const tt_bound_growth *g, const tt_snapshot *s, const tt_pools *pools,
                     double *ret, tt_err *err);
#endif
