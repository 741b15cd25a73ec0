/* plans.h - what to commit to in the next quarters, as a table, JSON or CSV (commit/plans.h). */
#ifndef TT_REPORT_PLANS_H
#define TT_REPORT_PLANS_H
#include "base/text.h"
#include "commit/net.h"
#include "commit/plans.h"

typedef struct tt_plans_report {
	const tt_snapshot *snapshot;
	const tt_eligible *eligible;
	const tt_plans *plans;
	const char *pool_by, *unit, *gaps, *rate_ratio; /* as options said; the last may be NULL */
	const tt_plans_options *asked;
	const tt_net *net;          /* what demand is net of; NULL: gross */
} tt_plans_report;

/* Append it; out->failed when memory runs out. */
void tt_plans_table(const tt_plans_report *r, int color, tt_buf *out);
void tt_plans_json(const tt_plans_report *r, tt_buf *out);
/* One row for each sale and purchase, as a purchasing system takes it. */
void tt_plans_csv(const tt_plans_report *r, tt_buf *out);
#endif
