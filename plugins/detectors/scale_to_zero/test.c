/* scale_to_zero on made-up services: what it says, what it proposes, when it is silent. */
#include "change/apply.h"
#include "detector_test.h"

enum { STEPS = 14 * 24 * 12, HOUR = 12 }; /* two weeks of five minutes */

/* A service that works for an hour in each day, on a card of its own. */
static void open_scene(dt *d, const char *kind)
{
	dt_open(d, 14, 300);
	dt_table(d, "nodes", "node,gpus,price_per_hour\n" "n1,1,1\n" "n2,1,1\n");
	dt_table(d, "pods", "pod,node,workload,gpus,workload_kind,labels\n");
	dt_row(d, "pods", "a,n1,chat,1,%s,team=ml", kind);
	dt_usage(d, "n1/0", "a", 0, DT_END, 0, 400);
	for (size_t day = 0; day < 14; day++)
		dt_usage(d, "n1/0", "a", day * 24 * HOUR, (day * 24 + 1) * HOUR, 60, 400);
}

/* The bill with its change. */
static double cost_with(const dt *d, const tt_found *f)
{
	const tt_change *changes[] = { &f->changes[0] };
	int64_t micro = INT64_MAX;

	T_OK(tt_changes_cost(d->snapshot, d->settings, changes, 1, &micro, NULL) == TT_OK);
	return (double)micro / 1e6;
}

static void test_service(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, "inference");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_STR("sleeps", f->verdict);
	T_STR("schedule workload:chat idle_timeout_s=300 cold_start_s=216", dt_change(&d, f, 0));
	T_STR("inference chat (1 pod) is idle 96 % of its time; stopped after 300 s it would not "
	      "run for 95 %, coverage 100 %", f->title);
	T_STR("ml", f->owner);
	T_F64(23.0 / 24, dt_number(f, "idle_ratio"), 1e-9);
	T_F64((82800.0 - 300 - 216) / 86400, dt_number(f, "freed_ratio"), 1e-9);
	T_F64(1, dt_number(f, "starts_per_day"), 1e-9);
	T_F64(14, dt_number(f, "gaps"), 0);
	T_F64(14 * 24, dt_number(f, "measured_pod_h"), 1e-9);
	T_STR("cold_start_s", dt_text(f, "cold_start_from"));
	T_F64(0.8, f->confidence_ratio, 1e-9);
	T_INT(TT_RISK_MEDIUM, f->risk);
	T_STR("somebody waits 216 s for a start, 1.0 times a day", f->risk_note);
	T_INT(336 * 23 / 24 * 1000000, f->spend_concerned_micro);
	T_F64((double)NAN, dt_number(f, "cost_per_1000_requests"), 0);
	dt_table(&d, "traffic", "time,workload,requests\n" "2026-01-05T00:00:00Z,chat,6000\n"
	         "2026-01-06T00:00:00Z,chat,4000\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_F64(33.6, dt_number(f, "cost_per_1000_requests"), 1e-6);
	T_OK(cost_with(&d, f) < 400); /* two nodes, of which one is stopped */
	T_F64((cost_with(&d, f) - 336) / 10, dt_number(f, "cost_per_1000_requests_then"), 1e-6);
	dt_table(&d, "traffic", "");

	dt_table(&d, "workloads", "workload,restart_s\n" "chat,90.5\n" "other,5\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_STR("schedule workload:chat idle_timeout_s=300 cold_start_s=91", dt_change(&d, f, 0));
	T_STR("workloads.csv", dt_text(f, "cold_start_from"));
	T_F64(1, f->confidence_ratio, 1e-9);
	dt_close(&d);
}

/* Gaps of 1 2 2 3 5 8 13 30 45 120 240 600 units of five minutes, a start of 10: stopped
 * after 3 they cost 112, the least. */
static void test_best(void)
{
	static const size_t gaps[] = { 1, 2, 2, 3, 5, 8, 13, 30, 45, 120, 240, 600 };
	const tt_found *f;
	size_t at = 1;
	dt d;

	open_scene(&d, "inference");
	dt_usage(&d, "n1/0", "a", 0, DT_END, 60, 400);
	for (size_t i = 0; i < TT_COUNT(gaps); i++) {
		dt_usage(&d, "n1/0", "a", at, at + gaps[i], 0, 400);
		at += gaps[i] + 1;
	}
	dt_table(&d, "workloads", "workload,restart_s\n" "chat,3000\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_STR("schedule workload:chat idle_timeout_s=900 cold_start_s=3000", dt_change(&d, f, 0));
	T_F64((1069.0 - 112) / STEPS, dt_number(f, "freed_ratio"), 1e-9);
	T_INT(0, dt_run(&d, "detectors:\n  scale_to_zero:\n    min_freed_ratio: 0.24\n"));
	T_INT(1, dt_run(&d, "detectors:\n  scale_to_zero:\n    min_timeout_s: 1000\n"));
	T_F64(1000, dt_number(dt_about(&d, "workload", "chat"), "idle_timeout_s"), 0);
	dt_close(&d);
}

static void test_kinds(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, "notebook");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_STR("schedule workload:chat idle_timeout_s=1800 cold_start_s=216", dt_change(&d, f, 0));
	T_INT(TT_RISK_LOW, f->risk);
	T_F64(0.5, f->effort_days, 0);
	dt_close(&d);

	open_scene(&d, "training");
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_table(&d, "workloads", "workload,workload_kind\n" "chat,inference\n");
	T_INT(0, dt_run(&d, "")); /* the pod's own word counts */
	dt_table(&d, "pods", "pod,node,workload,gpus,workload_kind,labels\n"
	         "a,n1,chat,1,,team=ml\n");
	T_INT(1, dt_run(&d, ""));
	dt_row(&d, "pods", "b,n2,chat,1,inference,team=ads"); /* another one's, and busy */
	dt_usage(&d, "n2/0", "b", 0, DT_END, 60, 400);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_STR("", f->owner);
	T_F64(2, dt_number(f, "pods"), 0);
	T_F64(23.0 / 48, dt_number(f, "idle_ratio"), 1e-9);
	dt_close(&d);
}

/* Somebody's tab keeps a card at 2 %, so that it never sleeps; used is it from 9 to 17. */
static void test_hours(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, "notebook");
	dt_usage(&d, "n1/0", "a", 0, DT_END, 2, 400);
	for (size_t day = 0; day < 14; day++)
		if (day % 7 < 5)
			dt_usage(&d, "n1/0", "a", (day * 24 + 9) * HOUR, (day * 24 + 17) * HOUR,
			         40, 400);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_STR("off_hours", f->verdict);
	T_STR("schedule workload:chat hours=\"mon-fri 06:00-20:00\"", dt_change(&d, f, 0));
	T_STR("notebook chat (1 pod) is on for 58 % of its time outside of working hours, used for "
	      "2.0 % of that", f->title);
	T_F64(98.0 / 168, dt_number(f, "off_hours_ratio"), 1e-9);
	T_F64(0.02, dt_number(f, "off_use_ratio"), 1e-6);
	T_INT((int64_t)(98.0 / 168 * 336 * 1e6), f->spend_concerned_micro);
	T_INT(0, dt_run(&d, "detectors:\n  scale_to_zero:\n    min_freed_ratio: 0.6\n"));
	dt_usage(&d, "n1/0", "a", (5 * 24 + 3) * HOUR, (5 * 24 + 4) * HOUR, 30, 400);
	T_INT(0, dt_run(&d, "")); /* once, on a Saturday */
	dt_close(&d);

	open_scene(&d, "notebook"); /* a little more in the day is chance, not somebody */
	dt_usage(&d, "n1/0", "a", 0, DT_END, 2, 400);
	for (size_t day = 0; day < 14; day++)
		if (day % 7 < 5)
			dt_usage(&d, "n1/0", "a", (day * 24 + 6) * HOUR, (day * 24 + 20) * HOUR,
			         3, 400);
	T_INT(1, dt_run(&d, ""));
	T_STR("low_use", dt_about(&d, "workload", "chat")->verdict);
	for (size_t day = 0; day < 14; day++)
		if (day % 7 < 5)
			dt_usage(&d, "n1/0", "a", (day * 24 + 6) * HOUR, (day * 24 + 20) * HOUR,
			         4, 400);
	T_INT(1, dt_run(&d, ""));
	T_STR("off_hours", dt_about(&d, "workload", "chat")->verdict);
	dt_close(&d);

	open_scene(&d, "inference");
	dt_usage(&d, "n1/0", "a", 0, DT_END, 2, 400);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_STR("low_use", f->verdict);
	T_STR("", dt_change(&d, f, 0));
	T_STR("inference chat (1 pod) is always on and used for 2.0 % of its time, without gaps to "
	      "sleep in", f->title);
	T_INT(0, dt_run(&d, "detectors:\n  scale_to_zero:\n    low_use_ratio: 0.02\n"));
	T_INT(0, dt_run(&d, "detectors:\n  scale_to_zero:\n    min_low_use_h: 337\n"));
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_scene(&d, "inference"); /* busy */
	dt_usage(&d, "n1/0", "a", 0, DT_END, 10, 400);
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_usage(&d, "n1/0", "a", 0, DT_END, 0.9, 400); /* one gap without an end */
	T_INT(1, dt_run(&d, ""));
	dt_usage(&d, "n1/0", "a", STEPS / 2, DT_END, (double)NAN, 400); /* not measured */
	T_INT(0, dt_run(&d, ""));
	T_STR("no service or notebook was measured for 80 % of its time", d.why);
	T_INT(1, dt_run(&d, "detectors:\n  scale_to_zero:\n    min_coverage_ratio: 0.5\n"));
	T_F64(0.5, dt_about(&d, "workload", "chat")->coverage_ratio, 1e-9);
	d.aligned = 0;
	T_INT(0, dt_run(&d, ""));
	T_STR("no aligned series: the snapshot has no step", d.why);
	dt_close(&d);

	dt_open(&d, 0.5, 300);
	dt_table(&d, "nodes", "node,gpus\n" "n1,1\n");
	dt_table(&d, "pods", "pod,node,workload,gpus,workload_kind\n" "a,n1,chat,1,inference\n");
	dt_usage(&d, "n1/0", "a", 0, DT_END, 0, 400);
	T_INT(0, dt_run(&d, ""));
	T_STR("no service or notebook ran for 24 h", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d, "inference");
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 50);
	dt_close(&d);
}

int main(void)
{
	test_service();
	test_best();
	test_kinds();
	test_hours();
	test_silence();
	test_out_of_memory();
	return T_END();
}
