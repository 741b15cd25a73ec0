#include "simulate/sets.h"
#include "base/memory.h"

static void free_tables(tt_set_tables *t)
{
	for (size_t i = 0; i < t->n; i++)
		tt_weeks_free(&t->v[i]);
	tt_free(t->v);
}

void tt_sets_free(tt_sets *s)
{
	for (size_t i = 0; s->components && i < tt_effects_components(s->effects); i++) {
		for (size_t k = 0; k < s->components[i].n; k++)
			free_tables(&s->components[i].v[k]);
		tt_free(s->components[i].v);
		tt_free(s->components[i].alone);
		tt_free(s->components[i].chain);
	}
	tt_free(s->components);
	tt_arena_free(s->arena);
	*s = (tt_sets){ 0 };
}

static int make_tables(tt_sets *s, const tt_capacity *delta, tt_set_tables *t, tt_err *err)
{
	const tt_capacity *base = tt_effects_baseline(s->effects);
	const tt_pools *pools = tt_effects_pools(s->effects);
	TT_CLEANUP(tt_together_free) tt_together together = { 0 };

	t->v = tt_zalloc(delta->n + 1, sizeof *t->v);
	if (!t->v)
		return tt_no_memory(err);
	TT_TRY(tt_together_make(pools, base, delta, &together, err));
	for (size_t i = 0; i < delta->n; i++) {
		const uint32_t pool = delta->v[i].pool;

		TT_TRY(tt_weeks_make(s->calendar, &pools->v[pool], tt_capacity_of(base, pool),
				     &delta->v[i],
				     tt_together_of(&together, pools->v[pool].node_group),
				     s->arena, &t->v[i], err));
		t->v[t->n++].pool = pool;
	}
	return TT_OK;
}

int tt_sets_find(tt_sets *s, size_t component, const tt_set *set, size_t *ret, tt_err *err)
{
	tt_component_sets *c = &s->components[component];

	TT_TRY(tt_effects_of(s->effects, component, set, ret, err));
	while (c->n <= *ret) {
		const tt_capacity *delta = tt_effects_delta(s->effects, component, c->n);

		if (!TT_GROW(c->v, c->n, c->cap))
			return tt_no_memory(err);
		c->v[c->n++] = (tt_set_tables){ 0 };
		TT_TRY(make_tables(s, delta, &c->v[c->n - 1], err));
	}
	return TT_OK;
}

/* The chain of sets in a world: with each adopted change one more. */
static int prepare_chain(tt_sets *s, size_t component, uint64_t world, tt_err *err)
{
	const tt_component *c = tt_effects_component(s->effects, component);
	tt_set set = { 0 };
	tt_outcome o;
	size_t number;

	for (size_t i = 0; i < c->n; i++) {
		tt_outlook_change(s->outlook, world, c->changes[i], &o);
		if (!o.adopted || s->sc->changes[c->changes[i]].alone)
			continue;
		tt_set_add(&set, i);
		TT_TRY(tt_sets_find(s, component, &set, &number, err));
	}
	return TT_OK;
}

/* The chain of a world in which all are adopted. */
static int prepare_whole(tt_sets *s, size_t component, tt_err *err)
{
	const tt_component *c = tt_effects_component(s->effects, component);
	size_t *chain = s->components[component].chain;
	tt_set set = { 0 };

	for (size_t i = 0; i < c->n && !s->sc->changes[c->changes[i]].alone; i++) {
		tt_set_add(&set, i);
		TT_TRY(tt_sets_find(s, component, &set, &chain[i], err));
	}
	return TT_OK;
}

static bool is_certain(const tt_sets *s, const tt_component *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const tt_dist_spec *d = &s->sc->changes[c->changes[i]].adoption_ratio->spec;

		if (d->kind != TT_DIST_FIXED || d->a < 1)
			return false;
	}
	return true;
}

static int prepare_component(tt_sets *s, size_t component, size_t n_worlds, tt_err *err)
{
	const tt_component *c = tt_effects_component(s->effects, component);
	tt_component_sets *of = &s->components[component];
	size_t number;

	TT_TRY(tt_sets_find(s, component, &(tt_set){ 0 }, &number, err));
	of->alone = tt_zalloc(c->n + 1, sizeof *of->alone);
	of->chain = tt_zalloc(c->n + 1, sizeof *of->chain);
	if (!of->alone || !of->chain)
		return tt_no_memory(err);
	for (size_t i = 0; i < c->n; i++) {
		tt_set one = { 0 };

		tt_set_add(&one, i);
		TT_TRY(tt_sets_find(s, component, &one, &of->alone[i], err));
	}
	TT_TRY(prepare_whole(s, component, err));
	for (size_t w = 0; w < n_worlds && !is_certain(s, c); w++)
		TT_TRY(prepare_chain(s, component, w, err));
	return TT_OK;
}

int tt_sets_make(const tt_bound_scenario *sc, const tt_calendar *c, tt_effects *e,
		 tt_outlook *o, size_t n_worlds, tt_sets *ret, tt_err *err)
{
	*ret = (tt_sets){ .sc = sc, .calendar = c, .effects = e, .outlook = o,
			  .arena = tt_arena_new() };
	ret->components = tt_zalloc(tt_effects_components(e) + 1, sizeof *ret->components);
	if (!ret->components || !ret->arena)
		return tt_no_memory(err);
	for (size_t i = 0; i < tt_effects_components(e); i++)
		TT_TRY(prepare_component(ret, i, n_worlds, err));
	return TT_OK;
}
