/* usage_layout.h - which column of a usage table is what, from its header line. Columns
 * are found by name, in any order; unknown ones are passed over and named once. */
#ifndef TT_SNAPSHOT_USAGE_LAYOUT_H
#define TT_SNAPSHOT_USAGE_LAYOUT_H
#include "base/error.h"
#include "snapshot/metrics.h"
#include <stdbool.h>

#define TT_USAGE_COLUMNS 1024 /* at most */
#define TT_USAGE_UNKNOWN 1024 /* bytes to name unknown columns in */

enum tt_usage_role { TT_ROLE_SKIP, TT_ROLE_TIME, TT_ROLE_NODE, TT_ROLE_GPU, TT_ROLE_SLICE,
	TT_ROLE_POD, TT_ROLE_METRIC };

typedef struct tt_usage_layout {
	size_t n;                      /* columns */
	struct { enum tt_usage_role role; size_t metric; } column[TT_USAGE_COLUMNS];
	bool has_gpu, has_pod;
	/* time first, then this many columns that say whose row it is (unknown ones among
	 * them included), then values; 0: another order */
	size_t n_keys;
	const tt_metric_def *metric[TT_METRIC_DEFS];
	size_t n_metrics;
	char unknown[TT_USAGE_UNKNOWN]; /* columns that were passed over, "a", "b" */
} tt_usage_layout;

/* From the header line (without its end). `of_node`: node_usage. `renames` as in
 * plugin.h. Errors: TT_EDATA naming the column that is missing or there twice. */
int tt_usage_layout_read(const char *line, size_t n, int of_node, const tt_column *renames,
                         size_t n_renames, tt_usage_layout *ret, tt_err *err);
#endif
