#include "commit/money.h"
#include "base/text.h"
#include "commit/held_money.h"
#include "commit/money_buy.h"
#include "commit/offer_dates.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { HOUR_S = 3600 };
static const double falls[TT_PLAN_FALLS] = { .2, .4 };

/* --- The bill ------------------------------------------------------------------------------ */

/* Of all rows, x hours of their segments. */
typedef struct sums {
	tt_i128 on_demand;          /* micro-units */
	tt_i128 *unused, *spent;    /* [all.n] of each commitment */
	double *spared;             /* [all.n] what it was spent on would cost on demand */
} sums;

static int sums_make(size_t n, tt_arena *arena, sums *ret, tt_err *err)
{
	*ret = (sums){ .unused = tt_arena_alloc(arena, (n + 1) * sizeof *ret->unused),
		.spent = tt_arena_alloc(arena, (n + 1) * sizeof *ret->spent),
		.spared = tt_arena_alloc(arena, (n + 1) * sizeof *ret->spared) };
	return ret->unused && ret->spent && ret->spared ? TT_OK : tt_no_memory(err);
}

/* Ids that are distinct, whatever the fleet calls things. */
static const char *number(const char *what, size_t i, tt_arena *arena)
{
	char text[48];
	const int n = snprintf(text, sizeof text, "%s %08zu", what, i);

	return tt_arena_text(arena, text, (size_t)n);
}

static int metering(const tt_money_course *c, const tt_money_all_terms *all, const int64_t *micro,
                    tt_arena *arena, tt_metering **ret, tt_err *err)
{
	tt_metering_item *items = tt_arena_alloc(arena, (c->n_items + 1) * sizeof *items);
	tt_metering_commitment *v = tt_arena_alloc(arena, (all->n + 1) * sizeof *v);

	if (!items || !v)
		return tt_no_memory(err);
	for (size_t i = 0; i < c->n_items; i++)
		items[i] = (tt_metering_item){ .id = number("item", i, arena),
			.price_per_hour = c->prices[i] };
	for (size_t k = 0; k < all->n; k++)
		v[k] = (tt_metering_commitment){ .id = number("plan", k, arena),
			.kind = all->v[k].kind, .starts_s = TT_TIME_MISSING,
			.ends_s = TT_TIME_MISSING, .rates = all->v[k].rates,
			.commitment_per_hour = (tt_decimal)micro[k] * 1000000 };
	for (size_t i = 0; i < c->n_items + all->n; i++)
		if (!(i < c->n_items ? items[i].id : v[i - c->n_items].id))
			return tt_no_memory(err);
	return tt_metering_make(items, c->n_items, v, all->n, ret, err);
}

static void add_covers(const tt_money_course *c, const tt_metering_bill *b, int64_t hours, sums *to)
{
	for (size_t i = 0; i < b->n_covers; i++)
		to->spared[b->covers[i].commitment] += (double)b->covers[i].units_micro_s / 3.6e9 *
			tt_decimal_f64(c->prices[b->covers[i].item]) * 1e6 * (double)hours;
}

static int bill_segment(const tt_money_course *c, const tt_money_all_terms *all, size_t s,
                        const int64_t *micro, sums *to, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	TT_CLEANUP(tt_metering_freep) tt_metering *m = NULL;
	TT_CLEANUP(tt_metering_sums_freep) tt_metering_sums *sum = NULL;
	const int64_t hours = c->segments[s].hours;
	int64_t *used = arena ? tt_arena_alloc(arena, (c->n_items + 1) * sizeof *used) : NULL;
	tt_metering_bill b;

	if (!used)
		return tt_no_memory(err);
	TT_TRY(metering(c, all, micro, arena, &m, err));
	TT_TRY(tt_metering_sums_make(m, &sum, err));
	for (size_t t = 0; t < c->n_rows; t++) {
		for (size_t i = 0; i < c->n_items; i++)
			used[i] = c->used[s][t * c->n_items + i] * HOUR_S;
		TT_TRY(tt_metering_add(sum, used, (int64_t)t * HOUR_S, (int64_t)(t + 1) * HOUR_S,
		                       err));
	}
	TT_TRY(tt_metering_read(sum, &b, err));
	to->on_demand += (tt_i128)b.on_demand_micro * hours;
	for (size_t k = 0; k < all->n; k++) {
		to->unused[k] += (tt_i128)b.commitments[k].unused_micro * hours;
		to->spent[k] += (tt_i128)b.commitments[k].used_micro * hours;
	}
	add_covers(c, &b, hours, to);
	tt_metering_bill_free(&b);
	return TT_OK;
}

/* `micro`: [segments][all.n]. */
static int bill(const tt_money_course *c, const tt_money_all_terms *all, int64_t *const *micro,
                sums *to, tt_err *err)
{
	for (size_t s = 0; s < c->n_segments; s++)
		TT_TRY(bill_segment(c, all, s, micro[s], to, err));
	return TT_OK;
}

static int micro_of(tt_i128 v, const tt_money_course *c, int64_t *ret, tt_err *err)
{
	const tt_i128 mean = tt_div_half_even(v, (tt_i128)c->n_rows);

	if (mean > INT64_MAX || mean < -INT64_MAX)
		return tt_fail(err, TT_EINVAL, "what commitments of money save does not fit: more "
		               "than 9,223,372,036,854 units of money");
	*ret = (int64_t)mean;
	return TT_OK;
}

/* --- What comes of it ---------------------------------------------------------------------- */

static int purchases(const tt_money_buy *f, const tt_plans *x, tt_arena *arena, tt_money_plan *to,
                     tt_err *err)
{
	to->purchases = tt_arena_alloc(arena, (f->n_spots + 1) * sizeof *to->purchases);
	if (!to->purchases)
		return tt_no_memory(err);
	for (size_t i = 0; i < f->n_spots; i++) {
		const tt_listed_offer *o = f->all->v[f->offers[i % f->n_offers]].offer;
		const int64_t from_s = x->start_s + f->c->starts_h[f->spots[i].start] * HOUR_S;
		int64_t cost;

		if (!f->bought[i])
			continue;
		TT_TRY(tt_cost_micro((tt_decimal)f->bought[i] * TT_MONEY_STEP_MICRO * 1000000,
		                     (f->c->starts_h[f->spots[i].end] -
		                      f->c->starts_h[f->spots[i].start]) * HOUR_S, &cost, err));
		TT_TRY(tt_money_add(&to->committed_micro, cost, "what is committed", err));
		to->purchases[to->n_purchases++] = (tt_money_purchase){ o, i / f->n_offers, from_s,
			from_s + o->term_h * HOUR_S, f->bought[i] * TT_MONEY_STEP_MICRO, cost };
	}
	return TT_OK;
}

static int uses(const tt_money_buy *f, const sums *with, tt_arena *arena, tt_money_plan *to,
                tt_err *err)
{
	to->uses = tt_arena_alloc(arena, (f->n_offers + 1) * sizeof *to->uses);
	if (!to->uses)
		return tt_no_memory(err);
	for (size_t j = 0; j < f->n_offers; j++) {
		const size_t k = f->offers[j];
		tt_money_offer_use *u = &to->uses[to->n_uses++];
		int64_t spent = 0;

		*u = (tt_money_offer_use){ .offer = f->all->v[k].offer,
			.utilization_ratio = (double)NAN, .break_even_ratio = (double)NAN };
		TT_TRY(micro_of(with->spent[k], f->c, &spent, err));
		TT_TRY(micro_of(with->unused[k], f->c, &u->unused_micro, err));
		TT_TRY(tt_money_add(&to->unused_micro, u->unused_micro, "what is unused", err));
		u->committed_micro = spent + u->unused_micro;
		if (u->committed_micro)
			u->utilization_ratio = (double)spent / (double)u->committed_micro;
		if (with->spared[k] > 0)
			u->break_even_ratio = (double)with->spent[k] / with->spared[k];
	}
	return TT_OK;
}

/* What is bought in the first quarter, should demand be lower at once: beside units of
 * that quarter, as nobody buys the later ones then. */
static int fall(tt_money_buy *f, double ratio, tt_plans_fall *ret, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_money_course c = *f->c;
	sums with, without;
	int64_t before = 0, after = 0;
	tt_i128 committed = 0;

	if (!arena)
		return tt_no_memory(err);
	TT_TRY(tt_money_rows(&c, TT_MONEY_LESS_NOW, 1 - ratio, arena, err));
	TT_TRY(sums_make(f->all->n, arena, &with, err));
	TT_TRY(sums_make(f->all->n, arena, &without, err));
	*ret = (tt_plans_fall){ .fall_ratio = ratio };
	for (size_t i = f->n_offers; i < f->n_spots; i++)
		f->bought[i] = 0;
	tt_money_buy_commit(f);
	TT_TRY(bill(&c, f->all, f->committed, &with, err));
	for (size_t j = 0; j < f->n_offers; j++) {
		committed += with.spent[f->offers[j]] + with.unused[f->offers[j]];
		TT_TRY(micro_of(with.unused[f->offers[j]], &c, &after, err));
		TT_TRY(tt_money_add(&ret->unused_micro, after, "what is unused", err));
		f->bought[j] = 0;
	}
	tt_money_buy_commit(f);
	TT_TRY(bill(&c, f->all, f->committed, &without, err));
	TT_TRY(micro_of(without.on_demand, &c, &before, err));
	TT_TRY(micro_of(with.on_demand + committed, &c, &after, err));
	ret->saving_micro = before - after;
	return TT_OK;
}

static int all_falls(tt_money_buy *f, tt_arena *arena, tt_money_plan *to, tt_err *err)
{
	int64_t *kept = tt_arena_alloc(arena, (f->n_spots + 1) * sizeof *kept);

	if (!kept)
		return tt_no_memory(err);
	memcpy(kept, f->bought, f->n_spots * sizeof *kept);
	for (size_t k = 0; k < TT_PLAN_FALLS; k++) {
		memcpy(f->bought, kept, f->n_spots * sizeof *kept);
		TT_TRY(fall(f, falls[k], &to->falls[k], err));
	}
	memcpy(f->bought, kept, f->n_spots * sizeof *kept);
	tt_money_buy_commit(f);
	return TT_OK;
}

static int answer(tt_money_buy *f, const tt_plans *x, tt_arena *arena, tt_money_plan *to,
                  tt_err *err)
{
	int64_t *kept = tt_arena_alloc(arena, (f->n_spots + 1) * sizeof *kept), left;
	sums with, without;

	if (!kept)
		return tt_no_memory(err);
	TT_TRY(sums_make(f->all->n, arena, &with, err));
	TT_TRY(sums_make(f->all->n, arena, &without, err));
	memcpy(kept, f->bought, f->n_spots * sizeof *kept);
	memset(f->bought, 0, f->n_spots * sizeof *kept);
	tt_money_buy_commit(f);
	TT_TRY(bill(f->c, f->all, f->committed, &without, err));
	memcpy(f->bought, kept, f->n_spots * sizeof *kept);
	tt_money_buy_commit(f);
	TT_TRY(bill(f->c, f->all, f->committed, &with, err));
	TT_TRY(purchases(f, x, arena, to, err));
	TT_TRY(uses(f, &with, arena, to, err));
	TT_TRY(micro_of(without.on_demand, f->c, &to->none_micro, err));
	TT_TRY(micro_of(with.on_demand, f->c, &left, err));
	to->coverage_ratio = to->none_micro > 0 ? 1 - (double)left / (double)to->none_micro
	                                        : (double)NAN;
	TT_TRY(tt_money_add(&left, to->committed_micro, "what a plan costs", err));
	to->cost_micro = left;
	to->cut_short = f->work > f->most_work;
	return all_falls(f, arena, to, err);
}

/* --- All ----------------------------------------------------------------------------------- */

static bool any_money(const tt_offer_file *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].sold == TT_SOLD_IN_MONEY)
			return true;
	return false;
}

static int segments(const tt_snapshot *s, const tt_plans *x, const tt_money_all_terms *all,
                    tt_arena *arena, tt_money_course *c, tt_err *err)
{
	const size_t rows = s->table[TT_COMMITMENTS].n;
	int64_t *cuts = tt_arena_alloc(arena, (2 * rows + all->n * (2 * x->quarters + 1) + 1) *
	                                      sizeof *cuts);
	size_t n;

	if (!cuts)
		return tt_no_memory(err);
	n = tt_held_money_cuts(s, x->start_s, cuts);
	for (size_t k = 0; k < all->n; k++) {
		tt_rolling_offer o = { .quarters = 0 };

		if (!all->v[k].offer)
			continue;
		tt_offer_dates(all->v[k].offer, x->start_s, &o);
		n += tt_offer_cuts(&o, x->quarters, &cuts[n]);
	}
	return tt_money_segments(x, cuts, n, arena, c, err);
}

/* What units are weighed by and these are not. */
static void not_weighed(const tt_plans_options *o, tt_money_plan *to)
{
	if (o->caution.weight_millionths)
		to->notes[to->n_notes++] = "The worst losses weigh on units alone: commitments of "
			"money are bought by what is expected.";
	if (o->caution.moves_millionths)
		to->notes[to->n_notes++] = "That work may move weighs on units alone: commitments "
			"of money are bought as if all of it stayed.";
	if (o->discount_millionths)
		to->notes[to->n_notes++] = "What it costs to pay early weighs on units alone: "
			"commitments of money that are paid early are bought as if it cost "
			"nothing.";
}

int tt_money_plan_make(const tt_snapshot *s, const tt_plans *x, const tt_plans_options *o,
                       tt_arena *arena, const tt_money_plan **ret, tt_err *err)
{
	enum { NOT_WEIGHED = 3 };
	const tt_offer_file *f = o->listed;
	tt_money_plan *to = tt_arena_alloc(arena, sizeof *to);
	tt_money_all_terms all;
	tt_money_course c;
	tt_money_buy buy;

	if (!to)
		return tt_no_memory(err);
	if (!any_money(f))
		return TT_OK;
	to->notes = tt_arena_alloc(arena, (f->n + s->table[TT_COMMITMENTS].n +
	                                   NOT_WEIGHED + 1) * sizeof *to->notes);
	if (!to->notes)
		return tt_no_memory(err);
	*ret = to;
	not_weighed(o, to);
	TT_TRY(tt_money_items(x, arena, &c, err));
	TT_TRY(tt_money_terms_make(s, x, f, &c, arena, to->notes, &to->n_notes, &all, err));
	TT_TRY(segments(s, x, &all, arena, &c, err));
	if (!all.n_offers || !c.n_items)
		return TT_OK;
	TT_TRY(tt_money_rows(&c, TT_MONEY_LESS_BOUGHT, 1, arena, err));
	TT_TRY(tt_money_buy_open(&buy, &c, &all, x->quarters, x->start_s, arena, err));
	TT_TRY(tt_money_buy_run(&buy, &to->exact, err));
	return answer(&buy, x, arena, to, err);
}
