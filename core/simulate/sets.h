/* sets.h - which sets of changes worlds will ask for, worked out before the first: for each
 * the tables of the pools that it touches (weeks.h). Making is for one thread; looking up is
 * for any. pricing.c's own. */
#ifndef TT_SIMULATE_SETS_H
#define TT_SIMULATE_SETS_H
#include "simulate/outlook.h"
#include "simulate/weeks.h"

typedef struct tt_set_tables {   /* of a set of changes */
	tt_weeks *v; size_t n;
} tt_set_tables;

typedef struct tt_component_sets {
	tt_set_tables *v; size_t n, cap; /* by the set's number */
	size_t *alone;           /* [changes of it] numbers of the sets of one */
	size_t *chain;           /* [changes of it] numbers of the sets up to it */
} tt_component_sets;

typedef struct tt_sets {         /* zero-initialise */
	const tt_bound_scenario *sc;
	const tt_calendar *calendar;
	tt_effects *effects;
	tt_outlook *outlook;
	tt_component_sets *components; /* of the effects */
	tt_arena *arena;         /* of the tables */
} tt_sets;

/* All that worlds below `n_worlds` and the point ask for. Free it even when this fails.
 * Errors: those of tt_effects_of(). */
int tt_sets_make(const tt_bound_scenario *sc, const tt_calendar *c, tt_effects *e,
                 tt_outlook *o, size_t n_worlds, tt_sets *ret, tt_err *err);
void tt_sets_free(tt_sets *s);

/* The number of the set, whose tables are there then. */
int tt_sets_find(tt_sets *s, size_t component, const tt_set *set, size_t *ret, tt_err *err);
#endif
