/* Slices of cards: the published geometry, its layouts and covers, and covers by hand on
 * small random demands. */
#include "base/memory.h"
#include "maths/mig.h"
#include "maths/mig_cover.h"
#include "t.h"

enum { G1, G1D, G2, G3, G4, G7, N };

/* A100-40: 1g.5gb, 1g.10gb, 2g.10gb, 3g.20gb, 4g.20gb, 7g.40gb. */
static const tt_mig_profile a100[N] = {
	[G1] = { .starts = 0x7f, .memory = 1, .compute = 1, .mib = 4864 },
	[G1D] = { .starts = 0x55, .memory = 2, .compute = 1, .mib = 9856 },
	[G2] = { .starts = 0x15, .memory = 2, .compute = 2, .mib = 9856 },
	[G3] = { .starts = 0x11, .memory = 4, .compute = 3, .mib = 19968 },
	[G4] = { .starts = 0x01, .memory = 4, .compute = 4, .mib = 19968 },
	[G7] = { .starts = 0x01, .memory = 8, .compute = 7, .mib = 40192 },
};
static const tt_mig_profile plain[] = {
	{ .starts = 0x7f, .memory = 1, .compute = 1 },
	{ .starts = 0x15, .memory = 2, .compute = 2 },
	{ .starts = 0x11, .memory = 4, .compute = 3 },
	{ .starts = 0x01, .memory = 4, .compute = 4 },
	{ .starts = 0x01, .memory = 8, .compute = 7 },
};
static const tt_mig_geometry all = { a100, N, 8, 7 }, without = { plain, 5, 8, 7 };

static tt_err err;

static tt_mig_layouts layouts(const tt_mig_geometry *g, bool distinct)
{
	tt_mig_layouts l = { 0 };

	err = (tt_err){ 0 };
	T_INT(TT_OK, tt_mig_layouts_make(g, distinct, &l, &err));
	T_STR("", err.text);
	return l;
}

/* Each within its card, none over another, and no room for one more of anything. */
static bool is_maximal(const tt_mig_geometry *g, const tt_mig_layout *l)
{
	bool used[TT_MIG_SLICES] = { false };
	unsigned compute = 0, count[TT_MIG_PROFILES] = { 0 };

	for (size_t i = 0; i < l->n; i++) {
		const tt_mig_profile *p = &g->profiles[l->at[i].profile];

		compute += p->compute;
		count[l->at[i].profile]++;
		if (!(p->starts >> l->at[i].start & 1))
			return false;
		for (unsigned s = l->at[i].start; s < l->at[i].start + p->memory; s++) {
			if (s >= g->memory || used[s])
				return false;
			used[s] = true;
		}
	}
	for (size_t i = 0; i < g->n_profiles; i++) {
		const tt_mig_profile *p = &g->profiles[i];

		if (count[i] != l->count[i] || (p->most && count[i] > p->most))
			return false;
		for (unsigned s = 0; s + p->memory <= g->memory; s++) {
			bool room = compute + p->compute <= g->compute && (p->starts >> s & 1) &&
			            !(p->most && count[i] == p->most);

			for (unsigned k = s; k < s + p->memory; k++)
				room = room && !used[k];
			if (room)
				return false;
		}
	}
	return compute <= g->compute;
}

static void check_layouts(const tt_mig_geometry *g, size_t n_all, size_t n_distinct)
{
	tt_mig_layouts every = layouts(g, false), distinct = layouts(g, true);
	int wrong = 0;

	T_INT(n_all, every.n);
	T_INT(n_distinct, distinct.n);
	for (size_t i = 0; i < every.n; i++) {
		wrong += !is_maximal(g, &every.layouts[i]);
		for (size_t j = 0; j < i; j++)
			wrong += every.layouts[i].n == every.layouts[j].n &&
			         memcmp(every.layouts[i].at, every.layouts[j].at,
			                every.layouts[i].n * sizeof *every.layouts[i].at) == 0;
	}
	T_INT(0, wrong);
	tt_mig_layouts_free(&every);
	tt_mig_layouts_free(&distinct);
}

static tt_mig_cover covered(const tt_mig_geometry *g, const uint32_t *demand, size_t states)
{
	tt_mig_layouts l = layouts(g, true);
	tt_mig_cover c = { 0 };
	size_t n = 0;

	T_INT(TT_OK, tt_mig_cover_make(g, &l, demand, states, &c, &err));
	for (size_t i = 0; i < l.n; i++)
		n += c.cards[i];
	T_INT(c.n_cards, n);
	for (size_t k = 0; k < g->n_profiles; k++) {
		size_t has = 0;

		for (size_t i = 0; i < l.n; i++)
			has += c.cards[i] * l.layouts[i].count[k];
		T_OK(has >= demand[k]);
	}
	T_OK(c.bound <= c.n_cards && c.proven == (c.bound == c.n_cards));
	tt_mig_layouts_free(&l);
	return c;
}

static void needs(size_t cards, const uint32_t *demand)
{
	tt_mig_cover c = covered(&all, demand, TT_MIG_STATES);

	T_INT(cards, c.n_cards);
	T_OK(c.proven);
	tt_mig_cover_free(&c);
}

static void test_published(void)
{
	check_layouts(&without, 19, 14);
	check_layouts(&all, 78, 38);
	needs(2, (const uint32_t[N]){ [G3] = 2, [G1] = 1 });
	needs(2, (const uint32_t[N]){ [G1] = 9 });
	needs(3, (const uint32_t[N]){ [G2] = 3, [G3] = 2, [G1] = 4 });
	needs(2, (const uint32_t[N]){ [G1D] = 4, [G1] = 4 });
	needs(2, (const uint32_t[N]){ [G4] = 2, [G3] = 2 });
	needs(3, (const uint32_t[N]){ [G2] = 5, [G1] = 5, [G3] = 1 });
	needs(0, (const uint32_t[N]){ 0 });
	needs(4, (const uint32_t[N]){ [G7] = 3, [G1] = 7 });
	needs(1000000, (const uint32_t[N]){ [G7] = 1000000 });
}

static uint64_t seed = 5;

static uint64_t next(uint64_t n)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

/* Instances that are placed one by one, on any of so many cards, at any start. */
static bool place(uint32_t *demand, uint32_t *used, uint32_t *compute, size_t cards)
{
	size_t k = N;

	while (k && demand[k - 1] == 0)
		k--;
	if (k-- == 0)
		return true;
	demand[k]--;
	for (size_t c = 0; c < cards; c++) {
		if (compute[c] + a100[k].compute > 7)
			continue;
		for (unsigned s = 0; s < 8; s++) {
			const uint32_t slices = ((1u << a100[k].memory) - 1) << s;

			if (!(a100[k].starts >> s & 1) || (used[c] & slices))
				continue;
			used[c] |= slices;
			compute[c] += a100[k].compute;

			const bool done = place(demand, used, compute, cards);

			compute[c] -= a100[k].compute;
			used[c] &= ~slices;
			if (done) {
				demand[k]++;
				return true;
			}
		}
		if (used[c] == 0)
			break; /* the others are empty too */
	}
	demand[k]++;
	return false;
}

static void test_by_hand(void)
{
	int wrong = 0;

	for (int round = 0; round < 300; round++) {
		uint32_t demand[N] = { 0 };
		size_t cards = 0;
		tt_mig_cover c;

		for (size_t i = next(8) + 1; i; i--)
			demand[next(N)]++;
		for (bool done = false; !done; cards += !done) {
			uint32_t used[8] = { 0 }, compute[8] = { 0 };

			done = place(demand, used, compute, cards);
		}
		c = covered(&all, demand, TT_MIG_STATES);
		wrong += c.n_cards != cards || !c.proven;
		tt_mig_cover_free(&c);
		c = covered(&all, demand, 1 + next(20)); /* whole layouts first */
		wrong += c.n_cards < cards || c.bound > cards;
		tt_mig_cover_free(&c);
	}
	T_INT(0, wrong);
}

/* Too much for the table of states: the bound is close all the same. */
static void test_large(void)
{
	for (int round = 0; round < 20; round++) {
		uint32_t demand[N];
		tt_mig_cover c;

		for (size_t k = 0; k < N; k++)
			demand[k] = (uint32_t)next(2000);
		c = covered(&all, demand, 20000);
		T_OK(c.n_cards <= c.bound + 1);
		tt_mig_cover_free(&c);
	}
}

static void test_smallest(void)
{
	T_INT(G1, tt_mig_smallest(&all, 4864, 1));
	T_INT(G1D, tt_mig_smallest(&all, 4865, 1)); /* "5gb" holds less than 5 GB */
	T_INT(G1D, tt_mig_smallest(&all, 5000, 0));
	T_INT(G2, tt_mig_smallest(&all, 5000, 2));
	T_INT(G3, tt_mig_smallest(&all, 9857, 1));
	T_INT(G4, tt_mig_smallest(&all, 9857, 4));
	T_INT(G7, tt_mig_smallest(&all, 20000, 1));
	T_INT(G7, tt_mig_smallest(&all, 0, 5));
	T_INT(N, tt_mig_smallest(&all, 40193, 1));
	T_INT(N, tt_mig_smallest(&all, 1, 8));

	static const tt_mig_profile unknown[] = {
		{ .starts = 1, .memory = 1, .compute = 1, .mib = -1 },
		{ .starts = 1, .memory = 2, .compute = 2, .mib = 500 },
	};
	const tt_mig_geometry g = { unknown, 2, 2, 2 };

	T_INT(1, tt_mig_smallest(&g, 100, 1));
	T_INT(0, tt_mig_smallest(&g, 0, 1));
}

/* A card of four slices, and a profile of which there is one on each card at most. */
static void test_other_cards(void)
{
	static const tt_mig_profile four[] = {
		{ .starts = 0xf, .memory = 1, .compute = 1 },
		{ .starts = 0x5, .memory = 2, .compute = 2 },
		{ .starts = 0x1, .memory = 4, .compute = 4 },
	};
	static const tt_mig_profile media[] = {
		{ .starts = 0x7f, .memory = 1, .compute = 1 },
		{ .starts = 0x7f, .memory = 1, .compute = 1, .most = 1 },
	};
	const tt_mig_geometry card = { four, 3, 4, 4 }, with_media = { media, 2, 8, 7 };

	check_layouts(&card, 5, 4);
	check_layouts(&with_media, 8, 2);

	tt_mig_cover c = covered(&with_media, (const uint32_t[]){ 1, 2 }, TT_MIG_STATES);

	T_INT(2, c.n_cards);
	tt_mig_cover_free(&c);
}

static void refuse(const tt_mig_geometry *g, const char *why)
{
	tt_mig_layouts l = { 0 };

	err = (tt_err){ 0 };
	T_INT(TT_EINVAL, tt_mig_layouts_make(g, false, &l, &err));
	T_STR(why, err.text);
	T_OK(!l.layouts);
}

static void test_refused(void)
{
	static const tt_mig_profile late = { .starts = 0x80, .memory = 2, .compute = 1 };
	static const tt_mig_profile wide = { .starts = 1, .memory = 9, .compute = 1 };
	static const tt_mig_profile many[] = {
		{ .starts = UINT32_MAX, .memory = 1 }, { .starts = UINT32_MAX >> 1, .memory = 2 },
	};

	refuse(&(tt_mig_geometry){ &late, 1, 8, 7 },
	       "profile 0: starts 0x80, expected within slices 0 to 6");
	refuse(&(tt_mig_geometry){ &wide, 1, 8, 7 },
	       "profile 0: 9 memory and 1 compute slices of 8 and 7");
	refuse(&(tt_mig_geometry){ many, 2, 32, 7 },
	       "too many layouts, at most 100000 are allowed");
	refuse(&(tt_mig_geometry){ many, 0, 8, 7 }, "0 profiles, expected 1 to 16");
	refuse(&(tt_mig_geometry){ many, 2, 33, 7 }, "33 memory slices, expected 1 to 32");

	tt_mig_layouts l = layouts(&without, true);
	tt_mig_cover c = { 0 };

	T_INT(TT_EINVAL, tt_mig_cover_make(&without, &l, (const uint32_t[]){ 0, 0, 1000001, 0, 0 },
	                                   TT_MIG_STATES, &c, &err));
	T_STR("profile 2: 1000001 instances, at most 1000000 are allowed", err.text);
	err = (tt_err){ 0 };
	for (size_t i = 0; i < l.n; i++)
		l.layouts[i].count[4] = 0;
	T_INT(TT_EINVAL, tt_mig_cover_make(&without, &l, (const uint32_t[]){ 1, 0, 0, 0, 1 },
	                                   TT_MIG_STATES, &c, &err));
	T_STR("profile 4: no layout has it", err.text);
	T_OK(!c.cards);
	tt_mig_layouts_free(&l);
}

static void test_memory(void)
{
	static const uint32_t demand[N] = { 3, 1, 2, 1, 0, 1 };
	uint64_t n = 0;
	int rc;

	do {
		tt_mig_layouts l = { 0 };
		tt_mig_cover c = { 0 };

		err = (tt_err){ 0 };
		tt_alloc_fail_at(++n, 0);
		rc = tt_mig_layouts_make(&all, true, &l, &err);
		if (rc == TT_OK)
			rc = tt_mig_cover_make(&all, &l, demand, 50, &c, &err);
		tt_alloc_fail_at(0, 0);
		T_OK(rc == TT_OK || (rc == TT_ENOMEM && !c.cards));
		tt_mig_layouts_free(&l);
		tt_mig_cover_free(&c);
	} while (rc != TT_OK);
	T_OK(n > 4);
}

int main(void)
{
	test_published();
	test_by_hand();
	test_large();
	test_smallest();
	test_other_cards();
	test_refused();
	test_memory();
	return T_END();
}
