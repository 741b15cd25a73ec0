/* allocate.h - divides the paid time of each node among those who had it.
 *
 * One allocator serves one bill: it holds what is looked up once (pods by node, words,
 * demand) and the shares of the node at hand. How a node divides, and when nothing can
 * be said: README.md. Not for money; bill.c splits the cost over the shares. */
#ifndef TT_BILL_ALLOCATE_H
#define TT_BILL_ALLOCATE_H
#include "bill/bill.h"
#include "bill/shares.h"
#include "bill/words.h"

struct tt_demand;

typedef struct tt_allocator {
	const tt_case *c;
	const tt_snapshot *s;
	const tt_settings *st;
	tt_residents residents;
	tt_word_book words;
	struct tt_places *places;   /* what is known of clusters, see places.h */
	struct tt_demand *demand;   /* NULL until a node asks for it */
	uint32_t *claim_of_pod;     /* [pods] scratch of cards.c; UINT32_MAX between nodes */
	tt_shares shares[TT_RULES]; /* of the node at hand */
} tt_allocator;

/* Words go into `arena`, which must outlive the cells made from them. */
int tt_allocator_make(const tt_case *c, tt_arena *arena, tt_allocator **ret, tt_err *err);
void tt_allocator_free(tt_allocator *a);
void tt_allocator_freep(tt_allocator **a);

/* Fill a->shares, merged, for the `paid` times of a node. *ret_per_card_second is the
 * weight of one card for one second; 0 for a node without cards. */
int tt_allocate_node(tt_allocator *a, size_t node, const tt_spans *paid,
                     tt_u128 *ret_per_card_second, tt_err *err);

/* Append one share under both rules, or under one. */
int tt_allocate_add(tt_allocator *a, tt_share share, tt_err *err);

/* A pod's allocation on a node: which part of it was measured, and of that how much it
 * was active by each rule. measured <= allocated, busy[] <= measured. */
typedef struct tt_allotted {
	uint32_t words, pods;
	tt_u128 allocated, measured, busy[TT_RULES];
} tt_allotted;

/* Buckets of it: tax, nobody's, not measured, idle, productive. */
int tt_allocate_pod(tt_allocator *a, const tt_allotted *p, tt_err *err);
#endif
