#include "commit/replays.h"
#include <math.h>
#include <string.h>

enum { HOUR_S = 3600 };

typedef struct maker {
	const tt_snapshot *s;
	const tt_eligible *e;
	const tt_replays_options *o;
	tt_arena *arena;
	double *y;                  /* [hours] of one pool */
	tt_replays to;
} maker;

double tt_replays_share(const int64_t cost_micro[TT_REPLAY_RULES], enum tt_replay_rule rule)
{
	const int64_t nothing = cost_micro[TT_REPLAY_NOTHING];
	const int64_t most = nothing - cost_micro[TT_REPLAY_CLAIRVOYANT];

	return most > 0 ? (double)(nothing - cost_micro[rule]) / (double)most : (double)NAN;
}

/* The one of that name, new where there is none yet; NULL: out of memory. */
static tt_replays_offer *offer(maker *m, const tt_offer *like)
{
	tt_replays *to = &m->to;
	tt_replays_offer *v;

	for (size_t i = 0; i < to->n; i++)
		if (strcmp(to->v[i].name, like->name) == 0)
			return &to->v[i];
	v = tt_arena_alloc(m->arena, (to->n + 1) * sizeof *v);
	if (!v)
		return NULL;
	if (to->n)
		memcpy(v, to->v, to->n * sizeof *v);
	to->v = v;
	v = &to->v[to->n++];
	*v = (tt_replays_offer){ .name = like->name,
		.term = tt_offer_quarters(like),
		.v = tt_arena_alloc(m->arena, m->e->n * sizeof *v->v) };
	return v->v ? v : NULL;
}

static int add(int64_t *sum, int64_t v, tt_err *err)
{
	return tt_money_add(sum, v, "the cost of a replay", err);
}

static int replay(maker *m, const tt_eligible_pool *p, const tt_offers *terms,
                  const tt_offer *of, tt_err *err)
{
	tt_replays_offer *to = offer(m, of);

	if (!to)
		return tt_no_memory(err);
	tt_eligible_units(m->e, p, terms->unit, m->o->keep_gaps, m->y);

	const tt_replay_task task = { .y = m->y, .n = m->e->hours, .segment_h = TT_QUARTER_H,
		.segments = m->to.quarters, .term = to->term,
		.rate_per_hour = of->rate_per_hour, .price_per_hour = terms->price_per_hour,
		.level = tt_level_usual() };
	tt_replays_pool *x = &to->v[to->n++];

	*x = (tt_replays_pool){ p, of->rate_per_hour, terms->price_per_hour, { .bought = { 0 } } };
	TT_TRY(tt_replay_run(&task, m->arena, &x->replay, err));
	for (int k = 0; k < TT_REPLAY_RULES; k++)
		TT_TRY(add(&to->cost_micro[k], x->replay.cost_micro[k], err));
	return TT_OK;
}

static int pool(maker *m, const tt_eligible_pool *p, tt_err *err)
{
	tt_offers terms;

	TT_TRY(tt_offers_make(m->s, p, m->o->whole, m->o->ratios, m->arena, &terms, err));
	if (terms.price_per_hour == TT_DECIMAL_MISSING || !terms.n) {
		m->to.n_left_out++;
		return TT_OK;
	}
	for (size_t i = 0; i < terms.n; i++)
		TT_TRY(replay(m, p, &terms, &terms.v[i], err));
	return TT_OK;
}

int tt_replays_make(const tt_snapshot *s, const tt_eligible *e, const tt_replays_options *o,
                    tt_arena *arena, tt_replays *ret, tt_err *err)
{
	const size_t whole = e->hours / TT_QUARTER_H;
	maker m = { .s = s, .e = e, .o = o, .arena = arena,
		.y = tt_arena_alloc(arena, e->hours * sizeof *m.y + 1) };

	if (!m.y)
		return tt_no_memory(err);
	if (whole < 2)
		return tt_fail(err, TT_ENODATA, "%s: a window of %zu hours is too short for a "
		               "replay: two quarters of %d hours are needed, one to learn from "
		               "and one to plan", s->name, e->hours, TT_QUARTER_H);
	m.to.quarters = whole - 1 < o->quarters ? whole - 1 : o->quarters;
	m.to.end_s = e->start_s + (int64_t)e->hours * HOUR_S;
	m.to.start_s = m.to.end_s - (int64_t)m.to.quarters * TT_QUARTER_H * HOUR_S;
	for (size_t i = 0; i < e->n; i++)
		TT_TRY(pool(&m, &e->v[i], err));
	if (!m.to.n)
		return tt_fail(err, TT_ENODATA, "%s: no pool has a price on demand and an offer "
		               "in prices.csv; --rate-ratio says one", s->name);
	*ret = m.to;
	return TT_OK;
}
