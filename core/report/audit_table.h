/* audit_table.h - an audit for people: what was spent, what of it was put to use, what to
 * do first, and what can't be told. At most 100 columns; colours only when asked for. */
#ifndef TT_REPORT_AUDIT_TABLE_H
#define TT_REPORT_AUDIT_TABLE_H
#include "report/audit.h"

/* Append the report; out->failed when memory runs out. */
void tt_audit_table(const tt_audit *a, int color, tt_buf *out);
#endif
