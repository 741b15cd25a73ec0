#include "change/interruptions.h"
#include "base/memory.h"
#include "bill/residents.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double cards_of(const tt_pod_row *p)
{
	return p->gpus > 0 ? p->gpus : 0.001; /* without cards: only among its like */
}

static bool same_work(const tt_pod_row *a, const tt_pod_row *b)
{
	return strcmp(a->workload, b->workload) == 0 &&
	       strcmp(a->workload_kind, b->workload_kind) == 0;
}

/* Card-seconds of all pods of the same work as number `i`. */
static double weight_of(const tt_snapshot *s, const uint32_t *pods, size_t n, size_t i)
{
	double sum = 0;
	tt_span ran;

	for (size_t k = 0; k < n; k++) {
		const tt_pod_row *p = tt_pod_at(s, pods[k]);

		if (same_work(p, tt_pod_at(s, pods[i])) && tt_pod_ran(s, p, &ran))
			sum += cards_of(p) * (double)(ran.to_s - ran.from_s);
	}
	return sum;
}

/* By when they ran, which tells most of them apart, and by work; of those that ran together
 * by node. */
static int compare_runs(const void *pa, const void *pb)
{
	const tt_pod_row *a = *(const tt_pod_row *const *)pa, *b = *(const tt_pod_row *const *)pb;
	int by = (a->started_at > b->started_at) - (a->started_at < b->started_at);

	by = by ? by : (a->ended_at > b->ended_at) - (a->ended_at < b->ended_at);
	by = by ? by : strcmp(a->workload, b->workload);
	by = by ? by : strcmp(a->workload_kind, b->workload_kind);
	return by ? by : strcmp(a->node, b->node);
}

static bool runs_with(const tt_pod_row *a, const tt_pod_row *b)
{
	return a->started_at == b->started_at && a->ended_at == b->ended_at && same_work(a, b);
}

int tt_gangs_make(const tt_snapshot *s, const char *workload, double **ret, tt_err *err)
{
	const size_t all = s->table[TT_PODS].n;
	TT_CLEANUP(tt_freep) const tt_pod_row **v = tt_alloc((all + 1) * sizeof *v);
	double *nodes = tt_alloc((all + 1) * sizeof *nodes);
	size_t n = 0;

	*ret = nodes;
	if (!v || !nodes)
		return tt_no_memory(err);
	for (size_t i = 0; i < all; i++) {
		nodes[i] = 1;
		if (!workload || strcmp(tt_pod_at(s, i)->workload, workload) == 0)
			v[n++] = tt_pod_at(s, i);
	}
	if (n)
		qsort(v, n, sizeof *v, compare_runs);
	for (size_t from = 0, to; from < n; from = to) {
		double count = 0;

		for (to = from; to < n && runs_with(v[from], v[to]); to++)
			count += *v[to]->node && (to == from ||
						  strcmp(v[to - 1]->node, v[to]->node) != 0);
		if (!*v[from]->workload || v[from]->started_at == TT_TIME_MISSING || count < 1)
			count = 1;
		for (size_t i = from; i < to; i++)
			nodes[v[i] - tt_pod_at(s, 0)] = count;
	}
	return TT_OK;
}

void tt_work_of_pods(const tt_snapshot *s, const double *gangs, const uint32_t *pods, size_t n,
		     tt_work *ret)
{
	double most = -1, length_s = 0, runs = 0;
	const tt_pod_row *of = NULL;
	tt_span ran;

	*ret = (tt_work){ .name = "", .kind = "", .run_s = NAN, .gang = 1 };
	for (size_t i = 0; i < n; i++) {
		const tt_pod_row *p = tt_pod_at(s, pods[i]);
		double weight;

		if ((of && same_work(p, of)) || (weight = weight_of(s, pods, n, i)) <= most)
			continue;
		most = weight;
		of = p;
	}
	for (size_t i = 0; i < n; i++) {
		const tt_pod_row *p = tt_pod_at(s, pods[i]);

		if (!same_work(p, of) || !tt_pod_ran(s, p, &ran))
			continue;
		length_s += (double)(ran.to_s - ran.from_s);
		runs++;
		ret->gang = gangs[pods[i]] > ret->gang ? gangs[pods[i]] : ret->gang;
	}
	if (!of)
		return;
	ret->name = of->workload;
	ret->kind = of->workload_kind;
	ret->run_s = runs > 0 ? length_s / runs : NAN;
	ret->is_lost = strcmp(ret->kind, "training") == 0 || strcmp(ret->kind, "batch") == 0 ||
		       !*ret->kind || strcmp(ret->kind, "unknown") == 0;
}

/* A number of the change, else of the table, else `none`. */
static double number(const tt_change *c, const char *key, const double *table, double none)
{
	const tt_change_arg *arg = tt_change_get(c, key);

	if (arg)
		return arg->number;
	return table && !isnan(*table) ? *table : none;
}

int tt_interruptions_price(const tt_change *c, const tt_snapshot *s, const tt_work *w,
			   tt_terms *t, tt_err *err)
{
	const tt_workload_row *row = tt_workload_row_of(s, w->name);

	t->gang = w->is_lost ? w->gang : 1;
	t->checkpoint_interval_s = number(c, "checkpoint_interval_s",
					  row ? &row->checkpoint_interval_s : NULL, INFINITY);
	t->checkpoint_s = number(c, "checkpoint_s", row ? &row->checkpoint_s : NULL, 0);
	t->recovery_s = number(c, "recovery_s", row ? &row->restart_s : NULL, 0);
	t->wait_s = number(c, "wait_s", NULL, t->wait_s);
	if (!w->is_lost)
		t->checkpoint_interval_s = INFINITY;

	t->work_is_lost = w->is_lost;
	t->run_s = w->is_lost ? w->run_s : 0;

	const double ratio = tt_terms_paid_ratio(t, t->interruptions_per_h,
						 t->zone_interruptions_per_h);
	if (isnan(ratio))
		return tt_fail(err, TT_EINVAL,
			       "reprice: how long workload \"%s\" runs is not known, nor how "
			       "often it writes a checkpoint (checkpoint_interval_s)", w->name);
	if (!(ratio < 1e6))
		return tt_fail(err, TT_EINVAL,
			       "reprice: workload \"%s\" would hardly ever end: %.4g paid hours "
			       "for an hour of work", w->name, ratio);
	t->paid_u9 = (uint64_t)llround(ratio * 1e9);
	return TT_OK;
}
