/* judged.h - what rules of an organisation said of an audit: exemptions, policy, and the notes
 * about rules that ended or failed. */
#ifndef TT_REPORT_JUDGED_H
#define TT_REPORT_JUDGED_H
#include "base/json.h"
#include "report/audit.h"

/* Sentences for the reports; nothing without rules. Errors: TT_ENOMEM. */
int tt_judged_notes(tt_audit *a, tt_err *err);
int tt_judged_exempt(tt_audit *a, tt_err *err);
int tt_judged_policy(tt_audit *a, tt_err *err);
/* "rules", "policy" and "exempt"; nothing without rules. */
void tt_judged_json(tt_json *j, const tt_audit *a);
#endif
