/* Idle timeouts against known gaps: published figures, and every candidate by hand. */
#include "maths/gaps.h"
#include "t.h"
#include <math.h>
#include <stdint.h>

static const double known[] = { 1, 2, 2, 3, 5, 8, 13, 30, 45, 120, 240, 600 };
enum { N = sizeof known / sizeof *known };

static void test_known(void)
{
	double gaps[N], tau = -1;

	T_F64(1069, tt_gaps_cost(known, N, (double)INFINITY, 10), 0);
	T_F64(1069, tt_gaps_cost(known, N, 600, 10), 0);
	T_F64(120, tt_gaps_cost(known, N, 0, 10), 0);
	T_F64(141, tt_gaps_cost(known, N, 10, 10), 0);
	T_F64(112, tt_gaps_cost(known, N, 3, 10), 0);
	for (size_t i = 0; i < N; i++)
		gaps[i] = known[(i * 5 + 3) % N];
	T_F64(112, tt_gaps_best_timeout(gaps, N, 10, &tau), 0);
	T_F64(3, tau, 0);
	for (size_t i = 1; i < N; i++)
		T_OK(gaps[i - 1] <= gaps[i]);
}

static void test_edges(void)
{
	double one[] = { 7 }, equal[] = { 4, 4, 4 }, tau = -1;

	T_F64(0, tt_gaps_best_timeout(NULL, 0, 10, &tau), 0);
	T_F64(0, tau, 0);
	T_F64(3, tt_gaps_best_timeout(one, 1, 3, &tau), 0);
	T_F64(0, tau, 0);
	T_F64(7, tt_gaps_best_timeout(one, 1, 8, &tau), 0);
	T_F64(7, tau, 0);
	T_F64(7, tt_gaps_best_timeout(one, 1, 7, &tau), 0); /* as dear: fewer starts */
	T_F64(7, tau, 0);
	T_F64(9, tt_gaps_best_timeout(equal, 3, 3, &tau), 0);
	T_F64(0, tau, 0);
	T_F64(12, tt_gaps_best_timeout(equal, 3, 5, &tau), 0);
	T_F64(4, tau, 0);
	T_F64(0, tt_gaps_best_timeout(equal, 3, 0, &tau), 0); /* starts for nothing */
	T_F64(0, tau, 0);
}

/* The share of gaps up to t: four in five of 3 on average, the fifth of 200. */
static double shorter_ratio(double t)
{
	return 1 - .8 * exp(-t / 3) - .2 * exp(-t / 200);
}

/* Gaps whose hazard falls: the best timeout is where it is 1 / cold start. By as many gaps
 * as make the published expectations, each at the middle of its share. */
static void test_falling_hazard(void)
{
	enum { MANY = 100000 };
	static double gaps[MANY];
	double tau = -1;

	for (size_t i = 0; i < MANY; i++) {
		double low = 0, high = 5000;

		for (int k = 0; k < 60; k++) {
			double mid = (low + high) / 2;

			*(shorter_ratio(mid) < ((double)i + .5) / MANY ? &low : &high) = mid;
		}
		gaps[i] = low;
	}
	T_F64(42.4, tt_gaps_cost(gaps, MANY, (double)INFINITY, 10) / MANY, .01);
	T_F64(10, tt_gaps_cost(gaps, MANY, 0, 10) / MANY, 1e-12);
	T_F64(6.45305623, tt_gaps_cost(gaps, MANY, 10, 10) / MANY, 2e-4);
	T_F64(6.2499869, tt_gaps_best_timeout(gaps, MANY, 10, &tau) / MANY, 2e-4);
	T_F64(6.95904218, tau, .05);
}

/* The least of all timeouts there are, tried one by one. */
static void test_random(void)
{
	uint64_t x = 3;

	for (int round = 0; round < 500; round++) {
		double gaps[40], tau = -1, least = (double)INFINITY, at = -1;
		size_t n = 1 + (size_t)round % 40;

		for (size_t i = 0; i < n; i++) {
			x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
			gaps[i] = (double)(x >> 33 & ((1u << (1 + (x >> 60))) - 1));
		}
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
		const double cold = (double)(x >> 40 & 127);
		for (double t = 0; t < 70000; t = t < 300 ? t + 1 : t * 1.01) {
			double cost = tt_gaps_cost(gaps, n, t, cold);

			least = cost < least ? cost : least;
		}
		const double best = tt_gaps_best_timeout(gaps, n, cold, &tau);
		T_F64(best, tt_gaps_cost(gaps, n, tau, cold), 0);
		T_OK(best <= least);
		for (size_t i = 0; i < n; i++) {
			double cost = tt_gaps_cost(gaps, n, gaps[i], cold);

			T_OK(best <= cost);
			if (cost == best && gaps[i] > at)
				at = gaps[i];
		}
		T_F64(at < 0 ? 0 : at, tau, 0);
	}
}

/* The first is missing three times for 8 or 9, the second for 300 and 400: with a floor of
 * one these are two starts, without one the least is five, for any timeout. */
static void test_floor(void)
{
	tt_floor_gap gaps[] = { { 2, 300 }, { 1, 8 }, { 1, 8 }, { 2, 400 }, { 1, 9 } };
	tt_floor_gap flat[] = { { 1, 3 }, { 2, 3 }, { 2, 700 } };
	double room[5];
	tt_gaps_floor best = tt_gaps_best_floor(gaps, 5, 10, room);

	T_INT(1, (long)best.floor);
	T_F64(0, best.timeout, 0);
	T_F64(8 + 8 + 9 + 2 * 10, best.cost, 0);
	T_INT(1, (long)gaps[0].level);
	T_F64(9, gaps[2].length, 0);
	best = tt_gaps_best_floor(flat, 3, 10, room); /* a floor would save nothing */
	T_INT(0, (long)best.floor);
	T_F64(3, best.timeout, 0);
	T_F64(3 + 3 + 3 + 10, best.cost, 0);
	best = tt_gaps_best_floor(flat, 0, 10, NULL);
	T_INT(0, (long)best.floor);
	T_F64(0, best.cost, 0);
}

/* With one level only, a floor is no better than a timeout that never ends. */
static void test_one_level(void)
{
	tt_floor_gap gaps[N];
	double room[N];

	for (size_t i = 0; i < N; i++)
		gaps[i] = (tt_floor_gap){ 4, known[i] };

	tt_gaps_floor best = tt_gaps_best_floor(gaps, N, 10, room);

	T_INT(0, (long)best.floor);
	T_F64(3, best.timeout, 0);
	T_F64(112, best.cost, 0);
}

int main(void)
{
	test_floor();
	test_one_level();
	test_known();
	test_edges();
	test_falling_hazard();
	test_random();
	return T_END();
}
