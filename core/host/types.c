/* types.c - the instance types that a workload or node group could be on, for detectors: by
 * what a retype goes by (change/there.h), so that what a detector weighs is what is priced.
 * See tt_types in plugin.h. */
#include "change/pace.h"
#include "change/there.h"
#include "host/detector_services.h"
#include "snapshot/catalogue.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Card-seconds of the subject on each node: to[nodes]. */
static void count_cards(const tt_call *c, const tt_subject *s, double *to)
{
	const tt_snapshot *sn = c->subjects->snapshot;
	const uint32_t *pods = NULL;
	size_t n = 0;
	tt_span ran;

	if (s->scope == TT_SCOPE_WORKLOAD)
		pods = tt_placed_workload(&sn->placed, s->id, &n);
	for (size_t i = 0; i < n; i++) {
		const tt_pod_row *p = tt_pod_at(sn, pods[i]);
		const uint32_t node = c->subjects->residents.node_of_pod[pods[i]];

		if (node != UINT32_MAX && p->gpus > 0 && tt_pod_ran(sn, p, &ran))
			to[node] += p->gpus * (double)(ran.to_s - ran.from_s);
	}
	for (size_t i = 0; s->scope == TT_SCOPE_NODE_GROUP && i < sn->table[TT_NODES].n; i++) {
		ran = tt_node_life(sn, i);
		if (strcmp(tt_node_at(sn, i)->node_group, s->id) == 0)
			to[i] = (double)(ran.to_s - ran.from_s) *
				(double)tt_node_cards_u6(sn, i) / 1e6;
	}
}

/* Where most of it is; SIZE_MAX: nowhere. */
static int find_node(const tt_call *c, const tt_subject *s, size_t *ret, tt_err *err)
{
	const size_t nodes = c->subjects->snapshot->table[TT_NODES].n;
	TT_CLEANUP(tt_freep) double *card_s = tt_zalloc(nodes + 1, sizeof *card_s);
	double most = 0;

	*ret = SIZE_MAX;
	if (!card_s)
		return tt_no_memory(err);
	count_cards(c, s, card_s);
	for (size_t i = 0; i < nodes; i++)
		if (card_s[i] > most) {
			*ret = i;
			most = card_s[i];
		}
	return TT_OK;
}

/* A pod of the workload on the node, for its label; SIZE_MAX: none, or of a node group. */
static size_t find_pod(const tt_call *c, const tt_subject *s, size_t node)
{
	const tt_residents *r = &c->subjects->residents;

	for (size_t i = r->first[node]; i < r->first[node + 1]; i++) {
		const tt_pod_row *p = tt_pod_at(c->subjects->snapshot, r->pod[i]);

		if (s->scope == TT_SCOPE_WORKLOAD && p->gpus > 0 && strcmp(p->workload, s->id) == 0)
			return r->pod[i];
	}
	return SIZE_MAX;
}

static tt_type type_of(const tt_case *cs, const tt_there *t, const char *model, size_t pod)
{
	const tt_catalogue *of = cs->settings->catalogue;
	const tt_gpu_row *gpu = of && *t->gpu_model ? tt_catalogue_gpu(of, t->gpu_model) : NULL;
	tt_type ret = { .size = sizeof ret, .instance_type = t->instance_type,
		        .gpu_model = t->gpu_model, .pricing = t->pricing, .gpus = t->gpus,
		        .cpus = t->cpus, .memory_mib = t->memory_mib,
		        .gpu_memory_mib = t->card_mib,
		        .tensor_tflops = gpu ? tt_catalogue_tflops(gpu, "fp16") : (double)NAN,
		        .dram_gb_per_s = gpu ? gpu->dram_gb_per_s : (double)NAN,
		        .price_per_hour_micro = TT_MONEY_UNKNOWN,
		        .same_gpu = tt_there_same_gpu(cs, t->gpu_model, model),
		        .throughput_ratio = pod == SIZE_MAX ? (double)NAN :
			        tt_pace_listed(cs, tt_pod_at(cs->snapshot, pod), model,
			                       t->gpu_model) };

	if (t->price_per_hour != TT_DECIMAL_MISSING)
		tt_cost_micro(t->price_per_hour, 3600, &ret.price_per_hour_micro, NULL);
	return ret;
}

static int by_card(const void *pa, const void *pb)
{
	const tt_type *a = pa, *b = pb;
	const double x = (double)a->price_per_hour_micro / a->gpus;
	const double y = (double)b->price_per_hour_micro / b->gpus;

	return x != y ? (x > y) - (x < y) : strcmp(a->instance_type, b->instance_type);
}

static int list(tt_call *c, const tt_case *cs, size_t node, size_t pod, tt_types *to,
                tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_there *v = NULL;
	const tt_node_row *row = tt_node_at(cs->snapshot, node);
	tt_type *types;
	tt_there here;
	size_t n = 0;

	tt_there_same(cs, node, &here);
	to->here = type_of(cs, &here, row->gpu_model, pod);
	TT_TRY(tt_there_list(cs, row, &v, &n, err));
	types = tt_call_alloc(c, (n + 1) * sizeof *types);
	if (!types)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		types[to->n] = type_of(cs, &v[i], row->gpu_model, pod);
		to->n += types[to->n].gpus > 0 &&
		         types[to->n].price_per_hour_micro != TT_MONEY_UNKNOWN;
	}
	if (to->n > 1)
		qsort(types, to->n, sizeof *types, by_card);
	to->v = types;
	return TT_OK;
}

int tt_lend_types(tt_call *c, const tt_subject *s, const tt_types **ret)
{
	tt_types *to;
	tt_case cs;
	tt_err err = { 0 };
	size_t node;
	int rc;

	*ret = NULL;
	TT_TRY(tt_call_of_detector(c, "types"));
	if (s->scope != TT_SCOPE_WORKLOAD && s->scope != TT_SCOPE_NODE_GROUP)
		return tt_call_break(c, TT_EINVAL, "called types(), which is for scopes workload "
		                     "and node_group");
	rc = find_node(c, s, &node, &err);
	if (rc < 0)
		return tt_call_refused(c, "types", rc, &err);
	if (node == SIZE_MAX)
		return tt_host_table.fail(c, TT_ENODATA, "it is not known where its pods are");
	to = tt_call_alloc(c, sizeof *to);
	if (!to)
		return TT_ENOMEM;
	*to = (tt_types){ .size = sizeof *to };
	tt_case_init(&cs, c->subjects->snapshot, c->subjects->settings);
	rc = list(c, &cs, node, find_pod(c, s, node), to, &err);
	tt_case_reset(&cs);
	if (rc < 0)
		return tt_call_refused(c, "types", rc, &err);
	*ret = to;
	return TT_OK;
}
