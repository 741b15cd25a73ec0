/* A plan in sampled months against what can be worked out by hand: what never varies, what
 * ran in some weeks only, what belongs together, what may not be taken up, and what is not
 * sure enough to be planned. */
#include "plan_check.h"

enum { HOUR = 3600, WEEK = 7 * 24 * HOUR };

static const tt_plan_options options = { .seed = 1, .most_worlds = 1024, .threads = 1 };

/* A node of two cards at 1.00 an hour, there from `from_s` to `to_s`. */
static void add_node(fleet *f, const char *name, int64_t from_s, int64_t to_s)
{
	tt_node_row *n = fleet_node(f, name, 2);

	n->node_group = "g";
	n->price_per_hour = TT_DECIMAL_ONE;
	n->pricing = "on_demand";
	n->started_at = from_s;
	n->ended_at = to_s;
	fleet_card(f, name, "0", "");
	fleet_card(f, name, "1", "");
}

/* Eight weeks: `all` stands all the time, `first` and `second` half of it each, `once` in the
 * third week only. */
static void open_weeks(fleet *f)
{
	fleet_open(f, 0, 8 * WEEK);
	add_node(f, "all", 0, 8 * WEEK);
	add_node(f, "first", 0, 4 * WEEK);
	add_node(f, "second", 4 * WEEK, 8 * WEEK);
	add_node(f, "once", 2 * WEEK, 3 * WEEK);
	fleet_ready(f);
}

static void spread_is(int64_t p10, int64_t p50, int64_t p90, tt_spread found)
{
	T_INT(p10 * UNIT, found.p10);
	T_INT(p50 * UNIT, found.p50);
	T_INT(p90 * UNIT, found.p90);
}

static void test_weeks(const fleet *f)
{
	book b;
	run r;

	book_open(&b);
	add(&b, "whole", "all", "release node:all", NULL, NULL);
	add(&b, "half", "first", "release node:first", NULL, NULL);
	run_open_with(&r, f, &b, &options);
	T_INT(1024, r.plan->worlds.n);
	T_INT(8, r.plan->worlds.weeks);
	T_INT(0, r.plan->worlds.rest_h);
	spread_is(730, 730, 730, of(&r, "whole")->standalone_per_month);
	spread_is(730, 730, 730, of(&r, "whole")->in_plan_per_month);
	/* four weeks and 58 h, each as likely as not to be of the first four: 6 % of the months
	 * have at most 58 h, 19 % at most a week; 50 % at most two, which is P50 or just not */
	const tt_spread half = of(&r, "half")->in_plan_per_month;
	T_INT(168 * UNIT, half.p10);
	T_OK(half.p50 == 336 * UNIT || half.p50 == (336 + 58) * UNIT);
	T_INT((3 * 168 + 58) * UNIT, half.p90);
	T_INT(365 * UNIT, half.point);
	spread_is(730 + 168, 730 + half.p50 / UNIT, 730 + 3 * 168 + 58, r.plan->saving_per_month);
	T_INT(730 * UNIT, r.plan->steps[0].cumulative_per_month);
	T_INT(730 * UNIT + half.p50, r.plan->steps[1].cumulative_per_month);
	T_INT(r.plan->saving_per_month.p50, r.plan->standalone_sum_per_month);
	T_INT(r.plan->saving_per_month.p50, r.plan->waves[0].saving_per_month);
	check_points(&r, f);
	run_close(&r);
	book_close(&b);
}

/* Nodes that take turns: each is uncertain, both are not, in one finding or in two. */
static void test_sums(const fleet *f)
{
	book b;
	run r;

	book_open(&b);
	add(&b, "turns", "first", "release node:first", "release node:second", NULL);
	run_open_with(&r, f, &b, &options);
	spread_is(730, 730, 730, of(&r, "turns")->in_plan_per_month);
	run_close(&r);
	book_close(&b);

	book_open(&b);
	add(&b, "a", "first", "release node:first", NULL, NULL);
	add(&b, "b", "second", "release node:second", NULL, NULL);
	run_open_with(&r, f, &b, &options);
	T_OK(of(&r, "a")->in_plan_per_month.p10 < of(&r, "a")->in_plan_per_month.p90);
	spread_is(730, 730, 730, r.plan->saving_per_month);
	run_close(&r);
	book_close(&b);
}

/* What one week in eight saved is not there in half of the months. */
static void test_unsure(const fleet *f)
{
	book b;
	run r;

	book_open(&b);
	add(&b, "sure", "all", "release node:all", NULL, NULL);
	add(&b, "luck", "once", "release node:once", NULL, NULL);
	run_open_with(&r, f, &b, &options);
	const tt_ranked *luck = of(&r, "luck");
	T_INT(TT_LEFT_OUT, luck->place);
	T_STR("not sure to save: P10 is 0 a month", luck->why);
	T_INT(0, luck->standalone_per_month.p10);
	T_OK(luck->standalone_per_month.p90 >= 168 * UNIT);
	T_INT(TT_MONEY_UNKNOWN, luck->in_plan_per_month.p50);
	T_INT(1, r.plan->n_steps);
	spread_is(730, 730, 730, r.plan->saving_per_month);
	check_points(&r, f);
	run_close(&r);

	run_open(&r, f, &b); /* points ask nothing of the kind */
	T_INT(2, r.plan->n_steps);
	T_INT(TT_MONEY_UNKNOWN, r.plan->saving_per_month.p10);
	T_INT(r.plan->saving_per_month.point, r.plan->saving_per_month.p50);
	T_INT(0, r.plan->worlds.n);
	run_close(&r);
	book_close(&b);
}

/* What a commitment covers is metered in months, too: what goes is what was on demand. */
static void test_covered(void)
{
	for (int covered = 0; covered < 2; covered++) {
		fleet f;
		book b;
		run r;

		fleet_open(&f, 0, 8 * WEEK);
		add_node(&f, "one", 0, 8 * WEEK);
		add_node(&f, "two", 0, 8 * WEEK);
		for (size_t i = 0; i < 2; i++)
			TT_ROW(&f.s.table[TT_NODES], tt_node_row, i)->instance_type = "x2";
		tt_commitment_row *c = fleet_row(&f, TT_COMMITMENTS);
		c->commitment = "ri";
		c->kind = "reserved_instance";
		c->instance_type = covered ? "x2" : "x4";
		c->units = 1;
		c->price_per_hour = TT_DECIMAL_ONE / 2;
		fleet_ready(&f);
		book_open(&b);
		add(&b, "idle", "one", "release node:one", NULL, NULL);
		run_open_with(&r, &f, &b, &options);
		T_INT(1, r.plan->n_steps);
		T_INT(730 * UNIT, r.plan->saving_per_month.point);
		T_INT(730 * UNIT, r.plan->saving_per_month.p10);
		T_STR("", r.plan->worlds.why);
		run_close(&r);
		book_close(&b);
		fleet_close(&f);
	}
}

/* Cards of one node save only together: the first of the two is no less sure. What another
 * has already is lost to it. */
static void test_together(const fleet *f)
{
	book b;
	run r;

	book_open(&b);
	add(&b, "one", "all", "release card:all/0", NULL, NULL);
	add(&b, "two", "all", "release card:all/1", NULL, NULL);
	run_open_with(&r, f, &b, &options);
	T_INT(2, r.plan->n_steps);
	T_INT(r.plan->steps[0].unit, r.plan->steps[1].unit);
	T_INT(0, r.plan->steps[0].marginal_per_month);
	T_INT(730 * UNIT, r.plan->steps[1].marginal_per_month);
	spread_is(730, 730, 730, r.plan->saving_per_month);
	run_close(&r);

	add(&b, "whole", "all", "release node:all", NULL, NULL);
	add(&b, "other", "all", "release node:all effort_days=3", NULL, NULL);
	run_open_with(&r, f, &b, &options);
	T_INT(1, r.plan->n_steps);
	const tt_ranked *lost = of(&r, "whole")->n_lost ? of(&r, "whole") : of(&r, "other");
	T_INT(TT_LEFT_OUT, lost->place);
	T_INT(1, lost->n_lost);
	T_INT(730 * UNIT, lost->lost[0].per_month);
	spread_is(730, 730, 730, lost->standalone_per_month);
	T_INT(2 * 730 * UNIT, r.plan->standalone_sum_per_month);
	run_close(&r);
	book_close(&b);
}

/* What is likely to stay undone is in the range, and no reason to leave it out. */
static void test_adoption(const fleet *f)
{
	book b;
	run r;

	book_open(&b);
	add(&b, "asked", "all", "release node:all adoption_ratio=0.75 realisation_ratio=0.5",
	    NULL, NULL);
	add(&b, "both", "first", "release node:first adoption_ratio=0.25",
	    "release node:second adoption_ratio=0.75", NULL);
	run_open_with(&r, f, &b, &options);
	T_INT(2, r.plan->n_steps);
	spread_is(0, 365, 365, of(&r, "asked")->in_plan_per_month);
	T_INT(730 * UNIT, of(&r, "asked")->in_plan_per_month.point);
	spread_is(0, 0, 730, of(&r, "both")->in_plan_per_month);
	run_close(&r);
	book_close(&b);

	book_open(&b);
	add(&b, "never", "all", "release node:all adoption_ratio=0", NULL, NULL);
	run_open_with(&r, f, &b, &options);
	T_INT(0, r.plan->n_steps);
	T_STR("not sure to save: P10 is 0 a month", of(&r, "never")->why);
	run_close(&r);
	book_close(&b);
}

/* The same for any threads; other months for another seed. */
static void test_draws(const fleet *f)
{
	const tt_plan_options threads = { .seed = 1, .most_worlds = 1024, .threads = 5 };
	const tt_plan_options fewer = { .seed = 1, .most_worlds = 1024, .threads = 2,
				        .narrow_ratio = 0.5 };
	book b;
	run r, s;

	book_open(&b);
	add(&b, "half", "first", "release node:first", NULL, NULL);
	add(&b, "asked", "all", "release node:all adoption_ratio=0.75", NULL, NULL);
	run_open_with(&r, f, &b, &options);
	run_open_with(&s, f, &b, &threads);
	T_INT(0, memcmp(&r.plan->saving_per_month, &s.plan->saving_per_month,
			sizeof(tt_spread)));
	for (size_t i = 0; i < r.plan->n; i++)
		T_INT(0, memcmp(&r.plan->v[i]->in_plan_per_month,
				&s.plan->v[i]->in_plan_per_month, sizeof(tt_spread)));
	run_close(&s);
	run_open_with(&s, f, &b, &fewer);
	T_INT(256, s.plan->worlds.n);
	run_close(&s);
	run_close(&r);
	book_close(&b);
}

/* A short window is repeated as it is; one below an hour has no months. */
static void test_short(void)
{
	fleet f;
	book b;
	run r;

	fleet_open(&f, 0, 22 * HOUR);
	add_node(&f, "n", 0, 11 * HOUR); /* in half of the time, whatever 22 h are of a week */
	fleet_ready(&f);
	book_open(&b);
	add(&b, "idle", "n", "release node:n", NULL, NULL);
	run_open_with(&r, &f, &b, &options);
	T_INT(0, r.plan->worlds.weeks);
	spread_is(365, 365, 365, of(&r, "idle")->in_plan_per_month);
	run_close(&r);
	fleet_close(&f);

	fleet_open(&f, 0, HOUR / 2);
	add_node(&f, "n", 0, HOUR / 2);
	fleet_ready(&f);
	run_open_with(&r, &f, &b, &options);
	T_STR("the window is shorter than an hour", r.plan->worlds.why);
	T_INT(730 * UNIT, r.plan->saving_per_month.p50);
	T_INT(TT_MONEY_UNKNOWN, r.plan->saving_per_month.p90);
	run_close(&r);
	book_close(&b);
	fleet_close(&f);
}

int main(void)
{
	fleet f;

	if (tt_settings_load(NULL, &settings, NULL) < 0)
		return 1;
	open_weeks(&f);
	test_weeks(&f);
	test_sums(&f);
	test_unsure(&f);
	test_together(&f);
	test_adoption(&f);
	test_draws(&f);
	fleet_close(&f);
	test_short();
	test_covered();
	tt_settings_free(settings);
	return T_END();
}
