/* moves.h - what the capacity costs that a pricer's changes move to and add, kept and tried:
 * only what a try touches is placed and priced again, and what held commitments meter of it
 * goes in and out of what is metered.
 *
 * pricer.c's own; what moves and what that needs is bill/moved.h's. */
#ifndef TT_RANK_MOVES_H
#define TT_RANK_MOVES_H
#include "bill/moved.h"

typedef struct tt_moves_cost {  /* of one of the terms, or of what one change adds */
	const tt_terms *terms;  /* NULL: added */
	uint64_t address;       /* of the change that adds it; else 0 */
	tt_segments segments;
	int64_t micro;          /* but for what is metered; TT_MONEY_UNKNOWN: without a price */
	int64_t listed_micro;   /* what is metered, on demand */
	int64_t anew_micro;     /* `micro` by tt_moves_anew() */
} tt_moves_cost;

typedef struct tt_moves_list {
	tt_moves_cost *v; size_t n, cap; /* by terms, then address; distinct */
} tt_moves_list;

typedef struct tt_moves {       /* zero-initialise */
	tt_moves_list kept, tried; /* tried: those that the last try touches */
	const tt_terms **touched; size_t n_touched, cap_touched; /* scratch of it */
} tt_moves;

void tt_moves_free(tt_moves *m);

/* Begin a try; then say of releases, in any order, that it touches their terms, and what its
 * changes add, of each change its rows in one piece. */
void tt_moves_begin(tt_moves *m);
int tt_moves_touch(tt_moves *m, const tt_release *v, size_t n, tt_err *err);
int tt_moves_add(tt_moves *m, const tt_added *v, size_t n, tt_err *err);
/* Price what is touched: `c` has all releases, kept and tried, of the nodes that anything
 * moves from. `held` (NULL: nothing) is with what is kept, and takes what is tried instead.
 * Into ret_micro what is paid more than with what is kept, but for what is metered
 * (TT_MONEY_UNKNOWN); into ret_listed_micro that of what is metered, on demand. */
int tt_moves_try(tt_moves *m, const tt_case *c, const tt_residents *r, tt_held *held,
                 int64_t *ret_micro, int64_t *ret_listed_micro, tt_err *err);
/* All of it, kept and tried, into a metering that has none of it yet: what is then paid more
 * than with what is kept, but for what either meters. */
int tt_moves_anew(tt_moves *m, tt_held *held, int64_t *ret_micro, tt_err *err);
/* `anew`: what tt_moves_anew() said of the others counts, too. */
int tt_moves_keep(tt_moves *m, bool anew, tt_err *err);
#endif
