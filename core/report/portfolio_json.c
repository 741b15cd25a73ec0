#include "report/json_fields.h"
#include "report/portfolio.h"
#include "report/portfolio_moves.h"
#include "report/portfolio_terms.h"
#include <math.h>

static void put_hours(tt_json *j, const char *key, const double *v, size_t n)
{
	tt_json_key(j, key);
	tt_json_array_line(j);
	for (size_t h = 0; h < n; h++)
		tt_json_f64(j, v[h], TT_JSON_DECIMALS);
	tt_json_end_array(j);
}

static void put_owners(tt_json *j, const tt_position_owners *o, bool in_group)
{
	tt_json_key(j, "owners");
	tt_json_array(j);
	for (size_t i = 0; i < o->n; i++) {
		tt_json_object_line(j);
		tt_put_text(j, "owner", o->v[i].owner);
		tt_put_money(j, "used_cost", o->v[i].committed_micro);
		if (in_group)
			tt_put_f64(j, "used_unit_hours", o->v[i].unit_h);
		else
			tt_put_money(j, "on_demand_cost", o->v[i].on_demand_micro);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_words(tt_json *j, const tt_commitment_row *c)
{
	tt_put_text(j, "kind", c->kind);
	tt_put_text(j, "provider", c->provider);
	tt_put_text(j, "region", c->region);
	tt_put_text(j, "instance_type", c->instance_type);
	tt_put_text(j, "gpu_model", c->gpu_model);
}

static void put_row(tt_json *j, const tt_portfolio_report *r, const tt_position *v)
{
	const tt_positions *x = r->positions;

	tt_json_object(j);
	tt_put_text(j, "commitment", v->row->commitment);
	tt_put_f64(j, "units", v->row->units);
	tt_put_decimal(j, "commitment_per_hour", v->row->commitment_per_hour);
	tt_put_time(j, "starts_at", v->row->starts_at);
	tt_put_time(j, "ends_at", v->row->ends_at);
	tt_put_money(j, "cost", v->cost->cost_micro);
	tt_put_money(j, "unused_cost", v->cost->unused_micro);
	tt_put_f64(j, "used_ratio", v->used_ratio);
	tt_json_key(j, "used");
	tt_json_array_line(j);
	for (size_t h = 0; h < x->hours; h++)
		tt_json_f64(j, (double)v->course->used[h] / 3600e6, TT_JSON_DECIMALS);
	tt_json_end_array(j);
	tt_json_end_object(j);
}

static void put_group(tt_json *j, const tt_portfolio_report *r, size_t group)
{
	const tt_positions *x = r->positions;
	const tt_position_group *g = &x->groups[group];

	tt_json_object(j);
	put_words(j, g->like);
	tt_put_text(j, "unit", g->money ? "money" : *g->like->instance_type ? "instance" : "card");
	tt_put_f64(j, "units", g->units);
	tt_put_money(j, "cost", g->cost_micro);
	tt_put_money(j, "unused_cost", g->unused_micro);
	tt_put_f64(j, "held_unit_hours", g->money ? (double)NAN : g->held_h);
	tt_put_f64(j, "unused_unit_hours", g->money ? (double)NAN : g->unused_h);
	tt_put_f64(j, "used_ratio", g->used_ratio);
	tt_put_f64(j, "coverage_ratio",
	           tt_positions_coverage(g->listed, g->on_demand, 0, x->hours));
	tt_json_key(j, "alarm");
	tt_json_bool(j, tt_portfolio_alarms(r, g));
	put_hours(j, "held", g->held, x->hours);
	put_hours(j, "used", g->used, x->hours);
	put_hours(j, "listed_cost", g->listed, x->hours);
	put_hours(j, "on_demand_cost", g->on_demand, x->hours);
	put_owners(j, &g->owners, true);
	tt_json_key(j, "commitments");
	tt_json_array(j);
	for (size_t i = 0; i < x->n; i++)
		if (x->v[i].group == group)
			put_row(j, r, &x->v[i]);
	tt_json_end_array(j);
	tt_json_end_object(j);
}

static void put_unmetered(tt_json *j, const tt_positions *x)
{
	tt_json_key(j, "unmetered");
	tt_json_array(j);
	for (size_t i = 0; i < x->n_unmetered; i++) {
		tt_json_object_line(j);
		tt_put_text(j, "commitment", x->unmetered[i].row->commitment);
		tt_put_text(j, "why", x->unmetered[i].why);
		tt_put_money(j, "charged_cost", x->unmetered[i].charged_micro);
		tt_put_money(j, "charged_unused_cost", x->unmetered[i].charged_unused_micro);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

void tt_portfolio_json(const tt_portfolio_report *r, tt_buf *out)
{
	const tt_positions *x = r->positions;
	tt_json j = { .out = out };

	tt_json_object(&j);
	tt_put_text(&j, "schema", "trimtab.commit.portfolio/1");
	tt_put_text(&j, "version", TT_VERSION);
	tt_put_text(&j, "snapshot", r->snapshot->name);
	tt_put_text(&j, "currency", r->snapshot->currency);
	tt_put_time(&j, "start", r->snapshot->start_s);
	tt_put_time(&j, "end", r->snapshot->end_s);
	tt_put_time(&j, "first_hour", x->start_s);
	tt_put_i64(&j, "hours", (int64_t)x->hours);
	tt_put_money(&j, "cost", x->cost_micro);
	tt_put_money(&j, "unused_cost", x->unused_micro);
	tt_put_f64(&j, "coverage_ratio", x->coverage_ratio);
	tt_put_f64(&j, "alarm_ratio", r->alarm_ratio);
	put_hours(&j, "listed_cost", x->listed, x->hours);
	put_hours(&j, "on_demand_cost", x->on_demand, x->hours);
	tt_json_key(&j, "kinds");
	tt_json_array(&j);
	for (size_t i = 0; i < x->n_groups; i++)
		put_group(&j, r, i);
	tt_json_end_array(&j);
	put_owners(&j, &x->owners, false);
	tt_portfolio_moves_json(r, &j);
	tt_portfolio_terms_json(r, &j);
	put_unmetered(&j, x);
	tt_json_end_object(&j);
	tt_buf_putc(out, '\n');
}
