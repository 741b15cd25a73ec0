#include "report/layout.h"
#include "base/clock.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const tone_codes[] = {
	[TT_TONE_PLAIN] = "", [TT_TONE_STRONG] = "\033[1m", [TT_TONE_DIM] = "\033[2m",
	[TT_TONE_GOOD] = "\033[32m", [TT_TONE_WARN] = "\033[33m", [TT_TONE_BAD] = "\033[31m",
	[TT_TONE_COOL] = "\033[36m",
};

static void begin_tone(tt_page *p, enum tt_tone tone)
{
	if (p->color && tone != TT_TONE_PLAIN)
		tt_buf_puts(p->out, tone_codes[tone]);
}

static void end_tone(tt_page *p, enum tt_tone tone)
{
	if (p->color && tone != TT_TONE_PLAIN)
		tt_buf_puts(p->out, "\033[0m");
}

static void blanks(tt_page *p, size_t n)
{
	p->column += n;
	while (n--)
		tt_buf_putc(p->out, ' ');
}

void tt_put_visible(tt_buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		bool c1 = c == 0xc2 && i + 1 < n && (unsigned char)s[i + 1] < 0xa0;

		if (c < 0x20 || c == 0x7f || c1)
			tt_buf_puts(out, "\xef\xbf\xbd"); /* U+FFFD */
		else
			tt_buf_putc(out, s[i]);
		i += c1;
	}
}

static void put(tt_page *p, enum tt_tone tone, const char *s, size_t n)
{
	begin_tone(p, tone);
	tt_put_visible(p->out, s, n);
	end_tone(p, tone);
	for (size_t i = 0; i < n; i++)
		p->column += ((unsigned char)s[i] & 0xc0) != 0x80;
}

void tt_page_text(tt_page *p, enum tt_tone tone, const char *text)
{
	if (*text)
		put(p, tone, text, strlen(text));
}

/* Bytes of the first `width` code points. */
static size_t bytes_of(const char *s, size_t width)
{
	size_t n = 0;

	while (s[n] && width--) {
		n++;
		while (((unsigned char)s[n] & 0xc0) == 0x80)
			n++;
	}
	return n;
}

static void put_cut(tt_page *p, enum tt_tone tone, const char *text, size_t width)
{
	char buf[512];

	if (tt_utf8_width(text) <= width || !width) {
		tt_page_text(p, tone, text);
		return;
	}
	snprintf(buf, sizeof buf, "%.*s…", (int)bytes_of(text, width - 1), text);
	tt_page_text(p, tone, buf);
}

void tt_page_left(tt_page *p, enum tt_tone tone, const char *text, size_t width)
{
	size_t end = p->column + width;

	put_cut(p, tone, text, width);
	tt_page_to(p, end);
}

void tt_page_right(tt_page *p, enum tt_tone tone, const char *text, size_t width)
{
	size_t n = tt_utf8_width(text);

	if (n < width)
		blanks(p, width - n);
	put_cut(p, tone, text, width);
}

void tt_page_to(tt_page *p, size_t column)
{
	if (p->column < column)
		blanks(p, column - p->column);
}

void tt_page_line(tt_page *p)
{
	while (p->out->n && p->out->p[p->out->n - 1] == ' ')
		p->out->p[--p->out->n] = '\0';
	tt_buf_putc(p->out, '\n');
	p->column = 0;
}

void tt_page_heading(tt_page *p, const char *text)
{
	tt_buf_putc(p->out, '\n');
	tt_page_text(p, TT_TONE_STRONG, text);
}

/* Bytes of the word at `s`; a number and its "%" are one word. */
static size_t word_bytes(const char *s)
{
	size_t n = strcspn(s, " ");

	return s[n] && s[n + 1] == '%' ? n + 1 + strcspn(s + n + 1, " ") : n;
}

const char *tt_page_first(tt_page *p, enum tt_tone tone, const char *text, size_t end)
{
	const char *s = text;

	while (*s) {
		size_t n = word_bytes(s), width = 0;

		for (size_t i = 0; i < n; i++)
			width += ((unsigned char)s[i] & 0xc0) != 0x80;
		if (s != text && p->column + 1 + width > end)
			return s;
		if (s != text)
			blanks(p, 1);
		put(p, tone, s, n);
		s += n;
		while (*s == ' ')
			s++;
	}
	return s;
}

void tt_page_wrap(tt_page *p, enum tt_tone tone, const char *text, size_t indent, size_t end)
{
	const char *rest = tt_page_first(p, tone, text, end);

	while (*rest) {
		tt_page_line(p);
		tt_page_to(p, indent);
		rest = tt_page_first(p, tone, rest, end);
	}
}

void tt_page_paragraph(tt_page *p, enum tt_tone tone, size_t indent, tt_buf *text)
{
	tt_page_to(p, indent);
	tt_page_wrap(p, tone, tt_buf_text(text), indent, TT_PAGE_COLUMNS);
	tt_page_line(p);
	p->out->failed |= text->failed;
	tt_buf_free(text);
	*text = (tt_buf){ 0 };
}

void tt_page_bar(tt_page *p, enum tt_tone tone, int64_t part, int64_t all, size_t width)
{
	static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	char buf[512] = "";
	size_t n = 0, end = p->column + width;

	if (all > 0 && part > 0) {
		tt_i128 cells = ((tt_i128)part * (int64_t)width * 8 + all / 2) / all;

		if (cells > (tt_i128)width * 8)
			cells = (tt_i128)width * 8;
		if (cells == 0)
			cells = 1; /* a little is not nothing */
		for (size_t i = 0; i < (size_t)cells / 8 && n + 8 < sizeof buf; i++)
			n += (size_t)snprintf(buf + n, sizeof buf - n, "█");
		snprintf(buf + n, sizeof buf - n, "%s", eighths[(size_t)cells % 8]);
	}
	tt_page_text(p, tone, buf);
	tt_page_to(p, end);
}

const char *tt_unit_text(const char *currency)
{
	return !currency || strcmp(currency, "XXX") == 0 ? "units" : currency;
}

char *tt_cell_money(int64_t micro, char *buf)
{
	if (micro == TT_MONEY_UNKNOWN)
		snprintf(buf, TT_CELL_TEXT, "unknown");
	else
		tt_money_text(micro, 2, buf, TT_CELL_TEXT);
	return buf;
}

char *tt_cell_amount(int64_t micro, char *buf)
{
	const int64_t from = INT64_C(1000000000); /* 1,000 */

	if (micro == TT_MONEY_UNKNOWN)
		return tt_cell_money(micro, buf);
	return tt_money_text(micro, !micro || micro >= from || micro <= -from ? 0 : 2, buf,
	                     TT_CELL_TEXT);
}

/* Rounded half away from zero; 0.04 % is "<0.1 %", so that it does not look like nothing. */
char *tt_cell_range(int64_t low_micro, int64_t high_micro, char *buf)
{
	const int decimals = high_micro >= INT64_C(1000000000) ? 0 : 2; /* from 1,000 on */
	char low[TT_CELL_TEXT / 2], high[TT_CELL_TEXT / 2];

	buf[0] = '\0';
	if (low_micro == TT_MONEY_UNKNOWN || high_micro == TT_MONEY_UNKNOWN)
		return buf;
	tt_money_text(low_micro, decimals, low, sizeof low);
	tt_money_text(high_micro, decimals, high, sizeof high);
	if (strcmp(low, high) != 0)
		snprintf(buf, TT_CELL_TEXT, "%.29s to %.29s", low, high);
	return buf;
}

char *tt_cell_ratio(double ratio, int decimals, char *buf)
{
	if (isnan(ratio))
		snprintf(buf, TT_CELL_TEXT, "-");
	else
		snprintf(buf, TT_CELL_TEXT, "%.*f %%", decimals, 100 * ratio);
	return buf;
}

char *tt_cell_pct(int64_t part, int64_t all, char *buf)
{
	buf[0] = '\0';
	if (all <= 0 || part == TT_MONEY_UNKNOWN)
		return buf;

	tt_i128 twice = (tt_i128)part * 2000;
	int64_t tenths = (int64_t)((twice + (part < 0 ? -all : all)) / (2 * (tt_i128)all));

	if (tenths == 0 && part > 0)
		snprintf(buf, TT_CELL_TEXT, "<0.1 %%");
	else
		snprintf(buf, TT_CELL_TEXT, "%s%" PRId64 ".%d %%", tenths < 0 ? "-" : "",
		         (tenths < 0 ? -tenths : tenths) / 10,
		         (int)((tenths < 0 ? -tenths : tenths) % 10));
	return buf;
}

char *tt_cell_count(int64_t n, char *buf)
{
	return tt_format_grouped(n, buf, TT_CELL_TEXT);
}

char *tt_cell_hours(double hours, char *buf)
{
	buf[0] = '\0';
	if (isnan(hours))
		return buf;
	if (hours < 99.95)
		return tt_format_f64(hours, 1, buf, TT_CELL_TEXT);
	return tt_cell_count((int64_t)llround(hours), buf);
}

char *tt_cell_value(double v, char *buf)
{
	static const struct { double from; const char *prefix; } scales[] = {
		{ 1e12, " T" }, { 1e9, " G" }, { 1e6, " M" },
	};
	char number[TT_CELL_TEXT];

	if (isnan(v)) {
		buf[0] = '\0';
		return buf;
	}
	for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
		if (fabs(v) < scales[i].from)
			continue;
		snprintf(buf, TT_CELL_TEXT, "%s%s",
		         tt_format_f64(v / scales[i].from, 2, number, 40), scales[i].prefix);
		return buf;
	}
	if (fabs(v) >= 1000)
		return tt_cell_count((int64_t)llround(v), buf);
	return tt_format_f64(v, 1, buf, TT_CELL_TEXT);
}

char *tt_cell_days(double days, char *buf)
{
	char number[TT_CELL_TEXT];

	snprintf(buf, TT_CELL_TEXT, "%s d", tt_format_f64(days, 2, number, 40));
	return buf;
}

char *tt_cell_time(int64_t t, char *buf)
{
	char text[TT_TIME_TEXT];

	tt_time_format(t, text);
	snprintf(buf, TT_CELL_TEXT, "%.10s %.5s", text, strlen(text) > 11 ? text + 11 : "");
	return buf;
}

char *tt_cell_span(int64_t seconds, char *buf)
{
	char number[TT_CELL_TEXT];

	if (seconds < 3600)
		snprintf(buf, TT_CELL_TEXT, "%" PRId64 " s", seconds);
	else if (seconds < 3 * 86400)
		snprintf(buf, TT_CELL_TEXT, "%s hour%s",
		         tt_format_f64((double)seconds / 3600, 1, number, 40),
		         seconds == 3600 ? "" : "s");
	else
		snprintf(buf, TT_CELL_TEXT, "%s days",
		         tt_format_f64((double)seconds / 86400, 1, number, 40));
	return buf;
}
