/* The curve of a demand against each of its layers asked for one by one. */
#include "maths/layer_curve.h"
#include "t.h"

static uint64_t state = 11;

static int64_t below(int64_t n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (int64_t)(state >> 33) % n;
}

static void same(const tt_layers_demand *d)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_layer_curve c;
	tt_err err = { 0 };
	int64_t layer = 0;

	T_INT(TT_OK, tt_layer_curve_make(d, arena, &c, &err));
	for (size_t i = 0; i < c.n; i++) {
		T_OK(!i || c.v[i].busy < c.v[i - 1].busy);
		/* the first, the last, and what lies between is not more than the one or
		 * less than the other */
		T_INT(c.v[i].busy, (int64_t)tt_layers_busy(d, layer + 1));
		layer += c.v[i].units;
		T_INT(c.v[i].busy, (int64_t)tt_layers_busy(d, layer));
	}
	T_INT(c.units, layer);
	T_INT(0, (int64_t)tt_layers_busy(d, layer + 1));
}

static void test_random(void)
{
	int64_t v[60];

	for (int round = 0; round < 2000; round++) {
		const tt_layers_demand d = { v, (size_t)below(60), 1 + below(4) };
		const int64_t most = round % 3 == 0 ? 8 : round % 3 == 1 ? 200 : 1000000;

		for (size_t i = 0; i < d.n; i++)
			v[i] = below(most) - most / 8;
		same(&d);
	}
}

static void test_edges(void)
{
	const int64_t none[] = { 0, -3, 0 }, part[] = { 1, 2, 0 };
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_layer_curve c;
	tt_err err = { 0 };

	T_INT(TT_OK, tt_layer_curve_make(&(tt_layers_demand){ none, 3, 1 }, arena, &c, &err));
	T_INT(0, c.n);
	T_INT(TT_OK, tt_layer_curve_make(&(tt_layers_demand){ part, 3, 3600 }, arena, &c, &err));
	T_INT(1, c.n);
	T_INT(1, c.v[0].units);
	T_INT(3, c.v[0].busy);
	T_INT(TT_EDATA, tt_layer_curve_make(&(tt_layers_demand){ part, 3, INT64_MAX / 3 }, arena,
	                                    &c, &err));
	T_HAS("3 hours in parts of 1/", err.text);
}

int main(void)
{
	test_random();
	test_edges();
	return T_END();
}
