/* usage_clash.h - rows that contradict another one of the same card and time: counted, and
 * what is wrong with the first in the file put into words. Only messages; what contradicts
 * what is decided in usage.c. */
#ifndef TT_SNAPSHOT_USAGE_CLASH_H
#define TT_SNAPSHOT_USAGE_CLASH_H
#include "snapshot/usage.h"

/* `row` and `seen` name two pods of which each needs the whole card at `when`. TT_OK. */
int tt_usage_clash_pods(tt_usage *u, tt_usage_shard *sh, const tt_usage_row *row,
                        const tt_seen *seen, const char *when);
/* They give metric `m` two values. TT_OK. */
int tt_usage_clash_values(tt_usage *u, tt_usage_shard *sh, const tt_usage_row *row,
                          const tt_seen *seen, const int64_t *value, size_t m, const char *when);
#endif
