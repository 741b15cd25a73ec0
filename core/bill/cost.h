/* cost.h - what a node costs in a case, stretch by stretch: whose price counts when.
 *
 * A node is paid for where case.h says so; in some of that time it is on other terms: those
 * in which it is repriced as a whole, or in which all that is left on it is (pods share a
 * node's price, so one alone cannot have another). Its amount is one exact sum, rounded
 * once. Capacity that is not a node of the snapshot is moved.h's. */
#ifndef TT_BILL_COST_H
#define TT_BILL_COST_H
#include "bill/case.h"

typedef struct tt_segment {         /* of a node's paid time, or of capacity moved to */
	int64_t from_s, to_s;
	int64_t nodes;              /* instances at once */
	tt_decimal price_per_hour;  /* of one; TT_DECIMAL_MISSING: unknown */
	uint64_t paid_u9;           /* paid hours for each, in 10^-9 */
	const tt_terms *terms;      /* of those that count, the one that says how it is had;
	                             * NULL: as it was */
} tt_segment;

typedef struct tt_segments {        /* zero-initialise */
	tt_segment *v;
	size_t n, cap;
} tt_segments;

void tt_segments_free(tt_segments *s);
int tt_segments_add(tt_segments *s, const tt_segment *one, tt_err *err);

/* The paid time of a node, in order, into `ret` (emptied first); `price_per_hour` is that of
 * the snapshot. `r` may be NULL. Errors: TT_EDATA (a price that does not fit), TT_ENOMEM. */
int tt_node_segments(const tt_case *c, const tt_residents *r, size_t node,
                     tt_decimal price_per_hour, tt_segments *ret, tt_err *err);

/* What they cost together, rounded half-even once; TT_MONEY_UNKNOWN when any has no price.
 * Errors: TT_EDATA (does not fit). */
int tt_segments_cost(const tt_segments *s, int64_t *ret_micro, tt_err *err);
/* Node-seconds. */
int64_t tt_segments_length_s(const tt_segments *s);

/* Both of these for a node; either of `ret` may be NULL. */
int tt_node_cost(const tt_case *c, const tt_residents *r, size_t node,
                 tt_decimal price_per_hour, int64_t *ret_micro, int64_t *ret_paid_s,
                 tt_err *err);
#endif
