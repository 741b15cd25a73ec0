#include "report/audit_table.h"
#include "report/findings_table.h"
#include "report/layout.h"
#include "report/money_table.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABEL_END = 22, AMOUNT = 16, PCT = 9 };

/* --- Head ------------------------------------------------------------------------------ */

/* Append "12 nodes" to a list of counts split by dots. */
static void fact(tt_buf *to, const char *n, const char *what, const char *plural)
{
	if (to->n)
		tt_buf_puts(to, " · ");
	tt_buf_printf(to, "%s %s%s", n, what, strcmp(n, "1") == 0 ? "" : plural);
}

static int64_t milli(double hours)
{
	return (int64_t)llround(hours * 1000);
}

static void put_facts(tt_page *p, const tt_audit *a)
{
	const tt_snapshot *s = a->snapshot;
	char n[TT_CELL_TEXT], pct[TT_CELL_TEXT], activity[256];
	tt_buf line = { 0 };

	if (s->table[TT_NODES].n) {
		fact(&line, tt_cell_count((int64_t)s->table[TT_NODES].n, n), "node", "s");
		fact(&line, tt_format_grouped((int64_t)llround(a->gpus), n, sizeof n), "card", "s");
	}
	if (s->table[TT_PODS].n)
		fact(&line, tt_cell_count((int64_t)s->table[TT_PODS].n, n), "pod", "s");
	if (s->table[TT_NODES].n)
		fact(&line, tt_cell_hours(a->bill->gpu_hours, n), "GPU-hour", "s");
	if (s->usage_rows && a->bill->gpu_hours > 0)
		tt_buf_printf(&line, ", %s of them measured",
		              tt_cell_pct(milli(a->measured_gpu_hours),
		                          milli(a->bill->gpu_hours), pct));
	tt_audit_activity(a, activity, sizeof activity);
	if (*activity)
		tt_buf_printf(&line, " · %s", activity);
	if (line.n) {
		tt_page_wrap(p, TT_TONE_PLAIN, tt_buf_text(&line), 0, TT_PAGE_COLUMNS);
		tt_page_line(p);
	}
	p->out->failed |= line.failed;
	tt_buf_free(&line);
}

static void put_head(tt_page *p, const tt_audit *a)
{
	const tt_snapshot *s = a->snapshot;
	char from[TT_CELL_TEXT], to[TT_CELL_TEXT], span[TT_CELL_TEXT], text[256];

	tt_page_text(p, TT_TONE_STRONG, s->name && *s->name ? s->name : "fleet");
	snprintf(text, sizeof text, "  %s to %s UTC, %s", tt_cell_time(s->start_s, from),
	         tt_cell_time(s->end_s, to), tt_cell_span(a->window_s, span));
	tt_page_text(p, TT_TONE_PLAIN, text);
	tt_page_line(p);
	put_facts(p, a);
}

/* --- The figures ------------------------------------------------------------------------- */

static void figure(tt_page *p, enum tt_tone tone, const char *label, int64_t micro,
                   const char *pct, const char *rest)
{
	char text[TT_CELL_TEXT];

	tt_page_text(p, TT_TONE_PLAIN, "  ");
	tt_page_left(p, TT_TONE_STRONG, label, LABEL_END - 2);
	tt_page_right(p, tone, tt_cell_money(micro, text), AMOUNT);
	tt_page_right(p, TT_TONE_PLAIN, pct, PCT);
	tt_page_text(p, TT_TONE_PLAIN, "  ");
	tt_page_wrap(p, TT_TONE_PLAIN, rest, p->column, TT_PAGE_COLUMNS);
	tt_page_line(p);
}

/* ", stretched from 22.8 hours": what a figure per month of a short window is. */
static const char *stretched(const tt_audit *a, char *buf, size_t size)
{
	char span[TT_CELL_TEXT];

	buf[0] = '\0';
	if (a->window_s < TT_AUDIT_SHORT_S)
		snprintf(buf, size, ", stretched from %s", tt_cell_span(a->window_s, span));
	return buf;
}

static void put_spent(tt_page *p, const tt_audit *a)
{
	const tt_amount *total = &a->whole[a->settings->rule].total;
	char amount[TT_CELL_TEXT], short_[TT_CELL_TEXT * 2], cell[TT_CELL_TEXT], unknown[128] = "";
	char text[400];

	if (total->unpriced_gpu_hours > 0)
		snprintf(unknown, sizeof unknown, "; %s of the GPU-hours have no price",
		         tt_cell_pct(milli(total->unpriced_gpu_hours), milli(total->gpu_hours),
		                     cell));
	else if (a->bill->unknown_nodes)
		snprintf(unknown, sizeof unknown, "; without %s node%s that %s no price",
		         tt_cell_count(a->bill->unknown_nodes, cell),
		         a->bill->unknown_nodes == 1 ? "" : "s",
		         a->bill->unknown_nodes == 1 ? "has" : "have");
	snprintf(text, sizeof text, "%s in the window, %s a month%s%s", tt_money_unit(a),
	         tt_cell_money(tt_audit_per_month(a, total->micro), amount),
	         stretched(a, short_, sizeof short_), unknown);
	figure(p, TT_TONE_STRONG, "spent", total->micro, "", text);
}

/* Without telemetry only what was not allocated is known to be idle. */
static void put_idle(tt_page *p, const tt_audit *a)
{
	const tt_portion *whole = &a->whole[a->settings->rule];
	int64_t held = tt_portion_bucket(whole, TT_ALLOCATED_IDLE);
	int64_t idle = whole->bucket[TT_ALLOCATED_IDLE].micro +
	               whole->bucket[TT_UNALLOCATED_IDLE].micro;
	char text[256], amount[TT_CELL_TEXT], pct[TT_CELL_TEXT];

	if (held == TT_MONEY_UNKNOWN && !idle) {
		figure(p, TT_TONE_DIM, "idle", TT_MONEY_UNKNOWN, "",
		       "how busy the cards were is not known");
		return;
	}
	snprintf(text, sizeof text, "in the window, %s a month%s",
	         tt_cell_money(tt_audit_per_month(a, idle), amount),
	         held == TT_MONEY_UNKNOWN ? "; what was allocated may be too"
	                                  : ", allocated or not");
	figure(p, TT_TONE_BAD, held == TT_MONEY_UNKNOWN ? "idle at least" : "idle", idle,
	       tt_cell_pct(idle, whole->total.micro, pct), text);
}

static void put_unattributed(tt_page *p, const tt_audit *a)
{
	static const char *const why[] = { "", "no owner", "no telemetry",
		                           "no allocation data" };
	const tt_portion *whole = &a->whole[a->settings->rule];
	int64_t micro = whole->bucket[TT_UNATTRIBUTED].micro;
	char pct[TT_CELL_TEXT];
	tt_buf text = { 0 };

	for (int i = TT_NO_OWNER; i < TT_REASONS; i++)
		if (whole->reason[i].micro)
			tt_buf_printf(&text, "%s%s", text.n ? ", " : "in the window: ", why[i]);
	if (micro)
		figure(p, TT_TONE_WARN, "unattributed", micro,
		       tt_cell_pct(micro, whole->total.micro, pct), tt_buf_text(&text));
	p->out->failed |= text.failed;
	tt_buf_free(&text);
}

/* A plan without steps: what stands in its way. */
static void put_no_plan(tt_page *p, const tt_audit *a)
{
	const tt_plan *plan = a->plan;
	int64_t could = 0;
	char text[256], amount[TT_CELL_TEXT];

	for (size_t i = 0; i < plan->n_left_out; i++)
		if (plan->left_out[i]->standalone_per_month.p50 > could)
			could = plan->left_out[i]->standalone_per_month.p50;
	if (could)
		snprintf(text, sizeof text, "nothing yet: what would save the most, %s a month, is "
		         "under \"Left out of the plan\"", tt_cell_money(could, amount));
	else if (plan->n)
		snprintf(text, sizeof text, "nothing: no finding saves money by itself");
	else if (a->findings->n_unexamined)
		snprintf(text, sizeof text, "no finding, but not everything could be looked for: "
		         "\"Not examined\" says why");
	else
		snprintf(text, sizeof text, "nothing: no detector found anything");
	figure(p, TT_TONE_PLAIN, "the plan saves", 0, "", text);
}

static void put_plan(tt_page *p, const tt_audit *a)
{
	const tt_plan *plan = a->plan;
	int64_t month = tt_audit_per_month(a, a->whole[a->settings->rule].total.micro);
	char pct[TT_CELL_TEXT], days[TT_CELL_TEXT], steps[TT_CELL_TEXT], sum[TT_CELL_TEXT];
	char alone[160], range[TT_CELL_TEXT], between[TT_CELL_TEXT + 32] = "", text[400];
	const tt_spread saving = plan->saving_per_month;

	if (!plan->n_steps) {
		put_no_plan(p, a);
		return;
	}
	if (*tt_cell_range(saving.p10, saving.p90, range))
		snprintf(between, sizeof between, " (P10 to P90: %s)", range);
	if (plan->standalone_sum_per_month == saving.p50)
		snprintf(alone, sizeof alone, "each alone, added up: the same");
	else
		snprintf(alone, sizeof alone, "each alone, added up: %s",
		         tt_cell_money(plan->standalone_sum_per_month, sum));
	tt_format_f64(plan->effort_days, 2, days, sizeof days);
	snprintf(text, sizeof text, "a month%s, with %s engineer-day%s in %s step%s; %s",
	         between, days,
	         strcmp(days, "1") == 0 ? "" : "s",
	         tt_cell_count((int64_t)plan->n_steps, steps), plan->n_steps == 1 ? "" : "s",
	         alone);
	figure(p, TT_TONE_GOOD, "the plan saves", saving.p50,
	       tt_cell_pct(saving.p50, month, pct), text);
}

static void put_figures(tt_page *p, const tt_audit *a)
{
	if (!a->known)
		return;
	tt_page_line(p);
	put_spent(p, a);
	put_idle(p, a);
	put_unattributed(p, a);
	put_plan(p, a);
}

/* --- Sentences ------------------------------------------------------------------------------ */

static void put_texts(tt_page *p, const char *heading, const tt_texts *t)
{
	if (!t->n)
		return;
	tt_page_heading(p, heading);
	tt_page_line(p);
	for (size_t i = 0; i < t->n; i++) {
		tt_page_text(p, TT_TONE_DIM, "  - ");
		tt_page_wrap(p, TT_TONE_PLAIN, t->v[i], 4, TT_PAGE_COLUMNS);
		tt_page_line(p);
	}
}

void tt_audit_table(const tt_audit *a, int color, tt_buf *out)
{
	tt_page p = { .out = out, .color = color };

	put_head(&p, a);
	put_figures(&p, a);
	if (a->snapshot->table[TT_NODES].n)
		tt_money_buckets(&p, a);
	put_texts(&p, "What can be told", &a->facts);
	tt_findings_plan(&p, a);
	tt_findings_enablers(&p, a);
	tt_money_breakdowns(&p, a);
	tt_findings_left_out(&p, a);
	tt_findings_noticed(&p, a);
	tt_findings_words(&p, a);
	tt_findings_not_examined(&p, a);
	put_texts(&p, "Policy", &a->policy);
	put_texts(&p, "Exempt", &a->exempt);
	put_texts(&p, "What can't be told", &a->gaps);
	put_texts(&p, "Notes", &a->notes);
}
