#include "report/markup.h"

void tt_put_markup(tt_buf *out, const char *s)
{
	for (; *s; s++) {
		const unsigned char c = (unsigned char)*s;

		if (c == '&')
			tt_buf_puts(out, "&amp;");
		else if (c == '<')
			tt_buf_puts(out, "&lt;");
		else if (c == '>')
			tt_buf_puts(out, "&gt;");
		else if (c == '"')
			tt_buf_puts(out, "&quot;");
		else
			tt_buf_putc(out, c < 0x20 ? ' ' : (char)c);
	}
}
