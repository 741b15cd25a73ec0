/* merge.h - shards of one fleet into the snapshot that the whole would have given, to the
 * byte where the shards have the rows of the whole between them. By time, by node or at
 * random, in any order: rows are put together again and go through the same code. */
#ifndef TT_SNAPSHOT_MERGE_H
#define TT_SNAPSHOT_MERGE_H
#include "snapshot/builder.h"
#include "snapshot/store_shard.h"

typedef struct tt_merge_report {
	int64_t copies;              /* rows of entities and curves that several shards have */
	size_t gaps;                 /* times in the window that no shard's window covers */
	int64_t gap_from_s, gap_to_s; /* the first of them */
} tt_merge_report;

/* Join shards[n], which are put into the order of their windows, then of their names; then
 * write `out` as tt_builder_finish() does. They have to have one name, currency and step.
 * A lenient merge calls them by the last part of their labels, which goes into the file.
 *
 * Errors: TT_EDATA (not of one fleet; the reasons of builder.h), TT_EIO, TT_ENOMEM. */
int tt_merge(tt_shard **shards, size_t n, const char *out, const tt_build_options *o,
             tt_merge_report *ret, tt_build_times *ret_times, tt_err *err);
#endif
