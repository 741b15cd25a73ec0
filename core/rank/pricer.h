/* pricer.h - prices sets of changes one on top of the other, looking only at the nodes
 * that they touch, so that a plan of thousands of findings takes a moment.
 *
 * The sums are those of tt_changes_cost(): a node costs its price times the seconds it
 * is paid for, rounded once. Where commitments are held, what they and nodes that they could
 * cover cost is metered again in the hours that change; what that saves is said of the nodes
 * that are touched, though it is the sum that is exact. It knows changes, not findings; which
 * set is a good one is plan.h's business. */
#ifndef TT_RANK_PRICER_H
#define TT_RANK_PRICER_H
#include "bill/bill.h"
#include "bill/emptying.h"
#include "change/change.h"

typedef struct tt_node_saving { /* on one node, in the window */
	uint32_t node;          /* row of TT_NODES */
	int64_t freed_s;        /* seconds that are no longer paid for */
	int64_t saving_micro;   /* TT_MONEY_UNKNOWN: freed, but without a price */
} tt_node_saving;

typedef struct tt_saving {
	const tt_node_saving *nodes; /* [n] touched, by row; valid until the next try */
	size_t n;
	int64_t known_micro;    /* sum of what is known, less what the changes add (egress,
	                         * capacity) and what they move to */
	int unknown;            /* something freed has no price */
	int64_t moved_micro;    /* what they move to would cost where nothing held covers it;
	                         * TT_MONEY_UNKNOWN: it has no price, and then nothing of the
	                         * saving is known */
} tt_saving;

typedef struct tt_pricer tt_pricer;

/* A pricer that has kept nothing: its tries are savings against the baseline `b`,
 * which has to outlive it. What a change does is worked out once; `other` (NULL: none),
 * which has to outlive it too, may know it already. Errors: TT_ENOMEM. */
int tt_pricer_open(const tt_bill *b, const tt_settings *st, tt_pricer *other, tt_pricer **ret,
                   tt_err *err);
void tt_pricer_close(tt_pricer *p);
void tt_pricer_closep(tt_pricer **p);

/* What the n changes save on top of what is kept. The changes must outlive the pricer.
 * Errors: those of tt_change_apply() and tt_cost_micro(), TT_ENOMEM. */
int tt_pricer_try(tt_pricer *p, const tt_change *const *changes, size_t n, tt_saving *ret,
                  tt_err *err);
/* What keeps the nodes of the last try in the times in which its changes would have them
 * go, with what is kept: a fresh array, the longest first. Errors: TT_ENOMEM. */
int tt_pricer_keepers(tt_pricer *p, tt_keeper **ret, size_t *ret_n, tt_err *err);
/* Seconds that a node is paid for with what is kept. */
int64_t tt_pricer_paid_s(const tt_pricer *p, uint32_t node);
/* Keep what was tried last. */
int tt_pricer_keep(tt_pricer *p, tt_err *err);
#endif
