/* portfolio.h - what is held, how well it is used, where the rest of it could go, and when it
 * ends, as a table, JSON or CSV (commit/positions.h). */
#ifndef TT_REPORT_PORTFOLIO_H
#define TT_REPORT_PORTFOLIO_H
#include "base/text.h"
#include "commit/contracts.h"
#include "commit/expiries.h"
#include "commit/positions.h"
#include "rank/plan.h"
#include "rank/stranded.h"

typedef struct tt_portfolio_report {
	const tt_snapshot *snapshot;
	const tt_positions *positions;
	const tt_stranded *stranded;
	const tt_expiries *expiries;
	const tt_contracts *contracts;
	const tt_plan *plan;        /* what detectors found of commitments; NULL: none was asked */
	double alarm_ratio;         /* kinds that are used less are named */
} tt_portfolio_report;

/* Append it; out->failed when memory runs out. */
void tt_portfolio_table(const tt_portfolio_report *r, int color, tt_buf *out);
void tt_portfolio_json(const tt_portfolio_report *r, tt_buf *out);
void tt_portfolio_csv(const tt_portfolio_report *r, tt_buf *out);

/* What a kind of commitment is for: "example north ex.h100x8 h100"; "anything" without words. */
void tt_portfolio_scope(const tt_commitment_row *c, tt_buf *out);
bool tt_portfolio_alarms(const tt_portfolio_report *r, const tt_position_group *g);
#endif
