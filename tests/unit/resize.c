/* Replicas: published figures of a week, a second way of saying each policy, and what is
 * refused by name. */
#include "change/apply.h"
#include "measured.h"

static tt_settings *settings;
static tt_arena *arena;

enum { HOUR = 3600, WEEK = 168, UNIT = 1000000 };

static tt_change *parse(const char *text)
{
	tt_change *change = tt_arena_alloc(arena, sizeof *change);
	tt_err err = { 0 };

	T_INT(TT_OK, tt_change_parse(text, arena, change, &err));
	T_STR("", err.text);
	return change;
}

/* Node-hours with the change; each costs 1. */
static double cost(const tt_snapshot *s, const char *text)
{
	const tt_change *change = text ? parse(text) : NULL;
	tt_err err = { 0 };
	int64_t micro = -1;

	T_INT(TT_OK, tt_changes_cost(s, settings, &change, text != NULL, &micro, &err));
	T_STR("", err.text);
	return (double)micro / UNIT;
}

static void refused(const tt_snapshot *s, const char *text, int status, const char *why)
{
	const tt_change *change = parse(text);
	tt_err err = { 0 };
	int64_t micro = -1;

	T_INT(status, tt_changes_cost(s, settings, &change, 1, &micro, &err));
	T_STR(why, err.text);
	T_INT(-1, micro);
}

/* A replica on each of 21 nodes of a card; the first are full, one has the rest, eighths. */
static const tt_snapshot *open_week(measured *m)
{
	measured_open(m, WEEK * HOUR, HOUR);
	for (int i = 0; i < 21; i++) {
		measured_put(m, "nodes", "n%02d,g,1,on_demand,1,,", i);
		measured_put(m, "pods", "chat-%02d,web,n%02d,chat,1,none,%s,", i, i,
			     measured_time(0));
	}
	for (int t = 0; t < WEEK; t++) {
		int load = 50 + (t % 24 >= 9 && t % 24 < 18 ? 30 : 0) + 37 * t % 17 +
			   (t % 41 == 13 ? 60 : 0);

		for (int i = 0; i < 21; i++, load -= 8)
			measured_put(m, "gpu_usage", "%lld,n%02d,0,chat-%02d,%g",
				     (long long)(m->start_s + t * HOUR), i, i,
				     load >= 8 ? 100 : load <= 0 ? 0 : load * 12.5);
	}
	return measured_ready(m);
}

static void test_week(void)
{
	measured m;
	const tt_snapshot *s = open_week(&m);

	T_F64(21 * WEEK, cost(s, NULL), 0);
	T_F64(19 * WEEK, cost(s, "resize workload:chat replicas=19"), 0);
	T_F64(12 * WEEK, cost(s, "resize workload:chat policy=quantile served_ratio=0.95"), 0);
	T_F64(19 * WEEK, cost(s, "resize workload:chat policy=quantile served_ratio=1"), 0);
	/* the load behind it is at most 100: 60 % of the time 8 are enough, at 2 / 3 each 12 */
	T_F64(14 * WEEK, cost(s, "resize workload:chat policy=quantile served_ratio=0.95 "
				 "headroom_replicas=2"), 0);
	T_F64(15 * WEEK, cost(s, "resize workload:chat policy=quantile served_ratio=0.95 "
				 "target_ratio=0.8"), 0);
	T_F64(1558, cost(s, "resize workload:chat policy=lead lead_s=0"), 0);
	T_F64(1652, cost(s, "resize workload:chat policy=lead lead_s=3600"), 0);
	T_F64(1808, cost(s, "resize workload:chat policy=lead lead_s=10800"), 0);
	T_F64(1808, cost(s, "resize workload:chat policy=lead lead_s=7201"), 0);
	/* nothing is known before the first hour, so that one keeps all 21 */
	T_F64(1803 - 7 + 21, cost(s, "resize workload:chat policy=reactive ready_s=3600 "
				     "scale_down_s=10800"), 0);
	T_F64(1971 - 8 + 21, cost(s, "resize workload:chat policy=reactive ready_s=3600 "
				     "scale_down_s=10800 headroom_replicas=1"), 0);
	T_F64(2139 - 9 + 21, cost(s, "resize workload:chat policy=reactive ready_s=3600 "
				     "scale_down_s=10800 headroom_replicas=2"), 0);
	/* limits; what the policy wants above what ran is cut to it */
	T_F64(10 * WEEK, cost(s, "resize workload:chat policy=lead lead_s=0 min_replicas=10 "
				 "max_replicas=10"), 0);
	T_F64(10 * WEEK, cost(s, "resize workload:chat max_replicas=10"), 0);
	T_F64(21 * WEEK, cost(s, "resize workload:chat policy=lead lead_s=0 target_ratio=0.1 "
				 "max_replicas=21"), 0);
	/* at a tenth, an eighth of a replica takes 10 / 8 of one */
	double tenth = 0;
	for (int t = 0; t < WEEK; t++)
		tenth += ceil((50 + (t % 24 >= 9 && t % 24 < 18 ? 30 : 0) + 37 * t % 17 +
			       (t % 41 == 13 ? 60 : 0)) * 10 / 8.0);
	T_F64(tenth, cost(s, "resize workload:chat policy=lead lead_s=0 target_ratio=0.1"), 0);
	/* one day of it */
	T_F64(19 * 24 + 21 * 144, cost(s, "resize workload:chat replicas=19 "
					  "until=2026-01-06T00:00:00Z"), 0);
	/* what changes nothing saves nothing */
	T_F64(21 * WEEK, cost(s, "resize workload:chat replicas=21"), 0);
	/* more than ran: nodes of a card, as those that are there, at 1 an hour each */
	T_F64(22 * WEEK, cost(s, "resize workload:chat replicas=22"), 0);
	T_F64(22 * WEEK, cost(s, "resize workload:chat max_replicas=30 min_replicas=22"), 0);
	T_F64(22 * WEEK, cost(s, "resize workload:chat min_replicas=22"), 0);
	T_F64(24 * 25 + 144 * 21, cost(s, "resize workload:chat replicas=25 "
					  "until=2026-01-06T00:00:00Z"), 0);
	refused(s, "resize workload:x replicas=1", TT_EDATA,
		"resize: workload \"x\" is not in the fleet");
	measured_close(&m);
}

static void test_unpriced(void)
{
	static const struct { const char *text, *what; } of[] = {
		{ "resize workload:chat target_ratio=0.5",
		  "resize without replicas, policy, min_replicas or max_replicas" },
		{ "resize node_group:g autoscaler=none consolidates=true",
		  "resize with consolidates=true without an autoscaler" },
		{ "resize node_group:g min_nodes=1 consolidates=true",
		  "resize with consolidates=true without an autoscaler" },
		{ "resize node_group:g autoscaler=none idle_timeout_s=60",
		  "resize with autoscaler=none and idle_timeout_s" },
		{ "resize node_group:g boot_s=1",
		  "resize without nodes, autoscaler, idle_timeout_s, min_nodes or max_nodes" },
	};

	for (size_t i = 0; i < sizeof of / sizeof *of; i++)
		T_STR(of[i].what, tt_change_unpriced(parse(of[i].text)));
	T_OK(!tt_change_unpriced(parse("resize node_group:g nodes=1")));
	T_OK(!tt_change_unpriced(parse("resize node_group:g autoscaler=karpenter "
				       "consolidates=true")));
	T_OK(!tt_change_unpriced(parse("resize workload:chat max_replicas=1")));
	T_OK(!tt_change_unpriced(parse("schedule pod:p idle_timeout_s=1")));
	T_OK(!tt_change_unpriced(parse("release pod:p hours=01:00-02:00")));
}

/* Those that started first stay, then by name; a step that is not known keeps what ran. */
static void test_who_stays(void)
{
	measured m;

	measured_open(&m, 10 * HOUR, HOUR);
	for (int i = 0; i < 4; i++)
		measured_put(&m, "nodes", "n%d,g,1,on_demand,%d,,", i, 1 << i);
	measured_put(&m, "pods", "b,web,n0,w,1,none,%s,", measured_time(0));
	measured_put(&m, "pods", "a,web,n1,w,1,none,%s,", measured_time(0));
	measured_put(&m, "pods", "c,web,n2,w,1,none,2026-01-04T00:00:00Z,");
	measured_put(&m, "pods", "d,web,n3,w,1,none,%s,%s", measured_time(2 * HOUR),
		     measured_time(6 * HOUR));
	for (int i = 0; i < 4; i++) {
		static const char *const pods[] = { "b", "a", "c", "d" };
		char node[] = { 'n', (char)('0' + i), 0 };

		measured_use(&m, i == 3 ? 2 * HOUR : 0, i == 3 ? 6 * HOUR : 10 * HOUR, node, "0",
			     pods[i], 30);
	}
	const tt_snapshot *s = measured_ready(&m);
	T_F64(150, cost(s, NULL), 0); /* n3 is paid for when d is not there, too */
	T_F64(150 - 8 * 4, cost(s, "resize workload:w replicas=3"), 0);
	T_F64(150 - 8 * 4 - 10, cost(s, "resize workload:w replicas=2"), 0);
	T_F64(150 - 8 * 4 - 10 - 20, cost(s, "resize workload:w replicas=1"), 0);
	T_F64(150 - 8 * 4 - 10 - 20 - 40, cost(s, "resize workload:w replicas=0"), 0);
	/* 0.9 of three, 1.2 of four: two while d is there */
	T_F64(150 - 8 * 4 - 10 - 20 + 4 * 2, cost(s, "resize workload:w policy=lead lead_s=0"), 0);
	measured_close(&m);

	/* the second half of one is not known; workloads.csv has the limits */
	measured_open(&m, 20 * HOUR, HOUR);
	for (int i = 0; i < 3; i++) {
		measured_put(&m, "nodes", "n%d,g,1,on_demand,1,,", i);
		measured_put(&m, "pods", "p%d,web,n%d,w,1,none,%s,", i, i, measured_time(0));
		measured_put(&m, "pods", "q%d,web,n%d,v,0,none,%s,", i, i, measured_time(0));
	}
	measured_use(&m, 0, 10 * HOUR, "n0", "0", "p0", 10);
	measured_use(&m, 0, 20 * HOUR, "n1", "0", "p1", 10);
	measured_use(&m, 0, 20 * HOUR, "n2", "0", "p2", 10);
	measured_put(&m, "workloads", "w,2,");
	s = measured_ready(&m);
	T_F64(60, cost(s, "resize workload:w policy=lead lead_s=0"), 0); /* q keeps the nodes */
	const tt_change *both[] = { parse("resize workload:w policy=lead lead_s=0"),
				    parse("release workload:v") };
	int64_t micro = 0;
	T_INT(TT_OK, tt_changes_cost(s, settings, both, 2, &micro, NULL));
	T_INT(50 * UNIT, micro);
	refused(s, "resize workload:v policy=lead lead_s=0", TT_ENODATA,
		"resize: the activity of workload \"v\" was not measured, which policy=lead needs");
	measured_close(&m);
}

/* A pool that is badly packed: a pod on each of its nodes, half of the cards free. What
 * resizes nothing saves exactly nothing there; packing is nobody's saving but its own. */
static void test_badly_packed(void)
{
	static const char *const nothing[] = {
		"resize node_group:g nodes=4", "resize workload:w replicas=4",
		"resize workload:w policy=lead lead_s=0 target_ratio=0.5",
		"resize node_group:g autoscaler=karpenter idle_timeout_s=0 boot_s=0 drain_s=0",
		"resize node_group:g autoscaler=cluster_autoscaler min_nodes=0 max_nodes=9",
		"schedule workload:w idle_timeout_s=0", "schedule node_group:g hours=00:00-24:00",
		"release card:n0/1,card:n1/1,card:n2/1,card:n3/1",
	};
	measured m;

	measured_open(&m, 10 * HOUR, 60);
	for (int i = 0; i < 4; i++) {
		char node[] = { 'n', (char)('0' + i), 0 }, pod[] = { 'p', (char)('0' + i), 0 };

		measured_put(&m, "nodes", "%s,g,2,on_demand,1,,", node);
		measured_put(&m, "pods", "%s,web,%s,w,1,none,%s,", pod, node, measured_time(0));
		measured_use(&m, 0, 10 * HOUR, node, "0", pod, 50);
		measured_use(&m, 0, 10 * HOUR, node, "1", "", 0);
	}
	const tt_snapshot *s = measured_ready(&m);
	for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
		const double with = cost(s, nothing[i]);

		T_(with == 40, "%s costs %g, want 40", nothing[i], with);
	}
	const tt_change *change = parse("resize workload:w policy=reactive ready_s=60");
	for (uint64_t nth = 1; nth < 1000; nth++) {
		int64_t micro = -1;
		tt_err err = { 0 };

		tt_alloc_fail_at(nth, 0);
		int rc = tt_changes_cost(s, settings, &change, 1, &micro, &err);
		tt_alloc_fail_at(0, 0);
		if (rc == TT_OK) {
			T_OK(nth > 10);
			break;
		}
		T_INT(TT_ENOMEM, rc);
	}
	/* nor does a replica less: the other card of its node was not released */
	T_F64(40, cost(s, "resize workload:w replicas=3"), 0);
	measured_close(&m);
}

int main(void)
{
	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()))
		return 1;
	test_week();
	test_unpriced();
	test_who_stays();
	test_badly_packed();
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
