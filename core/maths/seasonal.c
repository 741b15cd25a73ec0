#include "maths/seasonal.h"
#include "maths/elementary.h"
#include <math.h>

enum { GROWTH_SEASONS = 8 };
static const double growth_most = 0.1;

void tt_seasonal_naive(const double *y, size_t n, size_t m, size_t horizon, double *ret)
{
	for (size_t h = 0; h < horizon; h++) {
		size_t ago = m - h % m; /* from the end of y */

		if (h >= m) {
			ret[h] = ret[h - m];
			continue;
		}
		while (ago <= n && isnan(y[n - ago]))
			ago += m;
		ret[h] = ago <= n ? fmax(y[n - ago], 0) : (double)NAN;
	}
}

/* Logarithm of how much more one season was than the one before it. */
static double growth(const double *y, size_t n, size_t m)
{
	const size_t from = n > (GROWTH_SEASONS + 1) * m ? n - GROWTH_SEASONS * m : m;
	double now = 0, before = 0;
	size_t pairs = 0;

	for (size_t t = from; t < n; t++) {
		if (isnan(y[t]) || isnan(y[t - m]))
			continue;
		now += y[t];
		before += y[t - m];
		pairs++;
	}
	if (2 * pairs < m || !(now > 0 && before > 0))
		return 0;
	return fmin(growth_most, fmax(-growth_most, tt_log(now / before)));
}

void tt_seasonal_drift(const double *y, size_t n, size_t m, double damping, size_t horizon,
                       double *ret)
{
	const double g = growth(y, n, m);
	double sum = 0, step = 1, factor = 1;

	tt_seasonal_naive(y, n, m, horizon, ret);
	for (size_t h = 0; h < horizon; h++) {
		if (h % m == 0) {
			step *= damping;
			sum += step;
			factor = tt_exp(g * sum);
		}
		ret[h] *= factor;
	}
}

double tt_seasonal_spread(size_t h, size_t m)
{
	return h ? sqrt((double)((h - 1) / m + 1)) : 0;
}

static double mean_known(const double *y, size_t n)
{
	double sum = 0;
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		if (isnan(y[i]))
			continue;
		sum += y[i];
		known++;
	}
	return known ? sum / (double)known : (double)NAN;
}

double tt_holt_winters(const double *y, size_t n, size_t m, const tt_smoothing *w,
                       size_t horizon, double *s, double *ret)
{
	const double first = n >= 2 * m ? mean_known(y, m) : (double)NAN;
	const double second = n >= 2 * m ? mean_known(y + m, m) : (double)NAN;
	double level = first, trend = (second - first) / (double)m, sse = 0, ahead = 0, step = 1;

	if (isnan(trend)) {
		for (size_t h = 0; h < horizon; h++)
			ret[h] = (double)NAN;
		return (double)NAN;
	}
	for (size_t k = 0; k < m; k++) {
		s[k] = isnan(y[k]) ? y[m + k] - second : y[k] - first;
		s[k] = isnan(s[k]) ? 0 : s[k];
	}
	for (size_t t = m; t < n; t++) {
		const double base = level + w->damping * trend, before = level;
		const size_t k = t % m;

		if (isnan(y[t])) {
			level = base;
			trend *= w->damping;
			continue;
		}
		sse += (y[t] - (base + s[k])) * (y[t] - (base + s[k]));
		level = w->level * (y[t] - s[k]) + (1 - w->level) * base;
		trend = w->trend * (level - before) + (1 - w->trend) * w->damping * trend;
		s[k] = w->season * (y[t] - level) + (1 - w->season) * s[k];
	}
	for (size_t h = 0; h < horizon; h++) {
		step *= w->damping;
		ahead += step;
		ret[h] = fmax(level + ahead * trend + s[(n + h) % m], 0);
	}
	return sse;
}
