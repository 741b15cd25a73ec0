#include "maths/bins.h"
#include <math.h>
#include <pthread.h>

__extension__ typedef unsigned __int128 u128;

static tt_sketch half_percent;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_half_percent(void)
{
	tt_sketch_make(&half_percent, 0.005);
}

static const tt_sketch *sketch(void)
{
	pthread_once(&once, make_half_percent);
	return &half_percent;
}

/* Powers by repeated multiplication and division, not by pow(): the bounds must have
 * the same bits everywhere. */
void tt_sketch_make(tt_sketch *s, double alpha)
{
	double v = 1;
	size_t n = 0;

	s->gamma = (1 + alpha) / (1 - alpha);
	while (v > 0.001)
		v /= s->gamma;
	for (; n < TT_LOG_CODES && v < 9e12; n++, v *= s->gamma)
		s->bound[n] = (int64_t)(v * 1e6 * s->gamma);
	s->n = n;
	for (int k = 0; k < 64; k++) {
		size_t i = k ? s->octave[k - 1] : 0;
		while (i + 1 < n && k < 63 && s->bound[i] < (INT64_C(1) << k))
			i++;
		s->octave[k] = (uint16_t)i;
	}
}

size_t tt_sketch_find(const tt_sketch *s, int64_t micro)
{
	int k = 63 - __builtin_clzll((unsigned long long)micro); /* 2^k <= micro < 2^(k+1) */
	size_t lo = s->octave[k], hi = k < 62 ? s->octave[k + 1] : s->n - 1;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (s->bound[mid] < micro)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

double tt_sketch_value(const tt_sketch *s, size_t bucket)
{
	return (double)s->bound[bucket] * 2 / (s->gamma + 1) / 1e6;
}

size_t tt_codes(enum tt_scale scale)
{
	return scale == TT_SCALE_PCT ? TT_PCT_CODES : 1 + sketch()->n;
}

uint16_t tt_code_log(int64_t micro)
{
	return micro <= 0 ? 0 : (uint16_t)(1 + tt_sketch_find(sketch(), micro));
}

int64_t tt_code_micro(enum tt_scale scale, uint16_t code)
{
	size_t last = tt_codes(scale) - 1;

	if (code > last)
		code = (uint16_t)last;
	if (code == 0)
		return 0;
	if (scale == TT_SCALE_PCT)
		return code == 1 ? 25000 : (int64_t)(code - 1) * 100000;
	return (int64_t)llround(tt_sketch_value(sketch(), (size_t)code - 1) * 1e6);
}

size_t tt_quantile_code(const uint32_t *weight, size_t stride, size_t n, uint64_t total,
                        uint32_t q_millionths)
{
	uint64_t need = (uint64_t)(((u128)total * q_millionths + 999999) / 1000000), sum = 0;

	if (total == 0)
		return n;
	if (need == 0)
		need = 1;
	for (size_t i = 0; i < n; i++) {
		sum += weight[i * stride];
		if (sum >= need)
			return i;
	}
	return n - 1;
}
