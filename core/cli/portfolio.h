/* portfolio.h - `trimtab commit FLEET --portfolio`. */
#ifndef TT_CLI_PORTFOLIO_H
#define TT_CLI_PORTFOLIO_H
#include "cli/options.h"

int tt_cmd_portfolio(const tt_options *o, tt_err *err);
#endif
