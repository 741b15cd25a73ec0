/* Pools under policies: a published week, every policy against a pool that is counted second
 * by second, and what more replicas can only make better. */
#include "maths/autoscale.h"
#include "base/memory.h"
#include "pool_check.h"

enum { WEEK = 168, HOUR = 3600, N = 40 };

static double week[WEEK];

static void make_week(void)
{
	for (int t = 0; t < WEEK; t++)
		week[t] = 50 + (t % 24 >= 9 && t % 24 < 18 ? 30 : 0) + 37 * t % 17 +
			  (t % 41 == 13 ? 60 : 0);
}

static int up(const void *pa, const void *pb)
{
	const double *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

static void test_week_fixed(void)
{
	const tt_autoscale_pool p = tt_autoscale_pool_of(week, WEEK, HOUR, 8);
	tt_autoscale_sum peak, p95, s;
	double sorted[WEEK];

	T_INT(0, tt_autoscale_quantile(&p, 1000000, NULL, &peak, NULL));
	T_INT(19, peak.most_replicas);
	T_INT(0, peak.overloaded_s);
	T_INT(0, peak.cold_starts);
	T_INT(19 * WEEK * HOUR, peak.replica_s);

	/* the published p95 interpolates, between two loads that are 95 here */
	T_INT(0, tt_autoscale_quantile(&p, 950000, NULL, &p95, NULL));
	T_INT(12, p95.most_replicas);
	T_INT(1176 * HOUR, peak.replica_s - p95.replica_s);
	T_INT(4 * HOUR, p95.overloaded_s);
	T_INT(20 * HOUR, p95.short_replica_s);
	T_F64(143.0 * HOUR, p95.unserved_load_s, 0);
	T_INT(0, tt_autoscale_fixed(&p, 12, NULL, &s, NULL));
	pool_same(&p95, &s);

	/* and here it does not: p99 is 128.61 by interpolation, the 167th load by rank */
	memcpy(sorted, week, sizeof week);
	qsort(sorted, WEEK, sizeof *sorted, up);
	T_F64(63, sorted[83], 0);
	T_F64(93, sorted[151], 0);
	T_F64(95, sorted[159], 0);
	T_F64(128.61, sorted[165] + .33 * (sorted[166] - sorted[165]), 1e-9);
	T_OK(sorted[166] > 128.61);

	const tt_autoscale_pool by_one = tt_autoscale_pool_of(week, WEEK, HOUR, 1);

	T_INT(0, tt_autoscale_quantile(&by_one, 990000, NULL, &s, NULL));
	T_INT(sorted[166], s.most_replicas);
	T_INT(0, tt_autoscale_quantile(&by_one, 500000, NULL, &s, NULL));
	T_INT(63, s.most_replicas);
	T_INT(0, tt_autoscale_quantile(&by_one, 0, NULL, &s, NULL));
	T_INT(sorted[0], s.most_replicas);
	T_INT(0, tt_autoscale_quantile(&by_one, 1000000 / WEEK + 1, NULL, &s, NULL));
	T_INT(sorted[1], s.most_replicas);
}

static void test_week_following(void)
{
	const tt_autoscale_pool p = tt_autoscale_pool_of(week, WEEK, HOUR, 8);
	static const int64_t leads[] = { 0, 1, 3 }, ahead[] = { 1558, 1652, 1808 };
	static const int64_t reactive[] = { 1803, 1971, 2139 }, lacks[] = { 59, 37, 27 };
	static const int64_t overloaded[] = { 22, 10, 8 };
	tt_autoscale_sum s;
	int64_t more = -1;

	for (int k = 0; k < 3; k++) {
		T_INT(0, tt_autoscale_lead(&p, leads[k] * HOUR, 0, NULL, &s, NULL));
		T_INT(ahead[k] * HOUR, s.replica_s);
		T_INT(0, s.overloaded_s);

		const tt_reactive_policy r = { .lag_s = HOUR, .scale_down_s = 3 * HOUR,
					       .headroom_replicas = k };

		T_INT(0, tt_autoscale_reactive(&p, &r, NULL, &s, NULL));
		T_INT(reactive[k] * HOUR, s.replica_s);
		T_INT(lacks[k] * HOUR, s.short_replica_s);
		T_INT(overloaded[k] * HOUR, s.overloaded_s);
	}
	T_INT(0, tt_autoscale_headroom(&p, HOUR, 950000, &more, NULL));
	T_INT(4, more);
	T_INT(0, tt_autoscale_headroom(&p, HOUR, 990000, &more, NULL));
	T_INT(8, more);
	T_INT(0, tt_autoscale_headroom(&p, HOUR, 1000000, &more, NULL));
	T_INT(8, more);
	T_INT(0, tt_autoscale_headroom(&p, HOUR, 1, &more, NULL));
	T_INT(0, more); /* it falls */
}

static void test_slo(void)
{
	static const double load[] = { 20, 0, 20, (double)NAN, 8 };
	tt_autoscale_pool p = tt_autoscale_pool_of(load, 5, 60, 2);
	tt_autoscale_sum s, step[5];
	tt_slo_policy slo = { .slots_per_replica = 1, .late_ratio = .05 };

	T_INT(0, tt_autoscale_slo(&p, &slo, step, &s, NULL));
	T_INT(17, step[0].most_replicas);
	T_INT(0, step[1].most_replicas);
	T_INT(17, step[2].most_replicas);
	T_INT(17, step[3].most_replicas); /* not known: as before */
	T_INT(17 * 60, s.missing_replica_s);
	T_INT(1, s.wakes);
	slo.wait_s = .25;
	T_INT(0, tt_autoscale_slo(&p, &slo, step, &s, NULL));
	T_INT(14, step[0].most_replicas);
	slo = (tt_slo_policy){ .slots_per_replica = 1, .late_ratio = .2, .lead_s = 60 };
	T_INT(0, tt_autoscale_slo(&p, &slo, step, &s, NULL));
	T_INT(14, step[0].most_replicas);
	T_INT(14, step[1].most_replicas);
	/* eight slots of a quarter each are as many servers as before: 17 / 8 */
	p.capacity_per_replica = 16;
	slo = (tt_slo_policy){ .slots_per_replica = 8, .late_ratio = .05 };
	T_INT(0, tt_autoscale_slo(&p, &slo, step, &s, NULL));
	T_INT(3, step[0].most_replicas);
	p.target_ratio = .25; /* and that takes five */
	T_INT(0, tt_autoscale_slo(&p, &slo, step, &s, NULL));
	T_INT(5, step[0].most_replicas);
	p.max_replicas = 2;
	T_INT(0, tt_autoscale_slo(&p, &slo, step, &s, NULL));
	T_INT(2, step[0].most_replicas);
}

/* --- Second by second -------------------------------------------------------------------- */

static void random_pool(tt_autoscale_pool *p, double *load)
{
	const int64_t missing = pool_random(3) * 3; /* of 10 */

	for (int i = 0; i < N; i++)
		load[i] = pool_random(10) < missing ? (double)NAN : (double)pool_random(320) / 8;
	load[pool_random(N)] = 11.5;
	*p = tt_autoscale_pool_of(load, N, 1 + pool_random(9), 1);
	p->capacity_per_replica = (double)(1 + pool_random(40)) / 4;
	p->target_ratio = pool_random(2) ? 1 : .75;
	p->min_replicas = pool_random(3);
	p->max_replicas = pool_random(2) ? 150 + pool_random(200) : 3 + pool_random(20);
	p->start_replicas = pool_random(2) ? -1 : p->min_replicas + pool_random(2);
	p->ready_s = pool_random(2) * pool_random(40);
}

/* The most that steps from `from` to `to` take, by looking at each; -1: nothing is known. */
static int64_t most(const tt_autoscale_pool *p, int64_t from, int64_t to)
{
	int64_t m = -1;

	for (int64_t i = from; i <= to; i++) {
		if (i < 0 || i >= (int64_t)p->n || isnan(p->load[i]))
			continue;

		const int64_t need = (int64_t)ceil(p->load[i] /
						   (p->capacity_per_replica * p->target_ratio));

		m = need > m ? need : m;
	}
	return m;
}

static void replay(const tt_autoscale_pool *p, const int64_t *wanted, int64_t otherwise,
                   tt_autoscale_sum *ret)
{
	pool_check c = { .p = p };
	int64_t first = otherwise;

	for (size_t i = p->n; i-- > 0;)
		first = wanted[i] >= 0 ? wanted[i] : first;
	pool_set(&c, p->start_replicas >= 0 ? p->start_replicas : first);
	c.sum.cold_starts = c.sum.wakes = 0;
	for (int64_t i = 0; i < c.n; i++)
		c.ready_at_s[i] = 0;
	for (size_t i = 0; i < p->n; i++) {
		if (wanted[i] >= 0)
			pool_set(&c, wanted[i]);
		for (int64_t k = 0; k < p->step_s; k++)
			pool_second(&c);
	}
	*ret = c.sum;
}

static void test_brute(void)
{
	for (int round = 0; round < 600; round++) {
		tt_autoscale_pool p;
		double load[N];
		int64_t wanted[N], known = 0;
		tt_autoscale_sum want, got, step[N];

		random_pool(&p, load);
		while (isnan(load[known]))
			known++;

		const int64_t lag = pool_random(5), down = pool_random(5), more = pool_random(3);
		const tt_reactive_policy r = {
			.lag_s = lag * p.step_s, .scale_down_s = down * p.step_s,
			.headroom_replicas = more,
		};

		for (int64_t i = 0; i < N; i++) {
			wanted[i] = i < lag ? -1 : most(&p, i - lag - down, i - lag);
			wanted[i] += wanted[i] < 0 ? 0 : more;
		}
		T_INT(0, tt_autoscale_reactive(&p, &r, step, &got, NULL));
		replay(&p, wanted, most(&p, known, known) + more, &want);
		pool_same(&want, &got);
		pool_steps(step, N, &got);

		for (int64_t i = 0; i < N; i++)
			wanted[i] = most(&p, i, i + lag);
		/* a part of a step is a step */
		T_INT(0, tt_autoscale_lead(&p, lag ? lag * p.step_s - pool_random(p.step_s) : 0, 0,
					   step, &got, NULL));
		replay(&p, wanted, -1, &want);
		pool_same(&want, &got);
		pool_steps(step, N, &got);

		for (int64_t i = 0; i < N; i++)
			wanted[i] = 7;
		T_INT(0, tt_autoscale_fixed(&p, 7, step, &got, NULL));
		replay(&p, wanted, -1, &want);
		pool_same(&want, &got);
		pool_steps(step, N, &got);
	}
}

static void test_monotone(void)
{
	for (int round = 0; round < 200; round++) {
		tt_autoscale_pool p;
		double load[N];
		tt_autoscale_sum last = { .unserved_load_s = 1e18, .overloaded_s = INT64_MAX,
					  .short_replica_s = INT64_MAX }, s, lead;

		random_pool(&p, load);
		p.max_replicas = 1000;
		for (int64_t replicas = 0; replicas < 60; replicas++) {
			T_INT(0, tt_autoscale_fixed(&p, replicas, NULL, &s, NULL));
			T_OK(s.unserved_load_s <= last.unserved_load_s);
			T_OK(s.overloaded_s <= last.overloaded_s);
			T_OK(s.short_replica_s <= last.short_replica_s);
			T_OK(s.replica_s >= last.replica_s);
			last = s;
		}
		p.start_replicas = -1;
		last = (tt_autoscale_sum){ 0 };
		for (int64_t steps = 0; steps < 8; steps++) {
			T_INT(0, tt_autoscale_lead(&p, steps * p.step_s, 0, NULL, &lead, NULL));
			T_OK(lead.replica_s >= last.replica_s);
			if (steps * p.step_s >= p.ready_s && !lead.missing_s)
				T_INT(0, lead.overloaded_s);
			last = lead;
		}
		/* nothing that reacts is better than what knows */
		p.ready_s = 0;
		T_INT(0, tt_autoscale_lead(&p, 0, 0, NULL, &lead, NULL));
		T_INT(0, lead.overloaded_s);
		for (int64_t lag = 0; lag < 4; lag++) {
			const tt_reactive_policy r = { .lag_s = lag * p.step_s };

			T_INT(0, tt_autoscale_reactive(&p, &r, NULL, &s, NULL));
			T_OK(s.replica_s >= lead.replica_s || s.short_replica_s > 0);
		}
	}
}

/* --- What is missing, and what is wrong -------------------------------------------------- */

static void test_missing(void)
{
	const double nan = (double)NAN;
	const double load[] = { nan, 10, nan, nan, 30, 0, nan };
	tt_autoscale_pool p = tt_autoscale_pool_of(load, 7, 60, 10);
	static const int64_t lead[] = { 1, 1, 1, 1, 3, 0, 0 }, reactive[] = { 1, 1, 1, 1, 1, 3, 0 };
	const tt_reactive_policy r = { .lag_s = 60 };
	tt_autoscale_sum s, step[7];
	int64_t more = -1;

	T_INT(0, tt_autoscale_lead(&p, 0, 0, step, &s, NULL));
	for (int i = 0; i < 7; i++) {
		T_INT(lead[i], step[i].most_replicas);
		T_INT(isnan(load[i]) ? 60 : 0, step[i].missing_s);
		T_INT(isnan(load[i]) ? 0 : 60 * lead[i], step[i].replica_s);
	}
	T_INT(180, s.known_s);
	T_INT(240, s.missing_s);
	T_INT(4 * 60, s.replica_s);
	T_INT(3 * 60, s.missing_replica_s);
	T_INT(2, s.cold_starts);
	T_INT(0, s.wakes);
	T_INT(0, tt_autoscale_reactive(&p, &r, step, &s, NULL));
	for (int i = 0; i < 7; i++)
		T_INT(reactive[i], step[i].most_replicas);
	T_INT(60, s.overloaded_s);
	T_F64(20 * 60, s.unserved_load_s, 0);
	/* the median of 0, 10 and 30: a missing one has no rank */
	T_INT(0, tt_autoscale_quantile(&p, 500000, NULL, &s, NULL));
	T_INT(1, s.most_replicas);
	T_INT(0, tt_autoscale_quantile(&p, 0, NULL, &s, NULL));
	T_INT(0, s.most_replicas);
	T_INT(0, tt_autoscale_headroom(&p, 60, 1000000, &more, NULL));
	T_INT(0, more); /* of 30 to 0, not of anything to 10 */
	T_INT(0, tt_autoscale_headroom(&p, 180, 1000000, &more, NULL));
	T_INT(2, more); /* from the second to the fifth, the only pair */

	/* a lag beyond the end: what it starts with */
	const tt_reactive_policy late = { .lag_s = 86400, .headroom_replicas = 2 };

	T_INT(0, tt_autoscale_reactive(&p, &late, NULL, &s, NULL));
	T_INT(3, s.most_replicas);
	T_INT(0, s.cold_starts);
}

#define REFUSED(status, reason, call)              \
	do {                                       \
		tt_err err = { 0 };                \
		T_INT(status, call);               \
		T_STR(reason, err.text);           \
		p = good;                          \
	} while (0)

static void test_refused_pool(void)
{
	static const double load[] = { 1, 2, 3 };
	const tt_autoscale_pool good = tt_autoscale_pool_of(load, 3, 60, 10);
	tt_autoscale_pool p = good;
	tt_autoscale_sum s;

	p.step_s = 0;
	REFUSED(TT_EINVAL, "autoscale: step_s = 0 is not between 1 and 4000000000",
		tt_autoscale_fixed(&p, 1, NULL, &s, &err));
	p.ready_s = -1;
	REFUSED(TT_EINVAL, "autoscale: ready_s = -1 is not between 0 and 4000000000",
		tt_autoscale_fixed(&p, 1, NULL, &s, &err));
	p.step_s = 2000000000;
	REFUSED(TT_EINVAL, "autoscale: 3 steps of 2000000000 s are more than 4000000000 s",
		tt_autoscale_fixed(&p, 1, NULL, &s, &err));
	p.capacity_per_replica = 0;
	REFUSED(TT_EINVAL, "autoscale: capacity_per_replica = 0 is not between 1e-06 and 1e+12",
		tt_autoscale_fixed(&p, 1, NULL, &s, &err));
	p.target_ratio = (double)NAN;
	REFUSED(TT_EINVAL, "autoscale: target_ratio = nan is not between 1e-06 and 1",
		tt_autoscale_fixed(&p, 1, NULL, &s, &err));
	p.min_replicas = 7;
	p.max_replicas = 6;
	REFUSED(TT_EINVAL, "autoscale: min_replicas = 7 is not between 0 and 6",
		tt_autoscale_fixed(&p, 1, NULL, &s, &err));
	p.max_replicas = 6;
	p.start_replicas = 7;
	REFUSED(TT_EINVAL, "autoscale: start_replicas = 7 is not between 0 and 6",
		tt_autoscale_fixed(&p, 1, NULL, &s, &err));
}

static void test_refused_policy(void)
{
	double load[] = { 1, 2, 3 };
	const tt_autoscale_pool good = tt_autoscale_pool_of(load, 3, 60, 10);
	tt_autoscale_pool p = good;
	tt_autoscale_sum s = { .known_s = 42 };
	int64_t more;

	REFUSED(TT_EINVAL, "autoscale: replicas = -1 is not between 0 and 1000000",
		tt_autoscale_fixed(&p, -1, NULL, &s, &err));
	REFUSED(TT_EINVAL, "autoscale: q_millionths = 1000001 is not between 0 and 1000000",
		tt_autoscale_quantile(&p, 1000001, NULL, &s, &err));
	REFUSED(TT_EINVAL, "autoscale: lead_s = -5 is not between 0 and 4000000000",
		tt_autoscale_lead(&p, -5, 0, NULL, &s, &err));
	REFUSED(TT_EINVAL, "autoscale: headroom_replicas = -1 is not between 0 and 1000000",
		tt_autoscale_lead(&p, 0, -1, NULL, &s, &err));
	REFUSED(TT_ENODATA, "autoscale: no two steps of the load 600 s apart are known",
		tt_autoscale_headroom(&p, 600, 1, &more, &err));

	const tt_reactive_policy r = { .lag_s = INT64_MIN };
	tt_slo_policy slo = { .slots_per_replica = 1 };

	REFUSED(TT_EINVAL, "autoscale: lag_s = -9223372036854775808 is not between 0 and "
		"4000000000", tt_autoscale_reactive(&p, &r, NULL, &s, &err));
	REFUSED(TT_EINVAL, "autoscale: late_ratio = 0 is not between 1e-12 and 1",
		tt_autoscale_slo(&p, &slo, NULL, &s, &err));
	load[1] = -2;
	REFUSED(TT_EDATA, "autoscale: load[1] = -2 is not between 0 and 1e12",
		tt_autoscale_fixed(&p, 1, NULL, &s, &err));
	load[1] = 1e12;
	p.capacity_per_replica = .1;
	REFUSED(TT_EDATA, "autoscale: load[1] = 1e+12 takes a billion replicas of 0.1",
		tt_autoscale_fixed(&p, 1, NULL, &s, &err));
	load[0] = load[1] = load[2] = (double)NAN;
	REFUSED(TT_ENODATA, "autoscale: no step of the load is known",
		tt_autoscale_quantile(&p, 1, NULL, &s, &err));
	REFUSED(TT_ENODATA, "autoscale: no step of the load is known",
		tt_autoscale_lead(&p, 0, 0, NULL, &s, &err));
	slo.late_ratio = .1;
	REFUSED(TT_ENODATA, "autoscale: no step of the load is known",
		tt_autoscale_slo(&p, &slo, NULL, &s, &err));
	T_INT(42, s.known_s); /* untouched so far */
	T_INT(0, tt_autoscale_fixed(&p, 3, NULL, &s, NULL));
	T_INT(540, s.missing_replica_s);
	T_INT(0, s.replica_s);
	p.n = 0;
	T_INT(0, tt_autoscale_fixed(&p, 3, NULL, &s, NULL));
	T_INT(0, s.missing_replica_s + s.most_replicas);
}

static void test_no_memory(void)
{
	const tt_autoscale_pool p = tt_autoscale_pool_of(week, WEEK, HOUR, 8);
	const tt_slo_policy slo = { .slots_per_replica = 1, .late_ratio = .5 };
	tt_autoscale_sum s;
	int64_t more;

	for (int what = 0; what < 4; what++) {
		int rc = TT_ENOMEM;
		uint64_t nth = 0;

		while (rc != TT_OK && nth < 20) {
			tt_err err = { 0 };

			tt_alloc_fail_at(++nth, 0);
			rc = what == 0 ? tt_autoscale_lead(&p, HOUR, 0, NULL, &s, &err) :
			     what == 1 ? tt_autoscale_quantile(&p, 900000, NULL, &s, &err) :
			     what == 2 ? tt_autoscale_slo(&p, &slo, NULL, &s, &err) :
			     tt_autoscale_headroom(&p, HOUR, 900000, &more, &err);
			tt_alloc_fail_at(0, 0);
			if (rc != TT_OK) {
				T_INT(TT_ENOMEM, rc);
				T_STR("out of memory", err.text);
			}
		}
		T_OK(nth > 3 && nth < 20);
	}
}

int main(void)
{
	make_week();
	test_week_fixed();
	test_week_following();
	test_slo();
	test_brute();
	test_monotone();
	test_missing();
	test_refused_pool();
	test_refused_policy();
	test_no_memory();
	return T_END();
}
