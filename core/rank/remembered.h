/* remembered.h - the paid time of nodes with the releases that were looked at last: a plan asks
 * for the same again and again, on top of nothing, of what is kept, and with one finding left out.
 *
 * What that costs, and what of it is metered, is the pricer's. */
#ifndef TT_RANK_REMEMBERED_H
#define TT_RANK_REMEMBERED_H
#include "bill/cost.h"

typedef struct tt_remembered tt_remembered;

/* The snapshot has to outlive it. Errors: TT_ENOMEM. */
int tt_remembered_open(const tt_snapshot *s, tt_remembered **ret, tt_err *err);
void tt_remembered_close(tt_remembered *m);

/* tt_node_segments() of node `node`, good until the next call. Cards and terms that releases
 * name have to outlive `m`: they are the same where their addresses are. A node has one price. */
int tt_remembered_segments(tt_remembered *m, const tt_case *c, size_t node,
                           tt_decimal price_per_hour, const tt_segments **ret, tt_err *err);
#endif
