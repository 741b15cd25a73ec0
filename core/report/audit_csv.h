/* audit_csv.h - an audit for spreadsheets and warehouses: one long table of the bill's
 * amounts, the findings and the notes. Columns and records: README.md. */
#ifndef TT_REPORT_AUDIT_CSV_H
#define TT_REPORT_AUDIT_CSV_H
#include "report/audit.h"

/* Append a header line and the rows; out->failed when memory runs out. */
void tt_audit_csv(const tt_audit *a, tt_buf *out);
#endif
