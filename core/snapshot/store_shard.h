/* store_shard.h - the file of a shard: the rows of a part of a fleet as they were read, to be
 * joined with those of other parts (merge.h). A SQLite database like a snapshot, but none:
 * it holds no answers, so nobody can take a part for the whole.
 *
 * Rows of usage tables are packed by carrier in the order of time, with their lines; those
 * of the other tables stand in tables with the names of these. */
#ifndef TT_SNAPSHOT_STORE_SHARD_H
#define TT_SNAPSHOT_STORE_SHARD_H
#include "snapshot/usage_rows.h"
#include "snapshot/window.h"

/* The tables that hold measurements; the names are in tt_usage_tables. */
enum tt_usage_table { TT_GPU_USAGE, TT_NODE_USAGE, TT_USAGE_TABLES };
extern const char *const tt_usage_tables[TT_USAGE_TABLES];

/* A line for the snapshot's notes. */
typedef struct tt_table_note {
	const char *table;      /* that it is about; "": the source's own */
	const char *text;
} tt_table_note;

/* --- Writing ---------------------------------------------------------------------- */
typedef struct tt_shard_writer tt_shard_writer;

/* A new database at `path`, which must not exist. It is whole after finish(). */
int tt_shard_create(const char *path, tt_shard_writer **ret, tt_err *err);
void tt_shard_writer_closep(tt_shard_writer **w);
int tt_shard_put_about(tt_shard_writer *w, const tt_snapshot_window *window, const char *source,
                       tt_err *err);
int tt_shard_put_rows(tt_shard_writer *w, const tt_rows *rows, tt_err *err);
/* All rows of `r`, which are gone then. */
int tt_shard_put_usage(tt_shard_writer *w, const char *table, const char *file, tt_usage_rows *r,
                       tt_err *err);
int tt_shard_put_note(tt_shard_writer *w, const tt_table_note *note, tt_err *err);
int tt_shard_put_rejects(tt_shard_writer *w, const tt_rejects *rejects, tt_err *err);
int tt_shard_finish(tt_shard_writer *w, tt_err *err);

/* --- Reading ---------------------------------------------------------------------- */
typedef struct tt_shard_carrier {
	const char *key;                     /* as in usage.h: node 0x1f gpu 0x1f slice */
	int64_t rows, first_s;               /* first_s: time of its first row */
	int64_t first_part, parts;
} tt_shard_carrier;

typedef struct tt_shard_usage {
	const char *file;                    /* NULL: there was no such file */
	int64_t rows, lines;                 /* in it, rejected ones included */
	const tt_metric_def *metric[TT_METRIC_DEFS];
	size_t n_metrics;
	tt_shard_carrier *carriers; size_t n_carriers;
} tt_shard_usage;

typedef struct tt_shard {
	const char *path;
	const char *label;                   /* what messages call it */
	tt_snapshot_window window;
	const char *source;
	struct { const char *file; int64_t rows; } input[TT_TABLE_COUNT]; /* file NULL: none */
	tt_shard_usage usage[TT_USAGE_TABLES];
	const char **pods; size_t n_pods;    /* names, by the number that rows have */
	tt_table_note *notes; size_t n_notes;
	tt_rejects rejects;
	tt_arena *arena;
	struct tt_shard_store *store;
} tt_shard;

/* Everything but the rows. The file may be removed from now on. Errors: TT_EIO, TT_EDATA
 * (not a shard, damaged), TT_ENOMEM. */
int tt_shard_open(const char *path, const char *label, tt_shard **ret, tt_err *err);
void tt_shard_close(tt_shard *s);

/* Append the rows of a table; their lines become those of shard `number`. */
int tt_shard_rows(const tt_shard *s, enum tt_table_id t, size_t number, tt_rows *to, tt_err *err);

typedef struct tt_shard_part {
	size_t n;
	unsigned char *buf;
	int64_t *t, *pod, *line;             /* [n]; pod: 0, or 1 + number of its name */
	int64_t *value[TT_METRIC_DEFS];      /* [n] by metric of the shard's table */
} tt_shard_part;
/* Room for any part of `u`. */
int tt_shard_part_new(const tt_shard_usage *u, tt_shard_part *p, tt_err *err);
void tt_shard_part_free(tt_shard_part *p);
/* Part `id` of a carrier of `u`, with every check. Any thread. */
int tt_shard_part_read(const tt_shard *s, const tt_shard_usage *u, int64_t id, tt_shard_part *ret,
                       tt_err *err);
#endif
