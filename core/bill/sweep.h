/* sweep.h - how much of a node's capacity each of its pods was allocated.
 *
 * A pod gets what it asked for while it ran; in stretches where all together asked for
 * more than the node has, everybody's part is scaled down alike, so that no second of
 * a node is given out twice. */
#ifndef TT_BILL_SWEEP_H
#define TT_BILL_SWEEP_H
#include "bill/shares.h"
#include "bill/spans.h"

typedef struct tt_ask {
	tt_span ran;
	uint64_t asked_u6;     /* cards or CPUs in millionths */
	tt_u128 allocated;     /* (out) weight, see shares.h */
	tt_u128 at_start;      /* of the sweep's own */
} tt_ask;

/* Fill `allocated` of n asks for the paid times of a node with `cap_u6` > 0.
 * ret_full: whether everything was asked for in every paid second. */
int tt_sweep(tt_ask *asks, size_t n, uint64_t cap_u6, const tt_spans *paid, int *ret_full,
             tt_err *err);
#endif
