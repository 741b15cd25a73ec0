#include "simulate/runs.h"
#include <math.h>

static int make(const tt_assumed *a, tt_arena *arena, tt_dist *ret, tt_err *err)
{
	int rc = tt_dist_make(&a->spec, arena, ret, err);

	if (rc < 0 && a->at.file)
		tt_context(err, "%s:%d:%d", a->at.file, a->at.line, a->at.column);
	return rc;
}

int tt_runs_make(const tt_profile *p, tt_arena *arena, tt_runs *ret, tt_err *err)
{
	TT_TRY(make(&p->runs_per_month, arena, &ret->runs_per_month, err));
	TT_TRY(make(&p->gpu_hours_per_run, arena, &ret->gpu_hours_per_run, err));
	return make(&p->failure_ratio, arena, &ret->failure, err);
}

double tt_runs_cards(const tt_runs *r, const double u[3])
{
	const double runs = tt_dist_quantile(&r->runs_per_month, u[0]);
	const double hours = tt_dist_quantile(&r->gpu_hours_per_run, u[1]);

	return runs * hours / (1 - tt_dist_quantile(&r->failure, u[2])) / 730;
}

double tt_runs_reference(const tt_runs *r)
{
	static const double tail[] = { 0.5, 0.75, 0.9, 0.99, 0.999999 };
	double cards = 0;

	for (size_t i = 0; i < sizeof tail / sizeof *tail && !(cards > 0); i++)
		cards = tt_runs_cards(r, (const double[3]){ tail[i], tail[i], tail[i] });
	return cards;
}

static int lend(const tt_profile *p, tt_arena *arena, tt_demand_profile *to, tt_err *err)
{
	double cards = 0;
	tt_runs runs;

	if (p->runs) {
		TT_TRY(tt_runs_make(p, arena, &runs, err));
		cards = tt_runs_reference(&runs);
	}
	to->name = p->name;
	for (size_t h = 0; h < TT_WEEK_HOURS; h++)
		to->cards[h] = p->runs ? cards : p->cards[h];
	return TT_OK;
}

/* How often spot is taken away where nobody else says: what is priced is the median. */
static int lend_rate(const tt_scenario *sc, tt_arena *arena, tt_settings *to, tt_err *err)
{
	const tt_dist_spec *spec = &sc->assumed[TT_INTERRUPTIONS].spec;
	tt_dist d;

	to->assumes_interruptions = spec->kind != TT_DIST_FIXED || !isnan(spec->a);
	if (!to->assumes_interruptions)
		return TT_OK;
	TT_TRY(tt_dist_make(spec, arena, &d, err));
	to->interruptions_per_h = tt_dist_quantile(&d, 0.5);
	return TT_OK;
}

int tt_profiles_lend(const tt_scenario *sc, tt_arena *arena, tt_settings *to, tt_err *err)
{
	tt_demand_profile *v = tt_arena_alloc(arena, (sc->n_profiles + 1) * sizeof *v);

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < sc->n_profiles; i++)
		TT_TRY(lend(&sc->profiles[i], arena, &v[i], err));
	to->profiles = v;
	to->n_profiles = sc->n_profiles;
	return lend_rate(sc, arena, to, err);
}
