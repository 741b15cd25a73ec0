/* portfolio_use.h - the course of how well a kind of commitment is used, for portfolio_table.c
 * alone. */
#ifndef TT_REPORT_PORTFOLIO_USE_H
#define TT_REPORT_PORTFOLIO_USE_H
#include "report/layout.h"
#include "report/portfolio.h"

/* A plot over the window, and the hours of the week. */
void tt_portfolio_course(const tt_portfolio_report *r, const tt_position_group *g, tt_page *p);
#endif
