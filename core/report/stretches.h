/* stretches.h - hours of the history in which nobody used anything: which they are, and what was
 * made of them (commit/eligible.h). */
#ifndef TT_REPORT_STRETCHES_H
#define TT_REPORT_STRETCHES_H
#include "base/json.h"
#include "commit/eligible.h"

typedef struct tt_stretches_use {
	bool keep;                  /* --gaps keep: all of them count */
	bool keep_usual;            /* those that are usual count in any case: who plans ahead */
} tt_stretches_use;

/* Append sentences, each after a blank; nothing where there is no such hour. */
void tt_stretches_text(const tt_eligible *e, tt_stretches_use use, tt_buf *out);
/* "unused_stretches": [from, until, hours, usual, counted]. */
void tt_stretches_json(const tt_eligible *e, tt_stretches_use use, tt_json *j);
#endif
