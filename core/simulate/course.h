/* course.h - one world of a simulation, hour by hour: for whoever wants to see what a range
 * is made of.
 *
 * Each hour is rounded for itself, so hours add up to the world's amounts but for a
 * micro-unit an hour and pool. A change that is delayed to within a week counts from its very
 * hour, and a price that drifts has every hour's own: the ranges take a week's mean for these,
 * so they may differ by as much as a change saves more in one part of that week. */
#ifndef TT_SIMULATE_COURSE_H
#define TT_SIMULATE_COURSE_H
#include "simulate/outlook.h"
#include "simulate/simulation.h"

typedef struct tt_course_hour {
	int64_t at_s;
	int64_t measured_s;         /* the hour of the window that it stands for */
	int64_t baseline_micro, after_micro;
	/* that are paid, means of the hour; not those that held commitments cover */
	double baseline_instances, after_instances;
} tt_course_hour;

typedef struct tt_course_change {
	const char *text;
	bool adopted;
	double realised_ratio;
	int64_t start_s, end_s;
	int64_t saving_micro;       /* on top of those before it */
} tt_course_change;

typedef struct tt_course {
	const tt_bound_scenario *scenario; /* its changes are `changes`, in this order */
	uint64_t seed;
	uint64_t world;             /* or TT_WORLD_POINT */
	int64_t from_s, until_s;    /* the horizon, whole hours */
	tt_course_hour *hours; size_t n_hours;
	tt_course_change *changes; size_t n_changes;
	int64_t baseline_micro, after_micro;
	tt_arena *arena;
} tt_course;

/* World number `world` of those of tt_simulate() with the same seed. `sc` must outlive
 * it. Errors: those of tt_simulate(). */
int tt_simulate_course(const tt_bound_scenario *sc, const tt_bill *baseline,
                       const tt_settings *st, uint64_t seed, uint64_t world, tt_course **ret,
                       tt_err *err);
void tt_course_free(tt_course *c);
void tt_course_freep(tt_course **c);
#endif
