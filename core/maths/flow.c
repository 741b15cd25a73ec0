/* flow.c - successive shortest paths: Dijkstra over reduced costs, which are never negative. */
#include "maths/flow.h"
#include <stdbool.h>
#include <string.h>

#define FAR INT64_MAX
#define MOST_COST (INT64_C(1) << 52)

typedef struct place {               /* how far an arc is filled */
	size_t piece;
	int64_t used;                /* of that piece */
} place;

/* An arc in one of its directions: arc x 2, and one more for back. */
typedef struct way {
	size_t to;
	int64_t units, cost;         /* that may still go there at one cost each */
} way;

typedef struct search {
	const tt_flow_problem *p;
	tt_flow *f;
	place *at;                   /* [n_arcs] */
	way *ways;                   /* [2 n_arcs] what `at` says */
	int64_t *excess;             /* [n_nodes] still to be sent on; < 0: wanted */
	int64_t *far;                /* [n_nodes] distance from the nearest excess */
	size_t *by;                  /* [n_nodes] way by which one comes there */
	bool *done;
	size_t *first, *next;        /* ways from a node: [n_nodes + 1], [2 n_arcs] */
} search;

static int check_problem(const tt_flow_problem *p, tt_err *err)
{
	int64_t sum = 0;

	if (p->n_nodes > TT_FLOW_NODES)
		return tt_fail(err, TT_EINVAL, "a flow has %zu nodes, at most %d are expected",
		               p->n_nodes, TT_FLOW_NODES);
	for (size_t v = 0; v < p->n_nodes; v++) {
		if (p->supply[v] > TT_FLOW_MANY || p->supply[v] < -TT_FLOW_MANY)
			return tt_fail(err, TT_EINVAL, "supply of node %zu is %lld, beyond 2^52", v,
			               (long long)p->supply[v]);
		sum += p->supply[v];
	}
	if (sum)
		return tt_fail(err, TT_EINVAL, "supplies of a flow add to %lld, not to 0",
		               (long long)sum);
	for (size_t a = 0; a < p->n_arcs; a++) {
		const tt_flow_arc *arc = &p->arcs[a];

		if (arc->from >= p->n_nodes || arc->to >= p->n_nodes || arc->from == arc->to)
			return tt_fail(err, TT_EINVAL, "arc %zu goes from %zu to %zu of %zu nodes",
			               a, arc->from, arc->to, p->n_nodes);
		for (size_t i = 0; i < arc->n; i++) {
			const tt_flow_piece *x = &arc->pieces[i];

			if (x->units <= 0 || x->units > TT_FLOW_MANY || x->cost > MOST_COST ||
			    x->cost < -MOST_COST || (i && x->cost < x[-1].cost))
				return tt_fail(err, TT_EINVAL, "piece %zu of arc %zu (%lld units "
				               "at %lld) is out of range or cheaper than the one "
				               "before", i, a, (long long)x->units,
				               (long long)x->cost);
			if (x->cost < 0 && x->units == TT_FLOW_MANY)
				return tt_fail(err, TT_EINVAL, "arc %zu has endless units at %lld",
				               a, (long long)x->cost);
		}
	}
	return TT_OK;
}

/* What may still go over an arc, forward and back. */
static void look(search *s, size_t a)
{
	const tt_flow_arc *arc = &s->p->arcs[a];
	const place *at = &s->at[a];
	way *on = &s->ways[2 * a], *back = on + 1;

	*on = (way){ .to = arc->to };
	*back = (way){ .to = arc->from };
	if (at->piece < arc->n) {
		on->units = arc->pieces[at->piece].units - at->used;
		on->cost = arc->pieces[at->piece].cost;
	}
	if (at->used) {
		back->units = at->used;
		back->cost = -arc->pieces[at->piece].cost;
	} else if (at->piece) {
		back->units = arc->pieces[at->piece - 1].units;
		back->cost = -arc->pieces[at->piece - 1].cost;
	}
}

/* What is cheaper than nothing is taken first, so that no cost that is left is negative. */
static int take_gains(search *s, tt_err *err)
{
	for (size_t a = 0; a < s->p->n_arcs; a++) {
		const tt_flow_arc *arc = &s->p->arcs[a];
		place *at = &s->at[a];

		for (; at->piece < arc->n && arc->pieces[at->piece].cost < 0; at->piece++) {
			int64_t units = arc->pieces[at->piece].units;

			s->f->units[a] += units;
			s->excess[arc->from] -= units;
			s->excess[arc->to] += units;
			if (s->excess[arc->from] < -TT_FLOW_MANY ||
			    s->excess[arc->to] > TT_FLOW_MANY)
				return tt_fail(err, TT_EINVAL, "gains at node %zu are beyond 2^52 "
				               "units", arc->to);
		}
		look(s, a);
	}
	return TT_OK;
}

static int make(search *s, tt_arena *arena, tt_err *err)
{
	const tt_flow_problem *p = s->p;
	tt_flow *f = s->f;

	*f = (tt_flow){ .units = tt_arena_alloc(arena, (p->n_arcs + 1) * sizeof *f->units),
		.potential = tt_arena_alloc(arena, (p->n_nodes + 1) * sizeof *f->potential) };
	s->at = tt_arena_alloc(arena, (p->n_arcs + 1) * sizeof *s->at);
	s->excess = tt_arena_alloc(arena, (p->n_nodes + 1) * sizeof *s->excess);
	s->far = tt_arena_alloc(arena, (p->n_nodes + 1) * sizeof *s->far);
	s->by = tt_arena_alloc(arena, (p->n_nodes + 1) * sizeof *s->by);
	s->ways = tt_arena_alloc(arena, (2 * p->n_arcs + 1) * sizeof *s->ways);
	s->done = tt_arena_alloc(arena, p->n_nodes + 1);
	s->first = tt_arena_alloc(arena, (p->n_nodes + 2) * sizeof *s->first);
	s->next = tt_arena_alloc(arena, (2 * p->n_arcs + 1) * sizeof *s->next);
	if (!f->units || !f->potential || !s->at || !s->excess || !s->far || !s->by ||
	    !s->ways || !s->done || !s->first || !s->next)
		return tt_no_memory(err);
	memcpy(s->excess, p->supply, p->n_nodes * sizeof *s->excess);
	for (size_t a = 0; a < p->n_arcs; a++) {
		s->first[p->arcs[a].from + 2]++;
		s->first[p->arcs[a].to + 2]++;
	}
	for (size_t v = 2; v <= p->n_nodes; v++)
		s->first[v] += s->first[v - 1];
	for (size_t a = 0; a < p->n_arcs; a++) {
		s->next[s->first[p->arcs[a].from + 1]++] = 2 * a;
		s->next[s->first[p->arcs[a].to + 1]++] = 2 * a + 1;
	}
	return TT_OK;
}

static size_t nearest(const search *s)
{
	size_t u = s->p->n_nodes;

	for (size_t v = 0; v < s->p->n_nodes; v++)
		if (!s->done[v] && s->far[v] != FAR &&
		    (u == s->p->n_nodes || s->far[v] < s->far[u]))
			u = v;
	return u;
}

/* The nearest node that wants units, and how to come there; n_nodes: none can be reached. */
static size_t shortest(search *s)
{
	const tt_flow_problem *p = s->p;
	const int64_t *potential = s->f->potential;
	size_t u;

	for (size_t v = 0; v < p->n_nodes; v++) {
		s->far[v] = s->excess[v] > 0 ? 0 : FAR;
		s->done[v] = false;
	}
	while ((u = nearest(s)) < p->n_nodes && s->excess[u] >= 0) {
		s->done[u] = true;
		for (size_t i = s->first[u]; i < s->first[u + 1]; i++) {
			const way *w = &s->ways[s->next[i]];
			const int64_t far = s->far[u] + w->cost + potential[u] - potential[w->to];

			if (w->units && far < s->far[w->to]) {
				s->far[w->to] = far;
				s->by[w->to] = s->next[i];
			}
		}
	}
	return u;
}

static void push(search *s, size_t by, int64_t units)
{
	const size_t a = by / 2;
	place *at = &s->at[a];

	if (!(by & 1)) {
		s->f->units[a] += units;
		at->used += units;
		if (at->used == s->p->arcs[a].pieces[at->piece].units)
			*at = (place){ .piece = at->piece + 1 };
	} else {
		s->f->units[a] -= units;
		if (!at->used)
			*at = (place){ at->piece - 1, s->p->arcs[a].pieces[at->piece - 1].units };
		at->used -= units;
	}
	look(s, a);
}

/* Along the ways that lead to `to`, from where they start: as much as all of them take. Where
 * there is excess a way starts, since nothing is nearer to it. */
static void augment(search *s, size_t to)
{
	int64_t units = -s->excess[to];
	size_t start = to;

	while (s->excess[start] <= 0) {
		const int64_t room = s->ways[s->by[start]].units;

		units = room < units ? room : units;
		start = s->ways[s->by[start] ^ 1].to;
	}
	units = s->excess[start] < units ? s->excess[start] : units;
	s->excess[start] -= units;
	s->excess[to] += units;
	for (size_t v = to, before; v != start; v = before) {
		before = s->ways[s->by[v] ^ 1].to;
		push(s, s->by[v], units);
	}
	s->f->n_paths++;
}

static tt_i128 cost_of(const tt_flow_arc *arc, int64_t units)
{
	tt_i128 cost = 0;

	for (size_t i = 0; units; i++) {
		int64_t n = units < arc->pieces[i].units ? units : arc->pieces[i].units;

		cost += (tt_i128)n * arc->pieces[i].cost;
		units -= n;
	}
	return cost;
}

int tt_flow_solve(const tt_flow_problem *p, tt_arena *arena, tt_flow *ret, tt_err *err)
{
	tt_flow f;
	search s = { .p = p, .f = &f };
	int r = check_problem(p, err);
	bool wanted = true;

	r = r ? r : make(&s, arena, err);
	r = r ? r : take_gains(&s, err);
	while (!r && wanted) {
		size_t to = shortest(&s);
		int64_t far = to < p->n_nodes ? s.far[to] : 0;

		wanted = to < p->n_nodes;
		for (size_t v = 0; wanted && v < p->n_nodes; v++)
			f.potential[v] += s.far[v] < far ? s.far[v] : far;
		if (wanted)
			augment(&s, to);
	}
	for (size_t v = 0; !r && v < p->n_nodes; v++)
		if (s.excess[v])
			r = tt_fail(err, TT_ENODATA, "%lld units can't be sent on from node %zu",
			            (long long)s.excess[v], v);
	for (size_t a = 0; !r && a < p->n_arcs; a++)
		f.cost += cost_of(&p->arcs[a], f.units[a]);
	if (!r)
		*ret = f;
	return r;
}
