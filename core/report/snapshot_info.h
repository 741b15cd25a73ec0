/* snapshot_info.h - what a snapshot holds: its window, tables, metrics and what was
 * rejected, for people and as trimtab.snapshot_info/1 (README.md). */
#ifndef TT_REPORT_SNAPSHOT_INFO_H
#define TT_REPORT_SNAPSHOT_INFO_H
#include "snapshot/snapshot.h"

typedef struct tt_metric_info {  /* one metric over all its carriers */
	int metric;
	size_t carriers;             /* cards, slices, or else nodes */
	size_t cards, slices;        /* whole cards, and slices of cards */
	int64_t n;
	double measured_hours, coverage_ratio; /* of the life of its nodes */
	double mean, p50, p95, p99, max;
} tt_metric_info;

typedef struct tt_snapshot_info {
	const tt_snapshot *snapshot;
	int64_t file_bytes;          /* -1: not known */
	size_t cards, slices;        /* that have telemetry; a card in slices is one */
	tt_metric_info metrics[TT_METRIC_COUNT];
	size_t n_metrics;
} tt_snapshot_info;

/* Errors: TT_EDATA (damaged histogram), TT_ENOMEM. */
int tt_snapshot_info_make(const tt_snapshot *s, tt_snapshot_info *ret, tt_err *err);
/* Append; out->failed when memory runs out. */
void tt_snapshot_info_table(const tt_snapshot_info *i, int color, tt_buf *out);
void tt_snapshot_info_json(const tt_snapshot_info *i, tt_buf *out);
#endif
