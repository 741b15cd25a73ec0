/* latency.c - one workload after the other: when how many replicas were there and are there
 * then, cut with the requests into stretches in which nothing changes. */
#include "change/latency.h"
#include "base/memory.h"
#include "base/text.h"
#include "change/apply.h"
#include "change/pace.h"
#include "change/service.h"
#include "change/sizing.h"
#include "change/traffic.h"
#include "maths/latency.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double LATE_RATIO = 0.05;

enum count { BEFORE, AFTER, STARTING, COUNTS };

struct edge {
	int64_t at_s, step;
	enum count of;
};

struct stretch {                /* of time, in which nothing changes */
	int64_t from_s, to_s;
	double per_s;
	int64_t n[COUNTS];
};

struct after {                  /* what becomes of a workload, beside when who is there */
	double arrivals_ratio;  /* requests then for one of now */
	double replicas_ratio;  /* up to whole ones */
	double served_ratio;    /* how fast a replica serves */
	double cold_start_s;    /* for whom nobody is there; INFINITY: nobody comes */
};

struct times {
	tt_latency_time *v; size_t n, cap;
};

struct latency {
	const tt_change *c;
	const tt_snapshot *s;
	const tt_settings *st;
	tt_case then;           /* with the change, whose starts cost nothing */
	struct edge *edges; size_t n_edges, cap_edges;
	struct stretch *stretches; size_t n_stretches, cap_stretches;
	struct times before, after;
	double requests;
	bool unknown;           /* of one workload at least */
};

static void close_latency(struct latency *p)
{
	tt_case_reset(&p->then);
	tt_free(p->edges);
	tt_free(p->stretches);
	tt_free(p->before.v);
	tt_free(p->after.v);
}

/* --- Whose requests ------------------------------------------------------------------------ */

static int add_workload(const struct latency *p, size_t pod, tt_names *to, tt_err *err)
{
	const tt_pod_row *row = tt_pod_at(p->s, pod);

	if (tt_settings_is_system(p->st, row->namespace_) || !tt_pace_is_service(row))
		return TT_OK;
	return tt_names_add(to, row->workload, strlen(row->workload)) < 0 ? tt_no_memory(err) :
									    TT_OK;
}

static int add_targets(const struct latency *p, const tt_targets *t, tt_names *to, tt_err *err)
{
	for (size_t i = 0; i < t->n && !t->nodes; i++)
		TT_TRY(add_workload(p, t->v[i], to, err));
	for (size_t k = 0; k < p->s->table[TT_PODS].n && t->nodes; k++) {
		if (!tt_pace_is_service(tt_pod_at(p->s, k)))
			continue;
		const size_t node = tt_snapshot_find_node(p->s, tt_pod_at(p->s, k)->node);
		bool is = false;

		for (size_t i = 0; i < t->n && !is; i++)
			is = t->v[i] == node;
		if (is)
			TT_TRY(add_workload(p, k, to, err));
	}
	return TT_OK;
}

/* Services of which pods are named, or run on nodes that are. */
static int find_workloads(const struct latency *p, tt_names *to, tt_err *err)
{
	TT_CLEANUP(tt_targets_free) tt_targets t = { 0 };

	for (size_t i = 0; i < p->c->n_subjects; i++) {
		const tt_change_subject *subject = &p->c->subjects[i];

		if (subject->kind == TT_SUBJECT_FLEET || subject->kind == TT_SUBJECT_CARD) {
			for (size_t k = 0; k < p->s->table[TT_PODS].n; k++)
				TT_TRY(add_workload(p, k, to, err));
			continue;
		}
		TT_TRY(tt_targets_find(p->c, subject, p->s, &t, err));
		TT_TRY(add_targets(p, &t, to, err));
	}
	return TT_OK;
}

/* --- Who is there when --------------------------------------------------------------------- */

static int add_edge(struct latency *p, int64_t at_s, int64_t step, enum count of, tt_err *err)
{
	if (!TT_GROW(p->edges, p->n_edges, p->cap_edges))
		return tt_no_memory(err);
	p->edges[p->n_edges++] = (struct edge){ at_s, step, of };
	return TT_OK;
}

static int add_span(struct latency *p, int64_t from_s, int64_t to_s, int64_t step,
		    enum count of, tt_err *err)
{
	if (from_s >= to_s)
		return TT_OK;
	TT_TRY(add_edge(p, from_s, step, of, err));
	return add_edge(p, to_s, -step, of, err);
}

/* As many as the policy wants. */
static int count_wanted(struct latency *p, const tt_change_subject *subject, const tt_members *m,
			tt_err *err)
{
	const tt_change_arg *replicas = tt_change_get(p->c, "replicas");
	TT_CLEANUP(tt_sizing_free) tt_sizing z = { 0 };

	TT_TRY(tt_sizing_make(p->c, subject, m, p->s, &z, err));
	for (size_t i = 0; i < z.n; i++) {
		const int64_t from_s = p->s->start_s + (int64_t)i * z.step_s;

		TT_TRY(add_span(p, from_s, from_s + z.step_s, z.wanted[i], AFTER, err));
	}
	if (!z.n && replicas) /* nothing was measured, and nothing has to be */
		return add_span(p, p->s->start_s, p->s->end_s, (int64_t)replicas->number, AFTER,
				err);
	p->unknown |= !z.n;
	return TT_OK;
}

/* Stopped pods are there again when their start is over. */
static int take_stops(struct latency *p, const tt_member *m, struct after *a, tt_err *err)
{
	const tt_change_arg *said = tt_change_get(p->c, "cold_start_s");

	for (size_t i = 0; i < p->then.n_releases; i++) {
		const tt_release *r = &p->then.releases[i];
		const double start_s = said ? said->number : tt_service_cold_start_s(p->s, r);
		int64_t back_s;

		if (r->pod != m->what.pod || r->node != m->what.node)
			continue;
		if (isnan(start_s) || tt_change_get(p->c, "hours"))
			a->cold_start_s = (double)INFINITY;
		else if (start_s > a->cold_start_s)
			a->cold_start_s = start_s;
		p->unknown |= isnan(start_s);
		back_s = r->to_s < m->life.to_s && !isnan(start_s) ?
			 r->to_s + (int64_t)ceil(start_s) : r->to_s;
		back_s = back_s < m->life.to_s ? back_s : m->life.to_s;
		TT_TRY(add_span(p, r->from_s, back_s, -1, AFTER, err));
		TT_TRY(add_span(p, r->to_s, back_s, 1, STARTING, err));
	}
	return TT_OK;
}

static int count_replicas(struct latency *p, const tt_change_subject *subject,
			  const tt_members *m, struct after *a, tt_err *err)
{
	p->n_edges = 0;
	for (size_t i = 0; i < m->n; i++) {
		const tt_span life = m->v[i].life;

		TT_TRY(add_span(p, life.from_s, life.to_s, 1, BEFORE, err));
		if (p->c->verb != TT_RESIZE)
			TT_TRY(add_span(p, life.from_s, life.to_s, 1, AFTER, err));
		if (p->c->verb == TT_SCHEDULE)
			TT_TRY(take_stops(p, &m->v[i], a, err));
	}
	return p->c->verb == TT_RESIZE ? count_wanted(p, subject, m, err) : TT_OK;
}

/* --- How fast ------------------------------------------------------------------------------ */

/* Where a pod of the workload moves to; NULL: it does not. */
static const tt_release *move_of(const struct latency *p, const tt_member *m)
{
	for (size_t i = 0; i < p->then.n_releases; i++) {
		const tt_release *r = &p->then.releases[i];

		if (r->leave == TT_MOVES && r->terms && r->node == m->what.node &&
		    (r->pod == m->what.pod || r->pod == TT_NO_POD))
			return r;
	}
	return NULL;
}

static int find_pace(struct latency *p, const tt_release *r, uint32_t *pods, size_t n,
		     struct after *a, tt_err *err)
{
	const tt_change_arg *said = tt_change_get(p->c, "throughput_ratio");
	tt_needs *needs = NULL;
	tt_pace pace;

	TT_TRY(tt_needs_open(p->s, &needs, err));
	int rc = tt_pace_find(&p->then, needs, pods, n, tt_node_at(p->s, r->node)->gpu_model,
			      r->terms->gpu_model, said ? said->number : (double)NAN, &pace, err);
	tt_needs_close(needs);
	if (rc < 0)
		return rc;
	a->replicas_ratio = pace.pods_ratio;
	a->served_ratio = 1 / pace.cards_ratio;
	return TT_OK;
}

/* Those that move are slower or faster; the others are as they were: on average. */
static int find_moved(struct latency *p, const tt_members *m, struct after *a, tt_err *err)
{
	TT_CLEANUP(tt_freep) uint32_t *pods = tt_alloc((m->n + 1) * sizeof *pods);
	const tt_release *move = NULL;
	size_t moved = 0;

	if (!pods)
		return tt_no_memory(err);
	for (size_t i = 0; i < m->n; i++) {
		const tt_release *r = move_of(p, &m->v[i]);

		move = r ? r : move;
		pods[i] = m->v[i].what.pod;
		moved += r != NULL;
	}
	if (!moved)
		return TT_OK;
	if (p->c->verb == TT_SHARE)
		a->served_ratio = 1 / move->terms->slower_ratio;
	else
		TT_TRY(find_pace(p, move, pods, m->n, a, err));

	const double part = (double)moved / (double)m->n;

	a->replicas_ratio = 1 + part * (a->replicas_ratio - 1);
	a->served_ratio = 1 + part * (a->served_ratio - 1);
	return TT_OK;
}

/* --- Stretches ----------------------------------------------------------------------------- */

static int by_time(const void *pa, const void *pb)
{
	const struct edge *a = pa, *b = pb;

	return (a->at_s > b->at_s) - (a->at_s < b->at_s);
}

/* Cut each interval of the traffic where somebody comes or goes. */
static int cut(struct latency *p, const tt_traffic *t, tt_err *err)
{
	int64_t n[COUNTS] = { 0 };
	size_t at = 0;

	if (p->n_edges)
		qsort(p->edges, p->n_edges, sizeof *p->edges, by_time);
	p->n_stretches = 0;
	for (size_t i = 0; i < t->n; i++) {
		const int64_t to_s = p->s->start_s + (int64_t)(i + 1) * t->step_s;
		int64_t from_s = to_s - t->step_s;

		while (from_s < to_s) {
			int64_t next_s = to_s;

			for (; at < p->n_edges && p->edges[at].at_s <= from_s; at++)
				n[p->edges[at].of] += p->edges[at].step;
			if (at < p->n_edges && p->edges[at].at_s < to_s)
				next_s = p->edges[at].at_s;
			if (!TT_GROW(p->stretches, p->n_stretches, p->cap_stretches))
				return tt_no_memory(err);
			p->stretches[p->n_stretches++] = (struct stretch){
				from_s, next_s, t->per_s[i],
				{ n[BEFORE], n[AFTER], n[STARTING] } };
			from_s = next_s;
		}
	}
	return TT_OK;
}

static int add_time(struct times *to, const tt_latency_time *t, tt_err *err)
{
	tt_latency_time *last = to->n ? &to->v[to->n - 1] : NULL;

	if (last && last->arrivals_per_s == t->arrivals_per_s && last->servers == t->servers &&
	    last->served_per_s == t->served_per_s && last->delay_s == t->delay_s) {
		last->requests += t->requests;
		return TT_OK;
	}
	if (!TT_GROW(to->v, to->n, to->cap))
		return tt_no_memory(err);
	to->v[to->n++] = *t;
	return TT_OK;
}

/* Whether it is a policy that starts more where there are too few. */
static bool follows(const tt_change *c)
{
	const tt_change_arg *policy = tt_change_get(c, "policy");

	return c->verb == TT_SCHEDULE || (policy && strcmp(policy->text, "quantile") != 0);
}

/* Requests that come while too few are there wait for the start that is under way, or for one
 * of their own, and then for as many as there were. Backwards: when there are enough next is
 * known. */
static int add_stretches(struct latency *p, double capacity, const struct after *a, tt_err *err)
{
	const bool starts = follows(p->c);
	int64_t next_s = INT64_MAX;

	for (size_t i = p->n_stretches; i-- > 0;) {
		const struct stretch *x = &p->stretches[i];
		const double requests = x->per_s * (double)(x->to_s - x->from_s);
		const double mid_s = (double)x->from_s + (double)(x->to_s - x->from_s) / 2;
		const bool enough = isnan(x->per_s) || x->per_s < (double)x->n[AFTER] * capacity;
		tt_latency_time t = { .requests = requests, .arrivals_per_s = x->per_s,
				      .served_per_s = capacity, .servers = x->n[BEFORE] };

		if (enough)
			next_s = x->from_s;
		if (isnan(requests) || !(requests > 0) || x->n[BEFORE] < 1)
			continue; /* nobody asked, or nobody was seen who could be asked */
		TT_TRY(add_time(&p->before, &t, err));
		p->requests += requests;
		t.requests *= a->arrivals_ratio;
		t.arrivals_per_s *= a->arrivals_ratio;
		t.served_per_s *= a->served_ratio;
		if (!enough && starts)
			t.delay_s = x->n[STARTING] > 0 && next_s != INT64_MAX ?
				    fmin((double)next_s - mid_s, a->cold_start_s) :
				    a->cold_start_s;
		else
			t.servers = (int64_t)ceil((double)x->n[AFTER] * a->replicas_ratio - 1e-9);
		TT_TRY(add_time(&p->after, &t, err));
	}
	return TT_OK;
}

/* --- One workload -------------------------------------------------------------------------- */

/* What the verb says of it; false where nobody can say. */
static bool is_told(const tt_change *c, struct after *ret)
{
	const tt_change_arg *factor = tt_change_get(c, "factor");
	const tt_change_arg *stream = tt_change_get(c, "stream");
	const tt_change_arg *ready = tt_change_get(c, "ready_s");

	*ret = (struct after){ 1, 1, 1, 0 };
	if (c->verb == TT_SCALE) {
		if (!factor || tt_change_get(c, "profile") ||
		    (stream && strcmp(stream->text, "requests") != 0))
			return false;
		ret->arrivals_ratio = ret->replicas_ratio = factor->number;
		return true;
	}
	if (c->verb == TT_RESIZE) { /* where none is there, one is started */
		ret->cold_start_s = ready ? ready->number : 0;
		return c->subjects[0].kind == TT_SUBJECT_WORKLOAD;
	}
	return c->verb == TT_RETYPE || c->verb == TT_SHARE ||
	       (c->verb == TT_SCHEDULE && c->subjects[0].kind != TT_SUBJECT_NODE &&
		c->subjects[0].kind != TT_SUBJECT_NODE_GROUP);
}

static int add_one(struct latency *p, const char *workload, tt_err *err)
{
	const tt_change_subject subject = { TT_SUBJECT_WORKLOAD, workload };
	const tt_workload_row *row = tt_workload_row_of(p->s, workload);
	TT_CLEANUP(tt_traffic_free) tt_traffic t = { 0 };
	TT_CLEANUP(tt_targets_free) tt_targets targets = { 0 };
	TT_CLEANUP(tt_members_free) tt_members m = { 0 };
	tt_err why = { 0 };
	struct after a;

	if (!is_told(p->c, &a) || !row || !(row->capacity_per_replica > 0) ||
	    tt_traffic_requests(p->s, workload, &t, &why) < 0) {
		p->unknown = true;
		return why.status == TT_ENOMEM ? tt_no_memory(err) : TT_OK;
	}
	TT_TRY(tt_targets_find(p->c, &subject, p->s, &targets, err));
	TT_TRY(tt_members_make(&targets, p->s, &m, err));
	TT_TRY(count_replicas(p, &subject, &m, &a, err));
	if (p->c->verb == TT_RETYPE || p->c->verb == TT_SHARE)
		TT_TRY(find_moved(p, &m, &a, err));
	p->unknown |= isnan(a.served_ratio) || isnan(a.replicas_ratio);
	TT_TRY(cut(p, &t, err));
	return p->unknown ? TT_OK : add_stretches(p, row->capacity_per_replica, &a, err);
}

static int add_all(struct latency *p, const tt_names *workloads, tt_err *err)
{
	const tt_change bare = tt_change_without(p->c, "cold_start_s");

	if (tt_names_count(workloads) &&
	    (p->c->verb == TT_SCHEDULE || p->c->verb == TT_RETYPE || p->c->verb == TT_SHARE))
		TT_TRY(tt_change_apply(&bare, &p->then, err));
	for (size_t i = 0; i < tt_names_count(workloads) && !p->unknown; i++)
		TT_TRY(add_one(p, tt_names_at(workloads, i), err));
	return TT_OK;
}

static void free_names(tt_names **names)
{
	tt_names_free(*names);
}

int tt_change_latency(const tt_change *c, const tt_snapshot *s, const tt_settings *st,
		      tt_request_latency *ret, tt_err *err)
{
	TT_CLEANUP(free_names) tt_names *workloads = tt_names_new();
	TT_CLEANUP(close_latency) struct latency p = { .c = c, .s = s, .st = st };

	*ret = (tt_request_latency){ NAN, NAN, NAN };
	tt_case_init(&p.then, s, st);
	if (!workloads)
		return tt_no_memory(err);
	TT_TRY(find_workloads(&p, workloads, err));
	TT_TRY(add_all(&p, workloads, err));
	if (p.unknown)
		return TT_OK;
	ret->requests = p.requests;
	if (p.requests > 0 && isinf(tt_latency_quantile_s(p.before.v, p.before.n, LATE_RATIO)))
		return TT_OK; /* what is served now is more than the capacity that is said */
	ret->p95_before_ms = 1e3 * tt_latency_quantile_s(p.before.v, p.before.n, LATE_RATIO);
	ret->p95_after_ms = 1e3 * tt_latency_quantile_s(p.after.v, p.after.n, LATE_RATIO);
	return TT_OK;
}
