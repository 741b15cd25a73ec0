/* ladder.h - what to commit to in each quarter: the exact ladder of one pool.
 *
 * A horizon is cut into segments (quarters) at every date at which something may be bought,
 * sold or end. What a segment uses above what is committed is paid on demand, layer by layer;
 * an offer covers one unit from its first segment to its last and costs one sum; what is held
 * may be sold. The cheapest of all ladders is a flow (maths/flow.h):
 *
 *     nodes 0..n          the dates between segments; as many units as are ever used go 0 -> n
 *     q -> q+1            a layer left on demand in segment q, the least used first
 *     start -> end        an offer
 *     q+1 -> q, free      more committed than used
 *     0 -> held -> end    units that are held, to the end of their term, free
 *     held -> q           ... or sold at the start of segment q, for what that brings
 *
 * Money is int64 micro-units, units are whole. Knows no fleet and no calendar. */
#ifndef TT_COMMIT_LADDER_H
#define TT_COMMIT_LADDER_H
#include "maths/flow.h"
#include "maths/layers.h"

typedef struct tt_ladder_layer {
	int64_t units;              /* > 0; on top of those before */
	int64_t cost_micro;         /* of one of them on demand in this segment; never rising */
} tt_ladder_layer;

typedef struct tt_ladder_segment {
	const tt_ladder_layer *layers; /* [n] from the lowest, which is used most */
	size_t n;
} tt_ladder_segment;

typedef struct tt_ladder_offer {
	size_t start, end;          /* segments start .. end - 1 */
	int64_t cost_micro;         /* of one unit in all of them */
	int64_t most;               /* units that can be had; TT_FLOW_MANY: no limit */
	int64_t least;              /* units that have to be bought */
} tt_ladder_offer;

typedef struct tt_ladder_held {
	size_t end;                 /* held in segments 0 .. end - 1 */
	int64_t units;              /* > 0 */
	const int64_t *proceeds_micro; /* [end] of one unit, sold at the start of a segment;
	                             * TT_MONEY_UNKNOWN: can't be. NULL: never */
} tt_ladder_held;

typedef struct tt_ladder {
	const tt_ladder_segment *segments;
	size_t n_segments;
	const tt_ladder_offer *offers;
	size_t n_offers;
	const tt_ladder_held *held;
	size_t n_held;
} tt_ladder;

typedef struct tt_ladder_plan {
	int64_t *bought;            /* [n_offers] units */
	int64_t **sold;             /* [n_held][end] units, at the start of a segment */
	int64_t *committed;         /* [n_segments] units in force, held and bought */
	int64_t *on_demand_micro;   /* [n_segments] */
	int64_t cost_micro;         /* offers and on demand, less proceeds */
	int64_t none_micro;         /* the same with nothing bought and nothing sold */
	/* The proof: what one unit of coverage more is worth in each segment. No offer costs
	 * less than it is worth, what is bought costs no more; and so for layers and sales. */
	int64_t *worth_micro;       /* [n_segments] >= 0 */
} tt_ladder_plan;

/* The layers of a demand: a unit costs price x (how long it is used, in parts x hours) / per,
 * rounded half-even. In `arena`. TT_EDATA where parts x hours don't fit, TT_ENOMEM. */
int tt_ladder_segment_make(const tt_layers_demand *d, tt_i128 price, tt_i128 per,
                           tt_arena *arena, tt_ladder_segment *ret, tt_err *err);

/* The cheapest plan, in `arena`; of several the same one each time. TT_EINVAL for a ladder
 * against the rules above or sums that don't fit; TT_ENOMEM. */
int tt_ladder_solve(const tt_ladder *l, tt_arena *arena, tt_ladder_plan *ret, tt_err *err);

/* What a segment costs on demand above so many units. TT_EINVAL where it doesn't fit. */
int tt_ladder_on_demand(const tt_ladder_segment *s, int64_t units, int64_t *ret, tt_err *err);

/* Fill in what follows from bought and sold: committed, on_demand_micro, cost_micro and
 * none_micro. TT_EINVAL where more is sold than held, or sums don't fit. */
int tt_ladder_bill(const tt_ladder *l, tt_ladder_plan *p, tt_err *err);

/* Whether `p` is a plan of this ladder, costs what it says, and its worths prove that none
 * is cheaper; nothing is searched for. TT_EDATA with the first thing that is wrong. */
int tt_ladder_check(const tt_ladder *l, const tt_ladder_plan *p, tt_err *err);
#endif
