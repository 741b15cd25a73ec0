#include "simulate/pricing.h"
#include "base/memory.h"
#include "simulate/sets.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct tt_pricing {
	const tt_bound_scenario *sc;
	const tt_calendar *calendar;
	tt_effects *effects;
	tt_outlook *outlook;
	tt_weeks *base;         /* [n_base] by pool; later pools were empty */
	size_t n_base;
	tt_arena *arena;        /* of their tables */
	tt_sets sets;
	uint32_t *names; size_t n_names; /* a pool of each name, charges last */
	size_t *name_of;        /* [pools] */
	size_t n_pools;
	const tt_owners *owners;
	int64_t window_s;
};

/* --- Before the first world ----------------------------------------------------------- */

void tt_pricing_free(tt_pricing *p)
{
	if (!p)
		return;
	tt_sets_free(&p->sets);
	for (size_t i = 0; i < p->n_base; i++)
		tt_weeks_free(&p->base[i]);
	tt_free(p->base);
	tt_arena_free(p->arena);
	tt_free(p->names);
	tt_free(p->name_of);
	tt_free(p);
}

static int make_base(tt_pricing *p, tt_err *err)
{
	const tt_pools *pools = tt_effects_pools(p->effects);
	const tt_capacity *c = tt_effects_baseline(p->effects);
	TT_CLEANUP(tt_together_free) tt_together together = { 0 };

	p->base = tt_zalloc(pools->n + 1, sizeof *p->base);
	p->arena = tt_arena_new();
	if (!p->base || !p->arena)
		return tt_no_memory(err);
	TT_TRY(tt_together_make(pools, c, NULL, &together, err));
	for (size_t i = 0; i < pools->n; i++, p->n_base++) {
		TT_TRY(tt_weeks_make(p->calendar, &pools->v[i], tt_capacity_of(c, (uint32_t)i),
				     NULL, tt_together_of(&together, pools->v[i].node_group),
				     p->arena, &p->base[i], err));
		p->base[i].pool = (uint32_t)i;
	}
	return TT_OK;
}

/* --- Names of pools, and how long they run -------------------------------------------- */

static int name_pools(tt_pricing *p, tt_err *err)
{
	const tt_pools *pools = tt_effects_pools(p->effects);
	bool charges = false;

	p->n_pools = pools->n;
	p->names = tt_zalloc(pools->n + 2, sizeof *p->names);
	p->name_of = tt_zalloc(pools->n + 1, sizeof *p->name_of);
	if (!p->names || !p->name_of)
		return tt_no_memory(err);
	TT_TRY(tt_pools_names(pools, p->names, &p->n_names, p->name_of, err));
	p->names[p->n_names] = UINT32_MAX;
	for (size_t i = 0; i < p->sc->n_changes; i++)
		charges |= tt_effects_applied(p->effects, i)->of.n_charges > 0;
	p->n_names += charges;
	return TT_OK;
}

/* Hours of instances at the point. */
static double hours_of(const tt_pricing *p, const tt_weeks *w)
{
	double hours = 0;

	for (size_t i = 0; i < p->calendar->n_pieces; i++) {
		const tt_piece *at = &p->calendar->pieces[i];

		if (!tt_pool_is_there(tt_effects_pools(p->effects), w->pool, at->from_s))
			continue;
		hours += tt_weeks_hours(w, at->range * p->calendar->n_blocks +
					at->week % p->calendar->n_blocks);
	}
	return hours;
}

/* A pool is longest in the case that has most of it. */
static int tell_hours(tt_pricing *p, tt_err *err)
{
	TT_CLEANUP(tt_freep) double *hours = tt_zalloc(p->n_pools + 1, sizeof *hours);

	if (!hours)
		return tt_no_memory(err);
	for (size_t i = 0; i < p->n_base; i++)
		hours[i] = hours_of(p, &p->base[i]);
	for (size_t i = 0; i < tt_effects_components(p->effects); i++) {
		for (size_t k = 0; k < p->sets.components[i].n; k++) {
			const tt_set_tables *t = &p->sets.components[i].v[k];

			for (size_t j = 0; j < t->n; j++) {
				const double h = hours_of(p, &t->v[j]);

				if (h > hours[t->v[j].pool])
					hours[t->v[j].pool] = h;
			}
		}
	}
	return tt_outlook_pools(p->outlook, hours, err);
}

int tt_pricing_make(const tt_bound_scenario *sc, const tt_calendar *c, tt_effects *e,
		    tt_outlook *o, size_t n_worlds, tt_pricing **ret, tt_err *err)
{
	tt_pricing *p = tt_zalloc(1, sizeof *p);
	int rc = p ? TT_OK : tt_no_memory(err);

	if (!p)
		return rc;
	*p = (tt_pricing){ .sc = sc, .calendar = c, .effects = e, .outlook = o,
			   .window_s = sc->snapshot->end_s - sc->snapshot->start_s };
	rc = make_base(p, err);
	if (rc == TT_OK)
		rc = tt_sets_make(sc, c, e, o, n_worlds, &p->sets, err);
	if (rc == TT_OK)
		rc = name_pools(p, err);
	if (rc == TT_OK)
		rc = tell_hours(p, err);
	if (rc < 0) {
		tt_pricing_free(p);
		return rc;
	}
	*ret = p;
	return TT_OK;
}

void tt_pricing_owners(tt_pricing *p, const tt_owners *o)
{
	p->owners = o;
}

int tt_pricing_results(const tt_pricing *p, size_t worlds, bool service, tt_results *ret,
		       tt_err *err)
{
	*ret = (tt_results){ .worlds = worlds, .n_changes = p->sc->n_changes,
			     .n_months = p->calendar->n_months, .n_names = p->n_names,
			     .names = p->names, .with_service = service,
			     .n_budgets = service && p->owners ? p->owners->n : 0 };
	return tt_results_make(ret, err);
}

/* --- One world ------------------------------------------------------------------------ */

struct pricing_world {
	const tt_pricing *p;
	tt_world world;
	int64_t *base;          /* [pools * pieces] */
	int64_t *before, *now;  /* [pools * pieces] what sets change of it */
	unsigned char *touched; /* [pools] by either */
	int64_t *saved;         /* [pieces] of one change */
	int64_t *saved_lines;   /* [pieces] of it, of lines of the bill */
	double most;            /* of one pool and piece, so that no sum overflows */
	tt_i128 left_over;      /* of a micro-unit, in parts: of the pieces of one pool so far */
	bool too_much;
	tt_results *to;
	size_t row;
};

static void close_world(struct pricing_world *x)
{
	tt_world_free(&x->world);
	tt_free(x->base);
	tt_free(x->before);
	tt_free(x->now);
	tt_free(x->touched);
	tt_free(x->saved);
	tt_free(x->saved_lines);
}

static int open_world(const tt_pricing *p, tt_results *to, struct pricing_world *x, tt_err *err)
{
	const size_t cells = (p->n_pools + 1) * p->calendar->n_pieces;

	x->p = p;
	x->to = to;
	x->most = 4e18 / (double)cells;
	TT_TRY(tt_world_make(p->outlook, &x->world, err));
	x->base = tt_zalloc(cells, sizeof *x->base);
	x->before = tt_zalloc(cells, sizeof *x->before);
	x->now = tt_zalloc(cells, sizeof *x->now);
	x->touched = tt_zalloc(p->n_pools + 1, 1);
	x->saved = tt_zalloc(p->calendar->n_pieces + 1, sizeof *x->saved);
	x->saved_lines = tt_zalloc(p->calendar->n_pieces + 1, sizeof *x->saved_lines);
	return x->base && x->before && x->now && x->touched && x->saved && x->saved_lines ?
	       TT_OK : tt_no_memory(err);
}

/* Pieces of a pool one after the other: where nothing moves its price or demand they are exact,
 * and what of a micro-unit one leaves over goes with the next. */
static int64_t cost_of(struct pricing_world *x, const tt_weeks *w, size_t piece)
{
	const tt_calendar *c = x->p->calendar;
	const tt_piece *at = &c->pieces[piece];
	const size_t cell = at->range * c->n_blocks + x->world.block[at->week];
	const double level = x->world.level[w->pool * c->n_weeks + at->week];
	const double ratio =
		x->world.price[w->pool * c->n_pieces + piece] * x->world.paid[w->pool];
	const double cost = tt_weeks_cost(w, cell, level, ratio);

	if (!piece)
		x->left_over = 0;
	if (!tt_pool_is_there(tt_effects_pools(x->p->effects), w->pool, at->from_s))
		return 0;
	if (!(fabs(cost) < x->most)) {
		x->too_much = true;
		return 0;
	}
	return level == 1 && ratio == 1 ? tt_weeks_exact(w, cell, &x->left_over) : llround(cost);
}

/* Hours of instances of a pool that a set has in a piece. */
static double hours_in(const struct pricing_world *x, const tt_weeks *w, size_t piece)
{
	const tt_calendar *c = x->p->calendar;
	const tt_piece *at = &c->pieces[piece];

	return !w ? 0 : tt_weeks_hours_at(w, at->range * c->n_blocks + x->world.block[at->week],
					  x->world.level[w->pool * c->n_weeks + at->week]);
}

/* Mean instances of a pool in a piece; none where it has no table. */
static double instances_in(const struct pricing_world *x, const tt_weeks *w, size_t piece)
{
	const tt_piece *at = &x->p->calendar->pieces[piece];
	const tt_pool *of = w ? &tt_effects_pools(x->p->effects)->v[w->pool] : NULL;

	if (!of || !tt_pool_is_there(tt_effects_pools(x->p->effects), w->pool, at->from_s) ||
	    of->is_charge || strcmp(of->pricing, "committed") == 0)
		return 0; /* what is held is paid whether anything runs or not */
	return hours_in(x, w, piece) * 3600 / (double)(at->to_s - at->from_s);
}

static void count_base_piece(struct pricing_world *x, const tt_weeks *w, size_t piece,
			     int64_t micro)
{
	tt_results *to = x->to;

	if (!to->piece_baseline)
		return;
	to->piece_baseline[piece] += micro;
	to->piece_after[piece] += micro;
	to->piece_instances[piece] += instances_in(x, w, piece);
	to->piece_instances_after[piece] += instances_in(x, w, piece);
}

static void price_base(struct pricing_world *x)
{
	const tt_pricing *p = x->p;
	const tt_calendar *c = p->calendar;

	memset(x->base, 0, p->n_pools * c->n_pieces * sizeof *x->base);
	for (size_t i = 0; i < p->n_base; i++) {
		for (size_t k = 0; k < c->n_pieces; k++) {
			const int64_t cost = cost_of(x, &p->base[i], k);
			const size_t month = c->pieces[k].month;

			x->base[i * c->n_pieces + k] = cost;
			count_base_piece(x, &p->base[i], k, cost);
			x->to->baseline[x->row] += cost;
			x->to->month_baseline[x->row * c->n_months + month] += cost;
			x->to->pool_baseline[x->row * p->n_names + p->name_of[i]] += cost;
			tt_owners_add(p->owners, x->to, x->row, i, month, cost);
		}
	}
}

/* What set `number` changes of the pools, into x->now. */
static void price_set(struct pricing_world *x, const tt_set_tables *t)
{
	const size_t n = x->p->calendar->n_pieces;

	for (size_t i = 0; i < t->n; i++) {
		const size_t at = t->v[i].pool * n;

		x->touched[t->v[i].pool] = 1;
		for (size_t k = 0; k < n; k++)
			x->now[at + k] = cost_of(x, &t->v[i], k) - x->base[at + k];
	}
}

/* What share of a piece a change is in force and realised. */
static double share_of(const tt_piece *p, const tt_outcome *o)
{
	const int64_t from_s = o->start_s > p->from_s ? o->start_s : p->from_s;
	const int64_t to_s = o->end_s < p->to_s ? o->end_s : p->to_s;

	if (from_s >= to_s)
		return 0;
	return (double)(to_s - from_s) / (double)(p->to_s - p->from_s) * o->realised_ratio;
}

static int64_t part_of(int64_t micro, double share)
{
	return share == 1 ? micro : llround((double)micro * share);
}

/* Charges of a change in a piece: those that fall due once, and what runs. */
static int64_t charges_in(const struct pricing_world *x, const tt_applied *a, const tt_piece *p,
			  const tt_outcome *o)
{
	const int64_t from_s = o->start_s > p->from_s ? o->start_s : p->from_s;
	const int64_t to_s = o->end_s < p->to_s ? o->end_s : p->to_s;
	int64_t micro = 0;

	if (from_s >= to_s)
		return 0;
	if (o->start_s >= p->from_s)
		micro += a->once_micro;
	return micro + llround((double)a->running_micro * (double)(to_s - from_s) /
			       (double)x->p->window_s);
}

static const tt_weeks *table_of(const struct pricing_world *x, const tt_set_tables *t,
				uint32_t pool)
{
	for (size_t i = 0; t && i < t->n; i++) {
		if (t->v[i].pool == pool)
			return &t->v[i];
	}
	return pool < x->p->n_base ? &x->p->base[pool] : NULL;
}

/* From one set to the next, instances of the pieces. */
static void count_instances(struct pricing_world *x, const tt_set_tables *from,
			    const tt_set_tables *to, const tt_outcome *o)
{
	const tt_calendar *c = x->p->calendar;

	for (uint32_t pool = 0; x->to->piece_after && pool < x->p->n_pools; pool++) {
		for (size_t k = 0; x->touched[pool] && k < c->n_pieces; k++)
			x->to->piece_instances_after[k] += share_of(&c->pieces[k], o) *
				(instances_in(x, table_of(x, to, pool), k) -
				 instances_in(x, table_of(x, from, pool), k));
	}
}

/* From one set to the next, what is interrupted while the change is in force. */
static void count_interruptions(struct pricing_world *x, size_t change,
				const tt_set_tables *from, const tt_set_tables *to,
				const tt_outcome *o)
{
	const tt_calendar *c = x->p->calendar;
	double sum = 0;

	for (uint32_t pool = 0; x->to->interruptions && pool < x->p->n_pools; pool++) {
		const double per_h = x->world.interruptions_per_h[pool];

		for (size_t k = 0; x->touched[pool] && per_h > 0 && k < c->n_pieces; k++)
			sum += per_h * share_of(&c->pieces[k], o) *
			       (hours_in(x, table_of(x, to, pool), k) -
				hours_in(x, table_of(x, from, pool), k));
	}
	if (x->to->interruptions)
		x->to->interruptions[x->row * x->to->n_changes + change] = sum;
}

/* From x->before to x->now by change `i`: its saving, everywhere that it counts. */
static void count_change(struct pricing_world *x, size_t i, const tt_outcome *o)
{
	const tt_pricing *p = x->p;
	const tt_calendar *c = p->calendar;
	const tt_applied *a = tt_effects_applied(p->effects, i);
	tt_results *to = x->to;
	int64_t saved = 0;

	memset(x->saved, 0, c->n_pieces * sizeof *x->saved);
	memset(x->saved_lines, 0, c->n_pieces * sizeof *x->saved_lines);
	for (size_t pool = 0; pool < p->n_pools; pool++) {
		const bool is_line = tt_effects_pools(p->effects)->v[pool].is_charge;

		for (size_t k = 0; x->touched[pool] && k < c->n_pieces; k++) {
			const size_t at = pool * c->n_pieces + k;
			const int64_t part = part_of(x->before[at] - x->now[at],
						     share_of(&c->pieces[k], o));

			x->saved[k] += part;
			x->saved_lines[k] += is_line ? part : 0;
			to->pool_after[x->row * p->n_names + p->name_of[pool]] -= part;
		}
	}
	for (size_t k = 0; k < c->n_pieces; k++) {
		const int64_t charges = charges_in(x, a, &c->pieces[k], o);

		if (charges)
			to->pool_after[x->row * p->n_names + p->n_names - 1] += charges;
		saved += x->saved[k] - charges;
		if (to->piece_after)
			to->piece_after[k] -= x->saved[k] - charges;
		to->month_after[x->row * c->n_months + c->pieces[k].month] -=
			x->saved[k] - charges;
		tt_owners_save(p->owners, to, x->row, i, c->pieces[k].month,
			       x->saved[k] - x->saved_lines[k] - charges,
			       x->saved_lines[k]);
	}
	to->in_set[x->row * to->n_changes + i] = saved;
	to->saving[x->row] += saved;
	if (tt_verb_lever(a->change->verb) != TT_LEVER_NONE)
		to->lever[x->row * 2 + (size_t)tt_verb_lever(a->change->verb)] += saved;
}

static void clear_touched(struct pricing_world *x)
{
	const size_t n = x->p->calendar->n_pieces;

	for (size_t pool = 0; pool < x->p->n_pools; pool++) {
		if (!x->touched[pool])
			continue;
		memset(x->before + pool * n, 0, n * sizeof *x->before);
		memset(x->now + pool * n, 0, n * sizeof *x->now);
		x->touched[pool] = 0;
	}
}

/* x->now becomes x->before, and nothing is changed any more. */
static void step_on(struct pricing_world *x)
{
	const size_t n = x->p->calendar->n_pieces;
	int64_t *before = x->before;

	x->before = x->now;
	x->now = before;
	for (size_t pool = 0; pool < x->p->n_pools; pool++) {
		if (x->touched[pool])
			memset(x->now + pool * n, 0, n * sizeof *x->now);
	}
}

static void price_alone(struct pricing_world *x, size_t i, const tt_set_tables *t,
			const tt_outcome *o)
{
	const tt_calendar *c = x->p->calendar;
	const tt_applied *a = tt_effects_applied(x->p->effects, i);
	int64_t saved = 0;

	for (size_t j = 0; j < t->n; j++) {
		for (size_t k = 0; k < c->n_pieces; k++)
			saved += part_of(x->base[t->v[j].pool * c->n_pieces + k] -
					 cost_of(x, &t->v[j], k), share_of(&c->pieces[k], o));
	}
	for (size_t k = 0; k < c->n_pieces; k++)
		saved -= charges_in(x, a, &c->pieces[k], o);
	x->to->standalone[x->row * x->to->n_changes + i] = saved;
}

/* What the world's adopted changes of a component make of it, one on top of the other. Every
 * set was worked out before, so nothing is changed here. */
static int price_component(struct pricing_world *x, size_t component, uint64_t world,
			   tt_err *err)
{
	const tt_pricing *p = x->p;
	const tt_component *c = tt_effects_component(p->effects, component);
	const tt_component_sets *of = &p->sets.components[component];
	const tt_set_tables *before = NULL;
	tt_set set = { 0 };
	size_t number = 0, n = 0;

	for (size_t i = 0; i < c->n; i++) {
		tt_outcome o;

		tt_outlook_change(p->outlook, world, c->changes[i], &o);
		if (!o.adopted)
			continue;
		x->to->adopted[x->row * x->to->n_changes + c->changes[i]] = 1;
		price_alone(x, c->changes[i], &of->v[of->alone[i]], &o);
		if (p->sc->changes[c->changes[i]].alone)
			continue;
		tt_set_add(&set, i);
		if (n++ == i) /* all so far */
			number = of->chain[i];
		else
			TT_TRY(tt_effects_of(p->effects, component, &set, &number, err));
		price_set(x, &of->v[number]);
		count_change(x, c->changes[i], &o);
		count_instances(x, before, &of->v[number], &o);
		count_interruptions(x, c->changes[i], before, &of->v[number], &o);
		before = &of->v[number];
		step_on(x);
	}
	clear_touched(x);
	return TT_OK;
}

static int price_world(struct pricing_world *x, uint64_t world, size_t row, tt_err *err)
{
	const tt_pricing *p = x->p;
	tt_results *to = x->to;
	const size_t months = p->calendar->n_months;

	x->row = row;
	tt_outlook_world(p->outlook, world, &x->world);
	price_base(x);
	memcpy(to->month_after + row * months, to->month_baseline + row * months,
	       months * sizeof *to->month_after);
	memcpy(to->pool_after + row * p->n_names, to->pool_baseline + row * p->n_names,
	       p->n_names * sizeof *to->pool_after);
	for (size_t i = 0; i < tt_effects_components(p->effects); i++)
		TT_TRY(price_component(x, i, world, err));
	to->after[row] = to->baseline[row] - to->saving[row];
	return !x->too_much ? TT_OK :
		tt_fail(err, TT_EDATA, "a sampled future costs more than can be counted (limit "
			"9223372036854.775807): is an assumption too wild?");
}

int tt_pricing_worlds(const tt_pricing *p, size_t from, size_t to, tt_results *ret, tt_err *err)
{
	TT_CLEANUP(close_world) struct pricing_world x = { 0 };

	TT_TRY(open_world(p, ret, &x, err));
	for (size_t w = from; w < to; w++)
		TT_TRY(price_world(&x, w, w, err));
	return TT_OK;
}

int tt_pricing_one(const tt_pricing *p, uint64_t world, tt_results *ret, tt_err *err)
{
	TT_CLEANUP(close_world) struct pricing_world x = { 0 };

	TT_TRY(open_world(p, ret, &x, err));
	TT_TRY(price_world(&x, world, 0, err));
	if (ret->block)
		memcpy(ret->block, x.world.block, p->calendar->n_weeks * sizeof *ret->block);
	return TT_OK;
}

/* --- At the point --------------------------------------------------------------------- */

int tt_pricing_save_at_point(tt_pricing *p, size_t component, const tt_set *set, int64_t *ret,
			     tt_err *err)
{
	TT_CLEANUP(close_world) struct pricing_world x = { 0 };
	TT_CLEANUP(tt_results_free) tt_results r = { 0 };
	const size_t n = p->calendar->n_pieces;
	const tt_set_tables *t;
	size_t number;

	TT_TRY(tt_sets_find(&p->sets, component, set, &number, err));
	TT_TRY(tt_outlook_pools(p->outlook, NULL, err)); /* it may have pools of its own */
	TT_TRY(tt_pricing_results(p, 1, false, &r, err));
	TT_TRY(open_world(p, &r, &x, err));
	tt_outlook_world(p->outlook, TT_WORLD_POINT, &x.world);
	price_base(&x);
	t = &p->sets.components[component].v[number];
	*ret = 0;
	for (size_t i = 0; i < t->n; i++) {
		const uint32_t pool = t->v[i].pool;

		for (size_t k = 0; k < n; k++)
			*ret += (pool < p->n_base ? x.base[pool * n + k] : 0) -
				cost_of(&x, &t->v[i], k);
	}
	return TT_OK;
}
