/* Columns, wrapped text, bars and amounts of the reports for people. */
#include "report/layout.h"
#include "t.h"

static tt_buf out;

static tt_page page(void)
{
	tt_buf_free(&out);
	return (tt_page){ .out = &out };
}

static void test_columns(void)
{
	tt_page p = page();

	tt_page_left(&p, TT_TONE_PLAIN, "ab", 4);
	tt_page_right(&p, TT_TONE_PLAIN, "12", 5);
	tt_page_left(&p, TT_TONE_PLAIN, "  ", 3);
	tt_page_line(&p);
	T_STR("ab     12\n", tt_buf_text(&out));
	p = page();
	tt_page_left(&p, TT_TONE_PLAIN, "größer als", 5);
	tt_page_text(&p, TT_TONE_PLAIN, "|");
	tt_page_line(&p);
	T_STR("größ…|\n", tt_buf_text(&out));
	p = page();
	p.color = 1;
	tt_page_left(&p, TT_TONE_STRONG, "a", 3); /* colours take no room */
	tt_page_text(&p, TT_TONE_PLAIN, "|");
	T_STR("\033[1ma\033[0m  |", tt_buf_text(&out));
}

static void test_wrap(void)
{
	tt_page p = page();

	tt_page_to(&p, 2);
	tt_page_wrap(&p, TT_TONE_PLAIN, "one two three four", 4, 12);
	tt_page_line(&p);
	T_STR("  one two\n    three\n    four\n", tt_buf_text(&out));
	p = page();
	T_STR("three", tt_page_first(&p, TT_TONE_PLAIN, "one two three", 8));
	T_STR("one two", tt_buf_text(&out));
	p = page(); /* a number and its sign stay together */
	tt_page_wrap(&p, TT_TONE_PLAIN, "at most 80 %, or so", 0, 12);
	T_STR("at most\n80 %, or so", tt_buf_text(&out));
	p = page(); /* a word that is too long stays whole */
	tt_page_wrap(&p, TT_TONE_PLAIN, "a-word-that-is-long b", 0, 5);
	T_STR("a-word-that-is-long\nb", tt_buf_text(&out));
	p = page();
	tt_page_wrap(&p, TT_TONE_PLAIN, "", 0, 5);
	T_STR("", tt_buf_text(&out));
}

/* Names come from outside: what would command a terminal is shown, not sent. */
static void test_control(void)
{
	tt_page p = page();

	tt_page_left(&p, TT_TONE_PLAIN, "a\033[2J\x7f", 8);
	tt_page_text(&p, TT_TONE_PLAIN, "|");
	tt_page_right(&p, TT_TONE_PLAIN, "\xc2\x9b" "1\t\r\n", 6);
	tt_page_line(&p);
	T_STR("a\xef\xbf\xbd[2J\xef\xbf\xbd  | \xef\xbf\xbd" "1\xef\xbf\xbd\xef\xbf\xbd"
	      "\xef\xbf\xbd\n", tt_buf_text(&out));
	p = page(); /* what is no control character stays */
	tt_page_text(&p, TT_TONE_PLAIN, "\xc2\xa0\xc3\xa4");
	T_STR("\xc2\xa0\xc3\xa4", tt_buf_text(&out));
}

static const char *bar(int64_t part, int64_t all)
{
	tt_page p = page();

	tt_page_bar(&p, TT_TONE_PLAIN, part, all, 4);
	tt_page_text(&p, TT_TONE_PLAIN, "|");
	return tt_buf_text(&out);
}

static void test_bar(void)
{
	T_STR("    |", bar(0, 100));
	T_STR("████|", bar(100, 100));
	T_STR("██  |", bar(50, 100));
	T_STR("█▌  |", bar(375, 1000));
	T_STR("▏   |", bar(1, 1000000)); /* a little is not nothing */
	T_STR("    |", bar(1, 0));
	T_STR("████|", bar(INT64_MAX, INT64_MAX));
}

static void test_cells(void)
{
	char b[TT_CELL_TEXT];

	T_STR("1,234.57", tt_cell_money(1234567000, b));
	T_STR("unknown", tt_cell_money(TT_MONEY_UNKNOWN, b));
	T_STR("33.3 %", tt_cell_pct(1, 3, b));
	T_STR("66.7 %", tt_cell_pct(2, 3, b));
	T_STR("0.0 %", tt_cell_pct(0, 3, b));
	T_STR("<0.1 %", tt_cell_pct(1, 100000, b));
	T_STR("-33.3 %", tt_cell_pct(-1, 3, b));
	T_STR("100.0 %", tt_cell_pct(INT64_MAX, INT64_MAX, b));
	T_STR("", tt_cell_pct(1, 0, b));
	T_STR("22.8", tt_cell_hours(22.8, b));
	T_STR("1,825", tt_cell_hours(1824.6, b));
	T_STR("", tt_cell_hours(NAN, b));
	T_STR("0.4", tt_cell_value(0.42, b));
	T_STR("-12.5", tt_cell_value(-12.5, b));
	T_STR("46,068", tt_cell_value(46067.6, b));
	T_STR("789,526", tt_cell_value(789526, b));
	T_STR("10.37 M", tt_cell_value(10373104, b));
	T_STR("3.67 G", tt_cell_value(3674085000.0, b));
	T_STR("2 T", tt_cell_value(2e12, b));
	T_STR("", tt_cell_value(NAN, b));
	T_STR("0.25 d", tt_cell_days(0.25, b));
	T_STR("2026-01-05 08:30", tt_cell_time(1767601800, b));
	T_STR("90 s", tt_cell_span(90, b));
	T_STR("1 hour", tt_cell_span(3600, b));
	T_STR("22.8 hours", tt_cell_span(82080, b));
	T_STR("14 days", tt_cell_span(14 * 86400, b));
}

int main(void)
{
	test_columns();
	test_wrap();
	test_control();
	test_bar();
	test_cells();
	tt_buf_free(&out);
	return T_END();
}
