#include "commit/ladder.h"
#include "maths/layer_curve.h"
#include <string.h>

int tt_ladder_segment_make(const tt_layers_demand *d, tt_i128 price, tt_i128 per,
                           tt_arena *arena, tt_ladder_segment *ret, tt_err *err)
{
	tt_layer_curve c;

	TT_TRY(tt_layer_curve_make(d, arena, &c, err));

	tt_ladder_layer *layers = tt_arena_alloc(arena, (c.n + 1) * sizeof *layers);

	if (!layers)
		return tt_no_memory(err);
	for (size_t i = 0; i < c.n; i++)
		layers[i] = (tt_ladder_layer){ c.v[i].units,
			(int64_t)tt_div_half_even(price * c.v[i].busy, per) };
	*ret = (tt_ladder_segment){ layers, c.n };
	return TT_OK;
}

typedef struct graph {
	const tt_ladder *l;
	tt_arena *arena;
	tt_flow_arc *arcs;
	tt_flow_piece *pieces;
	size_t n_arcs, n_pieces;
	int64_t *supply;
	int64_t units;              /* as many as are ever used, or held */
} graph;

static int check_segments(const tt_ladder *l, int64_t *ret_units, tt_err *err)
{
	for (size_t q = 0; q < l->n_segments; q++) {
		const tt_ladder_segment *s = &l->segments[q];
		int64_t units = 0;

		for (size_t i = 0; i < s->n; i++) {
			if (s->layers[i].units <= 0 || s->layers[i].cost_micro < 0 ||
			    (i && s->layers[i].cost_micro > s->layers[i - 1].cost_micro))
				return tt_fail(err, TT_EINVAL, "layer %zu of segment %zu (%lld "
				               "units at %lld) is out of range or costs more than "
				               "the one below", i, q,
				               (long long)s->layers[i].units,
				               (long long)s->layers[i].cost_micro);
			if (s->layers[i].units > TT_FLOW_MANY - units)
				return tt_fail(err, TT_EINVAL, "segment %zu has more than 2^52 "
				               "units", q);
			units += s->layers[i].units;
		}
		*ret_units = units > *ret_units ? units : *ret_units;
	}
	return TT_OK;
}

static int check_ladder(const tt_ladder *l, int64_t *ret_units, tt_err *err)
{
	*ret_units = 0;
	for (size_t j = 0; j < l->n_offers; j++) {
		const tt_ladder_offer *o = &l->offers[j];

		if (o->start >= o->end || o->end > l->n_segments || o->cost_micro < 0 ||
		    o->least < 0 || o->most < o->least || o->least > TT_FLOW_MANY / 64)
			return tt_fail(err, TT_EINVAL, "offer %zu covers segments %zu to %zu of "
			               "%zu for %lld, %lld to %lld units", j, o->start, o->end,
			               l->n_segments, (long long)o->cost_micro,
			               (long long)o->least, (long long)o->most);
	}
	for (size_t h = 0; h < l->n_held; h++)
		if (!l->held[h].end || l->held[h].end > l->n_segments || l->held[h].units <= 0 ||
		    l->held[h].units > TT_FLOW_MANY / 2)
			return tt_fail(err, TT_EINVAL, "holding %zu has %lld units up to segment "
			               "%zu of %zu", h, (long long)l->held[h].units,
			               l->held[h].end, l->n_segments);
	return check_segments(l, ret_units, err);
}

static void arc(graph *g, size_t from, size_t to, int64_t units, int64_t cost)
{
	g->pieces[g->n_pieces] = (tt_flow_piece){ units, cost };
	g->arcs[g->n_arcs++] = (tt_flow_arc){ from, to, &g->pieces[g->n_pieces++], units > 0 };
}

/* The layers of a segment from the top: those that are never used there cost nothing. */
static void segment(graph *g, size_t q)
{
	const tt_ladder_segment *s = &g->l->segments[q];
	tt_flow_arc *a = &g->arcs[g->n_arcs++];
	int64_t unused = g->units;

	*a = (tt_flow_arc){ q, q + 1, &g->pieces[g->n_pieces], 0 };
	for (size_t i = 0; i < s->n; i++)
		unused -= s->layers[i].units;
	if (unused)
		g->pieces[g->n_pieces + a->n++] = (tt_flow_piece){ unused, 0 };
	for (size_t i = s->n; i-- > 0;)
		g->pieces[g->n_pieces + a->n++] = (tt_flow_piece){ s->layers[i].units,
			s->layers[i].cost_micro };
	g->n_pieces += a->n;
	arc(g, q + 1, q, TT_FLOW_MANY, 0);
}

static void held(graph *g, size_t h)
{
	const tt_ladder_held *x = &g->l->held[h];
	const size_t node = g->l->n_segments + 1 + h;

	arc(g, 0, node, x->units, 0);
	arc(g, node, x->end, x->units, 0);
	for (size_t q = 0; q < x->end; q++)
		if (x->proceeds_micro && x->proceeds_micro[q] != TT_MONEY_UNKNOWN)
			arc(g, node, q, x->units, -x->proceeds_micro[q]);
}

static int build(graph *g, tt_err *err)
{
	const tt_ladder *l = g->l;
	size_t arcs = l->n_offers + 2 * l->n_segments, pieces = arcs;

	for (size_t h = 0; h < l->n_held; h++)
		arcs += l->held[h].end + 2;
	pieces += arcs;
	for (size_t q = 0; q < l->n_segments; q++)
		pieces += l->segments[q].n;
	g->arcs = tt_arena_alloc(g->arena, (arcs + 1) * sizeof *g->arcs);
	g->pieces = tt_arena_alloc(g->arena, (pieces + 1) * sizeof *g->pieces);
	g->supply = tt_arena_alloc(g->arena, (l->n_segments + l->n_held + 1) * sizeof *g->supply);
	if (!g->arcs || !g->pieces || !g->supply)
		return tt_no_memory(err);
	for (size_t j = 0; j < l->n_offers; j++) {
		const tt_ladder_offer *o = &l->offers[j];

		arc(g, o->start, o->end, o->most < TT_FLOW_MANY ? o->most - o->least
		                                                : TT_FLOW_MANY, o->cost_micro);
		g->supply[o->start] -= o->least; /* has gone that way already */
		g->supply[o->end] += o->least;
	}
	for (size_t q = 0; q < l->n_segments; q++)
		segment(g, q);
	for (size_t h = 0; h < l->n_held; h++)
		held(g, h);
	g->supply[0] += g->units;
	g->supply[l->n_segments] -= g->units;
	return TT_OK;
}

static int make_plan(const tt_ladder *l, tt_arena *arena, tt_ladder_plan *p, tt_err *err)
{
	*p = (tt_ladder_plan){
		.bought = tt_arena_alloc(arena, (l->n_offers + 1) * sizeof *p->bought),
		.sold = tt_arena_alloc(arena, (l->n_held + 1) * sizeof *p->sold),
		.committed = tt_arena_alloc(arena, (l->n_segments + 1) * sizeof *p->committed),
		.on_demand_micro = tt_arena_alloc(arena, (l->n_segments + 1) *
		                                         sizeof *p->on_demand_micro),
		.worth_micro = tt_arena_alloc(arena, (l->n_segments + 1) *
		                                     sizeof *p->worth_micro),
	};
	if (!p->bought || !p->sold || !p->committed || !p->on_demand_micro || !p->worth_micro)
		return tt_no_memory(err);
	for (size_t h = 0; h < l->n_held; h++) {
		p->sold[h] = tt_arena_alloc(arena, l->held[h].end * sizeof **p->sold);
		if (!p->sold[h])
			return tt_no_memory(err);
	}
	return TT_OK;
}

/* What the flow says: its arcs stand in the order in which build() made them. */
static void read_flow(const tt_ladder *l, const tt_flow *f, tt_ladder_plan *p)
{
	const int64_t *units = f->units;

	for (size_t j = 0; j < l->n_offers; j++)
		p->bought[j] = *units++ + l->offers[j].least;
	units += 2 * l->n_segments;
	for (size_t h = 0; h < l->n_held; h++) {
		const tt_ladder_held *x = &l->held[h];

		units += 2;
		for (size_t q = 0; q < x->end; q++)
			if (x->proceeds_micro && x->proceeds_micro[q] != TT_MONEY_UNKNOWN)
				p->sold[h][q] = *units++;
	}
	for (size_t q = 0; q < l->n_segments; q++)
		p->worth_micro[q] = f->potential[q + 1] - f->potential[q];
}

int tt_ladder_solve(const tt_ladder *l, tt_arena *arena, tt_ladder_plan *ret, tt_err *err)
{
	graph g = { .l = l, .arena = arena };
	tt_ladder_plan p;
	tt_flow f;

	TT_TRY(check_ladder(l, &g.units, err));
	for (size_t h = 0; h < l->n_held; h++)
		g.units = g.units > l->held[h].units ? g.units : l->held[h].units;
	TT_TRY(build(&g, err));
	TT_TRY(make_plan(l, arena, &p, err));
	if (l->n_segments) {
		const tt_flow_problem problem = { l->n_segments + 1 + l->n_held, g.supply, g.arcs,
			g.n_arcs };

		TT_TRY(tt_flow_solve(&problem, arena, &f, err));
		read_flow(l, &f, &p);
	}
	TT_TRY(tt_ladder_bill(l, &p, err));
	*ret = p;
	return TT_OK;
}
