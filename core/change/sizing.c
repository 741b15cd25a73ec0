#include "change/sizing.h"
#include "base/memory.h"
#include "bill/activity.h"
#include "change/traffic.h"
#include "maths/autoscale_control.h"
#include "maths/erlang.h"
#include "maths/sliding.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MILLION = 1000000 };

static const double served_by_default = 0.95; /* where policy=slo says none: what a p95 means */

static bool has(const tt_change *c, const char *key)
{
	return tt_change_get(c, key) != NULL;
}

static bool is_policy(const tt_change *c, const char *word)
{
	const tt_change_arg *arg = tt_change_get(c, "policy");

	return arg && strcmp(arg->text, word) == 0;
}

static int64_t whole(const tt_change *c, const char *key, int64_t none)
{
	const tt_change_arg *arg = tt_change_get(c, key);

	return arg ? (int64_t)ceil(arg->number) : none;
}

void tt_sizing_limits(const tt_change *c, const tt_snapshot *s, const char *workload,
		      tt_sizing *ret)
{
	const tt_workload_row *row = tt_workload_row_of(s, workload);
	const bool at_least = row && row->min_replicas >= 0;
	const bool at_most = row && row->max_replicas >= 0;

	*ret = (tt_sizing){ .c = c, .s = s, .wait_s = NAN };
	ret->min = whole(c, "min_replicas", at_least ? (int64_t)ceil(row->min_replicas) : 1);
	ret->max = whole(c, "max_replicas", at_most ? (int64_t)row->max_replicas : INT64_MAX);
	ret->headroom = whole(c, "headroom_replicas", 0);
}

void tt_sizing_free(tt_sizing *z)
{
	tt_free(z->load_u6);
	tt_free(z->ran);
	tt_free(z->wanted);
	tt_free(z->unknown);
	*z = (tt_sizing){ 0 };
}

tt_span tt_sizing_step(const tt_sizing *z, size_t i)
{
	tt_span step = tt_change_force(z->c, z->s);
	const int64_t from_s = z->s->start_s + (int64_t)i * z->step_s;

	if (from_s > step.from_s)
		step.from_s = from_s;
	if (from_s + z->step_s < step.to_s)
		step.to_s = from_s + z->step_s;
	return step;
}

static int make_room(tt_sizing *z, tt_err *err)
{
	z->load_u6 = tt_zalloc(z->n + 1, sizeof *z->load_u6);
	z->ran = tt_zalloc(z->n + 1, sizeof *z->ran);
	z->wanted = tt_zalloc(z->n + 1, sizeof *z->wanted);
	z->unknown = tt_zalloc(z->n + 1, sizeof *z->unknown);
	return z->load_u6 && z->ran && z->wanted && z->unknown ? TT_OK : tt_no_memory(err);
}

static int count_running(tt_sizing *z, tt_err *err)
{
	TT_CLEANUP(tt_sitting_free) tt_sitting now = { 0 };

	for (size_t i = 0; i < z->n; i++) {
		const int64_t from_s = z->s->start_s + (int64_t)i * z->step_s;

		TT_TRY(tt_sitting_move(&now, z->m, (tt_span){ from_s, from_s + z->step_s }, err));
		z->ran[i] = (int64_t)now.n;
	}
	return TT_OK;
}

/* --- Load by activity ---------------------------------------------------------------------- */

static int add_load(tt_sizing *z, tt_activity *a, double *mean, double *peak,
		    int64_t *ret_known, tt_err *err)
{
	for (size_t i = 0; i < z->m->n; i++) {
		const tt_member *m = &z->m->v[i];
		size_t first, end;

		TT_TRY(tt_activity_of_pod(a, m->what.pod, m->life, mean, peak, err));
		tt_activity_range(z->s, m->life, &first, &end);
		for (size_t k = first; k < end; k++) {
			if (isnan(mean[k])) {
				z->unknown[k] = 1;
				continue;
			}
			z->load_u6[k] += llround(mean[k] * 1e6);
			(*ret_known)++;
		}
	}
	return TT_OK;
}

static int not_measured(const tt_change *c, const tt_change_subject *subject, tt_err *err)
{
	return tt_fail(err, TT_ENODATA,
		       "resize: the activity of workload \"%s\" was not measured, which "
		       "policy=%s needs", subject->id, tt_change_get(c, "policy")->text);
}

static int load_by_activity(tt_sizing *z, const tt_change_subject *subject, tt_err *err)
{
	TT_CLEANUP(tt_activity_closep) tt_activity *a = NULL;
	TT_CLEANUP(tt_freep) double *mean = NULL;
	TT_CLEANUP(tt_freep) double *peak = NULL;
	int64_t known = 0;

	if (!tt_snapshot_steps(z->s))
		return has(z->c, "policy") ? not_measured(z->c, subject, err) : TT_OK;
	TT_TRY(tt_activity_open(z->s, &a, err));
	z->step_s = z->s->step_s;
	z->n = tt_activity_steps(a);
	mean = tt_zalloc(z->n, sizeof *mean);
	peak = tt_zalloc(z->n, sizeof *peak);
	if (!mean || !peak)
		return tt_no_memory(err);
	TT_TRY(make_room(z, err));
	TT_TRY(add_load(z, a, mean, peak, &known, err));
	if (!known && has(z->c, "policy"))
		return not_measured(z->c, subject, err);
	TT_TRY(count_running(z, err));
	for (size_t i = 0; i < z->n; i++)
		z->unknown[i] |= !z->ran[i]; /* nobody asked, or nobody was there to be asked */
	return TT_OK;
}

/* --- Policies by activity ------------------------------------------------------------------ */

/* Replicas that the load of each step takes; where it is not known, those that ran. */
static void find_wanted(tt_sizing *z)
{
	const tt_change_arg *arg = tt_change_get(z->c, "target_ratio");
	int64_t target_u6 = arg ? llround(arg->number * 1e6) : MILLION;

	if (target_u6 < 1)
		target_u6 = 1;
	for (size_t i = 0; i < z->n; i++)
		z->wanted[i] = z->unknown[i] ? z->ran[i] :
			       (z->load_u6[i] + target_u6 - 1) / target_u6;
}

struct weighed {
	int64_t replicas, seconds;
};

static int ascending(const void *pa, const void *pb)
{
	const struct weighed *a = pa, *b = pb;

	return (a->replicas > b->replicas) - (a->replicas < b->replicas);
}

/* The number that is enough in `served_ratio` of the time in force. */
static int follow_quantile(tt_sizing *z, tt_err *err)
{
	TT_CLEANUP(tt_freep) struct weighed *v = tt_zalloc(z->n + 1, sizeof *v);
	const double ratio = tt_change_get(z->c, "served_ratio")->number;
	int64_t total = 0, sum = 0, enough = 0;
	size_t n = 0;

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < z->n; i++) {
		const tt_span step = tt_sizing_step(z, i);

		if (z->unknown[i] || step.from_s >= step.to_s)
			continue;
		v[n++] = (struct weighed){ z->wanted[i], step.to_s - step.from_s };
		total += step.to_s - step.from_s;
	}
	if (n)
		qsort(v, n, sizeof *v, ascending);
	for (size_t i = 0; i < n && (!i || (double)sum < ratio * (double)total); i++) {
		sum += v[i].seconds;
		enough = v[i].replicas;
	}
	for (size_t i = 0; i < z->n; i++)
		z->wanted[i] = enough;
	return TT_OK;
}

static int64_t in_steps(const tt_sizing *z, int64_t seconds)
{
	return (seconds + z->step_s - 1) / z->step_s;
}

/* The most that is wanted from `from` to `to` steps on. What was wanted before the window is
 * not known: as many as ran, with the headroom. */
static int follow_most(tt_sizing *z, int64_t from, int64_t to, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *most = tt_zalloc(z->n + 1, sizeof *most);
	TT_CLEANUP(tt_freep) size_t *room = tt_zalloc(z->n + 1, sizeof *room);

	if (!most || !room)
		return tt_no_memory(err);
	tt_sliding_max(z->wanted, z->n, from, to, room, most);
	for (size_t i = 0; i < z->n; i++)
		z->wanted[i] = (int64_t)i + to < 0 ? z->ran[i] - z->headroom : most[i];
	return TT_OK;
}

static int follow_activity(tt_sizing *z, tt_err *err)
{
	const int64_t ready_s = whole(z->c, "ready_s", 0);

	find_wanted(z);
	if (is_policy(z->c, "quantile"))
		return follow_quantile(z, err);
	if (is_policy(z->c, "lead"))
		return follow_most(z, 0, in_steps(z, whole(z->c, "lead_s", 0)), err);
	return follow_most(z, -in_steps(z, ready_s + whole(z->c, "scale_down_s", 0)),
			   -in_steps(z, ready_s), err);
}

/* No policy: so many always, or as many as ran. */
static void follow_nothing(tt_sizing *z)
{
	const int64_t replicas = whole(z->c, "replicas", -1);

	if (replicas >= 0)
		z->min = z->max = replicas;
	else if (!has(z->c, "min_replicas"))
		z->min = 0;
	for (size_t i = 0; i < z->n; i++)
		z->wanted[i] = z->ran[i];
}

/* --- Policies by traffic ------------------------------------------------------------------- */

static int find_capacity(const tt_sizing *z, const tt_change_subject *subject, double *ret,
			 tt_err *err)
{
	const tt_workload_row *row = tt_workload_row_of(z->s, subject->id);

	if (!row || !(row->capacity_per_replica > 0))
		return tt_fail(err, TT_ENODATA,
			       "resize: workloads.csv has no capacity_per_replica of workload "
			       "\"%s\", which policy=%s needs", subject->id,
			       tt_change_get(z->c, "policy")->text);
	*ret = row->capacity_per_replica;
	return TT_OK;
}

/* The objective; without one of the change, that of workloads.csv, in which serving takes its
 * time too. */
static int find_slo(const tt_sizing *z, const tt_change_subject *subject, double capacity,
		    tt_slo_policy *ret, tt_err *err)
{
	const tt_change_arg *wait = tt_change_get(z->c, "slo_wait_ms");
	const tt_change_arg *served = tt_change_get(z->c, "served_ratio");
	const tt_workload_row *row = tt_workload_row_of(z->s, subject->id);

	*ret = (tt_slo_policy){ .slots_per_replica = 1,
				.late_ratio = 1 - (served ? served->number : served_by_default),
				.wait_s = wait ? wait->number / 1e3 :
					  row ? row->slo_latency_ms / 1e3 - 1 / capacity : NAN };
	if (isnan(ret->wait_s) || ret->wait_s < 0)
		return tt_fail(err, TT_ENODATA,
			       "resize: policy=slo of workload \"%s\" needs slo_wait_ms, or in "
			       "workloads.csv a slo_latency_ms above what serving takes",
			       subject->id);
	if (ret->late_ratio < 1e-9)
		return tt_fail(err, TT_EINVAL,
			       "resize: policy=slo needs a served_ratio below 1: no number of "
			       "replicas lets nobody wait");
	return TT_OK;
}

/* Mean wait over what came: each step by itself, as the policy decides. */
static double mean_wait_s(const tt_traffic *t, const tt_autoscale_sum *steps, double capacity)
{
	double waited = 0, came = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (isnan(t->per_s[i]) || t->per_s[i] <= 0)
			continue;
		waited += t->per_s[i] * tt_erlang_wait_s(steps[i].most_replicas, t->per_s[i],
							 capacity);
		came += t->per_s[i];
	}
	return came > 0 && isfinite(waited) ? waited / came : NAN; /* more came than is served */
}

static int run(tt_sizing *z, const tt_change_subject *subject, const tt_traffic *t,
	       double capacity, tt_autoscale_sum *steps, tt_err *err)
{
	tt_autoscale_pool pool = tt_autoscale_pool_of(t->per_s, t->n, t->step_s, capacity);
	const tt_change_arg *target = tt_change_get(z->c, "target_ratio");

	pool.max_replicas = z->max < TT_AUTOSCALE_REPLICAS ? z->max : TT_AUTOSCALE_REPLICAS;
	pool.min_replicas = z->min < pool.max_replicas ? z->min : pool.max_replicas;
	pool.ready_s = whole(z->c, "ready_s", 0);
	pool.target_ratio = target ? fmax(target->number, 1e-6) : 1;
	if (is_policy(z->c, "slo")) {
		tt_slo_policy slo;

		TT_TRY(find_slo(z, subject, capacity, &slo, err));
		TT_TRY(tt_autoscale_slo(&pool, &slo, steps, &z->sum, err));
		z->wait_s = mean_wait_s(t, steps, capacity);
		return TT_OK;
	}

	tt_queue_policy queue = tt_queue_default();
	double came = 0;

	queue.queue_per_replica = tt_change_get(z->c, "queue_per_replica")->number;
	queue.hpa.scale_down_s = whole(z->c, "scale_down_s", queue.hpa.scale_down_s);
	queue.cooldown_s = whole(z->c, "scale_down_s", queue.cooldown_s);
	TT_TRY(tt_autoscale_queue(&pool, &queue, steps, &z->sum, err));
	for (size_t i = 0; i < t->n; i++)
		came += isnan(t->per_s[i]) ? 0 : t->per_s[i] * (double)t->step_s;
	z->wait_s = came > 0 ? z->sum.waiting_load_s / came : NAN;
	return TT_OK;
}

static int size_by_traffic(tt_sizing *z, const tt_change_subject *subject, tt_err *err)
{
	TT_CLEANUP(tt_traffic_free) tt_traffic t = { 0 };
	TT_CLEANUP(tt_freep) tt_autoscale_sum *steps = NULL;
	double capacity = NAN;

	TT_TRY(find_capacity(z, subject, &capacity, err));
	if (tt_traffic_requests(z->s, subject->id, &t, err) < 0)
		return tt_context(err, "resize with policy=%s",
				  tt_change_get(z->c, "policy")->text);
	z->step_s = t.step_s;
	z->n = t.n;
	steps = tt_zalloc(t.n + 1, sizeof *steps);
	if (!steps)
		return tt_no_memory(err);
	TT_TRY(make_room(z, err));
	TT_TRY(count_running(z, err));
	TT_TRY(run(z, subject, &t, capacity, steps, err));
	z->simulated = true;
	for (size_t i = 0; i < z->n; i++) {
		z->unknown[i] = (unsigned char)(isnan(t.per_s[i]) != 0);
		z->wanted[i] = steps[i].most_replicas;
		if (!z->unknown[i])
			z->load_u6[i] = llround(fmin(t.per_s[i] / capacity, 1e12) * 1e6);
	}
	return TT_OK;
}

int tt_sizing_make(const tt_change *c, const tt_change_subject *subject, const tt_members *m,
		   const tt_snapshot *s, tt_sizing *ret, tt_err *err)
{
	TT_CLEANUP(tt_sizing_free) tt_sizing z;

	tt_sizing_limits(c, s, subject->id, &z);
	z.m = m;
	if (is_policy(c, "queue") || is_policy(c, "slo"))
		TT_TRY(size_by_traffic(&z, subject, err));
	else
		TT_TRY(load_by_activity(&z, subject, err));
	if (z.n && !z.simulated && has(c, "policy"))
		TT_TRY(follow_activity(&z, err));
	else if (z.n && !z.simulated)
		follow_nothing(&z);
	for (size_t i = 0; i < z.n; i++) {
		int64_t wanted = z.wanted[i] + z.headroom;

		wanted = wanted < z.min ? z.min : wanted;
		wanted = wanted > z.max ? z.max : wanted;
		z.wanted[i] = has(c, "policy") && z.unknown[i] ? z.ran[i] : wanted;
	}
	*ret = z;
	z = (tt_sizing){ 0 };
	return TT_OK;
}
