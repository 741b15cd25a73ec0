/* Whole instances over time: sticky placement by hand, and against every placement there is. */
#include "base/memory.h"
#include "bill/instances.h"
#include "t.h"
#include <stdbool.h>

enum { VISITS = 6, HORIZON = 12 };

static tt_visit visit(const char *name, int64_t from_s, int64_t to_s, int64_t cards)
{
	return (tt_visit){ .name = name, .from_s = from_s, .to_s = to_s, .size = { cards } };
}

struct answer {
	int64_t seconds, most, least_s;
	int rc;
};

/* Whatever the order in which they are told. */
static struct answer place(const int64_t *capacity, const tt_visit *v, size_t n)
{
	struct answer a[2] = { { 0 } };

	for (int turn = 0; turn < 2; turn++) {
		TT_CLEANUP(tt_openings_free) tt_openings o = { 0 };
		tt_visit copy[64];
		int64_t now = 0, there[1024] = { 0 };
		tt_err err = { 0 };

		for (size_t i = 0; i < n; i++)
			copy[i] = v[turn ? n - 1 - i : i];
		a[turn].rc = tt_instances_place(capacity, copy, n, &o, &err);
		for (size_t i = 0; i < o.n; i++)
			there[o.v[i].at_s] += o.v[i].instances;
		for (int t = 0; t < 1024; t++) {
			now += there[t];
			a[turn].most = now > a[turn].most ? now : a[turn].most;
			a[turn].seconds += now;
		}
		if (a[turn].rc == TT_OK)
			T_INT(0, now);
		a[turn].least_s = o.least_s;
	}
	T_INT(a[0].seconds, a[1].seconds);
	T_INT(a[0].most, a[1].most);
	return a[0];
}

static void test_by_hand(void)
{
	static const int64_t two[TT_VISIT_DIMS] = { 2, 4000, 100 };
	const tt_visit alone[] = { visit("a", 10, 20, 1) };
	/* b and c come together: one of them beside a; d finds room only when a is gone */
	const tt_visit some[] = { visit("a", 0, 10, 1), visit("b", 2, 30, 1), visit("c", 2, 30, 1),
		                  visit("d", 12, 20, 2), visit("e", 20, 30, 1) };
	struct answer a;

	a = place(two, NULL, 0);
	T_INT(0, a.seconds);
	a = place(two, alone, 1);
	T_INT(10, a.seconds);
	T_INT(1, a.most);
	T_INT(10, a.least_s);
	/* first 0..30 (a, b, then b, e), second 2..30 (c), third 12..20 (d): never packed again */
	a = place(two, some, 5);
	T_INT(30 + 28 + 8, a.seconds);
	T_INT(3, a.most);
	/* 1 until 2, 2 until 10, 1 until 12, 2 until 20, 2 until 30 */
	T_INT(2 + 16 + 2 + 16 + 20, a.least_s);
}

static void test_sizes(void)
{
	static const int64_t capacity[TT_VISIT_DIMS] = { 4, 4000, 100 };
	tt_visit v[3] = { visit("a", 0, 1, 1), visit("b", 0, 1, 1), visit("c", 0, 1, 1) };
	TT_CLEANUP(tt_openings_free) tt_openings o = { 0 };
	tt_err err = { 0 };

	T_INT(1, place(capacity, v, 3).seconds);
	v[0].size[TT_VISIT_CPUS] = 3500;
	v[1].size[TT_VISIT_CPUS] = 600;
	T_INT(2, place(capacity, v, 3).seconds);
	v[0].size[TT_VISIT_CPUS] = 0;
	v[1].size[TT_VISIT_MEMORY] = v[2].size[TT_VISIT_MEMORY] = 51;
	T_INT(2, place(capacity, v, 3).seconds);
	v[2].size[TT_VISIT_MEMORY] = 101;
	T_INT(TT_EINVAL, tt_instances_place(capacity, v, 3, &o, &err));
	T_STR("c needs more than one instance has: 1 of 4 cards, 0 of 4000 milli-CPUs, 101 of "
	      "100 MiB", err.text);
}

/* --- Every sticky placement there is -------------------------------------------------- */

struct search {
	const tt_visit *v; /* by arrival */
	size_t n;
	const int64_t *capacity;
	size_t at[VISITS];
	int64_t best_s;
};

static int64_t seconds_of(const struct search *s)
{
	int64_t sum = 0;

	for (int t = 0; t < HORIZON; t++) {
		unsigned there = 0;

		for (size_t i = 0; i < s->n; i++)
			if (s->v[i].from_s <= t && s->v[i].to_s > t)
				there |= 1u << s->at[i];
		sum += __builtin_popcount(there);
	}
	return sum;
}

static int fits(const struct search *s)
{
	for (int t = 0; t < HORIZON; t++) {
		int64_t load[VISITS][TT_VISIT_DIMS] = { 0 };

		for (size_t i = 0; i < s->n; i++) {
			if (s->v[i].from_s > t || s->v[i].to_s <= t)
				continue;
			for (int d = 0; d < TT_VISIT_DIMS; d++) {
				load[s->at[i]][d] += s->v[i].size[d];
				if (load[s->at[i]][d] > s->capacity[d])
					return 0;
			}
		}
	}
	return 1;
}

static void search(struct search *s, size_t i)
{
	if (i == s->n) {
		const int64_t sum = fits(s) ? seconds_of(s) : INT64_MAX;

		s->best_s = sum < s->best_s ? sum : s->best_s;
		return;
	}
	for (size_t k = 0; k <= i; k++) {
		s->at[i] = k;
		search(s, i + 1);
	}
}

static uint32_t random_below(uint32_t *state, uint32_t n)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % n;
}

static void test_random(void)
{
	static const char *const names[VISITS] = { "a", "b", "c", "d", "e", "f" };
	static const int64_t capacity[TT_VISIT_DIMS] = { 4, 1000, 0 };
	uint32_t state = 7;
	int64_t got = 0, best = 0;

	for (int round = 0; round < 300; round++) {
		const bool at_once = round % 3 == 0;
		tt_visit v[VISITS];
		struct search s = { .v = v, .n = VISITS, .capacity = capacity,
				    .best_s = INT64_MAX };

		for (size_t i = 0; i < VISITS; i++) {
			const int64_t from_s = at_once ? 0 : random_below(&state, HORIZON - 1);
			const uint32_t most = (uint32_t)(HORIZON - 1 - from_s);

			v[i] = visit(names[i], from_s, from_s + 1 + random_below(&state, most),
				     1 + random_below(&state, 4));
			v[i].to_s = at_once ? 1 : v[i].to_s;
			v[i].size[TT_VISIT_CPUS] = random_below(&state, 600);
		}
		search(&s, 0);
		const struct answer a = place(capacity, v, VISITS);
		T_INT(TT_OK, a.rc);
		T_OK(a.least_s <= s.best_s && s.best_s <= a.seconds);
		if (at_once) /* a packing problem of few groups: exact */
			T_INT(s.best_s, a.seconds);
		got += a.seconds;
		best += s.best_s;
	}
	T_OK(got < best + best / 10);
}

int main(void)
{
	test_by_hand();
	test_sizes();
	test_random();
	return T_END();
}
