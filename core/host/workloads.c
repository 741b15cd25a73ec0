/* workloads.c - what a workload is and when its pods were idle, for detectors. Idle is what
 * the price of an idle timeout takes for it (bill/activity.h), so that what a detector
 * proposes and what the bill says of it rest on the same gaps. See plugin.h. */
#include "bill/activity.h"
#include "host/detector_services.h"
#include "maths/gaps.h"
#include <math.h>
#include <string.h>

static int of_workload(tt_call *c, const tt_subject *s, const char *service)
{
	TT_TRY(tt_call_of_detector(c, service));
	return s->scope == TT_SCOPE_WORKLOAD ? TT_OK
		: tt_call_break(c, TT_EINVAL, "called %s(), which is for scope workload", service);
}

/* A pod that holds cards and ran in the window. */
static int is_run(const tt_snapshot *s, const tt_pod_row *p, tt_span *ret)
{
	return p->gpus > 0 && tt_pod_ran(s, p, ret) && ret->from_s < ret->to_s;
}

int tt_lend_workload(tt_call *c, const tt_subject *s, tt_workload *ret)
{
	tt_workload w = { .size = sizeof w, .workload_kind = "", .owner = "",
		          .restart_s = (double)NAN };
	const tt_snapshot *sn;
	const char *kind = "";
	const uint32_t *pods;
	size_t n;

	*ret = w;
	TT_TRY(of_workload(c, s, "workload"));
	sn = c->subjects->snapshot;
	for (size_t i = 0; i < sn->table[TT_WORKLOADS].n; i++) {
		const tt_workload_row *row = TT_ROW(&sn->table[TT_WORKLOADS], tt_workload_row, i);

		if (strcmp(row->workload, s->id) != 0)
			continue;
		kind = row->workload_kind;
		w.restart_s = row->restart_s;
	}
	pods = tt_placed_workload(&sn->placed, s->id, &n);
	for (size_t i = 0; i < n; i++) {
		const tt_pod_row *p = tt_pod_at(sn, pods[i]);
		tt_span life;

		if (!is_run(sn, p, &life))
			continue;

		const char *owner = tt_settings_owner(c->subjects->settings, p->labels,
		                                      p->namespace_, c->arena);

		if (!owner)
			return tt_call_break(c, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
		w.owner = !w.n_pods++ ? owner : strcmp(w.owner, owner) == 0 ? owner : "";
		if (!*w.workload_kind)
			w.workload_kind = p->workload_kind;
	}
	if (!*w.workload_kind)
		w.workload_kind = kind;
	*ret = w;
	return TT_OK;
}

struct reading {
	tt_activity *activity;
	double *mean, *peak;     /* [steps] of one pod */
	tt_spans idle;
	size_t cap;              /* of gaps_s */
};

static void close_reading(struct reading *r)
{
	tt_activity_close(r->activity);
	tt_free(r->mean);
	tt_free(r->peak);
	tt_spans_free(&r->idle);
}

static int add_pod(tt_call *c, struct reading *r, size_t pod, tt_span life, tt_gaps *g,
                   tt_err *err)
{
	int64_t known_s;

	TT_TRY(tt_activity_of_pod(r->activity, pod, life, r->mean, r->peak, err));
	TT_TRY(tt_activity_idle(c->subjects->snapshot, r->peak, life, &r->idle, &known_s, err));
	g->alive_s += (double)(life.to_s - life.from_s);
	g->measured_s += (double)known_s;
	if (g->n + r->idle.n > r->cap) {
		size_t cap = 2 * (g->n + r->idle.n);
		double *more = tt_call_alloc(c, cap * sizeof *more);

		if (!more)
			return tt_no_memory(err);
		if (g->n)
			memcpy(more, g->gaps_s, g->n * sizeof *more);
		g->gaps_s = more;
		r->cap = cap;
	}
	for (size_t i = 0; i < r->idle.n; i++)
		g->gaps_s[g->n++] = (double)(r->idle.v[i].to_s - r->idle.v[i].from_s);
	return TT_OK;
}

static int read_gaps(tt_call *c, const tt_subject *s, tt_gaps *g, tt_err *err)
{
	TT_CLEANUP(close_reading) struct reading r = { 0 };
	const tt_snapshot *sn = c->subjects->snapshot;
	size_t steps = tt_snapshot_steps(sn), n;
	const uint32_t *pods = tt_placed_workload(&sn->placed, s->id, &n);

	TT_TRY(tt_activity_open(sn, &r.activity, err));
	r.mean = tt_zalloc(steps, sizeof *r.mean);
	r.peak = tt_zalloc(steps, sizeof *r.peak);
	if (!r.mean || !r.peak)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		tt_span life;

		if (is_run(sn, tt_pod_at(sn, pods[i]), &life))
			TT_TRY(add_pod(c, &r, pods[i], life, g, err));
	}
	return TT_OK;
}

int tt_lend_gaps(tt_call *c, const tt_subject *s, tt_gaps *ret)
{
	tt_gaps g = { .size = sizeof g };
	tt_err err = { 0 };
	int rc;

	*ret = g;
	TT_TRY(of_workload(c, s, "gaps"));
	if (!tt_snapshot_steps(c->subjects->snapshot))
		return TT_ENODATA;
	rc = read_gaps(c, s, &g, &err);
	if (rc < 0) {
		c->unreadable |= rc == TT_EDATA || rc == TT_EIO;
		return tt_call_break(c, rc, "%s", err.text);
	}
	*ret = g;
	return TT_OK;
}

double tt_lend_best_timeout(tt_call *c, const tt_gaps *g, double cold_start_s)
{
	double *sorted = tt_call_alloc(c, (g->n + 1) * sizeof *sorted), timeout_s = 0;

	if (!sorted)
		return 0;
	if (g->n)
		memcpy(sorted, g->gaps_s, g->n * sizeof *sorted);
	tt_gaps_best_timeout(sorted, g->n, cold_start_s, &timeout_s);
	return timeout_s;
}
