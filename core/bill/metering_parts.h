/* metering_parts.h - what preparing, adding and reading share; for metering*.c alone.
 *
 * A commitment is a budget: so much a second, of a measure in which every item it can
 * cover has a weight (what one micro_s of it takes). For money the weight is the rate under
 * the plan, for cards the cards of a unit, for sizes the size; budget and weights are
 * divided by what they have in common. */
#ifndef TT_BILL_METERING_PARTS_H
#define TT_BILL_METERING_PARTS_H
#include "base/memory.h"
#include "bill/limbs.h"
#include "bill/metering.h"

typedef struct tt_metering_pair {
	uint32_t item, commitment;
	uint64_t weight;
} tt_metering_pair;

typedef struct tt_metering_budget {
	tt_i128 per_s;              /* units_micro x base */
	uint64_t base;              /* measure of one unit (of money: of what an hour commits) */
	uint64_t common;            /* what measure and weights were divided by */
	int64_t starts_s, ends_s;   /* INT64_MIN, INT64_MAX where open */
	bool is_money, cost_known;
	uint64_t units_micro;       /* 1000000 of money */
	uint64_t term_s;            /* 1 where open */
	tt_decimal price_per_hour;  /* of one unit; of money: all of it */
	tt_decimal upfront;
} tt_metering_budget;

struct tt_metering {
	tt_arena *arena;
	size_t n_items, n_commitments, n_pairs;
	tt_decimal *price;          /* [items]; TT_DECIMAL_MISSING */
	tt_metering_budget *budgets;/* [commitments] */
	tt_metering_pair *pairs;    /* in the order in which they apply */
	uint32_t *by_commitment;    /* pairs, sorted by commitment, else in that order */
	size_t *first;              /* [commitments + 1] into by_commitment */
	size_t width;               /* words that hold any fraction of one hour */
};

struct tt_metering_sums {
	const tt_metering *m;
	tt_arena *arena;
	/* Since the sums were made: */
	tt_i128 *sum; size_t n_sum; /* all of the following in one piece */
	tt_i128 *used, *on_demand, *cost, *list;    /* [items]; the last two as money */
	tt_i128 *unused;            /* [commitments], in their measure */
	tt_i128 *units, *spent;     /* [pairs], of the item and of the measure */
	int64_t *held_s;            /* [commitments] */
	/* Within an hour. What is left is a whole number as long as its level is 0; else it
	 * is the number in its words over the product of the first `level` factors, and the
	 * whole number is that, rounded so that parts add up. */
	int64_t *left;              /* [items] */
	tt_i128 *budget;            /* [commitments] */
	uint32_t *item_level, *budget_level;
	uint64_t *item_words, *budget_words;        /* width x n */
	uint64_t *factors; size_t n_factors;        /* at most one for each commitment */
	uint64_t *scratch;          /* width */
};

/* Seconds of a budget's term in [from, to). */
int64_t tt_metering_held_s(const tt_metering_budget *b, int64_t from_s, int64_t to_s);
#endif
