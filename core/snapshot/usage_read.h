/* usage_read.h - a usage table from its file to a finished tt_usage.
 *
 * Rounds: every thread takes a block of lines and parses it, then every thread takes the
 * rows of its shard out of all blocks in the order of the file. So the answer does not
 * depend on the number of threads. Passes: rows in time order need one; what one pass
 * finds out too late (rows out of order, another usual step, line ends inside quotes)
 * starts another that knows it. */
#ifndef TT_SNAPSHOT_USAGE_READ_H
#define TT_SNAPSHOT_USAGE_READ_H
#include "snapshot/usage_layout.h"
#include "snapshot/builder.h"
#include "snapshot/usage.h"

typedef struct tt_usage_input {
	const char *table, *path;      /* "gpu_usage"; where it lies */
	const char *file;              /* its name in messages and notes */
	int of_node;
	const tt_column *renames; size_t n_renames;
	int64_t start_s, end_s;
	int32_t step_s;                /* 0: the usual step of the data */
	const tt_rows *nodes, *pods;   /* NULL: anything will do */
	const char *temp_folder;
	int threads;
	const tt_build_options *options;
} tt_usage_input;

typedef struct tt_usage_result {
	tt_usage *usage;               /* the caller's: tt_usage_free() */
	int32_t step_s;
	int64_t rows, duplicates, outside;
	int differing, has_pods;
	char unknown[TT_USAGE_UNKNOWN]; /* columns passed over; "" none */
} tt_usage_result;

/* Rejected rows go to `rejects`. Errors: TT_EIO, TT_EDATA, TT_ENOMEM. */
int tt_usage_read(const tt_usage_input *in, tt_rejects *rejects, tt_usage_result *ret,
                  tt_err *err);
#endif
