/* bind.h - a scenario for one fleet: selectors become subjects, times after the horizon's
 * begin become dates, and every change is one that core/change would read.
 *
 * Changes stay in the order of the scenario. An item by selector makes ONE change about all
 * that it matches: it is decided, delayed and paid for in effort once, and has one draw of
 * each kind. With `each: true` it makes one change for each match, in the order of ids, and
 * each has draws of its own, since those are addressed by the change's text. Sharing cards is
 * one change by nature. Two changes with one text would be one change counted twice, so that
 * is an error.
 *
 * A caller that has changes already makes a bound scenario of them itself: then several may
 * belong together, some may be priced alone only, and the order may be its own. */
#ifndef TT_SIMULATE_BIND_H
#define TT_SIMULATE_BIND_H
#include "simulate/match.h"
#include "simulate/scenario.h"

typedef struct tt_bound_change {
	const tt_scenario_change *from;
	tt_change change;
	const tt_change *const *also; size_t n_also; /* that belong to it: adopted, counted and
	                              * put on top of the others as one */
	bool alone;                  /* what it saves alone is asked, it is not in the set */
	/* never NULL: said with the change, else in its text, else of all changes */
	const tt_assumed *adoption_ratio, *realisation_ratio, *start_delay_days;
} tt_bound_change;

typedef struct tt_bound_growth {
	const tt_scenario_growth *from;
	tt_change_subject *subjects; size_t n_subjects; /* sorted by id, distinct */
} tt_bound_growth;

typedef struct tt_bound_cut {
	const tt_scenario_cut *from;
	int64_t at_s;                /* within the horizon */
	tt_matched_prices prices;
} tt_bound_cut;

typedef struct tt_left_out {         /* an item that says `optional: true` */
	const tt_scenario_change *from;
	const char *why;             /* "file:1:2: select matches no workload ..." */
} tt_left_out;

typedef struct tt_bound_scenario { /* points into the scenario and the snapshot */
	const tt_scenario *scenario;
	const tt_snapshot *snapshot;
	int64_t from_s, until_s;     /* the horizon */
	tt_bound_change *changes; size_t n_changes;
	bool in_order;               /* as they stand is the order of composition; else it is
	                              * effects.h's, by verb */
	tt_left_out *left_out; size_t n_left_out; /* never all of the scenario's */
	tt_bound_growth *growth; size_t n_growth;
	tt_bound_cut *cuts; size_t n_cuts;  /* by date, then as written */
	tt_arena *arena;
} tt_bound_scenario;

/* Errors: TT_ENODATA ("file:1:2: select matches no workload: the fleet has no pods.csv" and
 * the like), TT_EDATA (times that don't fit), TT_ENOMEM, those of tt_measure_hourly(). Whether
 * a subject that is named by its id is in the fleet is found where the change is applied. */
int tt_scenario_bind(const tt_scenario *scenario, const tt_snapshot *s, const tt_settings *st,
                     tt_bound_scenario **ret, tt_err *err);
void tt_bound_scenario_free(tt_bound_scenario *b);
void tt_bound_scenario_freep(tt_bound_scenario **b);

/* The i-th of the changes that are one; NULL after the last. */
const tt_change *tt_bound_change_at(const tt_bound_change *b, size_t i);
#endif
