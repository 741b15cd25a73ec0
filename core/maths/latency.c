#include "maths/latency.h"
#include "maths/elementary.h"
#include "maths/erlang.h"
#include <math.h>

enum { HALVINGS = 44 };

double tt_latency_late_ratio(const tt_latency_time *t, double latency_s)
{
	const double mu = t->served_per_s, left_s = latency_s - t->delay_s;
	const double theta = (double)t->servers * mu - t->arrivals_per_s;
	double at_once, waited;

	if (left_s < 0 || !(theta > 0))
		return 1;
	at_once = tt_exp(-mu * left_s);
	/* waiting is exponential at theta, being served at mu: the tail of their sum */
	if (fabs(theta - mu) < 1e-6 * mu)
		waited = (1 + mu * left_s) * at_once;
	else
		waited = (theta * at_once - mu * tt_exp(-theta * left_s)) / (theta - mu);
	return (1 - t->waiting_ratio) * at_once + t->waiting_ratio * waited;
}

static double late(const tt_latency_time *v, size_t n, double latency_s)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i].requests * tt_latency_late_ratio(&v[i], latency_s);
	return sum;
}

double tt_latency_quantile_s(tt_latency_time *v, size_t n, double late_ratio)
{
	double came = 0, never = 0, low = 0, high = 1e-3;

	for (size_t i = 0; i < n; i++) {
		const double load = v[i].arrivals_per_s / v[i].served_per_s;

		v[i].waiting_ratio = tt_erlang_waiting_ratio(v[i].servers, load);
		came += v[i].requests;
		if (!(load < (double)v[i].servers) || isinf(v[i].delay_s))
			never += v[i].requests;
	}
	if (!(came > 0))
		return (double)NAN;
	if (never > late_ratio * came)
		return (double)INFINITY;
	while (late(v, n, high) > late_ratio * came) {
		low = high;
		high *= 2;
		if (high > 1e12)
			return (double)INFINITY;
	}
	for (int i = 0; i < HALVINGS && low < high; i++) {
		const double mid = low + (high - low) / 2;

		if (late(v, n, mid) > late_ratio * came)
			low = mid;
		else
			high = mid;
	}
	return high;
}
