#include "report/csv_field.h"
#include "report/layout.h"
#include <string.h>

void tt_csv_field(tt_buf *out, const char *s, bool foreign)
{
	bool quoted = strpbrk(s, ",\"");

	if (quoted)
		tt_buf_putc(out, '"');
	if (foreign && *s && strchr("=+-@", *s))
		tt_buf_putc(out, '\'');
	while (*s) {
		size_t n = strcspn(s, "\"");

		tt_put_visible(out, s, n);
		s += n;
		if (*s == '"') {
			tt_buf_puts(out, "\"\"");
			s++;
		}
	}
	if (quoted)
		tt_buf_putc(out, '"');
}
