/* rate_fit on made-up fleets: what it says, what it proposes, when it is silent. */
#include "change/apply.h"
#include "detector_test.h"

enum { HOURS = 14 * 24 };

#define PRICES "provider,region,instance_type,gpu_model,gpus,pricing,payment,price_per_hour," \
	"interruptions_per_h\n"
#define NODES "node,node_group,provider,region,instance_type,gpu_model,gpus,pricing,started_at\n"
#define PODS "pod,node,workload,gpus,workload_kind,labels,started_at,ended_at\n"

/* Training for ten days on a node of its own, on demand at 10, on spot at 4. */
static void open_training(dt *d, const char *pricing, const char *rate)
{
	dt_open(d, 14, 3600);
	dt_table(d, "nodes", NODES);
	dt_row(d, "nodes", "n1,train,x,north,big,h100,8,%s,", pricing);
	dt_table(d, "pods", PODS);
	dt_row(d, "pods", "a,n1,fit,8,training,team=ml,2026-01-05T00:00:00Z,2026-01-15T00:00:00Z");
	dt_table(d, "prices", PRICES "x,north,big,h100,8,on_demand,,10,\n");
	dt_row(d, "prices", "x,north,big,h100,8,spot,,4,%s", rate);
	dt_table(d, "workloads", "workload,checkpoint_interval_s,checkpoint_s,restart_s,"
	         "interruptible\n" "fit,3600,60,600,true\n");
}

static void test_spot(void)
{
	const tt_found *f;
	double paid;
	dt d;

	open_training(&d, "on_demand", "0.05");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "fit");
	T_STR("spot_fits", f->verdict);
	T_STR("reprice workload:fit pricing=spot", dt_change(&d, f, 0));
	/* an hour of work and its checkpoint at 0.05 an hour: e^(R/M) M (e^((t+d)/M) - 1) */
	paid = exp(0.05 * 600 / 3600) / 0.05 * (exp(0.05 * 3660 / 3600) - 1);
	T_F64(paid, dt_number(f, "paid_h_per_work_h"), 1e-8);
	T_F64(1 - 0.4 * paid, dt_number(f, "saved_ratio"), 1e-8);
	T_F64(240, dt_number(f, "node_h"), 1e-9);
	T_F64(0.4, dt_number(f, "spot_price_ratio"), 1e-9);
	T_F64(8 * 240, dt_number(f, "on_demand_card_h"), 1e-9);
	T_STR("ml", f->owner);
	T_INT(TT_RISK_LOW, f->risk);
	T_F64(1, f->effort_days, 0);
	T_INT(0, dt_run(&d, "detectors:\n  rate_fit:\n    min_saved_ratio: 0.58\n"));
	T_INT(0, dt_run(&d, "detectors:\n  rate_fit:\n    min_card_h: 2000\n"));

	/* so often taken away that it is not worth it */
	dt_close(&d);
	open_training(&d, "on_demand", "1");
	T_INT(0, dt_run(&d, ""));
	/* who knows nothing of interruptions is left alone */
	dt_close(&d);
	open_training(&d, "on_demand", "");
	T_INT(0, dt_run(&d, ""));
	T_STR("no workload that could be on spot has a spot price and a rate of interruptions",
	      d.why);
	dt_close(&d);
	open_training(&d, "on_demand", "0.05");
	dt_table(&d, "workloads", "workload,checkpoint_interval_s,interruptible\n"
	         "fit,3600,false\n");
	T_INT(0, dt_run(&d, ""));
	dt_table(&d, "workloads", "workload,checkpoint_interval_s,interruptible\n" "fit,,\n");
	T_INT(0, dt_run(&d, "")); /* it may be neither */
	dt_table(&d, "workloads", "workload,checkpoint_interval_s,interruptible\n" "fit,3600,\n");
	T_INT(1, dt_run(&d, ""));
	T_INT(TT_RISK_MEDIUM, dt_about(&d, "workload", "fit")->risk);
	dt_close(&d);
}

static int64_t cost_with(const dt *d, const tt_found *f)
{
	const tt_change *changes[] = { &f->changes[0] };
	int64_t micro = INT64_MAX;

	T_OK(tt_changes_cost(d->snapshot, d->settings, changes, 1, &micro, NULL) == TT_OK);
	return micro;
}

static void test_back(void)
{
	const tt_found *f;
	dt d;

	open_training(&d, "spot", "0.05");
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
	open_training(&d, "spot", "1.5"); /* 4 x paid hours are more than 10 */
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "fit");
	T_STR("spot_loss", f->verdict);
	T_STR("reprice workload:fit pricing=on_demand", dt_change(&d, f, 0));
	/* on demand it writes its checkpoints, and does all of it once */
	T_F64(0.4 * dt_number(f, "paid_h_per_work_h") / (3660.0 / 3600),
	      dt_number(f, "spot_per_on_demand"), 1e-6);
	T_OK(cost_with(&d, f) < d.bill->total_micro); /* and the bill says the same */

	/* a service: 0.05 times an hour without a replica for 90 s is 0.125 % of the time */
	dt_close(&d);
	open_training(&d, "spot", "0.05");
	dt_table(&d, "pods", PODS "a,n1,fit,8,inference,team=ml,,\n");
	dt_table(&d, "workloads", "workload,slo_latency_ms,restart_s\n" "fit,300,90\n");
	dt_table(&d, "traffic", "time,workload,requests\n" "2026-01-05T00:00:00Z,fit,1000\n"
	         "2026-01-05T01:00:00Z,fit,343000\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "fit");
	T_STR("spot_service", f->verdict);
	T_F64(0.00125, dt_number(f, "lost_ratio"), 1e-12);
	T_F64(14 * 24 * 4 / 344.0, dt_number(f, "cost_per_1000_requests"), 1e-6);
	T_F64((double)cost_with(&d, f) / 1e6 / 344, dt_number(f, "cost_per_1000_requests_then"),
	      1e-6);
	T_OK(dt_number(f, "cost_per_1000_requests_then") >
	     dt_number(f, "cost_per_1000_requests"));
	T_INT(0, dt_run(&d, "detectors:\n  rate_fit:\n    max_lost_ratio: 0.0013\n"));
	dt_table(&d, "workloads", "workload,restart_s\n" "fit,90\n"); /* promises nothing */
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
}

/* Three nodes: one always in use, one for 16 hours a day, one that nobody uses. */
static void open_base(dt *d)
{
	dt_open(d, 14, 3600);
	dt_table(d, "nodes", NODES "n1,serve,x,north,small,l4,1,on_demand,\n"
	         "n2,serve,x,north,small,l4,1,on_demand,\n"
	         "n3,serve,x,north,small,l4,1,on_demand,\n");
	dt_table(d, "pods", PODS "a,n1,chat,1,inference,team=ml,,\n"
	         "b,n2,chat,1,inference,team=ml,,\n");
	dt_table(d, "prices", PRICES "x,north,small,l4,1,on_demand,,1,\n"
	         "x,north,small,l4,1,commit_1y,none,0.6,\n"
	         "x,north,small,l4,1,commit_3y,none,0.3,\n"
	         "x,south,small,l4,1,commit_1y,none,0.1,\n");
	dt_usage(d, "n1/0", "a", 0, DT_END, 50, 400);
	dt_usage(d, "n2/0", "b", 0, DT_END, 0, 400);
	for (size_t day = 0; day < 14; day++)
		dt_usage(d, "n2/0", "b", 24 * day, 24 * day + 16, 50, 400);
	dt_usage(d, "n3/0", "", 0, DT_END, 0, 0);
}

static void test_baseload(void)
{
	const tt_found *f;
	dt d;

	open_base(&d);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "fleet", "x/north/small l4");
	T_STR("uncommitted", f->verdict);
	/* 16 of 24 hours are more than 0.6 of them; the idle node is nobody's demand */
	T_STR("commit offer:\"x/north/small commit_1y none\" action=buy units=2",
	      dt_change(&d, f, 0));
	T_F64(2.0 / 3, dt_number(f, "last_unit_used_ratio"), 1e-9);
	T_F64(0, dt_number(f, "next_unit_used_ratio"), 0);
	T_F64(1 - 1.2 * 3 / 5, dt_number(f, "committed_saved_ratio"), 1e-9);
	T_F64(HOURS + HOURS / 3.0, dt_number(f, "idle_node_h"), 1e-9);
	T_F64(3 * HOURS, dt_number(f, "on_demand_node_h"), 1e-9);
	T_F64(1, dt_number(f, "known_ratio"), 1e-9);
	T_INT(HOURS * 5 / 3 * INT64_C(1000000), f->spend_concerned_micro);
	T_INT(1, dt_run(&d, "detectors:\n  rate_fit:\n    max_term_months: 36\n"));
	T_STR("commit offer:\"x/north/small commit_3y none\" action=buy units=2",
	      dt_change(&d, dt_about(&d, "fleet", "x/north/small l4"), 0));

	/* one of them is held already, and so taken by the first */
	dt_table(&d, "commitments", "commitment,kind,provider,region,instance_type,units,payment,"
	         "price_per_hour\n" "r1,reserved_instance,x,north,small,1,none,0.6\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "fleet", "x/north/small l4");
	T_STR("commit offer:\"x/north/small commit_1y none\" action=buy units=1",
	      dt_change(&d, f, 0));
	T_F64(2 * HOURS, dt_number(f, "on_demand_node_h"), 1e-9);
	dt_row(&d, "commitments", "r2,reserved_instance,x,north,small,1,none,0.6");
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
}

static void test_no_baseload(void)
{
	dt d;

	open_base(&d);
	dt_table(&d, "prices", PRICES "x,north,small,l4,1,on_demand,,1,\n"
	         "x,north,small,l4,1,commit_1y,none,0.99,\n");
	T_INT(0, dt_run(&d, "")); /* 1 % less is not worth a promise */
	dt_table(&d, "prices", PRICES "x,north,small,l4,1,on_demand,,1,\n");
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);

	dt_open(&d, 14, 3600); /* nobody knows who used what */
	dt_table(&d, "nodes", NODES "n1,serve,x,north,small,l4,1,on_demand,\n");
	dt_table(&d, "prices", PRICES "x,north,small,l4,1,on_demand,,1,\n"
	         "x,north,small,l4,1,commit_1y,none,0.6,\n");
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);

	dt_open(&d, 7, 3600); /* a week only */
	dt_table(&d, "nodes", NODES "n1,serve,x,north,small,l4,1,on_demand,\n");
	dt_table(&d, "pods", PODS "a,n1,chat,1,inference,team=ml,,\n");
	dt_table(&d, "prices", PRICES "x,north,small,l4,1,on_demand,,1,\n"
	         "x,north,small,l4,1,commit_1y,none,0.6,\n");
	dt_usage(&d, "n1/0", "a", 0, DT_END, 50, 400);
	T_INT(0, dt_run(&d, ""));
	T_STR("the window is shorter than 14 days", d.why);
	T_INT(1, dt_run(&d, "detectors:\n  rate_fit:\n    min_window_days: 7\n"));
	dt_close(&d);
}

/* What goes to spot needs no commitment; a fleet known as a curve has one by its curve. */
static void test_others(void)
{
	const tt_found *f;
	dt d;

	open_training(&d, "on_demand", "0.05");
	dt_row(&d, "prices", "x,north,big,h100,8,commit_1y,none,5,");
	T_INT(1, dt_run(&d, ""));
	T_STR("spot_fits", dt_about(&d, "workload", "fit")->verdict);
	T_INT(1, dt_run(&d, "detectors:\n  rate_fit:\n    min_saved_ratio: 0.9\n"));
	T_STR("uncommitted", dt_about(&d, "fleet", "x/north/big h100")->verdict);
	dt_close(&d);

	dt_open(&d, 14, 3600);
	d.aligned = 0;
	dt_table(&d, "nodes", NODES "n1,g,x,north,big,h100,8,on_demand,\n"
	         "n2,g,x,north,big,h100,8,on_demand,\n");
	dt_table(&d, "demand", "time,provider,region,instance_type,gpu_model,owner,units\n");
	for (int i = 0; i < HOURS; i++)
		dt_row(&d, "demand", "%d,x,north,big,h100,ml,%d", DT_START_S + 3600 * i,
		       i % 2 ? 8 : 12);
	dt_table(&d, "prices", PRICES "x,north,big,h100,8,on_demand,,10,\n"
	         "x,north,big,h100,8,commit_1y,none,6,\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "fleet", "x/north/big h100");
	T_STR("commit offer:\"x/north/big commit_1y none\" action=buy units=1",
	      dt_change(&d, f, 0));
	T_F64(0.25, dt_number(f, "next_unit_used_ratio"), 1e-9);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_base(&d);
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 20);
	dt_close(&d);
}

int main(void)
{
	test_spot();
	test_back();
	test_baseload();
	test_no_baseload();
	test_others();
	test_out_of_memory();
	return T_END();
}
