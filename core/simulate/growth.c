#include "simulate/growth.h"
#include "base/memory.h"
#include "bill/residents.h"
#include <string.h>

/* Whether an item of growth means the pod. */
static bool grows(const tt_bound_growth *g, const tt_pod_row *p)
{
	for (size_t i = 0; i < g->n_subjects; i++) {
		const tt_change_subject *s = &g->subjects[i];

		if ((s->kind == TT_SUBJECT_WORKLOAD && strcmp(s->id, p->workload) == 0) ||
		    (s->kind == TT_SUBJECT_NAMESPACE && strcmp(s->id, p->namespace_) == 0))
			return true;
	}
	return false;
}

static bool grows_as_a_whole(const tt_bound_growth *g, const tt_pool *p)
{
	for (size_t i = 0; i < g->n_subjects; i++) {
		const tt_change_subject *s = &g->subjects[i];

		if (s->kind == TT_SUBJECT_FLEET || (s->kind == TT_SUBJECT_NODE_GROUP &&
						    strcmp(s->id, p->node_group) == 0))
			return true;
	}
	return false;
}

int tt_growth_shares(const tt_bound_growth *g, const tt_snapshot *s, const tt_pools *pools,
		     double *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) double *all = tt_zalloc(pools->n + 1, sizeof *all);
	tt_span ran;

	if (!all)
		return tt_no_memory(err);
	for (size_t i = 0; i < s->table[TT_PODS].n; i++) {
		const tt_pod_row *p = tt_pod_at(s, i);
		const size_t node = *p->node ? tt_snapshot_find_node(s, p->node) : SIZE_MAX;
		const double size = p->gpus > 0 ? p->gpus : p->cpus > 0 ? p->cpus / 1000 : 0.001;

		if (node == SIZE_MAX || !tt_pod_ran(s, p, &ran))
			continue;
		all[pools->of_node[node]] += size * (double)(ran.to_s - ran.from_s);
		if (grows(g, p))
			ret[pools->of_node[node]] += size * (double)(ran.to_s - ran.from_s);
	}
	for (size_t i = 0; i < pools->n; i++) {
		ret[i] = all[i] > 0 ? ret[i] / all[i] : 0;
		if (grows_as_a_whole(g, &pools->v[i]))
			ret[i] = 1;
	}
	return TT_OK;
}
