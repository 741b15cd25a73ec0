/* What no plan may do: wrap where money does not fit, cost less for more demand, cost more for
 * one offer more, change with how an hour is written down, or buy what is gone. */
#include "commit/offer_dates.h"
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

/* Each offer is too little for a node of g8, and of q8 nobody knows the cards: two notes of each,
 * none of which writes over another. */
static void test_notes(void)
{
	enum { OFFERS = 4 };
	tt_listed_offer v[OFFERS];
	const tt_offer_file file = { .path = "", .currency = "", .v = v, .n = OFFERS };
	tt_plans x = { .n_notes = 0 };
	fleet f;

	fleet_open(&f, 0, HOURS * INT64_C(3600));
	for (int i = 0; i < OFFERS; i++)
		v[i] = (tt_listed_offer){ .id = fleet_text(&f, "o%d", i), .kind = "committed_use",
			.payment = "none", .term_h = 4 * TT_QUARTER_H, .lot = 1, .most = 4,
			.rate_per_hour = TT_DECIMAL_ONE, .scope = { "", "", "", "h", "" },
			.from_s = TT_TIME_MISSING, .until_s = TT_TIME_MISSING,
			.as_of_s = TT_TIME_MISSING };
	for (int i = 0; i < 2; i++) {
		tt_node_row *n = fleet_node(&f, i ? "b" : "a", 8);

		n->provider = "p";
		n->region = "r";
		n->instance_type = i ? "q8" : "g8";
		n->gpu_model = "h";
		n->pricing = "on_demand";
		if (i)
			n->gpus = NAN;
		price(&f, n->instance_type, "on_demand", 4000000);
		TT_ROW(&f.s.table[TT_PRICES], tt_price_row, (size_t)i)->gpus = i ? NAN : 8;
	}
	T_INT(TT_OK, make(&f, &file, &x));
	T_STR("", err.text);
	T_INT(2 * OFFERS, x.n_notes);
	for (size_t i = 0; i < x.n_notes; i++)
		T_STR(fleet_text(&f, i < OFFERS ? "Offer o%d is left out: the most that can be "
		                 "had of it is less than one unit." : "Offer o%d is left out: how "
		                 "many cards its instances have is not known; gpus can say so.",
		                 (int)i % OFFERS), x.notes[i]);
	fleet_close(&f);
}

/* What could be had from 40 minutes before the start of a plan until ten before it is gone. */
static void test_gone(void)
{
	static const struct { int from_min, until_min; bool sold; } cases[] = {
		{ -40, -10, false }, { -40, 0, false }, { 0, 10, true }, { -40, 10, true },
		{ -90, -61, false },
	};
	const tt_rolling_segment ahead = { .quarter = 0, .hours = TT_QUARTER_H };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const tt_listed_offer o = { .term_h = TT_QUARTER_H,
			.from_s = 86400 + cases[i].from_min * 60,
			.until_s = 86400 + cases[i].until_min * 60 };
		tt_arena *arena = tt_arena_new();
		tt_rolling_offer k = { .rate_per_hour = TT_DECIMAL_ONE };
		const tt_rolling r = { .segments = &ahead, .n_segments = 1, .n_quarters = 1,
			.offers = &k, .n_offers = 1 };
		tt_ladder_offer got;

		tt_offer_dates(&o, 86400, &k);
		T_INT(TT_OK, tt_rolling_offers(&r, arena, &got, &err));
		T_INT(cases[i].sold, got.most > 0);
		tt_arena_free(arena);
	}
}

/* A unit each of 520 reservations that all end on other days: too many for a ladder, which is no
 * reason to plan nothing for the pool beside it. */
static void test_dates(void)
{
	tt_plans x = { .n = 0 };
	fleet f;

	fleet_open(&f, 0, HOURS * INT64_C(3600));
	for (int i = 0; i < 2; i++) {
		const char *type = i ? "u" : "t";

		for (int64_t t = 0; t < HOURS; t++)
			demand(&f, t * 3600, type, 1000);
		price(&f, type, "on_demand", 4000000);
		price(&f, type, "commit_1y", 2000000);
	}
	for (int i = 0; i < 520; i++) {
		tt_commitment_row *c = fleet_row(&f, TT_COMMITMENTS);

		c->commitment = fleet_text(&f, "c%03d", i);
		c->kind = "reserved_instance";
		c->provider = "p";
		c->region = "r";
		c->instance_type = "t";
		c->units = 1;
		c->payment = "none";
		c->price_per_hour = TT_DECIMAL_ONE;
		c->starts_at = 0;
		c->ends_at = (HOURS + 7 * (int64_t)(i + 1)) * 3600;
	}
	T_INT(TT_OK, make(&f, NULL, &x));
	T_STR("", err.text);
	if (x.n == 2) {
		T_HAS("begins or ends", x.v[0].why ? x.v[0].why : "");
		T_OK(!x.v[1].why && x.v[1].n_purchases > 0);
	}
	fleet_close(&f);
}

int main(void)
{
	test_dates();
	test_notes();
	test_gone();
	test_overflow();
	test_properties();
	return T_END();
}
