/* Holt-Winters, the seasonal naive forecast and their errors against published figures. */
#include "maths/forecast_errors.h"
#include "maths/seasonal.h"
#include "t.h"

enum { N = 40, M = 4 };

static void fill(double *y)
{
	for (int t = 0; t < N; t++)
		y[t] = 50 + .3 * t + 10 * (t % M - 1.5) + (31 * t % 7 - 3);
}

static void test_holt_winters(void)
{
	static const double known[] = { 46.866179, 57.635862, 68.521461, 78.098625, 47.746376,
		58.472049 };
	const tt_smoothing w = { .3, .1, .2, .95 };
	double y[N], room[M], f[6];

	fill(y);
	T_F64(346.9028, tt_holt_winters(y, N, M, &w, 6, room, f), 5e-5);
	for (int h = 0; h < 6; h++)
		T_F64(known[h], f[h], 5e-7);
	/* an hour that is missing is not 0: the forecast hardly moves */
	y[30] = (double)NAN;
	tt_holt_winters(y, N, M, &w, 6, room, f);
	for (int h = 0; h < 6; h++)
		T_F64(known[h], f[h], 1);
	y[1] = (double)NAN; /* in the first season, then also in the second */
	T_OK(tt_holt_winters(y, N, M, &w, 6, room, f) > 0);
	y[5] = (double)NAN;
	T_OK(tt_holt_winters(y, N, M, &w, 6, room, f) > 0);
	T_F64(known[1], f[1], 4);
	T_OK(isnan(tt_holt_winters(y, 7, M, &w, 6, room, f)) && isnan(f[5]));
	for (int t = 0; t < M; t++)
		y[t] = (double)NAN;
	T_OK(isnan(tt_holt_winters(y, N, M, &w, 6, room, f)) && isnan(f[0]));
}

static void test_naive(void)
{
	double y[N], f[8];

	fill(y);
	tt_seasonal_naive(y, 32, M, 8, f);
	for (int h = 0; h < 8; h++)
		T_F64(y[28 + h % 4], f[h], 0);
	T_F64(1.40853659, tt_mase(y, 32, M, y + 32, f, 8), 5e-9);
	T_F64(6.20975732, tt_smape(y + 32, f, 8), 5e-9);
	T_F64(.73, tt_pinball_mean(y + 32, f, 8, .1), 1e-12);
	T_F64(1.65, tt_pinball_mean(y + 32, f, 8, .5), 1e-12);
	T_F64(2.57, tt_pinball_mean(y + 32, f, 8, .9), 1e-12);
	/* what is missing is taken from a season earlier, from half a season too */
	y[29] = y[25] = (double)NAN;
	tt_seasonal_naive(y, 31, M, 8, f);
	T_F64(y[27], f[0], 0);
	T_F64(y[28], f[1], 0);
	T_F64(y[21], f[2], 0);
	T_F64(y[21], f[6], 0);
	tt_seasonal_naive(y + 29, 1, M, 4, f);
	T_OK(isnan(f[3]));
	tt_seasonal_naive(y, 2, M, 8, f);
	T_OK(isnan(f[0]) && isnan(f[1]) && f[2] == y[0] && f[7] == y[1]);
}

static void test_drift(void)
{
	double y[N], f[12];

	for (int t = 0; t < N; t++) /* 2 % a season */
		y[t] = (10 + t % M) * pow(1.02, t / M);
	tt_seasonal_drift(y, N, M, 1, 12, f);
	for (int h = 0; h < 12; h++)
		T_F64((10 + h % M) * pow(1.02, (N + h) / M), f[h], 1e-9);
	tt_seasonal_drift(y, N, M, .5, 12, f);
	T_F64(10 * pow(1.02, 9 + .875), f[8], 1e-9);
	y[37] = y[22] = (double)NAN; /* pairs that are not known do not make a fall */
	tt_seasonal_drift(y, N, M, 1, 12, f);
	T_F64(12 * pow(1.02, 12), f[10], 1e-9);
	tt_seasonal_drift(y, 5, M, 1, 12, f); /* one pair: no growth */
	T_F64(y[1], f[8], 0);
	tt_seasonal_drift(y, 3, M, 1, 4, f);
	T_OK(isnan(f[0]) && f[1] == y[0]);
	for (int t = 0; t < N; t++)
		y[t] = t < 20 ? 1 : 1000;
	tt_seasonal_drift(y, 23, M, 1, 4, f);
	T_F64(1000 * exp(.1), f[1], 1e-9);
}

static void test_intervals(void)
{
	double e[19], nothing[] = { (double)NAN, 1 };
	const size_t h[] = { 1, 24, 25, 48, 49 };
	const double spread[] = { 1, 1, 1.41421356, 1.41421356, 1.73205081 };

	T_INT(18, tt_conformal_rank(19, 100000));
	T_INT(90, tt_conformal_rank(99, 100000));
	T_INT(190, tt_conformal_rank(199, 50000));
	for (int i = 0; i < 19; i++)
		e[i] = (7 * i + 3) % 19;
	T_F64(17, tt_conformal_width(e, 19, 100000), 0);
	for (int i = 0; i < 19; i++)
		e[i] = i < 2 ? (double)NAN : (7 * i + 4) % 19; /* all but 4 and 11 */
	T_F64(18, tt_conformal_width(e, 19, 100000), 0);
	T_OK(isinf(tt_conformal_width(nothing, 2, 100000)));
	T_OK(isinf(tt_conformal_width(nothing, 0, 100000)));
	for (size_t i = 0; i < 5; i++)
		T_F64(spread[i], tt_seasonal_spread(h[i], 24), 5e-9);
	/* the loss is what a commitment costs more than it had to */
	T_F64(42.92, 4 * tt_pinball(70, 41, 1 - 2.52 / 4), 1e-12);
	T_F64(2.52 * 41 + 4 * 29 - 2.52 * 70, 4 * tt_pinball(70, 41, 1 - 2.52 / 4), 1e-12);
}

static void test_missing(void)
{
	const double a[] = { 1, (double)NAN, 3 }, f[] = { 2, 5, (double)NAN };
	const double flat[] = { 1, 1, 1, 1 }, none[] = { 0, 0 };

	T_F64(0.5, tt_pinball_mean(a, f, 3, .5), 1e-15);
	T_OK(isnan(tt_pinball_mean(a + 1, f + 1, 2, .5)));
	T_OK(isnan(tt_mase(flat, 4, 1, a, f, 3)));
	T_OK(isnan(tt_mase(flat, 1, 1, a, f, 3)));
	T_F64(0, tt_smape(none, none, 2), 0);
}

int main(void)
{
	test_holt_winters();
	test_naive();
	test_drift();
	test_intervals();
	test_missing();
	return T_END();
}
