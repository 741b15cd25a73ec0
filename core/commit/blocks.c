#include "commit/blocks.h"
#include "base/text.h"
#include "commit/offers_listed.h"
#include <stdlib.h>

enum { HOUR_S = 3600 };

typedef struct want {               /* of one pool */
	int64_t units, from_s, until_s;
} want;

typedef struct maker {
	const tt_snapshot *s;
	const tt_plans *x;
	const tt_offer_file *f;
	tt_arena *arena;
	tt_blocks *to;
	bool *taken;                /* [needs] a pool has it */
	int64_t *had;               /* [offers] of blocks: units of its own, of pools so far */
	bool *told;                 /* [offers] that it is too little */
	want *wants; size_t n_wants;
	tt_offer *terms; size_t n;  /* blocks for the pool, in its units */
	int64_t *cuts; size_t n_cuts;
} maker;

static int note(maker *m, const char *what, const char *id, const char *why, tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };

	tt_buf_printf(&text, "%s %s is left out: %s.", what, id, why);
	m->to->notes[m->to->n_notes] = tt_arena_text(m->arena, tt_buf_text(&text), text.n);
	return m->to->notes[m->to->n_notes++] ? TT_OK : tt_no_memory(err);
}

/* Why no pool can have it. */
static const char *fault_of(const maker *m, const tt_listed_offer *o)
{
	if (o->rate_per_hour == TT_DECIMAL_MISSING)
		return "it has no price";
	if (o->starts_s < m->x->start_s)
		return "it begins before what is planned";
	if (o->until_s != TT_TIME_MISSING && o->until_s <= m->x->start_s)
		return "it can't be bought any more";
	return NULL;
}

/* --- One pool ------------------------------------------------------------------------------ */

static void collect_needs(maker *m, const tt_plans_pool *p)
{
	m->n_wants = 0;
	for (size_t i = 0; i < m->f->n_needs; i++) {
		const tt_dated_need *d = &m->f->needs[i];
		int64_t n, of;

		if (m->taken[i] || !tt_offer_is_for(&d->scope, p->pool) ||
		    d->until_s <= m->x->start_s ||
		    !tt_offer_units(m->s, p->pool, &p->offers, &d->scope, 0, &n, &of))
			continue;
		m->taken[i] = true;
		m->wants[m->n_wants++] = (want){ (d->units * n + of - 1) / of,
			d->from_s > m->x->start_s ? d->from_s : m->x->start_s, d->until_s };
	}
	m->to->n_needs += m->n_wants;
}

/* What pools before this one have left of it. */
static int add_block(maker *m, size_t i, int64_t n, int64_t of, tt_err *err)
{
	const tt_listed_offer *o = &m->f->v[i];
	tt_offer offer = tt_offer_in_units(o, n, of);

	offer.most = (o->most - m->had[i]) * n / of;
	if (!o->most || offer.most >= (offer.lot ? offer.lot : 1)) {
		m->terms[m->n++] = offer;
		return TT_OK;
	}
	if (m->had[i] || m->told[i])
		return TT_OK;
	m->told[i] = true;
	return note(m, "Offer", o->id, "the most that can be had of it is less than one unit", err);
}

static int collect_blocks(maker *m, const tt_plans_pool *p, tt_err *err)
{
	m->n = 0;
	for (size_t i = 0; i < m->f->n; i++) {
		const tt_listed_offer *o = &m->f->v[i];
		int64_t n, of;

		if (o->sold == TT_SOLD_IN_DAYS && !fault_of(m, o) &&
		    tt_offer_is_for(&o->scope, p->pool) &&
		    tt_offer_units(m->s, p->pool, &p->offers, &o->scope, o->gpus, &n, &of))
			TT_TRY(add_block(m, i, n, of, err));
	}
	return TT_OK;
}

/* Units of a pool are no longer there for those after it. */
static void take(maker *m, const tt_plans_pool *p, const tt_listed_offer *o, int64_t units)
{
	int64_t n, of;

	if (tt_offer_units(m->s, p->pool, &p->offers, &o->scope, o->gpus, &n, &of))
		m->had[o - m->f->v] += (units * of + n - 1) / n;
}

static int by_time(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t ends_s(const tt_offer *o)
{
	return o->listed->starts_s + o->term_h * HOUR_S;
}

static void cut(maker *m)
{
	size_t kept = 0, n = 0;

	for (size_t i = 0; i < m->n_wants; i++) {
		m->cuts[n++] = m->wants[i].from_s;
		m->cuts[n++] = m->wants[i].until_s;
	}
	for (size_t k = 0; k < m->n; k++) {
		m->cuts[n++] = m->terms[k].listed->starts_s;
		m->cuts[n++] = ends_s(&m->terms[k]);
	}
	qsort(m->cuts, n, sizeof *m->cuts, by_time);
	for (size_t i = 0; i < n; i++)
		if (!kept || m->cuts[kept - 1] != m->cuts[i])
			m->cuts[kept++] = m->cuts[i];
	m->n_cuts = kept;
}

static size_t at(const maker *m, int64_t time_s)
{
	size_t i = 0;

	while (m->cuts[i] < time_s)
		i++;
	return i;
}

/* What is wanted in each segment, and the blocks that cover it. */
static int ladder(maker *m, const tt_plans_pool *p, tt_ladder *ret, tt_err *err)
{
	const size_t n = m->n_cuts - 1;
	tt_ladder_segment *v = tt_arena_alloc(m->arena, (n + 1) * sizeof *v);
	tt_ladder_layer *layers = tt_arena_alloc(m->arena, (n + 1) * sizeof *layers);
	tt_ladder_offer *o = tt_arena_alloc(m->arena, (m->n + 1) * sizeof *o);

	if (!v || !layers || !o)
		return tt_no_memory(err);
	for (size_t s = 0; s < n; s++) {
		for (size_t i = 0; i < m->n_wants; i++)
			if (m->wants[i].from_s <= m->cuts[s] && m->cuts[s] < m->wants[i].until_s)
				layers[s].units += m->wants[i].units;
		TT_TRY(tt_cost_micro(p->offers.price_per_hour, m->cuts[s + 1] - m->cuts[s],
		                     &layers[s].cost_micro, err));
		v[s] = (tt_ladder_segment){ &layers[s], layers[s].units > 0 };
	}
	for (size_t k = 0; k < m->n; k++) {
		o[k] = (tt_ladder_offer){ .start = at(m, m->terms[k].listed->starts_s),
			.end = at(m, ends_s(&m->terms[k])),
			.most = m->terms[k].most ? m->terms[k].most : TT_FLOW_MANY };
		TT_TRY(tt_cost_micro(m->terms[k].rate_per_hour, m->terms[k].term_h * HOUR_S,
		                     &o[k].cost_micro, err));
	}
	*ret = (tt_ladder){ v, n, o, m->n, NULL, 0 };
	return TT_OK;
}

static int pool(maker *m, const tt_plans_pool *p, tt_err *err)
{
	const tt_offers terms = { .v = m->terms, .n = m->n };
	const tt_rolling none = { .n = 0 };
	tt_conditions limits;
	tt_rolling_plan plan = { .profile = NULL };

	cut(m);
	TT_TRY(ladder(m, p, &plan.ladder, err));
	plan.expected = plan.ladder;
	TT_TRY(tt_ladder_solve(&plan.ladder, m->arena, &plan.plan, err));
	TT_TRY(tt_rolling_expect(&none, m->arena, &plan, err));
	if (m->n)
		TT_TRY(tt_conditions_keep(&terms, &none, m->arena, &plan, &limits, err));
	TT_TRY(tt_money_add(&m->to->none_micro, plan.plan.none_micro, "what is needed", err));
	TT_TRY(tt_money_add(&m->to->cost_micro, plan.plan.cost_micro, "what is needed", err));
	for (size_t k = 0; k < m->n; k++) {
		const int64_t units = plan.plan.bought[k];

		if (!units)
			continue;
		take(m, p, m->terms[k].listed, units);
		m->to->v[m->to->n++] = (tt_block_purchase){ m->terms[k].listed, p, units,
			m->terms[k].listed->starts_s, ends_s(&m->terms[k]),
			units * plan.ladder.offers[k].cost_micro };
	}
	return TT_OK;
}

/* --- All ----------------------------------------------------------------------------------- */

static int open_maker(maker *m, tt_err *err)
{
	const size_t n = m->f->n, needs = m->f->n_needs;

	m->to = tt_arena_alloc(m->arena, sizeof *m->to);
	m->taken = tt_arena_alloc(m->arena, (needs + 1) * sizeof *m->taken);
	m->had = tt_arena_alloc(m->arena, (n + 1) * sizeof *m->had);
	m->told = tt_arena_alloc(m->arena, (n + 1) * sizeof *m->told);
	m->wants = tt_arena_alloc(m->arena, (needs + 1) * sizeof *m->wants);
	m->terms = tt_arena_alloc(m->arena, (n + 1) * sizeof *m->terms);
	m->cuts = tt_arena_alloc(m->arena, 2 * (n + needs + 1) * sizeof *m->cuts);
	if (!m->to || !m->taken || !m->had || !m->told || !m->wants || !m->terms || !m->cuts)
		return tt_no_memory(err);
	m->to->v = tt_arena_alloc(m->arena, (n * m->x->n + 1) * sizeof *m->to->v);
	m->to->notes = tt_arena_alloc(m->arena, (n + needs + 1) * sizeof *m->to->notes);
	return m->to->v && m->to->notes ? TT_OK : tt_no_memory(err);
}

int tt_blocks_make(const tt_snapshot *s, const tt_plans *x, const tt_offer_file *f,
                   tt_arena *arena, const tt_blocks **ret, tt_err *err)
{
	maker m = { .s = s, .x = x, .f = f, .arena = arena };
	bool any = f->n_needs > 0;

	TT_TRY(open_maker(&m, err));
	for (size_t i = 0; i < f->n; i++) {
		const char *fault = f->v[i].sold == TT_SOLD_IN_DAYS ? fault_of(&m, &f->v[i]) : NULL;

		any = any || f->v[i].sold == TT_SOLD_IN_DAYS;
		if (fault)
			TT_TRY(note(&m, "Offer", f->v[i].id, fault, err));
	}
	if (!any)
		return TT_OK;
	*ret = m.to;
	for (size_t i = 0; i < x->n; i++) {
		const tt_plans_pool *p = &x->v[i];

		if (p->offers.price_per_hour <= 0 || !p->offers.unit)
			continue;
		collect_needs(&m, p);
		if (!m.n_wants)
			continue;
		TT_TRY(collect_blocks(&m, p, err));
		TT_TRY(pool(&m, p, err));
	}
	for (size_t i = 0; i < f->n_needs; i++)
		if (!m.taken[i])
			TT_TRY(note(&m, "Need", f->needs[i].id, f->needs[i].until_s <= x->start_s ?
			            "it ends before what is planned" :
			            "no pool with a price on demand is all within its scope", err));
	return TT_OK;
}
