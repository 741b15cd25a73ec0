#include "report/course_table.h"
#include "base/clock.h"
#include "base/memory.h"
#include "report/layout.h"
#include "report/simulate_parts.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S, WEEK_S = 7 * DAY_S };
enum { DAYS_MOST = 62 };        /* more of them are shown by weeks */
enum { MARKS = 24, LIKE = 18, MARKS_AT = 28, INSTANCES = 7, AMOUNT = 11 };
#define CENTS_BELOW INT64_C(10000000000) /* 10,000 in micro-units */

/* Of a row, a part of the horizon: a day, or a week from its begin. */
struct row {
	int64_t from_s, measured_s;
	size_t hours;
	int64_t baseline, after;
	double instances, instances_after; /* summed over hours */
	bool there[MARKS];
	int64_t saving[MARKS];
};

struct sheet {
	tt_page page;
	const tt_course *c;
	int decimals;
	bool by_week;
	struct row *rows; size_t n;
	int64_t most;           /* what a mark saves at most; 0: none does */
};

static char *money(const struct sheet *s, int64_t micro, char *buf)
{
	return tt_money_text(micro, s->decimals, buf, TT_CELL_TEXT);
}

static const char *unit_of(const tt_course *c)
{
	return tt_unit_text(c->scenario->snapshot->currency);
}

/* "2026-01-19", with the hour where it is not midnight. */
static char *day_text(int64_t t, char *buf)
{
	tt_cell_time(t, buf);
	if (t % DAY_S == 0)
		buf[10] = '\0';
	return buf;
}

/* --- Rows ------------------------------------------------------------------------------ */

/* Which row an hour belongs to, and which mark of it. */
static int64_t row_of(const struct sheet *s, int64_t at_s, size_t *ret_mark)
{
	const int64_t week_s = (at_s - s->c->from_s) % WEEK_S;

	*ret_mark = (size_t)(s->by_week ? week_s / (8 * HOUR_S) : at_s % DAY_S / HOUR_S);
	return s->by_week ? (at_s - s->c->from_s) / WEEK_S : at_s / DAY_S;
}

static void add_hour(struct row *r, const tt_course_hour *h, size_t mark)
{
	r->baseline += h->baseline_micro;
	r->after += h->after_micro;
	r->instances += h->baseline_instances;
	r->instances_after += h->after_instances;
	r->hours++;
	r->there[mark] = true;
	r->saving[mark] += h->baseline_micro - h->after_micro;
}

static bool make_rows(struct sheet *s)
{
	const tt_course *c = s->c;
	int64_t last = 0;
	size_t mark;

	s->by_week = c->until_s - c->from_s > (int64_t)DAYS_MOST * DAY_S;
	s->rows = tt_zalloc(c->n_hours + 1, sizeof *s->rows);
	if (!s->rows)
		return false;
	for (size_t i = 0; i < c->n_hours; i++) {
		const tt_course_hour *h = &c->hours[i];
		const int64_t row = row_of(s, h->at_s, &mark);

		if (!s->n || row != last)
			s->rows[s->n++] = (struct row){ .from_s = h->at_s,
				                        .measured_s = h->measured_s };
		last = row;
		add_hour(&s->rows[s->n - 1], h, mark);
	}
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < MARKS; k++)
			s->most = s->rows[i].saving[k] > s->most ? s->rows[i].saving[k] : s->most;
	return true;
}

/* Whether a reader would see a difference. */
static bool is_alike(const struct row *a, const struct row *b)
{
	return a->hours == b->hours && a->baseline == b->baseline && a->after == b->after &&
	       fabs(a->instances - b->instances) < 1e-6 &&
	       fabs(a->instances_after - b->instances_after) < 1e-6 &&
	       memcmp(a->there, b->there, sizeof a->there) == 0 &&
	       memcmp(a->saving, b->saving, sizeof a->saving) == 0;
}

static const char *mark_text(const struct sheet *s, const struct row *r, size_t i)
{
	static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	const int64_t saving = r->saving[i];

	if (!r->there[i])
		return " ";
	if (saving <= 0)
		return saving ? "-" : "·";
	return blocks[(size_t)(((tt_i128)saving * 8 - 1) / s->most)];
}

static void put_marks(struct sheet *s, const struct row *r)
{
	for (size_t i = 0; i < MARKS; i++)
		tt_page_text(&s->page, r->there[i] && r->saving[i] < 0 ? TT_TONE_BAD :
		             TT_TONE_PLAIN, mark_text(s, r, i));
}

static void put_figures(struct sheet *s, const struct row *r)
{
	const double means[] = { r->instances / (double)r->hours,
		                 r->instances_after / (double)r->hours };
	const int64_t amounts[] = { r->baseline, r->after, r->baseline - r->after };
	char text[TT_CELL_TEXT];

	tt_page_to(&s->page, MARKS_AT + MARKS);
	for (size_t i = 0; i < 2; i++)
		tt_page_right(&s->page, TT_TONE_PLAIN, tt_cell_value(means[i], text), INSTANCES);
	for (size_t i = 0; i < 3; i++)
		tt_page_right(&s->page, i == 2 && amounts[i] < 0 ? TT_TONE_BAD : TT_TONE_PLAIN,
		              money(s, amounts[i], text), AMOUNT);
	tt_page_line(&s->page);
}

/* "Mon 2026-01-19" */
static char *weekday_text(int64_t t, char *buf)
{
	static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	char text[TT_CELL_TEXT];
	const int64_t day = t >= 0 ? t / DAY_S % 7 : 6 - (-t - 1) / DAY_S % 7;

	tt_cell_time(t, text);
	snprintf(buf, TT_CELL_TEXT, "%s %.10s", days[day], text);
	return buf;
}

/* The hour of the window that the row begins with: "01-05", "01-05 07h". */
static char *like_text(int64_t t, char *buf)
{
	char text[TT_CELL_TEXT];

	tt_cell_time(t, text);
	snprintf(buf, TT_CELL_TEXT, t % DAY_S ? "%.5s %.2sh" : "%.5s", text + 5, text + 11);
	return buf;
}

static void put_row(struct sheet *s, const struct row *r)
{
	char text[TT_CELL_TEXT];

	tt_page_to(&s->page, 2);
	tt_page_text(&s->page, TT_TONE_PLAIN, weekday_text(r->from_s, text));
	tt_page_to(&s->page, LIKE);
	tt_page_text(&s->page, TT_TONE_DIM, like_text(r->measured_s, text));
	tt_page_to(&s->page, MARKS_AT);
	put_marks(s, r);
	put_figures(s, r);
}

static void put_total(struct sheet *s)
{
	const tt_course *c = s->c;
	struct row all = { .hours = c->n_hours, .baseline = c->baseline_micro,
		           .after = c->after_micro };

	for (size_t i = 0; i < s->n; i++) {
		all.instances += s->rows[i].instances;
		all.instances_after += s->rows[i].instances_after;
	}
	tt_page_to(&s->page, 2);
	tt_page_text(&s->page, TT_TONE_STRONG, "the horizon");
	put_figures(s, &all);
}

static void put_heads(struct sheet *s)
{
	static const char *const heads[] = { "before", "after", "before", "after", "saving" };

	tt_page_heading(&s->page, s->by_week ? "Week by week" : "Day by day");
	tt_page_to(&s->page, MARKS_AT + MARKS);
	tt_page_right(&s->page, TT_TONE_DIM, "instances", 2 * INSTANCES);
	tt_page_right(&s->page, TT_TONE_DIM, "cost", 2 * AMOUNT);
	tt_page_line(&s->page);
	tt_page_to(&s->page, 2);
	tt_page_text(&s->page, TT_TONE_DIM, s->by_week ? "week from" : "day");
	tt_page_to(&s->page, LIKE);
	tt_page_text(&s->page, TT_TONE_DIM, "like");
	tt_page_to(&s->page, MARKS_AT);
	tt_page_text(&s->page, TT_TONE_DIM, s->by_week ? "saving, by 8 hours" :
	             "saving, hour by hour");
	tt_page_to(&s->page, MARKS_AT + MARKS);
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		tt_page_right(&s->page, TT_TONE_DIM, heads[i], i < 2 ? INSTANCES : AMOUNT);
	tt_page_line(&s->page);
}

static void put_legend(struct sheet *s)
{
	const char *what = s->by_week ? "8 hours" : "hour";
	char most[TT_CELL_TEXT];
	tt_buf text = { 0 };

	if (s->most)
		tt_buf_printf(&text, "█ the most that %s save%s, %s; ", s->by_week ? what :
		              "an hour", s->by_week ? "" : "s", money(s, s->most, most));
	tt_buf_puts(&text, "· nothing, - a loss. \"like\" says which hour of the measured window "
	            "the row begins with; instances are means; times are UTC. Every hour with "
	            "its figures: --format csv or json");
	tt_page_paragraph(&s->page, TT_TONE_DIM, 2, &text);
}

static void put_rows(struct sheet *s)
{
	char text[TT_CELL_TEXT];
	tt_buf line = { 0 };

	put_heads(s);
	for (size_t i = 0, n; i < s->n; i += n) {
		for (n = 1; i + n < s->n && is_alike(&s->rows[i], &s->rows[i + n]);)
			n++;
		put_row(s, &s->rows[i]);
		if (n == 2)
			put_row(s, &s->rows[i + 1]);
		if (n <= 2)
			continue;
		tt_buf_printf(&line, "and %zu %s alike, the last from %s", n - 1,
		              s->by_week ? "weeks" : "days",
		              weekday_text(s->rows[i + n - 1].from_s, text));
		tt_page_paragraph(&s->page, TT_TONE_DIM, MARKS_AT, &line);
	}
	put_total(s);
	put_legend(s);
}

/* --- Head and changes -------------------------------------------------------------------- */

static void put_head(struct sheet *s)
{
	const tt_course *c = s->c;
	const tt_scenario *sc = c->scenario->scenario;
	const char *fleet = c->scenario->snapshot->name;
	char from[TT_CELL_TEXT], until[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_page_text(&s->page, TT_TONE_STRONG, sc->name);
	if (*sc->note) {
		tt_page_text(&s->page, TT_TONE_PLAIN, "  ");
		tt_page_wrap(&s->page, TT_TONE_PLAIN, sc->note, 0, TT_PAGE_COLUMNS);
	}
	tt_page_line(&s->page);
	tt_buf_printf(&line, "%s · %s to %s · ", fleet && *fleet ? fleet : "fleet",
	              day_text(c->from_s, from), day_text(c->until_s, until));
	if (c->world == TT_WORLD_POINT)
		tt_buf_puts(&line, "the point: all that is assumed is at its median, every change "
		            "is taken up");
	else
		tt_buf_printf(&line, "world %" PRIu64 ", seed %" PRIu64, c->world, c->seed);
	tt_page_paragraph(&s->page, TT_TONE_PLAIN, 0, &line);
}

static void put_sentence(struct sheet *s)
{
	const tt_course *c = s->c;
	const int64_t saving = c->baseline_micro - c->after_micro;
	char before[TT_CELL_TEXT], after[TT_CELL_TEXT], saved[TT_CELL_TEXT], pct[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_buf_printf(&line, "costs %s %s, and %s with the changes: ",
	              money(s, c->baseline_micro, before), unit_of(c),
	              money(s, c->after_micro, after));
	if (!saving)
		tt_buf_puts(&line, "nothing is saved");
	else
		tt_buf_printf(&line, "%s %s", money(s, saving < 0 ? -saving : saving, saved),
		              saving < 0 ? "lost" : "saved");
	if (saving && c->baseline_micro > 0)
		tt_buf_printf(&line, ", %s", tt_cell_pct(saving < 0 ? -saving : saving,
		                                         c->baseline_micro, pct));
	tt_page_line(&s->page);
	tt_page_paragraph(&s->page, saving < 0 ? TT_TONE_BAD : saving ? TT_TONE_GOOD :
	                  TT_TONE_PLAIN, 2, &line);
}

static void put_change(struct sheet *s, size_t i)
{
	const tt_course_change *x = &s->c->changes[i];
	char from[TT_CELL_TEXT], until[TT_CELL_TEXT], number[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_sim_put_what(&s->page, i + 1, &s->c->scenario->changes[i]);
	if (!x->adopted) {
		tt_buf_puts(&line, "not taken up in this world");
	} else if (x->start_s >= x->end_s) {
		tt_buf_puts(&line, "taken up, but not before its end, or that of the horizon");
	} else {
		tt_cell_time(x->start_s, from);
		tt_cell_time(x->end_s, until);
		tt_buf_printf(&line, "%s to %s · ", from, until);
		if (x->realised_ratio != 1)
			tt_buf_printf(&line, "%s %% of it realised · ",
			              tt_format_f64(100 * x->realised_ratio, 1, number,
			                            sizeof number));
		tt_buf_printf(&line, "saves %s", money(s, x->saving_micro, number));
	}
	tt_page_paragraph(&s->page, x->adopted ? TT_TONE_PLAIN : TT_TONE_WARN, 6, &line);
}

static void put_changes(struct sheet *s)
{
	tt_buf line = { 0 };
	bool is_late = false;

	if (!s->c->n_changes)
		return;
	tt_page_heading(&s->page, "Changes in this world");
	tt_page_line(&s->page);
	for (size_t i = 0; i < s->c->n_changes; i++) {
		put_change(s, i);
		is_late |= s->c->changes[i].adopted && s->c->changes[i].start_s > s->c->from_s;
	}
	tt_buf_puts(&line, "a change saves what it does on top of those before it in the order of "
	            "composition");
	if (is_late)
		tt_buf_puts(&line, "; one that begins within a week counts from its hour here, "
		            "where ranges take that week's mean");
	tt_page_paragraph(&s->page, TT_TONE_DIM, 2, &line);
}

void tt_course_table(const tt_course *c, int color, tt_buf *out)
{
	const bool cents = c->baseline_micro < CENTS_BELOW && c->after_micro < CENTS_BELOW;
	struct sheet s = { .page = { .out = out, .color = color }, .c = c,
		           .decimals = cents ? 2 : 0 };

	if (make_rows(&s)) {
		put_head(&s);
		put_sentence(&s);
		put_changes(&s);
		put_rows(&s);
	} else {
		out->failed = true;
	}
	tt_free(s.rows);
}
