#include "report/audit_table.h"
#include "report/findings_table.h"
#include "report/layout.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Where the columns of the money part end. */
enum { NAME_END = 22, AMOUNT = 16, PCT = 9, BAR = 24, HOURS = 12, OTHER = 14 };
enum { PART_TOTAL = 15, PART_HOURS = 12, PART_PCT = 10, PART_UNATTRIBUTED = 14,
	PARTS_SHOWN = 5 };

static const char *unit_of(const tt_audit *a)
{
	return strcmp(a->snapshot->currency, "XXX") == 0 ? "units" : a->snapshot->currency;
}

/* Hours as a whole number, so that parts of them make percentages and bars. */
static int64_t milli(double hours)
{
	return isnan(hours) ? 0 : (int64_t)llround(hours * 1000);
}

/* --- Head ------------------------------------------------------------------------------ */

/* Append "12 nodes" to a list of counts split by dots. */
static void fact(tt_buf *to, const char *n, const char *what, const char *plural)
{
	if (to->n)
		tt_buf_puts(to, " · ");
	tt_buf_printf(to, "%s %s%s", n, what, strcmp(n, "1") == 0 ? "" : plural);
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
		              tt_cell_pct(milli(a->bill->measured_gpu_hours),
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

/* --- The three figures ------------------------------------------------------------------- */

static void figure(tt_page *p, enum tt_tone tone, const char *label, int64_t micro,
                   const char *pct, const char *rest)
{
	char text[TT_CELL_TEXT];

	tt_page_text(p, TT_TONE_PLAIN, "  ");
	tt_page_left(p, TT_TONE_STRONG, label, NAME_END - 2);
	tt_page_right(p, tone, tt_cell_money(micro, text), AMOUNT);
	tt_page_right(p, TT_TONE_PLAIN, pct, PCT);
	tt_page_text(p, TT_TONE_PLAIN, "  ");
	tt_page_wrap(p, TT_TONE_PLAIN, rest, p->column, TT_PAGE_COLUMNS);
	tt_page_line(p);
}

static void put_plan_figure(tt_page *p, const tt_audit *a, int64_t month)
{
	const tt_plan *plan = a->plan;
	char pct[TT_CELL_TEXT], days[TT_CELL_TEXT], steps[TT_CELL_TEXT], sum[TT_CELL_TEXT];
	char text[256];

	if (!plan->n_steps) {
		if (plan->n)
			figure(p, TT_TONE_PLAIN, "the plan saves", 0, "",
			       plan->n_left_out ? "nothing yet: \"Left out of the plan\" says why"
			                        : "nothing: no finding saves money by itself");
		return;
	}
	snprintf(text, sizeof text, "a month, with %s engineer-days in %s step%s",
	         tt_format_f64(plan->effort_days, 2, days, sizeof days),
	         tt_cell_count((int64_t)plan->n_steps, steps), plan->n_steps == 1 ? "" : "s");
	figure(p, TT_TONE_GOOD, "the plan saves", plan->saving_per_month,
	       tt_cell_pct(plan->saving_per_month, month, pct), text);
	tt_cell_money(plan->standalone_sum_per_month, sum);
	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_DIM, "alone, added up", NAME_END - 2);
	tt_page_right(p, TT_TONE_DIM, sum, AMOUNT);
	tt_page_right(p, TT_TONE_DIM,
	              tt_cell_pct(plan->standalone_sum_per_month, month, pct), PCT);
	tt_page_text(p, TT_TONE_DIM, "  a month if each were priced alone and added up");
	tt_page_line(p);
}

/* Without telemetry only what was not allocated is known to be idle. */
static void put_idle_figure(tt_page *p, const tt_audit *a)
{
	const int64_t *bucket = a->bill->bucket_micro[a->settings->rule];
	int64_t idle = bucket[TT_ALLOCATED_IDLE] + bucket[TT_UNALLOCATED_IDLE];
	char text[256], amount[TT_CELL_TEXT], pct[TT_CELL_TEXT];

	if (!a->snapshot->usage_rows && !idle) {
		figure(p, TT_TONE_DIM, "idle", TT_MONEY_UNKNOWN, "",
		       "how busy the cards were is not known");
		return;
	}
	snprintf(text, sizeof text, "in the window, %s a month%s",
	         tt_cell_money(tt_audit_per_month(a, idle), amount),
	         a->snapshot->usage_rows ? ", allocated or not"
	                                 : "; what was allocated may be too");
	figure(p, TT_TONE_BAD, a->snapshot->usage_rows ? "idle" : "idle at least", idle,
	       tt_cell_pct(idle, a->bill->total_micro, pct), text);
}

static void put_figures(tt_page *p, const tt_audit *a)
{
	int64_t unattributed = a->bill->bucket_micro[a->settings->rule][TT_UNATTRIBUTED];
	int64_t month = tt_audit_per_month(a, a->bill->total_micro);
	char text[256], amount[TT_CELL_TEXT], pct[TT_CELL_TEXT];

	if (!a->known)
		return;
	tt_page_line(p);
	snprintf(text, sizeof text, "%s in the window, %s a month%s", unit_of(a),
	         tt_cell_money(month, amount),
	         a->bill->unknown_nodes ? ", as far as prices are known" : "");
	figure(p, TT_TONE_STRONG, "spent", a->bill->total_micro, "", text);
	put_idle_figure(p, a);
	if (unattributed)
		figure(p, TT_TONE_WARN, "unattributed", unattributed,
		       tt_cell_pct(unattributed, a->bill->total_micro, pct),
		       "in the window: no owner, or nothing to judge it by");
	put_plan_figure(p, a, month);
}

/* --- Buckets ------------------------------------------------------------------------------ */

static const char *bucket_label(enum tt_bucket b)
{
	static const char *const text[] = { "productive", "allocated idle", "unallocated idle",
		                            "unattributed", "tax" };

	return text[b];
}

static const char *reason_label(int reason)
{
	static const char *const text[] = { "", "  no owner", "  no telemetry",
		                            "  no allocation data" };

	return text[reason];
}

static enum tt_rule other_rule(const tt_audit *a)
{
	return a->settings->rule == TT_RULE_SHARE ? TT_RULE_THRESHOLD : TT_RULE_SHARE;
}

/* A bucket that holds nothing because nothing is known, not because there is nothing. */
static int is_not_known(const tt_audit *a, enum tt_bucket b)
{
	enum tt_rule rule = a->settings->rule;

	if (a->bucket_gpu_hours[rule][b] > 0 || a->bill->bucket_micro[rule][b])
		return 0;
	if (b == TT_UNALLOCATED_IDLE)
		return a->bill->reason_micro[rule][TT_NO_ALLOCATION_DATA] > 0;
	return !a->snapshot->usage_rows && (b == TT_PRODUCTIVE || b == TT_ALLOCATED_IDLE);
}

static void put_bucket(tt_page *p, const tt_audit *a, enum tt_bucket b)
{
	static const enum tt_tone tones[] = { TT_TONE_GOOD, TT_TONE_BAD, TT_TONE_BAD,
		                              TT_TONE_WARN, TT_TONE_COOL };
	enum tt_rule rule = a->settings->rule;
	int64_t micro = a->bill->bucket_micro[rule][b], all = a->bill->total_micro;
	double hours = a->bucket_gpu_hours[rule][b];
	char text[TT_CELL_TEXT];

	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_PLAIN, bucket_label(b), NAME_END - 2);
	if (is_not_known(a, b)) {
		tt_page_right(p, TT_TONE_DIM, "not known", AMOUNT);
		tt_page_line(p);
		return;
	}
	if (!a->known) { /* then hours are what there is to compare */
		micro = milli(hours);
		all = milli(a->bill->gpu_hours);
	}
	tt_page_right(p, TT_TONE_PLAIN, a->known ? tt_cell_money(micro, text) : "unknown", AMOUNT);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_pct(micro, all, text), PCT);
	tt_page_text(p, TT_TONE_PLAIN, "  ");
	tt_page_bar(p, tones[b], micro, all, BAR);
	tt_page_right(p, TT_TONE_DIM, tt_cell_hours(hours, text), HOURS);
	if (a->known)
		tt_page_right(p, TT_TONE_DIM,
		              tt_cell_money(a->bill->bucket_micro[other_rule(a)][b], text), OTHER);
	tt_page_line(p);
}

static void put_reasons(tt_page *p, const tt_audit *a)
{
	const int64_t *micro = a->bill->reason_micro[a->settings->rule];
	char text[TT_CELL_TEXT];

	for (int i = TT_NO_OWNER; i < TT_REASONS; i++) {
		if (!micro[i])
			continue;
		tt_page_to(p, 2);
		tt_page_left(p, TT_TONE_DIM, reason_label(i), NAME_END - 2);
		tt_page_right(p, TT_TONE_DIM, tt_cell_money(micro[i], text), AMOUNT);
		tt_page_right(p, TT_TONE_DIM, tt_cell_pct(micro[i], a->bill->total_micro, text),
		              PCT);
		tt_page_line(p);
	}
}

static void put_buckets(tt_page *p, const tt_audit *a)
{
	char text[TT_CELL_TEXT], head[128];

	snprintf(head, sizeof head, "Where it goes, by the rule \"%s\"",
	         tt_rule_text(a->settings->rule));
	tt_page_heading(p, head);
	tt_page_to(p, NAME_END + AMOUNT + PCT + 2 + BAR);
	tt_page_right(p, TT_TONE_DIM, "GPU-hours", HOURS);
	if (a->known) {
		snprintf(head, sizeof head, "\"%s\"", tt_rule_text(other_rule(a)));
		tt_page_right(p, TT_TONE_DIM, head, OTHER);
	}
	tt_page_line(p);
	for (int b = 0; b < TT_BUCKETS; b++) {
		put_bucket(p, a, (enum tt_bucket)b);
		if (b == TT_UNATTRIBUTED)
			put_reasons(p, a);
	}
	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_STRONG, "total", NAME_END - 2);
	tt_page_right(p, TT_TONE_STRONG,
	              a->known ? tt_cell_money(a->bill->total_micro, text) : "unknown", AMOUNT);
	tt_page_to(p, NAME_END + AMOUNT + PCT + 2 + BAR);
	tt_page_right(p, TT_TONE_DIM, tt_cell_hours(a->bill->gpu_hours, text), HOURS);
	if (a->known)
		tt_page_right(p, TT_TONE_DIM, tt_cell_money(a->bill->total_micro, text), OTHER);
	tt_page_line(p);
	if (a->bill->unknown_gpu_hours > 0) {
		tt_page_to(p, 2);
		tt_page_left(p, TT_TONE_DIM, "without a price", NAME_END - 2);
		tt_page_to(p, NAME_END + AMOUNT + PCT + 2 + BAR);
		tt_page_right(p, TT_TONE_WARN, tt_cell_hours(a->bill->unknown_gpu_hours, text),
		              HOURS);
		tt_page_line(p);
	}
}

/* --- Breakdowns ----------------------------------------------------------------------------- */

/* A share of a part; blank where it is nothing because nothing is known. */
static void put_share(tt_page *p, const tt_audit *a, int64_t micro, const tt_part *s,
                      size_t width)
{
	char text[TT_CELL_TEXT] = "";

	if (s->known && (micro || a->snapshot->usage_rows))
		tt_cell_pct(micro, s->total_micro, text);
	tt_page_right(p, TT_TONE_PLAIN, text, width);
}

static void put_part(tt_page *p, const tt_audit *a, const char *name, const tt_part *s)
{
	const int64_t *bucket = s->bucket_micro;
	char text[TT_CELL_TEXT] = "";

	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_PLAIN, name, NAME_END - 3);
	tt_page_to(p, NAME_END);
	tt_page_right(p, TT_TONE_PLAIN,
	              tt_cell_money(s->known ? s->total_micro : TT_MONEY_UNKNOWN, text),
	              PART_TOTAL);
	text[0] = '\0';
	if (s->known)
		tt_cell_pct(s->total_micro, a->bill->total_micro, text);
	tt_page_right(p, TT_TONE_PLAIN, text, PART_PCT);
	tt_page_right(p, TT_TONE_DIM, tt_cell_hours(s->gpu_hours, text), PART_HOURS);
	put_share(p, a, bucket[TT_PRODUCTIVE], s, 3 + PART_PCT);
	put_share(p, a, bucket[TT_ALLOCATED_IDLE] + bucket[TT_UNALLOCATED_IDLE], s, PART_PCT);
	put_share(p, a, bucket[TT_UNATTRIBUTED], s, PART_UNATTRIBUTED);
	tt_page_line(p);
}

static tt_part sum_of(const tt_part *v, size_t n)
{
	tt_part sum = { 0 };

	for (size_t i = 0; i < n; i++) { /* parts of a total that was added up before */
		sum.known |= v[i].known;
		sum.total_micro += v[i].total_micro;
		sum.gpu_hours += v[i].gpu_hours;
		for (int b = 0; b < TT_BUCKETS; b++)
			sum.bucket_micro[b] += v[i].bucket_micro[b];
	}
	return sum;
}

static void put_breakdown(tt_page *p, const tt_audit *a, enum tt_dimension d)
{
	static const char *const heads[] = { "By owner", "By node group", "By GPU model",
		                             "By kind of workload" };
	static const char *const none[] = { "(no owner)", "(no group)", "(no model)",
		                            "(no workload)" };
	const tt_breakdown *b = &a->by[d];
	/* a last line for one alone would say nothing that its name doesn't */
	size_t shown = b->n <= PARTS_SHOWN + 1 ? b->n : PARTS_SHOWN;
	char name[TT_CELL_TEXT], n[TT_CELL_TEXT];

	if (b->n < 2)
		return; /* put_alike() has it */
	tt_page_heading(p, heads[d]);
	tt_page_to(p, NAME_END);
	tt_page_right(p, TT_TONE_DIM, unit_of(a), PART_TOTAL);
	tt_page_right(p, TT_TONE_DIM, "share", PART_PCT);
	tt_page_right(p, TT_TONE_DIM, "GPU-hours", PART_HOURS);
	tt_page_right(p, TT_TONE_DIM, "productive", 3 + PART_PCT);
	tt_page_right(p, TT_TONE_DIM, "idle", PART_PCT);
	tt_page_right(p, TT_TONE_DIM, "unattributed", PART_UNATTRIBUTED);
	tt_page_line(p);
	for (size_t i = 0; i < shown; i++)
		put_part(p, a, b->v[i].name[0] ? b->v[i].name : none[d], &b->v[i]);
	if (shown == b->n)
		return;

	tt_part rest = sum_of(b->v + shown, b->n - shown);

	snprintf(name, sizeof name, "%s others", tt_cell_count((int64_t)(b->n - shown), n));
	put_part(p, a, name, &rest);
}

/* What is the same for the whole fleet fits on a line. */
static void put_alike(tt_page *p, const tt_audit *a)
{
	static const char *const what[] = { "owner", "node group", "GPU model",
		                            "kind of workload" };
	tt_buf line = { 0 };

	for (int d = 0; d < TT_DIMENSIONS; d++)
		if (a->by[d].n == 1 && a->by[d].v[0].name[0])
			tt_buf_printf(&line, "%s%s %s", line.n ? ", " : "All of it: ", what[d],
			              a->by[d].v[0].name);
	if (line.n) {
		tt_page_line(p);
		tt_page_wrap(p, TT_TONE_PLAIN, tt_buf_text(&line), 2, TT_PAGE_COLUMNS);
		tt_page_line(p);
	}
	p->out->failed |= line.failed;
	tt_buf_free(&line);
}

/* --- What is known without nodes, and what is not known ------------------------------------- */

static void put_demand(tt_page *p, const tt_demand_seen *d)
{
	char n[5][TT_CELL_TEXT], text[400];

	snprintf(text, sizeof text, "demand.csv: on average %s units in use over %s hours, %s at "
	         "the peak (%s UTC), in %s pools", tt_cell_hours(d->mean_units, n[0]),
	         tt_cell_count(d->hours, n[1]), tt_cell_hours(d->peak_units, n[2]),
	         tt_cell_time(d->peak_s, n[3]), tt_cell_count((int64_t)d->keys, n[4]));
	tt_page_text(p, TT_TONE_DIM, "  - ");
	tt_page_wrap(p, TT_TONE_PLAIN, text, 4, TT_PAGE_COLUMNS);
	tt_page_line(p);
}

/* Without nodes there is no bill; the tables that are there are at least named. */
static void put_tables(tt_page *p, const tt_audit *a)
{
	const tt_rows *t = a->snapshot->table;
	char n[TT_CELL_TEXT], text[160];

	tt_page_heading(p, "What can be told");
	tt_page_line(p);
	if (a->demand.hours)
		put_demand(p, &a->demand);
	for (int i = 0; i < TT_TABLE_COUNT; i++) {
		if (!t[i].n || i == TT_DEMAND)
			continue;
		snprintf(text, sizeof text, "%s.csv: %s rows are in the snapshot",
		         tt_table_def_at((enum tt_table_id)i)->name,
		         tt_cell_count((int64_t)t[i].n, n));
		tt_page_text(p, TT_TONE_DIM, "  - ");
		tt_page_text(p, TT_TONE_PLAIN, text);
		tt_page_line(p);
	}
}

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
		put_buckets(&p, a);
	else
		put_tables(&p, a);
	tt_findings_plan(&p, a);
	tt_findings_enablers(&p, a);
	for (int d = 0; d < TT_DIMENSIONS; d++)
		put_breakdown(&p, a, (enum tt_dimension)d);
	put_alike(&p, a);
	tt_findings_list(&p, a);
	tt_findings_left_out(&p, a);
	tt_findings_not_examined(&p, a);
	put_texts(&p, "What can't be told", &a->gaps);
	put_texts(&p, "Notes", &a->notes);
}
