/* sizing.h - how many replicas of a workload a policy wants, step by step, and what load
 * there was for them.
 *
 * The load is what the running replicas were busy with, or (policy=queue, policy=slo) the
 * requests of traffic.csv. Nothing is released or added here. */
#ifndef TT_CHANGE_SIZING_H
#define TT_CHANGE_SIZING_H
#include "change/members.h"
#include "maths/autoscale.h"

typedef struct tt_sizing {      /* tt_sizing_free() */
	const tt_change *c;
	const tt_snapshot *s;
	const tt_members *m;
	int64_t step_s;
	size_t n;               /* steps from the begin of the window */
	int64_t *load_u6;       /* [n] millionths of what a replica serves in full */
	int64_t *ran;           /* [n] that were there in the step */
	int64_t *wanted;        /* [n] within the limits; where unknown, those that ran */
	unsigned char *unknown; /* [n] what load there was */
	int64_t min, max, headroom;
	bool simulated;         /* by a controller or queueing theory: `sum` tells what became
	                         * of the load of the whole window */
	tt_autoscale_sum sum;
	double wait_s;          /* mean of what came; NaN: not known */
} tt_sizing;

/* The limits alone, from the change, else workloads.csv. */
void tt_sizing_limits(const tt_change *c, const tt_snapshot *s, const char *workload,
                      tt_sizing *ret);

/* `m`: the pods of the workload. Without a policy, what ran is wanted, or `replicas`, within
 * limits, and load that was not measured is no error. Errors: TT_ENODATA (activity, traffic or
 * capacity_per_replica that the policy needs is not there), those of tt_snapshot_series(). */
int tt_sizing_make(const tt_change *c, const tt_change_subject *subject, const tt_members *m,
                   const tt_snapshot *s, tt_sizing *ret, tt_err *err);
void tt_sizing_free(tt_sizing *z);

/* Step i, cut to the window and to the time in which the change is in force. */
tt_span tt_sizing_step(const tt_sizing *z, size_t i);
#endif
