/* A thousand random ladders of the size of real ones cost what a linear programme of them does,
 * to the micro-unit, with whole units and a proof. Without GLPK it is skipped. */
#include "commit/ladder.h"
#include "t.h"

#if !TT_GLPK
int main(void)
{
	puts("skip: GLPK is not there (Debian: libglpk-dev)");
	return 77;
}
#else
#include <glpk.h>

enum { SEGMENTS = 12, OFFERS = 36, LAYERS = 40, HELD = 3 };

typedef struct made {
	tt_ladder_layer layers[SEGMENTS][LAYERS];
	tt_ladder_segment segments[SEGMENTS];
	tt_ladder_offer offers[OFFERS];
	int64_t proceeds[HELD][SEGMENTS];
	tt_ladder_held held[HELD];
	tt_ladder l;
} made;

static uint64_t state = 11;

static int64_t below(int64_t n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (int64_t)(state >> 33) % n;
}

/* A unit's hour on demand costs about 1.00, and half of that committed. */
static void make_offers(made *m)
{
	const int64_t n = (int64_t)m->l.n_segments;

	for (size_t j = 0; j < m->l.n_offers; j++) {
		tt_ladder_offer *o = &m->offers[j];

		o->start = (size_t)below(n);
		o->end = o->start + 1 + (size_t)below(n - (int64_t)o->start);
		o->cost_micro = (int64_t)(o->end - o->start) * (500000000 + below(1500000000));
		o->most = below(3) ? TT_FLOW_MANY : below(60);
	}
}

/* What a sale brings falls with the term that is left, and is less than any offer costs. */
static void make_held(made *m)
{
	for (size_t h = 0; h < m->l.n_held; h++) {
		tt_ladder_held *x = &m->held[h];

		*x = (tt_ladder_held){ 1 + (size_t)below((int64_t)m->l.n_segments), 1 + below(90),
			below(3) ? m->proceeds[h] : NULL };
		for (size_t q = 0; q < x->end; q++)
			m->proceeds[h][q] = below(5) ? (int64_t)(x->end - q) * below(400000000)
			                             : TT_MONEY_UNKNOWN;
	}
}

static void make(made *m)
{
	*m = (made){ .l = { m->segments, 1 + (size_t)below(SEGMENTS), m->offers,
		(size_t)below(OFFERS + 1), m->held, (size_t)below(HELD + 1) } };
	for (size_t q = 0; q < m->l.n_segments; q++) {
		int64_t cost = 2190000000;

		m->segments[q] = (tt_ladder_segment){ m->layers[q], (size_t)below(LAYERS + 1) };
		for (size_t i = 0; i < m->segments[q].n; i++) {
			cost -= below(150000000 < cost ? 150000000 : cost + 1);
			m->layers[q][i] = (tt_ladder_layer){ 1 + below(25), cost };
		}
	}
	make_offers(m);
	make_held(m);
}

/* --- The same as a linear programme -------------------------------------------------------- */

static int column(glp_prob *lp, double most, int64_t cost_micro)
{
	const int c = glp_add_cols(lp, 1);

	glp_set_col_bnds(lp, c, most > 0 ? GLP_DB : GLP_FX, 0, most);
	glp_set_obj_coef(lp, c, (double)cost_micro);
	return c;
}

/* A column that adds `one` in rows from .. to - 1, and 1 in row `besides`, if any. */
static void fill(glp_prob *lp, int c, size_t from, size_t to, double one, int besides)
{
	int row[SEGMENTS + 2], n = 0;
	double v[SEGMENTS + 2];

	for (size_t q = from; q < to; q++) {
		row[++n] = (int)q + 1;
		v[n] = one;
	}
	if (besides) {
		row[++n] = besides;
		v[n] = 1;
	}
	glp_set_mat_col(lp, c, n, row, v);
}

/* Covered and on demand are at least what is used; no more is sold than there is. */
static glp_prob *programme(const tt_ladder *l)
{
	glp_prob *lp = glp_create_prob();

	glp_add_rows(lp, (int)l->n_segments);
	for (size_t q = 0; q < l->n_segments; q++) {
		double used = 0;

		for (size_t i = 0; i < l->segments[q].n; i++) {
			const tt_ladder_layer *x = &l->segments[q].layers[i];

			used += (double)x->units;
			fill(lp, column(lp, (double)x->units, x->cost_micro), q, q + 1, 1, 0);
		}
		for (size_t h = 0; h < l->n_held; h++)
			used -= q < l->held[h].end ? (double)l->held[h].units : 0;
		glp_set_row_bnds(lp, (int)q + 1, GLP_LO, used, 0);
	}
	for (size_t j = 0; j < l->n_offers; j++)
		fill(lp, column(lp, l->offers[j].most < 1000000 ? (double)l->offers[j].most : 1e6,
		                l->offers[j].cost_micro), l->offers[j].start, l->offers[j].end, 1,
		     0);
	for (size_t h = 0; h < l->n_held; h++) {
		const tt_ladder_held *x = &l->held[h];
		const int row = glp_add_rows(lp, 1);

		glp_set_row_bnds(lp, row, GLP_UP, 0, (double)x->units);
		for (size_t q = 0; x->proceeds_micro && q < x->end; q++)
			if (x->proceeds_micro[q] != TT_MONEY_UNKNOWN)
				fill(lp, column(lp, (double)x->units, -x->proceeds_micro[q]), q,
				     x->end, -1, row);
	}
	return lp;
}

static double solve(const tt_ladder *l)
{
	glp_prob *lp = programme(l);
	glp_smcp how;
	double cost;

	glp_init_smcp(&how);
	how.msg_lev = GLP_MSG_OFF;
	T_INT(0, glp_simplex(lp, &how));
	T_INT(GLP_OPT, glp_get_status(lp));
	cost = glp_get_obj_val(lp);
	glp_delete_prob(lp);
	return cost;
}

int main(void)
{
	int bought = 0, sold = 0;

	for (int round = 0; round < 1000; round++) {
		tt_arena *arena = tt_arena_new();
		tt_ladder_plan p;
		tt_err err = { 0 };
		made m;

		make(&m);
		T_INT(TT_OK, tt_ladder_solve(&m.l, arena, &p, &err));
		T_INT(TT_OK, tt_ladder_check(&m.l, &p, &err));
		T_INT(llround(solve(&m.l)), p.cost_micro);
		for (size_t j = 0; j < m.l.n_offers; j++)
			bought += p.bought[j] > 0;
		for (size_t h = 0; h < m.l.n_held; h++)
			for (size_t q = 0; q < m.held[h].end; q++)
				sold += p.sold[h][q] > 0;
		tt_arena_free(arena);
	}
	T_OK(bought > 1000 && sold > 200);
	return T_END();
}
#endif
