/* effects.h - what sets of changes do to capacity: each change applied once, then any set of
 * them put together, on top of one another in the order of composition.
 *
 * Order of composition (and of the split of a joint saving): demand first, then what goes,
 * what runs at fewer hours, what is resized, moved or shared, then prices, then commitments;
 * within a verb by the text; or as the changes stand, where the scenario is `in_order`. Changes
 * that belong together are one here. Changes that touch no node and no pool in common are in
 * different components: what they do adds up exactly, so a set is put together component by
 * component. */
#ifndef TT_SIMULATE_EFFECTS_H
#define TT_SIMULATE_EFFECTS_H
#include "simulate/bind.h"
#include "simulate/capacity.h"

#define TT_SET_WORDS 16          /* 1,024 changes in a component */

typedef struct tt_set {          /* of a component's changes, by their place in it */
	uint64_t bits[TT_SET_WORDS];
} tt_set;

typedef struct tt_component {
	size_t *changes; size_t n; /* numbers of changes, in the order of composition */
} tt_component;

typedef struct tt_applied {      /* one change alone, with those that belong to it */
	const tt_change *change; /* as applied to the window: without dates */
	bool is_dated;           /* with them, as without it could not be applied */
	const char *text;        /* of the first, as `change` is */
	tt_case of;
	size_t component, place; /* in it */
	int64_t once_micro;      /* charges that fall due once, with the change */
	int64_t running_micro;   /* charges of the whole window */
	int64_t not_before_s;    /* where it lets lapse and nothing else: the first end of what it
	                          * does; TT_TIME_MISSING: any time */
} tt_applied;

typedef struct tt_effects tt_effects;

/* All of them must outlive it. `follows`: whether demand moves autoscaled pools, so that
 * changes of one pool belong together. Errors: those of tt_change_apply(), with the change's
 * number in front; TT_EDATA (more than 1,024 changes that hang together); TT_ENOMEM. */
int tt_effects_make(const tt_bound_scenario *sc, const tt_bill *b, const tt_settings *st,
                    bool follows, tt_effects **ret, tt_err *err);
void tt_effects_free(tt_effects *e);
void tt_effects_freep(tt_effects **e);

tt_pools *tt_effects_pools(tt_effects *e);
const tt_capacity *tt_effects_baseline(const tt_effects *e);
const tt_applied *tt_effects_applied(const tt_effects *e, size_t change);
size_t tt_effects_components(const tt_effects *e);
const tt_component *tt_effects_component(const tt_effects *e, size_t i);

bool tt_set_has(const tt_set *s, size_t i);
void tt_set_add(tt_set *s, size_t i);

/* What the set does to the component's pools, worked out once: a number for it that stays.
 * The empty set is number 0 of every component. */
int tt_effects_of(tt_effects *e, size_t component, const tt_set *set, size_t *ret, tt_err *err);
const tt_capacity *tt_effects_delta(const tt_effects *e, size_t component, size_t number);
#endif
