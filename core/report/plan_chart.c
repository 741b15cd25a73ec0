#include "report/plan_chart.h"
#include "commit/resale.h"
#include <math.h>
#include <string.h>

enum { ROWS = 6, CELLS = 84, LABEL = 9, WEEK_H = 168, PAST_WEEKS = 52, HOUR_S = 3600 };
#define Z10 1.2815515655446004      /* P10 and P90 of a normal */

/* Mean of the week that ends at hour `end`; NaN where nothing of it is known. */
static double week(const double *y, size_t end)
{
	double sum = 0;
	size_t n = 0;

	for (size_t h = end - WEEK_H; h < end; h++)
		if (!isnan(y[h])) {
			sum += y[h];
			n++;
		}
	return n ? sum / (double)n : (double)NAN;
}

tt_plan_step *tt_plan_steps(const tt_plans_pool *p, int64_t start_s, tt_arena *arena,
                            size_t *ret_n)
{
	const tt_rolling *r = &p->rolling;
	const size_t weeks = r->n / WEEK_H < PAST_WEEKS ? r->n / WEEK_H : PAST_WEEKS;
	tt_plan_step *v = tt_arena_alloc(arena, (weeks + r->n_segments + 1) * sizeof *v);
	int64_t at_s = start_s;
	size_t n = 0;

	for (size_t i = weeks; v && i > 0; i--) {
		const size_t end = r->n - (i - 1) * WEEK_H;

		v[n++] = (tt_plan_step){ .to_s = start_s - (int64_t)(i - 1) * WEEK_H * HOUR_S,
			.from_s = start_s - (int64_t)i * WEEK_H * HOUR_S, .past = true,
			.use = week(r->y, end), .low = (double)NAN, .high = (double)NAN };
	}
	for (size_t i = 0; v && i < r->n_segments; i++) {
		const tt_rolling_segment *s = &r->segments[i];
		const int64_t sold = tt_resale_sold(r, &p->plan.plan, i, SIZE_MAX);
		const double z = Z10 * tt_track_widens(&p->track, s->quarter);

		v[n++] = (tt_plan_step){ at_s, at_s + s->hours * HOUR_S, false,
			tt_level_at(&p->plan.level, s->quarter, 0),
			tt_level_at(&p->plan.level, s->quarter, -z),
			tt_level_at(&p->plan.level, s->quarter, z),
			(double)(s->held - sold) + s->held_part + s->held_money,
			(double)(p->plan.plan.committed[i] - s->for_sale + sold) };
		at_s += s->hours * HOUR_S;
	}
	*ret_n = n;
	return v;
}

/* The step in which a moment lies. */
static const tt_plan_step *at(const tt_plan_step *v, size_t n, int64_t t)
{
	size_t i = 0;

	while (i + 1 < n && v[i].to_s <= t)
		i++;
	return &v[i];
}

static double top_of(const tt_plan_step *v, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++) {
		most = fmax(most, v[i].use); /* fmax() passes over NaN */
		most = fmax(most, v[i].held + v[i].bought);
	}
	return most;
}

/* What a cell stands for, by where its middle lies. */
static const char *sign(const tt_plan_step *s, double height, enum tt_tone *tone)
{
	const double ladder = s->held + s->bought;

	*tone = TT_TONE_COOL;
	if (s->past)
		return s->use > height ? "▓" : " ";
	if (s->use > height && ladder > height)
		return "█";
	*tone = TT_TONE_WARN;
	if (s->use > height)
		return "░";
	*tone = TT_TONE_DIM;
	return ladder > height ? "·" : " ";
}

static void row(const tt_plan_step *v, size_t n, double low, double high, tt_page *page)
{
	const int64_t all_s = v[n - 1].to_s - v[0].from_s;

	for (int64_t c = 0; c < CELLS; c++) {
		const tt_plan_step *s = at(v, n, v[0].from_s + all_s * (2 * c + 1) / (2 * CELLS));
		enum tt_tone tone;
		const char *text = sign(s, (low + high) / 2, &tone);

		tt_page_text(page, tone, text);
	}
	tt_page_line(page);
}

/* Dates under the axis: where history begins, the plan begins, and it ends. */
static void dates(const tt_plan_step *v, size_t n, int64_t start_s, tt_page *page)
{
	const int64_t all_s = v[n - 1].to_s - v[0].from_s;
	const size_t mark = (size_t)((start_s - v[0].from_s) * CELLS / all_s);
	char text[TT_CELL_TEXT];
	const size_t left = 2 + LABEL + 2, day = 10;

	tt_page_to(page, 2 + LABEL);
	tt_page_text(page, TT_TONE_DIM, " └");
	for (size_t c = 0; c < CELLS; c++)
		tt_page_text(page, TT_TONE_DIM, c == mark ? "┴" : "─");
	tt_page_line(page);
	tt_page_to(page, left);
	if (mark >= day + 2) {
		tt_cell_time(v[0].from_s, text);
		text[day] = '\0';
		tt_page_text(page, TT_TONE_DIM, text);
	}
	if (mark + 2 * day + 2 < CELLS) {
		tt_page_to(page, left + mark);
		tt_cell_time(start_s, text);
		text[day] = '\0';
		tt_page_text(page, TT_TONE_DIM, text);
	}
	tt_page_to(page, left + CELLS - day);
	tt_cell_time(v[n - 1].to_s, text);
	text[day] = '\0';
	tt_page_text(page, TT_TONE_DIM, text);
	tt_page_line(page);
}

void tt_plan_chart(const tt_plan_step *v, size_t n, bool legend, tt_page *page)
{
	const double top = top_of(v, n);
	int64_t start_s = 0;
	char text[TT_CELL_TEXT];

	if (!n || !(top > 0))
		return;
	for (size_t i = n; i-- > 0 && !v[i].past;)
		start_s = v[i].from_s;
	for (int i = ROWS; i-- > 0;) {
		tt_page_to(page, 2);
		tt_page_right(page, TT_TONE_PLAIN, i == ROWS - 1 ? tt_cell_value(top, text) :
		              i ? "" : "units", LABEL);
		tt_page_text(page, TT_TONE_DIM, " ┤");
		row(v, n, top * i / ROWS, top * (i + 1) / ROWS, page);
	}
	dates(v, n, start_s, page);
	if (!legend)
		return;
	tt_page_to(page, 2 + LABEL + 2);
	if (v[0].past)
		tt_page_text(page, TT_TONE_DIM, "▓ was used  ");
	tt_page_text(page, TT_TONE_DIM, "█ expected use that is held or planned  ░ left on demand  "
	             "· not used");
	tt_page_line(page);
}
