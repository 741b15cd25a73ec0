/* checkpoint.h - what interruptions cost work that can be taken up again, in closed form.
 *
 * Interruptions come at random and without memory, one in `mtti_h` on average. Work is done
 * in segments, each ended by a checkpoint; an interruption loses what the segment had done,
 * the checkpoint that was being written included. Then new capacity is waited for, which is
 * not paid, and recovered on, which is paid and can be interrupted like the rest. Expected
 * values are exact under these terms; lifetimes with an age are lifetime.h's. On-demand
 * capacity is the same with the rate at which its hardware fails.
 *
 * All times in hours, none negative. What is unknown is NaN, and so is what follows from it;
 * INFINITY is a cost that has no end, or an interruption that never comes. Pure functions,
 * any thread. */
#ifndef TT_MATHS_CHECKPOINT_H
#define TT_MATHS_CHECKPOINT_H
#include <stddef.h>

typedef struct tt_interruptions {
	double mtti_h;       /* mean time to interruption while it runs, > 0; INFINITY: none */
	double checkpoint_h; /* what writing a checkpoint takes */
	double recovery_h;   /* from new capacity to being where the checkpoint was */
	double wait_h;       /* for new capacity; not paid */
} tt_interruptions;

/* --- One segment of work_h and its checkpoint: expected hours from start to end, and those
 * of them that are paid. --- */
double tt_checkpoint_wall_h(const tt_interruptions *t, double work_h);
double tt_checkpoint_paid_h(const tt_interruptions *t, double work_h);

/* --- How much work between two checkpoints --- */

/* What costs least, exactly: mtti (1 + W0(-e^(-1 - checkpoint / mtti))). Recovery and wait
 * make no difference to it. INFINITY where nothing interrupts, 0 where a checkpoint takes no
 * time. */
double tt_checkpoint_interval_h(double checkpoint_h, double mtti_h);
/* Young's and Daly's approximations of it, for comparison: see the test for how far off. */
double tt_checkpoint_young_h(double checkpoint_h, double mtti_h);
double tt_checkpoint_daly_h(double checkpoint_h, double mtti_h);

/* --- A whole job --- */
typedef struct tt_checkpoint_job {
	double segments;      /* work / interval: what is left over at the end counts by its
	                       * share                                                    */
	double wall_h, paid_h;
	double waste_ratio;   /* of paid_h, that is not work; NaN for no work */
	double interruptions; /* expected number */
} tt_checkpoint_job;

/* What `work_h` of work take with a checkpoint each interval_h of work; up to that, one at
 * the end. interval_h INFINITY: no checkpoint is ever written, an interruption loses all. */
void tt_checkpoint_job_expect(const tt_interruptions *t, double work_h, double interval_h,
                              tt_checkpoint_job *ret);
/* Paid hours for an hour of work in a job without end; interval_h is finite. */
double tt_checkpoint_paid_ratio(const tt_interruptions *t, double interval_h);

/* --- Several machines that stop together --- */

/* Mean time to interruption of `n` machines, each interrupted on its own once in mtti_h, and
 * all at once once in zone_mtti_h (INFINITY: never): Marshall and Olkin's common shock. */
double tt_checkpoint_gang_mtti_h(double n, double mtti_h, double zone_mtti_h);

/* Mean time to interruption from the share of machines that were interrupted while each was
 * exposed for exposure_h. The share alone says no rate: 10 % of machines that would run a
 * month are something else than 10 % of machines that live for 12 h. 0: INFINITY, 1: 0. */
double tt_checkpoint_exposed_mtti_h(double interrupted_ratio, double exposure_h);

/* --- Price --- */

/* What an hour of work costs on spot, as a share of what it costs on demand.
 *
 * price_ratio         spot price / on-demand price
 * paid_ratio          paid hours for an hour of work on spot
 * on_demand_ratio     the same on demand, >= 1 where hardware fails or checkpoints are
 *                     written there too                                            */
double tt_checkpoint_price_ratio(double price_ratio, double paid_ratio, double on_demand_ratio);
/* The price_ratio at which both cost the same. */
double tt_checkpoint_break_even_ratio(double paid_ratio, double on_demand_ratio);

/* --- A notice before the interruption --- */
typedef struct tt_notice {
	double notice_h;      /* from the notice to the end */
	double checkpoint_h;  /* what an emergency checkpoint takes */
	double success_ratio; /* how often it is whole, where the notice is long enough */
} tt_notice;

/* 0 where the notice is shorter than the emergency checkpoint. */
double tt_checkpoint_notice_success_ratio(const tt_notice *n);
/* Work between two regular checkpoints that costs least, to the first order; INFINITY where
 * the emergency checkpoint never fails: no other is needed. */
double tt_checkpoint_notice_interval_h(const tt_interruptions *t, const tt_notice *n);
/* Paid hours beyond an hour of work, to the first order: right while it is small. */
double tt_checkpoint_notice_overhead_ratio(const tt_interruptions *t, const tt_notice *n,
                                           double interval_h);
#endif
