/* interruptions.h - what capacity that can be taken away costs the work on it: how long a
 * workload is paid for until its work is done.
 *
 * Work that is lost (training, batch) is repeated from its last checkpoint, or from its
 * start where it writes none; other kinds only come back. The formulas are maths/
 * checkpoint.h's. Pods of a workload that start and end together on several nodes stop
 * together. */
#ifndef TT_CHANGE_INTERRUPTIONS_H
#define TT_CHANGE_INTERRUPTIONS_H
#include "bill/case.h"
#include "change/change.h"

typedef struct tt_work {            /* what runs on the capacity */
	const char *name, *kind;    /* workload, or "" */
	bool is_lost;               /* by an interruption, back to the last checkpoint */
	double run_s;               /* mean length of a pod's run */
	double gang;                /* nodes that stop together, >= 1 */
} tt_work;

/* On how many nodes pods of the same work ran from the same time to the same time as each pod
 * (NULL: of any workload; 1 for the others), into (*ret)[rows of TT_PODS], the caller's to free,
 * whatever is returned. */
int tt_gangs_make(const tt_snapshot *s, const char *workload, double **ret, tt_err *err);

/* What of the pods (rows of TT_PODS) runs longest, by card-seconds. */
void tt_work_of_pods(const tt_snapshot *s, const double *gangs, const uint32_t *pods, size_t n,
		     tt_work *ret);

/* Complete `t`, whose rates are set: checkpoints from the change, else from workloads.csv;
 * paid_u9 from all of it. Errors: TT_EINVAL (the work would never end), TT_EDATA. */
int tt_interruptions_price(const tt_change *c, const tt_snapshot *s, const tt_work *w,
                           tt_terms *t, tt_err *err);
#endif
