/* verify.h - what the check of a plan found, as a table, JSON or CSV (commit/verify.h). */
#ifndef TT_REPORT_VERIFY_H
#define TT_REPORT_VERIFY_H
#include "base/text.h"
#include "commit/verify.h"

/* Append it; out->failed when memory runs out. */
void tt_verify_table(const tt_verdicts *v, int color, tt_buf *out);
void tt_verify_json(const tt_verdicts *v, tt_buf *out);
void tt_verify_csv(const tt_verdicts *v, tt_buf *out);
#endif
