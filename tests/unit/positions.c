/* What is held and who uses it: known fleets; and on random ones used and unused are what is
 * held in every hour, owners add up to what is used, and all of it to the bill. */
#include "commit/positions.h"
#include "held_fleet.h"

enum { TEN = 10 * H };

static void check(const tt_bill *b, const tt_positions *h)
{
	int64_t cost = 0, unused = 0, owners = 0, used_all = 0;

	T_INT(b->held.n_costs, h->n);
	for (size_t i = 0; i < h->n; i++) {
		const tt_position *v = &h->v[i];
		tt_i128 held_s = 0, used_s = 0;

		T_STR(b->held.costs[i].commitment, v->row->commitment);
		for (size_t k = 0; k < h->hours; k++) {
			T_OK(v->course->used[k] >= 0 && v->course->used[k] <= v->course->held[k]);
			held_s += v->course->held[k];
			used_s += v->course->used[k];
		}
		if (!v->course->money) {
			T_OK(held_s == v->cost->held_micro_s);
			T_F64((double)(v->cost->held_micro_s - v->cost->unused_micro_s),
			      (double)used_s, (double)h->hours);
		}
		cost += v->cost->cost_micro;
		unused += v->cost->unused_micro;
	}
	T_INT(cost, h->cost_micro);
	T_INT(unused, h->unused_micro);
	T_INT(b->unused_micro, h->unused_micro);
	for (size_t g = 0; g < h->n_groups; g++) {
		const tt_position_group *x = &h->groups[g];
		int64_t used = 0;
		double unit_h = 0;

		for (size_t i = 0; i < x->owners.n; i++) {
			used += x->owners.v[i].committed_micro;
			unit_h += x->owners.v[i].unit_h;
		}
		T_INT(x->cost_micro - x->unused_micro, used);
		T_F64(x->money ? 0 : x->held_h - x->unused_h, unit_h, 1e-6);
		used_all += used;
	}
	for (size_t i = 0; i < h->owners.n; i++)
		owners += h->owners.v[i].committed_micro;
	T_INT(used_all, owners);
}

static tt_positions *make(const tt_bill *b)
{
	tt_positions *h = NULL;
	tt_err err = { 0 };

	T_INT(TT_OK, tt_positions_make(b, settings, &h, &err));
	T_STR("", err.text);
	if (!h)
		exit(1);
	check(b, h);
	return h;
}

/* Three units for ten hours: two nodes all the time, one for five hours, and one on demand in
 * the last two hours, which takes what is free. */
static void test_known(void)
{
	fleet f;

	fleet_open(&f, 0, TEN);
	node(&f, "x2", "reserved", NULL)->labels = "team=red";
	node(&f, "x2", "reserved", NULL)->labels = "team=blue";
	node(&f, "x2", "reserved", NULL)->ended_at = 5 * H;
	node(&f, "x2", "on_demand", NULL)->started_at = 8 * H;
	node(&f, "x4", "on_demand", "20");
	price(&f, "x2", "on_demand", "", "10");
	units(&f, "ri", "x2", 3, "6");
	fleet_ready(&f);

	tt_bill *b = bill(&f, NULL);
	tt_positions *h = make(b);

	T_INT(1, h->n_groups);
	T_INT(180 * UNIT, h->cost_micro);
	T_INT(18 * UNIT, h->unused_micro);
	T_F64(0.9, h->groups[0].used_ratio, 1e-12);
	T_F64(3, h->groups[0].used[0], 1e-12);
	T_F64(2, h->groups[0].used[6], 1e-12);
	T_F64(3, h->groups[0].held[6], 1e-12);
	T_F64(3, h->groups[0].used[9], 1e-12);
	/* 270 of listed hours are all covered; the other type never is: 20 an hour */
	T_F64(1, tt_positions_coverage(h->groups[0].listed, h->groups[0].on_demand, 0, 10), 1e-12);
	T_F64(270. / 470, h->coverage_ratio, 1e-12);
	T_F64(20. / 40, tt_positions_coverage(h->listed, h->on_demand, 6, 7), 1e-12);
	tt_positions_free(h);
	tt_bill_free(b);
	fleet_close(&f);
}

static tt_pod_row *pod(fleet *f, const char *name, const char *on, double gpus, const char *labels)
{
	tt_pod_row *p = fleet_row(f, TT_PODS);

	p->pod = name;
	p->node = on;
	p->gpus = gpus;
	p->labels = labels;
	p->namespace_ = "work";
	p->started_at = 0;
	return p;
}

/* One node is half of red and half of blue: so is what they use of the unit. */
static void test_owners(void)
{
	fleet f;

	fleet_open(&f, 0, TEN);
	node(&f, "x2", "reserved", NULL);
	node(&f, "x4", "on_demand", "20");
	price(&f, "x2", "on_demand", "", "10");
	units(&f, "ri", "x2", 2, "6");
	pod(&f, "a", "n00000", 1, "team=red");
	pod(&f, "b", "n00000", 1, "team=blue");
	pod(&f, "c", "n00001", 2, "team=blue");
	fleet_ready(&f);

	tt_bill *b = bill(&f, NULL);
	tt_positions *h = make(b);
	const tt_position_owners *o = &h->groups[0].owners;

	T_INT(2, o->n);
	T_STR("blue", o->v[0].owner);
	T_INT(30 * UNIT, o->v[0].committed_micro);
	T_F64(5, o->v[0].unit_h, 1e-9);
	T_STR("red", o->v[1].owner);
	T_INT(30 * UNIT, o->v[1].committed_micro);
	T_INT(2, h->owners.n);
	T_STR("blue", h->owners.v[0].owner);
	T_INT(200 * UNIT, h->owners.v[0].on_demand_micro);
	T_INT(0, h->owners.v[1].on_demand_micro);
	tt_positions_free(h);
	tt_bill_free(b);
	fleet_close(&f);
}

/* 12 an hour at a rate of 6: two of three nodes in the first half, of one in the second. */
static void test_money(void)
{
	fleet f;

	fleet_open(&f, 0, TEN);
	node(&f, "x2", "on_demand", NULL);
	node(&f, "x2", "on_demand", NULL)->ended_at = 5 * H;
	node(&f, "x2", "on_demand", NULL)->ended_at = 5 * H;
	price(&f, "x2", "on_demand", "", "10");
	price(&f, "x2", "commit_1y", "none", "6");
	tt_commitment_row *c = plan(&f, "sp", "", "12");
	c->starts_at = 0;
	c->ends_at = 8760 * (int64_t)H;
	fleet_ready(&f);

	tt_bill *b = bill(&f, NULL);
	tt_positions *h = make(b);

	T_OK(h->groups[0].money);
	T_INT(120 * UNIT, h->cost_micro);
	T_INT(30 * UNIT, h->unused_micro);
	T_F64(0.75, h->groups[0].used_ratio, 1e-12);
	T_F64(12, h->groups[0].used[0], 1e-12);
	T_F64(6, h->groups[0].used[9], 1e-12);
	T_F64(2. / 3, tt_positions_coverage(h->groups[0].listed, h->groups[0].on_demand, 0, 1),
	      1e-12);
	tt_positions_free(h);
	tt_bill_free(b);
	fleet_close(&f);
}

static void test_none(void)
{
	fleet f;

	fleet_open(&f, 0, TEN);
	node(&f, "x2", "on_demand", "10");
	units(&f, "old", "x2", 1, "6")->ends_at = -H;
	units(&f, "dumb", "x2", 1, "6")->price_per_hour = TT_DECIMAL_MISSING;
	fleet_ready(&f);

	tt_bill *b = bill(&f, NULL);
	tt_positions *h = make(b);

	T_INT(0, h->n);
	T_INT(2, h->n_unmetered);
	T_STR("what it costs is not known", h->unmetered[0].why);
	T_STR("its term is not in the window", h->unmetered[1].why);
	T_OK(h->unmetered[0].charged_micro == TT_MONEY_UNKNOWN);
	T_F64(0, h->coverage_ratio, 0);
	T_INT(100 * UNIT, h->owners.v[0].on_demand_micro);
	tt_positions_free(h);
	tt_bill_free(b);
	fleet_close(&f);
}

/* What charges say of a commitment, in the part of their time that is in the window. */
static void test_charged(void)
{
	tt_bill *b = NULL;
	tt_err err = { 0 };
	tt_case c;
	fleet f;

	fleet_open(&f, 0, TEN);
	node(&f, "x2", "on_demand", "10");
	units(&f, "ri", "x2", 1, "6");
	for (int i = 0; i < 2; i++) {
		tt_charge_row *r = fleet_row(&f, TT_CHARGES);

		r->ResourceId = i ? "ri" : "i-0";
		r->ChargeCategory = "Usage";
		r->CommitmentDiscountId = "ri";
		r->CommitmentDiscountStatus = i ? "Unused" : "Used";
		r->ChargePeriodStart = 0;
		r->ChargePeriodEnd = i ? 20 * H : TEN;
		r->EffectiveCost = dec(i ? "40" : "60");
		r->BillingCurrency = "USD";
	}
	fleet_ready(&f);

	tt_case_init(&c, &f.s, settings);
	T_INT(TT_OK, tt_bill_make(&c, settings, &b, &err));

	tt_positions *h = make(b);

	T_INT(0, h->n);
	T_INT(1, h->n_unmetered);
	T_HAS("charges.csv has", h->unmetered[0].why);
	T_INT(80 * UNIT, h->unmetered[0].charged_micro);
	T_INT(20 * UNIT, h->unmetered[0].charged_unused_micro);
	tt_positions_free(h);
	tt_bill_free(b);
	fleet_close(&f);
}

static uint64_t state;

static int roll(int n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (int)(state >> 33) % n;
}

static void random_fleet(fleet *f)
{
	static const char *const types[] = { "x2", "x4" };
	static const char *const teams[] = { "team=red", "team=blue", "" };
	static const char *const ways[] = { "on_demand", "on_demand", "reserved", "spot" };

	fleet_open(f, 1800 * roll(3), 40 * H + 60 * roll(90));
	for (int i = 0; i < 2; i++) {
		price(f, types[i], "on_demand", "", i ? "20" : "10.01");
		price(f, types[i], "commit_1y", "none", i ? "13" : "6.07");
	}
	for (int i = 0; i < 3 + roll(8); i++) {
		tt_node_row *n = node(f, types[roll(2)], ways[roll(4)], NULL);

		n->labels = teams[roll(3)];
		n->started_at = f->s.start_s + 700 * roll(90);
		if (roll(2))
			n->ended_at = n->started_at + 1000 * (1 + roll(60));
		if (strcmp(n->pricing, "spot") == 0 || !roll(5))
			n->price_per_hour = dec("7.77");
	}
	for (int i = 0; i < 1 + roll(4); i++) {
		const char *id = fleet_text(f, "c%d", i);
		tt_commitment_row *c = roll(3) ? units(f, id, types[roll(2)], 1 + roll(3), "5.3")
			: plan(f, id, roll(2) ? types[roll(2)] : "", "8.21");

		if (roll(2))
			c->starts_at = f->s.start_s + 1234 * roll(40);
		c->ends_at = c->starts_at + 8760 * (int64_t)H;
	}
	fleet_ready(f);
}

static void test_random(void)
{
	for (int i = 0; i < 200; i++) {
		fleet f;

		state = (uint64_t)i * 977 + 1;
		random_fleet(&f);
		tt_bill *b = bill(&f, NULL);
		tt_positions_free(make(b));
		tt_bill_free(b);
		fleet_close(&f);
	}
}

int main(void)
{
	tt_err err = { 0 };

	arena = tt_arena_new();
	if (!arena || tt_settings_load(NULL, &settings, &err) != TT_OK)
		return 1;
	test_known();
	test_owners();
	test_money();
	test_none();
	test_charged();
	test_random();
	tt_settings_free(settings);
	tt_arena_free(arena);
	return T_END();
}
