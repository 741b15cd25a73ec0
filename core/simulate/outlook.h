/* outlook.h - what is assumed about the future, ready to be drawn: one world at a time, each
 * number at its own address.
 *
 * Demand, price and interruption level of a region are scalars of the fleet (scalars.h), in
 * the order of the regions' names; beyond twelve they are Philox like everything else. Weekly
 * demand is a stationary AR(1) in the logarithm, of which a share is common to the region.
 * What belongs to a change has the stream of its text. */
#ifndef TT_SIMULATE_OUTLOOK_H
#define TT_SIMULATE_OUTLOOK_H
#include "simulate/calendar.h"
#include "simulate/draws.h"
#include "simulate/effects.h"
#include "simulate/scalars.h"

#define TT_WORLD_POINT UINT64_MAX /* every draw at its median, weeks in turn, all adopted */

typedef struct tt_outlook tt_outlook;

typedef struct tt_world {
	size_t *block;              /* [weeks] of the calendar */
	double *level;              /* [pools * weeks] 1: as measured */
	double *price;              /* [pools * pieces] times the price */
	double *paid;               /* [pools] times what is paid for, by interruptions */
	double *interruptions_per_h; /* [pools] events for an hour of an instance */
} tt_world;

typedef struct tt_outcome {         /* of a change, in one world */
	bool adopted;
	double realised_ratio;
	int64_t start_s, end_s;     /* in force, within the horizon */
} tt_outcome;

/* They must outlive it. Errors: TT_EDATA (of distributions), TT_ENOMEM. */
int tt_outlook_make(const tt_bound_scenario *sc, const tt_calendar *c, tt_effects *e,
                    uint64_t seed, uint64_t n_worlds, tt_outlook **ret, tt_err *err);
void tt_outlook_free(tt_outlook *o);
void tt_outlook_freep(tt_outlook **o);
/* Take up the pools that the effects have got meanwhile; `hours` are instances' in the
 * horizon by pool, for how many interruptions there are; NULL: as they were. */
int tt_outlook_pools(tt_outlook *o, const double *hours, tt_err *err);

/* Whether demand moves autoscaled pools at all. */
bool tt_outlook_moves_demand(const tt_bound_scenario *sc);

void tt_outlook_change(const tt_outlook *o, uint64_t world, size_t change, tt_outcome *ret);
int tt_world_make(const tt_outlook *o, tt_world *ret, tt_err *err);
void tt_world_free(tt_world *w);
void tt_outlook_world(const tt_outlook *o, uint64_t world, tt_world *ret);
#endif
