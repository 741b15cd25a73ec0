/* pool_check.h - a pool of replicas second by second, each replica by itself: what the sums of
 * maths/autoscale.h are compared with. */
#ifndef POOL_CHECK_H
#define POOL_CHECK_H
#include "maths/autoscale.h"
#include "t.h"

enum { POOL_MOST = 400 };

typedef struct pool_check {
	const tt_autoscale_pool *p;
	int64_t now_s, n, ready_at_s[POOL_MOST]; /* replicas in the order they were started */
	double queue;
	int queues;
	tt_autoscale_sum sum;
} pool_check;

static uint64_t pool_seed = 7;

static inline int64_t pool_random(int64_t below)
{
	pool_seed = pool_seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (int64_t)(pool_seed >> 33) % below;
}

static inline int64_t pool_serving(const pool_check *c)
{
	int64_t serving = 0;

	for (int64_t i = 0; i < c->n; i++)
		serving += c->ready_at_s[i] <= c->now_s;
	return serving;
}

static inline void pool_set(pool_check *c, int64_t n)
{
	n = n > c->p->max_replicas ? c->p->max_replicas : n;
	n = n < c->p->min_replicas ? c->p->min_replicas : n;
	c->sum.cold_starts += n > c->n ? n - c->n : 0;
	c->sum.wakes += n > 0 && c->n == 0;
	while (c->n < n)
		c->ready_at_s[c->n++] = c->now_s + c->p->ready_s;
	c->n = n; /* the last one started is the first to go */
}

static inline void pool_second(pool_check *c)
{
	const double load = c->p->load[c->now_s / c->p->step_s];
	const int64_t serving = pool_serving(c);
	const double over = load - (double)serving * c->p->capacity_per_replica;

	c->sum.most_replicas = c->n > c->sum.most_replicas ? c->n : c->sum.most_replicas;
	if (isnan(load)) {
		c->sum.missing_s++;
		c->sum.missing_replica_s += c->n;
	} else {
		c->sum.known_s++;
		c->sum.replica_s += c->n;
		if (over > 0) {
			c->sum.overloaded_s++;
			c->sum.unserved_load_s += over;
			c->sum.short_replica_s +=
				(int64_t)ceil(load / c->p->capacity_per_replica) - serving;
		}
		if (c->queues) { /* falls evenly, until it is empty */
			const double next = c->queue + over > 0 ? c->queue + over : 0;

			c->sum.waiting_load_s += c->queue + over >= 0 ?
				(c->queue + next) / 2 : c->queue * c->queue / -over / 2;
			c->queue = next;
		}
	}
	c->now_s++;
}

static inline void pool_same(const tt_autoscale_sum *want, const tt_autoscale_sum *got)
{
	T_INT(want->known_s, got->known_s);
	T_INT(want->missing_s, got->missing_s);
	T_INT(want->replica_s, got->replica_s);
	T_INT(want->missing_replica_s, got->missing_replica_s);
	T_INT(want->overloaded_s, got->overloaded_s);
	T_INT(want->short_replica_s, got->short_replica_s);
	T_INT(want->cold_starts, got->cold_starts);
	T_INT(want->wakes, got->wakes);
	T_INT(want->most_replicas, got->most_replicas);
	T_F64(want->unserved_load_s, got->unserved_load_s, 1e-6);
	T_F64(want->waiting_load_s, got->waiting_load_s,
	      1e-9 * (1 + fabs(want->waiting_load_s)));
}

/* The total again, out of its steps. */
static inline void pool_steps(const tt_autoscale_sum *step, size_t n, const tt_autoscale_sum *got)
{
	tt_autoscale_sum want = { 0 };

	for (size_t i = 0; i < n; i++) {
		want.known_s += step[i].known_s;
		want.missing_s += step[i].missing_s;
		want.replica_s += step[i].replica_s;
		want.missing_replica_s += step[i].missing_replica_s;
		want.overloaded_s += step[i].overloaded_s;
		want.short_replica_s += step[i].short_replica_s;
		want.cold_starts += step[i].cold_starts;
		want.wakes += step[i].wakes;
		want.unserved_load_s += step[i].unserved_load_s;
		want.waiting_load_s += step[i].waiting_load_s;
		if (want.most_replicas < step[i].most_replicas)
			want.most_replicas = step[i].most_replicas;
	}
	pool_same(&want, got);
}
#endif
