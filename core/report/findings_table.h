/* findings_table.h - the parts of the report for people that are about findings. Each
 * finding stands in one place: a step of the plan, an enabler, left out with its reason, or
 * noticed with nothing to do about it. */
#ifndef TT_REPORT_FINDINGS_TABLE_H
#define TT_REPORT_FINDINGS_TABLE_H
#include "report/audit.h"
#include "report/layout.h"

void tt_findings_plan(tt_page *p, const tt_audit *a);
void tt_findings_enablers(tt_page *p, const tt_audit *a);
void tt_findings_left_out(tt_page *p, const tt_audit *a);
void tt_findings_noticed(tt_page *p, const tt_audit *a);
void tt_findings_words(tt_page *p, const tt_audit *a); /* what severity and such mean */
void tt_findings_not_examined(tt_page *p, const tt_audit *a);
#endif
