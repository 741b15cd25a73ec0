/* node_churn on made-up groups: what it says, what it proposes, when it is silent. */
#include "detector_test.h"

enum { MIN = 60, HOUR = 3600, DAY = 24 * HOUR };

#define NODES "node,node_group,gpus,price_per_hour,pricing,started_at,ended_at\n"
#define PODS "pod,node,workload,workload_kind,gpus,started_at,ended_at,outcome\n"
#define GROUPS "node_group,autoscaler,min_nodes,boot_s,drain_s\n"

/* A node of `gpus` cards from second `from` of the window to `to`. */
static void node(dt *d, const char *name, int gpus, const char *pricing, long from, long to)
{
	dt_row(d, "nodes", "%s,ci,%d,3,%s,%ld,%ld", name, gpus, pricing, DT_START_S + from,
	       DT_START_S + to);
}

/* `days` with 14 nodes of 18 minutes each, `gap` seconds between them: 11 of boot, 4 in which
 * a pod runs, 3 of drain. */
static void cycles(dt *d, int days, int gap)
{
	char name[32];

	dt_open(d, days, HOUR);
	dt_table(d, "nodes", NODES);
	dt_table(d, "pods", PODS);
	dt_table(d, "node_groups", GROUPS "ci,karpenter,0,660,180\n");
	for (int i = 0; i < 14 * days; i++) {
		long at = i / 14 * DAY + 9 * HOUR + i % 14 * (18 * MIN + gap);

		snprintf(name, sizeof name, "n%03d", i);
		node(d, name, 1, "on_demand", at, at + 18 * MIN);
		dt_row(d, "pods", "p%03d,%s,tests,batch,1,%ld,%ld,succeeded", i, name,
		       DT_START_S + at + 11 * MIN, DT_START_S + at + 15 * MIN);
	}
}

/* 11 minutes of boot and 3 of drain, 14 times a day. 24 minutes of idleness and more are worth
 * a new node, the 3 of the drain and 6 more are not. */
static void test_worth(void)
{
	const tt_found *f;
	dt d;

	cycles(&d, 2, 24 * MIN);
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);

	cycles(&d, 2, 6 * MIN);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "ci");
	T_STR("churns", f->verdict);
	T_STR("resize node_group:ci idle_timeout_s=540", dt_change(&d, f, 0));
	T_STR("", dt_change(&d, f, 1));
	T_F64(28, dt_number(f, "nodes_came"), 0);
	T_F64(14, dt_number(f, "went_per_day"), 0);
	T_F64(2 * 196, dt_number(f, "boot_drain_min"), 1e-9);
	T_F64(27, dt_number(f, "gaps"), 0);
	T_F64(28 * 0.3, dt_number(f, "paid_node_h"), 1e-9);
	T_F64(14.0 / 18, dt_number(f, "waste_ratio"), 1e-9);
	/* 26 gaps of 9 minutes instead of 14, and after the first day 9 more than a start */
	T_F64((26 * 5.0 - 9) / (28 * 18), dt_number(f, "avoidable_ratio"), 1e-9);
	T_F64(0, dt_number(f, "runs_lost"), 0);
	T_STR("node_groups.csv", dt_text(f, "boot_drain_from"));
	T_STR("node group ci makes and loses 14.0 nodes a day: waits, boots and drains took 6.3 h, "
	      "kept for 540 s they would take 4.3 h", f->title);
	T_INT((int64_t)(14.0 / 18 * 25200000), f->spend_concerned_micro);
	T_INT(TT_RISK_NONE, f->risk);
	T_F64(0.5, f->effort_days, 0);
	T_INT(0, dt_run(&d, "detectors:\n  node_churn:\n    min_per_day: 14.1\n"));
	T_INT(0, dt_run(&d, "detectors:\n  node_churn:\n    min_waste_ratio: 0.25\n"));
	T_INT(1, dt_run(&d, "detectors:\n  node_churn:\n    min_waste_ratio: 0.24\n"));
	dt_close(&d);
}

/* What the table does not say comes from the parameters, less surely. */
static void test_defaults(void)
{
	const tt_found *f;
	double told;
	dt d;

	cycles(&d, 2, 2 * MIN);
	T_INT(1, dt_run(&d, ""));
	told = dt_about(&d, "node_group", "ci")->confidence_ratio;
	dt_table(&d, "node_groups", "");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "ci");
	T_STR("resize node_group:ci boot_s=300 drain_s=60 idle_timeout_s=300", dt_change(&d, f, 0));
	T_STR("boot_s, drain_s", dt_text(f, "boot_drain_from"));
	T_OK(f->confidence_ratio < 0.85 * told);
	dt_close(&d);
}

/* The first is missed for moments, the second for most of the day: a floor of one. */
static void test_floor(void)
{
	const tt_found *f;
	char name[32];
	dt d;

	dt_open(&d, 4, HOUR);
	dt_table(&d, "nodes", NODES);
	dt_table(&d, "node_groups", GROUPS "ci,karpenter,0,200,100\n");
	for (int i = 0; i < 24; i++) {
		snprintf(name, sizeof name, "a%02d", i);
		node(&d, name, 1, "on_demand", i * 4L * HOUR, (i + 1) * 4L * HOUR - 150);
		snprintf(name, sizeof name, "b%02d", i);
		node(&d, name, 1, "on_demand", i * 4L * HOUR + MIN, i * 4L * HOUR + HOUR);
	}
	T_INT(0, dt_run(&d, "")); /* 50 of 300 s each time, the drain counted in: too little */
	T_INT(1, dt_run(&d, "detectors:\n  node_churn:\n    min_waste_ratio: 0.001\n"));
	f = dt_about(&d, "node_group", "ci");
	T_STR("resize node_group:ci min_nodes=1 idle_timeout_s=0", dt_change(&d, f, 0));
	T_F64(23.0 * 50 / (24 * (4 * HOUR - 150 + HOUR - MIN)), dt_number(f, "avoidable_ratio"),
	      1e-9);
	dt_table(&d, "node_groups", GROUPS "ci,karpenter,1,200,100\n");
	T_INT(1, dt_run(&d, "detectors:\n  node_churn:\n    min_waste_ratio: 0.001\n"));
	T_STR("resize node_group:ci idle_timeout_s=0",
	      dt_change(&d, dt_about(&d, "node_group", "ci"), 0));
	dt_close(&d);
}

/* Spot nodes that went with what ran on them: nobody here could have kept them. */
static void spot(dt *d, const char *outcome, const char *kind)
{
	char name[32];

	dt_open(d, 2, HOUR);
	dt_table(d, "nodes", NODES);
	dt_table(d, "pods", PODS);
	dt_table(d, "node_groups", GROUPS "ci,karpenter,0,200,100\n");
	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof name, "n%02d", i);
		node(d, name, 2, "spot", i * 4L * HOUR, i * 4L * HOUR + 14000);
		dt_row(d, "pods", "p%02d,%s,work,%s,1,%ld,%ld,%s", i, name, kind,
		       DT_START_S + i * 4L * HOUR + 6800, DT_START_S + i * 4L * HOUR + 14000,
		       outcome);
	}
}

static void test_taken(void)
{
	const tt_found *f;
	dt d;

	spot(&d, "preempted", "training");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "ci");
	T_STR("taken", f->verdict);
	T_STR("", dt_change(&d, f, 0));
	T_F64(12, dt_number(f, "runs_lost"), 0);
	T_F64(12, dt_number(f, "nodes_taken"), 0);
	T_F64(12, dt_number(f, "lost_node_h"), 1e-9); /* two card-hours of two cards */
	T_F64(0, dt_number(f, "gaps"), 0);
	T_F64((11 * 200 + 12 * 100 + 200 + 12 * HOUR) / 168000.0, dt_number(f, "waste_ratio"),
	      1e-9);
	T_F64(12 * 6800 / 60.0, dt_number(f, "empty_at_ends_min"), 1e-9);
	T_STR("node group ci lost 6.0 nodes a day, most to the spot market: 12 runs broke off "
	      "after 12.0 node-hours, boots and drains took 1.0 h", f->title);
	dt_table(&d, "workloads", "workload,checkpoint_interval_s\n" "work,720\n");
	T_INT(1, dt_run(&d, ""));
	T_F64(12 * 0.05, dt_number(dt_about(&d, "node_group", "ci"), "lost_node_h"), 1e-9);
	T_INT(0, dt_run(&d, "detectors:\n  node_churn:\n    min_waste_ratio: 0.05\n"));
	dt_table(&d, "workloads", "workload,checkpoint_interval_s,restart_s\n" "work,720,360\n");
	T_INT(1, dt_run(&d, "")); /* half an interval, and what it takes to go on */
	T_F64(12 * 0.1, dt_number(dt_about(&d, "node_group", "ci"), "lost_node_h"), 1e-9);
	dt_close(&d);

	spot(&d, "preempted", "inference"); /* no work is lost; then it was not taken either */
	T_INT(0, dt_run(&d, "detectors:\n  node_churn:\n    min_waste_ratio: 0.03\n"));
	dt_close(&d);
	spot(&d, "succeeded", "training");
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	cycles(&d, 2, 6 * MIN); /* nodes without cards are not looked at */
	dt_table(&d, "pods", "");
	dt_table(&d, "nodes", NODES);
	for (int i = 0; i < 20; i++)
		dt_row(&d, "nodes", "n%02d,ci,0,3,on_demand,%d,%d", i,
		       DT_START_S + i * 20 * MIN, DT_START_S + i * 20 * MIN + 15 * MIN);
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_table(&d, "nodes", NODES "n1,ci,8,3,on_demand,,\n"); /* stands */
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);

	cycles(&d, 1, 6 * MIN);
	d.n_steps = 23;
	T_INT(0, dt_run(&d, ""));
	T_STR("the window is shorter than 24 h", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	cycles(&d, 2, 6 * MIN);
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 20);
	dt_close(&d);
}

int main(void)
{
	test_worth();
	test_defaults();
	test_floor();
	test_taken();
	test_silence();
	test_out_of_memory();
	return T_END();
}
