/* price.c - the rule of prices.csv: newest row not after the window's end, else the
 * earliest after it, an undated one only where there is no dated one. */
#include "price.h"
#include "base/clock.h"
#include "bill/residents.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const tt_price_row *price_at(const tt_snapshot *s, size_t i)
{
	return TT_ROW(&s->table[TT_PRICES], tt_price_row, i);
}

static int compare_key(const tt_price_row *p, const tt_node_row *n)
{
	int by = strcmp(p->provider, n->provider);

	if (!by)
		by = strcmp(p->region, n->region);
	return by ? by : strcmp(p->instance_type, n->instance_type);
}

/* First price that is not below the node's key; the table is sorted by it. */
static size_t lower_bound(const tt_snapshot *s, const tt_node_row *n)
{
	size_t lo = 0, hi = s->table[TT_PRICES].n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (compare_key(price_at(s, mid), n) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* > 0 when a price of date `a` goes before one of date `b`. */
static int compare_dates(int64_t a, int64_t b, int64_t end_s)
{
	if (a == b)
		return 0;
	if (a == TT_TIME_MISSING || b == TT_TIME_MISSING)
		return b == TT_TIME_MISSING ? 1 : -1;
	if ((a <= end_s) != (b <= end_s))
		return a <= end_s ? 1 : -1;
	if (a <= end_s)
		return a > b ? 1 : -1;
	return a < b ? 1 : -1;
}

static int same_model(const tt_price_row *p, const tt_node_row *n)
{
	return *p->gpu_model && strcasecmp(p->gpu_model, n->gpu_model) == 0;
}

static bool same_payment(const char *a, const char *b)
{
	return strcmp(*a ? a : "none", *b ? b : "none") == 0;
}

/* Several rows of one date can differ by GPU model: the node's own then counts, and
 * without one the price is unknown unless they agree. */
const tt_price_row *tt_price_offered_at(const tt_snapshot *s, const tt_node_row *n,
					const char *pricing, const char *payment, int64_t at_s)
{
	const tt_price_row *best = NULL;
	bool agree = true;

	for (size_t i = lower_bound(s, n); i < s->table[TT_PRICES].n; i++) {
		const tt_price_row *p = price_at(s, i);

		if (compare_key(p, n) != 0)
			break;
		if (strcmp(p->pricing, pricing) != 0 || p->price_per_hour == TT_DECIMAL_MISSING ||
		    !same_payment(p->payment, payment))
			continue;

		int by = best ? compare_dates(p->as_of, best->as_of, at_s) : 1;
		if (by == 0)
			by = same_model(p, n) - same_model(best, n);
		if (by == 0 && p->price_per_hour != best->price_per_hour)
			agree = false;
		if (by <= 0)
			continue;
		best = p;
		agree = true;
	}
	return agree ? best : NULL;
}

const tt_price_row *tt_price_offered(const tt_snapshot *s, const tt_node_row *n,
				     const char *pricing, const char *payment)
{
	return tt_price_offered_at(s, n, pricing, payment, s->end_s);
}

const tt_price_row *tt_price_listed(const tt_snapshot *s, const tt_node_row *n)
{
	return tt_price_offered(s, n, *n->pricing ? n->pricing : "on_demand", "none");
}

static int any_or_equal(const char *wanted, const char *is)
{
	return !*wanted || strcmp(wanted, is) == 0;
}

bool tt_price_covers(const tt_snapshot *s, const tt_commitment_row *c, const tt_node_row *n)
{
	if (!(c->units > 0) || (!*c->instance_type && !*c->gpu_model))
		return false;
	if ((c->starts_at != TT_TIME_MISSING && c->starts_at >= s->end_s) ||
	    (c->ends_at != TT_TIME_MISSING && c->ends_at <= s->start_s))
		return false;
	return any_or_equal(c->provider, n->provider) && any_or_equal(c->region, n->region) &&
	       any_or_equal(c->instance_type, n->instance_type) &&
	       (!*c->gpu_model || strcasecmp(c->gpu_model, n->gpu_model) == 0);
}

tt_decimal tt_price_committed(const tt_commitment_row *c)
{
	const int all = strcmp(c->payment, "all") == 0;
	const int upfront = all || strcmp(c->payment, "partial") == 0;
	tt_decimal price = c->price_per_hour;

	if (price == TT_DECIMAL_MISSING) {
		if (!all) /* paid all at once, there is nothing that recurs */
			return TT_DECIMAL_MISSING;
		price = 0;
	}
	if (c->upfront == TT_DECIMAL_MISSING)
		return upfront ? TT_DECIMAL_MISSING : price;
	if (c->upfront == 0)
		return price;
	if (c->starts_at == TT_TIME_MISSING || c->ends_at == TT_TIME_MISSING ||
	    c->ends_at <= c->starts_at || c->units > 1e9)
		return TT_DECIMAL_MISSING;

	/* per hour = upfront x 3600 / (units x seconds), rounded where it does not divide:
	 * 10^-12 an hour is below a micro-unit in any window */
	const tt_i128 units_u6 = llround(c->units * 1e6);
	const tt_i128 per = units_u6 * (c->ends_at - c->starts_at);
	tt_i128 sum;
	if (per < 1 || __builtin_mul_overflow(c->upfront, (tt_i128)3600 * 1000000, &sum))
		return TT_DECIMAL_MISSING;
	return price + tt_div_half_even(sum, per);
}

/* What a reserved node costs under the commitment that covers it. Several are fine as
 * long as they agree on the price. */
static void find_committed(const tt_snapshot *s, const tt_node_row *n, tt_node_price *ret)
{
	const tt_commitment_row *first = NULL;
	tt_decimal found = TT_DECIMAL_MISSING;

	for (size_t i = 0; i < s->table[TT_COMMITMENTS].n; i++) {
		const tt_commitment_row *c =
			TT_ROW(&s->table[TT_COMMITMENTS], tt_commitment_row, i);

		if (!tt_price_covers(s, c, n))
			continue;

		tt_decimal price = tt_price_committed(c);
		if (price == TT_DECIMAL_MISSING)
			return;
		if (!*c->instance_type) { /* units are cards then */
			if (!(n->gpus > 0) || n->gpus > 1e9 ||
			    __builtin_mul_overflow(price, (tt_i128)llround(n->gpus), &price))
				return;
		}
		if (first && price != found)
			return;
		if (!first)
			first = c;
		found = price;
	}
	if (first)
		*ret = (tt_node_price){ .price_per_hour = found, .table = "commitments",
					.commitment = first->commitment,
					.as_of_s = TT_TIME_MISSING };
}

static void find_price(const tt_snapshot *s, size_t node, tt_node_price *ret)
{
	const tt_node_row *n = TT_ROW(&s->table[TT_NODES], tt_node_row, node);

	*ret = (tt_node_price){ .price_per_hour = TT_DECIMAL_MISSING,
				.as_of_s = TT_TIME_MISSING };
	if (n->price_per_hour != TT_DECIMAL_MISSING) {
		ret->price_per_hour = n->price_per_hour;
		ret->table = "nodes";
	} else if (strcmp(n->pricing, "reserved") == 0) {
		find_committed(s, n, ret);
	} else if (strcmp(n->pricing, "owned") != 0 && *n->provider && *n->region &&
		   *n->instance_type) {
		const tt_price_row *p = tt_price_listed(s, n);

		if (p)
			*ret = (tt_node_price){ .price_per_hour = p->price_per_hour,
						.table = "prices", .as_of_s = p->as_of };
	}
}

/* An hour of what was charged: to 10^-12, so that a window of it comes to the charges to the
 * micro-unit again. */
static bool find_charged(const tt_snapshot *s, size_t node, tt_node_price *ret)
{
	const tt_span life = tt_node_life(s, node);
	const int64_t micro = tt_billed_node(s, node);

	if (micro == TT_MONEY_UNKNOWN || life.from_s >= life.to_s)
		return false;
	*ret = (tt_node_price){ .table = "charges", .as_of_s = TT_TIME_MISSING,
				.price_per_hour = tt_div_half_even((tt_i128)micro * 1000000 * 3600,
								   life.to_s - life.from_s) };
	return true;
}

void tt_price_of_node(const tt_snapshot *s, size_t node, tt_node_price *ret)
{
	if (!find_charged(s, node, ret))
		find_price(s, node, ret);
}

void tt_price_of_another(const tt_snapshot *s, size_t node, tt_node_price *ret)
{
	find_price(s, node, ret);
	if (ret->price_per_hour == TT_DECIMAL_MISSING)
		find_charged(s, node, ret);
}

const char *tt_price_from(const tt_node_price *p, tt_arena *arena)
{
	char date[TT_TIME_TEXT], text[64];

	if (!p->table)
		return "";
	if (strcmp(p->table, "nodes") == 0)
		return "nodes.csv";
	if (strcmp(p->table, "charges") == 0)
		return "charges.csv";
	if (p->commitment) {
		static const char head[] = "commitments.csv ";
		const size_t n = sizeof head + strlen(p->commitment);
		char *from = tt_arena_alloc(arena, n);

		if (from)
			snprintf(from, n, "%s%s", head, p->commitment);
		return from;
	}
	if (p->as_of_s == TT_TIME_MISSING)
		return "prices.csv";
	snprintf(text, sizeof text, "prices.csv %s", tt_time_format(p->as_of_s, date));
	return tt_arena_text(arena, text, strlen(text));
}
