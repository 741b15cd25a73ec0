/* Work on another GPU: prices there, room, memory, speed by each way to know it, and nodes
 * that are replaced. By hand. */
#include "change/apply.h"
#include "fleet.h"
#include "measured.h"
#include "snapshot/catalogue.h"

static tt_settings *settings;
static tt_arena *arena;

enum { END = 36000 };
static const int64_t HOUR = 1000000; /* a node-hour at a price of 1 */

static tt_change *parse(const char *text)
{
	tt_change *change = tt_arena_alloc(arena, sizeof *change);
	tt_err err = { 0 };

	T_INT(TT_OK, tt_change_parse(text, arena, change, &err));
	T_STR("", err.text);
	return change;
}

static void add_price(fleet *f, const char *type, const char *model, double gpus,
		      const char *pricing, int64_t tenths)
{
	tt_price_row *p = fleet_row(f, TT_PRICES);

	p->provider = "cloud";
	p->region = "north";
	p->instance_type = type;
	p->gpu_model = model;
	p->gpus = gpus;
	p->pricing = pricing;
	p->price_per_hour = tenths * TT_DECIMAL_ONE / 10;
}

static void add_pod(fleet *f, const char *pod, const char *node, const char *gpu,
		    const char *workload, const char *kind, double used_mib)
{
	const uint32_t card = fleet_card(f, node, gpu, "");
	tt_pod_row *p = fleet_pod(f, pod, node, 1);

	p->workload = workload;
	p->workload_kind = kind;
	p->started_at = 0;
	p->cpus = 2;
	fleet_hold(f, card, pod, 0, END, 60, 1);
	if (used_mib > 0)
		fleet_measure(f, card, TT_FB_USED_MIB, END, used_mib);
}

/* Four nodes of two A100 at 10 an hour for ten hours: training on both cards of n0, a service
 * on n1, a notebook and a batch job on n2, on n3 (spot) a job whose memory nobody measured. */
static void open_fleet(fleet *f)
{
	fleet_open(f, 0, END);
	for (int i = 0; i < 4; i++) {
		tt_node_row *n = fleet_node(f, fleet_text(f, "n%d", i), 2);

		n->provider = "cloud";
		n->region = "north";
		n->instance_type = "a2";
		n->gpu_model = "a100-80gb";
		n->gpu_memory_mib = 81920;
		n->node_group = i < 2 ? "front" : "back";
		n->pricing = i < 3 ? "on_demand" : "spot";
		n->price_per_hour = 10 * TT_DECIMAL_ONE;
	}
	add_pod(f, "t0", "n0", "0", "train", "training", 10000);
	add_pod(f, "t1", "n0", "1", "train", "training", 12000);
	add_pod(f, "s0", "n1", "0", "chat", "inference", 20000);
	add_pod(f, "s1", "n1", "1", "chat", "inference", 20000);
	add_pod(f, "note", "n2", "0", "lab", "notebook", 4000);
	add_pod(f, "job", "n2", "1", "nightly", "batch", 60000);
	add_pod(f, "blind0", "n3", "0", "blind", "batch", 0);
	add_pod(f, "blind1", "n3", "1", "blind", "batch", 0);
	add_price(f, "g1", "l4", 1, "on_demand", 10);
	add_price(f, "g1", "l4", 1, "spot", 5);
	add_price(f, "g4", "NVIDIA L4", 4, "on_demand", 36);
	add_price(f, "h2", "h100", 2, "on_demand", 150);
	add_price(f, "h2", "h100", 2, "spot", 60);
	add_price(f, "odd", "unheard-of", 2, "on_demand", 10);
	fleet_ready(f);
}

static int64_t cost(const fleet *f, const char *a, const char *b)
{
	const tt_change *changes[] = { a ? parse(a) : NULL, b ? parse(b) : NULL };
	tt_err err = { 0 };
	int64_t micro = -1, other = -2;
	const size_t n = (size_t)(a != NULL) + (b != NULL);

	T_INT(TT_OK, tt_changes_cost(&f->s, settings, changes, n, &micro, &err));
	T_STR("", err.text);
	if (n == 2) { /* in whatever order */
		const tt_change *turned[] = { changes[1], changes[0] };

		T_INT(TT_OK, tt_changes_cost(&f->s, settings, turned, n, &other, &err));
		T_INT(micro, other);
	}
	return micro;
}

static void test_pods(const fleet *f)
{
	T_INT(400 * HOUR, cost(f, NULL, NULL));
	/* training takes 2.5 times as long on two g1 */
	T_INT(300 * HOUR + 50 * HOUR,
	      cost(f, "retype workload:train gpu_model=l4 throughput_ratio=0.4", NULL));
	/* the node stays for the other pod */
	T_INT(400 * HOUR + 25 * HOUR,
	      cost(f, "retype pod:t0 gpu_model=l4 throughput_ratio=0.4", NULL));
	/* a service needs five replicas for two */
	T_INT(300 * HOUR + 50 * HOUR,
	      cost(f, "retype workload:chat gpu_model=l4 throughput_ratio=0.4", NULL));
	T_INT(300 * HOUR + 72 * HOUR,
	      cost(f, "retype workload:chat instance_type=g4 throughput_ratio=0.4", NULL));
	/* for five hours, until then two nodes of ten */
	T_INT(300 * HOUR + 50 * HOUR + 25 * HOUR,
	      cost(f, "retype workload:chat gpu_model=l4 throughput_ratio=0.4 "
		      "from=1970-01-01T05:00:00Z", NULL));
	/* a notebook keeps its number and its hours, however slow */
	T_INT(400 * HOUR + 10 * HOUR, cost(f, "retype workload:lab gpu_model=l4", NULL));
	T_INT(300 * HOUR + 10 * HOUR, cost(f, "retype workload:lab gpu_model=l4",
					   "release workload:nightly"));
	/* gone is gone */
	T_INT(300 * HOUR, cost(f, "retype workload:chat gpu_model=l4 throughput_ratio=0.4",
			       "release workload:chat"));
	/* spot stays spot */
	T_INT(300 * HOUR + 60 * HOUR,
	      cost(f, "retype workload:blind gpu_model=h100 gpus=1 throughput_ratio=1", NULL));
	/* twice as fast: half as long; one replica of two */
	T_INT(300 * HOUR + 75 * HOUR,
	      cost(f, "retype workload:train gpu_model=h100 throughput_ratio=2", NULL));
	T_INT(300 * HOUR + 150 * HOUR,
	      cost(f, "retype workload:chat gpu_model=h100 throughput_ratio=2", NULL));
	/* what is there already stays */
	T_INT(400 * HOUR, cost(f, "retype workload:train gpu_model=a100-80gb", NULL));
	T_INT(400 * HOUR, cost(f, "retype node_group:back instance_type=a2", NULL));
}

/* Whole nodes: cards over the ratio, whole instances of a group. */
static void test_nodes(const fleet *f)
{
	/* 2 / 0.4 = 5 cards: five g1, two g4 */
	T_INT(300 * HOUR + 50 * HOUR,
	      cost(f, "retype node:n0 gpu_model=l4 throughput_ratio=0.4", NULL));
	T_INT(300 * HOUR + 72 * HOUR,
	      cost(f, "retype node:n0 instance_type=g4 throughput_ratio=0.4", NULL));
	/* 10 cards of the group together: three g4, not four */
	T_INT(200 * HOUR + 108 * HOUR,
	      cost(f, "retype node_group:front instance_type=g4 throughput_ratio=0.4", NULL));
	/* not while nothing is on it; what moves alone does not move with it */
	T_INT(300 * HOUR, cost(f, "retype node:n0 gpu_model=l4 throughput_ratio=0.4",
			       "release workload:train"));
	T_INT(300 * HOUR + 50 * HOUR,
	      cost(f, "retype node:n0 instance_type=g4 throughput_ratio=0.4",
		   "retype workload:train instance_type=g1 throughput_ratio=0.4"));
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

static void test_refused(const fleet *f)
{
	refused(f, "retype workload:train gpu_model=b200", TT_ENODATA,
		"retype: prices.csv has no price of an instance with b200 in cloud north "
		"(on_demand)");
	refused(f, "retype workload:train instance_type=b8", TT_ENODATA,
		"retype: prices.csv has no price of instance type b8 in cloud north (on_demand)");
	refused(f, "retype workload:blind instance_type=g4", TT_ENODATA,
		"retype: prices.csv has no price of instance type g4 in cloud north (spot)");
	refused(f, "retype workload:train instance_type=g4 gpu_model=h100", TT_EINVAL,
		"retype: g4 has NVIDIA L4, not h100");
	refused(f, "retype workload:train gpu_model=l4 gpus=8", TT_EINVAL,
		"retype: no instance with l4 in cloud north has room for the largest pod (8 "
		"cards, 2 CPUs, nan MiB)");
	refused(f, "retype workload:train instance_type=g1 gpus=2", TT_EINVAL,
		"retype: pod \"t0\" needs 2 cards, 2 CPUs and nan MiB, and g1 has 1, nan and nan; "
		"neither can t1");
	refused(f, "retype workload:nightly gpu_model=l4 throughput_ratio=1", TT_EINVAL,
		"retype: pod \"job\" needs 60000 MiB on a card, and 90 % of what there is of l4 is "
		"20599 MiB");
	refused(f, "retype workload:blind gpu_model=l4 throughput_ratio=1", TT_ENODATA,
		"retype: how much memory of its cards pod \"blind0\" uses was not measured, and "
		"it is not known that l4 has as much as now (gpus says how many it takes); "
		"neither can blind1");
	refused(f, "retype node:n2 gpu_model=l4 throughput_ratio=1", TT_EINVAL,
		"retype: pod \"job\" needs 60000 MiB on a card, and 90 % of what there is of l4 is "
		"20599 MiB");
	refused(f, "retype workload:train instance_type=odd", TT_ENODATA,
		"retype: pod \"t0\" needs 10000 MiB on a card, and the memory of unheard-of is "
		"not known; neither can t1");
	refused(f, "retype workload:train gpu_model=l4", TT_ENODATA,
		"retype: how fast workload \"train\" runs on l4 is not known: neither the "
		"catalogue nor tensor and DRAM activity tell, and the change has no "
		"throughput_ratio");
	refused(f, "retype node:x gpu_model=l4", TT_EDATA,
		"retype: node \"x\" is not in the fleet");
}

/* The catalogue measured the model on one H100 and on one H200: 17744 over 15220. */
static void test_table(void)
{
	fleet f;

	fleet_open(&f, 0, END);
	tt_node_row *n = fleet_node(&f, "n", 1);
	n->provider = "cloud";
	n->region = "north";
	n->instance_type = "h1";
	n->gpu_model = "NVIDIA H100 80GB HBM3";
	n->price_per_hour = 10 * TT_DECIMAL_ONE;
	add_pod(&f, "p", "n", "0", "w", "batch", 50000);
	TT_ROW(&f.s.table[TT_PODS], tt_pod_row, 0)->labels = "model=llama-3.1-8b";
	add_price(&f, "h2", "h200", 1, "on_demand", 110);
	fleet_ready(&f);
	/* 110 x 15220 / 17744, paid to 10^-9: 0.857754734 */
	T_INT(94353021, cost(&f, "retype workload:w gpu_model=h200", NULL));
	TT_ROW(&f.s.table[TT_PODS], tt_pod_row, 0)->labels = "model=llama-3.3-70b";
	refused(&f, "retype workload:w gpu_model=h200", TT_ENODATA, /* one and two cards */
		"retype: how fast workload \"w\" runs on h200 is not known: neither the catalogue "
		"nor tensor and DRAM activity tell, and the change has no throughput_ratio");
	fleet_close(&f);
}

/* Ten hours of A100 cards: 10 % of the tensor cores and `dram` of the bandwidth in use, and
 * 70000 MiB of memory until hour 5, when another pod had the card. */
static tt_snapshot *open_measured(measured *m, const char *kind, double dram)
{
	measured_open(m, END, 300);
	measured_head(m, "nodes", "node,provider,region,instance_type,gpu_model,gpu_memory_mib,"
				  "gpus,pricing,price_per_hour");
	measured_head(m, "pods", "pod,node,workload,workload_kind,gpus,started_at,ended_at");
	measured_head(m, "gpu_usage", "time,node,gpu,pod,gpu_util_pct,tensor_active_ratio,"
				      "dram_active_ratio,fb_used_mib");
	measured_put(m, "nodes", "n,cloud,north,a1,a100-80gb,81920,1,on_demand,10");
	measured_put(m, "pods", "before,n,x,batch,1,,%s", measured_time(5 * 3600));
	measured_put(m, "pods", "p,n,w,%s,1,%s,", kind, measured_time(5 * 3600));
	measured_put(m, "prices", "cloud,north,g1,l4,1,on_demand,1");
	for (int64_t t = 0; t < END; t += 300)
		measured_put(m, "gpu_usage", "%lld,n,0,%s,50,0.1,%g,%d",
			     (long long)(MEASURED_START + t), t < 5 * 3600 ? "before" : "p",
			     t < 5 * 3600 ? 0.9 : dram, t < 5 * 3600 ? 70000 : 10000);
	return measured_ready(m);
}

/* L4 over A100: 312 / 121 of the time for tensors, 2039 / 300 for memory. */
static void test_bound(void)
{
	static const struct { const char *kind; double dram; int64_t tenths; } cases[] = {
		{ "inference", 0.1, 10 },  /* 0.68 busy there: below 0.7, one will do */
		{ "inference", 0.2, 20 },  /* 1.36: 1.94 pods */
		{ "inference", 0.02, 10 }, /* tensors: 0.26 */
		{ "notebook", 0.9, 10 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		measured m;
		const fleet f = { .s = *open_measured(&m, cases[i].kind, cases[i].dram) };

		T_INT(100 * HOUR, cost(&f, NULL, NULL));
		/* five hours of the node go, and p is elsewhere in them */
		T_INT(50 * HOUR + cases[i].tenths * HOUR / 2,
		      cost(&f, "retype pod:p gpu_model=l4", NULL));
		refused(&f, "retype workload:x gpu_model=l4 throughput_ratio=1", TT_EINVAL,
			"retype: pod \"before\" needs 70000 MiB on a card, and 90 % of what there "
			"is of l4 is 20599 MiB");
		measured_close(&m);
	}
	measured m;
	const fleet f = { .s = *open_measured(&m, "training", 0.2) };
	/* 5 h x 2039 / 300, its ratio to 10^-9 */
	T_INT(50 * HOUR + 33983333, cost(&f, "retype workload:w gpu_model=l4", NULL));
	measured_close(&m);
}

int main(void)
{
	const char *source = getenv("TT_SOURCE");
	char folder[1024];
	tt_err err = { 0 };
	fleet f;

	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()))
		return 1;
	snprintf(folder, sizeof folder, "%s/core/snapshot/catalogue", source ? source : ".");
	T_INT(TT_OK, tt_catalogue_load(folder, &settings->catalogue, &err));
	T_STR("", err.text);
	open_fleet(&f);
	test_pods(&f);
	test_nodes(&f);
	test_refused(&f);
	fleet_close(&f);
	test_table();
	test_bound();
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
