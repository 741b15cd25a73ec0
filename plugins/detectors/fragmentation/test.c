/* fragmentation on made-up pools: what it says, what it proposes, when it is silent. */
#include "detector_test.h"

enum { HOUR = 3600 };

#define NODES "node,node_group,gpus,gpu_model,cpus,memory_mib,pricing,price_per_hour\n"
#define PODS "pod,namespace,node,workload,workload_kind,gpus,gpu_model,cpus,memory_mib," \
	"submitted_at,started_at,ended_at,outcome,labels\n"

/* Four nodes of four cards; on each a pod with one of them, all the time. */
static void open_scene(dt *d, int cpus)
{
	dt_open(d, 14, HOUR);
	dt_table(d, "nodes", NODES);
	dt_table(d, "pods", PODS);
	for (int i = 0; i < 4; i++) {
		dt_row(d, "nodes", "n%d,g,4,h100,64,65536,on_demand,4", i);
		dt_row(d, "pods", "p%d,ml,n%d,w,training,1,h100,%d,1024,%d,%d,,running,team=ml", i,
		       i, cpus, DT_START_S, DT_START_S);
	}
}

static void test_sparse(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, 4);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "g");
	T_STR("sparse", f->verdict);
	T_STR("resize node_group:g idle_timeout_s=600 consolidates=true", dt_change(&d, f, 0));
	T_F64(0.75, dt_number(f, "free_ratio"), 1e-9);
	T_F64(3, dt_number(f, "packed_nodes"), 0);
	T_OK(dt_number(f, "packed_ratio") > 0.7 && dt_number(f, "packed_ratio") <= 0.75);
	T_F64(0, dt_number(f, "dark_ratio"), 0);
	T_STR("ml", f->owner);
	T_INT(TT_RISK_MEDIUM, f->risk);
	T_INT(0, dt_run(&d, "detectors:\n  fragmentation:\n    min_packed_ratio: 0.76\n"));
	dt_table(&d, "node_groups", "node_group,autoscaler,consolidates\n" "g,karpenter,false\n");
	T_INT(1, dt_run(&d, ""));
	dt_table(&d, "node_groups", "node_group,autoscaler,consolidates\n" "g,karpenter,true\n");
	T_INT(0, dt_run(&d, "")); /* it has moved what can be moved */
	dt_close(&d);
}

/* Of 64 CPUs pods take 40 with one card: no second one of them has a place. */
static void test_dark(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, 40);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "g");
	T_STR("dark", f->verdict);
	T_STR("", dt_change(&d, f, 0));
	T_F64(0.75, dt_number(f, "dark_ratio"), 1e-9);
	T_F64(40, dt_number(f, "least_cpus"), 1e-9);
	T_STR("75 % of the card-hours of node group g were free without the CPUs or memory that a "
	      "pod needs with a card", f->title);
	T_INT(0, dt_run(&d, "detectors:\n  fragmentation:\n    min_dark_ratio: 0.76\n"));
	dt_close(&d);
}

/* A pod with four cards waits for ten hours, then gives up; twelve are free, three by three. */
static void test_waits(void)
{
	static const char *const no_sparse = "detectors:\n  fragmentation:\n"
		"    min_packed_ratio: 1\n    min_waited_card_h: 40\n";
	const tt_found *f;
	dt d;

	open_scene(&d, 4);
	dt_row(&d, "pods", "big,ml,,w,training,4,h100|a100,4,1024,%d,,%d,pending,team=ml",
	       DT_START_S + HOUR, DT_START_S + 11 * HOUR);
	dt_row(&d, "pods", "else,ml,,w,training,4,l4,4,1024,%d,,%d,pending,team=ml",
	       DT_START_S + HOUR, DT_START_S + 11 * HOUR);
	T_INT(1, dt_run(&d, no_sparse));
	f = dt_about(&d, "node_group", "g");
	T_STR("scattered", f->verdict);
	T_STR("resize node_group:g idle_timeout_s=600 consolidates=true", dt_change(&d, f, 0));
	T_F64(40, dt_number(f, "scattered_h"), 1e-9);
	T_F64(1, dt_number(f, "pods_that_waited"), 0);
	T_F64(40 / dt_number(f, "card_h") * (double)d.bill->total_micro,
	      (double)f->spend_concerned_micro, 1);
	for (int i = 0; i < 100; i++) /* they can't all have wanted more than there was */
		dt_row(&d, "pods", "b%d,ml,,w,training,4,h100,4,1024,%d,,%d,pending,team=ml", i,
		       DT_START_S + HOUR, DT_START_S + 11 * HOUR);
	T_INT(1, dt_run(&d, no_sparse));
	f = dt_about(&d, "node_group", "g");
	T_F64(4040, dt_number(f, "scattered_h"), 1e-9);
	T_F64(0.75 * (double)d.bill->total_micro, (double)f->spend_concerned_micro, 1);

	/* one that had room beside it */
	dt_row(&d, "nodes", "n4,g,4,h100,64,65536,on_demand,4");
	T_INT(1, dt_run(&d, no_sparse));
	f = dt_about(&d, "node_group", "g");
	T_STR("beside", f->verdict);
	T_STR("", dt_change(&d, f, 0));
	T_F64(4040, dt_number(f, "beside_h"), 1e-9);
	T_F64(0, dt_number(f, "scattered_h"), 1e-9);
	dt_close(&d);

	open_scene(&d, 4); /* what a host has left is not known: it had no room, nor is it dark */
	dt_row(&d, "nodes", "n4,g,4,h100,,,on_demand,4");
	dt_row(&d, "pods", "big,ml,,w,training,4,h100|a100,4,1024,%d,,%d,pending,team=ml",
	       DT_START_S + HOUR, DT_START_S + 11 * HOUR);
	T_INT(0, dt_run(&d, no_sparse));
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_scene(&d, 4); /* full */
	dt_table(&d, "pods", PODS);
	for (int i = 0; i < 4; i++)
		dt_row(&d, "pods", "p%d,ml,n%d,w,training,4,h100,4,1024,%d,%d,,running,", i, i,
		       DT_START_S, DT_START_S);
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_table(&d, "pods", PODS "p,ml,,w,training,4,h100,4,1024,,,,running,\n");
	T_INT(0, dt_run(&d, "")); /* where it is nobody knows */
	T_STR("it is not known which pods were on the nodes", d.why);
	dt_row(&d, "nodes", "cpu,plain,0,,16,1024,on_demand,1"); /* has nothing to do with it */
	T_INT(0, dt_run(&d, ""));
	T_STR("it is not known which pods were on the nodes", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d, 4);
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 2);
	dt_close(&d);
}

int main(void)
{
	test_sparse();
	test_dark();
	test_waits();
	test_silence();
	test_out_of_memory();
	return T_END();
}
