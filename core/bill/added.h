/* added.h - what the capacity costs that changes add to a case: nodes that nobody has yet.
 *
 * A row of it is whole instances of one kind in a stretch of time. Rows of one change are one
 * amount, rounded once, so that what a set of changes adds is the sum of what each of them
 * adds; held commitments cover it like any other (held.h). What is freed elsewhere is not known
 * here: capacity that is added is bought. */
#ifndef TT_BILL_ADDED_H
#define TT_BILL_ADDED_H
#include "bill/held.h"

/* A row of it. Errors: TT_EDATA (a price that does not fit). */
int tt_added_segment(const tt_added *a, tt_segment *ret, tt_err *err);
/* Append what the case adds, in its order, to `ret`. Errors: TT_EDATA (a price that does not
 * fit), TT_ENOMEM. */
int tt_case_added(const tt_case *c, tt_segments *ret, tt_err *err);

/* What it costs, but for what `held` (NULL: nothing) meters of it, which is taken into account
 * there. Errors: TT_EDATA (does not fit), TT_ENOMEM. */
int tt_case_added_cost(const tt_case *c, tt_held *held, int64_t *ret_micro, tt_err *err);
#endif
