#include "maths/scaling.h"
#include "base/memory.h"
#include <math.h>

static const int64_t too_many = 1000000000;

int tt_timed_make(tt_timed_line *l, int64_t kept_s, int64_t period_s, int64_t rounds,
                  tt_err *err)
{
	const int64_t at_once = kept_s / period_s;

	l->room = (size_t)(at_once < rounds ? at_once : rounds) + 3;
	l->v = tt_zalloc(l->room, sizeof *l->v);
	return l->v ? TT_OK : tt_no_memory(err);
}

static void run_close(tt_scaling *r)
{
	tt_free(r->load_u6);
	tt_free(r->ready.v);
}

int tt_scaling_check_time(const char *name, int64_t v, int64_t least, tt_err *err)
{
	if (v >= least && v <= TT_AUTOSCALE_SECONDS)
		return TT_OK;
	return tt_fail(err, TT_EINVAL, "autoscale: %s = %lld is not between %lld and %lld", name,
		       (long long)v, (long long)least, (long long)TT_AUTOSCALE_SECONDS);
}

int tt_scaling_check_count(const char *name, int64_t v, int64_t least, int64_t most,
                           tt_err *err)
{
	if (v >= least && v <= most)
		return TT_OK;
	return tt_fail(err, TT_EINVAL, "autoscale: %s = %lld is not between %lld and %lld", name,
		       (long long)v, (long long)least, (long long)most);
}

int tt_scaling_check_number(const char *name, double v, double least, double most,
                            tt_err *err)
{
	if (v >= least && v <= most)
		return TT_OK;
	return tt_fail(err, TT_EINVAL, "autoscale: %s = %g is not between %g and %g", name, v,
		       least, most);
}

static int check_pool(const tt_autoscale_pool *p, tt_err *err)
{
	TT_TRY(tt_scaling_check_time("step_s", p->step_s, 1, err));
	TT_TRY(tt_scaling_check_time("ready_s", p->ready_s, 0, err));
	if (p->n > (size_t)(TT_AUTOSCALE_SECONDS / p->step_s))
		return tt_fail(err, TT_EINVAL, "autoscale: %zu steps of %lld s are more than "
			       "%lld s", p->n, (long long)p->step_s,
			       (long long)TT_AUTOSCALE_SECONDS);
	TT_TRY(tt_scaling_check_number("capacity_per_replica", p->capacity_per_replica, 1e-6,
				       1e12, err));
	TT_TRY(tt_scaling_check_number("target_ratio", p->target_ratio, 1e-6, 1, err));
	TT_TRY(tt_scaling_check_count("max_replicas", p->max_replicas, 0,
				      TT_AUTOSCALE_REPLICAS, err));
	TT_TRY(tt_scaling_check_count("min_replicas", p->min_replicas, 0, p->max_replicas, err));
	if (p->start_replicas != -1)
		TT_TRY(tt_scaling_check_count("start_replicas", p->start_replicas,
					      p->min_replicas, p->max_replicas, err));
	return TT_OK;
}

int64_t tt_scaling_u6(double v)
{
	return llround(v * TT_MILLION);
}

int64_t tt_scaling_ratio_up(tt_i128 a, tt_i128 b)
{
	const tt_i128 q = (a + b - 1) / b;

	return q < too_many ? (int64_t)q : too_many;
}

/* Replicas that a load takes in full. */
static int64_t served_by(const tt_scaling *r, int64_t load_u6)
{
	return tt_scaling_ratio_up(load_u6, r->capacity_u6);
}

int64_t tt_scaling_size(const tt_scaling *r, int64_t load_u6)
{
	return tt_scaling_ratio_up((tt_i128)load_u6 * TT_MILLION,
				   (tt_i128)r->capacity_u6 * r->target_u6);
}

int64_t tt_scaling_limit(const tt_autoscale_pool *p, int64_t replicas)
{
	if (replicas < p->min_replicas)
		return p->min_replicas;
	return replicas > p->max_replicas ? p->max_replicas : replicas;
}

static int read_load(tt_scaling *r, tt_err *err)
{
	for (size_t i = 0; i < r->p->n; i++) {
		const double v = r->p->load[i];

		if (isnan(v)) {
			r->load_u6[i] = TT_UNDECIDED;
			continue;
		}
		if (!(v >= 0) || !(v <= 1e12))
			return tt_fail(err, TT_EDATA, "autoscale: load[%zu] = %g is not between "
				       "0 and 1e12", i, v);
		r->load_u6[i] = tt_scaling_u6(v);
		if (served_by(r, r->load_u6[i]) >= too_many)
			return tt_fail(err, TT_EDATA, "autoscale: load[%zu] = %g takes a billion "
				       "replicas of %g", i, v, r->p->capacity_per_replica);
		if (r->first_u6 == TT_UNDECIDED)
			r->first_u6 = r->load_u6[i];
	}
	return TT_OK;
}

static int run_open(tt_scaling *r, const tt_autoscale_pool *p, int64_t period_s,
                    tt_autoscale_sum *steps, tt_err *err)
{
	TT_TRY(check_pool(p, err));
	*r = (tt_scaling){
		.p = p, .first_u6 = TT_UNDECIDED, .end_s = (int64_t)p->n * p->step_s,
		.capacity_u6 = tt_scaling_u6(p->capacity_per_replica),
		.target_u6 = tt_scaling_u6(p->target_ratio), .steps = steps,
	};
	r->load_u6 = tt_zalloc(p->n + 1, sizeof *r->load_u6);
	if (!r->load_u6)
		return tt_no_memory(err);
	TT_TRY(read_load(r, err));
	return tt_timed_make(&r->ready, p->ready_s, period_s, r->end_s / period_s, err);
}

int tt_scaling_no_load(tt_err *err)
{
	return tt_fail(err, TT_ENODATA, "autoscale: no step of the load is known");
}

void tt_scaling_start(tt_scaling *r, int64_t replicas)
{
	r->replicas = r->p->start_replicas >= 0 ? r->p->start_replicas :
		      tt_scaling_limit(r->p, replicas);
}

void tt_scaling_set(tt_scaling *r, int64_t replicas)
{
	replicas = tt_scaling_limit(r->p, replicas);
	if (replicas > r->replicas) {
		const int64_t more = replicas - r->replicas;

		r->step.cold_starts += more;
		r->step.wakes += r->replicas == 0;
		if (r->p->ready_s > 0) {
			r->starting += more;
			tt_timed_push(&r->ready, r->now_s + r->p->ready_s, more);
		}
	}
	for (int64_t less = r->replicas - replicas; less > 0 && r->ready.n;) {
		tt_timed *last = tt_timed_at(&r->ready, r->ready.n - 1);
		const int64_t n = less < last->n ? less : last->n;

		r->starting -= n;
		less -= n;
		last->n -= n;
		if (last->n)
			break;
		r->ready.n--;
	}
	r->replicas = replicas;
}

static void add_queue(tt_scaling *r, tt_i128 over_u6, int64_t dt_s)
{
	const double before = (double)r->queue_u6, rate = (double)over_u6;

	r->queue_u6 += over_u6 * dt_s;
	if (r->queue_u6 < 0) {
		r->queue_u6 = 0;
		r->step.waiting_load_s += before * before / (-2 * rate) / TT_MILLION;
		return;
	}
	r->step.waiting_load_s += (before + (double)r->queue_u6) / 2 * (double)dt_s / TT_MILLION;
}

/* A time in which nothing changes. */
static void pass(tt_scaling *r, int64_t load_u6, int64_t dt_s)
{
	const int64_t serving = r->replicas - r->starting;
	tt_autoscale_sum *s = &r->step;

	if (s->most_replicas < r->replicas)
		s->most_replicas = r->replicas;
	if (load_u6 == TT_UNDECIDED) {
		s->missing_s += dt_s;
		s->missing_replica_s += r->replicas * dt_s;
		return;
	}

	const tt_i128 over_u6 = load_u6 - (tt_i128)serving * r->capacity_u6;

	s->known_s += dt_s;
	s->replica_s += r->replicas * dt_s;
	if (over_u6 > 0) {
		s->overloaded_s += dt_s;
		s->short_replica_s += (served_by(r, load_u6) - serving) * dt_s;
		r->step_unserved_u6 += over_u6 * dt_s;
	}
	if (r->queues)
		add_queue(r, over_u6, dt_s);
}

static void end_step(tt_scaling *r, size_t i)
{
	tt_autoscale_sum *t = &r->total;
	tt_autoscale_sum *s = &r->step;

	s->unserved_load_s = (double)r->step_unserved_u6 / TT_MILLION;
	r->unserved_u6 += r->step_unserved_u6;
	r->step_unserved_u6 = 0;
	t->known_s += s->known_s;
	t->missing_s += s->missing_s;
	t->replica_s += s->replica_s;
	t->missing_replica_s += s->missing_replica_s;
	t->overloaded_s += s->overloaded_s;
	t->short_replica_s += s->short_replica_s;
	t->cold_starts += s->cold_starts;
	t->wakes += s->wakes;
	t->waiting_load_s += s->waiting_load_s;
	t->unserved_load_s = (double)r->unserved_u6 / TT_MILLION; /* rounded once */
	if (t->most_replicas < s->most_replicas)
		t->most_replicas = s->most_replicas;
	if (r->steps)
		r->steps[i] = *s;
	*s = (tt_autoscale_sum){ 0 };
}

void tt_scaling_advance(tt_scaling *r, int64_t to_s)
{
	while (r->now_s < to_s) {
		const size_t i = (size_t)(r->now_s / r->p->step_s);
		const int64_t step_end_s = (int64_t)(i + 1) * r->p->step_s;
		int64_t until_s = to_s < step_end_s ? to_s : step_end_s;

		if (r->ready.n && tt_timed_at(&r->ready, 0)->at_s < until_s)
			until_s = tt_timed_at(&r->ready, 0)->at_s;
		pass(r, r->load_u6[i], until_s - r->now_s);
		r->now_s = until_s;
		while (r->ready.n && tt_timed_at(&r->ready, 0)->at_s <= r->now_s) {
			r->starting -= tt_timed_at(&r->ready, 0)->n;
			tt_timed_shift(&r->ready);
		}
		if (r->now_s == step_end_s)
			end_step(r, i);
	}
}

int tt_scaling_run(const tt_autoscale_pool *p, int64_t period_s, tt_scaling_policy *fn,
                   const void *policy, tt_autoscale_sum *ret_steps, tt_autoscale_sum *ret,
                   tt_err *err)
{
	tt_scaling r = { 0 };
	int rc = run_open(&r, p, period_s, ret_steps, err);

	if (rc == TT_OK)
		rc = fn(&r, policy, err);
	if (rc == TT_OK)
		*ret = r.total;
	run_close(&r);
	return rc;
}
