#include "snapshot/rejects.h"
#include "base/memory.h"
#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static tt_reject *reject_of(tt_rejects *r, const char *table, const char *kind)
{
	for (size_t i = 0; i < r->n_kinds; i++)
		if (!strcmp(r->kinds[i].table, table) && !strcmp(r->kinds[i].kind, kind))
			return &r->kinds[i];
	if (!TT_GROW(r->kinds, r->n_kinds, r->cap_kinds))
		return NULL;
	r->kinds[r->n_kinds] = (tt_reject){ .table = table, .kind = kind };
	return &r->kinds[r->n_kinds++];
}

int tt_reject_row(tt_rejects *r, tt_err *err, const char *table, const char *kind,
                  const char *fmt, ...)
{
	tt_err text = { 0 };
	char line[sizeof text.text];
	va_list args;
	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	tt_fail(&text, TT_EDATA, "%s", line); /* makes it one valid line */
	if (!r->lenient)
		return tt_fail(err, TT_EDATA, "%s", text.text);

	tt_reject *k = reject_of(r, table, kind);
	if (!k)
		return tt_no_memory(err);
	if (k->n == 0) {
		size_t n = strnlen(text.text, sizeof k->first - 1);
		while (n > 0 && !tt_utf8_ok(text.text, n))
			n--; /* cut at a whole character */
		memcpy(k->first, text.text, n);
		k->first[n] = '\0';
	}
	k->n++;
	r->n++;
	return TT_OK;
}

void tt_rejects_free(tt_rejects *r)
{
	tt_free(r->kinds);
	*r = (tt_rejects){ .lenient = r->lenient };
}

int tt_rejects_pass_on(const tt_rejects *seen, tt_rejects *to, tt_err *err)
{
	for (size_t k = 0; k < seen->n_kinds; k++)
		for (int64_t n = 0; n < seen->kinds[k].n; n++)
			TT_TRY(tt_reject_row(to, err, seen->kinds[k].table, seen->kinds[k].kind,
			                     "%s", seen->kinds[k].first));
	return TT_OK;
}
