/* usage_series.h - one metric of one carrier while it is being read: histogram,
 * hourly rollup and aligned series, all in bounded memory.
 *
 * Readings come in time order as (interval, value). What is finished (parts of the
 * aligned series, finished hours) goes to a spill. One thread at a time. */
#ifndef TT_SNAPSHOT_USAGE_SERIES_H
#define TT_SNAPSHOT_USAGE_SERIES_H
#include "base/money.h"
#include "snapshot/metrics.h"
#include "snapshot/spill.h"
#include <stdbool.h>

#define TT_PART_CELLS 512  /* aligned cells in one spilled part */
#define TT_PART_HOURS 48   /* hours in one spilled part         */

typedef struct tt_weight { uint32_t n, seconds; } tt_weight;

/* Counts of codes [lo, lo + n); grows as codes come. */
typedef struct tt_histogram {
	tt_weight *v;
	uint32_t lo, n;
} tt_histogram;

/* An hour as it is stored: mean and p95 and max as codes (mean of a PCT metric in
 * hundredths of a point). seconds 0: nothing known. */
typedef struct tt_packed_hour { uint16_t mean, p95, max, seconds; } tt_packed_hour;

typedef struct tt_code_s { uint16_t code, seconds; } tt_code_s;

typedef struct tt_series_state {
	const tt_metric_def *def;
	const int64_t *value;      /* waiting readings; owned by usage.c */
	tt_histogram histogram;
	int64_t n, seconds, min_micro, max_micro;
	tt_i128 sum_micro, sum_micro_s;
	/* the aligned cell being filled */
	int32_t cell, cell_end_s, cell_s;
	tt_i128 cell_sum;
	int64_t cell_max;
	/* the aligned part being filled: cells [part_first, part_first + part_n) */
	int32_t part_first, part_n;
	bool part_max;             /* somewhere max differs from mean */
	uint16_t *mean, *max;      /* [TT_PART_CELLS] */
	uint64_t parts;            /* spill chain */
	/* the hour being filled */
	int32_t hour, hour_end_s, hour_s;
	tt_i128 hour_sum;
	tt_code_s *pairs;          /* [n_pairs] codes seen in this hour */
	size_t n_pairs, cap_pairs;
	tt_packed_hour *hours;     /* [TT_PART_HOURS] from hours_first */
	int32_t hours_first, hours_n;
	uint64_t hour_parts;       /* spill chain */
} tt_series_state;

/* What a thread lends to every series it works on. */
typedef struct tt_series_scratch {
	tt_spill *spill;
	int32_t step_s;            /* of the aligned series; 0: none */
	uint32_t weight[TT_LOG_CODES + 1]; /* all zero between calls */
} tt_series_scratch;

/* A spilled part: first cell (or hour) and how many, then the values. */
typedef struct tt_part_head { int32_t first, n; uint32_t has_max; } tt_part_head;

int tt_series_state_new(const tt_metric_def *def, const int64_t *value, tt_series_state **ret,
                        tt_err *err);
void tt_series_state_free(tt_series_state *s);

/* Take the readings value[0..n) for the intervals [t[i], t[i] + d[i]), seconds from the
 * window's start, d > 0; INT64_MIN is a missing reading and covers nothing. */
int tt_series_take(tt_series_state *s, tt_series_scratch *x, const int32_t *t,
                   const int32_t *d, size_t n, tt_err *err);
/* Write out what is pending. */
int tt_series_end(tt_series_state *s, tt_series_scratch *x, tt_err *err);
#endif
