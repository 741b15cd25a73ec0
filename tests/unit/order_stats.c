/* Worlds in figures: published ranks, the quantile by counting, error bars and when to stop. */
#include "maths/order_stats.h"
#include "t.h"
#include <gsl/gsl_cdf.h>

static void test_published_ranks(void)
{
	static const struct { size_t n, low, high; uint32_t q; double coverage; } v[] = {
		{ 1000, 82, 120, 100000, 0.954907 },   { 1000, 469, 532, 500000, 0.953709 },
		{ 1000, 881, 919, 900000, 0.954907 },  { 10000, 942, 1060, 100000, 0.950787 },
		{ 10000, 4902, 5099, 500000, 0.951167 }, { 10000, 8941, 9059, 900000, 0.950787 },
	};

	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		tt_ranks r = tt_order_interval(v[i].n, v[i].q, 0.95);

		T_INT(v[i].low, r.low);
		T_INT(v[i].high, r.high);
		T_F64(v[i].coverage, r.coverage, 5e-7);
	}
	T_F64(24586, tt_worlds_needed(.8, .01), 0);
}

/* Every n to 300 and some larger, by GSL's binomial: each end as near as the level allows. */
static void test_ranks(void)
{
	static const uint32_t q[] = { 50000, 100000, 500000, 900000, 990000 };
	int wrong = 0;

	for (unsigned n = 1; n < 9000; n += n < 300 ? 1 : 977) {
		for (int j = 0; j < 5; j++) {
			tt_ranks r = tt_order_interval(n, q[j], 0.95);
			double p = q[j] / 1e6;
			double below = gsl_cdf_binomial_P((unsigned)r.low - 1, p, n);
			double to = gsl_cdf_binomial_P((unsigned)r.high - 1, p, n);

			wrong += r.low < 1 || r.high > n || r.low > r.high;
			wrong += r.low > 1 && !(below < 0.025);
			wrong += r.low < n && !(gsl_cdf_binomial_P((unsigned)r.low, p, n) >= 0.025);
			wrong += r.high < n && !(to >= 0.975);
			wrong += r.high > 1 &&
				 gsl_cdf_binomial_P((unsigned)r.high - 2, p, n) >= 0.975;
			wrong += !(fabs(r.coverage - (to - below)) < 1e-12);
		}
	}
	T_INT(0, wrong);
	tt_ranks r = tt_order_interval(1u << 24, 900000, 0.95); /* against the normal limit */
	double sd = sqrt((1u << 24) * .09);
	T_F64(.9 * (1u << 24) - 1.959963984540054 * sd, (double)r.low, 2);
	T_F64(.9 * (1u << 24) + 1.959963984540054 * sd, (double)r.high, 2);
	T_F64(0.95, r.coverage, 1e-3);
}

static void test_quantile(void)
{
	int64_t v[40];
	int wrong = 0;

	for (size_t n = 1; n <= 40; n++) {
		for (size_t i = 0; i < n; i++)
			v[i] = (int64_t)(i * 7919 % 101) - 50;
		tt_order_sort(v, n);
		for (uint32_t q = 0; q <= 1000000; q += 12500) {
			size_t k = 0; /* the first with k + 1 of n at least q */

			while (k + 1 < n && (k + 1) * 1000000 < n * (uint64_t)q)
				k++;
			wrong += tt_order_quantile(v, n, q) != v[k];
		}
	}
	T_INT(0, wrong);
	for (int i = 0; i < 10; i++)
		v[i] = i + 1;
	T_INT(1, tt_order_quantile(v, 10, 100000));
	T_INT(2, tt_order_quantile(v, 10, 100001));
	T_INT(5, tt_order_quantile(v, 10, 500000));
	T_INT(9, tt_order_quantile(v, 10, 900000));
}

static void test_summary(void)
{
	enum { N = 512 };
	static int64_t v[N], room[N];
	tt_worlds w;

	for (int i = 0; i < N; i++) /* batch b is all b, but for one amount */
		v[i] = i % 16;
	T_F64(sqrt(340. / 15 / 16), tt_batch_error(v, N), 1e-14);
	v[0] = -3;
	tt_worlds_summarise(v, N, room, &w);
	T_INT(N, w.n);
	T_INT(1, w.n_below_0);
	T_INT(7, w.mean);
	T_INT(1, w.p10.value);
	T_INT(7, w.p50.value);
	T_INT(14, w.p90.value);
	T_OK(w.p10.low <= 1 && w.p10.high >= 1 && w.p50.low == 7 && w.p50.high == 8);
	T_OK(v[0] == -3 && v[17] == 1);
	T_F64(NAN, tt_batch_error(v, 31), 0);
	T_OK(!isnan(tt_batch_error(v, 32)));
	/* sums that no int64 holds */
	for (int i = 0; i < N; i++)
		v[i] = INT64_MAX - i % 2;
	tt_worlds_summarise(v, N, room, &w);
	T_INT(INT64_MAX - 1, w.mean);
	tt_worlds_summarise(v, 1, room, &w);
	T_INT(INT64_MAX, w.p10.low);
	T_INT(INT64_MAX, w.p90.high);
}

static void test_enough(void)
{
	tt_worlds w = { .n = 256, .mean = 1000, .half_width = 9.99, .p90 = { .value = 900 } };

	T_OK(tt_worlds_enough(&w, 0.01));
	w.half_width = 10;
	T_OK(!tt_worlds_enough(&w, 0.01));
	w.p90.value = -1100;
	T_OK(tt_worlds_enough(&w, 0.01));
	w.n = 384;
	T_OK(!tt_worlds_enough(&w, 0.01));
	w.n = 128;
	T_OK(!tt_worlds_enough(&w, 0.01));
	w = (tt_worlds){ .n = 256, .half_width = 0 };
	T_OK(tt_worlds_enough(&w, 0.01)); /* the same in every world */
	w.half_width = NAN;
	T_OK(!tt_worlds_enough(&w, 0.01));
}

int main(void)
{
	test_published_ranks();
	test_ranks();
	test_quantile();
	test_summary();
	test_enough();
	return T_END();
}
