/* expiries.h - when what is held ends, and what the bill is a month before and after, with the
 * usage of the window: what falls back to on demand then.
 *
 * Each date is two bills, of the moment before and of the moment itself (tt_held_ahead), so a
 * commitment that starts as another ends takes over what it can. Nothing is taken to be
 * renewed. */
#ifndef TT_COMMIT_EXPIRIES_H
#define TT_COMMIT_EXPIRIES_H
#include "bill/bill.h"

typedef struct tt_expiry {
	int64_t at_s;
	const tt_commitment_row **rows; size_t n; /* what ends then, by id */
	/* a month, 730 hours like those of the window on average */
	int64_t ends_micro;         /* less is paid for what is held */
	int64_t on_demand_micro;    /* more is paid on demand */
	int64_t more_micro;         /* their difference: below 0, the bill falls */
} tt_expiry;

typedef struct tt_expiries {
	int64_t month_micro;        /* of what is metered, at the end of the window */
	int64_t after_micro;        /* when all of it has ended */
	tt_expiry *v; size_t n;     /* by date, after the window */
	size_t n_open;              /* rows without an end */
} tt_expiries;

/* In `arena`. Errors: TT_EDATA, TT_ENOMEM. */
int tt_expiries_make(const tt_bill *b, const tt_settings *st, tt_arena *arena, tt_expiries *ret,
                     tt_err *err);
#endif
