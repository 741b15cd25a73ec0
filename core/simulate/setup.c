#include "simulate/setup.h"
#include "base/memory.h"
#include "simulate/known_prices.h"

/* Every date at which something changes cuts the horizon. */
static int make_calendar(const tt_bound_scenario *sc, bool hourly, tt_setup *u, tt_err *err)
{
	const size_t hours = hourly && sc->until_s > sc->from_s ?
		(size_t)((sc->until_s - sc->from_s) / 3600) : 0;
	const tt_epochs *epochs = &tt_effects_pools(u->effects)->epochs;
	size_t most = sc->n_cuts + hours + epochs->n, n = 0, n_known;
	int64_t *known;

	TT_TRY(tt_known_dates(sc, u->effects, u->arena, &known, &n_known, &u->known_prices,
			      err));
	most += n_known;
	for (size_t i = 0; i < sc->n_changes; i++)
		most += 2 * (1 + sc->changes[i].n_also);
	TT_CLEANUP(tt_freep) int64_t *dates = tt_alloc((most + 1) * sizeof *dates);
	if (!dates)
		return tt_no_memory(err);
	for (size_t i = 0; i < sc->n_changes; i++) {
		const tt_change *c;

		for (size_t k = 0; (c = tt_bound_change_at(&sc->changes[i], k)); k++) {
			if (c->from_s != TT_TIME_MISSING && c->from_s > sc->from_s)
				dates[n++] = c->from_s;
			if (c->until_s != TT_TIME_MISSING && c->until_s > sc->from_s)
				dates[n++] = c->until_s;
		}
	}
	for (size_t i = 0; i < sc->n_cuts; i++)
		dates[n++] = sc->cuts[i].at_s;
	for (size_t i = 0; i < n_known; i++)
		dates[n++] = known[i];
	for (size_t i = 0; i < epochs->n; i++)
		dates[n++] = epochs->starts[i];
	for (size_t i = 0; i < hours; i++)
		dates[n++] = sc->from_s + (int64_t)i * 3600;
	return tt_calendar_make(sc->snapshot, sc->from_s, sc->until_s, dates, n, u->arena,
				&u->calendar, err);
}

int tt_setup_make(const tt_bound_scenario *sc, const tt_bill *b, const tt_settings *st,
		  uint64_t seed, size_t n_worlds, bool hourly, tt_setup *ret, tt_err *err)
{
	if (!(ret->arena = tt_arena_new()))
		return tt_no_memory(err);
	TT_TRY(tt_effects_make(sc, b, st, tt_outlook_moves_demand(sc), &ret->effects, err));
	TT_TRY(make_calendar(sc, hourly, ret, err));
	TT_TRY(tt_outlook_make(sc, &ret->calendar, ret->effects, seed, n_worlds, &ret->outlook,
			       err));
	return tt_pricing_make(sc, &ret->calendar, ret->effects, ret->outlook, n_worlds,
			       &ret->pricing, err);
}

void tt_setup_free(tt_setup *u)
{
	tt_pricing_free(u->pricing);
	tt_outlook_free(u->outlook);
	tt_effects_free(u->effects);
	tt_arena_free(u->arena);
	*u = (tt_setup){ 0 };
}
