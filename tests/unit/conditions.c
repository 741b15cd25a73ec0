/* Purchases that can't be of any size: against every plan that is allowed, and by hand. */
#include "commit/conditions.h"
#include "t.h"
#include <string.h>

enum { SEGMENTS = 3, OFFERS = 2 };

static tt_err err;
static uint32_t state = 7;

static int64_t below(int64_t n)
{
	state = state * 1664525 + 1013904223;
	return (int64_t)(state >> 16) % n;
}

/* A ladder of up to 6 units in 3 quarters, each with 2 offers. */
typedef struct made {
	tt_ladder_layer layers[SEGMENTS][2];
	tt_ladder_segment segments[SEGMENTS];
	tt_ladder_offer offers[SEGMENTS * OFFERS];
	tt_offer of[OFFERS];
	tt_offers terms;
	tt_rolling_plan plan;
} made;

static void make(made *m)
{
	memset(m, 0, sizeof *m);
	for (size_t q = 0; q < SEGMENTS; q++) {
		const int64_t cost = 5 + below(20);

		m->layers[q][0] = (tt_ladder_layer){ 1 + below(3), cost };
		m->layers[q][1] = (tt_ladder_layer){ 1 + below(3), below(cost + 1) };
		m->segments[q] = (tt_ladder_segment){ m->layers[q], 2 };
		for (size_t k = 0; k < OFFERS; k++) {
			const size_t end = q + 1 + k < SEGMENTS ? q + 1 + k : SEGMENTS;

			m->offers[q * OFFERS + k] = (tt_ladder_offer){ q, end,
				(int64_t)(end - q) * (4 + below(12)), 5, 0 };
		}
	}
	for (size_t k = 0; k < OFFERS; k++)
		m->of[k] = (tt_offer){ .name = "o", .least = below(4), .lot = below(4) };
	m->terms = (tt_offers){ .v = m->of, .n = OFFERS };
	m->plan.ladder = (tt_ladder){ m->segments, SEGMENTS, m->offers, SEGMENTS * OFFERS, NULL,
		0 };
	m->plan.expected = m->plan.ladder;
}

/* The least of all plans that are allowed. */
static int64_t least(const made *m, tt_arena *arena)
{
	int64_t best = INT64_MAX, committed[SEGMENTS], on_demand[SEGMENTS];
	const size_t n = SEGMENTS * OFFERS;
	tt_ladder_plan p = { .committed = committed, .on_demand_micro = on_demand,
		.bought = tt_arena_alloc(arena, n * sizeof *p.bought) };

	for (;;) {
		bool allowed = true;
		size_t j = 0;

		for (size_t i = 0; i < n; i++)
			allowed = allowed && tt_condition_holds(&m->of[i % OFFERS], p.bought[i]);
		if (allowed) {
			T_INT(TT_OK, tt_ladder_bill(&m->plan.ladder, &p, &err));
			best = p.cost_micro < best ? p.cost_micro : best;
		}
		while (j < n && p.bought[j] == 5)
			p.bought[j++] = 0;
		if (j == n)
			return best;
		p.bought[j]++;
	}
}

static void test_random(void)
{
	int limited = 0, best = 0, rounds = 100;
	const tt_rolling r = { .n_quarters = SEGMENTS };

	for (int round = 0; round < rounds; round++) {
		TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
		tt_conditions c;
		made m;

		make(&m);
		err = (tt_err){ 0 };
		T_INT(TT_OK, tt_ladder_solve(&m.plan.ladder, arena, &m.plan.plan, &err));
		m.plan.expects = m.plan.plan;
		m.plan.least_micro = m.plan.plan.cost_micro;
		const int64_t cheapest = least(&m, arena);

		T_INT(TT_OK, tt_conditions_keep(&m.terms, &r, arena, &m.plan, &c, &err));
		T_INT(TT_OK, tt_ladder_check(&m.plan.ladder, &m.plan.plan, &err));
		T_STR("", err.text);
		for (size_t i = 0; i < SEGMENTS * OFFERS; i++)
			T_OK(tt_condition_holds(&m.of[i % OFFERS], m.plan.plan.bought[i]));
		T_OK(c.bound_micro <= cheapest && cheapest <= m.plan.expects.cost_micro);
		T_OK(c.n || c.bound_micro == m.plan.expects.cost_micro);
		limited += c.n > 0;
		best += cheapest == m.plan.expects.cost_micro;

		/* the limits alone make the same plan again */
		tt_ladder again = { m.segments, SEGMENTS, m.offers, SEGMENTS * OFFERS, NULL, 0 };

		T_INT(TT_OK, tt_conditions_put(&c, arena, &again, &err));
		T_INT(TT_OK, tt_ladder_check(&again, &m.plan.plan, &err));
	}
	printf("# %d of %d limited, %d of them as cheap as any\n", limited, rounds, best);
	T_OK(limited > 30);
	T_OK(best > rounds * 8 / 10);
}

static void test_sizes(void)
{
	const tt_offer o = { .least = 6, .lot = 4 };
	static const bool holds[13] = { [0] = true, [8] = true, [12] = true };

	for (int64_t units = 0; units < 13; units++)
		T_OK(tt_condition_holds(&o, units) == holds[units]);
	T_OK(tt_condition_holds(&(tt_offer){ .name = "any" }, 7));
}

int main(void)
{
	test_random();
	test_sizes();
	return T_END();
}
