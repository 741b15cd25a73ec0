/* Stretches of time: joined, cut out of each other, and counted. */
#include "bill/spans.h"
#include "t.h"
#include <stdarg.h>

/* A tidy list of n spans, as from, to, from, to. */
static tt_spans spans(int n, ...)
{
	tt_spans s = { 0 };
	va_list args;

	va_start(args, n);
	for (int i = 0; i < n; i++) {
		int from = va_arg(args, int), to = va_arg(args, int);

		T_INT(TT_OK, tt_spans_add(&s, from, to, NULL));
	}
	va_end(args);
	tt_spans_tidy(&s);
	return s;
}

static const char *text(const tt_spans *s)
{
	static char buf[256];
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < s->n && n < sizeof buf - 48; i++)
		n += (size_t)snprintf(buf + n, sizeof buf - n, "%s%lld-%lld", i ? " " : "",
				      (long long)s->v[i].from_s, (long long)s->v[i].to_s);
	return buf;
}

static void test_tidy(void)
{
	tt_spans s = spans(6, 30, 40, 5, 5, 10, 20, 20, 25, 12, 14, 50, 45);

	T_STR("10-25 30-40", text(&s));
	T_INT(25, tt_spans_length_s(&s));
	T_INT(25, tt_spans_overlap_s(&s, 0, 99));
	T_INT(7, tt_spans_overlap_s(&s, 20, 32));
	T_INT(0, tt_spans_overlap_s(&s, 25, 30));
	T_INT(0, tt_spans_overlap_s(&s, 40, 50));
	tt_spans_free(&s);
	T_INT(0, tt_spans_length_s(&s));
}

static void test_subtract(void)
{
	tt_spans a = spans(3, 0, 10, 20, 30, 40, 50), b = spans(4, 3, 5, 8, 22, 24, 25, 45, 99);
	tt_spans none = { 0 }, left = { 0 };

	T_INT(TT_OK, tt_spans_subtract(&a, &b, &left, NULL));
	T_STR("0-3 5-8 22-24 25-30 40-45", text(&left));
	T_INT(TT_OK, tt_spans_subtract(&a, &none, &left, NULL));
	T_STR("0-10 20-30 40-50", text(&left));
	T_INT(TT_OK, tt_spans_subtract(&none, &a, &left, NULL));
	T_STR("", text(&left));
	T_INT(TT_OK, tt_spans_subtract(&a, &a, &left, NULL));
	T_STR("", text(&left));
	tt_spans_free(&a);
	tt_spans_free(&b);
	tt_spans_free(&left);
}

/* Many, in no order: what is left covers what was there, and nothing else. */
static void test_many(void)
{
	unsigned char there[4096] = { 0 };
	uint32_t seed = 1;
	tt_spans s = { 0 };

	for (int i = 0; i < 300; i++) {
		seed = seed * 1103515245 + 12345;
		const int64_t from = seed >> 8 & 4031, to = from + (seed >> 24 & 15);

		T_INT(TT_OK, tt_spans_add(&s, from, to, NULL));
		memset(there + from, 1, (size_t)(to - from));
	}
	tt_spans_tidy(&s);
	T_OK(s.n > 50);
	for (size_t i = 0; i < s.n; i++) {
		T_OK(s.v[i].from_s < s.v[i].to_s && (!i || s.v[i - 1].to_s < s.v[i].from_s));
		for (int64_t at = s.v[i].from_s; at < s.v[i].to_s; at++)
			there[at] ^= 1;
	}
	T_OK(!memchr(there, 1, sizeof there));
	tt_spans_free(&s);
}

static void test_extend(void)
{
	tt_spans s = { 0 };

	T_INT(TT_OK, tt_spans_extend(&s, 5, 5, NULL));
	T_STR("", text(&s));
	T_INT(TT_OK, tt_spans_extend(&s, 5, 10, NULL));
	T_INT(TT_OK, tt_spans_extend(&s, 10, 12, NULL));
	T_STR("5-12", text(&s));
	T_INT(TT_OK, tt_spans_extend(&s, 12, 12, NULL));
	T_INT(TT_OK, tt_spans_extend(&s, 13, 15, NULL));
	T_INT(TT_OK, tt_spans_extend(&s, 1, 5, NULL));
	T_STR("5-12 13-15 1-5", text(&s));
	tt_spans_free(&s);
}

static void test_common(void)
{
	tt_spans lists[3] = { spans(2, 0, 10, 20, 30), spans(1, 5, 25), spans(1, 8, 22) };
	tt_spans all = { 0 }, two = { 0 }, four = { 0 };

	T_INT(TT_OK, tt_spans_common(lists, 3, 3, &all, NULL));
	tt_spans_tidy(&all);
	T_STR("8-10 20-22", text(&all));
	T_INT(TT_OK, tt_spans_common(lists, 3, 2, &two, NULL));
	tt_spans_tidy(&two);
	T_STR("5-25", text(&two));
	T_INT(TT_OK, tt_spans_common(lists, 3, 4, &four, NULL));
	T_STR("", text(&four));
	T_INT(TT_OK, tt_spans_common(NULL, 0, 1, &four, NULL));
	T_STR("", text(&four));
	for (int i = 0; i < 3; i++)
		tt_spans_free(&lists[i]);
	tt_spans_free(&all);
	tt_spans_free(&two);
	tt_spans_free(&four);
}

int main(void)
{
	test_tidy();
	test_subtract();
	test_many();
	test_extend();
	test_common();
	return T_END();
}
