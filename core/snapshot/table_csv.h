/* table_csv.h - one table of a snapshot from one CSV file: columns by name in any
 * order, types and ranges by the catalogue, rows sorted by key. What crosses tables is
 * checked in check.h; gpu_usage and node_usage, which are too big for rows in memory,
 * are read elsewhere. */
#ifndef TT_SNAPSHOT_TABLE_CSV_H
#define TT_SNAPSHOT_TABLE_CSV_H
#include "snapshot/tables.h"

/* Read `path` into `rows`.
 *
 * renames  [n_renames] columns whose name in the file is not that of the field
 * rows     of tt_rows_init() with the table of `def`, empty; on failure to be freed as
 *          on success
 * rejects  rows that can't be read; see tt_reject_row()
 * notes    a line each for what the user should know: unknown columns, duplicates
 *
 * Messages and notes name the file without its folder, so that a snapshot made from
 * them does not depend on where the folder was.
 *
 * Errors: TT_EIO, TT_ENOMEM, TT_EDATA (no such column, not a CSV file, a bad row),
 * TT_EINVAL (the table was read before). */
int tt_table_read_csv(const char *path, const tt_table_def *def, const tt_column *renames,
                      size_t n_renames, tt_rows *rows, tt_rejects *rejects, tt_buf *notes,
                      tt_err *err);

/* The same for a shard: the rows in the order of the file, equal and contradicting ones
 * among them. tt_rows_sort() is for whoever has the rows of all shards. */
int tt_table_read_rows(const char *path, const tt_table_def *def, const tt_column *renames,
                       size_t n_renames, tt_rows *rows, tt_rejects *rejects, tt_buf *notes,
                       tt_err *err);
/* What the notes say of equal rows; nothing when there were none. */
void tt_table_note_equal(const tt_rows *rows, tt_buf *notes);
#endif
