/* service_risk.h - what the changes of a simulation make users wait for: each over the window
 * (change/service.h), weighed by how much of the horizon it is adopted and in force; what is
 * interrupted, as the worlds have it. simulation.c's own. */
#ifndef TT_SIMULATE_SERVICE_RISK_H
#define TT_SIMULATE_SERVICE_RISK_H
#include "simulate/setup.h"
#include "simulate/simulation.h"

/* Of s->n_worlds worlds, into s->changes, which is there, and the sums. Errors: TT_ENOMEM. */
int tt_service_risk(const tt_setup *u, const tt_bound_scenario *sc, const tt_settings *st,
                    const tt_results *worlds, tt_simulation *s, tt_err *err);
#endif
