/* Draws: published answers of the generator, the layout of counters, and what common
 * random numbers are good for. */
#include "simulate/draws.h"
#include "change/change.h"
#include "maths/elementary.h"
#include "t.h"

static void known(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0, uint32_t k1,
                  const char *want)
{
	const uint32_t counter[4] = { c0, c1, c2, c3 }, key[2] = { k0, k1 };
	uint32_t r[4];
	char got[64];

	tt_philox(counter, key, r);
	snprintf(got, sizeof got, "%08x %08x %08x %08x", r[0], r[1], r[2], r[3]);
	T_STR(want, got);
}

/* Random123's known answers. */
static void test_philox(void)
{
	known(0, 0, 0, 0, 0, 0, "6627e8d5 e169c58d bc57ac4c 9b00dbd8");
	known(UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX,
	      "408f276d 41c83b0e a20bc7c6 6d5451fd");
	known(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0,
	      "d16cfe09 94fdcceb 5001e420 24126ea1");
}

static void test_layout(void)
{
	static const struct { uint64_t world; uint32_t draw; double u0, u1, z; } v[] = {
		{ 0, 0, .468586518339105, .340861549385179, -.078823468853 },
		{ 1, 0, .126249854222419, .711612737791628, -1.144298878025 },
		{ 0, 1, .491201276020436, .416733021658641, -.022056918654 },
		{ 12345, 7, .399861614289914, .852998392606790, -.253705313740 },
	};
	tt_stream s = tt_stream_fleet(42);

	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		T_F64(v[i].u0, tt_draw_uniform(s, v[i].world, v[i].draw, 0), 1e-15);
		T_F64(v[i].u1, tt_draw_uniform(s, v[i].world, v[i].draw, 1), 1e-15);
		T_F64(v[i].z, tt_draw_normal(s, v[i].world, v[i].draw, 0), 1e-12);
	}
	/* every word of the counter counts, and both of the key */
	const uint32_t counter[4] = { 3, 9, 0x89abcdef, 0x01234567 }, key[2] = { 0xdef, 0xabc };
	uint32_t w[4];

	tt_philox(counter, key, w);
	s = tt_stream_fleet(UINT64_C(0xabc00000def));
	T_INT(((uint64_t)w[1] << 32 | w[0]) >> 12,
	      tt_draw_bits(s, UINT64_C(0x0123456789abcdef), 9, 6));
	T_INT(((uint64_t)w[3] << 32 | w[2]) >> 12,
	      tt_draw_bits(s, UINT64_C(0x0123456789abcdef), 9, 7));
}

static void test_ends(void)
{
	uint64_t most = (UINT64_C(1) << 52) - 1;

	T_OK(tt_uniform_of_bits(0) == 0x1p-53);
	T_OK(tt_uniform_of_bits(most) == 1 - 0x1p-53);
	T_OK(tt_uniform_of_bits(1) - tt_uniform_of_bits(0) == 0x1p-52);
	T_OK(tt_uniform_of_bits(most) - tt_uniform_of_bits(most - 1) == 0x1p-52);
}

static void test_below(void)
{
	tt_stream s = tt_stream_fleet(7);
	int seen[13] = { 0 }, wrong = 0;

	for (uint32_t i = 0; i < 13000; i++) {
		uint64_t k = tt_draw_below(s, 5, TT_DRAW_WEEKS, i, 13);

		wrong += k != (uint64_t)(tt_draw_uniform(s, 5, TT_DRAW_WEEKS, i) * 13);
		if (k < 13)
			seen[k]++;
	}
	T_INT(0, wrong);
	for (int k = 0; k < 13; k++)
		T_OK(seen[k] > 850 && seen[k] < 1150);
	T_INT(0, tt_draw_below(s, 5, TT_DRAW_WEEKS, 0, 1));
}

static tt_stream of_change(uint64_t seed, const char *text, tt_arena *arena)
{
	tt_change c;

	T_INT(TT_OK, tt_change_parse(text, arena, &c, NULL));
	return tt_stream_at(seed, tt_change_hash(&c));
}

static void test_streams(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_stream a = of_change(42, "release node:a", arena);
	tt_stream b = of_change(42, "release node:b", arena);
	tt_stream other_seed = of_change(43, "release node:a", arena);
	tt_stream fleet = tt_stream_fleet(42);
	double sum_ab = 0, sum_af = 0, sum_as = 0;
	const int n = 4096;

	/* as the header says it is made */
	tt_stream pool = tt_stream_at(42, UINT64_C(0x1122334455667788));
	const uint32_t counter[4] = { 0x55667788, 0x11223344, 0, UINT32_MAX };
	uint32_t w[4];

	tt_philox(counter, fleet.key, w);
	T_INT(w[0], pool.key[0]);
	T_INT(w[1], pool.key[1]);
	/* and no two are alike: correlations of 4096 pairs are within four standard errors */
	for (uint64_t i = 0; i < (uint64_t)n; i++) {
		double za = tt_draw_normal(a, i, TT_DRAW_ADOPTED, 0);

		sum_ab += za * tt_draw_normal(b, i, TT_DRAW_ADOPTED, 0);
		sum_af += za * tt_draw_normal(fleet, i, TT_DRAW_ADOPTED, 0);
		sum_as += za * tt_draw_normal(other_seed, i, TT_DRAW_ADOPTED, 0);
	}
	T_F64(0, sum_ab / n, 4 / sqrt(n));
	T_F64(0, sum_af / n, 4 / sqrt(n));
	T_F64(0, sum_as / n, 4 / sqrt(n));
	/* names with little between them */
	T_OK(tt_draw_address("pool", "a") != tt_draw_address("pool", "b"));
	T_OK(tt_draw_address("po", "ola") != tt_draw_address("pool", "a"));
	T_OK(tt_draw_address("pool", "") != tt_draw_address("", "pool"));
}

/* A newsvendor's cost of committing to c units when demand is exp(ln 100 + 0.3 z). */
static double cost(double c, double z)
{
	double demand = tt_exp(tt_log(100) + .3 * z);

	return .63 * c + (demand > c ? demand - c : 0);
}

static void error_of(const double *v, int n, double mean, double se)
{
	double sum = 0, squares = 0;

	for (int i = 0; i < n; i++)
		sum += v[i];
	for (int i = 0; i < n; i++)
		squares += (v[i] - sum / n) * (v[i] - sum / n);
	T_F64(mean, sum / n, 5e-9);
	T_F64(se, sqrt(squares / (n - 1) / n), 5e-9);
}

/* The difference of two decisions (truth: -0.7546330897), each in worlds of its own, in the
 * same worlds, and in the same worlds and their mirror images. */
static void test_common_worlds(void)
{
	enum { N = 4096 };
	static double own[N], same[N], mirrored[N];
	tt_stream s = tt_stream_fleet(42);

	for (int i = 0; i < N; i++) {
		double z = tt_draw_normal(s, (uint64_t)i, 0, 0);
		double y = tt_draw_normal(s, (uint64_t)i, 0, 1);

		own[i] = cost(90, z) - cost(80, y);
		same[i] = cost(90, z) - cost(80, z);
		mirrored[i] = (same[i] + cost(90, -z) - cost(80, -z)) / 2;
	}
	error_of(own, N, -0.99364234, 0.61402154);
	error_of(same, N, -0.84377766, 0.06664492);
	error_of(mirrored, N, -0.80044292, 0.03496952);
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Two savings, each exp(ln 100 + z / 2), added up within a world before quantiles are taken:
 * moving together, each for itself, against one another. Published P10 and P90, to what
 * worlds can tell (three standard errors of an order statistic, about 1 %). */
static void test_sums_within_worlds(void)
{
	enum { N = 65536 };
	static const double known[3][2] = { { 105.3767, 379.5905 }, { 133.53, 337.718 },
		{ 200.399, (double)NAN } };
	static double sum[3][N];
	tt_stream s = tt_stream_fleet(42);

	for (int i = 0; i < N; i++) {
		double z = tt_draw_normal(s, (uint64_t)i, 0, 0);
		double y = tt_draw_normal(s, (uint64_t)i, 0, 1);

		sum[0][i] = 2 * tt_exp(tt_log(100) + z / 2);
		sum[1][i] = tt_exp(tt_log(100) + z / 2) + tt_exp(tt_log(100) + y / 2);
		sum[2][i] = tt_exp(tt_log(100) + z / 2) + tt_exp(tt_log(100) - z / 2);
	}
	for (int k = 0; k < 3; k++) {
		qsort(sum[k], N, sizeof *sum[k], rising);
		T_F64(known[k][0], sum[k][N / 10], .01 * known[k][0]);
		if (k < 2)
			T_F64(known[k][1], sum[k][N - N / 10], .01 * known[k][1]);
	}
}

int main(void)
{
	test_philox();
	test_layout();
	test_ends();
	test_below();
	test_streams();
	test_common_worlds();
	test_sums_within_worlds();
	return T_END();
}
