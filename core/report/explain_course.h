/* explain_course.h - the parts of an explanation for people that are about what was
 * measured: the plot of its course, and how much of it there is. */
#ifndef TT_REPORT_EXPLAIN_COURSE_H
#define TT_REPORT_EXPLAIN_COURSE_H
#include "report/explain.h"
#include "report/layout.h"

void tt_explain_course(tt_page *p, const tt_explanation *e);
void tt_explain_measured(tt_page *p, const tt_explanation *e);
#endif
