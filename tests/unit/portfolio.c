/* What is held ahead, by pool: one commitment for several pools, for one type of several in a
 * pool, and for parts of a unit. */
#include "commit/plans.h"
#include "fleet.h"

enum { HOURS = 30 * 168 };

static tt_err err;

static void price(fleet *f, const char *type, const char *pricing, int64_t units)
{
	tt_price_row *p = fleet_row(f, TT_PRICES);

	p->provider = "p";
	p->region = "r";
	p->instance_type = type;
	p->gpu_model = *type == 'g' ? "h100" : "h200";
	p->gpus = 8;
	p->pricing = pricing;
	p->payment = *pricing == 'c' ? "none" : "";
	p->price_per_hour = units * TT_DECIMAL_ONE;
}

static void always(fleet *f, const char *type, const char *owner, double cards)
{
	for (int64_t t = 0; t < HOURS; t++) {
		tt_demand_row *d = fleet_row(f, TT_DEMAND);

		d->time = t * 3600;
		d->provider = "p";
		d->region = "r";
		d->instance_type = type;
		d->gpu_model = *type == 'g' ? "h100" : "h200";
		d->owner = owner;
		d->units = cards;
	}
}

static tt_commitment_row *hold(fleet *f, const char *id, double units, int64_t from, int64_t to)
{
	tt_commitment_row *c = fleet_row(f, TT_COMMITMENTS);

	c->commitment = id;
	c->kind = "reserved_instance";
	c->instance_type = "g8";
	c->units = units;
	c->starts_at = from * 3600;
	c->ends_at = to * 3600;
	c->payment = "none";
	c->price_per_hour = 20 * TT_DECIMAL_ONE;
	c->commitment_per_hour = TT_DECIMAL_MISSING;
	return c;
}

static void open(fleet *f)
{
	fleet_open(f, 0, HOURS * INT64_C(3600));
	price(f, "g8", "on_demand", 32);
	price(f, "g8", "commit_1y", 20);
	price(f, "x8", "on_demand", 32);
	price(f, "x8", "commit_1y", 20);
}

static tt_plans make(fleet *f, enum tt_pool_by by, bool whole, tt_eligible **e)
{
	const tt_plans_options o = { .quarters = 4, .seed = 1, .worlds = 16, .whole = whole };
	tt_plans x = { 0 };

	*e = NULL;
	fleet_ready(f);
	T_INT(TT_OK, tt_eligible_make(&f->s, by, e, &err));
	T_INT(TT_OK, tt_plans_make(&f->s, *e, &o, f->s.arena, &x, &err));
	T_STR("", err.text);
	return x;
}

static int64_t bought(const tt_plans_pool *p)
{
	int64_t units = 0;

	for (size_t i = 0; i < p->n_purchases; i++)
		units += p->purchases[i].units;
	return units;
}

/* 96 cards are held of 16 and 80, by two owners: nothing is left to buy. What takes their place
 * when they end does so for each. */
static void test_two_pools(void)
{
	tt_eligible *e;
	fleet f;

	open(&f);
	always(&f, "g8", "anna", 16);
	always(&f, "g8", "bob", 80);
	hold(&f, "a-later", 12, HOURS + 1000, HOURS + 30000);
	hold(&f, "ri", 12, 0, HOURS + 1000);
	tt_plans x = make(&f, TT_POOL_BY_OWNER, false, &e);

	for (size_t i = 0; i < 2; i++) {
		const tt_plans_pool *p = &x.v[i];

		T_INT(0, bought(p));
		T_INT(2, p->n_lots);
		T_STR("a-later", p->lots[0].commitment);
		for (size_t k = 0; k < 2; k++)
			T_INT((i ? 80 : 16) * TT_ELIGIBLE_ONE, p->lots[k].units_u9);
	}
	T_INT(2, x.n_notes);
	T_HAS("commitment ri is good for 2 pools", x.notes[0]);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* More than both use: the rest is the first one's. Two that are in force at a time come after one
 * another. */
static void test_rest(void)
{
	tt_eligible *e;
	fleet f;

	open(&f);
	always(&f, "g8", "anna", 16);
	always(&f, "g8", "bob", 80);
	hold(&f, "one", 4, 0, HOURS + 30000);
	hold(&f, "two", 10, 0, HOURS + 30000);
	tt_plans x = make(&f, TT_POOL_BY_OWNER, false, &e);

	T_INT(32, x.v[0].rolling.segments[0].held); /* 16 of one, 16 that nobody uses */
	T_INT(80, x.v[1].rolling.segments[0].held);
	T_INT(16 * TT_ELIGIBLE_ONE, x.v[1].lots[0].units_u9);
	T_INT(64 * TT_ELIGIBLE_ONE, x.v[1].lots[1].units_u9);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* A region of 16 cards of one type and 80 of another; 96 are held of the first: 80 are not
 * covered, neither ahead nor in the past. */
static void test_two_types(void)
{
	tt_portfolio past;
	tt_eligible *e;
	fleet f;

	open(&f);
	always(&f, "g8", "", 16);
	always(&f, "x8", "", 80);
	hold(&f, "ri", 12, 0, HOURS + 30000);
	tt_plans x = make(&f, TT_POOL_BY_REGION, false, &e);

	T_INT(1, x.n);
	T_INT(16, x.v->rolling.segments[0].held);
	T_INT(80, bought(x.v));
	T_INT(1, x.n_notes);
	T_STR("commitment ri: 10 of its 12 units are held against nothing: more than was used of "
	      "what it is for, in pools that have other things too", x.notes[0]);
	T_INT(TT_OK, tt_portfolio_cover(&f.s, e, f.s.arena, &past, &err));
	T_INT(16 * TT_ELIGIBLE_ONE, past.covered[0][0]);
	T_INT(16 * TT_ELIGIBLE_ONE, past.covered[0][HOURS - 1]);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* Twelve instances are used, twelve cards held: one and a half. Half of one more is not worth an
 * instance. */
static void test_parts(void)
{
	tt_commitment_row *c;
	tt_eligible *e;
	fleet f;

	open(&f);
	always(&f, "g8", "", 96);
	c = hold(&f, "cu", 12, 0, HOURS + 30000);
	c->kind = "committed_use";
	c->instance_type = "";
	c->gpu_model = "h100";
	tt_plans x = make(&f, TT_POOL_BY_INSTANCE_TYPE, true, &e);

	T_INT(1, x.v->rolling.segments[0].held);
	T_F64(.5, x.v->rolling.segments[0].held_part, 1e-12);
	T_F64(1.5, tt_rolling_held(&x.v->rolling.segments[0]), 1e-12);
	T_INT(10, bought(x.v));
	T_INT(0, x.n_notes);
	tt_eligible_free(e);
	fleet_close(&f);
}

int main(void)
{
	test_two_pools();
	test_rest();
	test_two_types();
	test_parts();
	return T_END();
}
