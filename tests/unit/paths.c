/* Paths: against the same model in double precision, priced by hand, and the same bytes for
 * any threads, any grouping of worlds and any processor. */
#include "simulate/paths.h"
#include "base/text.h"
#include "t.h"

enum { YEAR = 8760 };

static tt_arena *arena;
static double season[YEAR];

static tt_demand_model usual(size_t n_h)
{
	for (int h = 0; h < YEAR; h++)
		season[h] = (200 + 60 * sin(6.283185307179586 * (h % 24) / 24) -
		             (h / 24 % 7 >= 5) * 40) * (1 + .3 * h / YEAR);
	return (tt_demand_model){ .expected = season, .n_h = n_h, .week_carry = .9,
		.week_sd = .05, .hour_carry = .97, .hour_sd = .02, .most = 1023 };
}

static tt_paths made(tt_demand_model m)
{
	tt_paths p = { .n_h = 0 };
	tt_stream s = tt_stream_at(42, tt_draw_address("pool", "a100"));
	tt_err err = { 0 };

	T_INT(TT_OK, tt_paths_make(&m, s, arena, &p, &err));
	if (err.status)
		printf("%s\n", err.text);
	return p;
}

/* Normals of a block by Box and Muller, from the addresses that the headers promise. */
static double normal_at(tt_stream s, uint64_t world, uint32_t draw, uint32_t index)
{
	const uint32_t counter[4] = { index / 4, draw, (uint32_t)world, (uint32_t)(world >> 32) };
	uint32_t w[4];

	tt_philox(counter, s.key, w);
	const uint32_t *pair = &w[index % 4 / 2 * 2];
	double radius = sqrt(-2 * log(((pair[0] >> 9) + .5) / 8388608));
	double angle = 6.283185307179586 * (pair[1] >> 8) / 16777216;

	return radius * (index % 2 ? sin(angle) : cos(angle));
}

static void test_model(void)
{
	static uint32_t got[2000];
	tt_demand_model m = usual(2000);
	tt_paths p = made(m);
	tt_stream s = tt_stream_at(42, tt_draw_address("pool", "a100"));
	tt_path_tilt tilt = { .start = .1, .per_week = -.01 };
	const uint64_t world = UINT64_C(0x100000003);
	double week = 0, hour = 0, week_var = 0, hour_var = 0;
	int off = 0, far = 0;

	T_INT(TT_OK, tt_paths_hours(&p, world, &tilt, got, NULL));
	for (uint32_t h = 0; h < 2000; h++) {
		if (h % 168 == 0) {
			week = .9 * week + .05 * normal_at(s, world, TT_DRAW_WEEK_LEVEL, h / 168);
			week_var = .81 * week_var + .0025;
		}
		hour = .97 * hour + .02 * normal_at(s, world, TT_DRAW_HOUR_LEVEL, h);
		hour_var = .97 * .97 * hour_var + .0004;
		double want = season[h] * exp(week + hour - (week_var + hour_var) / 2 + .1 -
		                              .01 * (h / 168));

		off += fabs(got[h] - want) > 0.501;
		far += fabs(got[h] - want) > 0.51;
	}
	T_INT(0, far);
	T_OK(off < 3);
}

/* Every byte alike, also in the ends of the normal: only then is the sum of a world's money
 * the same everywhere. */
static void test_processors(void)
{
	static tt_lanes a, b;
	tt_paths p = made(usual(YEAR));
	int wrong = 0;

	if (!tt_lanes_usable(TT_LANES_AVX2)) {
		printf("no AVX2 here: nothing to compare\n");
		return;
	}
	for (uint64_t group = 0; group < 40; group++) {
		memset(&a, 0, sizeof a);
		a.world = group << (group / 2) | 5;
		a.tilt[3] = 200; /* beyond what is an exponential */
		a.tilt[4] = -200;
		b = a;
		for (uint32_t week = 0; week < p.weeks; week++) {
			const float *scale = p.scale + week * TT_WEEK_H;

			tt_lanes_find(TT_LANES_PLAIN)(&p.lanes, week, scale, &a);
			tt_lanes_find(TT_LANES_AVX2)(&p.lanes, week, scale, &b);
			wrong += memcmp(&a, &b, sizeof a) != 0;
		}
	}
	T_INT(0, wrong);
	T_INT(1023, a.demand[10 * TT_LANES + 3]);
	T_INT(0, a.demand[10 * TT_LANES + 4]);
	T_OK(tt_lanes_find(TT_LANES_BEST) == tt_lanes_find(TT_LANES_AVX2));
	T_OK(tt_lanes_find(TT_LANES_PLAIN) != tt_lanes_find(TT_LANES_AVX2));
}

static void test_normals(void)
{
	static tt_lanes lanes;
	tt_paths p = made(usual(YEAR));
	double sum = 0, squares = 0, fourth = 0, most = 0;
	int n = 0;

	for (uint32_t week = 0; week < 400; week++) {
		tt_lanes_find(TT_LANES_BEST)(&p.lanes, week, p.scale, &lanes);
		for (int i = 0; i < TT_WEEK_H * TT_LANES; i++, n++) {
			double z = lanes.normal[i];
			int h = i / TT_LANES;
			uint64_t world = (uint64_t)(i % TT_LANES);

			sum += z;
			squares += z * z;
			fourth += z * z * z * z;
			if (week < 3) {
				uint32_t index = week * TT_WEEK_H + (uint32_t)h;
				double want = normal_at((tt_stream){ { p.lanes.key[0],
				                                       p.lanes.key[1] } },
				                        world, TT_DRAW_HOUR_LEVEL, index);
				most = fmax(most, fabs(z - want));
			}
		}
	}
	T_F64(0, most, 2e-6);
	T_F64(0, sum / n, 4 / sqrt(n));
	T_F64(1, squares / n, 4 * sqrt(2. / n));
	T_F64(3, fourth / n, 4 * sqrt(96. / n));
}

static void test_priced_by_hand(void)
{
	enum { HOURS = 1000, WORLDS = 37, LEVELS = 6 };
	static const uint32_t units[LEVELS] = { 0, 150, 200, 201, 260, 5000 };
	static uint64_t above[WORLDS * LEVELS];
	static int64_t cost[WORLDS * LEVELS], whole[WORLDS * LEVELS];
	static uint32_t demand[HOURS];
	tt_paths p = made(usual(HOURS));
	tt_path_tilt tilts[WORLDS];
	tt_commit_levels c = { .units = units, .n = LEVELS, .rate = 2520000000001,
		               .on_demand = 4000000333333 };
	int wrong = 0;

	for (int w = 0; w < WORLDS; w++)
		tilts[w] = (tt_path_tilt){ .start = .01 * (w - 20), .per_week = .002 * w };
	T_INT(TT_OK, tt_paths_price(&p, 11, WORLDS, tilts, &c, 1,
	                            &(tt_paths_result){ above, cost }, NULL));
	c.rate = 2520000000000;
	c.on_demand = 4000001000000;
	T_INT(TT_OK, tt_paths_price(&p, 11, WORLDS, tilts, &c, 2,
	                            &(tt_paths_result){ NULL, whole }, NULL));
	for (uint64_t w = 0; w < WORLDS; w++) {
		tt_paths_hours(&p, 11 + w, &tilts[w], demand, NULL);
		for (size_t i = 0; i < LEVELS; i++) {
			uint64_t want = 0;

			for (int h = 0; h < HOURS; h++)
				want += demand[h] > units[i] ? demand[h] - units[i] : 0;
			wrong += above[w * LEVELS + i] != want;
			tt_i128 exact = (tt_i128)units[i] * HOURS * 2520000000001 +
					(tt_i128)want * 4000000333333;
			wrong += cost[w * LEVELS + i] != (int64_t)tt_div_half_even(exact, 1000000);
			wrong += whole[w * LEVELS + i] !=
				 (int64_t)units[i] * HOURS * 2520000 + (int64_t)want * 4000001;
		}
	}
	T_INT(0, wrong);
	T_OK(above[0] > 0 && above[LEVELS - 1] == 0);
}

/* The same bytes however the worlds are asked for. */
static void test_threads(void)
{
	enum { WORLDS = 100, LEVELS = 50 };
	static uint32_t units[LEVELS];
	static int64_t one[WORLDS * LEVELS], many[WORLDS * LEVELS];
	tt_paths p = made(usual(1500));
	tt_commit_levels c = { .units = units, .n = LEVELS, .rate = 600000000000,
		               .on_demand = 1000000000000 };

	for (uint32_t i = 0; i < LEVELS; i++)
		units[i] = 10 * i;
	T_INT(TT_OK, tt_paths_price(&p, 0, WORLDS, NULL, &c, 1,
	                            &(tt_paths_result){ NULL, one }, NULL));
	for (int threads = 0; threads <= 9; threads += 3) {
		memset(many, 0, sizeof many);
		T_INT(TT_OK, tt_paths_price(&p, 0, WORLDS, NULL, &c, threads,
		                            &(tt_paths_result){ NULL, many }, NULL));
		T_OK(memcmp(one, many, sizeof one) == 0);
	}
	for (size_t size = 1; size < 40; size += 6) { /* and in parts, by either code */
		memset(many, 0, sizeof many);
		p.code = size % 4 == 1 ? TT_LANES_PLAIN : TT_LANES_BEST;
		for (size_t from = 0; from < WORLDS; from += size) {
			size_t n = WORLDS - from < size ? WORLDS - from : size;

			tt_paths_price(&p, from, n, NULL, &c, 2,
			               &(tt_paths_result){ NULL, many + from * LEVELS }, NULL);
		}
		T_OK(memcmp(one, many, sizeof one) == 0);
	}
}

/* And whatever compiled it: a year of 16 worlds, hashed. */
static void test_bytes(void)
{
	static uint32_t demand[YEAR];
	uint64_t hash = TT_HASH_START;
	tt_demand_model m = usual(YEAR);

	for (int h = 0; h < YEAR; h++) /* without libm's sine */
		season[h] = 200 + h % 24 * 3 - h / 24 % 7 * 11;
	tt_paths p = made(m);
	for (uint64_t w = 0; w < 16; w++) {
		tt_paths_hours(&p, w, NULL, demand, NULL);
		hash = tt_hash(hash, demand, sizeof demand);
	}
	T_INT(8149821352179574403, hash);
}

/* On average what was expected, spread as was said, at both ends of what can be counted. */
static void test_distribution(void)
{
	enum { WORLDS = 2000, HOURS = 400 };
	static uint32_t demand[HOURS];
	static double expected[HOURS];
	tt_demand_model m = { .expected = expected, .n_h = HOURS, .week_carry = .8, .week_sd = .2,
		              .hour_carry = .5, .hour_sd = .1, .most = 65535 };
	double mean = 0, squares = 0, logs = 0;

	for (int h = 0; h < HOURS; h++)
		expected[h] = 1000;
	tt_paths p = made(m);
	for (uint64_t w = 0; w < WORLDS; w++) {
		tt_paths_hours(&p, w, NULL, demand, NULL);
		double x = log(demand[HOURS - 1]);

		mean += demand[HOURS - 1];
		logs += x;
		squares += x * x;
	}
	logs /= WORLDS;
	double var = .04 * (1 + .64 + .64 * .64) + .01 / .75; /* three weeks, many hours */
	T_F64(1000, mean / WORLDS, 4 * 1000 * sqrt(var / WORLDS) * 1.1);
	T_F64(var, squares / WORLDS - logs * logs, 4 * var * sqrt(2. / WORLDS));
	T_F64(log(1000) - var / 2, logs, 4 * sqrt(var / WORLDS));

	/* no spread: the expected number, rounded half up, and no more than the limit */
	m.week_sd = m.hour_sd = 0;
	for (int h = 0; h < HOURS; h++)
		expected[h] = h * 0.25;
	m.most = 90;
	p = made(m);
	tt_paths_hours(&p, 1, NULL, demand, NULL);
	int wrong = 0;
	for (int h = 0; h < HOURS; h++)
		wrong += demand[h] != (h > 360 ? 90 : (uint32_t)(h * 0.25 + .5));
	T_INT(0, wrong);
}

static void refused(tt_demand_model m, const char *why)
{
	tt_paths p;
	tt_err err = { 0 };

	T_INT(TT_EDATA, tt_paths_make(&m, tt_stream_fleet(1), arena, &p, &err));
	T_STR(why, err.text);
}

static void test_refused(void)
{
	static double bad[2] = { 1, NAN };
	static const uint32_t units[] = { 5, 5 }, top[] = { 65535 };
	tt_demand_model ok = usual(1000), m;

#define BAD(why, field, v) (m = ok, m.field = (v), refused(m, why))
	BAD("demand: the number of hours is 0, expected 1 to 65535", n_h, 0);
	BAD("demand: the number of hours is 65536, expected 1 to 65535", n_h, 65536);
	BAD("demand: the limit is 0, expected 1 to 65535", most, 0);
	BAD("demand: what a week carries over is 1.1, expected 0 to 1", week_carry, 1.1);
	BAD("demand: what an hour carries over is nan, expected 0 to 1", hour_carry, NAN);
	BAD("demand: sd of a week is -1, expected 0 to 5", week_sd, -1);
	BAD("demand: sd of an hour is 6, expected 0 to 5", hour_sd, 6);
	m = ok;
	m.hour_carry = m.hour_sd = 1;
	m.week_sd = 0;
	refused(m, "demand: the level's sd reaches 5.09902 in hour 25, expected at most 5");
	m = ok;
	m.expected = bad;
	refused(m, "demand: hour 1 expects nan units, expected 0 to 1e9");

	tt_paths p = made(ok);
	tt_commit_levels c = { .units = units, .n = 2, .rate = 1, .on_demand = 1 };
	int64_t cost[2];
	tt_paths_result to = { NULL, cost };
	tt_err err = { 0 };

	T_INT(TT_EINVAL, tt_paths_price(&p, 0, 1, NULL, &c, 1, &to, &err));
	T_STR("levels 5 and 5, expected rising ones", err.text);
	err = (tt_err){ 0 };
	c = (tt_commit_levels){ .units = top, .n = 1, .rate = (tt_decimal)1000000000 * 1000000000 *
	                        1000000 };
	T_INT(TT_EDATA, tt_paths_price(&p, 0, 1, NULL, &c, 1, &to, &err));
	T_STR("the cost of 1000 hours of 1023 units is more than an amount can be", err.text);
	c.n = 0; /* nothing to price is no failure */
	c.rate = 0;
	T_INT(TT_OK, tt_paths_price(&p, 0, 1, NULL, &c, 1, &to, &err));
	T_INT(TT_OK, tt_paths_price(&p, 0, 0, NULL, &c, 2, &to, &err));
}

static void test_memory(void)
{
	static const uint32_t units[] = { 5 };
	tt_paths p = made(usual(500));
	tt_commit_levels c = { .units = units, .n = 1, .rate = 1, .on_demand = 1 };
	int64_t cost[40];
	uint32_t demand[500];

	for (uint64_t nth = 1; nth <= 4; nth++) { /* a thread less is no failure */
		tt_err err = { 0 };

		tt_alloc_fail_at(nth, 0);
		int rc = tt_paths_price(&p, 0, 40, NULL, &c, 2,
		                        &(tt_paths_result){ NULL, cost }, &err);
		T_INT(nth < 4 ? TT_ENOMEM : TT_OK, rc);
	}
	tt_alloc_fail_at(1, 0);
	T_INT(TT_ENOMEM, tt_paths_hours(&p, 0, NULL, demand, NULL));
	tt_alloc_fail_at(0, 0);
}

int main(void)
{
	arena = tt_arena_new();
	test_model();
	test_processors();
	test_normals();
	test_priced_by_hand();
	test_threads();
	test_bytes();
	test_distribution();
	test_refused();
	test_memory();
	tt_arena_free(arena);
	return T_END();
}
