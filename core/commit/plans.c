#include "commit/plans.h"
#include "base/threads.h"
#include "commit/blocks.h"
#include "commit/held_money.h"
#include "commit/money.h"
#include "commit/offer_dates.h"
#include "commit/offers_listed.h"
#include "commit/plan_cash.h"
#include "commit/plan_risk.h"
#include "commit/net.h"
#include "commit/plan_worlds.h"
#include "commit/resale.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_S = 3600, WEEK_H = 168, LEAST_QUARTERS = 8 };

typedef struct maker {
	const tt_snapshot *s;
	const tt_eligible *e;
	const tt_plans_options *o;
	tt_arena *arena;
	tt_plans *to;
	const tt_pool_lots *lots;   /* [pools] */
} maker;

/* --- What is asked ------------------------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Hours from the start of the plan in which a lot is wholly in force: [from, to). */
typedef struct stay {
	int64_t from_h, to_h, units_u9;
} stay;

static int64_t floor_h(int64_t span_s)
{
	return span_s / HOUR_S - (span_s % HOUR_S < 0);
}

static stay stay_of(const tt_lot *lot, int64_t start_s)
{
	return (stay){ lot->starts_s == TT_TIME_MISSING ? INT64_MIN
	                                                : -floor_h(start_s - lot->starts_s),
		lot->ends_s == TT_TIME_MISSING ? INT64_MAX : floor_h(lot->ends_s - start_s),
		lot->units_u9 };
}

static int64_t in_force(const stay *v, size_t n, int64_t at_h)
{
	int64_t units_u9 = 0;

	for (size_t i = 0; i < n; i++)
		units_u9 += v[i].from_h <= at_h && at_h < v[i].to_h ? v[i].units_u9 : 0;
	return units_u9;
}

typedef struct cuts {
	int64_t *v;                 /* [n] hours */
	size_t n;
	int64_t all_h;
} cuts;

static void cut(cuts *c, int64_t at_h)
{
	if (at_h > 0 && at_h < c->all_h)
		c->v[c->n++] = at_h;
}

/* Quarters, cut where something that is held or offered begins or ends. */
static int segments(const maker *m, tt_plans_pool *p, tt_err *err)
{
	const size_t quarters = m->to->quarters;
	cuts c = { .all_h = (int64_t)quarters * TT_QUARTER_H };
	const size_t n = m->lots[p->pool - m->e->v].n;
	const tt_lot *lots = p->lots = m->lots[p->pool - m->e->v].v;

	p->n_lots = n;

	const size_t most = quarters + 2 * n + 2 * p->offers.n * (quarters + 1) +
		2 * m->s->table[TT_COMMITMENTS].n + 1;
	tt_rolling_segment *v = tt_arena_alloc(m->arena, most * sizeof *v);
	stay *stays = tt_arena_alloc(m->arena, (n + 1) * sizeof *stays);

	c.v = tt_arena_alloc(m->arena, most * sizeof *c.v);
	if (!c.v || !v || !stays)
		return tt_no_memory(err);
	c.v[c.n++] = 0;
	for (size_t q = 1; q < quarters; q++)
		cut(&c, (int64_t)q * TT_QUARTER_H);
	for (size_t i = 0; i < n; i++) {
		stays[i] = stay_of(&lots[i], m->to->start_s);
		cut(&c, stays[i].from_h);
		cut(&c, stays[i].to_h);
	}
	for (size_t k = 0; k < p->offers.n; k++)
		c.n += tt_offer_cuts(&p->rolling.offers[k], quarters, &c.v[c.n]);
	c.n += tt_held_money_cuts(m->s, m->to->start_s, &c.v[c.n]);
	qsort(c.v, c.n, sizeof *c.v, by_time);
	p->rolling.segments = v;
	for (size_t i = 0; i < c.n && c.v[i] < c.all_h; i++) {
		const int64_t end_h = i + 1 < c.n && c.v[i + 1] < c.all_h ? c.v[i + 1] : c.all_h;

		const int64_t held_u9 = in_force(stays, n, c.v[i]), unit = p->offers.unit;

		if (end_h > c.v[i])
			v[p->rolling.n_segments++] = (tt_rolling_segment){
				.quarter = (size_t)(c.v[i] / TT_QUARTER_H),
				.hours = end_h - c.v[i],
				.held = held_u9 / unit,
				.held_part = (double)(held_u9 % unit) / (double)unit };
	}
	if (m->o->resale)
		return tt_resale_find(lots, n, &(tt_resale_terms){ p->offers.unit,
			m->to->start_s, m->o->resale_millionths }, m->arena, &p->rolling, v,
			&p->held_names, err);
	return TT_OK;
}

static tt_rolling_offer rolling_offer(const maker *m, const tt_offer *o)
{
	tt_rolling_offer v = { .quarters = tt_offer_quarters(o),
		.rate_per_hour = o->rate_per_hour, .most = o->most };

	if (o->listed)
		tt_offer_dates(o->listed, m->to->start_s, &v);
	return v;
}

static int ask(const maker *m, tt_plans_pool *p, tt_err *err)
{
	tt_rolling_offer *v = tt_arena_alloc(m->arena, (p->offers.n + 1) * sizeof *v);
	double *y = tt_arena_alloc(m->arena, m->e->hours * sizeof *y);
	double *share = tt_arena_alloc(m->arena, (m->to->quarters + 1) * sizeof *share);

	if (!v || !y || !share)
		return tt_no_memory(err);
	tt_eligible_units(m->e, p->pool, p->offers.unit, m->o->keep_gaps, y);
	for (size_t k = 0; k < p->offers.n; k++) {
		v[k] = rolling_offer(m, &p->offers.v[k]);
		TT_TRY(tt_offer_effective(&p->offers.v[k], m->o->discount_millionths / 1e6,
		                          &v[k].rate_per_hour, err));
	}
	p->rolling = (tt_rolling){ .y = y, .n = m->e->hours, .n_quarters = m->to->quarters,
		.price_per_hour = p->offers.price_per_hour, .offers = v, .n_offers = p->offers.n,
		.level = tt_level_usual(), .caution = m->o->caution };
	if (tt_net_shares(m->e, p->pool, m->to->start_s, m->to->quarters, TT_QUARTER_H * HOUR_S,
	                  share))
		p->rolling.share = share;
	TT_TRY(segments(m, p, err));
	if (!p->why && p->rolling.n_segments + 1 + p->rolling.n_for_sale > TT_FLOW_NODES)
		p->why = "what is held or offered begins or ends on more dates than a plan can be "
		         "made for, about 500";
	return TT_OK;
}

/* --- What is answered ---------------------------------------------------------------------- */

static int64_t starts_h(const tt_rolling *r, size_t segment)
{
	int64_t hours = 0;

	for (size_t i = 0; i < segment; i++)
		hours += r->segments[i].hours;
	return hours;
}

static int purchases(const maker *m, tt_plans_pool *p, tt_err *err)
{
	const tt_ladder *l = &p->plan.ladder;

	p->purchases = tt_arena_alloc(m->arena, (l->n_offers + 1) * sizeof *p->purchases);
	if (!p->purchases)
		return tt_no_memory(err);
	for (size_t i = 0; i < l->n_offers; i++) {
		const int64_t units = p->plan.plan.bought[i];
		const tt_rolling_offer *o = &p->rolling.offers[i % p->offers.n];
		const int64_t from_s = m->to->start_s +
			starts_h(&p->rolling, l->offers[i].start) * HOUR_S;
		const int64_t term_h = o->term_h ? o->term_h : (int64_t)o->quarters * TT_QUARTER_H;

		if (units)
			p->purchases[p->n_purchases++] = (tt_purchase){
				&p->offers.v[i % p->offers.n], i / p->offers.n,
				l->offers[i].start, l->offers[i].end, from_s,
				from_s + term_h * HOUR_S, units, units * l->offers[i].cost_micro };
	}
	return TT_OK;
}

static int sales(const maker *m, tt_plans_pool *p, tt_err *err)
{
	const tt_rolling *r = &p->rolling;
	size_t most = 1;

	for (size_t h = 0; h < r->n_for_sale; h++)
		most += r->for_sale[h].end;
	p->sales = tt_arena_alloc(m->arena, most * sizeof *p->sales);
	if (!p->sales)
		return tt_no_memory(err);
	for (size_t h = 0; h < r->n_for_sale; h++)
		for (size_t s = 0; s < r->for_sale[h].end; s++) {
			const int64_t units = p->plan.plan.sold[h][s];

			if (units)
				p->sales[p->n_sales++] = (tt_sale){ p->held_names[h], h, s,
					m->to->start_s + starts_h(r, s) * HOUR_S, units,
					units * r->for_sale[h].proceeds_micro[s] };
		}
	return TT_OK;
}

static int risk(const maker *m, tt_plans_pool *p, tt_err *err)
{
	tt_plan_risk *r = tt_arena_alloc(m->arena, sizeof *r);

	if (!r)
		return tt_no_memory(err);
	TT_TRY(tt_plan_risk_make(p, m->o->seed, m->arena, r, err));
	p->risk = r;
	return TT_OK;
}

static int by_quarter(const maker *m, tt_plans_pool *p, tt_err *err)
{
	tt_plan_quarter *v = tt_arena_alloc(m->arena, (m->to->quarters + 1) * sizeof *v);

	if (!v)
		return tt_no_memory(err);
	p->by_quarter = v;
	return tt_plan_quarters(p, m->to->start_s, v, err);
}

static int plan(maker *m, tt_plans_pool *p, tt_err *err)
{
	tt_err reason = { 0 };

	const int rc = tt_rolling_make(&p->rolling, m->arena, &p->plan, &reason);

	if (rc == TT_ENODATA) {
		p->why = "of none of its weeks at least half of the hours are known, or the last "
		         "one was without any use";
		return TT_OK;
	}
	if (rc)
		return tt_fail(err, rc, "pool %s: %s", p->pool->name, reason.text);
	TT_TRY(tt_conditions_keep(&p->offers, &p->rolling, m->arena, &p->plan, &p->conditions,
	                          err));
	p->none_micro = p->plan.expects.none_micro;
	p->cost_micro = p->plan.expects.cost_micro;
	p->caution_micro = p->cost_micro - p->plan.least_micro;
	TT_TRY(purchases(m, p, err));
	TT_TRY(sales(m, p, err));
	TT_TRY(by_quarter(m, p, err));
	TT_TRY(tt_track_make(&p->rolling, &p->plan, &p->track, err));
	TT_TRY(tt_plan_worlds(p, m->o, m->arena, err));
	return m->o->risk ? risk(m, p, err) : TT_OK;
}

/* Pools know nothing of each other: thread t plans the t-th of every `threads`. */
typedef struct sharer {
	maker m;                    /* with an arena of its own */
	size_t first, failed;       /* the first pool that could not be planned */
	tt_err err;
} sharer;

typedef struct sharers {
	sharer *v;
	size_t n;
} sharers;

static void plan_share(void *ctx, int t)
{
	const sharers *all = ctx;
	sharer *x = &all->v[t];

	for (size_t i = x->first; i < x->m.to->n; i += all->n)
		if (!x->m.to->v[i].why && plan(&x->m, &x->m.to->v[i], &x->err)) {
			x->failed = i;
			return;
		}
}

static int plan_all(maker *m, tt_err *err)
{
	sharers all = { .n = (size_t)(m->o->threads ? m->o->threads : tt_processors()) };
	const sharer *worst = NULL;

	all.v = tt_arena_alloc(m->arena, all.n * sizeof *all.v);
	if (!all.v)
		return tt_no_memory(err);
	for (size_t t = 0; t < all.n; t++) {
		all.v[t] = (sharer){ .m = *m, .first = t, .failed = SIZE_MAX };
		all.v[t].m.arena = tt_arena_within(m->arena);
		if (!all.v[t].m.arena)
			return tt_no_memory(err);
	}
	tt_run_threads((int)all.n, plan_share, &all);
	for (size_t t = 0; t < all.n; t++)
		if (all.v[t].failed < (worst ? worst->failed : SIZE_MAX))
			worst = &all.v[t];
	return worst ? tt_fail(err, worst->err.status, "%s", worst->err.text) : TT_OK;
}

static int offers(maker *m, tt_plans_pool *p, tt_err *err)
{
	TT_TRY(tt_offers_make(m->s, p->pool, m->o->whole, m->o->ratios, m->arena, &p->offers,
	                      err));
	if (m->o->listed)
		TT_TRY(tt_offers_add_listed(m->o->listed, m->s, p->pool, m->arena, &p->offers,
		                            m->to->notes, &m->to->n_notes, err));
	p->why = p->offers.why;
	p->none_micro = p->cost_micro = TT_MONEY_UNKNOWN;
	return TT_OK;
}

/* A plan that ends before every term does would see the cheap rate of long ones and not what
 * they are bound to. */
static int horizon(maker *m, tt_err *err)
{
	size_t longest = 0, shortest = SIZE_MAX, quarters = m->o->quarters;

	for (size_t i = 0; i < m->to->n; i++)
		for (size_t k = 0; k < m->to->v[i].offers.n; k++) {
			const size_t term = tt_offer_quarters(&m->to->v[i].offers.v[k]);

			longest = term > longest ? term : longest;
			shortest = term < shortest ? term : shortest;
		}
	for (size_t i = 0; m->o->listed && i < m->o->listed->n; i++) {
		const tt_listed_offer *l = &m->o->listed->v[i];
		const size_t term = (size_t)((l->term_h + TT_QUARTER_H - 1) / TT_QUARTER_H);

		if (l->sold != TT_SOLD_IN_MONEY || !l->n_rates)
			continue;
		longest = term > longest ? term : longest;
		shortest = term < shortest ? term : shortest;
	}
	if (quarters && longest && quarters < shortest)
		return tt_fail(err, TT_EINVAL, "--quarters is %zu, expected at least %zu: the "
		               "shortest term that is offered", quarters, shortest);
	if (!quarters)
		quarters = longest > LEAST_QUARTERS ? longest : LEAST_QUARTERS;
	m->to->quarters = quarters;
	m->to->end_s = m->to->start_s + (int64_t)quarters * TT_QUARTER_H * HOUR_S;
	return TT_OK;
}

/* What is bought now in all pools. */
static int sum_now(tt_plans *to, const tt_plans_pool *p, size_t worlds, tt_err *err)
{
	TT_TRY(tt_money_add(&to->now.cost_micro, p->now.cost_micro, "the cost of all pools", err));
	for (size_t w = 0; w < worlds; w++) {
		TT_TRY(tt_money_add(&to->now.savings[w], p->now.savings[w], "a saving", err));
		TT_TRY(tt_money_add(&to->now.unused[w], p->now.unused[w], "a cost", err));
	}
	for (size_t k = 0; k < TT_PLAN_FALLS; k++) {
		to->falls[k].fall_ratio = p->falls[k].fall_ratio;
		TT_TRY(tt_money_add(&to->falls[k].saving_micro, p->falls[k].saving_micro,
		                    "a saving", err));
		TT_TRY(tt_money_add(&to->falls[k].unused_micro, p->falls[k].unused_micro,
		                    "a cost", err));
	}
	return TT_OK;
}

static int sum(maker *m, tt_err *err)
{
	static const char what[] = "the cost of all pools";
	tt_plans *to = m->to;
	const size_t n = m->o->worlds;
	int64_t *savings = tt_arena_alloc(m->arena, n * sizeof *savings);
	int64_t *room = tt_arena_alloc(m->arena, n * sizeof *room);
	tt_plan_quarter *quarters = tt_arena_alloc(m->arena, (to->quarters + 1) *
	                                                     sizeof *quarters);

	to->now.savings = tt_arena_alloc(m->arena, n * sizeof *savings);
	to->now.unused = tt_arena_alloc(m->arena, n * sizeof *savings);
	if (!savings || !room || !quarters || !to->now.savings || !to->now.unused)
		return tt_no_memory(err);
	for (size_t i = 0; i < to->n; i++) {
		const tt_plans_pool *p = &to->v[i];

		if (p->why)
			continue;
		TT_TRY(tt_money_add(&to->none_micro, p->none_micro, what, err));
		TT_TRY(tt_money_add(&to->cost_micro, p->cost_micro, what, err));
		TT_TRY(tt_money_add(&to->unused_micro, p->unused_micro, what, err));
		TT_TRY(tt_money_add(&to->caution_micro, p->caution_micro, what, err));
		for (size_t w = 0; w < n; w++)
			TT_TRY(tt_money_add(&savings[w], p->savings[w], "a saving", err));
		TT_TRY(sum_now(to, p, n, err));
	}
	TT_TRY(tt_plans_quarters(to, quarters, err));
	to->by_quarter = quarters;
	tt_worlds_summarise(savings, n, room, &to->saving);
	to->tail_micro = tt_plan_tail(savings, n, room);
	tt_plan_now_summarise(&to->now, m->o->over_micro, n, room);
	to->now.utilization_ratio = to->now.cost_micro ? 1 - (double)to->now.unused_micro /
		(double)to->now.cost_micro : (double)NAN;
	return TT_OK;
}

static void notes(maker *m)
{
	static const char *const texts[] = {
		"Less than eight weeks are known: growth is taken as none, and the level as known "
		"to a fifth or so.",
	};
	const size_t weeks = m->e->hours / WEEK_H;

	if (weeks < 8)
		m->to->notes[m->to->n_notes++] = texts[0];
}

int tt_plans_ask(const tt_snapshot *s, const tt_eligible *e, const tt_plans_options *o,
                 tt_arena *arena, tt_plans *ret, tt_err *err)
{
	tt_plans to = { .n = e->n,
		.start_s = e->start_s + (int64_t)e->hours * HOUR_S,
		.v = tt_arena_alloc(arena, (e->n + 1) * sizeof *to.v),
		.notes = tt_arena_alloc(arena, ((o->listed ? o->listed->n : 0) *
		                                TT_OFFERS_NOTES + s->table[TT_COMMITMENTS].n + 2) *
		                               sizeof *to.notes) };
	maker m = { s, e, o, arena, &to, NULL };
	tt_pool_lots *lots;

	if (!to.v || !to.notes)
		return tt_no_memory(err);
	if (e->hours < 2 * WEEK_H)
		return tt_fail(err, TT_ENODATA, "%s: %zu hours of history are too short for a "
		               "plan: from less than two weeks nothing can be said of what a week "
		               "is like, nor of growth (--once looks back at what there is)",
		               s->name, e->hours);
	if (o->listed)
		TT_TRY(tt_offers_check_scopes(o->listed, s, e, o->by_owner, err));
	for (size_t i = 0; i < e->n; i++) {
		to.v[i].pool = &e->v[i];
		TT_TRY(offers(&m, &to.v[i], err));
	}
	TT_TRY(horizon(&m, err));
	TT_TRY(tt_portfolio_lots(s, e, arena, &lots, to.notes, &to.n_notes, err));
	m.lots = lots;
	for (size_t i = 0; i < e->n; i++) /* what has no offer may be bought with money */
		if (!to.v[i].why || to.v[i].offers.price_per_hour > 0)
			TT_TRY(ask(&m, &to.v[i], err));
	TT_TRY(tt_held_money_fill(s, &to, arena, err));
	notes(&m);
	*ret = to;
	return TT_OK;
}

int tt_plans_make(const tt_snapshot *s, const tt_eligible *e, const tt_plans_options *o,
                  tt_arena *arena, tt_plans *ret, tt_err *err)
{
	tt_plans to;
	maker m = { s, e, o, arena, &to, NULL };

	TT_TRY(tt_plans_ask(s, e, o, arena, &to, err));
	TT_TRY(plan_all(&m, err));
	TT_TRY(sum(&m, err));
	if (o->listed) {
		TT_TRY(tt_money_plan_make(s, &to, o, arena, &to.money, err));
		TT_TRY(tt_blocks_make(s, &to, o->listed, arena, &to.blocks, err));
	}
	*ret = to;
	return TT_OK;
}
