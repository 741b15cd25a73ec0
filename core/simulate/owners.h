/* owners.h - whose part of a sampled bill an amount is, for budgets: of each pool of the
 * baseline the owner's share of it in the window's bill, and of what a change saves the
 * owner's share of what it touches: of nodes by time, of lines of the bill by money.
 *
 * Budgets are the scenario's, and of owners that it does not name those of budgets.csv: the one
 * in force when the horizon begins, else the next, else the last, taken to go on. */
#ifndef TT_SIMULATE_OWNERS_H
#define TT_SIMULATE_OWNERS_H
#include "simulate/effects.h"
#include "simulate/results.h"

typedef struct tt_owners {
	const tt_scenario_budget **budgets; size_t n; /* the scenario's first, then by name */
	bool *known;            /* [n] something of the window's bill is the owner's */
	double *of_pool;        /* [n * pools] of those there were when this was made */
	double *of_change;      /* [n * changes] of all but lines of the bill */
	double *of_lines;       /* [n * changes] of these */
	size_t n_pools, n_changes;
} tt_owners;

/* In the arena. Errors: TT_ENOMEM. */
int tt_owners_make(const tt_bound_scenario *sc, const tt_bill *b, const tt_settings *st,
                   tt_effects *e, tt_arena *arena, tt_owners *ret, tt_err *err);

/* What pool `pool` of the baseline costs in a month of row `row`, and what change `change` saves
 * in it, of lines and of all else, into the budgets of the results; none where they ask for
 * none. */
void tt_owners_add(const tt_owners *o, tt_results *r, size_t row, size_t pool, size_t month,
                   int64_t micro);
void tt_owners_save(const tt_owners *o, tt_results *r, size_t row, size_t change, size_t month,
                    int64_t micro, int64_t lines_micro);
#endif
