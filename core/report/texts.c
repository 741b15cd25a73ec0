#include "report/texts.h"
#include <stdarg.h>
#include <stdio.h>

int tt_texts_add(tt_texts *t, tt_arena *arena, tt_err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);

	char *text = n < 0 ? NULL : tt_arena_alloc(arena, (size_t)n + 1);

	if (!text || !TT_GROW(t->v, t->n, t->cap))
		return tt_no_memory(err);
	va_start(ap, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	t->v[t->n++] = text;
	return TT_OK;
}

void tt_texts_free(tt_texts *t)
{
	tt_free(t->v);
	*t = (tt_texts){ 0 };
}
