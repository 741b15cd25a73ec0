#include "report/audit_csv.h"
#include "base/clock.h"
#include "base/json.h"
#include "report/csv_field.h"
#include <string.h>

/* One table of several records, so every row has every column and most are empty. */
enum column {
	RECORD, SNAPSHOT, WINDOW_START, WINDOW_END, CURRENCY,
	RULE, DIMENSION, NAME, BUCKET, REASON, AMOUNT, GPU_HOURS, UNKNOWN_GPU_HOURS,
	ID, DETECTOR, SEVERITY, SUBJECT_KIND, SUBJECT_ID, OWNER, TITLE, PLACE, STEP, WHY,
	STANDALONE, IN_PLAN, CONCERNED, EFFORT, WAVE, RISK, RISK_NOTE, SAVING_NOTE, COVERAGE,
	CONFIDENCE, CHANGES, STANDALONE_P10, STANDALONE_P90, IN_PLAN_P10, IN_PLAN_P90,
	IN_PLAN_POINT, REVERSIBLE, COLUMNS
};

static const char *const names[COLUMNS] = {
	[RECORD] = "record", [SNAPSHOT] = "snapshot", [WINDOW_START] = "window_start",
	[WINDOW_END] = "window_end", [CURRENCY] = "currency", [RULE] = "rule",
	[DIMENSION] = "dimension", [NAME] = "name", [BUCKET] = "bucket", [REASON] = "reason",
	[AMOUNT] = "amount", [GPU_HOURS] = "gpu_hours",
	[UNKNOWN_GPU_HOURS] = "unknown_gpu_hours", [ID] = "id", [DETECTOR] = "detector",
	[SEVERITY] = "severity", [SUBJECT_KIND] = "subject_kind", [SUBJECT_ID] = "subject_id",
	[OWNER] = "owner", [TITLE] = "title", [PLACE] = "place", [STEP] = "step",
	[WHY] = "why", [STANDALONE] = "saving_standalone_per_month",
	[IN_PLAN] = "saving_in_plan_per_month", [CONCERNED] = "spend_concerned_per_month",
	[EFFORT] = "effort_days", [WAVE] = "wave", [RISK] = "risk",
	[RISK_NOTE] = "risk_note", [SAVING_NOTE] = "saving_note",
	[COVERAGE] = "coverage_ratio", [CONFIDENCE] = "confidence_ratio",
	[CHANGES] = "changes",
	[STANDALONE_P10] = "saving_standalone_p10_per_month",
	[STANDALONE_P90] = "saving_standalone_p90_per_month",
	[IN_PLAN_P10] = "saving_in_plan_p10_per_month",
	[IN_PLAN_P90] = "saving_in_plan_p90_per_month",
	[IN_PLAN_POINT] = "saving_in_plan_point_per_month", [REVERSIBLE] = "reversible",
};

#define VALUE 64 /* room for a number, an amount, a time */

typedef struct row {
	const char *text[COLUMNS];      /* NULL: empty */
	char value[COLUMNS][VALUE];
} row;

/* --- Fields ----------------------------------------------------------------------------- */

static void set_money(row *r, enum column c, int64_t micro)
{
	if (micro != TT_MONEY_UNKNOWN)
		r->text[c] = tt_money_json(micro, r->value[c], VALUE);
}

static void set_number(row *r, enum column c, double v)
{
	r->text[c] = tt_format_f64(v, 6, r->value[c], VALUE); /* NaN: empty */
}

/* Whether `c` holds what somebody else wrote. Numbers and words are ours. */
static bool is_foreign(enum column c)
{
	return c == SNAPSHOT || c == NAME || c == SUBJECT_ID || c == OWNER || c == TITLE ||
	       c == WHY || c == RISK_NOTE;
}

static void put_row(const tt_audit *a, row *r, tt_buf *out)
{
	const tt_snapshot *s = a->snapshot;

	r->text[SNAPSHOT] = s->name;
	r->text[WINDOW_START] = tt_time_format(s->start_s, r->value[WINDOW_START]);
	r->text[WINDOW_END] = tt_time_format(s->end_s, r->value[WINDOW_END]);
	r->text[CURRENCY] = s->currency;
	for (int c = 0; c < COLUMNS; c++) {
		if (c)
			tt_buf_putc(out, ',');
		if (r->text[c])
			tt_csv_field(out, r->text[c], is_foreign((enum column)c));
	}
	tt_buf_putc(out, '\n');
}

/* --- The bill ----------------------------------------------------------------------------- */

static void put_amount(const tt_audit *a, row *r, int64_t micro, double hours, double unknown,
                       tt_buf *out)
{
	set_money(r, AMOUNT, micro);
	set_number(r, GPU_HOURS, hours);
	set_number(r, UNKNOWN_GPU_HOURS, hours >= 0 ? unknown : hours);
	put_row(a, r, out);
}

/* One row for a bucket, but for what is unattributed one for each reason: nothing in here
 * is a sum of other rows of its dimension. */
static void put_part(const tt_audit *a, enum tt_rule rule, const char *dimension,
                     const tt_portion *p, tt_buf *out)
{
	for (int b = 0; b < TT_BUCKETS; b++) {
		row r = { .text = { [RECORD] = "spend", [RULE] = tt_rule_text(rule),
			            [DIMENSION] = dimension, [NAME] = p->name,
			            [BUCKET] = tt_bucket_text((enum tt_bucket)b) } };

		if (b != TT_UNATTRIBUTED) {
			put_amount(a, &r, tt_portion_bucket(p, (enum tt_bucket)b),
			           tt_portion_bucket_gpu_hours(p, (enum tt_bucket)b),
			           p->bucket[b].unpriced_gpu_hours, out);
			continue;
		}
		for (int i = TT_NO_OWNER; i < TT_REASONS; i++) {
			row one = r;

			one.text[REASON] = tt_reason_text((enum tt_reason)i);
			put_amount(a, &one, tt_portion_reason(p, (enum tt_reason)i),
			           tt_portion_reason_gpu_hours(p, (enum tt_reason)i),
			           p->reason[i].unpriced_gpu_hours, out);
		}
	}
}

static void put_spend(const tt_audit *a, tt_buf *out)
{
	enum tt_rule rule = a->settings->rule, other = tt_audit_other_rule(a);

	if (!a->snapshot->table[TT_NODES].n)
		return;
	put_part(a, rule, "fleet", &a->whole[rule], out);
	for (int d = 0; d < TT_DIMENSIONS; d++)
		for (size_t i = 0; i < a->by[d].n; i++)
			put_part(a, rule, tt_dimension_text((enum tt_dimension)d),
			         &a->by[d].v[i], out);
	put_part(a, other, "fleet", &a->whole[other], out);
}

/* --- Findings ------------------------------------------------------------------------------- */

/* A list within a field: JSON, since a change's text may hold any separator. */
static void list_changes(const tt_ranked *r, tt_buf *to)
{
	tt_json j = { .out = to };
	const tt_change *c;

	tt_json_array_line(&j);
	for (size_t i = 0; (c = tt_audit_change(r, i)); i++) {
		tt_buf text = { 0 };

		tt_change_text(c, &text);
		tt_json_string(&j, tt_buf_text(&text));
		to->failed |= text.failed;
		tt_buf_free(&text);
	}
	tt_json_end_array(&j);
}

/* `step`: its number in the plan's order, from 1; 0 when it is not in the plan. */
static void put_finding(const tt_audit *a, const tt_ranked *f, size_t step, tt_buf *out)
{
	static const char *const places[] = { "plan", "enabler", "left_out" };
	const tt_found *found = f->found;
	tt_buf changes = { 0 };
	row r = { .text = { [RECORD] = "finding", [ID] = found->id,
		            [DETECTOR] = found->detector, [SEVERITY] = f->severity,
		            [SUBJECT_KIND] = tt_subject_kind_text(found->subject_kind),
		            [SUBJECT_ID] = found->subject_id, [OWNER] = found->owner,
		            [TITLE] = found->title, [PLACE] = places[f->place], [WHY] = f->why,
		            [WAVE] = f->wave, [RISK] = tt_risk_text(f->risk),
		            [RISK_NOTE] = found->risk_note, [SAVING_NOTE] = f->note,
		            [REVERSIBLE] = tt_found_reversible(found) } };

	if (step)
		set_number(&r, STEP, (double)step);
	set_money(&r, STANDALONE, f->standalone_per_month.p50);
	set_money(&r, STANDALONE_P10, f->standalone_per_month.p10);
	set_money(&r, STANDALONE_P90, f->standalone_per_month.p90);
	set_money(&r, IN_PLAN, f->in_plan_per_month.p50);
	set_money(&r, IN_PLAN_P10, f->in_plan_per_month.p10);
	set_money(&r, IN_PLAN_P90, f->in_plan_per_month.p90);
	set_money(&r, IN_PLAN_POINT, f->in_plan_per_month.point);
	set_money(&r, CONCERNED, f->concerned_per_month);
	set_number(&r, EFFORT, found->effort_days);
	set_number(&r, COVERAGE, found->coverage_ratio);
	set_number(&r, CONFIDENCE, found->confidence_ratio);
	list_changes(f, &changes);
	r.text[CHANGES] = tt_buf_text(&changes);
	put_row(a, &r, out);
	out->failed |= changes.failed;
	tt_buf_free(&changes);
}

static void put_findings(const tt_audit *a, tt_buf *out)
{
	const tt_plan *p = a->plan;

	for (size_t i = 0; i < p->n_steps; i++)
		put_finding(a, p->steps[i].finding, i + 1, out);
	for (size_t i = 0; i < p->n_enablers; i++)
		put_finding(a, p->enablers[i], 0, out);
	for (size_t i = 0; i < p->n_left_out; i++)
		put_finding(a, p->left_out[i], 0, out);
}

/* --- What else was said ---------------------------------------------------------------------- */

static void put_texts(const tt_audit *a, const char *record, const tt_texts *t, tt_buf *out)
{
	for (size_t i = 0; i < t->n; i++) {
		row r = { .text = { [RECORD] = record, [TITLE] = t->v[i] } };

		put_row(a, &r, out);
	}
}

void tt_audit_csv(const tt_audit *a, tt_buf *out)
{
	const tt_findings *f = a->findings;

	for (int c = 0; c < COLUMNS; c++)
		tt_buf_printf(out, "%s%s", c ? "," : "", names[c]);
	tt_buf_putc(out, '\n');
	put_spend(a, out);
	put_findings(a, out);
	for (size_t i = 0; i < f->n_unexamined; i++) {
		row r = { .text = { [RECORD] = "not_examined",
			            [DETECTOR] = f->unexamined[i].detector,
			            [WHY] = f->unexamined[i].why } };

		put_row(a, &r, out);
	}
	put_texts(a, "policy", &a->policy, out);
	put_texts(a, "exempt", &a->exempt, out);
	put_texts(a, "note", &a->notes, out);
	put_texts(a, "gap", &a->gaps, out);
	put_texts(a, "fact", &a->facts, out);
}
