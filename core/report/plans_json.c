#include "commit/plan_cash.h"
#include "commit/plan_risk.h"
#include "commit/resale.h"
#include "maths/payments.h"
#include "report/json_fields.h"
#include "report/net.h"
#include "report/plans.h"
#include "report/plans_blocks.h"
#include "report/plans_money.h"
#include "report/plans_demand.h"
#include "report/stretches.h"
#include <math.h>

static void put_saving(tt_json *j, const tt_worlds *w)
{
	tt_json_key(j, "saving");
	tt_json_object_line(j);
	tt_put_money(j, "p10", w->p10.value);
	tt_put_money(j, "p50", w->p50.value);
	tt_put_money(j, "p90", w->p90.value);
	tt_put_money(j, "mean", w->mean);
	tt_json_end_object(j);
}

static void put_purchases(tt_json *j, const tt_plans_pool *p)
{
	tt_json_key(j, "purchases");
	tt_json_array(j);
	for (size_t i = 0; i < p->n_purchases; i++) {
		const tt_purchase *b = &p->purchases[i];

		tt_json_object_line(j);
		tt_put_text(j, "offer", b->offer->name);
		tt_put_i64(j, "quarter", (int64_t)b->quarter + 1);
		tt_put_time(j, "starts_at", b->starts_s);
		tt_put_time(j, "ends_at", b->ends_s);
		tt_put_i64(j, "units", b->units);
		tt_put_decimal(j, "rate_per_hour", b->offer->rate_per_hour);
		tt_put_decimal(j, "effective_rate_per_hour",
		               p->rolling.offers[b->offer - p->offers.v].rate_per_hour);
		tt_put_money(j, "cost", b->cost_micro);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_falls(tt_json *j, const tt_plans_fall *falls)
{
	tt_json_key(j, "demand_falls");
	tt_json_array(j);
	for (size_t k = 0; k < TT_PLAN_FALLS; k++) {
		tt_json_object_line(j);
		tt_put_f64(j, "fall_ratio", falls[k].fall_ratio);
		tt_put_money(j, "saving", falls[k].saving_micro);
		tt_put_money(j, "unused_cost", falls[k].unused_micro);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_now(tt_json *j, const tt_plans_now *now, const tt_plans_fall *falls)
{
	tt_put_money(j, "cost", now->cost_micro);
	if (now->saving.n)
		put_saving(j, &now->saving);
	tt_put_f64(j, "probability_of_loss", now->saving.n ? (double)now->saving.n_below_0 /
	                                     (double)now->saving.n : (double)NAN);
	tt_put_money(j, "worst_tenth_saving", now->tail_micro);
	tt_put_money(j, "unused_cost", now->unused_micro);
	tt_put_f64(j, "utilization_ratio", now->utilization_ratio);
	tt_json_key(j, "stranded_over");
	tt_json_object_line(j);
	tt_put_money(j, "amount", now->over_micro);
	tt_put_f64(j, "probability", now->over_ratio);
	tt_json_end_object(j);
	put_falls(j, falls);
}

static void put_waiting(tt_json *j, const tt_plan_risk *r)
{
	const tt_waiting *w = &r->waiting;

	tt_json_key(j, "waiting");
	if (!r->today) {
		tt_json_null(j);
		return;
	}
	tt_json_object(j);
	tt_put_text(j, "offer", r->today->name);
	tt_put_i64(j, "courses", TT_PLAN_RISK_COURSES);
	tt_put_i64(j, "units_now", w->units);
	tt_put_i64(j, "units_now_if_all_is_fixed", w->fixed_units);
	tt_put_money(j, "cost", w->cost_micro);
	tt_put_money(j, "cost_if_all_is_fixed", w->fixed_micro);
	tt_put_money(j, "cost_of_the_mean_plan", w->mean_micro);
	tt_put_money(j, "cost_with_foresight", w->foresight_micro);
	tt_put_money(j, "value_of_waiting", w->of_waiting_micro);
	tt_put_money(j, "value_of_courses", w->of_courses_micro);
	tt_put_money(j, "value_of_foresight", w->of_foresight_micro);
	tt_json_end_object(j);
}

static void put_worths(tt_json *j, const tt_plan_risk *r)
{
	put_waiting(j, r);
	tt_json_key(j, "foresight");
	tt_json_object_line(j);
	tt_put_i64(j, "worlds", (int64_t)r->worlds);
	tt_put_money(j, "saving", r->foresight_micro);
	tt_put_money(j, "regret", r->regret_micro);
	tt_json_end_object(j);
	tt_json_key(j, "freedom_to_move");
	if (isnan(r->freedom_ratio)) {
		tt_json_null(j);
		return;
	}
	tt_json_object_line(j);
	tt_put_money(j, "value", r->freedom_micro);
	tt_put_f64(j, "as_good_up_to_rate_ratio", r->freedom_ratio);
	tt_json_end_object(j);
}

static void put_back(tt_json *j, const tt_plans_pool *p, int64_t start_s)
{
	const bool known = p->now.cost_micro && p->back_months > 0;
	const int64_t at_s = start_s + (int64_t)p->back_months * TT_PAYMENTS_MONTH_H * 3600;

	if (known)
		tt_put_i64(j, "paid_back_months", p->back_months);
	else
		tt_put_text(j, "paid_back_months", NULL);
	tt_put_time(j, "paid_back_by", known ? at_s : TT_TIME_MISSING);
}

static void put_risk(tt_json *j, const tt_plans_pool *p, int64_t start_s)
{
	tt_json_key(j, "risk");
	tt_json_object(j);
	tt_put_f64(j, "probability_of_loss", (double)p->saving.n_below_0 / (double)p->saving.n);
	tt_put_money(j, "worst_tenth_saving", p->tail_micro);
	tt_put_money(j, "unused_cost", p->unused_micro);
	tt_put_money(j, "caution_cost", p->caution_micro);
	tt_json_key(j, "bought_now");
	tt_json_object(j);
	put_back(j, p, start_s);
	put_now(j, &p->now, p->falls);
	tt_json_end_object(j);
	if (p->risk)
		put_worths(j, p->risk);
	tt_json_end_object(j);
}

/* What one unit of coverage more is worth in each segment: whoever has demand and offers can
 * check with it that no plan is cheaper. */
static void put_certificate(tt_json *j, const tt_plans_pool *p, int64_t start_s)
{
	int64_t at_s = start_s;

	tt_json_key(j, "certificate");
	tt_json_array(j);
	for (size_t i = 0; i < p->rolling.n_segments; i++) {
		const int64_t sold = tt_resale_sold(&p->rolling, &p->plan.plan, i, SIZE_MAX);

		tt_json_object_line(j);
		tt_put_time(j, "starts_at", at_s);
		tt_put_i64(j, "hours", p->rolling.segments[i].hours);
		tt_put_f64(j, "held_units", (double)(p->rolling.segments[i].held - sold) +
		           p->rolling.segments[i].held_part);
		tt_put_f64(j, "held_money_units", p->rolling.segments[i].held_money);
		tt_put_i64(j, "bought_units", p->plan.plan.committed[i] -
		           p->rolling.segments[i].for_sale + sold);
		tt_put_money(j, "on_demand_cost", p->plan.expects.on_demand_micro[i]);
		tt_put_money(j, "unit_is_worth", p->plan.plan.worth_micro[i]);
		tt_json_end_object(j);
		at_s += p->rolling.segments[i].hours * 3600;
	}
	tt_json_end_array(j);
}

static void put_held(tt_json *j, const tt_plans_pool *p)
{
	tt_json_key(j, "held");
	tt_json_array(j);
	for (size_t i = 0; i < p->n_lots; i++) {
		tt_json_object_line(j);
		tt_put_text(j, "commitment", p->lots[i].commitment);
		tt_put_time(j, "starts_at", p->lots[i].starts_s);
		tt_put_time(j, "ends_at", p->lots[i].ends_s);
		tt_put_f64(j, "units", (double)p->lots[i].units_u9 / (double)p->offers.unit);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_sales(tt_json *j, const tt_plans_pool *p)
{
	tt_json_key(j, "sales");
	tt_json_array(j);
	for (size_t i = 0; i < p->n_sales; i++) {
		tt_json_object_line(j);
		tt_put_text(j, "commitment", p->sales[i].commitment);
		tt_put_i64(j, "part", (int64_t)p->sales[i].segment + 1);
		tt_put_time(j, "sold_at", p->sales[i].at_s);
		tt_put_i64(j, "units", p->sales[i].units);
		tt_put_money(j, "proceeds", p->sales[i].proceeds_micro);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

/* `units`: of one pool. */
static void put_quarters(tt_json *j, const tt_plan_quarter *v, size_t n, bool units)
{
	tt_json_key(j, "by_quarter");
	tt_json_array(j);
	for (size_t q = 0; q < n; q++) {
		tt_json_object(j);
		tt_put_time(j, "starts_at", v[q].starts_s);
		if (units) {
			tt_put_f64(j, "mean_use_units", v[q].use_units);
			tt_put_i64(j, "held_units", v[q].held_units);
			tt_put_i64(j, "bought_units", v[q].bought_units);
			tt_put_f64(j, "utilization_ratio", v[q].utilization_ratio);
			tt_put_f64(j, "coverage_ratio", v[q].coverage_ratio);
		}
		tt_put_money(j, "on_demand_cost_without", v[q].none_micro);
		tt_put_money(j, "on_demand_cost", v[q].on_demand_micro);
		tt_put_money(j, "sale_proceeds", v[q].sales_micro);
		tt_put_money(j, "amortised_commitment_cost", v[q].amortised_micro);
		tt_json_key(j, "cash");
		tt_json_object_line(j);
		tt_put_money(j, "upfront", v[q].upfront_micro);
		tt_put_money(j, "fees", v[q].fees_micro);
		tt_json_end_object(j);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

/* What no ladder knows of: purchases of so many units at a time, or at least so many. */
static void put_conditions(tt_json *j, const tt_plans_pool *p)
{
	tt_json_key(j, "conditions");
	tt_json_array(j);
	for (size_t i = 0; i < p->conditions.n; i++) {
		const tt_limit *l = &p->conditions.v[i];

		tt_json_object_line(j);
		tt_put_text(j, "offer", p->offers.v[l->at % p->offers.n].name);
		tt_put_i64(j, "quarter", (int64_t)(l->at / p->offers.n) + 1);
		tt_put_i64(j, "least_units", l->least);
		if (l->most < TT_FLOW_MANY)
			tt_put_i64(j, "most_units", l->most);
		else
			tt_put_text(j, "most_units", NULL);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
	tt_put_money(j, "cost_without_conditions", p->conditions.bound_micro);
}

static void put_offers(tt_json *j, const tt_offer_file *f)
{
	if (!f) {
		tt_put_text(j, "offers", NULL);
		return;
	}
	tt_json_key(j, "offers");
	tt_json_object_line(j);
	tt_put_text(j, "file", f->path);
	tt_put_text(j, "digest", f->digest);
	tt_json_end_object(j);
}

static void put_pool(tt_json *j, const tt_eligible *e, const tt_plans_pool *p, int64_t start_s)
{
	tt_json_object(j);
	tt_put_text(j, "pool", p->pool->name);
	tt_put_text(j, "owner", p->pool->owner);
	tt_put_i64(j, "unit_cards", p->offers.unit_cards);
	tt_put_decimal(j, "price_per_hour", p->offers.price_per_hour);
	tt_put_text(j, "why_none", p->why);
	tt_put_money(j, "on_demand_cost", p->none_micro);
	tt_put_money(j, "cost", p->cost_micro);
	if (!p->why) {
		tt_plans_demand_json(e, p, j);
		put_saving(j, &p->saving);
		tt_put_f64(j, "saving_ratio", p->none_micro > 0 ? 1 - (double)p->cost_micro /
		                              (double)p->none_micro : (double)NAN);
		tt_put_f64(j, "utilization_ratio", p->utilization_ratio);
		tt_put_f64(j, "coverage_ratio", p->coverage_ratio);
		tt_put_money(j, "weighed_cost", p->plan.plan.cost_micro);
		put_purchases(j, p);
		put_held(j, p);
		put_sales(j, p);
		put_quarters(j, p->by_quarter, p->rolling.n_quarters, true);
		put_conditions(j, p);
		put_risk(j, p, start_s);
		put_certificate(j, p, start_s);
	}
	tt_json_end_object(j);
}

static void put_millionths(tt_json *j, const char *key, uint32_t v)
{
	tt_put_f64(j, key, (double)v / TT_CAUTION_ALL);
}

void tt_plans_json(const tt_plans_report *r, tt_buf *out)
{
	const tt_plans *x = r->plans;
	tt_json j = { .out = out };

	tt_json_object(&j);
	tt_put_text(&j, "schema", "trimtab.commit/1");
	tt_put_text(&j, "version", TT_VERSION);
	tt_put_i64(&j, "seed", (int64_t)r->asked->seed);
	tt_put_text(&j, "currency", r->snapshot->currency);
	tt_put_text(&j, "demand", "forecast");
	tt_put_text(&j, "purchases", "quarterly");
	tt_put_text(&j, "pool_by", r->pool_by);
	tt_put_text(&j, "unit", r->unit);
	tt_put_text(&j, "gaps", r->gaps);
	tt_put_text(&j, "rate_ratio", r->rate_ratio);
	put_offers(&j, r->asked->listed);
	put_millionths(&j, "stranding_weight", r->asked->caution.weight_millionths);
	put_millionths(&j, "stranding_tail", r->asked->caution.level_millionths);
	if (r->asked->resale)
		put_millionths(&j, "resale_ratio", r->asked->resale_millionths);
	else
		tt_put_text(&j, "resale_ratio", NULL);
	put_millionths(&j, "discount_rate", r->asked->discount_millionths);
	put_millionths(&j, "migration_hazard", r->asked->caution.moves_millionths);
	tt_json_key(&j, "horizon");
	tt_json_object_line(&j);
	tt_put_time(&j, "start", x->start_s);
	tt_put_time(&j, "end", x->end_s);
	tt_put_i64(&j, "quarters", (int64_t)x->quarters);
	tt_json_end_object(&j);
	tt_net_json(r->net, &j);
	tt_stretches_json(r->eligible, (tt_stretches_use){ *r->gaps == 'k', true }, &j);
	tt_json_key(&j, "pools");
	tt_json_array(&j);
	for (size_t i = 0; i < x->n; i++)
		put_pool(&j, r->eligible, &x->v[i], x->start_s);
	tt_json_end_array(&j);
	tt_plans_money_json(x->money, &j);
	tt_plans_blocks_json(x->blocks, &j);
	tt_json_key(&j, "total");
	tt_json_object(&j);
	tt_put_text(&j, "of", "units"); /* "money" and "blocks" have sums of their own */
	tt_put_money(&j, "on_demand_cost", x->none_micro);
	tt_put_money(&j, "cost", x->cost_micro);
	put_saving(&j, &x->saving);
	tt_put_money(&j, "worst_tenth_saving", x->tail_micro);
	tt_put_money(&j, "unused_cost", x->unused_micro);
	tt_put_money(&j, "caution_cost", x->caution_micro);
	tt_put_i64(&j, "worlds", (int64_t)x->saving.n);
	put_quarters(&j, x->by_quarter, x->quarters, false);
	tt_json_key(&j, "bought_now");
	tt_json_object(&j);
	put_now(&j, &x->now, x->falls);
	tt_json_end_object(&j);
	tt_json_end_object(&j);
	tt_json_key(&j, "notes");
	tt_json_array(&j);
	for (size_t i = 0; i < x->n_notes; i++)
		tt_json_string(&j, x->notes[i]);
	tt_json_end_array(&j);
	tt_json_end_object(&j);
	tt_buf_putc(out, '\n');
}
