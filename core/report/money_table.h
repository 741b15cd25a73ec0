/* money_table.h - the parts of the report for people that are about money: the buckets by
 * both rules, and the bill by owner, node group, GPU model and kind of workload.
 *
 * GPU-hours beside an amount are those that the amount was paid for; hours without a price
 * have a line of their own, so both columns add up and one may be divided by the other. */
#ifndef TT_REPORT_MONEY_TABLE_H
#define TT_REPORT_MONEY_TABLE_H
#include "report/audit.h"
#include "report/layout.h"

void tt_money_buckets(tt_page *p, const tt_audit *a);
void tt_money_breakdowns(tt_page *p, const tt_audit *a);
/* "USD", or "units" where prices are not money. */
const char *tt_money_unit(const tt_audit *a);
#endif
