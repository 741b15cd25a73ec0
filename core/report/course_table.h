/* course_table.h - one world of a simulation for people: which changes are taken up in it and
 * when, and what that saves hour by hour. At most 100 columns; colours only when asked for.
 *
 * A row is a day of 24 marks, or in a horizon of more than 62 days a week of 21; every hour
 * with its figures is course_csv's and course_json's. */
#ifndef TT_REPORT_COURSE_TABLE_H
#define TT_REPORT_COURSE_TABLE_H
#include "base/text.h"
#include "simulate/course.h"

/* Append the report; out->failed when memory runs out. */
void tt_course_table(const tt_course *c, int color, tt_buf *out);
#endif
