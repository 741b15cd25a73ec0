/* repack_pass.h - one packing of a pool: which pods of those that are there move, so that
 * nodes become empty.
 *
 * First nodes are emptied into the others as an autoscaler that consolidates does it: what is
 * on a node that stays does not move (maths/consolidate.h). Where a pool is to be packed
 * anew, everything that can move is then packed from nothing (maths/packing.h), which counts
 * only where it needs less. No pod moves unless that empties a node. */
#ifndef TT_CHANGE_REPACK_PASS_H
#define TT_CHANGE_REPACK_PASS_H
#include "change/repack_pool.h"

typedef struct tt_repack_now {
	const tt_repack_pool *pool;
	const bool *there, *up; /* [nodes] could be up; is */
	const uint32_t *pods;   /* [n] numbers of those that are there, ascending */
	size_t n;
	const uint32_t *at;     /* [pods of the pool] node that each is on */
	int64_t target_u6;      /* a node goes that is asked for less, in millionths */
	size_t may_go;          /* nodes that may be without pods afterwards */
	bool anew;
} tt_repack_now;

typedef struct tt_repack_moves {
	uint32_t *to;           /* [n] node of each afterwards */
	size_t n_moved;
	int64_t gap;            /* micro-units per hour that another packing saves at most
	                         * besides; of consolidation: by emptying other nodes */
	bool proven;            /* none saves more */
} tt_repack_moves;

/* Errors: TT_ENOMEM. */
int tt_repack_pass(const tt_repack_now *now, tt_repack_moves *ret, tt_err *err);
void tt_repack_moves_free(tt_repack_moves *m);
#endif
