/* moved.h - what capacity costs that a case moves pods and nodes to: whole instances of
 * other terms, as many as it takes at each time.
 *
 * A pod moves in the part of its run in which it is released so (TT_MOVES), less the times
 * in which it is gone anyway. Of several moves at one time the first of their terms counts.
 * Pods are placed by instances.h. A node that moves is replaced in the times in which it
 * would be there otherwise: the nodes of a group together, by cards. What leaving saves is
 * cost.h's. */
#ifndef TT_BILL_MOVED_H
#define TT_BILL_MOVED_H
#include "bill/held.h"

typedef struct tt_moved {       /* what is on one of the terms */
	const tt_terms *terms;
	size_t pods, nodes;     /* that are there at some time */
	int64_t most;           /* instances at once */
	int64_t length_s;       /* instance-seconds */
	int64_t least_s;        /* of them, what any placement would need */
	int64_t cost_micro;     /* where nothing held covers it, rounded once; TT_MONEY_UNKNOWN:
	                         * without a price */
	tt_segments segments;
} tt_moved;

typedef struct tt_moved_list {  /* zero-initialise; by terms */
	tt_moved *v;
	size_t n, cap;
} tt_moved_list;

void tt_moved_free(tt_moved_list *l);

/* Of all terms, or only of these (any order). `r` may be NULL. Errors: TT_EINVAL (a pod that
 * needs more than an instance has), TT_EDATA (an amount that does not fit), TT_ENOMEM. */
int tt_moved_make(const tt_case *c, const tt_residents *r, const tt_terms *const *only,
                  size_t n_only, tt_moved_list *ret, tt_err *err);
/* What they cost, but for what `held` (NULL: nothing) meters of it, which is taken into account
 * there; TT_MONEY_UNKNOWN when any has no price. */
int tt_moved_cost(const tt_moved_list *l, tt_held *held, int64_t *ret_micro, tt_err *err);
#endif
