/* bins.c - codes are as near to their values as promised and in their order; the sketch
 * gives the published buckets and quantiles, whole and merged. */
#include "maths/bins.h"
#include "t.h"
#include <stdbool.h>

static uint64_t seed = 42;

static uint64_t next(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void percent(void)
{
	int wrong = 0;

	T_INT(0, tt_code_pct(0));
	T_INT(1, tt_code_pct(1));
	T_INT(1, tt_code_pct(49999));
	T_INT(2, tt_code_pct(50000)); /* half a tenth: up */
	T_INT(2, tt_code_pct(149999));
	T_INT(3, tt_code_pct(150000));
	T_INT(TT_PCT_CODES - 1, tt_code_pct(100000000));
	T_INT(TT_PCT_CODES, tt_codes(TT_SCALE_PCT));
	T_INT(0, tt_code_micro(TT_SCALE_PCT, 0));
	T_INT(100000000, tt_code_micro(TT_SCALE_PCT, TT_PCT_CODES - 1));
	T_INT(99900000, tt_code_micro(TT_SCALE_PCT, TT_PCT_CODES - 2));
	for (int64_t v = 0, last = 0; v <= 100000000; v += 997) {
		uint16_t code = tt_code_of(TT_SCALE_PCT, v);
		int64_t off = tt_code_micro(TT_SCALE_PCT, code) - v;
		wrong += off > 50000 || off < -50000 || code < last || (code == 0) != (v == 0);
		last = code;
	}
	T_INT(0, wrong);
	for (uint16_t c = 0; c < TT_PCT_CODES; c++) /* a code's value has that code */
		wrong += tt_code_pct(tt_code_micro(TT_SCALE_PCT, c)) != c;
	T_INT(0, wrong);
}

static bool near_enough(int64_t v)
{
	double off = fabs((double)tt_code_micro(TT_SCALE_LOG, tt_code_log(v)) - (double)v);

	return off <= 0.005 * (double)v + 0.5;
}

static void logarithmic(void)
{
	size_t n = tt_codes(TT_SCALE_LOG);
	int wrong = 0;

	T_OK(n > 3600 && n <= TT_LOG_CODES + 1 && n < TT_CODE_MISSING);
	T_INT(0, tt_code_log(0));
	T_INT(0, tt_code_of(TT_SCALE_LOG, 0));
	T_INT(1, tt_code_log(1));
	T_INT(0, tt_code_micro(TT_SCALE_LOG, 0));
	T_INT(n - 1, tt_code_log(INT64_MAX));
	T_INT(n - 1, tt_code_log(INT64_C(9000000000000000000)));
	for (uint16_t c = 1; c < n; c++) {
		int64_t v = tt_code_micro(TT_SCALE_LOG, c);
		wrong += tt_code_log(v) != c || v <= tt_code_micro(TT_SCALE_LOG, (uint16_t)(c - 1));
	}
	T_INT(0, wrong);
	for (int k = 0; k < 200000; k++) {
		int64_t v = (int64_t)(next() >> (1 + next() % 54));
		if (v < 1000 || v > INT64_C(9000000000000000000))
			continue;
		wrong += !near_enough(v);
		wrong += tt_code_log(v) < tt_code_log(v - 1) || tt_code_log(v) > tt_code_log(v + 1);
	}
	for (int k = 10; k < 63; k++) /* where the search changes its octave */
		for (int64_t v = (INT64_C(1) << k) - 2; v <= (INT64_C(1) << k) + 2; v++)
			wrong += !near_enough(v) || tt_code_log(v) < tt_code_log(v - 1);
	T_INT(0, wrong);
}

/* What a damaged file may ask for. */
static void no_such_code(void)
{
	for (int scale = TT_SCALE_PCT; scale <= TT_SCALE_LOG; scale++) {
		uint16_t last = (uint16_t)(tt_codes((enum tt_scale)scale) - 1);
		int64_t v = tt_code_micro((enum tt_scale)scale, last);
		T_INT(v, tt_code_micro((enum tt_scale)scale, (uint16_t)(last + 1)));
		T_INT(v, tt_code_micro((enum tt_scale)scale, TT_CODE_MISSING));
	}
}

/* Every bound against its definition: the end of bucket i is a power of gamma. */
static void bounds(void)
{
	static tt_sketch s;
	int wrong = 0;

	tt_sketch_make(&s, 0.005);
	T_F64(1.005 / 0.995, s.gamma, 1e-15);
	for (size_t i = 1; i < s.n; i++) {
		double power = log((double)s.bound[i] / 1e6) / log(s.gamma);
		wrong += s.bound[i] <= s.bound[i - 1];
		wrong += s.bound[i] > 1000000000 && fabs(power - nearbyint(power)) > 1e-6;
		wrong += tt_sketch_find(&s, s.bound[i]) != i;
		wrong += i + 1 < s.n && tt_sketch_find(&s, s.bound[i] + 1) != i + 1;
	}
	T_INT(0, wrong);
	T_OK(s.bound[0] >= 1000 && s.bound[0] < 1011);
	T_OK(s.bound[s.n - 1] >= INT64_C(9000000000000000000));
}

#define N 5000

/* Value of rank floor(q (n - 1)), in counts. */
static double at_rank(const tt_sketch *s, const uint32_t *count, double q)
{
	uint64_t rank = (uint64_t)floor(q * (N - 1)), sum = 0;

	for (size_t i = 0; i < s->n; i++) {
		sum += count[i];
		if (sum > rank)
			return tt_sketch_value(s, i);
	}
	return (double)NAN;
}

/* x_t = (((7919 t + 13) mod 10007)^1.7) / 1000 + 0.001, accuracy 1 %. */
static void published_vector(void)
{
	static tt_sketch s;
	static uint32_t count[TT_LOG_CODES], half[2][TT_LOG_CODES];
	int used = 0, differ = 0;

	tt_sketch_make(&s, 0.01);
	for (int t = 0; t < N; t++) {
		double x = pow((7919 * t + 13) % 10007, 1.7) / 1000 + 0.001;
		size_t at = tt_sketch_find(&s, (int64_t)llround(x * 1e6));
		count[at]++;
		half[t % 2][at]++;
	}
	for (size_t i = 0; i < s.n; i++) {
		used += count[i] > 0;
		differ += half[0][i] + half[1][i] != count[i];
	}
	T_INT(406, used);
	T_INT(0, differ);
	T_F64(1939.532698, at_rank(&s, count, 0.50), 1e-5);
	T_F64(5826.891897, at_rank(&s, count, 0.95), 1e-5);
	T_F64(6187.219144, at_rank(&s, count, 0.99), 1e-5);
}

static void quantiles(void)
{
	static const uint32_t w[] = { 0, 3, 0, 4, 3, 0 };
	static const uint32_t pairs[] = { 9, 1, 9, 1, 9, 98 }; /* every second one */

	T_INT(1, tt_quantile_code(w, 1, 6, 10, 0));
	T_INT(1, tt_quantile_code(w, 1, 6, 10, 300000));
	T_INT(3, tt_quantile_code(w, 1, 6, 10, 300001));
	T_INT(3, tt_quantile_code(w, 1, 6, 10, 700000));
	T_INT(4, tt_quantile_code(w, 1, 6, 10, 700001));
	T_INT(4, tt_quantile_code(w, 1, 6, 10, 1000000));
	T_INT(6, tt_quantile_code(w, 1, 6, 0, 500000));
	T_INT(1, tt_quantile_code(pairs + 1, 2, 3, 100, 20000));
	T_INT(2, tt_quantile_code(pairs + 1, 2, 3, 100, 20001));
	/* a total that the weights do not reach, and one of many years of seconds */
	T_INT(5, tt_quantile_code(w, 1, 6, 1000, 990000));
	static const uint32_t large[] = { UINT32_MAX, UINT32_MAX, UINT32_MAX };
	T_INT(1, tt_quantile_code(large, 1, 3, 3 * (uint64_t)UINT32_MAX, 500000));
	T_INT(2, tt_quantile_code(large, 1, 3, 3 * (uint64_t)UINT32_MAX, 950000));
}

int main(void)
{
	percent();
	logarithmic();
	no_such_code();
	bounds();
	published_vector();
	quantiles();
	return T_END();
}
