/* sizes.c - what a policy would have run of a workload, for detectors: by the same steps that
 * a resize is priced by (change/sizing.h), so that what a detector says of a pool and what
 * the bill says of it are about the same replicas. See tt_sized in plugin.h. */
#include "change/sizing.h"
#include "change/traffic.h"
#include "host/detector_services.h"
#include <math.h>
#include <string.h>

double tt_call_pod_micro(const tt_call *c, size_t pod, tt_span ran)
{
	const tt_residents *r = &c->subjects->residents;
	const uint32_t node = r->node_of_pod[pod];
	const tt_node_bill *b = node == UINT32_MAX ? NULL : &c->subjects->bill->nodes[node];
	const double cards = b ? (double)tt_node_cards_u6(c->subjects->snapshot, node) / 1e6 : 0;

	if (!b || b->cost_micro == TT_MONEY_UNKNOWN || !(cards > 0) || b->alive_s <= 0)
		return (double)NAN;
	return (double)b->cost_micro * tt_pod_at(c->subjects->snapshot, pod)->gpus / cards *
	       (double)(ran.to_s - ran.from_s) / (double)b->alive_s;
}

/* What ran of it cost; never more than all there is. */
static int64_t cost_of(const tt_call *c, const tt_members *m)
{
	double sum = 0;

	for (size_t i = 0; i < m->n; i++)
		sum += tt_call_pod_micro(c, m->v[i].what.pod, m->v[i].life);
	return isnan(sum) ? TT_MONEY_UNKNOWN
		: (int64_t)fmin(sum, (double)c->subjects->bill->total_micro);
}

static int copy(tt_call *c, const tt_sizing *z, tt_sized *to)
{
	double *load = tt_call_alloc(c, (z->n + 1) * sizeof *load);
	double *ran = tt_call_alloc(c, (z->n + 1) * sizeof *ran);
	double *wanted = tt_call_alloc(c, (z->n + 1) * sizeof *wanted);

	if (!load || !ran || !wanted)
		return TT_ENOMEM;
	for (size_t i = 0; i < z->n; i++) {
		load[i] = z->unknown[i] ? (double)NAN : (double)z->load_u6[i] / 1e6;
		ran[i] = (double)z->ran[i];
		wanted[i] = (double)z->wanted[i];
	}
	to->n = z->n;
	to->step_s = z->step_s;
	to->load = load;
	to->ran = ran;
	to->wanted = wanted;
	to->overloaded_s = z->simulated ? (double)z->sum.overloaded_s : (double)NAN;
	return TT_OK;
}

static void say_tables(const tt_snapshot *s, const char *workload, tt_sized *to)
{
	const tt_span all = { s->start_s, s->end_s };
	const size_t at = tt_rows_find(&s->table[TT_WORKLOADS], workload);
	const tt_workload_row *row = at == SIZE_MAX ? NULL
		: TT_ROW(&s->table[TT_WORKLOADS], tt_workload_row, at);
	tt_streams streams;

	tt_traffic_sum(s, workload, all, &streams);
	to->requests = streams.requests;
	to->min_replicas = row ? row->min_replicas : (double)NAN;
	to->max_replicas = row ? row->max_replicas : (double)NAN;
	to->slo_latency_ms = row ? row->slo_latency_ms : (double)NAN;
	to->restart_s = row ? row->restart_s : (double)NAN;
}

static int size(tt_call *c, const tt_subject *s, const char *text, tt_sized *to, tt_err *err)
{
	const tt_snapshot *sn = c->subjects->snapshot;
	TT_CLEANUP(tt_targets_free) tt_targets t = { 0 };
	TT_CLEANUP(tt_members_free) tt_members m = { 0 };
	TT_CLEANUP(tt_sizing_free) tt_sizing z = { 0 };
	tt_change change;

	TT_TRY(tt_change_parse(text, c->arena, &change, err));
	if (change.verb != TT_RESIZE || !tt_change_get(&change, "policy") ||
	    change.n_subjects != 1 || change.subjects[0].kind != TT_SUBJECT_WORKLOAD ||
	    strcmp(change.subjects[0].id, s->id) != 0)
		return tt_fail(err, TT_EINVAL, "expected a resize of workload \"%.60s\" with a "
		               "policy", s->id);
	TT_TRY(tt_targets_find(&change, &change.subjects[0], sn, &t, err));
	TT_TRY(tt_members_make(&t, sn, &m, err));
	TT_TRY(tt_sizing_make(&change, &change.subjects[0], &m, sn, &z, err));
	TT_TRY(copy(c, &z, to));
	say_tables(sn, s->id, to);
	to->cost_micro = cost_of(c, &m);
	return TT_OK;
}

int tt_lend_sized(tt_call *c, const tt_subject *s, const char *change, const tt_sized **ret)
{
	tt_sized *to;
	tt_err err = { 0 };
	int rc;

	*ret = NULL;
	TT_TRY(tt_call_of_detector(c, "sized"));
	if (s->scope != TT_SCOPE_WORKLOAD)
		return tt_call_break(c, TT_EINVAL, "called sized(), which is for scope workload");
	to = tt_call_alloc(c, sizeof *to);
	if (!to)
		return TT_ENOMEM;
	*to = (tt_sized){ .size = sizeof *to };
	rc = size(c, s, change, to, &err);
	if (rc < 0)
		return tt_call_refused(c, "sized", rc, &err);
	*ret = to;
	return TT_OK;
}
