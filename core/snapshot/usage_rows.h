/* usage_rows.h - a usage table from its file as plain rows, in the order of carrier and
 * time: what a shard keeps. Nothing is worked out and nothing is left out but rows that
 * can't be read: equal rows, rows that contradict each other, rows of nodes that are not
 * known and rows outside of the window are for the merge, which knows all shards. */
#ifndef TT_SNAPSHOT_USAGE_ROWS_H
#define TT_SNAPSHOT_USAGE_ROWS_H
#include "snapshot/usage_layout.h"
#include "snapshot/usage_read.h"
#include "snapshot/usage_sort.h"

/* Times of rows count from this long before the window's start, because a merged window
 * may start earlier. What is older than that is put there: it is outside of any window. */
#define TT_USAGE_ROWS_BEFORE_S (1 << 29)

typedef struct tt_usage_rows {
	tt_usage *names;        /* carriers, pods; its start_s is what times count from */
	tt_usage_layout layout; /* metrics in the order of a row's values, unknown columns */
	tt_usage_sorter *sorter;
	int64_t rows, lines;    /* in the file, rejected ones included */
} tt_usage_rows;

/* One thread reads. Errors: TT_EIO, TT_EDATA as tt_reject_row(), TT_ENOMEM. */
int tt_usage_rows_read(const tt_usage_input *in, tt_rejects *rejects, tt_usage_rows *ret,
                       tt_err *err);
void tt_usage_rows_free(tt_usage_rows *r);
/* Hand every row to `take`, once. Rows of one carrier and time come as in the file. */
int tt_usage_rows_each(tt_usage_rows *r,
                       int (*take)(void *ctx, const tt_usage_row *row, const int64_t *value),
                       void *ctx, tt_err *err);
#endif
