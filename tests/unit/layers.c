/* The layer rule against published vectors, and against every other number of units. */
#include "maths/layers.h"
#include "t.h"

enum { HOURS = 336 };

/* A fortnight with business hours and a saw of 11 steps. */
static void fill(int64_t *v)
{
	for (int t = 0; t < HOURS; t++) {
		const int hour = t % 24, day = t / 24 % 7;

		v[t] = 40 + (hour >= 8 && hour < 20 && day < 5 ? 25 : 0) + 7919 * t % 11 - 5;
	}
}

static double ratio(tt_i128 a, tt_i128 b)
{
	return (double)a / (double)b;
}

/* r and p in micro-units; cost in units of money. */
static void test_published(void)
{
	static const struct {
		int64_t rate, price, units;
		double cost, saved_pct, used_pct, covered_pct;
	} known[] = {
		{ 2520000, 4000000, 41, 47043.52, 28.5053, 97.0383, 81.2644 },
		{ 1904762, 4000000, 43, 38328.001376, 41.7508, 95.1550, 83.5745 },
		{ 3800000, 4000000, 35, 63448.00, 3.5745, 100, 71.4894 },
		{ 400000, 4000000, 67, 9268.80, 85.9137, 72.7790, 99.5988 },
	};
	int64_t v[HOURS];
	tt_layers_demand d = { v, HOURS, 1 };
	tt_layers l;

	fill(v);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		tt_layers_best(&d, known[i].rate, known[i].price, &l);
		T_INT(known[i].units, l.units);
		T_F64(known[i].cost, (double)l.cost / 1e6, 1e-6);
		T_F64(4 * 16450.0, (double)l.none_cost / 1e6, 0);
		T_F64(known[i].saved_pct, 100 * (1 - ratio(l.cost, l.none_cost)), 5e-5);
		T_F64(known[i].used_pct, 100 * ratio(l.busy, l.units * (tt_i128)HOURS), 5e-5);
		T_F64(known[i].covered_pct, 100 * ratio(l.busy, l.all_busy), 5e-5);
		T_OK(l.last_busy >= (tt_i128)l.rank && l.next_busy < (tt_i128)l.rank);
	}
	/* 30 held until hour 168, then 10 */
	for (int t = 0; t < HOURS; t++)
		v[t] -= t < 168 ? 30 : 10;
	tt_layers_best(&d, 2520000, 4000000, &l);
	T_INT(26, l.units);
	T_F64(32934.72, (double)l.cost / 1e6, 1e-6);
}

/* A layer that only breaks even is not bought; one hour more, and it is. */
static void test_ties(void)
{
	int64_t v[] = { 1, 1, 1, 0, 0, 0 };
	tt_layers_demand d = { v, 6, 1 };
	tt_layers l;

	tt_layers_best(&d, 1, 2, &l);
	T_INT(0, l.units);
	T_INT(4, l.rank);
	T_INT(3, l.next_busy);
	v[3] = 1;
	tt_layers_best(&d, 1, 2, &l);
	T_INT(1, l.units);
	tt_layers_best(&d, 0, 2, &l); /* free: whatever is ever used */
	T_INT(1, l.units);
	tt_layers_best(&d, 3, 2, &l); /* dearer than the price */
	T_INT(0, l.units);
	tt_layers_best(&d, 1, 0, &l);
	T_INT(0, l.units);
	v[0] = -5; /* held more than is used */
	tt_layers_best(&d, 1, 2, &l);
	T_INT(0, l.units);
	T_INT(3, l.all_busy);
	d.n = 0;
	tt_layers_best(&d, 1, 2, &l);
	T_INT(0, l.units);
	T_INT(0, l.none_cost);
}

/* Half hours: two nodes for half of each hour are one layer, half used twice. */
static void test_parts(void)
{
	int64_t v[] = { 1500, 1500, 500, 0 };
	const tt_layers_demand d = { v, 4, 1000 };
	tt_layers l;

	T_INT(2500, tt_layers_busy(&d, 1));
	T_INT(1000, tt_layers_busy(&d, 2));
	T_INT(0, tt_layers_busy(&d, 3));
	T_INT(0, tt_layers_busy(&d, 0));
	tt_layers_best(&d, 62, 100, &l); /* 0.625 of the hours are used */
	T_INT(1, l.units);
	tt_layers_best(&d, 63, 100, &l);
	T_INT(0, l.units);
	tt_layers_best(&d, 24, 100, &l); /* 0.25 */
	T_INT(2, l.units);
	tt_layers_best(&d, 25, 100, &l);
	T_INT(1, l.units);
	T_INT(25 * 4 * 1000 + 100 * 1000, l.cost);
}

/* At a scale of prices of 10^12, no other number of units costs less, and fewer that cost the
 * same are none. */
static void test_every_number(void)
{
	uint64_t random = 1;
	int64_t v[48];

	for (int round = 0; round < 300; round++) {
		const tt_layers_demand d = { v, sizeof v / sizeof *v, 1 + round % 3 };
		const tt_i128 price = (tt_i128)(1 + round % 7) * 1000000000000;
		const tt_i128 rate = price * (round % 11) / 10;
		tt_layers l;

		for (size_t i = 0; i < d.n; i++) {
			random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
			v[i] = (int64_t)(random >> 60);
		}
		tt_layers_best(&d, rate, price, &l);
		T_OK(l.cost == tt_layers_cost(&d, l.units, rate, price));
		for (int64_t k = 0; k < 18; k++) {
			const tt_i128 cost = tt_layers_cost(&d, k, rate, price);

			T_OK(cost > l.cost || (cost == l.cost && k >= l.units));
		}
	}
}

int main(void)
{
	test_published();
	test_ties();
	test_parts();
	test_every_number();
	return T_END();
}
