#include "maths/erlang.h"
#include "maths/elementary.h"
#include <math.h>

/* Where to begin with b = 1 instead of at no server at all. An error of 1 / b shrinks by
 * k / load with each k up to the load and does not outgrow 1 / b after it: over so many
 * servers by e^-72 or more. */
static int64_t begin(double servers, double load)
{
	const double least = servers < load ? servers : load, from = least - 12 * sqrt(least);

	return from > 0 ? (int64_t)from : 0;
}

double tt_erlang_lost_ratio(int64_t servers, double load)
{
	double b = 1;

	if (servers < 0 || !(load >= 0))
		return (double)NAN;
	if (isinf(load))
		return 1;
	for (int64_t k = begin((double)servers, load) + 1; k <= servers && b > 0; k++)
		b = load * b / ((double)k + load * b);
	return b;
}

/* Erlang C out of Erlang B, for load < servers. */
static double waiting(double lost, int64_t servers, double load)
{
	return lost / (1 - load / (double)servers * (1 - lost));
}

double tt_erlang_waiting_ratio(int64_t servers, double load)
{
	if (servers < 0 || !(load >= 0))
		return (double)NAN;
	if (load == 0)
		return 0;
	if (load >= (double)servers)
		return 1;
	return waiting(tt_erlang_lost_ratio(servers, load), servers, load);
}

/* What of those that wait is still there after wait_s. */
static double patience(int64_t servers, double load, double served_per_s, double wait_s)
{
	return tt_exp(-((double)servers - load) * served_per_s * wait_s);
}

double tt_erlang_late_ratio(int64_t servers, double arrivals_per_s, double served_per_s,
                            double wait_s)
{
	const double load = arrivals_per_s / served_per_s;
	const double c = tt_erlang_waiting_ratio(servers, load);

	if (!(served_per_s > 0) || !(wait_s >= 0))
		return (double)NAN;
	if (!(load > 0) || load >= (double)servers)
		return c;
	return c * patience(servers, load, served_per_s, wait_s);
}

double tt_erlang_wait_s(int64_t servers, double arrivals_per_s, double served_per_s)
{
	const double load = arrivals_per_s / served_per_s;
	const double c = tt_erlang_waiting_ratio(servers, load);

	if (!(served_per_s > 0) || isnan(c))
		return (double)NAN;
	if (load == 0)
		return 0;
	if (load >= (double)servers)
		return (double)INFINITY;
	return c / (((double)servers - load) * served_per_s);
}

double tt_erlang_wait_approx_s(int64_t servers, double arrivals_per_s, double served_per_s,
                               double arrivals_cv2, double serving_cv2)
{
	if (!(arrivals_cv2 >= 0) || !(serving_cv2 >= 0))
		return (double)NAN;

	const double wait_s = tt_erlang_wait_s(servers, arrivals_per_s, served_per_s);

	return isinf(wait_s) ? wait_s : wait_s * ((arrivals_cv2 + serving_cv2) / 2);
}

int64_t tt_erlang_servers(double arrivals_per_s, double served_per_s, double wait_s,
                          double late_ratio, int64_t most)
{
	const double load = arrivals_per_s / served_per_s;
	double b = 1;

	if (!(served_per_s > 0) || !(load >= 0) || !(wait_s >= 0) || !(late_ratio >= 0))
		return -1;
	if (load == 0)
		return 0;
	if (load >= (double)most)
		return -1;
	for (int64_t m = begin(load, load) + 1; m <= most; m++) {
		b = load * b / ((double)m + load * b);
		if ((double)m > load && waiting(b, m, load) *
		    patience(m, load, served_per_s, wait_s) <= late_ratio)
			return m;
	}
	return -1;
}

/* 1 / (1 + x Phi(x) / phi(x)). Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/(3 x 5) + ...): no term
 * is negative, so nothing cancels. */
static double halfin_whitt(double x)
{
	const double half_sqrt_2pi = 0x1.40d931ff62706p+0;
	double sum = 0, term = x;

	for (int k = 3; sum + term > sum; k += 2) {
		sum += term;
		term *= x * x / k;
	}
	return 1 / (1 + x * (half_sqrt_2pi * tt_exp(x * x / 2) + sum));
}

double tt_erlang_beta(double waiting_ratio)
{
	double low = 0, high = 37; /* there it is below 10^-299 */

	if (!(waiting_ratio > 0) || !(waiting_ratio < 1))
		return (double)NAN;
	for (;;) {
		const double mid = low + (high - low) / 2;

		if (mid <= low || mid >= high)
			return high;
		if (halfin_whitt(mid) > waiting_ratio)
			low = mid;
		else
			high = mid;
	}
}

int64_t tt_erlang_staffing(double load, double waiting_ratio)
{
	const double beta = tt_erlang_beta(waiting_ratio);

	if (!(load >= 0) || !(load <= 1e15) || isnan(beta))
		return -1;
	return (int64_t)ceil(load + beta * sqrt(load));
}
