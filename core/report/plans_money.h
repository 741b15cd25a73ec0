/* plans_money.h - commitments of money beside the units of a plan (commit/money.h), as parts of the
 * reports of plans.h. */
#ifndef TT_REPORT_PLANS_MONEY_H
#define TT_REPORT_PLANS_MONEY_H
#include "base/json.h"
#include "commit/money.h"
#include "report/layout.h"

/* A section; nothing where none is offered. */
void tt_plans_money_table(const tt_money_plan *m, tt_page *p);
/* Key "money"; null where none is offered. */
void tt_plans_money_json(const tt_money_plan *m, tt_json *j);
/* One row for each purchase, in the columns of plans.h: what is bought is "money". */
void tt_plans_money_csv(const tt_money_plan *m, const char *currency, tt_buf *out);
#endif
