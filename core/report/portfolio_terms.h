/* portfolio_terms.h - when what is held ends, and how contracts of money stand, for
 * portfolio_table.c and portfolio_json.c alone. */
#ifndef TT_REPORT_PORTFOLIO_TERMS_H
#define TT_REPORT_PORTFOLIO_TERMS_H
#include "base/json.h"
#include "report/layout.h"
#include "report/portfolio.h"

void tt_portfolio_terms_table(const tt_portfolio_report *r, tt_page *p);
void tt_portfolio_terms_json(const tt_portfolio_report *r, tt_json *j);
#endif
