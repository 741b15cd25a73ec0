/* json.c - a writer that keeps track of commas and indents, so that callers only
 * say what comes next. Numbers and escapes are the same in every locale. */
#include "json.h"
#include "clock.h"
#include "money.h"
#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum { MAX_DEPTH = 63 }; /* bits of tt_json.compact */

static bool on_line(const tt_json *j)
{
	return j->compact >> j->depth & 1;
}

static void new_line(tt_json *j)
{
	tt_buf_putc(j->out, '\n');
	for (int i = 0; i < j->depth; i++)
		tt_buf_puts(j->out, "  ");
}

/* What stands between the item before and the one that comes. */
static void separate(tt_json *j, bool space_first)
{
	if (!j->first)
		tt_buf_putc(j->out, ',');
	if (!on_line(j))
		new_line(j);
	else if (!j->first || space_first)
		tt_buf_putc(j->out, ' ');
	j->first = false;
}

static void before_value(tt_json *j)
{
	if (j->after_key)
		j->after_key = false;
	else if (j->depth > 0)
		separate(j, false);
}

static void begin(tt_json *j, char bracket, bool line)
{
	before_value(j);
	tt_buf_putc(j->out, bracket);
	line = line || on_line(j);
	assert(j->depth < MAX_DEPTH);
	if (j->depth == MAX_DEPTH) {
		j->out->failed = true;
		return;
	}
	j->depth++;
	j->compact &= ~(UINT64_C(1) << j->depth);
	j->compact |= (uint64_t)line << j->depth;
	j->first = true;
}

static void end(tt_json *j, const char *bracket)
{
	bool line = on_line(j), empty = j->first;

	assert(j->depth > 0 && !j->after_key);
	j->depth--;
	j->first = false;
	if (!empty && !line)
		new_line(j);
	else if (!empty && bracket[0] == '}')
		tt_buf_putc(j->out, ' ');
	tt_buf_puts(j->out, bracket);
}

void tt_json_object(tt_json *j)
{
	begin(j, '{', false);
}

void tt_json_object_line(tt_json *j)
{
	begin(j, '{', true);
}

void tt_json_end_object(tt_json *j)
{
	end(j, "}");
}

void tt_json_array(tt_json *j)
{
	begin(j, '[', false);
}

void tt_json_array_line(tt_json *j)
{
	begin(j, '[', true);
}

void tt_json_end_array(tt_json *j)
{
	end(j, "]");
}

/* RFC 8259 section 7. Bytes that are no UTF-8 become U+FFFD: output that no parser
 * takes would be worse. */
static void put_string(tt_buf *out, const char *s)
{
	size_t n = strlen(s), start = 0, i = 0;

	tt_buf_putc(out, '"');
	while (i < n) {
		size_t len = tt_utf8_next(s + i, n - i);
		unsigned char c = (unsigned char)s[i];

		if (len && c >= 0x20 && c != '"' && c != '\\') {
			i += len;
			continue;
		}
		tt_buf_add(out, s + start, i - start);
		if (len == 0)
			tt_buf_puts(out, "\xef\xbf\xbd");
		else if (c < 0x20)
			tt_buf_printf(out, "\\u%04x", c);
		else
			tt_buf_printf(out, "\\%c", c);
		start = ++i;
	}
	tt_buf_add(out, s + start, n - start);
	tt_buf_putc(out, '"');
}

void tt_json_key(tt_json *j, const char *key)
{
	assert(j->depth > 0 && !j->after_key);
	separate(j, true);
	put_string(j->out, key);
	tt_buf_puts(j->out, ": ");
	j->after_key = true;
}

void tt_json_string(tt_json *j, const char *s)
{
	if (!s) {
		tt_json_null(j);
		return;
	}
	before_value(j);
	put_string(j->out, s);
}

void tt_json_i64(tt_json *j, int64_t v)
{
	before_value(j);
	tt_buf_printf(j->out, "%" PRId64, v);
}

void tt_json_f64(tt_json *j, double v, int decimals)
{
	char text[352]; /* the largest double has 309 digits */

	tt_format_f64(v, decimals, text, sizeof text);
	if (!text[0]) {
		tt_json_null(j);
		return;
	}
	before_value(j);
	tt_buf_puts(j->out, text);
}

void tt_json_bool(tt_json *j, bool v)
{
	before_value(j);
	tt_buf_puts(j->out, v ? "true" : "false");
}

void tt_json_null(tt_json *j)
{
	before_value(j);
	tt_buf_puts(j->out, "null");
}

void tt_json_money(tt_json *j, int64_t micro)
{
	char text[48];

	if (micro == TT_MONEY_UNKNOWN)
		tt_json_null(j);
	else
		tt_json_string(j, tt_money_json(micro, text, sizeof text));
}

void tt_json_time(tt_json *j, int64_t t)
{
	char text[TT_TIME_TEXT];

	tt_json_string(j, tt_time_format(t, text));
}
