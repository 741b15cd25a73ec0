/* What a plan takes, in which order, and that its savings are those of re-pricing. */
#include "plan_check.h"
#include <time.h>

static void test_alone_and_together(void)
{
	fleet f;
	book b;
	run r;

	open_fleet(&f, 6);
	book_open(&b);
	add(&b, "cheap", "n0000", "release node:n0000", NULL, NULL)->effort_days = 0.5;
	add(&b, "same", "n0000", "release node:n0000", NULL, NULL);
	add(&b, "group", "pair", "release node_group:pair", NULL, NULL)->effort_days = 8;
	add(&b, "left", "n0002", "release card:n0002/0", NULL, NULL);
	add(&b, "right", "n0002", "release card:n0002/1", NULL, NULL);
	add(&b, "lone", "n0003", "release card:n0003/0", NULL, NULL);
	add(&b, "kept", "n0005", "release node:n0005", NULL, NULL);
	add(&b, "unpriced", "n0004", "release node:n0004", NULL, NULL);
	run_open(&r, &f, &b);

	T_INT(HOURS * UNIT, of(&r, "cheap")->standalone_micro);
	T_INT(HOURS * UNIT, of(&r, "cheap")->in_plan_micro);
	/* the same node again saves nothing more, and it is said who has it */
	T_INT(TT_LEFT_OUT, of(&r, "same")->place);
	T_INT(HOURS * UNIT, of(&r, "same")->standalone_micro);
	T_INT(TT_MONEY_UNKNOWN, of(&r, "same")->in_plan_micro);
	T_INT(1, of(&r, "same")->n_lost);
	T_STR("cheap", of(&r, "same")->lost[0].to->found->detector);
	T_INT(HOURS * UNIT, of(&r, "same")->lost[0].micro);
	T_STR("quick_win", of(&r, "same")->wave);
	/* of two nodes one is left to save */
	T_INT(2 * HOURS * UNIT, of(&r, "group")->standalone_micro);
	T_INT(HOURS * UNIT, of(&r, "group")->in_plan_micro);
	T_INT(1, of(&r, "group")->n_lost);
	T_STR("medium", of(&r, "group")->wave);
	/* two cards that empty a node only together */
	T_INT(0, of(&r, "left")->standalone_micro);
	T_INT(TT_IN_PLAN, of(&r, "left")->place);
	T_INT(TT_IN_PLAN, of(&r, "right")->place);
	T_INT(HOURS * UNIT, of(&r, "left")->in_plan_micro + of(&r, "right")->in_plan_micro);
	/* one card alone frees nothing */
	T_INT(TT_LEFT_OUT, of(&r, "lone")->place);
	T_STR("saves nothing alone or with the others: the node does not empty",
	      of(&r, "lone")->why);
	T_STR("saves nothing: the node stays paid for (reserved)", of(&r, "kept")->why);
	T_INT(TT_MONEY_UNKNOWN, of(&r, "unpriced")->standalone_micro);
	T_HAS("no price", of(&r, "unpriced")->why);

	T_INT(4, r.plan->n_steps);
	T_STR("cheap", r.plan->steps[0].finding->found->detector); /* most per day */
	T_STR("group", r.plan->steps[3].finding->found->detector);
	T_F64(10.5, r.plan->effort_days, 1e-9);
	T_INT(2 * HOURS * UNIT, r.plan->steps[0].per_month_per_day);
	T_INT(HOURS * UNIT / 8, r.plan->steps[3].per_month_per_day);
	T_STR("quick_win", r.plan->waves[0].wave);
	T_INT(3, r.plan->waves[0].n);
	T_INT(2 * HOURS * UNIT, r.plan->waves[0].saving_per_month);
	T_INT(1, r.plan->waves[1].n);
	T_F64(8, r.plan->waves[1].effort_days, 0);
	T_INT(0, r.plan->waves[2].n);
	T_INT(3 * HOURS * UNIT, r.plan->saving_per_month.point);
	T_INT(4 * HOURS * UNIT, r.plan->standalone_sum_per_month); /* with "same" */
	check_joint(&r, &f);
	run_close(&r);
	book_close(&b);
	fleet_close(&f);
}

static void test_places(void)
{
	fleet f;
	book b;
	run r;

	open_fleet(&f, 6);
	book_open(&b);
	add(&b, "risky", "n0000", "release node:n0000", NULL, NULL)->risk = TT_RISK_MEDIUM;
	add(&b, "later", "n0001", "release card:n0001/0 repack=true", NULL, NULL);
	add(&b, "either", "n0002", "release card:n0002/0 repack=true", NULL,
	    "release node:n0002");
	add(&b, "names", "n0003", "label node:n0003 owner=ml", NULL, NULL);
	add(&b, "asks", "n0003", NULL, NULL, NULL)->spend_concerned_micro = 40 * UNIT;
	add(&b, "says", "n0003", NULL, NULL, NULL)->effort_days = 0;
	add(&b, "wrong", "n0003", "release node:elsewhere", NULL, NULL);
	run_open(&r, &f, &b);

	T_STR("risk medium is above the allowed low", of(&r, "risky")->why);
	T_INT(HOURS * UNIT, of(&r, "risky")->standalone_micro);
	T_STR("critical", of(&r, "risky")->severity);
	T_STR("release of a card with repack is not priced yet", of(&r, "later")->why);
	T_INT(0, of(&r, "later")->n_changes);
	T_INT(TT_MONEY_UNKNOWN, of(&r, "later")->standalone_micro);
	T_INT(TT_IN_PLAN, of(&r, "either")->place); /* by its alternative */
	T_INT(TT_RELEASE, of(&r, "either")->changes[0]->verb);
	T_INT(TT_ENABLER, of(&r, "names")->place);
	T_INT(0, of(&r, "names")->standalone_micro);
	T_INT(TT_ENABLER, of(&r, "asks")->place);
	T_INT(TT_MONEY_UNKNOWN, of(&r, "asks")->standalone_micro);
	T_INT(TT_LEFT_OUT, of(&r, "says")->place);
	T_HAS("elsewhere", of(&r, "wrong")->why);
	T_INT(2, r.plan->n_enablers); /* most spend per day first */
	T_STR("asks", r.plan->enablers[0]->found->detector);
	T_STR("names", r.plan->enablers[1]->found->detector);
	T_INT(4, r.plan->n_left_out);
	T_STR("either", r.plan->v[0]->found->detector); /* in plan, then stand-alone */
	T_STR("risky", r.plan->v[1]->found->detector);
	check_joint(&r, &f);
	run_close(&r);

	settings->risk_allowed = TT_RISK_MEDIUM;
	run_open(&r, &f, &b);
	T_INT(TT_IN_PLAN, of(&r, "risky")->place);
	run_close(&r);
	settings->risk_allowed = TT_RISK_LOW;
	book_close(&b);
	fleet_close(&f);
}

static void test_excludes(void)
{
	char change[160];
	fleet f;
	book b;
	run r;

	open_fleet(&f, 6);
	book_open(&b);
	add(&b, "first", "n0000", "release node:n0000", NULL, NULL)->effort_days = 0.1;
	snprintf(change, sizeof change, "release node:n0001 excludes=%s", b.f.v[0].id);
	add(&b, "second", "n0001", change, NULL, NULL);
	run_open(&r, &f, &b);
	T_INT(1, r.plan->n_steps);
	T_HAS("it excludes first-", of(&r, "second")->why);
	run_close(&r);
	book_close(&b);
	fleet_close(&f);
}

static void test_nothing(void)
{
	fleet f;
	book b;
	run r;

	open_fleet(&f, 3);
	book_open(&b);
	run_open(&r, &f, &b);
	T_INT(0, r.plan->n);
	T_INT(0, r.plan->n_steps);
	T_INT(0, r.plan->saving_per_month.point);
	T_INT(0, r.plan->standalone_sum_per_month);
	run_close(&r);
	book_close(&b);
	fleet_close(&f);
}

/* Random sets of releases: the plan re-prices to what it says, and other names for the
 * findings (so another order of them) change no figure. */
static void test_random(void)
{
	uint64_t x = 7;

	for (int round = 0; round < 60; round++) {
		const uint64_t first = x;
		int64_t saving = 0;
		double effort = 0;

		for (int turn = 0; turn < 2; turn++) {
			fleet f;
			book b;
			run r;

			x = first;
			open_fleet(&f, 8);
			book_open(&b);
			for (int i = 0; i < 24; i++) {
				char detector[16], change[64];

				x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
				snprintf(detector, sizeof detector, "d%02d", turn ? 23 - i : i);
				int node = (int)(x >> 33) % 8, kind = (int)(x >> 50) % 4;
				if (kind == 0)
					snprintf(change, sizeof change, "release node:n%04d", node);
				else if (kind == 1)
					snprintf(change, sizeof change,
					         "release node:n%04d from=1970-01-0%dT00:00:00Z",
					         node, 1 + (int)(x >> 40) % 8);
				else
					snprintf(change, sizeof change, "release card:n%04d/%d",
					         node, kind - 2);
				/* efforts that differ, so that ids decide nothing */
				tt_found *found = add(&b, detector, "n0000", change, NULL, NULL);
				found->effort_days = (double)(1 + (x >> 44) % 8) / 4 + i / 4096.0;
				found->risk = (x >> 55) % 5 ? TT_RISK_LOW : TT_RISK_MEDIUM;
			}
			run_open(&r, &f, &b);
			check_joint(&r, &f);
			for (size_t i = 0; i < r.plan->n; i++)
				T_OK(r.plan->v[i]->place == TT_IN_PLAN || r.plan->v[i]->why[0]);
			T_(!turn || saving == r.plan->saving_micro,
			   "round %d: saves %lld, by other names %lld", round, (long long)saving,
			   (long long)r.plan->saving_micro);
			if (turn)
				T_F64(effort, r.plan->effort_days, 1e-9);
			saving = r.plan->saving_micro;
			effort = r.plan->effort_days;
			run_close(&r);
			book_close(&b);
			fleet_close(&f);
		}
	}
}

/* Out of memory at each allocation in turn: always that status, never a plan. */
static void test_no_memory(void)
{
	fleet f;
	book b;
	tt_case base;
	tt_bill *bill = NULL;
	tt_err err = { 0 };
	int rc = TT_ENOMEM;

	open_fleet(&f, 6);
	book_open(&b);
	add(&b, "cheap", "n0000", "release node:n0000", NULL, NULL);
	add(&b, "group", "pair", "release node_group:pair", NULL, NULL);
	add(&b, "left", "n0002", "release card:n0002/0", NULL, NULL);
	add(&b, "right", "n0002", "release card:n0002/1", NULL, NULL);
	tt_case_init(&base, &f.s, settings);
	FLEET_MUST(tt_bill_make(&base, settings, &bill, &err) == TT_OK);
	for (uint64_t nth = 1; rc == TT_ENOMEM && nth < 10000; nth++) {
		tt_plan *plan = NULL;

		err = (tt_err){ 0 };
		tt_alloc_fail_at(nth, 0);
		rc = tt_plan_make(bill, settings, &b.f, NULL, &plan, &err);
		tt_alloc_fail_at(0, 0);
		T_OK((rc == TT_OK) == (plan != NULL));
		T_INT(rc, err.status);
		tt_plan_free(plan);
	}
	T_INT(TT_OK, rc);
	tt_bill_free(bill);
	tt_case_reset(&base);
	book_close(&b);
	fleet_close(&f);
}

/* Thousands of findings on thousands of nodes take a moment, not a coffee. The limit is
 * wide: it is there for what grows with the square. */
static void test_large(void)
{
	enum { N = 2000 };
	struct timespec a, z;
	fleet f;
	book b;
	run r;

	open_fleet(&f, N);
	book_open(&b);
	for (int i = 0; i < N; i++) {
		char change[64], node[16];

		snprintf(node, sizeof node, "n%04d", i);
		snprintf(change, sizeof change, i % 2 ? "release node:%s" : "release card:%s/0",
		         node);
		add(&b, "idle", node, change, NULL, NULL);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	run_open(&r, &f, &b);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &z);
	T_INT(N / 2 - 1, r.plan->n_steps); /* the last odd one is reserved */
	T_OK(z.tv_sec - a.tv_sec < 5);
	check_joint(&r, &f);
	run_close(&r);
	book_close(&b);
	fleet_close(&f);
}

int main(void)
{
	tt_err err = { 0 };

	FLEET_MUST(tt_settings_load(NULL, &settings, &err) == TT_OK);
	test_alone_and_together();
	test_places();
	test_excludes();
	test_nothing();
	test_random();
	test_no_memory();
	test_large();
	tt_settings_free(settings);
	return T_END();
}
