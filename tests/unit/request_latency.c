/* p95 of requests before and after changes: what Erlang-C says of known numbers of servers, and
 * what is not known. */
#include "change/service.h"
#include "maths/latency.h"
#include "measured.h"
#include "snapshot/catalogue.h"

enum { HOUR = 3600, HOURS = 10, REPLICAS = 8 };

static tt_settings *settings;
static tt_arena *arena;
static tt_snapshot *s;

static tt_service service(const char *text)
{
	tt_change *change = tt_arena_alloc(arena, sizeof *change);
	tt_service ret = { 0 };
	tt_err err = { 0 };

	T_INT(TT_OK, tt_change_parse(text, arena, change, &err));
	T_INT(TT_OK, tt_change_service(change, s, settings, &ret, &err));
	T_STR("", err.text);
	return ret;
}

/* p95 in milliseconds, all hours being alike. */
static double p95(int64_t servers, double arrivals_per_s, double served_per_s)
{
	tt_latency_time t = { .requests = 1, .arrivals_per_s = arrivals_per_s,
			      .served_per_s = served_per_s, .servers = servers };

	return 1e3 * tt_latency_quantile_s(&t, 1, 0.05);
}

/* Eight replicas, each on an A100 and serving one request a second, get four a second but for
 * two hours of ten. `mute` has no traffic that anybody counts, `train` serves nobody. */
static void open_fleet(measured *m)
{
	static const char *const others[] = { "mute,inference", "train,training" };

	measured_open(m, HOURS * HOUR, 300);
	measured_head(m, "nodes", "node,provider,region,instance_type,gpu_model,gpu_memory_mib,"
				  "gpus,cpus,pricing,price_per_hour");
	measured_head(m, "pods", "pod,node,workload,workload_kind,gpus,cpus,started_at");
	measured_head(m, "gpu_usage", "time,node,gpu,pod,sm_active_ratio,fb_used_mib");
	measured_head(m, "workloads", "workload,capacity_per_replica");
	measured_put(m, "workloads", "w,1");
	measured_put(m, "prices", "cloud,north,g1,l4,1,on_demand,2");
	for (int i = 0; i < REPLICAS + 2; i++) {
		measured_put(m, "nodes", "n%d,cloud,north,a1,a100-80gb,81920,1,64,on_demand,10", i);
		measured_put(m, "pods", "p%d,n%d,%s,1,4,", i, i,
			     i < REPLICAS ? "w,inference" : others[i - REPLICAS]);
	}
	for (int h = 0; h < HOURS; h++) {
		const int asked = h < 3 || h >= 5;

		measured_put(m, "traffic", "%lld,w,%d", (long long)(MEASURED_START + h * HOUR),
			     asked ? 4 * HOUR : 0);
		for (int t = 0; t < HOUR; t += 300)
			for (int i = 0; i < REPLICAS + 2; i++)
				measured_put(m, "gpu_usage", "%lld,n%d,0,p%d,%g,8000",
					     (long long)(MEASURED_START + h * HOUR + t), i, i,
					     asked ? 0.1 : 0.0);
	}
	s = measured_ready(m);
}

static void test_verbs(void)
{
	tt_service v = service("resize workload:w replicas=5");

	T_F64(8 * HOUR * 4, v.requests, 1e-6);
	T_F64(p95(8, 4, 1), v.p95_before_ms, 1e-6);
	T_F64(p95(5, 4, 1), v.p95_after_ms, 1e-6);
	v = service("resize workload:w replicas=4"); /* as much comes as is served */
	T_OK(isinf(v.p95_after_ms));
	v = service("scale workload:w factor=0.5");
	T_F64(p95(4, 2, 1), v.p95_after_ms, 1e-6);
	/* twice as many at half the pace */
	v = service("retype workload:w instance_type=g1 throughput_ratio=0.5");
	T_F64(p95(16, 4, 0.5), v.p95_after_ms, 1e-6);
	v = service("share workload:w mode=mps pods_per_card=2 slowdown_ratio=1.25");
	T_F64(p95(8, 4, 0.8), v.p95_after_ms, 1e-6);
	v = service("reprice workload:w discount_ratio=0.2");
	T_F64(0, v.requests, 0);
}

/* All stop in the two hours without requests; who comes first waits for the start. */
static void test_starts(void)
{
	tt_service v = service("schedule workload:w idle_timeout_s=1800 cold_start_s=210");

	T_(v.p95_after_ms < v.p95_before_ms * 1.2, "a start that 0.7 %% meet: %g, then %g",
	   v.p95_before_ms, v.p95_after_ms);
	/* of 28,800 s with requests 2,400 are a start: 1,440 s are the twentieth who waits
	 * longest, for 960 s and more */
	v = service("schedule workload:w idle_timeout_s=1800 cold_start_s=2400");
	T_(v.p95_after_ms > 900e3 && v.p95_after_ms < 1020e3, "a start that 8 %% meet: %g ms",
	   v.p95_after_ms);
	/* eight replicas that start together are one service without any */
	T_F64(40, v.overload_service_minutes, 0);
	T_F64(8, v.cold_starts, 0);
	/* off while requests come: they are never served */
	v = service("schedule workload:w hours=\"00:00-02:00,03:00-10:00\" cold_start_s=60");
	T_OK(isinf(v.p95_after_ms));
}

static void test_unknown(void)
{
	tt_service v = service("resize workload:mute replicas=2");

	T_OK(isnan(v.p95_after_ms) && isnan(v.requests));
	v = service("release node:n0"); /* who takes its requests is not known */
	T_OK(isnan(v.p95_after_ms) && isnan(v.requests));
	v = service("release node:n9"); /* no service was on it */
	T_F64(0, v.requests, 0);
	v = service("share workload:w mode=mig");
	T_OK(isnan(v.p95_after_ms));
	v = service("schedule node:n0 idle_timeout_s=600");
	T_OK(isnan(v.p95_after_ms));
	TT_ROW(&s->table[TT_WORKLOADS], tt_workload_row, 0)->capacity_per_replica = 0.25;
	v = service("resize workload:w replicas=20"); /* more is served than capacity says */
	T_OK(isnan(v.p95_before_ms));
}

int main(void)
{
	const char *source = getenv("TT_SOURCE");
	char folder[512];
	tt_err err = { 0 };
	measured m;

	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()))
		return 1;
	snprintf(folder, sizeof folder, "%s/core/snapshot/catalogue", source ? source : ".");
	T_INT(TT_OK, tt_catalogue_load(folder, &settings->catalogue, &err));
	open_fleet(&m);
	test_verbs();
	test_starts();
	test_unknown();
	measured_close(&m);
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
