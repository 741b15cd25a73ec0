/* held_hours.c - hour by hour what is held and what is used of it, and by which nodes, for
 * those who show it. Metered as all else is; nothing is decided here. */
#include "bill/held_parts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MICRO = 1000000 };

struct looking {
	const tt_held *h;
	tt_arena *arena;
	size_t *items;          /* of kinds */
	size_t *commitments;    /* of courses */
	int64_t **used;         /* [n] as `used` of the courses, to be filled */
	tt_held_hours *to;
};

static bool is_money(const tt_held_commitment *c)
{
	return c->m.commitment_per_hour != TT_DECIMAL_MISSING;
}

bool tt_held_alike(const tt_commitment_row *a, const tt_commitment_row *b)
{
	return strcmp(a->kind, b->kind) == 0 && strcmp(a->provider, b->provider) == 0 &&
	       strcmp(a->region, b->region) == 0 &&
	       strcmp(a->instance_type, b->instance_type) == 0 &&
	       strcasecmp(a->gpu_model, b->gpu_model) == 0 && (a->units > 0) == (b->units > 0);
}

/* --- What there is ---------------------------------------------------------------------- */

static int list_kinds(struct looking *l, tt_err *err)
{
	const tt_held *h = l->h;
	tt_held_hours *to = l->to;

	to->kinds = tt_arena_alloc(l->arena, (h->n_items + 1) * sizeof *to->kinds);
	l->items = tt_arena_alloc(l->arena, (h->n_items + 1) * sizeof *l->items);
	if (!to->kinds || !l->items)
		return tt_no_memory(err);
	for (size_t i = 0; i < h->n_items; i++) {
		const tt_held_item *it = &h->items[i];

		if (!it->covered)
			continue;
		l->items[to->n_kinds] = i;
		to->kinds[to->n_kinds++] = (tt_held_kind){
			.like = &it->like, .price_per_hour = it->price_per_hour,
			.own_price = it->way == TT_HELD_OWN_PRICE, .used = it->used,
			.on_demand = it->cost
		};
	}
	return TT_OK;
}

static int by_id(const void *pa, const void *pb)
{
	const tt_held_commitment *a = *(const tt_held_commitment *const *)pa;
	const tt_held_commitment *b = *(const tt_held_commitment *const *)pb;
	const int by = strcmp(a->commitment, b->commitment);

	return by ? by : (a > b) - (a < b);
}

static int64_t *hold(const struct looking *l, const tt_held_commitment *c)
{
	int64_t *held = tt_arena_alloc(l->arena, (l->h->hours + 1) * sizeof *held);
	const int64_t units_micro = is_money(c)
		? (int64_t)tt_div_half_even(c->m.commitment_per_hour, MICRO) : c->m.units_micro;

	for (size_t hour = 0; held && hour < l->h->hours; hour++)
		held[hour] = units_micro * tt_held_in_force_s(c, tt_held_hour_span(l->h, hour));
	return held;
}

static int list_courses(struct looking *l, tt_err *err)
{
	const tt_held *h = l->h;
	const size_t n = h->n_commitments;
	TT_CLEANUP(tt_freep) const tt_held_commitment **order = tt_zalloc(n + 1, sizeof *order);

	l->to->v = tt_arena_alloc(l->arena, (n + 1) * sizeof *l->to->v);
	l->commitments = tt_arena_alloc(l->arena, (n + 1) * sizeof *l->commitments);
	l->used = tt_arena_alloc(l->arena, (n + 1) * sizeof *l->used);
	if (!order || !l->to->v || !l->commitments || !l->used)
		return tt_no_memory(err);
	for (size_t k = 0; k < n; k++)
		order[k] = &h->commitments[k];
	if (n)
		qsort(order, n, sizeof *order, by_id);
	for (size_t k = 0; k < n; k++) {
		l->commitments[k] = (size_t)(order[k] - h->commitments);
		l->used[k] = tt_arena_alloc(l->arena, (h->hours + 1) * sizeof *l->used[k]);
		l->to->v[k] = (tt_held_course){ order[k]->commitment, is_money(order[k]),
			hold(l, order[k]), l->used[k] };
		if (!l->used[k] || !l->to->v[k].held)
			return tt_no_memory(err);
	}
	l->to->n = n;
	return TT_OK;
}

/* --- What is used ----------------------------------------------------------------------- */

static void read_hour(struct looking *l, const tt_metering_sums *s, size_t hour)
{
	for (size_t k = 0; k < l->to->n; k++) {
		const int64_t held = l->to->v[k].held[hour];

		if (held && l->to->v[k].money)
			l->used[k][hour] = held - llround((double)held *
				tt_metering_unused_ratio(s, k));
		else if (held)
			l->used[k][hour] = held - (int64_t)tt_metering_unused_micro_s(s, k);
	}
}

static int read_hours(struct looking *l, const tt_metering *m, tt_err *err)
{
	const size_t n = l->to->n_kinds;
	TT_CLEANUP(tt_metering_sums_freep) tt_metering_sums *s = NULL;
	TT_CLEANUP(tt_freep) int64_t *used = tt_zalloc(n + 1, sizeof *used);

	if (!used)
		return tt_no_memory(err);
	TT_TRY(tt_metering_sums_make(m, &s, err));
	for (size_t hour = 0; hour < l->h->hours; hour++) {
		const tt_span span = tt_held_hour_span(l->h, hour);

		for (size_t i = 0; i < n; i++)
			used[i] = l->to->kinds[i].used[hour];
		tt_metering_sums_clear(s);
		TT_TRY(tt_metering_add(s, used, span.from_s, span.to_s, err));
		read_hour(l, s, hour);
	}
	return TT_OK;
}

static int read_covers(struct looking *l, const tt_metering *m, tt_err *err)
{
	TT_CLEANUP(tt_metering_sums_freep) tt_metering_sums *s = NULL;
	TT_CLEANUP(tt_metering_bill_free) tt_metering_bill b = { 0 };
	tt_held_hours *to = l->to;

	TT_TRY(tt_metering_sums_make(m, &s, err));
	TT_TRY(tt_held_add_hours(l->h, l->items, to->n_kinds, s, err));
	TT_TRY(tt_metering_read(s, &b, err));
	to->covers = tt_arena_alloc(l->arena, (b.n_covers + 1) * sizeof *to->covers);
	if (!to->covers)
		return tt_no_memory(err);
	for (size_t i = 0; i < b.n_covers; i++)
		to->covers[i] = (tt_held_cover){ b.covers[i].item, b.covers[i].commitment,
			b.covers[i].units_micro_s, b.covers[i].cost_micro };
	to->n_covers = b.n_covers;
	return TT_OK;
}

/* Of nodes with a price of their own uses are not kept: they are there for all of their life. */
static void list_own(struct looking *l, const size_t *kind_of)
{
	const tt_held *h = l->h;
	tt_held_hours *to = l->to;

	for (size_t i = 0; i < h->s->table[TT_NODES].n; i++) {
		const uint32_t number = h->item_of_node[i];
		const tt_span life = tt_node_life(h->s, i);

		if (number && number != UINT32_MAX && life.to_s > life.from_s &&
		    h->items[number - 1].way == TT_HELD_OWN_PRICE && kind_of[number - 1])
			to->shares[to->n_shares++] = (tt_held_share){ (uint32_t)i,
				kind_of[number - 1] - 1, (life.to_s - life.from_s) * MICRO };
	}
}

static int list_shares(struct looking *l, tt_err *err)
{
	const tt_held *h = l->h;
	TT_CLEANUP(tt_freep) size_t *kind_of = tt_zalloc(h->n_items + 1, sizeof *kind_of);
	tt_held_hours *to = l->to;

	to->shares = tt_arena_alloc(l->arena, (h->n_uses + h->s->table[TT_NODES].n + 1) *
				    sizeof *to->shares);
	if (!kind_of || !to->shares)
		return tt_no_memory(err);
	for (size_t i = 0; i < to->n_kinds; i++)
		kind_of[l->items[i]] = i + 1;
	for (size_t i = 0; i < h->n_uses; i++) {
		const size_t kind = kind_of[h->uses[i].item];

		if (kind)
			to->shares[to->n_shares++] = (tt_held_share){ h->uses[i].node, kind - 1,
				h->uses[i].micro_s };
	}
	list_own(l, kind_of);
	return TT_OK;
}

int tt_held_hours_read(const tt_held *h, tt_arena *arena, tt_held_hours *ret, tt_err *err)
{
	TT_CLEANUP(tt_metering_freep) tt_metering *m = NULL;
	tt_held_hours to = { .first_s = h->first_hour * TT_HELD_HOUR_S, .hours = h->hours };
	struct looking l = { .h = h, .arena = arena, .to = &to };

	TT_TRY(list_kinds(&l, err));
	TT_TRY(list_courses(&l, err));
	TT_TRY(tt_held_metering(h, l.items, to.n_kinds, l.commitments, to.n, &m, err));
	TT_TRY(read_hours(&l, m, err));
	TT_TRY(read_covers(&l, m, err));
	TT_TRY(list_shares(&l, err));
	*ret = to;
	return TT_OK;
}

bool tt_held_could(const tt_held *h, const tt_held_hours *v, size_t course, size_t kind)
{
	const tt_held_item *item = NULL;
	const tt_held_commitment *c = NULL;

	for (size_t i = 0; i < h->n_items && !item; i++)
		if (&h->items[i].like == v->kinds[kind].like)
			item = &h->items[i];
	for (size_t k = 0; k < h->n_commitments && !c; k++)
		if (h->commitments[k].commitment == v->v[course].commitment)
			c = &h->commitments[k];
	return item && c && tt_held_meets(h->s, c, item);
}
