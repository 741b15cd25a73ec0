/* layout.h - the little typography that the reports for people share: columns, wrapped
 * text, bars, amounts, and colour where it was asked for.
 *
 * Nothing here is wider than TT_PAGE_COLUMNS but a word that can't be broken. It knows
 * no fleet; what a report says is the business of the others in this folder. */
#ifndef TT_REPORT_LAYOUT_H
#define TT_REPORT_LAYOUT_H
#include "base/money.h"
#include "base/text.h"

#define TT_PAGE_COLUMNS 100

enum tt_tone { TT_TONE_PLAIN, TT_TONE_STRONG, TT_TONE_DIM, TT_TONE_GOOD, TT_TONE_WARN,
	TT_TONE_BAD, TT_TONE_COOL };

typedef struct tt_page {  /* zero-initialise, set out */
	tt_buf *out;
	int color;        /* non-zero: with ANSI colours */
	size_t column;    /* where the line has got to */
} tt_page;

#define TT_CELL_TEXT 64

/* `text` in `tone`, cut with an ellipsis to `width`; padded on the right. */
void tt_page_left(tt_page *p, enum tt_tone tone, const char *text, size_t width);
/* The same padded on the left. */
void tt_page_right(tt_page *p, enum tt_tone tone, const char *text, size_t width);
void tt_page_text(tt_page *p, enum tt_tone tone, const char *text); /* in one piece */
void tt_page_to(tt_page *p, size_t column); /* blanks up to a column */
void tt_page_line(tt_page *p);              /* end of the line, without blanks at its end */
void tt_page_heading(tt_page *p, const char *text); /* after an empty line */
/* `text` from the present column on, broken at blanks before column `end`; further lines
 * start at `indent`. Ends within the last line. */
void tt_page_wrap(tt_page *p, enum tt_tone tone, const char *text, size_t indent, size_t end);
/* A paragraph at `indent`: all of `text`, which is then empty; its failure is the page's. */
void tt_page_paragraph(tt_page *p, enum tt_tone tone, size_t indent, tt_buf *text);
/* As much of `text` as fits before column `end`, at least a word; returns the rest, to go
 * on with after tt_page_line(). */
const char *tt_page_first(tt_page *p, enum tt_tone tone, const char *text, size_t end);
/* A bar of `width` cells for part / all, in eighths of a cell. */
void tt_page_bar(tt_page *p, enum tt_tone tone, int64_t part, int64_t all, size_t width);

/* `s` with U+FFFD for every control character, which would be an order to a terminal or
 * the end of a line: names come from outside. The page does it by itself. */
void tt_put_visible(tt_buf *out, const char *s, size_t n);

/* Texts for a cell, into buf[TT_CELL_TEXT], which is returned. */
/* What amounts are in: the currency, or "units" where prices are bare ones. */
const char *tt_unit_text(const char *currency);
char *tt_cell_money(int64_t micro, char *buf);   /* "1,234.56"; "unknown" */
/* The same where cents would be in the way: "1,235", "12.34" below 1,000; "unknown". */
char *tt_cell_amount(int64_t micro, char *buf);
/* "33,900 to 36,100"; "" where an end is not known or both are the same. */
char *tt_cell_range(int64_t low_micro, int64_t high_micro, char *buf);
char *tt_cell_pct(int64_t part, int64_t all, char *buf); /* "35.2 %"; "" when all is 0 */
/* "35.2 %", with so many decimals; "-" for NaN. */
char *tt_cell_ratio(double ratio, int decimals, char *buf);
char *tt_cell_hours(double hours, char *buf);    /* "1,825", small ones "22.8"; "" for NaN */
char *tt_cell_count(int64_t n, char *buf);       /* "1,825" */
/* Any reading: "0.4", "46,068", from a million on "10.37 M", "3.67 G"; "" for NaN. */
char *tt_cell_value(double v, char *buf);
char *tt_cell_days(double days, char *buf);      /* "0.25 d" */
/* "2026-01-05 00:00" */
char *tt_cell_time(int64_t t, char *buf);
/* A span for people: "90 s", "22.8 hours", "14 days". */
char *tt_cell_span(int64_t seconds, char *buf);
#endif
