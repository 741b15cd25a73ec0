/* plans_pool.h - a pool of a plan, for people: its chart, what to buy now and later, and what may
 * come of it. */
#ifndef TT_REPORT_PLANS_POOL_H
#define TT_REPORT_PLANS_POOL_H
#include "report/layout.h"
#include "report/plans.h"

/* Nothing for a pool of which there is nothing to show. */
void tt_plans_pool_table(tt_page *p, const tt_plans_report *r, const tt_plans_pool *pool);

/* Why nothing is planned to be bought or sold; NULL: something is. */
const char *tt_plans_nothing(const tt_plans_pool *pool);

/* "2026-01-05", into buf[TT_CELL_TEXT]. */
const char *tt_plans_day(int64_t t, char *buf);
#endif
