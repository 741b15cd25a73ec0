/* allocator.h - what one bill needs to divide its nodes: what is looked up once (pods by
 * node, words, demand) and the shares of the node at hand.
 *
 * The three ways of dividing (cards, cpus, units) add to the shares through it; it says
 * into which bucket a pod's part falls. How a node divides, and when nothing can be
 * said: README.md. */
#ifndef TT_BILL_ALLOCATOR_H
#define TT_BILL_ALLOCATOR_H
#include "bill/bill.h"
#include "bill/demand.h"
#include "bill/places.h"
#include "bill/shares.h"
#include "bill/words.h"

typedef struct tt_allocator {
	const tt_case *c;
	const tt_snapshot *s;
	const tt_settings *st;
	tt_residents residents;
	tt_word_book words;
	tt_places *places;          /* what is known of clusters */
	tt_demand *demand;          /* NULL until a node asks for it */
	uint32_t *claim_of_pod;     /* [pods] scratch of cards.c; UINT32_MAX between nodes */
	tt_shares shares[TT_RULES]; /* of the node at hand */
} tt_allocator;

/* Words go into `arena`, which must outlive the cells made from them. */
int tt_allocator_make(const tt_case *c, tt_arena *arena, tt_allocator **ret, tt_err *err);
void tt_allocator_free(tt_allocator *a);
void tt_allocator_freep(tt_allocator **a);

/* Append one share under both rules. */
int tt_allocator_add(tt_allocator *a, tt_share share, tt_err *err);

/* A pod's allocation on a node: which part of it was measured, and of that how much it
 * was active by each rule. measured <= allocated, busy[] <= measured. */
typedef struct tt_allotted {
	uint32_t words, pods;
	tt_u128 allocated, measured, busy[TT_RULES];
} tt_allotted;

/* Append the buckets of it: tax, nobody's, not measured, idle, productive. */
int tt_allocator_add_pod(tt_allocator *a, const tt_allotted *p, tt_err *err);
#endif
