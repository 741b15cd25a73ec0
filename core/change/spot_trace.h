/* spot_trace.h - how often spot capacity was taken away, by what was probed
 * (spot_availability.csv). */
#ifndef TT_CHANGE_SPOT_TRACE_H
#define TT_CHANGE_SPOT_TRACE_H
#include "snapshot/snapshot.h"

typedef struct tt_spot_trace {
	double interruptions_per_h; /* ends of stretches of capacity, for each hour of them; NaN:
	                             * nothing was probed, or no end was seen */
	double wait_s;              /* mean time until it was there again; NaN */
} tt_spot_trace;

/* Of all zones of the region in which that type was probed, together. Errors: TT_ENOMEM. */
int tt_spot_trace_read(const tt_snapshot *s, const char *provider, const char *region,
                       const char *instance_type, tt_spot_trace *ret, tt_err *err);
#endif
