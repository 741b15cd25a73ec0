/* course_json.h - one world of a simulation for machines, every hour of it: schema
 * trimtab.simulate.course/1, described in README.md. */
#ifndef TT_REPORT_COURSE_JSON_H
#define TT_REPORT_COURSE_JSON_H
#include "base/text.h"
#include "simulate/course.h"

/* Append the document and a newline; out->failed when memory runs out. */
void tt_course_json(const tt_course *c, tt_buf *out);
#endif
