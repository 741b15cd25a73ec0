/* growth.c - stretches in which more is needed, as pieces that come and go like a stack: on
 * free cards, then on whole nodes. */
#include "change/growth.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/* --- What is needed when --------------------------------------------------------------- */

void tt_extras_free(tt_extras *n)
{
	tt_free(n->v);
	*n = (tt_extras){ 0 };
}

int tt_extras_add(tt_extras *n, int64_t from_s, int64_t to_s, int64_t more, tt_err *err)
{
	tt_extra *last = n->n ? &n->v[n->n - 1] : NULL;

	if (from_s >= to_s || more < 1)
		return TT_OK;
	if (last && last->to_s == from_s && last->n == more) {
		last->to_s = to_s;
		return TT_OK;
	}
	if (!TT_GROW(n->v, n->n, n->cap))
		return tt_no_memory(err);
	n->v[n->n++] = (tt_extra){ from_s, to_s, more };
	return TT_OK;
}

int tt_extras_of(const tt_members *m, tt_span when, int64_t wanted, tt_extras *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_edge *edges = NULL;
	int64_t there = 0, at_s = when.from_s;
	size_t n;

	TT_TRY(tt_members_edges(m, &edges, &n, err));
	for (size_t i = 0; i < n; i++) {
		const int64_t next_s = edges[i].at_s < when.to_s ? edges[i].at_s : when.to_s;

		if (next_s > at_s) {
			TT_TRY(tt_extras_add(ret, at_s, next_s, wanted - there, err));
			at_s = next_s;
		}
		there += edges[i].step;
	}
	return tt_extras_add(ret, at_s, when.to_s, wanted - there, err);
}

void tt_growth_close(tt_growth *g)
{
	tt_room_free(g->room);
	g->room = NULL;
}

/* --- Whole nodes ------------------------------------------------------------------------- */

int tt_growth_nodes(tt_growth *g, const tt_shape *shape, const tt_extras *extras, tt_err *err)
{
	tt_added one = { .address = tt_change_hash(g->c), .part = g->part++,
			 .node_group = shape->node_group };

	if (!extras->n)
		return TT_OK;
	one.terms = tt_case_terms(g->cs, &shape->node, err);
	if (!one.terms)
		return TT_ENOMEM;
	for (size_t i = 0; i < extras->n; i++) {
		one.from_s = extras->v[i].from_s;
		one.to_s = extras->v[i].to_s;
		one.nodes = extras->v[i].n;
		TT_TRY(tt_case_add(g->cs, &one, err));
	}
	return TT_OK;
}

/* --- Pods -------------------------------------------------------------------------------- */

struct pieces {                 /* n pods that come and go together */
	tt_extra *v;
	size_t n, cap;
};

static int add_piece(struct pieces *p, tt_extra one, tt_err *err)
{
	if (one.from_s >= one.to_s)
		return TT_OK;
	if (!TT_GROW(p->v, p->n, p->cap))
		return tt_no_memory(err);
	p->v[p->n++] = one;
	return TT_OK;
}

static int in_order(const void *pa, const void *pb)
{
	const tt_extra *a = pa, *b = pb;

	if (a->from_s != b->from_s)
		return a->from_s < b->from_s ? -1 : 1;
	return (a->to_s < b->to_s) - (a->to_s > b->to_s); /* who stays longer comes first */
}

/* Who came last goes first: `open` is a stack of those that are there. */
static int go_down(struct pieces *open, int64_t *there, int64_t to, int64_t at_s,
		   struct pieces *ret, tt_err *err)
{
	while (*there > to) {
		tt_extra *top = &open->v[open->n - 1];
		const int64_t go = top->n < *there - to ? top->n : *there - to;

		TT_TRY(add_piece(ret, (tt_extra){ top->from_s, at_s, go }, err));
		top->n -= go;
		*there -= go;
		open->n -= !top->n;
	}
	return TT_OK;
}

static int find_pieces(const tt_extras *extras, struct pieces *open, struct pieces *ret,
		       tt_err *err)
{
	int64_t there = 0;

	for (size_t i = 0; i < extras->n; i++) {
		const tt_extra *now = &extras->v[i];

		if (i && extras->v[i - 1].to_s < now->from_s)
			TT_TRY(go_down(open, &there, 0, extras->v[i - 1].to_s, ret, err));
		TT_TRY(go_down(open, &there, now->n, now->from_s, ret, err));
		if (now->n > there)
			TT_TRY(add_piece(open, (tt_extra){ now->from_s, INT64_MAX,
							  now->n - there }, err));
		there = now->n;
	}
	if (extras->n)
		TT_TRY(go_down(open, &there, 0, extras->v[extras->n - 1].to_s, ret, err));
	if (ret->n)
		qsort(ret->v, ret->n, sizeof *ret->v, in_order);
	return TT_OK;
}

static bool is_like(const tt_node_row *a, const tt_node_row *b)
{
	return strcmp(a->node_group, b->node_group) == 0 && strcmp(a->cluster, b->cluster) == 0 &&
	       strcmp(a->instance_type, b->instance_type) == 0 &&
	       strcmp(a->gpu_model, b->gpu_model) == 0;
}

/* Room on the nodes of the group for what it can hold of the pieces, which keep the rest. */
static int use_room(tt_growth *g, const tt_shape *shape, struct pieces *p, tt_err *err)
{
	const tt_snapshot *s = g->cs->snapshot;

	if (shape->like == SIZE_MAX || !shape->pod.cards_u6)
		return TT_OK;
	if (!g->room)
		TT_TRY(tt_room_make(s, &g->room, err));
	for (size_t node = 0; node < s->table[TT_NODES].n; node++) {
		if (!is_like(tt_node_at(s, node), tt_node_at(s, shape->like)))
			continue;
		for (size_t i = 0; i < p->n; i++) {
			const tt_span when = { p->v[i].from_s, p->v[i].to_s };
			int64_t placed;

			if (!p->v[i].n)
				continue;
			TT_TRY(tt_room_take(g->room, node, &shape->pod, when, p->v[i].n, &placed,
					    err));
			p->v[i].n -= placed;
		}
	}
	return TT_OK;
}

/* Nodes that the pieces fill: whoever is nested in another came later and goes earlier, so
 * the last nodes empty first. */
static int fill_nodes(const struct pieces *p, int64_t pods_per_node, tt_extras *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_edge *edges = tt_zalloc(2 * p->n + 1, sizeof *edges);
	int64_t there = 0;
	size_t n = 0;

	if (!edges)
		return tt_no_memory(err);
	for (size_t i = 0; i < p->n; i++) {
		edges[n++] = (tt_edge){ p->v[i].from_s, p->v[i].n };
		edges[n++] = (tt_edge){ p->v[i].to_s, -p->v[i].n };
	}
	tt_edges_sort(edges, n);
	for (size_t i = 0; i < n; i++) {
		there += edges[i].step;
		if (i + 1 < n && there > 0)
			TT_TRY(tt_extras_add(ret, edges[i].at_s, edges[i + 1].at_s,
					    (there - 1) / pods_per_node + 1, err));
	}
	return TT_OK;
}

static void free_pieces(struct pieces *p)
{
	tt_free(p->v);
}

int tt_growth_pods(tt_growth *g, const tt_shape *shape, const tt_extras *extras, tt_err *err)
{
	TT_CLEANUP(free_pieces) struct pieces open = { 0 }, pieces = { 0 };
	TT_CLEANUP(tt_extras_free) tt_extras nodes = { 0 };

	TT_TRY(find_pieces(extras, &open, &pieces, err));
	TT_TRY(use_room(g, shape, &pieces, err));
	TT_TRY(fill_nodes(&pieces, shape->pods_per_node, &nodes, err));
	return tt_growth_nodes(g, shape, &nodes, err);
}
