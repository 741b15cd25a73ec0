#include "commit/money_terms.h"
#include "base/text.h"
#include "bill/held.h"
#include "commit/offers_listed.h"
#include "maths/money_plan.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_S = 3600 };

typedef struct maker {
	const tt_snapshot *s;
	const tt_plans *x;
	const tt_money_course *c;
	tt_arena *arena;
	const char **notes;
	size_t *n_notes;
	bool offers;                /* beside them what is held was looked at before */
	tt_money_all_terms to;
} maker;

/* --- Rates --------------------------------------------------------------------------------- */

/* The price of an instance (or a card) for one unit of the pool. */
static tt_decimal of_unit(const maker *m, const tt_plans_pool *p, bool instance, tt_decimal price)
{
	const tt_offer_scope scope = { "", "", instance ? "any" : "", "", "" };
	int64_t n, of;

	if (!tt_offer_units(m->s, p->pool, &p->offers, &scope, 0, &n, &of))
		return 0;
	return tt_div_half_even(price * of, n);
}

/* Under a row of commitments.csv: the same for all that is in the pool. */
static tt_decimal held_rate(const maker *m, const tt_commitment_row *r, const tt_plans_pool *p)
{
	tt_decimal rate = TT_DECIMAL_MISSING;

	for (size_t i = 0; i < p->pool->n_likes; i++) {
		const tt_decimal v = tt_held_money_rate(m->s, r, &p->pool->likes[i]);

		if (v == TT_DECIMAL_MISSING || v <= 0 || (i && v != rate))
			return 0;
		rate = v;
	}
	return of_unit(m, p, true, rate);
}

/* Under an offer: by the first rate that all of the pool is within. */
static tt_decimal offer_rate(const maker *m, const tt_listed_offer *o, const tt_money_item *item)
{
	const tt_plans_pool *p = item->pool;

	for (size_t i = 0; i < o->n_rates && tt_offer_is_for(&o->scope, p->pool); i++) {
		const tt_offer_rate *r = &o->rates[i];

		if (!tt_offer_is_for(&r->scope, p->pool))
			continue;
		if (r->discount_ratio != TT_DECIMAL_MISSING)
			return tt_div_half_even(item->price_per_hour *
			                        (TT_DECIMAL_ONE - r->discount_ratio),
			                        TT_DECIMAL_ONE);
		return of_unit(m, p, *r->scope.instance_type || *o->scope.instance_type,
		               r->price_per_hour);
	}
	return 0;
}

void tt_money_spend(const tt_money_terms *t, tt_decimal per_hour, int64_t *left)
{
	tt_i128 money = per_hour * TT_MONEY_ONE;

	for (size_t k = 0; k < t->n_covered && money > 0; k++) {
		const size_t i = t->order[k];
		const tt_i128 most = money / t->rates[i];
		const int64_t covered = most < left[i] ? (int64_t)most : left[i];

		left[i] -= covered;
		money = most < left[i] + covered ? 0 : money - covered * t->rates[i];
	}
}

bool tt_money_in_force(const tt_money_terms *t, int64_t at_h)
{
	return !t->offer && t->starts_h <= at_h && at_h < t->ends_h;
}

bool tt_money_steps(const tt_listed_offer *o, int64_t *least, int64_t *most)
{
	const tt_i128 step = (tt_i128)TT_MONEY_STEP_MICRO * 1000000;

	*least = (int64_t)((o->least_per_hour + step - 1) / step);
	*most = (int64_t)(o->most_per_hour / step);
	return o->most_per_hour <= 0 || (*most && *least <= *most);
}

/* --- Terms --------------------------------------------------------------------------------- */

static int note(maker *m, const char *what, const char *id, const char *why, tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };

	tt_buf_printf(&text, "%s %s is left out: %s.", what, id, why);
	m->notes[*m->n_notes] = tt_arena_text(m->arena, tt_buf_text(&text), text.n);
	return m->notes[(*m->n_notes)++] ? TT_OK : tt_no_memory(err);
}

/* With its rates; nothing where it covers nothing. */
static int add(maker *m, tt_money_terms t, const tt_commitment_row *row, bool *ret_any,
               tt_err *err)
{
	const size_t n = m->c->n_items;
	tt_decimal *rates = tt_arena_alloc(m->arena, (n + 1) * sizeof *rates);
	size_t *order = tt_arena_alloc(m->arena, (n + 1) * sizeof *order);

	if (!rates || !order)
		return tt_no_memory(err);
	*ret_any = false;
	for (size_t i = 0; i < n; i++) {
		const tt_money_item *item = &m->c->items[i];

		rates[i] = row ? held_rate(m, row, item->pool) : offer_rate(m, t.offer, item);
		if (rates[i] < item->price_per_hour / 1000000) /* as good as nothing */
			rates[i] = 0;
		if (rates[i] > 0 && (!*ret_any || 1 - tt_decimal_f64(rates[i]) /
		                     tt_decimal_f64(item->price_per_hour) > t.best))
			t.best = 1 - tt_decimal_f64(rates[i]) /
			         tt_decimal_f64(item->price_per_hour);
		*ret_any = *ret_any || rates[i] > 0;
	}
	t.rates = rates;
	t.order = order;
	t.n_covered = tt_money_order(&(tt_money_usage){ .price = m->c->prices, .rates = rates,
		.n_items = n, .n_plans = 1 }, 0, order);
	if (*ret_any)
		m->to.v[m->to.n++] = t;
	return TT_OK;
}

static int64_t hours_to(int64_t at_s, int64_t start_s, int64_t open)
{
	const int64_t span_s = at_s - start_s;

	if (at_s == TT_TIME_MISSING)
		return open;
	return span_s / HOUR_S + (span_s % HOUR_S > 0); /* from or to the next whole hour */
}

static int held(maker *m, const tt_commitment_row *r, tt_err *err)
{
	bool any;

	if (r->units > 0 || r->commitment_per_hour == TT_DECIMAL_MISSING ||
	    (r->ends_at != TT_TIME_MISSING && r->ends_at <= m->x->start_s))
		return TT_OK;
	TT_TRY(add(m, (tt_money_terms){ .id = r->commitment, .kind = tt_held_applies_as(r),
		.starts_h = hours_to(r->starts_at, m->x->start_s, INT64_MIN),
		.ends_h = hours_to(r->ends_at, m->x->start_s, INT64_MAX),
		.per_hour = r->commitment_per_hour }, r, &any, err));
	return any || m->offers ? TT_OK :
		note(m, "Commitment", r->commitment,
		     "prices.csv has no rate of its term and payment for a pool", err);
}

static int offer(maker *m, const tt_listed_offer *o, tt_err *err)
{
	int64_t least, most;
	bool any;

	if (o->sold != TT_SOLD_IN_MONEY)
		return TT_OK;
	if (!tt_money_steps(o, &least, &most))
		return note(m, "Offer", o->id, "least_per_hour and most_per_hour have no whole "
		            "step of 0.001 between them", err);
	if (!o->n_rates)
		return note(m, "Offer", o->id, "it has no rates", err);
	TT_TRY(add(m, (tt_money_terms){ .id = o->id, .offer = o,
		.kind = strcmp(o->kind, "committed_use") == 0 ? TT_METERING_COMMITTED_USE :
		        *o->scope.instance_type ? TT_METERING_INSTANCE_PLAN :
		                                  TT_METERING_COMPUTE_PLAN }, NULL, &any, err));
	m->to.n_offers += any;
	return any ? TT_OK : note(m, "Offer", o->id, "it has no rate for a pool with a price on "
	                          "demand", err);
}

static int in_order(const void *pa, const void *pb)
{
	const tt_money_terms *a = pa, *b = pb;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->best != b->best)
		return a->best > b->best ? -1 : 1;
	if (!a->offer != !b->offer)
		return a->offer ? 1 : -1;
	return strcmp(a->id, b->id);
}

int tt_money_terms_make(const tt_snapshot *s, const tt_plans *x, const tt_offer_file *f,
                        const tt_money_course *c, tt_arena *arena, const char **notes,
                        size_t *n_notes, tt_money_all_terms *ret, tt_err *err)
{
	const tt_rows *rows = &s->table[TT_COMMITMENTS];
	maker m = { s, x, c, arena, notes, n_notes, f != NULL,
		{ .v = NULL } };

	m.to.v = tt_arena_alloc(arena, (rows->n + (f ? f->n : 0) + 1) * sizeof *m.to.v);
	if (!m.to.v)
		return tt_no_memory(err);
	for (size_t i = 0; i < rows->n; i++)
		TT_TRY(held(&m, TT_ROW(rows, tt_commitment_row, i), err));
	for (size_t i = 0; f && i < f->n; i++)
		TT_TRY(offer(&m, &f->v[i], err));
	if (m.to.n)
		qsort(m.to.v, m.to.n, sizeof *m.to.v, in_order);
	*ret = m.to;
	return TT_OK;
}
