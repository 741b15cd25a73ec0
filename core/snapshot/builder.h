/* builder.h - from tables to a snapshot file. A source fills a builder; finish()
 * checks what crosses tables, then writes to a temporary name and renames, so an old
 * file stays whole until the new one is. Belongs to one thread. */
#ifndef TT_SNAPSHOT_BUILDER_H
#define TT_SNAPSHOT_BUILDER_H
#include "snapshot/tables.h"
#include "snapshot/window.h"

struct tt_shard;
typedef struct tt_builder tt_builder;

typedef struct tt_build_options {
	int lenient;
	int threads;              /* 0: as many as processors */
	int shard;                /* write a shard (store_shard.h) and no snapshot */
	const char *temp_folder;  /* for spilled rows; NULL: that of the output */
	/* Called now and then with how much of a file is read; may be NULL. */
	void (*progress)(void *ctx, const char *file, int64_t done_bytes, int64_t all_bytes);
	void *progress_ctx;
} tt_build_options;

/* `out` is where the snapshot will be; nothing is written there before finish(). */
int tt_builder_open(const char *out, const tt_build_options *o, tt_builder **ret, tt_err *err);
void tt_builder_close(tt_builder *b); /* removes what is temporary; NULL is fine */
void tt_builder_closep(tt_builder **b);

/* The window from a YAML file; must come first. */
int tt_builder_window(tt_builder *b, const char *path, tt_err *err);
/* One table from a CSV file. `columns` renames: file name to field name. */
int tt_builder_read_csv(tt_builder *b, const char *path, const char *table,
                        const tt_column *columns, size_t n_columns, tt_err *err);
/* Instead of files: the rows of all shards of a fleet, in the order that decides which of
 * contradicting rows came first, and the window that holds them. *ret_copies: rows of
 * entities and curves that several shards have; each is one row. */
int tt_builder_join(tt_builder *b, const tt_snapshot_window *window,
                    const struct tt_shard *const *shards, size_t n, int64_t *ret_copies,
                    tt_err *err);
/* A line for the snapshot's notes. */
int tt_builder_note(tt_builder *b, const char *fmt, ...) TT_PRINTF(2, 3);
void tt_builder_source(tt_builder *b, const char *source_id);

/* Only for measurements: seconds spent reading to answers, and writing the file. */
typedef struct tt_build_times { double answers_s, write_s; } tt_build_times;
int tt_builder_finish(tt_builder *b, tt_build_times *ret_times, tt_err *err);
#endif
