/* Controllers: single decisions by hand, whole runs against a controller that is written out
 * second by second, and what a longer window or more patience can only make better. */
#include "maths/autoscale_control.h"
#include "base/memory.h"
#include "pool_check.h"

enum { MINUTE = 60, N = 30, TRIES = 1000 };

/* --- By hand ----------------------------------------------------------------------------- */

/* A minute each at these loads; replicas at the end of each into most[]. */
static void run_hpa(const double *load, size_t n, tt_hpa_policy h, int64_t start, int64_t *most)
{
	tt_autoscale_pool p = tt_autoscale_pool_of(load, n, MINUTE, 10);
	tt_autoscale_sum s, step[64];

	p.min_replicas = 1;
	p.start_replicas = start;
	T_INT(0, tt_autoscale_hpa(&p, &h, step, &s, NULL));
	for (size_t i = 0; i < n; i++)
		most[i] = step[i].most_replicas;
}

static void test_ratio(void)
{
	static const struct {
		int64_t current, wanted;
		double load; /* of 10 for each */
	} by_hand[] = {
		{ 4, 8, 80 },    /* 4 x 20 / 10 */
		{ 4, 6, 51 },    /* rounded up */
		{ 10, 10, 110 }, /* ten percent is within the tolerance */
		{ 10, 12, 110.1 },
		{ 10, 10, 90 },
		{ 3, 3, 0 },     /* not within the first five minutes */
	};

	for (size_t i = 0; i < sizeof by_hand / sizeof *by_hand; i++) {
		const double load[] = { by_hand[i].load };
		int64_t got;

		run_hpa(load, 1, tt_hpa_default(), by_hand[i].current, &got);
		T_INT(by_hand[i].wanted, got);
	}
}

static void test_down(void)
{
	double load[12] = { 0 };
	int64_t most[12];
	tt_autoscale_pool p = tt_autoscale_pool_of(load, 12, MINUTE, 10);
	tt_autoscale_sum s, step[12];
	const tt_hpa_policy h = tt_hpa_default();

	/* 8 for a minute, then 2: the wish of 60 s is the last of 8 and holds until 360 s */
	for (int i = 0; i < 12; i++)
		load[i] = i ? 20 : 80;
	run_hpa(load, 12, h, 8, most);
	for (int i = 0; i < 6; i++)
		T_INT(8, most[i]);
	for (int i = 6; i < 12; i++)
		T_INT(2, most[i]);
	p.min_replicas = 1;
	T_INT(0, tt_autoscale_hpa(&p, &h, step, &s, NULL));
	T_INT(8 * 360 + 2 * 360, s.replica_s);
	T_INT(0, s.cold_starts);
	/* a peak in between starts the five minutes again */
	load[4] = 79;
	run_hpa(load, 12, h, 8, most);
	T_INT(8, most[9]);
	T_INT(2, most[10]);
	/* and a minute without a metric changes nothing */
	load[4] = 20;
	for (int i = 5; i < 9; i++)
		load[i] = (double)NAN;
	run_hpa(load, 12, h, 8, most);
	T_INT(8, most[9]); /* for its first 15 s */
	T_INT(2, most[10]);
}

static void test_up(void)
{
	double load[] = { 1000, 1000 };
	tt_autoscale_pool p = tt_autoscale_pool_of(load, 2, MINUTE, 10);
	tt_hpa_policy h = tt_hpa_default();
	tt_autoscale_sum s, step[2];

	/* 1, 5, 10, 20 in the first minute, then 40, 80, 100: four more, or as many again */
	p.min_replicas = 1;
	p.start_replicas = 1;
	T_INT(0, tt_autoscale_hpa(&p, &h, step, &s, NULL));
	T_INT(15 * (1 + 5 + 10 + 20), step[0].replica_s);
	T_INT(15 * (40 + 80 + 100 + 100), step[1].replica_s);
	T_INT(99, s.cold_starts);
	T_INT(15 * (99 + 95 + 90 + 80), step[0].short_replica_s);
	h.up_pct = h.up_replicas = 0;
	T_INT(0, tt_autoscale_hpa(&p, &h, step, &s, NULL));
	T_INT(15 * (1 + 100 + 100 + 100), step[0].replica_s);
	h.metric_age_s = 31; /* seen first at 31 s, so at 45 */
	T_INT(0, tt_autoscale_hpa(&p, &h, step, &s, NULL));
	T_INT(15 * (1 + 1 + 1 + 100), step[0].replica_s);

	/* utilization ends at 100 %: at 80 % as target it grows by a quarter per round */
	h = tt_hpa_default();
	h.saturates = true;
	p.target_ratio = .8;
	p.start_replicas = 16;
	T_INT(0, tt_autoscale_hpa(&p, &h, step, &s, NULL));
	T_INT(15 * (16 + 20 + 25 + 32), step[0].replica_s);
	p.target_ratio = .95; /* and here it never sees that it is overloaded */
	T_INT(0, tt_autoscale_hpa(&p, &h, step, &s, NULL));
	T_INT(16 * 120, s.replica_s);
	T_INT(120, s.overloaded_s);
}

/* Two more are enough: while they start, nobody asks for two more. */
static void test_starting(void)
{
	const double load[] = { 40, 40, 40 };
	tt_autoscale_pool p = tt_autoscale_pool_of(load, 3, MINUTE, 10);
	const tt_hpa_policy h = tt_hpa_default();
	tt_autoscale_sum s, step[3];

	p.min_replicas = 1;
	p.start_replicas = 2;
	p.ready_s = 80;
	T_INT(0, tt_autoscale_hpa(&p, &h, step, &s, NULL));
	T_INT(2, s.cold_starts);
	T_INT(15 * 2 + 165 * 4, s.replica_s);
	T_INT(15 + 80, s.overloaded_s);
	T_F64(20 * 95, s.unserved_load_s, 0);
}

static void test_sleep(void)
{
	enum { M = 20 };
	double load[M] = { 0 };
	tt_autoscale_pool p = tt_autoscale_pool_of(load, M, MINUTE, 1);
	tt_queue_policy q = tt_queue_default();
	tt_autoscale_sum s, step[M];

	/* asleep; 0.1/s from 600 s to 720 s wakes it at the next poll, 210 s later it serves */
	load[10] = load[11] = .1;
	p.max_replicas = 1;
	p.ready_s = 210;
	T_INT(0, tt_autoscale_queue(&p, &q, step, &s, NULL));
	T_INT(1, s.wakes);
	T_INT(1, s.cold_starts);
	T_INT(120, s.overloaded_s);
	T_F64(12, s.unserved_load_s, 1e-9);
	/* from 630 until 300 s after the last poll that saw work: served from 840, 12 of them in
	   12 s, so the poll at 840 saw some and that at 870 did not; 1140 */
	T_INT(1140 - 630, s.replica_s);
	/* waiting: a ramp of 12 over 120 s, 12 for 120 s, a ramp down over 12 s */
	T_F64(12 * 60 + 12 * 120 + 12 * 6, s.waiting_load_s, 1e-6);
	T_INT(0, step[9].replica_s + step[19].replica_s);

	/* what is too little work does not wake it */
	q.activation = 12;
	T_INT(0, tt_autoscale_queue(&p, &q, step, &s, NULL));
	T_INT(0, s.wakes + s.replica_s);
	T_OK(s.waiting_load_s > 12 * 60 + 12 * 470);
	/* a pool with a minimum stays */
	p.min_replicas = p.max_replicas = 2;
	T_INT(0, tt_autoscale_queue(&p, &q, step, &s, NULL));
	T_INT(2 * M * MINUTE, s.replica_s);
	T_INT(0, s.overloaded_s + s.wakes);
	T_F64(0, s.waiting_load_s, 0);
}

/* Nothing waits in a pool that keeps up: a metric of what waits alone lets it fall asleep under
 * load, one that counts what is being served does not. */
static void test_serving(void)
{
	double load[N] = { 0 };
	tt_autoscale_pool p = tt_autoscale_pool_of(load, N, MINUTE, 1);
	tt_queue_policy q = tt_queue_default();
	tt_autoscale_sum s;

	for (int i = 0; i < N; i++)
		load[i] = .9;
	p.max_replicas = 3;
	T_INT(0, tt_autoscale_queue(&p, &q, NULL, &s, NULL));
	T_OK(s.wakes > 0);
	q.serving_s = 1;
	T_INT(0, tt_autoscale_queue(&p, &q, NULL, &s, NULL));
	T_INT(0, s.wakes + s.overloaded_s);
	T_INT(N * MINUTE, s.replica_s);
	/* a queue of which nothing is known is not idle */
	q.serving_s = 0;
	for (int i = 1; i < N; i++)
		load[i] = (double)NAN;
	T_INT(0, tt_autoscale_queue(&p, &q, NULL, &s, NULL));
	T_INT((N - 1) * MINUTE, s.missing_replica_s);
	T_INT(MINUTE, s.replica_s);
}

/* --- Second by second -------------------------------------------------------------------- */

typedef struct control {
	pool_check c;
	int64_t wish_at[100000];
	int64_t n_wishes, wish[100000];
	int64_t last_work_s;
} control;

static double metric_at(const control *k, int64_t age_s)
{
	const int64_t at_s = k->c.now_s - age_s;

	return at_s < 0 ? (double)NAN : k->c.p->load[at_s / k->c.p->step_s];
}

static void wish(control *k, int64_t n)
{
	k->wish_at[k->n_wishes] = k->c.now_s;
	k->wish[k->n_wishes++] = n;
}

/* As the horizontal controller is written: averages over those with a metric, a second look
 * with the others at 0, then the highest wish of the window. The loads of these tests are
 * eighths, so nothing is rounded on the way to a comparison. */
static void naive_hpa(control *k, const tt_hpa_policy *h, double all, double target,
                      int64_t counted)
{
	const int64_t now = k->c.n, least = k->c.p->min_replicas > 1 ? k->c.p->min_replicas : 1;
	int64_t n = now, high = 0;
	const double base = target * (double)counted, paid = target * (double)now;

	if (counted > 0 && fabs(all - base) > h->tolerance_ratio * base) {
		n = (int64_t)ceil(all / target);
		if (all > base && (all <= paid || fabs(all - paid) <= h->tolerance_ratio * paid))
			n = now;
	}
	if (n != now) {
		n = n > k->c.p->max_replicas ? k->c.p->max_replicas : n;
		n = n < least ? least : n;
	}
	wish(k, n);
	for (int64_t i = 0; i < k->n_wishes; i++)
		if (i == k->n_wishes - 1 ||
		    k->wish_at[i] > k->c.now_s - h->scale_down_s)
			high = k->wish[i] > high ? k->wish[i] : high;
	if (n > now) {
		int64_t limit = now + (int64_t)ceil((double)(now * h->up_pct) / 100);

		limit = limit < now + h->up_replicas ? now + h->up_replicas : limit;
		pool_set(&k->c, h->up_pct + h->up_replicas && n > limit ? limit : n);
	} else if (high < now) {
		pool_set(&k->c, high);
	}
}

static void naive_start(control *k, const tt_autoscale_pool *p)
{
	int64_t known = 0;

	while (isnan(p->load[known]))
		known++;
	k->c.p = p;
	pool_set(&k->c, p->start_replicas >= 0 ? p->start_replicas :
		 (int64_t)ceil(p->load[known] / p->capacity_per_replica / p->target_ratio));
	k->c.sum = (tt_autoscale_sum){ 0 };
	for (int64_t i = 0; i < k->c.n; i++)
		k->c.ready_at_s[i] = 0;
	wish(k, k->c.n);
}

/* At the very end nobody decides any more. */
static bool over(const control *k)
{
	return k->c.now_s == (int64_t)k->c.p->n * k->c.p->step_s;
}

static void naive_hpa_run(control *k, const tt_autoscale_pool *p, const tt_hpa_policy *h)
{
	naive_start(k, p);
	while (pool_second(&k->c), !over(k)) {
		const int64_t ready = pool_serving(&k->c);
		double all = metric_at(k, h->metric_age_s);

		if (k->c.now_s % h->period_s || isnan(all))
			continue;
		if (h->saturates && all > (double)ready * p->capacity_per_replica)
			all = (double)ready * p->capacity_per_replica;
		naive_hpa(k, h, all, p->capacity_per_replica * p->target_ratio, ready);
	}
}

static void naive_queue_run(control *k, const tt_autoscale_pool *p, const tt_queue_policy *q)
{
	k->c.queues = 1;
	naive_start(k, p);
	while (pool_second(&k->c), !over(k)) {
		const bool poll = k->c.now_s % q->poll_s == 0;
		const bool sync = k->c.now_s % q->hpa.period_s == 0;
		const double load = metric_at(k, 1);
		const double able = (double)pool_serving(&k->c) * p->capacity_per_replica;
		const double length = k->c.queue + q->serving_s *
				      (k->c.queue > 0 || load > able ? able : load);

		if (isnan(load) && (poll || sync))
			k->last_work_s = k->c.now_s;
		if (isnan(load))
			continue;
		if (poll && length > q->activation)
			k->last_work_s = k->c.now_s;
		if (poll && length > q->activation && k->c.n == 0) {
			pool_set(&k->c, 1);
			k->n_wishes = 0;
			wish(k, 1);
		} else if (poll && length <= q->activation && p->min_replicas == 0 &&
			   k->c.now_s - k->last_work_s >= q->cooldown_s) {
			pool_set(&k->c, 0);
		}
		if (sync && k->c.n)
			naive_hpa(k, &q->hpa, length, q->queue_per_replica, k->c.n);
	}
}

static void random_case(tt_autoscale_pool *p, double *load, tt_queue_policy *q)
{
	const int64_t missing = pool_random(2), calm = pool_random(3);
	static const double target[] = { 1, .75, .5 };

	for (int i = 0; i < N; i++) {
		load[i] = pool_random(8) < missing ? (double)NAN :
			  pool_random(3) < calm ? 0 : (double)pool_random(160) / 8;
	}
	load[pool_random(N)] = 2.5;
	*p = tt_autoscale_pool_of(load, N, 1 + pool_random(50), .5);
	p->capacity_per_replica = (double)(1 + pool_random(16)) / 4;
	p->target_ratio = target[pool_random(3)];
	p->min_replicas = pool_random(3);
	p->max_replicas = p->min_replicas + 1 + pool_random(60);
	p->start_replicas = pool_random(2) ? -1 : p->min_replicas;
	p->ready_s = pool_random(2) * pool_random(100);
	*q = tt_queue_default();
	q->hpa.period_s = 1 + pool_random(20);
	q->hpa.metric_age_s = 1 + pool_random(40);
	q->hpa.saturates = pool_random(2);
	q->hpa.tolerance_ratio = pool_random(2) ? .125 : 0;
	q->hpa.scale_down_s = pool_random(2) * pool_random(300);
	q->hpa.up_replicas = pool_random(5);
	q->hpa.up_pct = pool_random(3) * 50;
	q->queue_per_replica = (double)(1 + pool_random(40)) / 4;
	q->activation = (double)pool_random(2) * 2;
	q->serving_s = (double)pool_random(3) / 2;
	q->poll_s = 1 + pool_random(40);
	q->cooldown_s = pool_random(200);
}

static void test_brute(void)
{
	control *k = tt_alloc(sizeof *k);

	for (int round = 0; k && round < TRIES; round++) {
		tt_autoscale_pool p;
		tt_queue_policy q;
		double load[N];
		tt_autoscale_sum got, step[N];

		random_case(&p, load, &q);
		memset(k, 0, sizeof *k);
		naive_queue_run(k, &p, &q);
		T_INT(0, tt_autoscale_queue(&p, &q, step, &got, NULL));
		pool_same(&k->c.sum, &got);
		pool_steps(step, N, &got);
		if (p.min_replicas == 0)
			continue;
		memset(k, 0, sizeof *k);
		naive_hpa_run(k, &p, &q.hpa);
		T_INT(0, tt_autoscale_hpa(&p, &q.hpa, step, &got, NULL));
		pool_same(&k->c.sum, &got);
		pool_steps(step, N, &got);
	}
	T_OK(k != NULL);
	tt_free(k);
}

/* More patience is never cheaper, and overloads no more. Where a replica starts at once and the
 * metric has no ceiling, that is: otherwise those that came later decide differently. */
static void test_patience(void)
{
	for (int round = 0; round < TRIES; round++) {
		tt_autoscale_pool p;
		tt_queue_policy q;
		double load[N];
		tt_autoscale_sum s, last = { .unserved_load_s = (double)INFINITY,
					     .overloaded_s = INT64_MAX };

		random_case(&p, load, &q);
		p.min_replicas = p.min_replicas ? p.min_replicas : 1;
		p.max_replicas += 100;
		p.start_replicas = -1;
		p.ready_s = 0;
		q.hpa.saturates = false;
		q.hpa.tolerance_ratio = 0;
		q.hpa.up_replicas = q.hpa.up_pct = 0;
		for (q.hpa.scale_down_s = 0; q.hpa.scale_down_s < 500; q.hpa.scale_down_s += 70) {
			T_INT(0, tt_autoscale_hpa(&p, &q.hpa, NULL, &s, NULL));
			T_OK(s.replica_s >= last.replica_s);
			T_OK(s.overloaded_s <= last.overloaded_s);
			T_OK(s.unserved_load_s <= last.unserved_load_s);
			last = s;
		}
	}
}

/* The largest of everything: a century of a million replicas that are never enough. */
static void test_extremes(void)
{
	static const double load[] = { 1e12, 1e12, 0, 1e12 };
	tt_autoscale_pool p = tt_autoscale_pool_of(load, 4, 1000000000, 2e3);
	tt_queue_policy q = tt_queue_default();
	tt_autoscale_sum s;

	p.start_replicas = p.min_replicas = 1;
	q.hpa.period_s = q.poll_s = 1000000;
	q.hpa.up_pct = 1000000;
	q.hpa.tolerance_ratio = 1;
	q.queue_per_replica = 1e-6;
	q.serving_s = 86400;
	T_INT(0, tt_autoscale_queue(&p, &q, NULL, &s, NULL));
	T_INT(1000000, s.most_replicas);
	T_INT(3000000000, s.overloaded_s);
	T_F64(3e9 * (1e12 - 2e9), s.unserved_load_s, 1e19);
	T_OK(s.waiting_load_s > 1e30 && s.waiting_load_s < 1e31);
	q.queue_per_replica = 1e12;
	T_INT(0, tt_autoscale_queue(&p, &q, NULL, &s, NULL));
	T_INT(0, tt_autoscale_hpa(&p, &q.hpa, NULL, &s, NULL));
	T_INT(1000000, s.most_replicas);
	p.capacity_per_replica = 1e12;
	p.min_replicas = p.start_replicas = 1000000;
	T_INT(0, tt_autoscale_hpa(&p, &q.hpa, NULL, &s, NULL));
	T_INT(0, tt_autoscale_queue(&p, &q, NULL, &s, NULL));
	T_INT(4000000000000000, s.replica_s);
	T_INT(0, s.overloaded_s);
}

/* --- What is wrong ----------------------------------------------------------------------- */

static void test_refused(void)
{
	static const double load[] = { 1 }, unknown[] = { (double)NAN };
	tt_autoscale_pool p = tt_autoscale_pool_of(load, 1, MINUTE, 10);
	tt_hpa_policy h = tt_hpa_default();
	tt_queue_policy q = tt_queue_default();
	tt_autoscale_sum s;
	tt_err err = { 0 };

	T_INT(TT_EINVAL, tt_autoscale_hpa(&p, &h, NULL, &s, &err));
	T_STR("autoscale: min_replicas = 0 is not between 1 and 1000000", err.text);
	h.period_s = 0;
	err = (tt_err){ 0 };
	T_INT(TT_EINVAL, tt_autoscale_hpa(&p, &h, NULL, &s, &err));
	T_STR("autoscale: period_s = 0 is not between 1 and 4000000000", err.text);
	q.poll_s = 0;
	err = (tt_err){ 0 };
	T_INT(TT_EINVAL, tt_autoscale_queue(&p, &q, NULL, &s, &err));
	T_STR("autoscale: poll_s = 0 is not between 1 and 4000000000", err.text);
	q = tt_queue_default();
	q.queue_per_replica = 0;
	err = (tt_err){ 0 };
	T_INT(TT_EINVAL, tt_autoscale_queue(&p, &q, NULL, &s, &err));
	T_STR("autoscale: queue_per_replica = 0 is not between 1e-06 and 1e+12", err.text);
	q = tt_queue_default();
	p.load = unknown;
	err = (tt_err){ 0 };
	T_INT(TT_ENODATA, tt_autoscale_queue(&p, &q, NULL, &s, &err));
	T_STR("autoscale: no step of the load is known", err.text);
	p.min_replicas = 1;
	h = tt_hpa_default();
	T_INT(TT_ENODATA, tt_autoscale_hpa(&p, &h, NULL, &s, NULL));
	p.load = load;
	for (uint64_t nth = 1; nth <= 3; nth++) {
		tt_alloc_fail_at(nth, 0);
		T_INT(TT_ENOMEM, tt_autoscale_queue(&p, &q, NULL, &s, NULL));
		tt_alloc_fail_at(nth, 0);
		T_INT(TT_ENOMEM, tt_autoscale_hpa(&p, &h, NULL, &s, NULL));
	}
	tt_alloc_fail_at(0, 0);
}

int main(void)
{
	test_ratio();
	test_down();
	test_up();
	test_starting();
	test_sleep();
	test_serving();
	test_brute();
	test_patience();
	test_extremes();
	test_refused();
	return T_END();
}
