/* gpu_sharing on made-up node groups: which way is best, what stays, when it is silent. */
#include "detector_test.h"

enum { STEPS = 14 * 24, PODS = 4 }; /* two weeks of hours */

/* Four nodes of one A100 at 2 an hour, with a pod of "embed" or "rank" on each. */
static void open_scene(dt *d, const char *kind, double pct, double mib)
{
	dt_open(d, 14, 3600);
	d->activity = "sm_active_ratio";
	dt_table(d, "nodes", "node,provider,instance_type,gpu_model,gpu_memory_mib,gpus,cpus,"
	         "memory_mib,price_per_hour,node_group\n");
	dt_table(d, "pods", "pod,node,workload,gpus,cpus,memory_mib,workload_kind,labels\n");
	for (int i = 0; i < PODS; i++) {
		char id[16], pod[16];

		snprintf(id, sizeof id, "n%d/0", i);
		snprintf(pod, sizeof pod, "p%d", i);
		dt_row(d, "nodes", "n%d,cloud,a2,a100-80gb,81920,1,16,65536,2,serve", i);
		dt_row(d, "pods", "p%d,n%d,%s,1,2,8192,%s,team=ml", i, i,
		       i < 2 ? "embed" : "rank", kind);
		dt_usage(d, id, pod, 0, DT_END, pct, mib);
	}
}

/* At 20 % and 6 GB: seven slices of 10 GB are too slow, 1.4 of 7 are two; three fit. By MPS four
 * do, a little slower. */
static void test_services(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, "inference", 20, 6000);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "serve");
	T_STR("small", f->verdict);
	T_STR("share workload:embed,workload:rank mode=mps", dt_change(&d, f, 0));
	T_STR("share workload:embed,workload:rank mode=mig", dt_alternative(&d, f, 0));
	T_STR("", dt_alternative(&d, f, 1));
	T_STR("4 pods of 2 workloads have a card each and do up to 20 % on it; by mps they take "
	      "75 % less of 4 nodes, coverage 100 %", f->title);
	T_STR("ml", f->owner);
	T_F64(0.75, dt_number(f, "freed_ratio"), 1e-9);
	T_F64(0.5, dt_number(f, "mig_freed_ratio"), 1e-9);
	T_F64((double)NAN, dt_number(f, "time_slice_freed_ratio"), 0);
	T_F64(1 / 0.925, dt_number(f, "slowdown_times"), 1e-9);
	T_F64(0.8, dt_number(f, "p99_sum_cards"), 0.01);
	T_F64(4 * STEPS, dt_number(f, "freed_node_h"), 1e-9);
	T_F64(STEPS, dt_number(f, "taken_node_h"), 1e-9);
	T_F64(20, dt_number(f, "p95_activity_pct"), 0.11);
	T_INT(4 * STEPS * INT64_C(2000000), f->spend_concerned_micro);
	T_INT(TT_RISK_MEDIUM, f->risk);
	T_STR("how much slower a request may be is not known: a service has no latency_p95_ms or "
	      "no slo_latency_ms", f->risk_note);
	T_F64(2.5, f->effort_days, 0);

	/* 200 of 300 ms leave room for MPS; before 2,688 for 2,000 requests, then 672 */
	dt_table(&d, "traffic", "time,workload,requests,latency_p95_ms\n"
	         "2026-01-05T00:00:00Z,embed,1000,200\n" "2026-01-05T00:00:00Z,rank,1000,150\n");
	dt_table(&d, "workloads", "workload,slo_latency_ms\n" "embed,300\n" "rank,400\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "serve");
	T_INT(TT_RISK_LOW, f->risk);
	T_STR("", f->risk_note);
	T_F64(1344, dt_number(f, "cost_per_1000_requests"), 1e-6);
	T_F64(336, dt_number(f, "cost_per_1000_requests_then"), 1e-6);
	dt_table(&d, "workloads", "workload,slo_latency_ms\n" "embed,210\n" "rank,400\n");
	T_INT(1, dt_run(&d, ""));
	T_STR("a request may take longer than slo_latency_ms allows",
	      dt_about(&d, "node_group", "serve")->risk_note);
	dt_close(&d);
}

/* Memory is hard: 30 GB are two to a card by MPS; MIG has no more than two of 3g.40gb. */
static void test_memory(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, "training", 20, 30000);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "serve");
	T_STR("mig", dt_text(f, "mode")); /* as many as by MPS, and not slower */
	T_F64(0.5, dt_number(f, "freed_ratio"), 1e-9);
	T_F64(1 - 0.5 / 0.925, dt_number(f, "mps_freed_ratio"), 1e-6);
	T_F64(3.0 / 7, dt_number(f, "least_instance_ratio"), 1e-9);
	T_INT(TT_RISK_LOW, f->risk);
	for (int i = 0; i < PODS; i++)
		dt_usage(&d, (const char *[]){ "n0/0", "n1/0", "n2/0", "n3/0" }[i],
		         (const char *[]){ "p0", "p1", "p2", "p3" }[i], 0, DT_END, 20, 50000);
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
}

/* Time-slicing is for notebooks, and not for what is beside them. */
static void test_notebooks(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, "notebook", 10, 2000);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "serve");
	T_STR("mig", dt_text(f, "mode"));
	T_STR("share workload:embed,workload:rank mode=mps", dt_alternative(&d, f, 0));
	T_STR("share workload:embed,workload:rank mode=time_slice", dt_alternative(&d, f, 1));
	T_STR("", dt_alternative(&d, f, 2));
	dt_table(&d, "nodes", "node,gpu_model,gpu_memory_mib,gpus,price_per_hour,node_group\n"
	         "n0,l4,23034,1,2,serve\n" "n1,l4,23034,1,2,serve\n" "n2,l4,23034,1,2,serve\n"
	         "n3,l4,23034,1,2,serve\n");
	T_INT(1, dt_run(&d, "")); /* an L4 has no slices */
	f = dt_about(&d, "node_group", "serve");
	T_STR("share workload:embed,workload:rank mode=mps", dt_change(&d, f, 0));
	T_STR("share workload:embed,workload:rank mode=time_slice", dt_alternative(&d, f, 0));
	dt_close(&d);
}

static void test_owners(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, "batch", 5, 25000); /* three by MPS: 75,500 of 81,920 are too many; two */
	dt_table(&d, "pods", "pod,node,workload,gpus,workload_kind,labels\n"
	         "p0,n0,,1,batch,team=a\n" "p1,n1,,1,batch,team=b\n" "p2,n2,,1,batch,team=b\n"
	         "p3,n3,,1,batch,team=b\n");
	dt_table(&d, "nodes", "node,gpu_model,gpu_memory_mib,gpus,price_per_hour,node_group\n"
	         "n0,a40,81920,1,2,serve\n" "n1,a40,81920,1,2,serve\n" "n2,a40,81920,1,2,serve\n"
	         "n3,a40,81920,1,2,serve\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "serve");
	T_STR("share pod:p0,pod:p1,pod:p2,pod:p3 mode=mps", dt_change(&d, f, 0));
	T_STR("", f->owner);
	T_INT(TT_RISK_MEDIUM, f->risk);
	T_STR("workloads of several owners have one card: a fault of one ends the others",
	      f->risk_note);
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_scene(&d, "inference", 60, 6000); /* busy */
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
	open_scene(&d, "inference", 0.5, 6000); /* idle is no size */
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	T_INT(1, dt_run(&d, "detectors:\n  gpu_sharing:\n    min_activity_pct: 0\n"));
	dt_close(&d);

	open_scene(&d, "inference", 20, (double)NAN); /* memory was not measured */
	T_INT(0, dt_run(&d, ""));
	T_STR("no fb_used_mib: gpu_usage.csv has none", d.why);
	dt_close(&d);

	open_scene(&d, "inference", 20, 6000);
	for (int i = 0; i < PODS; i++)
		dt_usage(&d, (const char *[]){ "n0/0", "n1/0", "n2/0", "n3/0" }[i],
		         (const char *[]){ "p0", "p1", "p2", "p3" }[i], STEPS / 2, DT_END,
		         (double)NAN, (double)NAN);
	T_INT(0, dt_run(&d, ""));
	T_STR("no pods with a card each were measured for 80 % of their time", d.why);
	T_INT(1, dt_run(&d, "detectors:\n  gpu_sharing:\n    min_coverage_ratio: 0.4\n"));
	d.aligned = 0;
	T_INT(0, dt_run(&d, ""));
	T_STR("no aligned series: the snapshot has no step", d.why);
	dt_close(&d);

	open_scene(&d, "inference", 20, 6000); /* no price */
	dt_table(&d, "nodes", "node,gpu_model,gpu_memory_mib,gpus,node_group\n"
	         "n0,l4,81920,1,serve\n" "n1,l4,81920,1,serve\n" "n2,l4,81920,1,serve\n"
	         "n3,l4,81920,1,serve\n");
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d, "notebook", 20, 6000);
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 50);
	dt_close(&d);
}

int main(void)
{
	test_services();
	test_memory();
	test_notebooks();
	test_owners();
	test_silence();
	test_out_of_memory();
	return T_END();
}
