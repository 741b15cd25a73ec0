/* autoscale_control.h - pools of replicas under the two controllers that people run.
 *
 * The Kubernetes horizontal pod autoscaler (HPA) on a metric, and KEDA on the length of a
 * queue. They look at the pool in rounds of seconds, whatever the step of the load is, and
 * see what their own decisions did: this is a simulation. Everything that autoscale.h says of
 * policies holds here. O(n + rounds that are not like the last). Any thread. */
#ifndef TT_MATHS_AUTOSCALE_CONTROL_H
#define TT_MATHS_AUTOSCALE_CONTROL_H
#include "maths/autoscale.h"
#include <stdbool.h>

typedef struct tt_hpa_policy {
	int64_t period_s;            /* between two rounds */
	int64_t metric_age_s;        /* how old its metric is, at least 1 */
	bool saturates;              /* the metric cannot show more than all are able to serve
	                                (utilization), so growth goes by 1 / target_ratio */
	double tolerance_ratio;      /* this near to the target, nothing happens */
	int64_t scale_down_s;        /* stabilization: the highest wish of this time is kept */
	int64_t up_replicas, up_pct; /* most per round, the larger of both; 0 and 0: no limit */
} tt_hpa_policy;

/* Kubernetes' own: every 15 s, 10 %, 300 s down, 4 replicas or 100 % up per round. */
tt_hpa_policy tt_hpa_default(void);

/* ceil(current x metric / target) with those rules, target = capacity x target_ratio per
 * replica. Replicas that do not serve yet have no metric: left out, and taken as idle when
 * it would grow. min_replicas is at least 1, since at 0 there is no metric to wake up by. */
int tt_autoscale_hpa(const tt_autoscale_pool *p, const tt_hpa_policy *policy,
                     tt_autoscale_sum *ret_steps, tt_autoscale_sum *ret, tt_err *err);

typedef struct tt_queue_policy {
	tt_hpa_policy hpa;           /* from 1 replica up; its metric has no age and no ceiling */
	double queue_per_replica;    /* the target: so much queue for each replica */
	double activation;           /* more queue than this is work, and wakes it up */
	double serving_s;            /* how long one request takes: what is being served counts
	                                as queue; 0: the metric sees only what waits */
	int64_t poll_s;              /* between two looks at whether there is work */
	int64_t cooldown_s;          /* without work until the last replica goes */
} tt_queue_policy;

/* KEDA's own: polls every 30 s, 300 s cooldown, activation 0; the HPA's as above. One request
 * per replica. (Its maxReplicaCount is 100 and minReplicaCount 0: those are of the pool.) */
tt_queue_policy tt_queue_default(void);

/* As KEDA scales on the length of a queue: the controller above decides between 1 and
 * max_replicas on queue / queue_per_replica; from and to 0 (where min_replicas is 0) it is
 * activation and cooldown. What is not served waits and is served later; the queue starts
 * empty and in a missing step stays as it is, and unknown is not idle. */
int tt_autoscale_queue(const tt_autoscale_pool *p, const tt_queue_policy *policy,
                       tt_autoscale_sum *ret_steps, tt_autoscale_sum *ret, tt_err *err);
#endif
