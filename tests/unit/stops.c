/* Stops and starts: what they free follows from the gaps alone, and nothing is freed twice
 * or less than not at all. */
#include "change/stops.h"
#include "maths/gaps.h"
#include "t.h"
#include <stdint.h>

static const double known[] = { 1, 2, 2, 3, 5, 8, 13, 30, 45, 120, 240, 600 };
enum { N = sizeof known / sizeof *known };

/* What is paid of the idle time when gaps lie one behind the other with work between; a
 * last one goes on to the end where `trailing`. */
static int64_t paid(const double *gaps, size_t n, int64_t tau, int64_t cold, int trailing)
{
	TT_CLEANUP(tt_spans_free) tt_spans idle = { 0 }, off = { 0 }, freed = { 0 };
	int64_t at = 100, sum = 0;

	for (size_t i = 0; i < n; i++) {
		T_INT(TT_OK, tt_spans_add(&idle, at, at + (int64_t)gaps[i], NULL));
		sum += (int64_t)gaps[i];
		at += (int64_t)gaps[i] + (i + 1 < n || !trailing ? 7 : 0);
	}
	tt_spans_tidy(&idle);
	T_INT(TT_OK, tt_stops_after(&idle, tau, &off, NULL));
	T_INT(TT_OK, tt_stops_free(&off, at, cold, &freed, NULL));
	for (size_t i = 0; i < freed.n; i++) { /* only what is idle, in order */
		T_OK(tt_spans_overlap_s(&idle, freed.v[i].from_s, freed.v[i].to_s) ==
		     freed.v[i].to_s - freed.v[i].from_s);
		T_OK(!i || freed.v[i - 1].to_s <= freed.v[i].from_s);
	}
	return sum - tt_spans_length_s(&freed);
}

static void test_known(void)
{
	double backward[N];

	for (int i = 0; i < N; i++)
		backward[N - 1 - i] = known[i];
	for (int turn = 0; turn < 2; turn++) {
		const double *gaps = turn ? backward : known;

		T_INT(1069, paid(gaps, N, 600, 10, 0));
		T_INT(120, paid(gaps, N, 0, 10, 0));
		T_INT(141, paid(gaps, N, 10, 10, 0));
		T_INT(112, paid(gaps, N, 3, 10, 0));
	}
	/* a last gap that nobody comes back from takes no start */
	T_INT(110, paid(known, N, 0, 10, 1));
	T_INT(102, paid(known, N, 3, 10, 1));
	/* starts that cost more than there is to free: not freed, and no more */
	T_INT(1069, paid(known, N, 0, 500, 0));
}

static void test_random(void)
{
	uint64_t x = 11;

	for (int round = 0; round < 2000; round++) {
		double gaps[20], all = 0;
		size_t n = 1 + (size_t)round % 20;

		for (size_t i = 0; i < n; i++) {
			x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
			gaps[i] = (double)(1 + (x >> 40) % (1u << (1 + (x >> 60))));
			all += gaps[i];
		}
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
		const int64_t tau = (int64_t)(x >> 40) % 60, cold = (int64_t)(x >> 50) % 40;
		const double cost = tt_gaps_cost(gaps, n, (double)tau, (double)cold);
		T_INT(cost < all ? (int64_t)cost : (int64_t)all, paid(gaps, n, tau, cold, 0));
	}
}

int main(void)
{
	test_known();
	test_random();
	return T_END();
}
