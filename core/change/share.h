/* share.h - pods that have cards of their own and get one together with others, by
 * time-slicing, MPS or MIG; README.md has the rules.
 *
 * Those that share stay on nodes of their type. Nodes that this can empty are given up, and
 * as many new ones are there as the shared cards take; where that frees less than it takes,
 * and on nodes that others keep, the pods stay where they were. */
#ifndef TT_CHANGE_SHARE_H
#define TT_CHANGE_SHARE_H
#include "bill/case.h"
#include "change/card_sets.h"
#include "change/change.h"

typedef struct tt_share_seen {  /* how it turned out */
	size_t measured;        /* pods with one card of their own, of which enough is known */
	size_t sharing;         /* of them, on nodes that are given up */
	tt_card_sums worst;     /* of the cards that those then have */
} tt_share_seen;

/* Errors: those of tt_change_apply(); TT_EINVAL (pods that can't share like this), TT_ENODATA
 * (nothing of them was measured, or the card's memory or slices are not known). */
int tt_share_apply(const tt_change *c, tt_case *cs, tt_err *err);
/* The same, and how it turned out. */
int tt_share_find(const tt_change *c, tt_case *cs, tt_share_seen *ret, tt_err *err);
#endif
