/* cuts.h - which price cuts of a scenario reach a pool. */
#ifndef TT_SIMULATE_CUTS_H
#define TT_SIMULATE_CUTS_H
#include "simulate/bind.h"
#include "simulate/capacity.h"

/* Bits of sc->cuts, of which there are at most 64: those that mean a price like the pool's, or
 * nodes of it; of what commitments leave of a kind, nodes of the kind. */
uint64_t tt_cuts_of(const tt_bound_scenario *sc, const tt_pools *p, size_t pool);
#endif
