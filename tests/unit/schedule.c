/* Schedules on real series: known gaps, hours of the week second by second, holes in the
 * telemetry, several pods on a node, and what overlaps. */
#include "change/apply.h"
#include "change/hours.h"
#include "measured.h"

static tt_settings *settings;
static tt_arena *arena;

enum { HOUR = 3600, UNIT = 1000000 };

static tt_change *parse(const char *text)
{
	tt_change *change = tt_arena_alloc(arena, sizeof *change);
	tt_err err = { 0 };

	T_INT(TT_OK, tt_change_parse(text, arena, change, &err));
	T_STR("", err.text);
	return change;
}

/* Seconds that all nodes are paid for with the changes; each costs 3600 an hour. */
static int64_t cost(const tt_snapshot *s, const char *a, const char *b)
{
	const tt_change *changes[] = { a ? parse(a) : NULL, b ? parse(b) : NULL };
	tt_err err = { 0 };
	int64_t micro = -1;

	T_INT(TT_OK, tt_changes_cost(s, settings, changes, (size_t)(a != NULL) + (b != NULL),
				     &micro, &err));
	T_STR("", err.text);
	return micro / UNIT;
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

/* One pod on a node of one card: gaps of known lengths in minutes, a minute of work between
 * and at both ends. */
static void test_known_gaps(void)
{
	static const int gaps[] = { 1, 2, 2, 3, 5, 8, 13, 30, 45, 120, 240, 600 };
	const int n = sizeof gaps / sizeof *gaps, work = 13, idle = 1069;
	measured m;
	int at = 0;

	measured_open(&m, (work + idle) * 60, 60);
	measured_put(&m, "nodes", "n,g,1,on_demand,3600,,");
	measured_put(&m, "pods", "p,ns,n,w,1,none,%s,", measured_time(0));
	for (int i = 0; i <= n; i++) {
		measured_use(&m, at * 60, at * 60 + 60, "n", "0", "p", 80);
		at++;
		if (i < n)
			measured_use(&m, at * 60, (at + gaps[i]) * 60, "n", "0", "p",
				     i % 2 ? 0 : 0.5);
		at += i < n ? gaps[i] : 0;
	}
	const tt_snapshot *s = measured_ready(&m);
	T_INT(60 * (work + idle), cost(s, NULL, NULL));
	for (int i = 0; i < 4; i++) {
		static const int timeouts_s[] = { 36000, 0, 600, 180 };
		static const int paid[] = { 1069, 120, 141, 112 };
		char text[96];

		snprintf(text, sizeof text, "schedule pod:p idle_timeout_s=%d cold_start_s=600",
			 timeouts_s[i]);
		T_INT(60 * (work + paid[i]), cost(s, text, NULL));
	}
	T_INT(60 * work, cost(s, "schedule pod:p idle_timeout_s=0", NULL));
	for (int i = 0; i < 4; i++) { /* whatever it is called by */
		static const char *const by[] = { "workload:w", "namespace:ns", "node:n",
						  "node_group:g" };
		char text[96];

		snprintf(text, sizeof text, "schedule %s idle_timeout_s=180 cold_start_s=600",
			 by[i]);
		T_INT(60 * (work + 112), cost(s, text, NULL));
	}
	/* freed once, whoever says so and in whichever order */
	T_INT(0, cost(s, "release pod:p", "schedule pod:p idle_timeout_s=0"));
	T_INT(0, cost(s, "schedule pod:p idle_timeout_s=0", "release pod:p"));
	T_INT(60 * work, cost(s, "schedule pod:p idle_timeout_s=0",
			      "schedule workload:w idle_timeout_s=180 cold_start_s=600"));
	measured_close(&m);
}

/* What is not known is neither idle nor active: it ends a gap and is never freed. */
static void test_holes(void)
{
	measured m;

	measured_open(&m, 100 * 60, 60);
	measured_put(&m, "nodes", "n,g,1,on_demand,3600,,");
	measured_put(&m, "nodes", "m,g,1,on_demand,3600,,");
	measured_put(&m, "pods", "p,ns,n,w,1,none,%s,", measured_time(0));
	measured_put(&m, "pods", "q,ns,m,v,1,none,%s,", measured_time(0));
	measured_put(&m, "pods", "cpu,ns,,c,0,none,%s,", measured_time(0));
	measured_use(&m, 0, 30 * 60, "n", "0", "p", 0);  /* then nothing until 50 */
	measured_use(&m, 50 * 60, 90 * 60, "n", "0", "p", 0);
	measured_use(&m, 90 * 60, 100 * 60, "n", "0", "p", 5);
	const tt_snapshot *s = measured_ready(&m);
	T_INT(200 * 60, cost(s, NULL, NULL));
	/* 30 + 40 are idle; each is waited for, and each ends with a start */
	T_INT(200 * 60 - 70 * 60, cost(s, "schedule pod:p idle_timeout_s=0", NULL));
	T_INT(200 * 60 - 50 * 60, cost(s, "schedule pod:p idle_timeout_s=600", NULL));
	T_INT(200 * 60 - 40 * 60, cost(s, "schedule pod:p idle_timeout_s=600 cold_start_s=300",
				       NULL));
	T_INT(200 * 60 - 70 * 60, cost(s, "schedule node:n idle_timeout_s=0", NULL));
	T_INT(200 * 60 - 70 * 60, cost(s, "schedule namespace:ns idle_timeout_s=0", NULL));
	refused(s, "schedule pod:q idle_timeout_s=0", TT_ENODATA,
		"schedule: the activity of pod \"q\" was not measured, which idle_timeout_s needs");
	refused(s, "schedule workload:v,workload:w idle_timeout_s=0", TT_ENODATA,
		"schedule: the activity of workload \"v\" was not measured, which idle_timeout_s "
		"needs");
	refused(s, "schedule node:m idle_timeout_s=0", TT_ENODATA,
		"schedule: the activity of node \"m\" was not measured, which idle_timeout_s "
		"needs");
	refused(s, "schedule pod:x idle_timeout_s=0", TT_EDATA,
		"schedule: pod \"x\" is not in the fleet");
	/* hours need no telemetry: a Monday from 00:00 to 01:40 */
	T_INT(200 * 60 - 70 * 60, cost(s, "schedule pod:q hours=\"mon 00:10-00:40\"", NULL));
	T_INT(200 * 60 - 65 * 60, cost(s, "schedule pod:q hours=\"mon 00:10-00:40\" "
					  "cold_start_s=300", NULL));
	/* in force for a part: idle counts from then, and it is back at the end of it */
	T_INT(200 * 60 - 10 * 60, cost(s, "schedule pod:p idle_timeout_s=600 "
					  "from=2026-01-05T00:10:00Z", NULL) + 30 * 60);
	T_INT(200 * 60 - 15 * 60, cost(s, "schedule pod:p idle_timeout_s=300 cold_start_s=300 "
					  "until=2026-01-05T00:25:00Z", NULL));
	measured_close(&m);
}

/* Whole nodes only: two pods on two cards have to be idle together. */
static void test_together(void)
{
	measured m;

	measured_open(&m, 100 * 60, 60);
	measured_put(&m, "nodes", "n,g,2,on_demand,3600,,");
	measured_put(&m, "pods", "a,ns,n,w,1,none,%s,", measured_time(0));
	measured_put(&m, "pods", "b,ns,n,w,1,none,%s,", measured_time(0));
	measured_use(&m, 0, 60 * 60, "n", "0", "a", 0);
	measured_use(&m, 60 * 60, 100 * 60, "n", "0", "a", 9);
	measured_use(&m, 0, 20 * 60, "n", "1", "b", 9);
	measured_use(&m, 20 * 60, 100 * 60, "n", "1", "b", 0);
	const tt_snapshot *s = measured_ready(&m);
	T_INT(100 * 60, cost(s, "schedule pod:a idle_timeout_s=0", NULL));
	T_INT(60 * 60, cost(s, "schedule workload:w idle_timeout_s=0", NULL));
	T_INT(60 * 60, cost(s, "schedule pod:a idle_timeout_s=0",
			    "schedule pod:b idle_timeout_s=0"));
	T_INT(65 * 60, cost(s, "schedule workload:w idle_timeout_s=300", NULL));
	/* b goes for good, a when it is idle; in both orders */
	T_INT(40 * 60, cost(s, "release pod:b", "schedule pod:a idle_timeout_s=0"));
	T_INT(40 * 60, cost(s, "schedule pod:a idle_timeout_s=0", "release card:n/1"));
	T_INT(60 * 60, cost(s, "schedule node:n idle_timeout_s=0", NULL));
	measured_close(&m);
}

/* Where telemetry names no pod, one that asked for the whole node has its cards. */
static void test_without_pods(void)
{
	measured m;

	measured_open(&m, 100 * 60, 60);
	measured_put(&m, "nodes", "n,g,2,on_demand,3600,,");
	measured_put(&m, "pods", "a,ns,n,w,2,none,%s,", measured_time(0));
	measured_use(&m, 0, 60 * 60, "n", "0", "", 0);
	measured_use(&m, 60 * 60, 100 * 60, "n", "0", "", 9);
	measured_use(&m, 0, 20 * 60, "n", "1", "", 9);
	measured_use(&m, 20 * 60, 100 * 60, "n", "1", "", 0);
	T_INT(60 * 60, cost(measured_ready(&m), "schedule pod:a idle_timeout_s=0", NULL));
	measured_close(&m);
}

/* --- Second by second ---------------------------------------------------------------------- */

static uint64_t seed;

static int64_t draw(int64_t n)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (int64_t)((z ^ z >> 31) % (uint64_t)n);
}

enum { STEPS = 240, SECONDS = STEPS * 60 };

/* Three nodes of a card with a pod each, of random activity with holes. */
static signed char state[3][STEPS]; /* -1 not known, 0 idle, 1 active */

static const tt_snapshot *random_fleet(measured *m)
{
	measured_open(m, SECONDS, 60);
	for (int i = 0; i < 3; i++) {
		char node[4] = { 'n', (char)('0' + i), 0 }, pod[4] = { 'p', (char)('0' + i), 0 };
		int now = 0, stays = 0;

		measured_put(m, "nodes", "%s,g,1,on_demand,3600,,", node);
		measured_put(m, "pods", "%s,ns,%s,w,1,none,%s,", pod, node, measured_time(0));
		for (int k = 0; k < STEPS; k++) {
			if (stays-- <= 0 && draw(9) == 0) {
				now = (int)draw(5) - 1;
				stays = now < 0 ? 8 : 0; /* shorter holes are bridged */
			}
			state[i][k] = (signed char)(now < 0 ? -1 : now < 2 ? 0 : 1);
			if (now >= 0)
				measured_use(m, k * 60, k * 60 + 60, node, "0", pod,
					     now < 2 ? 0 : 3);
		}
	}
	return measured_ready(m);
}

/* Seconds that are paid: stopped after `timeout` idle seconds (none: -1) that lie in force
 * and in the hours, and outside of the hours. */
static int64_t paid_by_hand(int64_t timeout, const tt_hours *hours, int64_t from, int64_t until)
{
	int64_t paid = 0;

	for (int i = 0; i < 3; i++) {
		int64_t idle = 0;

		for (int64_t s = 0; s < SECONDS; s++) {
			int in_force = s >= from && s < until;
			int runs = !hours || tt_hours_at(hours, MEASURED_START + s);

			if (!in_force || !runs || state[i][s / 60] != 0)
				idle = 0;
			else
				idle++;
			if (in_force && !runs)
				continue;
			paid += !(timeout >= 0 && idle > timeout);
		}
	}
	return paid;
}

static void test_random(void)
{
	for (uint64_t round = 1; round <= 40; round++) {
		static const char *const hours[] = { "mon 00:30-01:15,02:00-03:00", "01:00-02:00",
						     "mon 03:00-04:00; tue 00:00-24:00" };
		measured m;

		seed = round * 7919;
		const tt_snapshot *s = random_fleet(&m);
		for (int turn = 0; turn < 12; turn++) {
			int64_t timeout = draw(3) ? draw(1500) : -1;
			const char *when = draw(2) || timeout < 0 ? hours[draw(3)] : NULL;
			int64_t from = draw(2) ? draw(SECONDS / 2) : -1;
			int64_t until = draw(2) ? SECONDS / 2 + draw(SECONDS / 2) : -1;
			const char *expected;
			char text[256], part[64];
			tt_hours h;
			size_t at;

			snprintf(text, sizeof text, "schedule workload:w");
			if (when) {
				snprintf(part, sizeof part, " hours=\"%s\"", when);
				strcat(text, part);
				T_OK(tt_hours_parse(when, strlen(when), &h, &at, &expected));
			}
			if (timeout >= 0) {
				snprintf(part, sizeof part, " idle_timeout_s=%d", (int)timeout);
				strcat(text, part);
			}
			if (from >= 0) {
				snprintf(part, sizeof part, " from=%s", measured_time(from));
				strcat(text, part);
			}
			if (until >= 0) {
				snprintf(part, sizeof part, " until=%s", measured_time(until));
				strcat(text, part);
			}
			T_INT(paid_by_hand(timeout, when ? &h : NULL, from, until < 0 ? SECONDS :
					   until), cost(s, text, NULL));
			/* the same hours as a release: those in which it does not run */
			if (when && timeout < 0) {
				int64_t gone = 3 * SECONDS - cost(s, text, NULL);

				memcpy(text, "release ", 8);
				memmove(text + 8, text + 9, strlen(text + 9) + 1);
				const int64_t force = (until < 0 ? SECONDS : until) -
						      (from < 0 ? 0 : from);
				T_INT(3 * SECONDS - (3 * force - gone), cost(s, text, NULL));
			}
		}
		measured_close(&m);
	}
}

static void test_no_memory(void)
{
	measured m;

	measured_open(&m, 100 * 60, 60);
	measured_put(&m, "nodes", "n,g,1,on_demand,3600,,");
	measured_put(&m, "pods", "p,ns,n,w,1,none,%s,", measured_time(0));
	measured_use(&m, 0, 100 * 60, "n", "0", "p", 0);
	const tt_snapshot *s = measured_ready(&m);
	const tt_change *change = parse("schedule pod:p,node:n hours=00:10-01:00 "
					"idle_timeout_s=60");
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
		T_INT(-1, micro);
	}
	measured_close(&m);
}

int main(void)
{
	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()))
		return 1;
	test_known_gaps();
	test_holes();
	test_together();
	test_without_pods();
	test_random();
	test_no_memory();
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
