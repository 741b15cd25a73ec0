/* audit.h - an audit as the reports see it: the snapshot, its bill, the plan, and what
 * has to be said beside the figures. The table, JSON and CSV show this one thing, so
 * they can't disagree. Nothing is computed here that another module computes. */
#ifndef TT_REPORT_AUDIT_H
#define TT_REPORT_AUDIT_H
#include "host/detect.h"
#include "rank/plan.h"
#include "report/breakdown.h"
#include "report/texts.h"
#include "rules/rules.h"

#define TT_AUDIT_SHORT_S (14 * 86400) /* a window below it says little about a month */

typedef struct tt_audit {
	/* given */
	const tt_snapshot *snapshot;
	const tt_settings *settings;
	const tt_bill *bill;
	const tt_findings *findings;
	const tt_plan *plan;
	const tt_rules_said *rules; /* NULL: there are none */
	int64_t seed;
	/* made by tt_audit_make() */
	int64_t window_s;
	int known;               /* some of the capacity has a price */
	double gpus;             /* cards; NaN when the snapshot has no nodes */
	double measured_gpu_hours; /* of a node at most what it has */
	tt_portion whole[TT_RULES];
	tt_breakdown by[TT_DIMENSIONS]; /* by the heading rule */
	tt_texts facts;          /* what can be told without a bill */
	tt_texts notes;          /* what to know when reading the figures */
	tt_texts policy;         /* what guards say */
	tt_texts exempt;         /* findings that are not in the plan by a rule */
	tt_texts gaps;           /* what can't be told, and which table would tell it */
	tt_arena *arena;
} tt_audit;

/* Fill what is made from what is given; everything given has to outlive it.
 * Errors: TT_ENOMEM, TT_EDATA (a sum that does not fit). */
int tt_audit_make(tt_audit *a, tt_err *err);
void tt_audit_reset(tt_audit *a);

enum tt_rule tt_audit_other_rule(const tt_audit *a);
/* "activity from sm_active_ratio on 120 cards, gpu_util_pct on 40, not known on 3";
 * "" when there is no telemetry of cards. */
void tt_audit_activity(const tt_audit *a, char *buf, size_t size);
int64_t tt_audit_per_month(const tt_audit *a, int64_t micro); /* UNKNOWN stays it */
/* An amount of the plan; UNKNOWN where there is no bill that it could be saved on. */
int64_t tt_audit_saving(const tt_audit *a, int64_t micro);
tt_spread tt_audit_savings(const tt_audit *a, tt_spread s);
/* The i-th change of the way that is taken, or of what is proposed where no way can be
 * priced; NULL after the last. */
const tt_change *tt_audit_change(const tt_ranked *r, size_t i);
#endif
