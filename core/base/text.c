/* text.c - growing text, UTF-8, and numbers from and to text.
 *
 * No strtod and no printf of doubles: both follow the locale, and the same input
 * has to give the same bytes everywhere. Sets of names are in names.c. */
#include "text.h"
#include "memory.h"
#include "money.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Room for n more bytes and the NUL. */
static bool reserve(tt_buf *b, size_t n)
{
	if (b->failed)
		return false;
	if (b->p && n < b->cap - b->n)
		return true;

	size_t cap = b->cap < 64 ? 64 : b->cap;
	while (cap <= b->n || cap - b->n <= n) {
		if (cap > SIZE_MAX / 2) {
			b->failed = true;
			return false;
		}
		cap *= 2;
	}
	char *p = tt_realloc(b->p, cap, 1);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void tt_buf_add(tt_buf *b, const char *s, size_t n)
{
	if (n == 0 || !reserve(b, n))
		return;
	memcpy(b->p + b->n, s, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void tt_buf_puts(tt_buf *b, const char *s)
{
	tt_buf_add(b, s, strlen(s));
}

void tt_buf_putc(tt_buf *b, char c)
{
	tt_buf_add(b, &c, 1);
}

void tt_buf_printf(tt_buf *b, const char *fmt, ...)
{
	va_list ap, again;

	if (!reserve(b, 1))
		return;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, ap);
	if (n >= 0 && (size_t)n >= b->cap - b->n) {
		b->p[b->n] = '\0';
		if (reserve(b, (size_t)n))
			n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, again);
		else
			n = 0;
	}
	va_end(again);
	va_end(ap);
	if (n < 0) {
		b->p[b->n] = '\0';
		b->failed = true;
		return;
	}
	b->n += (size_t)n;
}

const char *tt_buf_text(const tt_buf *b)
{
	return b->p ? b->p : "";
}

void tt_buf_free(tt_buf *b)
{
	tt_free(b->p);
	*b = (tt_buf){ 0 };
}

bool tt_parse_i64(const char *s, size_t n, int64_t *ret)
{
	bool minus = n > 0 && s[0] == '-';
	size_t i = minus ? 1 : 0;
	uint64_t limit = (uint64_t)INT64_MAX + i;
	uint64_t v = 0;

	if (i == n)
		return false;
	for (; i < n; i++) {
		unsigned d = (unsigned)(s[i] - '0');

		if (d > 9 || v > (limit - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*ret = (int64_t)(minus ? 0 - v : v);
	return true;
}

/* A number as it was written: m x 10^exp10. */
struct written {
	uint64_t m;
	int64_t exp10;
};

/* Take the digits at *s. What a uint64 can't hold (the 20th digit and later) only
 * moves the exponent; `fraction` digits move it the other way. */
static bool take_digits(const char **s, const char *end, bool fraction, struct written *w)
{
	const char *start = *s;

	for (; *s < end; ++*s) {
		unsigned d = (unsigned)(**s - '0');

		if (d > 9)
			break;
		if (w->m <= (UINT64_MAX - 9) / 10) {
			w->m = w->m * 10 + d;
			w->exp10 -= fraction;
		} else {
			w->exp10 += !fraction;
		}
	}
	return *s > start;
}

static bool take_exponent(const char **s, const char *end, struct written *w)
{
	bool minus = *s < end && **s == '-';
	const char *start;
	int64_t e = 0;

	if (*s < end && (**s == '-' || **s == '+'))
		++*s;
	for (start = *s; *s < end; ++*s) {
		unsigned d = (unsigned)(**s - '0');

		if (d > 9)
			break;
		if (e < INT64_MAX / 100) /* more digits than any memory holds */
			e = e * 10 + d;
	}
	w->exp10 += minus ? -e : e;
	return *s > start;
}

/* v x 2^exp2 (and a little more when `sticky`), rounded half-even. v has at least
 * 64 bits or nothing is rounded; the result is in the range of normal doubles. */
static double round_to_f64(tt_u128 v, bool sticky, int exp2)
{
	uint64_t high = (uint64_t)(v >> 64), low = (uint64_t)v;
	int bits = high ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll(low);
	int shift = bits - 53;

	if (shift > 0) {
		tt_u128 half = (tt_u128)1 << (shift - 1);
		tt_u128 rest = v & ((half << 1) - 1);

		v >>= shift;
		exp2 += shift;
		if (rest > half || (rest == half && (sticky || (v & 1))))
			v++;
	}
	return ldexp((double)(uint64_t)v, exp2);
}

/* m x 10^e, |e| <= 27, correctly rounded, of the first 19 digits that is, which are what m
 * holds: 5^27 is the last that fits 64 bits. */
static double scale_exactly(uint64_t m, int e)
{
	uint64_t five = 1;

	for (int i = 0; i < (e < 0 ? -e : e); i++)
		five *= 5;
	if (e >= 0)
		return round_to_f64((tt_u128)m * five, false, e);

	int lead = __builtin_clzll(m);
	tt_u128 top = (tt_u128)(m << lead) << 64;
	return round_to_f64(top / five, top % five != 0, e - lead - 64);
}

/* Any other exponent: long double, within one unit in the last place. */
static double scale_roughly(uint64_t m, int64_t e)
{
	long double p = 1, square = 10;

	if (e < -400)
		return 0;
	if (e > 400)
		return INFINITY;

	unsigned k = (unsigned)(e < 0 ? -e : e);
	for (; k; k >>= 1, square *= square)
		if (k & 1)
			p *= square;
	return (double)(e < 0 ? (long double)m / p : (long double)m * p);
}

static double scale(struct written w)
{
	static const double tens[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
				       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
				       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

	if (w.m == 0)
		return 0;
	/* both factors are exact doubles, so one operation rounds once (Clinger 1990) */
	if (w.m <= UINT64_C(1) << 53 && w.exp10 >= -22 && w.exp10 <= 22)
		return w.exp10 < 0 ? (double)w.m / tens[-w.exp10] : (double)w.m * tens[w.exp10];
	if (w.exp10 >= -27 && w.exp10 <= 27)
		return scale_exactly(w.m, (int)w.exp10);
	return scale_roughly(w.m, w.exp10);
}

bool tt_parse_f64(const char *s, size_t n, double *ret)
{
	if (n == 0)
		return false;

	const char *end = s + n;
	bool minus = *s == '-';
	struct written w = { 0 };

	if (minus)
		s++;
	if (!take_digits(&s, end, false, &w))
		return false;
	if (s < end && *s == '.') {
		s++;
		if (!take_digits(&s, end, true, &w))
			return false;
	}
	if (s < end && (*s == 'e' || *s == 'E')) {
		s++;
		if (!take_exponent(&s, end, &w))
			return false;
	}
	if (s != end)
		return false;

	double v = scale(w);
	if (isinf(v))
		return false;
	*ret = minus && v != 0 ? -v : v;
	return true;
}

bool tt_parse_bool(const char *s, size_t n, bool *ret)
{
	if (n == 4 && memcmp(s, "true", 4) == 0)
		*ret = true;
	else if (n == 5 && memcmp(s, "false", 5) == 0)
		*ret = false;
	else
		return false;
	return true;
}

/* A number that was cut would be a wrong number: better none. */
static char *whole_or_nothing(char *buf, size_t size, int n)
{
	if (size && (n < 0 || (size_t)n >= size))
		buf[0] = '\0';
	return buf;
}

char *tt_format_f64(double v, int decimals, char *buf, size_t size)
{
	double a = fabs(v);
	int exp2, d = decimals < 0 ? 0 : decimals > 18 ? 18 : decimals;
	uint64_t ten = 1;

	if (!isfinite(v))
		return whole_or_nothing(buf, size, -1);
	if (a >= 0x1p53) /* whole anyway, and "%.0f" writes no point */
		return whole_or_nothing(buf, size, snprintf(buf, size, "%.0f", v));

	/* a is m / 2^shift; m x 10^d stays below 2^113, so every step is exact */
	for (int i = 0; i < d; i++)
		ten *= 10;
	tt_u128 x = (tt_u128)(uint64_t)(frexp(a, &exp2) * 0x1p53) * ten;
	int shift = 53 - exp2;
	if (shift > 120)
		x = 0;
	else if (shift > 0)
		x = (x + ((tt_u128)1 << (shift - 1))) >> shift;

	uint64_t whole = (uint64_t)(x / ten), part = (uint64_t)(x % ten);
	const char *sign = v < 0 && x != 0 ? "-" : "";
	for (; d > 0 && part % 10 == 0; d--)
		part /= 10;
	int n = d == 0 ? snprintf(buf, size, "%s%" PRIu64, sign, whole)
		       : snprintf(buf, size, "%s%" PRIu64 ".%0*" PRIu64, sign, whole, d, part);
	return whole_or_nothing(buf, size, n);
}

char *tt_format_grouped(int64_t v, char *buf, size_t size)
{
	char text[32], *p = text + sizeof text;
	uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	int digits = 0;

	*--p = '\0';
	do {
		if (digits && digits % 3 == 0)
			*--p = ',';
		*--p = (char)('0' + left % 10);
		digits++;
	} while (left /= 10);
	if (v < 0)
		*--p = '-';
	return whole_or_nothing(buf, size, snprintf(buf, size, "%s", p));
}

size_t tt_utf8_next(const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;
	unsigned low = 0x80, high = 0xbf; /* what the second byte may be */
	size_t len;

	if (n == 0 || u[0] == 0)
		return 0;
	if (u[0] < 0x80)
		return 1;
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 0;
	len = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	if (u[0] == 0xe0)
		low = 0xa0;  /* shorter would have done */
	else if (u[0] == 0xed)
		high = 0x9f; /* surrogates */
	else if (u[0] == 0xf0)
		low = 0x90;
	else if (u[0] == 0xf4)
		high = 0x8f; /* past U+10FFFF */
	if (n < len || u[1] < low || u[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

bool tt_utf8_ok(const char *s, size_t n)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;

	for (size_t i = 0; i < n;) {
		uint64_t eight;

		if (n - i >= sizeof eight) { /* eight ASCII bytes without NUL at once */
			memcpy(&eight, s + i, sizeof eight);
			if (((eight | (eight - ones)) & tops) == 0) {
				i += sizeof eight;
				continue;
			}
		}
		size_t len = tt_utf8_next(s + i, n - i);
		if (len == 0)
			return false;
		i += len;
	}
	return true;
}

bool tt_id_ok(const char *s)
{
	size_t n = 0;

	if (s[0] < 'a' || s[0] > 'z')
		return false;
	for (; s[n]; n++) {
		bool word = (s[n] >= 'a' && s[n] <= 'z') || (s[n] >= '0' && s[n] <= '9');

		if (n == 48 || (!word && s[n] != '_'))
			return false;
	}
	return true;
}

size_t tt_utf8_cut(const char *s, size_t n, size_t most)
{
	size_t shown = 0;

	for (size_t len = 0; shown < n; shown += len) {
		len = tt_utf8_next(s + shown, n - shown);
		if (len == 0)
			len = 1; /* not valid: tt_fail() shows it as '?' */
		if (shown + len > most)
			break;
	}
	return shown;
}

int tt_utf8_shown(const char *s, size_t n)
{
	return (int)tt_utf8_cut(s, n, 60);
}

size_t tt_utf8_width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

int tt_compare_texts(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

uint64_t tt_hash(uint64_t h, const void *p, size_t n)
{
	const unsigned char *u = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ u[i]) * UINT64_C(0x100000001b3);
	return h;
}
