/* table_sort.h - rows of a table into the order of their keys, each key once, so that
 * what follows does not depend on the order in which a file listed them. */
#ifndef TT_SNAPSHOT_TABLE_SORT_H
#define TT_SNAPSHOT_TABLE_SORT_H
#include "snapshot/tables.h"
#include <stdbool.h>

/* Sort by key, then by every other field. Of equal rows the one with the lowest line
 * stays and rows->duplicates counts the others; different rows of one key are all
 * rejected, each naming the line of another. A row that several shards have is one row
 * and counts as read as often as in the shard that has it most; r->copies counts the
 * others. Errors: TT_EDATA as tt_reject_row(), TT_ENOMEM. */
int tt_rows_sort(tt_rows *r, tt_rejects *rejects, tt_err *err);

/* Line `line` of shard `shard` as one number: ordered by shard, then by line. */
int64_t tt_shard_line(size_t shard, int64_t line);
size_t tt_shard_of_line(int64_t line);
/* Where row `i` stands, for messages: "nodes.csv:7", and as one of several: "line 7". With
 * the name of its shard where there are shards. Into buf, which is returned. */
#define TT_ROW_PLACE 400
char *tt_row_place(const tt_rows *r, size_t i, char buf[TT_ROW_PLACE]);
char *tt_row_line(const tt_rows *r, size_t i, char buf[TT_ROW_PLACE]);

/* Take out the rows with drop[i]; the others keep their order. */
void tt_rows_drop(tt_rows *r, const bool *drop);

/* Append one field of a row as a message shows it: `"x"`, 2.5, 2026-01-05T00:00:00Z,
 * `empty`. */
void tt_field_describe(const tt_field *f, const void *row, tt_buf *ret);

/* A stable order of 0..n-1 by `compare`, in *ret, which the caller tt_free()s. */
int tt_sort_index(size_t n, int (*compare)(const void *ctx, size_t a, size_t b),
                  const void *ctx, size_t **ret, tt_err *err);
#endif
