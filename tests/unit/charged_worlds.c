/* What worlds make of charges: at the point, where nothing is assumed, they are the bill, of
 * nodes and of lines, whatever is changed; and a line is in the budget of whoever owns it. */
#include "held_fleet.h"
#include "simulate/simulation.h"
#include <math.h>

enum { WEEK = 168 * H, MOST = 3 };

struct setup {
	tt_scenario scenario;
	tt_bound_scenario bound;
	tt_bound_change changes[MOST];
	tt_assumed adoption, realisation, delay;
};

/* From the window's end for as long as the window. */
static void set_up(struct setup *u, const fleet *f, const tt_change *const *v, size_t n)
{
	*u = (struct setup){ .scenario = { .path = "s.yaml", .name = "s", .note = "" },
			     .adoption = tt_assumed_fixed(TT_ADOPTION, 1),
			     .realisation = tt_assumed_fixed(TT_REALISATION, 1),
			     .delay = tt_assumed_fixed(TT_START_DELAY, 0) };
	for (int i = 0; i < TT_ASSUMPTIONS; i++)
		u->scenario.assumed[i] = tt_assumed_default((enum tt_assumption)i);
	u->bound = (tt_bound_scenario){ .scenario = &u->scenario, .snapshot = &f->s,
					.from_s = f->s.end_s,
					.until_s = 2 * f->s.end_s - f->s.start_s,
					.changes = u->changes, .n_changes = n };
	for (size_t i = 0; i < n; i++)
		u->changes[i] = (tt_bound_change){ .change = *v[i], .adoption_ratio = &u->adoption,
						   .realisation_ratio = &u->realisation,
						   .start_delay_days = &u->delay };
}

static tt_simulation *simulate(const struct setup *u, const fleet *f)
{
	const tt_sim_options o = { .seed = 1, .most_worlds = 16, .threads = 1 };
	tt_simulation *s = NULL;
	tt_err err = { 0 };
	tt_bill *b = NULL;
	tt_case base;

	tt_case_init(&base, &f->s, settings);
	T_INT(TT_OK, tt_bill_make(&base, settings, &b, &err));
	T_INT(TT_OK, tt_simulate(&u->bound, b, settings, &o, &s, &err));
	T_STR("", err.text);
	if (!s)
		exit(1);
	s->bill = NULL;
	tt_bill_free(b);
	return s;
}

static tt_charge_row *charge(fleet *f, const char *resource, const char *service,
			     const char *cost)
{
	tt_charge_row *r = fleet_row(f, TT_CHARGES);

	r->ResourceId = resource;
	r->ServiceName = service;
	r->ChargePeriodStart = f->s.start_s;
	r->ChargePeriodEnd = f->s.end_s;
	r->ChargeCategory = "Usage";
	r->BillingCurrency = "USD";
	r->EffectiveCost = dec(cost);
	r->record = (double)f->s.table[TT_CHARGES].n;
	return r;
}

/* --- The bill ----------------------------------------------------------------------------- */

static uint64_t seed = 11;

static int below(int n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (int)((seed >> 33) % (uint64_t)n);
}

/* Nodes of two kinds, some of them charged; lines of odd sums; now and then something held,
 * here or in the region next to it. */
static void open_random(fleet *f)
{
	const int nodes = 2 + below(4), lines = 1 + below(6);

	fleet_open(f, 1234, 1234 + (below(2) ? 30 * H : 2 * WEEK));
	price(f, "x1", "on_demand", "", "3.3333");
	price(f, "x2", "on_demand", "", "7");
	price(f, "x1", "commit_1y", "none", "2.1");
	price(f, "x1", "on_demand", "", "4")->region = "south";
	price(f, "x2", "on_demand", "", "5.1")->region = "south";
	for (int i = 0; i < nodes; i++) {
		tt_node_row *n = node(f, below(2) ? "x1" : "x2", below(3) ? "on_demand" :
				      "reserved", NULL);

		n->node_group = n->instance_type;
		n->resource_id = fleet_text(f, "i-%d", i);
		if (below(3) == 0)
			n->ended_at = f->s.start_s + 1 + below(20 * H);
		if (below(2))
			charge(f, n->resource_id, "node",
			       fleet_text(f, "%d.%06d", below(90) - 5, below(1000000)));
	}
	for (int i = 0; i < lines; i++) {
		tt_charge_row *r = charge(f, below(2) ? "" : fleet_text(f, "r-%d", below(3)),
					  below(2) ? "a" : "b",
					  fleet_text(f, "%d.%06d", below(90), below(1000000)));

		r->SkuMeter = below(2) ? "output" : "input";
		r->ConsumedUnit = below(2) ? "Tokens" : "Hours";
		if (below(5) == 0)
			r->ChargeCategory = "Tax";
	}
	if (below(3) == 0)
		units(f, "ri", "x1", 1, "2.7")->ends_at = 3 * f->s.end_s;
	if (below(3) == 0) {
		tt_commitment_row *there = units(f, "there", "x2", 1, "3");

		there->region = "south";
		there->ends_at = 3 * f->s.end_s;
	}
	fleet_ready(f);
}

static const tt_change *random_change(fleet *f)
{
	const int n = (int)f->s.table[TT_NODES].n;
	const char *const service = below(2) ? "a" : "b";
	const char *text;

	switch (below(7)) {
	case 0:
		text = fleet_text(f, "scale charge:%s factor=%d.%d", service, below(2), below(100));
		break;
	case 1:
		text = fleet_text(f, "reprice charge:%s discount_ratio=0.%d", service, below(10));
		break;
	case 2:
		text = fleet_text(f, "scale fleet stream=output_tokens factor=0.%d", below(10));
		break;
	case 3:
		text = fleet_text(f, "commit offer:\"cloud/north/x1 commit_1y none\" action=buy "
				  "units=%d", 1 + below(2));
		break;
	case 4:
		text = fleet_text(f, "reprice node:n%05d discount_ratio=0.%d", below(n), below(10));
		break;
	case 5:
		text = fleet_text(f, "reprice node:n%05d region=south", below(n));
		break;
	default:
		text = fleet_text(f, "release node:n%05d,node:n%05d", below(n), below(n));
	}
	return parse(text);
}

static bool applies(const fleet *f, const tt_change *c)
{
	tt_err err = { 0 };
	tt_case cs;

	tt_case_init(&cs, &f->s, settings);
	const int rc = tt_change_apply(c, &cs, &err);
	tt_case_reset(&cs);
	return rc == TT_OK;
}

static void test_random(void)
{
	for (int i = 0; i < 300; i++) {
		const tt_change *v[MOST];
		struct setup u;
		size_t n = 0;
		fleet f;

		open_random(&f);
		for (int k = 0; k < MOST; k++) {
			v[n] = random_change(&f);
			n += applies(&f, v[n]);
			for (size_t j = 0; j + 1 < n; j++) {
				if (tt_change_hash(v[j]) == tt_change_hash(v[n - 1]))
					n--;
			}
		}
		set_up(&u, &f, v, n);
		tt_simulation *s = simulate(&u, &f);

		T_INT(cost(&f, NULL), s->baseline.point);
		T_INT(cost_of(&f, v, n), s->after.point);
		for (size_t k = 0; k < n; k++)
			T_INT(cost(&f, NULL) - cost_of(&f, &v[k], 1),
			      s->changes[k].standalone.point);
		tt_simulation_free(s);
		fleet_close(&f);
	}
}

/* Half of two lines of an odd number of micro-units each, as each is rounded. */
static void test_halves(void)
{
	struct setup u;
	fleet f;

	fleet_open(&f, 0, WEEK);
	charge(&f, "r-0", "a", "0.000003");
	charge(&f, "r-1", "a", "0.000003");
	fleet_ready(&f);
	const tt_change *change = parse("scale charge:a factor=0.5");
	set_up(&u, &f, &change, 1);
	tt_simulation *s = simulate(&u, &f);
	T_INT(4, cost_of(&f, &change, 1));
	T_INT(4, s->after.point);
	tt_simulation_free(s);
	fleet_close(&f);
}

/* 2^64 seconds of a bit of money are refused, and not none. */
static void test_most(void)
{
	static const char *const cost[] = { "5124095576030.430949", "-5124095576030.430949",
					    "2147490" };
	const tt_sim_options o = { .seed = 1, .most_worlds = 16, .threads = 1 };

	for (size_t i = 0; i < sizeof cost / sizeof *cost; i++) {
		tt_simulation *s = NULL;
		tt_err err = { 0 };
		struct setup u;
		fleet f;

		fleet_open(&f, 0, H);
		charge(&f, "r-0", "a", cost[i]);
		fleet_ready(&f);
		set_up(&u, &f, NULL, 0);
		tt_case base;
		tt_bill *b = NULL;
		tt_case_init(&base, &f.s, settings);
		T_INT(TT_OK, tt_bill_make(&base, settings, &b, &err));
		T_INT(TT_EDATA, tt_simulate(&u.bound, b, settings, &o, &s, &err));
		T_HAS("charges of an hour are more money than can be counted", err.text);
		tt_simulation_free(s);
		tt_bill_free(b);
		fleet_close(&f);
	}
}

/* --- Owners ------------------------------------------------------------------------------- */

static int64_t per_month(int64_t micro)
{
	return micro * 730 / 168;
}

/* A node is one owner's, a line another's: what becomes of the line is in the budget of the
 * second alone. */
static void test_owners(void)
{
	tt_scenario_budget asked[2] = {
		{ .owner = "nodes", .amount_per_month = 1, .probability_ratio = 0.9 },
		{ .owner = "lines", .amount_per_month = 1, .probability_ratio = 0.9 } };
	struct setup u;
	fleet f;

	fleet_open(&f, 0, WEEK);
	node(&f, "x1", "on_demand", "1")->labels = "team=nodes";
	charge(&f, "", "LLM", "504")->Tags = "team=lines";
	fleet_ready(&f);
	const tt_change *change = parse("scale charge:LLM factor=0.5");
	set_up(&u, &f, &change, 1);
	u.scenario.budgets = asked;
	u.scenario.n_budgets = 2;
	tt_simulation *s = simulate(&u, &f);
	T_INT(2, s->n_budgets);
	T_INT(per_month(168 * UNIT), s->budgets[0].p90_per_month);
	T_INT(per_month(252 * UNIT), s->budgets[1].p90_per_month);
	tt_simulation_free(s);
	fleet_close(&f);
}

int main(void)
{
	tt_err err = { 0 };

	T_INT(TT_OK, tt_settings_load(NULL, &settings, &err));
	arena = tt_arena_new();
	test_random();
	test_halves();
	test_most();
	test_owners();
	tt_settings_free(settings);
	tt_arena_free(arena);
	return T_END();
}
