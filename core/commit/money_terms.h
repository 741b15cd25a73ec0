/* money_terms.h - commitments of money per hour, held or to be had, in the order in which they
 * apply, with what each makes of the prices of a course (money_course.h).
 *
 * The order is that of bill/metering.h: kind after kind. Of one kind, the one that saves most on
 * some item comes first, what is held before what is not: metering goes by item, so where two
 * of a kind differ in what they are best at, this is the order to search by and not the bill. */
#ifndef TT_COMMIT_MONEY_TERMS_H
#define TT_COMMIT_MONEY_TERMS_H
#include "bill/metering.h"
#include "commit/money_course.h"

enum { TT_MONEY_STEP_MICRO = 1000 }; /* an hour: purchases are whole steps */

typedef struct tt_money_terms {
	const char *id;
	const tt_listed_offer *offer; /* NULL: held */
	enum tt_metering_kind kind;
	int64_t starts_h, ends_h;   /* held: from the start of the plan; INT64_MAX: open */
	tt_decimal per_hour;        /* held: committed */
	const tt_decimal *rates;    /* [items] of one unit of the pool; 0: not covered */
	const size_t *order;        /* [n_covered] items, as it is spent on them */
	size_t n_covered;
	double best;                /* the most that it saves, of the price */
} tt_money_terms;

typedef struct tt_money_all_terms {
	tt_money_terms *v;          /* [n] */
	size_t n, n_offers;         /* of them, to be had */
} tt_money_all_terms;

/* Those that cover anything: held after the window, and of `f` (NULL: none). notes[*n_notes]:
 * why others are left out (what is held only without offers); there is room for one for each
 * row and offer. In `arena`. Errors:
 * TT_ENOMEM. */
int tt_money_terms_make(const tt_snapshot *s, const tt_plans *x, const tt_offer_file *f,
                        const tt_money_course *c, tt_arena *arena, const char **notes,
                        size_t *n_notes, tt_money_all_terms *ret, tt_err *err);

/* Steps that a purchase of an offer has at least and at most (0: no limit). False: no whole
 * step is within its limits. */
bool tt_money_steps(const tt_listed_offer *o, int64_t *least, int64_t *most);

/* Whether something held is in force at that hour of the plan. */
bool tt_money_in_force(const tt_money_terms *t, int64_t at_h);

/* Spend so much in one hour: left[items] of a row is what it does not cover. */
void tt_money_spend(const tt_money_terms *t, tt_decimal per_hour, int64_t *left);
#endif
