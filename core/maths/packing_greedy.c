#include "maths/packing_greedy.h"
#include "base/memory.h"
#include "base/money.h"
#include <stdlib.h>
#include <string.h>

/* Largest share of a net bin that a size takes, in 2^-30. */
static uint64_t largest_share(const tt_pack_plan *plan, const int64_t *size, size_t kind)
{
	uint64_t most = 0;

	for (size_t d = 0; d < plan->p->n_dims; d++) {
		if (size[d] == 0)
			continue;

		const tt_u128 net = (tt_u128)plan->net[kind][d];
		const uint64_t share = (uint64_t)(((tt_u128)size[d] << 30) / net);

		most = share > most ? share : most;
	}
	return most;
}

/* TT_PACK_NOWHERE: none can be opened. */
static size_t kind_for(const tt_packing *s, const tt_pack_group *g, enum tt_pack_rule rule)
{
	const tt_pack_plan *plan = s->plan;
	size_t best = TT_PACK_NOWHERE;
	tt_u128 least = 0;

	for (size_t k = 0; k < plan->p->n_kinds; k++) {
		if (!tt_packing_may_open(s, g, k))
			continue;

		tt_u128 cost = (tt_u128)plan->p->kinds[k].cost;

		if (rule == TT_PACK_CHEAPEST_SHARE)
			cost *= largest_share(plan, g->item->size, k);
		if (best == TT_PACK_NOWHERE || cost < least) {
			best = k;
			least = cost;
		}
	}
	return best;
}

void tt_pack_first_fit(tt_packing *s, enum tt_pack_rule rule)
{
	for (size_t i = 0; i < s->plan->n_groups; i++) {
		const tt_pack_group *g = &s->plan->groups[i];
		size_t b = 0; /* where one of them does not fit, the next does not either */

		for (size_t pos = g->first; pos < g->first + g->n; pos++) {
			if (s->at[pos] != TT_PACK_NOWHERE)
				continue;
			while (b < s->n_bins && !tt_packing_fits(s, g, b))
				b++;
			if (b == s->n_bins) {
				const size_t kind = kind_for(s, g, rule);

				if (kind == TT_PACK_NOWHERE)
					break;
				tt_packing_open(s, kind);
			}
			tt_packing_put(s, pos, b);
		}
	}
}

/* --- By the dot product --------------------------------------------------------- */

typedef struct rest {                   /* what has no place yet */
	size_t *next;                   /* next position of each group */
	int64_t weight[TT_PACK_DIMS];   /* sum of sizes */
} rest;

/* A share of the largest bin in 2^-20; sums of them may be above 1. */
static uint64_t scaled(const tt_pack_plan *plan, int64_t v, size_t d)
{
	if (v <= 0 || plan->largest[d] == 0)
		return 0;
	return (uint64_t)(((tt_u128)v << 20) / (tt_u128)plan->largest[d]);
}

static tt_u128 score(const tt_packing *s, const rest *r, const int64_t *size, size_t bin)
{
	tt_u128 sum = 0;

	for (size_t d = 0; d < s->plan->p->n_dims; d++)
		sum += (tt_u128)scaled(s->plan, r->weight[d], d) * scaled(s->plan, size[d], d) *
		       scaled(s->plan, s->bins[bin].room[d], d);
	return sum;
}

static size_t best_group(const tt_packing *s, const rest *r, size_t bin)
{
	const tt_pack_plan *plan = s->plan;
	size_t best = TT_PACK_NOWHERE;
	tt_u128 most = 0;

	for (size_t i = 0; i < plan->n_groups; i++) {
		const tt_pack_group *g = &plan->groups[i];

		if (r->next[i] == g->first + g->n || !tt_packing_fits(s, g, bin))
			continue;

		const tt_u128 value = score(s, r, g->item->size, bin);

		if (best == TT_PACK_NOWHERE || value > most ||
		    (value == most && plan->order[g->first] <
		                      plan->order[plan->groups[best].first])) {
			best = i;
			most = value;
		}
	}
	return best;
}

static void weigh(const tt_pack_plan *plan, rest *r)
{
	memset(r->weight, 0, sizeof r->weight);
	for (size_t i = 0; i < plan->n_groups; i++) {
		const tt_pack_group *g = &plan->groups[i];

		for (size_t d = 0; d < plan->p->n_dims; d++)
			r->weight[d] += (int64_t)(g->first + g->n - r->next[i]) *
			                g->item->size[d];
	}
}

/* Fill the bin; into placed[] the positions. */
static size_t fill(tt_packing *s, rest *r, size_t bin, size_t *placed)
{
	size_t n = 0;

	weigh(s->plan, r);
	for (size_t g; (g = best_group(s, r, bin)) != TT_PACK_NOWHERE;) {
		placed[n] = r->next[g]++;
		tt_packing_put(s, placed[n++], bin);
	}
	return n;
}

static void unfill(tt_packing *s, rest *r, const size_t *placed, size_t n)
{
	while (n) {
		const size_t pos = placed[--n];

		r->next[s->plan->group_of[pos]]--;
		tt_packing_take(s, pos);
	}
}

/* The kind whose fill costs least per share of the largest bin. */
static size_t best_kind(tt_packing *s, rest *r, size_t *placed)
{
	const tt_pack_problem *p = s->plan->p;
	size_t best = TT_PACK_NOWHERE;
	tt_u128 cost = 0, share = 0;

	for (size_t k = 0; k < p->n_kinds; k++) {
		if (s->opened[k] >= p->kinds[k].most)
			continue;

		const size_t bin = tt_packing_open(s, k);
		const size_t n = fill(s, r, bin, placed);
		tt_u128 filled = 1; /* items of no size count too */

		for (size_t i = 0; i < n; i++)
			filled += s->plan->groups[s->plan->group_of[placed[i]]].share;
		unfill(s, r, placed, n);
		tt_packing_close_last(s);
		if (n && (best == TT_PACK_NOWHERE ||
		          (tt_u128)p->kinds[k].cost * share < cost * filled)) {
			best = k;
			cost = (tt_u128)p->kinds[k].cost;
			share = filled;
		}
	}
	return best;
}

int tt_pack_dot(tt_packing *s, tt_err *err)
{
	const tt_pack_plan *plan = s->plan;
	TT_CLEANUP(tt_freep) size_t *next = tt_alloc(plan->n_groups * sizeof *next);
	TT_CLEANUP(tt_freep) size_t *placed = tt_alloc(plan->n * sizeof *placed);
	rest r = { .next = next };

	if (!next || !placed)
		return tt_no_memory(err);
	for (size_t g = 0; g < plan->n_groups; g++)
		next[g] = plan->groups[g].first;
	for (size_t b = 0; b < s->n_bins; b++)
		fill(s, &r, b, placed);
	for (size_t kind; s->n_left;) {
		kind = best_kind(s, &r, placed);
		if (kind == TT_PACK_NOWHERE)
			break;
		fill(s, &r, tt_packing_open(s, kind), placed);
	}
	return TT_OK;
}

/* --- Removal --------------------------------------------------------------------- */

/* Where the item leaves least room. */
static size_t best_fit(const tt_packing *s, const tt_pack_group *g, size_t except)
{
	size_t best = TT_PACK_NOWHERE;
	uint64_t least = 0;

	for (size_t b = 0; b < s->n_bins; b++) {
		if (b == except || !tt_packing_fits(s, g, b))
			continue;

		const uint64_t room = tt_pack_share(s->plan, s->bins[b].room);

		if (best == TT_PACK_NOWHERE || room < least) {
			best = b;
			least = room;
		}
	}
	return best;
}

/* Fill the hole that a closed bin leaves in the numbers. */
static void close_bin(tt_packing *s, size_t bin)
{
	const size_t last = s->n_bins - 1;
	const tt_pack_open closed = s->bins[bin];

	for (size_t pos = 0; pos < s->plan->n; pos++)
		if (s->at[pos] == last)
			s->at[pos] = bin;
	s->bins[bin] = s->bins[last];
	s->bins[last] = closed;
	tt_packing_close_last(s);
}

/* `inside`: positions in the bin, from the first group on. */
static bool empty_bin(tt_packing *s, size_t bin, const size_t *inside, size_t n)
{
	size_t moved = 0;

	for (; moved < n; moved++) {
		const size_t pos = inside[moved];
		const size_t to = best_fit(s, &s->plan->groups[s->plan->group_of[pos]], bin);

		if (to == TT_PACK_NOWHERE)
			break;
		tt_packing_take(s, pos);
		tt_packing_put(s, pos, to);
	}
	if (moved == n) {
		close_bin(s, bin);
		return true;
	}
	while (moved) {
		tt_packing_take(s, inside[--moved]);
		tt_packing_put(s, inside[moved], bin);
	}
	return false;
}

/* The bin becomes one of the cheapest kind that holds the same. */
static void cheapen(tt_packing *s, size_t bin, const size_t *inside, size_t n)
{
	const tt_pack_problem *p = s->plan->p;
	const size_t old = s->bins[bin].kind;
	size_t best = old;
	tt_pack_open *b = &s->bins[bin];
	int64_t used[TT_PACK_DIMS];
	uint64_t kinds = UINT64_MAX;

	for (size_t d = 0; d < TT_PACK_DIMS; d++)
		used[d] = s->plan->net[old][d] - b->room[d];
	for (size_t i = 0; i < n; i++)
		kinds &= s->plan->groups[s->plan->group_of[inside[i]]].kinds;
	for (size_t k = 0; k < p->n_kinds; k++)
		if (tt_pack_allowed(kinds, k) && s->opened[k] < p->kinds[k].most &&
		    p->kinds[k].cost < p->kinds[best].cost &&
		    tt_pack_fits(used, s->plan->net[k], p->n_dims))
			best = k;
	s->opened[old]--;
	s->opened[best]++;
	s->cost += p->kinds[best].cost - p->kinds[old].cost;
	b->kind = best;
	for (size_t d = 0; d < TT_PACK_DIMS; d++)
		b->room[d] = s->plan->net[best][d] - used[d];
}

/* Positions of each bin, in order: those of bin b from start[b] to start[b + 1]. */
static void list_bins(const tt_packing *s, size_t *start, size_t *list)
{
	memset(start, 0, (s->n_bins + 2) * sizeof *start);
	for (size_t pos = 0; pos < s->plan->n; pos++)
		if (s->at[pos] != TT_PACK_NOWHERE)
			start[s->at[pos] + 2]++;
	for (size_t b = 0; b < s->n_bins; b++)
		start[b + 2] += start[b + 1];
	for (size_t pos = 0; pos < s->plan->n; pos++)
		if (s->at[pos] != TT_PACK_NOWHERE)
			list[start[s->at[pos] + 1]++] = pos;
}

typedef struct victim {
	uint64_t room;
	size_t bin;
} victim;

static int emptiest(const void *pa, const void *pb)
{
	const victim *a = pa, *b = pb;

	if (a->room != b->room)
		return a->room > b->room ? -1 : 1;
	return (a->bin > b->bin) - (a->bin < b->bin);
}

/* One bin less, the emptiest that can go; false: none can. */
static bool remove_one(tt_packing *s, size_t *start, size_t *list, victim *v)
{
	const size_t n_old = s->plan->p->n_bins, n = s->n_bins - n_old;

	list_bins(s, start, list);
	for (size_t i = 0; i < n; i++)
		v[i] = (victim){ .room = tt_pack_share(s->plan, s->bins[n_old + i].room),
		                 .bin = n_old + i };
	if (n)
		qsort(v, n, sizeof *v, emptiest);
	for (size_t i = 0; i < n; i++) {
		const size_t b = v[i].bin;

		if (empty_bin(s, b, list + start[b], start[b + 1] - start[b]))
			return true;
	}
	return false;
}

int tt_pack_remove(tt_packing *s, tt_err *err)
{
	const size_t most = s->plan->p->n_bins + s->plan->n;
	TT_CLEANUP(tt_freep) size_t *start = tt_alloc((most + 2) * sizeof *start);
	TT_CLEANUP(tt_freep) size_t *list = tt_alloc(s->plan->n * sizeof *list);
	TT_CLEANUP(tt_freep) victim *v = tt_alloc(s->plan->n * sizeof *v);

	if (!start || !list || !v)
		return tt_no_memory(err);
	while (remove_one(s, start, list, v))
		;
	list_bins(s, start, list);
	for (size_t b = s->plan->p->n_bins; b < s->n_bins; b++)
		cheapen(s, b, list + start[b], start[b + 1] - start[b]);
	if (s->n_left)
		tt_pack_first_fit(s, TT_PACK_CHEAPEST_BIN);
	return TT_OK;
}
