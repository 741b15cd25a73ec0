/* reprice.h - the same capacity at another price: a discount, spot with its interruptions,
 * another region or provider with its egress.
 *
 * Nodes are repriced in the time in which the change is in force; pods and workloads where
 * nothing else is left on their nodes, since a node has one price. What is reserved or owned
 * is paid for all the same. */
#ifndef TT_CHANGE_REPRICE_H
#define TT_CHANGE_REPRICE_H
#include "bill/case.h"
#include "change/change.h"

/* What of it is not priced; NULL: nothing. */
const char *tt_reprice_unpriced(const tt_change *c);
/* Errors: those of tt_change_apply(); TT_ENODATA (a price or rate that is needed is not in
 * prices.csv). */
int tt_reprice_apply(const tt_change *c, tt_case *cs, tt_err *err);
#endif
