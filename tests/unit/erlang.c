/* Waiting lines: published figures, the stationary distribution summed state by state, and
 * fewer waiting with every server more. */
#include "maths/erlang.h"
#include "t.h"

static void test_published(void)
{
	static const struct {
		int64_t servers;
		double load, b, c;
	} known[] = {
		{ 1, 0.5, .3333333333, .5 },
		{ 12, 10, .1197391884, .4493882243 },
		{ 110, 100, .0274634484, .2370075003 },
		{ 1050, 1000, .0038131360, .0744017740 },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		T_F64(known[i].b, tt_erlang_lost_ratio(known[i].servers, known[i].load), 5.1e-11);
		T_F64(known[i].c, tt_erlang_waiting_ratio(known[i].servers, known[i].load),
		      5.1e-11);
	}
	T_INT(17, tt_erlang_servers(20, 2, 0, .05, 1000));
	T_INT(14, tt_erlang_servers(20, 2, .25, .05, 1000));
	T_INT(14, tt_erlang_servers(20, 2, 0, .2, 1000));
	T_F64(.1123470561, tt_erlang_wait_s(12, 20, 2), 5.1e-11);
	T_F64(.1825639661, tt_erlang_wait_approx_s(12, 20, 2, 1, 2.25), 5.1e-11);
}

static void test_staffing(void)
{
	static const double ratio[] = { .05, .2, .5 };
	static const double beta[] = { 1.73983627, 1.06151628, .50605447 };
	static const double load[] = { 10, 100, 1000 };
	static const int64_t rooted[][3] = { { 16, 118, 1056 }, { 14, 111, 1034 },
					     { 12, 106, 1017 } };
	static const int64_t exact[][3] = { { 17, 119, 1056 }, { 14, 111, 1034 },
					    { 12, 106, 1017 } };

	for (int i = 0; i < 3; i++) {
		T_F64(beta[i], tt_erlang_beta(ratio[i]), 5.1e-9);
		for (int k = 0; k < 3; k++) {
			T_INT(rooted[i][k], tt_erlang_staffing(load[k], ratio[i]));
			T_INT(exact[i][k], tt_erlang_servers(load[k], 1, 0, ratio[i], 9999));
		}
	}
	/* by the distribution of libm, to the ends of the scale */
	for (double b = 1e-6; b < 36; b = b * 1.3 + 1e-7) {
		const double phi = exp(-b * b / 2) / sqrt(2 * 3.14159265358979323846);
		const double r = 1 / (1 + b * erfc(-b / sqrt(2)) / 2 / phi);

		if (r > 0 && r < 1)
			T_F64(b, tt_erlang_beta(r), 1e-9 * b + 1e-9);
	}
}

/* Requests in the system: a^k / k! up to m of them, then each state a/m as likely as the one
 * before. */
static double brute(int m, double a, double served_per_s, double wait_s)
{
	double p = 1, all = 0, wait = 0;
	long double late = 0;

	for (int k = 0; k < m + 200000; k++) {
		all += p;
		if (k >= m) {
			/* all k - m + 1 that are before it have to go first: Poisson */
			if (wait_s > 0 && k < m + 400) {
				long double term = expl(-m * served_per_s * wait_s), sum = 0;

				for (int i = 0; i <= k - m; i++) {
					sum += term;
					term *= m * served_per_s * wait_s / (i + 1);
				}
				late += p * sum;
			}
			wait += p;
		}
		p *= a / (k + 1 < m ? k + 1 : m);
		if (k > m && p < 1e-18 * all)
			break;
	}
	return wait_s > 0 ? (double)late / all : wait / all;
}

static void test_brute(void)
{
	for (int m = 1; m <= 30; m++) {
		for (int i = 1; i <= 9; i++) {
			const double a = m * i / 10.0;

			T_F64(brute(m, a, 3, 0), tt_erlang_waiting_ratio(m, a), 1e-12);
			T_F64(brute(m, a, 3, .1), tt_erlang_late_ratio(m, a * 3, 3, .1), 1e-12);
		}
	}
}

/* From no server at all, where the module begins near the load. */
static void test_begin(void)
{
	static const double at[] = { .05, .5, .9, .99, 1, 1.01, 1.1 };

	for (double a = 100; a < 3e6; a *= 2.7) {
		for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
			const int64_t m = (int64_t)(a * at[i]);
			double b = 1;

			for (int64_t k = 1; k <= m; k++)
				b = a * b / ((double)k + a * b);
			T_F64(1, b / tt_erlang_lost_ratio(m, a), 1e-12);
		}
	}
}

static void test_monotone(void)
{
	for (double a = .01; a < 200; a *= 1.7) {
		double lost = 1, waiting = 1, late = 1, wait = (double)INFINITY;

		for (int64_t m = 1; m < 240; m++) {
			const double b = tt_erlang_lost_ratio(m, a);
			const double c = tt_erlang_waiting_ratio(m, a);
			const double l = tt_erlang_late_ratio(m, a, 1, .5);
			const double w = tt_erlang_wait_s(m, a, 1);

			T_OK(b <= lost && c <= waiting && l <= late && w <= wait);
			T_OK(b <= c && l <= c);
			lost = b;
			waiting = c;
			late = l;
			wait = w;
		}
	}
	/* the fewest: one less is too few */
	for (double a = .3; a < 90; a *= 1.3) {
		for (double late = .9; late > 1e-9; late /= 4) {
			for (double t = 0; t < 2; t += .4) {
				const int64_t m = tt_erlang_servers(a, 1, t, late, 100000);

				T_OK((double)m > a);
				T_OK(tt_erlang_late_ratio(m, a, 1, t) <= late);
				T_OK((double)(m - 1) <= a ||
				     tt_erlang_late_ratio(m - 1, a, 1, t) > late);
			}
		}
	}
}

static void test_edges(void)
{
	T_F64(1, tt_erlang_lost_ratio(0, 3), 0);
	T_F64(0, tt_erlang_lost_ratio(5, 0), 0);
	T_F64(0, tt_erlang_lost_ratio(1000000, 1), 0);
	T_F64(1, tt_erlang_lost_ratio(3, (double)INFINITY), 0);
	T_F64(1, tt_erlang_waiting_ratio(3, (double)INFINITY), 0);
	T_F64(1, tt_erlang_waiting_ratio(3, 3), 0);
	T_F64(1, tt_erlang_late_ratio(3, 7, 2, 60), 0);
	T_F64((double)INFINITY, tt_erlang_wait_s(3, 6, 2), 0);
	T_F64((double)INFINITY, tt_erlang_wait_approx_s(3, 6, 2, 0, 0), 0);
	T_F64(0, tt_erlang_waiting_ratio(0, 0), 0);
	T_F64(0, tt_erlang_wait_s(0, 0, 2), 0);
	T_F64(0, tt_erlang_late_ratio(3, 1, 2, 1e9), 0);
	T_INT(0, tt_erlang_servers(0, 2, 0, .05, 10));
	T_INT(-1, tt_erlang_servers(20, 2, 0, .05, 16));
	T_INT(17, tt_erlang_servers(20, 2, 0, .05, 17));
	T_INT(11, tt_erlang_servers(20, 2, 0, 1, 17)); /* at the load it would never end */
	T_INT(-1, tt_erlang_servers(1e300, 1, 0, .05, INT64_MAX));

	const double nan = (double)NAN;

	T_F64(nan, tt_erlang_lost_ratio(-1, 1), 0);
	T_F64(nan, tt_erlang_waiting_ratio(3, nan), 0);
	T_F64(nan, tt_erlang_waiting_ratio(3, -1), 0);
	T_F64(nan, tt_erlang_late_ratio(3, 1, 0, 1), 0);
	T_F64(nan, tt_erlang_late_ratio(3, 1, 1, -1), 0);
	T_F64(nan, tt_erlang_wait_s(3, nan, 1), 0);
	T_F64(nan, tt_erlang_wait_approx_s(3, 1, 1, -1, 1), 0);
	T_F64(nan, tt_erlang_beta(0), 0);
	T_F64(nan, tt_erlang_beta(1), 0);
	T_INT(-1, tt_erlang_servers(nan, 1, 0, .1, 9));
	T_INT(-1, tt_erlang_servers(1, 1, 0, nan, 9));
	T_INT(-1, tt_erlang_staffing(-1, .5));
	T_INT(-1, tt_erlang_staffing(10, 1.5));
	T_INT(0, tt_erlang_staffing(0, .5));
}

int main(void)
{
	test_published();
	test_staffing();
	test_brute();
	test_begin();
	test_monotone();
	test_edges();
	return T_END();
}
