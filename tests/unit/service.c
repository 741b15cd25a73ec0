/* What changes make users wait for: published sums of policies, and stops by hand. */
#include "change/service.h"
#include "measured.h"

static tt_settings *settings;
static tt_arena *arena;

enum { HOUR = 3600, WEEK = 168 };

static tt_service service(const tt_snapshot *s, const char *text)
{
	tt_change *change = tt_arena_alloc(arena, sizeof *change);
	tt_service ret = { 0 };
	tt_err err = { 0 };

	T_INT(TT_OK, tt_change_parse(text, arena, change, &err));
	T_INT(TT_OK, tt_change_service(change, s, settings, &ret, &err));
	T_STR("", err.text);
	return ret;
}

/* A replica on each of 21 nodes of a card, of a load that is 50 to 145 at 8 for each. */
static void test_week(void)
{
	double came = 0;
	measured m;

	measured_open(&m, WEEK * HOUR, HOUR);
	for (int i = 0; i < 21; i++) {
		measured_put(&m, "nodes", "n%02d,g,1,on_demand,1,,", i);
		measured_put(&m, "pods", "chat-%02d,web,n%02d,chat,1,none,%s,", i, i,
			     measured_time(0));
	}
	for (int t = 0; t < WEEK; t++) {
		int load = 50 + (t % 24 >= 9 && t % 24 < 18 ? 30 : 0) + 37 * t % 17 +
			   (t % 41 == 13 ? 60 : 0);

		came += load;
		for (int i = 0; i < 21; i++, load -= 8)
			measured_put(&m, "gpu_usage", "%lld,n%02d,0,chat-%02d,%g",
				     (long long)(m.start_s + t * HOUR), i, i,
				     load >= 8 ? 100 : load <= 0 ? 0 : load * 12.5);
	}
	const tt_snapshot *s = measured_ready(&m);
	/* published: 4 hours are overloaded, and 143 of the load unserved */
	tt_service v = service(s, "resize workload:chat policy=quantile served_ratio=0.95");
	T_F64(4 * 60, v.overload_service_minutes, 0);
	T_F64(143 / came, v.unserved_ratio, 1e-9);
	T_F64(0, v.cold_starts, 0);
	T_OK(isnan(v.wait_s) && isnan(v.cold_start_s));
	v = service(s, "resize workload:chat replicas=12");
	T_F64(4 * 60, v.overload_service_minutes, 0);
	v = service(s, "resize workload:chat replicas=19");
	T_F64(0, v.overload_service_minutes, 0);
	T_F64(0, v.unserved_ratio, 0);
	v = service(s, "resize workload:chat policy=lead lead_s=3600");
	T_F64(0, v.overload_service_minutes, 0);
	T_OK(v.cold_starts > 0);
	v = service(s, "resize workload:chat policy=reactive ready_s=3600 scale_down_s=10800");
	T_OK(v.overload_service_minutes > 0 && v.unserved_ratio > 0);
	T_F64(3600, v.cold_start_s, 0);
	/* money alone, and what is not known */
	v = service(s, "reprice node_group:g discount_ratio=0.2");
	T_F64(0, v.overload_service_minutes, 0);
	T_F64(0, v.cold_starts, 0);
	v = service(s, "release node:n00");
	T_OK(isnan(v.overload_service_minutes) && isnan(v.cold_starts));
	v = service(s, "scale workload:chat factor=0.5");
	T_F64(0, v.cold_starts, 0);
	v = service(s, "scale workload:chat factor=1.5");
	T_OK(isnan(v.cold_starts));
	v = service(s, "resize node_group:g nodes=3");
	T_OK(isnan(v.overload_service_minutes));
	measured_close(&m);
}

/* Ten hours: at work in the first, the fourth and the ninth. */
static void test_stops(void)
{
	static const int at_work[] = { 0, 3, 8 };
	measured m;

	measured_open(&m, 10 * HOUR, 60);
	measured_put(&m, "nodes", "n,g,1,on_demand,1,,");
	measured_put(&m, "node_groups", "g,0,90,");
	measured_put(&m, "pods", "p,web,n,w,1,none,%s,", measured_time(0));
	for (int h = 0, k = 0; h < 10; h++) {
		const int busy = k < 3 && at_work[k] == h;

		k += busy;
		measured_use(&m, h * HOUR, (h + 1) * HOUR, "n", "0", "p", busy ? 50 : 0);
	}
	const tt_snapshot *s = measured_ready(&m);
	/* stopped in the gaps of two and four hours, with a start each, and at the end */
	tt_service v = service(s, "schedule workload:w idle_timeout_s=1800 cold_start_s=120");
	T_F64(2, v.cold_starts, 0);
	T_F64(120, v.cold_start_s, 0);
	T_F64(4, v.overload_service_minutes, 0);
	/* a start that costs more than its stop frees is one all the same */
	v = service(s, "schedule workload:w idle_timeout_s=1800 cold_start_s=7200");
	T_F64(2, v.cold_starts, 0);
	/* workloads.csv has no sizes: how long it takes is not known, how often is */
	v = service(s, "schedule workload:w idle_timeout_s=1800");
	T_F64(2, v.cold_starts, 0);
	T_OK(isnan(v.cold_start_s) && isnan(v.overload_service_minutes));
	/* a node takes its 90 s */
	v = service(s, "schedule node:n idle_timeout_s=1800");
	T_F64(90, v.cold_start_s, 0);
	T_F64(3, v.overload_service_minutes, 0);
	/* off from 2 to 5 and from 7 on: the fourth hour and the ninth are not served */
	v = service(s, "schedule workload:w hours=\"00:00-02:00,05:00-07:00\" cold_start_s=60");
	T_F64(1, v.cold_starts, 0);
	T_F64(1 + 120, v.overload_service_minutes, 0);
	measured_close(&m);
}

/* Published: 140 GB of weights and an image of 15 GB on a node that takes 90 s are 215.6 s. */
static void test_cold_start(void)
{
	measured m;

	measured_open(&m, 10 * HOUR, 60);
	measured_put(&m, "nodes", "n,g,1,on_demand,1,,");
	measured_put(&m, "pods", "p,web,n,w,1,none,%s,", measured_time(0));
	measured_use(&m, 0, HOUR, "n", "0", "p", 50);
	measured_use(&m, HOUR, 9 * HOUR, "n", "0", "p", 0);
	measured_use(&m, 9 * HOUR, 10 * HOUR, "n", "0", "p", 50);
	measured_put(&m, "workloads", "w,,");
	tt_snapshot *s = measured_ready(&m);
	tt_workload_row *w = TT_ROW(&s->table[TT_WORKLOADS], tt_workload_row, 0);

	w->model_size_mib = 140e9 / 1048576;
	w->image_size_mib = 15e9 / 1048576;
	tt_service v = service(s, "schedule workload:w idle_timeout_s=600");
	T_F64(1, v.cold_starts, 0);
	T_F64(215.6, v.cold_start_s, 1e-9);
	T_F64(216.0 / 60, v.overload_service_minutes, 0); /* whole seconds */
	measured_close(&m);
}

int main(void)
{
	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()))
		return 1;
	test_week();
	test_stops();
	test_cold_start();
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
