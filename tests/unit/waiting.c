/* The value of waiting: the published example, and every number of units for small ones. */
#include "commit/waiting.h"
#include "t.h"

enum { SEGMENTS = 8, COURSES = 3, LAYERS = 3 };

static tt_err err;

typedef struct made {
	tt_ladder_layer layers[COURSES][SEGMENTS][LAYERS];
	tt_ladder_segment segments[COURSES][SEGMENTS];
	tt_waiting_course courses[COURSES];
	tt_ladder_offer offers[2 * SEGMENTS];
	int64_t proceeds[SEGMENTS];
	tt_ladder_held held[1];
	tt_waiting_task t;
} made;

static void test_published(void)
{
	static made m;
	tt_waiting w;

	m.t = (tt_waiting_task){ m.courses, 3, 8, m.offers, 8, 0, NULL, 0 };
	for (int c = 0; c < COURSES; c++) {
		m.courses[c] = (tt_waiting_course){ m.segments[c], c == 1 ? 2 : 1 };
		for (int q = 0; q < SEGMENTS; q++) {
			m.layers[c][q][0] = (tt_ladder_layer){ 100 + 10 * (c - 1) * q, 1000000 };
			m.segments[c][q] = (tt_ladder_segment){ m.layers[c][q], 1 };
		}
	}
	for (size_t q = 0; q < SEGMENTS; q++) {
		const size_t n = q + 4 < SEGMENTS ? 4 : SEGMENTS - q;

		m.offers[q] = (tt_ladder_offer){ q, q + n, 630000 * (int64_t)n, TT_FLOW_MANY,
			0 };
	}
	T_INT(TT_OK, tt_waiting_value(&m.t, &w, &err));
	T_INT(800000000, w.none_micro);
	T_INT(512700000, w.foresight_micro);
	T_INT(516775000, w.cost_micro);
	T_INT(90, w.units);
	T_INT(517800000, w.mean_micro);
	T_INT(100, w.mean_units);
	T_INT(574000000, w.fixed_micro);
	T_INT(100, w.fixed_units);
	T_INT(1025000, w.of_courses_micro);
	T_INT(4075000, w.of_foresight_micro);
	T_INT(57225000, w.of_waiting_micro);
}

/* --- Small ones, by hand ---------------------------------------------------------------- */

static uint64_t state = 21;

static int64_t below(int64_t n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (int64_t)(state >> 33) % n;
}

static void make(made *m)
{
	*m = (made){ .t = { m->courses, COURSES, 4, m->offers, 7, 2, m->held,
		            (size_t)below(2) } };
	for (int c = 0; c < COURSES; c++) {
		m->courses[c] = (tt_waiting_course){ m->segments[c], 1 + below(3) };
		for (int q = 0; q < 4; q++) {
			int64_t cost = 6 + below(10);
			size_t n = 0;

			for (; n < (size_t)below(LAYERS + 1); n++, cost -= below(4))
				m->layers[c][q][n] = (tt_ladder_layer){ 1 + below(3), cost };
			m->segments[c][q] = (tt_ladder_segment){ m->layers[c][q], n };
		}
	}
	for (size_t j = 0; j < 7; j++) {
		const size_t start = j == 2 ? 0 : 1 + (size_t)below(3);
		const size_t end = start + 1 + (size_t)below(4 - (int64_t)start);

		m->offers[j] = (tt_ladder_offer){ start, end,
			(5 + below(5)) * (int64_t)(end - start), 1 + below(6), 0 };
	}
	for (int q = 0; q < 4; q++)
		m->proceeds[q] = below(20);
	m->held[0] = (tt_ladder_held){ 3, 1 + below(3), m->proceeds };
}

/* With `units` today, x chances: the offer of today is taken away and so many are held. */
static int64_t cost_with(const made *m, int64_t units, int64_t *ret_chances)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_ladder_offer offers[7];
	tt_ladder_held held[2] = { { m->offers[2].end, units, NULL }, m->held[0] };
	int64_t cost = 0;

	memcpy(offers, m->offers, sizeof offers);
	offers[2].most = 0;
	*ret_chances = 0;
	for (int c = 0; c < COURSES; c++) {
		const size_t first = units ? 0 : 1;
		const tt_ladder l = { m->segments[c], 4, offers, 7, held + first,
			1 - first + m->t.n_held };
		tt_ladder_plan p;

		T_INT(TT_OK, tt_ladder_solve(&l, arena, &p, &err));
		cost += m->courses[c].chance * (p.cost_micro + units * m->offers[2].cost_micro);
		*ret_chances += m->courses[c].chance;
	}
	return cost;
}

static void test_every_number(void)
{
	for (int round = 0; round < 300; round++) {
		static made m;
		tt_waiting w;
		int64_t best = INT64_MAX, units = 0, chances = 1;

		make(&m);
		T_INT(TT_OK, tt_waiting_value(&m.t, &w, &err));
		for (int64_t k = 0; k <= m.offers[2].most; k++) {
			const int64_t cost = cost_with(&m, k, &chances);

			if (cost >= best)
				continue;
			best = cost;
			units = k;
		}
		T_INT(tt_div_half_even(best, chances), w.cost_micro);
		T_INT(units, w.units);
		T_INT(tt_div_half_even(cost_with(&m, w.mean_units, &chances), chances),
		      w.mean_micro);
		/* who knows less pays more */
		T_OK(w.of_courses_micro >= 0 && w.of_foresight_micro >= 0);
		T_OK(w.of_waiting_micro >= 0 && w.fixed_micro <= w.none_micro);
	}
}

/* One course: nothing is to be learnt. */
static void test_certain(void)
{
	for (int round = 0; round < 50; round++) {
		static made m;
		tt_waiting w;

		make(&m);
		m.t.n_courses = 1;
		T_INT(TT_OK, tt_waiting_value(&m.t, &w, &err));
		T_INT(w.foresight_micro, w.cost_micro);
		T_INT(w.foresight_micro, w.fixed_micro);
		T_INT(w.foresight_micro, w.mean_micro);
	}
}

static void test_refused(void)
{
	static made m;
	tt_waiting w;

	make(&m);
	m.t.now = 1;
	T_INT(TT_EINVAL, tt_waiting_value(&m.t, &w, &err));
	make(&m);
	m.offers[4].start = 0;
	T_INT(TT_EINVAL, tt_waiting_value(&m.t, &w, &err));
	make(&m);
	m.courses[1].chance = 0;
	T_INT(TT_EINVAL, tt_waiting_value(&m.t, &w, &err));
	m.courses[1].chance = INT64_C(1) << 50;
	T_INT(TT_EINVAL, tt_waiting_value(&m.t, &w, &err));
	make(&m);
	m.t.n_courses = 0;
	T_INT(TT_EINVAL, tt_waiting_value(&m.t, &w, &err));
	make(&m);
	m.segments[1][2] = (tt_ladder_segment){ m.layers[1][2], 1 };
	m.layers[1][2][0].units = 0;
	err = (tt_err){ 0 };
	T_INT(TT_EINVAL, tt_waiting_value(&m.t, &w, &err));
	T_HAS("course 1", err.text);
	for (uint64_t nth = 1; nth < 200; nth++) {
		make(&m);
		err = (tt_err){ 0 };
		tt_alloc_fail_at(nth, 0);
		const int rc = tt_waiting_value(&m.t, &w, &err);

		T_OK(rc == TT_ENOMEM || !tt_alloc_failed());
		tt_alloc_fail_at(0, 0);
	}
}

int main(void)
{
	test_published();
	test_every_number();
	test_certain();
	test_refused();
	return T_END();
}
