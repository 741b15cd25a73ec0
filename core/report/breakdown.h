/* breakdown.h - the bill by owner, node group, GPU model and workload kind: sums over its
 * cells, so every list adds up to the bill to the micro-unit. */
#ifndef TT_REPORT_BREAKDOWN_H
#define TT_REPORT_BREAKDOWN_H
#include "bill/bill.h"

enum tt_dimension { TT_BY_OWNER, TT_BY_NODE_GROUP, TT_BY_GPU_MODEL, TT_BY_WORKLOAD_KIND,
	TT_DIMENSIONS };
const char *tt_dimension_text(enum tt_dimension d); /* "owner", "node_group" ... */

typedef struct tt_part {         /* one line of a breakdown */
	const char *name;        /* "" for what has no name */
	int known;               /* something of it has a price */
	int64_t total_micro, bucket_micro[TT_BUCKETS];
	double gpu_hours, unknown_gpu_hours; /* of them without a price */
} tt_part;

typedef struct tt_breakdown {
	tt_part *v;              /* largest first, then by name; unknown last,
	                          * by GPU-hours */
	size_t n;
} tt_breakdown;

/* Into `arena`. Errors: TT_ENOMEM, TT_EDATA (a sum that does not fit). */
int tt_breakdown_make(const tt_bill *b, enum tt_rule rule, enum tt_dimension d,
                      tt_arena *arena, tt_breakdown *ret, tt_err *err);
#endif
