/* A simulation against what can be worked out by hand: the empty set, sets that add, sets
 * that don't, levels, prices, delays, and the same bytes however it is run. */
#include "fleet.h"
#include "simulate/course.h"
#include <math.h>

enum { HOUR = 3600, DAY = 24 * HOUR, WEEK = 7 * DAY, MOST = 8 };
static const int64_t ONE = 1000000; /* a node-hour */

static tt_settings *settings;
static tt_arena *arena;

/* Two weeks. `fix`: two nodes all the time at 1 an hour; `auto`, autoscaled: one node all the
 * time and one more in the second week; `spot`: one node at 1, reserved one at 2. */
static void open_fleet(fleet *f)
{
	static const struct {
		const char *name, *group, *pricing;
		int64_t from_s;
	} nodes[] = { { "a0", "auto", "on_demand", 0 }, { "a1", "auto", "on_demand", WEEK },
		      { "f0", "fix", "on_demand", 0 }, { "f1", "fix", "on_demand", 0 },
		      { "r0", "held", "reserved", 0 } };

	fleet_open(f, 0, 2 * WEEK);
	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
		tt_node_row *n = fleet_node(f, nodes[i].name, 1);
		const char *pod = fleet_text(f, "p-%s", nodes[i].name);
		tt_pod_row *p = fleet_pod(f, pod, nodes[i].name, 1);

		n->node_group = nodes[i].group;
		n->provider = "cloud";
		n->region = "north";
		n->instance_type = "x1";
		n->pricing = nodes[i].pricing;
		n->started_at = nodes[i].from_s;
		n->price_per_hour = *nodes[i].group == 'h' ? 2 * TT_DECIMAL_ONE : TT_DECIMAL_ONE;
		p->workload = nodes[i].group;
		p->workload_kind = "training";
		p->started_at = nodes[i].from_s;
		fleet_hold(f, fleet_card(f, nodes[i].name, "0", ""), pod, nodes[i].from_s,
			   2 * WEEK, 60, 1);
	}
	tt_node_group_row *g = fleet_row(f, TT_NODE_GROUPS);
	g->node_group = "auto";
	g->autoscaler = "karpenter";
	fleet_ready(f);
}

struct setup {
	tt_scenario scenario;
	tt_bound_scenario bound;
	tt_bound_change changes[MOST];
	tt_assumed adoption[MOST], realisation[MOST], delay[MOST];
};

/* A scenario of n changes over `weeks` weeks. */
static void set_up(struct setup *u, const fleet *f, const char *const *texts, size_t n,
		   int64_t weeks)
{
	*u = (struct setup){ .scenario = { .path = "s.yaml", .name = "s", .note = "" } };
	for (int i = 0; i < TT_ASSUMPTIONS; i++)
		u->scenario.assumed[i] = tt_assumed_default((enum tt_assumption)i);
	u->bound = (tt_bound_scenario){ .scenario = &u->scenario, .snapshot = &f->s,
					.from_s = 2 * WEEK, .until_s = (2 + weeks) * WEEK,
					.changes = u->changes, .n_changes = n };
	for (size_t i = 0; i < n; i++) {
		tt_err err = { 0 };

		T_INT(TT_OK, tt_change_parse(texts[i], arena, &u->changes[i].change, &err));
		u->adoption[i] = tt_assumed_fixed(TT_ADOPTION, 1);
		u->realisation[i] = tt_assumed_fixed(TT_REALISATION, 1);
		u->delay[i] = tt_assumed_fixed(TT_START_DELAY, 0);
		u->changes[i].adoption_ratio = &u->adoption[i];
		u->changes[i].realisation_ratio = &u->realisation[i];
		u->changes[i].start_delay_days = &u->delay[i];
	}
}

static tt_simulation *simulate_with(const struct setup *u, const fleet *f,
				    const tt_sim_options *o)
{
	tt_simulation *s = NULL;
	tt_bill *bill = NULL;
	tt_err err = { 0 };
	tt_case base;

	tt_case_init(&base, &f->s, settings);
	FLEET_MUST(tt_bill_make(&base, settings, &bill, &err) == TT_OK);
	T_INT(TT_OK, tt_simulate(&u->bound, bill, settings, o, &s, &err));
	T_STR("", err.text);
	FLEET_MUST(s);
	s->bill = NULL;
	tt_bill_free(bill);
	return s;
}

static tt_simulation *simulate(const struct setup *u, const fleet *f, uint64_t seed,
			       size_t worlds, int threads)
{
	return simulate_with(u, f, &(tt_sim_options){ .seed = seed, .most_worlds = worlds,
						      .threads = threads });
}

/* Over as many weeks as were measured, each once: the bill, exactly. */
static void test_empty(const fleet *f)
{
	struct setup u;

	set_up(&u, f, NULL, 0, 2);
	tt_simulation *s = simulate(&u, f, 1, 256, 1);
	const int64_t bill = (336 + 168 + 2 * 336 + 2 * 336) * ONE;

	T_INT(bill, s->baseline.point);
	T_INT(bill, s->after.point);
	T_INT(0, s->saving.worlds.p90.value);
	T_INT(2, s->weeks_measured);
	T_INT(256, s->n_worlds);
	/* a world has each week drawn anew: 0, 1 or 2 times the second node */
	T_INT(bill - 168 * ONE, s->baseline.worlds.p10.value);
	T_INT(bill, s->baseline.worlds.p50.value);
	T_INT(bill + 168 * ONE, s->baseline.worlds.p90.value);
	tt_simulation_free(s);
}

static void test_sets(const fleet *f)
{
	static const char *const texts[] = { "release node:f0", ("reprice node_group:fix "
					      "discount_ratio=0.5"), "release node:a0",
					     "release node:r0" };
	struct setup u;

	set_up(&u, f, texts, 4, 2);
	tt_simulation *s = simulate(&u, f, 1, 256, 2);

	T_INT(336 * ONE, s->changes[0].standalone.point);
	T_INT(336 * ONE, s->changes[1].standalone.point); /* half of two nodes */
	T_INT(336 * ONE, s->changes[0].in_set.point);
	T_INT(168 * ONE, s->changes[1].in_set.point);     /* half of the one that is left */
	T_INT(1, s->changes[1].n_lost);
	T_INT(0, s->changes[1].lost[0].to);
	T_INT(168 * ONE, s->changes[1].lost[0].micro);
	T_INT(336 * ONE, s->changes[2].in_set.point);
	T_INT(0, s->changes[3].standalone.point);         /* reserved: paid all the same */
	T_OK(*s->changes[3].note);
	T_INT((336 + 168 + 336) * ONE, s->saving.point);
	T_INT((336 + 336) * ONE, s->by_lever[TT_LEVER_USAGE].point);
	T_INT(168 * ONE, s->by_lever[TT_LEVER_RATE].point);
	for (size_t i = 0; i < s->n_worlds; i++)
		T_OK(s->savings[i] == s->saving.point); /* no draw touches them */
	int64_t of_pools = 0, of_months = 0;
	for (size_t i = 0; i < s->n_pools; i++)
		of_pools += s->pools[i].saving.point;
	for (size_t i = 0; i < s->n_months; i++)
		of_months += s->months[i].saving.point;
	T_INT(s->saving.point, of_pools);
	T_INT(s->saving.point, of_months);
	tt_simulation_free(s);
}

/* Demand moves autoscaled pools, in whole instances; what is signed keeps its price. */
static void test_levels(const fleet *f)
{
	struct setup u;

	set_up(&u, f, NULL, 0, 2);
	u.scenario.assumed[TT_DEMAND_LEVEL] = tt_assumed_fixed(TT_DEMAND_LEVEL, 1.2);
	tt_simulation *s = simulate(&u, f, 1, 256, 1);
	/* 1 -> 2 nodes in the first week, 2 -> 3 in the second */
	T_INT((2 * 168 + 3 * 168 + 2 * 336 + 2 * 336) * ONE, s->baseline.point);
	tt_simulation_free(s);

	set_up(&u, f, NULL, 0, 2);
	u.scenario.assumed[TT_ON_DEMAND_PRICE] = tt_assumed_fixed(TT_ON_DEMAND_PRICE, 0.5);
	s = simulate(&u, f, 1, 256, 1);
	T_INT((168 + 84 + 336 + 2 * 336) * ONE, s->baseline.point);
	tt_simulation_free(s);
}

/* A workload that doubles each month takes its pool along; one without an autoscaler stays. */
static void test_growth(const fleet *f)
{
	tt_change_subject subjects[] = { { TT_SUBJECT_WORKLOAD, "auto" },
					 { TT_SUBJECT_WORKLOAD, "fix" } };
	tt_scenario_growth item = { .ratio_per_month = tt_assumed_fixed(TT_GROWTH, 1) };
	tt_bound_growth growth = { .from = &item, .subjects = subjects, .n_subjects = 2 };
	struct setup u;

	set_up(&u, f, NULL, 0, 5);
	u.bound.growth = &growth;
	u.bound.n_growth = 1;
	tt_simulation *s = simulate(&u, f, 1, 256, 2);
	/* 1, 2, 1, 2, 1 nodes times 1, 1.17, 1.38, 1.61, 1.89, whole */
	T_INT((1 + 3 + 2 + 4 + 2 + 5 * 4) * 168 * ONE, s->baseline.point);
	tt_simulation_free(s);
}

static void test_change_draws(const fleet *f)
{
	static const char *const texts[] = { "release node:f0", "release node:f1" };
	struct setup u, one;
	double adopted = 0;

	set_up(&u, f, texts, 2, 2);
	u.adoption[0] = tt_assumed_fixed(TT_ADOPTION, 0.25);
	u.realisation[1] = tt_assumed_fixed(TT_REALISATION, 0.5);
	u.delay[1] = tt_assumed_fixed(TT_START_DELAY, 7);
	tt_simulation *s = simulate(&u, f, 7, 4096, 2);

	adopted = s->changes[0].adopted_ratio;
	T_(adopted > 0.22 && adopted < 0.28, "adopted in %g of the worlds, want 0.25",
	   adopted);
	T_INT(84 * ONE, s->changes[1].in_set.point); /* half of the second week */
	for (size_t i = 0; i < s->n_worlds; i++)
		T_OK(s->savings[i] == 84 * ONE || s->savings[i] == (84 + 336) * ONE);

	/* without the other change, the draws of the first are as they were */
	set_up(&one, f, texts, 1, 2);
	one.adoption[0] = tt_assumed_fixed(TT_ADOPTION, 0.25);
	tt_simulation *alone = simulate(&one, f, 7, 4096, 1);
	for (size_t i = 0; i < s->n_worlds; i++)
		T_OK(s->savings[i] - 84 * ONE == alone->savings[i]);
	tt_simulation_free(alone);
	tt_simulation_free(s);
}

/* Two releases that are one, and a price: in the order of verbs and in the caller's. */
static void test_together(const fleet *f)
{
	static const char *const texts[] = { "reprice node_group:fix discount_ratio=0.5",
					     "release node:f0", "release node:f1" };
	struct setup u;

	set_up(&u, f, texts, 3, 2);
	const tt_change *second = &u.changes[2].change;
	u.bound.n_changes = 2;
	u.changes[1].also = &second;
	u.changes[1].n_also = 1;
	tt_simulation *s = simulate(&u, f, 1, 32, 1);
	T_INT(2 * 336 * ONE, s->changes[1].standalone.point);
	T_INT(2 * 336 * ONE, s->changes[1].in_set.point);
	T_INT(0, s->changes[0].in_set.point);
	tt_simulation_free(s);

	u.bound.in_order = true;
	s = simulate(&u, f, 1, 32, 1);
	T_INT(336 * ONE, s->changes[0].in_set.point);
	T_INT(336 * ONE, s->changes[1].in_set.point);
	tt_simulation_free(s);

	/* both or none; draws are not those of the first alone */
	u.adoption[1] = tt_assumed_fixed(TT_ADOPTION, 0.5);
	const tt_sim_options o = { .seed = 1, .most_worlds = 1024, .threads = 2,
				   .by_world = true };
	size_t adopted = 0;
	s = simulate_with(&u, f, &o);
	T_INT(1024, s->n_worlds);
	T_INT(0, s->n_changes);
	for (size_t w = 0; w < s->n_worlds; w++) {
		const int64_t *in_set = s->by_world->in_set + 2 * w;
		const bool is = s->by_world->adopted[2 * w + 1];

		adopted += is;
		T_INT(336 * ONE, in_set[0]);
		T_INT(is ? 336 * ONE : 0, in_set[1]);
		T_INT(is ? 672 * ONE : 0, s->by_world->standalone[2 * w + 1]);
		T_INT(s->savings[w], in_set[0] + in_set[1]);
	}
	T_(adopted > 440 && adopted < 584, "adopted in %zu of 1024 worlds, want half", adopted);
	tt_simulation_free(s);
}

/* One that is priced alone only takes nothing from the others. */
static void test_alone(const fleet *f)
{
	static const char *const texts[] = { "release node:f0", "release node:f0 effort_days=1",
					     "release node:f1" };
	struct setup u;

	set_up(&u, f, texts, 3, 2);
	u.bound.in_order = true;
	u.changes[0].alone = true;
	tt_simulation *s = simulate(&u, f, 1, 32, 1);
	T_INT(336 * ONE, s->changes[0].standalone.point);
	T_INT(336 * ONE, s->changes[0].standalone.worlds.p50.value);
	T_INT(0, s->changes[0].in_set.point);
	T_INT(0, s->changes[1].n_lost);
	T_INT(336 * ONE, s->changes[1].in_set.point);
	T_INT(2 * 336 * ONE, s->saving.point);
	tt_simulation_free(s);
}

/* Those that are one are in force while all of them are. */
static void test_dates(const fleet *f)
{
	static const char *const texts[] = { "release node:f0 from=1970-01-22T00:00:00Z",
					     "release node:f1" };
	struct setup u;

	set_up(&u, f, texts, 2, 2); /* to the 29th */
	const tt_change *second = &u.changes[1].change;
	u.bound.n_changes = 1;
	u.changes[0].also = &second;
	u.changes[0].n_also = 1;
	tt_simulation *s = simulate(&u, f, 1, 32, 1);
	T_INT(2 * 168 * ONE, s->saving.point);
	tt_simulation_free(s);
}

/* Three pods on one node: it goes when all of them do, and no two say so. */
static void test_partners(void)
{
	static const char *const texts[] = { "release pod:p0", "release pod:p1",
					     "release pod:p2" };
	struct setup u;
	fleet f;

	for (size_t n = 2; n <= 3; n++) {
		fleet_open(&f, 0, 2 * WEEK);
		tt_node_row *node = fleet_node(&f, "n", (double)n);

		node->pricing = "on_demand";
		node->price_per_hour = TT_DECIMAL_ONE;
		for (size_t i = 0; i < n; i++) {
			const char *pod = fleet_text(&f, "p%zu", i);

			fleet_pod(&f, pod, "n", 1)->started_at = 0;
			fleet_hold(&f, fleet_card(&f, "n", fleet_text(&f, "%zu", i), ""), pod, 0,
				   2 * WEEK, 60, 90);
		}
		fleet_ready(&f);
		set_up(&u, &f, texts, n, 2);
		tt_simulation *s = simulate(&u, &f, 1, 32, 1);
		for (size_t i = 0; i < n; i++) {
			T_INT(0, s->changes[i].standalone.point);
			T_INT(i + 1 < n ? 0 : 336 * ONE, s->changes[i].in_set.point);
			T_INT(0, s->changes[i].n_lost);
			T_OK(s->changes[i].n_together > 0);
		}
		T_INT(0, s->changes[n - 1].together[0].to);
		T_INT(n - 1, s->changes[0].together[0].to);
		T_INT(336 * ONE, s->changes[0].together[0].micro);
		T_INT(n - 1, s->changes[n - 1].n_together);
		tt_simulation_free(s);
		fleet_close(&f);
	}
}

/* Two owners have half of a pool each; the node of one of them goes. */
static void test_owners(void)
{
	static const char *const texts[] = { "release node:n0" };
	tt_scenario_budget asked = { .owner = "a", .amount_per_month = 100 * TT_DECIMAL_ONE,
				     .probability_ratio = 0.9, .at = { "s.yaml", 1, 1 } };
	struct setup u;
	fleet f;

	fleet_open(&f, 0, 2 * WEEK);
	for (int i = 0; i < 2; i++) {
		const char *name = fleet_text(&f, "n%d", i), *pod = fleet_text(&f, "p%d", i);
		tt_node_row *n = fleet_node(&f, name, 1);
		tt_pod_row *p = fleet_pod(&f, pod, name, 1);

		n->node_group = "g";
		n->pricing = "on_demand";
		n->price_per_hour = TT_DECIMAL_ONE;
		p->labels = i ? "team=b" : "team=a";
		p->started_at = 0;
		fleet_hold(&f, fleet_card(&f, name, "0", ""), pod, 0, 2 * WEEK, 60, 90);
	}
	/* 700 in ten days are 2,129 a month; the scenario's own word on "a" counts */
	for (int i = 0; i < 4; i++) {
		static const char *const owners[] = { "a", "b", "b", "nobody" };
		tt_budget_row *r = fleet_row(&f, TT_BUDGETS);

		r->owner = owners[i];
		r->starts_at = i == 2 ? 20 * WEEK : 0;
		r->ends_at = i == 2 ? TT_TIME_MISSING : 10 * DAY;
		r->amount = 700 * TT_DECIMAL_ONE;
	}
	fleet_ready(&f);
	set_up(&u, &f, texts, 1, 30);
	u.scenario.budgets = &asked;
	u.scenario.n_budgets = 1;
	tt_simulation *s = simulate(&u, &f, 1, 32, 1);
	T_INT(3, s->n_budgets);
	T_F64(0, s->budgets[0].baseline_within_ratio, 0);
	T_F64(1, s->budgets[0].within_ratio, 0);
	T_INT(0, s->budgets[0].p90_per_month);
	/* the one to come is nearer than the one that is over, and is of a month */
	T_STR("b", s->budgets[1].of->owner);
	T_OK(s->budgets[1].of->amount_per_month == 700 * TT_DECIMAL_ONE);
	T_F64(0, s->budgets[1].baseline_within_ratio, 0);
	T_INT(730 * ONE, s->budgets[1].p90_per_month);
	T_STR("nobody", s->budgets[2].of->owner);
	T_OK(isnan(s->budgets[2].within_ratio));
	T_OK(s->budgets[2].of->amount_per_month / (TT_DECIMAL_ONE / 100) == 212916);
	tt_simulation_free(s);
	fleet_close(&f);
}

/* What could go since a date in the window goes in all of the horizon, also in weeks like the
 * one in which it worked; what ended before the horizon is not there in it. */
static void test_window_dates(const fleet *f)
{
	static const char *const texts[] = { "release node:f0 from=1970-01-08T00:00:00Z",
					     "release node:f1 until=1970-01-08T00:00:00Z" };
	struct setup u;

	set_up(&u, f, texts, 2, 2);
	tt_simulation *s = simulate(&u, f, 1, 32, 1);
	T_INT(336 * ONE, s->changes[0].standalone.point);
	T_INT(336 * ONE, s->changes[0].standalone.worlds.p10.value);
	T_STR("", s->changes[0].note);
	T_INT(0, s->changes[1].standalone.point);
	T_HAS("not in force", s->changes[1].note);
	tt_simulation_free(s);
}

/* A pod that had nowhere to go in the first week: the release is priced in the second. */
static void test_only_since(void)
{
	static const char *const texts[] = { ("release node:n0 repack=true "
					      "from=1970-01-08T00:00:00Z") };
	struct setup u;
	fleet f;

	fleet_open(&f, 0, 2 * WEEK);
	for (int i = 0; i < 2; i++) {
		const char *name = fleet_text(&f, "n%d", i), *pod = fleet_text(&f, "p%d", i);
		tt_node_row *n = fleet_node(&f, name, 1);
		tt_pod_row *p = fleet_pod(&f, pod, name, 1);

		n->node_group = "g";
		n->pricing = "on_demand";
		n->price_per_hour = TT_DECIMAL_ONE;
		p->started_at = 0;
		p->ended_at = i ? 2 * WEEK : WEEK;
		fleet_hold(&f, fleet_card(&f, name, "0", ""), pod, 0, p->ended_at, 60, 90);
	}
	fleet_ready(&f);
	set_up(&u, &f, texts, 1, 2);
	tt_simulation *s = simulate(&u, &f, 1, 32, 1);
	T_INT(168 * ONE, s->saving.point);
	T_HAS("before its date it could not have been done", s->changes[0].note);
	tt_simulation_free(s);
	fleet_close(&f);
}

static void compare(const tt_simulation *a, const tt_simulation *b)
{
	T_INT(0, memcmp(a->savings, b->savings, a->n_worlds * sizeof *a->savings));
	T_INT(0, memcmp(&a->baseline, &b->baseline, sizeof a->baseline));
	T_INT(0, memcmp(&a->after, &b->after, sizeof a->after));
	for (size_t i = 0; i < a->n_pools; i++) {
		T_STR(a->pools[i].name, b->pools[i].name);
		T_INT(a->pools[i].after.worlds.p90.value, b->pools[i].after.worlds.p90.value);
	}
}

static void test_same_bytes(const fleet *f)
{
	static const char *const texts[] = { "release node:a0", ("reprice node_group:auto "
					      "discount_ratio=0.5"), "release node:f0" };
	static const char *const turned[] = { "release node:f0", "release node:a0",
					      "reprice node_group:auto discount_ratio=0.5" };
	struct setup u, v;

	set_up(&u, f, texts, 3, 60);
	set_up(&v, f, turned, 3, 60);
	struct setup *both[] = { &u, &v };
	for (int i = 0; i < 2; i++) {
		both[i]->scenario.assumed[TT_DEMAND_VOLATILITY] =
			tt_assumed_fixed(TT_DEMAND_VOLATILITY, 0.4);
		for (int k = 0; k < 3; k++)
			both[i]->adoption[k] = tt_assumed_fixed(TT_ADOPTION, 0.6);
	}
	tt_simulation *a = simulate(&u, f, 3, 512, 1), *b = simulate(&u, f, 3, 512, 5);
	tt_simulation *c = simulate(&v, f, 3, 512, 2), *d = simulate(&u, f, 4, 512, 2);
	compare(a, b);
	compare(a, c); /* in whatever order the scenario has them */
	T_OK(memcmp(a->savings, d->savings, a->n_worlds * sizeof *a->savings) != 0);
	T_OK(a->baseline.worlds.p10.value < a->baseline.worlds.p90.value);
	tt_simulation_free(a);
	tt_simulation_free(b);
	tt_simulation_free(c);
	tt_simulation_free(d);
}

/* Spot costs what the closed form says on average, and is uncertain around it. The pods of
 * both nodes run together, so either of them stops the work: every 10 h and not 20. */
static void test_spot(const fleet *f)
{
	static const char *const texts[] = { "reprice node:f0 pricing=spot price_per_hour=0.5 "
					     "interruptions_per_h=0.05 checkpoint_interval_s=3600 "
					     "checkpoint_s=60 recovery_s=600" };
	struct setup u;
	tt_simulation *s;

	set_up(&u, f, texts, 1, 52);
	s = simulate(&u, f, 1, 4096, 2);
	const double point = (double)s->saving.point, mean = (double)s->saving.worlds.mean;
	const double hours = 52.0 * 168, tau = 1, delta = 1 / 60.0, m = 10, r = 1 / 6.0;
	const double paid = exp(r / m) * m * (exp((tau + delta) / m) - 1) / tau;

	T_(fabs(point / 1e6 - hours * (1 - 0.5 * paid)) < 0.01, "saving %g, want %g", point / 1e6,
	   hours * (1 - 0.5 * paid));
	T_(fabs(mean / point - 1) < 0.002, "mean %g, want about %g", mean, point);
	T_OK(s->saving.worlds.p10.value < s->saving.worlds.p90.value);
	T_(fabs(s->after_service.interruptions - hours * 0.05) < 2, "%g interruptions, want %g",
	   s->after_service.interruptions, hours * 0.05);
	T_F64(0, s->baseline_service.interruptions, 0); /* nothing of it can be taken away */
	tt_simulation_free(s);
	/* what is assumed holds where the change says nothing, and only there */
	static const char *const silent[] = { "reprice node:f0 pricing=spot price_per_hour=0.5 "
					      "checkpoint_interval_s=3600 checkpoint_s=60 "
					      "recovery_s=600" };
	struct setup v;

	u.scenario.assumed[TT_INTERRUPTIONS] = tt_assumed_fixed(TT_INTERRUPTIONS, 0.5);
	s = simulate(&u, f, 1, 256, 2);
	T_INT((int64_t)point, s->saving.point);
	T_OK(s->added_service.interruptions < hours * 0.06);
	tt_simulation_free(s);
	set_up(&v, f, silent, 1, 52);
	v.scenario.assumed[TT_INTERRUPTIONS] = tt_assumed_fixed(TT_INTERRUPTIONS, 0.05);
	s = simulate(&v, f, 1, 256, 2);
	T_INT((int64_t)point, s->saving.point);
	v.scenario.assumed[TT_ZONE_INTERRUPTIONS] = tt_assumed_fixed(TT_ZONE_INTERRUPTIONS, 0.05);
	tt_simulation *zone = simulate(&v, f, 1, 256, 2);
	T_OK(zone->saving.point < s->saving.point);
	tt_simulation_free(zone);
	tt_simulation_free(s);

	/* in half of the worlds, in the second half of the year */
	u.adoption[0] = tt_assumed_fixed(TT_ADOPTION, 0.5);
	u.delay[0] = tt_assumed_fixed(TT_START_DELAY, 26 * 7);
	s = simulate(&u, f, 1, 4096, 2);
	T_(fabs(s->added_service.interruptions - hours * 0.05 / 4) < 5,
	   "%g interruptions, want %g", s->added_service.interruptions, hours * 0.05 / 4);
	T_F64(s->added_service.interruptions, s->changes[0].added.interruptions, 0);
	tt_simulation_free(s);
}

/* How often a node that is on spot already is interrupted, nobody said: that is not 0. */
static void test_spot_already(void)
{
	static const char *const nothing[] = { "release node:n1" };
	static const char *const more[] = { "reprice node:n1 pricing=spot price_per_hour=0.5 "
					    "interruptions_per_h=0.05" };
	struct setup u;
	fleet f;

	fleet_open(&f, 0, 2 * WEEK);
	for (int i = 0; i < 2; i++) {
		tt_node_row *n = fleet_node(&f, i ? "n1" : "n0", 1);

		n->node_group = "g";
		n->pricing = i ? "on_demand" : "spot";
		n->started_at = 0;
		n->price_per_hour = TT_DECIMAL_ONE;
	}
	fleet_ready(&f);
	set_up(&u, &f, nothing, 1, 2);
	tt_simulation *s = simulate(&u, &f, 1, 64, 1);
	T_OK(isnan(s->baseline_service.interruptions));
	T_OK(isnan(s->after_service.interruptions));
	tt_simulation_free(s);
	set_up(&u, &f, more, 1, 2);
	s = simulate(&u, &f, 1, 64, 1);
	T_OK(isnan(s->baseline_service.interruptions));
	T_OK(isnan(s->after_service.interruptions));
	T_OK(s->added_service.interruptions > 1); /* those that are known */
	tt_simulation_free(s);
	fleet_close(&f);
}

struct told { size_t times, last, most; };

static void tell(void *ctx, size_t done, size_t most)
{
	struct told *t = ctx;

	T_OK(done >= t->last && done <= most);
	*t = (struct told){ t->times + 1, done, most };
}

/* Whoever waits is told how far it is, and gets the same. */
static void test_progress(const fleet *f)
{
	static const char *const texts[] = { "release node:a0" };
	struct told told = { 0 };
	struct setup u;

	set_up(&u, f, texts, 1, 60);
	u.scenario.assumed[TT_DEMAND_VOLATILITY] = tt_assumed_fixed(TT_DEMAND_VOLATILITY, 0.4);
	tt_simulation *a = simulate(&u, f, 3, 500, 3);
	tt_simulation *b = simulate_with(&u, f, &(tt_sim_options){
		.seed = 3, .most_worlds = 500, .threads = 3, .progress = tell,
		.progress_ctx = &told });
	compare(a, b);
	T_OK(told.times > 16);
	T_INT(500, told.most);
	T_OK(told.last > 490); /* what three threads share out evenly */
	tt_simulation_free(a);
	tt_simulation_free(b);
}

/* One world hour by hour adds up to what the simulation says of it. */
static void test_course(const fleet *f)
{
	static const char *const texts[] = { "release node:a0",
					     ("reprice node:f0 discount_ratio=0.5 "
					      "from=1970-01-16T12:00:00Z") };
	struct setup u;
	tt_course *c = NULL;
	tt_bill *bill = NULL;
	tt_err err = { 0 };
	tt_case base;

	set_up(&u, f, texts, 2, 2);
	u.adoption[0] = tt_assumed_fixed(TT_ADOPTION, 0.5);
	u.scenario.assumed[TT_DEMAND_LEVEL] = tt_assumed_fixed(TT_DEMAND_LEVEL, 1.5);
	tt_simulation *s = simulate(&u, f, 9, 256, 1);
	tt_case_init(&base, &f->s, settings);
	FLEET_MUST(tt_bill_make(&base, settings, &bill, &err) == TT_OK);
	for (uint64_t w = 0; w < 8; w++) {
		int64_t baseline = 0, after = 0;

		T_INT(TT_OK, tt_simulate_course(&u.bound, bill, settings, 9, w, &c, &err));
		T_INT(336, c->n_hours);
		for (size_t i = 0; i < c->n_hours; i++) {
			const tt_course_hour *h = &c->hours[i];

			baseline += h->baseline_micro;
			after += h->after_micro;
			T_OK(h->at_s == 2 * WEEK + (int64_t)i * HOUR);
			T_OK((h->measured_s - h->at_s) % WEEK == 0);
			/* all but the reserved node cost one an hour, that two */
			T_OK(h->baseline_micro == llround((h->baseline_instances + 1) * 1e6));
		}
		T_INT(c->baseline_micro, baseline);
		T_INT(c->after_micro, after);
		T_INT(s->savings[w], baseline - after);
		/* a day and a half has passed when the second begins */
		T_INT(150 * ONE, c->changes[1].saving_micro);
		tt_course_free(c);
	}
	tt_bill_free(bill);
	tt_simulation_free(s);
}

#define E11 "ééééééééééé"

/* Two reserved nodes at 2 an hour of three that are held, and one on demand at 5: what
 * nothing uses covers it. */
static void open_held(fleet *f)
{
	fleet_open(f, 0, 2 * WEEK);
	for (int i = 0; i < 4; i++) {
		const char *name = fleet_text(f, "%c%d", i < 2 ? 'r' : 'd', i);
		tt_node_row *n = fleet_node(f, name, 1);

		n->node_group = i < 2 ? "held" : "free";
		n->provider = "cloud";
		n->region = "north";
		n->instance_type = "x1";
		n->gpu_model = "t4";
		n->pricing = i < 2 ? "reserved" : "on_demand";
		n->price_per_hour = (i < 2 ? 2 : 5) * TT_DECIMAL_ONE;
		n->started_at = i == 3 ? WEEK : 0;
	}
	tt_commitment_row *c = fleet_row(f, TT_COMMITMENTS);
	c->commitment = "ri";
	c->kind = "reserved_instance";
	c->provider = "cloud";
	c->region = "north";
	c->instance_type = "x1";
	c->units = 3;
	c->starts_at = -WEEK;
	c->ends_at = 3 * WEEK;
	c->payment = "none";
	c->price_per_hour = 2 * TT_DECIMAL_ONE;
	tt_price_row *p = fleet_row(f, TT_PRICES);
	p->provider = "cloud";
	p->region = "north";
	p->instance_type = "x1";
	p->pricing = "on_demand";
	p->price_per_hour = 5 * TT_DECIMAL_ONE;
	fleet_ready(f);
}

static void test_held(void)
{
	static const char *const texts[] = { "release node:r0", "release node:d2",
					     "commit commitment:ri action=lapse" };
	const int64_t weeks = 336 * ONE;
	struct setup u;
	fleet f;

	open_held(&f);
	set_up(&u, &f, texts, 2, 2);
	tt_simulation *s = simulate(&u, &f, 1, 256, 2);
	/* three are held, and in the second week a fourth node is beyond them */
	T_INT(6 * weeks + 5 * weeks / 2, s->baseline.point);
	/* what one frees covers the fourth; nothing is left to cover for the other */
	T_INT(5 * weeks / 2, s->changes[0].standalone.point);
	T_INT(5 * weeks / 2, s->changes[1].standalone.point);
	T_INT(5 * weeks / 2, s->saving.point);
	T_INT(1, s->changes[0].n_lost + s->changes[1].n_lost);
	tt_simulation_free(s);

	/* not renewed: from its end, after one of the two weeks, all are on demand */
	set_up(&u, &f, &texts[2], 1, 2);
	s = simulate(&u, &f, 1, 256, 1);
	T_INT(6 * weeks + 5 * weeks / 2, s->baseline.point);
	T_INT((6 * 168 + 0) * ONE - 4 * 5 * 168 * ONE + 5 * 168 * ONE, s->saving.point);
	tt_simulation_free(s);
	fleet_close(&f);
}

/* Faults that were there once. */
static void test_mended(const fleet *f)
{
	static const char *const same[] = { "reprice node:a0 price_per_hour=1" };
	static const char *const two[] = { ("reprice node:f0 pricing=spot price_per_hour=0.5 "
					    "interruptions_per_h=0.05 "
					    "checkpoint_interval_s=3600"),
					   "reprice node:f0 discount_ratio=0.1" };
	const tt_sim_options o = { .seed = 1, .most_worlds = 256, .threads = 1 };
	tt_simulation *s = NULL;
	tt_bill *bill = NULL;
	tt_err err = { 0 };
	struct setup u;
	tt_case base;

	/* half of a pool at the same price: what comes whole is still the pool */
	set_up(&u, f, same, 1, 2);
	u.scenario.assumed[TT_DEMAND_LEVEL] = tt_assumed_fixed(TT_DEMAND_LEVEL, 1.3);
	s = simulate(&u, f, 1, 256, 1);
	T_INT(0, s->saving.point);
	tt_simulation_free(s);

	/* a discount beside it leaves spot what it is */
	set_up(&u, f, two, 2, 2);
	s = simulate(&u, f, 1, 256, 1);
	T_OK(s->after_service.interruptions > 10);
	T_OK(s->saving.worlds.p10.value < s->saving.worlds.p90.value);
	tt_simulation_free(s);

	/* more money than can be counted is an error, not another number */
	set_up(&u, f, NULL, 0, 150);
	u.scenario.assumed[TT_DEMAND_GROWTH] = tt_assumed_fixed(TT_DEMAND_GROWTH, 1);
	tt_case_init(&base, &f->s, settings);
	FLEET_MUST(tt_bill_make(&base, settings, &bill, &err) == TT_OK);
	T_INT(TT_EDATA, tt_simulate(&u.bound, bill, settings, &o, &s, &err));
	T_HAS("costs more than can be counted", err.text);
	tt_bill_free(bill);
}

static void refused(const fleet *f, const char *text, int status, const char *why)
{
	const tt_sim_options o = { .seed = 1, .most_worlds = 256, .threads = 1 };
	struct setup u;
	tt_simulation *s = NULL;
	tt_bill *bill = NULL;
	tt_err err = { 0 };
	tt_case base;

	set_up(&u, f, &text, 1, 2);
	tt_case_init(&base, &f->s, settings);
	FLEET_MUST(tt_bill_make(&base, settings, &bill, &err) == TT_OK);
	T_INT(status, tt_simulate(&u.bound, bill, settings, &o, &s, &err));
	T_STR(why, err.text);
	T_OK(s == NULL);
	tt_bill_free(bill);
}

int main(void)
{
	fleet f;

	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()))
		return 1;
	open_fleet(&f);
	test_empty(&f);
	test_sets(&f);
	test_levels(&f);
	test_growth(&f);
	test_change_draws(&f);
	test_together(&f);
	test_alone(&f);
	test_dates(&f);
	test_partners();
	test_owners();
	test_window_dates(&f);
	test_only_since();
	test_same_bytes(&f);
	test_spot(&f);
	test_spot_already();
	test_progress(&f);
	test_course(&f);
	test_held();
	test_mended(&f);
	refused(&f, "release node:x", TT_EDATA,
		"change 1, \"release node:x\": release: node \"x\" is not in the fleet");
	/* a text that is too long ends with a whole character */
	refused(&f, "release node:\"x" E11 E11 E11 E11 "\"", TT_EDATA,
		"change 1, \"release node:\"x" E11 E11 "éééééééééé…\": release: node \"x" E11 E11
		E11 E11 "\" is not in the fleet");
	fleet_close(&f);
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
