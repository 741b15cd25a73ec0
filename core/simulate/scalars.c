#include "simulate/scalars.h"
#include "simulate/draws.h"
#include <gsl/gsl_qrng.h>

#define POINT_BITS 30 /* of GSL's Sobol points */

static uint32_t bits_of(double x)
{
	return (uint32_t)(x * (1 << POINT_BITS)); /* exact */
}

/* Point k differs from point k - 1 by the direction number of k's lowest set bit. GSL
 * leaves point 0, which is the origin, out. */
static void read_directions(gsl_qrng *points, uint64_t count, tt_scalars *s)
{
	double x[TT_SCALARS];
	uint32_t before[TT_SCALARS] = { 0 };

	for (uint64_t k = 1; k < count; k++) {
		gsl_qrng_get(points, x);
		for (size_t i = 0; i < s->n; i++) {
			uint32_t now = bits_of(x[i]);

			if ((k & (k - 1)) == 0)
				s->direction[i][__builtin_ctzll(k)] = now ^ before[i];
			before[i] = now;
		}
	}
}

int tt_scalars_make(uint64_t seed, size_t n, uint64_t n_worlds, tt_scalars *ret, tt_err *err)
{
	tt_scalars s = { .n = n };

	if (n > TT_SCALARS)
		return tt_fail(err, TT_EINVAL, "%zu scalars of the whole fleet, expected at most "
		               "%d", n, TT_SCALARS);
	if (n_worlds > TT_SCALAR_WORLDS)
		return tt_fail(err, TT_EINVAL, "%llu worlds, expected at most %llu",
		               (unsigned long long)n_worlds,
		               (unsigned long long)TT_SCALAR_WORLDS);
	if (n > 0) {
		gsl_qrng *points = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)n);

		if (!points)
			return tt_no_memory(err);
		uint64_t count = (n_worlds + TT_SCALAR_REPLICATES - 1) / TT_SCALAR_REPLICATES;
		read_directions(points, count, &s);
		gsl_qrng_free(points);
	}
	for (size_t i = 0; i < n; i++)
		for (uint32_t r = 0; r < TT_SCALAR_REPLICATES; r++)
			s.shift[i][r] = tt_draw_bits(tt_stream_fleet(seed), r, TT_DRAW_SHIFT,
			                             (uint32_t)i);
	*ret = s;
	return TT_OK;
}

double tt_scalar_uniform(const tt_scalars *s, uint64_t world, size_t i)
{
	uint64_t k = world / TT_SCALAR_REPLICATES, gray = k ^ k >> 1;
	uint64_t point = 0;

	for (; gray != 0; gray &= gray - 1)
		point ^= s->direction[i][__builtin_ctzll(gray)];
	return tt_uniform_of_bits(point << (52 - POINT_BITS) ^
	                          s->shift[i][world % TT_SCALAR_REPLICATES]);
}
