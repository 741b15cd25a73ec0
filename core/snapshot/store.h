/* store.h - the snapshot file: a SQLite database. store*.c are the only files that
 * include sqlite3.h.
 *
 * Entities are STRICT tables with a row each; curves and series are packed blobs (pack.h);
 * views (v_...) give a person with sqlite3 answers. README.md shows the schema.
 * `application_id` says that a file is ours, `user_version` which schema it has. A newer
 * one is refused, and so are schemas 1 and 2, which were never released. */
#ifndef TT_SNAPSHOT_STORE_H
#define TT_SNAPSHOT_STORE_H
#include "snapshot/snapshot.h"
#include "snapshot/usage.h"
#include <sqlite3.h>

#define TT_STORE_APPLICATION 0x54525442 /* "TRTB" */
#define TT_STORE_VERSION 4
#define TT_STORE_SHARD 0x54525453 /* "TRTS": a shard, see store_shard.h */

/* For writing: the file is held by its maker already (workfile.h), in a way that SQLite's
 * own locks would run into where flock() is made of these, as on NFS. */
#define TT_STORE_ALONE "unix-none"

typedef struct tt_store_input {
	const char *name, *currency, *note, *source;
	int64_t start_s, end_s, step_s;
	const tt_rows *table;              /* [TT_TABLE_COUNT] */
	const tt_usage *gpu_usage, *node_usage; /* NULL: no such file */
	const char *gpu_usage_file, *node_usage_file;
	int64_t gpu_usage_rows, node_usage_rows;
	int64_t gpu_usage_duplicates, node_usage_duplicates;
	int usage_has_pods;
	const tt_rejects *rejects;
	const char *const *notes; size_t n_notes;
	int threads;
} tt_store_input;

/* Write a database at `path`, where nothing or an empty file is. Errors: TT_EIO, TT_ENOMEM;
 * TT_EDATA where two carriers would have one name. */
int tt_store_write(const char *path, const tt_store_input *in, tt_err *err);

/* For store*.c: one error from a connection, and a prepared statement. */
int tt_store_error(sqlite3 *db, const char *path, tt_err *err);
int tt_store_prepare(sqlite3 *db, const char *path, const char *sql, sqlite3_stmt **ret,
                     tt_err *err);
void tt_store_closep(sqlite3 **db);
void tt_store_finalizep(sqlite3_stmt **s);
/* Open for reading: checks that the file is ours and not newer. */
int tt_store_open(const char *path, sqlite3 **ret, tt_err *err);
/* The same for a shard. */
int tt_store_open_shard(const char *path, sqlite3 **ret, tt_err *err);
/* CRC-32 of all rows of all tables and of the schema, as text. */
#define TT_STORE_SUM 16
int tt_store_checksum(sqlite3 *db, const char *path, char ret[TT_STORE_SUM], tt_err *err);
/* The CREATE statements. */
int tt_store_schema(tt_buf *out);
int tt_store_shard_schema(tt_buf *out);
/* Where a snapshot keeps open what it read series with; it lives in the arena. */
int tt_series_readers_make(tt_arena *a, tt_series_readers **ret, tt_err *err);
/* Field `f` of `row` as parameter `at`, and column `at` as that field; texts go into `a`. */
void tt_store_bind_field(sqlite3_stmt *s, int at, const tt_field *f, const char *row);
int tt_store_load_field(const char *path, const tt_field *f, tt_arena *a, sqlite3_stmt *s, int at,
                        char *row, tt_err *err);
#endif
