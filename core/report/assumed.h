/* assumed.h - what a scenario assumes, in words: so that whoever reads the answer sees what
 * it rests on without the file beside it. */
#ifndef TT_REPORT_ASSUMED_H
#define TT_REPORT_ASSUMED_H
#include "report/texts.h"
#include "simulate/bind.h"

/* Append "normal, mean 0.02, sd 0.01" and, where it is cut off, "0 to 0.1". */
void tt_assumed_text(enum tt_assumption of, const tt_assumed *a, tt_buf *out);

/* A sentence for each thing that the scenario says: assumptions of the fleet, growth of parts
 * of it, price cuts. What holds by default is not said. Errors: TT_ENOMEM. */
int tt_assumed_list(const tt_bound_scenario *b, tt_arena *arena, tt_texts *ret, tt_err *err);
#endif
