#include "report/audit_json.h"
#include "base/json.h"
#include "report/json_fields.h"
#include "report/judged.h"
#include <math.h>
#include <string.h>


/* How many rows; not known where the table is not there. */
static void count(tt_json *j, const char *key, size_t n)
{
	tt_json_key(j, key);
	if (n)
		tt_json_i64(j, (int64_t)n);
	else
		tt_json_null(j);
}

static void put_snapshot(tt_json *j, const tt_audit *a)
{
	const tt_snapshot *s = a->snapshot;

	tt_json_key(j, "snapshot");
	tt_json_object(j);
	tt_put_text(j, "name", s->name);
	tt_json_key(j, "start");
	tt_json_time(j, s->start_s);
	tt_json_key(j, "end");
	tt_json_time(j, s->end_s);
	tt_put_text(j, "currency", s->currency);
	count(j, "nodes", s->table[TT_NODES].n);
	tt_put_f64(j, "gpus", a->gpus);
	count(j, "pods", s->table[TT_PODS].n);
	tt_put_f64(j, "gpu_hours", s->table[TT_NODES].n ? a->bill->gpu_hours : NAN);
	tt_put_f64(j, "gpu_hours_measured", s->table[TT_NODES].n ? a->measured_gpu_hours : NAN);
	tt_json_key(j, "rejected_rows");
	tt_json_i64(j, s->rejects.n);
	tt_json_end_object(j);
}

/* --- Spend --------------------------------------------------------------------------- */

static void put_buckets(tt_json *j, const char *key, const tt_portion *p)
{
	tt_json_key(j, key);
	tt_json_object_line(j);
	for (int i = 0; i < TT_BUCKETS; i++)
		tt_put_money(j, tt_bucket_text((enum tt_bucket)i),
			     tt_portion_bucket(p, (enum tt_bucket)i));
	tt_json_end_object(j);
}

static void put_bucket_hours(tt_json *j, const tt_portion *p)
{
	tt_json_key(j, "bucket_gpu_hours");
	tt_json_object_line(j);
	for (int i = 0; i < TT_BUCKETS; i++)
		tt_put_f64(j, tt_bucket_text((enum tt_bucket)i),
			   tt_portion_bucket_gpu_hours(p, (enum tt_bucket)i));
	tt_json_end_object(j);
}

static void put_reasons(tt_json *j, const tt_portion *p)
{
	tt_json_key(j, "unattributed_by_reason");
	tt_json_object_line(j);
	for (int i = TT_NO_OWNER; i < TT_REASONS; i++)
		tt_put_money(j, tt_reason_text((enum tt_reason)i),
			     tt_portion_reason(p, (enum tt_reason)i));
	tt_json_end_object(j);
}

static void put_reason_hours(tt_json *j, const tt_portion *p)
{
	tt_json_key(j, "unattributed_gpu_hours_by_reason");
	tt_json_object_line(j);
	for (int i = TT_NO_OWNER; i < TT_REASONS; i++)
		tt_put_f64(j, tt_reason_text((enum tt_reason)i),
			   tt_portion_reason_gpu_hours(p, (enum tt_reason)i));
	tt_json_end_object(j);
}

static void put_breakdown(tt_json *j, const tt_audit *a, enum tt_dimension d)
{
	char key[64] = "by_";

	strncat(key, tt_dimension_text(d), sizeof key - 4);
	tt_json_key(j, key);
	tt_json_array(j);
	for (size_t i = 0; i < a->by[d].n; i++) {
		const tt_portion *p = &a->by[d].v[i];

		tt_json_object_line(j);
		tt_put_text(j, tt_dimension_text(d), p->name);
		tt_put_money(j, "total", tt_portion_total(p));
		put_buckets(j, "buckets", p);
		tt_put_f64(j, "gpu_hours", p->total.gpu_hours);
		tt_put_f64(j, "unknown_gpu_hours", p->total.unpriced_gpu_hours);
		put_bucket_hours(j, p);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

/* What is held, and what of it nothing used; absent where nothing is. */
static void put_commitments(tt_json *j, const tt_held_bill *held)
{
	if (!held->n_costs)
		return;
	tt_json_key(j, "commitments");
	tt_json_array(j);
	for (size_t i = 0; i < held->n_costs; i++) {
		tt_json_object_line(j);
		tt_json_key(j, "commitment");
		tt_json_string(j, held->costs[i].commitment);
		tt_put_text(j, "gpu_model", held->costs[i].gpu_model);
		tt_put_money(j, "total", held->costs[i].cost_micro);
		tt_put_money(j, "unused", held->costs[i].unused_micro);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

/* What charges say; absent where there are none, nor priced volumes. */
static void put_charges(tt_json *j, const tt_audit *a)
{
	const tt_bill *b = a->bill;

	if (!a->snapshot->table[TT_CHARGES].n && !b->lines_micro)
		return;
	tt_json_key(j, "charges");
	tt_json_object_line(j);
	tt_put_money(j, "of_nodes", b->charged_micro);
	tt_put_money(j, "of_no_node", b->lines_micro);
	tt_json_end_object(j);
}

static void put_spend(tt_json *j, const tt_audit *a)
{
	enum tt_rule rule = a->settings->rule, other = tt_audit_other_rule(a);
	const tt_portion *whole = &a->whole[rule];

	tt_json_key(j, "spend");
	tt_json_object(j);
	tt_put_money(j, "total", tt_portion_total(whole));
	tt_put_f64(j, "unknown_gpu_hours",
		   a->snapshot->table[TT_NODES].n ? a->bill->unknown_gpu_hours : NAN);
	put_buckets(j, "buckets", whole);
	tt_json_key(j, "bucket_rule");
	tt_json_string(j, tt_rule_text(rule));
	tt_json_key(j, "other_rule");
	tt_json_object(j);
	tt_json_key(j, "rule");
	tt_json_string(j, tt_rule_text(other));
	put_buckets(j, "buckets", &a->whole[other]);
	tt_json_end_object(j);
	put_reasons(j, whole);
	put_bucket_hours(j, whole);
	put_reason_hours(j, whole);
	for (int d = 0; d < TT_DIMENSIONS; d++)
		put_breakdown(j, a, (enum tt_dimension)d);
	put_commitments(j, &a->bill->held);
	put_charges(j, a);
	tt_json_end_object(j);
}

/* --- Findings ------------------------------------------------------------------------- */

static void put_saving(tt_json *j, const char *key, tt_spread s)
{
	tt_json_key(j, key);
	tt_json_object_line(j);
	tt_put_money(j, "p10", s.p10);
	tt_put_money(j, "p50", s.p50);
	tt_put_money(j, "p90", s.p90);
	tt_put_money(j, "point", s.point);
	tt_json_end_object(j);
}

static void put_savings(tt_json *j, const tt_ranked *r)
{
	tt_json_key(j, "saving_per_month");
	tt_json_object(j);
	put_saving(j, "standalone", r->standalone_per_month);
	if (r->place == TT_IN_PLAN) {
		put_saving(j, "in_plan", r->in_plan_per_month);
	} else {
		tt_json_key(j, "in_plan");
		tt_json_null(j);
	}
	tt_json_key(j, "lost_to");
	tt_json_array(j);
	for (size_t i = 0; i < r->n_lost; i++) {
		tt_json_object_line(j);
		tt_json_key(j, "finding");
		tt_json_string(j, r->lost[i].to->found->id);
		tt_json_key(j, "why");
		tt_json_string(j, r->lost[i].why);
		tt_put_money(j, "p50", r->lost[i].per_month);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
	tt_json_end_object(j);
}

static void put_evidence(tt_json *j, const tt_found *f)
{
	tt_json_key(j, "evidence");
	tt_json_object(j);
	for (size_t i = 0; i < f->n_evidence; i++) {
		const tt_found_evidence *e = &f->evidence[i];

		tt_json_key(j, e->key);
		if (e->text)
			tt_json_string(j, e->text);
		else
			tt_json_f64(j, e->value, TT_JSON_DECIMALS);
	}
	tt_json_end_object(j);
}

static void put_changes(tt_json *j, const tt_ranked *r)
{
	const tt_change *c;

	tt_json_key(j, "changes");
	tt_json_array(j);
	for (size_t i = 0; (c = tt_audit_change(r, i)); i++) {
		tt_buf text = { 0 };

		tt_change_text(c, &text);
		tt_json_string(j, tt_buf_text(&text));
		j->out->failed |= text.failed;
		tt_buf_free(&text);
	}
	tt_json_end_array(j);
}

void tt_audit_json_finding(tt_json *j, const tt_ranked *r)
{
	const tt_found *f = r->found;

	tt_json_object(j);
	tt_put_text(j, "id", f->id);
	tt_put_text(j, "detector", f->detector);
	tt_put_text(j, "verdict", f->verdict);
	tt_put_text(j, "title", f->title);
	tt_put_text(j, "severity", r->severity);
	tt_json_key(j, "subject");
	tt_json_object_line(j);
	tt_put_text(j, "kind", tt_subject_kind_text(f->subject_kind));
	tt_json_key(j, "id");
	tt_json_string(j, f->subject_id);
	tt_json_end_object(j);
	tt_put_text(j, "owner", f->owner);
	tt_put_money(j, "spend_concerned_per_month", r->concerned_per_month);
	put_evidence(j, f);
	tt_put_f64(j, "coverage_ratio", f->coverage_ratio);
	tt_put_f64(j, "confidence_ratio", f->confidence_ratio);
	tt_put_f64(j, "effort_days", f->effort_days);
	tt_put_text(j, "wave", r->wave);
	tt_put_text(j, "risk", tt_risk_text(r->risk));
	tt_put_text(j, "risk_note", f->risk_note);
	tt_put_text(j, "reversible", f->n_changes ? tt_found_reversible(f) : NULL);
	put_savings(j, r);
	put_changes(j, r);
	tt_put_text(j, "saving_note", r->note);
	tt_json_end_object(j);
}

/* --- Plan ------------------------------------------------------------------------------ */

/* The findings without which this step saves nothing, or less. */
static void put_together(tt_json *j, const tt_plan *p, size_t step)
{
	tt_json_key(j, "together_with");
	tt_json_array_line(j);
	for (size_t i = 0; i < p->n_steps; i++) {
		if (i != step && p->steps[i].unit == p->steps[step].unit)
			tt_json_string(j, p->steps[i].finding->found->id);
	}
	tt_json_end_array(j);
}

static void put_steps(tt_json *j, const tt_plan *p)
{
	tt_json_key(j, "frontier");
	tt_json_array(j);
	for (size_t i = 0; i < p->n_steps; i++) {
		tt_json_object_line(j);
		tt_put_f64(j, "effort_days", p->steps[i].cumulative_effort_days);
		tt_put_money(j, "saving_per_month", p->steps[i].cumulative_per_month);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
	tt_json_key(j, "steps");
	tt_json_array(j);
	for (size_t i = 0; i < p->n_steps; i++) {
		const tt_step *s = &p->steps[i];

		tt_json_object_line(j);
		tt_put_text(j, "finding", s->finding->found->id);
		tt_put_text(j, "wave", s->finding->wave);
		tt_put_f64(j, "effort_days", s->finding->found->effort_days);
		tt_put_money(j, "marginal_saving_per_month", s->marginal_per_month);
		tt_put_money(j, "cumulative_saving_per_month", s->cumulative_per_month);
		tt_put_money(j, "saving_per_month_per_engineer_day", s->per_month_per_day);
		put_together(j, p, i);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_waves(tt_json *j, const tt_audit *a)
{
	const tt_plan *p = a->plan;

	tt_json_key(j, "waves");
	tt_json_array(j);
	for (size_t i = 0; i < TT_WAVES; i++) {
		tt_json_object_line(j);
		tt_put_text(j, "wave", p->waves[i].wave);
		tt_json_key(j, "steps");
		tt_json_i64(j, (int64_t)p->waves[i].n);
		tt_put_f64(j, "effort_days", p->waves[i].effort_days);
		tt_put_money(j, "saving_per_month",
			     tt_audit_saving(a, p->waves[i].saving_per_month));
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

/* What P10, P50 and P90 are from; null where there is none. */
static void put_worlds(tt_json *j, const tt_plan *p)
{
	tt_json_key(j, "worlds");
	if (!p->worlds.n) {
		tt_json_null(j);
		return;
	}
	tt_json_object_line(j);
	tt_json_key(j, "n");
	tt_json_i64(j, (int64_t)p->worlds.n);
	tt_json_key(j, "whole_weeks_drawn_from");
	tt_json_i64(j, (int64_t)p->worlds.weeks);
	tt_json_end_object(j);
}

static void put_plan(tt_json *j, const tt_audit *a)
{
	const tt_plan *p = a->plan;

	tt_json_key(j, "plan");
	tt_json_object(j);
	tt_put_f64(j, "effort_days", p->effort_days);
	put_saving(j, "saving_per_month", tt_audit_savings(a, p->saving_per_month));
	tt_put_money(j, "standalone_sum_per_month",
		     tt_audit_saving(a, p->standalone_sum_per_month));
	put_steps(j, p);
	put_waves(j, a);
	tt_json_key(j, "enablers");
	tt_json_array(j);
	for (size_t i = 0; i < p->n_enablers; i++) {
		tt_json_object_line(j);
		tt_put_text(j, "finding", p->enablers[i]->found->id);
		tt_put_f64(j, "effort_days", p->enablers[i]->found->effort_days);
		tt_put_money(j, "spend_concerned_per_month", p->enablers[i]->concerned_per_month);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
	tt_json_key(j, "left_out");
	tt_json_array(j);
	for (size_t i = 0; i < p->n_left_out; i++) {
		tt_json_object_line(j);
		tt_put_text(j, "finding", p->left_out[i]->found->id);
		tt_put_text(j, "why", p->left_out[i]->why);
		tt_put_text(j, "kept_by", p->left_out[i]->kept_by);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
	put_worlds(j, p);
	tt_json_end_object(j);
}

static void put_rest(tt_json *j, const tt_audit *a)
{
	tt_json_key(j, "not_examined");
	tt_json_array(j);
	for (size_t i = 0; i < a->findings->n_unexamined; i++) {
		tt_json_object_line(j);
		tt_put_text(j, "detector", a->findings->unexamined[i].detector);
		tt_put_text(j, "why", a->findings->unexamined[i].why);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
	tt_json_key(j, "notes");
	tt_json_array(j);
	for (size_t i = 0; i < a->notes.n; i++)
		tt_json_string(j, a->notes.v[i]);
	for (size_t i = 0; i < a->gaps.n; i++)
		tt_json_string(j, a->gaps.v[i]);
	tt_json_end_array(j);
	tt_json_key(j, "facts");
	tt_json_array(j);
	for (size_t i = 0; i < a->facts.n; i++)
		tt_json_string(j, a->facts.v[i]);
	tt_json_end_array(j);
}

void tt_audit_json(const tt_audit *a, tt_buf *out)
{
	tt_json j = { .out = out };

	tt_json_object(&j);
	tt_put_text(&j, "schema", "trimtab.audit/1");
	tt_put_text(&j, "version", TT_VERSION);
	tt_json_key(&j, "seed");
	tt_json_i64(&j, a->seed);
	put_snapshot(&j, a);
	put_spend(&j, a);
	tt_json_key(&j, "findings");
	tt_json_array(&j);
	for (size_t i = 0; i < a->plan->n; i++)
		tt_audit_json_finding(&j, a->plan->v[i]);
	tt_json_end_array(&j);
	put_plan(&j, a);
	tt_judged_json(&j, a);
	put_rest(&j, a);
	tt_json_end_object(&j);
	tt_buf_putc(out, '\n');
}
