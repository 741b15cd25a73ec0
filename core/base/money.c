/* money.c - decimals, the one rounding, and splits that add up.
 *
 * Everything is integer arithmetic; the only double is tt_decimal_f64(), for
 * statistics and evidence, never for a sum. */
#include "money.h"
#include "memory.h"
#include "text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SCALE_DIGITS = 12, MICRO = 1000000, S_PER_H = 3600 };

static tt_u128 magnitude(tt_i128 v)
{
	return v < 0 ? 0 - (tt_u128)v : (tt_u128)v;
}

enum tt_decimal_fault tt_decimal_parse(const char *s, size_t n, tt_decimal *ret)
{
	const tt_decimal limit = TT_DECIMAL_ONE * 1000000000000000;
	bool minus = n > 0 && s[0] == '-', point = false, range = false;
	size_t start = minus ? 1 : 0, places = 0;
	tt_decimal v = 0;

	for (size_t i = start; i < n; i++) {
		unsigned d = (unsigned)(s[i] - '0');

		if (s[i] == '.' && !point && i > start) {
			point = true;
			continue;
		}
		if (d > 9)
			return TT_DECIMAL_SYNTAX;
		places += point;
		if (places > SCALE_DIGITS)
			continue; /* refused below, once the rest is known to be digits */
		v = v * 10 + d;
		if (v >= limit) { /* the rest is still looked at for its syntax */
			range = true;
			v = 0;
		}
	}
	if (n == start || s[n - 1] == '.')
		return TT_DECIMAL_SYNTAX;
	if (places > SCALE_DIGITS)
		return TT_DECIMAL_DIGITS;
	if (range)
		return TT_DECIMAL_RANGE;
	for (; places < SCALE_DIGITS && v < limit; places++)
		v *= 10;
	if (v >= limit)
		return TT_DECIMAL_RANGE;
	*ret = minus ? -v : v;
	return TT_DECIMAL_OK;
}

const char *tt_decimal_fault_text(enum tt_decimal_fault f)
{
	switch (f) {
	case TT_DECIMAL_OK:
		return "";
	case TT_DECIMAL_SYNTAX:
		return "a decimal number like 12.34";
	case TT_DECIMAL_DIGITS:
		return "a decimal number with at most 12 digits after the point";
	case TT_DECIMAL_RANGE:
		return "a decimal number below 1000000000000000";
	}
	return "";
}

/* A number that was cut would be a wrong number: better none. */
static char *copy_whole(char *buf, size_t size, const char *text)
{
	size_t n = strlen(text);

	if (n < size)
		memcpy(buf, text, n + 1);
	else if (size)
		buf[0] = '\0';
	return buf;
}

char *tt_decimal_format(tt_decimal d, char *buf, size_t size)
{
	char text[64], *p = text + sizeof text;
	tt_u128 left = magnitude(d);
	bool shown = false; /* a digit after the point that is not 0 */

	*--p = '\0';
	for (int i = 0; i < SCALE_DIGITS; i++, left /= 10) {
		int digit = (int)(left % 10);

		shown = shown || digit;
		if (shown)
			*--p = (char)('0' + digit);
	}
	if (shown)
		*--p = '.';
	do
		*--p = (char)('0' + (int)(left % 10));
	while (left /= 10);
	if (d < 0)
		*--p = '-';
	return copy_whole(buf, size, p);
}

double tt_decimal_f64(tt_decimal d)
{
	return (double)d / 1e12;
}

tt_i128 tt_div_half_even(tt_i128 a, tt_i128 b)
{
	/* Most are small, and dividing 128 bits costs ten times as much. */
	const bool small = (int64_t)a == a && (int64_t)b == b;
	tt_i128 q = small ? (tt_i128)((int64_t)a / (int64_t)b) : a / b;
	tt_u128 rest = magnitude(a - q * b), other = (tt_u128)b - rest;

	if (rest > other || (rest == other && (q & 1)))
		q += a < 0 ? -1 : 1;
	return q;
}

/* INT64_MIN means "unknown" and is no amount. */
static bool fits(tt_i128 v)
{
	return v <= INT64_MAX && v >= -(tt_i128)INT64_MAX;
}

int tt_cost_micro(tt_decimal price_per_hour, int64_t seconds, int64_t *ret, tt_err *err)
{
	/* price x 10^-12 per hour, x s / 3600 s, in units of 10^-6 */
	const tt_i128 per = (tt_i128)(TT_DECIMAL_ONE / MICRO) * S_PER_H;
	tt_i128 product, micro;
	char text[64];

	if (!__builtin_mul_overflow(price_per_hour, (tt_i128)seconds, &product)) {
		micro = tt_div_half_even(product, per);
		if (fits(micro)) {
			*ret = (int64_t)micro;
			return TT_OK;
		}
	}
	return tt_fail(err, TT_EDATA,
		       "%s per hour for %" PRId64 " s is more money than can be counted "
		       "(limit 9223372036854.775807)",
		       tt_decimal_format(price_per_hour, text, sizeof text), seconds);
}

/* What is left of one part after rounding down. */
struct rest {
	tt_u128 rest;
	size_t i;
};

/* Which of the two gets a left-over unit first. */
static bool before(const struct rest *a, const struct rest *b)
{
	return a->rest != b->rest ? a->rest > b->rest : a->i < b->i;
}

static void sift_down(struct rest *heap, size_t n, size_t at)
{
	struct rest moving = heap[at];

	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && before(&heap[child + 1], &heap[child]))
			child++;
		if (!before(&heap[child], &moving))
			break;
		heap[at] = heap[child];
	}
	heap[at] = moving;
}

/* floor(total x w / sum) and its remainder, exactly. w <= sum <= 2^96.
 *
 * The product has up to 160 bits: the total is taken in three digits of 31 bits,
 * as in a division by hand, and no step needs more than 128 bits. */
static uint64_t share_of(uint64_t total, tt_u128 w, tt_u128 sum, tt_u128 *ret_rest)
{
	const uint64_t mask = (UINT64_C(1) << 31) - 1;

	if (sum >> 64 == 0) {
		tt_u128 product = (tt_u128)total * (uint64_t)w;

		*ret_rest = product % sum;
		return (uint64_t)(product / sum);
	}

	uint64_t q = 0;
	tt_u128 rest = 0;
	for (int shift = 62; shift >= 0; shift -= 31) {
		tt_u128 part = (rest << 31) + ((total >> shift) & mask) * w;

		q = (q << 31) + (uint64_t)(part / sum);
		rest = part % sum;
	}
	*ret_rest = rest;
	return q;
}

static int sum_weights(const tt_u128 *w, size_t n, tt_u128 *ret, tt_err *err)
{
	const tt_u128 limit = (tt_u128)1 << 96;
	tt_u128 sum = 0;

	for (size_t i = 0; i < n; i++) {
		if (w[i] > limit - sum)
			return tt_fail(err, TT_EINVAL, "weights add up to more than 2^96");
		sum += w[i];
	}
	*ret = sum;
	return TT_OK;
}

int tt_split(int64_t total, const tt_u128 *w, size_t n, int64_t *ret, tt_err *err)
{
	tt_u128 sum = 0;

	if (total == TT_MONEY_UNKNOWN)
		return tt_fail(err, TT_EINVAL, "an unknown amount can't be split");
	TT_TRY(sum_weights(w, n, &sum, err));
	if (total == 0 || sum == 0) {
		if (total != 0)
			return tt_fail(err, TT_EINVAL, "nothing to split %" PRId64 " over: "
				       "every one of %zu weights is 0", total, n);
		for (size_t i = 0; i < n; i++)
			ret[i] = 0;
		return TT_OK;
	}

	TT_CLEANUP(tt_freep) struct rest *heap = tt_zalloc(n, sizeof *heap);
	if (!heap)
		return tt_no_memory(err);

	uint64_t left = (uint64_t)(total < 0 ? -total : total), whole = left;
	for (size_t i = 0; i < n; i++) {
		uint64_t q = share_of(whole, w[i], sum, &heap[i].rest);

		heap[i].i = i;
		ret[i] = (int64_t)q;
		left -= q;
	}
	/* fewer units are left than there are remainders above 0 */
	if (left)
		for (size_t i = n / 2; i-- > 0;)
			sift_down(heap, n, i);
	for (size_t in_heap = n; left; left--) {
		ret[heap[0].i]++;
		heap[0] = heap[--in_heap];
		if (in_heap)
			sift_down(heap, in_heap, 0);
	}
	if (total < 0)
		for (size_t i = 0; i < n; i++)
			ret[i] = -ret[i];
	return TT_OK;
}

int tt_money_add(int64_t *sum, int64_t v, const char *what, tt_err *err)
{
	int64_t added;

	if (v == TT_MONEY_UNKNOWN || *sum == TT_MONEY_UNKNOWN)
		return tt_fail(err, TT_EINTERNAL, "%s: an unknown amount in a sum", what);
	if (__builtin_add_overflow(*sum, v, &added) || added == TT_MONEY_UNKNOWN)
		return tt_fail(err, TT_EDATA,
			       "%s: the sum is more money than can be counted "
			       "(limit 9223372036854.775807)",
			       what);
	*sum = added;
	return TT_OK;
}

char *tt_money_json(int64_t micro, char *buf, size_t size)
{
	uint64_t a = (uint64_t)magnitude(micro);
	char text[48] = "";

	if (micro != TT_MONEY_UNKNOWN)
		snprintf(text, sizeof text, "%s%" PRIu64 ".%06" PRIu64, micro < 0 ? "-" : "",
			 a / MICRO, a % MICRO);
	return copy_whole(buf, size, text);
}

char *tt_money_text(int64_t micro, int decimals, char *buf, size_t size)
{
	int d = decimals < 0 ? 0 : decimals > 6 ? 6 : decimals;
	uint64_t per_unit = 1, unit = MICRO; /* of the last digit shown, in micro */
	char whole[32], text[64];

	if (micro == TT_MONEY_UNKNOWN)
		return copy_whole(buf, size, "unknown");
	for (int i = 0; i < d; i++) {
		per_unit *= 10;
		unit /= 10;
	}

	uint64_t a = ((uint64_t)magnitude(micro) + unit / 2) / unit;
	tt_format_grouped((int64_t)(a / per_unit), whole, sizeof whole);
	const char *sign = micro < 0 && a != 0 ? "-" : "";
	if (d == 0)
		snprintf(text, sizeof text, "%s%s", sign, whole);
	else
		snprintf(text, sizeof text, "%s%s.%0*" PRIu64, sign, whole, d, a % per_unit);
	return copy_whole(buf, size, text);
}

int64_t tt_per_month(int64_t micro, int64_t window_s)
{
	const int64_t month_s = 730 * (int64_t)S_PER_H;

	if (micro == TT_MONEY_UNKNOWN || window_s <= 0)
		return TT_MONEY_UNKNOWN;

	tt_i128 v = tt_div_half_even((tt_i128)micro * month_s, window_s);
	return fits(v) ? (int64_t)v : TT_MONEY_UNKNOWN;
}
