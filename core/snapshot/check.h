/* check.h - what must hold between the tables of a snapshot: pods run on nodes that
 * exist, while these exist, and no card is held whole by two pods at once. What one
 * row can tell is checked as it is read (table_csv.h). */
#ifndef TT_SNAPSHOT_CHECK_H
#define TT_SNAPSHOT_CHECK_H
#include "snapshot/tables.h"

/* Check all tables of a window and take out the rows that are rejected.
 *
 * tables  [TT_TABLE_COUNT] sorted by key, as tt_table_read_csv() leaves them
 *
 * A pod with no started_at never started when it is pending or its submitted_at is
 * known, and then holds nothing; else it is there since before the window.
 * Errors: TT_EDATA as tt_reject_row(), TT_ENOMEM. O(n log n). */
int tt_check_tables(tt_rows tables[TT_TABLE_COUNT], int64_t start_s, int64_t end_s,
                    tt_rejects *rejects, tt_err *err);

/* Charges are in the currency of the snapshot: nothing is converted. */
int tt_check_currency(tt_rows *charges, const char *currency, tt_rejects *rejects, tt_err *err);
#endif
