/* plot.h - a small plot in text: a series over a window of time, held against thresholds.
 *
 * Columns of blocks for what was measured, a dot for the highest reading of a column, a
 * dashed line at each threshold, shade where nothing was measured, and nothing where there
 * was nothing to measure. It knows numbers and times; what they are of is said around it. */
#ifndef TT_REPORT_PLOT_H
#define TT_REPORT_PLOT_H
#include "report/layout.h"

#define TT_PLOT_ROWS 6
#define TT_PLOT_CELLS 84  /* of the page, behind the labels */

enum tt_plot_state {
	TT_PLOT_SEEN,
	TT_PLOT_PARTLY,          /* measured for a part of it: shade in the top row */
	TT_PLOT_MISSING,         /* not measured: shade in all rows */
	TT_PLOT_ABSENT           /* nothing was there to be measured */
};

typedef struct tt_plot_column {
	enum tt_plot_state state;
	double value;            /* height of the block; SEEN and PARTLY, >= 0 */
	double mark;             /* height of the dot; NaN none */
} tt_plot_column;

typedef struct tt_plot {
	const tt_plot_column *v; size_t n; /* at most TT_PLOT_CELLS */
	const double *lines; size_t n_lines; /* thresholds, > 0 */
	double top;              /* value at the top; 0: as tt_plot_top() finds it */
	int64_t start_s, end_s, column_s;  /* of column i: from start_s + i x column_s */
} tt_plot;

/* The value at the top: what was said; else 1, 2 or 5 times a power of ten, not below
 * anything that is drawn, and with thresholds at least twice the lowest of them, so that it is
 * inside. */
double tt_plot_top(const tt_plot *p);

/* Seconds between two ticks of the axis. */
int64_t tt_plot_tick_s(const tt_plot *p);

/* Rows, axis and dates; ends after a line. Nothing where n is 0. */
void tt_plot_draw(const tt_plot *p, tt_page *page);
#endif
