/* Held commitments in the bill: what covers what, what nothing used, what a release of it
 * saves; and hours that AWS prints, as fleets. What holds on any fleet is held_random.c's. */
#include "held_fleet.h"

enum { TEN = 10 * H };

/* Two reserved nodes and two on demand, three units at 6.00 where 10.00 is listed. */
static void open_small(fleet *f)
{
	fleet_open(f, 0, TEN);
	node(f, "x2", "reserved", NULL);
	node(f, "x2", "reserved", NULL);
	node(f, "x2", "on_demand", NULL);
	node(f, "x2", "", NULL);
	price(f, "x2", "on_demand", "", "10")->as_of = 0;
	units(f, "ri", "x2", 3, "6");
}

static void test_cover(void)
{
	fleet f;

	open_small(&f);
	fleet_ready(&f);
	tt_bill *b = bill(&f, NULL);
	T_INT(280 * UNIT, b->total_micro); /* 3 x 6 and one of two on demand */
	T_INT(0, b->unused_micro);
	T_INT(60 * UNIT, b->nodes[0].cost_micro);
	T_INT(60 * UNIT, b->nodes[1].cost_micro);
	T_INT(80 * UNIT, b->nodes[2].cost_micro);
	T_STR("commitments.csv ri", b->nodes[0].price_from);
	T_STR("commitments.csv ri, prices.csv 1970-01-01T00:00:00Z", b->nodes[3].price_from);
	T_INT(1, b->held.n_costs);
	T_INT(180 * UNIT, b->held.costs[0].cost_micro);
	tt_bill_free(b);
	fleet_close(&f);
}

/* A reserved node that goes leaves its unit to others, or to nobody. */
static void test_release(void)
{
	fleet f;

	open_small(&f);
	fleet_ready(&f);
	T_INT(180 * UNIT, cost(&f, "release node:n00002"));
	T_INT(180 * UNIT, cost(&f, "release node:n00000"));
	T_INT(180 * UNIT, cost(&f, "release node:n00002,node:n00003"));
	T_INT(180 * UNIT, cost(&f, "release node:n00000,node:n00001,node:n00002,node:n00003"));
	T_INT(230 * UNIT, cost(&f, "release node:n00000 until=1970-01-01T05:00:00Z"));

	const tt_change *all = parse("release node:n00000,node:n00001,node:n00002");
	tt_case c;
	tt_err err = { 0 };

	tt_case_init(&c, &f.s, settings);
	T_INT(TT_OK, tt_change_apply(all, &c, &err));
	tt_bill *b = bill(&f, &c);
	T_INT(180 * UNIT, b->total_micro);
	T_INT(120 * UNIT, b->unused_micro);
	T_INT(60 * UNIT, b->nodes[3].cost_micro);
	T_INT(0, b->nodes[0].paid_s);
	T_F64(20, b->gpu_hours, 1e-9); /* no card stood for what is unused */
	T_STR("a100", tt_cell_gpu_model(b, &b->cells[0][b->n_cells[0] - 1]));
	T_STR("", tt_cell_node_group(b, &b->cells[0][b->n_cells[0] - 1]));
	tt_bill_free(b);
	tt_case_reset(&c);
	fleet_close(&f);
}

/* On another instance type, elsewhere or on spot nothing is covered; owned nodes, and reserved
 * ones that no row is for, stay what they are. */
static void test_others(void)
{
	fleet f;

	fleet_open(&f, 0, TEN);
	node(&f, "x4", "reserved", "20");
	node(&f, "x2", "owned", "1");
	node(&f, "x2", "spot", "2");
	node(&f, "x2", "on_demand", "10")->region = "south";
	units(&f, "ri", "x2", 1, "6");
	fleet_ready(&f);
	tt_bill *b = bill(&f, NULL);
	T_INT(200 * UNIT, b->nodes[0].cost_micro);
	T_INT(60 * UNIT, b->unused_micro);
	T_INT(390 * UNIT, b->total_micro);
	T_INT(390 * UNIT, cost(&f, "release node:n00000,node:n00001"));
	T_INT(370 * UNIT, cost(&f, "release node:n00002"));
	/* moved to where a unit is free it costs nothing beside it */
	T_INT(290 * UNIT, cost(&f, "reprice node:n00003 region=north price_per_hour=9"));
	tt_bill_free(b);
	fleet_close(&f);
}

/* What is moved to and what is added uses what is held, as any node does. */
static void test_capacity(void)
{
	fleet f;

	fleet_open(&f, 0, TEN);
	for (int i = 0; i < 2; i++)
		node(&f, "x4", "on_demand", "20")->node_group = "big";
	node(&f, "x2", "on_demand", "10")->node_group = "small";
	price(&f, "x2", "on_demand", "", "10")->gpus = 2;
	units(&f, "ri", "x2", 3, "6"); /* two of them are free */
	fleet_ready(&f);
	T_INT(580 * UNIT, cost(&f, NULL));
	T_INT(380 * UNIT, cost(&f, "retype node:n00000 instance_type=x2"));
	T_INT(180 * UNIT, cost(&f, "retype node:n00000,node:n00001 instance_type=x2"));
	T_INT(580 * UNIT, cost(&f, "resize node_group:small nodes=3"));
	T_INT(680 * UNIT, cost(&f, "resize node_group:small nodes=4"));
	fleet_close(&f);
}

/* nodes.csv has a price of its own for a reserved node. */
static void test_own_price(void)
{
	fleet f;

	fleet_open(&f, 0, TEN);
	node(&f, "x2", "reserved", "7");
	node(&f, "x2", "reserved", NULL);
	node(&f, "x2", "on_demand", "10");
	units(&f, "ri", "x2", 4, "6");
	fleet_ready(&f);
	tt_bill *b = bill(&f, NULL);
	T_INT(70 * UNIT, b->nodes[0].cost_micro);
	T_STR("nodes.csv", b->nodes[0].price_from);
	T_INT(60 * UNIT, b->nodes[1].cost_micro);
	T_INT(60 * UNIT, b->nodes[2].cost_micro);
	T_INT(60 * UNIT, b->unused_micro);
	T_INT(250 * UNIT, b->total_micro);
	/* it keeps its unit, and its price */
	T_INT(250 * UNIT, cost(&f, "release node:n00000"));
	T_INT(250 * UNIT, cost(&f, "release node:n00001"));
	tt_bill_free(b);
	fleet_close(&f);

	/* it agrees to the digits that it has: 20,000.00 a year are 2.283105... an hour */
	static const struct { const char *own; bool agrees; } prices[] = {
		{ "2.28", true }, { "2.2831", true }, { "2.283105022831", true },
		{ "2.29", false }, { "2", false }, { "2.2832", false },
	};
	for (size_t i = 0; i < sizeof prices / sizeof *prices; i++) {
		fleet_open(&f, 0, TEN);
		node(&f, "x2", "reserved", prices[i].own);
		tt_commitment_row *c = units(&f, "ri", "x2", 1, "0");
		c->payment = "all";
		c->upfront = dec("20000");
		c->starts_at = -24 * H;
		c->ends_at = 364 * 24 * H;
		fleet_ready(&f);
		T_INT(prices[i].agrees ? TT_HELD_RESERVED : TT_HELD_OWN_PRICE,
		      tt_held_way_of(&f.s, 0));
		T_OK(prices[i].agrees == (cost(&f, NULL) == 22831050));
		fleet_close(&f);
	}
}

/* Reserved nodes beyond the units cost what is listed; else what the dearest of their kind on
 * demand does; else what the commitment does. */
static void test_beyond(void)
{
	fleet f;

	for (int i = 0; i < 3; i++) {
		fleet_open(&f, 0, TEN);
		node(&f, "x2", "reserved", NULL);
		node(&f, "x2", "reserved", NULL);
		if (i == 1)
			node(&f, "x2", "on_demand", "9");
		if (i == 0)
			price(&f, "x2", "on_demand", "", "10");
		units(&f, "ri", "x2", 1, "6");
		fleet_ready(&f);
		T_INT((i == 0 ? 160 : i == 1 ? 240 : 120) * UNIT, cost(&f, NULL));
		fleet_close(&f);
	}
}

/* Cards, where a commitment names no instance type; a term that ends in the window; rows that
 * do not agree on a price. */
static void test_kinds(void)
{
	fleet f;

	fleet_open(&f, 0, TEN);
	node(&f, "x2", "on_demand", "10");
	tt_commitment_row *c = units(&f, "cud", "", 3, "2");
	c->kind = "committed_use";
	fleet_ready(&f);
	tt_bill *b = bill(&f, NULL);
	T_INT(60 * UNIT, b->total_micro); /* two of three cards */
	T_INT(20 * UNIT, b->unused_micro);
	tt_bill_free(b);
	fleet_close(&f);

	fleet_open(&f, 0, TEN);
	node(&f, "x2", "reserved", NULL);
	price(&f, "x2", "on_demand", "", "10");
	units(&f, "ri", "x2", 1, "6")->ends_at = 4 * H + H / 2;
	fleet_ready(&f);
	T_INT(27 * UNIT + 55 * UNIT, cost(&f, NULL));
	fleet_close(&f);

	fleet_open(&f, 0, TEN);
	node(&f, "x2", "reserved", NULL);
	node(&f, "x2", "reserved", NULL);
	units(&f, "ri-1", "x2", 1, "6");
	units(&f, "ri-2", "x2", 1, "5");
	fleet_ready(&f);
	b = bill(&f, NULL);
	T_INT(110 * UNIT, b->total_micro);
	T_OK(b->nodes[0].price_per_hour == dec("5.5"));
	T_STR("commitments.csv ri-2, ri-1", b->nodes[0].price_from);
	tt_bill_free(b);
	fleet_close(&f);
}

/* What can't be metered is said, and is never 0. */
static void test_notes(void)
{
	fleet f;

	fleet_open(&f, 0, TEN);
	node(&f, "x2", "on_demand", "10");
	units(&f, "a", "x2", NAN, "1");
	units(&f, "b", "x2", 1, "1")->price_per_hour = TT_DECIMAL_MISSING;
	units(&f, "c", "", 1, "1")->gpu_model = "";
	plan(&f, "d", "", "5");
	plan(&f, "e", "", "5")->ends_at = TT_TIME_MISSING;
	units(&f, "f", "x2", 1, "1")->ends_at = -24 * H;
	units(&f, "past", "x2", 1, "1")->ends_at = -H;
	fleet_ready(&f);
	tt_bill *b = bill(&f, NULL);
	T_INT(100 * UNIT, b->total_micro);
	T_INT(5, b->held.n_notes);
	if (b->held.n_notes == 5) {
		T_STR("commitment a is held, but its cost is unknown and in no sum: it says no "
		      "units", b->held.notes[0]);
		T_HAS("what it costs is not known", b->held.notes[1]);
		T_HAS("neither instance_type nor gpu_model", b->held.notes[2]);
		T_HAS("no rate of its term and payment", b->held.notes[3]);
		T_HAS("its term is not known", b->held.notes[4]);
	}
	tt_bill_free(b);
	fleet_close(&f);
}

/* --- Hours that are published ------------------------------------------------------------- */

static void many(fleet *f, const char *type, int n, const char *list, const char *rate)
{
	price(f, type, "on_demand", "", list);
	price(f, type, "commit_1y", "none", rate);
	for (int i = 0; i < n; i++)
		node(f, type, "on_demand", NULL);
}

/* AWS's hour with a plan of 25.00: nothing is left on demand. */
static void test_plan_of_25(void)
{
	fleet f;

	fleet_open(&f, 0, H);
	many(&f, "a", 1, "4", "2");
	many(&f, "b", 1, "10", "8");
	many(&f, "c", 10, "1.5", "1");
	many(&f, "d", 5, "2", "1");
	plan(&f, "sp", "", "25");
	fleet_ready(&f);
	tt_bill *b = bill(&f, NULL);
	T_INT(25 * UNIT, b->total_micro);
	T_INT(0, b->unused_micro);
	T_INT(2 * UNIT, b->nodes[0].cost_micro);
	T_INT(8 * UNIT, b->nodes[1].cost_micro);
	tt_bill_free(b);
	fleet_close(&f);
}

/* Of the hour that comes to 47.13: what is instances, and vCPUs and GB as nodes of their own.
 * The rest of it is memory by the second (19.125) and a charge by request (0.20). */
static void test_plan_of_47(void)
{
	fleet f;

	fleet_open(&f, 0, H);
	many(&f, "r5.4xlarge", 4, "1.00", "0.70");
	many(&f, "m5.24xlarge", 1, "10", "8.20");
	many(&f, "vcpu", 400, "0.04", "0.03");
	many(&f, "gb", 1600, "0.004", "0.003");
	plan(&f, "sp", "", "50");
	fleet_ready(&f);
	tt_bill *b = bill(&f, NULL);
	T_INT(50 * UNIT, b->total_micro);
	T_INT(47125000 - 19125000 - 200000, b->total_micro - b->unused_micro);
	tt_bill_free(b);
	fleet_close(&f);
}

/* An instance plan goes first, whatever would be cheaper. */
static void test_stacked(void)
{
	fleet f;

	fleet_open(&f, 0, H);
	price(&f, "a1", "on_demand", "", "2");
	price(&f, "a2", "on_demand", "", "1.818181818182");
	price(&f, "a1", "commit_1y", "none", "1");
	price(&f, "a2", "commit_1y", "none", "1");
	price(&f, "a1", "commit_3y", "none", "1.04");
	price(&f, "a2", "commit_3y", "none", "1.727272727273");
	node(&f, "a1", "on_demand", NULL);
	node(&f, "a2", "on_demand", NULL)->region = "north";
	plan(&f, "compute", "", "1.04")->ends_at = (int64_t)3 * 365 * 24 * H;
	plan(&f, "instance", "a1", "1.00");
	fleet_ready(&f);
	tt_bill *b = bill(&f, NULL);
	T_INT(2763445, b->total_micro); /* 2.76344498 */
	tt_bill_free(b);
	fleet_close(&f);
}

/* A week of three kinds, 168 hours. */
static void test_week(void)
{
	enum { WEEK = 168 };
	int use[3][WEEK];
	fleet f;

	for (int t = 0; t < WEEK; t++) {
		use[0][t] = 3 + t % 5;
		use[1][t] = t % 24 >= 8 && t % 24 < 18 ? 2 : 1;
		use[2][t] = 10 + 7 * t % 13;
	}
	fleet_open(&f, 0, WEEK * H);
	many(&f, "a", 0, "4", "2.4");
	many(&f, "b", 0, "10", "7");
	many(&f, "c", 0, "1", "0.8");
	curve(&f, "a", "on_demand", use[0], WEEK);
	curve(&f, "b", "on_demand", use[1], WEEK);
	curve(&f, "c", "on_demand", use[2], WEEK);
	plan(&f, "sp", "", "29.4");
	fleet_ready(&f);
	tt_bill *b = bill(&f, NULL);
	const int64_t held = 29400000 * INT64_C(168);

	T_INT(6147700000, b->total_micro);
	T_F64(98.420797, 100.0 * (double)(held - b->unused_micro) / (double)held, 5e-7);
	tt_bill_free(b);
	f.s.table[TT_COMMITMENTS].n = 0;
	T_INT(8416000000, cost(&f, NULL));
	fleet_close(&f);
}

/* 2,000,000.00 a year for a hundred nodes of which `pct` are there on average, one more or
 * less every hour. */
static void test_stranded(int pct, int64_t want)
{
	enum { YEAR = 365 * 24, SWING = 15 };
	static int use[YEAR];
	fleet f;

	for (int t = 0; t < YEAR; t++) {
		const int at = t % (4 * SWING);

		use[t] = pct - SWING + (at < 2 * SWING ? at : 4 * SWING - at);
	}
	fleet_open(&f, 0, (int64_t)YEAR * H);
	curve(&f, "x2", "reserved", use, YEAR);
	for (int i = 0; i < 100; i++) {
		tt_commitment_row *c = units(&f, fleet_text(&f, "ri-%03d", i), "x2", 1, "0");

		c->payment = "all";
		c->upfront = dec("20000.00");
		c->starts_at = 0;
		c->ends_at = (int64_t)YEAR * H;
	}
	fleet_ready(&f);
	tt_bill *b = bill(&f, NULL);
	T_INT(2000000 * UNIT, b->total_micro);
	T_INT(want, b->unused_micro);
	T_INT(want, b->bucket_micro[TT_RULE_SHARE][TT_UNALLOCATED_IDLE]);
	tt_bill_free(b);
	fleet_close(&f);
}

/* Without commitments.csv nothing is metered. */
static void test_none(void)
{
	fleet f;

	open_small(&f);
	f.s.table[TT_COMMITMENTS].n = 0;
	fleet_ready(&f);
	tt_bill *b = bill(&f, NULL);
	T_INT(200 * UNIT, b->total_micro);
	T_INT(2, b->unknown_nodes);
	T_INT(0, b->held.n_costs);
	T_STR("prices.csv 1970-01-01T00:00:00Z", b->nodes[2].price_from);
	tt_bill_free(b);
	fleet_close(&f);
}

int main(void)
{
	tt_err err = { 0 };

	T_INT(TT_OK, tt_settings_load(NULL, &settings, &err));
	arena = tt_arena_new();
	test_none();
	test_cover();
	test_release();
	test_others();
	test_capacity();
	test_own_price();
	test_beyond();
	test_kinds();
	test_notes();
	test_plan_of_25();
	test_plan_of_47();
	test_stacked();
	test_week();
	test_stranded(60, INT64_C(800000000000));
	test_stranded(61, INT64_C(780000000000));
	test_stranded(62, INT64_C(760000000000));
	tt_settings_free(settings);
	tt_arena_free(arena);
	return T_END();
}
