/* breakdown.h - the bill as a whole and by owner, node group, GPU model and workload kind:
 * sums over its cells, so every list adds up to the bill to the micro-unit.
 *
 * It also knows what is not known: an amount that has no price, and a bucket that holds
 * nothing because nobody measured or placed what would be in it. The table, JSON and CSV
 * ask here, so that none of them says 0 where another says nothing. */
#ifndef TT_REPORT_BREAKDOWN_H
#define TT_REPORT_BREAKDOWN_H
#include "bill/bill.h"

enum tt_dimension { TT_BY_OWNER, TT_BY_NODE_GROUP, TT_BY_GPU_MODEL, TT_BY_WORKLOAD_KIND,
	TT_DIMENSIONS };
const char *tt_dimension_text(enum tt_dimension d); /* "owner", "node_group" ... */

typedef struct tt_amount {       /* money and hours of some cells */
	int64_t micro;           /* of those with a price */
	double gpu_hours, unpriced_gpu_hours; /* all of them, and those without a price */
	bool priced, unpriced;   /* some of it has a price, has none */
} tt_amount;

typedef struct tt_portion {         /* one line of a breakdown, or the whole */
	const char *name;        /* "" for what has no name */
	tt_amount total, bucket[TT_BUCKETS], reason[TT_REASONS];
} tt_portion;

typedef struct tt_breakdown {
	tt_portion *v;              /* largest first, then by name; unknown last,
	                          * by GPU-hours */
	size_t n;
} tt_breakdown;

/* Into `arena`. Errors: TT_ENOMEM, TT_EDATA (a sum that does not fit). */
int tt_breakdown_make(const tt_bill *b, enum tt_rule rule, enum tt_dimension d,
                      tt_arena *arena, tt_breakdown *ret, tt_err *err);
/* All of the bill as one part without a name. Errors: TT_EDATA. */
int tt_portion_whole(const tt_bill *b, enum tt_rule rule, tt_portion *ret, tt_err *err);
int tt_portion_compare(const void *a, const void *b); /* for qsort(), in that order */
/* The sum of parts that were made of one bill. */
tt_portion tt_portion_sum(const tt_portion *v, size_t n);

/* TT_MONEY_UNKNOWN where nothing of it has a price. */
int64_t tt_portion_total(const tt_portion *p);
/* TT_MONEY_UNKNOWN and NaN where nothing is known: the part, or what is in the bucket, has
 * no price (that is of money alone); or the bucket is empty and what could be in it was not
 * measured, or nobody said where it ran. NaN for a part of nothing. */
int64_t tt_portion_bucket(const tt_portion *p, enum tt_bucket b);
double tt_portion_bucket_gpu_hours(const tt_portion *p, enum tt_bucket b);
/* The same of what is unattributed for one reason, which is always known to be so. */
int64_t tt_portion_reason(const tt_portion *p, enum tt_reason r);
double tt_portion_reason_gpu_hours(const tt_portion *p, enum tt_reason r);
#endif
