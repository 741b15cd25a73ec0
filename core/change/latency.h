/* latency.h - what a change does to how long requests take: p95 before and after, by Erlang-C
 * over every stretch of the window with its own requests and its own replicas, all requests
 * of all services that the change touches together.
 *
 * A replica is one server of capacity_per_replica (workloads.csv), the requests are those of
 * traffic.csv. Where either is not there, or nobody knows how many replicas there are or how
 * fast they serve after the change, nothing is known. Nothing is priced here. README.md,
 * "Service". */
#ifndef TT_CHANGE_LATENCY_H
#define TT_CHANGE_LATENCY_H
#include "bill/settings.h"
#include "change/change.h"
#include "snapshot/snapshot.h"

typedef struct tt_request_latency {
	double requests;            /* of services that it touches, in the window; 0: it touches
	                             * none, and changes nothing */
	double p95_before_ms;       /* NaN: not known, or no fewer come than capacity says */
	double p95_after_ms;        /* INFINITY: more than a twentieth of them come while more
	                             * is asked for than is served */
} tt_request_latency;

/* Of a change that can be priced, and is about more than money. Errors: those of
 * tt_change_apply(), TT_ENOMEM. */
int tt_change_latency(const tt_change *c, const tt_snapshot *s, const tt_settings *st,
                      tt_request_latency *ret, tt_err *err);
#endif
