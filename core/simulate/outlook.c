#include "simulate/outlook.h"
#include "base/memory.h"
#include "maths/elementary.h"
#include "simulate/cuts.h"
#include "simulate/growth.h"
#include "simulate/known_prices.h"
#include "simulate/runs.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MONTH_S = 730 * 3600, KINDS = 3, MOST_CUTS = 64, PAID_MOST = 1000000 };
enum { OF_DEMAND, OF_INTERRUPTIONS, OF_PRICE }; /* scalars of a region */

struct region {
	const char *name;
	tt_stream stream;
};

struct pool {                   /* what of a pool the future moves */
	size_t region;
	size_t demand_region;   /* where its group was at first: demand does not move along */
	tt_stream stream, demand;
	bool on_market, is_spot;
	uint64_t cuts;          /* bits of sc->cuts */
	size_t first;           /* pool of the same node group */
	double hours;           /* of instances in the horizon, at level 1 */
	const double *known;    /* [pieces] times its price, as prices.csv says; NULL: none */
};

struct of_change {
	tt_dist adoption, realisation, delay;
	tt_stream stream;
	tt_runs *runs;          /* that it adds; NULL: none */
	double reference;       /* cards that they are priced at */
};

struct tt_outlook {
	const tt_bound_scenario *sc;
	const tt_calendar *calendar;
	tt_effects *effects;
	tt_dist assumed[TT_ASSUMPTIONS];
	bool is_assumed[TT_ASSUMPTIONS]; /* rates that changes and prices say otherwise */
	tt_dist growth[MOST_CUTS], cuts[MOST_CUTS];
	struct of_change *changes;
	struct region *regions; size_t n_regions;
	struct pool *pools; size_t n_pools, cap_pools;
	double *shares; size_t n_base; /* [n_growth * n_base] of pools of the baseline */
	double *known;          /* [pieces] scratch */
	tt_scalars scalars;
	tt_stream fleet;
	uint64_t seed;
	tt_arena *arena;
};

/* --- What is assumed ------------------------------------------------------------------ */

static int make_dist(tt_outlook *o, const tt_assumed *a, tt_dist *ret, tt_err *err)
{
	int rc = tt_dist_make(&a->spec, o->arena, ret, err);

	if (rc < 0 && a->at.file)
		tt_context(err, "%s:%d:%d", a->at.file, a->at.line, a->at.column);
	return rc;
}

static int make_assumed(tt_outlook *o, tt_err *err)
{
	const tt_scenario *s = o->sc->scenario;

	for (int i = 0; i < TT_ASSUMPTIONS; i++) {
		const tt_dist_spec *spec = &s->assumed[i].spec;

		if (spec->kind == TT_DIST_FIXED && isnan(spec->a))
			continue;
		o->is_assumed[i] = true;
		TT_TRY(make_dist(o, &s->assumed[i], &o->assumed[i], err));
	}
	if (o->sc->n_growth > MOST_CUTS || o->sc->n_cuts > MOST_CUTS)
		return tt_fail(err, TT_EDATA, "more than %d items of growth or price cuts",
			       MOST_CUTS);
	for (size_t i = 0; i < o->sc->n_growth; i++)
		TT_TRY(make_dist(o, &o->sc->growth[i].from->ratio_per_month, &o->growth[i], err));
	for (size_t i = 0; i < o->sc->n_cuts; i++)
		TT_TRY(make_dist(o, &o->sc->cuts[i].from->cut_ratio, &o->cuts[i], err));
	return TT_OK;
}

/* Of changes that are one: of their texts in that order. */
static uint64_t address_of(const tt_bound_change *b)
{
	const tt_change *c;
	uint64_t address = tt_change_hash(&b->change);

	for (size_t i = 1; (c = tt_bound_change_at(b, i)); i++) {
		const uint64_t next = tt_change_hash(c);

		address = tt_hash(address, &next, sizeof next);
	}
	return address;
}

/* The runs of a job that a change adds, where its profile is of them. */
static int find_runs(tt_outlook *o, const tt_change *change, struct of_change *c, tt_err *err)
{
	const tt_change_arg *name = tt_change_get(change, "profile");
	const tt_profile *p = name ? tt_scenario_profile(o->sc->scenario, name->text) : NULL;

	if (!p || !p->runs)
		return TT_OK;
	c->runs = tt_arena_alloc(o->arena, sizeof *c->runs);
	if (!c->runs)
		return tt_no_memory(err);
	TT_TRY(tt_runs_make(p, o->arena, c->runs, err));
	c->reference = tt_runs_reference(c->runs);
	return TT_OK;
}

/* How much of the change there is in a world: of runs, as many cards as it draws. */
static double draw_runs(const struct of_change *c, uint64_t world)
{
	double u[3] = { 0.5, 0.5, 0.5 };

	if (!c->runs || !(c->reference > 0))
		return 1;
	for (uint32_t i = 0; i < 3 && world != TT_WORLD_POINT; i++)
		u[i] = tt_draw_uniform(c->stream, world, TT_DRAW_RUNS, i);
	return tt_runs_cards(c->runs, u) / c->reference;
}

static int make_changes(tt_outlook *o, tt_err *err)
{
	o->changes = tt_arena_alloc(o->arena, (o->sc->n_changes + 1) * sizeof *o->changes);
	if (!o->changes)
		return tt_no_memory(err);
	for (size_t i = 0; i < o->sc->n_changes; i++) {
		const tt_bound_change *b = &o->sc->changes[i];
		struct of_change *c = &o->changes[i];

		c->stream = tt_stream_at(o->seed, address_of(b));
		TT_TRY(make_dist(o, b->adoption_ratio, &c->adoption, err));
		TT_TRY(make_dist(o, b->realisation_ratio, &c->realisation, err));
		TT_TRY(make_dist(o, b->start_delay_days, &c->delay, err));
		TT_TRY(find_runs(o, &b->change, c, err));
	}
	return TT_OK;
}

/* --- Regions and pools ---------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct region *)a)->name, ((const struct region *)b)->name);
}

/* Regions of the nodes; what a change moves elsewhere has a stream of its own. */
static int find_regions(tt_outlook *o, tt_err *err)
{
	const tt_pools *p = tt_effects_pools(o->effects);
	size_t kept = 0;

	o->regions = tt_arena_alloc(o->arena, (p->n + 1) * sizeof *o->regions);
	if (!o->regions)
		return tt_no_memory(err);
	for (size_t i = 0; i < p->n; i++)
		o->regions[i].name = p->v[i].region;
	if (p->n)
		qsort(o->regions, p->n, sizeof *o->regions, by_name);
	for (size_t i = 0; i < p->n; i++) {
		if (kept && strcmp(o->regions[kept - 1].name, o->regions[i].name) == 0)
			continue;
		o->regions[kept].name = o->regions[i].name;
		o->regions[kept].stream =
			tt_stream_at(o->seed, tt_draw_address("region", o->regions[i].name));
		kept++;
	}
	o->n_regions = kept;
	return TT_OK;
}

static size_t region_of(const tt_outlook *o, const char *name)
{
	for (size_t i = 0; i < o->n_regions; i++) {
		if (strcmp(o->regions[i].name, name) == 0)
			return i;
	}
	return 0; /* where nothing runs now, it is as in the first */
}

static int find_growth(tt_outlook *o, tt_err *err)
{
	o->n_base = tt_effects_pools(o->effects)->n;
	o->shares = tt_arena_alloc(o->arena, (o->sc->n_growth * o->n_base + 1) *
				   sizeof *o->shares);
	if (!o->shares)
		return tt_no_memory(err);
	for (size_t i = 0; i < o->sc->n_growth; i++)
		TT_TRY(tt_growth_shares(&o->sc->growth[i], o->sc->snapshot,
					tt_effects_pools(o->effects),
					o->shares + i * o->n_base, err));
	return TT_OK;
}

/* The first pool of the same node group. */
static const tt_pool *first_of(const tt_pools *p, const tt_pool *of)
{
	size_t i = 0;

	while (strcmp(p->v[i].node_group, of->node_group) != 0)
		i++;
	return &p->v[i];
}

static int find_known(tt_outlook *o, const tt_pool *of, const double **ret, tt_err *err)
{
	const size_t n = o->calendar->n_pieces;

	*ret = NULL;
	if (!tt_known_ratios(o->sc, o->calendar, of, o->known))
		return TT_OK;
	double *v = tt_arena_alloc(o->arena, (n + 1) * sizeof *v);
	if (!v)
		return tt_no_memory(err);
	memcpy(v, o->known, n * sizeof *v);
	*ret = v;
	return TT_OK;
}

int tt_outlook_pools(tt_outlook *o, const double *hours, tt_err *err)
{
	const tt_pools *p = tt_effects_pools(o->effects);
	TT_CLEANUP(tt_buf_free) tt_buf name = { 0 };

	for (size_t i = 0; i < p->n; i++) {
		const tt_pool *of = &p->v[i];

		if (i == o->n_pools) {
			if (!TT_GROW(o->pools, o->n_pools, o->cap_pools))
				return tt_no_memory(err);
			name.n = 0;
			if (tt_pool_name(of, &name) < 0)
				return tt_no_memory(err);
			o->pools[o->n_pools++] = (struct pool){
				.region = region_of(o, of->region),
				.demand_region = region_of(o, first_of(p, of)->region),
				.demand = tt_stream_at(o->seed, tt_draw_address("demand",
									of->node_group)),
				.stream = tt_stream_at(o->seed, tt_draw_address("pool",
									tt_buf_text(&name))),
				.on_market = !of->is_charge &&
					     strcmp(of->pricing, "reserved") != 0 &&
					     strcmp(of->pricing, "owned") != 0 &&
					     strcmp(of->pricing, "committed") != 0,
				.is_spot = strcmp(of->pricing, "spot") == 0,
				.cuts = tt_cuts_of(o->sc, p, i),
				.first = (size_t)(first_of(p, of) - p->v)
			};
			TT_TRY(find_known(o, of, &o->pools[i].known, err));
		}
		if (hours)
			o->pools[i].hours = hours[i];
	}
	return TT_OK;
}

bool tt_outlook_moves_demand(const tt_bound_scenario *sc)
{
	static const enum tt_assumption moves[] = { TT_DEMAND_GROWTH, TT_DEMAND_LEVEL,
						    TT_DEMAND_VOLATILITY };

	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
		const tt_dist_spec *d = &sc->scenario->assumed[moves[i]].spec;

		if (d->kind != TT_DIST_FIXED || d->a != tt_assumption_defs[moves[i]].standard)
			return true;
	}
	return sc->n_growth > 0;
}

/* --- Made and freed ------------------------------------------------------------------- */

static int make(tt_outlook *o, uint64_t n_worlds, tt_err *err)
{
	o->known = tt_arena_alloc(o->arena, (o->calendar->n_pieces + 1) * sizeof *o->known);
	if (!o->known)
		return tt_no_memory(err);
	TT_TRY(make_assumed(o, err));
	TT_TRY(make_changes(o, err));
	TT_TRY(find_regions(o, err));
	TT_TRY(find_growth(o, err));
	const size_t scalars = o->n_regions * KINDS;
	return tt_scalars_make(o->seed, scalars < TT_SCALARS ? scalars : TT_SCALARS, n_worlds,
			       &o->scalars, err);
}

int tt_outlook_make(const tt_bound_scenario *sc, const tt_calendar *c, tt_effects *e,
		    uint64_t seed, uint64_t n_worlds, tt_outlook **ret, tt_err *err)
{
	TT_CLEANUP(tt_outlook_freep) tt_outlook *o = tt_zalloc(1, sizeof *o);

	if (!o)
		return tt_no_memory(err);
	o->sc = sc;
	o->calendar = c;
	o->effects = e;
	o->seed = seed;
	o->fleet = tt_stream_fleet(seed);
	if (!(o->arena = tt_arena_new()))
		return tt_no_memory(err);
	TT_TRY(make(o, n_worlds, err));
	*ret = o;
	o = NULL;
	return TT_OK;
}

void tt_outlook_free(tt_outlook *o)
{
	if (!o)
		return;
	tt_free(o->pools);
	tt_arena_free(o->arena);
	tt_free(o);
}

void tt_outlook_freep(tt_outlook **o)
{
	tt_outlook_free(*o);
	*o = NULL;
}

/* --- Drawing -------------------------------------------------------------------------- */

static double uniform(tt_stream s, uint64_t world, uint32_t draw, uint32_t index)
{
	return world == TT_WORLD_POINT ? 0.5 : tt_draw_uniform(s, world, draw, index);
}

static double scalar(const tt_outlook *o, uint64_t world, size_t region, size_t kind)
{
	const size_t i = region * KINDS + kind;

	if (world == TT_WORLD_POINT)
		return 0.5;
	if (i < o->scalars.n)
		return tt_scalar_uniform(&o->scalars, world, i);
	return tt_draw_uniform(o->regions[region].stream, world, TT_DRAW_FACTOR, (uint32_t)kind);
}

/* A number that is assumed of the whole fleet; `none` where nothing is. */
static double assumed(const tt_outlook *o, uint64_t world, enum tt_assumption a, double none)
{
	if (!o->is_assumed[a])
		return none;
	return tt_dist_quantile(&o->assumed[a],
				uniform(o->fleet, world, TT_DRAW_ASSUMED, (uint32_t)a));
}

void tt_outlook_change(const tt_outlook *o, uint64_t world, size_t change, tt_outcome *ret)
{
	const struct of_change *c = &o->changes[change];
	const tt_change *of;
	const double days =
		tt_dist_quantile(&c->delay, uniform(c->stream, world, TT_DRAW_DELAYED, 0));

	ret->adopted = world == TT_WORLD_POINT ||
		       tt_draw_uniform(c->stream, world, TT_DRAW_ADOPTED, 0) <
		       tt_dist_quantile(&c->adoption,
					uniform(c->stream, world, TT_DRAW_ADOPTED, 1));
	ret->realised_ratio = tt_dist_quantile(&c->realisation,
					       uniform(c->stream, world, TT_DRAW_REALISED, 0)) *
			      draw_runs(c, world);
	ret->start_s = o->calendar->from_s;
	ret->end_s = o->calendar->until_s;
	/* those that are one are in force while all of them are */
	for (size_t i = 0; (of = tt_bound_change_at(&o->sc->changes[change], i)); i++) {
		if (of->from_s != TT_TIME_MISSING && of->from_s > ret->start_s)
			ret->start_s = of->from_s;
		if (of->until_s != TT_TIME_MISSING && of->until_s < ret->end_s)
			ret->end_s = of->until_s;
	}
	const int64_t lapses_s = tt_effects_applied(o->effects, change)->not_before_s;
	if (lapses_s != TT_TIME_MISSING && lapses_s > ret->start_s)
		ret->start_s = lapses_s;
	ret->start_s += days > 0 ? llround(days * 86400) : 0;
	if (ret->start_s > ret->end_s)
		ret->start_s = ret->end_s;
}

int tt_world_make(const tt_outlook *o, tt_world *ret, tt_err *err)
{
	const size_t n = o->n_pools + 1, weeks = o->calendar->n_weeks;
	tt_world w = { .block = tt_zalloc(weeks + 1, sizeof *w.block),
		       .level = tt_zalloc(n * weeks, sizeof *w.level),
		       .price = tt_zalloc(n * o->calendar->n_pieces, sizeof *w.price),
		       .paid = tt_zalloc(n, sizeof *w.paid),
		       .interruptions_per_h =
				tt_zalloc(n, sizeof *w.interruptions_per_h) };

	*ret = w;
	if (w.block && w.level && w.price && w.paid && w.interruptions_per_h)
		return TT_OK;
	tt_world_free(ret);
	return tt_no_memory(err);
}

void tt_world_free(tt_world *w)
{
	tt_free(w->block);
	tt_free(w->level);
	tt_free(w->price);
	tt_free(w->paid);
	tt_free(w->interruptions_per_h);
	*w = (tt_world){ 0 };
}

static double months_to(const tt_outlook *o, int64_t at_s)
{
	return (double)(at_s - o->calendar->from_s) / MONTH_S;
}

static double grown(double ratio_per_month, double months)
{
	return ratio_per_month == 0 ? 1 : tt_exp(months * tt_log(1 + ratio_per_month));
}

/* Standard normal AR(1), stationary from its first week. */
static double step_on(double before, double persistence, double z, size_t week)
{
	return week ? persistence * before + sqrt(1 - persistence * persistence) * z : z;
}

static double weekly(tt_stream s, uint64_t world, size_t week)
{
	return world == TT_WORLD_POINT ? 0 :
		tt_draw_normal(s, world, TT_DRAW_WEEK_LEVEL, (uint32_t)week);
}

static void draw_levels(const tt_outlook *o, uint64_t world, size_t pool, double *level)
{
	const struct pool *p = &o->pools[pool];
	const tt_calendar *c = o->calendar;

	if (!tt_effects_pools(o->effects)->v[pool].follows_demand) {
		for (size_t w = 0; w < c->n_weeks; w++)
			level[w] = 1;
		return;
	}
	const double sd = assumed(o, world, TT_DEMAND_VOLATILITY, 0);
	const double persistence = assumed(o, world, TT_DEMAND_PERSISTENCE, 0);
	const double share = assumed(o, world, TT_DEMAND_REGION_SHARE, 0);
	const double growth = assumed(o, world, TT_DEMAND_GROWTH, 0);
	const double start = o->is_assumed[TT_DEMAND_LEVEL] ?
		tt_dist_quantile(&o->assumed[TT_DEMAND_LEVEL],
				 scalar(o, world, p->demand_region, OF_DEMAND)) : 1;
	double of_region = 0, own = 0;

	for (size_t w = 0; w < c->n_weeks; w++) {
		const double months = (double)w * 168 / 730;

		level[w] = start * grown(growth, months);
		for (size_t i = 0; i < o->sc->n_growth; i++) {
			const double part = o->shares[i * o->n_base + p->first];

			if (part > 0)
				level[w] *= 1 + part * (grown(tt_dist_quantile(&o->growth[i],
					uniform(o->fleet, world, TT_DRAW_ASSUMED,
						(uint32_t)(TT_ASSUMPTIONS + i))), months) - 1);
		}
		if (!(sd > 0) || world == TT_WORLD_POINT)
			continue;
		of_region = step_on(of_region, persistence,
				    weekly(o->regions[p->demand_region].stream, world, w), w);
		own = step_on(own, persistence, weekly(p->demand, world, w), w);
		level[w] *= tt_exp(sd * (sqrt(share) * of_region + sqrt(1 - share) * own) -
				   sd * sd / 2);
	}
}

static void draw_prices(const tt_outlook *o, uint64_t world, size_t pool, double *price)
{
	const struct pool *p = &o->pools[pool];
	const tt_calendar *c = o->calendar;
	const enum tt_assumption of = p->is_spot ? TT_SPOT_PRICE : TT_ON_DEMAND_PRICE;
	const double ratio = o->is_assumed[of] ?
		tt_dist_quantile(&o->assumed[of], scalar(o, world, p->region, OF_PRICE)) : 1;
	const double change = assumed(o, world, TT_PRICE_CHANGE, 0);

	for (size_t i = 0; i < c->n_pieces; i++) {
		price[i] = 1;
		if (!p->on_market) /* signed already */
			continue;
		price[i] = ratio * grown(change, floor(months_to(o, c->pieces[i].from_s))) *
			   (p->known ? p->known[i] : 1);
		for (size_t k = 0; k < o->sc->n_cuts; k++) {
			if ((p->cuts >> k & 1) && o->sc->cuts[k].at_s <= c->pieces[i].from_s)
				price[i] *= 1 - tt_dist_quantile(&o->cuts[k],
					uniform(o->fleet, world, TT_DRAW_ASSUMED,
						(uint32_t)(TT_ASSUMPTIONS + MOST_CUTS + k)));
		}
	}
}

/* How many events of a Poisson process with this mean: by inversion, so that it rises with u;
 * beyond 500 by the normal, whose error is then below the width of one event. */
static double poisson(double mean, double u)
{
	double term = tt_exp(-mean), sum = term, n = 0;

	if (mean > 500) {
		n = floor(mean + sqrt(mean) * tt_normal_quantile(u) + 0.5);
		return n > 0 ? n : 0;
	}
	while (sum < u && n < 2000) {
		term *= mean / ++n;
		sum += term;
	}
	return n;
}

/* What interruptions make of the paid hours of a pool that can be taken away. */
static void draw_interruptions(const tt_outlook *o, uint64_t world, size_t pool, tt_world *ret)
{
	const struct pool *p = &o->pools[pool];
	const tt_terms *t = tt_effects_pools(o->effects)->v[pool].terms;
	double rate, zone, level, ratio, mean, built_in;

	ret->paid[pool] = 1;
	ret->interruptions_per_h[pool] = 0;
	if (!t || !p->is_spot)
		return;
	level = o->is_assumed[TT_INTERRUPTION_LEVEL] ?
		tt_dist_quantile(&o->assumed[TT_INTERRUPTION_LEVEL],
				 scalar(o, world, p->region, OF_INTERRUPTIONS)) : 1;
	rate = t->interruptions_per_h;
	if (t->rate_is_assumed)
		rate = assumed(o, world, TT_INTERRUPTIONS, rate);
	zone = t->zone_interruptions_per_h;
	if (t->zone_rate_is_assumed)
		zone = assumed(o, world, TT_ZONE_INTERRUPTIONS, zone);
	rate *= level;
	zone *= level;
	built_in = tt_terms_paid_ratio(t, t->interruptions_per_h, t->zone_interruptions_per_h);
	ratio = tt_terms_paid_ratio(t, rate, zone);
	/* events of gangs; each stops all of its instances */
	mean = p->hours / t->gang * (rate * t->gang + zone);
	ret->interruptions_per_h[pool] = p->hours > 0 ? mean / p->hours : 0;
	if (world != TT_WORLD_POINT && mean > 0) {
		const double n = poisson(mean, uniform(p->stream, world, TT_DRAW_INTERRUPTED, 0));

		ret->interruptions_per_h[pool] = n / p->hours;
		/* checkpoints are written anyway; what is lost goes with the number of events */
		const double quiet = tt_terms_paid_ratio(t, 0, 0);
		ratio = quiet + (ratio - quiet) * n / mean;
	}
	/* work that would never end is paid for without end, as far as money can be counted */
	if (!(ratio < PAID_MOST))
		ratio = PAID_MOST;
	if (built_in > 0)
		ret->paid[pool] = ratio / built_in;
}

void tt_outlook_world(const tt_outlook *o, uint64_t world, tt_world *ret)
{
	const tt_calendar *c = o->calendar;

	for (size_t w = 0; w < c->n_weeks; w++)
		ret->block[w] = world == TT_WORLD_POINT ? w % c->n_blocks :
			(size_t)tt_draw_below(o->fleet, world, TT_DRAW_WEEKS, (uint32_t)w,
					      c->n_blocks);
	for (size_t i = 0; i < o->n_pools; i++) {
		draw_levels(o, world, i, ret->level + i * c->n_weeks);
		draw_prices(o, world, i, ret->price + i * c->n_pieces);
		draw_interruptions(o, world, i, ret);
	}
}
