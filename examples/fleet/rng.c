/* rng.c - see rng.h. */
#include "rng.h"

uint64_t rng_key(uint64_t seed, const char *tag, uint64_t index)
{
	uint64_t h = 0xCBF29CE484222325u; /* FNV-1a, 64 bits */

	for (; *tag; tag++)
		h = (h ^ (unsigned char)*tag) * 0x100000001B3u;
	return rng_mix(rng_mix(seed ^ h) + index * RNG_GOLDEN);
}

uint64_t rng_next(struct rng *r)
{
	uint64_t x = r->state;

	r->state += RNG_GOLDEN;
	return rng_mix(x);
}

uint32_t rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

int64_t rng_between(struct rng *r, int64_t low, int64_t high)
{
	return low + rng_below(r, (uint32_t)(high - low + 1));
}

int64_t quantile_at(const struct quantile *q, uint32_t u)
{
	/* shares in 1/65536000, so that points and draws meet on whole numbers */
	int64_t x = (int64_t)u * 1000;

	while (q[1].at < 1000 && x >= (int64_t)q[1].at * 65536)
		q++;

	int64_t from = (int64_t)q[0].at * 65536, width = (int64_t)q[1].at * 65536 - from;

	return q[0].value + (q[1].value - q[0].value) * (x - from) / width;
}

int64_t quantile_draw(const struct quantile *q, struct rng *r)
{
	return quantile_at(q, rng_below(r, 65536));
}
