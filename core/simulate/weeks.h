/* weeks.h - what a pool costs in any range of hours of any measured week, ready to be asked
 * for thousands of times, at any level of demand.
 *
 * Whole instances only: at level l, an hour in which n instances ran has ceil(l * n), each
 * paid for as long as those were. At level 1 the cost is exact. What commitments cover of them
 * costs at that level what it was metered to cost there, between levels in a straight line. */
#ifndef TT_SIMULATE_WEEKS_H
#define TT_SIMULATE_WEEKS_H
#include "simulate/calendar.h"
#include "simulate/capacity.h"

typedef struct tt_ran {
	int32_t nodes;
	int64_t seconds;            /* of instances, in the hours in which so many ran */
} tt_ran;

typedef struct tt_more {            /* what hours in which so many ran cost more: */
	int32_t nodes;
	double micro[TT_HELD_LEVELS]; /* at other levels of demand than 1 */
} tt_more;

typedef struct tt_weeks {           /* of one pool */
	uint32_t pool;
	double micro_per_s;         /* of one instance, paid_u9 in it */
	size_t *first;              /* [ranges * blocks + 1] cell range * n_blocks + block */
	tt_ran *ran;
	size_t *first_more;         /* the same, into more; NULL: there is none */
	tt_more *more;
	tt_i128 *plain;             /* [ranges * blocks] at level 1, in parts of
	                             * TT_CAPACITY_MICRO; the arena's */
} tt_weeks;

/* Of `base` (NULL: nothing) and what `delta` (NULL: nothing) changes of it. together[hours]:
 * how many instances there are of all pools that one demand moves, which is what comes whole;
 * NULL: of this pool alone. A world asks thousands of tables for what they cost at level 1 alone:
 * that is in the arena, so that tables that are made one after the other have it side by side. */
int tt_weeks_make(const tt_calendar *c, const tt_pool *pool, const tt_pool_hours *base,
                  const tt_pool_hours *delta, const int32_t *together, tt_arena *arena,
                  tt_weeks *ret, tt_err *err);
void tt_weeks_free(tt_weeks *w);

/* Micro-units, not rounded yet; `price_ratio` times the price. */
double tt_weeks_cost(const tt_weeks *w, size_t cell, double level, double price_ratio);
/* At level 1 and the price as it is: what the cells before left over of a micro-unit goes in, and
 * what this one leaves comes out. */
int64_t tt_weeks_exact(const tt_weeks *w, size_t cell, tt_i128 *left_over);
/* Hours of instances, at level 1 and at any. */
double tt_weeks_hours(const tt_weeks *w, size_t cell);
double tt_weeks_hours_at(const tt_weeks *w, size_t cell, double level);
#endif
