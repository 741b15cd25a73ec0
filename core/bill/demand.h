/* demand.h - how much of a pool was in use by the hour, for fleets known as a curve.
 *
 * A pool is the nodes of one provider, region, instance type and (where units are
 * cards) GPU model; of one owner where both nodes and rows name owners. The units of an
 * hour are spread evenly over what of the pool was alive in it. In an hour that has a
 * row of any pool, a pool without one used nothing; an hour without rows is missing.
 *
 * A pool is all of its nodes, those too of which pods tell who was there: the units are
 * of all of them, and nothing says on which they ran. */
#ifndef TT_BILL_DEMAND_H
#define TT_BILL_DEMAND_H
#include "bill/shares.h"
#include "bill/spans.h"
#include "bill/words.h"

typedef struct tt_demand tt_demand;

int tt_demand_make(const tt_snapshot *s, const tt_word_book *w, tt_demand **ret, tt_err *err);
void tt_demand_free(tt_demand *d);

/* One curve for each pool and owner that has rows. */
size_t tt_demand_curves(const tt_demand *d);
int tt_demand_owned(const tt_demand *d, size_t curve);
uint32_t tt_demand_words(const tt_demand *d, size_t curve);

/* Seconds of `paid` that lie in hours with rows. */
int64_t tt_demand_known_s(const tt_demand *d, const tt_spans *paid);

/* used[curve], zeroed by the caller: the weight of what each curve used of a node of
 * `unit_u6` units in its paid times. 0 where no pool is the node's. */
int tt_demand_used(const tt_demand *d, size_t node, uint64_t unit_u6, const tt_spans *paid,
                   tt_u128 *used);
#endif
