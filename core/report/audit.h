/* audit.h - an audit as the reports see it: the snapshot, its bill, the plan, and what
 * has to be said beside the figures. The table, JSON and CSV show this one thing, so
 * they can't disagree. Nothing is computed here that another module computes. */
#ifndef TT_REPORT_AUDIT_H
#define TT_REPORT_AUDIT_H
#include "host/detect.h"
#include "rank/plan.h"
#include "report/breakdown.h"

typedef struct tt_texts { const char **v; size_t n, cap; } tt_texts;

typedef struct tt_demand_seen {  /* of demand.csv, where there are no nodes */
	int64_t hours;           /* that have a row of any key */
	size_t keys;
	double mean_units, peak_units;
	int64_t peak_s;          /* when */
} tt_demand_seen;

typedef struct tt_audit {
	/* given */
	const tt_snapshot *snapshot;
	const tt_settings *settings;
	const tt_bill *bill;
	const tt_findings *findings;
	const tt_plan *plan;
	int64_t seed;
	/* made by tt_audit_make() */
	int64_t window_s;
	int known;               /* some of the capacity has a price */
	double gpus;             /* cards; NaN when the snapshot has no nodes */
	double bucket_gpu_hours[TT_RULES][TT_BUCKETS];
	tt_breakdown by[TT_DIMENSIONS]; /* by the heading rule */
	tt_demand_seen demand;
	tt_texts notes;          /* what to know when reading the figures */
	tt_texts gaps;           /* what can't be told, and which table would tell it */
	tt_arena *arena;
} tt_audit;

/* Fill what is made from what is given; everything given has to outlive it.
 * Errors: TT_ENOMEM, TT_EDATA (a sum that does not fit). */
int tt_audit_make(tt_audit *a, tt_err *err);
void tt_audit_reset(tt_audit *a);

/* "activity from sm_active_ratio on 120 cards, gpu_util_pct on 40, not known on 3";
 * "" when there is no telemetry of cards. */
void tt_audit_activity(const tt_audit *a, char *buf, size_t size);
int64_t tt_audit_per_month(const tt_audit *a, int64_t micro); /* UNKNOWN stays it */
#endif
