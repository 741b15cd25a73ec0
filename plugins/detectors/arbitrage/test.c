/* arbitrage on made-up fleets: what it says, what it proposes, when it is silent. */
#include "detector_test.h"

enum { HOURS = 14 * 24 };

#define NODES "node,node_group,provider,region,instance_type,gpu_model,gpus,pricing\n"
#define PRICES "provider,region,instance_type,gpu_model,gpus,pricing,payment,price_per_hour," \
	"egress_per_gib\n" "x,north,big,h100,8,on_demand,,10,0.05\n"

static void measure(dt *d, const char *node, long long bytes_per_s)
{
	for (int i = 0; i < HOURS; i++)
		dt_row(d, "node_usage", "%lld,%s,0.1,%lld", DT_START_S + 3600LL * i, node,
		       bytes_per_s);
}

/* Two nodes on demand, of which each moves 1 MiB/s. */
static void open_scene(dt *d)
{
	dt_open(d, 14, 3600);
	dt_table(d, "nodes", NODES "n1,train,x,north,big,h100,8,on_demand\n"
	         "n2,train,x,north,big,h100,8,on_demand\n");
	dt_table(d, "prices", PRICES "x,south,big,h100,8,on_demand,,8,0.05\n"
	         "x,south,small,h100,4,on_demand,,1,0.05\n");
	dt_table(d, "node_usage", "time,node,cpu_util_ratio,network_bytes_per_s\n");
	measure(d, "n1", 1 << 20);
	measure(d, "n2", 1 << 20);
}

static void test_region(void)
{
	const double month_gib = 2 * 730 * 3600 / 1024.0;
	const tt_found *f;
	dt d;

	open_scene(&d);
	T_INT(0, dt_run(&d, "detectors:\n  arbitrage:\n    min_saved_ratio: 0.17\n"));
	T_STR("", d.why); /* of 20 % less 3.2 go into egress */
	T_INT(1, dt_run(&d, "detectors:\n  arbitrage:\n    moved_once_gib: 100\n"));
	f = dt_about(&d, "node_group", "train");
	T_STR("cheaper_elsewhere", f->verdict);
	T_STR("reprice node_group:train region=south egress_gib=200 egress_gib_per_month=5133",
	      dt_change(&d, f, 0));
	T_F64(month_gib, dt_number(f, "moved_gib_per_month"), 1e-6);
	/* 2 of 10 an hour for two nodes, less 0.05 a GiB: 200 once, and 14 days of the month */
	T_F64((1344 - 0.05 * (200 + 5133 * HOURS / 730.0)) / 6720, dt_number(f, "saved_ratio"),
	      1e-7);
	T_F64(2 * 2 * 730 / 0.05, dt_number(f, "breakeven_gib_per_month"), 1e-6);
	T_F64(1, dt_number(f, "network_ratio"), 1e-9);
	T_INT(6720 * INT64_C(1000000), f->spend_concerned_micro);
	T_INT(TT_RISK_MEDIUM, f->risk);
	dt_close(&d);
}

static void test_provider(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	dt_row(&d, "prices", "y,west,y8,h100,8,on_demand,,5,");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "train");
	T_STR("reprice node_group:train provider=y region=west price_per_hour=5 egress_gib=2000 "
	      "egress_gib_per_month=5133", dt_change(&d, f, 0));
	T_INT(TT_RISK_HIGH, f->risk);
	T_F64(20, f->effort_days, 0);

	/* hours that are covered save nothing there */
	dt_table(&d, "commitments", "commitment,kind,provider,region,instance_type,units,payment,"
	         "price_per_hour\n" "r,reserved_instance,x,north,big,2,none,6\n");
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_scene(&d);
	dt_row(&d, "prices", "y,west,y8,h100,8,on_demand,,5,");
	dt_table(&d, "node_usage", "time,node,cpu_util_ratio\n");
	dt_row(&d, "node_usage", "%d,n1,0.1", DT_START_S);
	T_INT(0, dt_run(&d, ""));
	T_STR("cards cost less elsewhere, but what would have to move is not known: no "
	      "network_bytes_per_s of their nodes", d.why);
	dt_close(&d);

	open_scene(&d);
	dt_table(&d, "prices", "provider,region,instance_type,gpu_model,gpus,pricing,"
	         "price_per_hour\n" "x,north,big,h100,8,on_demand,10\n"
	         "x,south,big,h100,8,on_demand,5\n");
	T_INT(0, dt_run(&d, ""));
	T_STR("cards cost less elsewhere, but prices.csv has no egress_per_gib of where they are",
	      d.why);
	dt_table(&d, "prices", PRICES);
	T_INT(0, dt_run(&d, "")); /* nowhere else */
	T_STR("", d.why);
	dt_table(&d, "prices", PRICES "x,south,big,a100,8,on_demand,,1,0.05\n"
	         "x,south,big,h100,8,spot,,1,0.05\n" "x,north,other,h100,8,on_demand,,1,0.05\n");
	T_INT(0, dt_run(&d, "")); /* another card, other terms, the same place */
	T_STR("", d.why);
	dt_close(&d);

	open_scene(&d);
	T_INT(0, dt_run(&d, "detectors:\n  arbitrage:\n    min_window_days: 15\n"));
	T_STR("the window is shorter than 15 days", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d);
	dt_row(&d, "prices", "y,west,y8,h100,8,on_demand,,5,");
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 10);
	dt_close(&d);
}

int main(void)
{
	test_region();
	test_provider();
	test_silence();
	test_out_of_memory();
	return T_END();
}
