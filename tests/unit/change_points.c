/* Change points: the published series, against every segmentation, and what is missing. */
#include "maths/change_points.h"
#include "t.h"

enum { N = 160 };

static tt_err err;

static void fill(double *y)
{
	for (int t = 0; t < N; t++)
		y[t] = 10 + 37 * t % 11 * .3 + (t >= 60 ? 8 : 0) - (t >= 110 ? 5 : 0);
}

static double squares(const double *y, size_t from, size_t to)
{
	double mean = 0, sum = 0;

	for (size_t i = from; i < to; i++)
		mean += y[i] / (double)(to - from);
	for (size_t i = from; i < to; i++)
		sum += (y[i] - mean) * (y[i] - mean);
	return sum;
}

/* All segmentations, nothing left out. */
static double least(const double *y, size_t n, double penalty)
{
	double best[N + 1] = { -penalty };

	for (size_t t = 1; t <= n; t++) {
		best[t] = (double)INFINITY;
		for (size_t s = 0; s < t; s++)
			best[t] = fmin(best[t], best[s] + squares(y, s, t) + penalty);
	}
	return best[n];
}

static void test_published(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_change_points c;
	double y[N];

	fill(y);
	T_INT(TT_OK, tt_change_points_find(y, N, 2 * log(N), arena, &c, &err));
	T_INT(2, c.n);
	T_INT(60, c.at[0]);
	T_INT(110, c.at[1]);
	T_F64(164.752795, c.objective, 5e-7);
	for (size_t i = 0; i <= 2; i++) {
		const size_t from = i ? c.at[i - 1] : 0, to = i < 2 ? c.at[i] : N;
		double level = 0;

		for (size_t t = from; t < to; t++)
			level += y[t] / (double)(to - from);
		T_F64(level, c.level[i], 1e-12);
	}
	T_F64(least(y, N, 2 * log(N)), c.objective, 1e-9);
	T_OK(c.n_costs < N * (N + 1) / 2 / 3);
	/* its own sigma: steps of the saw, and a penalty from them */
	T_INT(TT_OK, tt_change_points_find(y, N, (double)NAN, arena, &c, &err));
	T_F64(2 * c.sigma * c.sigma * log(N), c.penalty, 1e-12);
	T_INT(2, c.n);
	T_INT(110, c.at[1]);
	/* far from 0 nothing is different */
	for (int t = 0; t < N; t++)
		y[t] += 1e6;
	T_INT(TT_OK, tt_change_points_find(y, N, 2 * log(N), arena, &c, &err));
	T_INT(2, c.n);
	T_F64(164.752795, c.objective, 1e-6);
}

static void test_random(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	uint64_t state = 9;
	double y[60];

	for (int round = 0; round < 100; round++) {
		tt_change_points c;
		double level = 0;

		for (int t = 0; t < 60; t++) {
			state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
			if (state >> 60 == 0)
				level = (double)(state >> 50 & 31);
			y[t] = level + (double)(state >> 40 & 7);
		}
		T_INT(TT_OK, tt_change_points_find(y, 60, 1 + round, arena, &c, &err));
		T_F64(least(y, 60, 1 + round), c.objective, 1e-9);
		double sum = c.penalty * (double)c.n;

		for (size_t i = 0; i <= c.n; i++)
			sum += squares(y, i ? c.at[i - 1] : 0, i < c.n ? c.at[i] : 60);
		T_F64(c.objective, sum, 1e-9);
	}
}

static void test_missing(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_change_points c;
	double y[N];

	fill(y);
	for (int t = 20; t < 30; t++) /* no telemetry, no change */
		y[t] = (double)NAN;
	T_INT(TT_OK, tt_change_points_find(y, N, (double)NAN, arena, &c, &err));
	T_INT(2, c.n);
	T_INT(60, c.at[0]);
	for (int t = 0; t < N; t++)
		y[t] = t < 80 ? 3 : 5; /* no noise at all, and one step */
	T_INT(TT_OK, tt_change_points_find(y, N, (double)NAN, arena, &c, &err));
	T_INT(1, c.n);
	T_INT(80, c.at[0]);
	for (int t = 0; t < N; t++)
		y[t] = 3;
	T_INT(TT_OK, tt_change_points_find(y, N, (double)NAN, arena, &c, &err));
	T_INT(0, c.n);
	T_F64(0, c.sigma, 0);
	T_F64(3, c.level[0], 0);
	for (int t = 1; t < N; t++)
		y[t] = (double)NAN;
	T_INT(TT_OK, tt_change_points_find(y, N, (double)NAN, arena, &c, &err));
	T_INT(0, c.n);
	T_OK(isnan(c.sigma));
	T_F64(3, c.level[0], 0);
	T_INT(TT_OK, tt_change_points_find(y, 0, 1, arena, &c, &err));
	T_INT(0, c.n);
	T_OK(isnan(c.level[0]));
	tt_alloc_fail_at(1, 0);
	T_INT(TT_ENOMEM, tt_change_sigma(y, N, &c.sigma, &err));
	tt_alloc_fail_at(0, 0);
}

int main(void)
{
	test_published();
	test_random();
	test_missing();
	return T_END();
}
