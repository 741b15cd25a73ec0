/* Commitments that are bought, sold, exchanged and not renewed, as differences of bills. */
#include "change/commit.h"
#include "held_fleet.h"

enum { TEN = 10 * H, DAY = 24 * H, YEAR = 365 * DAY };

#define OFFER "offer:\"cloud/north/x2 commit_1y"

/* Two nodes on demand at 10.00 and one reserved at 6.00, with a unit to spare. */
static void open_small(fleet *f)
{
	fleet_open(f, 0, TEN);
	node(f, "x2", "on_demand", NULL);
	node(f, "x2", "on_demand", NULL);
	node(f, "x2", "on_demand", NULL);
	node(f, "x2", "reserved", NULL);
	price(f, "x2", "on_demand", "", "10");
	price(f, "x2", "commit_1y", "none", "6.5");
	price(f, "x2", "commit_1y", "none", "7")->as_of = TEN + DAY;
	tt_price_row *p = price(f, "x2", "commit_1y", "all", "5");
	p->upfront = dec("43800.00");
	p = price(f, "x2", "commit_1y", "partial", "5.5");
	p->upfront = dec("8760.00");
	price(f, "x4", "commit_3y", "none", "1");
	units(f, "ri", "x2", 2, "6");
	fleet_ready(f);
}

static void test_buy(void)
{
	fleet f;

	open_small(&f);
	T_INT(320 * UNIT, cost(&f, NULL)); /* 2 x 6 and 2 x 10 */
	/* of two dates the one that counts in the bill: after the window, but dated */
	T_INT(290 * UNIT, cost(&f, "commit " OFFER " none\" action=buy units=1"));
	T_INT(270 * UNIT, cost(&f, "commit " OFFER " all\" action=buy units=1"));
	T_INT(275 * UNIT, cost(&f, "commit " OFFER " partial\" action=buy units=1"));
	T_INT(295 * UNIT, cost(&f, "commit " OFFER " all\" action=buy units=1 "
			       "from=1970-01-01T05:00:00Z"));
	T_INT(320 * UNIT, cost(&f, "commit " OFFER " all\" action=buy units=1 "
			       "from=1970-01-02T05:00:00Z"));
	/* more than there is to cover is paid for nothing */
	T_INT(270 * UNIT, cost(&f, "commit " OFFER " all\" action=buy units=3"));
	T_INT(295 * UNIT, cost(&f, "commit " OFFER " all\" action=buy units=0.5"));
	/* money: at its rates, instance by instance */
	T_INT(320 * UNIT - 200 * UNIT + 140 * UNIT,
	      cost(&f, "commit " OFFER " none\" action=buy commitment_per_hour=14"));
	T_STR("commit: offer \"cloud/north/x9 commit_1y none\" is not in prices.csv",
	      refused(&f, "commit offer:\"cloud/north/x9 commit_1y none\" action=buy units=1"));
	T_STR("commit: offer \"cloud/north/x2 commit_1y all\" is for 12 months, not 36",
	      refused(&f, "commit " OFFER " all\" action=buy units=1 term_months=36"));
	T_HAS("is paid \"all\", not \"none\"",
	      refused(&f, "commit " OFFER " all\" action=buy units=1 payment=none"));
	T_HAS("commit with until is not priced yet",
	      refused(&f, "commit " OFFER " all\" action=buy units=1 "
		      "until=1970-01-01T05:00:00Z"));
	fleet_close(&f);

	/* on a fleet that holds nothing */
	open_small(&f);
	f.s.table[TT_COMMITMENTS].n = 0;
	T_INT(300 * UNIT, cost(&f, NULL)); /* the reserved node has no price then */
	T_INT(250 * UNIT, cost(&f, "commit " OFFER " all\" action=buy units=1"));
	fleet_close(&f);
}

static void test_sell(void)
{
	fleet f;

	open_small(&f);
	T_INT(360 * UNIT, cost(&f, "commit commitment:ri action=sell units=1 proceeds=0"));
	T_INT(400 * UNIT, cost(&f, "commit commitment:ri action=sell proceeds=0"));
	T_INT(340 * UNIT, cost(&f, "commit commitment:ri action=sell units=1 proceeds=0 "
			       "from=1970-01-01T05:00:00Z"));
	/* two sales are two, one that is said twice is one */
	const tt_change *two[] = {
		parse("commit commitment:ri action=sell units=1 proceeds=0"),
		parse("commit commitment:ri action=sell units=0.5 proceeds=0"),
		parse("commit commitment:ri action=sell units=0.5 proceeds=0")
	};
	T_INT(320 * UNIT + 60 * UNIT, cost_of(&f, two, 3));
	/* 34 hours are left: 34.00 are 1.00 an hour */
	T_INT(320 * UNIT + 30 * UNIT, cost(&f, "commit commitment:ri action=sell units=1 "
					   "proceeds=34"));
	T_STR("a sale without its proceeds is not priced yet; priced are release, resize, "
	      "schedule, retype, share, scale, reprice, commit, label",
	      refused(&f, "commit commitment:ri action=sell"));
	T_STR("commit: commitment \"no\" is not in the fleet",
	      refused(&f, "commit commitment:no action=sell proceeds=1"));
	T_STR("commit: commitment \"ri\" has ended on 1970-01-02T10:00:00Z",
	      refused(&f, "commit commitment:ri action=sell proceeds=1 from=1970-02-01T00:00:00Z"));
	T_HAS("is of units, not of money",
	      refused(&f, "commit commitment:ri action=sell proceeds=1 commitment_per_hour=1"));
	fleet_close(&f);
}

/* What was paid at the start is not given back by a sale: the rest of it is stranded. */
static void test_sell_upfront(void)
{
	fleet f;

	open_small(&f);
	tt_commitment_row *c = TT_ROW(&f.s.table[TT_COMMITMENTS], tt_commitment_row, 0);
	c->payment = "all";
	c->price_per_hour = 0;
	c->upfront = dec("105120.00"); /* 6.00 an hour for two units and a year */
	c->starts_at = -DAY;
	c->ends_at = YEAR - DAY;
	T_INT(320 * UNIT, cost(&f, NULL));
	T_INT(420 * UNIT, cost(&f, "commit commitment:ri action=sell units=1 proceeds=0"));
	T_INT(370 * UNIT, cost(&f, "commit commitment:ri action=sell units=1 proceeds=0 "
			       "from=1970-01-01T05:00:00Z"));
	/* an exchange takes the sum along; what comes for it costs 7.00 */
	T_INT(330 * UNIT, cost(&f, "commit commitment:ri action=exchange units=1 into_offer="
			       "\"cloud/north/x2 commit_1y none\""));
	T_HAS("more than \"cloud/north/x4 commit_3y none\" costs in all",
	      refused(&f, "commit commitment:ri action=exchange "
		      "into_offer=\"cloud/north/x4 commit_3y none\""));
	fleet_close(&f);
}

static void test_exchange(void)
{
	fleet f;

	open_small(&f);
	T_INT(320 * UNIT - 10 * UNIT,
	      cost(&f, "commit commitment:ri action=exchange units=1 "
		   "into_offer=\"cloud/north/x2 commit_1y all\""));
	T_INT(320 * UNIT - 20 * UNIT,
	      cost(&f, "commit commitment:ri action=exchange "
		   "into_offer=\"cloud/north/x2 commit_1y all\""));
	/* into what nothing here can use: paid, and all is on demand */
	T_INT(400 * UNIT + 20 * UNIT,
	      cost(&f, "commit commitment:ri action=exchange "
		   "into_offer=\"cloud/north/x4 commit_3y none\""));
	fleet_close(&f);
}

/* Not renewed: nothing changes before its end, and one without an end goes at once. */
static void test_lapse(void)
{
	fleet f;

	open_small(&f);
	T_INT(320 * UNIT, cost(&f, "commit commitment:ri action=lapse"));
	tt_commitment_row *c = TT_ROW(&f.s.table[TT_COMMITMENTS], tt_commitment_row, 0);
	c->ends_at = 5 * H;
	T_INT(360 * UNIT, cost(&f, NULL));
	T_INT(360 * UNIT, cost(&f, "commit commitment:ri action=lapse"));
	c->ends_at = TT_TIME_MISSING;
	T_INT(320 * UNIT, cost(&f, NULL));
	T_INT(400 * UNIT, cost(&f, "commit commitment:ri action=lapse"));
	T_INT(360 * UNIT, cost(&f, "commit commitment:ri action=lapse from=1970-01-01T05:00:00Z"));
	fleet_close(&f);
}

/* On top of each other: a sale frees what a purchase covers again. */
static void test_together(void)
{
	fleet f;

	open_small(&f);
	const tt_change *v[] = {
		parse("commit commitment:ri action=sell proceeds=0"),
		parse("commit " OFFER " all\" action=buy units=4"), parse("release node:n00000")
	};
	T_INT(200 * UNIT, cost_of(&f, v, 2));
	T_INT(200 * UNIT, cost_of(&f, v, 3));
	tt_bill *b = bill(&f, NULL);
	tt_pricer *p = NULL;
	tt_err err = { 0 };
	tt_saving s;

	T_INT(TT_OK, tt_pricer_open(b, settings, NULL, &p, &err));
	T_INT(TT_OK, tt_pricer_try(p, v, 2, &s, &err));
	T_INT(120 * UNIT, s.known_micro);
	T_INT(TT_OK, tt_pricer_keep(p, &err));
	T_INT(TT_OK, tt_pricer_try(p, v + 2, 1, &s, &err));
	T_INT(0, s.known_micro);
	T_INT(TEN, s.nodes[0].freed_s);
	tt_pricer_close(p);
	tt_bill_free(b);
	fleet_close(&f);
}

int main(void)
{
	tt_err err = { 0 };

	T_INT(TT_OK, tt_settings_load(NULL, &settings, &err));
	arena = tt_arena_new();
	test_buy();
	test_sell();
	test_sell_upfront();
	test_exchange();
	test_lapse();
	test_together();
	tt_settings_free(settings);
	tt_arena_free(arena);
	return T_END();
}
