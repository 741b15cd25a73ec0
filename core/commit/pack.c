#include "commit/pack.h"
#include "bill/residents.h"
#include "commit/portfolio.h"
#include "maths/level_forecast.h"
#include "maths/order_stats.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HOUR_S = 3600, DAY_H = 24, WEEK_H = TT_PACK_WEEK_H, MONTH_H = 730, YEAR_H = 8760,
	FIRST_WEEKDAY = 3, /* 1970-01-01: a Thursday */
	WEEKEND_H = 120, STEADY = 50000, MICRO = 1000000 };

const int tt_pack_rates_pct[TT_PACK_RATES] = { 80, 70, 60, 50, 40, 30 };

typedef struct maker {
	const tt_snapshot *s;
	const tt_eligible *e;
	tt_arena *arena;
	tt_pack *to;
	tt_portfolio held;
} maker;

/* --- Use --------------------------------------------------------------------------------- */

/* Talks are about the future: of a long history the last year counts. */
static size_t first_hour(const maker *m)
{
	return m->e->hours > YEAR_H ? m->e->hours - YEAR_H : 0;
}

/* Of hours that count: use, and what of it is not covered. */
typedef struct course {
	int64_t *used, *open;
	size_t n;
} course;

static int read_course(const maker *m, const tt_eligible_pool *p, course *ret, tt_err *err)
{
	const int64_t *covered = m->held.covered[p - m->e->v];
	const size_t room = (m->e->hours + 1) * sizeof(int64_t);
	course c = { tt_arena_alloc(m->arena, room), tt_arena_alloc(m->arena, room), 0 };

	if (!c.used || !c.open)
		return tt_no_memory(err);
	for (size_t h = first_hour(m); h < m->e->hours; h++) {
		if (m->e->gap[h])
			continue;
		c.used[c.n] = p->used[h];
		c.open[c.n++] = p->used[h] - covered[h];
	}
	*ret = c;
	return TT_OK;
}

static double sum_of(const int64_t *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)v[i];
	return sum;
}

static void tell_profile(const maker *m, tt_pack_pool *p)
{
	double hours[WEEK_H] = { 0 }, week = 0, weekend = 0, week_h = 0, weekend_h = 0;
	const double unit = (double)p->offers.unit;

	for (size_t h = first_hour(m); h < m->e->hours; h++) {
		const int64_t at = m->e->start_s / HOUR_S + (int64_t)h + FIRST_WEEKDAY * DAY_H;
		const size_t i = (size_t)((at % WEEK_H + WEEK_H) % WEEK_H);
		const double used = (double)p->pool->used[h] / unit;

		if (m->e->gap[h])
			continue;
		p->profile[i] += used;
		hours[i]++;
		*(i < WEEKEND_H ? &week : &weekend) += used;
		*(i < WEEKEND_H ? &week_h : &weekend_h) += 1;
	}
	for (size_t i = 0; i < WEEK_H; i++)
		p->profile[i] = hours[i] > 0 ? p->profile[i] / hours[i] : (double)NAN;
	p->weekend_ratio = week > 0 && weekend_h > 0 ? weekend / weekend_h / (week / week_h)
		: (double)NAN;
}

/* Of the usual forecast, which says nothing of growth with less than eight weeks. */
static int tell_growth(const maker *m, tt_pack_pool *p, tt_err *err)
{
	const tt_level_settings usual = tt_level_usual();
	double *y = tt_arena_alloc(m->arena, m->e->hours * sizeof *y);
	double profile[WEEK_H];
	tt_level level;
	tt_err why = { 0 };
	int rc;

	p->growth_ratio = (double)NAN;
	if (!y)
		return tt_no_memory(err);
	tt_eligible_units(m->e, p->pool, p->offers.unit, false, y);
	rc = tt_level_fit(y, m->e->hours, &usual, profile, &level, &why);
	if (rc == TT_ENOMEM)
		return tt_no_memory(err);
	if (rc == TT_OK && level.seasons >= usual.growth_least && level.level > 0)
		p->growth_ratio = exp(level.growth) - 1;
	return TT_OK;
}

static void tell_use(const tt_offers *o, course *c, tt_pack_pool *p)
{
	const double unit = (double)o->unit, all = sum_of(c->used, c->n);

	p->mean = all / unit / (double)c->n;
	p->month_h = p->mean * MONTH_H;
	p->held_ratio = all > 0 ? 1 - sum_of(c->open, c->n) / all : 0;
	tt_order_sort(c->used, c->n);
	p->always = (double)c->used[0] / unit;
	p->steady = (double)tt_order_quantile(c->used, c->n, STEADY) / unit;
	p->peak = (double)c->used[c->n - 1] / unit;
	p->month_micro = o->price_per_hour == TT_DECIMAL_MISSING ? TT_MONEY_UNKNOWN
		: llround(p->month_h * tt_decimal_f64(o->price_per_hour) * MICRO);
}

/* --- Rates -------------------------------------------------------------------------------- */

static tt_pack_level level_at(const course *c, const tt_offers *o, tt_decimal rate,
                              tt_decimal price)
{
	const tt_layers_demand d = { c->open, c->n, o->unit };
	tt_pack_level l = { .ratio = tt_decimal_f64(rate) / tt_decimal_f64(price),
		.used_ratio = (double)NAN, .covers_ratio = (double)NAN,
		.year_micro = TT_MONEY_UNKNOWN };
	tt_layers best;

	tt_layers_best(&d, rate, price, &best);
	l.units = best.units;
	if (best.units)
		l.used_ratio = (double)best.busy /
			((double)best.units * (double)o->unit * (double)c->n);
	if (best.all_busy)
		l.covers_ratio = (double)best.busy / (double)best.all_busy;
	if (o->price_per_hour != TT_DECIMAL_MISSING)
		l.year_micro = (int64_t)tt_div_half_even(rate * best.units * YEAR_H, MICRO);
	return l;
}

static int tell_rates(const maker *m, const course *c, tt_pack_pool *p, tt_err *err)
{
	const tt_offers *o = &p->offers;
	const bool priced = o->price_per_hour != TT_DECIMAL_MISSING && o->price_per_hour > 0;
	const tt_decimal price = priced ? o->price_per_hour : TT_DECIMAL_ONE;

	for (size_t i = 0; i < TT_PACK_RATES; i++)
		p->rates[i] = level_at(c, o, price * tt_pack_rates_pct[i] / 100, price);
	p->offered = tt_arena_alloc(m->arena, (o->n + 1) * sizeof *p->offered);
	if (!p->offered)
		return tt_no_memory(err);
	for (size_t i = 0; priced && i < o->n; i++)
		p->offered[p->n_offered++] = (tt_pack_offer){ &o->v[i],
			level_at(c, o, o->v[i].rate_per_hour, price) };
	return TT_OK;
}

/* --- Work --------------------------------------------------------------------------------- */

static const char *kind_of(const tt_snapshot *s, const tt_pod_row *p)
{
	const tt_workload_row *w = *p->workload ? tt_workload_row_of(s, p->workload) : NULL;

	return !*p->workload_kind && w ? w->workload_kind : p->workload_kind;
}

static void add_work(const tt_snapshot *s, const tt_pod_row *p, double card_h, tt_pack_work *to)
{
	const char *kind = kind_of(s, p);
	const bool free = !*p->node_selector;

	to->all_h += card_h;
	if (strcmp(kind, "training") == 0 || strcmp(kind, "batch") == 0)
		to->wait_h += card_h;
	if (free && !*p->gpu_model)
		to->type_h += card_h;
	if (free && *kind && strcmp(kind, "inference") != 0)
		to->region_h += card_h;
}

static bool is_of(const tt_eligible_pool *p, const tt_node_row *n)
{
	for (size_t i = 0; i < p->n_likes; i++)
		if (strcmp(p->likes[i].provider, n->provider) == 0 &&
		    strcmp(p->likes[i].region, n->region) == 0 &&
		    strcmp(p->likes[i].instance_type, n->instance_type) == 0 &&
		    (!*p->likes[i].gpu_model ||
		     strcasecmp(p->likes[i].gpu_model, n->gpu_model) == 0))
			return true;
	return false;
}

static void tell_work(maker *m)
{
	const tt_residents r = tt_residents_of(m->s);

	for (size_t i = 0; i < m->s->table[TT_PODS].n; i++) {
		const tt_pod_row *p = tt_pod_at(m->s, i);
		double card_h;
		tt_span ran;

		if (!(p->gpus > 0) || !tt_pod_ran(m->s, p, &ran))
			continue;
		if (ran.from_s < m->to->start_s)
			ran.from_s = m->to->start_s;
		if (ran.to_s <= ran.from_s)
			continue;
		card_h = p->gpus * (double)(ran.to_s - ran.from_s) / HOUR_S;
		add_work(m->s, p, card_h, &m->to->work);
		for (size_t k = 0; r.node_of_pod[i] != UINT32_MAX && k < m->to->n; k++)
			if (is_of(m->to->v[k].pool, tt_node_at(m->s, r.node_of_pod[i])))
				add_work(m->s, p, card_h, &m->to->v[k].work);
	}
}

/* --- Owners ------------------------------------------------------------------------------- */

static int by_hours(const void *pa, const void *pb)
{
	const tt_pack_owner *a = pa, *b = pb;

	if (a->cards != b->cards)
		return a->cards ? -1 : 1;
	if (a->unit_h > b->unit_h || a->unit_h < b->unit_h)
		return a->unit_h > b->unit_h ? -1 : 1;
	return strcmp(a->owner, b->owner);
}

static int tell_owners(maker *m, tt_err *err)
{
	TT_CLEANUP(tt_eligible_freep) tt_eligible *e = NULL;

	if (m->e->of_nodes)
		return TT_OK; /* lives of nodes say nothing of owners: the bill does */
	TT_TRY(tt_eligible_make(m->s, TT_POOL_BY_OWNER, &e, err));
	m->to->owners = tt_arena_alloc(m->arena, (e->n + 1) * sizeof *m->to->owners);
	if (!m->to->owners)
		return tt_no_memory(err);
	for (size_t i = 0; i < e->n; i++) {
		tt_pack_owner *o = &m->to->owners[m->to->n_owners++];

		o->owner = tt_arena_text(m->arena, e->v[i].name, strlen(e->v[i].name));
		if (!o->owner)
			return tt_no_memory(err);
		o->cards = e->v[i].cards;
		o->unit_h = sum_of(e->v[i].used + first_hour(m), e->hours - first_hour(m)) /
			(double)TT_ELIGIBLE_ONE;
	}
	if (m->to->n_owners)
		qsort(m->to->owners, m->to->n_owners, sizeof *m->to->owners, by_hours);
	return TT_OK;
}

/* --- All of it ---------------------------------------------------------------------------- */

static int make_pool(const maker *m, tt_pack_pool *p, tt_err *err)
{
	course c = { 0 };

	TT_TRY(tt_offers_make(m->s, p->pool, false, NULL, m->arena, &p->offers, err));
	if (!p->offers.unit) { /* no price */
		p->offers.unit = TT_ELIGIBLE_ONE;
		p->offers.price_per_hour = TT_DECIMAL_MISSING;
	}
	TT_TRY(read_course(m, p->pool, &c, err));
	if (!c.n)
		return tt_fail(err, TT_ENODATA, "%s: nobody used anything in any hour",
		               m->s->name);
	m->to->hours = c.n;
	TT_TRY(tell_rates(m, &c, p, err)); /* before use is sorted */
	tell_use(&p->offers, &c, p);
	tell_profile(m, p);
	return tell_growth(m, p, err);
}

static int by_month(const void *pa, const void *pb)
{
	const tt_pack_pool *a = pa, *b = pb;

	if (a->month_micro != b->month_micro) /* what is not known is the least */
		return a->month_micro == TT_MONEY_UNKNOWN ? 1 :
		       b->month_micro == TT_MONEY_UNKNOWN || a->month_micro > b->month_micro
		       ? -1 : 1;
	if (a->month_h > b->month_h || a->month_h < b->month_h)
		return a->month_h > b->month_h ? -1 : 1;
	return (a->pool > b->pool) - (a->pool < b->pool);
}

int tt_pack_make(const tt_snapshot *s, const tt_eligible *e, bool with_owners, tt_arena *arena,
                 tt_pack *ret, tt_err *err)
{
	tt_pack to = { .n = e->n, .start_s = e->start_s,
		.v = tt_arena_alloc(arena, (e->n + 1) * sizeof *to.v) };
	maker m = { .s = s, .e = e, .arena = arena, .to = &to };

	if (!to.v)
		return tt_no_memory(err);
	to.start_s += (int64_t)first_hour(&m) * HOUR_S;
	TT_TRY(tt_portfolio_cover(s, e, arena, &m.held, err));
	for (size_t i = 0; i < e->n; i++) {
		to.v[i].pool = &e->v[i];
		TT_TRY(make_pool(&m, &to.v[i], err));
	}
	if (e->n)
		qsort(to.v, to.n, sizeof *to.v, by_month);
	tell_work(&m);
	if (with_owners)
		TT_TRY(tell_owners(&m, err));
	*ret = to;
	return TT_OK;
}
