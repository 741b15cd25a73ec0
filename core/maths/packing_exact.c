/* Items are placed one by one, group by group. A choice for an item is a number: an open bin,
 * then n_bins + k: a new bin of kind k, then n_bins + n_kinds: no place. Two rules leave one
 * of each set of packings that differ in names alone: of two bins of one kind with the same
 * room only the first is tried, and equal items go to bins of rising number (which the first
 * rule agrees with: of packings that both would strike out, the one that comes first in the
 * order of choices is always kept). */
#include "maths/packing_exact.h"
#include "base/memory.h"
#include "base/money.h"
#include "maths/packing_bound.h"
#include <string.h>

typedef struct search {
	const tt_pack_plan *plan;
	tt_packing s;           /* positions before `pos` are placed or left out */
	tt_packing *best;
	size_t best_left;
	int64_t best_cost, bound;
	size_t *choice;         /* next to try, of each position */
	bool *opens;            /* whether its item opened its bin */
	size_t *left;           /* of each group, after pos */
	size_t n_left;          /* left out on the way to pos */
	size_t pos;
	uint64_t steps;
} search;

static void search_free(search *z)
{
	tt_packing_free(&z->s);
	tt_free(z->choice);
	tt_free(z->opens);
	tt_free(z->left);
}

/* What costs at least `rest` more can't be better than the best. */
static bool hopeless(const search *z, int64_t rest)
{
	const size_t n_left = z->n_left + (rest == INT64_MAX);

	if (n_left != z->best_left)
		return n_left > z->best_left;
	return (tt_i128)z->s.cost + (rest == INT64_MAX ? 0 : rest) >= z->best_cost;
}

/* A bin from `from` on, before `bin`, that is the same. */
static bool has_twin(search *z, size_t from, size_t bin)
{
	const tt_pack_open *bins = z->s.bins;

	for (size_t b = from; b < bin; b++) {
		z->steps++;
		if (bins[b].kind == bins[bin].kind &&
		    memcmp(bins[b].room, bins[bin].room, sizeof bins[b].room) == 0)
			return true;
	}
	return false;
}

static size_t first_choice(const search *z)
{
	const tt_pack_group *g = &z->plan->groups[z->plan->group_of[z->pos]];

	if (z->pos == g->first)
		return 0;

	const size_t before = z->s.at[z->pos - 1];

	return before == TT_PACK_NOWHERE ? z->s.n_bins + z->plan->p->n_kinds : before;
}

/* The next choice for the item at pos that its rules allow; TT_PACK_NOWHERE: none. */
static size_t next_choice(search *z)
{
	const tt_pack_group *g = &z->plan->groups[z->plan->group_of[z->pos]];
	const size_t n_bins = z->s.n_bins, n_kinds = z->plan->p->n_kinds;
	const size_t from = first_choice(z);
	size_t c = z->choice[z->pos];

	for (; c < n_bins; c++) {
		z->steps++;
		if (tt_packing_fits(&z->s, g, c) && !has_twin(z, from, c))
			return c;
	}
	for (; c < n_bins + n_kinds; c++)
		if (tt_packing_may_open(&z->s, g, c - n_bins))
			return c;
	return c == n_bins + n_kinds && z->n_left < z->best_left ? c : TT_PACK_NOWHERE;
}

static void apply(search *z, size_t choice)
{
	const size_t n_bins = z->s.n_bins, n_kinds = z->plan->p->n_kinds;
	const size_t pos = z->pos++;

	z->choice[pos] = choice + 1;
	z->opens[pos] = choice >= n_bins && choice < n_bins + n_kinds;
	z->left[z->plan->group_of[pos]]--;
	if (z->opens[pos])
		tt_packing_put(&z->s, pos, tt_packing_open(&z->s, choice - n_bins));
	else if (choice < n_bins)
		tt_packing_put(&z->s, pos, choice);
	else
		z->n_left++;
}

static void undo(search *z)
{
	const size_t pos = --z->pos;

	z->left[z->plan->group_of[pos]]++;
	if (z->s.at[pos] == TT_PACK_NOWHERE) {
		z->n_left--;
		return;
	}
	tt_packing_take(&z->s, pos);
	if (z->opens[pos])
		tt_packing_close_last(&z->s);
}

static void keep(search *z)
{
	tt_packing_copy(z->best, &z->s);
	z->best_left = z->n_left;
	z->best_cost = z->s.cost;
}

/* True: the search went through everything that could be better, or need not. */
static bool run(search *z)
{
	if (z->plan->n)
		z->choice[0] = 0;
	while (z->steps <= z->plan->p->steps) {
		size_t choice = TT_PACK_NOWHERE;

		if (z->pos == z->plan->n) {
			keep(z);
			if (z->best_left == 0 && z->best_cost <= z->bound)
				return true;
		} else {
			choice = next_choice(z);
		}
		if (choice == TT_PACK_NOWHERE) {
			if (z->pos == 0)
				return true;
			undo(z);
			continue;
		}
		apply(z, choice);
		if (hopeless(z, tt_pack_bound_rest(&z->s, z->left, &z->steps)))
			undo(z);
		else if (z->pos < z->plan->n)
			z->choice[z->pos] = first_choice(z);
	}
	return false;
}

int tt_pack_exact(tt_packing *best, int64_t bound, bool *ret_proven, uint64_t *ret_steps,
                  tt_err *err)
{
	const tt_pack_plan *plan = best->plan;
	TT_CLEANUP(search_free) search z = { .plan = plan, .best = best, .bound = bound,
	                                     .best_left = best->n_left, .best_cost = best->cost };

	TT_TRY(tt_packing_make(plan, &z.s, err));
	z.choice = tt_alloc(plan->n * sizeof *z.choice);
	z.opens = tt_alloc(plan->n * sizeof *z.opens);
	z.left = tt_alloc(plan->n_groups * sizeof *z.left);
	if (!z.choice || !z.opens || !z.left)
		return tt_no_memory(err);
	for (size_t g = 0; g < plan->n_groups; g++)
		z.left[g] = plan->groups[g].n;
	if (plan->p->all_or_nothing) { /* anything that is whole, and nothing else */
		z.best_left = z.best_left ? 1 : 0;
		z.best_cost = INT64_MIN;
	}
	*ret_proven = run(&z);
	*ret_steps += z.steps;
	return TT_OK;
}
