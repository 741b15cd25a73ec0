/* Wide numbers against the same in 128 bits, where they fit, and against themselves. */
#include "bill/limbs.h"
#include "t.h"

enum { WIDTH = 5 };

static uint64_t seed;

static uint64_t draw(void)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static tt_u128 draw_bits(unsigned bits)
{
	const tt_u128 all = (tt_u128)draw() << 64 | draw();

	return all >> (128 - bits);
}

static tt_u128 low(const uint64_t *v)
{
	for (size_t i = 2; i < WIDTH; i++)
		T_OK(v[i] == 0);
	return (tt_u128)v[1] << 64 | v[0];
}

static void test_against_128_bits(void)
{
	const tt_u128 a = draw_bits(126), b = draw_bits(60);
	const uint64_t by[] = { 1 + draw() % 1000, 1 + draw() % 7, 1 + draw() % 40 };
	uint64_t v[WIDTH], w[WIDTH];
	tt_i128 q;

	tt_limbs_set(v, WIDTH, a);
	tt_limbs_set(w, WIDTH, b);
	T_INT(a > b ? 1 : a < b ? -1 : 0, tt_limbs_compare(v, w, WIDTH));
	tt_limbs_add(v, WIDTH, w);
	T_OK(low(v) == a + b);
	tt_limbs_sub(v, WIDTH, w);
	T_OK(low(v) == a);
	T_OK(tt_limbs_div(v, WIDTH, by[0]) == a % by[0]);
	T_OK(low(v) == a / by[0]);
	tt_limbs_product(w, WIDTH, b, draw_bits(1));
	T_OK(low(w) == 0 || low(w) == b);
	tt_limbs_set(v, WIDTH, a);
	T_OK(tt_limbs_round(v, WIDTH, by, 3, &q));
	T_OK(q == tt_div_half_even((tt_i128)a, (tt_i128)by[0] * by[1] * by[2]));
}

/* (a x b + c) / b = a, rest c, with numbers that need all words. */
static void test_wide(void)
{
	const tt_u128 a = draw_bits(128), b = draw_bits(128);
	const uint64_t c = draw() | 1;
	uint64_t v[WIDTH], w[WIDTH], x[WIDTH];
	tt_i128 q;

	tt_limbs_product(v, WIDTH, a, b);
	tt_limbs_product(w, WIDTH, b, a);
	T_INT(0, tt_limbs_compare(v, w, WIDTH));
	tt_limbs_mul_all(v, WIDTH, &c, 1);
	tt_limbs_set(x, WIDTH, c - 1);
	tt_limbs_add(v, WIDTH, x);
	T_OK(tt_limbs_compare(v, w, WIDTH) >= 0);
	tt_limbs_copy(x, WIDTH, v);
	T_OK(tt_limbs_div(v, WIDTH, c) == c - 1);
	T_INT(0, tt_limbs_compare(v, w, WIDTH));
	tt_limbs_sub(v, WIDTH, w);
	T_OK(tt_limbs_is_zero(v, WIDTH));
	T_OK(!tt_limbs_is_zero(x, WIDTH));
	if (a >> 120 && b >> 120)
		T_OK(!tt_limbs_round(x, WIDTH, &c, 1, &q)); /* 240 bits are no amount */
}

/* Half goes to even, anything above it up: what was lost on the way counts too. */
static void test_halves(void)
{
	static const int want[][2] = { { 7, 1 }, { 9, 2 }, { 15, 2 }, { 16, 3 }, { 21, 4 },
		{ 2, 0 }, { 3, 0 }, { 4, 1 } };
	const uint64_t by[] = { 3, 2 };

	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		uint64_t v[WIDTH];
		tt_i128 q = -1;

		tt_limbs_set(v, WIDTH, (tt_u128)want[i][0]);
		T_OK(tt_limbs_round(v, WIDTH, by, 2, &q));
		T_INT(want[i][1], q);
	}
}

int main(void)
{
	test_halves();
	for (int i = 0; i < 5000; i++) {
		test_against_128_bits();
		test_wide();
	}
	return T_END();
}
