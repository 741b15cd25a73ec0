#include "change/resize.h"
#include "base/memory.h"
#include "bill/activity.h"
#include "change/pool.h"
#include "maths/sliding.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- What can be priced ------------------------------------------------------------------ */

static bool has(const tt_change *c, const char *key)
{
	return tt_change_get(c, key) != NULL;
}

static bool is_word(const tt_change *c, const char *key, const char *word)
{
	const tt_change_arg *arg = tt_change_get(c, key);

	return arg && strcmp(arg->text, word) == 0;
}

const char *tt_resize_unpriced(const tt_change *c)
{
	const bool nodes = c->n_subjects && c->subjects[0].kind == TT_SUBJECT_NODE_GROUP;

	if (is_word(c, "policy", "queue"))
		return "resize with policy=queue";
	if (is_word(c, "policy", "slo"))
		return "resize with policy=slo";
	if (is_word(c, "consolidates", "true"))
		return "resize with consolidates=true";
	if (is_word(c, "autoscaler", "none"))
		return "resize with autoscaler=none";
	if (nodes && has(c, "target_ratio"))
		return "resize of a node_group with target_ratio";
	if (nodes && !has(c, "nodes") && !has(c, "autoscaler") && !has(c, "idle_timeout_s"))
		return "resize without nodes, autoscaler or idle_timeout_s";
	if (!nodes && !has(c, "replicas") && !has(c, "policy") && !has(c, "max_replicas"))
		return "resize without replicas, policy or max_replicas";
	return NULL;
}

/* --- Replicas ---------------------------------------------------------------------------- */

struct sizing {
	const tt_change *c;
	const tt_snapshot *s;
	tt_members *m;
	tt_span force;
	size_t steps;
	int64_t *demand_u6;     /* [steps] millionths of a replica */
	int64_t *ran;           /* [steps] that were there in the step */
	int64_t *wanted;        /* [steps] */
	unsigned char *unknown; /* [steps] */
	int64_t min, max, headroom;
};

static int64_t whole(const tt_change *c, const char *key, int64_t none)
{
	const tt_change_arg *arg = tt_change_get(c, key);

	return arg ? (int64_t)ceil(arg->number) : none;
}

static const tt_workload_row *row_of(const tt_snapshot *s, const char *workload)
{
	for (size_t i = 0; i < s->table[TT_WORKLOADS].n; i++) {
		const tt_workload_row *r = TT_ROW(&s->table[TT_WORKLOADS], tt_workload_row, i);

		if (strcmp(r->workload, workload) == 0)
			return r;
	}
	return NULL;
}

static void find_limits(struct sizing *z, const char *workload)
{
	const tt_workload_row *row = row_of(z->s, workload);
	const bool at_least = row && row->min_replicas >= 0;
	const bool at_most = row && row->max_replicas >= 0;

	z->min = whole(z->c, "min_replicas", at_least ? (int64_t)ceil(row->min_replicas) : 1);
	z->max = whole(z->c, "max_replicas", at_most ? (int64_t)row->max_replicas : INT64_MAX);
	z->headroom = whole(z->c, "headroom_replicas", 0);
}

static int not_measured(const tt_change *c, const tt_change_subject *subject, tt_err *err)
{
	return tt_fail(err, TT_ENODATA,
		       "resize: the activity of workload \"%s\" was not measured, which "
		       "policy=%s needs", subject->id, tt_change_get(c, "policy")->text);
}

/* Demand of the running replicas, step by step. */
static int add_demand(struct sizing *z, tt_activity *a, double *mean, double *peak,
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
			z->demand_u6[k] += llround(mean[k] * 1e6);
			(*ret_known)++;
		}
	}
	return TT_OK;
}

static int count_running(struct sizing *z, tt_err *err)
{
	TT_CLEANUP(tt_sitting_free) tt_sitting now = { 0 };

	for (size_t i = 0; i < z->steps; i++) {
		TT_TRY(tt_sitting_move(&now, z->m, tt_activity_step(z->s, i), err));
		z->ran[i] = (int64_t)now.n;
		z->unknown[i] |= !now.n; /* nobody asked, or nobody was there to be asked */
	}
	return TT_OK;
}

/* Replicas that the demand of each step takes; where it is not known, those that ran. */
static void find_wanted(struct sizing *z)
{
	const tt_change_arg *arg = tt_change_get(z->c, "target_ratio");
	int64_t target_u6 = arg ? llround(arg->number * 1e6) : 1000000;

	if (target_u6 < 1)
		target_u6 = 1;
	for (size_t i = 0; i < z->steps; i++)
		z->wanted[i] = z->unknown[i] ? z->ran[i] :
			       (z->demand_u6[i] + target_u6 - 1) / target_u6;
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
static int follow_quantile(struct sizing *z, tt_err *err)
{
	TT_CLEANUP(tt_freep) struct weighed *v = tt_zalloc(z->steps + 1, sizeof *v);
	const double ratio = tt_change_get(z->c, "served_ratio")->number;
	int64_t total = 0, sum = 0, enough = 0;
	size_t n = 0;

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < z->steps; i++) {
		tt_span step = tt_activity_step(z->s, i);

		if (step.from_s < z->force.from_s)
			step.from_s = z->force.from_s;
		if (step.to_s > z->force.to_s)
			step.to_s = z->force.to_s;
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
	for (size_t i = 0; i < z->steps; i++)
		z->wanted[i] = enough;
	return TT_OK;
}

static int64_t in_steps(const struct sizing *z, int64_t seconds)
{
	return (seconds + z->s->step_s - 1) / z->s->step_s;
}

/* The most that is wanted from `from` to `to` steps on. What was wanted before the window is
 * not known: as many as ran. */
static int follow_most(struct sizing *z, int64_t from, int64_t to, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *most = tt_zalloc(z->steps + 1, sizeof *most);
	TT_CLEANUP(tt_freep) size_t *room = tt_zalloc(z->steps + 1, sizeof *room);

	if (!most || !room)
		return tt_no_memory(err);
	tt_sliding_max(z->wanted, z->steps, from, to, room, most);
	for (size_t i = 0; i < z->steps; i++)
		z->wanted[i] = (int64_t)i + to < 0 ? z->ran[i] : most[i];
	return TT_OK;
}

static int follow_policy(struct sizing *z, tt_err *err)
{
	const int64_t ready_s = whole(z->c, "ready_s", 0);

	if (is_word(z->c, "policy", "quantile"))
		return follow_quantile(z, err);
	if (is_word(z->c, "policy", "lead"))
		return follow_most(z, 0, in_steps(z, whole(z->c, "lead_s", 0)), err);
	return follow_most(z, -in_steps(z, ready_s + whole(z->c, "scale_down_s", 0)),
			   -in_steps(z, ready_s), err);
}

/* Let all but the wanted go, in each step that is in force. */
static int keep_wanted(struct sizing *z, tt_err *err)
{
	TT_CLEANUP(tt_sitting_free) tt_sitting now = { 0 };

	for (size_t i = 0; i < z->steps; i++) {
		tt_span step = tt_activity_step(z->s, i);
		int64_t wanted = z->wanted[i] + z->headroom;

		if (step.from_s < z->force.from_s)
			step.from_s = z->force.from_s;
		if (step.to_s > z->force.to_s)
			step.to_s = z->force.to_s;
		if (step.from_s >= step.to_s || z->unknown[i])
			continue;
		if (wanted < z->min)
			wanted = z->min;
		if (wanted > z->max)
			wanted = z->max;
		TT_TRY(tt_sitting_move(&now, z->m, step, err));
		TT_TRY(tt_sitting_keep(&now, z->m, step, wanted, err));
	}
	return TT_OK;
}

static int size_by_demand(struct sizing *z, const tt_change_subject *subject, tt_err *err)
{
	TT_CLEANUP(tt_activity_closep) tt_activity *a = NULL;
	TT_CLEANUP(tt_freep) double *mean = NULL;
	TT_CLEANUP(tt_freep) double *peak = NULL;
	int64_t known = 0;

	TT_TRY(tt_activity_open(z->s, &a, err));
	z->steps = tt_activity_steps(a);
	mean = tt_zalloc(z->steps, sizeof *mean);
	peak = tt_zalloc(z->steps, sizeof *peak);
	z->demand_u6 = tt_zalloc(z->steps, sizeof *z->demand_u6);
	z->ran = tt_zalloc(z->steps, sizeof *z->ran);
	z->wanted = tt_zalloc(z->steps, sizeof *z->wanted);
	z->unknown = tt_zalloc(z->steps, sizeof *z->unknown);
	if (!mean || !peak || !z->demand_u6 || !z->ran || !z->wanted || !z->unknown)
		return tt_no_memory(err);
	TT_TRY(add_demand(z, a, mean, peak, &known, err));
	if (!known)
		return not_measured(z->c, subject, err);
	TT_TRY(count_running(z, err));
	find_wanted(z);
	TT_TRY(follow_policy(z, err));
	return keep_wanted(z, err);
}

/* So many, always; where fewer ran, these. */
static int size_fixed(struct sizing *z, int64_t wanted, tt_err *err)
{
	TT_CLEANUP(tt_sitting_free) tt_sitting all = { 0 };

	TT_TRY(tt_sitting_move(&all, z->m, z->force, err));
	return tt_sitting_keep(&all, z->m, z->force, wanted, err);
}

static int resize_workload(const tt_change *c, const tt_change_subject *subject, tt_members *m,
			   tt_case *cs, tt_err *err)
{
	struct sizing z = { .c = c, .s = cs->snapshot, .m = m,
			    .force = tt_change_force(c, cs->snapshot) };
	const tt_change_arg *replicas = tt_change_get(c, "replicas");
	int rc;

	TT_TRY(tt_members_growth(m, replicas, err));
	TT_TRY(tt_members_growth(m, tt_change_get(c, "min_replicas"), err));
	find_limits(&z, subject->id);
	if (replicas)
		return size_fixed(&z, (int64_t)replicas->number, err);
	if (!has(c, "policy"))
		return size_fixed(&z, z.max, err);
	if (!tt_snapshot_steps(cs->snapshot))
		return not_measured(c, subject, err);
	rc = size_by_demand(&z, subject, err);
	tt_free(z.demand_u6);
	tt_free(z.ran);
	tt_free(z.wanted);
	tt_free(z.unknown);
	return rc;
}

int tt_resize_apply(const tt_change *c, tt_case *cs, tt_err *err)
{
	TT_CLEANUP(tt_targets_free) tt_targets t = { 0 };
	int rc = TT_OK;

	for (size_t i = 0; i < c->n_subjects && rc == TT_OK; i++) {
		const tt_change_subject *subject = &c->subjects[i];
		tt_members m = { 0 };

		TT_TRY(tt_targets_find(c, subject, cs->snapshot, &t, err));
		TT_TRY(tt_members_make(&t, cs->snapshot, &m, err));
		rc = t.nodes ? tt_pool_resize(c, subject, &m, cs, err) :
			       resize_workload(c, subject, &m, cs, err);
		if (rc == TT_OK)
			rc = tt_members_release(&m, cs, err);
		tt_members_free(&m);
	}
	return rc;
}
