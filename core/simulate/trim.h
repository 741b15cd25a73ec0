/* trim.h - leaves out of a bound scenario what says `optional: true` and can't be priced in
 * this fleet: a price or rate that is not known, work that would never end. */
#ifndef TT_SIMULATE_TRIM_H
#define TT_SIMULATE_TRIM_H
#include "simulate/bind.h"

/* For each item of the scenario one reason at most. Errors: TT_ENODATA (nothing would be
 * left), TT_ENOMEM; what is not optional is left to whoever prices it. */
int tt_scenario_trim(tt_bound_scenario *b, const tt_settings *st, tt_err *err);
#endif
