/* Pods and nodes that a change adds: free cards first, then whole nodes, by hand; and
 * policies that follow the requests of a workload. */
#include "change/apply.h"
#include "change/growth.h"
#include "change/service.h"
#include "fleet.h"
#include "maths/autoscale_control.h"

static tt_settings *settings;
static tt_arena *arena;

enum { HOUR = 3600, END = 10 * HOUR, UNIT = 1000000 };

static tt_change *parse(const char *text)
{
	tt_change *change = tt_arena_alloc(arena, sizeof *change);
	tt_err err = { 0 };

	T_INT(TT_OK, tt_change_parse(text, arena, change, &err));
	T_STR("", err.text);
	return change;
}

/* What the changes add to what the fleet costs, in units of money. */
static double more(const fleet *f, const char *a, const char *b)
{
	const tt_change *changes[] = { parse(a), b ? parse(b) : NULL };
	int64_t now = 0, then = 0;
	tt_err err = { 0 };

	T_INT(TT_OK, tt_changes_cost(&f->s, settings, NULL, 0, &now, &err));
	T_INT(TT_OK, tt_changes_cost(&f->s, settings, changes, b ? 2 : 1, &then, &err));
	T_STR("", err.text);
	return (double)(then - now) / UNIT;
}

static void refused(const fleet *f, const char *text, int status, const char *why)
{
	const tt_change *change = parse(text);
	tt_err err = { 0 };
	int64_t micro = -1;

	T_INT(status, tt_changes_cost(&f->s, settings, &change, 1, &micro, &err));
	T_STR(why, err.text);
	T_INT(-1, micro);
}

static tt_pod_row *pod(fleet *f, const char *name, const char *on, const char *workload,
		       double gpus, int64_t from_h, int64_t to_h)
{
	tt_pod_row *p = fleet_pod(f, name, on, gpus);

	p->workload = workload;
	p->started_at = from_h * HOUR;
	p->ended_at = to_h * HOUR;
	return p;
}

static tt_node_row *node(fleet *f, const char *name, double gpus, int64_t price)
{
	tt_node_row *n = fleet_node(f, name, gpus);

	n->node_group = "g";
	n->instance_type = "x4";
	n->price_per_hour = price * TT_DECIMAL_ONE;
	n->pricing = "on_demand";
	return n;
}

/* a: 4 cards, of which w has 1, other has 2 from 2 h to 6 h. b: nobody, comes at 5 h. c: of a
 * node whose pods are not known nothing is known to be free. */
static void open_pool(fleet *f)
{
	fleet_open(f, 0, END);
	node(f, "a", 4, 40);
	node(f, "b", 4, 40)->started_at = 5 * HOUR;
	node(f, "z", 4, 40)->node_group = "elsewhere";
	pod(f, "w-1", "a", "w", 1, 0, 10);
	pod(f, "other-1", "a", "other", 2, 2, 6);
	pod(f, "lone-1", "b", "lone", 2, 5, 10);
	pod(f, "away", "z", "away", 1, 0, 10);
	fleet_ready(f);
}

static void test_room(void)
{
	fleet f;

	open_pool(&f);
	T_F64(0, more(&f, "resize workload:w replicas=1", NULL), 0);
	/* one card of a is free all the time */
	T_F64(0, more(&f, "resize workload:w replicas=2", NULL), 0);
	/* but no second one, and b comes too late: a node for both of the others */
	T_F64(400, more(&f, "resize workload:w replicas=3", NULL), 0);
	T_F64(400, more(&f, "resize workload:w replicas=6", NULL), 0);
	T_F64(800, more(&f, "resize workload:w replicas=7", NULL), 0);
	/* from 6 h on a has three, b two; until 2 h a has three */
	T_F64(0, more(&f, "resize workload:w replicas=6 from=1970-01-01T06:00:00Z", NULL), 0);
	T_F64(160, more(&f, "resize workload:w replicas=7 from=1970-01-01T06:00:00Z", NULL), 0);
	T_F64(0, more(&f, "resize workload:w replicas=4 until=1970-01-01T02:00:00Z", NULL), 0);
	T_F64(80, more(&f, "resize workload:w replicas=5 until=1970-01-01T02:00:00Z", NULL), 0);
	/* `other` runs for four hours: with two always it is there for six hours more, and one
	 * more during the four. Nowhere two cards are free in all of that but on b, and there
	 * from 6 h on; a has two until 2 h. */
	T_F64(0, more(&f, "resize workload:other replicas=1", NULL), 0);
	/* the second is there all the time, so it has a node, on which nobody else is */
	T_F64(400, more(&f, "resize workload:other replicas=2", NULL), 0);
	/* two subjects of one change do not get the same card */
	T_F64(0, more(&f, "resize workload:lone replicas=2 from=1970-01-01T05:00:00Z", NULL), 0);
	T_F64(0, more(&f, "resize workload:w replicas=3 from=1970-01-01T06:00:00Z", NULL), 0);
	T_F64(160, more(&f, "resize workload:lone,workload:w replicas=5 "
			    "from=1970-01-01T06:00:00Z", NULL) - 160, 0);
	/* nodes more are nodes more, whoever is on them */
	T_F64(400 + 400 + 200, more(&f, "resize node_group:g nodes=4", NULL), 0);
	T_F64(200, more(&f, "resize node_group:g autoscaler=none", NULL), 0);
	/* what is released elsewhere is not lost by what is added */
	T_F64(400 - 400, more(&f, "resize workload:w replicas=3", "release node:z"), 0);
	fleet_close(&f);
}

/* Parts of cards, CPUs, memory, and cards that telemetry saw taken. */
static void test_sizes(void)
{
	fleet f;

	fleet_open(&f, 0, END);
	node(&f, "a", 2, 10)->cpus = 16;
	pod(&f, "q-1", "a", "quarter", 0.25, 0, 10);
	pod(&f, "third-1", "a", "third", 0.3, 0, 10);
	pod(&f, "fat-1", "a", "fat", 1, 0, 10)->cpus = 12;
	pod(&f, "cpu-1", "a", "cpu", 0, 0, 10)->cpus = 4;
	pod(&f, "none-1", "a", "none", 0, 0, 10);
	fleet_ready(&f);
	/* four of a quarter are a card: 8 on a node */
	T_F64(100, more(&f, "resize workload:quarter replicas=9", NULL), 0);
	T_F64(200, more(&f, "resize workload:quarter replicas=10", NULL), 0);
	T_F64(100, more(&f, "resize workload:third replicas=7", NULL), 0);
	T_F64(200, more(&f, "resize workload:third replicas=8", NULL), 0);
	/* two cards, but 16 CPUs have room for one */
	T_F64(300, more(&f, "resize workload:fat replicas=4", NULL), 0);
	T_F64(100, more(&f, "resize workload:cpu replicas=5", NULL), 0);
	T_F64(200, more(&f, "resize workload:cpu replicas=6", NULL), 0);
	refused(&f, "resize workload:none replicas=2", TT_ENODATA,
		"resize: it is not known what one more pod like \"none-1\" takes of a node");
	fleet_close(&f);

	fleet_open(&f, 0, END);
	node(&f, "a", 4, 10);
	pod(&f, "w-1", "a", "w", 1, 0, 10);
	fleet_hold(&f, fleet_card(&f, "a", "0", ""), "w-1", 0, END, 60, 1);
	fleet_hold(&f, fleet_card(&f, "a", "1", ""), "stranger", 3 * HOUR, 5 * HOUR, 60, 1);
	fleet_card(&f, "a", "2", "");
	fleet_card(&f, "a", "3", "");
	fleet_ready(&f);
	T_F64(0, more(&f, "resize workload:w replicas=3", NULL), 0);
	T_F64(100, more(&f, "resize workload:w replicas=4", NULL), 0);
	T_F64(0, more(&f, "resize workload:w replicas=4 from=1970-01-01T05:00:00Z", NULL), 0);
	fleet_close(&f);
}

/* Of reserved nodes there are no more; spot is bought as spot. */
static void test_prices(void)
{
	fleet f;
	tt_price_row *p;

	fleet_open(&f, 0, END);
	for (int i = 0; i < 3; i++) {
		static const char *const pricing[] = { "reserved", "owned", "spot" };
		tt_node_row *n = node(&f, fleet_text(&f, "n%d", i), 1, 5);

		n->provider = "cloud";
		n->region = "north";
		n->node_group = pricing[i];
		n->pricing = pricing[i];
		n->instance_type = i == 1 ? "own" : "x1";
		pod(&f, fleet_text(&f, "p%d", i), n->node, pricing[i], 1, 0, 10);
	}
	p = fleet_row(&f, TT_PRICES);
	p->provider = "cloud";
	p->region = "north";
	p->instance_type = "x1";
	p->pricing = "on_demand";
	p->price_per_hour = 8 * TT_DECIMAL_ONE;
	pod(&f, "lost", "", "lost", 1, 0, 10);
	fleet_ready(&f);
	T_F64(80, more(&f, "resize workload:reserved replicas=2", NULL), 0);
	T_F64(50, more(&f, "resize workload:spot replicas=2", NULL), 0);
	T_F64(160, more(&f, "resize node_group:reserved nodes=3", NULL), 0);
	refused(&f, "resize workload:owned replicas=2", TT_ENODATA,
		"resize: it is not known what one more node like \"n1\" costs: prices.csv has no "
		"on_demand price of cloud north own");
	refused(&f, "resize workload:lost replicas=2", TT_ENODATA,
		"resize: it is not known on which nodes \"lost\" ran, so not what more of it "
		"takes");
	fleet_close(&f);
}

/* --- Requests -------------------------------------------------------------------------------- */

static void open_service(fleet *f, int replicas, double capacity)
{
	tt_workload_row *w;

	fleet_open(f, 0, END);
	for (int i = 0; i < replicas; i++) {
		const char *name = fleet_text(f, "n%02d", i);

		node(f, name, 1, 1);
		pod(f, fleet_text(f, "chat-%02d", i), name, "chat", 1, 0, 10);
	}
	w = fleet_row(f, TT_WORKLOADS);
	w->workload = "chat";
	w->capacity_per_replica = capacity;
	w->slo_latency_ms = 750;
}

static void request(fleet *f, int64_t at_s, double n)
{
	tt_traffic_row *t = fleet_row(f, TT_TRAFFIC);

	t->time = at_s;
	t->workload = "chat";
	t->requests = n;
}

/* Published: 20 requests a second at 2 a second each take 14 servers where 5 % wait longer
 * than 0.25 s, 17 where 5 % wait at all. */
static void test_slo(void)
{
	fleet f;

	open_service(&f, 15, 2);
	for (int i = 0; i < 10; i++)
		request(&f, i * HOUR, 20.0 * HOUR);
	fleet_ready(&f);
	T_F64(-10, more(&f, "resize workload:chat policy=slo slo_wait_ms=250 served_ratio=0.95",
			NULL), 0);
	T_F64(20, more(&f, "resize workload:chat policy=slo slo_wait_ms=0 served_ratio=0.95",
		       NULL), 0);
	/* 750 ms of which serving takes 500; 95 % where it does not say */
	T_F64(-10, more(&f, "resize workload:chat policy=slo", NULL), 0);
	T_F64(-30, more(&f, "resize workload:chat policy=slo max_replicas=12", NULL), 0);
	/* published: the mean wait for one of 12 */
	tt_service v = { 0 };
	T_INT(TT_OK, tt_change_service(parse("resize workload:chat policy=slo max_replicas=12"),
				       &f.s, settings, &v, NULL));
	T_F64(0.1123470561, v.wait_s, 1e-10);
	T_F64(0, v.overload_service_minutes, 0);
	T_F64(0, more(&f, "resize workload:chat policy=slo headroom_replicas=1", NULL), 0);
	refused(&f, "resize workload:chat policy=slo served_ratio=1", TT_EINVAL,
		"resize: policy=slo needs a served_ratio below 1: no number of replicas lets "
		"nobody wait");
	TT_ROW(&f.s.table[TT_WORKLOADS], tt_workload_row, 0)->slo_latency_ms = 400;
	refused(&f, "resize workload:chat policy=slo", TT_ENODATA,
		"resize: policy=slo of workload \"chat\" needs slo_wait_ms, or in workloads.csv a "
		"slo_latency_ms above what serving takes");
	TT_ROW(&f.s.table[TT_WORKLOADS], tt_workload_row, 0)->capacity_per_replica = (double)NAN;
	refused(&f, "resize workload:chat policy=slo", TT_ENODATA,
		"resize: workloads.csv has no capacity_per_replica of workload \"chat\", which "
		"policy=slo needs");
	fleet_close(&f);

	open_service(&f, 1, 2);
	fleet_ready(&f);
	refused(&f, "resize workload:chat policy=slo", TT_ENODATA,
		"resize with policy=slo: traffic.csv has no requests of workload \"chat\"");
	fleet_close(&f);
}

static void test_queue(void)
{
	enum { MINUTES = 600 };
	static double load[MINUTES];
	static tt_autoscale_sum steps[MINUTES];
	tt_autoscale_sum sum;
	double want = 0;
	fleet f;

	/* nobody asks until 2 h and from 4 h on; from 6 h on nothing is known */
	open_service(&f, 2, 1);
	for (int i = 0; i < 6; i++)
		request(&f, i * HOUR, i == 2 || i == 3 ? 3.0 * HOUR : 0);
	fleet_ready(&f);
	for (int i = 0; i < MINUTES; i++)
		load[i] = i >= 360 ? (double)NAN : i >= 120 && i < 240 ? 3 : 0;

	tt_autoscale_pool pool = tt_autoscale_pool_of(load, MINUTES, 60, 1);
	tt_queue_policy queue = tt_queue_default();
	pool.max_replicas = 8;
	queue.queue_per_replica = 30;
	T_INT(TT_OK, tt_autoscale_queue(&pool, &queue, steps, &sum, NULL));
	for (int i = 0; i < 360; i++)
		want += (double)steps[i].most_replicas / 60;
	T_F64(6.5, want, 0.5); /* three for two hours, and what it takes to come down */
	T_INT(0, steps[0].most_replicas);
	T_INT(3, sum.most_replicas);
	/* two replicas at 1 until the traffic ends are 12 */
	T_F64(want - 12, more(&f, "resize workload:chat policy=queue queue_per_replica=30 "
				  "min_replicas=0 max_replicas=8", NULL), 1e-5);
	/* one is enough where the queue may be as long as it gets, and one is the least */
	T_F64(-6, more(&f, "resize workload:chat policy=queue queue_per_replica=1000000", NULL), 0);
	fleet_close(&f);
}

static void test_memory(void)
{
	static const char *const texts[] = {
		"resize workload:w,workload:lone replicas=7",
		"resize node_group:g nodes=9",
	};
	fleet f;

	open_pool(&f);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const tt_change *change = parse(texts[i]);

		for (uint64_t nth = 1; nth < 1000; nth++) {
			int64_t micro = -1;
			tt_err err = { 0 };

			tt_alloc_fail_at(nth, 0);
			int rc = tt_changes_cost(&f.s, settings, &change, 1, &micro, &err);
			tt_alloc_fail_at(0, 0);
			if (rc == TT_OK) {
				T_OK(nth > 5);
				break;
			}
			T_INT(TT_ENOMEM, rc);
		}
	}
	fleet_close(&f);
}

int main(void)
{
	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()))
		return 1;
	test_room();
	test_sizes();
	test_prices();
	test_slo();
	test_queue();
	test_memory();
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
