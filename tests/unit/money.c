/* money.c - decimals refuse what they can't hold, one rounding, splits add up. */
#include "base/memory.h"
#include "base/money.h"
#include "t.h"

static const char *decimal(const char *s)
{
	static char text[64];
	tt_decimal d = 0;
	enum tt_decimal_fault fault = tt_decimal_parse(s, strlen(s), &d);

	return fault ? tt_decimal_fault_text(fault) : tt_decimal_format(d, text, sizeof text);
}

static void decimals(void)
{
	const char *bad[] = { "", "-", ".", ".5", "5.", "-.5", "1.2.3", "1e3", "nan", "inf", "+1",
			      " 1", "1 ", "1,5", "0x1", "--1", "1..2", "99999999999999999999x",
			      "0.0000000000000x" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		T_STR("a decimal number like 12.34", decimal(bad[i]));
	T_STR("98.32", decimal("98.32"));
	T_STR("98.32", decimal("0098.3200"));
	T_STR("0.000001", decimal("0.000001"));
	T_STR("-0.000000000001", decimal("-0.000000000001"));
	T_STR("0", decimal("-0.00"));
	T_STR("1000", decimal("1000"));
	T_STR("999999999999999.999999999999", decimal("999999999999999.999999999999"));
	T_STR("-999999999999999", decimal("-999999999999999"));
	T_HAS("at most 12 digits", decimal("1.0000000000001"));
	T_HAS("at most 12 digits", decimal("1.0000000000000"));
	T_HAS("below 1000000000000000", decimal("1000000000000000"));
	T_HAS("below 1000000000000000", decimal("-1000000000000000.000000000000"));
	T_HAS("below 1000000000000000", decimal("123456789012345678901234567890"));
	T_HAS("below 1000000000000000", decimal("99999999999999999999999999999999999999999999"));

	char small[4];
	T_STR("", tt_decimal_format(TT_DECIMAL_ONE * 12345, small, sizeof small));
	T_F64(98.32, tt_decimal_f64(TT_DECIMAL_ONE * 9832 / 100), 0);
}

static int64_t cost(const char *price, int64_t seconds)
{
	tt_decimal d = 0;
	int64_t micro = -1;

	T_INT(TT_DECIMAL_OK, tt_decimal_parse(price, strlen(price), &d));
	T_INT(TT_OK, tt_cost_micro(d, seconds, &micro, NULL));
	return micro;
}

static void costs(void)
{
	T_INT(27338422, cost("98.32", 1001));
	T_INT(98320000, cost("98.32", 3600));
	T_INT(0, cost("98.32", 0));
	T_INT(-27338422, cost("-98.32", 1001));
	/* 0.0036 an hour is one micro-unit a second */
	T_INT(0, cost("0.0018", 1));
	T_INT(2, cost("0.0054", 1));
	T_INT(2, cost("0.009", 1));
	T_INT(4, cost("0.0126", 1));
	T_INT(-2, cost("-0.0054", 1));
	T_INT(1, cost("0.001800000001", 1));

	tt_err err = { 0 };
	int64_t micro = 5;
	tt_decimal d = TT_DECIMAL_ONE * 999999999999999;
	T_INT(TT_EDATA, tt_cost_micro(d, 3600 * 24 * 365, &micro, &err));
	T_HAS("999999999999999 per hour for 31536000 s is more money than", err.text);
	T_INT(TT_EDATA, tt_cost_micro(d, INT64_MAX, &micro, NULL));
	T_INT(5, micro);
	/* the smallest int64 is "unknown" and no amount */
	d = -(tt_decimal)9223372036854775807 * 1000000;
	T_INT(TT_OK, tt_cost_micro(d, 3600, &micro, NULL));
	T_INT(-INT64_MAX, micro);
	T_INT(TT_EDATA, tt_cost_micro(d - 1000000, 3600, &micro, NULL));
}

static void half_even(void)
{
	const int64_t want[] = { 0, 0, 1, 2, 2, 2, 3, 4, 4 };
	const tt_i128 huge = (tt_i128)(((tt_u128)1 << 127) - 1);

	for (int i = 0; i < 9; i++) {
		T_INT(want[i], tt_div_half_even(i, 2));
		T_INT(-want[i], tt_div_half_even(-i, 2));
	}
	T_INT(3, tt_div_half_even(10, 3));
	T_INT(4, tt_div_half_even(11, 3));
	T_INT(-4, tt_div_half_even(-11, 3));
	T_OK(tt_div_half_even(huge, 1) == huge);
	T_OK(tt_div_half_even(huge, huge) == 1);
	T_OK(tt_div_half_even(huge / 2, huge) == 0);
	T_OK(tt_div_half_even(huge / 2 + 1, huge) == 1);
	T_OK(tt_div_half_even(-huge - 1, 2) == -(huge / 2) - 1);
}

/* The parts of a split as text: "3 2 1 1 0". */
static const char *parts(int64_t total, size_t n, const tt_u128 *w)
{
	static char text[256];
	int64_t ret[16] = { 0 };
	size_t at = 0;

	T_INT(TT_OK, tt_split(total, w, n, ret, NULL));
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%lld", i ? " " : "",
				       (long long)ret[i]);
	return text;
}

static void splits(void)
{
	T_STR("33333334 33333333 33333333", parts(100000000, 3, (tt_u128[]){ 1, 1, 1 }));
	T_STR("-15000 -15000 -15000 -5000", parts(-50000, 4, (tt_u128[]){ 3, 3, 3, 1 }));
	T_STR("3 2 1 1 0", parts(7, 5, (tt_u128[]){ 5, 3, 1, 1, 1 }));
	T_STR("49160000 24580000 13656 0 24566344",
	      parts(98320000, 5, (tt_u128[]){ 3600, 1800, 1, 0, 1799 }));
	T_STR("-3 -2 -1 -1 0", parts(-7, 5, (tt_u128[]){ 5, 3, 1, 1, 1 }));
	T_STR("5880001 1470000", parts(7350001, 2, (tt_u128[]){ 36870000, 9217500 }));
	T_STR("0 0", parts(0, 2, (tt_u128[]){ 0, 0 }));
	T_STR("0 9223372036854775807 0", parts(INT64_MAX, 3, (tt_u128[]){ 0, 1, 0 }));
	T_STR("4611686018427387904 4611686018427387903",
	      parts(INT64_MAX, 2, (tt_u128[]){ (tt_u128)1 << 95, (tt_u128)1 << 95 }));
	T_STR("-9223372036854775807 0",
	      parts(-INT64_MAX, 2, (tt_u128[]){ ((tt_u128)1 << 96) - 1, 1 }));

	tt_err err = { 0 };
	int64_t ret[2] = { 8, 9 };
	T_INT(TT_EINVAL, tt_split(5, (tt_u128[]){ 0, 0 }, 2, ret, &err));
	T_HAS("every one of 2 weights is 0", err.text);
	T_INT(TT_EINVAL, tt_split(5, NULL, 0, ret, NULL));
	T_INT(TT_OK, tt_split(0, NULL, 0, ret, NULL));
	T_INT(TT_EINVAL, tt_split(TT_MONEY_UNKNOWN, (tt_u128[]){ 1, 1 }, 2, ret, NULL));
	T_INT(TT_EINVAL, tt_split(5, (tt_u128[]){ (tt_u128)1 << 96, 1 }, 2, ret, NULL));
	T_INT(TT_EINVAL, tt_split(5, (tt_u128[]){ 1, ~(tt_u128)0 }, 2, ret, NULL));
	tt_alloc_fail_at(1, 0);
	T_INT(TT_ENOMEM, tt_split(5, (tt_u128[]){ 1, 1 }, 2, ret, NULL));
	tt_alloc_fail_at(0, 0);
	T_INT(8, ret[0]);
	T_INT(9, ret[1]);
}

/* Eight cards for an hour at 98.32: (seconds, activity in per mille), in
 * GPU-milliseconds x per mille, as algorithms for allocation want it. */
static void node_hour(void)
{
	enum { ML_P, ML_I, ML2_P, ML2_I, SE_P, SE_I, SE2_P, SE2_I, NOBODY, ML_DARK, FREE, N };
	const tt_u128 w[N] = {
		3600 * 812, 3600 * 188, 3600 * 640, 3600 * 360, 1800 * 35, 1800 * 965,
		900 * 1000, 0, 3600 * 1000, 3600 * 1000,
		(8 * 3600 - 3600 * 4 - 1800 - 900) * 1000,
	};
	int64_t v[N];

	T_INT(TT_OK, tt_split(98320000, w, N, v, NULL));
	T_INT(17845080, v[ML_P] + v[ML2_P]);
	T_INT(3287575, v[SE_P] + v[SE2_P]);
	T_INT(6734920, v[ML_I] + v[ML2_I]);
	T_INT(5929925, v[SE_I] + v[SE2_I]);
	T_INT(12290000, v[NOBODY]);
	T_INT(12290000, v[ML_DARK]);
	T_INT(39942500, v[FREE]);

	/* tax by what each owner costs otherwise */
	const tt_u128 owners[] = { 17845080 + 6734920 + 12290000, 3287575 + 5929925 };
	T_STR("5880001 1470000", parts(7350001, 2, owners));
}

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* Any total over any weights adds up, no part is off by a whole unit, and weights
 * twice 2^40 as large (the long division) give the same parts. */
static void splits_at_random(void)
{
	enum { N = 200 };
	uint64_t x = 88172645463325252u;
	static tt_u128 w[N], wide[N];
	int64_t a[N], b[N];

	for (int round = 0; round < 300; round++) {
		size_t n = 1 + next_random(&x) % N;
		int64_t total = (int64_t)(next_random(&x) >> (next_random(&x) % 60 + 1));
		unsigned bits = 1 + (unsigned)(next_random(&x) % 40);
		tt_u128 sum = 0;

		for (size_t i = 0; i < n; i++) {
			w[i] = next_random(&x) % (UINT64_C(1) << bits);
			wide[i] = w[i] * (((uint64_t)1 << 41) + 1);
			sum += w[i];
		}
		if (sum == 0)
			continue;
		if (round % 2)
			total = -total;
		T_INT(TT_OK, tt_split(total, w, n, a, NULL));
		T_INT(TT_OK, tt_split(total, wide, n, b, NULL));

		tt_i128 got = 0;
		int wrong = 0;
		for (size_t i = 0; i < n; i++) {
			tt_i128 off = (tt_i128)a[i] * (tt_i128)sum - (tt_i128)total * (tt_i128)w[i];

			got += a[i];
			wrong += a[i] != b[i];
			wrong += off <= -(tt_i128)sum || off >= (tt_i128)sum;
		}
		T_OK(got == total);
		T_INT(0, wrong);
	}
}

/* 1000 in equal parts, where rounding each part alone would lose 1000 micro-units. */
static void nothing_gets_lost(void)
{
	enum { N = 3000 };
	static tt_u128 w[N];
	static int64_t v[N];
	int64_t sum = 0, high = 0;

	for (size_t i = 0; i < N; i++)
		w[i] = 1;
	T_INT(TT_OK, tt_split(1000000000, w, N, v, NULL));
	for (size_t i = 0; i < N; i++) {
		T_OK(v[i] == 333333 || v[i] == 333334);
		T_OK(i == 0 || v[i] <= v[i - 1]); /* ties go to the lower index */
		high += v[i] == 333334;
		sum += v[i];
	}
	T_INT(1000000000, sum);
	T_INT(1000, high);
	T_INT(-1000, tt_div_half_even(1000000000, N) * N - 1000000000);
}

static void sums(void)
{
	tt_err err = { 0 };
	int64_t sum = 0;

	T_INT(TT_OK, tt_money_add(&sum, 5, "total", &err));
	T_INT(TT_OK, tt_money_add(&sum, INT64_MAX - 5, "total", &err));
	T_INT(INT64_MAX, sum);
	T_INT(TT_EDATA, tt_money_add(&sum, 1, "owner ml", &err));
	T_HAS("owner ml: the sum is more money than", err.text);
	T_INT(INT64_MAX, sum);
	sum = -INT64_MAX;
	T_INT(TT_EDATA, tt_money_add(&sum, -1, "total", NULL));
	T_INT(TT_EINTERNAL, tt_money_add(&sum, TT_MONEY_UNKNOWN, "total", NULL));
}

static void texts(void)
{
	char t[64];

	T_STR("12.340000", tt_money_json(12340000, t, sizeof t));
	T_STR("-0.000001", tt_money_json(-1, t, sizeof t));
	T_STR("0.000000", tt_money_json(0, t, sizeof t));
	T_STR("9223372036854.775807", tt_money_json(INT64_MAX, t, sizeof t));
	T_STR("", tt_money_json(TT_MONEY_UNKNOWN, t, sizeof t));

	T_STR("12.34", tt_money_text(12340000, 2, t, sizeof t));
	T_STR("1,234.56", tt_money_text(1234560000, 2, t, sizeof t));
	T_STR("0.13", tt_money_text(125000, 2, t, sizeof t));
	T_STR("-0.13", tt_money_text(-125000, 2, t, sizeof t));
	T_STR("0.12", tt_money_text(124999, 2, t, sizeof t));
	T_STR("0.00", tt_money_text(-4999, 2, t, sizeof t));
	T_STR("1,000", tt_money_text(999500000, 0, t, sizeof t));
	T_STR("-1,000,000", tt_money_text(-1000000000000, 0, t, sizeof t));
	T_STR("9,223,372,036,854.775807", tt_money_text(INT64_MAX, 6, t, sizeof t));
	T_STR("unknown", tt_money_text(TT_MONEY_UNKNOWN, 2, t, sizeof t));
	T_STR("", tt_money_text(1234560000, 2, t, 8));
}

static void months(void)
{
	T_INT(730000000, tt_per_month(1000000, 3600));
	T_INT(1000000, tt_per_month(1000000, 730 * 3600));
	T_INT(2, tt_per_month(1, 730 * 2400)); /* 1.5 */
	T_INT(0, tt_per_month(1, 730 * 7200)); /* 0.5 */
	T_OK(tt_per_month(TT_MONEY_UNKNOWN, 3600) == TT_MONEY_UNKNOWN);
	T_OK(tt_per_month(5, 0) == TT_MONEY_UNKNOWN);
	T_OK(tt_per_month(INT64_MAX, 60) == TT_MONEY_UNKNOWN);
}

int main(void)
{
	decimals();
	costs();
	half_even();
	splits();
	node_hour();
	splits_at_random();
	nothing_gets_lost();
	sums();
	texts();
	months();
	return T_END();
}
