#include "maths/money_plan.h"
#include <math.h>

enum { SHIFT_MOST = 40, SHIFT_LEAST = 8, BITS = 124 };
static const tt_i128 pico = 1000000; /* of a micro-unit of money */

static const tt_decimal *rates_of(const tt_money_usage *u, size_t plan)
{
	return u->rates + plan * u->n_items;
}

/* Whether item `a` comes before `b`: neither is equal to the other. Rate / price below 2^63
 * each, so the products fit. */
static bool before(const tt_money_usage *u, const tt_decimal *rates, size_t a, size_t b)
{
	const tt_i128 left = rates[a] * u->price[b], right = rates[b] * u->price[a];

	if (left != right)
		return left < right;
	return rates[a] != rates[b] ? rates[a] < rates[b] : a < b;
}

size_t tt_money_order(const tt_money_usage *u, size_t plan, size_t *ret)
{
	const tt_decimal *rates = rates_of(u, plan);
	size_t n = 0;

	for (size_t i = 0; i < u->n_items; i++) {
		size_t at = n;

		if (rates[i] <= 0)
			continue;
		for (; at && before(u, rates, i, ret[at - 1]); at--)
			ret[at] = ret[at - 1];
		ret[at] = i;
		n++;
	}
	return n;
}

static int check_prices(const tt_money_usage *u, tt_err *err)
{
	for (size_t i = 0; i < u->n_items; i++) {
		tt_decimal most = u->price[i];

		for (size_t k = 0; k < u->n_plans; k++)
			most = most > rates_of(u, k)[i] ? most : rates_of(u, k)[i];
		if (u->price[i] < 0 || most > INT64_MAX)
			return tt_fail(err, TT_EINVAL, "item %zu has a price or rate of %g, "
			               "expected 0 to 9 million", i,
			               tt_decimal_f64(u->price[i] < 0 ? u->price[i] : most));
	}
	return TT_OK;
}

/* The hours of all rows, and twice what all of it could cost, as parts x 10^-12. */
static int check_rows(const tt_money_usage *u, int64_t *ret_hours, double *ret_most, tt_err *err)
{
	double most = 0;
	int64_t hours = 0;

	for (size_t t = 0; t < u->n_rows; t++) {
		const int64_t alike = u->hours ? u->hours[t] : 1;

		if (alike <= 0 || alike > INT64_MAX - hours)
			return tt_fail(err, TT_EINVAL, "row %zu stands for %lld hours", t,
			               (long long)alike);
		hours += alike;
		for (size_t i = 0; i < u->n_items; i++) {
			const int64_t used = u->used[t * u->n_items + i];
			double dearest = (double)u->price[i];

			if (used < 0)
				return tt_fail(err, TT_EINVAL, "row %zu uses %lld of item %zu", t,
				               (long long)used, i);
			for (size_t k = 0; k < u->n_plans; k++)
				dearest = fmax(dearest, (double)rates_of(u, k)[i]);
			most += (double)used * dearest * (double)alike;
		}
	}
	*ret_hours = hours;
	*ret_most = 2 * most;
	return TT_OK;
}

int tt_money_biller_make(const tt_money_usage *u, tt_arena *arena, tt_money_biller *ret,
                         tt_err *err)
{
	size_t *order = tt_arena_alloc(arena, (u->n_plans * u->n_items + 1) * sizeof *order);
	size_t *n_covered = tt_arena_alloc(arena, (u->n_plans + 1) * sizeof *n_covered);
	tt_money_biller b = { .u = u, .order = order, .n_covered = n_covered };
	double most = 0;

	b.left = tt_arena_alloc(arena, (u->n_items + 1) * sizeof *b.left);
	b.lost = tt_arena_alloc(arena, (u->n_plans + 1) * sizeof *b.lost);
	if (!order || !n_covered || !b.left || !b.lost)
		return tt_no_memory(err);
	if (u->unit < 1 || u->unit > INT64_C(1) << 40)
		return tt_fail(err, TT_EINVAL, "a unit of %lld parts, expected 1 to 2^40",
		               (long long)u->unit);
	TT_TRY(check_prices(u, err));
	TT_TRY(check_rows(u, &b.hours, &most, err));
	b.shift = SHIFT_MOST;
	while (b.shift >= SHIFT_LEAST && ldexp(most, b.shift) >= ldexp(1, BITS))
		b.shift--;
	if (b.shift < SHIFT_LEAST || most / 2e6 / (double)u->unit >= 0x1p62)
		return tt_fail(err, TT_EDATA, "usage worth %g over all hours is more than can be "
		               "billed exactly", most / 2e12 / (double)u->unit);
	for (size_t k = 0; k < u->n_plans; k++)
		n_covered[k] = tt_money_order(u, k, order + k * u->n_items);
	*ret = b;
	return TT_OK;
}

/* Spend `money` of one plan on what is left; returns what is not spent. */
static tt_i128 cover(const tt_money_biller *b, size_t plan, tt_i128 money)
{
	const tt_decimal *rates = rates_of(b->u, plan);
	const size_t *order = b->order + plan * b->u->n_items;

	for (size_t k = 0; k < b->n_covered[plan] && money; k++) {
		const size_t i = order[k];
		const tt_i128 all = b->left[i] * rates[i];

		if (all > money) {
			b->left[i] -= money / rates[i];
			return 0;
		}
		money -= all;
		b->left[i] = 0;
	}
	return money;
}

static int check_commitments(const tt_money_biller *b, const int64_t *v, tt_err *err)
{
	const double scale = ldexp((double)b->u->unit * 1e6, b->shift);
	double sum = 0;

	for (size_t k = 0; k < b->u->n_plans; k++) {
		sum += (double)v[k] * (double)b->hours;
		if (v[k] < 0 || sum >= 0x1p62 || sum * scale >= ldexp(1, BITS))
			return tt_fail(err, TT_EINVAL, "a commitment of %lld micro-units of money "
			               "per hour to plan %zu, expected 0 to what can be counted",
			               (long long)v[k], k);
	}
	return TT_OK;
}

int tt_money_bill_all(tt_money_biller *b, const int64_t *commitment_micro, int64_t *unused_micro,
                      tt_money_bill *ret, tt_err *err)
{
	const tt_money_usage *u = b->u;
	const tt_i128 scale = (u->unit * pico) << b->shift;
	tt_i128 on_demand = 0, committed = 0;

	TT_TRY(check_commitments(b, commitment_micro, err));
	for (size_t k = 0; k < u->n_plans; k++) {
		committed += commitment_micro[k] * scale * b->hours;
		b->lost[k] = 0;
	}
	for (size_t t = 0; t < u->n_rows; t++) {
		const tt_i128 alike = u->hours ? u->hours[t] : 1;

		for (size_t i = 0; i < u->n_items; i++)
			b->left[i] = (tt_i128)u->used[t * u->n_items + i] << b->shift;
		for (size_t k = 0; k < u->n_plans; k++)
			b->lost[k] += cover(b, k, commitment_micro[k] * scale) * alike;
		for (size_t i = 0; i < u->n_items; i++)
			on_demand += b->left[i] * u->price[i] * alike;
	}
	for (size_t k = 0; unused_micro && k < u->n_plans; k++)
		unused_micro[k] = (int64_t)tt_div_half_even(b->lost[k], scale);
	*ret = (tt_money_bill){
		.on_demand_micro = (int64_t)tt_div_half_even(on_demand, scale),
		.committed_micro = (int64_t)(committed / scale),
		.exact = on_demand + committed
	};
	ret->total_micro = ret->on_demand_micro + ret->committed_micro;
	return TT_OK;
}
