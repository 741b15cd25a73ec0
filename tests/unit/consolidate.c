/* Emptying bins: every set of them by hand on small random pools, and published scores. */
#include "base/memory.h"
#include "maths/consolidate.h"
#include "t.h"

static uint64_t seed = 11;

static int64_t between(int64_t least, int64_t most)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return least + (int64_t)(z % (uint64_t)(most - least + 1));
}

static tt_err err;

static tt_consolidate_result consolidated(const tt_consolidate_problem *p)
{
	tt_consolidate_result r = { 0 };

	err = (tt_err){ 0 };
	T_INT(TT_OK, tt_consolidate(p, &r, &err));
	T_STR("", err.text);
	return r;
}

static int64_t room_of(const tt_consolidate_problem *p, const size_t *at, size_t b, size_t d)
{
	const tt_consolidate_bin *bin = &p->bins[b];
	const tt_pack_kind *kind = &p->kinds[bin->bin.kind];
	int64_t room = kind->capacity[d] - kind->fixed[d] - bin->bin.load[d];

	for (size_t i = 0; i < p->n_items; i++)
		room -= at[i] == b ? p->items[i].size[d] : 0;
	return room;
}

/* Who moves comes from a bin that goes, into one that stays, may be there and fits. */
static bool holds(const tt_consolidate_problem *p, const tt_consolidate_result *r)
{
	int64_t saving = 0, disruption = 0;
	size_t n_gone = 0, n_moved = 0;
	bool ok = true;

	for (size_t b = 0; b < p->n_bins; b++) {
		n_gone += r->gone[b];
		saving += r->gone[b] ? p->bins[b].saving : 0;
		disruption += r->gone[b] ? p->bins[b].disruption : 0;
		ok = ok && !(r->gone[b] && p->bins[b].stays);
	}
	for (size_t i = 0; i < p->n_items; i++) {
		ok = ok && r->to[i] < p->n_bins && !r->gone[r->to[i]];
		if (!ok || r->to[i] == p->at[i])
			continue;
		n_moved++;
		ok = ok && r->gone[p->at[i]];
		ok = ok && (p->items[i].kinds >> p->bins[r->to[i]].bin.kind & 1);
		for (size_t d = 0; d < p->n_dims; d++)
			ok = ok && (p->items[i].size[d] == 0 ||
			            room_of(p, r->to, r->to[i], d) >= 0);
	}
	return ok && saving == r->saving && disruption == r->disruption && n_gone == r->n_gone &&
	       n_moved == r->n_moved && r->saving <= r->bound;
}

/* Whether items i.. of the bins in `gone` find places. */
static bool place(const tt_consolidate_problem *p, uint32_t gone, size_t *at, size_t i)
{
	if (i == p->n_items)
		return true;
	if (!(gone >> p->at[i] & 1))
		return place(p, gone, at, i + 1);
	for (size_t b = 0; b < p->n_bins; b++) {
		bool fits = !(gone >> b & 1) && (p->items[i].kinds >> p->bins[b].bin.kind & 1);

		for (size_t d = 0; fits && d < p->n_dims; d++)
			fits = p->items[i].size[d] == 0 ||
			       p->items[i].size[d] <= room_of(p, at, b, d);
		if (!fits)
			continue;
		at[i] = b;
		if (place(p, gone, at, i + 1))
			return true;
		at[i] = p->at[i];
	}
	return false;
}

typedef struct most {
	int64_t saving, disruption;
} most;

static most by_subsets(const tt_consolidate_problem *p)
{
	most best = { 0, 0 };

	for (uint32_t set = 1; set < 1u << p->n_bins; set++) {
		size_t at[16];
		most m = { 0, 0 };
		bool can = true;

		for (size_t b = 0; b < p->n_bins; b++)
			if (set >> b & 1) {
				can = can && !p->bins[b].stays;
				m.saving += p->bins[b].saving;
				m.disruption += p->bins[b].disruption;
			}
		if (!can || m.saving < best.saving ||
		    (m.saving == best.saving && m.disruption >= best.disruption))
			continue;
		memcpy(at, p->at, p->n_items * sizeof *at);
		if (place(p, set, at, 0))
			best = m;
	}
	return best;
}

typedef struct made_up {
	tt_pack_kind kinds[2];
	tt_consolidate_bin bins[40];
	tt_pack_item items[160];
	size_t at[160];
} made_up;

static tt_consolidate_problem make_up(made_up *m, size_t n_bins, size_t n_items)
{
	tt_consolidate_problem p = { .n_dims = (size_t)between(1, 3), .n_bins = n_bins,
	                             .n_items = n_items, .kinds = m->kinds, .bins = m->bins,
	                             .items = m->items, .at = m->at,
	                             .exact_bins = TT_CONSOLIDATE_EXACT_BINS,
	                             .steps = TT_PACK_STEPS };

	*m = (made_up){ 0 };
	p.n_kinds = (size_t)between(1, 2);
	for (size_t k = 0; k < p.n_kinds; k++)
		for (size_t d = 0; d < p.n_dims; d++) {
			m->kinds[k].capacity[d] = between(20, 40);
			m->kinds[k].fixed[d] = between(0, 3);
		}
	for (size_t b = 0; b < n_bins; b++) {
		m->bins[b].bin.kind = (size_t)between(0, (int64_t)p.n_kinds - 1);
		m->bins[b].bin.load[0] = between(0, 5) ? 0 : 4;
		m->bins[b].saving = between(0, 8);
		m->bins[b].disruption = between(0, 8);
		m->bins[b].stays = between(0, 5) == 0;
	}
	for (size_t i = 0; i < n_items; i++) {
		m->items[i].kinds = between(0, 2) ? 3 : (uint64_t)between(0, 3);
		m->at[i] = (size_t)between(0, (int64_t)n_bins - 1);
		for (size_t d = 0; d < p.n_dims; d++)
			m->items[i].size[d] = between(0, 5) ? between(1, 18) : 0;
	}
	return p;
}

static void test_against_subsets(void)
{
	int wrong = 0, gone = 0, better = 0;

	for (int round = 0; round < 600; round++) {
		made_up m;
		const size_t n_bins = (size_t)between(1, 6), n_items = (size_t)between(0, 7);
		tt_consolidate_problem p = make_up(&m, n_bins, n_items);
		const most best = by_subsets(&p);
		tt_consolidate_result r = consolidated(&p);

		wrong += !holds(&p, &r) || !r.proven || r.bound != r.saving;
		wrong += r.saving != best.saving || r.disruption != best.disruption;
		gone += r.n_gone > 0;
		tt_consolidate_result_free(&r);
		p.exact_bins = 0;
		r = consolidated(&p);
		wrong += !holds(&p, &r) || r.saving > best.saving || r.bound < best.saving;
		wrong += r.proven && r.saving != best.saving;
		better += r.saving < best.saving;
		tt_consolidate_result_free(&r);
	}
	T_INT(0, wrong);
	T_OK(gone > 200);
	T_OK(better > 5); /* the search is worth something */
}

/* Three nodes a third full: two of them can go, and it is the quiet ones that do. */
static void test_thirds(void)
{
	static const tt_pack_kind node = { .capacity = { 9 }, .fixed = { 0 } };
	static const tt_consolidate_bin bins[] = {
		{ .saving = 10, .disruption = 3 }, { .saving = 10, .disruption = 9 },
		{ .saving = 10, .disruption = 1 }, { .saving = 10, .stays = true },
	};
	static const tt_pack_item items[] = { { { 3 }, 1 }, { { 3 }, 1 }, { { 3 }, 1 },
	                                      { { 9 }, 1 } };
	static const size_t at[] = { 0, 1, 2, 3 };
	tt_consolidate_problem p = { .n_dims = 1, .n_kinds = 1, .kinds = &node, .n_bins = 4,
	                             .bins = bins, .n_items = 4, .items = items, .at = at };

	for (p.exact_bins = 0; p.exact_bins <= 14; p.exact_bins += 14, p.steps = TT_PACK_STEPS) {
		tt_consolidate_result r = consolidated(&p);

		T_INT(20, r.saving);
		T_INT(4, r.disruption);
		T_INT(2, r.n_gone);
		T_INT(2, r.n_moved);
		T_INT(1, r.to[0]);
		T_INT(1, r.to[1]);
		T_INT(1, r.to[2]);
		T_INT(3, r.to[3]);
		T_OK(r.proven && holds(&p, &r));
		tt_consolidate_result_free(&r);
	}
}

/* What holds nothing goes for nothing; what stays does not, nor the last one in use. */
static void test_empty(void)
{
	static const tt_pack_kind node = { .capacity = { 8 } };
	static const tt_consolidate_bin bins[] = {
		{ .saving = 5 }, { .saving = 5, .stays = true }, { .saving = 5, .disruption = 1 },
	};
	static const tt_pack_item items[] = { { { 8 }, 1 }, { { 8 }, 1 } };
	static const size_t at[] = { 2, 1 };
	tt_consolidate_problem p = { .n_dims = 1, .n_kinds = 1, .kinds = &node, .n_bins = 3,
	                             .bins = bins, .n_items = 2, .items = items, .at = at,
	                             .exact_bins = 14, .steps = TT_PACK_STEPS };
	tt_consolidate_result r = consolidated(&p);

	T_OK(r.gone[0] && !r.gone[1] && !r.gone[2]);
	T_INT(5, r.saving);
	T_INT(0, r.disruption);
	T_OK(r.proven);
	tt_consolidate_result_free(&r);
	p.n_bins = 0;
	p.n_items = 0;
	r = consolidated(&p);
	T_INT(0, r.n_gone);
	T_OK(r.proven);
	tt_consolidate_result_free(&r);
}

static void test_large(void)
{
	made_up m;
	int wrong = 0, proven = 0;

	for (int round = 0; round < 40; round++) {
		tt_consolidate_problem p = make_up(&m, 40, 160);
		tt_consolidate_result r, again;

		for (size_t i = 0; i < p.n_items; i++)
			for (size_t d = 0; d < p.n_dims; d++)
				m.items[i].size[d] = m.items[i].size[d] % 5 + 1;
		r = consolidated(&p);
		again = consolidated(&p);
		wrong += !holds(&p, &r);
		wrong += memcmp(r.gone, again.gone, p.n_bins * sizeof *r.gone) != 0;
		wrong += memcmp(r.to, again.to, p.n_items * sizeof *r.to) != 0;
		proven += r.proven;
		tt_consolidate_result_free(&r);
		tt_consolidate_result_free(&again);
	}
	T_INT(0, wrong);
	T_OK(proven < 40); /* and said so */
}

static void test_refused(void)
{
	made_up m;
	tt_consolidate_problem p = make_up(&m, 3, 3);
	tt_consolidate_result r = { 0 };

	m.at[2] = 3;
	T_INT(TT_EINVAL, tt_consolidate(&p, &r, &err));
	T_STR("item 2: in bin 3 of 3", err.text);
	err = (tt_err){ 0 };
	m.at[2] = 0;
	m.bins[1].saving = -1;
	m.bins[1].disruption = 4;
	T_INT(TT_EINVAL, tt_consolidate(&p, &r, &err));
	T_STR("bin 1: saving -1, disruption 4, expected 0 to 2^44", err.text);
	err = (tt_err){ 0 };
	m.bins[1].saving = 0;
	m.items[1].size[0] = -7;
	T_INT(TT_EINVAL, tt_consolidate(&p, &r, &err));
	T_STR("item 1, dimension 0: -7, expected 0 to 2^44", err.text);
	T_OK(!r.gone && !r.to);
}

static void test_memory(void)
{
	made_up m;
	tt_consolidate_problem p;
	uint64_t n = 0;
	int rc;

	p = make_up(&m, 6, 7);
	do {
		tt_consolidate_result r = { 0 };

		err = (tt_err){ 0 };
		tt_alloc_fail_at(++n, 0);
		rc = tt_consolidate(&p, &r, &err);
		tt_alloc_fail_at(0, 0);
		T_OK(rc == TT_OK ? r.gone != NULL : rc == TT_ENOMEM && !r.gone);
		tt_consolidate_result_free(&r);
	} while (rc != TT_OK);
	T_OK(n > 20);
}

static void test_score(void)
{
	T_F64(3.3333333333, tt_consolidate_score(7.26, 58.08, 3, 80), 5e-11);
	T_F64(1.6666666667, tt_consolidate_score(4.84, 58.08, 4, 80), 5e-11);
	T_F64((double)INFINITY, tt_consolidate_score(1, 10, 0, 80), 0);
	T_F64((double)NAN, tt_consolidate_score(0, 0, 1, 80), 0);
}

int main(void)
{
	test_against_subsets();
	test_thirds();
	test_empty();
	test_large();
	test_refused();
	test_memory();
	test_score();
	return T_END();
}
