/* What no plan may do: wrap where money does not fit, cost less for more demand, cost more for
 * one offer more, or change with how an hour is written down. */
#include "commit/plans.h"
#include "fleet.h"

enum { HOURS = 10 * 168 };

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

static void demand(fleet *f, int64_t at_s, const char *type, double units)
{
	tt_demand_row *d = fleet_row(f, TT_DEMAND);

	d->time = at_s;
	d->provider = "p";
	d->region = "r";
	d->instance_type = type;
	d->units = units;
}

static int make(fleet *f, const tt_offer_file *listed, tt_plans *ret)
{
	const tt_plans_options o = { .quarters = 12, .seed = 1, .worlds = 32, .listed = listed,
		.over_micro = TT_MONEY_UNKNOWN };
	TT_CLEANUP(tt_eligible_freep) tt_eligible *e = NULL;

	err = (tt_err){ 0 };
	fleet_ready(f);
	T_INT(TT_OK, tt_eligible_make(&f->s, TT_POOL_BY_INSTANCE_TYPE, &e, &err));
	return tt_plans_make(&f->s, e, &o, f->s.arena, ret, &err);
}

/* A million units at 98.32 for three years fit alone, 2.6 x 10^12, and four of them don't. */
static void test_overflow(void)
{
	for (int pools = 1; pools <= 12; pools += 11) {
		tt_plans x;
		fleet f;

		fleet_open(&f, 0, HOURS * INT64_C(3600));
		for (int i = 0; i < pools; i++) {
			const char *type = fleet_text(&f, "t%02d", i);

			for (int64_t t = 0; t < HOURS; t++)
				demand(&f, t * 3600, type, 1e6);
			price(&f, type, "on_demand", 98320000);
			price(&f, type, "commit_3y", 98000000);
		}
		if (pools == 1) {
			T_INT(TT_OK, make(&f, NULL, &x));
			T_OK(x.none_micro > INT64_C(2583000000000000000));
		} else {
			T_INT(TT_EDATA, make(&f, NULL, &x));
			T_HAS("the cost of all pools", err.text);
		}
		fleet_close(&f);
	}
}

/* Days and weeks, `times` as much, each hour in `parts` rows, with one offer more. */
static tt_plans uneven(fleet *f, double times, int parts, bool more)
{
	static tt_listed_offer offer = { .id = "more", .kind = "reserved_instance",
		.payment = "none", .term_h = 4 * TT_QUARTER_H, .lot = 1,
		.scope = { "", "", "t", "", "" }, .from_s = TT_TIME_MISSING,
		.until_s = TT_TIME_MISSING, .as_of_s = TT_TIME_MISSING };
	const tt_offer_file file = { .path = "", .currency = "", .v = &offer, .n = 1 };
	tt_plans x = { 0 };

	fleet_open(f, 0, HOURS * INT64_C(3600));
	for (int64_t t = 0; t < HOURS; t++)
		for (int k = 0; k < parts; k++)
			demand(f, t * 3600 + k * 3600 / parts, "t",
			       times * (double)(8 + t % 24 + t / 24 % 7 * 2) / parts);
	price(f, "t", "on_demand", 4000000);
	price(f, "t", "commit_1y", 2700000);
	offer.rate_per_hour = (tt_decimal)2520000 * 1000000;
	T_INT(TT_OK, make(f, more ? &file : NULL, &x));
	T_STR("", err.text);
	return x;
}

static void test_properties(void)
{
	fleet f, g;
	const tt_plans x = uneven(&f, 1, 1, false);
	tt_plans y = uneven(&g, 1.25, 1, false);

	T_OK(y.none_micro > x.none_micro && y.cost_micro > x.cost_micro);
	fleet_close(&g);

	y = uneven(&g, 1, 1, true);
	T_INT(x.none_micro, y.none_micro);
	T_OK(y.cost_micro < x.cost_micro);
	fleet_close(&g);

	y = uneven(&g, 1, 4, false);
	T_INT(x.none_micro, y.none_micro);
	T_INT(x.cost_micro, y.cost_micro);
	T_INT(x.v[0].n_purchases, y.v[0].n_purchases);
	for (size_t i = 0; i < y.v[0].n_purchases; i++)
		T_INT(x.v[0].purchases[i].units, y.v[0].purchases[i].units);
	T_INT(x.saving.mean, y.saving.mean);
	fleet_close(&g);
	fleet_close(&f);
}

int main(void)
{
	test_overflow();
	test_properties();
	return T_END();
}
