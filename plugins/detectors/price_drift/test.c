/* price_drift on made-up fleets: what it says, what it proposes, when it is silent. */
#include "detector_test.h"

enum { HOURS = 14 * 24 };

#define NODES "node,node_group,provider,region,instance_type,gpu_model,gpus,cpus,memory_mib," \
	"pricing,price_per_hour\n"
#define PRICES "provider,region,instance_type,gpu_model,gpus,pricing,price_per_hour,as_of\n"

static void test_list(void)
{
	const tt_found *f;
	dt d;

	dt_open(&d, 14, 3600);
	dt_table(&d, "nodes", NODES "n1,train,x,north,big,h100,8,96,1000,on_demand,12\n"
	         "n2,train,x,north,big,h100,8,96,1000,on_demand,12\n");
	dt_table(&d, "prices", PRICES "x,north,big,h100,8,on_demand,12,2025-06-01T00:00:00Z\n"
	         "x,north,big,h100,8,on_demand,9.125,2025-12-01T00:00:00Z\n"
	         "x,north,big,h100,8,spot,4,2025-12-01T00:00:00Z\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "train");
	T_STR("above_list", f->verdict);
	T_STR("2 nodes big cost 12 an hour each (nodes.csv), listed for 9.125: 32 % above",
	      f->title);
	T_STR("reprice node_group:train price_per_hour=9.125", dt_change(&d, f, 0));
	T_F64(1 - 9.125 / 12, dt_number(f, "above_ratio"), 1e-12);
	T_F64(12, dt_number(f, "paid_per_hour"), 0);
	T_F64(9.125, dt_number(f, "listed_per_hour"), 0);
	T_INT(2 * 12 * HOURS * INT64_C(1000000), f->spend_concerned_micro);
	T_INT(TT_RISK_NONE, f->risk);
	T_INT(0, dt_run(&d, "detectors:\n  price_drift:\n    min_above_ratio: 0.24\n"));
	T_INT(0, dt_run(&d, "detectors:\n  price_drift:\n    min_node_h: 673\n"));

	/* a row for any card beside it: one finding, by the higher */
	dt_row(&d, "prices", "x,north,big,,8,on_demand,9,2025-12-01T00:00:00Z");
	T_INT(1, dt_run(&d, ""));
	T_F64(9.125, dt_number(dt_about(&d, "node_group", "train"), "listed_per_hour"), 0);

	/* one of them: then it is that part of the fleet */
	dt_table(&d, "nodes", NODES "n1,train,x,north,big,h100,8,96,1000,on_demand,12\n"
	         "n2,train,x,north,big,h100,8,96,1000,on_demand,9.125\n");
	T_INT(1, dt_run(&d, ""));
	T_STR("reprice node:n1 price_per_hour=9.125",
	      dt_change(&d, dt_about(&d, "fleet", "x/north/big h100 on_demand x8 at 12"), 0));

	/* prices that six digits don't tell apart are two parts of it; alone it needs none */
	dt_table(&d, "nodes", NODES "n1,train,x,north,big,h100,8,96,1000,on_demand,12.000001\n"
	         "n2,train,x,north,big,h100,8,96,1000,on_demand,12.000002\n");
	T_INT(2, dt_run(&d, ""));
	T_STR("reprice node:n1 price_per_hour=9.125", dt_change(&d, dt_about(&d, "fleet",
	      "x/north/big h100 on_demand x8 at 12.000001"), 0));
	T_STR("reprice node:n2 price_per_hour=9.125", dt_change(&d, dt_about(&d, "fleet",
	      "x/north/big h100 on_demand x8 at 12.000002"), 0));
	dt_table(&d, "nodes", NODES "n1,train,x,north,big,h100,8,96,1000,on_demand,12\n"
	         "n2,train,x,north,big,h100,8,96,1000,reserved,9\n");
	T_INT(1, dt_run(&d, ""));
	dt_about(&d, "fleet", "x/north/big h100 on_demand");

	/* what is paid by the list, by a contract, or less, is fine */
	dt_table(&d, "nodes", NODES "n1,train,x,north,big,h100,8,96,1000,on_demand,\n"
	         "n2,old,x,north,big,h100,8,96,1000,reserved,12\n"
	         "n3,new,x,north,big,h100,8,96,1000,on_demand,8\n"
	         "n4,own,x,north,big,h100,8,96,1000,owned,12\n"
	         "n5,spot,x,north,big,h100,8,96,1000,spot,4.1\n");
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
}

/* What was charged counts before any price. */
static void test_charges(void)
{
	const tt_found *f;
	dt d;

	dt_open(&d, 14, 3600);
	dt_table(&d, "nodes", "node,node_group,provider,region,instance_type,resource_id,gpu_model,"
	         "gpus,pricing\n" "n1,train,x,north,big,r1,h100,8,on_demand\n"
	         "n2,train,x,north,big,r2,h100,8,on_demand\n");
	dt_table(&d, "prices", PRICES "x,north,big,h100,8,on_demand,9,2025-12-01T00:00:00Z\n");
	dt_table(&d, "charges", "ResourceId,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,"
	         "BillingCurrency,BilledCost,EffectiveCost\n"
	         "r1,2026-01-05T00:00:00Z,2026-01-19T00:00:00Z,Usage,USD,4000,4000\n"
	         "r2,2026-01-05T00:00:00Z,2026-01-19T00:00:00Z,Usage,USD,4064,4064\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node_group", "train");
	T_F64(12, dt_number(f, "paid_per_hour"), 1e-9);
	T_STR("charges.csv", dt_text(f, "paid_from"));
	dt_close(&d);
}

static void test_generation(void)
{
	const tt_found *f;
	dt d;

	dt_open(&d, 14, 3600);
	dt_table(&d, "nodes", NODES "n1,old,x,north,big1,h100,8,96,1000,on_demand,\n"
	         "n2,new,x,north,big2,h100,8,112,1000,on_demand,\n");
	dt_table(&d, "prices", PRICES "x,north,big1,h100,8,on_demand,10,\n"
	         "x,north,big2,h100,8,on_demand,8,\n" "x,north,big3,h100,8,on_demand,1,\n");
	T_INT(1, dt_run(&d, "")); /* nobody knows what big3 has */
	f = dt_about(&d, "node_group", "old");
	T_STR("old_generation", f->verdict);
	T_STR("retype node_group:old instance_type=big2", dt_change(&d, f, 0));
	T_F64(0.2, dt_number(f, "saved_ratio"), 1e-12);
	T_F64(112, dt_number(f, "there_cpus"), 0);
	T_INT(0, dt_run(&d, "detectors:\n  price_drift:\n    min_generation_ratio: 0.21\n"));
	/* one with fewer CPUs is another machine */
	dt_table(&d, "nodes", NODES "n1,old,x,north,big1,h100,8,96,1000,on_demand,\n"
	         "n2,new,x,north,big2,h100,8,64,1000,on_demand,\n");
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	dt_open(&d, 14, 3600);
	dt_table(&d, "nodes", NODES "n1,old,x,north,big1,h100,8,96,1000,on_demand,12\n"
	         "n2,new,x,north,big2,h100,8,112,1000,on_demand,\n");
	dt_table(&d, "prices", PRICES "x,north,big1,h100,8,on_demand,10,\n"
	         "x,north,big2,h100,8,on_demand,8,\n");
	T_INT(2, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 10);
	dt_close(&d);
}

int main(void)
{
	test_list();
	test_charges();
	test_generation();
	test_out_of_memory();
	return T_END();
}
