/* metering_bill.c - from exact sums to money: each amount is rounded once, and what it
 * divides into is split by largest remainder. */
#include "metering.h"
#include "metering_parts.h"
#include <string.h>

enum { WIDTH = 8, MICRO = 1000000, S_PER_H = 3600 };

static int too_much(tt_err *err)
{
	return tt_fail(err, TT_EDATA, "more usage or money than can be metered");
}

static bool fits(tt_i128 v)
{
	return v <= INT64_MAX;
}

static int money_of(tt_i128 v, int64_t *ret, tt_err *err)
{
	const tt_i128 micro = tt_div_half_even(v, TT_METERING_MICRO);

	if (!fits(micro))
		return too_much(err);
	*ret = (int64_t)micro;
	return TT_OK;
}

/* What `quantity` costs where the whole term has `of` x `by` x term_s of it:
 *   (price x units x term + upfront) x quantity / (of x by x term)
 * in steps of so many parts of TT_METERING_MICRO, rounded once. */
static int part_of_cost(const tt_metering_budget *b, tt_i128 quantity, uint64_t of, uint64_t by,
			uint64_t step, tt_i128 *ret, tt_err *err)
{
	const uint64_t whole[] = { of, by, b->term_s, step };
	uint64_t v[WIDTH], recurring[WIDTH], upfront[WIDTH];

	tt_limbs_product(recurring, WIDTH, (tt_u128)b->price_per_hour, b->units_micro);
	tt_limbs_mul(recurring, WIDTH, b->term_s);
	tt_limbs_product(upfront, WIDTH, (tt_u128)b->upfront, (tt_u128)S_PER_H * MICRO);
	tt_limbs_add(recurring, WIDTH, upfront);

	/* x quantity, a word at a time */
	tt_limbs_copy(v, WIDTH, recurring);
	tt_limbs_mul(v, WIDTH, (uint64_t)((tt_u128)quantity >> 64));
	memmove(v + 1, v, (WIDTH - 1) * sizeof *v);
	v[0] = 0;
	tt_limbs_mul(recurring, WIDTH, (uint64_t)quantity);
	tt_limbs_add(v, WIDTH, recurring);
	if (!tt_limbs_round(v, WIDTH, whole, sizeof whole / sizeof *whole, ret))
		return too_much(err);
	return TT_OK;
}

static int cost_of(const tt_metering_sums *s, size_t k, int64_t *ret, tt_err *err)
{
	const tt_metering_budget *b = &s->m->budgets[k];

	tt_i128 micro;

	*ret = TT_MONEY_UNKNOWN;
	if (!b->cost_known)
		return TT_OK;
	TT_TRY(part_of_cost(b, s->held_s[k], 1, 1, (uint64_t)TT_METERING_MICRO, &micro, err));
	if (!fits(micro))
		return too_much(err);
	*ret = (int64_t)micro;
	return TT_OK;
}

/* UNKNOWN without a price, unless nothing is left that would need one. */
static int on_demand_of(const tt_metering_sums *s, size_t i, int64_t *ret, tt_err *err)
{
	*ret = s->on_demand[i] ? TT_MONEY_UNKNOWN : 0;
	return s->m->price[i] == TT_DECIMAL_MISSING ? TT_OK : money_of(s->cost[i], ret, err);
}

const tt_i128 *tt_metering_on_demand(const tt_metering_sums *s)
{
	return s->cost;
}

int tt_metering_total(const tt_metering_sums *s, int64_t *ret_micro, tt_err *err)
{
	int64_t total = 0, part;

	for (size_t i = 0; i < s->m->n_items; i++) {
		TT_TRY(on_demand_of(s, i, &part, err));
		if (part != TT_MONEY_UNKNOWN)
			TT_TRY(tt_money_add(&total, part, "cost of all items", err));
	}
	for (size_t k = 0; k < s->m->n_commitments; k++) {
		TT_TRY(cost_of(s, k, &part, err));
		if (part != TT_MONEY_UNKNOWN)
			TT_TRY(tt_money_add(&total, part, "cost of all commitments", err));
	}
	*ret_micro = total;
	return TT_OK;
}

/* --- Commitments ------------------------------------------------------------------------ */

tt_i128 tt_metering_unused_micro_s(const tt_metering_sums *s, size_t commitment)
{
	const tt_metering_budget *b = &s->m->budgets[commitment];

	return b->is_money ? 0 : tt_div_half_even(s->unused[commitment], (tt_i128)b->base);
}

double tt_metering_unused_ratio(const tt_metering_sums *s, size_t commitment)
{
	const double all = (double)s->m->budgets[commitment].per_s *
			   (double)s->held_s[commitment];

	return all > 0 ? (double)s->unused[commitment] / all : 1;
}

static int read_commitment(const tt_metering_sums *s, size_t k, tt_metering_bill *ret,
			   tt_err *err)
{
	const tt_metering_budget *b = &s->m->budgets[k];
	tt_metered_commitment *c = &ret->commitments[k];

	*c = (tt_metered_commitment){ .used_micro = TT_MONEY_UNKNOWN,
				      .unused_micro = TT_MONEY_UNKNOWN };
	TT_TRY(cost_of(s, k, &c->cost_micro, err));
	if (!b->is_money) {
		c->held_micro_s = (tt_i128)b->units_micro * s->held_s[k];
		c->unused_micro_s = tt_metering_unused_micro_s(s, k);
	}
	if (c->cost_micro == TT_MONEY_UNKNOWN) {
		ret->unknown_commitments++;
		return TT_OK;
	}
	return tt_money_add(&ret->commitment_micro, c->cost_micro, "cost of all commitments", err);
}

/* Money of what commitments did not use, into exact[]. Many small ones can be the slices of
 * one big one, so their sum is what is rounded, and split again over those that were used
 * in part. */
static int read_unused(const tt_metering_sums *s, tt_u128 *exact, int64_t *part,
		       tt_metering_bill *ret, tt_err *err)
{
	tt_i128 sum = 0;
	int64_t micro = 0;

	for (size_t k = 0; k < ret->n_commitments; k++) {
		const tt_metering_budget *b = &s->m->budgets[k];
		tt_metered_commitment *c = &ret->commitments[k];
		tt_i128 unused = 0;

		if (c->cost_micro == TT_MONEY_UNKNOWN)
			continue;
		c->unused_micro = c->cost_micro; /* of nothing, nothing can be used */
		if (b->per_s) {
			TT_TRY(part_of_cost(b, s->unused[k], b->units_micro, b->base, 1, &unused,
					    err));
			TT_TRY(money_of(unused, &c->unused_micro, err));
		}
		if (c->unused_micro < c->cost_micro) {
			exact[k] = (tt_u128)unused;
			sum += unused;
		} else {
			c->unused_micro = c->cost_micro;
			ret->unused_micro += c->cost_micro;
		}
	}
	TT_TRY(money_of(sum, &micro, err));
	for (size_t k = 0; k < ret->n_commitments; k++)
		exact[k] >>= sum >> 96 ? 31 : 0;
	TT_TRY(sum ? tt_split(micro, exact, ret->n_commitments, part, err) : TT_OK);
	for (size_t k = 0; k < ret->n_commitments; k++) {
		tt_metered_commitment *c = &ret->commitments[k];

		if (c->cost_micro == TT_MONEY_UNKNOWN)
			continue;
		if (c->unused_micro < c->cost_micro)
			c->unused_micro = part[k];
		c->used_micro = c->cost_micro - c->unused_micro;
	}
	ret->unused_micro += micro;
	return TT_OK;
}

static int read_commitments(const tt_metering_sums *s, tt_metering_bill *ret, tt_err *err)
{
	const size_t n = ret->n_commitments;
	TT_CLEANUP(tt_freep) tt_u128 *exact = tt_zalloc(n + 1, sizeof *exact);
	TT_CLEANUP(tt_freep) int64_t *part = tt_zalloc(n + 1, sizeof *part);

	if (!exact || !part)
		return tt_no_memory(err);
	for (size_t k = 0; k < n; k++)
		TT_TRY(read_commitment(s, k, ret, err));
	return read_unused(s, exact, part, ret, err);
}

/* What is spent on each item of a commitment splits what is used of it. */
static int split_commitment(const tt_metering_sums *s, size_t k, const int64_t *cover_of,
			    tt_u128 *weight, int64_t *part, tt_metering_bill *ret, tt_err *err)
{
	const uint32_t *pairs = s->m->by_commitment + s->m->first[k];
	const size_t n = s->m->first[k + 1] - s->m->first[k];
	const int64_t used_micro = ret->commitments[k].used_micro;
	tt_u128 sum = 0;
	int shift = 0;

	for (size_t j = 0; j < n; j++)
		sum += (tt_u128)s->spent[pairs[j]];
	while (sum >> shift >> 96)
		shift++;
	for (size_t j = 0; j < n; j++) {
		weight[j] = (tt_u128)s->spent[pairs[j]] >> shift;
		part[j] = used_micro == TT_MONEY_UNKNOWN ? TT_MONEY_UNKNOWN : 0;
	}
	if (used_micro != TT_MONEY_UNKNOWN && sum)
		TT_TRY(tt_split(used_micro, weight, n, part, err));
	for (size_t j = 0; j < n; j++) {
		if (cover_of[pairs[j]] >= 0)
			ret->covers[cover_of[pairs[j]]].cost_micro = part[j];
	}
	return TT_OK;
}

static int read_covers(const tt_metering_sums *s, tt_metering_bill *ret, tt_err *err)
{
	const tt_metering *m = s->m;
	TT_CLEANUP(tt_freep) int64_t *cover_of = tt_zalloc(m->n_pairs + 1, sizeof *cover_of);
	TT_CLEANUP(tt_freep) int64_t *part = tt_zalloc(m->n_pairs + 1, sizeof *part);
	TT_CLEANUP(tt_freep) tt_u128 *weight = tt_zalloc(m->n_pairs + 1, sizeof *weight);

	if (!cover_of || !part || !weight)
		return tt_no_memory(err);
	for (size_t at = 0; at < m->n_pairs; at++) {
		cover_of[at] = -1;
		if (!s->spent[at] && !s->units[at])
			continue;
		cover_of[at] = (int64_t)ret->n_covers;
		ret->covers[ret->n_covers++] = (tt_metered_cover){
			.item = m->pairs[at].item, .commitment = m->pairs[at].commitment,
			.units_micro_s = s->units[at]
		};
	}
	for (size_t k = 0; k < m->n_commitments; k++)
		TT_TRY(split_commitment(s, k, cover_of, weight, part, ret, err));
	return TT_OK;
}

/* --- Items ------------------------------------------------------------------------------ */

static int read_item(const tt_metering_sums *s, size_t i, tt_metering_bill *ret, tt_err *err)
{
	tt_metered_item *item = &ret->items[i];

	item->used_micro_s = s->used[i];
	item->on_demand_micro_s = s->on_demand[i];
	TT_TRY(on_demand_of(s, i, &item->on_demand_micro, err));
	item->list_micro = s->used[i] ? TT_MONEY_UNKNOWN : 0;
	if (s->m->price[i] != TT_DECIMAL_MISSING)
		TT_TRY(money_of(s->list[i], &item->list_micro, err));
	if (item->list_micro != TT_MONEY_UNKNOWN)
		TT_TRY(tt_money_add(&ret->list_micro, item->list_micro, "list cost of all items",
				    err));
	if (item->on_demand_micro == TT_MONEY_UNKNOWN)
		ret->unknown_items++;
	else
		TT_TRY(tt_money_add(&ret->on_demand_micro, item->on_demand_micro,
				    "cost of all items", err));
	return TT_OK;
}

static void add_covers_to_items(tt_metering_bill *ret)
{
	for (size_t i = 0; i < ret->n_covers; i++) {
		int64_t *sum = &ret->items[ret->covers[i].item].covered_micro;

		if (ret->covers[i].cost_micro == TT_MONEY_UNKNOWN)
			*sum = TT_MONEY_UNKNOWN;
		else if (*sum != TT_MONEY_UNKNOWN)
			*sum += ret->covers[i].cost_micro;
	}
}

int tt_metering_read(const tt_metering_sums *s, tt_metering_bill *ret, tt_err *err)
{
	const tt_metering *m = s->m;
	TT_CLEANUP(tt_metering_bill_free) tt_metering_bill b = {
		.n_items = m->n_items, .n_commitments = m->n_commitments
	};

	b.items = tt_zalloc(m->n_items + 1, sizeof *b.items);
	b.commitments = tt_zalloc(m->n_commitments + 1, sizeof *b.commitments);
	b.covers = tt_zalloc(m->n_pairs + 1, sizeof *b.covers);
	if (!b.items || !b.commitments || !b.covers)
		return tt_no_memory(err);
	for (size_t i = 0; i < m->n_items; i++)
		TT_TRY(read_item(s, i, &b, err));
	TT_TRY(read_commitments(s, &b, err));
	TT_TRY(read_covers(s, &b, err));
	add_covers_to_items(&b);
	b.total_micro = b.on_demand_micro;
	TT_TRY(tt_money_add(&b.total_micro, b.commitment_micro, "cost of all", err));
	*ret = b;
	b = (tt_metering_bill){ 0 };
	return TT_OK;
}

void tt_metering_bill_free(tt_metering_bill *b)
{
	tt_free(b->items);
	tt_free(b->commitments);
	tt_free(b->covers);
	*b = (tt_metering_bill){ 0 };
}
