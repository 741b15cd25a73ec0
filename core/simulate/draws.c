#include "simulate/draws.h"
#include "base/money.h"
#include "base/text.h"
#include "maths/elementary.h"
#include <string.h>

void tt_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t ret[4])
{
	uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
	uint32_t k0 = key[0], k1 = key[1];

	for (int round = 0; round < 10; round++) {
		uint64_t p0 = (uint64_t)0xd2511f53 * c0, p1 = (uint64_t)0xcd9e8d57 * c2;

		c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
		c1 = (uint32_t)p1;
		c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
		c3 = (uint32_t)p0;
		k0 += 0x9e3779b9;
		k1 += 0xbb67ae85;
	}
	ret[0] = c0;
	ret[1] = c1;
	ret[2] = c2;
	ret[3] = c3;
}

tt_stream tt_stream_fleet(uint64_t seed)
{
	return (tt_stream){ .key = { (uint32_t)seed, (uint32_t)(seed >> 32) } };
}

tt_stream tt_stream_at(uint64_t seed, uint64_t address)
{
	/* a last word from 2^31 on is no world's */
	const uint32_t counter[4] = { (uint32_t)address, (uint32_t)(address >> 32), 0, UINT32_MAX };
	uint32_t bits[4];

	tt_philox(counter, tt_stream_fleet(seed).key, bits);
	return (tt_stream){ .key = { bits[0], bits[1] } };
}

uint64_t tt_draw_address(const char *kind, const char *name)
{
	/* with its NUL, which no name contains */
	return tt_hash(tt_hash(TT_HASH_START, kind, strlen(kind) + 1), name, strlen(name));
}

uint64_t tt_draw_bits(tt_stream s, uint64_t world, uint32_t draw, uint32_t index)
{
	const uint32_t counter[4] = { index / 2, draw, (uint32_t)world, (uint32_t)(world >> 32) };
	uint32_t words[4];

	tt_philox(counter, s.key, words);
	const uint32_t *w = &words[index % 2 * 2];

	return ((uint64_t)w[1] << 32 | w[0]) >> 12;
}

double tt_draw_uniform(tt_stream s, uint64_t world, uint32_t draw, uint32_t index)
{
	return tt_uniform_of_bits(tt_draw_bits(s, world, draw, index));
}

double tt_draw_normal(tt_stream s, uint64_t world, uint32_t draw, uint32_t index)
{
	return tt_normal_quantile(tt_draw_uniform(s, world, draw, index));
}

uint64_t tt_draw_below(tt_stream s, uint64_t world, uint32_t draw, uint32_t index, uint64_t n)
{
	return (uint64_t)((tt_u128)tt_draw_bits(s, world, draw, index) * n >> 52);
}
