/* Anomalies of the published series; outages of several series at once. */
#include "maths/anomalies.h"
#include "maths/outages.h"
#include "t.h"

enum { DAY = 24, N = 28 * DAY };

static tt_err err;

static void fill(double *y)
{
	for (int t = 0; t < N; t++)
		y[t] = 100 + 20 * sin(2 * M_PI * (t % DAY) / DAY) + .05 * t +
		       (7919 * t % 23 - 11) * .4;
	y[400] += 40;
	y[555] -= 30;
}

static void test_published(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_anomalies a;
	double y[N];

	fill(y);
	T_INT(TT_OK, tt_anomalies_find(y, N, DAY, 169, 5, arena, &a, &err));
	T_INT(2, a.n);
	T_INT(400, a.v[0].at);
	T_F64(11.1596, a.v[0].z, 5e-5);
	T_INT(555, a.v[1].at);
	T_F64(-6.6981, a.v[1].z, 5e-5);
	T_F64(3.706506, a.scale, 5e-7);
	/* drawn in to where they just do not stand out, the rest as it was */
	double drawn[N];

	tt_anomalies_draw_in(y, N, &a, drawn);
	for (int t = 0; t < N; t++)
		T_OK(t == 400 || t == 555 || drawn[t] == y[t]);
	T_F64(y[400] - (11.1596 - 5) * 3.706506, drawn[400], 1e-3);
	T_F64(y[555] + (6.6981 - 5) * 3.706506, drawn[555], 1e-3);
	/* missing hours are not low ones, and stay missing */
	for (int t = 200; t < 260; t++)
		y[t] = (double)NAN;
	T_INT(TT_OK, tt_anomalies_find(y, N, DAY, 169, 5, arena, &a, &err));
	T_INT(2, a.n);
	T_OK(isnan(a.expected[230]) && !isnan(a.expected[260]));
	tt_anomalies_draw_in(y, N, &a, y);
	T_OK(isnan(y[230]));
}

static void test_flat(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_anomalies a;
	double y[N];

	for (int t = 0; t < N; t++)
		y[t] = 7;
	T_INT(TT_OK, tt_anomalies_find(y, N, DAY, 169, 5, arena, &a, &err));
	T_INT(0, a.n);
	T_F64(0, a.scale, 0);
	y[300] = 8; /* what is always the same has a scale from this hour alone */
	T_INT(TT_OK, tt_anomalies_find(y, N, DAY, 169, 5, arena, &a, &err));
	T_INT(1, a.n);
	T_INT(300, a.v[0].at);
	for (int t = 0; t < N; t++)
		y[t] = (double)NAN;
	T_INT(TT_OK, tt_anomalies_find(y, N, DAY, 169, 5, arena, &a, &err));
	T_INT(0, a.n);
	T_OK(isnan(a.scale));
	T_INT(TT_OK, tt_anomalies_find(y, 0, DAY, 169, 5, arena, &a, &err));
	T_INT(0, a.n);
	T_INT(TT_EINVAL, tt_anomalies_find(y, N, DAY, 168, 5, arena, &a, &err));
	T_INT(TT_EINVAL, tt_anomalies_find(y, N, 0, 169, 5, arena, &a, &err));
	for (uint64_t nth = 1; nth < 4; nth++) {
		tt_alloc_fail_at(nth, 0);
		T_INT(TT_ENOMEM, tt_anomalies_find(y, N, DAY, 169, 5, arena, &a, &err));
		tt_alloc_fail_at(0, 0);
	}
}

static void test_outages(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	double a[N], b[N];
	const double *series[] = { a, b };
	tt_outage *v;
	size_t n;

	for (int t = 0; t < N; t++) {
		a[t] = t % DAY < 12 ? 5 : 0; /* at night only b, */
		b[t] = t % DAY < 6 ? 0 : 3;  /* in the morning only a */
	}
	T_INT(TT_OK, tt_outages_find(series, 2, N, DAY, arena, &v, &n, &err));
	T_INT(0, n);
	for (int t = 100; t < 110; t++)
		a[t] = b[t] = t < 104 ? 0 : (double)NAN;
	a[108] = 0; /* b is missing there */
	T_INT(TT_OK, tt_outages_find(series, 2, N, DAY, arena, &v, &n, &err));
	T_INT(1, n);
	T_INT(100, v[0].from);
	T_INT(110, v[0].to);
	T_INT(5, v[0].missing);
	T_OK(!v[0].usual);
	/* b alone stands still in every morning: that is usual; the gap begins in one of them */
	T_INT(TT_OK, tt_outages_find(series + 1, 1, N, DAY, arena, &v, &n, &err));
	T_INT(29, n);
	T_INT(0, v[0].from);
	T_INT(6, v[0].to);
	T_OK(v[0].usual);
	T_INT(0, v[0].missing);
	T_INT(102, v[4].to);
	T_OK(v[4].usual);
	T_INT(102, v[5].from);
	T_INT(110, v[5].to);
	T_OK(!v[5].usual);
	T_INT(TT_OK, tt_outages_find(series, 2, 0, DAY, arena, &v, &n, &err));
	T_INT(0, n);
	T_INT(TT_EINVAL, tt_outages_find(series, 0, N, DAY, arena, &v, &n, &err));
}

int main(void)
{
	test_published();
	test_flat();
	test_outages();
	return T_END();
}
