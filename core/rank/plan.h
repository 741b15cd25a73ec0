/* plan.h - from findings to a plan: what each would save alone, which are taken in which
 * order, what they save together, and why the others are left out.
 *
 * A saving is always the difference of two bills (pricer.h). The plan holds findings
 * whose changes can be priced, whose risk is allowed and that save something; labels and
 * other findings without a saving are its enablers. How it decides: README.md. */
#ifndef TT_RANK_PLAN_H
#define TT_RANK_PLAN_H
#include "bill/bill.h"
#include "host/detect.h"

enum tt_place { TT_IN_PLAN, TT_ENABLER, TT_LEFT_OUT };

typedef struct tt_ranked tt_ranked;

typedef struct tt_lost {           /* saving that another finding has already */
	const tt_ranked *to;
	const char *why;
	int64_t micro;             /* of the window */
} tt_lost;

struct tt_ranked {                 /* one finding and what became of it */
	const tt_found *found;
	enum tt_place place;
	const char *why;           /* it was left out; "" otherwise */
	const char *kept_by;       /* what keeps its nodes, where they don't empty: at most three
	                            * by name and how many more; "" otherwise */
	const char *note;          /* what its saving does not say; "" nothing */
	int risk;                  /* TT_RISK_*: the finding's or, of what is taken, a
	                            * change's, whichever is larger */
	const tt_change **changes; /* [n_changes] the way that is taken; none: not priced */
	size_t n_changes;
	/* of the window; TT_MONEY_UNKNOWN: not priced, or not in the plan */
	int64_t standalone_micro, in_plan_micro;
	int64_t standalone_per_month, in_plan_per_month;
	int64_t concerned_per_month;
	tt_lost *lost;             /* [n_lost] largest first, then by id */
	size_t n_lost;
	const char *severity, *wave;
};

typedef struct tt_step {
	tt_ranked *finding;
	int64_t marginal_per_month, cumulative_per_month;
	double cumulative_effort_days;
	/* the marginal saving for each engineer-day; TT_MONEY_UNKNOWN where it takes none */
	int64_t per_month_per_day;
} tt_step;

#define TT_WAVES 3

typedef struct tt_wave_sum {       /* the steps of one wave */
	const char *wave;          /* "quick_win", "medium", "long" */
	size_t n;
	int64_t saving_per_month;
	double effort_days;
} tt_wave_sum;

typedef struct tt_plan {
	tt_ranked **v;             /* [n] every finding: largest in-plan saving first,
	                            * then stand-alone, then id */
	size_t n;
	tt_step *steps; size_t n_steps;
	tt_wave_sum waves[TT_WAVES]; /* in that order; they add up to the plan */
	const tt_ranked **enablers; size_t n_enablers; /* spend per engineer-day */
	const tt_ranked **left_out; size_t n_left_out; /* in the order of v */
	double effort_days;
	int64_t saving_micro, saving_per_month;
	/* what adding up single savings would say: of the steps, and of what was left out
	 * because a step saves the same already */
	int64_t standalone_sum_per_month;
	tt_arena *arena;
} tt_plan;

/* The plan keeps pointers into `f`, which has to outlive it. Errors: TT_ENOMEM, TT_EDATA
 * (an amount that does not fit). */
int tt_plan_make(const tt_bill *b, const tt_settings *st, const tt_findings *f, tt_plan **ret,
                 tt_err *err);
void tt_plan_free(tt_plan *p);
void tt_plan_freep(tt_plan **p);
#endif
