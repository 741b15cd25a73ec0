/* data_cost on made-up bills: what it says, what it proposes, when it is silent. */
#include "detector_test.h"

#define HEAD "ResourceId,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,BillingCurrency," \
	"EffectiveCost,ServiceCategory,ServiceName,SkuMeter,ConsumedUnit,Tags\n"

static void open_scene(dt *d)
{
	dt_open(d, 14, 3600);
	dt_table(d, "nodes", "node,gpus,price_per_hour\n" "n1,8,10\n"); /* 3,360 */
	dt_table(d, "charges", HEAD);
}

static void add(dt *d, const char *resource, double cost, const char *category, const char *meter,
		const char *unit, const char *tags)
{
	dt_row(d, "charges", "%s,%d,%d,Usage,USD,%.2f,%s,Bucket,%s,%s,%s", resource, DT_START_S,
	       DT_START_S + 14 * 86400, cost, category, meter, unit, tags);
}

static void test_cold_data(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	add(&d, "bkt-a", 400, "Storage", "Standard", "GB-Months", "team=ml");
	add(&d, "bkt-a", 1, "Storage", "Requests", "Requests", "team=ml");
	add(&d, "bkt-b", 400, "Storage", "Standard", "GB-Months", "");
	add(&d, "bkt-b", 40, "Storage", "Requests", "Requests", "");
	add(&d, "bkt-c", 400, "Storage", "Glacier", "GB-Months", "");
	add(&d, "bkt-c", 1, "Storage", "Requests", "Requests", "");
	add(&d, "bkt-d", 400, "Storage", "Standard", "GB-Months", ""); /* nobody knows */
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "charge", "bkt-a");
	T_STR("cold_data", f->verdict);
	T_STR("data in bkt-a of Bucket is hardly touched: requests and transfer cost 0.25 % of "
	      "keeping it", f->title);
	T_STR("scale charge:bkt-a factor=0.4", dt_change(&d, f, 0));
	T_F64(0.0025, dt_number(f, "touched_ratio"), 1e-9);
	T_INT(401000000, f->spend_concerned_micro);
	T_STR("ml", f->owner);
	T_INT(0, dt_run(&d, "detectors:\n  data_cost:\n    cold_touched_ratio: 0.0024\n"));
	T_INT(0, dt_run(&d, "detectors:\n  data_cost:\n    min_per_month: 2000\n"));
	dt_close(&d);
}

static void test_snapshots(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	dt_table(&d, "volumes", "volume,size_mib\n" "v-1,1024\n");
	add(&d, "snap-1", 60, "Storage", "Snapshot data", "GB-Months", "volume=v-1");
	add(&d, "snap-2", 60, "Storage", "Snapshot data", "GB-Months", "volume=v-2;team=ml");
	add(&d, "snap-3", 60, "Storage", "Snapshot data", "GB-Months", "");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "charge", "snap-2");
	T_STR("orphaned_snapshot", f->verdict);
	T_STR("scale charge:snap-2 factor=0", dt_change(&d, f, 0));
	T_INT(60000000, f->spend_concerned_micro);
	/* its lines are one snapshot, also where tags changed */
	add(&d, "snap-2", 40, "Storage", "Snapshot data", "GB-Months", "volume=v-2;team=ads");
	T_INT(1, dt_run(&d, ""));
	T_INT(100000000, dt_about(&d, "charge", "snap-2")->spend_concerned_micro);
	dt_table(&d, "volumes", ""); /* then it is not known which volumes there are */
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
}

static void test_egress(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	add(&d, "i-1", 300, "Networking", "Data transfer out", "GB", "");
	add(&d, "i-2", 340, "Networking", "Data transfer out", "GB", "");
	add(&d, "i-2", 20, "Networking", "Data transfer in", "GB", "");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "charge", "Data transfer out");
	T_STR("egress", f->verdict);
	T_STR("15.9 % of all spend is data that leaves: Data transfer out", f->title);
	T_STR("scale charge:\"Data transfer out\" factor=0.7", dt_change(&d, f, 0));
	T_F64(640.0 / 4020, dt_number(f, "share_of_spend_ratio"), 1e-9);
	T_INT(0, dt_run(&d, "detectors:\n  data_cost:\n    egress_share_ratio: 0.16\n"));
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	dt_open(&d, 14, 3600);
	dt_table(&d, "nodes", "node,gpus,price_per_hour\n" "n1,8,10\n");
	T_INT(0, dt_run(&d, ""));
	T_STR("no rows of charges.csv", d.why);
	dt_close(&d);
	open_scene(&d);
	add(&d, "i-1", 3, "Networking", "Data transfer out", "GB", "");
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d);
	add(&d, "i-1", 640, "Networking", "Data transfer out", "GB", "");
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 3);
	dt_close(&d);
}

int main(void)
{
	test_cold_data();
	test_snapshots();
	test_egress();
	test_silence();
	test_out_of_memory();
	return T_END();
}
