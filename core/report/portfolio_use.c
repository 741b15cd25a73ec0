#include "report/portfolio_use.h"
#include "report/plot.h"
#include <math.h>

enum { DAY_H = 24, WEEK_H = 168, HOUR_S = 3600, FIRST_WEEKDAY = 3, /* 1970-01-01: a Thursday */
	DAYS = 7, NAME_END = 8, GRID_END = NAME_END + DAY_H, SECOND = 44 };

/* --- Over the window ---------------------------------------------------------------------- */

static double mean(const double *v, size_t from, size_t to)
{
	double sum = 0;

	for (size_t h = from; h < to; h++)
		sum += v[h];
	return to > from ? sum / (double)(to - from) : 0;
}

static double highest(const double *v, size_t from, size_t to)
{
	double most = 0;

	for (size_t h = from; h < to; h++)
		most = fmax(most, v[h]);
	return most;
}

/* Units in use, up to what is held: the mean of each column and its highest hour; a line at
 * the alarm. */
static void put_plot(const tt_portfolio_report *r, const tt_position_group *g, tt_page *p)
{
	const tt_positions *x = r->positions;
	const size_t each = (x->hours + TT_PLOT_CELLS - 1) / TT_PLOT_CELLS;
	const double held = highest(g->held, 0, x->hours);
	tt_plot_column v[TT_PLOT_CELLS] = { 0 };
	const double alarm = held * r->alarm_ratio;
	tt_plot plot = { .v = v, .lines = &alarm, .n_lines = alarm > 0, .top = held,
		.start_s = r->snapshot->start_s, .end_s = r->snapshot->end_s,
		.column_s = (int64_t)each * HOUR_S };

	for (size_t from = 0; from < x->hours; from += each) {
		const size_t to = from + each < x->hours ? from + each : x->hours;

		v[plot.n++] = (tt_plot_column){
			highest(g->held, from, to) > 0 ? TT_PLOT_SEEN : TT_PLOT_ABSENT,
			mean(g->used, from, to), highest(g->used, from, to) };
	}
	tt_plot_draw(&plot, p);
}

/* --- Over the week ------------------------------------------------------------------------ */

static size_t week_hour(const tt_positions *x, size_t h)
{
	const int64_t at = x->start_s / HOUR_S + (int64_t)h + FIRST_WEEKDAY * DAY_H;

	return (size_t)((at % WEEK_H + WEEK_H) % WEEK_H);
}

/* part / all by hour of the week, from Monday; NaN where all is 0. */
static void profile(const tt_positions *x, const double *part, const double *all,
                    double ret[WEEK_H])
{
	double sum[WEEK_H] = { 0 };

	for (size_t i = 0; i < WEEK_H; i++)
		ret[i] = 0;
	for (size_t h = 0; h < x->hours; h++) {
		ret[week_hour(x, h)] += part[h];
		sum[week_hour(x, h)] += all[h];
	}
	for (size_t i = 0; i < WEEK_H; i++)
		ret[i] = sum[i] > 0 ? ret[i] / sum[i] : (double)NAN;
}

static void put_day(const double *v, double alarm, tt_page *p)
{
	static const char *const steps[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };

	for (size_t h = 0; h < DAY_H; h++) {
		const int step = isnan(v[h]) ? 0 : (int)fmin(7, fmax(0, floor(v[h] * 8)));

		tt_page_text(p, v[h] < alarm ? TT_TONE_WARN : TT_TONE_COOL,
		             isnan(v[h]) ? " " : steps[step]);
	}
}

void tt_portfolio_course(const tt_portfolio_report *r, const tt_position_group *g, tt_page *p)
{
	static const char *const days[DAYS] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	const tt_positions *x = r->positions;
	double used[WEEK_H], left[WEEK_H];

	put_plot(r, g, p);
	profile(x, g->used, g->held, used);
	profile(x, g->on_demand, g->listed, left);
	for (size_t i = 0; i < WEEK_H; i++)
		left[i] = 1 - left[i];
	tt_page_to(p, NAME_END);
	tt_page_text(p, TT_TONE_DIM, "used, 00:00 to 24:00 UTC");
	tt_page_to(p, SECOND);
	tt_page_text(p, TT_TONE_DIM, "covers of what it could");
	tt_page_line(p);
	for (size_t d = 0; d < DAYS; d++) {
		tt_page_left(p, TT_TONE_DIM, "", NAME_END - 4);
		tt_page_left(p, TT_TONE_DIM, days[d], 4);
		put_day(used + d * DAY_H, r->alarm_ratio, p);
		tt_page_to(p, SECOND);
		put_day(left + d * DAY_H, 0, p);
		tt_page_line(p);
	}
}
