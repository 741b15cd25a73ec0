/* bins.h - the codes that measured values are counted under.
 *
 * Values are int64 millionths of their unit. Two scales:
 *   PCT  0..100: code 0 is exactly 0, code 1 is (0, 0.05), then tenths of a point,
 *        rounded half up. A code's value is at most 0.05 point off.
 *   LOG  any value >= 0: code 0 is exactly 0, the others are the buckets of a
 *        relative-error sketch (gamma = 1.005 / 0.995): at most 0.5 % off from 0.001
 *        to 9 x 10^12, and half a millionth for being a whole number of them.
 * Codes merge by adding counts; looking one up uses integers only, so every machine
 * agrees. Pure functions, any thread. Source: algorithms of DDSketch (VLDB 2019). */
#ifndef TT_MATHS_BINS_H
#define TT_MATHS_BINS_H
#include <stddef.h>
#include <stdint.h>

enum tt_scale { TT_SCALE_PCT, TT_SCALE_LOG };

#define TT_CODE_MISSING UINT16_MAX

/* Codes or steps [first, end) of more of them. */
typedef struct tt_stretch { size_t first, end; } tt_stretch;
#define TT_PCT_CODES 1002
#define TT_LOG_CODES 3700

/* Number of codes of a scale. */
size_t tt_codes(enum tt_scale scale);

/* Code of `micro` >= 0. Larger than the scale holds: the last code. */
uint16_t tt_code_log(int64_t micro);
static inline uint16_t tt_code_pct(int64_t micro)
{
	return (uint16_t)(micro == 0 ? 0 : 1 + (micro + 50000) / 100000);
}
static inline uint16_t tt_code_of(enum tt_scale scale, int64_t micro)
{
	return scale == TT_SCALE_PCT ? tt_code_pct(micro) : tt_code_log(micro);
}

/* The value that stands for a code, in millionths; for one that the scale does not have,
 * that of its last code. */
int64_t tt_code_micro(enum tt_scale scale, uint16_t code);

/* --- The sketch behind LOG, for any accuracy -------------------------------- *
 * bound[i] is the upper end of bucket i in millionths; bucket 0 holds (0, 0.001]. */
typedef struct tt_sketch {
	double gamma;
	size_t n;
	int64_t bound[TT_LOG_CODES];
	uint16_t octave[64];   /* first bucket whose bound reaches 2^k */
} tt_sketch;

/* Build one with relative error `alpha` (0.005: half a percent). */
void tt_sketch_make(tt_sketch *s, double alpha);
/* Bucket of micro > 0: the first whose bound is not below it. */
size_t tt_sketch_find(const tt_sketch *s, int64_t micro);
/* The value that stands for a bucket: at most alpha off everywhere inside it. */
double tt_sketch_value(const tt_sketch *s, size_t bucket);

/* --- Quantiles of weighted codes ---------------------------------------------- *
 * The smallest code whose cumulative weight is at least q of the total, q in
 * millionths (950000: p95). `weight` has a stride of `stride` elements. n when the
 * total is 0. */
size_t tt_quantile_code(const uint32_t *weight, size_t stride, size_t n, uint64_t total,
                        uint32_t q_millionths);
#endif
