/* portfolio_moves.h - what could use what is stranded, and what detectors say of what is held, for
 * portfolio_table.c and portfolio_json.c alone. */
#ifndef TT_REPORT_PORTFOLIO_MOVES_H
#define TT_REPORT_PORTFOLIO_MOVES_H
#include "base/json.h"
#include "report/layout.h"
#include "report/portfolio.h"

void tt_portfolio_moves_table(const tt_portfolio_report *r, tt_page *p);
void tt_portfolio_moves_json(const tt_portfolio_report *r, tt_json *j);
#endif
