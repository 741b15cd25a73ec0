/* consolidate.h - which of the bins that are in use can be emptied into the others.
 *
 * Placement is sticky: what is in a bin that stays does not move. So this asks for a set of
 * bins whose items all find room in the rest, worth most, and of those that are worth the
 * same the one that disturbs least. Packing from scratch is packing.h. Pure functions, any
 * thread; equal choices go to the lower index. */
#ifndef TT_MATHS_CONSOLIDATE_H
#define TT_MATHS_CONSOLIDATE_H
#include "maths/packing.h"

/* Up to how many bins that could go the search is tried. */
#define TT_CONSOLIDATE_EXACT_BINS 14

typedef struct tt_consolidate_bin {
	tt_pack_bin bin;                /* its load does not move and goes with the bin */
	int64_t saving;                 /* when it goes, >= 0; 0: it never goes */
	int64_t disruption;             /* of moving what it holds, >= 0 */
	bool stays;                     /* something in it can't move, or nobody may close it */
} tt_consolidate_bin;

typedef struct tt_consolidate_problem {
	size_t n_dims, n_kinds, n_bins, n_items;
	const tt_pack_kind *kinds;      /* their cost and number play no part: none is opened */
	const tt_consolidate_bin *bins;
	const tt_pack_item *items;
	const size_t *at;               /* bin of each item */
	size_t exact_bins;              /* search up to so many; 0: never */
	uint64_t steps;
} tt_consolidate_problem;

typedef struct tt_consolidate_result {
	bool *gone;                     /* of each bin */
	size_t *to;                     /* of each item: its bin afterwards */
	size_t n_gone, n_moved;
	int64_t saving, disruption;     /* of the bins that go */
	int64_t bound;                  /* no set saves more; the gap is bound - saving */
	bool proven;                    /* no set saves more than this one */
} tt_consolidate_result;

/* Bins go one by one, least disruption for its saving first; up to exact_bins that could go
 * every set is looked at that can still be better. Free the result with
 * tt_consolidate_result_free(). Errors: TT_EINVAL (limits as in packing.h; an item in a bin
 * that there is not), TT_ENOMEM. */
int tt_consolidate(const tt_consolidate_problem *p, tt_consolidate_result *ret, tt_err *err);
void tt_consolidate_result_free(tt_consolidate_result *r);

/* What a move saves of its pool for what it disturbs of its pool: (saving / pool_saving) /
 * (disruption / pool_disruption), as in Karpenter's "balanced" policy, which accepts from
 * 1 / 2 on. Infinite where nothing is disturbed; NaN where the pool is worth nothing. */
double tt_consolidate_score(double saving, double pool_saving, double disruption,
                            double pool_disruption);
#endif
