/* The text plot, read back cell by cell and held against its definition. */
#include "report/plot.h"
#include "t.h"

enum { LEFT = 13 };            /* columns before the first cell */

static tt_buf out;
static const char *rows[TT_PLOT_ROWS + 2]; /* from the top, then axis and dates */
static char copy[1 << 16];

/* Draw, and split into lines. */
static void draw(const tt_plot *p)
{
	tt_page page = { .out = &out };
	size_t n = 0;

	tt_buf_free(&out);
	out = (tt_buf){ 0 };
	tt_plot_draw(p, &page);
	T_OK(!out.failed && out.n < sizeof copy);
	snprintf(copy, sizeof copy, "%s", tt_buf_text(&out));
	for (char *s = copy, *end; (end = strchr(s, '\n')) && n < TT_PLOT_ROWS + 2; s = end + 1) {
		*end = '\0';
		T_OK(tt_utf8_width(s) <= TT_PAGE_COLUMNS);
		rows[n++] = s;
	}
	T_INT(TT_PLOT_ROWS + 2, n);
}

/* Code point number `at` of a line; " " behind its end. */
static const char *cell(const char *line, size_t at)
{
	static char buf[8];
	size_t n;

	while (at-- && *line)
		line += tt_utf8_next(line, strlen(line));
	n = *line ? tt_utf8_next(line, strlen(line)) : 0;
	snprintf(buf, sizeof buf, "%.*s", (int)n, line);
	return n ? buf : " ";
}

/* Eighths of a cell that a block fills; -1: no block. */
static int eighths(const char *c)
{
	static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };

	for (int i = 0; i < 8; i++)
		if (strcmp(c, blocks[i]) == 0)
			return i + 1;
	return -1;
}

/* Whether `height` ends inside row `r` (from below) of `n` in all; a row has its top. */
static int ends_in(double height, double top, int r)
{
	double low = top * r / TT_PLOT_ROWS, high = top * (r + 1) / TT_PLOT_ROWS;

	return (height > low + 1e-9 * top && height <= high + 1e-9 * top) ||
	       (r == 0 && height <= 1e-9 * top);
}

/* One column in all its rows. */
static void check_column(const tt_plot *p, double top, const tt_plot_column *c, size_t at)
{
	int filled = 0, blocks = 1, want;

	for (int r = 0; r < TT_PLOT_ROWS; r++) {
		const char *s = cell(rows[TT_PLOT_ROWS - 1 - r], at);
		int e = eighths(s), line = 0;

		for (size_t i = 0; i < p->n_lines; i++)
			line |= ends_in(p->lines[i], top, r);
		if (c->state == TT_PLOT_MISSING) {
			T_STR("░", s);
		} else if (c->state == TT_PLOT_ABSENT) {
			T_STR(line ? "╌" : " ", s);
		} else if (e > 0) {
			T_OK(blocks); /* nothing hovers */
			filled += e;
			blocks = e == 8;
		} else {
			blocks = 0;
			if (strcmp(s, "·") == 0)
				T_OK(ends_in(c->mark, top, r));
			else if (c->state == TT_PLOT_PARTLY && r == TT_PLOT_ROWS - 1)
				T_STR("░", s);
			else
				T_STR(line ? "╌" : " ", s);
			if (c->mark > 0 && ends_in(c->mark, top, r))
				T_STR("·", s);
		}
	}
	if (c->state != TT_PLOT_SEEN && c->state != TT_PLOT_PARTLY)
		return;
	want = (int)floor(c->value / top * TT_PLOT_ROWS * 8 + 0.5);
	T_INT(want < 1 ? 1 : want, filled); /* what was measured shows */
}

static void check(const tt_plot *p)
{
	size_t repeat = TT_PLOT_CELLS / p->n;

	draw(p);
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < repeat; k++)
			check_column(p, tt_plot_top(p), &p->v[i], LEFT + i * repeat + k);
}

/* The smallest of 1, 2, 5 x 10^k that holds everything, by trying all. */
static double least_top(const tt_plot *p)
{
	static const double steps[] = { 1, 2, 5 };

	for (int k = -12; k < 15; k++) {
		for (int i = 0; i < 3; i++) {
			double top = steps[i] * pow(10, k), lowest = INFINITY;
			int holds = 1, any = 0;

			for (size_t c = 0; c < p->n; c++) {
				if (p->v[c].state == TT_PLOT_MISSING ||
				    p->v[c].state == TT_PLOT_ABSENT)
					continue;
				any |= p->v[c].value > 0 || p->v[c].mark > 0;
				holds &= p->v[c].value <= top * (1 + 1e-9) &&
				         !(p->v[c].mark > top * (1 + 1e-9));
			}
			for (size_t l = 0; l < p->n_lines; l++) {
				lowest = fmin(lowest, p->lines[l]);
				holds &= p->lines[l] <= top * (1 + 1e-9);
			}
			if (!any && !p->n_lines)
				return 1;
			if (holds && !(p->n_lines && 2 * lowest > top * (1 + 1e-9)))
				return top;
		}
	}
	return NAN;
}

static uint32_t state = 1;
static double random01(void)
{
	state = state * 1664525u + 1013904223u;
	return (double)(state >> 8) / (double)(1u << 24);
}

static void test_random(void)
{
	static const size_t sizes[] = { 1, 2, 7, 42, 43, 83, 84 };
	tt_plot_column v[TT_PLOT_CELLS];
	double lines[2];

	for (int round = 0; round < 60; round++) {
		double scale = pow(10, floor(random01() * 10) - 3);
		tt_plot p = { .v = v, .n = sizes[round % 7], .lines = lines,
			      .n_lines = (size_t)(round / 7) % 3, .start_s = 1767571200,
			      .column_s = 3600 };

		p.end_s = p.start_s + (int64_t)p.n * 3600;
		for (size_t i = 0; i < p.n; i++) {
			double kind = random01();

			v[i] = (tt_plot_column){
				kind < 0.6 ? TT_PLOT_SEEN : kind < 0.7 ? TT_PLOT_PARTLY
				: kind < 0.85 ? TT_PLOT_MISSING : TT_PLOT_ABSENT,
				random01() < 0.3 ? 0 : random01() * scale,
				random01() < 0.5 ? NAN : random01() * scale };
		}
		lines[0] = scale * (0.1 + random01());
		lines[1] = scale * (0.1 + random01());
		T_F64(least_top(&p), tt_plot_top(&p), 1e-9 * tt_plot_top(&p));
		check(&p);
	}
}

/* Known answers: a threshold with nothing near it stands in the middle. */
static void test_threshold(void)
{
	tt_plot_column v[4] = { { TT_PLOT_SEEN, 0, 0 }, { TT_PLOT_SEEN, 0.5, 1.5 },
		                { TT_PLOT_MISSING, 0, 0 }, { TT_PLOT_ABSENT, 0, 0 } };
	double one = 1;
	tt_plot p = { .v = v, .n = 4, .lines = &one, .n_lines = 1, .start_s = 1767571200,
		      .end_s = 1767571200 + 4 * 21600, .column_s = 21600 };

	check(&p);
	T_F64(2, tt_plot_top(&p), 0);
	T_HAS("          2 ┤", rows[0]);
	T_HAS("          1 ┼╌", rows[3]);
	T_HAS("          0 ┤▁▁", rows[5]);
	T_STR("·", cell(rows[1], LEFT + 21));
	T_STR("▄", cell(rows[4], LEFT + 21));
	T_STR("█", cell(rows[5], LEFT + 21));
	T_STR("░", cell(rows[0], LEFT + 42));
	T_STR("╌", cell(rows[3], LEFT + 63));
	T_HAS("2026-01-05 00:00", rows[7]);
	T_HAS("2026-01-06 00:00", rows[7]);
	T_OK(!strstr(rows[7] + LEFT + 16, "2026-01-05"));
}

static void test_nothing(void)
{
	tt_plot_column zero[2] = { { TT_PLOT_SEEN, 0, NAN }, { TT_PLOT_SEEN, 0, NAN } };
	tt_plot p = { .v = zero, .n = 2, .start_s = 0, .end_s = 7200, .column_s = 3600 };
	tt_page page = { .out = &out };

	check(&p);
	T_F64(1, tt_plot_top(&p), 0);
	p.n = 0;
	tt_buf_free(&out);
	out = (tt_buf){ 0 };
	tt_plot_draw(&p, &page);
	T_STR("", tt_buf_text(&out));
	p.n = TT_PLOT_CELLS + 1;
	tt_plot_draw(&p, &page);
	T_STR("", tt_buf_text(&out));
}

/* Ticks stand where the clock says so, Mondays for weeks, never closer than 6 cells. */
static void test_ticks(void)
{
	static const struct { int64_t column_s; size_t n; int64_t tick_s; } cases[] = {
		{ 300, 84, 3600 }, { 3600, 8, 3600 }, { 3600, 24, 3 * 3600 },
		{ 3600, 84, 6 * 3600 }, { 4 * 3600, 84, 86400 }, { 86400, 30, 7 * 86400 },
		{ 86400, 84, 7 * 86400 }, { 7 * 86400, 52, 28 * 86400 * 13 },
	};
	tt_plot_column v[TT_PLOT_CELLS] = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t start = 1767571200 + 5 * 3600; /* Monday 2026-01-05 05:00 */
		tt_plot p = { .v = v, .n = cases[i].n, .start_s = start,
			      .column_s = cases[i].column_s };
		size_t repeat = TT_PLOT_CELLS / p.n;

		p.end_s = start + (int64_t)p.n * p.column_s;
		T_INT(cases[i].tick_s, tt_plot_tick_s(&p));
		draw(&p);
		for (size_t c = 0; c < p.n; c++) {
			int want = 0;

			for (int64_t t = start + (int64_t)c * p.column_s;
			     t < start + (int64_t)(c + 1) * p.column_s; t++)
				want |= (t - 345600) % cases[i].tick_s == 0;
			if (cases[i].tick_s < 7 * 86400) /* midnights are midnights */
				T_OK(345600 % cases[i].tick_s == 0);
			T_STR(want ? "┴" : "─", cell(rows[6], LEFT + c * repeat));
		}
	}
}

int main(void)
{
	test_threshold();
	test_nothing();
	test_random();
	test_ticks();
	tt_buf_free(&out);
	return T_END();
}
