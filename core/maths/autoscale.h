/* autoscale.h - what a pool of replicas costs under a policy, and the overload that it buys.
 *
 * A load series at a step, a capacity per replica, a policy that decides once per step: fixed,
 * a quantile, the peak, perfect foresight, reacting late, an objective on waiting. (The
 * controllers that decide in rounds of their own: autoscale_control.h.) Every policy gives the
 * same sums, so that two of them differ by what they do and by nothing else. No money and no
 * nodes in here.
 *
 * Common to all: the load is even within a step. Loads and capacities count in whole
 * millionths, so every choice is made between integers. A replica is paid from the moment it
 * is asked for, serves ready_s later, and of those that go, the ones not serving yet go
 * first. A load above what serves is not made up for later, except by a queue. A step whose
 * load is NaN is missing: what runs stays (a controller without a metric does nothing) unless
 * the policy knows better from other steps; its seconds are counted apart and it is overloaded
 * neither way.
 *
 * Errors: TT_EINVAL (an argument out of its range), TT_EDATA (a load that is negative or too
 * large), TT_ENODATA (the policy needs a load, and no step of it is known), TT_ENOMEM.
 * Any thread. O(n); a quantile O(n log n), an objective O(n x servers). */
#ifndef TT_MATHS_AUTOSCALE_H
#define TT_MATHS_AUTOSCALE_H
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

#define TT_AUTOSCALE_REPLICAS 1000000        /* most of a pool */
#define TT_AUTOSCALE_SECONDS 4000000000      /* longest series, and longest of any time */

typedef struct tt_autoscale_pool {
	const double *load;          /* [n] mean of each step, 0 to 10^12; NaN: missing */
	size_t n;
	int64_t step_s;
	double capacity_per_replica; /* the load that one serves in full, 10^-6 to 10^12 */
	double target_ratio;         /* of the capacity, that policies size for: 10^-6 to 1 */
	int64_t min_replicas;        /* these two hold under every policy */
	int64_t max_replicas;
	int64_t start_replicas;      /* serving when the series begins; -1: what the policy's
	                                first decision is (controllers: what the first known
	                                load takes) */
	int64_t ready_s;             /* from asking for a replica until it serves */
} tt_autoscale_pool;

/* Over a step or over all of them. Per step, all but most_replicas add up to the total. */
typedef struct tt_autoscale_sum {
	int64_t known_s, missing_s;  /* length of steps with a load, without */
	int64_t replica_s;           /* paid, in known steps */
	int64_t missing_replica_s;   /* paid, in missing ones */
	int64_t overloaded_s;        /* more load than was served */
	int64_t short_replica_s;     /* replicas that the load takes and that did not serve */
	int64_t cold_starts;         /* replicas that were started */
	int64_t wakes;               /* times that none was left and one was started */
	int64_t most_replicas;       /* paid at a time */
	double unserved_load_s;      /* load x s that came to no replica when it came */
	double waiting_load_s;       /* load x s^2: the queue integrated; / the load that came
	                                in all: its mean wait. tt_autoscale_queue() alone */
} tt_autoscale_sum;

/* A pool with the defaults: aims at full capacity, up to TT_AUTOSCALE_REPLICAS, from 0,
 * starts as the policy says, ready at once. */
tt_autoscale_pool tt_autoscale_pool_of(const double *load, size_t n, int64_t step_s,
                                       double capacity_per_replica);

/* All policies: ret_steps (out) is [n], or NULL; ret (out) the total. */

/* So many, always. */
int tt_autoscale_fixed(const tt_autoscale_pool *p, int64_t replicas, tt_autoscale_sum *ret_steps,
                       tt_autoscale_sum *ret, tt_err *err);

/* Always what a quantile of the load takes: the smallest load that is not exceeded in at
 * least q of the known steps (no interpolation: p99 of 168 hours is the 167th). In millionths;
 * 1000000 is the peak. */
int tt_autoscale_quantile(const tt_autoscale_pool *p, uint32_t q_millionths,
                          tt_autoscale_sum *ret_steps, tt_autoscale_sum *ret, tt_err *err);

/* Perfect foresight: the most that the load takes from now until lead_s from now. What no
 * policy beats; with lead_s >= ready_s (in whole steps) never overloaded but for the limits. */
int tt_autoscale_lead(const tt_autoscale_pool *p, int64_t lead_s, int64_t headroom_replicas,
                      tt_autoscale_sum *ret_steps, tt_autoscale_sum *ret, tt_err *err);

typedef struct tt_reactive_policy {
	int64_t lag_s;               /* from a load until the decision that it leads to */
	int64_t scale_down_s;        /* the most of this time before is kept */
	int64_t headroom_replicas;
} tt_reactive_policy;

/* The most that the load took from lag_s + scale_down_s to lag_s ago, and the headroom. Until
 * the first load is lag_s old it runs what it starts with. */
int tt_autoscale_reactive(const tt_autoscale_pool *p, const tt_reactive_policy *policy,
                          tt_autoscale_sum *ret_steps, tt_autoscale_sum *ret, tt_err *err);

/* The headroom that would have been enough in q of the cases: the quantile (as above) of how
 * many more replicas the load takes lag_s later, over pairs of known steps; at least 0. */
int tt_autoscale_headroom(const tt_autoscale_pool *p, int64_t lag_s, uint32_t q_millionths,
                          int64_t *ret, tt_err *err);

typedef struct tt_slo_policy {
	int64_t slots_per_replica;   /* requests that one serves at once, 1 to 10^6 */
	double wait_s;               /* no more than late_ratio of the requests */
	double late_ratio;           /* wait longer than this; above 0, at most 1 */
	int64_t lead_s;              /* for the most within this time, as tt_autoscale_lead() */
} tt_slo_policy;

/* The fewest that keep the objective by erlang.h, each step for itself (the load is requests
 * per second here), and no fewer than the load takes. max_replicas where nothing keeps it. */
int tt_autoscale_slo(const tt_autoscale_pool *p, const tt_slo_policy *policy,
                     tt_autoscale_sum *ret_steps, tt_autoscale_sum *ret, tt_err *err);

#endif
