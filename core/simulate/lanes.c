/* Every inner loop runs over the lanes and has no branch, so that compilers turn it into
 * vector code: what depends on a comparison compares bits, because a comparison of floats
 * may set a flag and would have to stay where it is. The bodies are inlined into two
 * functions, one for any processor and one for those with AVX2 (without FMA, which would
 * round differently). Random words have AVX2 code of their own: gcc's spends more on
 * getting products in and out of line than on multiplying, which made it 280 instead of
 * 390 million hours a second. */
#include "simulate/lanes.h"
#include "simulate/draws.h"
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))
#define WEEK_BLOCKS (TT_WEEK_H / 4)

/* Random words of so many blocks from `first` on: ret[block][word][lane]. */
typedef void fill_words(const uint32_t key[2], uint32_t draw, uint32_t first, uint32_t blocks,
                        uint64_t world, uint32_t *restrict ret);

static void fill_plain(const uint32_t key[2], uint32_t draw, uint32_t first, uint32_t blocks,
                       uint64_t world, uint32_t *restrict ret)
{
	for (uint32_t b = first; b < first + blocks; b++, ret += 4 * TT_LANES) {
		for (uint32_t l = 0; l < TT_LANES; l++) {
			uint32_t c0 = b, c1 = draw;
			uint32_t c2 = (uint32_t)(world + l), c3 = (uint32_t)((world + l) >> 32);

			/* written out: a loop in the one over lanes would not be vectorised */
#define ROUND(n)                                                                        \
	do {                                                                            \
		uint64_t p0 = (uint64_t)0xd2511f53 * c0, p1 = (uint64_t)0xcd9e8d57 * c2; \
                                                                                        \
		c0 = (uint32_t)(p1 >> 32) ^ c1 ^ (key[0] + n##u * 0x9e3779b9u);         \
		c1 = (uint32_t)p1;                                                      \
		c2 = (uint32_t)(p0 >> 32) ^ c3 ^ (key[1] + n##u * 0xbb67ae85u);         \
		c3 = (uint32_t)p0;                                                      \
	} while (0)
			ROUND(0);
			ROUND(1);
			ROUND(2);
			ROUND(3);
			ROUND(4);
			ROUND(5);
			ROUND(6);
			ROUND(7);
			ROUND(8);
			ROUND(9);
#undef ROUND
			ret[l] = c0;
			ret[TT_LANES + l] = c1;
			ret[2 * TT_LANES + l] = c2;
			ret[3 * TT_LANES + l] = c3;
		}
	}
}

#if defined(__x86_64__)
/* Even and odd lanes apart, one to 64 bits, as the multiplication wants them. Upper halves
 * hold what is left over: nothing looks at them. */
__attribute__((target("avx2"))) static void fill_avx2(const uint32_t key[2], uint32_t draw,
                                                      uint32_t first, uint32_t blocks,
                                                      uint64_t world, uint32_t *restrict ret)
{
	const __m256i m0 = _mm256_set1_epi64x(0xd2511f53), m1 = _mm256_set1_epi64x(0xcd9e8d57);
	__m256i k0[10], k1[10], even[4], odd[4];

	for (uint32_t n = 0; n < 10; n++) {
		k0[n] = _mm256_set1_epi32((int)(key[0] + n * 0x9e3779b9u));
		k1[n] = _mm256_set1_epi32((int)(key[1] + n * 0xbb67ae85u));
	}
	for (uint32_t i = 0; i < 2 * blocks; i++) {
		__m256i at = _mm256_set1_epi64x((long long)(world + i % 2 * 8));

		even[2] = _mm256_add_epi64(at, _mm256_set_epi64x(6, 4, 2, 0));
		odd[2] = _mm256_add_epi64(at, _mm256_set_epi64x(7, 5, 3, 1));
		even[0] = odd[0] = _mm256_set1_epi32((int)(first + i / 2));
		even[1] = odd[1] = _mm256_set1_epi32((int)draw);
		even[3] = _mm256_srli_epi64(even[2], 32);
		odd[3] = _mm256_srli_epi64(odd[2], 32);
#define HALF(c, n)                                                                       \
	do {                                                                             \
		__m256i p0 = _mm256_mul_epu32(m0, c[0]);                                 \
		__m256i p1 = _mm256_mul_epu32(m1, c[2]);                                 \
                                                                                         \
		c[0] = _mm256_srli_epi64(p1, 32) ^ c[1] ^ k0[n];                         \
		c[1] = p1;                                                               \
		c[2] = _mm256_srli_epi64(p0, 32) ^ c[3] ^ k1[n];                         \
		c[3] = p0;                                                               \
	} while (0)
		for (int n = 0; n < 10; n++) {
			HALF(even, n);
			HALF(odd, n);
		}
#undef HALF
		uint32_t *to = ret + i / 2 * 4 * TT_LANES + i % 2 * 8;
		for (int w = 0; w < 4; w++) {
			__m256i high = _mm256_slli_epi64(odd[w], 32);
			_mm256_storeu_si256((__m256i *)(void *)(to + w * TT_LANES),
			                    _mm256_blend_epi32(even[w], high, 0xaa));
		}
	}
}
#endif

INLINE float float_of(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof f);
	return f;
}

INLINE uint32_t bits_of(float f)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof bits);
	return bits;
}

/* Of floats that are not negative: their bits are in the same order. */
INLINE float least_of(float a, float b)
{
	uint32_t x = bits_of(a), y = bits_of(b);

	return float_of(x < y ? x : y);
}

/* Logarithm of a normal number, within two units in the last place. The polynomial is
 * that of the Cephes library's logf() (S. L. Moshier). */
INLINE float log_of(float x)
{
	uint32_t bits = bits_of(x), half = (bits & 0x007fffff) | 0x3f000000; /* 1/2 to 1 */
	uint32_t small = half < 0x3f3504f3 ? UINT32_MAX : 0; /* below sqrt(1/2): doubled */
	float k = (float)((int32_t)(bits >> 23) - 126 + (int32_t)small);
	float m = float_of(half) + float_of(half & small) - 1.0f, z = m * m;
	float p = 7.0376836292e-2f;

	p = p * m - 1.1514610310e-1f;
	p = p * m + 1.1676998740e-1f;
	p = p * m - 1.2420140846e-1f;
	p = p * m + 1.4249322787e-1f;
	p = p * m - 1.6668057665e-1f;
	p = p * m + 2.0000714765e-1f;
	p = p * m - 2.4999993993e-1f;
	p = p * m + 3.3333331174e-1f;
	return m + (p * m * z - 2.12194440e-4f * k - 0.5f * z) + 0.693359375f * k;
}

/* Exponential for -80 to 80, beyond which it stays. Adding 1.5 x 2^23 rounds to a whole
 * number and leaves it in the low bits. Polynomial: Cephes' expf(). */
INLINE float exp_of(float x)
{
	uint32_t sign = bits_of(x) & 0x80000000;

	x = float_of(sign | bits_of(least_of(float_of(bits_of(x) ^ sign), 80.0f)));
	float shifted = x * 1.44269504f + 12582912.0f, k = shifted - 12582912.0f;
	float r = x - k * 0.693359375f + k * 2.12194440e-4f;
	float p = 1.9875691500e-4f;

	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	return (p * (r * r) + r + 1.0f) * float_of((bits_of(shifted) << 23) + 0x3f800000);
}

/* Two normals from two words, by Box and Muller: the radius from a uniform above 0, the
 * angle to the nearest quarter of a turn and half a quarter each way, by Cephes'
 * polynomials. */
INLINE void normals_of(uint32_t a, uint32_t b, float *ret_cos, float *ret_sin)
{
	float u = ((float)(int32_t)(a >> 9) + 0.5f) * 0x1p-23f;
	float radius = __builtin_sqrtf(-2.0f * log_of(u));
	float turn = (float)(int32_t)(b >> 8) * 0x1p-24f;
	int32_t quarter = (int32_t)(4.0f * turn + 0.5f);
	float x = (turn - 0.25f * (float)quarter) * 6.28318530718f, z = x * x;
	float s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * x + x;
	float c = ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z +
	           4.166664568298827e-2f) * z * z - 0.5f * z + 1.0f;
	uint32_t q = (uint32_t)quarter, swapped = 0 - (q & 1);
	uint32_t either = (bits_of(s) ^ bits_of(c)) & swapped;
	float sine = float_of((bits_of(s) ^ either) ^ (q & 2) << 30);
	float cosine = float_of((bits_of(c) ^ either) ^ ((q + 1) & 2) << 30);

	*ret_sin = sine * radius;
	*ret_cos = cosine * radius;
}

INLINE void normals(const uint32_t *restrict bits, uint32_t blocks, float *restrict ret)
{
	for (uint32_t b = 0; b < 2 * blocks; b++, bits += 2 * TT_LANES, ret += 2 * TT_LANES)
		for (int l = 0; l < TT_LANES; l++)
			normals_of(bits[l], bits[TT_LANES + l], &ret[l], &ret[TT_LANES + l]);
}

/* What stands at week_normal is for the four weeks of a block. */
INLINE void step_week(const tt_lanes_model *m, uint32_t week, tt_lanes *lanes,
                      fill_words *fill)
{
	if (week % 4 == 0) {
		fill(m->key, TT_DRAW_WEEK_LEVEL, week / 4, 1, lanes->world, lanes->bits);
		normals(lanes->bits, 1, lanes->week_normal);
	}
	const float *normal = &lanes->week_normal[week % 4 * TT_LANES];

	for (int l = 0; l < TT_LANES; l++)
		lanes->week_level[l] = m->week_carry * lanes->week_level[l] +
				       m->week_sd * normal[l];
}

INLINE void step_hours(const tt_lanes_model *m, const float *restrict scale,
                       const float *restrict normal, const float *restrict base,
                       float *restrict level, int32_t *restrict peak,
                       int32_t *restrict demand)
{
	const float carry = m->hour_carry, sd = m->hour_sd, most = m->most;

	for (int h = 0; h < TT_WEEK_H; h++, normal += TT_LANES, demand += TT_LANES) {
		for (int l = 0; l < TT_LANES; l++) {
			level[l] = carry * level[l] + sd * normal[l];
			float d = scale[h] * exp_of(base[l] + level[l]);
			int32_t units = (int32_t)(least_of(d, most) + 0.5f);
			demand[l] = units;
			peak[l] = peak[l] > units ? peak[l] : units;
		}
	}
}

INLINE void week_of(const tt_lanes_model *m, uint32_t week, const float *scale, tt_lanes *lanes,
                    fill_words *fill)
{
	float base[TT_LANES], level[TT_LANES];
	int32_t peak[TT_LANES];

	step_week(m, week, lanes, fill);
	for (int l = 0; l < TT_LANES; l++) {
		base[l] = lanes->week_level[l] + lanes->tilt[l];
		level[l] = lanes->hour_level[l];
		peak[l] = lanes->peak[l];
	}
	fill(m->key, TT_DRAW_HOUR_LEVEL, week * WEEK_BLOCKS, WEEK_BLOCKS, lanes->world,
	     lanes->bits);
	normals(lanes->bits, WEEK_BLOCKS, lanes->normal);
	step_hours(m, scale, lanes->normal, base, level, peak, lanes->demand);
	memcpy(lanes->hour_level, level, sizeof level);
	memcpy(lanes->peak, peak, sizeof peak);
}

static void week_plain(const tt_lanes_model *m, uint32_t week, const float *scale,
                       tt_lanes *lanes)
{
	week_of(m, week, scale, lanes, fill_plain);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void week_avx2(const tt_lanes_model *m, uint32_t week,
                                                      const float *scale, tt_lanes *lanes)
{
	week_of(m, week, scale, lanes, fill_avx2);
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}
#else
#define week_avx2 week_plain
static bool has_avx2(void)
{
	return false;
}
#endif

bool tt_lanes_usable(enum tt_lanes_code code)
{
	return code != TT_LANES_AVX2 || has_avx2();
}

tt_lanes_week *tt_lanes_find(enum tt_lanes_code code)
{
	bool avx2 = code == TT_LANES_AVX2 || (code == TT_LANES_BEST && has_avx2());

	return avx2 ? week_avx2 : week_plain;
}
