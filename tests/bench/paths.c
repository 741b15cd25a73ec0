/* paths.c - how fast worlds are drawn and priced: a pool's year in WORLDS worlds at 50
 * levels of commitment, with one thread, with two, and with one without AVX2, in turn.
 * Prints a line of name=value for each run, and that all three found the same bytes. */
#include "base/threads.h"
#include "simulate/paths.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HOURS = 8760, LEVELS = 50 };

static double clock_s(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what)
{
	fprintf(stderr, "paths: %s\n", what);
	exit(1);
}

/* Day and night, weekends, growth by 30 % over the year: worlds.py has the same. */
static double season_at(int h)
{
	double day = h % 24 < 12 ? h % 24 / 6. - 1 : 3 - h % 24 / 6.; /* -1 .. 1 */

	return (200 + 60 * day - (h / 24 % 7 >= 5 ? 40 : 0)) * (1 + .3 * h / HOURS);
}

static void price(tt_paths *p, size_t worlds, const tt_commit_levels *levels, const char *name,
                  int threads, enum tt_lanes_code code, uint64_t *above, int64_t *cost)
{
	tt_err err = { 0 };
	double wall = clock_s(CLOCK_MONOTONIC), cpu = clock_s(CLOCK_PROCESS_CPUTIME_ID);

	p->code = code;
	if (tt_paths_price(p, 0, worlds, NULL, levels, threads, &(tt_paths_result){ above, cost },
	                   &err) < 0)
		die(err.text);
	printf("%s_s=%.6f %s_cpu_s=%.6f\n", name, clock_s(CLOCK_MONOTONIC) - wall, name,
	       clock_s(CLOCK_PROCESS_CPUTIME_ID) - cpu);
}

int main(int argc, char **argv)
{
	static double expected[HOURS];
	static uint32_t units[LEVELS];
	tt_demand_model m = { .expected = expected, .n_h = HOURS, .week_carry = .9,
		.week_sd = .05, .hour_carry = .97, .hour_sd = .02, .most = 1023 };
	tt_commit_levels levels = { .units = units, .n = LEVELS, .rate = 600000000000,
		.on_demand = 1000000000000 };
	size_t worlds = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	tt_arena *arena = tt_arena_new();
	tt_paths p;
	tt_err err = { 0 };

	if (worlds == 0) {
		fprintf(stderr, "usage: paths WORLDS RUNS\n");
		return 2;
	}
	for (int h = 0; h < HOURS; h++)
		expected[h] = season_at(h);
	for (uint32_t i = 0; i < LEVELS; i++)
		units[i] = 10 * i;
	size_t n = worlds * LEVELS;
	uint64_t *above = tt_zalloc(3 * n, sizeof *above);
	int64_t *cost = tt_zalloc(3 * n, sizeof *cost);
	if (!arena || !above || !cost)
		die("out of memory");
	if (tt_paths_make(&m, tt_stream_at(42, 1), arena, &p, &err) < 0)
		die(err.text);
	for (unsigned long run = strtoul(argv[2], NULL, 10); run > 0; run--) {
		price(&p, worlds, &levels, "one", 1, TT_LANES_BEST, above, cost);
		price(&p, worlds, &levels, "two", 2, TT_LANES_BEST, above + n, cost + n);
		price(&p, worlds, &levels, "plain", 1, TT_LANES_PLAIN, above + 2 * n, cost + 2 * n);
	}
	bool same = true;
	double sum = 0;
	for (size_t k = 1; k < 3; k++)
		same = same && memcmp(above, above + k * n, n * sizeof *above) == 0 &&
		       memcmp(cost, cost + k * n, n * sizeof *cost) == 0;
	for (size_t w = 0; w < worlds; w++)
		sum += (double)above[w * LEVELS + 20];
	printf("path_hours=%zu same=%s avx2=%s above_200=%.6g\n", worlds * HOURS,
	       same ? "yes" : "no", tt_lanes_usable(TT_LANES_AVX2) ? "yes" : "no",
	       sum / (double)worlds);
	tt_free(above);
	tt_free(cost);
	tt_arena_free(arena);
	return !same;
}
