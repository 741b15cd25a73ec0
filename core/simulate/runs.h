/* runs.h - demand of a job that is run so many times a month and sometimes fails: as cards.
 *
 * n runs that succeed take n / (1 - failure) runs, each of so many card-hours, spread evenly
 * over the month. Priced at the medians (the point); a world has them times what its draws
 * make of it. */
#ifndef TT_SIMULATE_RUNS_H
#define TT_SIMULATE_RUNS_H
#include "simulate/scenario.h"

typedef struct tt_runs {
	tt_dist runs_per_month, gpu_hours_per_run, failure;
} tt_runs;

/* Of a profile of runs. Errors: those of tt_dist_make(), with the place in the file. */
int tt_runs_make(const tt_profile *p, tt_arena *arena, tt_runs *ret, tt_err *err);
/* The settings with what changes may name: the scenario's profiles by the hour, those of runs
 * at their medians, and how often spot is taken away. Errors: those of tt_runs_make(). */
int tt_profiles_lend(const tt_scenario *sc, tt_arena *arena, tt_settings *to, tt_err *err);

/* The cards that such a profile is priced at: the median, or where that is none what there is
 * in the tail; 0: never any. */
double tt_runs_reference(const tt_runs *r);

/* Mean cards at these uniforms; all 0.5: the point. */
double tt_runs_cards(const tt_runs *r, const double u[3]);
#endif
