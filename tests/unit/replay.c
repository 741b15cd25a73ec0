/* Replays of a made-up past: nobody peeks, the one who knew it all is never beaten, and a rule is
 * what it says. (Published shares on a real past: commit_real.c.) */
#include "commit/replay.h"
#include "t.h"

enum { SEGMENT = 336, SEGMENTS = 6, HOURS = SEGMENT * (SEGMENTS + 3) };

static tt_err err;

static double usage(size_t t)
{
	const size_t hour = t % 24, day = t / 24 % 7;

	return 40 + (double)(t / 100) + (hour >= 8 && hour < 20 && day < 5 ? 25 : 0) +
	       (double)(7919 * t % 11) - 5;
}

static tt_replay_task task(const double *y)
{
	return (tt_replay_task){ .y = y, .n = HOURS, .segment_h = SEGMENT, .segments = SEGMENTS,
		.term = 3, .rate_per_hour = TT_DECIMAL_ONE * 63 / 100,
		.price_per_hour = TT_DECIMAL_ONE, .level = tt_level_defaults() };
}

static void fill(double *y)
{
	for (size_t t = 0; t < HOURS; t++)
		y[t] = usage(t);
}

static void test_order(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	static double y[HOURS];
	tt_replay r;

	fill(y);
	const tt_replay_task t = task(y);

	T_INT(TT_OK, tt_replay_run(&t, arena, &r, &err));
	for (int k = 0; k < TT_REPLAY_RULES; k++) {
		T_OK(r.cost_micro[k] >= r.cost_micro[TT_REPLAY_CLAIRVOYANT]);
		T_OK(k == TT_REPLAY_NOTHING || r.cost_micro[k] < r.cost_micro[TT_REPLAY_NOTHING]);
	}
	T_F64(r.used_unit_hours * 1e6, (double)r.cost_micro[TT_REPLAY_NOTHING], 1);
	/* a growing demand: the planner does better than looking back */
	T_OK(r.cost_micro[TT_REPLAY_PLANNER] < r.cost_micro[TT_REPLAY_AWS_30D]);
	/* at the start: the least of 30 days, as far as they reach back */
	T_INT(40 + 2 - 5, r.bought[TT_REPLAY_GCP][0]);
}

/* What came later changes nothing that was bought before. */
static void test_no_peeking(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	static double y[HOURS], z[HOURS];
	tt_replay a, b;

	fill(y);
	for (size_t q = 1; q < SEGMENTS; q++) {
		const size_t now = HOURS - SEGMENT * (SEGMENTS - q);
		const tt_replay_task t = task(y), u = task(z);
		size_t same = 0;

		memcpy(z, y, sizeof z);
		for (size_t h = now; h < HOURS; h++)
			z[h] = 3 * y[h] + 7;
		T_INT(TT_OK, tt_replay_run(&t, arena, &a, &err));
		T_INT(TT_OK, tt_replay_run(&u, arena, &b, &err));
		for (int k = 0; k < TT_REPLAY_CLAIRVOYANT; k++)
			for (size_t i = 0; i < q + (k != TT_REPLAY_ONLINE) && i < SEGMENTS; i++)
				T_INT(a.bought[k][i], b.bought[k][i]);
		for (size_t i = 0; i < SEGMENTS; i++)
			same += a.bought[TT_REPLAY_CLAIRVOYANT][i] ==
			        b.bought[TT_REPLAY_CLAIRVOYANT][i];
		T_OK(same < SEGMENTS);
	}
}

/* Each segment counted by hand, from what was bought. */
static void test_bill(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	static double y[HOURS];
	tt_replay r;

	fill(y);
	for (size_t h = 0; h < HOURS; h += 97)
		y[h] = (double)NAN; /* not known: in no cost */
	const tt_replay_task t = task(y);

	T_INT(TT_OK, tt_replay_run(&t, arena, &r, &err));
	for (int k = 0; k < TT_REPLAY_RULES; k++) {
		double cost = 0;

		for (size_t h = 3 * SEGMENT; k != TT_REPLAY_ONLINE && h < HOURS; h++) {
			const size_t q = (h - 3 * SEGMENT) / SEGMENT;
			double held = 0;

			for (size_t i = 0; i <= q; i++)
				held += i + t.term > q ? (double)r.bought[k][i] : 0;
			if (!isnan(y[h]))
				cost += .63 * held + fmax(y[h] - held, 0);
		}
		if (k != TT_REPLAY_ONLINE) /* which buys in any hour */
			T_F64(cost, (double)r.cost_micro[k] / 1e6, 1e-5);
	}
}

static void test_refused(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	static double y[HOURS];
	tt_replay_task t = task(y);
	tt_replay r;

	fill(y);
	t.n = SEGMENT * SEGMENTS;
	T_INT(TT_ENODATA, tt_replay_run(&t, arena, &r, &err));
	T_STR("2016 hours of history are too short to replay 6 quarters of 336 hours: nothing is "
	      "known before the first of them", err.text);
	err = (tt_err){ 0 };
	t.n = HOURS;
	y[5] = 5e9;
	T_INT(TT_EDATA, tt_replay_run(&t, arena, &r, &err));
}

int main(void)
{
	test_order();
	test_no_peeking();
	test_bill();
	test_refused();
	return T_END();
}
