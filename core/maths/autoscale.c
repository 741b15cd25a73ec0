#include "maths/autoscale.h"
#include "base/memory.h"
#include "maths/erlang.h"
#include "maths/scaling.h"
#include "maths/sliding.h"
#include <math.h>
#include <stdlib.h>

tt_autoscale_pool tt_autoscale_pool_of(const double *load, size_t n, int64_t step_s,
                                       double capacity_per_replica)
{
	return (tt_autoscale_pool){
		.load = load, .n = n, .step_s = step_s,
		.capacity_per_replica = capacity_per_replica, .target_ratio = 1,
		.max_replicas = TT_AUTOSCALE_REPLICAS, .start_replicas = -1,
	};
}

/* wanted[n]: at the beginning of each step; TT_UNDECIDED: as before. It starts with the first
 * of them, or, where there is none, with `otherwise`. */
static void follow(tt_scaling *r, const int64_t *wanted, int64_t otherwise)
{
	size_t first = 0;

	while (first < r->p->n && wanted[first] == TT_UNDECIDED)
		first++;
	tt_scaling_start(r, first < r->p->n ? wanted[first] : otherwise);
	for (size_t i = 0; i < r->p->n; i++) {
		if (wanted[i] != TT_UNDECIDED)
			tt_scaling_set(r, wanted[i]);
		tt_scaling_advance(r, (int64_t)(i + 1) * r->p->step_s);
	}
}

static int always(tt_scaling *r, int64_t replicas, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *wanted = tt_zalloc(r->p->n + 1, sizeof *wanted);

	if (!wanted)
		return tt_no_memory(err);
	for (size_t i = 0; i < r->p->n; i++)
		wanted[i] = replicas;
	follow(r, wanted, replicas);
	return TT_OK;
}

static int run_fixed(tt_scaling *r, const void *policy, tt_err *err)
{
	const int64_t *replicas = policy;

	TT_TRY(tt_scaling_check_count("replicas", *replicas, 0, TT_AUTOSCALE_REPLICAS, err));
	return always(r, *replicas, err);
}

static int ascending(const void *pa, const void *pb)
{
	const int64_t *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

/* The smallest of v[n] (n > 0, sorted here) whose rank is at least q of n. */
static int64_t quantile(int64_t *v, size_t n, uint32_t q_millionths)
{
	const tt_u128 rank = ((tt_u128)n * q_millionths + TT_MILLION - 1) / TT_MILLION;

	qsort(v, n, sizeof *v, ascending);
	return v[rank ? (size_t)rank - 1 : 0];
}

static int run_quantile(tt_scaling *r, const void *policy, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *known = tt_zalloc(r->p->n + 1, sizeof *known);
	const uint32_t *q_millionths = policy;
	size_t n = 0;

	TT_TRY(tt_scaling_check_count("q_millionths", *q_millionths, 0, TT_MILLION, err));
	if (!known)
		return tt_no_memory(err);
	for (size_t i = 0; i < r->p->n; i++)
		if (r->load_u6[i] != TT_UNDECIDED)
			known[n++] = r->load_u6[i];
	if (n == 0)
		return tt_scaling_no_load(err);
	return always(r, tt_scaling_size(r, quantile(known, n, *q_millionths)), err);
}

static int64_t steps_of(const tt_scaling *r, int64_t seconds)
{
	return (seconds + r->p->step_s - 1) / r->p->step_s;
}

/* Replace wanted[n] by its maximum from `from` to `to` steps on, more by `headroom`. Missing
 * ones are below all others; before the first step nobody has decided anything. */
static int most_of(const tt_scaling *r, int64_t *wanted, int64_t from, int64_t to,
                   int64_t headroom, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *most = tt_zalloc(r->p->n + 1, sizeof *most);
	TT_CLEANUP(tt_freep) size_t *room = tt_zalloc(r->p->n + 1, sizeof *room);

	if (!most || !room)
		return tt_no_memory(err);
	tt_sliding_max(wanted, r->p->n, from, to, room, most);
	for (size_t i = 0; i < r->p->n; i++) {
		const bool decided = (int64_t)i + to >= 0 && most[i] != TT_UNDECIDED;

		wanted[i] = decided ? most[i] + headroom : TT_UNDECIDED;
	}
	return TT_OK;
}

static int64_t *sizes(const tt_scaling *r)
{
	int64_t *wanted = tt_zalloc(r->p->n + 1, sizeof *wanted);

	for (size_t i = 0; wanted && i < r->p->n; i++)
		wanted[i] = r->load_u6[i] == TT_UNDECIDED ? TT_UNDECIDED :
			    tt_scaling_size(r, r->load_u6[i]);
	return wanted;
}

struct window {                      /* seen from now: behind is negative */
	int64_t from_s, to_s, headroom;
};

static int run_window(tt_scaling *r, const void *policy, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *wanted = sizes(r);
	const struct window *w = policy;

	TT_TRY(tt_scaling_check_count("headroom_replicas", w->headroom, 0, TT_AUTOSCALE_REPLICAS,
				      err));
	if (!wanted)
		return tt_no_memory(err);
	if (r->first_u6 == TT_UNDECIDED)
		return tt_scaling_no_load(err);
	TT_TRY(most_of(r, wanted, w->from_s < 0 ? -steps_of(r, -w->from_s) : 0,
		       w->to_s < 0 ? -steps_of(r, -w->to_s) : steps_of(r, w->to_s), w->headroom,
		       err));
	follow(r, wanted, tt_scaling_size(r, r->first_u6) + w->headroom);
	return TT_OK;
}

static int64_t keeping_slo(const tt_scaling *r, const tt_slo_policy *policy, int64_t load_u6)
{
	const int64_t slots = policy->slots_per_replica;
	const double served_per_s = (double)r->capacity_u6 / TT_MILLION / (double)slots;
	const int64_t least = tt_scaling_size(r, load_u6);
	const int64_t servers = tt_erlang_servers((double)load_u6 / TT_MILLION, served_per_s,
						  policy->wait_s, policy->late_ratio,
						  r->p->max_replicas * slots);

	if (servers < 0)
		return r->p->max_replicas;
	return (servers + slots - 1) / slots > least ? (servers + slots - 1) / slots : least;
}

static int run_slo(tt_scaling *r, const void *policy, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *wanted = sizes(r);
	const tt_slo_policy *slo = policy;

	TT_TRY(tt_scaling_check_count("slots_per_replica", slo->slots_per_replica, 1, TT_MILLION,
				      err));
	TT_TRY(tt_scaling_check_number("wait_s", slo->wait_s, 0, (double)TT_AUTOSCALE_SECONDS,
				       err));
	TT_TRY(tt_scaling_check_number("late_ratio", slo->late_ratio, 1e-12, 1, err));
	TT_TRY(tt_scaling_check_time("lead_s", slo->lead_s, 0, err));
	if (!wanted)
		return tt_no_memory(err);
	if (r->first_u6 == TT_UNDECIDED)
		return tt_scaling_no_load(err);
	for (size_t i = 0; i < r->p->n; i++) {
		if (r->load_u6[i] == TT_UNDECIDED)
			continue;
		wanted[i] = i && r->load_u6[i] == r->load_u6[i - 1] ? wanted[i - 1] :
			    keeping_slo(r, slo, r->load_u6[i]);
	}
	TT_TRY(most_of(r, wanted, 0, steps_of(r, slo->lead_s), 0, err));
	follow(r, wanted, 0);
	return TT_OK;
}

struct headroom {
	int64_t lag_s;
	uint32_t q_millionths;
	int64_t *ret;
};

static int run_headroom(tt_scaling *r, const void *policy, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *wanted = sizes(r);
	const struct headroom *h = policy;
	const size_t lag = (size_t)steps_of(r, h->lag_s);
	size_t n = 0;

	TT_TRY(tt_scaling_check_count("q_millionths", h->q_millionths, 0, TT_MILLION, err));
	if (!wanted)
		return tt_no_memory(err);
	for (size_t i = 0; lag < r->p->n && i < r->p->n - lag; i++)
		if (wanted[i] != TT_UNDECIDED && wanted[i + lag] != TT_UNDECIDED)
			wanted[n++] = wanted[i + lag] - wanted[i];
	if (n == 0)
		return tt_fail(err, TT_ENODATA, "autoscale: no two steps of the load %lld s apart "
			       "are known", (long long)h->lag_s);

	const int64_t more = quantile(wanted, n, h->q_millionths);

	*h->ret = more > 0 ? more : 0;
	return TT_OK;
}

/* --- What is called ---------------------------------------------------------------------- */

int tt_autoscale_fixed(const tt_autoscale_pool *p, int64_t replicas, tt_autoscale_sum *ret_steps,
                       tt_autoscale_sum *ret, tt_err *err)
{
	return tt_scaling_run(p, p->step_s, run_fixed, &replicas, ret_steps, ret, err);
}

int tt_autoscale_quantile(const tt_autoscale_pool *p, uint32_t q_millionths,
                          tt_autoscale_sum *ret_steps, tt_autoscale_sum *ret, tt_err *err)
{
	return tt_scaling_run(p, p->step_s, run_quantile, &q_millionths, ret_steps, ret, err);
}

int tt_autoscale_lead(const tt_autoscale_pool *p, int64_t lead_s, int64_t headroom_replicas,
                      tt_autoscale_sum *ret_steps, tt_autoscale_sum *ret, tt_err *err)
{
	const struct window w = { .to_s = lead_s, .headroom = headroom_replicas };

	TT_TRY(tt_scaling_check_time("lead_s", lead_s, 0, err));
	return tt_scaling_run(p, p->step_s, run_window, &w, ret_steps, ret, err);
}

int tt_autoscale_reactive(const tt_autoscale_pool *p, const tt_reactive_policy *policy,
                          tt_autoscale_sum *ret_steps, tt_autoscale_sum *ret, tt_err *err)
{
	TT_TRY(tt_scaling_check_time("lag_s", policy->lag_s, 0, err));
	TT_TRY(tt_scaling_check_time("scale_down_s", policy->scale_down_s, 0, err));

	const struct window w = {
		.from_s = -policy->lag_s - policy->scale_down_s, .to_s = -policy->lag_s,
		.headroom = policy->headroom_replicas,
	};

	return tt_scaling_run(p, p->step_s, run_window, &w, ret_steps, ret, err);
}

int tt_autoscale_slo(const tt_autoscale_pool *p, const tt_slo_policy *policy,
                     tt_autoscale_sum *ret_steps, tt_autoscale_sum *ret, tt_err *err)
{
	return tt_scaling_run(p, p->step_s, run_slo, policy, ret_steps, ret, err);
}

int tt_autoscale_headroom(const tt_autoscale_pool *p, int64_t lag_s, uint32_t q_millionths,
                          int64_t *ret, tt_err *err)
{
	const struct headroom h = { .lag_s = lag_s, .q_millionths = q_millionths, .ret = ret };
	tt_autoscale_sum none;

	TT_TRY(tt_scaling_check_time("lag_s", lag_s, 0, err));
	return tt_scaling_run(p, p->step_s, run_headroom, &h, NULL, &none, err);
}
