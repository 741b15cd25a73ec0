#include "report/plot.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 9, EIGHTHS = TT_PLOT_ROWS * 8, TICK_CELLS = 6 };
#define HOUR_S 3600
#define DAY_S 86400
#define MONDAY_S (4 * DAY_S) /* 1970-01-05 */

static int has_value(const tt_plot_column *c)
{
	return c->state == TT_PLOT_SEEN || c->state == TT_PLOT_PARTLY;
}

double tt_plot_top(const tt_plot *p)
{
	double most = 0, lowest = INFINITY, power = 1;

	if (p->top > 0)
		return p->top;
	for (size_t i = 0; i < p->n; i++) {
		if (!has_value(&p->v[i]))
			continue;
		most = fmax(most, p->v[i].value);
		most = fmax(most, p->v[i].mark); /* fmax() passes over NaN */
	}
	for (size_t i = 0; i < p->n_lines; i++) {
		most = fmax(most, p->lines[i]);
		lowest = fmin(lowest, p->lines[i]);
	}
	if (p->n_lines)
		most = fmax(most, 2 * lowest);
	if (!(most > 0) || !isfinite(most))
		return 1;
	while (power < most)
		power *= 10;
	while (power >= most * 10)
		power /= 10;
	/* power is now the first power of ten that is not below it */
	return power / 5 >= most ? power / 5 : power / 2 >= most ? power / 2 : power;
}

/* How many cells a column takes, so that a short window fills the page too. */
static size_t repeat_of(const tt_plot *p)
{
	return p->n ? TT_PLOT_CELLS / p->n : 1;
}

int64_t tt_plot_tick_s(const tt_plot *p)
{
	static const int64_t spans[] = { HOUR_S, 3 * HOUR_S, 6 * HOUR_S, 12 * HOUR_S, DAY_S,
		                         7 * DAY_S, 28 * DAY_S, 364 * DAY_S };
	size_t i = 0, last = sizeof spans / sizeof *spans - 1;

	while (i < last && spans[i] * (int64_t)repeat_of(p) < TICK_CELLS * p->column_s)
		i++;
	return spans[i];
}

/* Whether a multiple of the tick lies in column i; weeks begin on Mondays. */
static int has_tick(const tt_plot *p, size_t i)
{
	int64_t tick = tt_plot_tick_s(p), off = tick >= 7 * DAY_S ? MONDAY_S : 0;
	int64_t from = p->start_s + (int64_t)i * p->column_s - off;

	if (from < 0) /* the first days of 1970 */
		return 0;
	return (from + p->column_s - 1) / tick != (from - 1) / tick || from == 0;
}

/* Row from below that a height reaches into; one that ends at a row's top is in it. */
static int row_of(double height, double top)
{
	int row = (int)ceil(height / top * TT_PLOT_ROWS - 1e-9) - 1;

	return row < 0 ? 0 : row >= TT_PLOT_ROWS ? TT_PLOT_ROWS - 1 : row;
}

static int is_line(const tt_plot *p, double top, int row)
{
	for (size_t i = 0; i < p->n_lines; i++)
		if (row_of(p->lines[i], top) == row)
			return 1;
	return 0;
}

/* The cell of a column in a row; what was measured shows even where it was nothing. */
static const char *cell(const tt_plot *p, double top, const tt_plot_column *c, int row,
                        enum tt_tone *tone)
{
	static const char *const blocks[] = { "", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	int eighths;

	*tone = TT_TONE_DIM;
	if (has_value(c)) {
		eighths = (int)lround(c->value / top * EIGHTHS);
		eighths = eighths < 1 ? 1 : eighths > EIGHTHS ? EIGHTHS : eighths;
		eighths -= row * 8;
		*tone = TT_TONE_COOL;
		if (eighths > 0)
			return blocks[eighths > 8 ? 8 : eighths];
		if (c->mark > 0 && row_of(c->mark, top) == row)
			return "·";
		*tone = TT_TONE_DIM;
	}
	if (c->state == TT_PLOT_MISSING ||
	    (c->state == TT_PLOT_PARTLY && row == TT_PLOT_ROWS - 1))
		return "░";
	*tone = TT_TONE_WARN;
	return is_line(p, top, row) ? "╌" : " ";
}

static char *number(double v, char *buf)
{
	static const struct { double from; const char *suffix; } scales[] = {
		{ 1e9, "G" }, { 1e6, "M" }, { 0, "" },
	};
	size_t i = 0;

	while (v < scales[i].from)
		i++;
	tt_format_f64(scales[i].from > 0 ? v / scales[i].from : v, 3, buf, TT_CELL_TEXT - 2);
	strncat(buf, scales[i].suffix, 2);
	return buf;
}

/* What stands before a row: a threshold that lies in it, the top, or 0. */
static const char *label_of(const tt_plot *p, double top, int row, char *buf)
{
	for (size_t i = 0; i < p->n_lines; i++)
		if (row_of(p->lines[i], top) == row)
			return number(p->lines[i], buf);
	if (row == TT_PLOT_ROWS - 1)
		return number(top, buf);
	return row == 0 ? "0" : "";
}

static void draw_row(const tt_plot *p, double top, int row, tt_page *page)
{
	size_t repeat = repeat_of(p);
	char buf[TT_CELL_TEXT];
	enum tt_tone tone, run_tone = TT_TONE_DIM;
	tt_buf run = { 0 };

	tt_page_to(page, 2);
	tt_page_right(page, TT_TONE_PLAIN, label_of(p, top, row, buf), LABEL);
	tt_page_text(page, TT_TONE_DIM, is_line(p, top, row) ? " ┼" : " ┤");
	for (size_t i = 0; i < p->n; i++) { /* cells of one tone are put at once */
		const char *text = cell(p, top, &p->v[i], row, &tone);

		if (tone != run_tone && run.n) {
			tt_page_text(page, run_tone, tt_buf_text(&run));
			tt_buf_free(&run);
			run = (tt_buf){ 0 };
		}
		run_tone = tone;
		for (size_t k = 0; k < repeat; k++)
			tt_buf_puts(&run, text);
	}
	page->out->failed |= run.failed;
	tt_page_text(page, run_tone, tt_buf_text(&run));
	tt_buf_free(&run);
	tt_page_line(page);
}

static void draw_axis(const tt_plot *p, tt_page *page)
{
	tt_buf line = { 0 };

	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < repeat_of(p); k++)
			tt_buf_puts(&line, !k && has_tick(p, i) ? "┴" : "─");
	tt_page_to(page, 2 + LABEL);
	tt_page_text(page, TT_TONE_DIM, " └");
	tt_page_text(page, TT_TONE_DIM, tt_buf_text(&line));
	tt_page_line(page);
	page->out->failed |= line.failed;
	tt_buf_free(&line);
}

void tt_plot_draw(const tt_plot *p, tt_page *page)
{
	size_t end = 2 + LABEL + 2 + p->n * repeat_of(p);
	char from[TT_CELL_TEXT], to[TT_CELL_TEXT];

	if (!p->n || p->n > TT_PLOT_CELLS)
		return;

	double top = tt_plot_top(p);

	for (int row = TT_PLOT_ROWS - 1; row >= 0; row--)
		draw_row(p, top, row, page);
	draw_axis(p, page);
	tt_page_to(page, 2 + LABEL + 2);
	tt_page_text(page, TT_TONE_DIM, tt_cell_time(p->start_s, from));
	tt_cell_time(p->end_s, to);
	if (page->column + 2 + strlen(to) <= end) {
		tt_page_to(page, end - strlen(to));
		tt_page_text(page, TT_TONE_DIM, to);
	}
	tt_page_line(page);
}
