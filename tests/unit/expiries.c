/* When what is held ends: what the bill is before and after, in numbers that are known; and
 * contracts of money, by the hour and as a sum, against their terms. */
#include "commit/contracts.h"
#include "commit/expiries.h"
#include "held_fleet.h"

enum { DAY = 24 * H, WINDOW = 10 * DAY, MONTH_H = 730 };

static tt_expiries expiries(const fleet *f, tt_bill **b)
{
	tt_expiries e = { 0 };
	tt_err err = { 0 };

	*b = bill(f, NULL);
	T_INT(TT_OK, tt_expiries_make(*b, settings, arena, &e, &err));
	T_STR("", err.text);
	return e;
}

/* Three nodes all the time at 10; two units at 6 until day 20, one at 7 until day 40, of which
 * a third of the time is left over when the first end. */
static void test_dates(void)
{
	fleet f;
	tt_bill *b;

	fleet_open(&f, 0, WINDOW);
	for (int i = 0; i < 3; i++)
		node(&f, "x2", "on_demand", NULL);
	price(&f, "x2", "on_demand", "", "10");
	units(&f, "a", "x2", 1, "6")->ends_at = 20 * DAY;
	units(&f, "b", "x2", 1, "6")->ends_at = 20 * DAY;
	units(&f, "c", "x2", 2, "7")->ends_at = 40 * DAY;
	units(&f, "open", "x4", 1, "1")->ends_at = TT_TIME_MISSING;
	units(&f, "past", "x2", 1, "1")->ends_at = 5 * DAY;
	fleet_ready(&f);

	tt_expiries e = expiries(&f, &b);

	T_INT(1, e.n_open);
	T_INT(2, e.n);
	/* a, b, and c, and the open one: 12 + 14 + 1 an hour, nothing on demand */
	T_INT(27 * MONTH_H * UNIT, e.month_micro);
	T_INT(20 * DAY, e.v[0].at_s);
	T_INT(2, e.v[0].n);
	T_STR("a", e.v[0].rows[0]->commitment);
	T_STR("b", e.v[0].rows[1]->commitment);
	/* of four units one stood idle: one node is on demand then */
	T_INT(12 * MONTH_H * UNIT, e.v[0].ends_micro);
	T_INT(10 * MONTH_H * UNIT, e.v[0].on_demand_micro);
	T_INT(-2 * MONTH_H * UNIT, e.v[0].more_micro);
	T_INT(14 * MONTH_H * UNIT, e.v[1].ends_micro);
	T_INT(20 * MONTH_H * UNIT, e.v[1].on_demand_micro);
	T_INT(6 * MONTH_H * UNIT, e.v[1].more_micro);
	T_INT(31 * MONTH_H * UNIT, e.after_micro);
	tt_bill_free(b);
	fleet_close(&f);
}

/* What begins as it ends takes over. */
static void test_successor(void)
{
	fleet f;
	tt_bill *b;

	fleet_open(&f, 0, WINDOW);
	node(&f, "x2", "on_demand", NULL);
	price(&f, "x2", "on_demand", "", "10");
	units(&f, "old", "x2", 1, "6")->ends_at = 20 * DAY;
	tt_commitment_row *c = units(&f, "new", "x2", 1, "5");
	c->starts_at = 20 * DAY;
	c->ends_at = 385 * DAY;
	fleet_ready(&f);

	tt_expiries e = expiries(&f, &b);

	T_INT(2, e.n);
	T_INT(1 * MONTH_H * UNIT, e.v[0].ends_micro);
	T_INT(0, e.v[0].on_demand_micro);
	T_INT(5 * MONTH_H * UNIT, e.v[1].more_micro);
	tt_bill_free(b);
	fleet_close(&f);

	fleet_open(&f, 0, WINDOW);
	node(&f, "x2", "on_demand", "10");
	fleet_ready(&f);
	e = expiries(&f, &b);
	T_INT(0, e.n);
	T_INT(0, e.month_micro);
	tt_bill_free(b);
	fleet_close(&f);
}

/* --- Contracts --------------------------------------------------------------------------- */

static tt_contracts contracts(const fleet *f, tt_bill **b)
{
	tt_contracts c = { 0 };
	tt_err err = { 0 };

	*b = bill(f, NULL);
	T_INT(TT_OK, tt_contracts_make(*b, arena, &c, &err));
	T_STR("", err.text);
	return c;
}

/* 12 an hour for 40 days, of which a quarter has gone by; half of it is used. */
static void test_by_hour(void)
{
	fleet f;
	tt_bill *b;

	fleet_open(&f, 0, WINDOW);
	node(&f, "x2", "on_demand", NULL);
	price(&f, "x2", "on_demand", "", "10");
	price(&f, "x2", "commit_1y", "none", "6");
	tt_commitment_row *r = plan(&f, "sp", "x2", "12");
	r->starts_at = 0;
	r->ends_at = 40 * DAY;
	plan(&f, "term", "x2", "12")->ends_at = TT_TIME_MISSING;
	plan(&f, "none", "x2", "1")->commitment_per_hour = TT_DECIMAL_MISSING;
	fleet_ready(&f);

	tt_contracts c = contracts(&f, &b);

	T_INT(3, c.n);
	T_HAS("neither a commitment_per_hour", c.v[0].missing);
	T_OK(c.v[1].by_hour);
	T_OK(!c.v[1].missing);
	T_INT(12 * 960 * UNIT, c.v[1].total_micro);
	T_INT(12 * 240 * UNIT, c.v[1].so_far_micro);
	T_F64(0.5, c.v[1].used_ratio, 1e-12);
	T_INT(12 * 360 * UNIT, c.v[1].lost_micro);
	T_INT(6 * MONTH_H * UNIT, c.v[1].pace_micro);
	T_INT(12 * MONTH_H * UNIT, c.v[1].needed_micro);
	T_HAS("without a term", c.v[2].missing);
	tt_bill_free(b);
	fleet_close(&f);
}

static tt_commitment_row *sum(fleet *f, const char *id, const char *upfront)
{
	tt_commitment_row *r = plan(f, id, "", "0");

	r->kind = "committed_use";
	r->commitment_per_hour = TT_DECIMAL_MISSING;
	r->upfront = dec(upfront);
	return r;
}

/* 2,400 in ten days: 6,000 last until day 25, 24,000 until day 40 leave 14,400; one that began
 * ten days before the window is taken to have drawn as much then. */
static void test_sums(void)
{
	fleet f;
	tt_bill *b;

	fleet_open(&f, 0, WINDOW);
	node(&f, "x2", "on_demand", "10");
	node(&f, "x2", "owned", "99");
	tt_commitment_row *r = sum(&f, "a", "6000");
	r->starts_at = 0;
	r->ends_at = 40 * DAY;
	r = sum(&f, "b", "24000");
	r->starts_at = 0;
	r->ends_at = 40 * DAY;
	r = sum(&f, "c", "6000");
	r->starts_at = -10 * DAY;
	r->ends_at = 40 * DAY;
	r = sum(&f, "d", "3000");
	r->starts_at = -10 * DAY;
	r->ends_at = 40 * DAY;
	sum(&f, "e", "100")->region = "moon";
	fleet_ready(&f);

	tt_contracts c = contracts(&f, &b);

	T_INT(5, c.n);
	T_INT(2400 * UNIT, c.v[0].so_far_micro);
	T_OK(!c.v[0].assumed);
	T_INT(25 * DAY, c.v[0].used_up_s);
	T_INT(10 * MONTH_H * UNIT, c.v[0].pace_micro);
	T_INT(5 * MONTH_H * UNIT, c.v[0].needed_micro);
	T_INT(0, c.v[0].lost_micro);
	T_OK(c.v[1].used_up_s == TT_TIME_MISSING);
	T_INT(14400 * UNIT, c.v[1].lost_micro);
	T_INT(30 * MONTH_H * UNIT, c.v[1].needed_micro);
	T_OK(c.v[2].assumed);
	T_INT(4800 * UNIT, c.v[2].so_far_micro);
	T_INT(15 * DAY, c.v[2].used_up_s);
	T_INT(2.5 * DAY, c.v[3].used_up_s); /* within the window, that is */
	T_STR("no node is in its scope", c.v[4].missing);
	tt_bill_free(b);
	fleet_close(&f);
}

int main(void)
{
	tt_err err = { 0 };

	arena = tt_arena_new();
	if (!arena || tt_settings_load(NULL, &settings, &err) != TT_OK)
		return 1;
	test_dates();
	test_successor();
	test_by_hour();
	test_sums();
	tt_settings_free(settings);
	tt_arena_free(arena);
	return T_END();
}
