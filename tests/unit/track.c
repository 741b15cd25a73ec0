/* How forecasts did at dates of the past, and how sure that makes the next ones. */
#include "commit/track.h"
#include "t.h"
#include <math.h>

enum { WEEK_H = 168, WEEKS = 150, N = WEEKS * WEEK_H };

static tt_err err;
static double y[N];

static tt_track track(size_t n)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	const tt_rolling_offer offers[] = {
		{ .quarters = 12, .rate_per_hour = TT_DECIMAL_ONE / 10 * 3 },
		{ .quarters = 4, .rate_per_hour = TT_DECIMAL_ONE / 10 * 6 } };
	const tt_rolling_segment segments[] = { { .hours = 2190 } };
	const tt_rolling r = { .y = y, .n = n, .segments = segments, .n_segments = 1,
		.n_quarters = 1, .price_per_hour = TT_DECIMAL_ONE, .offers = offers,
		.n_offers = 2, .level = tt_level_usual() };
	tt_rolling_plan p;
	tt_track t = { 0 };

	T_INT(TT_OK, tt_rolling_ask(&r, arena, &p, &err));
	T_INT(TT_OK, tt_track_make(&r, &p, &t, &err));
	return t;
}

/* Level of a week, with a day that is busier than the night. */
static void fill(double (*level)(int week))
{
	for (int h = 0; h < N; h++)
		y[h] = level(h / WEEK_H) * (h % 24 < 12 ? 1.2 : .8);
}

static double wavy(int week)
{
	return 100 * (1 + .01 * sin(40 * (double)week));
}

/* 2 % a week, for 26 weeks up, for 26 down. */
static double turning(int week)
{
	const int at = week % 52;

	return 100 * exp(.02 * (at < 26 ? at : 52 - at));
}

static double growing(int week)
{
	return 100 * exp(.01 * week);
}

static void test_steady(void)
{
	fill(wavy);
	const tt_track t = track(N);

	T_INT(6, t.origins);
	/* the layer that is bought at 0.6 is used in all hours: 80 of 100, of which a half
	 * pays 0.6 too little for 40 more; nothing else can be done */
	for (size_t i = 0; i < TT_FORECASTS; i++)
		T_F64(.6 * 80 + .5 * 40 - .6 * 100, t.scores[i].cost / 1e6, 1);
	T_INT(TT_TRACK_QUARTERS, (int64_t)t.n_quarters);
	for (size_t q = 0; q < TT_TRACK_QUARTERS; q++) {
		T_OK(t.off_ratio[q] > 0 && t.off_ratio[q] < .03);
		T_F64(t.widens[q], tt_track_widens(&t, q), 0);
		T_OK(t.widens[q] >= .5 && t.widens[q] <= 2);
	}
	T_OK(t.held_ratio >= .6);
	T_F64(t.widens[TT_TRACK_QUARTERS - 1], tt_track_widens(&t, 30), 0);
}

/* Who reads growth off a year sees none of it and is wrong by what comes. */
static void test_turning(void)
{
	fill(turning);
	const tt_track t = track(N);

	T_INT(26, (int64_t)t.n_errors[0]);
	T_OK(t.off_ratio[0] > .1 && t.off_ratio[0] < .3);
	T_OK(t.off_ratio[1] > t.off_ratio[0]);
}

static void test_growing(void)
{
	fill(growing);
	const tt_track t = track(N);

	T_OK(t.best != TT_FORECAST_NAIVE);
	T_OK(t.scores[TT_FORECAST_LEVEL].cost < t.scores[TT_FORECAST_NAIVE].cost);
}

static void test_short(void)
{
	fill(wavy);
	tt_track t = track(10 * WEEK_H);

	T_INT(0, (int64_t)t.origins);
	T_INT(0, (int64_t)t.n_quarters);
	T_OK(isnan(t.held_ratio));
	T_F64(1, tt_track_widens(&t, 3), 0);
	/* a quarter and two weeks: one date; for an interval eight with half a year each */
	t = track(2190 + 2 * WEEK_H);
	T_INT(1, (int64_t)t.origins);
	T_INT(0, (int64_t)t.n_quarters);
	t = track(2190 + 26 * WEEK_H + 7 * 2 * WEEK_H - 1);
	T_INT(0, (int64_t)t.n_quarters);
	t = track(2190 + 26 * WEEK_H + 7 * 2 * WEEK_H);
	T_INT(1, (int64_t)t.n_quarters);
	T_INT(8, (int64_t)t.n_errors[0]);
	T_OK(isnan(t.held_ratio));
}

int main(void)
{
	test_steady();
	test_turning();
	test_growing();
	test_short();
	return T_END();
}
