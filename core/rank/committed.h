/* committed.h - what a pricer's changes do to what is metered under commitments, kept and
 * tried: the hours that change, or, where a commitment is bought or given up, all of them.
 *
 * pricer.c's own; what is metered and what that costs is bill/held.h's. */
#ifndef TT_RANK_COMMITTED_H
#define TT_RANK_COMMITTED_H
#include "bill/bill.h"
#include "rank/moves.h"
#include "rank/remembered.h"

typedef struct tt_deal_list {
	tt_deal *v; size_t n, cap;      /* in the order of a case, distinct */
} tt_deal_list;

typedef struct tt_committed {           /* zero-initialise */
	const tt_bill *bill;
	tt_remembered *remembered;
	tt_held *held;                  /* with what is kept; NULL: nothing is held */
	int64_t held_micro;             /* what is metered, so */
	int64_t *cost_micro;            /* [nodes] what is not metered; TT_MONEY_UNKNOWN */
	tt_deal_list kept, both;        /* deals; `both`: kept and tried */
	bool pending;                   /* `held` is with what was tried last */
	tt_held *anew;                  /* with `both`, where there are more than were kept */
	int64_t anew_micro, *anew_cost_micro;
} tt_committed;

/* The baseline; all of them have to outlive it. */
int tt_committed_open(tt_committed *m, const tt_bill *b, const tt_settings *st,
                      tt_remembered *remembered, tt_err *err);
void tt_committed_free(tt_committed *m);

/* Begin a try: what was tried and not kept is forgotten. */
int tt_committed_begin(tt_committed *m, tt_err *err);
/* The changes make these deals. */
int tt_committed_deal(tt_committed *m, const tt_deal *v, size_t n, tt_err *err);
/* A node goes from one case to the other; `ret_listed`: by how much of what is metered, as
 * it is listed. */
int tt_committed_node(tt_committed *m, uint32_t node, const tt_case *from, const tt_case *to,
                      tt_held_taken *ret, tt_u128 *ret_listed, tt_err *err);
/* Whether deals are tried: then all nodes have to be looked at again. */
bool tt_committed_deals(const tt_committed *m);
/* What is saved of what is metered. With deals `all` has all releases, kept and tried, `moves`
 * what else there is, and `known_micro` was said of either already. */
int tt_committed_try(tt_committed *m, tt_case *all, tt_moves *moves, int64_t known_micro,
                     int64_t *ret_micro, tt_err *err);
int tt_committed_keep(tt_committed *m, tt_err *err);
#endif
