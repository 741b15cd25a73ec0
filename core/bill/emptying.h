/* emptying.h - when the releases of a case leave a node with nothing on it, and what keeps
 * it when they don't.
 *
 * Who had which card is occupancy.h's; whole nodes that are released, and what is paid all
 * the same, are case.h's. */
#ifndef TT_BILL_EMPTYING_H
#define TT_BILL_EMPTYING_H
#include "bill/case.h"

/* Append to `ret` the times in which the n releases of this node (sorted as in the case;
 * of cards and of pods) empty it. `r` may be NULL. */
int tt_emptied(const tt_case *c, const tt_residents *r, size_t node,
               const tt_release *releases, size_t n, tt_spans *ret, tt_err *err);

typedef struct tt_keeper {      /* something that is still there */
	const char *kind;       /* "pod", "card": nobody's, but not released */
	const char *node, *id;  /* of a card its name on the node; "" for those that the
	                         * telemetry does not name */
	int64_t seconds;        /* for which it keeps the node in those times */
} tt_keeper;

/* What keeps the node in the tidy times `when`, in spite of its n releases: appended to
 * *ret (of *ret_n and *ret_cap), pods by row, then cards by name. */
int tt_keepers(const tt_case *c, const tt_residents *r, size_t node,
               const tt_release *releases, size_t n, const tt_spans *when, tt_keeper **ret,
               size_t *ret_n, size_t *ret_cap, tt_err *err);
#endif
