/* Caution: the published quantiles of demand, and the mean of the worst losses of every small
 * plan, which the ladder that is weighed finds without looking at one of them. */
#include "commit/caution.h"
#include "base/memory.h"
#include "maths/elementary.h"
#include "t.h"
#include <stdlib.h>

enum { FINE = 4000, COURSES = 10, QUARTERS = 3, HOURS = 4, OFFERS = 3, UNITS = 6 };

static tt_err err;

/* Demand lognormal(ln 100, 0.3) for all of one term, at 0.63 of the price; in hundredths. */
static int64_t published(uint32_t weight_millionths, uint32_t level_millionths)
{
	static int64_t all[FINE], worst[FINE];
	const double tail = 1 - level_millionths / 1e6;
	tt_arena *arena = tt_arena_new();
	tt_ladder_segment segment = { NULL, 0 };
	tt_ladder_plan plan = { .bought = NULL };
	int64_t units = -1;

	for (int i = 0; i < FINE; i++) {
		const double at = (i + .5) / FINE;

		all[i] = (int64_t)(1e4 * tt_exp(.3 * tt_normal_quantile(at)));
		worst[i] = (int64_t)(1e4 * tt_exp(.3 * tt_normal_quantile(tail * at)));
	}

	const tt_caution c = { weight_millionths, level_millionths, 0 };
	const tt_ladder_offer offer = { 0, 1, 630000, TT_FLOW_MANY, 0 };
	const tt_ladder l = { &segment, 1, &offer, 1, NULL, 0 };

	T_INT(TT_OK, tt_caution_segment(&c, 0, &(tt_layers_demand){ all, FINE, 1 },
	                                &(tt_layers_demand){ worst, FINE, 1 }, 1000000, FINE,
	                                arena, &segment, &err));
	T_INT(TT_OK, tt_ladder_solve(&l, arena, &plan, &err));
	T_INT(TT_OK, tt_ladder_check(&l, &plan, &err));
	if (plan.bought)
		units = plan.bought[0];
	tt_arena_free(arena);
	return units;
}

static void test_published(void)
{
	T_F64(9052.3925, (double)published(0, 900000), 5);
	T_F64(7420.5096, (double)published(250000, 900000), 5);
	T_F64(6383.1422, (double)published(500000, 900000), 5);
	T_F64(5850.9327, (double)published(1000000, 900000), 5);
	T_F64(8605.5820, (double)published(200000, 500000), 5);
}

/* --- Every plan ----------------------------------------------------------------------------- */

static uint64_t state = 7;

static int64_t below(int64_t n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (int64_t)(state >> 33) % n;
}

typedef struct game {
	int64_t demand[QUARTERS][COURSES][HOURS]; /* never less in a later course */
	tt_ladder_offer offers[OFFERS];
	tt_caution caution;
} game;

static void deal(game *g)
{
	g->caution = (tt_caution){ (uint32_t)below(5) * 250000, 800000, 0 };
	for (int q = 0; q < QUARTERS; q++)
		for (int h = 0; h < HOURS; h++) {
			int64_t units = below(2);

			for (int c = 0; c < COURSES; c++, units += below(3) / 2)
				g->demand[q][c][h] = units;
		}
	for (int j = 0; j < OFFERS; j++) {
		const size_t start = (size_t)below(2);
		const size_t end = start + 1 + (size_t)below(QUARTERS - (int64_t)start);

		g->offers[j] = (tt_ladder_offer){ start, end,
			(int64_t)(end - start) * HOURS * (3 + below(5)), UNITS, 0 };
	}
}

/* (1 - weight) x mean + weight x mean of the two worst of ten, each x 10^6 x COURSES. */
static int64_t weighed_loss(const game *g, const int64_t *units)
{
	int64_t losses[COURSES] = { 0 }, sum = 0, most[2] = { INT64_MIN, INT64_MIN };

	for (int c = 0; c < COURSES; c++) {
		for (int j = 0; j < OFFERS; j++)
			losses[c] += units[j] * g->offers[j].cost_micro;
		for (size_t q = 0; q < QUARTERS; q++) {
			int64_t n = 0;

			for (int j = 0; j < OFFERS; j++)
				n += g->offers[j].start <= q && q < g->offers[j].end ? units[j] : 0;
			for (int h = 0; h < HOURS; h++)
				losses[c] -= 10 * (g->demand[q][c][h] < n ? g->demand[q][c][h] : n);
		}
		sum += losses[c];
		if (losses[c] > most[0]) {
			most[1] = most[0];
			most[0] = losses[c];
		} else if (losses[c] > most[1]) {
			most[1] = losses[c];
		}
	}
	return sum * (1000000 - g->caution.weight_millionths) +
	       (most[0] + most[1]) * 5 * g->caution.weight_millionths;
}

static int64_t least(const game *g)
{
	int64_t best = INT64_MAX;

	for (int64_t a = 0; a <= UNITS; a++)
		for (int64_t b = 0; b <= UNITS; b++)
			for (int64_t c = 0; c <= UNITS; c++) {
				const int64_t loss = weighed_loss(g, (int64_t[]){ a, b, c });

				best = loss < best ? loss : best;
			}
	return best;
}

static void test_every_plan(void)
{
	static int64_t worst[QUARTERS][COURSES * HOURS];
	size_t n_cautious = 0;

	for (int round = 0; round < 300; round++) {
		tt_ladder_segment segments[QUARTERS];
		tt_arena *arena = tt_arena_new();
		tt_ladder_plan plan = { .bought = NULL };
		game g;

		deal(&g);
		for (size_t q = 0; q < QUARTERS; q++) {
			for (int i = 0; i < COURSES * HOURS; i++)
				worst[q][i] = g.demand[q][i / HOURS % 2][i % HOURS];
			T_INT(TT_OK, tt_caution_segment(&g.caution, q, &(tt_layers_demand){
				g.demand[q][0], (size_t)COURSES * HOURS, 1 }, &(tt_layers_demand){
				worst[q], (size_t)COURSES * HOURS, 1 }, 10000000, 1, arena,
				&segments[q], &err));
		}
		for (int j = 0; j < OFFERS; j++) /* as layers are: of all courses, in millionths */
			g.offers[j].cost_micro *= COURSES * INT64_C(1000000);
		const tt_ladder l = { segments, QUARTERS, g.offers, OFFERS, NULL, 0 };

		T_INT(TT_OK, tt_ladder_solve(&l, arena, &plan, &err));
		for (int j = 0; j < OFFERS; j++)
			g.offers[j].cost_micro /= COURSES * INT64_C(1000000);
		T_INT(least(&g), weighed_loss(&g, plan.bought));
		n_cautious += g.caution.weight_millionths > 0;
		tt_arena_free(arena);
	}
	T_OK(n_cautious > 100);
}

/* Half of the work goes each quarter: what is left in the middle of the first is 1 / sqrt 2. */
static void test_moves(void)
{
	const tt_caution c = { 0, 900000, 500000 }, all = { 0, 900000, 1000000 };
	const int64_t v[2] = { 3, 3 };
	const tt_layers_demand d = { v, 2, 1 };
	tt_ladder_segment s = { NULL, 0 };
	tt_arena *arena = tt_arena_new();

	T_F64(.70710678118654752, tt_caution_stays(&c, 0), 1e-12);
	T_F64(.35355339059327376, tt_caution_stays(&c, 1), 1e-12);
	T_F64(0, tt_caution_stays(&all, 0), 0);
	T_OK(tt_caution_any(&c));
	T_OK(!tt_caution_any(&(tt_caution){ 0, 900000, 0 }));
	T_INT(TT_OK, tt_caution_segment(&c, 1, &d, &d, 1000000, 1, arena, &s, &err));
	T_INT(1, s.n);
	T_INT(3, s.layers[0].units);
	T_INT(707106, s.layers[0].cost_micro); /* 2 h x 0.353553 */
	T_INT(TT_EDATA, tt_caution_segment(&c, 1, &d, &d, (tt_i128)1 << 105, 1, arena, &s, &err));
	T_HAS("too high to be weighed", err.text);
	tt_arena_free(arena);
}

int main(void)
{
	test_published();
	test_every_plan();
	test_moves();
	return T_END();
}
