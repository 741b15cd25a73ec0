/* money_buy.h - the search of money.h: purchases of several offers at several dates, on the
 * bill of each segment. For money*.c alone. */
#ifndef TT_COMMIT_MONEY_BUY_H
#define TT_COMMIT_MONEY_BUY_H
#include "commit/money.h"
#include "maths/money_plan.h"

typedef struct tt_money_buy {
	const tt_money_course *c;
	const tt_money_all_terms *all;
	tt_arena *arena;
	size_t *offers;             /* [n_offers] numbers in `all` */
	size_t n_offers;
	tt_offer *conditions;       /* [n_offers] least and most of a purchase, in steps */
	tt_rolling dates;           /* segments, and when each offer can be bought */
	tt_ladder_offer *spots;     /* [n_quarters * n_offers] */
	size_t n_spots;
	tt_decimal *rates;          /* [all.n][items] */
	tt_money_biller *billers;   /* [segments] */
	int64_t *bought;            /* [n_spots] steps */
	int64_t **committed;        /* [segments][all.n] micro-units an hour */
	tt_i128 *cost;              /* [segments] of all rows, x hours */
	int64_t *micro;             /* [all.n] room */
	tt_i128 *tried;             /* [segments] room */
	bool limited;               /* a purchase was of a size that can't be had */
	double work, most_work;     /* spent on bills */
} tt_money_buy;

/* Prepare: nothing is bought. `quarters` and start of the plan as there. */
int tt_money_buy_open(tt_money_buy *f, const tt_money_course *c,
                         const tt_money_all_terms *all, size_t quarters, int64_t start_s,
                         tt_arena *arena, tt_err *err);

/* `committed` as held and bought say. */
void tt_money_buy_commit(tt_money_buy *f);

/* Find purchases; *ret_exact: none costs less. */
int tt_money_buy_run(tt_money_buy *f, bool *ret_exact, tt_err *err);
#endif
