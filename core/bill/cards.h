/* cards.h - divides a node with cards among the pods that held them. */
#ifndef TT_BILL_CARDS_H
#define TT_BILL_CARDS_H
#include "bill/allocator.h"

/* Shares of the node's `cards_u6` over its paid times into `a`. */
int tt_allocate_cards(tt_allocator *a, size_t node, uint64_t cards_u6, const tt_spans *paid,
                      tt_err *err);
#endif
