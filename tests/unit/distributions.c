/* Distributions: values against GSL, never falling, bounds, and every parameter that is
 * refused. */
#include "simulate/distributions.h"
#include "maths/elementary.h"
#include "simulate/draws.h"
#include "t.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>

static tt_arena *arena;

static tt_dist made(tt_dist_spec spec)
{
	tt_dist d = { 0 };
	tt_err err = { 0 };

	T_INT(TT_OK, tt_dist_make(&spec, arena, &d, &err));
	if (err.status)
		printf("%s\n", err.text);
	return d;
}

/* Never falls over uniforms of a grid, of neighbours, and of both ends. */
static void rises(const tt_dist *d)
{
	double before = -INFINITY;
	int falls = 0;

	for (int i = 0; i < 4096; i++) {
		double v = tt_dist_quantile(d, (i + 0.5) / 4096);
		falls += v < before;
		before = v;
	}
	for (int k = 0; k < 64; k++) {
		uint64_t start = tt_draw_bits(tt_stream_fleet(1), 0, 0, (uint32_t)k);

		start = k == 0 ? 0 : k == 1 ? (UINT64_C(1) << 52) - 300 : start;
		before = -INFINITY;
		for (uint64_t i = 0; i < 300 && start + i < UINT64_C(1) << 52; i++) {
			double v = tt_dist_quantile(d, tt_uniform_of_bits(start + i));
			falls += !(v >= before) || !isfinite(v);
			before = v;
		}
	}
	T_INT(0, falls);
}

static void test_values(void)
{
	tt_dist d = made((tt_dist_spec){ .kind = TT_DIST_FIXED, .a = -3 });

	T_F64(-3, tt_dist_quantile(&d, 0.2), 0);
	rises(&d);
	d = made((tt_dist_spec){ .kind = TT_DIST_NORMAL, .a = 10, .b = 2 });
	T_F64(10 + 2 * 1.2815515655446004, tt_dist_quantile(&d, 0.9), 1e-13);
	rises(&d);
	d = made((tt_dist_spec){ .kind = TT_DIST_LOGNORMAL, .a = 100, .b = .5 });
	T_F64(105.3767 / 2, tt_dist_quantile(&d, 0.1), 5e-5);
	T_F64(379.5905 / 2, tt_dist_quantile(&d, 0.9), 5e-5);
	T_F64(100, tt_dist_quantile(&d, 0.5), 1e-12);
	rises(&d);
	d = made((tt_dist_spec){ .kind = TT_DIST_TRIANGULAR, .a = 1, .b = 2, .c = 5 });
	T_F64(2, tt_dist_quantile(&d, 0.25), 1e-15);
	T_F64(1 + sqrt(0.4), tt_dist_quantile(&d, 0.1), 1e-15);
	T_F64(5 - sqrt(1.2), tt_dist_quantile(&d, 0.9), 1e-15);
	rises(&d);
	for (int corner = 0; corner < 3; corner++) { /* mode at an end; a point */
		d = made((tt_dist_spec){ .kind = TT_DIST_TRIANGULAR, .a = 1, .b = corner ? 3 : 1,
		                         .c = 3 });
		if (corner == 2)
			d = made((tt_dist_spec){ .kind = TT_DIST_TRIANGULAR, .a = 3, .b = 3,
			                         .c = 3 });
		double want = corner == 0 ? 3 - sqrt(2.) : corner == 1 ? 1 + sqrt(2.) : 3;
		T_F64(want, tt_dist_quantile(&d, 0.5), 1e-15);
		rises(&d);
	}
	d = made((tt_dist_spec){ .kind = TT_DIST_BERNOULLI, .a = 0.25 });
	T_F64(0, tt_dist_quantile(&d, 0.75), 0);
	T_F64(1, tt_dist_quantile(&d, 0.7500001), 0);
	rises(&d);
	d = made((tt_dist_spec){ .kind = TT_DIST_BERNOULLI, .a = 1 });
	T_F64(1, tt_dist_quantile(&d, 0x1p-53), 0);
	d = made((tt_dist_spec){ .kind = TT_DIST_BERNOULLI, .a = 0 });
	T_F64(0, tt_dist_quantile(&d, 1 - 0x1p-53), 0);
}

static void test_empirical(void)
{
	static const double v[] = { 30, 10, 20, 10, 99 }, w[] = { 2, 1, 4, 3, 0 };
	tt_dist d = made((tt_dist_spec){ .kind = TT_DIST_EMPIRICAL, .values = v, .weights = w,
	                                 .n = 5 });

	/* 10 has 4 of 10, 20 has 4, 30 has 2: the smallest whose sum reaches u */
	T_F64(10, tt_dist_quantile(&d, 0.4), 0);
	T_F64(20, tt_dist_quantile(&d, 0.4000001), 0);
	T_F64(20, tt_dist_quantile(&d, 0.8), 0);
	T_F64(30, tt_dist_quantile(&d, 0.8000001), 0);
	T_F64(30, tt_dist_quantile(&d, 1 - 0x1p-53), 0);
	rises(&d);
	d = made((tt_dist_spec){ .kind = TT_DIST_EMPIRICAL, .values = v, .n = 5 });
	T_F64(20, tt_dist_quantile(&d, 0.5), 0);
	T_F64(99, tt_dist_quantile(&d, 0.9), 0);
	d = made((tt_dist_spec){ .kind = TT_DIST_EMPIRICAL, .values = v, .n = 5, .min = 15,
	                         .max = 30 });
	T_F64(20, tt_dist_quantile(&d, 0.5), 0);
	T_F64(30, tt_dist_quantile(&d, 0.500001), 0);
	rises(&d);
}

/* The table against GSL's inverse, which rests on other formulas. */
static void test_beta(void)
{
	static const double of[] = { 0.05, 0.3, 1, 2, 4, 8, 11, 100, 3000, 10000 };
	static const double at[] = { 1e-9, 1e-4, .01, .1, .25, .5, .75, .9, .99, .9999 };
	const size_t n = sizeof of / sizeof *of;

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			double a = of[i], b = of[j], most = 0;
			tt_dist d = made((tt_dist_spec){ .kind = TT_DIST_BETA, .a = a, .b = b });

			for (size_t k = 0; k < sizeof at / sizeof *at; k++) {
				/* probability between what is said and what was asked */
				double x = tt_dist_quantile(&d, at[k]);
				double p = gsl_cdf_beta_P(x, a, b) - at[k];

				if (x > 1e-300 && 1 - x > 1e-10) /* a double has room for p */
					most = fmax(most, fabs(p));
			}
			T_(most < (a >= 1 && b >= 1 ? 1e-9 : 1e-7), "beta(%g, %g): off by %g", a,
			   b, most);
			if (a <= 11 && b <= 11 && (i + j) % 3 == 0)
				rises(&d);
		}
	}
	tt_dist d = made((tt_dist_spec){ .kind = TT_DIST_BETA, .a = 11, .b = 4 });
	for (size_t k = 0; k < sizeof at / sizeof *at; k++)
		T_F64(gsl_cdf_beta_Pinv(at[k], 11, 4), tt_dist_quantile(&d, at[k]), 2e-8);
	d = made((tt_dist_spec){ .kind = TT_DIST_BETA, .a = 1, .b = 1, .min = 20, .max = 30 });
	T_F64(22.5, tt_dist_quantile(&d, 0.25), 1e-7);
	T_OK(tt_dist_quantile(&d, 0x1p-53) >= 20 && tt_dist_quantile(&d, 1 - 0x1p-53) <= 30);
}

/* Beta(8, 2), of five closed recommendations three came true. */
static void test_posterior(void)
{
	double alpha = 8, beta = 2, sum = 0;

	tt_beta_posterior(&alpha, &beta, 3, 5);
	T_F64(11, alpha, 0);
	T_F64(4, beta, 0);
	tt_dist d = made((tt_dist_spec){ .kind = TT_DIST_BETA, .a = alpha, .b = beta });
	for (int i = 0; i < 100000; i++)
		sum += tt_dist_quantile(&d, (i + 0.5) / 100000);
	T_F64(.7333333, sum / 100000, 1e-7);
}

static void test_bounds(void)
{
	tt_dist d = made((tt_dist_spec){ .kind = TT_DIST_NORMAL, .a = 0, .b = 1, .min = -1,
	                                 .max = 2 });
	double low = gsl_cdf_ugaussian_P(-1), high = gsl_cdf_ugaussian_P(2);

	for (int i = 1; i < 50; i++)
		T_F64(gsl_cdf_ugaussian_Pinv(low + i / 50. * (high - low)),
		      tt_dist_quantile(&d, i / 50.), 1e-14);
	T_F64(-1, tt_dist_quantile(&d, 0x1p-53), 1e-14);
	T_F64(2, tt_dist_quantile(&d, 1 - 0x1p-53), 1e-14);
	rises(&d);
	/* one-sided; and nothing to cut: the same bits as without */
	d = made((tt_dist_spec){ .kind = TT_DIST_LOGNORMAL, .a = 2, .b = .5, .min = NAN,
	                         .max = 2 });
	T_F64(2 * exp(.5 * gsl_cdf_ugaussian_Pinv(.25)), tt_dist_quantile(&d, .5), 1e-14);
	rises(&d);
	tt_dist wide = made((tt_dist_spec){ .kind = TT_DIST_NORMAL, .a = 1, .b = 3, .min = -1e9,
	                                    .max = 1e9 });
	d = made((tt_dist_spec){ .kind = TT_DIST_NORMAL, .a = 1, .b = 3, .min = -INFINITY,
	                         .max = NAN });
	for (int i = 1; i < 50; i++)
		T_OK(tt_dist_quantile(&d, i / 50.) == tt_dist_quantile(&wide, i / 50.));
}

static void refused(tt_dist_spec spec, const char *why)
{
	tt_dist d = { .a = 77 };
	tt_err err = { 0 };

	T_INT(TT_EDATA, tt_dist_make(&spec, arena, &d, &err));
	T_STR(why, err.text);
	T_F64(77, d.a, 0);
}

static void test_refused(void)
{
	static const double v[] = { 1, NAN }, w[] = { 0, 0 }, negative[] = { 1, -1 };

#define BAD(why, ...) refused((tt_dist_spec){ __VA_ARGS__ }, why)
	BAD("fixed value: value is nan, expected a number", .kind = TT_DIST_FIXED, .a = NAN);
	BAD("normal: mean is inf, expected a number", .kind = TT_DIST_NORMAL, .a = INFINITY);
	BAD("normal: sd is -1, expected a number from 0", .kind = TT_DIST_NORMAL, .b = -1);
	BAD("lognormal: median is 0, expected a number above 0", .kind = TT_DIST_LOGNORMAL);
	BAD("lognormal: sd of the logarithm is 21, expected 0 to 20", .kind = TT_DIST_LOGNORMAL,
	    .a = 1, .b = 21);
	BAD("triangular: low is nan, expected a number", .kind = TT_DIST_TRIANGULAR, .a = NAN);
	BAD("triangular: mode is 0, expected a number not below low", .kind = TT_DIST_TRIANGULAR,
	    .a = 1);
	BAD("triangular: high is 1, expected a number not below mode", .kind = TT_DIST_TRIANGULAR,
	    .a = 1, .b = 2, .c = 1);
	BAD("beta: alpha is 0, expected 0.05 to 10000", .kind = TT_DIST_BETA, .b = 1);
	BAD("beta: beta is nan, expected 0.05 to 10000", .kind = TT_DIST_BETA, .a = 1, .b = NAN);
	BAD("beta: a single bound is 1, expected two bounds or none", .kind = TT_DIST_BETA, .a = 1,
	    .b = 1, .min = 1, .max = NAN);
	BAD("empirical: 0 values, expected at least 1", .kind = TT_DIST_EMPIRICAL);
	BAD("empirical: a value is nan, expected a number", .kind = TT_DIST_EMPIRICAL, .values = v,
	    .n = 2);
	BAD("empirical: a weight is -1, expected a number from 0", .kind = TT_DIST_EMPIRICAL,
	    .values = negative, .weights = negative, .n = 2);
	BAD("empirical: less than 1e-9 of it is between the bounds 2 and 3",
	    .kind = TT_DIST_EMPIRICAL, .values = negative, .n = 2, .min = 2, .max = 3);
	BAD("empirical: the sum of weights is 0, expected a number above 0",
	    .kind = TT_DIST_EMPIRICAL, .values = negative, .weights = w, .n = 2);
	BAD("bernoulli: probability is 1.5, expected 0 to 1", .kind = TT_DIST_BERNOULLI, .a = 1.5);
	BAD("distribution 9 does not exist", .kind = 9);
	BAD("normal: bounds are 3 and 2, expected the lower first", .kind = TT_DIST_NORMAL, .b = 1,
	    .min = 3, .max = 2);
	BAD("normal: less than 1e-9 of it is between the bounds 9 and 10", .kind = TT_DIST_NORMAL,
	    .b = 1, .min = 9, .max = 10);
	BAD("fixed value: less than 1e-9 of it is between the bounds 1 and 2",
	    .kind = TT_DIST_FIXED, .a = 3, .min = 1, .max = 2);
	T_STR("unknown distribution", tt_dist_kind_text(0));
}

/* Two savings of lognormal(ln 100, 0.5): the P10 of their sum is the sum of P10s only where
 * both rise together. */
static void test_sums(void)
{
	tt_dist d = made((tt_dist_spec){ .kind = TT_DIST_LOGNORMAL, .a = 100, .b = .5 });
	enum { N = 2000 };
	static double v[N], sum[N];

	for (int i = 0; i < N; i++)
		v[i] = tt_dist_quantile(&d, (i + 0.5) / N);
	for (int i = 0; i < N; i++)
		sum[i] = v[i] + v[N - 1 - i];
	for (int i = 1; i < N; i++) /* few are out of order by far: the sums fall, then rise */
		for (int j = i; j > 0 && sum[j] < sum[j - 1]; j--) {
			double t = sum[j];
			sum[j] = sum[j - 1];
			sum[j - 1] = t;
		}
	T_F64(200.399, sum[N / 10], 5e-4);
}

static void test_memory(void)
{
	static const double v[] = { 3, 1, 2 };
	tt_dist_spec spec = { .kind = TT_DIST_EMPIRICAL, .values = v, .n = 3 };
	tt_dist d;
	tt_err err = { 0 };

	tt_alloc_fail_at(1, 1);
	T_INT(TT_ENOMEM, tt_dist_make(&spec, arena, &d, &err));
	tt_alloc_fail_at(0, 0);
}

int main(void)
{
	gsl_set_error_handler_off();
	arena = tt_arena_new();
	test_values();
	test_empirical();
	test_beta();
	test_posterior();
	test_bounds();
	test_refused();
	test_sums();
	test_memory();
	tt_arena_free(arena);
	return T_END();
}
