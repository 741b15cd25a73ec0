#include "commit/conditions.h"
#include <string.h>

static int64_t size_of(const tt_offer *o)
{
	return o->lot > 1 ? o->lot : 1;
}

bool tt_condition_holds(const tt_offer *o, int64_t units)
{
	return !units || (units >= o->least && units % size_of(o) == 0);
}

/* The nearest size that is allowed below, 0 among them, and above. */
static int64_t below(const tt_offer *o, int64_t units)
{
	const int64_t size = units / size_of(o) * size_of(o);

	return size < o->least ? 0 : size;
}

static int64_t above(const tt_offer *o, int64_t units)
{
	const int64_t least = units > o->least ? units : o->least;

	return (least + size_of(o) - 1) / size_of(o) * size_of(o);
}

/* The ladder's offers as its own, to be changed; NULL: out of memory. */
static tt_ladder_offer *own_offers(tt_ladder *l, tt_arena *arena)
{
	tt_ladder_offer *v = tt_arena_alloc(arena, (l->n_offers + 1) * sizeof *v);

	if (v && l->n_offers)
		memcpy(v, l->offers, l->n_offers * sizeof *v);
	l->offers = v ? v : l->offers;
	return v;
}

int tt_conditions_put(const tt_conditions *c, tt_arena *arena, tt_ladder *l, tt_err *err)
{
	tt_ladder_offer *v = own_offers(l, arena);

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < c->n; i++) {
		v[c->v[i].at].least = c->v[i].least;
		v[c->v[i].at].most = c->v[i].most;
	}
	return TT_OK;
}

/* Hold purchase `at` to [least, most]: the plan then. */
static int hold(tt_ladder *l, tt_ladder_offer *offer, int64_t least, int64_t most,
                tt_arena *arena, tt_ladder_plan *ret, tt_err *err)
{
	const tt_ladder_offer was = *offer;

	offer->least = least;
	offer->most = most;
	const int rc = tt_ladder_solve(l, arena, ret, err);

	*offer = was;
	return rc;
}

/* To the cheaper side of what is not allowed. */
static int settle(const tt_offer *o, tt_ladder *l, tt_ladder_offer *offer, int64_t units,
                  tt_arena *arena, tt_ladder_plan *plan, tt_err *err)
{
	const int64_t up = above(o, units), down = below(o, units);
	tt_ladder_plan low, high;

	TT_TRY(hold(l, offer, offer->least, down, arena, &low, err));
	if (up <= offer->most)
		TT_TRY(hold(l, offer, up, offer->most, arena, &high, err));
	if (up <= offer->most && high.cost_micro < low.cost_micro) {
		offer->least = up;
		*plan = high;
	} else {
		offer->most = down;
		*plan = low;
	}
	return TT_OK;
}

int tt_conditions_keep(const tt_offers *o, const tt_rolling *r, tt_arena *arena,
                       tt_rolling_plan *plan, tt_conditions *ret, tt_err *err)
{
	tt_ladder *l = &plan->ladder;
	tt_conditions c = { .bound_micro = plan->least_micro,
		.v = tt_arena_alloc(arena, (l->n_offers + 1) * sizeof *c.v) };
	const tt_ladder_offer *asked = l->offers;
	tt_ladder_offer *v = own_offers(l, arena);

	if (!c.v || !v)
		return tt_no_memory(err);
	for (size_t i = 0; i < l->n_offers;) {
		const tt_offer *of = &o->v[i % o->n];

		if (tt_condition_holds(of, plan->plan.bought[i])) {
			i++;
			continue;
		}
		TT_TRY(settle(of, l, &v[i], plan->plan.bought[i], arena, &plan->plan, err));
		i = 0;
	}
	for (size_t i = 0; i < l->n_offers; i++)
		if (v[i].least != asked[i].least || v[i].most != asked[i].most)
			c.v[c.n++] = (tt_limit){ i, v[i].least, v[i].most };
	*ret = c;
	plan->expected.offers = v;
	return c.n ? tt_rolling_expect(r, arena, plan, err) : TT_OK;
}
