/* Online rules: published courses and expectations, the bound against ladders that know the
 * future, and the rule as it is told, slot by slot. */
#include "commit/ladder.h"
#include "maths/elementary.h"
#include "maths/online_commit.h"
#include "t.h"

enum { LONG = 120 };

static tt_err err;

static const int64_t busy[] = { 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0 };
static const int64_t mixed[] = { 2, 3, 1, 0, 2, 2, 4, 1, 3, 3, 2, 0, 1, 2, 2, 2 };

static uint64_t state = 17;

static int64_t below(int64_t n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (int64_t)(state >> 33) % n;
}

/* Knowing the future: a ladder with an offer from every slot. */
static double offline(const tt_online_task *t)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	static tt_ladder_layer layers[LONG];
	static tt_ladder_segment s[LONG];
	static tt_ladder_offer offers[LONG];
	const tt_ladder l = { s, t->n, offers, t->n, NULL, 0 };
	const int64_t used = t->price_micro * t->used_millionths / 1000000;
	tt_ladder_plan p;
	int64_t all = 0;

	for (size_t i = 0; i < t->n; i++) {
		layers[i] = (tt_ladder_layer){ t->demand[i], t->price_micro - used };
		s[i] = (tt_ladder_segment){ &layers[i], t->demand[i] > 0 };
		offers[i] = (tt_ladder_offer){ i, i + t->term < t->n ? i + t->term : t->n,
			t->fee_micro, TT_FLOW_MANY, 0 };
		all += t->demand[i];
	}
	T_INT(TT_OK, tt_ladder_solve(&l, arena, &p, &err));
	return (double)(p.cost_micro + all * used) / 1e6;
}

static double online(const tt_online_task *t, int64_t patience)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_online o;

	T_INT(TT_OK, tt_online_run(t, patience, arena, &o, &err));
	return (double)o.cost_micro / 1e6;
}

static double expected(const tt_online_task *t, bool never)
{
	double micro = (double)NAN;

	T_INT(TT_OK, tt_online_expected(t, never, &micro, &err));
	return micro / 1e6;
}

static void test_published(void)
{
	const tt_online_task a = { busy, 12, 0, 8, 1000000, 250000, 0 };
	const tt_online_task b = { mixed, 16, 0, 6, 1000000, 400000, 300000 };
	int64_t long_busy[LONG] = { 0 };
	/* prices of 1 / 28 exactly: the fee is 28 million */
	const tt_online_task c = { long_busy, LONG, 0, 60, 28000000, 1000000, 300000 };

	T_INT(4, tt_online_patience(&a));
	T_F64(2, online(&a, tt_online_patience(&a)), 0);
	T_F64(1, offline(&a), 0);
	T_F64(1.45177379, expected(&a, true), 5e-9);
	T_INT(3, tt_online_patience(&b));
	T_F64(10.52, online(&b, tt_online_patience(&b)), 1e-12);
	T_F64(10.4, offline(&b), 1e-12);
	T_F64(12, online(&b, TT_ONLINE_NEVER), 1e-12);
	T_F64(11.17805265, expected(&b, true), 5e-9);
	for (int i = 0; i < 50; i++)
		long_busy[i] = 1;
	T_F64(1.339871, expected(&c, true) / offline(&c), 5e-7);
	T_F64(1.412463, expected(&c, false) / offline(&c), 5e-7); /* above 1.34683 */
}

static void test_random_patience(void)
{
	static const struct {
		double u, part, z;
	} known[] = {
		{ .25, .49, .861941 }, { .5, .49, 1.458642 }, { .75, .49, 1.915492 },
		{ .25, 0, .357374 }, { .5, 0, .620115 }, { .75, 0, .827989 },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		T_F64(known[i].z, tt_online_random_patience(known[i].u, known[i].part), 5e-7);
	T_OK(isinf(tt_online_random_patience(.95, .49)));
	T_F64(0, tt_online_random_patience(0, .3), 0);
}

/* The rule as it is told: phantoms in every slot of the window, counted anew each time. */
static int64_t told(const tt_online_task *t, int64_t patience)
{
	int64_t x[2 * LONG] = { 0 }, real[2 * LONG] = { 0 }, cost = 0;

	for (size_t i = t->first; i < t->n; i++) {
		const size_t from = i + 1 > t->term ? i + 1 - t->term : 0;

		for (;;) {
			int64_t above = 0;

			for (size_t j = from; j <= i; j++)
				above += t->demand[j] > x[j];
			if (above <= patience || t->demand[i] <= x[i])
				break;
			cost += t->fee_micro;
			for (size_t j = i; j < i + t->term; j++)
				real[j]++;
			for (size_t j = from; j < i + t->term; j++)
				x[j]++;
		}
		const int64_t d = t->demand[i], served = d < real[i] ? d : real[i];

		cost += served * (t->price_micro * t->used_millionths / 1000000) +
		        (d - served) * t->price_micro;
	}
	return cost;
}

static void test_told_and_bounds(void)
{
	static const uint32_t part[] = { 0, 300000, 600000 };

	for (int round = 0; round < 600; round++) {
		int64_t d[LONG];
		const uint32_t used = part[round % 3];
		tt_online_task t = { d, (size_t)(8 + below(40)), 0, (size_t)(3 + below(8)),
			1000000, 0, used };
		const double ratio = (double)used / 1e6;

		/* a reservation that is never worth its fee has no bound */
		t.price_micro = (int64_t)((1.05e6 + (double)below(1950000)) / (1 - ratio) /
		                          (double)t.term) / 10 * 10 + 10;
		for (size_t i = 0; i < t.n; i++)
			d[i] = below(4);
		const int64_t patience = tt_online_patience(&t);
		const double best = offline(&t);

		T_F64((double)told(&t, patience) / 1e6, online(&t, patience), 1e-12);
		T_OK(online(&t, patience) <= (2 - ratio) * best + 1e-9);
		if (round % 10 == 0)
			T_OK(expected(&t, true) <=
			     exp(1) / (exp(1) - 1 + ratio) * best + 1e-6);
		t.first = t.n / 3;
		T_F64((double)told(&t, 2) / 1e6, online(&t, 2), 1e-12);
	}
}

static void test_course(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	int64_t d[] = { 1, 1, 1, -1, 2, 2, 2, 2 };
	tt_online_task t = { d, 8, 4, 4, 100, 50, 0 };
	tt_online o;

	/* history counts, and what is not known in it does not */
	T_INT(TT_OK, tt_online_run(&t, 2, arena, &o, &err));
	T_INT(1, o.bought[4]);
	T_INT(1, o.bought[6]);
	T_INT(2, o.n_bought);
	T_INT(2, o.held[7]);
	T_INT(6, o.reserved_slots);
	T_INT(2, o.on_demand_slots);
	T_INT(2 * 100 + 2 * 50, o.cost_micro);
	t.first = 0;
	T_INT(TT_OK, tt_online_run(&t, TT_ONLINE_NEVER, arena, &o, &err));
	T_INT(11 * 50, o.cost_micro);
	t.n = 0;
	T_INT(TT_OK, tt_online_run(&t, 0, arena, &o, &err));
	T_INT(0, o.cost_micro);
}

static void test_refused(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	int64_t d[] = { 1, 1 << 24 };
	tt_online_task t = { d, 2, 0, 0, 1, 1, 0 };
	tt_online o;

	T_INT(TT_EINVAL, tt_online_run(&t, 0, arena, &o, &err));
	t.term = 1;
	T_INT(TT_OK, tt_online_run(&t, 0, arena, &o, &err));
	t.used_millionths = 1000000;
	T_INT(TT_EINVAL, tt_online_run(&t, 0, arena, &o, &err));
	t.used_millionths = 0;
	t.fee_micro = INT64_MAX / 2;
	T_INT(TT_EINVAL, tt_online_run(&t, 0, arena, &o, &err));
	t.fee_micro = 1;
	d[1]++;
	T_INT(TT_EINVAL, tt_online_run(&t, 0, arena, &o, &err));
	d[1] = 3;
	for (uint64_t nth = 1; nth < 4; nth++) {
		tt_alloc_fail_at(nth, 0);
		T_INT(TT_ENOMEM, tt_online_run(&t, 0, arena, &o, &err));
		tt_alloc_fail_at(0, 0);
	}
}

int main(void)
{
	test_published();
	test_random_patience();
	test_told_and_bounds();
	test_course();
	test_refused();
	return T_END();
}
