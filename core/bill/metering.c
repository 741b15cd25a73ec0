/* metering.c - prepares a metering: what can cover what, and in which order. */
#include "metering.h"
#include "metering_parts.h"
#include <stdlib.h>
#include <string.h>

enum { MICRO = 1000000, S_PER_H = 3600 };

/* Two factors below this have a product that fits everywhere. */
#define RATE_LIMIT ((tt_i128)1 << 63)

/* A pair with all that its place in the order depends on: the rate of a unit of the item is
 * rate / size, its part of the on-demand price rate / list. */
struct candidate {
	tt_metering_pair pair;
	enum tt_metering_kind kind;
	bool known;                 /* that part */
	tt_u128 rate, size, list;
	const char *item, *commitment;
};

/* < 0, 0, > 0 as a / b is below, at or above c / d. */
static int compare_ratios(tt_u128 a, tt_u128 b, tt_u128 c, tt_u128 d)
{
	enum { WORDS = 4 };
	uint64_t left[WORDS], right[WORDS];

	tt_limbs_product(left, WORDS, a, d);
	tt_limbs_product(right, WORDS, c, b);
	return tt_limbs_compare(left, right, WORDS);
}

static int compare_u32(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int compare_candidates(const void *pa, const void *pb)
{
	const struct candidate *a = pa, *b = pb;
	int by = (int)a->kind - (int)b->kind;

	if (!by)
		by = (int)b->known - (int)a->known;
	if (!by && a->known) {
		by = compare_ratios(a->rate, a->list, b->rate, b->list);
		if (!by)
			by = compare_ratios(a->rate, a->size, b->rate, b->size);
	}
	if (!by)
		by = strcmp(a->commitment, b->commitment);
	if (!by)
		by = strcmp(a->item, b->item);
	if (!by)
		by = compare_u32(a->pair.commitment, b->pair.commitment);
	return by ? by : compare_u32(a->pair.item, b->pair.item);
}

/* --- Is what was given sound ------------------------------------------------------------ */

static int check_amount(const char *of, const char *id, const char *what, tt_decimal v,
			tt_decimal limit, tt_err *err)
{
	char text[64], most[64];

	if (v == TT_DECIMAL_MISSING || (v >= 0 && v < limit))
		return TT_OK;
	return tt_fail(err, TT_EINVAL, "%s \"%s\": %s is %s, want 0 or more and less than %s", of,
		       id, what, tt_decimal_format(v, text, sizeof text),
		       tt_decimal_format(limit, most, sizeof most));
}

static int check_units(const tt_metering_commitment *c, tt_err *err)
{
	if (c->units_micro < 0)
		return tt_fail(err, TT_EINVAL, "commitment \"%s\": %lld millionths of a unit, want "
			       "0 or more", c->id, (long long)c->units_micro);
	if (c->unit == TT_METERING_SIZES && !c->size)
		return tt_fail(err, TT_EINVAL, "commitment \"%s\": size-flexible, but of which "
			       "size is not known", c->id);
	return TT_OK;
}

static int check_commitment(const tt_metering_commitment *c, size_t n_items, tt_err *err)
{
	const tt_decimal any = (tt_decimal)1 << 90;

	TT_TRY(check_amount("commitment", c->id, "price_per_hour", c->price_per_hour, RATE_LIMIT,
			    err));
	TT_TRY(check_amount("commitment", c->id, "upfront", c->upfront, any, err));
	TT_TRY(check_amount("commitment", c->id, "commitment_per_hour", c->commitment_per_hour,
			    RATE_LIMIT, err));
	if (c->starts_s != TT_TIME_MISSING && c->ends_s != TT_TIME_MISSING &&
	    c->ends_s <= c->starts_s)
		return tt_fail(err, TT_EINVAL, "commitment \"%s\": ends_at %lld is not after "
			       "starts_at %lld", c->id, (long long)c->ends_s,
			       (long long)c->starts_s);
	if (c->commitment_per_hour == TT_DECIMAL_MISSING)
		return check_units(c, err);
	for (size_t i = 0; c->rates && i < n_items; i++)
		TT_TRY(check_amount("commitment", c->id, "rate", c->rates[i], RATE_LIMIT, err));
	return TT_OK;
}

/* --- Budgets ---------------------------------------------------------------------------- */

static bool is_open(const tt_metering_commitment *c)
{
	return c->starts_s == TT_TIME_MISSING || c->ends_s == TT_TIME_MISSING;
}

static tt_metering_budget budget_of(const tt_metering_commitment *c)
{
	const bool money = c->commitment_per_hour != TT_DECIMAL_MISSING;
	tt_metering_budget b = {
		.starts_s = c->starts_s, .is_money = money, .common = 1,
		.ends_s = c->ends_s == TT_TIME_MISSING ? INT64_MAX : c->ends_s,
		.units_micro = money ? MICRO : (uint64_t)c->units_micro,
		.term_s = is_open(c) ? 1 : (uint64_t)c->ends_s - (uint64_t)c->starts_s,
		.price_per_hour = money ? c->commitment_per_hour : c->price_per_hour,
		.upfront = money ? 0 : c->upfront
	};

	b.base = money ? (uint64_t)c->commitment_per_hour :
		 c->unit == TT_METERING_CARDS ? MICRO :
		 c->unit == TT_METERING_SIZES ? c->size : 1;
	b.cost_known = b.price_per_hour != TT_DECIMAL_MISSING && b.upfront != TT_DECIMAL_MISSING &&
		       (b.upfront == 0 || !is_open(c));
	return b;
}

static uint64_t common_factor(uint64_t a, uint64_t b)
{
	while (b) {
		const uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Small numbers are quick, and more often divide. */
static void reduce(tt_metering *m)
{
	for (size_t i = 0; i < m->n_commitments; i++)
		m->budgets[i].common = m->budgets[i].base;
	for (size_t i = 0; i < m->n_pairs; i++) {
		uint64_t *common = &m->budgets[m->pairs[i].commitment].common;

		*common = common_factor(*common, m->pairs[i].weight);
	}
	for (size_t i = 0; i < m->n_commitments; i++) {
		tt_metering_budget *b = &m->budgets[i];

		if (!b->common)
			b->common = 1;
		b->base /= b->common;
		b->per_s = (tt_i128)b->units_micro * b->base;
	}
	for (size_t i = 0; i < m->n_pairs; i++)
		m->pairs[i].weight /= m->budgets[m->pairs[i].commitment].common;
}

/* What an hour of a unit comes to, with its part of the sum paid at the start; for the order
 * alone, so the nearest 10^-12 will do. TT_DECIMAL_MISSING when it is not known. */
static tt_decimal effective_price(const tt_metering_budget *b)
{
	const tt_i128 most = (tt_i128)1 << 94;
	tt_i128 upfront = 0, per;

	if (!b->cost_known)
		return TT_DECIMAL_MISSING;
	if (b->upfront &&
	    (__builtin_mul_overflow(b->upfront, (tt_i128)S_PER_H * MICRO, &upfront) ||
	     __builtin_mul_overflow((tt_i128)b->units_micro, (tt_i128)b->term_s, &per) || per < 1))
		return TT_DECIMAL_MISSING;
	if (b->upfront)
		upfront = tt_div_half_even(upfront, per);
	return upfront < most ? b->price_per_hour + upfront : TT_DECIMAL_MISSING;
}

/* --- Pairs ------------------------------------------------------------------------------ */

static bool agrees(uint32_t wanted, uint32_t is)
{
	return !wanted || wanted == is;
}

static bool applies(const tt_metering_key *wanted, const tt_metering_key *is)
{
	return agrees(wanted->provider, is->provider) && agrees(wanted->region, is->region) &&
	       agrees(wanted->instance_type, is->instance_type) &&
	       agrees(wanted->gpu_model, is->gpu_model) && agrees(wanted->family, is->family);
}

/* What a micro_s of the item takes of the commitment; false when it can't be covered. */
static bool weight_of(const tt_metering_commitment *c, const tt_metering_item *item, size_t i,
		      uint64_t *ret)
{
	if (!applies(&c->key, &item->key))
		return false;
	if (c->commitment_per_hour != TT_DECIMAL_MISSING) {
		if (!c->rates || c->rates[i] == TT_DECIMAL_MISSING || !c->rates[i])
			return false;
		*ret = (uint64_t)c->rates[i];
		return true;
	}
	*ret = c->unit == TT_METERING_CARDS ? item->cards_micro :
	       c->unit == TT_METERING_SIZES ? item->size : 1;
	return *ret > 0;
}

static struct candidate candidate_of(const tt_metering *m, const tt_metering_item *items,
				     const tt_metering_commitment *commitments,
				     tt_metering_pair pair)
{
	const tt_metering_budget *b = &m->budgets[pair.commitment];
	const tt_decimal list = m->price[pair.item];
	const tt_decimal unit = b->is_money ? 1 : effective_price(b);
	struct candidate c = { .pair = pair, .kind = commitments[pair.commitment].kind,
			       .item = items[pair.item].id,
			       .commitment = commitments[pair.commitment].id };

	c.known = list != TT_DECIMAL_MISSING && list > 0 && unit != TT_DECIMAL_MISSING;
	if (c.known) {
		c.rate = (tt_u128)unit * pair.weight;
		c.size = b->is_money ? 1 : b->base;
		c.list = c.size * (tt_u128)list;
	}
	return c;
}

static int make_pairs(tt_metering *m, const tt_metering_item *items,
		      const tt_metering_commitment *commitments, tt_err *err)
{
	TT_CLEANUP(tt_freep) struct candidate *found = NULL;
	size_t n = 0, cap = 0;
	uint64_t weight;

	for (size_t k = 0; k < m->n_commitments; k++) {
		for (size_t i = 0; i < m->n_items; i++) {
			if (!weight_of(&commitments[k], &items[i], i, &weight))
				continue;
			if (!TT_GROW(found, n, cap))
				return tt_no_memory(err);
			found[n++] = candidate_of(m, items, commitments,
						  (tt_metering_pair){ (uint32_t)i, (uint32_t)k,
								      weight });
		}
	}
	if (n)
		qsort(found, n, sizeof *found, compare_candidates);
	m->n_pairs = n;
	m->pairs = tt_arena_alloc(m->arena, (n + 1) * sizeof *m->pairs);
	m->by_commitment = tt_arena_alloc(m->arena, (n + 1) * sizeof *m->by_commitment);
	m->first = tt_arena_alloc(m->arena, (m->n_commitments + 2) * sizeof *m->first);
	if (!m->pairs || !m->by_commitment || !m->first)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++)
		m->pairs[i] = found[i].pair;
	return TT_OK;
}

static void index_pairs(tt_metering *m)
{
	/* one further on, so that filling leaves the starts behind */
	for (size_t i = 0; i < m->n_pairs; i++)
		m->first[m->pairs[i].commitment + 2]++;
	for (size_t k = 2; k < m->n_commitments + 2; k++)
		m->first[k] += m->first[k - 1];
	for (size_t i = 0; i < m->n_pairs; i++)
		m->by_commitment[m->first[m->pairs[i].commitment + 1]++] = (uint32_t)i;
}

static size_t bits_of(uint64_t v)
{
	size_t n = 0;

	for (; v; v >>= 1)
		n++;
	return n;
}

/* Each commitment runs out at most once in an hour and adds at most its greatest weight to
 * the denominator; above that a quantity, a price and a bit to round with. */
static size_t width_of(const tt_metering *m)
{
	size_t bits = 128 + 64 + 64;

	for (size_t k = 0; k < m->n_commitments; k++) {
		size_t most = 0;

		for (size_t at = m->first[k]; at < m->first[k + 1]; at++) {
			const size_t n = bits_of(m->pairs[m->by_commitment[at]].weight);

			most = n > most ? n : most;
		}
		bits += most > 1 ? most : 0;
	}
	return bits / 64 + 1;
}

int tt_metering_make(const tt_metering_item *items, size_t n_items,
		     const tt_metering_commitment *commitments, size_t n_commitments,
		     tt_metering **ret, tt_err *err)
{
	TT_CLEANUP(tt_metering_freep) tt_metering *m = tt_zalloc(1, sizeof *m);

	if (n_items >= UINT32_MAX || n_commitments >= UINT32_MAX)
		return tt_fail(err, TT_EINVAL, "%zu items and %zu commitments are too many",
			       n_items, n_commitments);
	if (!m || !(m->arena = tt_arena_new()))
		return tt_no_memory(err);
	m->n_items = n_items;
	m->n_commitments = n_commitments;
	m->price = tt_arena_alloc(m->arena, (n_items + 1) * sizeof *m->price);
	m->budgets = tt_arena_alloc(m->arena, (n_commitments + 1) * sizeof *m->budgets);
	if (!m->price || !m->budgets)
		return tt_no_memory(err);
	for (size_t i = 0; i < n_items; i++) {
		TT_TRY(check_amount("item", items[i].id, "price_per_hour", items[i].price_per_hour,
				    RATE_LIMIT, err));
		m->price[i] = items[i].price_per_hour;
	}
	for (size_t k = 0; k < n_commitments; k++) {
		TT_TRY(check_commitment(&commitments[k], n_items, err));
		m->budgets[k] = budget_of(&commitments[k]);
	}
	TT_TRY(make_pairs(m, items, commitments, err));
	reduce(m);
	index_pairs(m);
	m->width = width_of(m);
	*ret = m;
	m = NULL;
	return TT_OK;
}

void tt_metering_free(tt_metering *m)
{
	if (!m)
		return;
	tt_arena_free(m->arena);
	tt_free(m);
}

void tt_metering_freep(tt_metering **m)
{
	tt_metering_free(*m);
}
