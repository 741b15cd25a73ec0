#include "report/findings_table.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A page is for reading; everything is in the JSON. */
enum { STEPS_SHOWN = 15, ENABLERS_SHOWN = 5, NOTICED_SHOWN = 5, REASONS_SHOWN = 8,
	OF_A_REASON_SHOWN = 2, LOST_SHOWN = 3 };
enum { TEXT_END = 62, AMOUNT = 14, EFFORT = 10 };
#define SURE 0.985 /* a confidence from here on is not worth a word */

/* --- One finding ------------------------------------------------------------------------- */

static void columns(tt_page *p, const char *first, const char *second)
{
	tt_page_to(p, TEXT_END);
	tt_page_right(p, TT_TONE_DIM, first, AMOUNT);
	tt_page_right(p, TT_TONE_DIM, second, AMOUNT);
	tt_page_right(p, TT_TONE_DIM, "effort", EFFORT);
	tt_page_line(p);
}

static void more(tt_page *p, size_t n, const char *what, const char *whats)
{
	char count[TT_CELL_TEXT], text[160];

	snprintf(text, sizeof text, "and %s more %s: --format json has all of them",
	         tt_cell_count((int64_t)n, count), n == 1 ? what : whats);
	tt_page_to(p, 6);
	tt_page_text(p, TT_TONE_DIM, text);
	tt_page_line(p);
}

/* The columns behind the first line of a title. */
static void amounts(tt_page *p, int64_t first, int64_t second, double effort_days)
{
	char text[TT_CELL_TEXT];

	tt_page_to(p, TEXT_END);
	tt_page_right(p, TT_TONE_GOOD, tt_cell_money(first, text), AMOUNT);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(second, text), AMOUNT);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_days(effort_days, text), EFFORT);
}

/* The further lines of a title, after the columns behind its first: P10 to P90 of the first
 * amount stands below it. */
static void put_rest(tt_page *p, const char *rest, const tt_spread *of)
{
	char range[TT_CELL_TEXT], text[TT_CELL_TEXT + 3];

	tt_page_line(p);
	if (of && *tt_cell_range(of->p10, of->p90, range)) {
		const int n = snprintf(text, sizeof text, "(%s)", range);
		const size_t at = n < TEXT_END ? TEXT_END + AMOUNT - (size_t)n : AMOUNT;

		tt_page_to(p, 6);
		rest = tt_page_first(p, TT_TONE_PLAIN, rest, at - 2);
		if (p->column > at - 2)
			tt_page_line(p);
		tt_page_to(p, at);
		tt_page_text(p, TT_TONE_DIM, text);
		tt_page_line(p);
	}
	if (!*rest)
		return;
	tt_page_to(p, 6);
	tt_page_wrap(p, TT_TONE_PLAIN, rest, 6, TEXT_END);
	tt_page_line(p);
}

/* What is done: the first change, and how many go with it. */
static void put_change(tt_page *p, const tt_ranked *r)
{
	const tt_change *first = tt_audit_change(r, 0);
	tt_buf text = { 0 };
	size_t n = 1;

	if (!first)
		return;
	while (tt_audit_change(r, n))
		n++;
	tt_change_text(first, &text);
	if (n > 1)
		tt_buf_printf(&text, " and %zu more", n - 1);
	tt_page_to(p, 6);
	tt_page_wrap(p, TT_TONE_COOL, tt_buf_text(&text), 6, TT_PAGE_COLUMNS);
	tt_page_line(p);
	p->out->failed |= text.failed;
	tt_buf_free(&text);
}

/* " · together with steps 8 and 9": none of them saves without the others. */
static void list_together(const tt_plan *plan, const tt_ranked *r, tt_buf *to)
{
	size_t step = 0, n = 0;

	while (plan && step < plan->n_steps && plan->steps[step].finding != r)
		step++;
	if (!plan || step == plan->n_steps)
		return;
	for (size_t i = 0; i < plan->n_steps; i++)
		n += i != step && plan->steps[i].unit == plan->steps[step].unit;
	for (size_t i = 0, k = 0; n && i < plan->n_steps; i++) {
		if (i == step || plan->steps[i].unit != plan->steps[step].unit)
			continue;
		k++;
		tt_buf_printf(to, "%s%zu", k > 1 ? k == n ? " and " : ", " :
			      n > 1 ? " · saves together with steps " :
				      " · saves together with step ", i + 1);
	}
}

static void list_remarks(const tt_plan *plan, const tt_ranked *r, tt_buf *to)
{
	const tt_found *f = r->found;
	char text[TT_CELL_TEXT];

	tt_buf_printf(to, "%s · severity %s", f->id, r->severity);
	if (r->place != TT_ENABLER || r->risk)
		tt_buf_printf(to, " · risk %s", tt_risk_text(r->risk));
	if (f->confidence_ratio < SURE)
		tt_buf_printf(to, " · confidence %s %%",
		              tt_format_f64(f->confidence_ratio * 100, 0, text, sizeof text));
	if (*f->owner)
		tt_buf_printf(to, " · owner %s", f->owner);
	if (strcmp(tt_found_reversible(f), "no") == 0)
		tt_buf_puts(to, " · can't be undone");
	if (*f->risk_note)
		tt_buf_printf(to, " · %s", f->risk_note);
	if (*r->note)
		tt_buf_printf(to, " · %s", r->note);
	if (*r->kept_by)
		tt_buf_printf(to, " · would have to go with it: %s", r->kept_by);
	for (size_t i = 0; i < r->n_lost && i < LOST_SHOWN; i++)
		tt_buf_printf(to, " · %s has it (%s)", r->lost[i].to->found->id, r->lost[i].why);
	list_together(plan, r, to);
}

/* How far to trust it and whom to ask. */
static void put_remarks(tt_page *p, const tt_plan *plan, const tt_ranked *r)
{
	tt_buf line = { 0 };

	list_remarks(plan, r, &line);
	tt_page_to(p, 6);
	tt_page_wrap(p, TT_TONE_DIM, tt_buf_text(&line), 6, TT_PAGE_COLUMNS);
	tt_page_line(p);
	p->out->failed |= line.failed;
	tt_buf_free(&line);
}

/* `of`: the saving that the first amount is of; NULL: it is none. */
static void put_finding(tt_page *p, const tt_plan *plan, const tt_ranked *r, int64_t first,
                        int64_t second, const tt_spread *of)
{
	const char *rest;

	tt_page_to(p, 6);
	rest = tt_page_first(p, TT_TONE_PLAIN, r->found->title, TEXT_END);
	amounts(p, first, second, r->found->effort_days);
	put_rest(p, rest, of);
	if (r->place != TT_LEFT_OUT)
		put_change(p, r);
	put_remarks(p, plan, r);
}

/* --- The plan, and what goes with it -------------------------------------------------------- */

/* What comes when, where it does not all come at once. */
static void put_waves(tt_page *p, const tt_plan *plan)
{
	static const char *const words[TT_WAVES] = {
		"quick wins, up to 5 engineer-days each", "up to 20 engineer-days each",
		"above 20 engineer-days each"
	};
	char text[160], n[TT_CELL_TEXT];
	size_t waves = 0;

	for (size_t i = 0; i < TT_WAVES; i++)
		waves += plan->waves[i].n > 0;
	for (size_t i = 0; waves > 1 && i < TT_WAVES; i++) {
		const tt_wave_sum *w = &plan->waves[i];

		if (!w->n)
			continue;
		snprintf(text, sizeof text, "%s step%s: %s", tt_cell_count((int64_t)w->n, n),
		         w->n == 1 ? "" : "s", words[i]);
		tt_page_to(p, 6);
		tt_page_text(p, TT_TONE_DIM, text);
		tt_page_to(p, TEXT_END);
		tt_page_right(p, TT_TONE_DIM, tt_cell_money(w->saving_per_month, text), AMOUNT);
		tt_page_right(p, TT_TONE_DIM, "", AMOUNT);
		tt_page_right(p, TT_TONE_DIM, tt_cell_days(w->effort_days, text), EFFORT);
		tt_page_line(p);
	}
}

void tt_findings_plan(tt_page *p, const tt_audit *a)
{
	const tt_plan *plan = a->plan;
	size_t shown = plan->n_steps < STEPS_SHOWN ? plan->n_steps : STEPS_SHOWN;
	char text[TT_CELL_TEXT];

	if (!plan->n_steps)
		return;
	tt_page_heading(p, "What to do first");
	columns(p, "saves a month", "all so far");
	for (size_t i = 0; i < shown; i++) {
		const tt_step *s = &plan->steps[i];

		snprintf(text, sizeof text, "%zu", i + 1);
		tt_page_right(p, TT_TONE_STRONG, text, 4);
		put_finding(p, plan, s->finding, s->marginal_per_month, s->cumulative_per_month,
		            &s->finding->in_plan_per_month);
	}
	if (shown < plan->n_steps)
		more(p, plan->n_steps - shown, "step", "steps");
	put_waves(p, plan);
}

void tt_findings_enablers(tt_page *p, const tt_audit *a)
{
	const tt_plan *plan = a->plan;
	size_t shown = plan->n_enablers < ENABLERS_SHOWN ? plan->n_enablers : ENABLERS_SHOWN;

	if (!plan->n_enablers)
		return;
	tt_page_heading(p, "Enablers: no saving of their own, but spend that they concern");
	columns(p, "in the window", "a month");
	for (size_t i = 0; i < shown; i++) {
		const tt_ranked *r = plan->enablers[i];

		tt_page_text(p, TT_TONE_DIM, "    -");
		put_finding(p, NULL, r, r->found->spend_concerned_micro, r->concerned_per_month,
		            NULL);
	}
	if (shown < plan->n_enablers)
		more(p, plan->n_enablers - shown, "enabler", "enablers");
}

/* --- Left out ------------------------------------------------------------------------------- */

static bool proposes(const tt_ranked *r)
{
	return r->found->n_changes || r->found->n_alternatives;
}

static int descending(int64_t a, int64_t b)
{
	return (a < b) - (a > b);
}

static int by_amount(const tt_ranked *a, const tt_ranked *b)
{
	int by = descending(a->standalone_per_month.p50, b->standalone_per_month.p50);

	if (!by)
		by = descending(a->concerned_per_month, b->concerned_per_month);
	return by ? by : strcmp(a->found->id, b->found->id);
}

/* By reason; within one, what would save or concerns the most first. */
static int compare_reasons(const void *pa, const void *pb)
{
	const tt_ranked *a = *(const tt_ranked *const *)pa, *b = *(const tt_ranked *const *)pb;
	int by = strcmp(a->why, b->why);

	return by ? by : by_amount(a, b);
}

struct reason {
	const tt_ranked **of;   /* [n] */
	size_t n;
};

/* Reasons by the largest of each. */
static int compare_groups(const void *pa, const void *pb)
{
	const struct reason *a = pa, *b = pb;

	return by_amount(a->of[0], b->of[0]);
}

static void put_reason(tt_page *p, const struct reason *g)
{
	size_t shown = g->n <= OF_A_REASON_SHOWN + 1 ? g->n : OF_A_REASON_SHOWN;
	char n[TT_CELL_TEXT], text[TT_CELL_TEXT + 8];

	tt_page_to(p, 2);
	if (g->n > 1) {
		snprintf(text, sizeof text, "%s × ", tt_cell_count((int64_t)g->n, n));
		tt_page_text(p, TT_TONE_STRONG, text);
	}
	tt_page_wrap(p, TT_TONE_WARN, g->of[0]->why, 4, TT_PAGE_COLUMNS);
	tt_page_line(p);
	for (size_t i = 0; i < shown; i++) {
		const tt_ranked *r = g->of[i];

		tt_page_text(p, TT_TONE_DIM, "    -");
		put_finding(p, NULL, r, r->standalone_per_month.p50, r->concerned_per_month,
		            &r->standalone_per_month);
	}
	if (shown < g->n)
		more(p, g->n - shown, "finding", "findings");
}

static void put_further(tt_page *p, const struct reason *g, size_t n)
{
	char reasons[TT_CELL_TEXT], findings[TT_CELL_TEXT], text[200];
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += g[i].n;
	snprintf(text, sizeof text, "and %s further reason%s with %s finding%s: --format json has "
	         "all of them", tt_cell_count((int64_t)n, reasons), n == 1 ? "" : "s",
	         tt_cell_count((int64_t)sum, findings), sum == 1 ? "" : "s");
	tt_page_to(p, 2);
	tt_page_text(p, TT_TONE_DIM, text);
	tt_page_line(p);
}

void tt_findings_left_out(tt_page *p, const tt_audit *a)
{
	const tt_plan *plan = a->plan;
	TT_CLEANUP(tt_freep) const tt_ranked **v = tt_zalloc(plan->n_left_out + 1, sizeof *v);
	TT_CLEANUP(tt_freep) struct reason *g = tt_zalloc(plan->n_left_out + 1, sizeof *g);
	size_t n = 0, groups = 0, shown;

	p->out->failed |= !v || !g;
	if (!v || !g)
		return;
	for (size_t i = 0; i < plan->n_left_out; i++)
		if (proposes(plan->left_out[i]))
			v[n++] = plan->left_out[i];
	if (!n)
		return;
	qsort(v, n, sizeof *v, compare_reasons);
	for (size_t i = 0; i < n; i++) {
		if (!i || strcmp(v[i]->why, v[i - 1]->why) != 0)
			g[groups++].of = v + i;
		g[groups - 1].n++;
	}
	qsort(g, groups, sizeof *g, compare_groups);
	shown = groups <= REASONS_SHOWN ? groups : REASONS_SHOWN;
	tt_page_heading(p, "Left out of the plan, and why; amounts a month");
	columns(p, "would save", "concerns");
	for (size_t i = 0; i < shown; i++)
		put_reason(p, &g[i]);
	if (shown < groups)
		put_further(p, g + shown, groups - shown);
}

void tt_findings_noticed(tt_page *p, const tt_audit *a)
{
	const tt_plan *plan = a->plan;
	size_t n = 0;

	for (size_t i = 0; i < plan->n_left_out; i++) {
		const tt_ranked *r = plan->left_out[i];

		if (proposes(r) || n++ >= NOTICED_SHOWN)
			continue;
		if (n == 1) {
			tt_page_heading(p, "Noticed, nothing to do");
			tt_page_line(p);
		}
		tt_page_text(p, TT_TONE_DIM, "    - ");
		tt_page_wrap(p, TT_TONE_PLAIN, r->found->title, 6, TT_PAGE_COLUMNS);
		tt_page_line(p);
		put_remarks(p, plan, r);
	}
	if (n > NOTICED_SHOWN)
		more(p, n - NOTICED_SHOWN, "of this kind", "of this kind");
}

void tt_findings_words(tt_page *p, const tt_audit *a)
{
	if (!a->plan->n)
		return;
	tt_page_line(p);
	tt_page_to(p, 2);
	if (a->plan->worlds.n) {
		tt_page_wrap(p, TT_TONE_DIM, "Savings are the middle (P50) of what sampled months "
		             "save, in brackets P10 to P90 where they differ. \"All so far\" is "
		             "added up within each month: middles alone need not add up to it.", 2,
		             TT_PAGE_COLUMNS);
		tt_page_line(p);
		tt_page_to(p, 2);
	}
	tt_page_wrap(p, TT_TONE_DIM, "Severity is the larger of saving and spend concerned as a "
	             "share of the bill: critical from 10 %, high from 3 %, medium from 0.5 %. "
	             "Confidence is the detector's own; none is named from 99 % on.", 2,
	             TT_PAGE_COLUMNS);
	tt_page_line(p);
}

/* --- Not examined ----------------------------------------------------------------------------- */

static int same_why(const tt_findings *f, size_t i, size_t j)
{
	return strcmp(f->unexamined[i].why, f->unexamined[j].why) == 0;
}

/* Those that could not look for the same reason as `i` does, in one line after it. */
static void put_alike(tt_page *p, const tt_findings *f, size_t i)
{
	tt_buf text = { 0 };

	tt_buf_printf(&text, "%s:", f->unexamined[i].why);
	for (size_t j = i; j < f->n_unexamined; j++)
		if (same_why(f, i, j))
			tt_buf_printf(&text, "%s %s", j > i ? "," : "", f->unexamined[j].detector);
	tt_page_to(p, 2);
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &text);
}

void tt_findings_not_examined(tt_page *p, const tt_audit *a)
{
	const tt_findings *f = a->findings;

	if (!f->n_unexamined)
		return;
	tt_page_heading(p, "Not examined");
	tt_page_line(p);
	for (size_t i = 0; i < f->n_unexamined; i++) {
		size_t before = 0, alike = 0;

		for (size_t j = 0; j < f->n_unexamined; j++) {
			if (!same_why(f, i, j))
				continue;
			before += j < i;
			alike++;
		}
		if (before)
			continue;
		if (alike > 1) {
			put_alike(p, f, i);
			continue;
		}
		tt_page_to(p, 2);
		tt_page_left(p, TT_TONE_PLAIN, f->unexamined[i].detector, 20);
		tt_page_text(p, TT_TONE_PLAIN, "  ");
		tt_page_wrap(p, TT_TONE_PLAIN, f->unexamined[i].why, 24, TT_PAGE_COLUMNS);
		tt_page_line(p);
	}
}
