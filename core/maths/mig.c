#include "maths/mig.h"
#include "base/memory.h"
#include <string.h>

#define MOST_LAYOUTS 100000
#define MOST_SETS 1000000 /* of placements that are looked at */

static int check(const tt_mig_geometry *g, tt_err *err)
{
	if (g->n_profiles < 1 || g->n_profiles > TT_MIG_PROFILES)
		return tt_fail(err, TT_EINVAL, "%zu profiles, expected 1 to %d", g->n_profiles,
		               TT_MIG_PROFILES);
	if (g->memory < 1 || g->memory > TT_MIG_SLICES)
		return tt_fail(err, TT_EINVAL, "%d memory slices, expected 1 to %d", g->memory,
		               TT_MIG_SLICES);
	for (size_t i = 0; i < g->n_profiles; i++) {
		const tt_mig_profile *p = &g->profiles[i];

		if (p->memory < 1 || p->memory > g->memory || p->compute > g->compute)
			return tt_fail(err, TT_EINVAL,
			               "profile %zu: %d memory and %d compute slices of %d and %d",
			               i, p->memory, p->compute, g->memory, g->compute);
		if (p->starts == 0 || (uint64_t)p->starts >> (g->memory - p->memory + 1))
			return tt_fail(err, TT_EINVAL,
			               "profile %zu: starts 0x%x, expected within slices 0 to %d",
			               i, p->starts, g->memory - p->memory);
	}
	return TT_OK;
}

typedef struct builder {
	const tt_mig_geometry *g;
	bool distinct;
	uint64_t used;          /* memory slices */
	unsigned compute;
	tt_mig_layout now;
	tt_mig_layout *layouts;
	size_t n, cap, n_sets;
} builder;

static bool has_room(const builder *b, size_t profile, unsigned start)
{
	const tt_mig_profile *p = &b->g->profiles[profile];
	const uint64_t slices = ((UINT64_C(1) << p->memory) - 1) << start;

	return (p->starts >> start & 1) && !(b->used & slices) &&
	       b->compute + p->compute <= b->g->compute &&
	       !(p->most && b->now.count[profile] >= p->most);
}

static bool is_full(const builder *b)
{
	for (size_t i = 0; i < b->g->n_profiles; i++)
		for (unsigned s = 0; s < b->g->memory; s++)
			if (has_room(b, i, s))
				return false;
	return true;
}

static bool is_known(const builder *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (memcmp(b->layouts[i].count, b->now.count, sizeof b->now.count) == 0)
			return true;
	return false;
}

static int too_many(tt_err *err)
{
	return tt_fail(err, TT_EINVAL, "too many layouts, at most %d are allowed", MOST_LAYOUTS);
}

static int emit(builder *b, tt_err *err)
{
	if (b->distinct && is_known(b))
		return TT_OK;
	if (b->n == MOST_LAYOUTS)
		return too_many(err);
	if (!TT_GROW(b->layouts, b->n, b->cap))
		return tt_no_memory(err);
	b->layouts[b->n++] = b->now;
	return TT_OK;
}

/* Each set of placements once: those after (profile, start) are added in order. */
static int build(builder *b, size_t profile, unsigned start, tt_err *err)
{
	if (++b->n_sets > MOST_SETS)
		return too_many(err);
	if (is_full(b))
		return emit(b, err);
	for (size_t i = profile; i < b->g->n_profiles; i++, start = 0)
		for (unsigned s = start; s < b->g->memory; s++) {
			const tt_mig_profile *p = &b->g->profiles[i];
			const uint64_t slices = ((UINT64_C(1) << p->memory) - 1) << s;

			if (!has_room(b, i, s))
				continue;
			b->used |= slices;
			b->compute += p->compute;
			b->now.at[b->now.n++] = (tt_mig_placement){ (uint8_t)i, (uint8_t)s };
			b->now.count[i]++;

			const int rc = build(b, i, s + 1, err);

			b->now.count[i]--;
			b->now.at[--b->now.n] = (tt_mig_placement){ 0, 0 };
			b->compute -= p->compute;
			b->used &= ~slices;
			TT_TRY(rc);
		}
	return TT_OK;
}

int tt_mig_layouts_make(const tt_mig_geometry *g, bool distinct, tt_mig_layouts *ret,
                        tt_err *err)
{
	builder b = { .g = g, .distinct = distinct };

	TT_TRY(check(g, err));

	const int rc = build(&b, 0, 0, err);

	if (rc < 0) {
		tt_free(b.layouts);
		return rc;
	}
	*ret = (tt_mig_layouts){ b.layouts, b.n };
	return TT_OK;
}

void tt_mig_layouts_free(tt_mig_layouts *l)
{
	tt_free(l->layouts);
	*l = (tt_mig_layouts){ 0 };
}

size_t tt_mig_smallest(const tt_mig_geometry *g, int64_t mib, unsigned compute)
{
	size_t best = g->n_profiles;

	for (size_t i = 0; i < g->n_profiles; i++) {
		const tt_mig_profile *p = &g->profiles[i];

		if (p->compute < compute || (mib > 0 && p->mib < mib))
			continue;
		if (best == g->n_profiles) {
			best = i;
			continue;
		}

		const tt_mig_profile *q = &g->profiles[best];
		const int mine_c = p->compute * g->memory, mine_m = p->memory * g->compute;
		const int its_c = q->compute * g->memory, its_m = q->memory * g->compute;
		const int mine = mine_c > mine_m ? mine_c : mine_m;
		const int its = its_c > its_m ? its_c : its_m;

		if (mine < its ||
		    (mine == its && (p->compute < q->compute ||
		                     (p->compute == q->compute && p->memory < q->memory))))
			best = i;
	}
	return best;
}
