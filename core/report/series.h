/* series.h - the course of what a finding is about, as columns of time: a metric of its
 * cards, or where the detector reads none, how many cards its pods held; and how much of
 * it was measured. For plots and for machines; it draws nothing (plot.h). */
#ifndef TT_REPORT_SERIES_H
#define TT_REPORT_SERIES_H
#include "bill/settings.h"
#include "report/reach.h"

enum tt_course_kind { TT_COURSE_NONE, TT_COURSE_METRIC, TT_COURSE_HELD };

typedef struct tt_course_column {
	double mean;             /* of the metric: of the busiest carrier of a card or node,
	                          * over all carriers otherwise; or cards held. NaN: nothing
	                          * was measured */
	double max;              /* highest reading of any carrier; or cards held by all of
	                          * the subject's pods where `mean` is of nobody's */
	int64_t alive_s;         /* seconds that carriers were there to be measured */
	int64_t measured_s;      /* of them */
} tt_course_column;

typedef struct tt_course_carrier { /* one carrier over the window */
	uint32_t carrier;
	int metric;              /* that was read; TT_METRIC_NONE: none */
	int64_t n, measured_s, alive_s;
	int64_t steps, steps_missing; /* of its life, at the snapshot's step; -1 unknown */
	double mean, p95, p99, max;
} tt_course_carrier;

typedef struct tt_course {
	enum tt_course_kind kind;
	int metric;              /* TT_ACTIVITY_PCT, ... */
	int busiest;             /* METRIC: `mean` is of the busiest carrier */
	int nobodys;             /* HELD: `mean` is of pods without an owner */
	int64_t start_s, end_s, column_s;
	int64_t unit_s;          /* of which columns are made: an hour, or a step */
	tt_course_column *v; size_t n;
	tt_course_carrier *carriers; size_t n_carriers;
} tt_course;

/* Columns are whole hours, or whole steps of a short window; at most `most` of them.
 * `metric` TT_METRIC_NONE: cards held. Errors: TT_ENOMEM, TT_EIO and TT_EDATA (the file
 * is damaged). */
int tt_course_make(const tt_snapshot *s, const tt_settings *st, const tt_reach *r, int metric,
                   size_t most, tt_arena *arena, tt_course *ret, tt_err *err);
#endif
