/* How long requests take: against the closed form of one server, the published waits, a
 * simulated line, and what delays and overload do to it. */
#include "maths/latency.h"
#include "maths/erlang.h"
#include "t.h"

static tt_latency_time time_of(int64_t servers, double arrivals_per_s, double served_per_s)
{
	return (tt_latency_time){ .requests = 1, .arrivals_per_s = arrivals_per_s,
				  .served_per_s = served_per_s, .servers = servers };
}

/* M/M/1: latency is exponential at mu - lambda. */
static void test_one_server(void)
{
	tt_latency_time t = time_of(1, 3, 5);

	T_F64(log(20) / 2, tt_latency_quantile_s(&t, 1, 0.05), 1e-9);
	T_F64(log(2) / 2, tt_latency_quantile_s(&t, 1, 0.5), 1e-9);
	T_F64(exp(-2), tt_latency_late_ratio(&t, 1), 1e-12);
}

/* The mean, by the tail's integral, is the published wait (.1123470561) and 1 / mu. */
static void test_mean(void)
{
	tt_latency_time t = time_of(12, 20, 2);
	double mean = 0;

	t.waiting_ratio = tt_erlang_waiting_ratio(12, 10);
	for (int i = 0; i < 200000; i++)
		mean += tt_latency_late_ratio(&t, (i + 0.5) * 1e-4) * 1e-4;
	T_F64(.1123470561 + 0.5, mean, 1e-7);
	/* where both rates are the same, nothing jumps */
	tt_latency_time a = time_of(2, 1, 1), b = time_of(2, 1 + 1e-5, 1);
	a.waiting_ratio = b.waiting_ratio = 0.5;
	T_F64(tt_latency_late_ratio(&a, 2), tt_latency_late_ratio(&b, 2), 1e-5);
}

static void test_times(void)
{
	tt_latency_time v[] = { time_of(1, 3, 5), time_of(1, 9, 5) };

	/* an hour that is too much, of a twentieth of the requests at most */
	v[0].requests = 95;
	v[1].requests = 5;
	T_OK(isfinite(tt_latency_quantile_s(v, 2, 0.06)));
	T_OK(isinf(tt_latency_quantile_s(v, 2, 0.04)));
	T_F64(log(95) / 2, tt_latency_quantile_s(v, 2, 0.06), 1e-6);
	/* a cold start that a tenth of them meets is their p95 */
	v[1] = v[0];
	v[0].requests = 90;
	v[1].requests = 10;
	v[1].delay_s = 210;
	T_OK(tt_latency_quantile_s(v, 2, 0.05) > 210);
	T_OK(tt_latency_quantile_s(v, 2, 0.2) < 2);
	v[1].delay_s = (double)INFINITY; /* never */
	T_OK(isinf(tt_latency_quantile_s(v, 2, 0.05)));
	v[0].requests = v[1].requests = 0;
	T_OK(isnan(tt_latency_quantile_s(v, 2, 0.05)));
	T_OK(isnan(tt_latency_quantile_s(v, 0, 0.05)));
}

/* More servers are never slower, a slower server is. */
static void test_monotone(void)
{
	double before = (double)INFINITY;

	for (int64_t m = 11; m < 40; m++) {
		tt_latency_time t = time_of(m, 20, 2);
		const double p95 = tt_latency_quantile_s(&t, 1, 0.05);
		tt_latency_time slow = time_of(m, 20, 1.9);

		T_OK(p95 <= before);
		T_OK(tt_latency_quantile_s(&slow, 1, 0.05) > p95);
		before = p95;
	}
	T_F64(log(20) / 2, before, 1e-3); /* only being served is left */
}

int main(void)
{
	test_one_server();
	test_mean();
	test_times();
	test_monotone();
	return T_END();
}
