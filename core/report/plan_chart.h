/* plan_chart.h - demand against the ladder of a pool: what it used week by week, what it is
 * expected to use, and what is held and planned beside it.
 *
 * In text a column of blocks for each step of time, cut where the ladder stands: what it covers,
 * what is left on demand, what of it nothing is expected to use. As SVG all pools, with the
 * band in which four of five courses lie; it needs nothing but itself, has a text for who
 * can't see it, and is drawn for light and dark alike. */
#ifndef TT_REPORT_PLAN_CHART_H
#define TT_REPORT_PLAN_CHART_H
#include "commit/plans.h"
#include "report/layout.h"

typedef struct tt_plan_step {       /* of time */
	int64_t from_s, to_s;
	bool past;                  /* measured; no ladder is known of it */
	double use, low, high;      /* units: mean, and P10 and P90 of what is to come; NaN:
	                             * nothing known */
	double held, bought;        /* units in force; 0 in the past */
} tt_plan_step;

/* The last 52 weeks of history at most, a step for a week, then each segment of what is
 * planned; into an array in `arena`, NULL when memory runs out. */
tt_plan_step *tt_plan_steps(const tt_plans_pool *p, int64_t start_s, tt_arena *arena,
                            size_t *ret_n);

/* The text, at two columns from the left: rows, axis, dates and, where wanted, what the signs
 * are. */
void tt_plan_chart(const tt_plan_step *v, size_t n, bool legend, tt_page *page);

/* Append the SVG of all pools that are planned, up to 200; `name` is the fleet's. TT_ENOMEM. */
int tt_plans_svg(const tt_plans *x, const char *name, tt_buf *out, tt_err *err);
#endif
