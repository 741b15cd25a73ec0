/* plan_svg.c - the chart of plan_chart.h as SVG. Coordinates are in tenths of a pixel, so that the
 * bytes are the same everywhere. */
#include "report/plan_chart.h"
#include "report/markup.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 960, PANEL = 268, LEFT = 70, RIGHT = 20, TOP = 44, PLOT = 180, HEAD = 84,
	MOST_POOLS = 200, TICKS = 5, LABEL_PX = 74 };

typedef struct panel {
	const tt_plan_step *v;
	size_t n;
	double top;                 /* units at the upper edge */
	int y;                      /* of the upper edge of the plot */
	const char *unit;           /* "cards" */
	tt_buf *out;
} panel;

static const char *day(int64_t t, char *buf)
{
	tt_cell_time(t, buf);
	buf[10] = '\0';
	return buf;
}

static void put_style(tt_buf *out)
{
	tt_buf_puts(out,
		"<style>\n"
		"svg{background:#fff;font:13px system-ui,sans-serif}\n"
		"text{fill:#1f2328}.dim{fill:#59636e}.head{font-size:17px;font-weight:600}\n"
		".pool{font-weight:600}.axis{stroke:#59636e;fill:none}.grid{stroke:#d1d9e0}\n"
		".past{stroke:#1f2328;fill:none;stroke-width:1.5}\n"
		".use{stroke:#0550ae;fill:none;stroke-width:2}.band{fill:#0969da;opacity:.16}\n"
		".held{fill:#9a6700;opacity:.32}.bought{fill:#1a7f37;opacity:.32}\n"
		".ladder{stroke:#116329;fill:none;stroke-width:2}\n"
		".now{stroke:#59636e;stroke-dasharray:4 3}\n"
		"@media(prefers-color-scheme:dark){svg{background:#0d1117}text{fill:#e6edf3}\n"
		".dim{fill:#9198a1}.axis{stroke:#9198a1}.grid{stroke:#30363d}.past{stroke:#e6edf3}\n"
		".use{stroke:#79c0ff}.band{fill:#58a6ff;opacity:.22}.held{fill:#d29922}\n"
		".bought{fill:#3fb950}.ladder{stroke:#56d364}.now{stroke:#9198a1}}\n"
		"</style>\n");
}

/* --- Scales ---------------------------------------------------------------------------------- */

static double x_of(const panel *p, int64_t t)
{
	const double all = (double)(p->v[p->n - 1].to_s - p->v[0].from_s);

	return LEFT + (double)(t - p->v[0].from_s) / all * (WIDTH - LEFT - RIGHT);
}

static double y_of(const panel *p, double units)
{
	return p->y + PLOT * (1 - fmin(units, p->top) / p->top);
}

static void put_point(const panel *p, double x, double y)
{
	tt_buf_printf(p->out, " %.1f,%.1f", x, y);
}

/* 1, 2 or 5 times a power of ten, so that few ticks reach `most`. */
static double tick_of(double most)
{
	double step = 1;

	while (step * TICKS < most)
		step *= 10;
	while (step > 1 && step / 10 * TICKS >= most)
		step /= 10;
	if (step / 5 * TICKS >= most && step >= 5)
		return step / 5;
	return step / 2 * TICKS >= most && step >= 2 ? step / 2 : step;
}

static double most_of(const tt_plan_step *v, size_t n)
{
	double most = 1;

	for (size_t i = 0; i < n; i++) {
		most = fmax(most, v[i].use);
		most = fmax(most, v[i].held + v[i].bought);
	}
	const double lines = most;

	for (size_t i = 0; i < n; i++) /* the band may leave the picture, but not flatten it */
		if (!isnan(v[i].high))
			most = fmax(most, fmin(v[i].high, 2 * lines));
	return most;
}

/* --- What is drawn --------------------------------------------------------------------------- */

static void put_axes(const panel *p)
{
	const double step = tick_of(p->top);
	const double floor_y = p->y + PLOT;
	char text[TT_CELL_TEXT];

	for (double at = 0; at <= p->top; at += step) {
		tt_buf_printf(p->out, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" "
		              "y2=\"%.1f\"/><text class=\"dim\" x=\"%d\" y=\"%.1f\" "
		              "text-anchor=\"end\">%s</text>\n", LEFT, WIDTH - RIGHT, y_of(p, at),
		              y_of(p, at), LEFT - 8, y_of(p, at) + 4, tt_cell_value(at, text));
	}
	tt_buf_printf(p->out, "<text class=\"dim\" x=\"16\" y=\"%.1f\" text-anchor=\"middle\" "
	              "transform=\"rotate(-90 16 %.1f)\">%s in use</text>\n",
	              p->y + PLOT / 2., p->y + PLOT / 2., p->unit);
	tt_buf_printf(p->out, "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" "
	              "y2=\"%.1f\"/>\n", LEFT, WIDTH - RIGHT, floor_y, floor_y);
}

/* Dates: the first, and those of the plan that have room. */
static void put_dates(const panel *p, int64_t start_s)
{
	double last = -LABEL_PX;
	char text[TT_CELL_TEXT];

	for (size_t i = 0; i <= p->n; i++) {
		const int64_t t = i < p->n ? p->v[i].from_s : p->v[p->n - 1].to_s;
		const double x = x_of(p, t);

		if (x - last < LABEL_PX + 8 || (t < start_s && i) ||
		    (t < start_s && x_of(p, start_s) - x < LABEL_PX + 8) ||
		    (i < p->n && WIDTH - RIGHT - x < LABEL_PX + 8 && t != start_s))
			continue;
		last = x;
		tt_buf_printf(p->out, "<text class=\"dim\" x=\"%.1f\" y=\"%d\" "
		              "text-anchor=\"%s\">%s</text>\n", x, p->y + PLOT + 18,
		              i == p->n ? "end" : "middle", day(t, text));
	}
	tt_buf_printf(p->out, "<line class=\"now\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n",
	              x_of(p, start_s), x_of(p, start_s), p->y, p->y + PLOT);
}

/* The steps of the plan between two heights: what is held, and what is bought on top of it. */
static void put_area(const panel *p, const char *class, bool bought)
{
	tt_buf_printf(p->out, "<polygon class=\"%s\" points=\"", class);
	for (size_t i = 0; i < p->n; i++) {
		const tt_plan_step *s = &p->v[i];
		const double y = y_of(p, s->held + (bought ? s->bought : 0));

		if (s->past)
			continue;
		put_point(p, x_of(p, s->from_s), y);
		put_point(p, x_of(p, s->to_s), y);
	}
	for (size_t i = p->n; i-- > 0 && !p->v[i].past;) {
		const double y = y_of(p, bought ? p->v[i].held : 0);

		put_point(p, x_of(p, p->v[i].to_s), y);
		put_point(p, x_of(p, p->v[i].from_s), y);
	}
	tt_buf_puts(p->out, "\"/>\n");
}

/* Where the level of a step is drawn: in its middle, and at the ends of what is planned. */
static double x_level(const panel *p, size_t i)
{
	const tt_plan_step *s = &p->v[i];

	if (!s->past && (!i || p->v[i - 1].past))
		return x_of(p, s->from_s);
	if (i + 1 == p->n)
		return x_of(p, s->to_s);
	return (x_of(p, s->from_s) + x_of(p, s->to_s)) / 2;
}

static void put_band(const panel *p)
{
	tt_buf_puts(p->out, "<polygon class=\"band\" points=\"");
	for (size_t i = 0; i < p->n; i++)
		if (!p->v[i].past)
			put_point(p, x_level(p, i), y_of(p, p->v[i].high));
	for (size_t i = p->n; i-- > 0 && !p->v[i].past;)
		put_point(p, x_level(p, i), y_of(p, p->v[i].low));
	tt_buf_puts(p->out, "\"/>\n");
}

/* A line through the middle of the steps; it breaks where nothing is known. */
static void put_line(const panel *p, const char *class, bool past)
{
	bool open = false;

	for (size_t i = 0; i < p->n; i++) {
		const tt_plan_step *s = &p->v[i];
		const bool here = s->past == past && !isnan(s->use);

		if (here && !open)
			tt_buf_printf(p->out, "<polyline class=\"%s\" points=\"", class);
		if (here)
			put_point(p, x_level(p, i), y_of(p, s->use));
		else if (open)
			tt_buf_puts(p->out, "\"/>\n");
		open = here;
	}
	if (open)
		tt_buf_puts(p->out, "\"/>\n");
}

static void put_ladder(const panel *p)
{
	tt_buf_puts(p->out, "<polyline class=\"ladder\" points=\"");
	for (size_t i = 0; i < p->n; i++) {
		const double y = y_of(p, p->v[i].held + p->v[i].bought);

		if (p->v[i].past)
			continue;
		put_point(p, x_of(p, p->v[i].from_s), y);
		put_point(p, x_of(p, p->v[i].to_s), y);
	}
	tt_buf_puts(p->out, "\"/>\n");
}

/* What somebody hears who can't see it. */
static void put_words(const panel *p, const tt_plans_pool *pool)
{
	char text[TT_CELL_TEXT];

	tt_buf_puts(p->out, "<title>");
	tt_put_markup(p->out, pool->pool->name);
	tt_buf_puts(p->out, "</title><desc>");
	for (size_t i = 0; i < p->n; i++) {
		const tt_plan_step *s = &p->v[i];

		if (s->past)
			continue;
		tt_buf_printf(p->out, "From %s: expected use %s, ", day(s->from_s, text),
		              tt_cell_value(s->use, (char[TT_CELL_TEXT]){ 0 }));
		tt_buf_printf(p->out, "held %.0f, planned %.0f. ", s->held, s->bought);
	}
	tt_buf_puts(p->out, "</desc>\n");
}

static int put_pool(const tt_plans *x, const tt_plans_pool *pool, int y, tt_buf *out, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	panel p = { .y = y + TOP, .out = out,
		.unit = pool->offers.unit_cards == 1 ? "cards" : "instances" };

	if (arena)
		p.v = tt_plan_steps(pool, x->start_s, arena, &p.n);
	if (!p.v)
		return tt_no_memory(err);
	p.top = most_of(p.v, p.n) * 1.04;
	tt_buf_puts(out, "<g role=\"img\">\n");
	put_words(&p, pool);
	tt_buf_printf(out, "<text class=\"pool\" x=\"%d\" y=\"%d\">", LEFT, y + TOP - 12);
	tt_put_markup(out, pool->pool->name);
	tt_buf_puts(out, "</text>\n");
	put_axes(&p);
	put_area(&p, "held", false);
	put_area(&p, "bought", true);
	put_band(&p);
	put_ladder(&p);
	put_line(&p, "past", true);
	put_line(&p, "use", false);
	put_dates(&p, x->start_s);
	tt_buf_puts(out, "</g>\n");
	return TT_OK;
}

static void put_key(tt_buf *out)
{
	static const struct { const char *class, *text; bool line; int x; } keys[] = {
		{ "past", "used, mean of a week", true, LEFT }, { "use", "expected", true, 250 },
		{ "band", "P10 to P90", false, 350 }, { "held", "held", false, 470 },
		{ "bought", "planned", false, 550 }, { "ladder", "held and planned", true, 650 },
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		tt_buf_printf(out, keys[i].line ?
		              "<line class=\"%s\" x1=\"%d\" x2=\"%d\" y1=\"66\" y2=\"66\"/>" :
		              "<rect class=\"%s\" x=\"%d\" width=\"22\" y=\"59\" height=\"14\"/>",
		              keys[i].class, keys[i].x, keys[i].x + 22);
		tt_buf_printf(out, "<text class=\"dim\" x=\"%d\" y=\"70\">%s</text>\n",
		              keys[i].x + 28, keys[i].text);
	}
}

int tt_plans_svg(const tt_plans *x, const char *name, tt_buf *out, tt_err *err)
{
	size_t n = 0, at = 0;
	char text[TT_CELL_TEXT];

	for (size_t i = 0; i < x->n; i++)
		n += !x->v[i].why;
	const size_t shown = n < MOST_POOLS ? n : MOST_POOLS;
	const int height = HEAD + (int)shown * PANEL + (n > shown ? 30 : 0);

	tt_buf_printf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
	              "viewBox=\"0 0 %d %d\" role=\"group\">\n<title>", WIDTH, height, WIDTH,
	              height);
	tt_put_markup(out, name);
	tt_buf_puts(out, ": demand against commitments</title>\n");
	put_style(out);
	tt_buf_printf(out, "<text class=\"head\" x=\"%d\" y=\"36\">", LEFT);
	tt_put_markup(out, name);
	tt_buf_printf(out, ": demand against commitments from %s on</text>\n",
	              day(x->start_s, text));
	put_key(out);
	for (size_t i = 0; i < x->n && at < shown; i++)
		if (!x->v[i].why)
			TT_TRY(put_pool(x, &x->v[i], HEAD + (int)at++ * PANEL, out, err));
	if (n > shown)
		tt_buf_printf(out, "<text class=\"dim\" x=\"%d\" y=\"%d\">%zu more pools are not "
		              "drawn.</text>\n", LEFT, height - 8, n - shown);
	tt_buf_puts(out, "</svg>\n");
	return out->failed ? tt_no_memory(err) : TT_OK;
}
