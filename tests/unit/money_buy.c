/* Commitments of money beside units: bought where demand is plain, held ones off the demand of
 * units, several offers against each alone, and the bill of the search against the metering. */
#include "commit/money.h"
#include "fleet.h"

enum { WEEKS = 60, HOURS = WEEKS * 168, YEAR = 8760 };

static tt_err err;

static void price(fleet *f, const char *type, const char *pricing, int64_t micro)
{
	tt_price_row *p = fleet_row(f, TT_PRICES);

	p->provider = "p";
	p->region = "r";
	p->instance_type = type;
	p->pricing = pricing;
	p->payment = strcmp(pricing, "on_demand") == 0 ? "" : "none";
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

/* Ten of t and five of u, always; committed units of t at 2.52 where wanted. */
static void flat(fleet *f, bool units)
{
	fleet_open(f, 0, HOURS * INT64_C(3600));
	for (int64_t t = 0; t < HOURS; t++) {
		demand(f, t, "t", 10);
		demand(f, t, "u", 5);
	}
	price(f, "t", "on_demand", 4000000);
	if (units)
		price(f, "t", "commit_1y", 2520000);
	price(f, "u", "on_demand", 10000000);
}

/* Days and weeks, and growth. */
static void uneven(fleet *f)
{
	fleet_open(f, 0, HOURS * INT64_C(3600));
	for (int64_t t = 0; t < HOURS; t++) {
		demand(f, t, "t", 10 + (double)(t % 24) + (double)(t / 1000));
		demand(f, t, "u", t / 24 % 7 < 5 ? 8 : 2 + (double)(t % 3));
	}
	price(f, "t", "on_demand", 4000000);
	price(f, "u", "on_demand", 10000000);
}

static tt_offer_file listed(fleet *f, const char *text)
{
	tt_offer_file file = { .path = "" };
	FILE *out = fopen("offers.yaml", "w");

	err = (tt_err){ 0 };
	T_OK(out && fputs(text, out) >= 0 && fclose(out) == 0);
	T_INT(TT_OK, tt_offer_file_read("offers.yaml", f->s.arena, &file, &err));
	T_STR("", err.text);
	return file;
}

static tt_plans make_with(fleet *f, const char *text, tt_plans_options o, tt_eligible **e)
{
	const tt_offer_file file = listed(f, text);
	tt_plans p = { 0 };

	o.listed = &file;
	*e = NULL;
	fleet_ready(f);
	T_INT(TT_OK, tt_eligible_make(&f->s, TT_POOL_BY_INSTANCE_TYPE, e, &err));
	if (*e)
		T_INT(TT_OK, tt_plans_make(&f->s, *e, &o, f->s.arena, &p, &err));
	T_STR("", err.text);
	return p;
}

static tt_plans make(fleet *f, const char *text, tt_eligible **e)
{
	const tt_plans_options o = { .quarters = 8, .seed = 1, .worlds = 64,
		.over_micro = TT_MONEY_UNKNOWN };

	return make_with(f, text, o, e);
}

static const char one[] = "offers:\n- {id: flex, kind: savings_plan, term_months: 12, rates: ["
	"{instance_type: t, discount_ratio: 0.37}, {instance_type: u, price_per_hour: 8}]}\n";

/* 10 x 4 x .63 + 5 x 8 an hour; 90 on demand an hour. */
static void test_plain(void)
{
	tt_eligible *e;
	fleet f;

	flat(&f, false);
	tt_plans x = make(&f, one, &e);
	const tt_money_plan *m = x.money;

	T_STR("prices.csv has no commit_1y or commit_3y for it", x.v[0].why);
	T_OK(m && m->exact && !m->cut_short);
	T_INT(2, m->n_purchases);
	for (size_t i = 0; i < 2; i++) {
		T_INT(65200000, m->purchases[i].per_hour_micro);
		T_INT(4 * i, m->purchases[i].quarter);
		T_INT(x.start_s + (int64_t)i * YEAR * 3600, m->purchases[i].starts_s);
		T_INT(INT64_C(65200000) * YEAR, m->purchases[i].cost_micro);
	}
	T_INT(2 * YEAR * INT64_C(90000000), m->none_micro);
	T_INT(2 * YEAR * INT64_C(65200000), m->cost_micro);
	T_F64(1, m->uses[0].utilization_ratio, 1e-12);
	T_F64(65.2 / 90, m->uses[0].break_even_ratio, 1e-9);
	T_F64(1, m->coverage_ratio, 1e-12);
	/* at eight and four of ten and five it costs the same and spares 72 */
	T_INT(YEAR * INT64_C(6800000), m->falls[0].saving_micro);
	T_INT(-YEAR * INT64_C(11200000), m->falls[1].saving_micro);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* Units are bought first; money what is left. */
static void test_units(void)
{
	tt_eligible *e;
	fleet f;

	flat(&f, false);
	price(&f, "u", "commit_1y", 6000000);
	tt_plans x = make(&f, one, &e);

	T_INT(5, x.v[1].purchases[0].units);
	T_INT(25200000, x.money->purchases[0].per_hour_micro);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* A plan of 30.2 an hour that runs for four quarters more. */
static void hold(fleet *f, const char *type)
{
	tt_commitment_row *c = fleet_row(f, TT_COMMITMENTS);

	c->commitment = "sp";
	c->kind = "savings_plan";
	c->instance_type = type;
	c->starts_at = (HOURS - 2190) * INT64_C(3600);
	c->ends_at = (HOURS + 4 * 2190) * INT64_C(3600);
	c->payment = "none";
	c->units = (double)NAN;
	c->commitment_per_hour = TT_DECIMAL_ONE / 10 * 302;
}

/* 30.20 an hour are held until the fifth quarter: all ten of t at 2.52, and for u there is no
 * rate. Units of t are bought after. */
static void test_held(void)
{
	tt_eligible *e;
	fleet f;

	flat(&f, true);
	hold(&f, "");
	tt_plans x = make(&f, one, &e);
	const tt_rolling *t = &x.v[0].rolling, *u = &x.v[1].rolling;

	T_INT(0, x.n_notes);
	T_INT(8, t->n_segments);
	T_F64(10, t->segments[0].held_money, 1e-9);
	T_F64(0, u->segments[0].held_money, 0);
	T_F64(0, t->segments[4].held_money, 0);
	T_INT(1, x.v[0].n_purchases);
	T_INT(4, x.v[0].purchases[0].quarter);
	T_INT(10, x.v[0].purchases[0].units);
	T_INT(4 * 2190 * 10 * INT64_C(4000000), x.v[0].none_micro);
	T_INT(2, x.money->n_purchases);
	T_INT(40000000, x.money->purchases[0].per_hour_micro);
	T_INT(40000000, x.money->purchases[1].per_hour_micro);
	T_INT(2 * YEAR * INT64_C(50000000), x.money->none_micro);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* Without rates it is said to be left out, once. */
static void test_no_rates(void)
{
	tt_commitment_row *c;
	tt_eligible *e;
	fleet f;

	flat(&f, false);
	c = fleet_row(&f, TT_COMMITMENTS);
	c->commitment = "sp";
	c->kind = "savings_plan";
	c->starts_at = 0;
	c->ends_at = HOURS * INT64_C(7200);
	c->units = (double)NAN;
	c->commitment_per_hour = TT_DECIMAL_ONE;
	const tt_plans x = make(&f, one, &e);

	T_INT(1, x.n_notes);
	T_HAS("Commitment sp is left out: prices.csv has no rate", x.notes[0]);
	T_INT(0, x.money->n_notes);
	T_F64(0, x.v[0].rolling.segments[0].held_money, 0);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* One offer more never costs more; what is found is no dearer than each alone. */
static void test_several(void)
{
	static const char *const offers[] = {
		"- {id: flex, kind: savings_plan, term_months: 12,"
		" rates: [{discount_ratio: 0.28}]}\n",
		"- {id: lock, kind: savings_plan, term_months: 24, instance_type: t,"
		" rates: [{discount_ratio: 0.42}]}\n",
	};
	int64_t cost[3];
	char text[512];

	for (int i = 0; i < 3; i++) {
		tt_eligible *e;
		fleet f;

		uneven(&f);
		snprintf(text, sizeof text, "offers:\n%s%s", i != 1 ? offers[0] : "",
		         i != 0 ? offers[1] : "");
		const tt_plans x = make(&f, text, &e);

		cost[i] = x.money->cost_micro;
		T_OK(x.money->exact == (i < 2));
		T_OK(cost[i] < x.money->none_micro && !x.money->cut_short);
		for (size_t k = 0; k < x.money->n_uses; k++) /* it pays */
			T_OK(x.money->uses[k].utilization_ratio >
			     x.money->uses[k].break_even_ratio);
		tt_eligible_free(e);
		fleet_close(&f);
	}
	T_OK(cost[2] < cost[0] && cost[2] < cost[1]);
}

/* A cap, a floor and a date. */
static void test_limits(void)
{
	tt_eligible *e;
	fleet f;

	flat(&f, false);
	tt_plans x = make(&f, "offers:\n- {id: few, kind: savings_plan, term_months: 24, "
		"most_per_hour: 12, rates: [{discount_ratio: 0.3}]}\n", &e);

	T_INT(12000000, x.money->purchases[0].per_hour_micro);
	T_INT(12000000, x.money->purchases[1].per_hour_micro); /* each quarter anew */
	tt_eligible_free(e);
	fleet_close(&f);

	flat(&f, false);
	x = make(&f, "offers:\n- {id: much, kind: committed_use, term_months: 24, "
		"least_per_hour: 100, rates: [{discount_ratio: 0.3}]}\n", &e);
	T_INT(0, x.money->n_purchases); /* 63 are of use, for 90 */
	tt_eligible_free(e);
	fleet_close(&f);

	flat(&f, false);
	x = make(&f, "offers:\n- {id: late, kind: savings_plan, term_months: 24, "
		"from: 1971-03-15T00:00:00Z, until: 1971-03-16T00:00:00Z, "
		"rates: [{discount_ratio: 0.3}]}\n", &e);
	T_INT(1, x.money->n_purchases);
	T_INT(37843200, x.money->purchases[0].starts_s);
	T_INT(63000000, x.money->purchases[0].per_hour_micro);
	T_INT((8 * 2190 - (37843200 - x.start_s) / 3600) * INT64_C(63000000),
	      x.money->purchases[0].cost_micro);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* Limits finer than a step of 0.001: rounded inwards, and left out where nothing is between. */
static void test_fine_limits(void)
{
	tt_eligible *e;
	fleet f;

	flat(&f, false);
	tt_plans x = make(&f, "offers:\n- {id: tiny, kind: savings_plan, term_months: 24, "
		"most_per_hour: 0.0009, rates: [{discount_ratio: 0.3}]}\n", &e);

	T_INT(0, x.money->n_purchases);
	T_INT(1, x.money->n_notes);
	T_HAS("Offer tiny is left out: least_per_hour and most_per_hour have no whole step of "
	      "0.001 between them.", x.money->n_notes ? x.money->notes[0] : "");
	tt_eligible_free(e);
	fleet_close(&f);

	flat(&f, false);
	x = make(&f, "offers:\n- {id: least, kind: savings_plan, term_months: 24, "
		"least_per_hour: 70.0001, rates: [{discount_ratio: 0.3}]}\n", &e);
	T_OK(x.money->n_purchases > 0);
	T_INT(70001000, x.money->n_purchases ? x.money->purchases[0].per_hour_micro : 0);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* Should demand fall at once, units that are planned for later are not there. */
static void test_falls_now(void)
{
	tt_eligible *e;
	fleet f;

	flat(&f, false);
	const tt_plans x = make(&f, "offers:\n- {id: now, kind: savings_plan, term_months: 12, "
		"until: 1971-03-15T00:00:00Z, rates: [{instance_type: t, discount_ratio: 0.4}]}\n"
		"- {id: later, kind: reserved_instance, instance_type: t, term_months: 12, "
		"from: 1971-12-01T00:00:00Z, price_per_hour: 1}\n", &e);

	T_INT(1, x.money->n_purchases);
	T_INT(24000000, x.money->n_purchases ? x.money->purchases[0].per_hour_micro : 0);
	T_OK(x.v[0].n_purchases && x.v[0].purchases[0].quarter == 3);
	/* 8 of 10 are used: 19.2 of 24 an hour, for what is 32 on demand */
	T_INT(4800000 * INT64_C(8760), x.money->falls[0].unused_micro);
	T_INT(8000000 * INT64_C(8760), x.money->falls[0].saving_micro);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* What options weigh on units alone is said. */
static void test_not_weighed(void)
{
	const tt_plans_options o = { .quarters = 8, .seed = 1, .worlds = 64,
		.caution = { 500000, 900000, 300000 }, .discount_millionths = 90000,
		.over_micro = TT_MONEY_UNKNOWN };
	tt_eligible *e;
	fleet f;

	flat(&f, false);
	const tt_plans x = make_with(&f, one, o, &e);

	T_INT(3, x.money->n_notes);
	for (size_t i = 0; i < x.money->n_notes; i++)
		T_HAS("on units alone: commitments of money", x.money->notes[i]);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* With one that is held of the same kind the search need not go in the order of the bill. */
static void test_held_kind(void)
{
	static const char *const types[] = { "", "t" }; /* a plan for one type is another kind */

	for (int i = 0; i < 2; i++) {
		tt_eligible *e;
		fleet f;

		flat(&f, true);
		hold(&f, types[i]);
		const tt_plans x = make(&f, "offers:\n- {id: flex, kind: savings_plan, "
			"term_months: 12, rates: [{discount_ratio: 0.2}]}\n", &e);

		T_OK(x.money->n_purchases > 0);
		T_INT(i, x.money->exact);
		tt_eligible_free(e);
		fleet_close(&f);
	}
}

/* What many dates need of memory does not grow with the rows of every one of them. */
static void test_memory(void)
{
	enum { DATES = 400 };
	const tt_plans_options o = { .quarters = 8, .seed = 1, .worlds = 64 };
	tt_eligible *e = NULL;
	tt_plans x = { 0 };
	fleet f;

	flat(&f, true);
	hold(&f, "");
	for (int i = 0; i < DATES; i++) {
		tt_commitment_row *c = fleet_row(&f, TT_COMMITMENTS);

		c->commitment = "ri";
		c->kind = "reserved_instance";
		c->provider = "p";
		c->region = "r";
		c->instance_type = "t";
		c->payment = "none";
		c->units = 1;
		c->commitment_per_hour = TT_DECIMAL_MISSING;
		c->starts_at = 0;
		c->ends_at = (HOURS + 24 + i) * INT64_C(3600);
	}
	fleet_ready(&f);
	T_INT(TT_OK, tt_eligible_make(&f.s, TT_POOL_BY_INSTANCE_TYPE, &e, &err));
	const size_t before = tt_arena_used_bytes(f.s.arena);

	T_INT(TT_OK, tt_plans_ask(&f.s, e, &o, f.s.arena, &x, &err));
	T_OK(x.v[0].rolling.n_segments > DATES);
	T_OK(tt_arena_used_bytes(f.s.arena) - before < 3000000); /* all rows: 24 kB a date */
	tt_eligible_free(e);
	fleet_close(&f);
}

int main(void)
{
	test_plain();
	test_units();
	test_held();
	test_no_rates();
	test_several();
	test_limits();
	test_fine_limits();
	test_falls_now();
	test_not_weighed();
	test_held_kind();
	test_memory();
	return T_END();
}
