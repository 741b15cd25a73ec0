/* draws.h - random numbers that have addresses.
 *
 * A draw is a function of (seed, stream, world, draw id, index) and of nothing else: not of
 * threads, of order, or of which changes are switched on. That is what makes two cases
 * comparable in the same worlds. Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC 2011)
 * maps a key and a counter to 128 bits:
 *
 *     key      seed low, seed high                       of the fleet's stream
 *     counter  block, draw id, world low, world high     block = index / 2
 *
 * What belongs to one change, pool or region has a stream of its own, found by a 64-bit
 * address (tt_change_hash(), tt_draw_address()): its key is made by Philox itself, from
 * the seed and a counter that holds the address and a last word that no world reaches
 * (worlds are below 2^63). So the fleet's draws keep the layout above, an address takes
 * all its 64 bits, and any two of n streams share a key with a chance of n^2 / 2^65:
 * 3e-10 for 100,000 changes. Not for hot loops: paths.h draws 16 worlds at once, at
 * these addresses. Pure functions, any thread. */
#ifndef TT_SIMULATE_DRAWS_H
#define TT_SIMULATE_DRAWS_H
#include <stdint.h>

#define TT_WORLD_END (UINT64_C(1) << 63) /* worlds are below this */

/* Draw ids. A number never changes its meaning: results of old seeds depend on it. */
enum tt_draw {
	/* the fleet's stream */
	TT_DRAW_WEEKS = 0,         /* index i: which measured week is week i */
	TT_DRAW_SHIFT = 1,         /* scalars.h: index is the scalar, the world its replicate */
	TT_DRAW_ASSUMED = 2,       /* index: the assumption, then items of growth, then cuts */
	/* a change's stream */
	TT_DRAW_ADOPTED = 16,
	TT_DRAW_REALISED = 17,
	TT_DRAW_DELAYED = 18,
	TT_DRAW_INTERRUPTED = 19,
	TT_DRAW_RUNS = 20,         /* index: runs, card-hours of one, failure */
	/* the stream of a pool or region */
	TT_DRAW_HOUR_LEVEL = 32,   /* paths.h: block b is hours 4b .. 4b + 3 */
	TT_DRAW_WEEK_LEVEL = 33,   /* paths.h: block b is weeks 4b .. 4b + 3 */
	TT_DRAW_FACTOR = 34,
	TT_DRAW_QUARTER_LEVEL = 35, /* index: quarters from now */
	TT_DRAW_MOVED = 36         /* when the work of a pool has gone elsewhere */
};

typedef struct tt_stream {
	uint32_t key[2];
} tt_stream;

/* The fleet's stream: what all cases and subjects share. */
tt_stream tt_stream_fleet(uint64_t seed);
/* The stream at an address. */
tt_stream tt_stream_at(uint64_t seed, uint64_t address);
/* Address of something with a name: ("pool", "a100/on_demand"). A kind and a name never
 * run together: ("po", "ola") is elsewhere. */
uint64_t tt_draw_address(const char *kind, const char *name);

/* 52 bits, the index-th of this draw in this world. */
uint64_t tt_draw_bits(tt_stream s, uint64_t world, uint32_t draw, uint32_t index);
/* (bits + 0.5) / 2^52: strictly between 0 and 1, never rounded. */
double tt_draw_uniform(tt_stream s, uint64_t world, uint32_t draw, uint32_t index);
/* Standard normal by inversion: monotone in the uniform. */
double tt_draw_normal(tt_stream s, uint64_t world, uint32_t draw, uint32_t index);
/* 0 .. n - 1, each as likely as the next to n / 2^52; n from 1 to 2^32. Monotone too. */
uint64_t tt_draw_below(tt_stream s, uint64_t world, uint32_t draw, uint32_t index, uint64_t n);

/* (bits + 0.5) / 2^52 for any 52 bits. */
static inline double tt_uniform_of_bits(uint64_t bits)
{
	return ((double)bits + 0.5) * 0x1p-52;
}

/* Philox4x32 with ten rounds. */
void tt_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t ret[4]);
#endif
