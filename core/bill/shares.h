/* shares.h - how one node's paid time divides, in exact integer weights.
 *
 * A weight is capacity (millionths of a card, or of a CPU) x seconds x 10^8, so that
 * activity in millionths of a percent is a whole number of it. The parts of a node add
 * up to its capacity; money follows by largest remainder (bill.c), once. */
#ifndef TT_BILL_SHARES_H
#define TT_BILL_SHARES_H
#include "bill/bill.h"

#define TT_SHARE_SECOND ((tt_u128)100000000) /* weight of one second of 10^-6 card */

/* Seconds (and other counts), as what weights are made from; below 0 is 0. */
static inline tt_u128 tt_count(int64_t n)
{
	return n > 0 ? (tt_u128)n : 0;
}

typedef struct tt_share {
	enum tt_bucket bucket;
	enum tt_reason reason;
	uint32_t words;       /* see words.h */
	uint32_t pods;        /* that it is of */
	tt_u128 weight;
} tt_share;

typedef struct tt_shares { /* zero-initialise */
	tt_share *v;
	size_t n, cap;
} tt_shares;

void tt_shares_free(tt_shares *s);

/* Append a share; one without weight is left out. */
int tt_shares_add(tt_shares *s, tt_share share, tt_err *err);

/* Sort by the order of decisions (tax, unattributed, unallocated idle, allocated idle,
 * productive), words and reason, and join equal ones. */
void tt_shares_merge(tt_shares *s);

/* v x num / den, never above it; v where num >= den > 0. Rounded down for den below
 * 2^63, else at most v / 2^61 less. */
tt_u128 tt_scaled(tt_u128 v, tt_u128 num, tt_u128 den);
#endif
