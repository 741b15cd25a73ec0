/* notes.h - what a reader of a simulation has to know beside its figures: what they rest on
 * and what is not in them. */
#ifndef TT_SIMULATE_NOTES_H
#define TT_SIMULATE_NOTES_H
#include "simulate/setup.h"
#include "simulate/simulation.h"

/* Into s->notes, once all else of it is there. Errors: TT_ENOMEM. */
int tt_simulation_notes(const tt_setup *u, tt_simulation *s, tt_err *err);
#endif
