/* course_csv.h - one world of a simulation for spreadsheets and warehouses: its changes, and
 * every hour. Columns and records: README.md. */
#ifndef TT_REPORT_COURSE_CSV_H
#define TT_REPORT_COURSE_CSV_H
#include "base/text.h"
#include "simulate/course.h"

/* Append a header line and the rows; out->failed when memory runs out. */
void tt_course_csv(const tt_course *c, tt_buf *out);
#endif
