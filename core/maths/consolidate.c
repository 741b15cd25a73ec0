#include "maths/consolidate.h"
#include "base/memory.h"
#include "base/money.h"
#include "maths/packing_plan.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct vector {
	int64_t v[TT_PACK_DIMS];
} vector;

typedef struct work {
	const tt_consolidate_problem *p;
	tt_pack_problem whole;
	tt_pack_plan plan;      /* of it, for its checks and shares */
	tt_pack_bin *bins;      /* of the problem, without what is only ours */
	tt_pack_kind *kinds;    /* that can't be opened */
	vector *room;           /* of each bin */
	size_t *at;
	bool *gone;
	size_t *order;          /* items by falling size */
	size_t *maybe; size_t n_maybe; /* bins that could go, in the order they are tried */
	/* of the search: */
	tt_pack_bin *rest;
	size_t *rest_number;    /* bin of each of `rest`, and the way back */
	size_t *rest_of_bin;
	tt_pack_item *moved;
	size_t *moved_number;
	bool *best_gone;
	size_t *best_at;
	int64_t best_saving, best_disruption;
	uint64_t steps;
	bool unsure;
} work;

static void work_free(work *w)
{
	void *const all[] = { w->bins, w->kinds, w->room, w->at, w->gone, w->order, w->maybe,
	                      w->rest, w->rest_number, w->rest_of_bin, w->moved, w->moved_number,
	                      w->best_gone, w->best_at };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		tt_free(all[i]);
	tt_pack_plan_free(&w->plan);
}

static bool work_alloc(work *w, size_t n_kinds, size_t n_bins, size_t n_items)
{
	w->kinds = tt_alloc(n_kinds * sizeof *w->kinds);
	w->bins = tt_alloc(n_bins * sizeof *w->bins);
	w->room = tt_alloc(n_bins * sizeof *w->room);
	w->gone = tt_zalloc(n_bins, sizeof *w->gone);
	w->best_gone = tt_zalloc(n_bins, sizeof *w->best_gone);
	w->maybe = tt_alloc(n_bins * sizeof *w->maybe);
	w->rest = tt_alloc(n_bins * sizeof *w->rest);
	w->rest_number = tt_alloc(n_bins * sizeof *w->rest_number);
	w->rest_of_bin = tt_alloc(n_bins * sizeof *w->rest_of_bin);
	w->at = tt_alloc(n_items * sizeof *w->at);
	w->best_at = tt_alloc(n_items * sizeof *w->best_at);
	w->order = tt_alloc(n_items * sizeof *w->order);
	w->moved = tt_alloc(n_items * sizeof *w->moved);
	w->moved_number = tt_alloc(n_items * sizeof *w->moved_number);
	return w->kinds && w->bins && w->room && w->gone && w->best_gone && w->maybe && w->rest &&
	       w->rest_number && w->rest_of_bin && w->at && w->best_at && w->order &&
	       w->moved && w->moved_number;
}

static int check(const tt_consolidate_problem *p, tt_err *err)
{
	for (size_t b = 0; b < p->n_bins; b++)
		if (p->bins[b].saving < 0 || p->bins[b].saving > TT_PACK_LARGEST ||
		    p->bins[b].disruption < 0 || p->bins[b].disruption > TT_PACK_LARGEST)
			return tt_fail(err, TT_EINVAL,
			               "bin %zu: saving %lld, disruption %lld, expected 0 to 2^44",
			               b, (long long)p->bins[b].saving,
			               (long long)p->bins[b].disruption);
	for (size_t i = 0; i < p->n_items; i++)
		if (p->at[i] >= p->n_bins)
			return tt_fail(err, TT_EINVAL, "item %zu: in bin %zu of %zu", i, p->at[i],
			               p->n_bins);
	return TT_OK;
}

typedef struct sized {
	uint64_t share;
	size_t item;
} sized;

static int largest_first(const void *pa, const void *pb)
{
	const sized *a = pa, *b = pb;

	if (a->share != b->share)
		return a->share > b->share ? -1 : 1;
	return (a->item > b->item) - (a->item < b->item);
}

static int order_items(work *w, tt_err *err)
{
	const tt_consolidate_problem *p = w->p;
	TT_CLEANUP(tt_freep) sized *v = tt_alloc(p->n_items * sizeof *v);

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < p->n_items; i++)
		v[i] = (sized){ tt_pack_share(&w->plan, p->items[i].size), i };
	if (p->n_items)
		qsort(v, p->n_items, sizeof *v, largest_first);
	for (size_t i = 0; i < p->n_items; i++)
		w->order[i] = v[i].item;
	return TT_OK;
}

static void add(const work *w, size_t item, size_t bin, int64_t sign)
{
	for (size_t d = 0; d < w->p->n_dims; d++)
		w->room[bin].v[d] -= sign * w->p->items[item].size[d];
}

/* The problem as it is: rooms with everything in place. */
static int open_work(work *w, tt_err *err)
{
	const tt_consolidate_problem *p = w->p;

	for (size_t k = 0; k < p->n_kinds; k++) {
		w->kinds[k] = p->kinds[k];
		w->kinds[k].most = 0;
	}
	for (size_t b = 0; b < p->n_bins; b++)
		w->bins[b] = p->bins[b].bin;

	w->whole = (tt_pack_problem){ .n_dims = p->n_dims, .n_kinds = p->n_kinds,
	                              .n_bins = p->n_bins, .n_items = p->n_items,
	                              .kinds = w->kinds, .bins = w->bins, .items = p->items };
	TT_TRY(tt_pack_plan_make(&w->whole, &w->plan, err));
	for (size_t b = 0; b < p->n_bins; b++)
		for (size_t d = 0; d < p->n_dims; d++)
			w->room[b].v[d] = w->plan.net[w->bins[b].kind][d] - w->bins[b].load[d];
	for (size_t i = 0; i < p->n_items; i++) {
		w->at[i] = p->at[i];
		add(w, i, p->at[i], 1);
	}
	return order_items(w, err);
}

/* --- One by one ------------------------------------------------------------------ */

/* Where the item leaves least room; SIZE_MAX: nowhere but in `except`. */
static size_t best_fit(const work *w, size_t item, size_t except)
{
	const tt_pack_item *it = &w->p->items[item];
	size_t best = SIZE_MAX;
	uint64_t least = 0;

	for (size_t b = 0; b < w->p->n_bins; b++) {
		if (b == except || w->gone[b] || !tt_pack_allowed(it->kinds, w->bins[b].kind) ||
		    !tt_pack_fits(it->size, w->room[b].v, w->p->n_dims))
			continue;

		const uint64_t room = tt_pack_share(&w->plan, w->room[b].v);

		if (best == SIZE_MAX || room < least) {
			best = b;
			least = room;
		}
	}
	return best;
}

static void move(work *w, size_t item, size_t to)
{
	add(w, item, w->at[item], -1);
	add(w, item, to, 1);
	w->at[item] = to;
}

/* Move everything out of it, or nothing. */
static bool empty(work *w, size_t bin)
{
	size_t n = 0;

	for (size_t i = 0; i < w->p->n_items; i++) {
		const size_t item = w->order[i];

		if (w->at[item] != bin)
			continue;

		const size_t to = best_fit(w, item, bin);

		if (to == SIZE_MAX) {
			while (n)
				move(w, w->moved_number[--n], bin);
			return false;
		}
		move(w, item, to);
		w->moved_number[n++] = item;
	}
	return true;
}

typedef struct candidate {
	int64_t saving, disruption;
	size_t bin;
} candidate;

/* Least disruption for its saving; of equals what saves more, then the lower bin. */
static int easiest(const void *pa, const void *pb)
{
	const candidate *a = pa, *b = pb;
	const tt_i128 x = (tt_i128)a->disruption * b->saving;
	const tt_i128 y = (tt_i128)b->disruption * a->saving;

	if (x != y)
		return x < y ? -1 : 1;
	if (a->saving != b->saving)
		return a->saving > b->saving ? -1 : 1;
	return (a->bin > b->bin) - (a->bin < b->bin);
}

/* Bins that could go: they save something, and none of their items is without another bin
 * that has room for it now. (Whatever else goes, less room is left.) */
static int find_candidates(work *w, tt_err *err)
{
	const tt_consolidate_problem *p = w->p;
	TT_CLEANUP(tt_freep) candidate *v = tt_alloc(p->n_bins * sizeof *v);
	TT_CLEANUP(tt_freep) bool *stuck = tt_zalloc(p->n_bins, sizeof *stuck);

	if (!v || !stuck)
		return tt_no_memory(err);
	for (size_t i = 0; i < p->n_items; i++)
		if (!p->bins[p->at[i]].stays && !stuck[p->at[i]])
			stuck[p->at[i]] = best_fit(w, i, p->at[i]) == SIZE_MAX;
	for (size_t b = 0; b < p->n_bins; b++)
		if (!p->bins[b].stays && !stuck[b] && p->bins[b].saving > 0)
			v[w->n_maybe++] = (candidate){ p->bins[b].saving, p->bins[b].disruption,
			                               b };
	if (w->n_maybe)
		qsort(v, w->n_maybe, sizeof *v, easiest);
	for (size_t i = 0; i < w->n_maybe; i++)
		w->maybe[i] = v[i].bin;
	return TT_OK;
}

static void keep(work *w, const bool *gone, const size_t *at, int64_t saving, int64_t disruption)
{
	memmove(w->best_gone, gone, w->p->n_bins * sizeof *gone);
	memmove(w->best_at, at, w->p->n_items * sizeof *at);
	w->best_saving = saving;
	w->best_disruption = disruption;
}

static void empty_greedily(work *w)
{
	int64_t saving = 0, disruption = 0;

	for (size_t i = 0; i < w->n_maybe; i++) {
		const size_t b = w->maybe[i];

		if (!empty(w, b))
			continue;
		w->gone[b] = true;
		saving += w->p->bins[b].saving;
		disruption += w->p->bins[b].disruption;
	}
	keep(w, w->gone, w->at, saving, disruption);
}

/* --- The bound --------------------------------------------------------------------- */

typedef struct weighted {
	int64_t saving, weight;
} weighted;

static int dearest(const void *pa, const void *pb)
{
	const weighted *a = pa, *b = pb;
	const tt_i128 x = (tt_i128)a->saving * b->weight, y = (tt_i128)b->saving * a->weight;

	if (x != y)
		return x > y ? -1 : 1;
	return (a->weight > b->weight) - (a->weight < b->weight);
}

/* In each dimension what leaves must fit the room of what stays: a bin that goes uses up what
 * it holds and its own room. The most that fits so, the last of them in part. */
static int find_bound(const work *w, int64_t *ret, tt_err *err)
{
	const tt_consolidate_problem *p = w->p;
	TT_CLEANUP(tt_freep) weighted *v = tt_alloc(w->n_maybe * sizeof *v);
	TT_CLEANUP(tt_freep) int64_t *held = tt_alloc(p->n_bins * sizeof *held);
	int64_t least = 0;

	if (!v || !held)
		return tt_no_memory(err);
	for (size_t i = 0; i < w->n_maybe; i++)
		least += p->bins[w->maybe[i]].saving;
	for (size_t d = 0; d < p->n_dims; d++) {
		int64_t left = 0, sum = 0;

		memset(held, 0, p->n_bins * sizeof *held);
		for (size_t i = 0; i < p->n_items; i++)
			held[p->at[i]] += p->items[i].size[d];
		for (size_t b = 0; b < p->n_bins; b++)
			left += w->room[b].v[d] > 0 ? w->room[b].v[d] : 0;
		for (size_t i = 0; i < w->n_maybe; i++) {
			const size_t b = w->maybe[i];
			const int64_t room = w->room[b].v[d] > 0 ? w->room[b].v[d] : 0;

			v[i] = (weighted){ p->bins[b].saving, held[b] + room };
		}
		if (w->n_maybe)
			qsort(v, w->n_maybe, sizeof *v, dearest);
		for (size_t i = 0; i < w->n_maybe; i++) {
			if (v[i].weight > left) {
				sum += (int64_t)((tt_i128)v[i].saving * left / v[i].weight);
				break;
			}
			left -= v[i].weight;
			sum += v[i].saving;
		}
		least = sum < least ? sum : least;
	}
	*ret = least;
	return TT_OK;
}

/* --- Every set that could be better -------------------------------------------------- */

static void add_load(int64_t *load, const int64_t *size, size_t n_dims)
{
	for (size_t d = 0; d < n_dims; d++) /* no bin is larger than that */
		load[d] = load[d] > TT_PACK_LARGEST - size[d] ? TT_PACK_LARGEST
		                                              : load[d] + size[d];
}

/* The bins that stay, with what stays in them, and the items that must move there. */
static tt_pack_problem rest_of(work *w)
{
	const tt_consolidate_problem *p = w->p;
	tt_pack_problem ret = { .n_dims = p->n_dims, .n_kinds = p->n_kinds, .kinds = w->kinds,
	                        .bins = w->rest, .items = w->moved,
	                        .exact_groups = TT_PACK_EXACT_GROUPS,
	                        .steps = (p->steps - w->steps) / 16, .all_or_nothing = true };

	for (size_t b = 0; b < p->n_bins; b++) {
		if (w->gone[b])
			continue;
		w->rest_of_bin[b] = ret.n_bins;
		w->rest_number[ret.n_bins] = b;
		w->rest[ret.n_bins++] = w->bins[b];
	}
	for (size_t i = 0; i < p->n_items; i++) {
		if (w->gone[p->at[i]]) {
			w->moved_number[ret.n_items] = i;
			w->moved[ret.n_items++] = p->items[i];
		} else {
			add_load(w->rest[w->rest_of_bin[p->at[i]]].load, p->items[i].size,
			         p->n_dims);
		}
	}
	return ret;
}

/* Whether all the bins that are marked can go; then into w->at where everything is. What
 * can't be told within the steps counts as no, and is remembered. */
static int can_go(work *w, bool *ret, tt_err *err)
{
	const tt_pack_problem pack = rest_of(w);
	tt_pack_result r = { 0 };

	TT_TRY(tt_pack(&pack, TT_PACK_BEST, &r, err));
	w->steps += r.steps + pack.n_bins + pack.n_items;
	w->unsure |= !r.proven;
	*ret = r.n_left == 0;
	memcpy(w->at, w->p->at, w->p->n_items * sizeof *w->at);
	for (size_t i = 0; r.n_left == 0 && i < pack.n_items; i++)
		w->at[w->moved_number[i]] = w->rest_number[r.bin[i]];
	tt_pack_result_free(&r);
	return TT_OK;
}

/* Sets of maybe[i..], besides those marked, which save `saving`; `rest` is what all of them
 * would. If a set can't go, nothing that contains it can: the items that a larger one adds
 * could stay where they are. */
static int search(work *w, size_t i, int64_t saving, int64_t disruption, int64_t rest, tt_err *err)
{
	if (i == w->n_maybe || saving + rest < w->best_saving ||
	    (saving + rest == w->best_saving && disruption >= w->best_disruption))
		return TT_OK;
	if (w->steps >= w->p->steps) {
		w->unsure = true;
		return TT_OK;
	}

	const size_t b = w->maybe[i];
	const tt_consolidate_bin *bin = &w->p->bins[b];
	bool can;

	w->gone[b] = true;
	TT_TRY(can_go(w, &can, err));
	if (can) {
		const int64_t with = saving + bin->saving, disturbs = disruption + bin->disruption;

		if (with > w->best_saving ||
		    (with == w->best_saving && disturbs < w->best_disruption))
			keep(w, w->gone, w->at, with, disturbs);
		TT_TRY(search(w, i + 1, with, disturbs, rest - bin->saving, err));
	}
	w->gone[b] = false;
	return search(w, i + 1, saving, disruption, rest - bin->saving, err);
}

static int search_all(work *w, tt_err *err)
{
	int64_t rest = 0;

	memset(w->gone, 0, w->p->n_bins * sizeof *w->gone);
	for (size_t i = 0; i < w->n_maybe; i++)
		rest += w->p->bins[w->maybe[i]].saving;
	return search(w, 0, 0, 0, rest, err);
}

int tt_consolidate(const tt_consolidate_problem *p, tt_consolidate_result *ret, tt_err *err)
{
	TT_CLEANUP(work_free) work w = { .p = p };
	tt_consolidate_result r = { 0 };

	TT_TRY(check(p, err));
	if (!work_alloc(&w, p->n_kinds, p->n_bins, p->n_items))
		return tt_no_memory(err);
	TT_TRY(open_work(&w, err));
	TT_TRY(find_candidates(&w, err));
	TT_TRY(find_bound(&w, &r.bound, err));
	empty_greedily(&w);
	r.proven = w.best_saving == r.bound;
	if (w.n_maybe <= p->exact_bins) {
		TT_TRY(search_all(&w, err));
		r.proven = !w.unsure || w.best_saving == r.bound;
	}
	r.saving = w.best_saving;
	r.disruption = w.best_disruption;
	r.bound = r.proven ? r.saving : r.bound;
	for (size_t b = 0; b < p->n_bins; b++)
		r.n_gone += w.best_gone[b];
	for (size_t i = 0; i < p->n_items; i++)
		r.n_moved += w.best_at[i] != p->at[i];
	r.gone = w.best_gone;
	r.to = w.best_at;
	w.best_gone = NULL;
	w.best_at = NULL;
	*ret = r;
	return TT_OK;
}

void tt_consolidate_result_free(tt_consolidate_result *r)
{
	tt_free(r->gone);
	tt_free(r->to);
	*r = (tt_consolidate_result){ 0 };
}

double tt_consolidate_score(double saving, double pool_saving, double disruption,
                            double pool_disruption)
{
	if (pool_saving == 0)
		return (double)NAN;
	if (disruption == 0)
		return (double)INFINITY;
	return saving / pool_saving / (disruption / pool_disruption);
}
