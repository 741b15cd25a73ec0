/* known_prices.h - prices that are known already: rows of prices.csv dated after the window's
 * end, which hold from their date.
 *
 * A pool follows the list where what it pays is what its row says, or that with the discount of
 * its terms; a price of nodes.csv or of a change that differs is a price of its own, and stays.
 * What is signed (reserved, owned, committed) stays too. */
#ifndef TT_SIMULATE_KNOWN_PRICES_H
#define TT_SIMULATE_KNOWN_PRICES_H
#include "simulate/bind.h"
#include "simulate/calendar.h"
#include "simulate/effects.h"

/* Dates within the horizon at which a price on demand or of spot begins for what the fleet has
 * or a change moves to or adds; none where the scenario says so. Into the arena, by date,
 * distinct. `ret_rows` are how many rows that is. */
int tt_known_dates(const tt_bound_scenario *sc, const tt_effects *e, tt_arena *arena,
                   int64_t **ret, size_t *ret_n, size_t *ret_rows, tt_err *err);
/* Times the price of the pool in every piece, into ret[pieces]; false: 1 in all of them. */
bool tt_known_ratios(const tt_bound_scenario *sc, const tt_calendar *c, const tt_pool *pool,
                     double *ret);
#endif
