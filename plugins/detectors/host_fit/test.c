/* host_fit on made-up node groups: too large, too small, and when it is silent. */
#include "detector_test.h"

enum { STEPS = 14 * 24, NODES = 2 }; /* two weeks of hours */

#define PRICES "provider,region,instance_type,gpu_model,gpus,pricing,price_per_hour\n"

/* Two nodes of `type`, a pod on each that asks for 4 CPUs and 8 GiB; CPUs and memory used. */
static void open_scene(dt *d, const char *type, double cpu, int mib, double pct)
{
	dt_open(d, 14, 3600);
	dt_table(d, "nodes", "node,provider,region,instance_type,gpu_model,gpus,cpus,memory_mib,"
	         "pricing,price_per_hour,node_group\n"
	         "x1,cloud,east,small,l4,1,8,32768,on_demand,0.8,other\n"
	         "x2,cloud,east,wide,l4,1,64,262144,on_demand,2.4,other\n"
	         "x3,cloud,east,huge,l4,1,128,262144,on_demand,5,other\n");
	dt_table(d, "pods", "pod,node,workload,gpus,cpus,memory_mib,workload_kind,labels\n");
	dt_table(d, "prices", PRICES "cloud,east,small,l4,1,on_demand,0.8\n"
	         "cloud,east,wide,l4,1,on_demand,2.4\n" "cloud,east,huge,l4,1,on_demand,5\n"
	         "cloud,east,unseen,l4,1,on_demand,0.1\n" "cloud,east,a10,a10,1,on_demand,0.1\n");
	dt_table(d, "node_usage", "time,node,cpu_util_ratio,memory_used_mib\n");
	for (int i = 0; i < NODES; i++) {
		char id[16], pod[16];

		snprintf(id, sizeof id, "n%d/0", i);
		snprintf(pod, sizeof pod, "p%d", i);
		dt_row(d, "nodes", "n%d,cloud,east,%s,l4,1,%d,%d,on_demand,%g,serve", i, type,
		       strcmp(type, "small") == 0 ? 8 : 64,
		       strcmp(type, "small") == 0 ? 32768 : 262144,
		       strcmp(type, "small") == 0 ? 0.8 : 2.4);
		dt_row(d, "pods", "p%d,n%d,w,1,4,8192,inference,team=ml", i, i);
		dt_usage(d, id, pod, 0, DT_END, pct, 400);
		for (long long k = 0; k < STEPS && cpu >= 0; k++)
			dt_row(d, "node_usage", "%lld,n%d,%g,%d", DT_START_S + k * 3600, i,
			       k % 2 ? cpu : cpu / 2, mib);
	}
}

/* 3 of 64 CPUs, 16 of 256 GiB: 8 and 32 are enough. */
static void test_oversized(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, "wide", 0.05, 16384, 60);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "serve");
	T_STR("oversized", f->verdict);
	T_STR("retype node_group:serve instance_type=small", dt_change(&d, f, 0));
	T_STR("2 nodes of serve (wide) use up to 5 % of their CPUs (p95) and 6 % of their memory; "
	      "small has the same card for 33 % of the price, coverage 100 %", f->title);
	T_F64(1.0 / 3, dt_number(f, "cost_ratio"), 1e-9);
	T_F64(3.2, dt_number(f, "used_cpus_per_card"), 0.1);
	T_F64(4, dt_number(f, "asked_cpus_per_card"), 1e-9);
	T_F64(8, dt_number(f, "then_cpus_per_card"), 0);
	T_STR("ml", f->owner);
	T_INT(2 * STEPS * INT64_C(2400000), f->spend_concerned_micro);
	T_INT(TT_RISK_LOW, f->risk);
	T_INT(0, dt_run(&d, "detectors:\n  host_fit:\n    max_cost_ratio: 0.3\n"));

	/* what pods ask for has to be there, used or not */
	dt_table(&d, "pods", "pod,node,workload,gpus,cpus,memory_mib,workload_kind\n"
	         "p0,n0,w,1,12,8192,inference\n" "p1,n1,w,1,4,8192,inference\n");
	T_INT(0, dt_run(&d, ""));
	dt_table(&d, "pods", "pod,node,workload,gpus,workload_kind\n"
	         "p0,n0,w,1,inference\n" "p1,n1,w,1,inference\n"); /* not said: not known */
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);

	open_scene(&d, "wide", 0.05, 30000, 60); /* 30 of 32 GiB leave no headroom */
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
	open_scene(&d, "wide", 0.3, 16384, 60); /* well used */
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
	open_scene(&d, "small", 0.05, 4096, 60); /* there is no smaller one that is known */
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
}

/* Eight CPUs in use and the card waits: 64 are to be had. */
static void test_starved(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, "small", 0.99, 16384, 20);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "serve");
	T_STR("starved", f->verdict);
	T_STR("retype node_group:serve instance_type=wide", dt_change(&d, f, 0));
	T_F64(3, dt_number(f, "cost_times"), 1e-9);
	T_F64(20, dt_number(f, "mean_activity_pct"), 0.1);
	dt_close(&d);
	open_scene(&d, "small", 0.99, 16384, 80); /* the card works all the same */
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
	open_scene(&d, "small", 0.2, 32000, 20); /* memory is short */
	T_INT(1, dt_run(&d, ""));
	T_STR("starved", dt_about(&d, "node_group", "serve")->verdict);
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_scene(&d, "wide", -1, 0, 60); /* not measured */
	T_INT(0, dt_run(&d, ""));
	T_STR("no rows of node_usage.csv", d.why);
	for (long long k = 0; k < STEPS / 2; k++)
		for (int i = 0; i < NODES; i++)
			dt_row(&d, "node_usage", "%lld,n%d,0.05,16384", DT_START_S + k * 3600, i);
	T_INT(0, dt_run(&d, ""));
	T_STR("CPU and memory of no group of nodes with cards were measured for 80 % of their life",
	      d.why);
	T_INT(1, dt_run(&d, "detectors:\n  host_fit:\n    min_coverage_ratio: 0.4\n"));
	dt_table(&d, "prices", "");
	T_INT(0, dt_run(&d, ""));
	T_STR("no rows of prices.csv", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d, "wide", 0.05, 16384, 60);
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 20);
	dt_close(&d);
}

int main(void)
{
	test_oversized();
	test_starved();
	test_silence();
	test_out_of_memory();
	return T_END();
}
