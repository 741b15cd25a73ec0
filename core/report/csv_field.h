/* csv_field.h - one field of a CSV that spreadsheets and warehouses read: RFC 4180, without
 * control characters, and never taken for a formula. */
#ifndef TT_REPORT_CSV_FIELD_H
#define TT_REPORT_CSV_FIELD_H
#include "base/text.h"

/* Append `s`, quoted where it must be. A spreadsheet takes what begins with one of =+-@ for
 * a formula; where it is `foreign`, written by somebody else, an apostrophe before it makes
 * it text. */
void tt_csv_field(tt_buf *out, const char *s, bool foreign);
#endif
