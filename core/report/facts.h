/* facts.h - what can be told of a fleet without nodes: demand curves, prices and spot
 * probes, in sentences. Such a fleet has no bill, but it is not nothing. */
#ifndef TT_REPORT_FACTS_H
#define TT_REPORT_FACTS_H
#include "report/texts.h"
#include "snapshot/snapshot.h"

/* Append what the tables of `s` say; nothing where there are nodes. Errors: TT_ENOMEM. */
int tt_facts_make(const tt_snapshot *s, tt_arena *arena, tt_texts *to, tt_err *err);
#endif
