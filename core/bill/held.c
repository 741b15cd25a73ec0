/* held.c - which nodes are metered, as which item, and what of every hour they use. */
#include "bill/held.h"
#include "bill/held_parts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MICRO = 1000000 };

/* --- Which nodes ---------------------------------------------------------------------- */

/* The commitment's price to as many digits as nodes.csv gives, and no fewer than two. */
static bool agree(tt_decimal own, tt_decimal committed)
{
	tt_decimal unit = 1;

	while (unit < TT_DECIMAL_ONE / 100 && own % (unit * 10) == 0)
		unit *= 10;
	return tt_div_half_even(committed, unit) * unit == own;
}

static tt_decimal committed_price(const tt_snapshot *s, const tt_commitment_row *r,
				  const tt_node_row *n)
{
	tt_decimal price = tt_price_committed(r);

	if (!(r->units > 0))
		return TT_DECIMAL_MISSING; /* of a plan: each has its own */
	if (!*r->instance_type && __builtin_mul_overflow(price, (tt_i128)llround(n->gpus), &price))
		return TT_DECIMAL_MISSING;
	return tt_price_covers(s, r, n) ? price : TT_DECIMAL_MISSING;
}

static enum tt_held_way way_of(const tt_snapshot *s, const tt_node_row *n, bool charged)
{
	enum tt_held_way way = TT_HELD_NOT;

	/* what is held is in what was charged; only what is bought besides can cover more */
	if (!*n->pricing || strcmp(n->pricing, "on_demand") == 0)
		return charged && !s->billed.holds_all ? TT_HELD_NOT : TT_HELD_ON_DEMAND;
	if (strcmp(n->pricing, "reserved") != 0)
		return TT_HELD_NOT;
	for (size_t i = 0; i < s->table[TT_COMMITMENTS].n; i++) {
		const tt_commitment_row *r =
			TT_ROW(&s->table[TT_COMMITMENTS], tt_commitment_row, i);

		if (!tt_held_row_is_for(s, r, n))
			continue;
		if (!charged && (n->price_per_hour == TT_DECIMAL_MISSING ||
		    agree(n->price_per_hour, committed_price(s, r, n))))
			return TT_HELD_RESERVED;
		way = TT_HELD_OWN_PRICE;
	}
	return way;
}

enum tt_held_way tt_held_way_of(const tt_snapshot *s, size_t node)
{
	return way_of(s, tt_node_at(s, node), tt_billed_node(s, node) != TT_MONEY_UNKNOWN);
}

/* --- Items ------------------------------------------------------------------------------ */

static bool same_kind(const tt_node_row *a, const tt_node_row *b)
{
	return strcmp(a->provider, b->provider) == 0 && strcmp(a->region, b->region) == 0 &&
	       strcmp(a->instance_type, b->instance_type) == 0 &&
	       strcasecmp(a->gpu_model, b->gpu_model) == 0;
}

/* What a reserved node costs where its units don't reach: as listed on demand, else what the
 * dearest node of its kind that is on demand costs, else what its commitment does. */
static void price_beyond(const tt_snapshot *s, const tt_node_row *n, tt_node_price *ret)
{
	tt_node_row like = *n;
	tt_node_price found;

	like.pricing = "on_demand";
	const tt_price_row *p = tt_price_listed(s, &like);
	if (p) {
		*ret = (tt_node_price){ .price_per_hour = p->price_per_hour, .table = "prices",
					.as_of_s = p->as_of };
		return;
	}
	*ret = (tt_node_price){ .price_per_hour = TT_DECIMAL_MISSING, .table = "commitments",
				.as_of_s = TT_TIME_MISSING };
	for (size_t i = 0; i < s->table[TT_NODES].n; i++) {
		if (tt_held_way_of(s, i) != TT_HELD_ON_DEMAND || !same_kind(tt_node_at(s, i), n))
			continue;
		tt_price_of_node(s, i, &found);
		if (found.price_per_hour > ret->price_per_hour)
			*ret = found;
	}
	for (size_t i = 0; ret->price_per_hour < 0 && i < s->table[TT_COMMITMENTS].n; i++) {
		const tt_commitment_row *r =
			TT_ROW(&s->table[TT_COMMITMENTS], tt_commitment_row, i);

		if (tt_held_row_is_for(s, r, n) && tt_price_committed(r) >= 0) {
			ret->price_per_hour = committed_price(s, r, n);
			ret->commitment = r->commitment;
		}
	}
}

/* The same for many nodes: an item of the kind has it. */
static void price_beyond_of_kind(const tt_held *h, const tt_node_row *n, tt_node_price *ret)
{
	for (size_t i = 0; i < h->n_items; i++) {
		const tt_held_item *it = &h->items[i];

		if (it->way != TT_HELD_RESERVED || !same_kind(&it->like, n) ||
		    (it->like.gpus != n->gpus && !(isnan(it->like.gpus) && isnan(n->gpus))))
			continue;
		*ret = it->from;
		return;
	}
	price_beyond(h->s, n, ret);
}

static bool same_item(const tt_held_item *a, const tt_held_item *b)
{
	return a->way == b->way && a->cards_micro == b->cards_micro &&
	       a->price_per_hour == b->price_per_hour && a->key.provider == b->key.provider &&
	       a->key.region == b->key.region && a->key.instance_type == b->key.instance_type &&
	       a->key.gpu_model == b->key.gpu_model;
}

/* What an item is called settles what is equal: of one price, reserved nodes before others. */
static int name_item(tt_held *h, tt_held_item *it, tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };
	char price[64];

	tt_buf_printf(&text, "%d %s/%s/%s/%s %u %s",
		      it->way == TT_HELD_OWN_PRICE ? 0 : it->way == TT_HELD_RESERVED ? 1 : 2,
		      it->like.provider, it->like.region, it->like.instance_type,
		      it->like.gpu_model, it->cards_micro,
		      tt_decimal_format(it->price_per_hour, price, sizeof price));
	it->id = tt_arena_text(h->arena, tt_buf_text(&text), text.n);
	return it->id && !text.failed ? TT_OK : tt_no_memory(err);
}

static int make_item(tt_held *h, tt_held_item *it, tt_err *err)
{
	TT_TRY(name_item(h, it, err));
	it->covered = it->way == TT_HELD_RESERVED; /* on demand where its row is gone */
	for (size_t i = 0; i < h->n_commitments && !it->covered; i++)
		it->covered = tt_held_meets(h->s, &h->commitments[i], it);
	if (!it->covered)
		return TT_OK;
	it->used = tt_arena_alloc(h->arena, (h->hours + 1) * sizeof *it->used);
	it->cost = tt_arena_alloc(h->arena, (h->hours + 1) * sizeof *it->cost);
	it->stale = tt_arena_alloc(h->arena, (h->hours + 1) * sizeof *it->stale);
	if (!it->used || !it->cost || !it->stale)
		return tt_no_memory(err);
	h->shaped = false;
	return TT_OK;
}

/* The item of nodes like this one; SIZE_MAX: what has no price is not metered. */
static int find_item(tt_held *h, const tt_node_row *like, enum tt_held_way way,
		     const tt_node_price *price, size_t *ret, tt_err *err)
{
	tt_held_item it = { .like = *like, .way = way, .price_per_hour = price->price_per_hour,
			    .from = *price };

	*ret = SIZE_MAX;
	if (way == TT_HELD_NOT || it.price_per_hour < 0 ||
	    it.price_per_hour >= TT_HELD_PRICE_LIMIT)
		return TT_OK;
	if (like->gpus > 0 && like->gpus < 4000)
		it.cards_micro = (uint32_t)llround(like->gpus * MICRO);
	it.key = (tt_metering_key){ .provider = tt_held_word(h, like->provider, false),
				    .region = tt_held_word(h, like->region, false),
				    .instance_type = tt_held_word(h, like->instance_type, false),
				    .gpu_model = tt_held_word(h, like->gpu_model, true) };
	if (it.key.provider == UINT32_MAX || it.key.region == UINT32_MAX ||
	    it.key.instance_type == UINT32_MAX || it.key.gpu_model == UINT32_MAX)
		return tt_no_memory(err);
	for (*ret = 0; *ret < h->n_items; ++*ret) {
		if (same_item(&h->items[*ret], &it))
			return TT_OK;
	}
	TT_TRY(make_item(h, &it, err));
	if (!TT_GROW(h->items, h->n_items, h->cap_items))
		return tt_no_memory(err);
	h->items[h->n_items++] = it;
	return TT_OK;
}

/* The item of a node as the snapshot has it. */
static int item_of_node(tt_held *h, size_t node, size_t *ret, tt_err *err)
{
	const enum tt_held_way way = tt_held_way_of(h->s, node);
	tt_node_price price;

	*ret = SIZE_MAX;
	if (h->item_of_node[node]) {
		*ret = h->item_of_node[node] == UINT32_MAX ? SIZE_MAX : h->item_of_node[node] - 1;
		return TT_OK;
	}
	if (way == TT_HELD_OWN_PRICE) /* it has its units before anybody else */
		price = (tt_node_price){ .price_per_hour = TT_HELD_PRICE_LIMIT - 1 };
	else if (way == TT_HELD_RESERVED)
		price_beyond_of_kind(h, tt_node_at(h->s, node), &price);
	else
		tt_price_of_node(h->s, node, &price);
	TT_TRY(find_item(h, tt_node_at(h->s, node), way, &price, ret, err));
	h->item_of_node[node] = *ret == SIZE_MAX ? UINT32_MAX : (uint32_t)*ret + 1;
	return TT_OK;
}

static const char *or_else(const char *s, const char *none)
{
	return *s ? s : none;
}

/* What `like` is on the terms of the segment. */
static void put_on_terms(tt_node_row *like, const tt_terms *t)
{
	like->provider = or_else(t->provider, like->provider);
	like->region = or_else(t->region, like->region);
	like->instance_type = or_else(t->instance_type, like->instance_type);
	like->gpu_model = or_else(t->gpu_model, like->gpu_model);
	like->pricing = or_else(t->pricing, or_else(like->pricing, "on_demand"));
	if (t->gpus > 0)
		like->gpus = t->gpus;
}

/* Whether it is still the same capacity, paid in the same way: at another price, say. */
static bool stays(const tt_terms *t)
{
	return !*t->provider && !*t->region && !*t->instance_type && !*t->gpu_model &&
	       !*t->pricing;
}

/* On other terms a node on demand is another item, and one that was spot may be one. */
static int item_of_segment(tt_held *h, size_t node, const tt_segment *g, size_t *ret,
			   tt_err *err)
{
	tt_node_row like = *tt_node_at(h->s, node);
	const tt_node_price price = { .price_per_hour = g->price_per_hour, .table = "nodes",
				      .as_of_s = TT_TIME_MISSING };

	if (!g->terms)
		return item_of_node(h, node, ret, err);
	*ret = SIZE_MAX;
	put_on_terms(&like, g->terms);
	if (strcmp(like.pricing, "on_demand") != 0 ||
	    (stays(g->terms) && tt_held_way_of(h->s, node) == TT_HELD_NOT))
		return TT_OK;
	return find_item(h, &like, TT_HELD_ON_DEMAND, &price, ret, err);
}

/* Of capacity that is no node. Reserved, it has units of the rows like any node of its kind. */
static int item_of_capacity(tt_held *h, const tt_segment *g, size_t *ret, tt_err *err)
{
	tt_node_row like = { .provider = "", .region = "", .instance_type = "",
			     .gpu_model = "", .pricing = "", .gpus = (double)NAN,
			     .price_per_hour = TT_DECIMAL_MISSING };
	tt_node_price price = { .price_per_hour = g->price_per_hour, .table = "nodes",
				.as_of_s = TT_TIME_MISSING };

	*ret = SIZE_MAX;
	if (!g->terms)
		return TT_OK;
	put_on_terms(&like, g->terms);
	const enum tt_held_way way = way_of(h->s, &like, false);
	if (way == TT_HELD_RESERVED)
		price_beyond_of_kind(h, &like, &price);
	return find_item(h, &like, way, &price, ret, err);
}

/* --- Usage ------------------------------------------------------------------------------ */

/* The hours of the group that is told, of an item. */
static int64_t *used_by(tt_held *h, tt_held_item *it)
{
	if (!it->used_by)
		it->used_by = tt_arena_alloc(h->arena, h->n_groups * sizeof *it->used_by);
	if (it->used_by && !it->used_by[h->group])
		it->used_by[h->group] = tt_arena_alloc(h->arena, (h->hours + 1) *
						       sizeof **it->used_by);
	return it->used_by ? it->used_by[h->group] : NULL;
}

static int use_hour(tt_held *h, size_t item, size_t hour, int64_t micro_s, tt_err *err)
{
	tt_held_item *it = &h->items[item];

	if (h->group < h->n_groups) {
		int64_t *of = used_by(h, it);

		if (!of)
			return tt_no_memory(err);
		of[hour] += micro_s;
	}
	if (__builtin_add_overflow(it->used[hour], micro_s, &it->used[hour]))
		return tt_fail(err, TT_EDATA, "more usage than can be metered");
	it->stale[hour] = it->touched = true;
	if (!h->trying)
		return TT_OK;
	if (!TT_GROW(h->edits, h->n_edits, h->cap_edits))
		return tt_no_memory(err);
	h->edits[h->n_edits++] = (struct tt_held_edit){ (uint32_t)item, (uint32_t)hour,
							     h->group, micro_s };
	return TT_OK;
}

static int use_segment(tt_held *h, size_t node, size_t item, const tt_segment *g, int sign,
		       tt_held_taken *ret, tt_err *err)
{
	int64_t from_s = g->from_s, to_s, sum = 0;

	for (; from_s < g->to_s; from_s = to_s) {
		const int64_t hour = from_s / TT_HELD_HOUR_S - (from_s % TT_HELD_HOUR_S < 0);
		tt_i128 micro_s;

		to_s = (hour + 1) * TT_HELD_HOUR_S;
		if (to_s > g->to_s)
			to_s = g->to_s;
		micro_s = (tt_i128)(to_s - from_s) * MICRO * g->nodes;
		if (g->paid_u9 != TT_U9_ONE)
			micro_s = tt_div_half_even(micro_s * (tt_i128)g->paid_u9,
						   (tt_i128)TT_U9_ONE);
		if (micro_s >> 60)
			return tt_fail(err, TT_EDATA, "more usage than can be metered");
		sum += (int64_t)micro_s;
		TT_TRY(use_hour(h, item, (size_t)(hour - h->first_hour), sign * (int64_t)micro_s,
				err));
	}
	ret->metered = true;
	ret->list += sum * h->items[item].price_per_hour;
	if (sign < 0 || h->items[item].way == TT_HELD_OWN_PRICE || node == SIZE_MAX)
		return TT_OK;
	if (!TT_GROW(h->uses, h->n_uses, h->cap_uses))
		return tt_no_memory(err);
	h->uses[h->n_uses++] = (struct tt_held_use){ (uint32_t)node, (uint32_t)item, sum };
	return TT_OK;
}

/* Its metered segments; the others into `rest`. */
static int take(tt_held *h, size_t node, const tt_segments *s, int sign, tt_segments *rest,
		tt_held_taken *ret, tt_err *err)
{
	size_t item;

	for (size_t i = 0; i < s->n; i++) {
		TT_TRY(item_of_segment(h, node, &s->v[i], &item, err));
		if (item == SIZE_MAX || !h->items[item].covered) {
			TT_TRY(tt_segments_add(rest, &s->v[i], err));
			continue;
		}
		TT_TRY(use_segment(h, node, item, &s->v[i], sign, ret, err));
		if (h->items[item].way != TT_HELD_OWN_PRICE)
			continue;
		ret->metered = false;
		ret->list = 0;
		TT_TRY(tt_segments_add(rest, &s->v[i], err));
	}
	return TT_OK;
}

int tt_held_node(tt_held *h, const tt_case *c, const tt_residents *r, size_t node,
		 tt_decimal price_per_hour, int sign, tt_held_taken *ret, tt_err *err)
{
	TT_CLEANUP(tt_segments_free) tt_segments s = { 0 };

	TT_TRY(tt_node_segments(c, r, node, price_per_hour, &s, err));
	return tt_held_segments(h, node, &s, sign, ret, err);
}

int tt_held_segments(tt_held *h, size_t node, const tt_segments *s, int sign, tt_held_taken *ret,
		     tt_err *err)
{
	TT_CLEANUP(tt_segments_free) tt_segments rest = { 0 };

	*ret = (tt_held_taken){ .cost_micro = TT_MONEY_UNKNOWN, .paid_s = tt_segments_length_s(s) };
	if (!h)
		return tt_segments_cost(s, &ret->cost_micro, err);
	TT_TRY(take(h, node, s, sign, &rest, ret, err));
	return tt_segments_cost(&rest, &ret->cost_micro, err);
}

int tt_held_take(tt_held *h, size_t node, const tt_segments *s, int sign, tt_segments *rest,
		 tt_err *err)
{
	tt_held_taken taken = { 0 };

	return take(h, node, s, sign, rest, &taken, err);
}

int tt_held_capacity(tt_held *h, const tt_segments *s, int sign, tt_segments *rest,
		     int64_t *ret_listed_micro, tt_err *err)
{
	tt_held_taken taken = { 0 };
	size_t item = SIZE_MAX;

	for (size_t i = 0; i < s->n; i++) {
		if (h && (!i || s->v[i].terms != s->v[i - 1].terms ||
			  s->v[i].price_per_hour != s->v[i - 1].price_per_hour))
			TT_TRY(item_of_capacity(h, &s->v[i], &item, err));
		if (item == SIZE_MAX || !h->items[item].covered)
			TT_TRY(tt_segments_add(rest, &s->v[i], err));
		else
			TT_TRY(use_segment(h, SIZE_MAX, item, &s->v[i], sign, &taken, err));
	}
	*ret_listed_micro = (int64_t)tt_div_half_even(taken.list, TT_METERING_MICRO);
	return TT_OK;
}

int tt_held_capacity_cost(tt_held *h, const tt_segments *s, int sign, int64_t *ret_micro,
			  int64_t *ret_listed_micro, tt_err *err)
{
	TT_CLEANUP(tt_segments_free) tt_segments rest = { 0 };

	TT_TRY(tt_held_capacity(h, s, sign, &rest, ret_listed_micro, err));
	return tt_segments_cost(&rest, ret_micro, err);
}

bool tt_held_meters(const tt_held *h, size_t node)
{
	const uint32_t number = h->item_of_node[node];

	return number && number != UINT32_MAX && h->items[number - 1].covered &&
	       h->items[number - 1].way != TT_HELD_OWN_PRICE;
}

int tt_held_meters_capacity(tt_held *h, const tt_terms *t, bool *ret, tt_err *err)
{
	tt_segment one = { .terms = t };
	size_t item;

	TT_TRY(tt_terms_price(&t, 1, TT_DECIMAL_MISSING, &one.price_per_hour, err));
	TT_TRY(item_of_capacity(h, &one, &item, err));
	*ret = item != SIZE_MAX && h->items[item].covered;
	return TT_OK;
}

bool tt_held_beside_of(const tt_held *h, size_t i, tt_held_beside *ret)
{
	size_t at = 0;

	for (; at < h->n_items; at++) {
		if (h->items[at].covered && h->items[at].way != TT_HELD_OWN_PRICE && !i--)
			break;
	}
	if (at == h->n_items)
		return false;
	*ret = (tt_held_beside){ .like = &h->items[at].like,
				 .price_per_hour = h->items[at].price_per_hour,
				 .first_s = h->first_hour * TT_HELD_HOUR_S, .hours = h->hours,
				 .cost = h->items[at].cost };
	return true;
}

int64_t tt_held_fixed_micro(const tt_held *h)
{
	return h->commitments_micro - h->own_micro;
}

/* --- Trying ------------------------------------------------------------------------------ */

void tt_held_begin(tt_held *h)
{
	h->trying = true;
	h->n_edits = h->n_was = 0;
	h->n_uses_before = h->n_uses;
}

void tt_held_keep(tt_held *h)
{
	h->trying = false;
}

void tt_held_undo(tt_held *h)
{
	h->trying = false;
	for (size_t i = h->n_edits; i-- > 0;) {
		const struct tt_held_edit *e = &h->edits[i];
		tt_held_item *it = &h->items[e->item];

		it->used[e->hour] -= e->used;
		if (e->group < h->n_groups)
			it->used_by[e->group][e->hour] -= e->used;
	}
	for (size_t i = h->n_was; i-- > 0;) {
		tt_held_item *it = &h->items[h->was[i].item];
		tt_i128 *cost = &it->cost[h->was[i].hour];

		it->sum += h->was[i].cost - *cost;
		*cost = h->was[i].cost;
	}
	h->n_edits = h->n_was = 0;
	h->n_uses = h->n_uses_before;
}

/* --- Made and freed ------------------------------------------------------------------------ */

static int hour_of(int64_t t, int64_t *ret_hour)
{
	*ret_hour = t / TT_HELD_HOUR_S - (t % TT_HELD_HOUR_S < 0);
	return t % TT_HELD_HOUR_S != 0;
}

static void mark_edge(tt_held *h, int64_t at_s)
{
	int64_t hour;

	if (at_s == TT_TIME_MISSING || at_s < h->s->start_s || at_s > h->s->end_s)
		return;
	hour_of(at_s, &hour);
	for (int64_t i = hour - h->first_hour; i <= hour - h->first_hour + 1; i++) {
		if (i >= 0 && (size_t)i < h->hours)
			h->edge[i] = true;
	}
}

static int open_hours(tt_held *h, tt_err *err)
{
	int64_t last;

	hour_of(h->s->start_s, &h->first_hour);
	last = hour_of(h->s->end_s, &last) ? last + 1 : last;
	h->hours = (size_t)(last - h->first_hour);
	h->edge = tt_arena_alloc(h->arena, (h->hours + 1) * sizeof *h->edge);
	h->item_of_node = tt_arena_alloc(h->arena, (h->s->table[TT_NODES].n + 1) *
					 sizeof *h->item_of_node);
	if (!h->edge || !h->item_of_node)
		return tt_no_memory(err);
	mark_edge(h, h->s->start_s);
	mark_edge(h, h->s->end_s);
	for (size_t i = 0; i < h->n_commitments; i++) {
		mark_edge(h, h->commitments[i].m.starts_s);
		mark_edge(h, h->commitments[i].m.ends_s);
	}
	return TT_OK;
}

int tt_held_make(const tt_case *c, tt_held **ret, tt_err *err)
{
	return tt_held_make_ahead(c, NULL, ret, err);
}

int tt_held_make_ahead(const tt_case *c, const tt_held_ahead *ahead, tt_held **ret, tt_err *err)
{
	TT_CLEANUP(tt_held_freep) tt_held *h = NULL;

	*ret = NULL;
	if (!c->snapshot->table[TT_COMMITMENTS].n && !c->n_deals)
		return TT_OK;
	h = tt_zalloc(1, sizeof *h);
	if (!h || !(h->arena = tt_arena_new()) || !(h->words = tt_names_new()))
		return tt_no_memory(err);
	h->s = c->snapshot;
	h->is_ahead = ahead != NULL;
	if (ahead)
		h->ahead = *ahead;
	TT_TRY(tt_held_collect(h, c, err));
	TT_TRY(open_hours(h, err));
	*ret = h;
	h = NULL;
	return TT_OK;
}

void tt_held_free(tt_held *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->n_islands; i++) {
		tt_metering_sums_free(h->islands[i].s);
		tt_metering_free(h->islands[i].m);
	}
	tt_free(h->commitments);
	tt_free(h->notes);
	tt_free(h->items);
	tt_free(h->uses);
	tt_free(h->edits);
	tt_free(h->was);
	tt_names_free(h->words);
	tt_arena_free(h->shape);
	tt_arena_free(h->arena);
	tt_free(h);
}

void tt_held_freep(tt_held **h)
{
	tt_held_free(*h);
	*h = NULL;
}
