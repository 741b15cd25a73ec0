/* traffic.h - what traffic.csv says of a workload: its requests in the course of time, and
 * how much of each stream there was.
 *
 * A row counts what came in the interval that begins at its time, which is as long as the
 * shortest distance between two rows of the workload. What is between such intervals is not
 * known, and neither is a field that a row leaves empty. */
#ifndef TT_CHANGE_TRAFFIC_H
#define TT_CHANGE_TRAFFIC_H
#include "bill/spans.h"
#include "snapshot/snapshot.h"

typedef struct tt_traffic {     /* zero-initialise; tt_traffic_free() */
	double *per_s;          /* [n] requests each second; NaN: not known */
	size_t n;               /* steps from the begin of the window */
	int64_t step_s;         /* a minute, where intervals are whole minutes */
} tt_traffic;

void tt_traffic_free(tt_traffic *t);
/* Errors: TT_ENODATA (no two rows of it, or no requests in any), TT_ENOMEM. */
int tt_traffic_requests(const tt_snapshot *s, const char *workload, tt_traffic *ret,
                        tt_err *err);

typedef struct tt_streams {     /* what came in some time; NaN: no row says */
	double requests, input_tokens, output_tokens, cached_tokens;
} tt_streams;

/* Of the rows whose time is in `when`. */
void tt_traffic_sum(const tt_snapshot *s, const char *workload, tt_span when, tt_streams *ret);
/* The highest 95th percentile that any row of the window says; NaN: none does. */
double tt_traffic_latency_ms(const tt_snapshot *s, const char *workload);
#endif
