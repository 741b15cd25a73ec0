/* contracts.h - commitments of money over their terms: what has been paid or drawn, at which
 * pace, and what that comes to at the end.
 *
 * Money by the hour is paid whether it is used or not: what is lost of it by the end, if the
 * rest of the term is like the window. A sum over a term (committed_use or savings_plan with
 * `upfront` and neither units nor commitment_per_hour) is drawn by what nodes in its scope cost:
 * when it is used up, or what is left. What was drawn before the window is in no table; it is
 * then taken to have been drawn at the window's pace, and that is said. */
#ifndef TT_COMMIT_CONTRACTS_H
#define TT_COMMIT_CONTRACTS_H
#include "bill/bill.h"

typedef struct tt_contract {
	const tt_commitment_row *row;
	const char *missing;        /* why nothing can be said; NULL: see below */
	bool by_hour;
	bool assumed;               /* drawn before the window: at the window's pace */
	int64_t total_micro;        /* of the term */
	int64_t so_far_micro;       /* paid (by the hour) or drawn (a sum) by the window's end */
	int64_t pace_micro;         /* a month of 730 hours, as in the window: used or drawn */
	int64_t needed_micro;       /* that would just use all of it, a month, from now on */
	double used_ratio;          /* by the hour: of it in the window; else NaN */
	int64_t lost_micro;         /* at this pace: not used from now on, or left at the end */
	int64_t used_up_s;          /* a sum: when; TT_TIME_MISSING: not before its end */
} tt_contract;

typedef struct tt_contracts { tt_contract *v; size_t n; } tt_contracts; /* by id */

/* In `arena`; of a bill of the baseline. Errors: TT_EDATA, TT_ENOMEM. */
int tt_contracts_make(const tt_bill *b, tt_arena *arena, tt_contracts *ret, tt_err *err);
#endif
