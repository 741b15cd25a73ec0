/* Ladders: published ones, and every plan of small ones tried by hand; the proof sees through a
 * plan that is one unit off. */
#include "commit/ladder.h"
#include "t.h"
#include <stdbool.h>

enum { SEGMENTS = 4, OFFERS = 7, HELD = 1, LAYERS = 4 };

typedef struct made {
	tt_ladder_layer layers[SEGMENTS][LAYERS];
	tt_ladder_segment segments[SEGMENTS];
	tt_ladder_offer offers[3 * SEGMENTS];
	int64_t proceeds[SEGMENTS];
	tt_ladder_held held[HELD];
	tt_ladder l;
} made;

static uint64_t state = 5;
static tt_err err;

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

/* Two kinds of hours, each for half of a quarter of 2,190 h at 4.00: the lower demand is used
 * in all of it. */
static void hours(made *m, size_t q, int64_t a, int64_t b)
{
	const int64_t low = a < b ? a : b, high = a < b ? b : a;
	tt_ladder_segment *s = &m->segments[q];

	*s = (tt_ladder_segment){ m->layers[q], 0 };
	if (low > 0)
		m->layers[q][s->n++] = (tt_ladder_layer){ low, 2190 * INT64_C(4000000) };
	if (high > (low > 0 ? low : 0))
		m->layers[q][s->n++] = (tt_ladder_layer){ high - (low > 0 ? low : 0),
			1095 * INT64_C(4000000) };
}

static void published(made *m, const int64_t existing[4])
{
	static const int64_t demand[4][2] = { { 3, 5 }, { 4, 6 }, { 2, 2 }, { 7, 3 } };
	static const int64_t length[] = { 1, 2, 4 }, rate[] = { 3600000, 3000000, 2400000 };

	*m = (made){ .l = { m->segments, 4, m->offers, 12, NULL, 0 } };
	for (size_t q = 0; q < 4; q++) {
		hours(m, q, demand[q][0] - existing[q], demand[q][1] - existing[q]);
		for (size_t k = 0; k < 3; k++) {
			const size_t end = q + (size_t)length[k] < 4 ? q + (size_t)length[k] : 4;

			m->offers[3 * q + k] = (tt_ladder_offer){ q, end,
				rate[k] * 2190 * (int64_t)(end - q), TT_FLOW_MANY, 0 };
		}
	}
}

static void test_published(void)
{
	static const int64_t none[4] = { 0 }, some[4] = { 2, 2, 1, 0 };
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_ladder_plan p;
	made m;

	published(&m, none);
	T_INT(TT_OK, tt_ladder_solve(&m.l, arena, &p, fresh()));
	T_INT(INT64_C(103368000000), p.cost_micro);
	T_INT(TT_OK, tt_ladder_check(&m.l, &p, fresh()));
	published(&m, some);
	T_INT(TT_OK, tt_ladder_solve(&m.l, arena, &p, fresh()));
	T_INT(INT64_C(74460000000), p.cost_micro);
	T_INT(TT_OK, tt_ladder_check(&m.l, &p, fresh()));
}

/* Twelve that are held, less and less used: sold 0, 3, 3, 1 */
static void test_sales(void)
{
	static const int64_t demand[4][2] = { { 10, 14 }, { 8, 9 }, { 4, 6 }, { 3, 5 } };
	static const int64_t proceeds[] = { 3000000000, 2000000000, 1000000000, 300000000 };
	static const tt_ladder_held held = { 4, 12, proceeds };
	static const int64_t sold[] = { 0, 3, 3, 1 };
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	made m = { .l = { m.segments, 4, NULL, 0, &held, 1 } };
	tt_ladder_plan p;

	for (size_t q = 0; q < 4; q++)
		hours(&m, q, demand[q][0], demand[q][1]);
	T_INT(TT_OK, tt_ladder_solve(&m.l, arena, &p, fresh()));
	T_INT(-540000000, p.cost_micro);
	T_INT(8760000000, p.none_micro);
	for (size_t q = 0; q < 4; q++)
		T_INT(sold[q], p.sold[0][q]);
	T_INT(TT_OK, tt_ladder_check(&m.l, &p, fresh()));
	p.sold[0][1]--;
	T_INT(TT_OK, tt_ladder_bill(&m.l, &p, fresh()));
	T_INT(TT_EDATA, tt_ladder_check(&m.l, &p, fresh()));
	p.sold[0][1] += 7;
	T_INT(TT_EINVAL, tt_ladder_bill(&m.l, &p, fresh()));
	T_STR("1 units of holding 0 are sold in segment 3, of 0 that can be", err.text);
}

/* One level at a time is not the optimum: 8, where levels by themselves come to 12. */
static void test_levels(void)
{
	static const int64_t demand[] = { 0, 1, 2, 1 };
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	made m = { .l = { m.segments, 4, m.offers, 4, NULL, 0 } };
	tt_ladder_plan p;

	for (size_t q = 0; q < 4; q++) {
		m.layers[q][0] = (tt_ladder_layer){ demand[q] ? demand[q] : 1, 4 };
		m.segments[q] = (tt_ladder_segment){ m.layers[q], demand[q] > 0 };
		m.offers[q] = (tt_ladder_offer){ q, q + 2 < 4 ? q + 2 : 4, 4, TT_FLOW_MANY,
			0 };
	}
	T_INT(TT_OK, tt_ladder_solve(&m.l, arena, &p, fresh()));
	T_INT(8, p.cost_micro);
	T_INT(1, p.bought[1]);
	T_INT(1, p.bought[2]);
}

static void make(made *m)
{
	*m = (made){ .l = { m->segments, 1 + (size_t)below(SEGMENTS), m->offers,
		(size_t)below(OFFERS), m->held, (size_t)below(2) } };
	for (size_t q = 0; q < m->l.n_segments; q++) {
		int64_t cost = 30;

		m->segments[q] = (tt_ladder_segment){ m->layers[q], (size_t)below(3) };
		for (size_t i = 0; i < m->segments[q].n; i++) {
			cost = below(cost + 1);
			m->layers[q][i] = (tt_ladder_layer){ 1 + below(2), cost };
		}
		m->proceeds[q] = below(4) ? below(25) : TT_MONEY_UNKNOWN;
	}
	for (size_t j = 0; j < m->l.n_offers; j++) {
		const size_t start = (size_t)below((int64_t)m->l.n_segments);

		m->offers[j] = (tt_ladder_offer){ start, start + 1 +
			(size_t)below((int64_t)(m->l.n_segments - start)), below(40), below(4),
			0 };
	}
	m->held[0] = (tt_ladder_held){ 1 + (size_t)below((int64_t)m->l.n_segments), 1 + below(3),
		m->proceeds };
}

/* Some of it has to be bought. */
static bool bind(made *m)
{
	bool any = false;

	for (size_t j = 0; j < m->l.n_offers; j++) {
		m->offers[j].least = below(3) ? 0 : below(m->offers[j].most + 1);
		any = any || m->offers[j].least;
	}
	return any;
}

/* The least of all plans with the units sold that `p` has, by all numbers bought. */
static int64_t least_bought(const made *m, tt_ladder_plan *p)
{
	int64_t best = INT64_MAX;

	for (size_t j = 0; j < m->l.n_offers; j++)
		p->bought[j] = m->offers[j].least;
	for (;;) {
		size_t j = 0;

		T_INT(TT_OK, tt_ladder_bill(&m->l, p, fresh()));
		best = p->cost_micro < best ? p->cost_micro : best;
		while (j < m->l.n_offers && p->bought[j] == m->offers[j].most)
			p->bought[j] = m->offers[j].least, j++;
		if (j == m->l.n_offers)
			return best;
		p->bought[j]++;
	}
}

/* ... and of all ways to sell; what can't be billed can't be done. */
static int64_t least(const made *m, tt_ladder_plan *p)
{
	const size_t n = m->l.n_held ? m->held[0].end : 0;
	int64_t best = INT64_MAX;

	if (!n)
		return least_bought(m, p);
	memset(p->sold[0], 0, n * sizeof *p->sold[0]);
	for (;;) {
		size_t q = 0;

		if (!tt_ladder_bill(&m->l, p, fresh())) {
			const int64_t cost = least_bought(m, p);

			best = cost < best ? cost : best;
		}
		while (q < n && p->sold[0][q] == m->held[0].units)
			p->sold[0][q++] = 0;
		if (q == n)
			return best;
		p->sold[0][q]++;
	}
}

/* A plan made worse by one unit, with the same worths. */
static void test_worse(const made *m, tt_ladder_plan *p)
{
	const int64_t cost = p->cost_micro;

	for (size_t j = 0; j < m->l.n_offers; j++)
		for (int sign = -1; sign <= 1; sign += 2) {
			p->bought[j] += sign;
			if (p->bought[j] >= m->offers[j].least &&
			    p->bought[j] <= m->offers[j].most) {
				T_INT(TT_OK, tt_ladder_bill(&m->l, p, fresh()));
				T_OK(p->cost_micro >= cost);
				T_OK(tt_ladder_check(&m->l, p, fresh()) ==
				     (p->cost_micro == cost ? TT_OK : TT_EDATA));
			} else {
				T_INT(TT_EDATA, tt_ladder_check(&m->l, p, fresh()));
			}
			p->bought[j] -= sign;
		}
}

static void test_random(void)
{
	int gains = 0, bought = 0;

	for (int round = 0; round < 1000; round++) {
		TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
		tt_ladder_plan p, q;
		made m;

		make(&m);
		const bool bound = round % 2 && bind(&m);

		T_INT(TT_OK, tt_ladder_solve(&m.l, arena, &p, fresh()));
		T_INT(TT_OK, tt_ladder_check(&m.l, &p, fresh()));
		const int64_t cost = p.cost_micro;

		test_worse(&m, &p);
		T_OK(bound || cost <= p.none_micro);
		gains += cost < 0;
		for (size_t j = 0; j < m.l.n_offers; j++)
			bought += p.bought[j] > 0;
		T_INT(TT_OK, tt_ladder_solve(&m.l, arena, &q, fresh()));
		T_INT(least(&m, &q), cost);
	}
	T_OK(gains > 20 && bought > 500);
}

/* One more layer never costs less, one more offer never costs more. */
static void test_monotone(void)
{
	for (int round = 0; round < 500; round++) {
		TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
		tt_ladder_plan p, less, more;
		made m;

		make(&m);
		T_INT(TT_OK, tt_ladder_solve(&m.l, arena, &p, fresh()));
		m.l.n_offers -= m.l.n_offers > 0;
		T_INT(TT_OK, tt_ladder_solve(&m.l, arena, &less, fresh()));
		T_OK(less.cost_micro >= p.cost_micro);
		for (size_t q = 0; q < m.l.n_segments; q++) {
			tt_ladder_segment *s = &m.segments[q];

			m.layers[q][s->n] = (tt_ladder_layer){ 1 + below(2),
				s->n ? m.layers[q][s->n - 1].cost_micro : 9 };
			s->n++;
		}
		T_INT(TT_OK, tt_ladder_solve(&m.l, arena, &more, fresh()));
		T_OK(more.cost_micro >= less.cost_micro);
	}
}

static void test_refused(void)
{
	static const tt_ladder_layer rising[] = { { 1, 1 }, { 1, 2 } };
	static const tt_ladder_layer dear[] = { { INT64_C(1000000) * 26280, 4000000000 } };
	static const tt_ladder_segment segments[] = { { rising, 2 }, { dear, 1 } };
	static const tt_ladder_offer backwards = { 1, 1, 5, 1, 0 };
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_ladder_plan p;

	T_INT(TT_EINVAL, tt_ladder_solve(&(tt_ladder){ segments, 1, NULL, 0, NULL, 0 }, arena, &p,
	                                 fresh()));
	T_HAS("layer 1 of segment 0 (1 units at 2) is out of range or costs more than", err.text);
	T_INT(TT_EINVAL, tt_ladder_solve(&(tt_ladder){ segments, 1, &backwards, 1, NULL, 0 }, arena,
	                                 &p, fresh()));
	T_STR("offer 0 covers segments 1 to 1 of 1 for 5, 0 to 1 units", err.text);
	T_INT(TT_EINVAL, tt_ladder_solve(&(tt_ladder){ &segments[1], 1, NULL, 0, NULL, 0 }, arena,
	                                 &p, fresh()));
	T_HAS("does not fit", err.text);
}

int main(void)
{
	test_published();
	test_sales();
	test_levels();
	test_random();
	test_monotone();
	test_refused();
	return T_END();
}
