/* explain_table.h - an explanation for people: at most 100 columns, a plot, colours only
 * when asked for. */
#ifndef TT_REPORT_EXPLAIN_TABLE_H
#define TT_REPORT_EXPLAIN_TABLE_H
#include "report/explain.h"

/* Append it; out->failed when memory runs out. */
void tt_explain_table(const tt_explanation *e, int color, tt_buf *out);
#endif
