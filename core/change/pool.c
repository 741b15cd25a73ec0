#include "change/pool.h"
#include "base/memory.h"
#include "change/bridge.h"
#include "change/repack.h"
#include "change/stops.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IDLE_TIMEOUT_S = 600 }; /* where a change says none: what cluster autoscalers do */

tt_pool_delays tt_pool_delays_of(const tt_snapshot *s, const char *group)
{
	const tt_node_group_row *row = tt_node_group_row_of(s, group);
	tt_pool_delays d = { 0 };

	if (row && row->min_nodes > 0)
		d.min_nodes = (int64_t)ceil(row->min_nodes);
	if (row && row->boot_s > 0)
		d.boot_s = (int64_t)ceil(row->boot_s);
	if (row && row->drain_s > 0)
		d.drain_s = (int64_t)ceil(row->drain_s);
	return d;
}

int tt_pool_unknown(const char *verb, const char *group, tt_err *err)
{
	return tt_fail(err, TT_ENODATA,
		       "%s: it is not known which pods ran on the nodes of node_group \"%s\", "
		       "so not when they were empty", verb, group);
}

/* A number of the change, rounded up; else `none`. */
static int64_t number(const tt_change *c, const char *key, int64_t none)
{
	const tt_change_arg *arg = tt_change_get(c, key);

	return arg ? (int64_t)ceil(arg->number) : none;
}

/* --- When nodes are empty ------------------------------------------------------------- */

/* When nothing runs on the node outside the system namespaces, of `life`. */
static int find_empty(const tt_case *cs, const tt_residents *r, size_t node, tt_span life,
		      tt_spans *ret, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans busy = { 0 };
	const tt_spans all = { .v = &life, .n = 1 };

	TT_TRY(tt_node_busy(cs->snapshot, cs->settings, r, node, &busy, err));
	return tt_spans_subtract(&all, &busy, ret, err);
}

struct policy {
	int64_t min_nodes, away_after_s, idle_s, drain_s, boot_s;
};

/* When the policy alone would have the node gone, into m->gone. */
static int find_stops(const tt_change *c, const tt_case *cs, const tt_residents *r,
		      const struct policy *p, tt_member *m, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans empty = { 0 }, off = { 0 };
	const tt_span force = tt_change_force(c, cs->snapshot);
	tt_span life = m->life;

	if (life.from_s < force.from_s)
		life.from_s = force.from_s;
	if (life.to_s > force.to_s)
		life.to_s = force.to_s;
	if (life.from_s >= life.to_s)
		return TT_OK;
	TT_TRY(find_empty(cs, r, m->what.node, life, &empty, err));
	TT_TRY(tt_stops_after(&empty, p->away_after_s, &off, err));
	return tt_stops_free(&off, m->life.to_s, p->boot_s, &m->gone, err);
}

/* --- Never fewer than min_nodes --------------------------------------------------------- */

enum { COMES, ENDS, MAY_GO, MUST_BE_BACK };

struct event {
	int64_t at_s;
	int kind;
	size_t member;
};

struct standing {               /* of one node, now */
	bool alive, may_go, gone;
	int64_t may_go_s, gone_s; /* since when */
};

struct floor {
	tt_members *m;
	struct standing *now;
	tt_spans *gone;         /* [members] what comes out */
	int64_t min_nodes, present, waiting;
};

static int by_time(const void *pa, const void *pb)
{
	const struct event *a = pa, *b = pb;

	if (a->at_s != b->at_s)
		return a->at_s < b->at_s ? -1 : 1;
	if (a->member != b->member)
		return a->member < b->member ? -1 : 1;
	return a->kind - b->kind;
}

static int come_back(struct floor *f, size_t i, int64_t at_s, tt_err *err)
{
	struct standing *s = &f->now[i];

	if (!s->gone)
		return TT_OK;
	s->gone = false;
	f->present++;
	f->waiting += s->may_go;
	return tt_spans_add(&f->gone[i], s->gone_s, at_s, err);
}

static int happen(struct floor *f, const struct event *e, tt_err *err)
{
	struct standing *s = &f->now[e->member];

	switch (e->kind) {
	case COMES:
		s->alive = true;
		f->present++;
		return TT_OK;
	case MAY_GO:
		s->may_go = true;
		s->may_go_s = e->at_s;
		f->waiting++;
		return TT_OK;
	case MUST_BE_BACK:
		TT_TRY(come_back(f, e->member, e->at_s, err));
		f->waiting -= s->may_go;
		s->may_go = false;
		return TT_OK;
	default: /* ENDS */
		TT_TRY(come_back(f, e->member, e->at_s, err));
		f->waiting -= s->may_go;
		*s = (struct standing){ 0 };
		f->present--;
		return TT_OK;
	}
}

/* Bring back the first of those that are gone while too few are there; let the one go that
 * has been empty for longest, of several the last, while there are more. */
static int settle(struct floor *f, int64_t at_s, tt_err *err)
{
	for (size_t i = 0; i < f->m->n && f->present < f->min_nodes; i++)
		TT_TRY(come_back(f, i, at_s, err));
	while (f->waiting && f->present > f->min_nodes) {
		size_t best = SIZE_MAX;

		for (size_t i = 0; i < f->m->n; i++) {
			const struct standing *s = &f->now[i];

			if (s->may_go && !s->gone &&
			    (best == SIZE_MAX || s->may_go_s <= f->now[best].may_go_s))
				best = i;
		}
		f->now[best].gone = true;
		f->now[best].gone_s = at_s;
		f->waiting--;
		f->present--;
	}
	return TT_OK;
}

/* Of what the policy alone would have gone, what the floor leaves. */
static int keep_floor(struct floor *f, struct event *v, tt_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < f->m->n; i++) {
		const tt_member *m = &f->m->v[i];

		v[n++] = (struct event){ m->life.from_s, COMES, i };
		v[n++] = (struct event){ m->life.to_s, ENDS, i };
		for (size_t j = 0; j < m->gone.n; j++) {
			v[n++] = (struct event){ m->gone.v[j].from_s, MAY_GO, i };
			if (m->gone.v[j].to_s < m->life.to_s)
				v[n++] = (struct event){ m->gone.v[j].to_s, MUST_BE_BACK, i };
		}
	}
	qsort(v, n, sizeof *v, by_time);
	for (size_t i = 0; i < n; i++) {
		TT_TRY(happen(f, &v[i], err));
		if (i + 1 == n || v[i + 1].at_s != v[i].at_s)
			TT_TRY(settle(f, v[i].at_s, err));
	}
	for (size_t i = 0; i < f->m->n; i++) {
		tt_spans policy = f->m->v[i].gone;

		f->m->v[i].gone = f->gone[i];
		f->gone[i] = policy;
	}
	return TT_OK;
}

static int apply_floor(tt_members *m, int64_t min_nodes, tt_err *err)
{
	struct floor f = { .m = m, .min_nodes = min_nodes };
	TT_CLEANUP(tt_freep) struct event *events = NULL;
	TT_CLEANUP(tt_freep) struct standing *now = tt_zalloc(m->n + 1, sizeof *now);
	TT_CLEANUP(tt_freep) tt_spans *gone = tt_zalloc(m->n + 1, sizeof *gone);
	size_t n = 2 * m->n;

	for (size_t i = 0; i < m->n; i++)
		n += 2 * m->v[i].gone.n;
	events = tt_zalloc(n + 1, sizeof *events);
	if (!now || !gone || !events)
		return tt_no_memory(err);
	f.now = now;
	f.gone = gone;

	int rc = keep_floor(&f, events, err);
	for (size_t i = 0; i < m->n; i++)
		tt_spans_free(&gone[i]);
	return rc;
}

/* --- Both ways of resizing ---------------------------------------------------------------- */

static int keep_number(const tt_change *c, tt_members *m, const tt_snapshot *s, int64_t wanted,
		       tt_err *err)
{
	TT_CLEANUP(tt_sitting_free) tt_sitting all = { 0 };
	const tt_span force = tt_change_force(c, s);

	TT_TRY(tt_sitting_move(&all, m, force, err));
	return tt_sitting_keep(&all, m, force, wanted, err);
}

static int find_all_stops(const tt_change *c, const tt_case *cs, const tt_residents *r,
			  const struct policy *p, const tt_life *lives, tt_members *m,
			  size_t *ret_known, tt_err *err)
{
	*ret_known = 0;
	for (size_t i = 0; i < m->n; i++) {
		if (!lives[i].known)
			continue;
		++*ret_known;
		TT_TRY(find_stops(c, cs, r, p, &m->v[i], err));
	}
	return TT_OK;
}

static int consolidate(const tt_change *c, const tt_change_subject *group,
		       const tt_repack_rules *rules, int64_t boot_s, tt_members *m,
		       const tt_case *cs, tt_err *err)
{
	tt_span force = tt_change_force(c, cs->snapshot);
	const tt_spans when = { .v = &force, .n = force.from_s < force.to_s };
	tt_repack_result ret = { .moves = 0 };
	tt_case as_it_was; /* whatever else is changed, so that the order does not matter */
	int rc;

	tt_case_init(&as_it_was, cs->snapshot, cs->settings);
	rc = tt_repack_members(&as_it_was, &when, rules, boot_s, m, &ret, err);
	return rc == TT_ENODATA ? tt_pool_unknown("resize", group->id, err) : rc;
}

/* Whether it may move pods. */
static bool packs(const tt_change *c)
{
	const tt_change_arg *arg = tt_change_get(c, "consolidates");

	return arg && strcmp(arg->text, "true") == 0;
}

static struct policy policy_of(const tt_change *c, const tt_change_subject *group,
			       const tt_snapshot *s)
{
	const tt_pool_delays d = tt_pool_delays_of(s, group->id);
	struct policy p = { .min_nodes = number(c, "min_nodes", d.min_nodes),
			    .idle_s = number(c, "idle_timeout_s", IDLE_TIMEOUT_S),
			    .drain_s = number(c, "drain_s", d.drain_s),
			    .boot_s = number(c, "boot_s", d.boot_s) };

	p.away_after_s = p.idle_s + p.drain_s;
	return p;
}

/* Nodes that went are kept for those that came after them: as long as the policy says (where
 * the change has one: `lets_go`), and for the floor of the change. */
static int bridge(const tt_change *c, const tt_change_subject *group, const struct policy *p,
		  bool lets_go, const tt_life *lives, tt_members *m, const tt_snapshot *s,
		  tt_extras *extras, tt_err *err)
{
	TT_CLEANUP(tt_freep) bool *alike = tt_zalloc(m->n + 1, sizeof *alike);
	const tt_bridge_rules rules = { .force = tt_change_force(c, s),
					.idle_s = lets_go ? p->idle_s : -1,
					.min_nodes = number(c, "min_nodes", 0),
					.boot_s = p->boot_s, .drain_s = p->drain_s,
					.alike = alike };

	if (!alike)
		return tt_no_memory(err);
	TT_TRY(tt_shape_alike(c, group->id, s, m, alike, err));
	return tt_bridge(&rules, lives, m, extras, err);
}

static int follow_policy(const tt_change *c, const tt_change_subject *group, bool lets_go,
			 const tt_residents *r, tt_members *m, tt_case *cs, tt_extras *extras,
			 tt_err *err)
{
	const struct policy p = policy_of(c, group, cs->snapshot);
	TT_CLEANUP(tt_freep) tt_life *lives = tt_zalloc(m->n + 1, sizeof *lives);
	size_t known;

	if (!lives)
		return tt_no_memory(err);
	TT_TRY(tt_lives_find(cs->snapshot, cs->settings, r, m, (double)p.drain_s, lives, err));
	if (lets_go) {
		TT_TRY(find_all_stops(c, cs, r, &p, lives, m, &known, err));
		if (!known)
			return tt_pool_unknown("resize", group->id, err);
		if (p.min_nodes > 0)
			TT_TRY(apply_floor(m, p.min_nodes, err));
	}
	return bridge(c, group, &p, lets_go, lives, m, cs->snapshot, extras, err);
}

static int consolidate_by(const tt_change *c, const tt_change_subject *group, tt_members *m,
			  tt_case *cs, tt_extras *extras, tt_err *err)
{
	const struct policy p = policy_of(c, group, cs->snapshot);
	const tt_change_arg *target = tt_change_get(c, "target_ratio");
	const tt_repack_rules rules = { .min_nodes = p.min_nodes, .drain_s = p.drain_s,
					.idle_timeout_s = p.idle_s, .target_u6 = target ?
					llround(target->number * 1e6) : INT64_MAX };

	TT_TRY(tt_extras_of(m, tt_change_force(c, cs->snapshot), number(c, "min_nodes", 0),
			    extras, err));
	return consolidate(c, group, &rules, p.boot_s, m, cs, err);
}

/* --- What an autoscaler would have to move -------------------------------------------------- */

/* The most that are there at once with what the policy has gone. */
static int most_left(const tt_members *m, int64_t *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_edge *edges = NULL;
	int64_t now = 0;
	size_t n = 2 * m->n;

	for (size_t i = 0; i < m->n; i++)
		n += 2 * m->v[i].gone.n;
	edges = tt_zalloc(n + 1, sizeof *edges);
	if (!edges)
		return tt_no_memory(err);
	n = 0;
	for (size_t i = 0; i < m->n; i++) {
		const tt_member *one = &m->v[i];

		edges[n++] = (tt_edge){ one->life.from_s, 1 };
		edges[n++] = (tt_edge){ one->life.to_s, -1 };
		for (size_t k = 0; k < one->gone.n; k++) {
			edges[n++] = (tt_edge){ one->gone.v[k].from_s, -1 };
			edges[n++] = (tt_edge){ one->gone.v[k].to_s, 1 };
		}
	}
	tt_edges_sort(edges, n);
	*ret = 0;
	for (size_t i = 0; i < n; i++) {
		now += edges[i].step;
		if ((i + 1 == n || edges[i + 1].at_s != edges[i].at_s) && now > *ret)
			*ret = now;
	}
	return TT_OK;
}

/* Whether max_nodes is enough without a pod that waits. */
static int check_most(const tt_change *c, const tt_members *m, tt_err *err)
{
	const tt_change_arg *most = tt_change_get(c, "max_nodes");
	int64_t needed = 0;

	if (!most)
		return TT_OK;
	TT_TRY(most_left(m, &needed, err));
	if (most->number >= (double)needed)
		return TT_OK;
	return tt_fail(err, TT_EINVAL,
		       "resize with max_nodes=%s is not priced: %" PRId64 " nodes are needed at "
		       "once, and pods without a place would have to wait", most->text, needed);
}

/* What share of the node its pods asked for, as they come and go. */
static int find_asked(const tt_case *cs, const tt_residents *r, size_t node, bool cards,
		      tt_edge **ret, size_t *ret_n, bool *ret_known, tt_err *err)
{
	tt_edge *v = tt_zalloc(2 * (r->first[node + 1] - r->first[node]) + 1, sizeof *v);
	size_t n = 0;

	*ret = v;
	*ret_known = true;
	if (!v)
		return tt_no_memory(err);
	for (size_t i = r->first[node]; i < r->first[node + 1]; i++) {
		const tt_pod_row *p = tt_pod_at(cs->snapshot, r->pod[i]);
		const double asked = cards ? p->gpus : p->cpus;
		tt_span ran;

		if (tt_settings_is_system(cs->settings, p->namespace_) ||
		    !tt_pod_ran(cs->snapshot, p, &ran))
			continue;
		*ret_known &= !isnan(asked);
		v[n++] = (tt_edge){ ran.from_s, (int64_t)tt_millionths(asked) };
		v[n++] = (tt_edge){ ran.to_s, -(int64_t)tt_millionths(asked) };
	}
	tt_edges_sort(v, n);
	*ret_n = n;
	return TT_OK;
}

/* The longest time in which the node is asked for less than target_u6 and not for nothing. */
static int64_t longest_under(const tt_edge *v, size_t n, int64_t target_u6, tt_span force)
{
	int64_t asked = 0, since_s = 0, longest_s = 0;
	bool under = false;

	for (size_t i = 0; i < n; i++) {
		asked += v[i].step;
		if (i + 1 < n && v[i + 1].at_s == v[i].at_s)
			continue;

		const bool now = asked > 0 && asked < target_u6;
		int64_t at_s = v[i].at_s > force.from_s ? v[i].at_s : force.from_s;

		at_s = at_s < force.to_s ? at_s : force.to_s;
		if (under && at_s - since_s > longest_s)
			longest_s = at_s - since_s;
		if (now && !under)
			since_s = at_s;
		under = now;
	}
	return longest_s;
}

/* A node that is asked for less than target_ratio is unneeded once its pods are moved. Where
 * there was none for as long as the policy waits, target_ratio changes nothing. */
static int check_target(const tt_change *c, const tt_case *cs, const tt_residents *r,
			const tt_members *m, int64_t idle_timeout_s, tt_err *err)
{
	const tt_change_arg *target = tt_change_get(c, "target_ratio");
	const tt_span force = tt_change_force(c, cs->snapshot);

	for (size_t i = 0; i < m->n && target; i++) {
		TT_CLEANUP(tt_freep) tt_edge *v = NULL;
		const tt_node_row *row = tt_node_at(cs->snapshot, m->v[i].what.node);
		const int64_t cards_u6 =
			(int64_t)tt_node_cards_u6(cs->snapshot, m->v[i].what.node);
		const int64_t size_u6 = cards_u6 ? cards_u6 : (int64_t)tt_millionths(row->cpus);
		int64_t under_s;
		size_t n = 0;
		bool known;

		TT_TRY(find_asked(cs, r, m->v[i].what.node, cards_u6 > 0, &v, &n, &known, err));
		if (!known || (n && !size_u6))
			return tt_fail(err, TT_ENODATA,
				       "resize: what the pods of node \"%s\" ask for is not known, "
				       "which target_ratio needs", row->node);
		under_s = longest_under(v, n, llround(target->number * (double)size_u6), force);
		if (under_s > idle_timeout_s)
			return tt_fail(err, TT_EINVAL,
				       "resize with target_ratio=%s is not priced: node \"%s\" is "
				       "asked for less during %" PRId64 " s at once, and its pods "
				       "would have to be packed anew", target->text, row->node,
				       under_s);
	}
	return TT_OK;
}

/* --- What is asked for --------------------------------------------------------------------- */

/* No autoscaler: the pool has its peak all the time. */
static int keep_peak(const tt_change *c, const tt_members *m, const tt_snapshot *s,
		     tt_extras *extras, tt_err *err)
{
	const tt_change_arg *least = tt_change_get(c, "min_nodes");
	size_t ran;

	TT_TRY(check_most(c, m, err));
	TT_TRY(tt_members_most(m, &ran, err));
	return tt_extras_of(m, tt_change_force(c, s),
			   least && least->number > (double)ran ? (int64_t)least->number :
			   (int64_t)ran, extras, err);
}

int tt_pool_resize(const tt_change *c, const tt_change_subject *group, tt_members *m,
		   tt_case *cs, tt_extras *extras, tt_err *err)
{
	const tt_change_arg *nodes = tt_change_get(c, "nodes");
	const tt_change_arg *least = tt_change_get(c, "min_nodes");
	const tt_change_arg *autoscaler = tt_change_get(c, "autoscaler");
	const bool lets_go = autoscaler || tt_change_get(c, "idle_timeout_s");
	const tt_residents r = tt_residents_of(cs->snapshot);

	if (autoscaler && strcmp(autoscaler->text, "none") == 0)
		return keep_peak(c, m, cs->snapshot, extras, err);
	if (nodes) {
		TT_TRY(keep_number(c, m, cs->snapshot, (int64_t)nodes->number, err));
		return tt_extras_of(m, tt_change_force(c, cs->snapshot), (int64_t)nodes->number,
				    extras, err);
	}
	if (lets_go && packs(c)) {
		TT_TRY(consolidate_by(c, group, m, cs, extras, err));
		return check_most(c, m, err);
	}
	if (lets_go || least) {
		if (lets_go)
			TT_TRY(check_target(c, cs, &r, m, number(c, "idle_timeout_s",
								 IDLE_TIMEOUT_S), err));
		TT_TRY(follow_policy(c, group, lets_go, &r, m, cs, extras, err));
	}
	return check_most(c, m, err);
}
