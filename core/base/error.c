/* error.c - first reason wins, context goes in front, and the text is always one
 * line of valid UTF-8, whatever bytes of somebody's file went into it. */
#include "error.h"
#include "text.h"
#include <stdio.h>
#include <string.h>

/* Is the code point at s one that moves a cursor or starts a terminal sequence?
 * U+0080..U+009F count: some terminals act on them like on ESC. */
static bool is_control(const char *s, size_t len)
{
	unsigned char c = (unsigned char)s[0];

	if (len == 1)
		return c < 0x20 || c == 0x7f;
	return len == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0;
}

/* Make the n bytes at s fit to print, in place; `cut`: more had been there, so
 * a started code point at the end goes away instead of becoming '?'. */
static void clean(char *s, size_t n, bool cut)
{
	size_t to = 0;

	for (size_t i = 0; i < n;) {
		size_t len = tt_utf8_next(s + i, n - i);

		if (len == 0 && cut && n - i < 4 && (unsigned char)s[i] >= 0xc0)
			break;
		if (len == 0 || is_control(s + i, len)) {
			s[to++] = '?';
			i += len ? len : 1;
			continue;
		}
		memmove(s + to, s + i, len);
		to += len;
		i += len;
	}
	s[to] = '\0';
}

static void format(char *text, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(text, size, fmt, ap);

	if (n < 0)
		n = snprintf(text, size, "message could not be formatted");
	clean(text, strlen(text), (size_t)n >= size);
}

int tt_fail(tt_err *err, int status, const char *fmt, ...)
{
	va_list ap;

	if (!err || err->status < 0)
		return status;
	err->status = status;
	va_start(ap, fmt);
	format(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	return status;
}

int tt_no_memory(tt_err *err)
{
	return tt_fail(err, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
}

int tt_context(tt_err *err, const char *fmt, ...)
{
	char text[2 * sizeof err->text];
	va_list ap;

	if (!err)
		return TT_EINTERNAL;
	va_start(ap, fmt);
	format(text, sizeof err->text, fmt, ap);
	va_end(ap);

	size_t head = strlen(text);
	int n = snprintf(text + head, sizeof text - head, ": %s", err->text);
	size_t whole = head + (size_t)(n > 0 ? n : 0);
	size_t keep = whole < sizeof err->text ? whole : sizeof err->text - 1;

	memcpy(err->text, text, keep);
	clean(err->text, keep, keep < whole);
	return err->status;
}

const char *tt_status_text(int status)
{
	switch (status) {
#define X(name, value, text) \
	case name:           \
		return text;
	TT_STATUS_MAP(X)
#undef X
	default:
		return "unknown status";
	}
}
