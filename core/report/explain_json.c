#include "report/explain_json.h"
#include "base/json.h"
#include "report/audit_json.h"
#include "report/json_fields.h"
#include "snapshot/metrics.h"
#include <math.h>
#include <stdio.h>
#include <string.h>


/* A time, or null where there is none. */
static void time_at(tt_json *j, const char *key, int64_t t, int known)
{
	tt_json_key(j, key);
	if (known)
		tt_json_time(j, t);
	else
		tt_json_null(j);
}

static const char *metric_text(int metric)
{
	return metric == TT_ACTIVITY_PCT ? "activity_pct" : tt_metric_text(metric);
}

/* --- Head ------------------------------------------------------------------------------ */

static void put_head(tt_json *j, const tt_explanation *e)
{
	static const char *const places[] = { [TT_IN_PLAN] = "plan", [TT_ENABLER] = "enabler",
		                              [TT_LEFT_OUT] = "left_out" };
	const tt_snapshot *s = e->audit->snapshot;

	tt_put_text(j, "schema", "trimtab.explain/1");
	tt_put_text(j, "version", TT_VERSION);
	tt_put_i64(j, "seed", e->audit->seed);
	tt_json_key(j, "snapshot");
	tt_json_object_line(j);
	tt_put_text(j, "name", s->name);
	time_at(j, "start", s->start_s, 1);
	time_at(j, "end", s->end_s, 1);
	tt_put_text(j, "currency", s->currency);
	tt_json_end_object(j);
	tt_json_key(j, "finding");
	tt_audit_json_finding(j, e->ranked);
	tt_put_text(j, "place", places[e->ranked->place]);
	tt_put_text(j, "why", e->ranked->why);
	tt_json_key(j, "step");
	if (e->effect.step)
		tt_json_i64(j, (int64_t)e->effect.step);
	else
		tt_json_null(j);
	tt_json_key(j, "detector");
	tt_json_object_line(j);
	tt_put_text(j, "id", e->ranked->found->detector);
	tt_put_text(j, "version", e->plugin ? e->plugin->info.version : NULL);
	tt_put_text(j, "summary", e->plugin ? e->plugin->info.summary : NULL);
	tt_json_end_object(j);
	tt_put_text(j, "verdict", e->ranked->found->verdict);
}

static void put_evidence(tt_json *j, const tt_explanation *e)
{
	const tt_found *f = e->ranked->found;

	tt_json_key(j, "evidence");
	tt_json_array(j);
	for (size_t i = 0; i < f->n_evidence; i++) {
		const tt_found_evidence *v = &f->evidence[i];

		tt_json_object_line(j);
		tt_put_text(j, "key", v->key);
		tt_json_key(j, "value");
		if (v->text)
			tt_json_string(j, v->text);
		else
			tt_json_f64(j, v->value, TT_JSON_DECIMALS);
		tt_put_text(j, "unit", v->text ? NULL : tt_unit_of(v->key));
		tt_put_text(j, "from", e->evidence_from[i]);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

/* --- Rule ------------------------------------------------------------------------------ */

static void put_ground(tt_json *j, const tt_told_ground *g)
{
	tt_json_object_line(j);
	tt_put_text(j, "evidence", g->def->evidence);
	tt_put_f64(j, "value", g->value);
	tt_put_text(j, "relation", g->def->relation);
	tt_put_text(j, "parameter", g->def->param);
	tt_put_f64(j, "threshold", g->threshold);
	tt_json_key(j, "holds");
	if (g->holds < 0)
		tt_json_null(j);
	else
		tt_json_bool(j, g->holds);
	tt_json_end_object(j);
}

static void put_param(tt_json *j, const tt_explanation *e, const tt_told_param *p)
{
	const char *path = e->audit->settings->path;
	char set[4200];

	tt_json_object_line(j);
	tt_put_text(j, "key", p->def->key);
	tt_put_text(j, "unit", p->def->unit);
	tt_json_key(j, "value");
	if (p->text)
		tt_json_string(j, p->text);
	else
		tt_json_f64(j, p->number, TT_JSON_DECIMALS);
	tt_json_key(j, "default");
	if (p->text)
		tt_json_string(j, p->def->def_str);
	else
		tt_json_f64(j, p->def->def, TT_JSON_DECIMALS);
	snprintf(set, sizeof set, "%s:%d", path ? path : "", p->line);
	tt_put_text(j, "set_by", p->line ? set : NULL);
	tt_put_text(j, "help", p->def->help);
	tt_json_end_object(j);
}

static void put_rule(tt_json *j, const tt_explanation *e)
{
	tt_json_key(j, "rule");
	tt_json_object(j);
	tt_json_key(j, "grounds");
	tt_json_array(j);
	for (size_t i = 0; i < e->n_grounds; i++)
		put_ground(j, &e->grounds[i]);
	tt_json_end_array(j);
	tt_json_key(j, "parameters");
	tt_json_array(j);
	for (size_t i = 0; i < e->n_params; i++)
		put_param(j, e, &e->params[i]);
	tt_json_end_array(j);
	tt_json_end_object(j);
}

/* --- Series ---------------------------------------------------------------------------- */

static void put_thresholds(tt_json *j, const tt_explanation *e)
{
	tt_json_key(j, "thresholds");
	tt_json_array_line(j);
	for (size_t i = 0; i < e->n_grounds; i++) {
		if (e->course.kind != TT_COURSE_METRIC ||
		    e->grounds[i].def->metric != e->course.metric)
			continue;
		tt_json_object_line(j);
		tt_put_text(j, "parameter", e->grounds[i].def->param);
		tt_put_f64(j, "value", e->grounds[i].threshold);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_series(tt_json *j, const tt_explanation *e)
{
	const tt_course *c = &e->course;
	int held = c->kind == TT_COURSE_HELD;

	tt_json_key(j, "series");
	if (c->kind == TT_COURSE_NONE) {
		tt_json_null(j);
		return;
	}
	tt_json_object(j);
	tt_put_text(j, "of", held ? "cards_held" : metric_text(c->metric));
	tt_put_text(j, "mean_is", !held ? c->busiest ? "busiest_carrier" : "all_carriers"
				  : c->nobodys ? "unowned_pods" : "all_pods");
	tt_put_text(j, "max_is", held ? "all_pods" : "highest_reading");
	tt_put_i64(j, "column_s", c->column_s);
	put_thresholds(j, e);
	tt_json_key(j, "columns");
	tt_json_array(j);
	for (size_t i = 0; i < c->n; i++) {
		tt_json_object_line(j);
		time_at(j, "start", c->start_s + (int64_t)i * c->column_s, 1);
		tt_put_f64(j, "mean", c->v[i].mean);
		tt_put_f64(j, "max", c->v[i].max);
		tt_put_i64(j, "measured_s", c->v[i].measured_s);
		tt_put_i64(j, "alive_s", c->v[i].alive_s);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
	tt_json_end_object(j);
}

static void put_carrier(tt_json *j, const tt_explanation *e, const tt_course_carrier *k)
{
	tt_json_object_line(j);
	tt_put_text(j, "id", e->audit->snapshot->carriers[k->carrier].id);
	tt_put_text(j, "metric", tt_metric_text(k->metric));
	tt_put_i64(j, "readings", k->n);
	tt_put_f64(j, "measured_hours", (double)k->measured_s / 3600);
	tt_put_f64(j, "alive_hours", (double)k->alive_s / 3600);
	tt_put_f64(j, "steps", k->steps < 0 ? NAN : (double)k->steps);
	tt_put_f64(j, "steps_missing", k->steps < 0 ? NAN : (double)k->steps_missing);
	tt_put_f64(j, "mean", k->mean);
	tt_put_f64(j, "p95", k->p95);
	tt_put_f64(j, "p99", k->p99);
	tt_put_f64(j, "max", k->max);
	tt_json_end_object(j);
}

static void put_measured(tt_json *j, const tt_explanation *e)
{
	const tt_course *c = &e->course;

	tt_json_key(j, "measured");
	tt_json_object(j);
	tt_put_f64(j, "coverage_ratio", e->ranked->found->coverage_ratio);
	tt_json_key(j, "carriers");
	tt_json_array(j);
	for (size_t i = 0; i < c->n_carriers; i++)
		put_carrier(j, e, &c->carriers[i]);
	tt_json_end_array(j);
	tt_json_end_object(j);
}

/* --- Sources --------------------------------------------------------------------------- */

static void put_price(tt_json *j, const tt_explanation *e, const tt_told_price *t)
{
	const tt_node_bill *b = &e->audit->bill->nodes[t->node];
	const tt_node_row *row = tt_node_at(e->audit->snapshot, t->node);

	tt_json_object_line(j);
	tt_put_text(j, "instance_type", row->instance_type);
	tt_put_text(j, "region", row->region);
	tt_put_text(j, "pricing", row->pricing);
	tt_put_decimal(j, "price_per_hour", b->price_per_hour);
	tt_put_text(j, "from", b->price_from);
	tt_put_i64(j, "nodes", (int64_t)t->nodes);
	tt_json_end_object(j);
}

static void put_sources(tt_json *j, const tt_explanation *e)
{
	tt_json_key(j, "sources");
	tt_json_array(j);
	for (size_t i = 0; i < e->n_sources; i++) {
		const tt_told_source *s = &e->sources[i];

		tt_json_object_line(j);
		tt_put_text(j, "table", s->table);
		tt_put_text(j, "file", s->file);
		tt_put_i64(j, "rows", s->rows);
		tt_put_i64(j, "used", s->used);
		tt_put_text(j, "used_as", s->used_as);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
	tt_json_key(j, "prices");
	tt_json_array(j);
	for (size_t i = 0; i < e->n_prices; i++)
		put_price(j, e, &e->prices[i]);
	tt_json_end_array(j);
	tt_put_text(j, "settings", e->audit->settings->path);
}

static void put_owner(tt_json *j, const tt_explanation *e)
{
	static const char *const by[] = { [TT_TOLD_NOBODY] = "nobody", [TT_TOLD_LABEL] = "label",
		                          [TT_TOLD_NAMESPACE] = "namespace",
		                          [TT_TOLD_NODE_LABEL] = "node_label",
		                          [TT_TOLD_RULE] = "rule",
		                          [TT_TOLD_NODE_RULE] = "node_rule" };
	const tt_ownership *o = &e->ownership;

	tt_json_key(j, "owner");
	tt_json_object(j);
	tt_put_text(j, "owner", e->ranked->found->owner);
	tt_put_f64(j, "held_hours", o->held_s / 3600);
	tt_put_f64(j, "held_hours_of_unknown_pods", o->unknown_held_s / 3600);
	tt_json_key(j, "told_by");
	tt_json_array(j);
	for (size_t i = 0; i < o->n; i++) {
		const tt_claim *c = &o->v[i];
		int is_label = c->by == TT_TOLD_LABEL || c->by == TT_TOLD_NODE_LABEL;
		int is_node = c->by == TT_TOLD_NODE_LABEL || c->by == TT_TOLD_NODE_RULE;

		tt_json_object_line(j);
		tt_put_text(j, "owner", c->owner);
		tt_put_text(j, "by", by[c->by]);
		tt_put_text(j, is_label ? "label" : "namespace", c->key);
		tt_put_i64(j, is_node ? "nodes" : "pods", (int64_t)c->pods);
		tt_put_f64(j, "held_hours", c->held_s / 3600);
		tt_put_text(j, "example", c->example);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
	tt_json_end_object(j);
}

/* --- Effect ----------------------------------------------------------------------------- */

static void put_part(tt_json *j, const char *key, const tt_effect_part *p)
{
	tt_json_key(j, key);
	if (!p) {
		tt_json_null(j);
		return;
	}
	tt_json_object_line(j);
	tt_put_f64(j, "freed_hours", (double)p->freed_s / 3600);
	tt_put_money(j, "cost_before", p->before_micro);
	tt_put_money(j, "cost_after", p->after_micro);
	tt_put_money(j, "saving", p->saving_micro);
	tt_json_end_object(j);
}

static void put_node(tt_json *j, const tt_explanation *e, const tt_effect_node *n)
{
	const tt_node_row *row = tt_node_at(e->audit->snapshot, n->node);

	tt_json_object(j);
	tt_put_text(j, "node", row->node);
	tt_put_text(j, "node_group", row->node_group);
	tt_put_f64(j, "alive_hours", (double)n->alive_s / 3600);
	tt_put_decimal(j, "price_per_hour", e->audit->bill->nodes[n->node].price_per_hour);
	tt_put_i64(j, "stretches", (int64_t)n->stretches);
	time_at(j, "gone_from", n->from_s, n->stretches > 0);
	time_at(j, "gone_to", n->to_s, n->stretches > 0);
	tt_put_text(j, "kept_by", n->kept_by);
	put_part(j, "standalone", &n->alone);
	put_part(j, "in_plan", e->effect.step ? &n->plan : NULL);
	tt_json_end_object(j);
}

static void put_move(tt_json *j, const tt_effect_move *m)
{
	tt_json_object_line(j);
	tt_put_text(j, "instance_type", m->instance_type);
	tt_put_text(j, "gpu_model", m->gpu_model);
	tt_put_text(j, "pricing", m->pricing);
	tt_put_text(j, "region", m->region);
	tt_put_i64(j, "pods", (int64_t)m->pods);
	tt_put_i64(j, "nodes", (int64_t)m->nodes);
	tt_put_i64(j, "instances_at_once", m->most);
	tt_put_f64(j, "instance_hours", (double)m->length_s / 3600);
	tt_put_f64(j, "paid_ratio", m->paid_ratio);
	tt_put_money(j, "cost", m->cost_micro);
	tt_json_key(j, "under_commitments");
	tt_json_bool(j, m->metered);
	tt_json_end_object(j);
}

static void put_unowned(tt_json *j, const tt_effect *f)
{
	tt_json_key(j, "unowned");
	if (!f->labels) {
		tt_json_null(j);
		return;
	}
	tt_json_object_line(j);
	tt_put_money(j, "cost_before", f->unowned_before_micro);
	tt_put_money(j, "cost_after", f->unowned_after_micro);
	tt_put_f64(j, "gpu_hours_before", f->unowned_before_h);
	tt_put_f64(j, "gpu_hours_after", f->unowned_after_h);
	tt_json_end_object(j);
}

static void put_effect(tt_json *j, const tt_explanation *e)
{
	const tt_found *f = e->ranked->found;

	tt_json_key(j, "effect");
	tt_json_object(j);
	tt_json_key(j, "alternatives");
	tt_json_array(j);
	for (size_t i = 0; i < f->n_alternatives; i++) {
		tt_buf text = { 0 };

		tt_change_text(&f->alternatives[i], &text);
		tt_json_string(j, tt_buf_text(&text));
		j->out->failed |= text.failed;
		tt_buf_free(&text);
	}
	tt_json_end_array(j);
	tt_json_key(j, "priced");
	tt_json_bool(j, e->effect.priced);
	tt_put_money(j, "saving_standalone", e->ranked->standalone_micro);
	tt_put_money(j, "saving_in_plan",
		     e->effect.step ? e->ranked->in_plan_micro : TT_MONEY_UNKNOWN);
	tt_json_key(j, "nodes");
	tt_json_array(j);
	for (size_t i = 0; i < e->effect.n; i++)
		put_node(j, e, &e->effect.v[i]);
	tt_json_end_array(j);
	tt_json_key(j, "elsewhere");
	tt_json_object_line(j);
	tt_put_money(j, "standalone", e->effect.elsewhere_micro);
	tt_put_money(j, "in_plan", e->effect.elsewhere_plan_micro);
	tt_json_end_object(j);
	tt_json_key(j, "moved_to");
	tt_json_array(j);
	for (size_t i = 0; i < e->effect.n_moves; i++)
		put_move(j, &e->effect.moves[i]);
	tt_json_end_array(j);
	put_unowned(j, &e->effect);
	tt_json_end_object(j);
}

void tt_explain_json(const tt_explanation *e, tt_buf *out)
{
	tt_json j = { .out = out };

	tt_json_object(&j);
	put_head(&j, e);
	put_evidence(&j, e);
	put_rule(&j, e);
	put_series(&j, e);
	put_measured(&j, e);
	put_sources(&j, e);
	put_owner(&j, e);
	put_effect(&j, e);
	tt_json_end_object(&j);
	tt_buf_putc(out, '\n');
}
