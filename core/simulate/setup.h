/* setup.h - all that worlds of a scenario need before the first is priced. */
#ifndef TT_SIMULATE_SETUP_H
#define TT_SIMULATE_SETUP_H
#include "simulate/pricing.h"

typedef struct tt_setup {       /* zero-initialise */
	tt_calendar calendar;
	tt_effects *effects;
	tt_outlook *outlook;
	tt_pricing *pricing;
	size_t known_prices;    /* rows of prices.csv whose date is in the horizon */
	tt_arena *arena;
} tt_setup;

/* For worlds below `n_worlds`. `hourly`: the horizon is cut at every hour, for one world to
 * be looked at. They must outlive it; free it even when this fails. Errors: those of its
 * parts. */
int tt_setup_make(const tt_bound_scenario *sc, const tt_bill *b, const tt_settings *st,
                  uint64_t seed, size_t n_worlds, bool hourly, tt_setup *ret, tt_err *err);
void tt_setup_free(tt_setup *u);
#endif
