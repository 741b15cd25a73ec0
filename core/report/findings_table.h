/* findings_table.h - the parts of the report for people that are about findings: the
 * plan's steps, the findings behind them, enablers, what was left out and why. */
#ifndef TT_REPORT_FINDINGS_TABLE_H
#define TT_REPORT_FINDINGS_TABLE_H
#include "report/audit.h"
#include "report/layout.h"

void tt_findings_plan(tt_page *p, const tt_audit *a);
void tt_findings_list(tt_page *p, const tt_audit *a);
void tt_findings_enablers(tt_page *p, const tt_audit *a);
void tt_findings_left_out(tt_page *p, const tt_audit *a);
void tt_findings_not_examined(tt_page *p, const tt_audit *a);
#endif
