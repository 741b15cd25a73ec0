/* peak_sized_pool on made-up services: what it says, what it proposes, when it is silent. */
#include "change/apply.h"
#include "detector_test.h"

enum { HOUR = 3600, STEPS = 14 * 24 };

/* A service of n replicas, each on a node of its own. */
static void open_pool(dt *d, int n)
{
	dt_open(d, 14, HOUR);
	dt_table(d, "nodes", "node,gpus,price_per_hour\n");
	dt_table(d, "pods", "pod,node,workload,gpus,workload_kind,labels\n");
	for (int i = 0; i < n; i++) {
		dt_row(d, "nodes", "n%02d,1,2", i);
		dt_row(d, "pods", "p%02d,n%02d,chat,1,inference,team=ml", i, i);
	}
}

/* The published load: 168 hours of 50 to 145, in each week. */
static int load(int t)
{
	int hour = t % 24, week = t % 168;

	return 50 + (hour >= 9 && hour < 18 ? 30 : 0) + 37 * week % 17 +
		(week % 41 == 13 ? 60 : 0);
}

static void asked(dt *d, double per_s, int missing)
{
	dt_table(d, "traffic", "time,workload,requests\n");
	for (int t = 0; t < STEPS; t++)
		if (t % 100 >= missing)
			dt_row(d, "traffic", "%d,chat,%g", DT_START_S + t * HOUR,
			       load(t) * per_s * HOUR);
}

/* The bill with its change. */
static double cost_with(const dt *d, const tt_found *f)
{
	const tt_change *changes[] = { &f->changes[0] };
	int64_t micro = INT64_MAX;

	T_OK(tt_changes_cost(d->snapshot, d->settings, changes, 1, &micro, NULL) == TT_OK);
	return (double)micro / 1e6;
}

/* 8 per replica: the 95th percentile takes 12, as published; the objective one more. */
static void test_traffic(void)
{
	const tt_found *f;
	dt d;

	open_pool(&d, 19);
	asked(&d, 1, 0);
	dt_table(&d, "workloads", "workload,workload_kind,slo_latency_ms,capacity_per_replica,"
	         "restart_s\n" "chat,inference,100000,8,0\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_STR("oversized", f->verdict);
	T_STR("resize workload:chat policy=slo ready_s=0 served_ratio=0.95", dt_change(&d, f, 0));
	T_STR("traffic.csv", dt_text(f, "demand_from"));
	T_F64(19, dt_number(f, "most_replicas"), 0);
	T_F64(12, dt_number(f, "enough_replicas"), 0);
	T_F64(145 / 8.0, dt_number(f, "peak_demand_replicas"), 1e-6);
	T_F64(95 / 8.0, dt_number(f, "demand_replicas"), 1e-6);
	T_F64(2 * 3192, dt_number(f, "ran_replica_h"), 1e-6);
	T_F64(7.0 / 19, dt_number(f, "freed_ratio"), 1e-9);
	T_F64(2 * 4 * 60, dt_number(f, "fixed_overloaded_min"), 1e-9);
	T_F64(0, dt_number(f, "policy_overloaded_min"), 0);
	T_F64(2.0 * 19 * STEPS * 1000 / dt_number(f, "requests"),
	      dt_number(f, "cost_per_1000_requests"), 1e-6);
	T_OK(cost_with(&d, f) < 2.0 * 19 * STEPS);
	T_F64(1000 * cost_with(&d, f) / dt_number(f, "requests"),
	      dt_number(f, "cost_per_1000_requests_then"), 1e-6);
	T_INT(19LL * 2 * STEPS * 1000000, f->spend_concerned_micro);
	T_STR("ml", f->owner);
	T_INT(TT_RISK_LOW, f->risk);
	T_STR("chat runs up to 19 replicas, 12 were enough in 95 % of the time (by traffic): 37 % "
	      "of their time is not needed, 480 minutes would be overloaded", f->title);

	dt_table(&d, "workloads", "workload,workload_kind,slo_latency_ms,capacity_per_replica\n"
	         "chat,inference,400,8\n"); /* of that 125 ms are the answer's own */
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_OK(dt_number(f, "enough_replicas") > 12);
	T_STR("resize workload:chat policy=slo ready_s=216 served_ratio=0.95",
	      dt_change(&d, f, 0));
	T_INT(0, dt_run(&d, "detectors:\n  peak_sized_pool:\n    min_freed_ratio: 0.35\n"));
	dt_close(&d);
}

/* A floor that somebody wanted holds, and a pool that is needed is none of peaks. */
static void test_limits(void)
{
	dt d;

	open_pool(&d, 19);
	asked(&d, 1, 0);
	dt_table(&d, "workloads", "workload,slo_latency_ms,capacity_per_replica,min_replicas\n"
	         "chat,100000,8,16\n");
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	T_INT(1, dt_run(&d, "detectors:\n  peak_sized_pool:\n    min_freed_ratio: 0.15\n"));
	T_F64(16, dt_number(dt_about(&d, "workload", "chat"), "enough_replicas"), 0);
	asked(&d, 0, 0); /* nobody asks: not a peak */
	dt_table(&d, "workloads", "workload,slo_latency_ms,capacity_per_replica\n"
	         "chat,100000,8\n");
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);

	open_pool(&d, 14);
	asked(&d, 1, 0);
	dt_table(&d, "workloads", "workload,slo_latency_ms,capacity_per_replica\n"
	         "chat,100000,8\n");
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
}

/* Without traffic the cards tell, less surely. */
static void test_activity(void)
{
	const tt_found *f;
	char card[16], pod[16];
	dt d;

	open_pool(&d, 10);
	for (int i = 0; i < 10; i++) {
		snprintf(card, sizeof card, "n%02d/0", i);
		snprintf(pod, sizeof pod, "p%02d", i);
		dt_usage(&d, card, pod, 0, DT_END, 14, 400);
		dt_usage(&d, card, pod, 100, 110, 95, 400); /* 3 % of the time */
	}
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_STR("resize workload:chat policy=quantile served_ratio=0.95 target_ratio=0.7",
	      dt_change(&d, f, 0));
	T_STR("activity", dt_text(f, "demand_from"));
	T_F64(2, dt_number(f, "enough_replicas"), 0);
	T_F64(1.4, dt_number(f, "demand_replicas"), 1e-6);
	T_F64(0.8, dt_number(f, "freed_ratio"), 1e-9);
	T_F64(600, dt_number(f, "fixed_overloaded_min"), 1e-9);
	T_F64((double)NAN, dt_number(f, "policy_overloaded_min"), 0);
	T_F64((double)NAN, dt_number(f, "cost_per_1000_requests"), 0);
	T_INT(TT_RISK_MEDIUM, f->risk);
	T_OK(f->confidence_ratio < 0.8);
	dt_usage(&d, "n00/0", "p00", 150, DT_END, (double)NAN, 400);
	T_INT(0, dt_run(&d, ""));
	T_STR("no pool's demand is known for 80 % of its time", d.why);
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_pool(&d, 19);
	asked(&d, 1, 30); /* traffic that is known for 70 % */
	dt_table(&d, "workloads", "workload,slo_latency_ms,capacity_per_replica\n"
	         "chat,100000,8\n");
	T_INT(0, dt_run(&d, ""));
	T_STR("no pool's demand is known for 80 % of its time", d.why);
	T_INT(0, dt_run(&d, "detectors:\n  peak_sized_pool:\n    min_window_h: 400\n"));
	T_STR("the window is shorter than 400 h", d.why);
	asked(&d, 1, 0);
	dt_table(&d, "workloads", ""); /* of which it is not known what one replica does */
	T_INT(0, dt_run(&d, ""));
	T_STR("no pool has traffic and a capacity_per_replica, or activity", d.why);
	dt_close(&d);

	open_pool(&d, 1);
	asked(&d, 0.001, 0);
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_pool(&d, 19);
	asked(&d, 1, 0);
	dt_table(&d, "workloads", "workload,slo_latency_ms,capacity_per_replica\n"
	         "chat,100000,8\n");
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 15);
	dt_close(&d);
}

int main(void)
{
	test_traffic();
	test_limits();
	test_activity();
	test_silence();
	test_out_of_memory();
	return T_END();
}
