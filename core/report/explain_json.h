/* explain_json.h - an explanation for machines: schema trimtab.explain/1, described in
 * README.md. */
#ifndef TT_REPORT_EXPLAIN_JSON_H
#define TT_REPORT_EXPLAIN_JSON_H
#include "report/explain.h"

/* Append the document and a newline; out->failed when memory runs out. */
void tt_explain_json(const tt_explanation *e, tt_buf *out);
#endif
