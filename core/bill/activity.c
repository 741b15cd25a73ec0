#include "activity.h"
#include "base/memory.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LOADED_BYTES = 32 << 20 };

struct loaded {                 /* series of one carrier */
	uint32_t carrier;
	float *mean, *peak;     /* [steps] percent; NaN not known */
};

struct tt_activity {
	const tt_snapshot *s;
	size_t steps;
	struct loaded *loaded; size_t n_loaded, most_loaded;
	double *mean, *peak;    /* [steps] scratch of one series */
	uint32_t *counted;      /* [steps] carriers of what is asked for */
	unsigned char *unknown; /* [steps] one of them is */
};

int tt_activity_open(const tt_snapshot *s, tt_activity **ret, tt_err *err)
{
	TT_CLEANUP(tt_activity_closep) tt_activity *a = tt_zalloc(1, sizeof *a);
	const size_t steps = tt_snapshot_steps(s);

	assert(steps);
	if (!a)
		return tt_no_memory(err);
	a->s = s;
	a->steps = steps;
	a->most_loaded = LOADED_BYTES / (steps * 2 * sizeof(float)) + 1;
	a->loaded = tt_zalloc(a->most_loaded, sizeof *a->loaded);
	a->mean = tt_zalloc(steps, sizeof *a->mean);
	a->peak = tt_zalloc(steps, sizeof *a->peak);
	a->counted = tt_zalloc(steps, sizeof *a->counted);
	a->unknown = tt_zalloc(steps, sizeof *a->unknown);
	if (!a->loaded || !a->mean || !a->peak || !a->counted || !a->unknown)
		return tt_no_memory(err);
	*ret = a;
	a = NULL;
	return TT_OK;
}

static void unload(tt_activity *a)
{
	for (size_t i = 0; i < a->n_loaded; i++) {
		tt_free(a->loaded[i].mean);
		tt_free(a->loaded[i].peak);
	}
	a->n_loaded = 0;
}

void tt_activity_close(tt_activity *a)
{
	if (!a)
		return;
	unload(a);
	tt_free(a->loaded);
	tt_free(a->mean);
	tt_free(a->peak);
	tt_free(a->counted);
	tt_free(a->unknown);
	tt_free(a);
}

void tt_activity_closep(tt_activity **a)
{
	tt_activity_close(*a);
}

size_t tt_activity_steps(const tt_activity *a)
{
	return a->steps;
}

tt_span tt_activity_step(const tt_snapshot *s, size_t i)
{
	const int64_t from_s = s->start_s + (int64_t)i * s->step_s;

	return (tt_span){ from_s, from_s + s->step_s < s->end_s ? from_s + s->step_s : s->end_s };
}

void tt_activity_range(const tt_snapshot *s, tt_span span, size_t *ret_first, size_t *ret_end)
{
	if (span.from_s < s->start_s)
		span.from_s = s->start_s;
	if (span.to_s > s->end_s)
		span.to_s = s->end_s;
	*ret_first = *ret_end = 0;
	if (span.from_s >= span.to_s)
		return;
	*ret_first = (size_t)((span.from_s - s->start_s) / s->step_s);
	*ret_end = (size_t)((span.to_s - 1 - s->start_s) / s->step_s) + 1;
}

/* --- Series ------------------------------------------------------------------------- */

/* The activity of a carrier; *ret NULL where it has none. */
static int load(tt_activity *a, uint32_t carrier, const struct loaded **ret, tt_err *err)
{
	const tt_carrier *k = &a->s->carriers[carrier];
	const tt_measure *m = tt_snapshot_measure(a->s, k, tt_snapshot_activity(a->s, k));
	struct loaded *l;

	*ret = NULL;
	if (!m)
		return TT_OK;
	for (size_t i = 0; i < a->n_loaded; i++) {
		if (a->loaded[i].carrier == carrier) {
			*ret = &a->loaded[i];
			return TT_OK;
		}
	}
	if (a->n_loaded == a->most_loaded)
		unload(a);
	TT_TRY(tt_snapshot_series(a->s, m, a->mean, a->peak, err));
	l = &a->loaded[a->n_loaded];
	*l = (struct loaded){ carrier, tt_zalloc(a->steps, sizeof *l->mean),
			      tt_zalloc(a->steps, sizeof *l->peak) };
	a->n_loaded++; /* so that it is freed, whatever there is of it */
	if (!l->mean || !l->peak)
		return tt_no_memory(err);
	for (size_t i = 0; i < a->steps; i++) {
		l->mean[i] = (float)a->mean[i];
		l->peak[i] = (float)a->peak[i];
	}
	*ret = l;
	return TT_OK;
}

/* What is being asked for. */
struct asked {
	tt_activity *a;
	size_t first, end;      /* steps */
	double *mean, *peak;
};

static struct asked start(tt_activity *a, tt_span life, double *mean, double *peak)
{
	struct asked q = { .a = a, .mean = mean, .peak = peak };

	tt_activity_range(a->s, life, &q.first, &q.end);
	for (size_t i = q.first; i < q.end; i++) {
		a->counted[i] = a->unknown[i] = 0;
		mean[i] = peak[i] = 0;
	}
	return q;
}

/* Count a carrier in the steps [first, end) as far as they are asked for. */
static int count(const struct asked *q, uint32_t carrier, size_t first, size_t end, tt_err *err)
{
	const struct loaded *l;

	first = first > q->first ? first : q->first;
	end = end < q->end ? end : q->end;
	if (first >= end)
		return TT_OK;
	TT_TRY(load(q->a, carrier, &l, err));
	for (size_t i = first; i < end; i++) {
		q->a->counted[i]++;
		if (!l || isnan(l->mean[i])) {
			q->a->unknown[i] = 1;
			continue;
		}
		double mean = (double)l->mean[i] / 100, peak = (double)l->peak[i];

		q->mean[i] += mean < 1 ? mean : 1;
		q->peak[i] = peak > q->peak[i] ? peak : q->peak[i];
	}
	return TT_OK;
}

/* Means of sums; active is active even where not all is known. */
static void finish(const struct asked *q)
{
	const tt_activity *a = q->a;

	for (size_t i = q->first; i < q->end; i++) {
		if (!a->counted[i] || (a->unknown[i] && q->peak[i] < TT_IDLE_BELOW_PCT))
			q->peak[i] = (double)NAN;
		if (!a->counted[i] || a->unknown[i])
			q->mean[i] = (double)NAN;
		else
			q->mean[i] /= a->counted[i];
	}
}

/* Count the carriers with activity; `cards` of them are distinct cards. */
static int count_cards(const struct asked *q, size_t node, size_t *ret_cards, tt_err *err)
{
	const tt_snapshot *s = q->a->s;
	size_t first, n, named = SIZE_MAX;

	*ret_cards = 0;
	tt_node_carriers(s, node, &first, &n);
	for (size_t i = first; i < first + n; i++) {
		if (tt_snapshot_activity(s, &s->carriers[i]) == TT_METRIC_NONE)
			continue;
		if (named == SIZE_MAX ||
		    strcmp(s->carriers[named].gpu, s->carriers[i].gpu) != 0)
			(*ret_cards)++;
		named = i;
		TT_TRY(count(q, (uint32_t)i, q->first, q->end, err));
	}
	return TT_OK;
}

int tt_activity_of_node(tt_activity *a, size_t node, tt_span life, double *mean, double *peak,
			tt_err *err)
{
	const struct asked q = start(a, life, mean, peak);
	size_t cards = 0;

	TT_TRY(count_cards(&q, node, &cards, err));
	if (cards * 1000000 + 500000 <= tt_node_cards_u6(a->s, node))
		memset(a->unknown, 1, a->steps * sizeof *a->unknown);
	finish(&q);
	return TT_OK;
}

/* Count a carrier in the steps in which the pod held it, each once. */
static int count_held(const struct asked *q, uint32_t carrier, size_t pod, tt_err *err)
{
	const tt_carrier *k = &q->a->s->carriers[carrier];
	size_t done = 0;

	for (size_t j = k->first_holding; j < k->first_holding + k->n_holdings; j++) {
		const tt_holding *h = &q->a->s->holdings[j]; /* by time */
		size_t first, end;

		if (h->pod_index != pod)
			continue;
		tt_activity_range(q->a->s, (tt_span){ h->from_s, h->to_s }, &first, &end);
		if (first < done)
			first = done;
		if (first >= end)
			continue;
		TT_TRY(count(q, carrier, first, end, err));
		done = end;
	}
	return TT_OK;
}

int tt_activity_of_pod(tt_activity *a, size_t pod, tt_span life, double *mean, double *peak,
		       tt_err *err)
{
	const tt_snapshot *s = a->s;
	const tt_pod_row *p = tt_pod_at(s, pod);
	const size_t node = *p->node ? tt_snapshot_find_node(s, p->node) : SIZE_MAX;
	size_t first = 0, n = 0, named = 0;

	if (node != SIZE_MAX)
		tt_node_carriers(s, node, &first, &n);
	for (size_t i = first; i < first + n; i++)
		named += s->carriers[i].n_holdings;
	if (n && !named && tt_millionths(p->gpus) > 0 &&
	    tt_millionths(p->gpus) >= tt_node_cards_u6(s, node))
		return tt_activity_of_node(a, node, life, mean, peak, err);

	const struct asked q = start(a, life, mean, peak);
	for (size_t i = first; i < first + n; i++)
		TT_TRY(count_held(&q, (uint32_t)i, pod, err));
	finish(&q);
	return TT_OK;
}

int tt_activity_idle(const tt_snapshot *s, const double *peak, tt_span life, tt_spans *ret,
		     int64_t *ret_known_s, tt_err *err)
{
	size_t first, end;

	ret->n = 0;
	*ret_known_s = 0;
	tt_activity_range(s, life, &first, &end);
	for (size_t i = first; i < end; i++) {
		tt_span step = tt_activity_step(s, i);

		if (step.from_s < life.from_s)
			step.from_s = life.from_s;
		if (step.to_s > life.to_s)
			step.to_s = life.to_s;
		if (step.from_s >= step.to_s || isnan(peak[i]))
			continue;
		*ret_known_s += step.to_s - step.from_s;
		if (peak[i] < TT_IDLE_BELOW_PCT)
			TT_TRY(tt_spans_add(ret, step.from_s, step.to_s, err));
	}
	tt_spans_tidy(ret);
	return TT_OK;
}
