#include "report/explain_course.h"
#include "report/plot.h"
#include "snapshot/metrics.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CARRIERS_SHOWN = 8 };

/* --- The course -------------------------------------------------------------------------- */

static const char *metric_text(int metric)
{
	return metric == TT_ACTIVITY_PCT ? "activity_pct" : tt_metric_text(metric);
}

static void course_title(const tt_explanation *e, tt_buf *to)
{
	const tt_found *f = e->ranked->found;
	const tt_course *c = &e->course;
	size_t n = c->n_carriers;

	if (c->kind == TT_COURSE_HELD) {
		tt_buf_printf(to, "Cards held by pods of %s %s",
		              tt_subject_kind_text(f->subject_kind), f->subject_id);
		return;
	}
	tt_buf_printf(to, "%s of %s %s", metric_text(c->metric),
	              tt_subject_kind_text(f->subject_kind), f->subject_id);
	if (n > 1 && (f->subject_kind == TT_SUBJECT_NODE || f->subject_kind == TT_SUBJECT_CARD))
		tt_buf_printf(to, ", the busiest of %zu cards", n);
	else if (n > 1)
		tt_buf_printf(to, ", mean of %zu cards", n);
}

/* Thresholds of the metric that is drawn. */
static size_t course_lines(const tt_explanation *e, double *lines, size_t max, tt_buf *names)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_grounds && n < max; i++) {
		const tt_told_ground *g = &e->grounds[i];

		if (g->def->metric != e->course.metric || e->course.kind != TT_COURSE_METRIC ||
		    !(g->threshold > 0))
			continue;
		tt_buf_printf(names, "%s%s", n ? ", ╌ " : ", ╌ ", g->def->param);
		lines[n++] = g->threshold;
	}
	return n;
}

static const char *tick_text(int64_t tick_s, char *buf)
{
	return tick_s == 3600 ? "hour" : tick_s == 86400 ? "day" : tick_s == 604800 ? "Monday"
	                                                         : tt_cell_span(tick_s, buf);
}

/* "15 minutes", "4 hours", "7 days". */
static char *column_text(int64_t s, char *buf)
{
	char number[TT_CELL_TEXT];

	if (s < 120 || s >= 3600)
		return tt_cell_span(s, buf);
	snprintf(buf, TT_CELL_TEXT, "%s minutes",
	         tt_format_f64((double)s / 60, 1, number, 40));
	return buf;
}

static void put_legend(tt_page *p, const tt_explanation *e, const tt_plot *plot,
                       const char *names, int missing)
{
	const tt_course *c = &e->course;
	char span[TT_CELL_TEXT];
	tt_buf text = { 0 };

	column_text(c->column_s, span);
	if (c->kind == TT_COURSE_HELD && c->nobodys)
		tt_buf_printf(&text, "█ held by pods that nobody owns, mean of %s, · by all of "
		              "its pods", span);
	else
		tt_buf_printf(&text, "█ mean of %s%s", span,
		              c->kind == TT_COURSE_METRIC ? ", · highest reading" : "");
	tt_buf_puts(&text, names);
	if (missing)
		tt_buf_puts(&text, ", ░ not measured (on top: for a part)");
	tt_buf_printf(&text, ", ┴ each %s", tick_text(tt_plot_tick_s(plot), span));
	tt_page_to(p, 13);
	tt_page_wrap(p, TT_TONE_DIM, tt_buf_text(&text), 13, TT_PAGE_COLUMNS);
	tt_page_line(p);
	p->out->failed |= text.failed;
	tt_buf_free(&text);
}

/* As much as an hour (or a step, where that is what is drawn) is missing of it. */
static int is_partly(const tt_course *c, const tt_course_column *k)
{
	return k->measured_s < k->alive_s &&
	       (double)(k->alive_s - k->measured_s) / (double)k->alive_s *
	       (double)c->column_s >= (double)c->unit_s;
}

void tt_explain_course(tt_page *p, const tt_explanation *e)
{
	const tt_course *c = &e->course;
	tt_plot_column v[TT_PLOT_CELLS];
	tt_buf text = { 0 };
	double lines[4];
	int missing = 0;

	if (c->kind == TT_COURSE_NONE || c->n > TT_PLOT_CELLS)
		return;
	for (size_t i = 0; i < c->n; i++) {
		const tt_course_column *k = &c->v[i];

		v[i] = (tt_plot_column){ TT_PLOT_SEEN, k->mean,
			                 c->kind == TT_COURSE_HELD && !c->nobodys ? NAN : k->max };
		if (isnan(k->mean))
			v[i].state = k->alive_s ? TT_PLOT_MISSING : TT_PLOT_ABSENT;
		else if (is_partly(c, k))
			v[i].state = TT_PLOT_PARTLY;
		missing |= v[i].state == TT_PLOT_MISSING || v[i].state == TT_PLOT_PARTLY;
	}
	course_title(e, &text);
	tt_page_heading(p, tt_buf_text(&text));
	tt_page_line(p);
	p->out->failed |= text.failed;
	tt_buf_free(&text);
	text = (tt_buf){ 0 };

	tt_plot plot = { .v = v, .n = c->n, .lines = lines,
		         .n_lines = course_lines(e, lines, 4, &text),
		         .start_s = c->start_s, .end_s = c->end_s, .column_s = c->column_s };

	tt_plot_draw(&plot, p);
	put_legend(p, e, &plot, tt_buf_text(&text), missing);
	p->out->failed |= text.failed;
	tt_buf_free(&text);
}

/* --- How much was measured -------------------------------------------------------------- */

static void put_carrier(tt_page *p, const tt_explanation *e, const tt_course_carrier *k)
{
	const tt_metric_def *def = tt_metric_def_at(k->metric);
	char text[TT_CELL_TEXT], all[TT_CELL_TEXT];

	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_PLAIN, e->audit->snapshot->carriers[k->carrier].id, 30);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_count(k->n, text), 10);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_hours((double)k->measured_s / 3600, text), 11);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_hours((double)k->alive_s / 3600, text), 9);
	if (k->steps >= 0)
		snprintf(all, sizeof all, "%s of %lld", tt_cell_count(k->steps_missing, text),
		         (long long)k->steps);
	tt_page_right(p, k->steps_missing > 0 ? TT_TONE_WARN : TT_TONE_PLAIN,
	              k->steps >= 0 ? all : "", 15);
	tt_page_text(p, TT_TONE_PLAIN, "   ");
	tt_page_text(p, TT_TONE_DIM, def ? def->column : "nothing");
	tt_page_line(p);
}

static void put_carriers(tt_page *p, const tt_explanation *e)
{
	size_t n = e->course.n_carriers, shown = n < CARRIERS_SHOWN ? n : CARRIERS_SHOWN;
	tt_buf text = { 0 };

	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_DIM, e->reach.by_pods ? "card, while held" : "card", 30);
	tt_page_right(p, TT_TONE_DIM, "readings", 10);
	tt_page_right(p, TT_TONE_DIM, "measured h", 11);
	tt_page_right(p, TT_TONE_DIM, "of h", 9);
	tt_page_right(p, TT_TONE_DIM, "steps missing", 15);
	tt_page_line(p);
	for (size_t i = 0; i < shown; i++)
		put_carrier(p, e, &e->course.carriers[i]);
	if (shown < n) {
		tt_buf_printf(&text, "and %zu more cards: --format json has all of them",
		              n - shown);
		tt_page_paragraph(p, TT_TONE_DIM, 2, &text);
	}
}

void tt_explain_measured(tt_page *p, const tt_explanation *e)
{
	char pct[TT_CELL_TEXT], seen[TT_CELL_TEXT], all[TT_CELL_TEXT];
	const tt_course *c = &e->course;
	int64_t measured_s = 0, alive_s = 0;
	tt_buf text = { 0 };

	tt_page_heading(p, "How much was measured");
	tt_page_line(p);
	for (size_t i = 0; i < c->n; i++) {
		measured_s += c->v[i].measured_s;
		alive_s += c->v[i].alive_s;
	}
	tt_buf_printf(&text, "the finding's coverage is %s %%",
	              tt_format_f64(100 * e->ranked->found->coverage_ratio, 1, pct, sizeof pct));
	if (c->kind == TT_COURSE_METRIC)
		tt_buf_printf(&text, "; %s of %s card-hours have a reading of %s",
		              tt_cell_hours((double)measured_s / 3600, seen),
		              tt_cell_hours((double)alive_s / 3600, all), metric_text(c->metric));
	else
		tt_buf_printf(&text, "; it rests on the bill and its tables, not on a metric");
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &text);
	if (c->kind == TT_COURSE_METRIC)
		put_carriers(p, e);
}
