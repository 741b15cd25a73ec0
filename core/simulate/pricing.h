/* pricing.h - what baseline and changes cost in one world after the other, in the same draws.
 *
 * In a world the changes that are adopted are put on top of one another in the order of
 * composition; what each saves is the difference that it makes there, times what of it is
 * realised, in the time in which it is in force. All that worlds need is worked out before
 * the first is priced, so that any number of threads can price them. */
#ifndef TT_SIMULATE_PRICING_H
#define TT_SIMULATE_PRICING_H
#include "simulate/outlook.h"
#include "simulate/owners.h"
#include "simulate/results.h"
#include "simulate/weeks.h"

typedef struct tt_pricing tt_pricing;

/* For worlds below `n_worlds`; all must outlive it. Errors: those of tt_effects_of(). */
int tt_pricing_make(const tt_bound_scenario *sc, const tt_calendar *c, tt_effects *e,
                    tt_outlook *o, size_t n_worlds, tt_pricing **ret, tt_err *err);
void tt_pricing_free(tt_pricing *p);

/* Answer these owners' budgets, too; NULL: none. They must outlive it. */
void tt_pricing_owners(tt_pricing *p, const tt_owners *o);

/* Room for the results of so many worlds; `service`: for what is interrupted, too. */
int tt_pricing_results(const tt_pricing *p, size_t worlds, bool service, tt_results *ret,
                       tt_err *err);

/* Worlds [from, to) into their rows. Any number of threads. Errors: TT_EDATA (an amount that
 * does not fit), TT_ENOMEM. */
int tt_pricing_worlds(const tt_pricing *p, size_t from, size_t to, tt_results *ret, tt_err *err);
/* One world (or TT_WORLD_POINT) into row 0 of results of one world, and into their pieces if
 * there is room for them. */
int tt_pricing_one(const tt_pricing *p, uint64_t world, tt_results *ret, tt_err *err);

/* What a set of a component's changes saves at the point, without charges. */
int tt_pricing_save_at_point(tt_pricing *p, size_t component, const tt_set *set, int64_t *ret,
                             tt_err *err);
#endif
