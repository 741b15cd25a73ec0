/* packing_bound.h - what a packing must still cost at least. Only packing*.c includes this. */
#ifndef TT_MATHS_PACKING_BOUND_H
#define TT_MATHS_PACKING_BOUND_H
#include "maths/packing_plan.h"

/* New bins for the first left[g] items of each group, beside the bins of `s` as they are now:
 * per part and dimension, what exceeds the room of bins that anything still fits, in whole
 * bins of the largest size and in the cheapest room. INT64_MAX: some can't be placed.
 * `looked` grows by the bins looked at. */
int64_t tt_pack_bound_rest(const tt_packing *s, const size_t *left, uint64_t *looked);

/* The same for everything that fits somewhere, before anything is placed; here also with
 * Martello and Toth's L2 in each dimension. */
int tt_pack_bound(const tt_pack_plan *plan, int64_t *ret, tt_err *err);
#endif
