/* scaling.h - a pool of replicas in the course of time: what autoscale.h and
 * autoscale_control.h have in common. The policy says how many there are to be, this says
 * what runs, what serves and what that adds up to. For these two modules, not for others. */
#ifndef TT_MATHS_SCALING_H
#define TT_MATHS_SCALING_H
#include "base/money.h"
#include "maths/autoscale.h"
#include <stdbool.h>

enum { TT_MILLION = 1000000 };
#define TT_UNDECIDED (-1)            /* a load that is missing, replicas nobody decided on */

/* Things that come with a time, first in first out, in a ring. */
typedef struct tt_timed {
	int64_t at_s, n;
} tt_timed;

typedef struct tt_timed_line {
	tt_timed *v;
	size_t room, head, n;
} tt_timed_line;

/* Room for what comes every period_s and stays for kept_s, but of `rounds` at most, and for
 * one that comes in between. v is the caller's, tt_free(). */
int tt_timed_make(tt_timed_line *l, int64_t kept_s, int64_t period_s, int64_t rounds,
                  tt_err *err);

static inline tt_timed *tt_timed_at(const tt_timed_line *l, size_t i)
{
	return &l->v[(l->head + i) % l->room];
}

static inline void tt_timed_push(tt_timed_line *l, int64_t at_s, int64_t n)
{
	*tt_timed_at(l, l->n++) = (tt_timed){ at_s, n };
}

static inline void tt_timed_shift(tt_timed_line *l)
{
	l->head = (l->head + 1) % l->room;
	l->n--;
}

typedef struct tt_scaling {
	const tt_autoscale_pool *p;
	int64_t *load_u6;            /* [n], or TT_UNDECIDED */
	int64_t capacity_u6, target_u6;
	int64_t first_u6;            /* the first known load, or TT_UNDECIDED */
	int64_t now_s, end_s;
	int64_t replicas, starting;  /* paid; of these, not serving yet */
	tt_timed_line ready;         /* when how many of them will */
	bool queues;                 /* what is not served waits in queue_u6 */
	tt_i128 queue_u6;
	tt_i128 step_unserved_u6, unserved_u6;
	tt_autoscale_sum step, total, *steps;
} tt_scaling;

/* A policy: starts the run and takes it to its end. */
typedef int tt_scaling_policy(tt_scaling *r, const void *policy, tt_err *err);

/* Check the pool, read its load, run the policy. period_s: the least time between two of its
 * decisions (but the one that wakes the pool). The rest as autoscale.h says. */
int tt_scaling_run(const tt_autoscale_pool *p, int64_t period_s, tt_scaling_policy *fn,
                   const void *policy, tt_autoscale_sum *ret_steps, tt_autoscale_sum *ret,
                   tt_err *err);

/* For the fn: serve with so many from the beginning; from now on pay so many; go on to to_s
 * (at most end_s). Limits of the pool are kept. */
void tt_scaling_start(tt_scaling *r, int64_t replicas);
void tt_scaling_set(tt_scaling *r, int64_t replicas);
void tt_scaling_advance(tt_scaling *r, int64_t to_s);

/* Replicas that a load takes at the target; a billion at most. */
int64_t tt_scaling_size(const tt_scaling *r, int64_t load_u6);
int64_t tt_scaling_limit(const tt_autoscale_pool *p, int64_t replicas);
/* a / b rounded up, a billion at most; a >= 0, b > 0, both far from overflow. */
int64_t tt_scaling_ratio_up(tt_i128 a, tt_i128 b);
int64_t tt_scaling_u6(double v);

/* TT_ENODATA with its reason. */
int tt_scaling_no_load(tt_err *err);
/* TT_EINVAL when an argument is out of its range; a time ends at TT_AUTOSCALE_SECONDS. */
int tt_scaling_check_time(const char *name, int64_t v, int64_t least, tt_err *err);
int tt_scaling_check_count(const char *name, int64_t v, int64_t least, int64_t most,
                           tt_err *err);
int tt_scaling_check_number(const char *name, double v, double least, double most,
                            tt_err *err);
#endif
