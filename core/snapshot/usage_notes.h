/* usage_notes.h - what a reader of a report should know of a usage table that was read and is
 * no fault: rows that count once or not at all, cards that the fleet's table does not have. */
#ifndef TT_SNAPSHOT_USAGE_NOTES_H
#define TT_SNAPSHOT_USAGE_NOTES_H
#include "snapshot/usage_read.h"

/* Notes of the table from `file`, into the builder. `nodes` NULL: the table is not one of
 * cards, or no table of nodes was read. Errors: TT_ENOMEM. */
int tt_usage_notes(tt_builder *b, const char *file, const tt_usage_result *r,
                   const tt_rows *nodes, tt_err *err);
#endif
