/* lifetime.h - machines whose chance of being interrupted depends on their age.
 *
 * Spot machines do not fail without memory: most zones take back young ones first, some
 * providers all of them at a fixed age. So here is how long they live, what that costs work
 * that starts over or is checkpointed, and a fit to what was observed. Where no age matters,
 * checkpoint.h is exact and quicker. A new machine is as good as any other; machines that
 * stop together have to be fitted as one (tt_lifetime_first_of() is for those that do not).
 *
 * All times in hours, none negative. What is unknown is NaN, and so is what follows from it.
 * Any thread. */
#ifndef TT_MATHS_LIFETIME_H
#define TT_MATHS_LIFETIME_H
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tt_lifetime_kind { TT_LIFETIME_WEIBULL, TT_LIFETIME_BATHTUB };

/* Made by the functions below. */
typedef struct tt_lifetime {
	enum tt_lifetime_kind kind;
	double n;                      /* the first of so many to be interrupted */
	double end_h;                  /* nobody lives longer; INFINITY */
	double shape, scale_h;         /* Weibull: survival exp(-(age / scale)^shape) */
	double level, early_h, late_h, limit_h; /* bathtub, see below */
} tt_lifetime;

/* shape 1: without memory; below: the young go first; above: the old. */
tt_lifetime tt_lifetime_weibull(double shape, double scale_h);
/* The scale that has this mean. */
double tt_lifetime_weibull_scale_h(double shape, double mean_h);
/* Interrupted by age t with probability level (1 - e^(-t / early) + e^((t - limit) / late)),
 * counted from what that is at 0: many at first, few then, all near limit_h (Kadupitiya,
 * Jadhao and Sharma 2020). level > 0. */
tt_lifetime tt_lifetime_bathtub(double level, double early_h, double late_h, double limit_h);
/* The first of `n` that live on their own. n Weibulls are one with scale n^(-1 / shape). */
tt_lifetime tt_lifetime_first_of(const tt_lifetime *l, double n);

/* Probability to be there at this age. */
double tt_lifetime_survival_ratio(const tt_lifetime *l, double age_h);
double tt_lifetime_mean_h(const tt_lifetime *l);
/* Probability that one of age_h is there for job_h more; NaN past the end of all. */
double tt_lifetime_finish_ratio(const tt_lifetime *l, double job_h, double age_h);
/* Expected hours of a job that starts over on a new machine with each interruption, after
 * wait_h; without the wait (0), what is paid. INFINITY where no machine lives that long. */
double tt_lifetime_restart_h(const tt_lifetime *l, double job_h, double wait_h);

/* --- Checkpoints where they cost least --- */

#define TT_LIFETIME_STEPS_MAX 512 /* of work */

/* Time on a grid: everything is a whole number of steps. */
typedef struct tt_lifetime_job {
	double step_h;
	int64_t work_steps;       /* 1 .. TT_LIFETIME_STEPS_MAX */
	int64_t checkpoint_steps; /* 0 .. TT_LIFETIME_STEPS_MAX; one at the end of the work too */
	int64_t recovery_steps;   /* before work on each new machine but the first */
	int64_t age_steps;        /* of the first machine */
} tt_lifetime_job;

typedef struct tt_lifetime_plan {
	double paid_h; /* expected; INFINITY where it can't be finished */
	size_t n;      /* segments, while nothing interrupts them and the machine lasts */
	int64_t steps[TT_LIFETIME_STEPS_MAX]; /* of work in each */
} tt_lifetime_plan;

/* The least that a job is expected to cost, by dynamic programming over the work left and the
 * age of the machine. An interruption comes in the middle of its step. A machine that can't
 * reach another checkpoint is given up for a new one; none is before.
 *
 * Errors: TT_EINVAL (steps out of range), TT_ENOMEM. O(work_steps^2 (age + work)). */
int tt_lifetime_plan_make(const tt_lifetime *l, const tt_lifetime_job *job,
                          tt_lifetime_plan *ret, tt_err *err);

/* --- What was observed --- */
typedef struct tt_lifetime_run {
	double h;
	bool began; /* it was seen to begin: its age is known */
	bool ended; /* it was seen to end: else it is at least that long */
} tt_lifetime_run;

/* Stretches in which at least `wanted` units were there, in order.
 *
 * time_s  [n] rising; a reading stands until the next, the last as long as the one before
 * units   [n] NaN: not known, and a run does not go on across it
 * ret     [n] (out)
 *
 * Returns how many. */
size_t tt_lifetime_runs(const int64_t *time_s, const double *units, size_t n, double wanted,
                        tt_lifetime_run *ret);

typedef struct tt_lifetime_fit {
	double shape, scale_h, mean_h; /* of the Weibull; NaN: not enough data */
	size_t ended, censored;        /* runs that it rests on */
} tt_lifetime_fit;

/* The Weibull under which these runs are likeliest, with those that did not end counted as
 * at least so long. Runs whose beginning is not known are left out: of a run that was met
 * half-way the age is not known, and long ones are met more often. Two runs have to end, and
 * not all at the greatest length. */
tt_lifetime_fit tt_lifetime_fit_weibull(const tt_lifetime_run *runs, size_t n);
#endif
