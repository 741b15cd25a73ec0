/* terms.h - on which terms capacity is had that a change has put on other terms: at another
 * price, as another instance type, somewhere else, with interruptions.
 *
 * Terms say what is different; what they leave open is as it was. They are compared by
 * content, so that changes that say the same are the same. Owned by who applies the change
 * (an arena); a case points at them. */
#ifndef TT_BILL_TERMS_H
#define TT_BILL_TERMS_H
#include "snapshot/tables.h"
#include <stddef.h>
#include <stdint.h>

#define TT_U9_ONE UINT64_C(1000000000)

typedef struct tt_terms {
	/* "": as it was */
	const char *provider, *region, *instance_type, *gpu_model, *pricing;
	tt_decimal price_per_hour;  /* of one instance; TT_DECIMAL_MISSING: as it was */
	uint64_t price_u9;          /* times that, in 10^-9: a discount */
	uint64_t paid_u9;           /* paid hours for an hour of now, in 10^-9: interruptions
	                             * and checkpoints, a slower card */
	/* For the simulator, of one instance; 0 where there are none. paid_u9 is what follows
	 * from them on average. */
	double interruptions_per_h, zone_interruptions_per_h;
	bool rate_is_assumed, zone_rate_is_assumed; /* neither change nor prices say it */
	double gang;                /* instances that stop together */
	double checkpoint_interval_s, checkpoint_s, recovery_s, wait_s;
	bool work_is_lost;          /* by an interruption, back to the last checkpoint */
	double run_s;               /* mean length of a run, where it writes none */
	/* Where pods are moved (TT_MOVES): one instance there, and what a pod takes of it. */
	double gpus, cpus, memory_mib;           /* of an instance; NaN: not known */
	double pod_gpus, pod_cpus, pod_memory_mib; /* NaN: as now */
	int64_t pods_per_card;      /* of those that ask for no more than one; 0: one */
	uint64_t pods_u9;           /* pods of a workload there for one of now, in 10^-9, up to
	                             * whole pods: more replicas of a slower card */
	double slower_ratio;        /* how much longer a request is served there, which is not in
	                             * what is paid; NaN: not said */
	uint64_t address;           /* of the change, where two that say the same are two
	                             * (see tt_change_hash); else 0 */
} tt_terms;

/* Terms that leave everything as it was. */
void tt_terms_init(tt_terms *t);
/* A total order by content. */
int tt_terms_compare(const tt_terms *a, const tt_terms *b);

/* Paid hours for an hour of work at these rates of interruption, by closed forms (maths/
 * checkpoint.h). NaN: not known. */
double tt_terms_paid_ratio(const tt_terms *t, double interruptions_per_h,
                           double zone_interruptions_per_h);

/* What an hour of an instance of `price_per_hour` costs on all of the n terms together: the
 * highest price that any of them names, less all discounts, half-even at 10^-12 each.
 * TT_DECIMAL_MISSING when there is none. Errors: TT_EDATA (does not fit). */
int tt_terms_price(const tt_terms *const *t, size_t n, tt_decimal price_per_hour,
                   tt_decimal *ret, tt_err *err);
/* Paid hours for an hour of now, in 10^-9. Errors: TT_EDATA (does not fit). */
int tt_terms_paid_u9(const tt_terms *const *t, size_t n, uint64_t *ret, tt_err *err);
#endif
