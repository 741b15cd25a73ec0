/* Choosing a forecast: by what its decisions cost, on data it did not see. */
#include "maths/forecast.h"
#include "maths/robust.h"
#include "t.h"

enum { DAY = 24, N = 60 * DAY };

static tt_err err;

static uint64_t state = 3;

static double noise(void)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (double)(state >> 40) / (double)(1 << 24) - .5;
}

static tt_forecast_task task(const double *y, size_t n)
{
	return (tt_forecast_task){ .y = y, .n = n, .season_h = DAY, .segment_h = 7 * DAY,
		.horizon_h = 7 * DAY, .rate = 63, .price = 100, .step_h = 3 * DAY, .origins = 8,
		.band_h = DAY, .alpha_millionths = 100000 };
}

static void usual(tt_forecast_candidate c[TT_FORECASTS])
{
	tt_forecast_usual(c);
	c[TT_FORECAST_LEVEL].level.season_h = DAY;
	c[TT_FORECAST_LEVEL].level.seasons = 7;
}

static void fill(double *y, double growth, double wild)
{
	for (int t = 0; t < N; t++)
		y[t] = (100 + (t % DAY < 12 ? 40 : 0)) * pow(1 + growth, t / DAY) + wild * noise();
}

/* Of a demand that grows, the forecasts that know it are cheaper; of one that is as last week,
 * all are exact and the first is taken. */
static void test_chosen(void)
{
	double y[N];
	tt_forecast_candidate c[TT_FORECASTS];
	tt_forecast_task t = task(y, N);
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_forecast_choice r;

	usual(c);
	fill(y, .03, 0);
	T_INT(TT_OK, tt_forecast_choose(&t, c, TT_FORECASTS, arena, &r, &err));
	T_INT(8, r.origins);
	T_OK(r.best != TT_FORECAST_NAIVE);
	T_OK(r.scores[TT_FORECAST_DRIFT].cost < r.scores[TT_FORECAST_NAIVE].cost);
	for (size_t i = 0; i < TT_FORECASTS; i++)
		T_OK(r.scores[r.best].cost <= r.scores[i].cost);
	T_OK(r.scores[r.best].decision > y[N - 1]);
	fill(y, 0, 0);
	T_INT(TT_OK, tt_forecast_choose(&t, c, TT_FORECASTS, arena, &r, &err));
	T_INT(TT_FORECAST_NAIVE, r.best);
	T_OK(isnan(r.scores[0].mase)); /* a series that repeats has no scale */
	/* 140 in half of the hours, which is not more than 0.63 of them */
	T_F64(100, r.scores[0].decision, 0);
	T_F64(.37 * 40 / 2 * 100, r.scores[0].cost, 1e-9);
	t.rate = 49;
	T_INT(TT_OK, tt_forecast_choose(&t, c, TT_FORECASTS, arena, &r, &err));
	T_F64(140, r.scores[0].decision, 0);
	T_F64(.49 * 40 / 2 * 100, r.scores[0].cost, 1e-9);
	T_F64(140, r.forecast[0], 0);
	T_F64(100, r.forecast[12], 0);
	T_F64(0, r.width[0], 0);
}

/* The median, and that a forecast does not look ahead. */
static void test_made(void)
{
	double y[N], changed[N], **f, **g;
	tt_forecast_candidate c[TT_FORECASTS];
	tt_forecast_task t = task(y, N - 7 * DAY);
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();

	usual(c);
	fill(y, .01, 20);
	memcpy(changed, y, sizeof y);
	T_INT(TT_OK, tt_forecast_make(&t, c, TT_FORECASTS, arena, &f, &err));
	for (int h = N - 7 * DAY; h < N; h++)
		changed[h] = 1e6;
	t.y = changed;
	T_INT(TT_OK, tt_forecast_make(&t, c, TT_FORECASTS, arena, &g, &err));
	for (size_t h = 0; h < t.horizon_h; h++) {
		double v[] = { f[0][h], f[1][h], f[2][h], f[3][h] };

		T_F64(tt_median_known(v, 4), f[4][h], 0);
		for (size_t i = 0; i < TT_FORECASTS; i++)
			T_OK(f[i][h] == g[i][h]);
	}
}

/* Errors of the same kind as before: nine of ten hours are in the interval of 90 %. */
static void test_intervals(void)
{
	double y[N];
	tt_forecast_candidate c[TT_FORECASTS];
	tt_forecast_task t = task(y, N);
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_forecast_choice r;
	double sum = 0;

	usual(c);
	fill(y, 0, 20);
	t.origins = 16;
	T_INT(TT_OK, tt_forecast_choose(&t, c, TT_FORECASTS, arena, &r, &err));
	T_INT(7, r.n_bands);
	for (size_t b = 0; b < r.n_bands; b++) {
		T_OK(r.width[b] > 5 && r.width[b] < 20);
		sum += r.coverage_ratio[b] / 7;
	}
	T_F64(.9, sum, .05);
	t.origins = 1;
	t.band_h = 5; /* five errors are too few for 90 % */
	T_INT(TT_OK, tt_forecast_choose(&t, c, TT_FORECASTS, arena, &r, &err));
	T_INT(34, r.n_bands);
	T_OK(isinf(r.width[0]) && isnan(r.coverage_ratio[0]));
}

static void test_missing(void)
{
	double y[N];
	tt_forecast_candidate c[TT_FORECASTS];
	tt_forecast_task t = task(y, N);
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_forecast_choice r;

	usual(c);
	fill(y, 0, 0);
	for (int h = N - 200; h < N - 150; h++) /* no telemetry: not a fall */
		y[h] = (double)NAN;
	T_INT(TT_OK, tt_forecast_choose(&t, c, TT_FORECASTS, arena, &r, &err));
	T_F64(100, r.scores[r.best].decision, 1e-9);
	for (int h = N - 7 * DAY; h < N; h++) /* the latest origin has nothing behind it */
		y[h] = (double)NAN;
	T_INT(TT_OK, tt_forecast_choose(&t, c, TT_FORECASTS, arena, &r, &err));
	T_F64(100, r.scores[r.best].decision, 1e-9);
	t.n = 9 * DAY - 1;
	err = (tt_err){ 0 };
	T_INT(TT_ENODATA, tt_forecast_choose(&t, c, TT_FORECASTS, arena, &r, &err));
	T_HAS("215 h of history are too few", err.text);
	t.n++;
	T_INT(TT_OK, tt_forecast_choose(&t, c, TT_FORECASTS, arena, &r, &err));
	T_INT(1, r.origins);
	for (int h = 0; h < N; h++)
		y[h] = (double)NAN;
	T_INT(TT_ENODATA, tt_forecast_choose(&t, c, TT_FORECASTS, arena, &r, &err));
}

static void test_refused(void)
{
	double y[N] = { 0 }, **f;
	tt_forecast_candidate c[TT_FORECASTS];
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_forecast_task t;

	usual(c);
	t = task(y, N);
	t.price = 0;
	T_INT(TT_EINVAL, tt_forecast_make(&t, c, TT_FORECASTS, arena, &f, &err));
	t = task(y, N);
	t.horizon_h = 0;
	T_INT(TT_EINVAL, tt_forecast_make(&t, c, TT_FORECASTS, arena, &f, &err));
	t = task(y, N);
	t.alpha_millionths = 0;
	T_INT(TT_EINVAL, tt_forecast_make(&t, c, TT_FORECASTS, arena, &f, &err));
	c[TT_FORECAST_LEVEL].level.season_h = 0;
	t = task(y, N);
	T_INT(TT_EINVAL, tt_forecast_make(&t, c, TT_FORECASTS, arena, &f, &err));
	usual(c);
	for (uint64_t nth = 1; nth < 30; nth++) {
		tt_forecast_choice r;

		tt_alloc_fail_at(nth, 0);
		const int rc = tt_forecast_choose(&t, c, TT_FORECASTS, arena, &r, &err);

		T_OK(rc == TT_ENOMEM || !tt_alloc_failed());
		tt_alloc_fail_at(0, 0);
	}
}

int main(void)
{
	test_chosen();
	test_made();
	test_intervals();
	test_missing();
	test_refused();
	return T_END();
}
