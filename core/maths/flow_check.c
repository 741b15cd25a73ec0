/* flow_check.c - the proof that a flow is the cheapest, without the search that found it. */
#include "maths/flow.h"

/* Units into less units out of each node, and costs: piece by piece, from the first. */
static int check_arc(const tt_flow_problem *p, const tt_flow *f, size_t a, tt_i128 *cost,
                     tt_err *err)
{
	const tt_flow_arc *arc = &p->arcs[a];
	const tt_i128 worth = (tt_i128)f->potential[arc->to] - f->potential[arc->from];
	int64_t left = f->units[a];

	if (left < 0)
		return tt_fail(err, TT_EDATA, "arc %zu has %lld units", a, (long long)left);
	for (size_t i = 0; i < arc->n; i++) {
		const tt_flow_piece *x = &arc->pieces[i];
		int64_t taken = left < x->units ? left : x->units;

		if (taken && x->cost > worth)
			return tt_fail(err, TT_EDATA, "arc %zu has a unit at %lld, more than the "
			               "%lld that it is worth", a, (long long)x->cost,
			               (long long)worth);
		if (taken < x->units && x->cost < worth)
			return tt_fail(err, TT_EDATA, "arc %zu lacks a unit at %lld, less than the "
			               "%lld that it is worth", a, (long long)x->cost,
			               (long long)worth);
		*cost += (tt_i128)taken * x->cost;
		left -= taken;
	}
	if (left)
		return tt_fail(err, TT_EDATA, "arc %zu has %lld units more than it can carry", a,
		               (long long)left);
	return TT_OK;
}

int tt_flow_check(const tt_flow_problem *p, const tt_flow *f, tt_err *err)
{
	tt_i128 cost = 0;
	int r = TT_OK;

	for (size_t a = 0; !r && a < p->n_arcs; a++)
		r = check_arc(p, f, a, &cost, err);
	for (size_t v = 0; !r && v < p->n_nodes; v++) {
		tt_i128 balance = p->supply[v];

		for (size_t a = 0; a < p->n_arcs; a++) {
			balance += p->arcs[a].to == v ? f->units[a] : 0;
			balance -= p->arcs[a].from == v ? f->units[a] : 0;
		}
		if (balance)
			r = tt_fail(err, TT_EDATA, "%lld units stay at node %zu",
			            (long long)balance, v);
	}
	if (!r && cost != f->cost)
		r = tt_fail(err, TT_EDATA, "a flow costs another sum than it says");
	return r;
}
