#include "simulate/lost.h"
#include <stdlib.h>

enum { LOST_MOST = 64, LOST_LEAST = 10000 /* a hundredth: less is rounding */ };

struct finding {
	const tt_setup *u;
	const tt_bound_scenario *sc;
	tt_simulation *s;
};

/* --- How much --------------------------------------------------------------------------- */

static int save(const struct finding *r, size_t component, const tt_set *set, int64_t *ret,
		tt_err *err)
{
	return tt_pricing_save_at_point(r->u->pricing, component, set, ret, err);
}

/* What change `of` saves less at the point because `to` is there already. */
static int lost_to(const struct finding *r, size_t of, size_t to, int64_t *ret, tt_err *err)
{
	const tt_applied *a = tt_effects_applied(r->u->effects, of);
	const tt_applied *b = tt_effects_applied(r->u->effects, to);
	tt_set x = { 0 }, y = { 0 }, both = { 0 };
	int64_t alone, other, joint;

	tt_set_add(&x, a->place);
	tt_set_add(&y, b->place);
	tt_set_add(&both, a->place);
	tt_set_add(&both, b->place);
	TT_TRY(save(r, a->component, &x, &alone, err));
	TT_TRY(save(r, a->component, &y, &other, err));
	TT_TRY(save(r, a->component, &both, &joint, err));
	*ret = alone + other - joint;
	return TT_OK;
}

/* What is saved by the first `n` of the component's changes but number `without`. */
static int save_by_chain(const struct finding *r, size_t component, size_t n, size_t without,
			 int64_t *ret, tt_err *err)
{
	const tt_component *c = tt_effects_component(r->u->effects, component);
	tt_set set = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (i != without && !r->sc->changes[c->changes[i]].alone)
			tt_set_add(&set, i);
	}
	return save(r, component, &set, ret, err);
}

/* The same on top of all others that come before `of` in the order of composition. */
static int lost_after(const struct finding *r, size_t of, size_t to, int64_t *ret, tt_err *err)
{
	const tt_applied *a = tt_effects_applied(r->u->effects, of);
	const size_t other = tt_effects_applied(r->u->effects, to)->place;
	int64_t with, before, without, before_without;

	TT_TRY(save_by_chain(r, a->component, a->place + 1, SIZE_MAX, &with, err));
	TT_TRY(save_by_chain(r, a->component, a->place, SIZE_MAX, &before, err));
	TT_TRY(save_by_chain(r, a->component, a->place + 1, other, &without, err));
	TT_TRY(save_by_chain(r, a->component, a->place, other, &before_without, err));
	*ret = (without - before_without) - (with - before);
	return TT_OK;
}

/* --- Of each change ----------------------------------------------------------------------- */

static int most_lost_first(const void *pa, const void *pb)
{
	const tt_sim_lost *a = pa, *b = pb;

	if (a->micro != b->micro)
		return a->micro > b->micro ? -1 : 1;
	return (a->to > b->to) - (a->to < b->to);
}

static const char *why_lost(const tt_change *of, const tt_change *to)
{
	const bool rate = tt_verb_lever(of->verb) == TT_LEVER_RATE;

	if (tt_verb_lever(to->verb) == TT_LEVER_RATE)
		return "the same instances have another price already";
	return rate ? "less is left that could have another price" :
		      "the same instances go already";
}

static int make_together(struct finding *r, tt_err *err)
{
	for (size_t i = 0; i < r->sc->n_changes; i++) {
		const tt_applied *a = tt_effects_applied(r->u->effects, i);
		const size_t n = tt_effects_component(r->u->effects, a->component)->n;
		tt_sim_change *c = &r->s->changes[i];

		c->together = tt_arena_alloc(r->s->arena, ((n <= LOST_MOST ? n : 0) + 1) *
					     sizeof *c->together);
		if (!c->together)
			return tt_no_memory(err);
	}
	return TT_OK;
}

/* Of two changes: what they save together and neither alone is said of both. */
static void add_together(struct finding *r, size_t i, size_t j, int64_t gained)
{
	static const char why[] = "only together they free instances";
	tt_sim_change *a = &r->s->changes[i], *b = &r->s->changes[j];

	a->together[a->n_together++] = (tt_sim_lost){ .to = j, .why = why, .micro = gained };
	b->together[b->n_together++] = (tt_sim_lost){ .to = i, .why = why, .micro = gained };
}

static int find_lost(struct finding *r, size_t i, tt_err *err)
{
	tt_sim_change *c = &r->s->changes[i];
	const tt_applied *a = tt_effects_applied(r->u->effects, i);
	const tt_component *k = tt_effects_component(r->u->effects, a->component);
	const bool gains = c->in_set.point > c->standalone.point;

	c->lost = tt_arena_alloc(r->s->arena, (a->place + 1) * sizeof *c->lost);
	if (!c->lost)
		return tt_no_memory(err);
	for (size_t j = 0; j < a->place && k->n <= LOST_MOST; j++) {
		const size_t other = k->changes[j];
		int64_t lost;

		TT_TRY(lost_to(r, i, other, &lost, err));
		if (lost > -LOST_LEAST && lost < LOST_LEAST && gains) /* three, and no two */
			TT_TRY(lost_after(r, i, other, &lost, err));
		if (lost <= -LOST_LEAST)
			add_together(r, i, other, -lost);
		if (lost >= LOST_LEAST)
			c->lost[c->n_lost++] = (tt_sim_lost){
				.to = other, .micro = lost,
				.why = why_lost(&c->of->change, &r->sc->changes[other].change) };
	}
	if (c->n_lost)
		qsort(c->lost, c->n_lost, sizeof *c->lost, most_lost_first);
	return TT_OK;
}

int tt_simulation_lost(const tt_setup *u, const tt_bound_scenario *sc, tt_simulation *s,
		       tt_err *err)
{
	struct finding r = { u, sc, s };

	TT_TRY(make_together(&r, err));
	for (size_t i = 0; i < sc->n_changes; i++)
		TT_TRY(find_lost(&r, i, err));
	for (size_t i = 0; i < sc->n_changes; i++) {
		tt_sim_change *c = &s->changes[i];

		if (c->n_together)
			qsort(c->together, c->n_together, sizeof *c->together, most_lost_first);
	}
	return TT_OK;
}
