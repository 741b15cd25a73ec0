/* Weights scaled down: never above what they are a part of. */
#include "bill/shares.h"
#include "t.h"

static uint64_t seed = 1;

static uint64_t draw(void)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static tt_u128 wide(int bits)
{
	tt_u128 v = (tt_u128)draw() << 64 | draw();

	return v & (((tt_u128)1 << bits) - 1);
}

static void test_small(void)
{
	T_INT(0, tt_scaled(0, 1, 2));
	T_INT(3, tt_scaled(10, 1, 3));
	T_INT(10, tt_scaled(10, 3, 3));
	T_INT(10, tt_scaled(10, 4, 3)); /* never more than all of it */
	T_INT(333333333333333333, tt_scaled(1000000000000000000, 1, 3));
}

/* Any part is at most its share, and parts of a whole at most the whole. The widest weight
 * is a node's of a year: 10^10 millionths of a card x 3 x 10^7 s x 10^8. */
static void test_never_above(void)
{
	for (int i = 0; i < 200000; i++) {
		tt_u128 den = wide(20 + i % 70) + 1, num = wide(120) % den;
		tt_u128 whole = wide(20 + i % 60);
		tt_u128 a = tt_scaled(whole, num, den), b = tt_scaled(whole, den - num, den);

		if (a + b > whole || a > whole || b > whole) {
			T_(0, "draw %d: the parts are above the whole", i);
			return;
		}
		/* weights scaled to fit into a room stay inside it */
		tt_u128 room = num, scaled = tt_scaled(den, room, den);
		if (scaled > room) {
			T_(0, "draw %d: scaled to a room and above it", i);
			return;
		}
		/* a part in 2^61, and one for rounding down */
		if (room - scaled > (den >> 60) + 1) {
			T_(0, "draw %d: too far below", i);
			return;
		}
	}
	T_OK(1);
}

int main(void)
{
	test_small();
	test_never_above();
	return T_END();
}
