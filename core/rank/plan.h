/* plan.h - from findings to a plan: what each would save alone, which are taken in which
 * order, what they save together, and why the others are left out.
 *
 * A saving is always the difference of two bills (pricer.h). The plan holds findings
 * whose changes can be priced, whose risk is allowed and that save something, surely enough
 * (uncertain.h); labels and other findings without a saving are its enablers. How it
 * decides: README.md. */
#ifndef TT_RANK_PLAN_H
#define TT_RANK_PLAN_H
#include "bill/bill.h"
#include "host/detect.h"

enum tt_place { TT_IN_PLAN, TT_ENABLER, TT_LEFT_OUT };

typedef struct tt_ranked tt_ranked;

/* A saving per month. The point is the difference of two bills of the window, and adds up;
 * quantiles are over worlds, of this amount, and don't. */
typedef struct tt_spread {
	int64_t point;
	int64_t p10, p50, p90;     /* without worlds: UNKNOWN, the point, UNKNOWN */
} tt_spread;

typedef struct tt_lost {           /* saving that another finding has already */
	const tt_ranked *to;
	const char *why;
	int64_t micro;             /* of the window */
	int64_t per_month;         /* P50 */
} tt_lost;

struct tt_ranked {                 /* one finding and what became of it */
	const tt_found *found;
	enum tt_place place;
	const char *why;           /* it was left out; "" otherwise */
	const char *kept_by;       /* what keeps its nodes, where they don't empty: at most three
	                            * by name and how many more; "" otherwise */
	const char *note;          /* what its saving does not say; "" nothing */
	const char *unsure;        /* why it is not sure to save; "" it is, or nobody asked */
	int risk;                  /* TT_RISK_*: the finding's or, of what is taken, a
	                            * change's, whichever is larger */
	const tt_change **changes; /* [n_changes] the way that is taken; none: not priced */
	size_t n_changes;
	uint32_t *nodes;           /* [n_nodes] rows of TT_NODES that a candidate's way touches */
	size_t n_nodes;
	/* of the window; TT_MONEY_UNKNOWN: not priced, or not in the plan */
	int64_t standalone_micro, in_plan_micro;
	tt_spread standalone_per_month, in_plan_per_month;
	int64_t concerned_per_month;
	tt_lost *lost;             /* [n_lost] largest first, then by id */
	size_t n_lost;
	const char *severity, *wave;
};

typedef struct tt_step {
	tt_ranked *finding;
	size_t unit;               /* steps that only save together have the same number */
	/* P50 of what it saves on top of those before it, and of all up to it: the sum is made
	 * within a world, so these are not the sums of those */
	int64_t marginal_per_month, cumulative_per_month;
	double cumulative_effort_days;
	/* the marginal saving for each engineer-day; TT_MONEY_UNKNOWN where it takes none */
	int64_t per_month_per_day;
} tt_step;

#define TT_WAVES 3

typedef struct tt_wave_sum {       /* the steps of one wave */
	const char *wave;          /* "quick_win", "medium", "long" */
	size_t n;
	int64_t saving_per_month;  /* P50 of their sum */
	double effort_days;
} tt_wave_sum;

typedef struct tt_plan_options {
	uint64_t seed;
	size_t most_worlds;        /* a power of two; 0: none, a plan of points */
	int threads;               /* 0: one for each processor */
	double narrow_ratio;       /* of the plan's mean saving: worlds are enough once it is
	                            * known so well; 0: never before the most */
} tt_plan_options;

typedef struct tt_plan_worlds {
	size_t n;                  /* 0: none */
	size_t weeks;              /* whole ones of the window that were drawn from; 0: itself */
	int64_t rest_h;            /* of the window that are in none of them */
	const char *why;           /* there are none though they were asked for; "" */
} tt_plan_worlds;

typedef struct tt_plan {
	tt_ranked **v;             /* [n] every finding: largest in-plan saving first,
	                            * then stand-alone, then id */
	size_t n;
	tt_step *steps; size_t n_steps;
	tt_wave_sum waves[TT_WAVES]; /* in that order */
	const tt_ranked **enablers; size_t n_enablers; /* spend per engineer-day */
	const tt_ranked **left_out; size_t n_left_out; /* in the order of v */
	double effort_days;
	int64_t saving_micro;
	tt_spread saving_per_month;
	/* what adding up single savings would say: of the steps, and of what was left out
	 * because a step saves the same already */
	int64_t standalone_sum_per_month;
	tt_plan_worlds worlds;
	tt_arena *arena;
} tt_plan;

/* The plan keeps pointers into `f`, which has to outlive it. `o` NULL: a plan of points.
 * Errors: TT_ENOMEM, TT_EDATA (an amount that does not fit). */
int tt_plan_make(const tt_bill *b, const tt_settings *st, const tt_findings *f,
                 const tt_plan_options *o, tt_plan **ret, tt_err *err);
/* Whether a sum of single savings has this one in it. */
int tt_counts_alone(const tt_ranked *r);
void tt_plan_free(tt_plan *p);
void tt_plan_freep(tt_plan **p);
#endif
