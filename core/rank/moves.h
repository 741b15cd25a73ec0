/* moves.h - what the capacity costs that a pricer's changes move to, kept and tried: only
 * the terms that a try touches are placed again.
 *
 * pricer.c's own; what moves and what that needs is bill/moved.h's. */
#ifndef TT_RANK_MOVES_H
#define TT_RANK_MOVES_H
#include "bill/moved.h"

typedef struct tt_moves_cost {
	const tt_terms *terms;
	int64_t micro;          /* TT_MONEY_UNKNOWN: without a price */
} tt_moves_cost;

typedef struct tt_moves {       /* zero-initialise */
	tt_moves_cost *kept; size_t n_kept, cap_kept;    /* by terms, distinct */
	tt_moves_cost *tried; size_t n_tried, cap_tried; /* those that the last try touches */
	const tt_terms **touched; size_t n_touched, cap_touched; /* scratch of it */
} tt_moves;

void tt_moves_free(tt_moves *m);

/* Begin a try; then say of releases, in any order, that it touches their terms. */
void tt_moves_begin(tt_moves *m);
int tt_moves_touch(tt_moves *m, const tt_release *v, size_t n, tt_err *err);
/* Price what is touched: `c` has all releases, kept and tried, of the nodes that anything
 * moves from. Into ret_micro what is paid more than with what is kept (TT_MONEY_UNKNOWN). */
int tt_moves_try(tt_moves *m, const tt_case *c, const tt_residents *r, int64_t *ret_micro,
                 tt_err *err);
int tt_moves_keep(tt_moves *m, tt_err *err);
#endif
