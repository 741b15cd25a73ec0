/* blocks.h - capacity that is bought for some days, for what is wanted between two dates.
 *
 * Blocks are planned against the needs of the file of offers alone, never against what a
 * forecast may come to: they cost about as much as on demand, and buy that it is there. Of
 * each pool it is a ladder of its own (ladder.h), cut where a need or a block begins or ends;
 * what no block covers is on demand, at the price of the pool. The most that can be had of a
 * block is of all pools: in order of name, each has what those before it left. */
#ifndef TT_COMMIT_BLOCKS_H
#define TT_COMMIT_BLOCKS_H
#include "commit/plans.h"

typedef struct tt_block_purchase {
	const tt_listed_offer *offer;
	const tt_plans_pool *pool;
	int64_t units;              /* of the pool */
	int64_t starts_s, ends_s;
	int64_t cost_micro;         /* all of it, paid upfront */
} tt_block_purchase;

typedef struct tt_blocks {
	tt_block_purchase *v;       /* [n] by pool, then as they are listed */
	size_t n;
	int64_t none_micro, cost_micro; /* of the needs: all on demand; with these */
	size_t n_needs;             /* that a pool with a price has */
	const char **notes;
	size_t n_notes;
} tt_blocks;

/* *ret is NULL where nothing is needed or sold in days. In `arena`. Errors: TT_EINVAL (does not
 * fit), TT_ENOMEM. */
int tt_blocks_make(const tt_snapshot *s, const tt_plans *x, const tt_offer_file *f,
                   tt_arena *arena, const tt_blocks **ret, tt_err *err);
#endif
