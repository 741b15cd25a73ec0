/* paid.h - whether nodes are paid for all the same when they go: by how they are priced, and by
 * what a try says of them. Reasons are worded by order.c. */
#ifndef TT_RANK_PAID_H
#define TT_RANK_PAID_H
#include "rank/pricer.h"

/* "reserved" or "owned", where any of the nodes is; "". */
const char *tt_paid_pricing(const tt_snapshot *s, const tt_node_saving *nodes, size_t n);

/* Whether what was tried (by row) has any of the nodes (by row) go and costs no less for it:
 * what is committed is paid for whether it is used or not. */
bool tt_paid_strands(const tt_node_saving *nodes, size_t n, const tt_node_saving *tried,
                     size_t n_tried);
#endif
