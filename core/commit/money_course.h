/* money_course.h - what all pools together may use ahead, hour by hour, for commitments of
 * money, which cover by price and not by number.
 *
 * A segment is the weeks of the nine levels of rolling.h, all pools at the same one of them:
 * rows that are equally likely. Pools without a price on demand are not in it. */
#ifndef TT_COMMIT_MONEY_COURSE_H
#define TT_COMMIT_MONEY_COURSE_H
#include "commit/plans.h"

#define TT_MONEY_ONE INT64_C(1000000) /* of a unit of a pool */

typedef struct tt_money_item {
	const tt_plans_pool *pool;
	const tt_rolling_plan *expected; /* level and profile */
	tt_decimal price_per_hour;
} tt_money_item;

typedef struct tt_money_course {
	const tt_money_item *items; /* [n_items] */
	size_t n_items;
	tt_decimal *prices;         /* [n_items] those of the items */
	const tt_rolling_segment *segments; /* [n_segments] cut where that of any pool is */
	size_t n_segments;
	int64_t *starts_h;          /* [n_segments + 1] */
	size_t n_rows;              /* of a segment */
	int64_t **used;             /* [n_segments][n_rows][n_items] in TT_MONEY_ONE */
} tt_money_course;

enum tt_money_less {                /* what is taken off what is used */
	TT_MONEY_LESS_HELD,         /* units that are held */
	TT_MONEY_LESS_NOW,          /* and what is planned to be bought in the first quarter */
	TT_MONEY_LESS_BOUGHT        /* and what is planned to be bought later */
};

/* Pools that are asked (rolling.y) and have a price; what is expected of those without a plan
 * is found here. In `arena`. */
int tt_money_items(const tt_plans *x, tt_arena *arena, tt_money_course *ret, tt_err *err);

/* Segments: all cuts of the pools, and `cuts[n]` hours beside. */
int tt_money_segments(const tt_plans *x, const int64_t *cuts, size_t n, tt_arena *arena,
                      tt_money_course *c, tt_err *err);

size_t tt_money_n_rows(const tt_money_course *c);

/* The rows of one segment into ret[tt_money_n_rows() x items]. */
void tt_money_segment_rows(const tt_money_course *c, size_t s, enum tt_money_less less,
                           double factor, int64_t *ret);

/* All rows, at `factor` of what is expected. Errors: TT_ENOMEM. */
int tt_money_rows(tt_money_course *c, enum tt_money_less less, double factor, tt_arena *arena,
                  tt_err *err);
#endif
