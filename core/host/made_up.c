/* made_up.c - see made_up.h. Tables are made as CSV text and read by the builder, so that a
 * fleet is as checked and as complete as one that comes from outside. */
#include "host/made_up.h"
#include "base/file.h"
#include "base/text.h"
#include "snapshot/builder.h"
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define WINDOW "snapshot.yaml"
#define START_S INT64_C(1767571200) /* 2026-01-05T00:00:00Z, a Monday */
enum { DAYS = 15, STEP_S = 3600, STEPS = DAYS * 24, NODES = 7, PODS = 12 };

enum table { T_NODES, T_PODS, T_GPU_USAGE, T_NODE_USAGE, T_PRICES, T_COMMITMENTS, T_WORKLOADS,
	T_NODE_GROUPS, T_TRAFFIC, T_COUNT };

static const char *const names[T_COUNT] = { "nodes", "pods", "gpu_usage", "node_usage", "prices",
	"commitments", "workloads", "node_groups", "traffic" };

typedef struct fleet {
	tt_buf of[T_COUNT];
	uint64_t random;
	int cards[NODES];
} fleet;

const char *tt_made_up_text(enum tt_made_up which)
{
	static const char *const texts[] = { "empty", "one card", "all missing", "random" };

	return texts[which];
}

/* --- Random numbers (SplitMix64), the same on every machine ------------------------ */

static uint64_t draw(fleet *f)
{
	uint64_t z = f->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static int below(fleet *f, int n)
{
	return (int)(draw(f) % (uint64_t)n);
}

/* One of `n` words, a missing one among them where it is "". */
static const char *one_of(fleet *f, const char *const *words, int n)
{
	return words[below(f, n)];
}

#define ONE_OF(f, ...) \
	one_of(f, (const char *const[]){ __VA_ARGS__ }, \
	       (int)TT_COUNT(((const char *const[]){ __VA_ARGS__ })))

/* One cell after the other, so that what is drawn for them is drawn in this order with
 * any compiler. The first cell of a row is not empty. */
static void cell(tt_buf *to, const char *text)
{
	if (to->n && to->p[to->n - 1] != '\n')
		tt_buf_putc(to, ',');
	tt_buf_puts(to, text);
}

static void whole(tt_buf *to, long long v)
{
	char text[32];

	snprintf(text, sizeof text, "%lld", v);
	cell(to, text);
}

/* A number from 0 to `most`, or, one time in four, none. */
static void maybe(fleet *f, tt_buf *to, int most)
{
	char text[32];

	if (below(f, 4) == 0) {
		cell(to, "");
		return;
	}
	snprintf(text, sizeof text, "%d.5", below(f, most));
	cell(to, text);
}

static long long at_step(int step)
{
	return START_S + (long long)step * STEP_S;
}

/* --- The plain ones ------------------------------------------------------------------ */

static void make_one_card(fleet *f)
{
	tt_buf_puts(&f->of[T_NODES],
	            "node,node_group,instance_type,gpu_model,gpus,gpu_memory_mib,pricing,"
	            "price_per_hour\nn1,group,type,model,1,40960,on_demand,2.5\n");
	tt_buf_puts(&f->of[T_PODS],
	            "pod,namespace,node,workload,workload_kind,gpus,outcome,labels\n"
	            "p1,space,n1,work,inference,1,running,team=red\n");
	tt_buf_puts(&f->of[T_GPU_USAGE], "time,node,gpu,pod,gpu_util_pct,sm_active_ratio,"
	            "fb_used_mib,power_w\n");
	tt_buf_puts(&f->of[T_NODE_USAGE], "time,node,cpu_util_ratio,memory_used_mib\n");
	for (int i = 0; i < STEPS; i++) {
		tt_buf_printf(&f->of[T_GPU_USAGE], "%lld,n1,0,p1,0,0,0,50\n", at_step(i));
		tt_buf_printf(&f->of[T_NODE_USAGE], "%lld,n1,0.01,1024\n", at_step(i));
	}
}

/* Every metric is there, so that no need is unmet, but once and of one card alone. */
static void make_missing(fleet *f)
{
	tt_buf_puts(&f->of[T_NODES], "node,gpus\nn1,2\nn2,\nn3,0\n");
	tt_buf_puts(&f->of[T_PODS], "pod\np1\np2\n");
	tt_buf_puts(&f->of[T_COMMITMENTS], "commitment\nc1\n");
	tt_buf_puts(&f->of[T_WORKLOADS], "workload\nw1\n");
	tt_buf_puts(&f->of[T_NODE_GROUPS], "node_group\ng1\n");
	tt_buf_puts(&f->of[T_TRAFFIC], "time,workload,requests\n");
	tt_buf_printf(&f->of[T_TRAFFIC], "%lld,w1,\n", at_step(0));
	tt_buf_puts(&f->of[T_GPU_USAGE], "time,node,gpu,gpu_util_pct,sm_active_ratio,"
	            "tensor_active_ratio,dram_active_ratio,fb_used_mib,power_w,pcie_bytes_per_s\n");
	tt_buf_printf(&f->of[T_GPU_USAGE], "%lld,n1,0,0,0,0,0,0,0,0\n", at_step(0));
	for (int i = 1; i < STEPS; i += 24)
		tt_buf_printf(&f->of[T_GPU_USAGE], "%lld,n1,1,,,,,,,\n%lld,n2,0,,,,,,,\n",
		              at_step(i), at_step(i));
	tt_buf_puts(&f->of[T_NODE_USAGE],
	            "time,node,cpu_util_ratio,memory_used_mib,network_bytes_per_s\n");
	tt_buf_printf(&f->of[T_NODE_USAGE], "%lld,n1,0,0,0\n%lld,n2,,,\n", at_step(0), at_step(0));
}

/* --- The random one ---------------------------------------------------------------------- */

/* As a CSV field: one of them needs quoting there, and in a change as well. */
static const char *node_name(int i, char buf[32])
{
	snprintf(buf, 32, i == NODES - 1 ? "\"odd, \"\"name\"\" %d\"" : "n%d", i);
	return buf;
}

/* One card does nothing, one works now and then, one always; some are measured in part. */
static void add_reading(fleet *f, int step, int node, int card, const char *slice, int habit)
{
	tt_buf *to = &f->of[T_GPU_USAGE];
	char name[32], pod[32] = "";
	int busy = habit == 4 || (habit && below(f, habit * 40) == 0);

	whole(to, at_step(step));
	cell(to, node_name(node, name));
	whole(to, card);
	cell(to, slice);
	if (card == 0 && habit > 1)
		snprintf(pod, sizeof pod, "p%d", node);
	cell(to, pod);
	whole(to, busy ? below(f, 101) : 0);
	if (busy)
		maybe(f, to, 1);
	else
		cell(to, "0");
	whole(to, habit == 2 ? 39000 : below(f, 100));
	maybe(f, to, 700);
	maybe(f, to, 9000);
	tt_buf_putc(to, '\n');
}

static void add_card(fleet *f, int node, int card)
{
	int sliced = below(f, 6) == 0, habit = below(f, 5), measured = below(f, 8);

	for (int i = 0; i < STEPS && measured; i += measured == 1 ? 3 : 1) {
		add_reading(f, i, node, card, sliced ? "s0" : "", habit);
		if (sliced)
			add_reading(f, i, node, card, "s1", habit / 2);
	}
}

static void add_node(fleet *f, int i)
{
	tt_buf *to = &f->of[T_NODES], *usage = &f->of[T_NODE_USAGE];
	int cards = i == 0 ? 0 : 1 + below(f, 4);
	char name[32];

	f->cards[i] = cards;
	cell(to, node_name(i, name));
	cell(to, ONE_OF(f, "g1", "g1", "g2", "", "\xc3\xbc"));
	cell(to, ONE_OF(f, "type0", "type1"));
	cell(to, ONE_OF(f, "a100", "h100", ""));
	whole(to, cards);
	cell(to, ONE_OF(f, "40960", "81920", ""));
	cell(to, ONE_OF(f, "on_demand", "on_demand", "spot", "reserved", "owned", ""));
	maybe(f, to, 30);
	if (below(f, 2))
		cell(to, "");
	else
		whole(to, at_step(below(f, STEPS / 4)) + 17);
	if (below(f, 4))
		cell(to, "");
	else
		whole(to, at_step(3 * STEPS / 4 + below(f, STEPS / 4)) + 23);
	cell(to, ONE_OF(f, "team=red", ""));
	tt_buf_putc(to, '\n');
	for (int k = 0; k < cards; k++)
		add_card(f, i, k);
	for (int k = 0; k < STEPS; k += 1 + below(f, 3)) {
		whole(usage, at_step(k));
		cell(usage, name);
		cell(usage, ONE_OF(f, "0", "0.02", "0.5", "1", ""));
		maybe(f, usage, 200000);
		maybe(f, usage, 100000);
		tt_buf_putc(usage, '\n');
	}
}

/* The first NODES are one on each node and hold its first card; others hold none, or wait.
 * Nodes come in the first quarter of the window and go in the last, pods between. */
static void add_pod(fleet *f, int i)
{
	tt_buf *to = &f->of[T_PODS];
	int on = i < NODES ? i : below(f, 3) ? below(f, NODES) : -1;
	int from = STEPS / 4 + below(f, STEPS / 4), started = i >= NODES && on >= 0 && below(f, 3);
	int ended = started && below(f, 3) == 0;
	char name[32];

	snprintf(name, sizeof name, "p%d", i);
	cell(to, name);
	cell(to, ONE_OF(f, "a", "b", "", "kube-system", "\"two words\""));
	cell(to, on >= 0 ? node_name(on, name) : "");
	cell(to, ONE_OF(f, "w0", "w1", "w2", ""));
	cell(to, ONE_OF(f, "training", "inference", "notebook", "batch", "system", ""));
	cell(to, on < 0 ? "2" : i < NODES && f->cards[i] ? ONE_OF(f, "1", "0.5") : "0");
	maybe(f, to, 16);
	if (started)
		whole(to, at_step(from));
	else
		cell(to, "");
	if (ended)
		whole(to, at_step(from + below(f, STEPS / 4)));
	else
		cell(to, "");
	cell(to, ended ? ONE_OF(f, "succeeded", "failed", "preempted", "") : "running");
	cell(to, ONE_OF(f, "team=red", "team=blue", "team=red;created-by=ann", "created-by=ann",
	                ""));
	tt_buf_putc(to, '\n');
}

static void add_workload(fleet *f, int i)
{
	tt_buf *to = &f->of[T_WORKLOADS], *traffic = &f->of[T_TRAFFIC];
	char name[32];

	snprintf(name, sizeof name, "w%d", i);
	cell(to, name);
	cell(to, ONE_OF(f, "inference", "training", "notebook", ""));
	whole(to, below(f, 2));
	whole(to, 2 + below(f, 3));
	maybe(f, to, 90000);
	maybe(f, to, 900);
	cell(to, ONE_OF(f, "true", "false", ""));
	tt_buf_putc(to, '\n');
	for (int k = 0; k < STEPS && i < 2; k += 1 + below(f, 4)) {
		whole(traffic, at_step(k));
		cell(traffic, name);
		whole(traffic, below(f, 3) ? below(f, 500) : 0);
		maybe(f, traffic, 90000);
		tt_buf_putc(traffic, '\n');
	}
}

static const char *const heads[T_COUNT] = {
	[T_NODES] = "node,node_group,instance_type,gpu_model,gpus,gpu_memory_mib,pricing,"
	            "price_per_hour,started_at,ended_at,labels\n",
	[T_PODS] = "pod,namespace,node,workload,workload_kind,gpus,cpus,started_at,ended_at,"
	           "outcome,labels\n",
	[T_GPU_USAGE] = "time,node,gpu,slice,pod,gpu_util_pct,sm_active_ratio,fb_used_mib,"
	                "power_w,pcie_bytes_per_s\n",
	[T_NODE_USAGE] = "time,node,cpu_util_ratio,memory_used_mib,network_bytes_per_s\n",
	[T_PRICES] = "instance_type,gpu_model,gpus,pricing,price_per_hour\n"
	             "type0,,,on_demand,3.25\ntype0,,,spot,1.125\ntype1,,,on_demand,0\n",
	[T_COMMITMENTS] = "commitment,kind,instance_type,units,commitment_per_hour\n"
	                  "c0,reserved_instance,type0,2,\n\"c \"\"1\"\"\",savings_plan,,,1.5\n",
	[T_WORKLOADS] = "workload,workload_kind,min_replicas,max_replicas,model_size_mib,"
	                "restart_s,interruptible\n",
	[T_NODE_GROUPS] = "node_group,autoscaler,min_nodes,max_nodes,boot_s\n"
	                  "g1,karpenter,0,9,180\ng2,none,,,\n\xc3\xbc,,,,\n",
	[T_TRAFFIC] = "time,workload,requests,input_tokens\n",
};

static void make_random(fleet *f)
{
	for (int i = 0; i < T_COUNT; i++)
		tt_buf_puts(&f->of[i], heads[i]);
	for (int i = 0; i < NODES; i++)
		add_node(f, i);
	for (int i = 0; i < PODS; i++)
		add_pod(f, i);
	for (int i = 0; i < 3; i++)
		add_workload(f, i);
}

/* --- From text to a snapshot ------------------------------------------------------------- */

/* Telemetry is read when the builder finishes, so the files stay until then. */
static void file_name(int i, char name[32])
{
	snprintf(name, 32, "%s.csv", names[i]);
}

static int write_text(const char *folder, const char *name, const tt_buf *text, char *path,
                      tt_err *err)
{
	TT_TRY(tt_path_join(folder, name, path, PATH_MAX, err));
	return text->failed ? tt_no_memory(err)
	                    : tt_file_write(path, tt_buf_text(text), text->n, err);
}

static int build(const fleet *f, const char *folder, const char *file, tt_err *err)
{
	TT_CLEANUP(tt_builder_closep) tt_builder *b = NULL;
	TT_CLEANUP(tt_buf_free) tt_buf window = { 0 };
	const tt_build_options o = { .threads = 1 };
	char name[32], path[PATH_MAX];

	TT_TRY(tt_builder_open(file, &o, &b, err));
	tt_buf_printf(&window, "name: made up\nstart: %lld\nend: %lld\ncurrency: USD\n"
	              "step: %ds\n", at_step(0), at_step(STEPS), STEP_S);
	TT_TRY(write_text(folder, WINDOW, &window, path, err));
	TT_TRY(tt_builder_window(b, path, err));
	for (int i = 0; i < T_COUNT; i++) {
		if (!f->of[i].n && !f->of[i].failed)
			continue;
		file_name(i, name);
		TT_TRY(write_text(folder, name, &f->of[i], path, err));
		TT_TRY(tt_builder_read_csv(b, path, names[i], NULL, 0, err));
	}
	return tt_builder_finish(b, NULL, err);
}

/* An interrupt may leave one of these behind, in a folder in the place for such. */
static void remove_texts(const char *folder)
{
	char name[32], path[PATH_MAX];

	for (int i = -1; i < T_COUNT; i++) {
		file_name(i < 0 ? 0 : i, name);
		if (tt_path_join(folder, i < 0 ? WINDOW : name, path, sizeof path, NULL) == TT_OK)
			unlink(path);
	}
}

int tt_made_up_build(enum tt_made_up which, uint64_t seed, const char *folder,
                     const char *file, tt_err *err)
{
	fleet f = { .random = seed };

	if (which == TT_MADE_UP_ONE_CARD)
		make_one_card(&f);
	else if (which == TT_MADE_UP_MISSING)
		make_missing(&f);
	else if (which == TT_MADE_UP_RANDOM)
		make_random(&f);

	int rc = build(&f, folder, file, err);

	remove_texts(folder);
	for (int i = 0; i < T_COUNT; i++)
		tt_buf_free(&f.of[i]);
	return rc < 0 ? tt_context(err, "fleet \"%s\"", tt_made_up_text(which)) : TT_OK;
}
