/* service.h - what a change makes users wait for, to be shown beside its saving.
 *
 * As far as it can be told from what was measured in the window; what can't is NaN, never 0.
 * Nothing is priced here. How each is found: README.md. */
#ifndef TT_CHANGE_SERVICE_H
#define TT_CHANGE_SERVICE_H
#include "bill/case.h"
#include "change/change.h"
#include "snapshot/snapshot.h"

typedef struct tt_service {     /* of the window, more than without the change; NaN: not known */
	double cold_starts;     /* pods, replicas or nodes that are started for somebody */
	double cold_start_s;    /* what one takes, on average; NaN too where there is none */
	double overload_service_minutes; /* in which a service (workload, else pool) has more
	                         * load than it serves, however many of its replicas lack */
	double unserved_ratio;  /* of the load, that came while nothing was there for it */
	double wait_s;          /* mean wait of all requests for a replica */
	double requests;        /* of services that it touches, for p95; 0: it touches none */
	double p95_before_ms, p95_after_ms; /* of their latency; INFINITY: without limit */
} tt_service;

/* A cold start, where neither the change nor the fleet says what it takes: a node, the image
 * from a registry, the weights from a disk and over PCIe to the card, the engine. */
#define TT_COLD_NODE_S 90.0
#define TT_COLD_IMAGE_BYTES_PER_S 0.5e9
#define TT_COLD_READ_BYTES_PER_S 2e9
#define TT_COLD_COPY_BYTES_PER_S 25e9
#define TT_COLD_INIT_S 20.0

/* Nothing of it is known. */
tt_service tt_service_unknown(void);

/* What a start of what is released takes by what the fleet says of it; NaN: not known. */
double tt_service_cold_start_s(const tt_snapshot *s, const tt_release *r);

/* Of a change that can be priced. Errors: those of tt_change_apply(). */
int tt_change_service(const tt_change *c, const tt_snapshot *s, const tt_settings *st,
                      tt_service *ret, tt_err *err);
#endif
