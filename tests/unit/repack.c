/* Pools that are packed anew: by hand, against every way of packing small pools, and that
 * nobody else is credited with it. */
#include "change/repack_worth.h"
#include "change/apply.h"
#include "fleet.h"
#include "oom.h"

static tt_settings *settings;
static tt_arena *arena;

enum { HOUR = 3600, HOURS = 10, END = HOURS * HOUR };

static tt_change *parse(const char *text)
{
	tt_change *change = tt_arena_alloc(arena, sizeof *change);
	tt_err err = { 0 };

	T_INT(TT_OK, tt_change_parse(text, arena, change, &err));
	T_STR("", err.text);
	return change;
}

/* Node-hours times price; b may be NULL. */
static double cost(const fleet *f, const char *a, const char *b)
{
	const tt_change *changes[] = { a ? parse(a) : NULL, b ? parse(b) : NULL };
	tt_err err = { 0 };
	int64_t micro = -1;

	T_INT(TT_OK, tt_changes_cost(&f->s, settings, changes, (size_t)(a != NULL) + (b != NULL),
				     &micro, &err));
	T_STR("", err.text);
	return (double)micro / 1e6;
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

static tt_repack_worth worth(const fleet *f)
{
	tt_repack_worth w = { 0 };
	tt_err err = { 0 };

	T_INT(TT_OK, tt_repack_saving(&f->s, settings, "g", &w, &err));
	T_STR("", err.text);
	return w;
}

/* Of the group g, at 1 an hour. */
static tt_node_row *node(fleet *f, int i, double gpus)
{
	tt_node_row *n = fleet_node(f, fleet_text(f, "n%d", i), gpus);

	n->node_group = "g";
	n->pricing = "on_demand";
	n->gpu_model = "a100";
	n->price_per_hour = TT_DECIMAL_ONE;
	return n;
}

static tt_pod_row *pod(fleet *f, const char *name, int on, double gpus, int64_t from_s,
		       int64_t to_s)
{
	tt_pod_row *p = fleet_pod(f, name, fleet_text(f, "n%d", on), gpus);

	p->workload = "w";
	p->started_at = from_s;
	p->ended_at = to_s;
	return p;
}

static tt_node_group_row *group(fleet *f)
{
	tt_node_group_row *g = fleet_row(f, TT_NODE_GROUPS);

	g->node_group = "g";
	return g;
}

/* n nodes of 8 cards, a pod of one card on each, all the time. */
static void open_eighths(fleet *f, int n)
{
	fleet_open(f, 0, END);
	for (int i = 0; i < n; i++) {
		node(f, i, 8);
		pod(f, fleet_text(f, "p%d", i), i, 1, 0, END);
	}
}

#define PACKED "resize node_group:g autoscaler=karpenter idle_timeout_s=0 consolidates=true"

static void test_eighths(void)
{
	static const char *const nothing[] = {
		"resize node_group:g nodes=8", "resize workload:w replicas=8",
		"resize node_group:g autoscaler=karpenter idle_timeout_s=0 consolidates=false",
		"resize node_group:g autoscaler=cluster_autoscaler min_nodes=0",
		"schedule node_group:g hours=00:00-24:00", "release pod:p0",
		"resize node_group:g nodes=8 from=1970-01-01T02:00:00Z",
	};
	fleet f;

	open_eighths(&f, 8);
	fleet_ready(&f);
	T_F64(80, cost(&f, NULL, NULL), 0);
	for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
		T_F64(80, cost(&f, nothing[i], NULL), 0);

	const tt_repack_worth w = worth(&f);
	T_INT(7, w.nodes);
	T_INT(7, w.moves);
	T_INT(70 * HOUR, w.freed_s);
	T_INT(70000000, w.saving_micro);
	T_INT(0, w.gap_micro);
	T_OK(w.proven);
	T_F64(10, cost(&f, PACKED, NULL), 0);
	/* a node is unneeded for ten minutes before it goes, and two more it drains */
	T_F64(10 + 7 / 6.0, cost(&f, "resize node_group:g autoscaler=karpenter "
				     "consolidates=true", NULL), 1e-5);
	T_F64(10 + 7 * 0.2, cost(&f, "resize node_group:g autoscaler=karpenter drain_s=120 "
				     "consolidates=true", NULL), 1e-5);
	/* from hour 4 until hour 6, back in time */
	T_F64(80 - 14, cost(&f, PACKED " from=1970-01-01T04:00:00Z until=1970-01-01T06:00:00Z",
			    NULL), 0);
	T_F64(80 - 14 + 7 / 6.0, cost(&f, PACKED " boot_s=600 from=1970-01-01T04:00:00Z "
				      "until=1970-01-01T06:00:00Z", NULL), 1e-5);
	T_F64(30, cost(&f, PACKED " min_nodes=3", NULL), 0);
	/* an eighth is asked for of each; of one that took the others in, more */
	T_F64(80, cost(&f, PACKED " target_ratio=0.125", NULL), 0);
	T_F64(10, cost(&f, PACKED " target_ratio=0.126", NULL), 0);
	/* fewer may run when packing needs no more */
	T_F64(10, cost(&f, PACKED " max_nodes=1", NULL), 0);
	refused(&f, PACKED " max_nodes=1 from=1970-01-01T02:00:00Z", TT_EINVAL,
		"resize with max_nodes=1 is not priced: 8 nodes are needed at once, and pods "
		"without a place would have to wait");
	T_F64(80, cost(&f, PACKED " min_nodes=8", NULL), 0);
	/* what goes, and then the rest is packed; twice the same is the same */
	T_F64(10, cost(&f, "release pod:p0 repack=true", NULL), 0);
	T_F64(10, cost(&f, "release node:n0 repack=true", NULL), 0);
	T_F64(10, cost(&f, "release node:n0 repack=true", "release node:n0 repack=true"), 0);
	T_F64(0, cost(&f, "release workload:w repack=true", NULL), 0);
	T_F64(0, cost(&f, "release node_group:g", NULL), 0);
	T_F64(80 - 14, cost(&f, "release pod:p0 repack=true hours=04:00-06:00", NULL), 0);
	refused(&f, "release node_group:g repack=true", TT_EINVAL,
		"release: pod \"p0\" of node \"n0\" has no room in what is left of node_group "
		"\"g\"");
	T_STR("release of a card with repack",
	      tt_change_unpriced(parse("release card:n0/0 repack=true")));
	fleet_close(&f);
}

/* min_nodes, boot_s and drain_s of node_groups.csv hold for packing alone, too. */
static void test_group(void)
{
	tt_repack_worth w;
	fleet f;

	open_eighths(&f, 4);
	group(&f)->min_nodes = 2;
	fleet_ready(&f);
	w = worth(&f);
	T_INT(2, w.nodes);
	T_INT(2, w.moves);
	T_INT(20000000, w.saving_micro);
	T_INT(0, w.gap_micro);
	T_OK(w.proven);
	T_F64(10, cost(&f, PACKED " min_nodes=0", NULL), 0);
	fleet_close(&f);

	/* n1's pod moves to n0; n1 is back for the four of hour 5, half an hour before */
	fleet_open(&f, 0, END);
	node(&f, 0, 4);
	node(&f, 1, 4);
	pod(&f, "a", 0, 2, 0, END);
	pod(&f, "b", 1, 1, 0, 5 * HOUR);
	pod(&f, "c", 1, 4, 5 * HOUR, END);
	tt_node_group_row *g = group(&f);
	g->boot_s = 1800;
	g->drain_s = 900;
	fleet_ready(&f);
	w = worth(&f);
	T_INT(1, w.nodes);
	T_INT(1, w.moves);
	T_INT(5 * HOUR - 1800 - 900, w.freed_s);
	fleet_close(&f);
}

/* One pod on each of two nodes with room for both; what is said of them keeps them apart, or
 * doesn't. */
static void two(fleet *f, tt_node_row *n[2], tt_pod_row *p[2])
{
	static const char *const names[] = { "a", "b" };

	fleet_open(f, 0, END);
	for (int i = 0; i < 2; i++)
		node(f, i, 4);
	for (int i = 0; i < 2; i++)
		pod(f, names[i], i, 2, 0, END);
	for (size_t i = 0; i < 2; i++) {
		n[i] = TT_ROW(&f->s.table[TT_NODES], tt_node_row, i);
		p[i] = TT_ROW(&f->s.table[TT_PODS], tt_pod_row, i);
	}
}

/* How many of both go, after `say` has said something of them. */
static void said(const char *what, size_t want, void (*say)(tt_node_row **, tt_pod_row **))
{
	tt_node_row *n[2];
	tt_pod_row *p[2];
	fleet f;

	two(&f, n, p);
	say(n, p);
	fleet_ready(&f);
	const tt_repack_worth w = worth(&f);
	T_(w.nodes == want, "%s: %zu go, want %zu", what, w.nodes, want);
	T_OK(w.proven);
	T_F64(20 - 10 * (double)want, cost(&f, PACKED, NULL), 0);
	fleet_close(&f);
}

#define SAY(name) static void name(tt_node_row **n, tt_pod_row **p)

SAY(say_nothing) { (void)n; (void)p; }
SAY(say_full) { (void)n; p[0]->gpus = 3; }
SAY(say_one_unknown) { (void)n; p[0]->gpus = NAN; }
SAY(say_model) { n[1]->gpu_model = "l4"; (void)p; }
SAY(say_either_model) { n[1]->gpu_model = "l4"; p[0]->gpu_model = "l4|a100"; }
SAY(say_memory) { n[0]->gpu_memory_mib = 81920; n[1]->gpu_memory_mib = 40960; (void)p; }
SAY(say_equal_memory) { n[0]->gpu_memory_mib = n[1]->gpu_memory_mib = 40960; (void)p; }
SAY(say_cluster) { n[1]->cluster = "c"; (void)p; }
SAY(say_region) { n[1]->region = "r"; (void)p; }
SAY(say_taint) { n[0]->taints = "x=1:NoSchedule;y=2:NoExecute"; n[1]->taints = "z=:NoExecute";
	(void)p; }
SAY(say_taints) { n[0]->taints = "x=1:NoSchedule;y=2:NoExecute"; n[1]->taints = "y=2:NoExecute";
	(void)p; } /* a may go to n1 */
SAY(say_prefer) { n[0]->taints = "z=1:PreferNoSchedule"; (void)p; }
SAY(say_host) { p[0]->node_selector = "host=n0"; p[1]->node_selector = "host=n1";
	n[0]->labels = "host=n0"; n[1]->labels = "host=n1"; }
SAY(say_one_host) { p[0]->node_selector = "host=n0"; n[0]->labels = "host=n0";
	n[1]->labels = "host=n1"; }
SAY(say_pool) { p[0]->node_selector = p[1]->node_selector = "pool=x";
	n[0]->labels = "a=1;pool=x"; n[1]->labels = "a=2;pool=x"; }
SAY(say_unseen_label) { p[0]->node_selector = p[1]->node_selector = "pool=x"; (void)n; }
SAY(say_cpus) { n[0]->cpus = n[1]->cpus = 8; p[0]->cpus = p[1]->cpus = 4; }
SAY(say_more_cpus) { n[0]->cpus = n[1]->cpus = 8; p[0]->cpus = 4; p[1]->cpus = 4.5; }
SAY(say_one_cpus) { n[0]->cpus = n[1]->cpus = 8; p[0]->cpus = 4; }
SAY(say_node_cpus) { n[0]->cpus = n[1]->cpus = 8; (void)p; }
SAY(say_pod_cpus) { (void)n; p[0]->cpus = p[1]->cpus = 400; }
SAY(say_mib) { n[0]->memory_mib = n[1]->memory_mib = 1000; p[0]->memory_mib = 600;
	p[1]->memory_mib = 401; }
SAY(say_reserved) { n[0]->pricing = "reserved"; (void)p; }
SAY(say_owned) { n[0]->pricing = n[1]->pricing = "owned"; (void)p; }
SAY(say_fractions) { (void)n; p[0]->gpus = 3.5; p[1]->gpus = 0.5; }
SAY(say_shared) { (void)n; p[0]->gpus = 3; p[1]->gpus = 0.5; p[1]->gpu_sharing = "mps"; }
SAY(say_slices) { (void)n; p[0]->gpus = p[1]->gpus = 0.25;
	p[0]->gpu_sharing = p[1]->gpu_sharing = "mig:1g.10gb"; }
SAY(say_without) { (void)n; p[0]->gpus = p[1]->gpus = 0; }
SAY(say_by_cpus) { say_cpus(n, p); say_without(n, p); }

static void test_said(void)
{
	said("nothing", 1, say_nothing);
	said("more than fits", 0, say_full);
	said("cards of one not known", 0, say_one_unknown);
	said("another model", 0, say_model);
	said("one of two models", 1, say_either_model);
	said("a smaller card", 1, say_memory); /* the pod of the smaller goes to the larger */
	said("equal cards", 1, say_equal_memory);
	said("another cluster", 0, say_cluster);
	said("another region", 0, say_region);
	said("a taint of each", 0, say_taint);
	said("taints that were tolerated", 1, say_taints);
	said("a taint that is a preference", 1, say_prefer);
	said("each its node", 0, say_host);
	said("one its node", 1, say_one_host);
	said("the same label", 1, say_pool);
	said("a label that no node has", 0, say_unseen_label);
	said("CPUs that fit", 1, say_cpus);
	said("CPUs that don't fit", 0, say_more_cpus);
	said("CPUs of one not known", 0, say_one_cpus);
	said("CPUs of nodes alone", 1, say_node_cpus);
	said("CPUs of pods alone", 1, say_pod_cpus);
	said("memory that does not fit", 0, say_mib);
	said("one is paid all the same", 1, say_reserved);
	said("both are paid all the same", 0, say_owned);
	said("fractions that nobody shares", 0, say_fractions);
	said("a fraction that is shared", 1, say_shared);
	said("slices, as many as were seen", 0, say_slices);
	said("nothing but cards recorded, and no cards", 0, say_without);
	said("by CPUs alone", 1, say_by_cpus);
}

/* Of several groups: what can't be packed says why. */
static void test_worths(const fleet *f)
{
	tt_names *groups = tt_names_new();
	tt_repack_groups all;
	tt_case c;
	tt_err err = { 0 };

	tt_case_init(&c, &f->s, settings);
	T_INT(TT_OK, tt_change_apply(parse("release node:n0"), &c, &err));
	for (size_t i = 0; i < c.n_releases; i++)
		T_INT(TT_OK, tt_repack_touched(&f->s, c.releases[i].node, groups, &err));
	tt_case_reset(&c);
	T_INT(1, tt_names_count(groups));
	T_INT(TT_OK, tt_repack_worths(&f->s, settings, groups, arena, &all, &err));
	T_INT(1, all.n);
	T_STR("g", all.v[0].node_group);
	T_HAS("it is not known which pods ran", all.v[0].why);
	T_OK(all.v[0].worth.saving_micro == TT_MONEY_UNKNOWN);
	tt_names_free(groups);
}

/* System pods are on every node and keep none, but what they take is taken. Someone whom
 * only telemetry knows stays. */
static void test_others(void)
{
	fleet f;

	for (int cpus = 1; cpus <= 2; cpus++) {
		fleet_open(&f, 0, END);
		for (int i = 0; i < 2; i++) {
			tt_pod_row *p;

			node(&f, i, 4)->cpus = 8;
			pod(&f, fleet_text(&f, "p%d", i), i, 1, 0, END)->cpus = 3.5;
			p = pod(&f, fleet_text(&f, "s%d", i), i, 0, 0, END);
			p->namespace_ = "kube-system";
			p->cpus = cpus;
		}
		fleet_ready(&f);
		T_F64(cpus == 1 ? 10 : 20, cost(&f, PACKED, NULL), 0);
		fleet_close(&f);
	}
	for (int known = 0; known < 2; known++) {
		open_eighths(&f, 2);
		fleet_hold(&f, fleet_card(&f, "n0", "5", ""), known ? "p0" : "x", 0, END, 60, 1);
		fleet_hold(&f, fleet_card(&f, "n1", "5", ""), known ? "p1" : "y", 0, HOUR, 60,
			   1);
		fleet_ready(&f);
		/* y leaves, but x may need any of n0: p1 can't move there */
		T_F64(known ? 10 : 20, cost(&f, PACKED, NULL), 0);
		fleet_close(&f);
	}
	/* of a group of none of whose nodes anything is known */
	fleet_open(&f, 0, END);
	node(&f, 0, 8);
	pod(&f, "p", 0, 1, 0, END)->node = "";
	fleet_ready(&f);
	refused(&f, PACKED, TT_ENODATA,
		"resize: it is not known which pods ran on the nodes of node_group \"g\", so not "
		"when they were empty");
	tt_repack_worth w;
	tt_err err = { 0 };
	T_INT(TT_ENODATA, tt_repack_saving(&f.s, settings, "g", &w, &err));
	T_HAS("release: it is not known which pods ran", err.text);
	err = (tt_err){ 0 };
	T_INT(TT_EDATA, tt_repack_saving(&f.s, settings, "x", &w, &err));
	T_STR("release: node_group \"x\" is not in the fleet", err.text);
	test_worths(&f);
	fleet_close(&f);
	fleet_open(&f, 0, END);
	fleet_node(&f, "n0", 1);
	pod(&f, "p", 0, 1, 0, END);
	fleet_ready(&f);
	refused(&f, "release pod:p repack=true", TT_EINVAL,
		"release with repack: node \"n0\" is in no node_group");
	fleet_close(&f);
	/* without a price nothing is known of the saving */
	open_eighths(&f, 2);
	for (size_t i = 0; i < 2; i++)
		TT_ROW(&f.s.table[TT_NODES], tt_node_row, i)->price_per_hour = TT_DECIMAL_MISSING;
	fleet_ready(&f);
	w = worth(&f);
	T_INT(1, w.nodes);
	T_INT(TT_MONEY_UNKNOWN, w.saving_micro);
	fleet_close(&f);
}

/* Thirds and halves of cards: rounded up to quarters and halves where they mix. */
static void test_parts(void)
{
	static const struct { double a, b; size_t go; } of[] = {
		{ 1 / 3.0, 1 / 3.0, 1 }, /* 3 + 3 thirds on two cards */
		{ 1 / 3.0, 1 / 2.0, 0 }, /* 3 thirds as halves, and 3 halves */
		{ 1 / 8.0, 1 / 2.0, 1 }, /* 15 eighths */
		{ 1 / 6.0, 1 / 3.0, 1 }, { 0.33, 0.33, 1 }, { 0.4, 0.4, 0 }, { 0.6, 0.6, 0 },
		{ 0.0001, 0.5, 1 },
	};

	for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
		fleet f;

		fleet_open(&f, 0, END);
		for (int k = 0; k < 2; k++) {
			node(&f, k, 2);
			for (int j = 0; j < 3; j++)
				pod(&f, fleet_text(&f, "p%d%d", k, j), k, k ? of[i].b : of[i].a, 0,
				    END)->gpu_sharing = "time_slice";
		}
		fleet_ready(&f);
		const tt_repack_worth w = worth(&f);
		T_(w.nodes == of[i].go, "%g and %g: %zu go", of[i].a, of[i].b, w.nodes);
		fleet_close(&f);
	}
	/* n0 was seen with two slices of the profile at once, n1 with one */
	fleet f;
	fleet_open(&f, 0, END);
	for (int i = 0; i < 2; i++)
		node(&f, i, 1);
	for (int i = 0; i < 3; i++)
		pod(&f, fleet_text(&f, "p%d", i), i / 2, 0.1, 0, i ? END : 4 * HOUR)->gpu_sharing =
			"mig:1g.10gb";
	fleet_ready(&f);
	T_F64(14, cost(&f, PACKED, NULL), 0);
	fleet_close(&f);
}

/* Nobody moves without a reason; who comes goes home while that is up, else where there is
 * room, else home comes up again; who needs the room at home gets it. */
static void test_sticky(void)
{
	tt_repack_worth w;
	fleet f;

	/* three nodes of four, each three quarters full: no node can go */
	fleet_open(&f, 0, END);
	for (int i = 0; i < 3; i++) {
		node(&f, i, 4);
		for (int j = 0; j < 3; j++)
			pod(&f, fleet_text(&f, "p%d%d", i, j), i, 1, 0, j ? END : 5 * HOUR);
	}
	fleet_ready(&f);
	w = worth(&f);
	/* at hour 5 two are left on each: two nodes are enough */
	T_INT(1, w.nodes);
	T_INT(2, w.moves);
	T_INT(5 * HOUR, w.freed_s);
	fleet_close(&f);

	/* b moves to n0 in hour 0; c comes to n0 in hour 3 and needs it all: b goes home */
	fleet_open(&f, 0, END);
	for (int i = 0; i < 2; i++)
		node(&f, i, 2);
	pod(&f, "a", 0, 1, 0, 3 * HOUR);
	pod(&f, "b", 1, 1, 0, END);
	pod(&f, "c", 0, 2, 3 * HOUR, 6 * HOUR);
	fleet_ready(&f);
	w = worth(&f);
	T_INT(2, w.nodes);
	T_INT(7 * HOUR, w.freed_s); /* in all hours but the three of c one is enough */
	T_INT(2, w.moves);          /* b to n0, and home; then n0 is empty */
	fleet_close(&f);

	/* in between hours: c comes at 2:30 to n1, which is down; n0 has room, then not */
	for (int gpus = 1; gpus <= 2; gpus++) {
		fleet_open(&f, 0, END);
		for (int i = 0; i < 2; i++)
			node(&f, i, 2);
		pod(&f, "a", 0, 1, 0, END);
		pod(&f, "c", 1, gpus, 9000, 9000 + HOUR);
		fleet_ready(&f);
		w = worth(&f);
		T_INT(0, w.moves);
		T_INT(END - (gpus == 2 ? HOUR : 0), w.freed_s);
		T_F64(gpus == 2 ? 11 : 10, cost(&f, PACKED, NULL), 0);
		fleet_close(&f);
	}

	/* overbooked as it was seen: it stays so, nobody is thrown out */
	fleet_open(&f, 0, END);
	node(&f, 0, 2);
	node(&f, 1, 2);
	for (int i = 0; i < 3; i++)
		pod(&f, fleet_text(&f, "p%d", i), 0, 1, 0, END);
	fleet_ready(&f);
	w = worth(&f);
	T_INT(0, w.moves);
	T_INT(1, w.nodes); /* n1, which is empty */
	fleet_close(&f);

	/* a node that ends takes nobody with it: b is on n0, which ends in hour 5 */
	fleet_open(&f, 0, END);
	node(&f, 0, 2)->ended_at = 5 * HOUR;
	node(&f, 1, 2);
	pod(&f, "a", 0, 1, 0, 5 * HOUR);
	pod(&f, "b", 1, 1, 0, END);
	fleet_ready(&f);
	T_F64(15, cost(&f, NULL, NULL), 0);
	T_F64(10, cost(&f, PACKED, NULL), 0);
	fleet_close(&f);
}

/* A release of nodes whose pods find room, before the others of the pool are packed. */
static void test_released(void)
{
	fleet f;

	fleet_open(&f, 0, END);
	for (int i = 0; i < 4; i++) {
		node(&f, i, 4);
		pod(&f, fleet_text(&f, "p%d", i), i, 2, 0, END);
	}
	fleet_ready(&f);
	T_F64(20, cost(&f, "release node:n0 repack=true", NULL), 0);
	T_F64(20, cost(&f, "release node:n0,node:n1 repack=true", NULL), 0);
	refused(&f, "release node:n0,node:n1,node:n2 repack=true", TT_EINVAL,
		"release: pod \"p1\" of node \"n1\" has no room in what is left of node_group "
		"\"g\"");
	T_F64(10, cost(&f, "release pod:p0,pod:p1 repack=true", NULL), 0);
	T_F64(20, cost(&f, "release pod:p0 repack=true", NULL), 0);
	/* without: nobody had the other cards */
	T_F64(40, cost(&f, "release pod:p0", NULL), 0);
	fleet_close(&f);
}

/* --- Every way of packing ------------------------------------------------------------ */

static unsigned random_state = 1;
static int rnd(int n)
{
	random_state = random_state * 1103515245 + 12345;
	return (int)(random_state >> 16) % n;
}

enum { NODES = 4, PODS = 14 };
typedef struct world {
	int cards[NODES], cpus[NODES], price[NODES];
	int at[PODS], takes[PODS], uses[PODS], from[PODS], to[PODS]; /* takes 0: not there */
} world;

static int fits(const world *w, const int *there, int n, int i, int used[NODES][2], unsigned set)
{
	if (i == n)
		return 1;
	for (int b = 0; b < NODES; b++) {
		const int p = there[i];

		if (!(set >> b & 1) || used[b][0] + w->takes[p] > w->cards[b] ||
		    used[b][1] + w->uses[p] > w->cpus[b])
			continue;
		used[b][0] += w->takes[p];
		used[b][1] += w->uses[p];
		if (fits(w, there, n, i + 1, used, set))
			return 1;
		used[b][0] -= w->takes[p];
		used[b][1] -= w->uses[p];
	}
	return 0;
}

/* The cheapest set of nodes that holds what is there in the hour. */
static int cheapest(const world *w, int hour)
{
	int there[PODS], n = 0, best = INT32_MAX;

	for (int p = 0; p < PODS; p++)
		if (w->takes[p] && w->from[p] <= hour && hour < w->to[p])
			there[n++] = p;
	for (unsigned set = 0; set < 1u << NODES; set++) {
		int used[NODES][2] = { { 0 } }, price = 0;

		for (int b = 0; b < NODES; b++)
			price += set >> b & 1 ? w->price[b] : 0;
		if (price < best && fits(w, there, n, 0, used, set))
			best = price;
	}
	return best;
}

static void make_world(world *w, bool alike)
{
	*w = (world){ .cards = { 0 } };
	for (int b = 0; b < NODES; b++) {
		w->cards[b] = alike || b % 2 ? 4 : 2;
		w->cpus[b] = alike ? 16 : 8 + 4 * rnd(3);
		w->price[b] = alike ? 3 : 1 + rnd(4);
	}
	for (int p = 0; p < PODS; p++) {
		const int b = rnd(NODES), from = rnd(HOURS), to = from + 1 + rnd(HOURS - from);
		const int takes = 1 + rnd(3), uses = 1 + rnd(6);
		int ok = 1;

		for (int hour = from; hour < to; hour++) {
			int cards = takes, cpus = uses;

			for (int q = 0; q < p; q++) {
				if (w->takes[q] && w->at[q] == b && w->from[q] <= hour &&
				    hour < w->to[q]) {
					cards += w->takes[q];
					cpus += w->uses[q];
				}
			}
			ok &= cards <= w->cards[b] && cpus <= w->cpus[b];
		}
		w->at[p] = b;
		w->from[p] = from;
		w->to[p] = to;
		w->takes[p] = ok ? takes : 0;
		w->uses[p] = uses;
	}
}

static void test_every_way(void)
{
	for (int round = 0; round < 300; round++) {
		int before = 0, best = 0;
		world w;
		fleet f;

		make_world(&w, round % 2);
		fleet_open(&f, 0, END);
		for (int b = 0; b < NODES; b++) {
			tt_node_row *n = node(&f, b, w.cards[b]);

			n->cpus = w.cpus[b];
			n->price_per_hour = w.price[b] * TT_DECIMAL_ONE;
			before += HOURS * w.price[b];
		}
		for (int p = 0; p < PODS; p++)
			if (w.takes[p])
				pod(&f, fleet_text(&f, "p%02d", p), w.at[p], w.takes[p],
				    w.from[p] * HOUR, w.to[p] * HOUR)->cpus = w.uses[p];
		fleet_ready(&f);
		for (int hour = 0; hour < HOURS; hour++)
			best += cheapest(&w, hour);

		const tt_repack_worth r = worth(&f);
		T_(r.saving_micro == (before - best) * INT64_C(1000000),
		   "round %d: %lld of %d saved, want %d", round, (long long)r.saving_micro, before,
		   before - best);
		T_OK(r.proven && r.gap_micro == 0);
		const double packed = cost(&f, PACKED, NULL);
		const double stays = cost(&f, "resize node_group:g autoscaler=other "
					      "idle_timeout_s=0", NULL);
		T_(packed >= best && packed <= stays, "round %d: %g, between %d and %g", round,
		   packed, best, stays);
		fleet_close(&f);
	}
}

/* Pods that come and go between packings: never fewer nodes than any packing needs. */
static void test_between(void)
{
	for (int round = 0; round < 300; round++) {
		int before = 0, best = 0;
		world w;
		fleet f;

		make_world(&w, true);
		fleet_open(&f, 0, END / 4);
		for (int b = 0; b < NODES; b++) {
			tt_node_row *n = node(&f, b, w.cards[b]);

			n->cpus = w.cpus[b];
			n->price_per_hour = 4 * TT_DECIMAL_ONE;
			before += HOURS;
		}
		if (round % 3)
			group(&f)->min_nodes = round % 3;
		for (int p = 0; p < PODS; p++)
			if (w.takes[p])
				pod(&f, fleet_text(&f, "p%02d", p), w.at[p], w.takes[p],
				    w.from[p] * HOUR / 4, w.to[p] * HOUR / 4)->cpus = w.uses[p];
		fleet_ready(&f);
		for (int quarter = 0; quarter < HOURS; quarter++) {
			const int needed = cheapest(&w, quarter) / 3;

			best += needed > round % 3 ? needed : round % 3;
		}
		const int64_t saving = worth(&f).saving_micro;
		T_(saving >= 0 && saving <= (before - best) * INT64_C(1000000),
		   "round %d: %lld saved, at most %d can be", round, (long long)saving,
		   before - best);
		T_OK(cost(&f, PACKED, NULL) >= best);
		fleet_close(&f);
	}
}

/* --- Without memory ------------------------------------------------------------------ */

static fleet poor;
static tt_repack_worth poor_worth;
static const tt_change *poor_change;
static int64_t poor_micro;

static int run_poor(tt_err *err)
{
	TT_TRY(tt_repack_saving(&poor.s, settings, "g", &poor_worth, err));
	return tt_changes_cost(&poor.s, settings, &poor_change, 1, &poor_micro, err);
}

static void answer_poor(tt_buf *out)
{
	tt_buf_printf(out, "%lld %zu %lld\n", (long long)poor_worth.saving_micro,
		      poor_worth.moves, (long long)poor_micro);
}

static void reset_poor(void)
{
	poor_micro = 0;
}

static void test_memory(void)
{
	const oom_try t = { .what = "repack", .run = run_poor, .answer = answer_poor,
			    .reset = reset_poor };

	open_eighths(&poor, 5);
	pod(&poor, "q", 0, 5, 0, END)->cpus = 1;
	pod(&poor, "r", 1, 5, HOUR, END)->node_selector = "a=b";
	fleet_ready(&poor);
	poor_change = parse("release node:n3 repack=true");
	oom(t);
	fleet_close(&poor);
}

int main(void)
{
	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()))
		return 1;
	test_eighths();
	test_group();
	test_said();
	test_others();
	test_parts();
	test_sticky();
	test_released();
	test_every_way();
	test_between();
	test_memory();
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
