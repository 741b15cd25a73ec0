/* usage_sort.h - rows that are not in time order: sorted by (carrier, time) in bounded
 * memory. Rows collect up to a bound, are sorted and spilled as a run; at the end the
 * runs are merged. Rows of one carrier and time keep the order they came in. */
#ifndef TT_SNAPSHOT_USAGE_SORT_H
#define TT_SNAPSHOT_USAGE_SORT_H
#include "snapshot/usage.h"

typedef struct tt_usage_sorter tt_usage_sorter;

int tt_usage_sorter_new(size_t row_bytes, const char *folder, tt_usage_sorter **ret, tt_err *err);
void tt_usage_sorter_free(tt_usage_sorter *s);
int tt_usage_sorter_add(tt_usage_sorter *s, const tt_usage_row *row, tt_err *err);
/* Hand every row, in order, to `take`; stops at its first negative status. */
int tt_usage_sorter_merge(tt_usage_sorter *s,
                          int (*take)(void *ctx, const tt_usage_row *row, const int64_t *value),
                          void *ctx, tt_err *err);
#endif
