/* lost.h - what changes of a simulation save less because of one another, or more: two by two,
 * and where that is not all of it, on top of all that come before. simulation.c's own. */
#ifndef TT_SIMULATE_LOST_H
#define TT_SIMULATE_LOST_H
#include "simulate/setup.h"
#include "simulate/simulation.h"

/* Into `lost` and `together` of s->changes, whose savings are there. Errors: TT_ENOMEM, those
 * of tt_pricing_save_at_point(). */
int tt_simulation_lost(const tt_setup *u, const tt_bound_scenario *sc, tt_simulation *s,
                       tt_err *err);
#endif
