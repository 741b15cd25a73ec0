#include "report/findings_table.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A page is for reading; everything is in the JSON. */
enum { STEPS_SHOWN = 15, FINDINGS_SHOWN = 15, ENABLERS_SHOWN = 5, REASONS_SHOWN = 8,
	IDS_SHOWN = 3 };
enum { TEXT_END = 62, AMOUNT = 16, EFFORT = 10 };

static void more(tt_page *p, size_t n, const char *what)
{
	char count[TT_CELL_TEXT], text[160];

	snprintf(text, sizeof text, "and %s more %s: --format json has all of them",
	         tt_cell_count((int64_t)n, count), what);
	tt_page_to(p, 6);
	tt_page_text(p, TT_TONE_DIM, text);
	tt_page_line(p);
}

/* The columns behind the first line of a text. */
static void amounts(tt_page *p, int64_t first, int64_t second, double effort_days)
{
	char text[TT_CELL_TEXT];

	tt_page_to(p, TEXT_END);
	if (first != TT_MONEY_UNKNOWN)
		tt_page_right(p, TT_TONE_GOOD, tt_cell_money(first, text), AMOUNT - 2);
	tt_page_to(p, TEXT_END + AMOUNT - 2);
	if (second != TT_MONEY_UNKNOWN)
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(second, text), AMOUNT - 2);
	tt_page_to(p, TEXT_END + 2 * (AMOUNT - 2));
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_days(effort_days, text), EFFORT);
}

/* The further lines of a title, after the columns behind its first. */
static void put_rest(tt_page *p, const char *rest)
{
	tt_page_line(p);
	if (!*rest)
		return;
	tt_page_to(p, 6);
	tt_page_wrap(p, TT_TONE_PLAIN, rest, 6, TEXT_END);
	tt_page_line(p);
}

/* What is done: the first change, and how many go with it. */
static void put_change(tt_page *p, const tt_ranked *r)
{
	tt_buf text = { 0 };

	tt_change_text(r->changes[0], &text);
	if (r->n_changes > 1)
		tt_buf_printf(&text, " and %zu more", r->n_changes - 1);
	tt_page_to(p, 6);
	tt_page_wrap(p, TT_TONE_DIM, tt_buf_text(&text), 6, TT_PAGE_COLUMNS);
	tt_page_line(p);
	p->out->failed |= text.failed;
	tt_buf_free(&text);
}

void tt_findings_plan(tt_page *p, const tt_audit *a)
{
	const tt_plan *plan = a->plan;
	size_t shown = plan->n_steps < STEPS_SHOWN ? plan->n_steps : STEPS_SHOWN;
	char text[TT_CELL_TEXT];
	const char *rest;

	if (!plan->n_steps)
		return;
	tt_page_heading(p, "What to do first");
	tt_page_to(p, TEXT_END);
	tt_page_right(p, TT_TONE_DIM, "saves a month", AMOUNT - 2);
	tt_page_right(p, TT_TONE_DIM, "adds up to", AMOUNT - 2);
	tt_page_right(p, TT_TONE_DIM, "effort", EFFORT);
	tt_page_line(p);
	for (size_t i = 0; i < shown; i++) {
		const tt_step *s = &plan->steps[i];

		snprintf(text, sizeof text, "%zu", i + 1);
		tt_page_right(p, TT_TONE_STRONG, text, 4);
		tt_page_to(p, 6);
		rest = tt_page_first(p, TT_TONE_PLAIN, s->finding->found->title, TEXT_END);
		amounts(p, s->marginal_per_month, s->cumulative_per_month,
		        s->finding->found->effort_days);
		put_rest(p, rest);
		put_change(p, s->finding);
	}
	if (shown < plan->n_steps)
		more(p, plan->n_steps - shown, "steps");
}

/* --- All findings -------------------------------------------------------------------- */

static void put_saving(tt_page *p, const tt_ranked *r)
{
	char amount[TT_CELL_TEXT], text[TT_CELL_TEXT + 2];

	if (r->place == TT_IN_PLAN) {
		tt_page_right(p, TT_TONE_GOOD, tt_cell_money(r->in_plan_per_month, amount), AMOUNT);
	} else if (r->place == TT_LEFT_OUT && r->standalone_micro > 0) {
		snprintf(text, sizeof text, "(%s)", tt_cell_money(r->standalone_per_month, amount));
		tt_page_right(p, TT_TONE_DIM, text, AMOUNT);
	} else {
		tt_page_right(p, TT_TONE_DIM, "-", AMOUNT);
	}
}

static void put_remarks(tt_page *p, const tt_ranked *r)
{
	const tt_found *f = r->found;
	char text[TT_CELL_TEXT];
	tt_buf line = { 0 };

	if (*f->owner)
		tt_buf_printf(&line, "owner %s", f->owner);
	if (r->concerned_per_month != TT_MONEY_UNKNOWN)
		tt_buf_printf(&line, "%s%s a month concerned", line.n ? ", " : "",
		              tt_cell_money(r->concerned_per_month, text));
	if (r->place == TT_LEFT_OUT)
		tt_buf_printf(&line, "%snot in the plan: %s", line.n ? "; " : "", r->why);
	for (size_t i = 0; i < r->n_lost && i < IDS_SHOWN; i++)
		tt_buf_printf(&line, "; %s has it (%s)", r->lost[i].to->found->id, r->lost[i].why);
	if (line.n) {
		tt_page_to(p, 4);
		tt_page_wrap(p, TT_TONE_DIM, tt_buf_text(&line), 4, TT_PAGE_COLUMNS);
		tt_page_line(p);
	}
	p->out->failed |= line.failed;
	tt_buf_free(&line);
}

static void put_finding(tt_page *p, const tt_ranked *r)
{
	enum tt_tone tone = strcmp(r->severity, "critical") == 0 ? TT_TONE_BAD
	                  : strcmp(r->severity, "high") == 0     ? TT_TONE_WARN
	                                                         : TT_TONE_PLAIN;
	char text[TT_CELL_TEXT];

	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_STRONG, r->found->id, 50);
	tt_page_left(p, tone, r->severity, 10);
	put_saving(p, r);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_days(r->found->effort_days, text), EFFORT);
	tt_page_right(p, TT_TONE_PLAIN, tt_risk_text(r->found->risk), 9);
	tt_page_line(p);
	tt_page_to(p, 4);
	tt_page_wrap(p, TT_TONE_PLAIN, r->found->title, 4, TT_PAGE_COLUMNS);
	tt_page_line(p);
	put_remarks(p, r);
}

static int descending(int64_t a, int64_t b)
{
	return a == b ? 0 : a > b ? -1 : 1;
}

/* As in the plan, but where nothing is saved what concerns the most comes first. */
static int compare_for_people(const void *pa, const void *pb)
{
	const tt_ranked *a = *(tt_ranked *const *)pa, *b = *(tt_ranked *const *)pb;
	int by = descending(a->in_plan_micro, b->in_plan_micro);

	if (!by && (a->standalone_micro > 0 || b->standalone_micro > 0))
		by = descending(a->standalone_micro, b->standalone_micro);
	if (!by)
		by = descending(a->concerned_per_month, b->concerned_per_month);
	return by ? by : strcmp(a->found->id, b->found->id);
}

void tt_findings_list(tt_page *p, const tt_audit *a)
{
	const tt_plan *plan = a->plan;
	TT_CLEANUP(tt_freep) tt_ranked **v = tt_zalloc(plan->n + 1, sizeof(tt_ranked *));
	size_t shown = plan->n < FINDINGS_SHOWN ? plan->n : FINDINGS_SHOWN;
	char n[TT_CELL_TEXT], head[64];

	p->out->failed |= !v;
	if (!plan->n || !v)
		return;
	memcpy(v, plan->v, plan->n * sizeof(tt_ranked *));
	qsort(v, plan->n, sizeof(tt_ranked *), compare_for_people);
	snprintf(head, sizeof head, "Findings (%s)", tt_cell_count((int64_t)plan->n, n));
	tt_page_heading(p, head);
	tt_page_to(p, 52);
	tt_page_left(p, TT_TONE_DIM, "severity", 10);
	tt_page_right(p, TT_TONE_DIM, "saves a month", AMOUNT);
	tt_page_right(p, TT_TONE_DIM, "effort", EFFORT);
	tt_page_right(p, TT_TONE_DIM, "risk", 9);
	tt_page_line(p);
	for (size_t i = 0; i < shown; i++)
		put_finding(p, v[i]);
	if (shown < plan->n)
		more(p, plan->n - shown, "findings");
}

/* --- Enablers, left out, not examined --------------------------------------------------- */

void tt_findings_enablers(tt_page *p, const tt_audit *a)
{
	const tt_plan *plan = a->plan;
	size_t shown = plan->n_enablers < ENABLERS_SHOWN ? plan->n_enablers : ENABLERS_SHOWN;
	const char *rest;

	if (!plan->n_enablers)
		return;
	tt_page_heading(p, "Enablers: no saving of their own");
	tt_page_to(p, TEXT_END + AMOUNT - 2);
	tt_page_right(p, TT_TONE_DIM, "concerns", AMOUNT - 2);
	tt_page_right(p, TT_TONE_DIM, "effort", EFFORT);
	tt_page_line(p);
	for (size_t i = 0; i < shown; i++) {
		const tt_ranked *r = plan->enablers[i];

		tt_page_text(p, TT_TONE_DIM, "    - ");
		rest = tt_page_first(p, TT_TONE_PLAIN, r->found->title, TEXT_END + AMOUNT - 4);
		amounts(p, TT_MONEY_UNKNOWN, r->concerned_per_month, r->found->effort_days);
		put_rest(p, rest);
		if (r->n_changes)
			put_change(p, r);
	}
	if (shown < plan->n_enablers)
		more(p, plan->n_enablers - shown, "of this kind");
}

/* One line for a reason: how many findings it holds for, and the first of them. */
static void put_reason(tt_page *p, const tt_plan *plan, size_t first)
{
	const char *why = plan->left_out[first]->why;
	tt_buf ids = { 0 };
	size_t n = 0;

	for (size_t i = first; i < plan->n_left_out; i++) {
		if (strcmp(plan->left_out[i]->why, why) != 0)
			continue;
		if (n < IDS_SHOWN)
			tt_buf_printf(&ids, "%s%s", n ? ", " : "", plan->left_out[i]->found->id);
		else if (n == IDS_SHOWN)
			tt_buf_puts(&ids, " ...");
		n++;
	}
	char text[TT_CELL_TEXT];
	snprintf(text, sizeof text, "%zu", n);
	tt_page_right(p, TT_TONE_PLAIN, text, 4);
	tt_page_to(p, 6);
	tt_page_wrap(p, TT_TONE_PLAIN, why, 6, TT_PAGE_COLUMNS);
	tt_page_text(p, TT_TONE_PLAIN, ":");
	tt_page_line(p);
	tt_page_to(p, 6);
	tt_page_wrap(p, TT_TONE_DIM, tt_buf_text(&ids), 6, TT_PAGE_COLUMNS);
	tt_page_line(p);
	p->out->failed |= ids.failed;
	tt_buf_free(&ids);
}

static int is_first_of_its_reason(const tt_plan *plan, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(plan->left_out[j]->why, plan->left_out[i]->why) == 0)
			return 0;
	return 1;
}

void tt_findings_left_out(tt_page *p, const tt_audit *a)
{
	const tt_plan *plan = a->plan;
	size_t shown = 0;

	if (!plan->n_left_out)
		return;
	tt_page_heading(p, "Left out of the plan");
	tt_page_line(p);
	for (size_t i = 0; i < plan->n_left_out && shown < REASONS_SHOWN; i++) {
		if (!is_first_of_its_reason(plan, i))
			continue;
		put_reason(p, plan, i);
		shown++;
	}
	if (shown == REASONS_SHOWN) {
		tt_page_to(p, 6);
		tt_page_text(p, TT_TONE_DIM, "further reasons: --format json has all of them");
		tt_page_line(p);
	}
}

void tt_findings_not_examined(tt_page *p, const tt_audit *a)
{
	const tt_findings *f = a->findings;

	if (!f->n_unexamined)
		return;
	tt_page_heading(p, "Not examined");
	tt_page_line(p);
	for (size_t i = 0; i < f->n_unexamined; i++) {
		tt_page_to(p, 2);
		tt_page_left(p, TT_TONE_PLAIN, f->unexamined[i].detector, 20);
		tt_page_text(p, TT_TONE_PLAIN, "  ");
		tt_page_wrap(p, TT_TONE_PLAIN, f->unexamined[i].why, 24, TT_PAGE_COLUMNS);
		tt_page_line(p);
	}
}
