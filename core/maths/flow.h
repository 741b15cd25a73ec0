/* flow.h - the cheapest flow through a small graph in which more of the same costs more.
 *
 * Each arc has pieces: so many units at this cost each, then so many at a cost that is not
 * lower. Whole units in, whole units out, and with them a potential for each node, which
 * proves that no flow is cheaper: tt_flow_check() needs nothing but problem and answer, and
 * shares no line with the search. Costs and units are int64, sums 128 bits; what would not fit
 * is refused. Ladders of commitments are such flows (commit/ladder.h). Pure functions, any
 * thread. Vectors: tests/unit/flow.c. */
#ifndef TT_MATHS_FLOW_H
#define TT_MATHS_FLOW_H
#include "base/error.h"
#include "base/memory.h"
#include "base/money.h"

#define TT_FLOW_NODES 512        /* at most: 512 x 2^52 fits a distance */
#define TT_FLOW_MANY (INT64_C(1) << 52)  /* units without a limit */

typedef struct tt_flow_piece {
	int64_t units;                   /* > 0, at most TT_FLOW_MANY */
	int64_t cost;                    /* of one unit; may be negative */
} tt_flow_piece;

typedef struct tt_flow_arc {
	size_t from, to;
	const tt_flow_piece *pieces;     /* [n], costs never falling */
	size_t n;
} tt_flow_arc;

typedef struct tt_flow_problem {
	size_t n_nodes;
	const int64_t *supply;           /* [n_nodes] in, less out; adds to 0 */
	const tt_flow_arc *arcs;
	size_t n_arcs;
} tt_flow_problem;

typedef struct tt_flow {
	int64_t *units;                  /* [n_arcs] */
	int64_t *potential;              /* [n_nodes] */
	tt_i128 cost;
	uint64_t n_paths;                /* augmented on the way */
} tt_flow;

/* The cheapest flow; what it points to lives in `arena`. Of several the same one each time.
 * TT_EINVAL for a problem against the rules above, a cost beyond 2^52, or endless units at a
 * negative cost; TT_ENODATA where the arcs can't carry the supply; TT_ENOMEM. With p paths,
 * at most one for each piece and for each unit: O(p (n_nodes^2 + n_arcs)). */
int tt_flow_solve(const tt_flow_problem *p, tt_arena *arena, tt_flow *ret, tt_err *err);

/* Whether `f` is a flow of the problem, costs what it says, and its potentials prove that
 * none is cheaper: along each arc the next unit would not cost less, and the last one does
 * not cost more, than potential(to) - potential(from). TT_EDATA with the first place where
 * that fails. */
int tt_flow_check(const tt_flow_problem *p, const tt_flow *f, tt_err *err);
#endif
