/* order.h - in which order the candidates of a plan are taken, and what each adds on top
 * of those before it. Only usable changes whose stand-alone saving is known come here;
 * plan.h decides that and owns the result. */
#ifndef TT_RANK_ORDER_H
#define TT_RANK_ORDER_H
#include "rank/plan.h"
#include "rank/pricer.h"

typedef struct tt_candidate {
	tt_ranked *r;
	const tt_node_saving *nodes; /* [n_nodes] touched, with the stand-alone saving */
	size_t n_nodes;
	size_t group;                /* of those that may save only together */
	int barred;                  /* its risk is above the allowed one */
} tt_candidate;

/* Why something is left out that frees only what has no price. */
#define TT_WHY_NO_PRICE "its saving is not known: what it frees has no price"

/* Take the candidates c[n] (sorted by id) one after the other: fills in_plan_micro, lost
 * and place of each, and the plan's steps. One that is barred is never taken; its reason is
 * its risk where it would save something on top of the plan, else what keeps it from that.
 * `alone` has kept nothing. */
int tt_order_make(tt_plan *plan, const tt_bill *b, const tt_settings *st, tt_pricer *alone,
                  tt_candidate *c, size_t n, tt_err *err);
#endif
