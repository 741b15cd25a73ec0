/* texts.h - lists of sentences: what a report notes, tells and can't tell. */
#ifndef TT_REPORT_TEXTS_H
#define TT_REPORT_TEXTS_H
#include "base/error.h"
#include "base/memory.h"

typedef struct tt_texts { const char **v; size_t n, cap; } tt_texts; /* zero-initialise */

/* Append a sentence, kept in `arena`. Errors: TT_ENOMEM. */
int tt_texts_add(tt_texts *t, tt_arena *arena, tt_err *err, const char *fmt, ...)
	TT_PRINTF(4, 5);
void tt_texts_free(tt_texts *t);
#endif
