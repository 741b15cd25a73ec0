/* rng.h - random numbers that depend on an address, not on what was drawn before.
 *
 * Every draw comes from splitmix64 over a key made of the seed, a name and a number, so
 * adding a node or a day does not disturb the draws of any other. Integers only: the same
 * arguments give the same bytes on any machine and with any compiler. Not for secrets. */
#ifndef FLEET_RNG_H
#define FLEET_RNG_H
#include <stddef.h>
#include <stdint.h>

#define RNG_GOLDEN 0x9E3779B97F4A7C15u

struct rng {
	uint64_t state;
};

/* One point of a distribution: `at` is the cumulative share in 1/1000, rising from 0 to 1000. */
struct quantile {
	uint32_t at;
	int64_t value;
};

/* The finaliser of splitmix64: a bijection that spreads every bit. */
static inline uint64_t rng_mix(uint64_t x)
{
	x += RNG_GOLDEN;
	x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
	x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
	return x ^ (x >> 31);
}

/* The key of thing number `index` of the kind `tag`. */
uint64_t rng_key(uint64_t seed, const char *tag, uint64_t index);

uint64_t rng_next(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t n);               /* 0 .. n-1, n > 0 */
int64_t rng_between(struct rng *r, int64_t low, int64_t high); /* both included */

/* The value at `u` (0..65535 for the shares 0..1), linear between the points of `q`. */
int64_t quantile_at(const struct quantile *q, uint32_t u);
int64_t quantile_draw(const struct quantile *q, struct rng *r);
#endif
