/* Scalars of the fleet: GSL's points at any place, evenness after the shift, and how much
 * less a mean is off than with independent draws. */
#include "simulate/scalars.h"
#include "maths/elementary.h"
#include "simulate/draws.h"
#include "t.h"
#include <gsl/gsl_qrng.h>

static tt_scalars made(uint64_t seed, size_t n, uint64_t worlds)
{
	tt_scalars s = { 0 };

	T_INT(TT_OK, tt_scalars_make(seed, n, worlds, &s, NULL));
	return s;
}

/* Without the shift: the sequence itself, to the 16,384th point. */
static void test_points(void)
{
	static const double first[4][3] = { { .5, .5, .5 }, { .75, .25, .75 }, { .25, .75, .25 },
		{ .375, .375, .625 } };
	tt_scalars s = made(42, TT_SCALARS, 16 * 16384);
	gsl_qrng *points = gsl_qrng_alloc(gsl_qrng_sobol, TT_SCALARS);
	double x[TT_SCALARS];
	int wrong = 0;

	memset(s.shift, 0, sizeof s.shift);
	for (uint64_t k = 1; k < 16384; k++) {
		gsl_qrng_get(points, x);
		for (size_t i = 0; i < TT_SCALARS; i++) {
			wrong += tt_scalar_uniform(&s, 16 * k + k % 16, i) != x[i] + 0x1p-53;
			wrong += k <= 4 && i < 3 && x[i] != first[k - 1][i];
		}
	}
	T_INT(0, wrong);
	T_F64(0x1p-53, tt_scalar_uniform(&s, 0, 0), 0);
	gsl_qrng_free(points);
}

/* Any replicate of 2^k points has one in each of 2^k equal parts, of every scalar; and its
 * shift is the draw that the header says. */
static void test_even(void)
{
	tt_scalars s = made(7, TT_SCALARS, 4096);
	int wrong = 0;

	for (unsigned r = 0; r < 16; r++) {
		for (size_t i = 0; i < TT_SCALARS; i++) {
			char seen[256] = { 0 };

			for (unsigned k = 0; k < 256; k++)
				seen[(int)(tt_scalar_uniform(&s, k * 16 + r, i) * 256)]++;
			for (int part = 0; part < 256; part++)
				wrong += seen[part] != 1;
			wrong += tt_scalar_uniform(&s, r, i) !=
				 tt_draw_uniform(tt_stream_fleet(7), r, TT_DRAW_SHIFT, (uint32_t)i);
		}
	}
	T_INT(0, wrong);
}

/* More worlds, or fewer scalars, leave a world's numbers as they were. */
static void test_addresses(void)
{
	tt_scalars few = made(9, 3, 100), many = made(9, 5, 100000), other = made(10, 3, 100);
	int wrong = 0, same = 0;

	for (uint64_t w = 0; w < 100; w++) {
		for (size_t i = 0; i < 3; i++) {
			double u = tt_scalar_uniform(&few, w, i);

			wrong += u != tt_scalar_uniform(&many, w, i);
			same += u == tt_scalar_uniform(&other, w, i);
		}
	}
	T_INT(0, wrong);
	T_INT(0, same);
}

/* E[min(D, 90) price adopted] = 59.29606133: demand, price, adoption. */
static double served(double u0, double u1, double u2)
{
	double demand = tt_exp(tt_log(100) + .3 * tt_normal_quantile(u0));

	return (demand < 90 ? demand : 90) * tt_exp(.1 * tt_normal_quantile(u1)) *
	       (u2 < .7 ? 1 : 0);
}

static void test_error(void)
{
	double even = 0, plain = 0, inside = 0;
	enum { SEEDS = 8, N = 1024 };

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		tt_scalars s = made(seed, 3, 16 * N);
		tt_stream p = tt_stream_at(seed, 1);
		double means = 0, squares = 0;

		for (uint64_t r = 0; r < 16; r++) {
			double a = 0, b = 0;

			for (uint64_t w = r; w < 16 * N; w += 16) {
				double u[3], v[3];

				for (uint32_t i = 0; i < 3; i++) {
					u[i] = tt_scalar_uniform(&s, w, i);
					v[i] = tt_draw_uniform(p, w, 0, i);
				}
				a += served(u[0], u[1], u[2]) / N;
				b += served(v[0], v[1], v[2]) / N;
			}
			even += (a - 59.29606133) * (a - 59.29606133);
			plain += (b - 59.29606133) * (b - 59.29606133);
			means += a / 16;
			squares += a * a / 16;
		}
		/* the error bar of 16 replicates: 2.13 standard errors hold the truth mostly */
		double se = sqrt((squares - means * means) / 15);
		inside += fabs(means - 59.29606133) < 2.131 * se;
	}
	even = sqrt(even / (16 * SEEDS));
	plain = sqrt(plain / (16 * SEEDS));
	T_F64(1.0, plain, 0.5);
	T_(even < plain / 15, "off by %g, independent draws by %g", even, plain);
	T_OK(inside >= SEEDS - 2);
}

static void test_refused(void)
{
	tt_scalars s;
	tt_err err = { 0 };

	T_INT(TT_EINVAL, tt_scalars_make(1, 13, 16, &s, &err));
	T_STR("13 scalars of the whole fleet, expected at most 12", err.text);
	err = (tt_err){ 0 };
	T_INT(TT_EINVAL, tt_scalars_make(1, 1, TT_SCALAR_WORLDS + 1, &s, &err));
	T_STR("16777217 worlds, expected at most 16777216", err.text);
	T_INT(TT_OK, tt_scalars_make(1, 0, 16, &s, &err));
	T_INT(TT_OK, tt_scalars_make(1, 12, TT_SCALAR_WORLDS, &s, &err));
	T_OK(tt_scalar_uniform(&s, TT_SCALAR_WORLDS - 1, 11) > 0);
}

int main(void)
{
	test_points();
	test_even();
	test_addresses();
	test_error();
	test_refused();
	return T_END();
}
