/* allocate.h - divides the paid time of a node among those who had it, by what is known
 * of it: cards, CPUs, demand for its pool, or nothing. Not for money; bill.c splits the
 * cost over the shares. */
#ifndef TT_BILL_ALLOCATE_H
#define TT_BILL_ALLOCATE_H
#include "bill/allocator.h"

/* Fill a->shares, merged, for the `paid` times of a node. *ret_per_card_second is the
 * weight of one card for one second; 0 for a node without cards. */
int tt_allocate_node(tt_allocator *a, size_t node, const tt_spans *paid,
                     tt_u128 *ret_per_card_second, tt_err *err);
#endif
