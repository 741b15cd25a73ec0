#include "maths/anomalies.h"
#include "maths/robust.h"
#include <math.h>
#include <string.h>

/* Values of a window, in order. */
typedef struct window {
	double *v;
	size_t n;
} window;

static size_t place(const window *w, double x)
{
	size_t low = 0, high = w->n;

	while (low < high) {
		const size_t mid = (low + high) / 2;

		if (w->v[mid] < x)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void put(window *w, double x)
{
	if (isnan(x))
		return;
	const size_t at = place(w, x);

	memmove(w->v + at + 1, w->v + at, (w->n++ - at) * sizeof x);
	w->v[at] = x;
}

static void take(window *w, double x)
{
	if (isnan(x))
		return;
	const size_t at = place(w, x);

	memmove(w->v + at, w->v + at + 1, (--w->n - at) * sizeof x);
}

static double middle(const window *w)
{
	if (!w->n)
		return (double)NAN;
	return w->n % 2 ? w->v[w->n / 2] : (w->v[w->n / 2 - 1] + w->v[w->n / 2]) / 2;
}

static void find_level(const double *y, size_t n, size_t half, window *w, double *ret)
{
	for (size_t i = 0; i < half && i < n; i++)
		put(w, y[i]);
	for (size_t t = 0; t < n; t++) {
		if (t + half < n)
			put(w, y[t + half]);
		if (t > half)
			take(w, y[t - half - 1]);
		ret[t] = middle(w);
	}
}

/* Median of each hour of the season, about the median of these; an hour that is never known is
 * as any other. */
static void find_season(const double *rest, size_t n, size_t m, double *room, double *ret)
{
	for (size_t k = 0; k < m; k++) {
		size_t known = 0;

		for (size_t t = k; t < n; t += m)
			room[known++] = rest[t];
		ret[k] = tt_median_known(room, known);
	}
	memcpy(room, ret, m * sizeof *ret);
	const double centre = tt_median_known(room, m);

	for (size_t k = 0; k < m; k++)
		ret[k] = isnan(ret[k]) ? 0 : ret[k] - centre;
}

static void find_far(const double *y, size_t n, tt_anomalies *a, double *room)
{
	for (size_t t = 0; t < n; t++)
		room[t] = y[t] - a->expected[t];
	const double centre = tt_median_known(room, n);

	for (size_t t = 0; t < n; t++) {
		a->expected[t] += centre;
		room[t] = y[t] - a->expected[t];
	}
	a->scale = tt_robust_scale(room, n);
	for (size_t t = 0; t < n; t++) {
		const double off = y[t] - a->expected[t];

		if (a->scale > 0 && fabs(off) > a->threshold * a->scale)
			a->v[a->n++] = (tt_anomaly){ t, off / a->scale };
	}
}

int tt_anomalies_find(const double *y, size_t n, size_t m, size_t w, double threshold,
                      tt_arena *arena, tt_anomalies *ret, tt_err *err)
{
	if (!m || w % 2 == 0 || !(threshold > 0))
		return tt_fail(err, TT_EINVAL, "anomalies by a season of %zu h, a window of %zu h "
		               "and a threshold of %g: expected above 0, odd, and above 0", m, w,
		               threshold);
	tt_anomalies a = {
		.v = tt_arena_alloc(arena, (n + 1) * sizeof *a.v),
		.expected = tt_arena_alloc(arena, (n + 1) * sizeof *a.expected),
		.threshold = threshold
	};
	TT_CLEANUP(tt_freep) double *season = tt_zalloc(m, sizeof *season);
	TT_CLEANUP(tt_freep) double *rest = tt_zalloc(n + 1, sizeof *rest);
	TT_CLEANUP(tt_freep) double *room = tt_zalloc((n > w ? n : w) + m + 1, sizeof *room);

	if (!a.v || !a.expected || !season || !rest || !room)
		return tt_no_memory(err);
	find_level(y, n, w / 2, &(window){ room, 0 }, a.expected);
	for (size_t t = 0; t < n; t++)
		rest[t] = y[t] - a.expected[t];
	find_season(rest, n, m, room, season);
	for (size_t t = 0; t < n; t++)
		a.expected[t] = isnan(y[t]) ? (double)NAN : a.expected[t] + season[t % m];
	find_far(y, n, &a, room);
	*ret = a;
	return TT_OK;
}

void tt_anomalies_draw_in(const double *y, size_t n, const tt_anomalies *a, double *ret)
{
	if (ret != y)
		memcpy(ret, y, n * sizeof *y);
	for (size_t i = 0; i < a->n; i++) {
		const double most = a->threshold * a->scale;

		ret[a->v[i].at] = a->expected[a->v[i].at] + (a->v[i].z < 0 ? -most : most);
	}
}
