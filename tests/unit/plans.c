/* Plans of commitments on demand whose future is plain: what is bought when, what is held and
 * ends, what worlds say, what a fall does. */
#include "commit/plan_cash.h"
#include "commit/plan_risk.h"
#include "commit/resale.h"
#include "fleet.h"

enum { WEEKS = 60, HOURS = WEEKS * 168 };

static tt_err err;

static void price(fleet *f, const char *pricing, const char *payment, int64_t micro)
{
	tt_price_row *p = fleet_row(f, TT_PRICES);

	p->provider = "p";
	p->region = "r";
	p->instance_type = "t";
	p->pricing = pricing;
	p->payment = payment;
	p->price_per_hour = (tt_decimal)micro * 1000000;
}

static void demand(fleet *f, int64_t hour, const char *type, double units)
{
	tt_demand_row *d = fleet_row(f, TT_DEMAND);

	d->time = hour * 3600;
	d->provider = "p";
	d->region = "r";
	d->instance_type = type;
	d->units = units;
}

/* Ten units, always: there is nothing that is not known. */
static void ten(fleet *f)
{
	fleet_open(f, 0, HOURS * INT64_C(3600));
	for (int64_t t = 0; t < HOURS; t++)
		demand(f, t, "t", 10);
	price(f, "on_demand", "", 4000000);
	price(f, "commit_1y", "none", 2520000);
}

static tt_plans make(fleet *f, size_t quarters, tt_eligible **e)
{
	const tt_plans_options o = { .quarters = quarters, .seed = 1, .worlds = 64 };
	tt_plans p = { 0 };

	err = (tt_err){ 0 };
	*e = NULL;
	fleet_ready(f);
	T_INT(TT_OK, tt_eligible_make(&f->s, TT_POOL_BY_INSTANCE_TYPE, e, &err));
	if (*e)
		T_INT(TT_OK, tt_plans_make(&f->s, *e, &o, f->s.arena, &p, &err));
	T_STR("", err.text);
	return p;
}

static void test_plain(void)
{
	const int64_t year = 8760;
	tt_eligible *e;
	fleet f;

	ten(&f);
	tt_plans x = make(&f, 0, &e);
	const tt_plans_pool *p = x.v;

	T_INT(8, x.quarters);
	T_INT(HOURS * INT64_C(3600), x.start_s);
	T_INT(2 * year * 10 * 4000000, p->none_micro);
	T_INT(2 * year * 10 * 2520000, p->cost_micro);
	T_INT(2, p->n_purchases);
	for (size_t i = 0; i < 2; i++) {
		T_INT(10, p->purchases[i].units);
		T_INT(4 * i, p->purchases[i].quarter);
		T_INT(x.start_s + (int64_t)i * year * 3600, p->purchases[i].starts_s);
		T_INT(year * 3600, p->purchases[i].ends_s - p->purchases[i].starts_s);
	}
	for (size_t w = 0; w < 64; w++)
		T_INT(2 * year * 10 * 1480000, p->savings[w]);
	T_INT(2 * year * 10 * 1480000, x.saving.p10.value);
	T_F64(1, p->utilization_ratio, 1e-12);
	T_F64(1, p->coverage_ratio, 1e-12);
	T_INT(0, p->unused_micro);
	/* eight used of the ten that are bought now; six */
	T_INT(year * (8 * 4000000 - 10 * 2520000), p->falls[0].saving_micro);
	T_INT(year * (6 * 4000000 - 10 * 2520000), p->falls[1].saving_micro);
	T_INT(year * 4 * 2520000, p->falls[1].unused_micro);
	T_INT(1, p->back_months);
	T_INT(TT_OK, tt_ladder_check(&p->plan.ladder, &p->plan.plan, &err));
	tt_eligible_free(e);
	fleet_close(&f);
}

/* Four are held until 1,000 hours into the second quarter: the plan is cut there, and buys them
 * anew where that costs least, at the start of a quarter. All upfront: the money is back late. */
static void test_held(void)
{
	tt_commitment_row *c;
	tt_eligible *e;
	fleet f;

	ten(&f);
	price(&f, "commit_1y", "all", 2400000);
	c = fleet_row(&f, TT_COMMITMENTS);
	c->commitment = "ri";
	c->kind = "reserved_instance";
	c->instance_type = "t";
	c->units = 4;
	c->starts_at = 0;
	c->ends_at = (HOURS + 2190 + 1000) * INT64_C(3600);
	c->commitment_per_hour = TT_DECIMAL_MISSING;
	tt_plans x = make(&f, 8, &e);
	const tt_plans_pool *p = x.v;

	T_INT(9, p->rolling.n_segments);
	T_INT(1000, p->rolling.segments[1].hours);
	T_INT(4, p->rolling.segments[1].held);
	T_INT(1190, p->rolling.segments[2].hours);
	T_INT(1, p->rolling.segments[2].quarter);
	T_INT(0, p->rolling.segments[2].held);
	T_INT(6, p->purchases[0].units);
	T_STR("commit_1y all", p->purchases[0].offer->name);
	T_INT(4, p->purchases[1].units);
	/* 1,190 hours on demand at 4.00 cost less than a quarter more at 2.40 */
	T_INT(2, p->purchases[1].quarter);
	/* 2.40 x 8760 h at 4.00 x 730 h a month: 7.2 months */
	T_INT(8, p->back_months);
	T_INT(TT_OK, tt_ladder_check(&p->plan.ladder, &p->plan.plan, &err));
	tt_eligible_free(e);
	fleet_close(&f);
}

/* Another pool changes nothing of the first; the total is summed within worlds. */
static void test_worlds(void)
{
	int64_t before[64];
	tt_eligible *e;
	fleet f;

	for (int pools = 1; pools <= 2; pools++) {
		fleet_open(&f, 0, HOURS * INT64_C(3600));
		for (int64_t t = 0; t < HOURS; t++) {
			demand(&f, t, "t", 40 + (double)(t / 168 * 7919 % 11) + (double)(t % 24));
			if (pools == 2)
				demand(&f, t, "a", 20 + (double)(t / 168 * 31 % 7));
		}
		price(&f, "on_demand", "", 4000000);
		price(&f, "commit_1y", "none", 2520000);
		price(&f, "on_demand", "", 3000000);
		for (size_t i = 2; i < f.s.table[TT_PRICES].n; i++)
			TT_ROW(&f.s.table[TT_PRICES], tt_price_row, i)->instance_type = "a";
		price(&f, "commit_1y", "none", 2000000);
		TT_ROW(&f.s.table[TT_PRICES], tt_price_row, 3)->instance_type = "a";
		tt_plans x = make(&f, 8, &e);
		const tt_plans_pool *p = &x.v[pools - 1];
		int64_t least = INT64_MAX, most = INT64_MIN;

		T_STR("p r t", p->pool->name);
		for (size_t w = 0; w < 64; w++) {
			T_OK(pools == 1 || before[w] == p->savings[w]);
			before[w] = p->savings[w];
			least = p->savings[w] < least ? p->savings[w] : least;
			most = p->savings[w] > most ? p->savings[w] : most;
		}
		T_OK(least < most);
		T_OK(p->tail_micro <= p->saving.p10.value);
		T_OK(p->utilization_ratio > .5 && p->utilization_ratio <= 1);
		if (pools == 2)
			T_INT(x.v[0].saving.mean + x.v[1].saving.mean, x.saving.mean);
		tt_eligible_free(e);
		fleet_close(&f);
	}
}

/* Nothing is uncertain: nothing is gained by waiting or knowing. Each quarter a twentieth of
 * the work moves away: what is held for it is stranded in as many worlds. */
static void test_risk(void)
{
	const double quarter = 10 * 2190 * 4e6, year = 4 * quarter * .63; /* on demand; the offer */
	tt_plans_options o = { .quarters = 8, .seed = 1, .worlds = 4096, .risk = true,
		.over_micro = TT_MONEY_UNKNOWN };
	double stays = 0, unused = 0, q;
	tt_eligible *e;
	tt_plans x;
	fleet f;

	ten(&f);
	fleet_ready(&f);
	T_INT(TT_OK, tt_eligible_make(&f.s, TT_POOL_BY_INSTANCE_TYPE, &e, &err));
	T_INT(TT_OK, tt_plans_make(&f.s, e, &o, f.s.arena, &x, &err));
	const tt_plans_pool *p = x.v;

	T_F64(year, (double)p->now.cost_micro, 0);
	T_F64(4 * quarter * .37, (double)p->now.saving.p10.value, 0);
	T_INT(0, p->now.unused_micro);
	T_F64(0, p->now.over_ratio, 0);
	T_STR("commit_1y none", p->risk->today->name);
	T_INT(10, p->risk->waiting.units);
	T_INT(0, p->risk->waiting.of_waiting_micro);
	T_INT(0, p->risk->waiting.of_foresight_micro);
	T_INT(64, p->risk->worlds);
	T_F64(8 * quarter * .37, (double)p->risk->foresight_micro, 0);
	T_INT(0, p->risk->regret_micro);
	T_OK(isnan(p->risk->freedom_ratio));

	o.caution = (tt_caution){ 0, 900000, 50000 };
	T_INT(TT_OK, tt_plans_make(&f.s, e, &o, f.s.arena, &x, &err));
	p = x.v;
	for (int i = 0; i < 8; i++) {
		q = pow(.95, i + .5);
		stays += q;
		unused += i < 4 ? (1 - q) * quarter * .63 : 0;
	}
	const double saving = quarter * stays - 2 * year;

	T_F64(saving, (double)(p->none_micro - p->cost_micro), 1e-5 * saving);
	T_F64(8 * quarter * .37 - saving, (double)p->risk->freedom_micro, 1e-5 * quarter);
	T_F64(1 - saving / quarter / 8, p->risk->freedom_ratio, .001);
	T_F64(unused, (double)p->now.unused_micro, .1 * unused);
	/* who moves with one quarter left strands a quarter of the term, and not more */
	T_F64(1 - pow(.95, 2.5), p->now.over_ratio, .02);
	T_F64((double)p->now.cost_micro, year, 0);
	T_OK(p->risk->regret_micro > 0);

	o.over_micro = (int64_t)(year / 5);
	T_INT(TT_OK, tt_plans_make(&f.s, e, &o, f.s.arena, &x, &err));
	T_F64(1 - pow(.95, 3.5), x.v[0].now.over_ratio, .02);
	T_INT((int64_t)(year / 5), x.now.over_micro);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* A third is paid at the start of each term: cash then, and an hour's part of it for every
 * hour. The second term ends after the plan, which has two of its four quarters. */
static void test_cash(void)
{
	tt_plans_options o = { .quarters = 6, .seed = 1, .worlds = 64 };
	const int64_t quarter = 10 * 2190;
	int64_t amortised = 0, cost = 0;
	tt_price_row *row;
	tt_decimal rate;
	tt_eligible *e;
	tt_plans x;
	fleet f;

	ten(&f);
	price(&f, "commit_1y", "partial", 2400000);
	row = TT_ROW(&f.s.table[TT_PRICES], tt_price_row, f.s.table[TT_PRICES].n - 1);
	row->upfront = TT_DECIMAL_ONE * 7008; /* 0.8 an hour */
	fleet_ready(&f);
	T_INT(TT_OK, tt_eligible_make(&f.s, TT_POOL_BY_INSTANCE_TYPE, &e, &err));
	T_INT(TT_OK, tt_plans_make(&f.s, e, &o, f.s.arena, &x, &err));
	const tt_plan_quarter *v = x.v->by_quarter;

	for (int q = 0; q < 6; q++) {
		T_INT(x.start_s + q * INT64_C(2190) * 3600, v[q].starts_s);
		T_F64(10, v[q].use_units, 1e-9);
		T_INT(10, v[q].bought_units);
		T_INT(quarter * 4000000, v[q].none_micro);
		T_INT(0, v[q].on_demand_micro);
		T_INT(quarter * 2400000, v[q].amortised_micro);
		T_INT(quarter * 1600000, v[q].fees_micro);
		T_INT(q % 4 ? 0 : INT64_C(70080000000), v[q].upfront_micro);
		T_INT(v[q].upfront_micro, x.by_quarter[q].upfront_micro);
	}

	/* at 8 % a year the sum upfront costs more than its hours, and 2.46 is as good */
	o.discount_millionths = 80000;
	T_INT(TT_OK, tt_plans_make(&f.s, e, &o, f.s.arena, &x, &err));
	v = x.v->by_quarter;
	T_INT(TT_OK, tt_offer_effective(x.v->purchases[0].offer, .08, &rate, &err));
	T_OK(rate > 2 * TT_DECIMAL_ONE + TT_DECIMAL_ONE * 42 / 100);
	T_F64(2.4 + 7008 * .08 / 24 / 8760 * 11.5, tt_decimal_f64(rate), .01);
	for (int q = 0; q < 6; q++) {
		amortised += v[q].amortised_micro;
		T_INT(quarter * 1600000, v[q].fees_micro);
	}
	for (size_t i = 0; i < x.v->n_purchases; i++)
		cost += x.v->purchases[i].cost_micro;
	T_INT(cost, amortised);
	T_OK(amortised > 6 * quarter * 2400000);

	/* the published rates, of the same offers in prices of 1, 12 and 36 months */
	const tt_offer all = { .term_h = 8760, .upfront = TT_DECIMAL_ONE * 21000,
		.rate_per_hour = tt_div_half_even(TT_DECIMAL_ONE * 21000, 8760) };
	const tt_offer three = { .term_h = 26280, .upfront = TT_DECIMAL_ONE * 20000,
		.rate_per_hour = tt_div_half_even(TT_DECIMAL_ONE * (20000 + 36 * 600), 26280) };

	T_INT(TT_OK, tt_offer_effective(&all, .08, &rate, &err));
	T_F64(2.482721, tt_decimal_f64(rate), 1e-6);
	T_INT(TT_OK, tt_offer_effective(&three, .08, &rate, &err));
	T_F64(1.671458, tt_decimal_f64(rate), 1e-6);
	T_INT(TT_OK, tt_offer_effective(&three, 0, &rate, &err));
	T_F64(1.582953, tt_decimal_f64(rate), 1e-6);

	/* nobody says what is paid upfront: no cash view, and no interest on it */
	for (size_t i = 0; i < f.s.table[TT_PRICES].n; i++)
		TT_ROW(&f.s.table[TT_PRICES], tt_price_row, i)->upfront = TT_DECIMAL_MISSING;
	T_INT(TT_OK, tt_plans_make(&f.s, e, &o, f.s.arena, &x, &err));
	T_INT(TT_MONEY_UNKNOWN, x.v->by_quarter[0].upfront_micro);
	T_INT(TT_MONEY_UNKNOWN, x.by_quarter[0].fees_micro);
	T_INT(quarter * 2400000, x.by_quarter[0].amortised_micro);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* Fourteen are held where ten are used, to the end of the plan and beyond: the rest is sold at
 * once, for what recurs and half of what is left of the sum upfront, within the plan. */
static void test_sales(void)
{
	const int64_t hours = 8 * 2190;
	tt_plans_options o = { .quarters = 8, .seed = 1, .worlds = 64, .resale = true,
		.resale_millionths = 500000 };
	tt_commitment_row *c;
	tt_eligible *e;
	tt_plans x;
	fleet f;

	ten(&f);
	c = fleet_row(&f, TT_COMMITMENTS);
	c->commitment = "ri";
	c->kind = "reserved_instance";
	c->instance_type = "t";
	c->units = 14;
	c->starts_at = 0;
	c->ends_at = HOURS * INT64_C(3600) + 3 * 8760 * INT64_C(3600);
	c->payment = "partial";
	c->price_per_hour = TT_DECIMAL_ONE;
	c->upfront = TT_DECIMAL_ONE * 14 * (HOURS + 3 * 8760) / 5; /* 0.2 an hour */
	c->commitment_per_hour = TT_DECIMAL_MISSING;
	fleet_ready(&f);
	T_INT(TT_OK, tt_eligible_make(&f.s, TT_POOL_BY_INSTANCE_TYPE, &e, &err));
	T_INT(TT_OK, tt_plans_make(&f.s, e, &o, f.s.arena, &x, &err));
	const tt_plans_pool *p = x.v;

	T_INT(1, p->n_sales);
	T_STR("ri", p->sales[0].commitment);
	T_INT(4, p->sales[0].units);
	T_INT(x.start_s, p->sales[0].at_s);
	T_INT(4 * hours * 1100000, p->sales[0].proceeds_micro);
	T_INT(0, p->n_purchases);
	T_INT(0, p->none_micro);
	T_INT(-4 * hours * 1100000, p->cost_micro);
	T_INT(4 * hours * 1100000, x.saving.p10.value);
	T_INT(4 * hours * 1100000, p->now.saving.p90.value);
	T_INT(4 * hours * 1100000, p->falls[1].saving_micro);
	T_INT(4 * hours * 1100000, p->by_quarter[0].sales_micro);
	T_INT(0, p->by_quarter[1].on_demand_micro);
	T_INT(0, tt_resale_sold(&p->rolling, &p->plan.plan, 0, 0));
	T_INT(4, tt_resale_sold(&p->rolling, &p->plan.plan, 7, 1));
	T_INT(TT_OK, tt_ladder_check(&p->plan.ladder, &p->plan.plan, &err));

	/* at 2.60 an hour it is cheaper to buy ten anew; nobody sells where it is not allowed */
	for (size_t i = 0; i < f.s.table[TT_COMMITMENTS].n; i++)
		TT_ROW(&f.s.table[TT_COMMITMENTS], tt_commitment_row, i)->price_per_hour =
			TT_DECIMAL_ONE * 25 / 10;
	T_INT(TT_OK, tt_plans_make(&f.s, e, &o, f.s.arena, &x, &err));
	p = x.v;
	T_INT(14, p->sales[0].units);
	T_INT(10, p->purchases[0].units);
	T_INT(hours * (10 * 2520000 - 14 * 2600000), p->cost_micro);
	T_INT(0, p->none_micro);
	T_INT(hours * (14 * 2600000 - 10 * 2520000), x.saving.mean);
	T_F64(1, p->utilization_ratio, 1e-12);
	T_F64(1, p->by_quarter[3].utilization_ratio, 1e-12);
	o.resale = false;
	T_INT(TT_OK, tt_plans_make(&f.s, e, &o, f.s.arena, &x, &err));
	T_INT(0, x.v->n_sales);
	tt_eligible_free(e);
	fleet_close(&f);
}

static void test_refused(void)
{
	const tt_plans_options o = { .quarters = 3, .seed = 1, .worlds = 64 };
	tt_eligible *e;
	tt_plans p;
	fleet f;

	ten(&f);
	fleet_ready(&f);
	T_INT(TT_OK, tt_eligible_make(&f.s, TT_POOL_BY_FLEET, &e, &err));
	T_INT(TT_EINVAL, tt_plans_make(&f.s, e, &o, f.s.arena, &p, &err));
	T_STR("--quarters is 3, expected at least 4: the shortest term that is offered", err.text);
	tt_eligible_free(e);
	fleet_close(&f);
	err = (tt_err){ 0 };
	fleet_open(&f, 0, 300 * 3600);
	demand(&f, 0, "t", 1);
	fleet_ready(&f);
	T_INT(TT_OK, tt_eligible_make(&f.s, TT_POOL_BY_FLEET, &e, &err));
	T_INT(TT_ENODATA, tt_plans_make(&f.s, e, &o, f.s.arena, &p, &err));
	T_HAS("300 hours of history are too short for a plan", err.text);
	tt_eligible_free(e);
	fleet_close(&f);
}

int main(void)
{
	test_plain();
	test_held();
	test_worlds();
	test_risk();
	test_cash();
	test_sales();
	test_refused();
	return T_END();
}
