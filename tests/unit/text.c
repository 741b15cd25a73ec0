/* text.c - growing text, strict numbers in every locale, UTF-8, names. */
#include "base/memory.h"
#include "base/text.h"
#include "t.h"
#include <locale.h>

static void buffer(void)
{
	TT_CLEANUP(tt_buf_free) tt_buf b = { 0 };

	T_STR("", tt_buf_text(&b));
	tt_buf_add(&b, "", 0);
	T_OK(b.p == NULL);
	tt_buf_puts(&b, "ab");
	tt_buf_putc(&b, 'c');
	tt_buf_printf(&b, "-%d-%s", 12, "x");
	tt_buf_add(&b, "12345", 2);
	T_STR("abc-12-x12", tt_buf_text(&b));
	for (int i = 0; i < 1000; i++)
		tt_buf_printf(&b, "%04d", i);
	T_INT(4010, b.n);
	T_INT(4010, strlen(b.p));
	T_STR("0999", b.p + 4006);
	tt_buf_printf(&b, "%5000s", "|");
	T_INT(9010, b.n);
	T_OK(!b.failed);

	tt_alloc_fail_at(1, 0);
	for (int i = 0; i < 10000; i++)
		tt_buf_putc(&b, 'y');
	tt_alloc_fail_at(0, 0);
	T_OK(b.failed);
	T_INT(b.n, strlen(b.p));

	tt_buf_free(&b);
	T_OK(!b.failed && b.n == 0);
	tt_alloc_fail_at(2, 0);
	tt_buf_puts(&b, "abc");
	tt_buf_printf(&b, "%500d", 1);
	tt_alloc_fail_at(0, 0);
	T_OK(b.failed);
	T_STR("abc", tt_buf_text(&b));
}

static const char *i64(const char *s)
{
	static char text[32];
	int64_t v = 0;

	if (!tt_parse_i64(s, strlen(s), &v))
		return "no";
	snprintf(text, sizeof text, "%lld", (long long)v);
	return text;
}

static void whole_numbers(void)
{
	T_STR("0", i64("0"));
	T_STR("0", i64("-0"));
	T_STR("12", i64("0012"));
	T_STR("9223372036854775807", i64("9223372036854775807"));
	T_STR("-9223372036854775808", i64("-9223372036854775808"));
	const char *bad[] = { "", "-", "+1", " 1", "1 ", "1.0", "0x1", "--1", "1e3", "nan",
			      "9223372036854775808", "-9223372036854775809",
			      "18446744073709551616", "99999999999999999999999" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		T_STR("no", i64(bad[i]));
	int64_t v = 0;
	T_OK(tt_parse_i64("123abc", 3, &v) && v == 123);
}

static double f64(const char *s)
{
	double v = -12345;

	return tt_parse_f64(s, strlen(s), &v) ? v : NAN;
}

static void real_numbers(void)
{
	const char *bad[] = { "", "-", ".5", "5.", "1e", "1e+", "e5", "nan", "inf", "-inf", "+1",
			      "1,5", "0x10", " 1", "1 ", "1.2.3", "1e5.0", "1e400", "-1e309",
			      "1_000", "1e99999999999999999999" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		T_((isnan(f64(bad[i]))), "\"%s\" was taken for %g", bad[i], f64(bad[i]));
	T_F64(0, f64("0"), 0);
	T_OK(!signbit(f64("-0.0")));
	T_F64(0.1, f64("0.1"), 0);
	T_F64(-12.5, f64("-12.5"), 0);
	T_F64(1e22, f64("1e22"), 0);
	T_F64(1.5e-7, f64("1.5E-7"), 0);
	T_F64(100, f64("1e+2"), 0);
	T_F64(0, f64("1e-99999999999999999999"), 0);
	T_F64(0, f64("0e99999999999999999999"), 0);
	T_F64(9007199254740993.0, f64("9007199254740993"), 0);
	/* what printing doubles in full makes: 17 digits, over 2^53 */
	T_F64(0.30000000000000004, f64("0.30000000000000004"), 0);
	T_F64(97.65432109876543, f64("97.65432109876543"), 0);
	/* a tie in the bits that are kept for rounding, and a little more below them */
	T_F64(3.5217498041834148e-09, f64("3521749804183414561e-27"), 0);
	T_F64(9.880621659616413e-09, f64("9880621659616412464e-27"), 0);
	T_F64(5e-324, f64("5e-324"), 0);
	T_F64(1.7976931348623157e308, f64("1.7976931348623157e308"), 0);
	T_F64(123456789012345678901234567890.0, f64("123456789012345678901234567890"), 1.8e13);
	T_F64(1, f64("0.99999999999999999999999999"), 0);
}

/* Against the C library, which is right but follows the locale. */
static void real_numbers_as_strtod(void)
{
	uint64_t x = 88172645463325252u;
	int wrong = 0, far = 0;

	for (int i = 0; i < 200000; i++) {
		char text[64];

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		int digits = 1 + (int)((x >> 8) % 19), e = (int)((x >> 20) % 60) - 27;
		uint64_t m = x % 10000000000000000000u;
		for (int k = digits; k < 19; k++)
			m /= 10;
		bool near = i % 2;
		if (!near)
			e *= 9;
		snprintf(text, sizeof text, "%llue%d", (unsigned long long)m, e);
		double want = strtod(text, NULL), got = f64(text);
		if (isinf(want)) {
			wrong += !isnan(got);
			continue;
		}
		if (near && e <= 27)
			wrong += want != got;
		else
			far += want != got && nextafter(want, got) != got;
	}
	T_INT(0, wrong);
	T_INT(0, far);
}

static const char *shown(double v, int decimals)
{
	static char text[400];

	return tt_format_f64(v, decimals, text, sizeof text);
}

static void numbers_as_text(void)
{
	char small[4], text[32];

	T_STR("0", shown(0, 3));
	T_STR("0", shown(-0.0, 3));
	T_STR("0", shown(-0.0004, 3));
	T_STR("-0.001", shown(-0.0005, 3)); /* the double is a little above the tie */
	T_STR("1.5", shown(1.5, 3));
	T_STR("1", shown(1, 3));
	T_STR("100", shown(100, 0));
	T_STR("0.13", shown(0.125, 2));
	T_STR("-0.13", shown(-0.125, 2));
	T_STR("2.67", shown(2.675, 2)); /* the double is below the tie */
	T_STR("3", shown(2.5, 0));
	T_STR("0.3", shown(0.1 + 0.2, 6));
	T_STR("0.30000000000000004", shown(0.1 + 0.2, 17));
	T_STR("1234567.891", shown(1234567.891, 6));
	T_STR("0.05", shown(0.05, 2));
	T_STR("1", shown(0.9999, 2));
	T_STR("4503599627370495.5", shown(4503599627370495.5, 3));
	T_STR("18014398509481984", shown(0x1p54, 3));
	T_STR("1208925819614629174706176", shown(0x1p80, 2));
	T_STR("0", shown(5e-324, 18));
	T_STR("", shown(NAN, 2));
	T_STR("", shown(INFINITY, 2));
	T_STR("", tt_format_f64(1234.5, 1, small, sizeof small));
	T_STR("1,234,567", tt_format_grouped(1234567, text, sizeof text));
	T_STR("-999", tt_format_grouped(-999, text, sizeof text));
	T_STR("-1,000", tt_format_grouped(-1000, text, sizeof text));
	T_STR("0", tt_format_grouped(0, text, sizeof text));
	T_STR("-9,223,372,036,854,775,808", tt_format_grouped(INT64_MIN, text, sizeof text));
}

static void utf8(void)
{
	const char *good[] = { "", "a", "eight by", "more than eight bytes", "\xc3\xa4",
			       "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf",
			       "\xee\x80\x80", "\xf4\x8f\xbf\xbf", "12345678\xc3\xa4" };
	const char *bad[] = { "\x80", "\xc3", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf",
			      "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
			      "\xf5\x80\x80\x80", "\xe2\x82", "\xff", "12345678\xff",
			      "1234567\x80", "\xe2\x28\xa1" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		T_OK(tt_utf8_ok(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		T_OK(!tt_utf8_ok(bad[i], strlen(bad[i])));
	T_OK(!tt_utf8_ok("a\0b", 3));
	T_OK(!tt_utf8_ok("1234\0" "567", 8));
	T_INT(3, tt_utf8_next("\xe2\x82\xac!", 4));
	T_INT(0, tt_utf8_next("\xe2\x82\xac!", 2));
	T_INT(3, tt_utf8_cut("abc\xe2\x82\xac!", 7, 4)); /* whole characters only */
	T_INT(6, tt_utf8_cut("abc\xe2\x82\xac!", 7, 6));
	T_INT(7, tt_utf8_cut("abc\xe2\x82\xac!", 7, 99));
	T_INT(0, tt_utf8_cut("\xe2\x82\xac", 3, 2));
	T_INT(4, tt_utf8_width("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"));
}

static void small_parts(void)
{
	bool v = false;

	T_OK(tt_parse_bool("true", 4, &v) && v);
	T_OK(tt_parse_bool("false", 5, &v) && !v);
	T_OK(!tt_parse_bool("True", 4, &v) && !tt_parse_bool("yes", 3, &v));
	T_OK(!tt_parse_bool("", 0, &v));

	T_OK(tt_id_ok("idle_gpu") && tt_id_ok("a") && tt_id_ok("a9"));
	T_OK(!tt_id_ok("") && !tt_id_ok("9a") && !tt_id_ok("_a") && !tt_id_ok("Idle"));
	T_OK(!tt_id_ok("a-b") && !tt_id_ok("a b"));
	T_OK(tt_id_ok("a23456789012345678901234567890123456789012345678"));
	T_OK(!tt_id_ok("a234567890123456789012345678901234567890123456789"));

	/* published vectors of FNV-1a, 64 bits */
	T_OK(tt_hash(TT_HASH_START, "", 0) == UINT64_C(0xcbf29ce484222325));
	T_OK(tt_hash(TT_HASH_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
	T_OK(tt_hash(TT_HASH_START, "foobar", 6) == UINT64_C(0x85944171f73967e8));
	T_OK(tt_hash(tt_hash(TT_HASH_START, "foo", 3), "bar", 3) ==
	     tt_hash(TT_HASH_START, "foobar", 6));
}

static void names(void)
{
	tt_names *t = tt_names_new();
	char text[32];

	T_INT(-1, tt_names_find(t, "x", 1));
	for (int i = 0; i < 20000; i++) {
		int n = snprintf(text, sizeof text, "node-%d", i * 7);

		T_INT(i, tt_names_add(t, text, (size_t)n));
	}
	T_INT(20000, tt_names_count(t));
	int wrong = 0;
	for (int i = 0; i < 20000; i++) {
		int n = snprintf(text, sizeof text, "node-%d", i * 7);

		wrong += tt_names_add(t, text, (size_t)n) != i;
		wrong += tt_names_find(t, text, (size_t)n) != i;
		wrong += strcmp(tt_names_at(t, (size_t)i), text) != 0;
	}
	T_INT(0, wrong);
	T_INT(20000, tt_names_count(t));
	T_INT(-1, tt_names_find(t, "node-1", 6));
	T_INT(20000, tt_names_add(t, "", 0));
	T_INT(20000, tt_names_find(t, "", 0));
	T_INT(20001, tt_names_add(t, "node-", 5));
	T_INT(20002, tt_names_add(t, "node-\0", 6)); /* the length counts too */
	tt_names_free(t);
	tt_names_free(NULL);
}

/* Fail every allocation in turn: the set stays usable and nothing leaks. */
static void names_out_of_memory(void)
{
	for (uint64_t nth = 1;; nth++) {
		tt_alloc_fail_at(nth, 0);
		tt_names *t = tt_names_new();
		int missing = 0;

		for (int i = 0; t && i < 100; i++) {
			char text[32];
			int n = snprintf(text, sizeof text, "%d", i);

			if (tt_names_add(t, text, (size_t)n) < 0) {
				missing++;
				T_INT(i, tt_names_add(t, text, (size_t)n));
			}
		}
		if (t)
			T_INT(100, tt_names_count(t));
		tt_names_free(t);
		if (t && !missing)
			break;
	}
	tt_alloc_fail_at(0, 0);
}

int main(void)
{
	buffer();
	real_numbers_as_strtod();
	names();
	names_out_of_memory();
	utf8();
	small_parts();
	for (int i = 0; i < 2; i++) { /* the second time with a decimal comma, if there is one */
		whole_numbers();
		real_numbers();
		numbers_as_text();
		setlocale(LC_ALL, "de_DE.UTF-8");
	}
	return T_END();
}
