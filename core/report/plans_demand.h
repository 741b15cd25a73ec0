/* plans_demand.h - what the demand of a planned pool was read from, for the reports of plans. */
#ifndef TT_REPORT_PLANS_DEMAND_H
#define TT_REPORT_PLANS_DEMAND_H
#include "base/json.h"
#include "commit/plans.h"

/* Append sentences to `out`; nothing where there is nothing to remark upon. */
void tt_plans_demand_text(const tt_eligible *e, const tt_plans_pool *p, tt_buf *out);
/* Of that, what accepted changes do; each sentence is before a blank. */
void tt_plans_net_text(const tt_eligible_pool *p, tt_buf *out);
/* "demand": {...}. */
void tt_plans_demand_json(const tt_eligible *e, const tt_plans_pool *p, tt_json *j);
#endif
