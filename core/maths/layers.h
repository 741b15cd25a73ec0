/* layers.h - how much of a demand that goes up and down is worth a fixed rate: the layer rule.
 *
 * Demand is cut into layers of one unit each. What is committed is paid in every hour, what is
 * not is paid at the price of the hours that use it, so layer k pays where
 *
 *     price x (hours in which layer k is used)  >  rate x (all hours)
 *
 * and, as higher layers are never used longer, all layers up to the last that pays are the
 * optimum: of whole units the m-th largest demand with m = rate x hours / price + 1. The same
 * rule says what to keep of units that could be sold: the rate is then what a sale brings.
 *
 * Exact: whole numbers throughout, ties included. A layer that only breaks even is not bought.
 * Demand is in parts of a unit, so that a node that lived for half of an hour is half of one.
 * Who has something already asks with the residual, max(demand - held, 0), expiries
 * included. Knows no calendar and no money but two numbers in one unit. Pure functions. */
#ifndef TT_MATHS_LAYERS_H
#define TT_MATHS_LAYERS_H
#include "base/money.h"
#include <stddef.h>
#include <stdint.h>

typedef struct tt_layers_demand {
	const int64_t *v;   /* [n] of each hour, in parts; what is below 0 counts as 0 */
	size_t n;
	int64_t unit;       /* parts of one unit, > 0 */
} tt_layers_demand;

typedef struct tt_layers {
	int64_t units;      /* the optimum: whole units */
	size_t rank;        /* m: a layer has to be used in so many hours, of whole units */
	/* Of layer `units` (0 where there is none) and the one above it, in parts x hours. */
	tt_i128 last_busy, next_busy;
	/* Of the optimum, and of none at all, in parts x hours x money. */
	tt_i128 cost, none_cost;
	tt_i128 busy, all_busy; /* of what is committed, and of the demand: in parts x hours */
} tt_layers;

/* Parts x hours in which layer `layer` (from 1) is used. */
tt_i128 tt_layers_busy(const tt_layers_demand *d, int64_t layer);
/* rate x units x hours + price x what is above, in parts x hours x money. */
tt_i128 tt_layers_cost(const tt_layers_demand *d, int64_t units, tt_i128 rate, tt_i128 price);
/* The optimum at rate and price of an hour of one unit, 0 to 2^80 each. A price of 0, or no
 * hours: nothing. O(n log of the largest demand). */
void tt_layers_best(const tt_layers_demand *d, tt_i128 rate, tt_i128 price, tt_layers *ret);
#endif
