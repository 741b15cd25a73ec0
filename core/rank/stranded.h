/* stranded.h - hours of what is held that nothing uses, matched to work on demand elsewhere that
 * could move there.
 *
 * Candidates are nodes on demand that a commitment cannot cover where and as they are: of another
 * region, another size with the same card, or another card, nearest first. Each is a change as
 * anybody could write it, priced by the pricer on top of those that were taken before it, so that
 * an hour is filled once. A whole pool is tried, then half of its nodes, a quarter and so on,
 * those that ran longest first: what saves most is taken, where it saves at least
 * TT_STRANDED_LEAST_RATIO of what the nodes cost. Not searched for: pools that would have to
 * change region and type, and what could be exchanged (detectors propose that). */
#ifndef TT_RANK_STRANDED_H
#define TT_RANK_STRANDED_H
#include "commit/positions.h"

#define TT_STRANDED_LEAST_RATIO 0.2

enum tt_stranded_near { TT_NEAR_REGION, TT_NEAR_SIZE, TT_NEAR_CARD, TT_NEAR_END };
extern const char *const tt_stranded_words[]; /* "region", "size", "card" */

typedef struct tt_stranded_move {
	size_t group;               /* of the positions: what it would use */
	enum tt_stranded_near near; /* what has to change */
	const tt_node_row *like;    /* a node that would move */
	size_t nodes, of_nodes;     /* that would, and of which pool */
	const char *change;         /* canonical text; NULL: see why_not */
	int64_t before_micro;       /* what these nodes cost in the window */
	int64_t alone_micro;        /* what that would save alone */
	int64_t saving_micro;       /* and on top of those that stand before it */
	const char *why_not;        /* of the whole pool; "": it is worth moving */
} tt_stranded_move;

typedef struct tt_stranded {
	tt_stranded_move *v; size_t n;      /* worth it, in the order in which they were taken */
	tt_stranded_move *left; size_t n_left; /* not, and why */
	int64_t saving_micro;       /* of all of v together, in the window */
} tt_stranded;

/* In `arena`; bill and positions have to outlive it. Errors: TT_ENOMEM and those of pricing that
 * are no answer. */
int tt_stranded_make(const tt_bill *b, const tt_settings *st, const tt_positions *x,
                     tt_arena *arena, tt_stranded *ret, tt_err *err);
#endif
