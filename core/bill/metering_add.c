/* metering_add.c - one hour: budgets meet usage, pair after pair.
 *
 * Whole numbers as long as everything divides. A budget that runs out within an item leaves
 * a fraction of it (left - budget / weight); from there on what it meets is a fraction too.
 * All have one row of denominators: each budget that runs out unevenly adds its weight as
 * a factor, so nothing grows but by as many factors as there are commitments. */
#include "metering.h"
#include "metering_parts.h"
#include <string.h>

/* --- Sums ------------------------------------------------------------------------------- */

static int set_up(tt_metering_sums *s, tt_err *err)
{
	const tt_metering *m = s->m;
	const size_t items = m->n_items, commitments = m->n_commitments, pairs = m->n_pairs;

	s->n_sum = 4 * items + commitments + 2 * pairs;
	s->sum = tt_arena_alloc(s->arena, (s->n_sum + 1) * sizeof *s->sum);
	s->held_s = tt_arena_alloc(s->arena, (commitments + 1) * sizeof *s->held_s);
	s->left = tt_arena_alloc(s->arena, (items + 1) * sizeof *s->left);
	s->budget = tt_arena_alloc(s->arena, (commitments + 1) * sizeof *s->budget);
	s->item_level = tt_arena_alloc(s->arena, (items + 1) * sizeof *s->item_level);
	s->budget_level = tt_arena_alloc(s->arena, (commitments + 1) * sizeof *s->budget_level);
	s->item_words = tt_arena_alloc(s->arena, (items + 1) * m->width * sizeof(uint64_t));
	s->budget_words = tt_arena_alloc(s->arena, (commitments + 1) * m->width *
					 sizeof(uint64_t));
	s->factors = tt_arena_alloc(s->arena, (commitments + 1) * sizeof *s->factors);
	s->scratch = tt_arena_alloc(s->arena, m->width * sizeof *s->scratch);
	if (!s->sum || !s->held_s || !s->left || !s->budget || !s->item_level ||
	    !s->budget_level || !s->item_words || !s->budget_words || !s->factors || !s->scratch)
		return tt_no_memory(err);
	s->used = s->sum;
	s->on_demand = s->used + items;
	s->cost = s->on_demand + items;
	s->list = s->cost + items;
	s->unused = s->list + items;
	s->units = s->unused + commitments;
	s->spent = s->units + pairs;
	return TT_OK;
}

int tt_metering_sums_make(const tt_metering *m, tt_metering_sums **ret, tt_err *err)
{
	TT_CLEANUP(tt_metering_sums_freep) tt_metering_sums *s = tt_zalloc(1, sizeof *s);

	if (!s || !(s->arena = tt_arena_new()))
		return tt_no_memory(err);
	s->m = m;
	TT_TRY(set_up(s, err));
	*ret = s;
	s = NULL;
	return TT_OK;
}

void tt_metering_sums_clear(tt_metering_sums *s)
{
	memset(s->sum, 0, s->n_sum * sizeof *s->sum);
	memset(s->held_s, 0, s->m->n_commitments * sizeof *s->held_s);
}

void tt_metering_sums_free(tt_metering_sums *s)
{
	if (!s)
		return;
	tt_arena_free(s->arena);
	tt_free(s);
}

void tt_metering_sums_freep(tt_metering_sums **s)
{
	tt_metering_sums_free(*s);
}

/* --- One hour --------------------------------------------------------------------------- */

int64_t tt_metering_held_s(const tt_metering_budget *b, int64_t from_s, int64_t to_s)
{
	if (from_s < b->starts_s)
		from_s = b->starts_s;
	if (to_s > b->ends_s)
		to_s = b->ends_s;
	return from_s < to_s ? to_s - from_s : 0;
}

static int too_much(tt_err *err)
{
	return tt_fail(err, TT_EDATA, "more usage or money than can be metered");
}

static bool add(tt_i128 *sum, tt_i128 v)
{
	return !__builtin_add_overflow(*sum, v, sum);
}

static int open_hour(tt_metering_sums *s, const int64_t *used, int64_t from_s, int64_t to_s,
		     tt_err *err)
{
	const tt_metering *m = s->m;

	if (s->n_factors) { /* else nothing was a fraction */
		memset(s->item_level, 0, m->n_items * sizeof *s->item_level);
		memset(s->budget_level, 0, m->n_commitments * sizeof *s->budget_level);
		s->n_factors = 0;
	}
	for (size_t i = 0; i < m->n_items; i++) {
		if (used[i] < 0)
			return tt_fail(err, TT_EINVAL, "usage of item %zu is %lld, want 0 or more",
				       i, (long long)used[i]);
		s->left[i] = used[i];
		if (!add(&s->used[i], used[i]))
			return too_much(err);
	}
	for (size_t k = 0; k < m->n_commitments; k++) {
		const tt_metering_budget *b = &m->budgets[k];
		const int64_t held_s = tt_metering_held_s(b, from_s, to_s);

		if (__builtin_mul_overflow(b->per_s, (tt_i128)held_s, &s->budget[k]) ||
		    s->budget[k] >> 126 ||
		    __builtin_add_overflow(s->held_s[k], held_s, &s->held_s[k]))
			return too_much(err);
	}
	return TT_OK;
}

/* The words of a number, over all factors that there are by now. */
static uint64_t *lift(const tt_metering_sums *s, uint64_t *words, uint32_t *level, tt_i128 whole)
{
	const size_t width = s->m->width;

	if (*level == 0)
		tt_limbs_set(words, width, (tt_u128)whole);
	tt_limbs_mul_all(words, width, s->factors + *level, s->n_factors - *level);
	*level = (uint32_t)s->n_factors;
	return words;
}

static tt_i128 at_most(tt_i128 v, tt_i128 most)
{
	return v < most ? v : most;
}

/* The item takes all of a budget that is enough for it, in fractions. */
static tt_i128 take_item(tt_metering_sums *s, size_t k, uint64_t *budget)
{
	const size_t width = s->m->width;
	uint64_t *need = s->scratch;
	tt_i128 spent;

	tt_limbs_sub(budget, width, need);
	if (tt_limbs_is_zero(budget, width)) {
		s->budget_level[k] = 0;
		return s->budget[k];
	}
	if (!tt_limbs_round(need, width, s->factors, s->n_factors, &spent))
		return s->budget[k];
	return at_most(spent, s->budget[k]);
}

/* A budget that runs out within the item, in fractions: (left x weight - budget) / weight
 * remains. */
static void take_budget(tt_metering_sums *s, size_t i, uint64_t weight, uint64_t *left,
			const uint64_t *budget)
{
	const size_t width = s->m->width;
	uint64_t *remains = s->scratch;

	tt_limbs_sub(remains, width, budget);
	tt_limbs_copy(left, width, remains);
	if (tt_limbs_div(remains, width, weight) == 0) {
		tt_limbs_copy(left, width, remains);
		return;
	}
	s->factors[s->n_factors++] = weight;
	s->item_level[i] = (uint32_t)s->n_factors;
}

/* The pair as fractions; true when the item is covered to its end. */
static bool cover_fraction(tt_metering_sums *s, const tt_metering_pair *p, tt_i128 *ret_spent)
{
	const size_t i = p->item, k = p->commitment, width = s->m->width;
	uint64_t *left = lift(s, s->item_words + i * width, &s->item_level[i], s->left[i]);
	uint64_t *budget = lift(s, s->budget_words + k * width, &s->budget_level[k],
				s->budget[k]);

	tt_limbs_copy(s->scratch, width, left);
	tt_limbs_mul(s->scratch, width, p->weight);
	if (tt_limbs_compare(s->scratch, budget, width) <= 0) {
		*ret_spent = take_item(s, k, budget);
		s->item_level[i] = 0;
		return true;
	}
	take_budget(s, i, p->weight, left, budget);
	*ret_spent = s->budget[k];
	s->budget_level[k] = 0;
	return false;
}

static bool cover(tt_metering_sums *s, size_t at)
{
	const tt_metering_pair *p = &s->m->pairs[at];
	int64_t *left = &s->left[p->item];
	tt_i128 *budget = &s->budget[p->commitment];
	const bool plain = !s->item_level[p->item] && !s->budget_level[p->commitment];

	if ((!*left && !s->item_level[p->item]) ||
	    (!*budget && !s->budget_level[p->commitment]))
		return true;

	const tt_i128 need = (tt_i128)*left * p->weight;
	tt_i128 spent = need;
	int64_t covered = *left;
	if (!plain || (need > *budget && *budget % p->weight)) {
		if (!cover_fraction(s, p, &spent))
			covered = (int64_t)at_most(tt_div_half_even(spent, p->weight), *left);
	} else if (need > *budget) {
		spent = *budget;
		covered = (int64_t)(spent / p->weight);
	}
	*left -= covered;
	*budget -= spent;
	return add(&s->units[at], covered) && add(&s->spent[at], spent);
}

/* What is left of the item is on demand; without a price that is a quantity only. */
static bool close_item(tt_metering_sums *s, size_t i, int64_t used)
{
	const size_t width = s->m->width;
	const tt_decimal price = s->m->price[i];
	tt_i128 cost;

	if (!add(&s->on_demand[i], s->left[i]))
		return false;
	if (price == TT_DECIMAL_MISSING)
		return true;
	cost = s->left[i] * price;
	if (s->item_level[i]) {
		uint64_t *left = s->item_words + i * width;

		tt_limbs_mul(left, width, (uint64_t)price);
		if (!tt_limbs_round(left, width, s->factors, s->item_level[i], &cost))
			return false;
	}
	return add(&s->cost[i], cost) && add(&s->list[i], used * price);
}

int tt_metering_add(tt_metering_sums *s, const int64_t *used, int64_t from_s, int64_t to_s,
		    tt_err *err)
{
	const tt_metering *m = s->m;
	int64_t length;

	if (__builtin_sub_overflow(to_s, from_s, &length) || length <= 0)
		return tt_fail(err, TT_EINVAL, "a stretch from %lld to %lld has no length",
			       (long long)from_s, (long long)to_s);
	TT_TRY(open_hour(s, used, from_s, to_s, err));
	for (size_t at = 0; at < m->n_pairs; at++) {
		if (!cover(s, at))
			return too_much(err);
	}
	for (size_t i = 0; i < m->n_items; i++) {
		if (!close_item(s, i, used[i]))
			return too_much(err);
	}
	for (size_t k = 0; k < m->n_commitments; k++) {
		if (!add(&s->unused[k], s->budget[k]))
			return too_much(err);
	}
	return TT_OK;
}
