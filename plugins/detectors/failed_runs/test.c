/* failed_runs on made-up jobs: what it says, what it proposes, when it is silent. */
#include "detector_test.h"

enum { HOUR = 3600 };

#define PODS "pod,namespace,node,workload,workload_kind,gpus,started_at,ended_at,outcome,labels\n"

/* Ten runs of ten hours with eight cards, of which `n` ended so. */
static void open_scene(dt *d, const char *kind, int n, const char *outcome)
{
	dt_open(d, 14, HOUR);
	dt_table(d, "nodes", "node,node_group,gpus,pricing,price_per_hour\n" "n1,g,8,spot,4\n");
	dt_table(d, "pods", PODS);
	for (int i = 0; i < 10; i++)
		dt_row(d, "pods", "p%d,lab,n1,sweep,%s,8,%d,%d,%s,team=ml", i, kind,
		       DT_START_S + 10 * i * HOUR, DT_START_S + 10 * (i + 1) * HOUR,
		       i < n ? outcome : "succeeded");
}

static void test_failed(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, "batch", 4, "failed");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "sweep");
	T_STR("failed", f->verdict);
	T_STR("40 % of 800 GPU-hours of workload sweep came to nothing: 4 of 10 runs failed, 0 "
	      "were preempted, 0 cancelled", f->title);
	T_STR("scale workload:sweep factor=0.6 realisation_ratio=0.5", dt_change(&d, f, 0));
	T_F64(320, dt_number(f, "lost_h"), 1e-9);
	T_F64(0.4, dt_number(f, "lost_ratio"), 1e-9);
	T_INT(160 * 1000000, f->spend_concerned_micro);
	T_STR("ml", f->owner);
	T_F64(2, f->effort_days, 0);
	T_INT(0, dt_run(&d, "detectors:\n  failed_runs:\n    min_lost_ratio: 0.401\n"));
	T_INT(0, dt_run(&d, "detectors:\n  failed_runs:\n    min_lost_h: 321\n"));
	T_INT(0, dt_run(&d, "detectors:\n  failed_runs:\n    min_lost_runs: 5\n"));
	/* a checkpoint an hour keeps all but half an hour of each */
	dt_table(&d, "workloads", "workload,checkpoint_interval_s\n" "sweep,3600\n");
	T_INT(0, dt_run(&d, ""));
	T_INT(1, dt_run(&d, "detectors:\n  failed_runs:\n    min_lost_ratio: 0.02\n"
	                    "    min_lost_h: 16\n"));
	T_F64(16, dt_number(dt_about(&d, "workload", "sweep"), "lost_h"), 1e-9);
	/* and it takes an hour to go on from there */
	dt_table(&d, "workloads", "workload,checkpoint_interval_s,restart_s\n"
	         "other,3600,60\n" "sweep,3600,3600\n");
	T_INT(1, dt_run(&d, "detectors:\n  failed_runs:\n    min_lost_ratio: 0.02\n"
	                    "    min_lost_h: 16\n"));
	T_F64(48, dt_number(dt_about(&d, "workload", "sweep"), "lost_h"), 1e-9);
	dt_close(&d);
}

static void test_others(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, "training", 6, "preempted");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "sweep");
	T_STR("preempted", f->verdict);
	T_STR("reprice workload:sweep pricing=on_demand", dt_change(&d, f, 0));
	T_STR("scale workload:sweep factor=0.4 realisation_ratio=0.5", dt_alternative(&d, f, 0));
	dt_close(&d);

	open_scene(&d, "", 5, "cancelled"); /* of which nothing is kept */
	dt_table(&d, "workloads", "workload,checkpoint_interval_s\n" "sweep,3600\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "sweep");
	T_STR("cancelled", f->verdict);
	T_STR("scale workload:sweep factor=0.5 realisation_ratio=0.5", dt_change(&d, f, 0));
	dt_close(&d);

	open_scene(&d, "batch", 0, ""); /* whoever has no workload is one with his namespace */
	dt_table(&d, "pods", PODS);
	for (int i = 0; i < 4; i++)
		dt_row(&d, "pods", "p%d,%s,n1,,batch,8,%d,%d,failed,", i, i ? "lab" : "",
		       DT_START_S + 20 * i * HOUR, DT_START_S + 20 * (i + 1) * HOUR);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "namespace", "lab");
	T_F64(480, dt_number(f, "lost_h"), 1e-9);
	T_STR("", dt_change(&d, f, 0));
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_scene(&d, "batch", 3, "failed");
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
	open_scene(&d, "inference", 10, "failed");
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
	open_scene(&d, "batch", 10, ""); /* nobody knows */
	T_INT(0, dt_run(&d, ""));
	T_STR("no run says how it ended: pods.csv has no outcome", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d, "batch", 4, "failed");
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 5);
	dt_close(&d);
}

int main(void)
{
	test_failed();
	test_others();
	test_silence();
	test_out_of_memory();
	return T_END();
}
