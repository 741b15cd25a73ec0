/* tables.c - snapshot.yaml, nodes.csv, pods.csv, node_groups.csv and workloads.csv. */
#include "money.h"
#include "tables.h"
#include <string.h>

static const char *const outcomes[] = {
	[OUT_RUNNING] = "running", [OUT_SUCCEEDED] = "succeeded", [OUT_FAILED] = "failed",
	[OUT_CANCELLED] = "cancelled", [OUT_PREEMPTED] = "preempted", [OUT_PENDING] = "pending",
};

/* A field and the comma or line end behind it. */
static void text(struct out *o, const char *s, char end)
{
	if (s)
		out_text(o, s);
	out_char(o, end);
}

static void number(struct out *o, int64_t v, char end)
{
	out_int(o, v);
	out_char(o, end);
}

/* -1 is "does not apply" and stays empty. */
static void maybe(struct out *o, int64_t v, char end)
{
	if (v >= 0)
		out_int(o, v);
	out_char(o, end);
}

static void time(struct out *o, int64_t t_s, char end)
{
	if (t_s != ALWAYS && t_s != FOREVER)
		out_time(o, t_s);
	out_char(o, end);
}

void table_snapshot(const struct fleet *f, struct out *o)
{
	out_text(o, "name: example\nstart: ");
	out_time(o, f->start_s);
	out_text(o, "\nend: ");
	out_time(o, f->end_s);
	out_text(o, "\ncurrency: USD\nstep: ");
	out_int(o, f->o.step_s);
	out_text(o, "s\nnote: made up by trimtab-example-fleet --gpus ");
	out_int(o, f->o.gpus);
	out_text(o, " --days ");
	out_int(o, f->o.days);
	out_text(o, " --step ");
	out_int(o, f->o.step_s);
	out_text(o, " --seed ");
	out_int(o, f->o.seed);
	out_text(o, f->o.clean ? " --clean" : "");
	out_text(o, f->o.every_kind ? " --every-kind\n" : "\n");
}

void table_nodes(const struct fleet *f, struct out *o)
{
	out_text(o, "node,cluster,node_group,provider,region,instance_type,gpu_model,gpus,"
		"gpu_memory_mib,cpus,memory_mib,pricing,price_per_hour,taints,started_at,"
		"ended_at,labels\n");
	for (int i = 0; i < f->n_nodes; i++) {
		const struct node *n = &f->nodes[i];
		const struct group *g = &groups[n->group];

		text(o, n->name, ',');
		text(o, "north-1", ',');
		text(o, g->name, ',');
		text(o, g->provider, ',');
		text(o, g->region, ',');
		text(o, g->instance_type, ',');
		text(o, g->gpu_model, ',');
		number(o, g->gpus, ',');
		maybe(o, g->gpus ? g->gpu_memory_mib : -1, ',');
		number(o, g->cpus, ',');
		number(o, g->memory_mib, ',');
		text(o, n->pricing, ',');
		/* the group's price is that of its reserved nodes; others pay the list's */
		if (strcmp(n->pricing, "reserved") == 0)
			out_fixed(o, money_node_price(n) / 10000, 2);
		else if (strcmp(n->pricing, g->pricing) == 0)
			out_text(o, g->price_per_hour);
		out_char(o, ',');
		text(o, g->taints, ',');
		time(o, n->started_s, ',');
		time(o, n->ended_s, ',');
		out_text(o, "zone=");
		text(o, n->zone, '\n');
	}
}

/* key=value;key=value, without the team where it was forgotten. */
static void labels(const struct fleet *f, struct out *o, const struct pod *p)
{
	const struct workload *w = &workloads[p->workload];
	bool owned = w->team != TEAM_SYSTEM && (w->labelled || f->o.clean);

	if (owned) {
		out_text(o, "team=");
		out_text(o, teams[w->team].name);
		out_text(o, ";cost_center=");
		out_text(o, teams[w->team].cost_center);
		if (p->run >= 0 && w->kind == KIND_TRAINING) {
			out_text(o, ";run=");
			out_text(o, w->name);
			out_char(o, '-');
			out_int(o, p->run);
		}
	}
	if (w->creator) {
		if (owned)
			out_char(o, ';');
		out_text(o, "created-by=");
		out_text(o, w->creator);
	}
}

static void pod_row(const struct fleet *f, struct out *o, const struct pod *p)
{
	const struct workload *w = &workloads[p->workload];
	const struct node *n = p->node < 0 ? NULL : &f->nodes[p->node];
	const char *model = n && w->kind == KIND_TRAINING ? groups[n->group].gpu_model : NULL;

	text(o, p->name, ',');
	text(o, w->namespace, ',');
	text(o, "north-1", ',');
	text(o, n ? n->name : NULL, ',');
	text(o, w->name, ',');
	text(o, kind_names[w->kind], ',');
	out_short(o, p->gpus_milli, 3);
	out_char(o, ',');
	text(o, p->sharing, ',');
	text(o, model, ',');
	out_short(o, p->cpus_milli, 3);
	out_char(o, ',');
	number(o, p->memory_mib, ',');
	if (model)
		out_text(o, "gpu=");
	text(o, model, ',');
	number(o, w->priority, ',');
	number(o, p->restarts, ',');
	time(o, p->submitted_s, ',');
	time(o, p->started_s, ',');
	time(o, p->ended_s, ',');
	text(o, outcomes[p->outcome], ',');
	labels(f, o, p);
	out_char(o, '\n');
}

void table_pods(const struct fleet *f, struct out *o)
{
	out_text(o, "pod,namespace,cluster,node,workload,workload_kind,gpus,gpu_sharing,"
		"gpu_model,cpus,memory_mib,node_selector,priority,restarts,submitted_at,"
		"started_at,ended_at,outcome,labels\n");
	for (int i = 0; i < f->n_pods; i++)
		pod_row(f, o, &f->pods[i]);
}

void table_node_groups(const struct fleet *f, struct out *o)
{
	out_text(o, "node_group,autoscaler,min_nodes,max_nodes,boot_s,drain_s,consolidates\n");
	for (int i = 0; i < N_GROUPS; i++) {
		const struct group *g = &groups[i];
		bool elastic = i == GROUP_A10 || i == GROUP_BURST || i == GROUP_CI;

		if (f->count[i] == 0)
			continue;
		text(o, g->name, ',');
		text(o, g->autoscaler, ',');
		number(o, elastic || i >= GROUP_TERM ? 0 : f->count[i], ',');
		number(o, i == GROUP_BURST ? 64 : elastic ? f->o.gpus / 8 : 2 * f->count[i], ',');
		number(o, g->boot_s, ',');
		number(o, g->drain_s, ',');
		text(o, g->consolidates ? "true" : "false", '\n');
	}
}

void table_workloads(const struct fleet *f, struct out *o)
{
	out_text(o, "workload,workload_kind,min_replicas,max_replicas,slo_latency_ms,"
		"capacity_per_replica,model_size_mib,image_size_mib,checkpoint_interval_s,"
		"checkpoint_s,restart_s,interruptible\n");
	for (int i = 0; i < N_WORKLOADS; i++) {
		const struct workload *w = &workloads[i];

		if (w->kind == KIND_SYSTEM || f->next_name[i] == 0)
			continue;
		text(o, w->name, ',');
		text(o, kind_names[w->kind], ',');
		maybe(o, w->min_replicas, ',');
		maybe(o, w->max_replicas, ',');
		maybe(o, w->slo_latency_ms, ',');
		if (w->capacity_milli >= 0)
			out_short(o, w->capacity_milli, 3);
		out_char(o, ',');
		maybe(o, w->model_mib, ',');
		maybe(o, w->image_mib, ',');
		maybe(o, w->checkpoint_interval_s, ',');
		maybe(o, w->checkpoint_s, ',');
		maybe(o, w->restart_s, ',');
		text(o, w->interruptible ? "true" : "false", '\n');
	}
}
