#include "change/bridge.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/* A run that ended so shortly before its node went with it; evicted pods are told to go
 * before the node is gone. */
enum { GRACE_S = 300 };

/* --- What became of a node --------------------------------------------------------------- */

int tt_node_busy(const tt_snapshot *s, const tt_settings *st, const tt_residents *r, size_t node,
		 tt_spans *ret, tt_err *err)
{
	size_t first, n;
	tt_span ran;

	ret->n = 0;
	for (size_t i = r->first[node]; i < r->first[node + 1]; i++) {
		const tt_pod_row *p = tt_pod_at(s, r->pod[i]);

		if (!tt_settings_is_system(st, p->namespace_) && tt_pod_ran(s, p, &ran))
			TT_TRY(tt_spans_add(ret, ran.from_s, ran.to_s, err));
	}
	tt_node_carriers(s, node, &first, &n);
	for (size_t i = first; i < first + n; i++) {
		const tt_carrier *k = &s->carriers[i];

		for (size_t j = k->first_holding; j < k->first_holding + k->n_holdings; j++)
			TT_TRY(tt_spans_add(ret, s->holdings[j].from_s, s->holdings[j].to_s,
					    err));
	}
	tt_spans_tidy(ret);
	return TT_OK;
}

bool tt_broke_off(const tt_pod_row *p, tt_span ran, int64_t gone_s, double drain_s)
{
	const double grace_s = drain_s > GRACE_S ? drain_s : GRACE_S;

	return p->gpus > 0 && (double)ran.to_s + grace_s >= (double)gone_s &&
	       (strcmp(p->outcome, "preempted") == 0 || strcmp(p->outcome, "failed") == 0);
}

/* Nobody of ours would have broken off what ran. */
static bool was_taken(const tt_snapshot *s, const tt_settings *st, const tt_residents *r,
		      size_t node, int64_t gone_s, double drain_s)
{
	if (strcmp(tt_node_at(s, node)->pricing, "spot") != 0)
		return false;
	for (size_t i = r->first[node]; i < r->first[node + 1]; i++) {
		const tt_pod_row *p = tt_pod_at(s, r->pod[i]);
		tt_span ran;

		if (!tt_settings_is_system(st, p->namespace_) && tt_pod_ran(s, p, &ran) &&
		    tt_broke_off(p, ran, gone_s, drain_s))
			return true;
	}
	return false;
}

static int find_life(const tt_snapshot *s, const tt_settings *st, const tt_residents *r,
		     const tt_member *m, double drain_s, tt_life *ret, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans busy = { 0 };
	const size_t node = m->what.node;
	const tt_node_row *row = tt_node_at(s, node);

	ret->came = row->started_at != TT_TIME_MISSING && row->started_at >= s->start_s;
	ret->went = row->ended_at != TT_TIME_MISSING && row->ended_at < s->end_s;
	ret->busy_s = m->life.to_s;
	ret->empty_s = m->life.from_s;
	if (!ret->known)
		return TT_OK;
	TT_TRY(tt_node_busy(s, st, r, node, &busy, err));
	for (size_t i = 0; i < busy.n; i++) {
		const tt_span *b = &busy.v[i];

		if (b->from_s >= m->life.to_s || b->to_s <= m->life.from_s)
			continue;
		if (ret->busy_s == m->life.to_s)
			ret->busy_s = b->from_s > m->life.from_s ? b->from_s : m->life.from_s;
		ret->empty_s = b->to_s < m->life.to_s ? b->to_s : m->life.to_s;
	}
	ret->taken = ret->went && was_taken(s, st, r, node, m->life.to_s, drain_s);
	return TT_OK;
}

int tt_lives_find(const tt_snapshot *s, const tt_settings *st, const tt_residents *r,
		  const tt_members *m, double drain_s, tt_life *ret, tt_err *err)
{
	tt_places *places = NULL;
	int rc = tt_places_make(s, r, &places, err);

	for (size_t i = 0; i < m->n && rc == TT_OK; i++) {
		const size_t node = m->v[i].what.node;

		ret[i] = (tt_life){ .known = tt_places_known(places, node,
							     tt_node_cards_u6(s, node) > 0) };
		rc = find_life(s, st, r, &m->v[i], drain_s, &ret[i], err);
	}
	tt_places_free(places);
	return rc;
}

/* --- Coming and going in order ------------------------------------------------------------- */

enum { GOES, COMES };

struct step {
	int64_t at_s;
	int kind;
	size_t member;
};

/* Who goes, goes before another comes. */
static int by_time(const void *pa, const void *pb)
{
	const struct step *a = pa, *b = pb;

	if (a->at_s != b->at_s)
		return a->at_s < b->at_s ? -1 : 1;
	return a->kind != b->kind ? a->kind - b->kind : (a->member > b->member) -
							(a->member < b->member);
}

static int find_steps(const tt_members *m, const tt_life *lives, struct step **ret, size_t *ret_n,
		      tt_err *err)
{
	struct step *v = tt_zalloc(2 * m->n + 1, sizeof *v);
	size_t n = 0;

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < m->n; i++) {
		if (lives[i].came)
			v[n++] = (struct step){ m->v[i].life.from_s, COMES, i };
		if (lives[i].went)
			v[n++] = (struct step){ m->v[i].life.to_s, GOES, i };
	}
	if (n)
		qsort(v, n, sizeof *v, by_time);
	*ret = v;
	*ret_n = n;
	return TT_OK;
}

/* Seconds that it takes until a pod runs on it, at most a boot; 0 where nobody knows. */
static int64_t boots_s(const tt_member *m, const tt_life *l, int64_t boot_s)
{
	const int64_t head_s = l->known ? l->busy_s - m->life.from_s : 0;

	return head_s < boot_s ? head_s : boot_s;
}

static int64_t emptied_s(const tt_member *m, const tt_life *l, int64_t drain_s)
{
	return l->known ? l->empty_s : m->life.to_s - drain_s;
}

int tt_bridge_gaps(const tt_members *m, const tt_life *lives, int64_t boot_s, int64_t drain_s,
		   tt_bridge_gap **ret, size_t *ret_n, tt_err *err)
{
	TT_CLEANUP(tt_freep) struct step *steps = NULL;
	TT_CLEANUP(tt_freep) size_t *open = tt_zalloc(m->n + 1, sizeof *open);
	tt_bridge_gap *v = NULL;
	size_t n_steps, n_open = 0;
	int64_t there = 0;

	*ret_n = 0;
	TT_TRY(find_steps(m, lives, &steps, &n_steps, err));
	*ret = v = tt_zalloc(m->n + 1, sizeof *v);
	if (!v || !open)
		return tt_no_memory(err);
	for (size_t i = 0; i < m->n; i++)
		there += !lives[i].came;
	for (size_t i = 0; i < n_steps; i++) {
		const size_t at = steps[i].member;

		if (steps[i].kind == GOES) {
			open[n_open++] = at;
			there--;
			continue;
		}
		there++;
		if (!n_open || lives[open[--n_open]].taken)
			continue;

		const tt_member *was = &m->v[open[n_open]];
		const int64_t from_s = emptied_s(was, &lives[open[n_open]], drain_s);

		v[(*ret_n)++] = (tt_bridge_gap){
			.level = there, .gap_s = steps[i].at_s - from_s,
			.paid_s = was->life.to_s - from_s +
				(lives[at].known ? boots_s(&m->v[at], &lives[at], boot_s) : boot_s)
		};
	}
	return TT_OK;
}

/* --- Keeping them ------------------------------------------------------------------------- */

struct kept {
	int64_t until_s;        /* when it is given up, unless the floor needs it */
};

struct keeping {
	const tt_bridge_rules *rules;
	tt_members *m;
	const tt_life *lives;
	struct kept *v; size_t n; /* the last that emptied is last */
	int64_t there;          /* members that are */
	int64_t more;           /* than those, as of the last note() */
	tt_edge *edges; size_t n_edges;
};

static void pay(struct keeping *k, int64_t from_s, int64_t to_s)
{
	if (to_s > k->rules->force.to_s)
		to_s = k->rules->force.to_s;
	if (from_s >= to_s)
		return;
	k->edges[k->n_edges++] = (tt_edge){ from_s, 1 };
	k->edges[k->n_edges++] = (tt_edge){ to_s, -1 };
}

/* From now on there are so many more: those that wait, and what the floor is short of. */
static void note(struct keeping *k, int64_t at_s)
{
	const int64_t short_of = k->rules->min_nodes - k->there;
	const int64_t more = short_of > (int64_t)k->n ? short_of : (int64_t)k->n;

	if (more != k->more)
		k->edges[k->n_edges++] = (tt_edge){ at_s, more - k->more };
	k->more = more;
}

/* Those whose time is over by at_s, one after the other. The floor keeps who it needs. */
static void expire(struct keeping *k, int64_t at_s)
{
	for (;;) {
		size_t first = SIZE_MAX;

		for (size_t i = 0; i < k->n; i++)
			if (k->v[i].until_s < at_s &&
			    (first == SIZE_MAX || k->v[i].until_s < k->v[first].until_s))
				first = i;
		if (first == SIZE_MAX)
			return;

		const int64_t until_s = k->v[first].until_s;

		if (k->there + (int64_t)k->n > k->rules->min_nodes)
			pay(k, until_s, until_s + k->rules->drain_s);
		k->n--;
		memmove(&k->v[first], &k->v[first + 1], (k->n - first) * sizeof *k->v);
		note(k, until_s);
	}
}

/* It is kept where the policy would have given it up later than it was. */
static void go(struct keeping *k, size_t i)
{
	const tt_bridge_rules *r = k->rules;
	const tt_life *l = &k->lives[i];
	const int64_t gone_s = k->m->v[i].life.to_s, until_s = l->empty_s + r->idle_s;

	k->there--;
	if (r->idle_s < 0 || !l->known || l->taken || !r->alike[i])
		;
	else if (until_s > gone_s)
		k->v[k->n++] = (struct kept){ until_s };
	else if (until_s > gone_s - r->drain_s)
		pay(k, gone_s, until_s + r->drain_s);
	note(k, gone_s);
}

/* One that waits takes the work, else one of the floor. */
static int come(struct keeping *k, size_t i, tt_err *err)
{
	tt_member *m = &k->m->v[i];
	const int64_t from_s = m->life.from_s;
	const bool takes = k->more > 0 && k->rules->alike[i] && k->lives[i].known;

	k->there++;
	if (takes && k->n)
		k->n--;
	note(k, from_s);
	return !takes ? TT_OK
		: tt_spans_add(&m->gone, from_s,
			       from_s + boots_s(m, &k->lives[i], k->rules->boot_s), err);
}

static int sum_up(struct keeping *k, tt_extras *ret, tt_err *err)
{
	int64_t now = 0;

	tt_edges_sort(k->edges, k->n_edges);
	for (size_t i = 0; i < k->n_edges; i++) {
		if (i)
			TT_TRY(tt_extras_add(ret, k->edges[i - 1].at_s, k->edges[i].at_s, now,
					     err));
		now += k->edges[i].step;
	}
	return TT_OK;
}

static int keep_all(struct keeping *k, const struct step *steps, size_t n, tt_err *err)
{
	const tt_span force = k->rules->force;

	for (size_t i = 0; i < k->m->n; i++)
		k->there += k->m->v[i].life.from_s <= force.from_s &&
			k->m->v[i].life.to_s > force.from_s;
	note(k, force.from_s);
	for (size_t i = 0; i < n && steps[i].at_s < force.to_s; i++) {
		if (steps[i].at_s <= force.from_s)
			continue;
		expire(k, steps[i].at_s);
		if (steps[i].kind == GOES)
			go(k, steps[i].member);
		else
			TT_TRY(come(k, steps[i].member, err));
	}
	expire(k, force.to_s);
	k->n = 0;
	k->there = k->rules->min_nodes;
	note(k, force.to_s);
	return TT_OK;
}

int tt_bridge(const tt_bridge_rules *rules, const tt_life *lives, tt_members *m, tt_extras *ret,
	      tt_err *err)
{
	TT_CLEANUP(tt_freep) struct step *steps = NULL;
	TT_CLEANUP(tt_freep) struct kept *kept = NULL;
	TT_CLEANUP(tt_freep) tt_edge *edges = NULL;
	struct keeping k = { .rules = rules, .m = m, .lives = lives };
	size_t n;

	if (rules->force.from_s >= rules->force.to_s)
		return TT_OK;
	TT_TRY(find_steps(m, lives, &steps, &n, err));
	k.v = kept = tt_zalloc(m->n + 1, sizeof *kept);
	k.edges = edges = tt_zalloc(6 * m->n + 2, sizeof *edges); /* of steps, and of who goes */
	if (!kept || !edges)
		return tt_no_memory(err);
	TT_TRY(keep_all(&k, steps, n, err));
	return sum_up(&k, ret, err);
}
