/* Pods that share cards: which fit, how many nodes that leaves, and what stays where it was.
 * By hand. */
#include "change/apply.h"
#include "measured.h"

static tt_settings *settings;
static tt_arena *arena;
static tt_snapshot *s;

enum { END = 36000, STEP = 300, PODS = 8 };
static const int64_t HOUR = 1000000; /* a node-hour at a price of 1 */

static tt_change *parse(const char *text)
{
	tt_change *change = tt_arena_alloc(arena, sizeof *change);
	tt_err err = { 0 };

	T_INT(TT_OK, tt_change_parse(text, arena, change, &err));
	T_STR("", err.text);
	return change;
}

/* Four nodes of two A100 at 10 an hour for ten hours, with a pod on each card: `kind`, that
 * busy and with so much memory; the last one is of workload "other". */
static void open_fleet(measured *m, const char *kind, double busy, int mib)
{
	measured_open(m, END, STEP);
	measured_head(m, "nodes", "node,provider,region,instance_type,gpu_model,gpu_memory_mib,"
				  "gpus,cpus,pricing,price_per_hour");
	measured_head(m, "pods", "pod,node,workload,workload_kind,gpus,cpus,started_at");
	measured_head(m, "gpu_usage", "time,node,gpu,pod,sm_active_ratio,fb_used_mib");
	for (int i = 0; i < PODS / 2; i++)
		measured_put(m, "nodes", "n%d,cloud,north,a2,a100-80gb,81920,2,64,on_demand,10", i);
	for (int i = 0; i < PODS; i++)
		measured_put(m, "pods", "p%d,n%d,%s,%s,1,4,", i, i / 2,
			     i == PODS - 1 ? "other" : "w", kind);
	for (int64_t t = 0; t < END; t += STEP)
		for (int i = 0; i < PODS; i++)
			measured_put(m, "gpu_usage", "%lld,n%d,%d,p%d,%g,%d",
				     (long long)(MEASURED_START + t), i / 2, i % 2, i, busy, mib);
	s = measured_ready(m);
}

static int64_t cost(const char *a, const char *b)
{
	const tt_change *changes[] = { a ? parse(a) : NULL, b ? parse(b) : NULL };
	tt_err err = { 0 };
	int64_t micro = -1, other = -2;
	const size_t n = (size_t)(a != NULL) + (b != NULL);

	T_INT(TT_OK, tt_changes_cost(s, settings, changes, n, &micro, &err));
	T_STR("", err.text);
	if (n == 2) { /* in whatever order */
		const tt_change *turned[] = { changes[1], changes[0] };

		T_INT(TT_OK, tt_changes_cost(s, settings, turned, n, &other, &err));
		T_INT(micro, other);
	}
	return micro;
}

#define ALL "share workload:w,workload:other mode="

static void test_notebooks(void)
{
	measured m;

	open_fleet(&m, "notebook", 0.1, 10000);
	T_INT(400 * HOUR, cost(NULL, NULL));
	/* two cards, one node; four cards, two nodes */
	T_INT(100 * HOUR, cost(ALL "time_slice pods_per_card=4", NULL));
	T_INT(200 * HOUR, cost(ALL "time_slice pods_per_card=2", NULL));
	/* seven have room with 500 MiB each beside what they use */
	T_INT(100 * HOUR, cost(ALL "time_slice", NULL));
	T_INT(100 * HOUR, cost(ALL "mps", NULL));
	/* the second half of the time: 20 + 20 node-hours, less fifteen */
	T_INT(250 * HOUR, cost(ALL "time_slice pods_per_card=4 from=2026-01-05T05:00:00Z", NULL));
	/* the node of the one that does not take part stays, with its neighbour: six on two
	 * cards */
	T_INT(200 * HOUR, cost("share workload:w mode=time_slice pods_per_card=4", NULL));
	T_INT(200 * HOUR, cost("share workload:w mode=time_slice pods_per_card=4",
			       "share workload:w mode=time_slice pods_per_card=4"));
	/* nothing goes: exactly nothing is saved */
	T_INT(400 * HOUR, cost("share pod:p0,pod:p2,pod:p4 mode=time_slice", NULL));
	T_INT(400 * HOUR, cost("share pod:p0,pod:p1 mode=time_slice", NULL));
	/* p6 stays there, and goes when its neighbour is released: that node was not given up */
	T_INT(200 * HOUR, cost("share workload:w mode=time_slice pods_per_card=4",
			       "release workload:other"));
	/* gone is gone, wherever it is */
	T_INT(0, cost(ALL "time_slice pods_per_card=4", "release workload:w,workload:other"));
	/* slices of 20 GB: four on a card; 2g: three; 3g: two; one on a card saves nothing */
	T_INT(100 * HOUR, cost(ALL "mig", NULL));
	T_INT(200 * HOUR, cost(ALL "mig profile=2g.20gb", NULL));
	T_INT(200 * HOUR, cost(ALL "mig profile=3g.40gb", NULL));
	T_INT(400 * HOUR, cost(ALL "mig profile=7g.80gb", NULL));
	T_INT(400 * HOUR, cost(ALL "mig profile=1g.10gb", NULL)); /* 9856 MiB: none holds them */
	measured_close(&m);
}

static void test_full_cards(void)
{
	measured m;

	open_fleet(&m, "notebook", 0.5, 10000); /* 1.0 together */
	T_INT(400 * HOUR, cost(ALL "time_slice", NULL));
	T_INT(400 * HOUR, cost(ALL "mig", NULL)); /* four of seven slices each */
	measured_close(&m);
	open_fleet(&m, "notebook", 0.01, 40000); /* two leave less than a tenth of the memory */
	T_INT(400 * HOUR, cost(ALL "time_slice", NULL));
	measured_close(&m);
	open_fleet(&m, "notebook", 0.01, 30000); /* two fit, three do not */
	T_INT(200 * HOUR, cost(ALL "time_slice pods_per_card=4", NULL));
	measured_close(&m);
}

/* What was measured of MPS lost 7.5 % of the work: 1 / 0.925 of the time. */
static void test_training(void)
{
	measured m;

	open_fleet(&m, "training", 0.25, 10000); /* three on a card: three cards, two nodes */
	T_INT(216216216, cost(ALL "mps", NULL));
	T_INT(300 * HOUR, cost(ALL "mps slowdown_ratio=1.5", NULL));
	T_INT(400 * HOUR, cost(ALL "mps slowdown_ratio=2", NULL)); /* not worth it */
	T_INT(240 * HOUR, cost(ALL "time_slice slowdown_ratio=1.2", NULL));
	T_INT(200 * HOUR, cost(ALL "mig", NULL)); /* 2 of 7 slices: three on a card, as fast */
	measured_close(&m);
}

static void refused(const char *text, int status, const char *why)
{
	const tt_change *change = parse(text);
	tt_err err = { 0 };
	int64_t micro = -1;

	T_INT(status, tt_changes_cost(s, settings, &change, 1, &micro, &err));
	T_STR(why, err.text);
	T_INT(-1, micro);
}

static void test_refused(void)
{
	tt_catalogue *catalogue = settings->catalogue;
	measured m;

	open_fleet(&m, "training", 0.25, 10000);
	refused(ALL "time_slice", TT_EINVAL,
		"share: pod \"p0\" is no notebook; without isolation of memory time-slicing is for "
		"these (slowdown_ratio says that it is meant)");
	refused(ALL "mps gpu_model=l4", TT_EINVAL,
		"share: pod \"p0\" runs on a100-80gb, not on l4; to go there is a change of its "
		"own (retype)");
	refused(ALL "mig profile=9g.1gb", TT_EINVAL, "share: a100-80gb has no profile 9g.1gb");
	refused("share workload:x mode=mps", TT_EDATA, "share: workload \"x\" is not in the fleet");
	settings->catalogue = NULL;
	refused(ALL "mps", TT_ENODATA,
		"share: how much slower \"p0\" gets is not known: neither what the cards did nor "
		"the catalogue tell, and the change has no slowdown_ratio");
	refused(ALL "mig", TT_ENODATA,
		"share: how a100-80gb can be sliced is not in the catalogue");
	settings->catalogue = catalogue;
	measured_close(&m);

	measured_open(&m, END, STEP);
	measured_put(&m, "nodes", "n,g,3,on_demand,1,,");
	measured_put(&m, "pods", "p,ns,n,w,1,none,,");
	measured_put(&m, "pods", "two,ns,n,w2,2,none,,");
	s = measured_ready(&m);
	refused("share workload:w mode=mps", TT_ENODATA,
		"share: of no pod with a card of its own both memory and activity were measured");
	refused("share workload:w2 mode=mps", TT_EINVAL,
		"share: pod \"two\" has 2 cards; one that shares has one");
	measured_close(&m);
}

int main(void)
{
	const char *source = getenv("TT_SOURCE");
	char folder[1024];
	tt_err err = { 0 };

	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()))
		return 1;
	snprintf(folder, sizeof folder, "%s/core/snapshot/catalogue", source ? source : ".");
	T_INT(TT_OK, tt_catalogue_load(folder, &settings->catalogue, &err));
	T_STR("", err.text);
	test_notebooks();
	test_full_cards();
	test_training();
	test_refused();
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
