/* demand.h - how much of a pool was in use by the hour, for fleets known as a curve.
 *
 * A pool is the nodes of one provider, region, instance type and (where units are
 * cards) GPU model; of one owner where both nodes and rows name owners. The units of an
 * hour are spread evenly over what of the pool was alive in it. In an hour that has a
 * row of any pool, a pool without one used nothing; an hour without rows is missing. */
#ifndef TT_BILL_DEMAND_H
#define TT_BILL_DEMAND_H
#include "bill/allocate.h"

typedef struct tt_demand tt_demand;

int tt_demand_make(const tt_snapshot *s, const tt_word_book *w, tt_demand **ret, tt_err *err);
void tt_demand_free(tt_demand *d);

/* Shares of the node over its paid times into `a`; `unit_u6` is its capacity, and no
 * fewer than one. *ret_found is 0, and nothing is added, where no pool is its. */
int tt_allocate_demand(tt_allocator *a, const tt_demand *d, size_t node, uint64_t unit_u6,
                       const tt_spans *paid, int *ret_found, tt_err *err);
#endif
