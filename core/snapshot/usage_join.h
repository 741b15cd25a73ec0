/* usage_join.h - a usage table from the rows of several shards to a finished tt_usage, as if
 * all rows had stood in one file. Rows of one carrier lie in the order of time in every
 * shard; here they are merged and go through usage.h, so a histogram, an hour or a holding
 * that lies across shards is made by the same code from the same rows. */
#ifndef TT_SNAPSHOT_USAGE_JOIN_H
#define TT_SNAPSHOT_USAGE_JOIN_H
#include "snapshot/store_shard.h"

typedef struct tt_usage_join {
	enum tt_usage_table table;
	const tt_shard *const *shards; size_t n_shards; /* in the order that decides which of
	                                 * contradicting rows came first */
	const char *file;                /* its name in messages and notes */
	int64_t start_s, end_s;
	int32_t step_s;                  /* 0: the usual step of the data */
	const tt_rows *nodes, *pods;     /* NULL: anything will do */
	const char *temp_folder;
	int threads;
	const tt_build_options *options;
} tt_usage_join;

/* As tt_usage_read(). Errors: TT_EDATA (damaged, or a row that contradicts another),
 * TT_EIO, TT_ENOMEM. */
int tt_usage_join_shards(const tt_usage_join *in, tt_rejects *rejects, tt_usage_result *ret,
                         tt_err *err);
#endif
