#include "report/json_fields.h"
#include "report/once.h"
#include "report/stretches.h"
#include <math.h>
#include <string.h>

static void put_level(tt_json *j, const char *key, const tt_once_level *l)
{
	tt_json_key(j, key);
	tt_json_object_line(j);
	tt_put_i64(j, "units", l->units);
	tt_put_money(j, "cost", l->cost_micro);
	tt_put_f64(j, "utilization_ratio", l->utilization_ratio);
	tt_put_f64(j, "coverage_ratio", l->coverage_ratio);
	tt_json_end_object(j);
}

static void put_answer(tt_json *j, const tt_once_pool *p, const tt_once_answer *a)
{
	tt_json_object(j);
	tt_put_text(j, "offer", a->offer->name);
	tt_put_decimal(j, "rate_per_hour", a->offer->rate_per_hour);
	tt_put_i64(j, "units", a->best.units);
	tt_put_money(j, "cost", a->best.cost_micro);
	tt_put_money(j, "saving", p->on_demand_micro - a->best.cost_micro);
	tt_put_f64(j, "saving_ratio", p->on_demand_micro > 0 ? 1 - (double)a->best.cost_micro /
	                              (double)p->on_demand_micro : (double)NAN);
	tt_put_f64(j, "utilization_ratio", a->best.utilization_ratio);
	tt_put_f64(j, "coverage_ratio", a->best.coverage_ratio);
	tt_put_i64(j, "pays_from_h", (int64_t)a->pays_from_h);
	tt_put_money(j, "one_more_adds", a->one_more_micro);
	tt_put_money(j, "last_adds", a->best.units ? a->last_micro : TT_MONEY_UNKNOWN);
	if (a->has_utilization)
		put_level(j, "at_utilization", &a->at_utilization);
	if (a->has_coverage)
		put_level(j, "at_coverage", &a->at_coverage);
	tt_json_end_object(j);
}

static void put_pool(tt_json *j, const tt_once_pool *p)
{
	const tt_once_answer *best = tt_once_cheapest(p);
	char unit[64];

	tt_json_object(j);
	tt_put_text(j, "pool", p->pool->name);
	tt_put_text(j, "owner", p->pool->owner);
	tt_put_text(j, "unit", tt_once_unit(p, unit, sizeof unit));
	tt_put_f64(j, "used_unit_hours", p->used_unit_hours);
	tt_put_f64(j, "held_unit_hours", p->held_unit_hours);
	tt_put_decimal(j, "price_per_hour", p->offers.price_per_hour);
	tt_put_money(j, "on_demand_cost", p->on_demand_micro);
	tt_put_text(j, "cheapest_offer", best ? best->offer->name : NULL);
	tt_put_text(j, "why_none", p->offers.why);
	tt_json_key(j, "offers");
	tt_json_array(j);
	for (size_t i = 0; p->on_demand_micro != TT_MONEY_UNKNOWN && i < p->offers.n; i++)
		put_answer(j, p, &p->answers[i]);
	tt_json_end_array(j);
	tt_json_end_object(j);
}

void tt_once_json(const tt_once_report *r, tt_buf *out)
{
	const tt_eligible *e = r->eligible;
	tt_json j = { .out = out };

	tt_json_object(&j);
	tt_put_text(&j, "schema", "trimtab.commit/1");
	tt_put_text(&j, "version", TT_VERSION);
	tt_put_text(&j, "demand", "history");
	tt_put_text(&j, "purchases", "once");
	tt_put_text(&j, "pool_by", r->pool_by);
	tt_json_key(&j, "horizon");
	tt_json_object_line(&j);
	tt_put_time(&j, "start", e->start_s);
	tt_put_time(&j, "end", e->start_s + (int64_t)e->hours * 3600);
	tt_put_i64(&j, "hours", (int64_t)r->once->hours);
	tt_put_i64(&j, "gap_hours", (int64_t)e->n_gaps);
	tt_put_text(&j, "gaps", r->keep_gaps ? "keep" : "drop");
	tt_json_end_object(&j);
	tt_stretches_json(e, (tt_stretches_use){ .keep = r->keep_gaps }, &j);
	tt_json_key(&j, "pools");
	tt_json_array(&j);
	for (size_t i = 0; i < r->once->n; i++)
		put_pool(&j, &r->once->v[i]);
	tt_json_end_array(&j);
	tt_json_key(&j, "notes");
	tt_json_array(&j);
	for (size_t i = 0; i < r->once->n_notes; i++)
		tt_json_string(&j, r->once->notes[i]);
	tt_json_end_array(&j);
	tt_json_end_object(&j);
	tt_buf_putc(out, '\n');
}
