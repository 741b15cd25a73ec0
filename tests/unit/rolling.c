/* The ladder of the quarters ahead: what an hour on demand costs, to the last digit. */
#include "commit/rolling.h"
#include "t.h"

enum { WEEKS = 8, HOURS = WEEKS * 168, QUARTER = 2190 };

/* Two units, always, at so many 10^-12 an hour: a quarter on demand as it is expected, and
 * (ret_course) at the level that it is. `cautious`: weighed as well. */
static int64_t quarter_micro(tt_decimal price, bool cautious, int64_t *ret_course)
{
	static double y[HOURS];
	const tt_rolling_segment ahead = { .quarter = 0, .hours = QUARTER };
	const double level = 2;
	tt_arena *arena = tt_arena_new();
	tt_err err = { 0 };
	tt_rolling_plan p;
	tt_ladder_segment s;
	tt_rolling r = { .y = y, .n = HOURS, .segments = &ahead, .n_segments = 1, .n_quarters = 1,
			 .price_per_hour = price, .level = tt_level_usual() };

	for (size_t i = 0; i < HOURS; i++)
		y[i] = 2;
	r.caution.level_millionths = cautious ? 950000 : 0;
	r.caution.weight_millionths = cautious ? 500000 : 0;
	T_INT(TT_OK, tt_rolling_make(&r, arena, &p, &err));
	T_STR("", err.text);
	T_INT(TT_OK, tt_rolling_course(&r, &p, &level, arena, &s, &err));
	*ret_course = 0;
	for (size_t i = 0; i < s.n; i++)
		*ret_course += s.layers[i].units * s.layers[i].cost_micro;
	const int64_t micro = p.plan.none_micro;
	tt_arena_free(arena);
	return micro;
}

static void test_prices(void)
{
	static const struct { tt_decimal price; int64_t micro; } cases[] = {
		{ 3 * TT_DECIMAL_ONE, INT64_C(6) * QUARTER * 1000000 },
		{ 2500000, 5 * QUARTER },               /* 0.0000025 */
		{ 999999, 2 * QUARTER },                /* each to the nearest micro-unit: */
		{ 3 * TT_DECIMAL_ONE + 250000, INT64_C(6) * QUARTER * 1000000 + QUARTER / 2 + 1 },
		/* a big one, with nothing lost beside it */
		{ 9000 * TT_DECIMAL_ONE + 500000, INT64_C(18000) * QUARTER * 1000000 + QUARTER },
	};
	int64_t course;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		quarter_micro(cases[i].price, false, &course);
		T_INT(cases[i].micro, course);
	}
	/* what is expected is as much, for a millionth of the price; layers are rounded */
	for (int cautious = 0; cautious < 2; cautious++)
		T_F64((double)quarter_micro((tt_decimal)2500999 * 1000000, cautious, &course) / 1e6,
		      (double)quarter_micro(2500999, cautious, &course), 20);
}

int main(void)
{
	test_prices();
	return T_END();
}
