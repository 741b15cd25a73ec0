/* Flows: every flow of small graphs tried by hand, and a proof that sees one unit too many. */
#include "maths/flow.h"
#include "t.h"

enum { NODES = 4, ARCS = 6 };

static uint64_t state = 7;
static tt_err err;

/* To what it says next, which is then the first thing that went wrong. */
static tt_err *fresh(void)
{
	err = (tt_err){ 0 };
	return &err;
}

static int64_t below(int64_t n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (int64_t)(state >> 33) % n;
}

typedef struct made {
	tt_flow_piece pieces[ARCS][2];
	tt_flow_arc arcs[ARCS];
	int64_t supply[NODES];
	tt_flow_problem p;
} made;

static int64_t capacity(const tt_flow_arc *a)
{
	int64_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += a->pieces[i].units;
	return n;
}

static int64_t cost_of(const tt_flow_arc *a, int64_t units)
{
	int64_t cost = 0;

	for (size_t i = 0; units && i < a->n; i++)
		for (int64_t k = 0; units && k < a->pieces[i].units; k++, units--)
			cost += a->pieces[i].cost;
	return cost;
}

static void make(made *m)
{
	*m = (made){ .p = { NODES, m->supply, m->arcs, ARCS } };
	for (size_t a = 0; a < ARCS; a++) {
		size_t from = (size_t)below(NODES), n = (size_t)below(3);

		m->arcs[a] = (tt_flow_arc){ from, (from + 1 + (size_t)below(NODES - 1)) % NODES,
			m->pieces[a], n };
		for (size_t i = 0; i < n; i++)
			m->pieces[a][i] = (tt_flow_piece){ 1 + below(2),
				(i ? m->pieces[a][0].cost : -4) + below(6) };
	}
	for (int k = 0; k < 3; k++) {
		m->supply[below(NODES)]++;
		m->supply[below(NODES)]--;
	}
}

/* The least cost of all flows there are; INT64_MAX: there is none. */
static int64_t least(const made *m)
{
	int64_t units[ARCS] = { 0 }, best = INT64_MAX;

	for (;;) {
		int64_t balance[NODES], cost = 0;
		size_t a = 0, v = 0;

		memcpy(balance, m->supply, sizeof balance);
		for (size_t i = 0; i < ARCS; i++) {
			balance[m->arcs[i].from] -= units[i];
			balance[m->arcs[i].to] += units[i];
			cost += cost_of(&m->arcs[i], units[i]);
		}
		while (v < NODES && !balance[v])
			v++;
		best = v == NODES && cost < best ? cost : best;
		while (a < ARCS && units[a] == capacity(&m->arcs[a]))
			units[a++] = 0;
		if (a == ARCS)
			return best;
		units[a]++;
	}
}

/* A flow with a unit more around a circle, or a potential moved beyond what it may be, is
 * refused; so is another sum. */
static void test_worse(const made *m, tt_flow *f)
{

	f->cost++;
	T_INT(TT_EDATA, tt_flow_check(&m->p, f, fresh()));
	f->cost--;
	for (size_t a = 0; a < ARCS; a++)
		for (int sign = -1; sign <= 1; sign += 2) {
			f->units[a] += sign;
			T_INT(TT_EDATA, tt_flow_check(&m->p, f, fresh()));
			f->units[a] -= sign;
		}
}

static void test_random(void)
{
	int flows = 0, none = 0, gains = 0;

	for (int round = 0; round < 2000; round++) {
		TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
		tt_flow f;
		made m;

		make(&m);
		int64_t want = least(&m);
		int r = tt_flow_solve(&m.p, arena, &f, fresh());

		if (want == INT64_MAX) {
			T_INT(TT_ENODATA, r);
			none++;
			continue;
		}
		T_INT(TT_OK, r);
		T_INT(want, (int64_t)f.cost);
		T_INT(TT_OK, tt_flow_check(&m.p, &f, fresh()));
		test_worse(&m, &f);
		flows++;
		gains += want < 0;
	}
	T_OK(flows > 300 && none > 100 && gains > 100);
}

/* More than is needed is proven not to be the cheapest, though it is a flow. */
static void test_circle(void)
{
	static const tt_flow_piece dear = { 5, 3 }, back = { 5, 0 }, cheap = { 5, 2 };
	const tt_flow_arc arcs[] = { { 0, 1, &dear, 1 }, { 1, 0, &back, 1 }, { 0, 1, &cheap, 1 } };
	const int64_t supply[] = { 2, -2 };
	const tt_flow_problem p = { 2, supply, arcs, 3 };
	int64_t units[] = { 0, 0, 2 }, potential[] = { 0, 2 };
	tt_flow f = { units, potential, 4, 0 };

	T_INT(TT_OK, tt_flow_check(&p, &f, fresh()));
	units[1] = 1;
	units[2] = 3;
	f.cost = 6;
	T_INT(TT_EDATA, tt_flow_check(&p, &f, fresh()));
	T_STR("arc 1 has a unit at 0, more than the -2 that it is worth", err.text);
	units[1] = 0;
	units[2] = 2;
	f.cost = 4;
	potential[1] = 4;
	T_INT(TT_EDATA, tt_flow_check(&p, &f, fresh()));
	T_STR("arc 0 lacks a unit at 3, less than the 4 that it is worth", err.text);
}

static void test_refused(void)
{
	static const tt_flow_piece falling[] = { { 1, 3 }, { 1, 2 } }, gift = { TT_FLOW_MANY, -1 };
	static const tt_flow_piece dear = { 1, (INT64_C(1) << 52) + 1 };
	const tt_flow_arc arcs[] = { { 0, 1, falling, 2 }, { 0, 1, &gift, 1 }, { 0, 1, &dear, 1 },
		{ 0, 0, &gift, 1 } };
	const int64_t even[] = { 1, -1 }, odd[] = { 1, 0 };
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_flow f;

	for (size_t a = 0; a < 4; a++) {
		const tt_flow_problem p = { 2, even, &arcs[a], 1 };

		T_INT(TT_EINVAL, tt_flow_solve(&p, arena, &f, fresh()));
	}
	T_HAS("arc 0 goes from 0 to 0 of 2 nodes", err.text);
	T_INT(TT_EINVAL, tt_flow_solve(&(tt_flow_problem){ 2, odd, NULL, 0 }, arena, &f, fresh()));
	T_STR("supplies of a flow add to 1, not to 0", err.text);
	T_INT(TT_ENODATA,
	      tt_flow_solve(&(tt_flow_problem){ 2, even, NULL, 0 }, arena, &f, fresh()));
	T_STR("1 units can't be sent on from node 0", err.text);
}

int main(void)
{
	test_random();
	test_circle();
	test_refused();
	return T_END();
}
