/* commit_options.h - what the options of `trimtab commit` say in numbers. */
#ifndef TT_CLI_COMMIT_OPTIONS_H
#define TT_CLI_COMMIT_OPTIONS_H
#include "cli/options.h"
#include "commit/once.h"
#include "commit/plans.h"

/* Above 0 and up to 1; NaN for NULL. TT_EINVAL. */
int tt_commit_ratio(const char *name, const char *text, double *ret, tt_err *err);

/* The first option that is of plans over quarters alone; NULL: none is given. */
const char *tt_commit_of_plans(const tt_options *o);

/* What a plan is asked with. TT_EINVAL: a number that is none, or an option of plans beside
 * --once or --replay. */
int tt_commit_asked(const tt_options *o, const tt_once_options *oo, tt_plans_options *ret,
                    tt_err *err);
#endif
