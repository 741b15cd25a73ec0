#include "host/kept.h"
#include "base/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COURSES_BYTES = 16 << 20 }; /* of one metric */

static void free_courses(tt_courses *to)
{
	for (size_t i = 0; i < to->n; i++)
		tt_free(to->v[i].mean);
	tt_free(to->v);
	*to = (tt_courses){ 0 };
}

void tt_kept_free(tt_kept *k)
{
	for (size_t i = 0; i < TT_COUNT(k->courses); i++)
		free_courses(&k->courses[i]);
	tt_needs_close(k->needs);
	tt_arena_free(k->runs_arena);
	*k = (tt_kept){ 0 };
}

int tt_kept_needs(tt_kept *k, const tt_snapshot *s, tt_needs **ret, tt_err *err)
{
	if (!k->needs)
		TT_TRY(tt_needs_open(s, &k->needs, err));
	*ret = k->needs;
	return TT_OK;
}

/* --- Courses -------------------------------------------------------------------------- */

struct run { uint32_t node, pod; size_t of; }; /* of: workload, from the first */

struct reading {
	const tt_snapshot *s;
	tt_needs *needs;
	int metric;
	double *n;               /* [workloads][steps] cards in the mean, which is a sum so far */
	struct run *runs; size_t n_runs, cap_runs;
};

static void close_reading(struct reading *r)
{
	tt_free(r->n);
	tt_free(r->runs);
}

/* Those of a node one after the other: they have its cards' series in common. */
static int by_node(const void *pa, const void *pb)
{
	const struct run *a = pa, *b = pb;
	int by = (a->node > b->node) - (a->node < b->node);

	return by ? by : (a->pod > b->pod) - (a->pod < b->pod);
}

static int find_runs(struct reading *r, const tt_subjects *s, const tt_courses *to, tt_err *err)
{
	for (size_t of = 0; of < to->n; of++) {
		const char *name = s->workloads.v[to->first + of];
		size_t n;
		const uint32_t *pods = tt_placed_workload(&r->s->placed, name, &n);

		for (size_t i = 0; i < n; i++) {
			const tt_pod_row *p = tt_pod_at(r->s, pods[i]);
			tt_span ran;

			if (!(p->gpus > 0) || !tt_pod_ran(r->s, p, &ran))
				continue;
			if (!TT_GROW(r->runs, r->n_runs, r->cap_runs))
				return tt_no_memory(err);
			r->runs[r->n_runs++] = (struct run){ s->residents.node_of_pod[pods[i]],
			                                     pods[i], of };
		}
	}
	if (r->n_runs > 1)
		qsort(r->runs, r->n_runs, sizeof *r->runs, by_node);
	return TT_OK;
}

static int add_carrier(struct reading *r, const struct run *run, uint32_t carrier, tt_course *to,
                       tt_err *err)
{
	double *count = r->n + run->of * tt_snapshot_steps(r->s);
	const int metric = r->metric != TT_ACTIVITY_PCT ? r->metric :
	                   tt_snapshot_activity(r->s, &r->s->carriers[carrier]);
	tt_needs_steps had = { 0 };
	const double *mean, *max;

	TT_TRY(tt_needs_lend(r->needs, carrier, metric, &mean, &max, err));
	to->any |= mean != NULL;
	while (mean && tt_needs_had(r->needs, run->pod, carrier, &had))
		for (size_t i = had.first; i < had.end; i++) {
			if (isnan(mean[i]))
				continue;
			count[i]++;
			to->mean[i] += mean[i];
			to->max[i] = fmax(to->max[i], max[i]);
		}
	return TT_OK;
}

static int add_run(struct reading *r, const struct run *run, tt_course *to, tt_err *err)
{
	const bool of_node = r->metric >= TT_CPU_UTIL_PCT && r->metric <= TT_NETWORK_BYTES_PER_S;
	const uint32_t *cards;
	size_t n;

	if (of_node) {
		n = tt_snapshot_node_carrier(r->s, tt_pod_at(r->s, run->pod)->node);
		return n == SIZE_MAX ? TT_OK : add_carrier(r, run, (uint32_t)n, to, err);
	}
	TT_TRY(tt_needs_cards(r->needs, run->pod, &cards, &n, err));
	for (size_t i = 0; i < n; i++)
		TT_TRY(add_carrier(r, run, cards[i], to, err));
	return TT_OK;
}

static int open_courses(const tt_snapshot *s, size_t n, tt_courses *to, tt_err *err)
{
	const size_t steps = tt_snapshot_steps(s);

	to->v = tt_zalloc(n, sizeof *to->v);
	if (!to->v)
		return tt_no_memory(err);
	for (; to->n < n; to->n++) {
		tt_course *one = &to->v[to->n];

		one->mean = tt_zalloc(2 * (steps + 1), sizeof *one->mean);
		if (!one->mean)
			return tt_no_memory(err);
		one->max = one->mean + steps + 1;
		for (size_t i = 0; i < steps; i++)
			one->max[i] = (double)NAN;
	}
	return TT_OK;
}

static int read_courses(tt_kept *k, const tt_subjects *s, int metric, tt_courses *to, tt_err *err)
{
	TT_CLEANUP(close_reading) struct reading r = { .s = s->snapshot, .metric = metric };
	const size_t steps = tt_snapshot_steps(r.s);

	TT_TRY(tt_kept_needs(k, r.s, &r.needs, err));
	r.n = tt_zalloc(to->n * steps + 1, sizeof *r.n);
	if (!r.n)
		return tt_no_memory(err);
	TT_TRY(find_runs(&r, s, to, err));
	for (size_t i = 0; i < r.n_runs; i++)
		TT_TRY(add_run(&r, &r.runs[i], &to->v[r.runs[i].of], err));
	for (size_t of = 0; of < to->n; of++)
		for (size_t i = 0; i < steps; i++) {
			const double n = r.n[of * steps + i];

			to->v[of].mean[i] = n > 0 ? to->v[of].mean[i] / n : (double)NAN;
		}
	return TT_OK;
}

int tt_kept_course(tt_kept *k, const tt_subjects *s, size_t workload, int metric,
                   const tt_course **ret, tt_err *err)
{
	tt_courses *to = &k->courses[metric == TT_ACTIVITY_PCT ? TT_METRIC_COUNT : metric];
	const size_t most = COURSES_BYTES / (3 * sizeof(double) *
	                                     (tt_snapshot_steps(s->snapshot) + 1)) + 1;
	size_t n = k->until_workload > workload ? k->until_workload - workload : 1;
	int rc;

	if (workload < to->first || workload - to->first >= to->n) {
		free_courses(to);
		to->first = workload;
		n = n < most ? n : most;
		rc = open_courses(s->snapshot, n, to, err);
		if (rc == TT_OK)
			rc = read_courses(k, s, metric, to, err);
		if (rc < 0)
			free_courses(to);
		TT_TRY(rc);
	}
	*ret = &to->v[workload - to->first];
	return TT_OK;
}
