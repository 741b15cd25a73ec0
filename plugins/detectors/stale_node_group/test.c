/* stale_node_group on made-up groups: what it says, what it proposes, when it is silent. */
#include "detector_test.h"

enum { DAY = 24, STEPS = 14 * DAY };

#define NODES "node,node_group,gpus,price_per_hour,started_at,ended_at,labels\n"
#define N1 "n1,old,2,1,,,team=ml\n"
#define N2 "n2,old,1,2,,,team=ml\n"

/* Group `old`: n1/0, n1/1 and n2/0 read 0 for two weeks; n1/0 works on the first two days. */
static void open_scene(dt *d)
{
	dt_open(d, 14, 3600);
	dt_table(d, "nodes", NODES N1 N2);
	dt_usage(d, "n1/0", "", 0, DT_END, 0, 400);
	dt_usage(d, "n1/1", "", 0, DT_END, 0.3, 400);
	dt_usage(d, "n2/0", "", 0, DT_END, 0, 400);
	dt_usage(d, "n1/0", "", 0, 2 * DAY, 90, 400);
}

/* One card that works but for pauses of these hours, and then has none for `last` hours. */
static size_t open_pauses(dt *d, const size_t *pauses, size_t n, size_t last)
{
	size_t at = 1;

	dt_open(d, 14, 3600);
	dt_table(d, "nodes", NODES "n1,old,1,1,,,\n");
	dt_usage(d, "n1/0", "", 0, DT_END, 90, 400);
	for (size_t i = 0; i < n; i++) {
		dt_usage(d, "n1/0", "", at, at + pauses[i], 0, 400);
		at += pauses[i] + 1;
	}
	dt_usage(d, "n1/0", "", STEPS - last, DT_END, 0, 400);
	return dt_run(d, "");
}

static void test_stale(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "old");
	T_STR("stale", f->verdict);
	T_STR("release node_group:old from=2026-01-07T00:00:00Z", dt_change(&d, f, 0));
	T_STR("", dt_change(&d, f, 1));
	T_STR("node group old (2 nodes, 3 cards) has not worked for 288 h: mean activity 0.1 %, "
	      "coverage 100 %", f->title);
	T_STR("ml", f->owner);
	T_INT(3LL * STEPS * 1000000, f->spend_concerned_micro);
	T_F64(0.1, dt_number(f, "mean_activity_pct"), 1e-9);
	T_F64(288, dt_number(f, "idle_h"), 0);
	T_STR("2026-01-07T00:00:00Z", dt_text(f, "idle_since"));
	T_F64((double)NAN, dt_number(f, "p95_pause_h"), 0);
	T_F64(0, dt_number(f, "cards_held"), 0);
	T_F64(1, f->coverage_ratio, 0);
	T_F64(0.98, f->confidence_ratio, 1e-9);
	T_F64(0.5, f->effort_days, 0);
	T_INT(TT_RISK_LOW, f->risk);
	T_STR("", f->risk_note);

	dt_usage(&d, "n1/0", "", 0, 2 * DAY, 0, 400); /* never worked: no `from` */
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "old");
	T_STR("release node_group:old", dt_change(&d, f, 0));
	T_STR("before the window", dt_text(f, "idle_since"));
	T_F64(STEPS, dt_number(f, "idle_h"), 0);
	dt_close(&d);
}

/* Gaps 2, 3, 1, 30, 4 then 26 hours: not stale; 40 hours: stale. */
static void test_own_pauses(void)
{
	static const size_t pauses[] = { 2, 3, 1, 30, 4 };
	dt d;

	T_INT(0, open_pauses(&d, pauses, 5, 26));
	T_STR("", d.why); /* that was looked at */
	dt_close(&d);
	T_INT(0, open_pauses(&d, pauses, 5, 29));
	dt_close(&d);
	T_INT(1, open_pauses(&d, pauses, 5, 30));
	dt_close(&d);
	T_INT(1, open_pauses(&d, pauses, 5, 40));
	T_F64(30, dt_number(dt_about(&d, "node_group", "old"), "p95_pause_h"), 0);
	T_F64(5, dt_number(dt_about(&d, "node_group", "old"), "pauses"), 0);
	dt_close(&d);
	T_INT(0, open_pauses(&d, pauses, 3, 23)); /* a day at least */
	T_INT(1, dt_run(&d, "detectors:\n  stale_node_group:\n    min_idle_h: 23\n"));
	dt_close(&d);
	T_INT(1, open_pauses(&d, pauses, 3, 24));
	dt_close(&d);
}

static void test_activity(void)
{
	dt d;

	open_scene(&d);
	dt_usage(&d, "n2/0", "", STEPS - 10, STEPS - 9, 19, 400); /* no work: a diagnostic */
	T_INT(1, dt_run(&d, ""));
	dt_usage(&d, "n2/0", "", STEPS - 10, STEPS - 9, 20, 400);
	T_INT(0, dt_run(&d, ""));
	dt_usage(&d, "n2/0", "", 2 * DAY, DT_END, 2.6, 400); /* a mean of 0.97 % */
	T_INT(1, dt_run(&d, ""));
	dt_usage(&d, "n2/0", "", 2 * DAY, DT_END, 2.8, 400); /* of 1.03 % */
	T_INT(0, dt_run(&d, ""));
	T_INT(1, dt_run(&d, "detectors:\n  stale_node_group:\n    idle_below_pct: 1.1\n"));
	dt_close(&d);
}

/* What was not measured is neither idle nor active. */
static void test_coverage(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	dt_usage(&d, "n2/0", "", 10 * DAY, 11 * DAY, (double)NAN, 400); /* hours of two thirds */
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "old");
	T_F64(264, dt_number(f, "idle_h"), 0);
	T_F64(1 - 24.0 / (3 * 288), f->coverage_ratio, 1e-9);
	T_F64(1 - 24.0 / (3 * STEPS), dt_number(f, "window_coverage_ratio"), 1e-9);

	dt_usage(&d, "n2/0", "", 2 * DAY, DT_END, (double)NAN, 400); /* not known for long */
	T_INT(0, dt_run(&d, ""));
	T_STR("no node group was measured for 80 % of its life", d.why);
	T_INT(1, dt_run(&d, "detectors:\n  stale_node_group:\n    min_coverage_ratio: 0.6\n"));
	dt_usage(&d, "n2/0", "", 0, DT_END, (double)NAN, (double)NAN); /* a card of nothing */
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);

	open_scene(&d); /* most is known, but not of the time since */
	for (size_t i = 0; i < 3; i++) {
		const char *card = i == 0 ? "n1/0" : i == 1 ? "n1/1" : "n2/0";

		dt_usage(&d, card, "", 0, 11 * DAY, 90, 400);
		dt_usage(&d, card, "", 12 * DAY + 2, 13 * DAY, (double)NAN, 400);
	}
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	T_INT(1, dt_run(&d, "detectors:\n  stale_node_group:\n    min_coverage_ratio: 0.6\n"));
	T_F64(50, dt_number(dt_about(&d, "node_group", "old"), "idle_h"), 0);
	dt_close(&d);
}

static void test_not_enough(void)
{
	dt d;

	dt_open(&d, 23.0 / 24, 600);
	dt_table(&d, "nodes", NODES "n1,old,1,1,,,\n");
	dt_usage(&d, "n1/0", "", 0, DT_END, 0, 400);
	T_INT(0, dt_run(&d, ""));
	T_STR("no node group was there for 24 h", d.why);
	dt_close(&d);

	open_scene(&d); /* nobody adds a node to what is not used */
	dt_table(&d, "nodes", NODES N1 "n2,old,1,2,2026-01-18T01:00:00Z,,\n");
	T_INT(0, dt_run(&d, ""));
	dt_table(&d, "nodes", NODES N1 "n2,old,1,2,2026-01-17T22:00:00Z,,\n");
	T_INT(1, dt_run(&d, ""));
	T_F64(26, dt_number(dt_about(&d, "node_group", "old"), "idle_h"), 0);
	T_STR("", dt_about(&d, "node_group", "old")->owner); /* one of them is nobody's */

	dt_table(&d, "nodes", NODES "n1,old,2,1,,2026-01-17T00:00:00Z,\n"
	         "n2,old,1,2,,2026-01-18T00:00:00Z,\n");
	T_INT(0, dt_run(&d, "")); /* all gone */
	dt_table(&d, "nodes", NODES "n1,,2,1,,,\n" "n2,old,0,2,,,\n");
	T_INT(0, dt_run(&d, "")); /* no group, and one without cards */
	dt_close(&d);
}

/* What has gone worked once; it is not released, and not in the spend. */
static void test_gone(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	dt_table(&d, "nodes", NODES "n1,old,2,1,,2026-01-10T00:00:00Z,\n" N2);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "old");
	T_F64(1, dt_number(f, "nodes"), 0);
	T_INT(2LL * STEPS * 1000000, f->spend_concerned_micro);
	T_STR("2026-01-07T00:00:00Z", dt_text(f, "idle_since"));
	dt_table(&d, "nodes", NODES N1 "n2,old,1,,,,\n");
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_about(&d, "node_group", "old")->spend_concerned_micro == TT_MONEY_UNKNOWN);
	dt_close(&d);
}

static void test_pods(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	dt_table(&d, "pods", "pod,namespace,node,gpus\n"
	         "web,shop,n1,0\n" "agent,kube-system,n2,0\n" "nb,lab,n2,1\n");
	dt_usage(&d, "n2/0", "nb", STEPS - 3, DT_END, 0, 400);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "old");
	T_STR("release node:n2 from=2026-01-07T00:00:00Z", dt_change(&d, f, 0));
	T_STR("pods still hold 1 of its cards: ask their owners first", f->risk_note);
	T_INT(TT_RISK_MEDIUM, f->risk);
	T_F64(1, f->effort_days, 0);
	T_F64(1, dt_number(f, "nodes_kept_by_other_pods"), 0);

	dt_row(&d, "pods", "cron,shop,n2,0");
	dt_usage(&d, "n2/0", "", STEPS - 3, DT_END, 0, 400);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "old");
	T_STR("", dt_change(&d, f, 0)); /* said only */
	T_STR("pods without cards keep 2 of its 2 nodes", f->risk_note);
	dt_close(&d);
}

/* Slices are one card, as busy as the busiest and measured as the least. */
static void test_slices(void)
{
	dt d;

	dt_open(&d, 14, 3600);
	dt_table(&d, "nodes", NODES "n1,old,1,1,,,\n");
	dt_usage(&d, "n1/0/1", "", 0, DT_END, 0.2, 400);
	dt_usage(&d, "n1/0/2", "", 0, DT_END, 0.4, 400);
	T_INT(1, dt_run(&d, ""));
	T_F64(0.4, dt_number(dt_about(&d, "node_group", "old"), "mean_activity_pct"), 1e-9);
	T_F64(1, dt_number(dt_about(&d, "node_group", "old"), "coverage_ratio"), 1e-9);
	dt_usage(&d, "n1/0/2", "", 100, DT_END, (double)NAN, 400);
	T_INT(0, dt_run(&d, ""));
	dt_usage(&d, "n1/0/2", "", 100, DT_END, 60, 400);
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d);
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 50);
	dt_close(&d);
}

int main(void)
{
	test_stale();
	test_own_pauses();
	test_activity();
	test_coverage();
	test_not_enough();
	test_gone();
	test_pods();
	test_slices();
	test_out_of_memory();
	return T_END();
}
