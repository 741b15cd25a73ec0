#include "commit/plan_cash.h"
#include "commit/resale.h"
#include "maths/payments.h"
#include <math.h>

enum { HOUR_S = 3600 };

int tt_offer_effective(const tt_offer *o, double annual_ratio, tt_decimal *ret, tt_err *err)
{
	*ret = o->rate_per_hour;
	if (annual_ratio == 0 || o->upfront == TT_DECIMAL_MISSING || !o->upfront || !o->term_h)
		return TT_OK;

	const tt_decimal early = tt_div_half_even(o->upfront, o->term_h);

	return tt_payments_rate(&(tt_payments){ o->upfront,
		(o->rate_per_hour - early) * TT_PAYMENTS_MONTH_H,
		(uint32_t)(o->term_h / TT_PAYMENTS_MONTH_H), annual_ratio }, ret, err);
}

static int fit(tt_i128 v, int64_t *ret, tt_err *err)
{
	if (v > INT64_MAX || v < -INT64_MAX)
		return tt_fail(err, TT_EINVAL, "what a plan costs in a quarter does not fit: more "
		               "than 9,223,372,036,854 units of money");
	*ret = (int64_t)v;
	return TT_OK;
}

/* `rate` for all units up to an hour of the term, so that quarters add up to the whole. */
static int until(tt_decimal rate, int64_t units, int64_t hours, int64_t *ret, tt_err *err)
{
	int64_t one;

	TT_TRY(tt_cost_micro(rate, hours * HOUR_S, &one, err));
	return fit((tt_i128)one * units, ret, err);
}

static int between(tt_decimal rate, int64_t units, int64_t from_h, int64_t to_h, int64_t *to,
                   tt_err *err)
{
	int64_t before = 0, after = 0;

	TT_TRY(until(rate, units, from_h, &before, err));
	TT_TRY(until(rate, units, to_h, &after, err));
	return tt_money_add(to, after - before, "what a quarter costs", err);
}

/* Paid by the hour, of one unit. */
static bool fee_of(const tt_offer *o, tt_decimal *ret)
{
	*ret = o->rate_per_hour;
	if (o->upfront == TT_DECIMAL_MISSING || (o->upfront && !o->term_h))
		return false;
	if (o->upfront)
		*ret -= tt_div_half_even(o->upfront, o->term_h);
	return true;
}

void tt_purchase_cash(const tt_purchase *b, int64_t *ret_upfront, int64_t *ret_monthly)
{
	tt_decimal fee;

	*ret_upfront = *ret_monthly = TT_MONEY_UNKNOWN;
	if (!fee_of(b->offer, &fee))
		return;
	const tt_i128 upfront = tt_div_half_even(b->offer->upfront, 1000000) * b->units;
	const tt_i128 monthly = tt_div_half_even(fee * TT_PAYMENTS_MONTH_H, 1000000) * b->units;

	if (upfront <= INT64_MAX && monthly <= INT64_MAX) {
		*ret_upfront = (int64_t)upfront;
		*ret_monthly = (int64_t)monthly;
	}
}

static int purchase(const tt_plans_pool *p, const tt_purchase *b, tt_plan_quarter *v, tt_err *err)
{
	const size_t k = (size_t)(b->offer - p->offers.v), n = p->rolling.n_quarters;
	const int64_t term_h = (b->ends_s - b->starts_s) / HOUR_S;
	const int64_t late_h = (b->starts_s - v[b->quarter].starts_s) / HOUR_S;
	tt_decimal fee;
	const bool known = fee_of(b->offer, &fee);
	int64_t paid = 0;

	if (known)
		TT_TRY(fit(tt_div_half_even(b->offer->upfront, 1000000) * b->units, &paid, err));
	for (size_t i = 0; b->quarter + i < n; i++) {
		tt_plan_quarter *q = &v[b->quarter + i];
		const int64_t at_h = (int64_t)i * TT_QUARTER_H - late_h;
		const int64_t from_h = at_h > 0 ? at_h : 0;
		const int64_t to_h = at_h + TT_QUARTER_H < term_h ? at_h + TT_QUARTER_H : term_h;

		if (from_h >= to_h)
			break;
		q->bought_units += at_h >= 0 ? b->units : 0;
		q->bought_unit_hours += (double)b->units * (double)(to_h - from_h);
		TT_TRY(between(p->rolling.offers[k].rate_per_hour, b->units, from_h, to_h,
		               &q->amortised_micro, err));
		if (!known)
			q->upfront_micro = q->fees_micro = TT_MONEY_UNKNOWN;
		if (q->fees_micro != TT_MONEY_UNKNOWN)
			TT_TRY(between(fee, b->units, from_h, to_h, &q->fees_micro, err));
		if (!i && q->upfront_micro != TT_MONEY_UNKNOWN)
			TT_TRY(tt_money_add(&q->upfront_micro, paid, "an upfront sum", err));
	}
	return TT_OK;
}

/* What a segment costs on demand above what is held, and above what is kept of it. */
static int above_held(const tt_plans_pool *p, size_t i, tt_plan_quarter *q, tt_err *err)
{
	const tt_ladder_segment *s = &p->plan.expected.segments[i];
	const int64_t for_sale = p->rolling.segments[i].for_sale;
	const int64_t sold = tt_resale_sold(&p->rolling, &p->plan.plan, i, SIZE_MAX);
	static const char what[] = "what a quarter costs on demand";
	int64_t none = 0, kept = 0;

	TT_TRY(tt_ladder_on_demand(s, for_sale, &none, err));
	TT_TRY(tt_ladder_on_demand(s, for_sale - sold, &kept, err));
	TT_TRY(tt_money_add(&q->none_micro, none, what, err));
	TT_TRY(tt_money_add(&q->kept_micro, kept, what, err));
	return tt_money_add(&q->on_demand_micro, p->plan.expects.on_demand_micro[i], what, err);
}

static void find_ratios(const tt_plans_pool *p, tt_plan_quarter *q)
{
	const double spared = (double)(q->kept_micro - q->on_demand_micro);
	const double all = q->bought_unit_hours * tt_decimal_f64(p->rolling.price_per_hour) * 1e6;

	q->utilization_ratio = all > 0 ? spared / all : (double)NAN;
	q->coverage_ratio = q->kept_micro > 0 ? spared / (double)q->kept_micro : (double)NAN;
}

int tt_plan_quarters(const tt_plans_pool *p, int64_t start_s, tt_plan_quarter *ret, tt_err *err)
{
	const tt_rolling *r = &p->rolling;

	for (size_t q = 0; q < r->n_quarters; q++)
		ret[q] = (tt_plan_quarter){
			.starts_s = start_s + (int64_t)q * TT_QUARTER_H * HOUR_S,
			.use_units = tt_level_at(&p->plan.level, q, 0) };
	for (size_t i = 0; i < r->n_segments; i++) {
		tt_plan_quarter *q = &ret[r->segments[i].quarter];

		if (!i || r->segments[i - 1].quarter != r->segments[i].quarter)
			q->held_units = r->segments[i].held;
		TT_TRY(above_held(p, i, q, err));
	}
	for (size_t i = 0; i < p->n_purchases; i++)
		TT_TRY(purchase(p, &p->purchases[i], ret, err));
	for (size_t i = 0; i < p->n_sales; i++)
		TT_TRY(tt_money_add(&ret[r->segments[p->sales[i].segment].quarter].sales_micro,
		                    p->sales[i].proceeds_micro, "what sales bring", err));
	for (size_t q = 0; q < r->n_quarters; q++)
		find_ratios(p, &ret[q]);
	return TT_OK;
}

/* A sum of which a part is not known is not known. */
static int add(int64_t *to, int64_t v, tt_err *err)
{
	if (*to == TT_MONEY_UNKNOWN || v == TT_MONEY_UNKNOWN) {
		*to = TT_MONEY_UNKNOWN;
		return TT_OK;
	}
	return tt_money_add(to, v, "what all pools cost in a quarter", err);
}

int tt_plans_quarters(const tt_plans *x, tt_plan_quarter *ret, tt_err *err)
{
	for (size_t q = 0; q < x->quarters; q++)
		ret[q] = (tt_plan_quarter){
			.starts_s = x->start_s + (int64_t)q * TT_QUARTER_H * HOUR_S };
	for (size_t i = 0; i < x->n; i++)
		for (size_t q = 0; q < x->quarters && x->v[i].by_quarter; q++) {
			const tt_plan_quarter *v = &x->v[i].by_quarter[q];

			TT_TRY(add(&ret[q].none_micro, v->none_micro, err));
			TT_TRY(add(&ret[q].on_demand_micro, v->on_demand_micro, err));
			TT_TRY(add(&ret[q].sales_micro, v->sales_micro, err));
			TT_TRY(add(&ret[q].upfront_micro, v->upfront_micro, err));
			TT_TRY(add(&ret[q].fees_micro, v->fees_micro, err));
			TT_TRY(add(&ret[q].amortised_micro, v->amortised_micro, err));
		}
	return TT_OK;
}
