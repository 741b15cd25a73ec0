/* audit_json.h - an audit for machines: schema trimtab.audit/1, described in README.md. */
#ifndef TT_REPORT_AUDIT_JSON_H
#define TT_REPORT_AUDIT_JSON_H
#include "base/json.h"
#include "report/audit.h"

/* Append the document and a newline; out->failed when memory runs out. */
void tt_audit_json(const tt_audit *a, tt_buf *out);
/* One finding as the document has it. */
void tt_audit_json_finding(tt_json *j, const tt_ranked *r);
#endif
