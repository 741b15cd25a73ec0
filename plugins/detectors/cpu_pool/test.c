/* cpu_pool on made-up fleets: what it says, what it proposes, when it is silent. */
#include "detector_test.h"

enum { HOUR = 3600, STEPS = 7 * 24 };

#define NODES "node,node_group,gpus,cpus,memory_mib,price_per_hour,labels\n"
#define PODS "pod,namespace,node,workload,gpus,cpus,memory_mib,started_at,ended_at\n"

/* Use of a node's CPUs in hours [0, to). */
static void use(dt *d, const char *node, int to, double ratio)
{
	for (int i = 0; i < to; i++)
		dt_row(d, "node_usage", "%d,%s,%g", DT_START_S + i * HOUR, node, ratio);
}

/* Pool `web` of four nodes of 16 CPUs, each with a pod that asks for 1, and a daemon. */
static void open_pool(dt *d, double ratio)
{
	dt_open(d, 7, HOUR);
	dt_table(d, "nodes", NODES);
	dt_table(d, "pods", PODS);
	dt_table(d, "node_usage", "time,node,cpu_util_ratio\n");
	for (int i = 0; i < 4; i++) {
		char name[8];

		snprintf(name, sizeof name, "c%d", i);
		dt_row(d, "nodes", "%s,web,0,16,65536,2,", name);
		dt_row(d, "pods", "p%d,shop,%s,gate,0,1,4096,,", i, name);
		dt_row(d, "pods", "d%d,kube-system,%s,proxy,0,0.5,1024,,", i, name);
		use(d, name, STEPS, ratio);
	}
}

static void test_slack(void)
{
	const tt_found *f;
	dt d;

	open_pool(&d, 0.03);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "web");
	T_STR("slack", f->verdict);
	T_STR("resize node_group:web nodes=2", dt_change(&d, f, 0));
	T_STR("CPU pool web (4 nodes): p95 of CPU use 3.0 %, its pods ask for 9 % of the CPUs, "
	      "coverage 100 %", f->title);
	T_F64(3, dt_number(f, "p95_cpu_pct"), 0.05);
	T_F64(6, dt_number(f, "asked_cpus"), 1e-9);
	T_F64(4 * 5120, dt_number(f, "asked_memory_mib"), 1e-9);
	T_F64(2, dt_number(f, "nodes_needed"), 0);
	T_INT(4LL * 2 * STEPS * 1000000, f->spend_concerned_micro);
	T_STR("", f->risk_note);
	T_INT(1, dt_run(&d, "detectors:\n  cpu_pool:\n    keep_nodes: 1\n"));
	T_STR("resize node_group:web nodes=1",
	      dt_change(&d, dt_about(&d, "node_group", "web"), 0));
	T_INT(1, dt_run(&d, "detectors:\n  cpu_pool:\n    target_ratio: 0.04\n")); /* 3 of 4 */
	T_STR("resize node_group:web nodes=3",
	      dt_change(&d, dt_about(&d, "node_group", "web"), 0));
	T_INT(0, dt_run(&d, "detectors:\n  cpu_pool:\n    busy_below_pct: 2.9\n"));
	dt_close(&d);

	open_pool(&d, 0.06);
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
}

/* Nodes are for what pods ask at the same time, at any time. */
static void test_asked(void)
{
	const tt_found *f;
	dt d;

	open_pool(&d, 0.03); /* two nightly jobs of 12 one after the other, two of 10 at once */
	dt_row(&d, "pods", "e0,shop,c0,etl,0,12,1024,%d,%d", DT_START_S + HOUR,
	       DT_START_S + 2 * HOUR);
	dt_row(&d, "pods", "e1,shop,c0,etl,0,12,1024,%d,%d", DT_START_S + 2 * HOUR,
	       DT_START_S + 3 * HOUR);
	T_INT(1, dt_run(&d, ""));
	T_F64(18, dt_number(dt_about(&d, "node_group", "web"), "asked_cpus"), 1e-9);
	dt_row(&d, "pods", "e2,shop,c1,etl,0,10,1024,%d,%d", DT_START_S + HOUR,
	       DT_START_S + 3 * HOUR);
	dt_row(&d, "pods", "e3,shop,c1,etl,0,10,1024,%d,%d", DT_START_S + 2 * HOUR,
	       DT_START_S + 4 * HOUR);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "web");
	T_F64(38, dt_number(f, "asked_cpus"), 1e-9);
	T_STR("resize node_group:web nodes=3", dt_change(&d, f, 0));
	dt_row(&d, "pods", "m,shop,c2,cache,0,1,180000,,");
	T_INT(1, dt_run(&d, "")); /* memory keeps them */
	f = dt_about(&d, "node_group", "web");
	T_STR("", dt_change(&d, f, 0));
	T_STR("what its pods ask for keeps the nodes: lower their requests first", f->risk_note);
	dt_row(&d, "pods", "x,shop,c2,cache,0,,,,");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "web");
	T_STR("", dt_change(&d, f, 0));
	T_STR("what its pods ask for is not known", f->risk_note);
	T_F64((double)NAN, dt_number(f, "nodes_needed"), 0);
	dt_close(&d);
}

/* Node g of four cards, at whose end only pods without cards are on it. */
static void open_kept(dt *d)
{
	dt_open(d, 7, HOUR);
	dt_table(d, "nodes", NODES "g,serve,4,64,524288,8,\n" "c,web,0,16,65536,1,\n");
	dt_table(d, "pods", PODS "a,shop,g,chat,1,8,65536,,1767744000\n" /* for two days */
	         "b,shop,g,gate,0,2,4096,,\n" "c,shop,g,gate,0,2,4096,,\n"
	         "o,shop,c,other,0,11,1024,,\n");
	for (int i = 0; i < 4; i++) {
		char card[8];

		snprintf(card, sizeof card, "g/%d", i);
		dt_usage(d, card, "", 0, DT_END, 0.2, 400);
	}
	dt_usage(d, "g/1", "a", 0, 48, 60, 400);
}

static void test_kept(void)
{
	const tt_found *f;
	dt d;

	open_kept(&d);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node", "g");
	T_STR("kept", f->verdict);
	T_STR("release node:g from=2026-01-07T00:00:00Z", dt_change(&d, f, 0));
	T_F64(120, dt_number(f, "kept_h"), 0);
	T_F64(2, dt_number(f, "other_pods"), 0);
	T_F64(4, dt_number(f, "other_cpus"), 0);
	T_STR("c", dt_text(f, "room_on_node"));
	T_STR("its pods have to move first: node c has room", f->risk_note);
	T_STR("node g with 4 cards is kept by 2 pods without cards: no card was held or used for "
	      "120 h, coverage 100 %", f->title);
	T_F64(1, f->coverage_ratio, 1e-9);

	dt_usage(&d, "g/3", "", 70, 71, 1.5, 400); /* somebody did something there */
	T_INT(1, dt_run(&d, ""));
	T_F64(97, dt_number(dt_about(&d, "node", "g"), "kept_h"), 0);
	T_INT(0, dt_run(&d, "detectors:\n  cpu_pool:\n    min_kept_h: 98\n"));
	dt_row(&d, "pods", "p,shop,c,other,0,2,1024,,"); /* then there is no room */
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node", "g");
	T_STR("", dt_change(&d, f, 0));
	T_STR("no CPU node is known to have room for its pods", f->risk_note);
	dt_row(&d, "pods", "q,shop,g,chat,1,2,1024,,"); /* and when a card is held, it is needed */
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);

	open_kept(&d);
	dt_usage(&d, "g/0", "", 60, DT_END, (double)NAN, 400); /* nobody knows */
	dt_usage(&d, "g/2", "", 60, DT_END, (double)NAN, 400);
	T_INT(0, dt_run(&d, ""));
	T_STR("no CPU pool and no kept node was measured for 80 % of its time", d.why);
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_pool(&d, 0.03);
	dt_table(&d, "node_usage", "time,node,cpu_util_ratio\n");
	for (int i = 0; i < 4; i++) {
		char name[8];

		snprintf(name, sizeof name, "c%d", i);
		use(&d, name, i ? STEPS : STEPS / 2, 0.03);
	}
	T_INT(0, dt_run(&d, ""));
	T_STR("no CPU pool and no kept node was measured for 80 % of its time", d.why);
	T_INT(1, dt_run(&d, "detectors:\n  cpu_pool:\n    min_coverage_ratio: 0.4\n"));
	dt_table(&d, "node_usage", "");
	T_INT(0, dt_run(&d, ""));
	T_STR("no CPU pool and no kept node was measured for 80 % of its time", d.why);
	dt_table(&d, "pods", "");
	T_INT(0, dt_run(&d, ""));
	T_STR("no rows of pods.csv", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_kept(&d);
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 15);
	dt_close(&d);
}

int main(void)
{
	test_slack();
	test_asked();
	test_kept();
	test_silence();
	test_out_of_memory();
	return T_END();
}
