/* held_meter.c - meters the hours in which something changed, and reads what all of them
 * cost.
 *
 * Items and commitments that can never meet are metered apart (islands), so that a change
 * costs what it touches. What is on demand is added up exactly by item and rounded once; what
 * is held costs the same whatever uses it. */
#include "bill/held_parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- What meets what -------------------------------------------------------------------- */

static bool wanted(uint32_t word, uint32_t is)
{
	return !word || word == is;
}

bool tt_held_meets(const tt_snapshot *s, const tt_held_commitment *c, const tt_held_item *it)
{
	const tt_metering_key *k = &c->m.key;

	if (!wanted(k->provider, it->key.provider) || !wanted(k->region, it->key.region) ||
	    !wanted(k->instance_type, it->key.instance_type) ||
	    !wanted(k->gpu_model, it->key.gpu_model))
		return false;
	if (c->m.commitment_per_hour != TT_DECIMAL_MISSING)
		return tt_held_rate(s, c, &it->like) > 0;
	return c->m.unit != TT_METERING_CARDS || it->cards_micro > 0;
}

static int rates_of(const tt_held *h, const tt_held_commitment *c, const size_t *items,
		    size_t n_items, tt_arena *arena, const tt_decimal **ret, tt_err *err)
{
	tt_decimal *v = tt_arena_alloc(arena, (n_items + 1) * sizeof *v);

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < n_items; i++)
		v[i] = tt_held_rate(h->s, c, &h->items[items[i]].like);
	*ret = v;
	return TT_OK;
}

int tt_held_metering(const tt_held *h, const size_t *items, size_t n_items,
		     const size_t *commitments, size_t n_commitments, tt_metering **ret,
		     tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_metering_item *v;
	tt_metering_commitment *c;

	if (!arena || !(v = tt_arena_alloc(arena, (n_items + 1) * sizeof *v)) ||
	    !(c = tt_arena_alloc(arena, (n_commitments + 1) * sizeof *c)))
		return tt_no_memory(err);
	for (size_t i = 0; i < n_items; i++) {
		const tt_held_item *it = &h->items[items[i]];

		v[i] = (tt_metering_item){ .id = it->id, .key = it->key,
					   .price_per_hour = it->price_per_hour,
					   .cards_micro = it->cards_micro };
	}
	for (size_t i = 0; i < n_commitments; i++) {
		const tt_held_commitment *held = &h->commitments[commitments[i]];

		c[i] = held->m;
		if (c[i].commitment_per_hour != TT_DECIMAL_MISSING)
			TT_TRY(rates_of(h, held, items, n_items, arena, &c[i].rates, err));
	}
	return tt_metering_make(v, n_items, c, n_commitments, ret, err);
}

tt_span tt_held_hour_span(const tt_held *h, size_t hour)
{
	tt_span span = { (h->first_hour + (int64_t)hour) * TT_HELD_HOUR_S, 0 };

	span.to_s = span.from_s + TT_HELD_HOUR_S;
	if (span.from_s < h->s->start_s)
		span.from_s = h->s->start_s;
	if (span.to_s > h->s->end_s)
		span.to_s = h->s->end_s;
	return span;
}

int tt_held_add_hours(const tt_held *h, const size_t *items, size_t n_items,
		      tt_metering_sums *s, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *used = tt_zalloc(n_items + 1, sizeof *used);

	if (!used)
		return tt_no_memory(err);
	for (size_t hour = 0; hour < h->hours; hour++) {
		const tt_span span = tt_held_hour_span(h, hour);

		for (size_t i = 0; i < n_items; i++)
			used[i] = h->items[items[i]].used[hour];
		TT_TRY(tt_metering_add(s, used, span.from_s, span.to_s, err));
	}
	return TT_OK;
}

/* --- Islands -------------------------------------------------------------------------------- */

static size_t root_of(size_t *v, size_t i)
{
	while (v[i] != i) {
		v[i] = v[v[i]];
		i = v[i];
	}
	return i;
}

/* Numbers 0.. of items, behind them of commitments: which belong together. */
static void join(const tt_held *h, size_t *group)
{
	for (size_t i = 0; i < h->n_items + h->n_commitments; i++)
		group[i] = i;
	for (size_t k = 0; k < h->n_commitments; k++) {
		for (size_t i = 0; i < h->n_items; i++) {
			if (!h->items[i].covered ||
			    !tt_held_meets(h->s, &h->commitments[k], &h->items[i]))
				continue;
			const size_t a = root_of(group, i), b = root_of(group, h->n_items + k);
			group[a > b ? a : b] = a > b ? b : a;
		}
	}
}

static int make_island(tt_held *h, size_t root, size_t *group, tt_err *err)
{
	tt_held_island *to = &h->islands[h->n_islands];
	size_t *commitments = tt_arena_alloc(h->shape, (h->n_commitments + 1) *
					     sizeof *commitments);
	size_t n = 0;

	to->items = tt_arena_alloc(h->shape, (h->n_items + 1) * sizeof *to->items);
	to->used = tt_arena_alloc(h->shape, (h->n_items + 1) * sizeof *to->used);
	if (!commitments || !to->items || !to->used)
		return tt_no_memory(err);
	for (size_t i = 0; i < h->n_items; i++) {
		if (root_of(group, i) != root || !h->items[i].covered)
			continue;
		h->items[i].island = h->n_islands;
		h->items[i].at = to->n_items;
		to->items[to->n_items++] = i;
	}
	for (size_t k = 0; k < h->n_commitments; k++) {
		if (root_of(group, h->n_items + k) == root)
			commitments[n++] = k;
	}
	h->n_islands++;
	TT_TRY(tt_held_metering(h, to->items, to->n_items, commitments, n, &to->m, err));
	return tt_metering_sums_make(to->m, &to->s, err);
}

static int shape(tt_held *h, tt_err *err)
{
	const size_t n = h->n_items + h->n_commitments;
	TT_CLEANUP(tt_freep) size_t *group = tt_zalloc(n + 1, sizeof *group);

	for (size_t i = 0; i < h->n_islands; i++) {
		tt_metering_sums_freep(&h->islands[i].s);
		tt_metering_freep(&h->islands[i].m);
	}
	h->n_islands = 0;
	tt_arena_free(h->shape);
	h->shape = tt_arena_new();
	if (!group || !h->shape ||
	    !(h->islands = tt_arena_alloc(h->shape, (n + 1) * sizeof *h->islands)))
		return tt_no_memory(err);
	join(h, group);
	for (size_t i = 0; i < h->n_items; i++) {
		if (h->items[i].covered && root_of(group, i) == i)
			TT_TRY(make_island(h, i, group, err));
	}
	h->shaped = true;
	return TT_OK;
}

/* --- Hours that changed --------------------------------------------------------------------- */

static int set_cost(tt_held *h, size_t item, size_t hour, tt_i128 cost, tt_err *err)
{
	tt_held_item *it = &h->items[item];

	it->stale[hour] = false;
	if (it->cost[hour] == cost)
		return TT_OK;
	if (h->trying) {
		if (!TT_GROW(h->was, h->n_was, h->cap_was))
			return tt_no_memory(err);
		h->was[h->n_was++] = (struct tt_held_was){ (uint32_t)item, (uint32_t)hour,
							   it->cost[hour] };
	}
	it->sum += cost - it->cost[hour];
	it->cost[hour] = cost;
	return TT_OK;
}

static bool is_stale(const tt_held *h, const tt_held_island *g, size_t hour)
{
	for (size_t i = 0; i < g->n_items; i++) {
		if (h->items[g->items[i]].stale[hour])
			return true;
	}
	return false;
}

/* Whether the hour costs what the one before it does, which was metered last. */
static bool is_alike(const tt_held *h, const tt_held_island *g, size_t hour)
{
	for (size_t i = 0; i < g->n_items; i++) {
		if (h->items[g->items[i]].used[hour] != g->used[i])
			return false;
	}
	return !h->edge[hour];
}

static int meter_island(tt_held *h, tt_held_island *g, tt_err *err)
{
	size_t last = SIZE_MAX;

	for (size_t hour = 0; hour < h->hours; hour++) {
		const tt_span span = tt_held_hour_span(h, hour);

		if (!is_stale(h, g, hour))
			continue;
		if (last == SIZE_MAX || last + 1 != hour || !is_alike(h, g, hour)) {
			for (size_t i = 0; i < g->n_items; i++)
				g->used[i] = h->items[g->items[i]].used[hour];
			tt_metering_sums_clear(g->s);
			TT_TRY(tt_metering_add(g->s, g->used, span.from_s, span.to_s, err));
		}
		last = hour;
		for (size_t i = 0; i < g->n_items; i++)
			TT_TRY(set_cost(h, g->items[i], hour, tt_metering_on_demand(g->s)[i],
					err));
	}
	for (size_t i = 0; i < g->n_items; i++)
		h->items[g->items[i]].touched = false;
	return TT_OK;
}

static int meter(tt_held *h, tt_err *err)
{
	if (!h->shaped)
		TT_TRY(shape(h, err));
	for (size_t i = 0; i < h->n_items; i++) {
		if (h->items[i].touched)
			TT_TRY(meter_island(h, &h->islands[h->items[i].island], err));
	}
	return TT_OK;
}

/* --- What is held ----------------------------------------------------------------------------- */

/* Some items in use, all commitments: [n_commitments] money of what is used, or of all. */
static int read_some(const tt_held *h, const size_t *items, size_t n_items, tt_metering_bill *ret,
		     tt_err *err)
{
	TT_CLEANUP(tt_metering_freep) tt_metering *m = NULL;
	TT_CLEANUP(tt_metering_sums_freep) tt_metering_sums *s = NULL;
	TT_CLEANUP(tt_freep) size_t *all = tt_zalloc(h->n_commitments + 1, sizeof *all);

	if (!all)
		return tt_no_memory(err);
	for (size_t i = 0; i < h->n_commitments; i++)
		all[i] = i;
	TT_TRY(tt_held_metering(h, items, n_items, all, h->n_commitments, &m, err));
	TT_TRY(tt_metering_sums_make(m, &s, err));
	TT_TRY(tt_held_add_hours(h, items, n_items, s, err));
	return tt_metering_read(s, ret, err);
}

/* The items of one way, or (`of` TT_HELD_NOT) all that are metered. */
static size_t items_of(const tt_held *h, enum tt_held_way of, size_t *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n_items; i++) {
		if (h->items[i].covered && (of == TT_HELD_NOT || h->items[i].way == of))
			ret[n++] = i;
	}
	return n;
}

int tt_held_own(const tt_held *h, int64_t *ret, tt_err *err)
{
	TT_CLEANUP(tt_metering_bill_free) tt_metering_bill b = { 0 };
	TT_CLEANUP(tt_freep) size_t *items = tt_zalloc(h->n_items + 1, sizeof *items);
	size_t n;

	if (!items)
		return tt_no_memory(err);
	n = items_of(h, TT_HELD_OWN_PRICE, items);
	memset(ret, 0, h->n_commitments * sizeof *ret);
	if (!n)
		return TT_OK;
	TT_TRY(read_some(h, items, n, &b, err));
	for (size_t k = 0; k < h->n_commitments; k++)
		ret[k] = b.commitments[k].used_micro;
	return TT_OK;
}

/* Neither depends on what others use. */
static int cost_of_held(tt_held *h, tt_err *err)
{
	TT_CLEANUP(tt_metering_bill_free) tt_metering_bill b = { 0 };
	TT_CLEANUP(tt_freep) int64_t *own = tt_zalloc(h->n_commitments + 1, sizeof *own);

	if (!own)
		return tt_no_memory(err);
	TT_TRY(read_some(h, NULL, 0, &b, err));
	TT_TRY(tt_held_own(h, own, err));
	h->commitments_micro = b.commitment_micro;
	h->own_micro = 0;
	for (size_t k = 0; k < h->n_commitments; k++)
		h->own_micro += own[k];
	h->own_known = true;
	return TT_OK;
}

int tt_held_total(tt_held *h, int64_t *ret_micro, tt_err *err)
{
	int64_t total;

	*ret_micro = 0;
	if (!h)
		return TT_OK;
	TT_TRY(meter(h, err));
	if (!h->own_known)
		TT_TRY(cost_of_held(h, err));
	total = h->commitments_micro - h->own_micro;
	for (size_t i = 0; i < h->n_items; i++) {
		const tt_held_item *it = &h->items[i];

		if (it->covered && it->way != TT_HELD_OWN_PRICE)
			TT_TRY(tt_money_add(&total, (int64_t)tt_div_half_even(it->sum,
									      TT_METERING_MICRO),
					    "cost of all nodes", err));
	}
	*ret_micro = total;
	return TT_OK;
}

/* --- Reading ---------------------------------------------------------------------------- */

struct reading {
	tt_held *h;
	tt_arena *arena;
	tt_metering_bill b;
	size_t *items, n_items;         /* those of the bill */
	int64_t *own;                   /* [commitments] */
	int64_t *given;                 /* [commitments] to items without a price of their own */
	int64_t *item_micro;            /* [all items] */
	const char **item_from;         /* [all items] */
	tt_held_bill *ret;
};

static bool has_own_price(const struct reading *r, size_t i)
{
	return r->h->items[r->items[i]].way == TT_HELD_OWN_PRICE;
}

/* What is used of a commitment, less what is of nodes with a price of their own, to the
 * others in proportion. */
static int give(struct reading *r, size_t k, tt_err *err)
{
	const tt_metering_bill *b = &r->b;
	const int64_t used = b->commitments[k].used_micro - r->own[k];
	TT_CLEANUP(tt_freep) tt_u128 *weight = tt_zalloc(b->n_covers + 1, sizeof *weight);
	TT_CLEANUP(tt_freep) int64_t *part = tt_zalloc(b->n_covers + 1, sizeof *part);
	tt_u128 sum = 0;

	if (!weight || !part)
		return tt_no_memory(err);
	for (size_t i = 0; i < b->n_covers; i++) {
		const tt_metered_cover *c = &b->covers[i];

		if (c->commitment == k && !has_own_price(r, c->item))
			weight[i] = (tt_u128)c->cost_micro;
		sum += weight[i];
	}
	if (!sum || used <= 0)
		return TT_OK;
	TT_TRY(tt_split(used, weight, b->n_covers, part, err));
	for (size_t i = 0; i < b->n_covers; i++)
		r->item_micro[r->items[b->covers[i].item]] += part[i];
	r->given[k] = used;
	return TT_OK;
}

/* "commitments.csv res-1, res-2 and 3 more"; NULL: nothing covers it. */
static int name_covers(struct reading *r, size_t i, tt_err *err)
{
	enum { NAMED = 2 };
	TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };
	const tt_metering_bill *b = &r->b;
	size_t n = 0;

	for (size_t k = 0; k < b->n_covers; k++) {
		if (b->covers[k].item != i)
			continue;
		if (n++ < NAMED)
			tt_buf_printf(&text, "%s%s", n > 1 ? ", " : "commitments.csv ",
				      r->h->commitments[b->covers[k].commitment].commitment);
	}
	if (!n || has_own_price(r, i))
		return TT_OK;
	if (n > NAMED)
		tt_buf_printf(&text, " and %zu more", n - NAMED);
	if (b->items[i].on_demand_micro_s > 0) {
		const char *beyond = tt_price_from(&r->h->items[r->items[i]].from, r->arena);

		if (!beyond)
			return tt_no_memory(err);
		tt_buf_printf(&text, "%s%s", *beyond ? ", " : "", beyond);
	}
	r->item_from[r->items[i]] = tt_arena_text(r->arena, tt_buf_text(&text), text.n);
	return r->item_from[r->items[i]] && !text.failed ? TT_OK : tt_no_memory(err);
}

static int by_item(const void *pa, const void *pb)
{
	const struct tt_held_use *a = pa, *b = pb;

	if (a->item != b->item)
		return a->item < b->item ? -1 : 1;
	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	return (a->micro_s > b->micro_s) - (a->micro_s < b->micro_s);
}

/* An item's money to its nodes, by how long they used it. */
static int give_to_nodes(struct reading *r, tt_err *err)
{
	struct tt_held_use *v = r->h->uses;
	const size_t n = r->h->n_uses;
	TT_CLEANUP(tt_freep) tt_u128 *weight = tt_zalloc(n + 1, sizeof *weight);
	TT_CLEANUP(tt_freep) int64_t *part = tt_zalloc(n + 1, sizeof *part);

	if (!weight || !part)
		return tt_no_memory(err);
	if (n)
		qsort(v, n, sizeof *v, by_item);
	for (size_t from = 0, to; from < n; from = to) {
		const size_t item = v[from].item;

		for (to = from; to < n && v[to].item == item; to++)
			weight[to] = (tt_u128)v[to].micro_s;
		TT_TRY(tt_split(r->item_micro[item], weight + from, to - from, part + from, err));
		for (size_t i = from; i < to; i++) {
			r->ret->node_micro[v[i].node] += part[i];
			if (r->h->item_of_node[v[i].node] == item + 1)
				r->ret->node_from[v[i].node] = r->item_from[item];
		}
	}
	return TT_OK;
}

static int by_id(const void *pa, const void *pb)
{
	const tt_held_cost *a = pa, *b = pb;
	int by = strcmp(a->commitment, b->commitment);

	if (!by)
		by = strcmp(a->gpu_model, b->gpu_model);
	return by ? by : (a->cost_micro > b->cost_micro) - (a->cost_micro < b->cost_micro);
}

static int read_costs(struct reading *r, tt_err *err)
{
	const tt_held *h = r->h;
	tt_held_cost *v = tt_arena_alloc(r->arena, (h->n_commitments + 1) * sizeof *v);

	if (!v)
		return tt_no_memory(err);
	for (size_t k = 0; k < h->n_commitments; k++) {
		const tt_metered_commitment *m = &r->b.commitments[k];

		TT_TRY(give(r, k, err));
		v[k] = (tt_held_cost){ .commitment = h->commitments[k].commitment,
				       .gpu_model = h->commitments[k].gpu_model,
				       .cost_micro = m->cost_micro,
				       .unused_micro = m->cost_micro - r->own[k] - r->given[k],
				       .held_micro_s = m->held_micro_s,
				       .unused_micro_s = m->unused_micro_s };
	}
	if (h->n_commitments)
		qsort(v, h->n_commitments, sizeof *v, by_id);
	r->ret->costs = v;
	r->ret->n_costs = h->n_commitments;
	return TT_OK;
}

static int read_all(struct reading *r, tt_err *err)
{
	tt_held *h = r->h;

	r->n_items = items_of(h, TT_HELD_NOT, r->items);
	TT_TRY(read_some(h, r->items, r->n_items, &r->b, err));
	TT_TRY(tt_held_own(h, r->own, err));
	TT_TRY(read_costs(r, err));
	for (size_t i = 0; i < r->n_items; i++) {
		if (!has_own_price(r, i))
			r->item_micro[r->items[i]] += r->b.items[i].on_demand_micro;
		TT_TRY(name_covers(r, i, err));
	}
	return give_to_nodes(r, err);
}

int tt_held_read(tt_held *h, tt_arena *arena, tt_held_bill *ret, tt_err *err)
{
	const size_t nodes = h->s->table[TT_NODES].n;
	tt_held_bill out = { .node_micro = tt_arena_alloc(arena, (nodes + 1) * sizeof(int64_t)),
			     .node_from = tt_arena_alloc(arena, (nodes + 1) * sizeof(char *)),
			     .notes = tt_arena_alloc(arena, (h->n_notes + 1) * sizeof(char *)),
			     .n_notes = h->n_notes };
	struct reading r = { .h = h, .arena = arena, .ret = &out,
			     .items = tt_arena_alloc(arena, (h->n_items + 1) * sizeof *r.items) };
	int rc;

	r.own = tt_arena_alloc(arena, (h->n_commitments + 1) * sizeof *r.own);
	r.given = tt_arena_alloc(arena, (h->n_commitments + 1) * sizeof *r.given);
	r.item_micro = tt_arena_alloc(arena, (h->n_items + 1) * sizeof *r.item_micro);
	r.item_from = tt_arena_alloc(arena, (h->n_items + 1) * sizeof *r.item_from);
	if (!out.node_micro || !out.node_from || !out.notes || !r.items || !r.own || !r.given ||
	    !r.item_micro || !r.item_from)
		return tt_no_memory(err);
	for (size_t i = 0; i < h->n_notes; i++) {
		out.notes[i] = tt_arena_text(arena, h->notes[i], strlen(h->notes[i]));
		if (!out.notes[i])
			return tt_no_memory(err);
	}
	rc = read_all(&r, err);
	tt_metering_bill_free(&r.b);
	if (rc == TT_OK)
		*ret = out;
	return rc;
}
