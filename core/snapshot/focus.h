/* focus.h - a bill in FOCUS columns, as the table `charges` reads it: which version its
 * columns are of, values as exporters write them in the form of all other tables, and what
 * tells one row from another.
 *
 * Exporters write NULL for nothing, times without seconds or with a blank, numbers with an
 * exponent, tags as a JSON map. Rows have no id, and the table keeps few of the columns: the
 * number of a record, made of all its values, tells two charges that look alike from one that
 * is there twice. Which cost counts, and what a charge is of, is not decided here. */
#ifndef TT_SNAPSHOT_FOCUS_H
#define TT_SNAPSHOT_FOCUS_H
#include "base/csv.h"
#include "snapshot/tables.h"

/* The value of `f` at `at` in the form that the tables read; what is in no form of FOCUS
 * stays as it is, for the reader to refuse. May point into `scratch`. Errors: TT_EDATA (with
 * the reason alone: tags that are no map), TT_ENOMEM. */
int tt_focus_value(const tt_field *f, tt_csv_field *at, tt_buf *scratch, tt_err *err);

/* The number of a record: of the names and values of all that is not empty, whatever the
 * order of columns; below 2^53. */
double tt_focus_record(const tt_csv *csv, const tt_csv_field *record);

/* Append a line to `notes`: the version that the columns tell and those that are none of
 * FOCUS. */
void tt_focus_note(const tt_csv *csv, const char *file, tt_buf *notes);

/* Whether a FOCUS bill has a column of that name, in any version. */
bool tt_focus_is_column(const char *name);
#endif
