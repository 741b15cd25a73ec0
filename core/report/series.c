#include "report/series.h"
#include "snapshot/metrics.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_S 3600
#define STEPS_COUNTED 256 /* carriers; each one's series is read from the file */

struct course {
	const tt_snapshot *s;
	const tt_settings *st;
	const tt_reach *r;
	tt_course *ret;
	int metric;
	int by_step;             /* units are steps, not hours */
	int64_t unit_s;
	size_t units, per;       /* in the window; in a column */
	tt_hour *unit;           /* [units] of one carrier */
	double *sum, *seconds;   /* [columns] over all carriers: value x seconds */
	double *one, *one_s;     /* [columns] of one carrier */
	double *mean, *max;      /* [steps] scratch */
	tt_arena *arena;
};

/* --- Columns -------------------------------------------------------------------- */

/* So many units that they fit into the columns; where a unit is a round part of an hour,
 * in numbers that people count in. */
static size_t units_per_column(size_t units, size_t most, int is_round)
{
	static const size_t nice[] = { 1, 2, 3, 4, 6, 8, 12, 24, 48, 72, 168, 336, 672 };
	size_t per = (units + most - 1) / most;

	for (size_t i = 0; is_round && i < sizeof nice / sizeof *nice; i++)
		if (nice[i] >= per)
			return nice[i];
	return per;
}

static int make_columns(struct course *c, size_t most, tt_err *err)
{
	const tt_snapshot *s = c->s;
	size_t hours = tt_snapshot_hours(s), steps = tt_snapshot_steps(s);

	c->by_step = s->step_s > 0 && s->step_s < HOUR_S && hours * 2 <= most &&
	             c->metric != TT_METRIC_NONE;
	c->unit_s = c->by_step ? s->step_s : HOUR_S;
	c->units = c->by_step ? steps : hours;
	c->per = units_per_column(c->units, most, HOUR_S % c->unit_s == 0);
	c->ret->start_s = s->start_s;
	c->ret->unit_s = c->unit_s;
	c->ret->end_s = s->end_s;
	c->ret->column_s = (int64_t)c->per * c->unit_s;
	c->ret->n = (c->units + c->per - 1) / c->per;
	c->ret->v = tt_arena_alloc(c->arena, (c->ret->n + 1) * sizeof *c->ret->v);
	c->unit = tt_arena_alloc(c->arena, (c->units + 1) * sizeof *c->unit);
	c->sum = tt_arena_alloc(c->arena, 4 * (c->ret->n + 1) * sizeof *c->sum);
	c->mean = tt_arena_alloc(c->arena, 2 * (steps + 1) * sizeof *c->mean);
	if (!c->ret->v || !c->unit || !c->sum || !c->mean)
		return tt_no_memory(err);
	c->seconds = c->sum + c->ret->n;
	c->one = c->seconds + c->ret->n;
	c->one_s = c->one + c->ret->n;
	c->max = c->mean + steps + 1;
	for (size_t i = 0; i < c->ret->n; i++)
		c->ret->v[i].mean = c->ret->v[i].max = NAN;
	return TT_OK;
}

static tt_span unit_span(const struct course *c, size_t i)
{
	int64_t from = c->s->start_s + (int64_t)i * c->unit_s, to = from + c->unit_s;

	return (tt_span){ from, to < c->s->end_s ? to : c->s->end_s };
}

static int64_t overlap_s(tt_span a, int64_t from_s, int64_t to_s)
{
	int64_t from = a.from_s > from_s ? a.from_s : from_s;
	int64_t to = a.to_s < to_s ? a.to_s : to_s;

	return to > from ? to - from : 0;
}

/* --- A metric of carriers ----------------------------------------------------------- */

/* What of one carrier counts: the life of its node, or when the pods held it. */
static int add_times(const struct course *c, const tt_carrier *k, tt_spans *ret, tt_err *err)
{
	if (!c->r->by_pods) {
		tt_span life = { c->s->start_s, c->s->end_s };

		if (k->node_index < c->s->table[TT_NODES].n)
			life = tt_node_life(c->s, k->node_index);
		return tt_spans_add(ret, life.from_s, life.to_s, err);
	}
	for (size_t i = 0; i < k->n_holdings; i++) {
		const tt_holding *h = &c->s->holdings[k->first_holding + i];

		if (h->pod_index < c->s->table[TT_PODS].n && c->r->is_pod[h->pod_index])
			TT_TRY(tt_spans_add(ret, h->from_s, h->to_s, err));
	}
	tt_spans_tidy(ret);
	return TT_OK;
}

/* The units of a measure into c->unit. */
static int read_units(struct course *c, const tt_measure *m, tt_err *err)
{
	if (!c->by_step)
		return tt_measure_hourly(c->s, m, c->unit, err);
	TT_TRY(tt_snapshot_series(c->s, m, c->mean, c->max, err));
	for (size_t i = 0; i < c->units; i++)
		c->unit[i] = (tt_hour){ c->mean[i], NAN, c->max[i],
			                isnan(c->mean[i]) ? 0 : (int32_t)c->unit_s };
	return TT_OK;
}

static void add_carrier(struct course *c, const tt_spans *times, int measured)
{
	for (size_t i = 0; i < c->ret->n; i++)
		c->one[i] = c->one_s[i] = 0;
	for (size_t i = 0; i < c->units; i++) {
		tt_span u = unit_span(c, i);
		int64_t alive = tt_spans_overlap_s(times, u.from_s, u.to_s);
		tt_course_column *to = &c->ret->v[i / c->per];
		double seconds;

		to->alive_s += alive;
		if (!measured || !alive || !c->unit[i].seconds)
			continue;
		seconds = fmin((double)c->unit[i].seconds, (double)alive);
		to->measured_s += (int64_t)seconds;
		to->max = fmax(to->max, c->unit[i].max); /* fmax() passes over NaN */
		c->one[i / c->per] += c->unit[i].mean * seconds;
		c->one_s[i / c->per] += seconds;
	}
	for (size_t i = 0; i < c->ret->n; i++) {
		tt_course_column *to = &c->ret->v[i];

		if (c->one_s[i] > 0)
			to->mean = fmax(to->mean, c->one[i] / c->one_s[i]);
		c->sum[i] += c->one[i];
		c->seconds[i] += c->one_s[i];
	}
}

static int count_steps(struct course *c, const tt_spans *times, const tt_measure *m,
                       tt_course_carrier *to, tt_err *err)
{
	size_t steps = tt_snapshot_steps(c->s);

	to->steps = to->steps_missing = -1;
	if (!steps || c->ret->n_carriers > STEPS_COUNTED)
		return TT_OK;
	to->steps = to->steps_missing = 0;
	if (m)
		TT_TRY(tt_snapshot_series(c->s, m, c->mean, c->max, err));
	for (size_t i = 0; i < steps; i++) {
		int64_t from = c->s->start_s + (int64_t)i * c->s->step_s;

		if (tt_spans_overlap_s(times, from, from + c->s->step_s) * 2 < c->s->step_s)
			continue; /* of the step's half at least it was there */
		to->steps++;
		to->steps_missing += !m || isnan(c->mean[i]);
	}
	return TT_OK;
}

static int see_carrier(struct course *c, tt_course_carrier *to, tt_err *err)
{
	const tt_carrier *k = &c->s->carriers[to->carrier];
	const tt_measure *m = tt_snapshot_measure(c->s, k, c->metric);
	TT_CLEANUP(tt_spans_free) tt_spans times = { 0 };
	tt_stats stats;

	TT_TRY(add_times(c, k, &times, err));
	if (m)
		TT_TRY(read_units(c, m, err));
	add_carrier(c, &times, m != NULL);
	to->alive_s = tt_spans_length_s(&times);
	to->mean = to->p95 = to->p99 = to->max = NAN;
	if (m && tt_measure_stats(m, &stats, err) == TT_OK) {
		to->metric = stats.metric;
		to->n = stats.n;
		to->measured_s = m->seconds;
		to->mean = stats.mean;
		to->p95 = stats.p95;
		to->p99 = stats.p99;
		to->max = stats.max;
	}
	return count_steps(c, &times, m, to, err);
}

/* Which carriers: the cards that are reached, or their nodes. */
static int list_carriers(struct course *c, tt_err *err)
{
	const tt_metric_def *def = tt_metric_def_at(c->metric);
	const tt_snapshot *s = c->s;
	tt_course_carrier *v = tt_arena_alloc(c->arena, (s->n_carriers + 1) * sizeof *v);
	size_t n = 0;

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; !(def && def->of_node) && i < c->r->n_carriers; i++)
		v[n++].carrier = c->r->carriers[i];
	for (size_t i = s->n_cards; def && def->of_node && i < s->n_carriers; i++)
		for (size_t k = 0; k < c->r->n_nodes; k++)
			if (s->carriers[i].node_index == c->r->nodes[k])
				v[n++].carrier = (uint32_t)i;
	c->ret->carriers = v;
	c->ret->n_carriers = n;
	return TT_OK;
}

static int make_metric(struct course *c, tt_err *err)
{
	TT_TRY(list_carriers(c, err));
	if (!c->ret->n_carriers)
		return TT_OK;
	c->ret->kind = TT_COURSE_METRIC;
	for (size_t i = 0; i < c->ret->n_carriers; i++)
		TT_TRY(see_carrier(c, &c->ret->carriers[i], err));
	for (size_t i = 0; !c->ret->busiest && i < c->ret->n; i++)
		if (c->seconds[i] > 0)
			c->ret->v[i].mean = c->sum[i] / c->seconds[i];
	return TT_OK;
}

/* --- Cards held ------------------------------------------------------------------------ */

static void add_held(struct course *c, tt_span when, double cards, int nobodys)
{
	for (size_t i = 0; i < c->ret->n; i++) {
		int64_t from = c->ret->start_s + (int64_t)i * c->ret->column_s;
		int64_t to = from + c->ret->column_s;
		double card_s = cards * (double)overlap_s(when, from, to);

		c->seconds[i] += card_s;
		if (nobodys)
			c->sum[i] += card_s;
	}
}

static int is_nobodys(struct course *c, uint32_t pod, int *ret, tt_err *err)
{
	const tt_pod_row *p = tt_pod_at(c->s, pod);
	const char *owner = tt_settings_owner(c->st, p->labels, p->namespace_, c->arena);

	if (!owner)
		return tt_no_memory(err);
	*ret = !*owner;
	return TT_OK;
}

static int make_held(struct course *c, tt_err *err)
{
	unsigned char *nobodys = tt_arena_alloc(c->arena, c->s->table[TT_PODS].n + 1);
	int is = 0;

	if (!nobodys)
		return tt_no_memory(err);
	c->ret->kind = TT_COURSE_HELD;
	for (size_t i = 0; i < c->r->n_pods; i++) {
		const tt_reach_pod *p = &c->r->pods[i];
		const tt_pod_row *row = tt_pod_at(c->s, p->pod);
		tt_span ran;

		TT_TRY(is_nobodys(c, p->pod, &is, err));
		nobodys[p->pod] = (unsigned char)is;
		c->ret->nobodys |= is;
		if (!p->seen && row->gpus > 0 && tt_pod_ran(c->s, row, &ran))
			add_held(c, ran, row->gpus, is);
	}
	for (size_t i = 0; i < c->s->n_holdings; i++) {
		const tt_holding *h = &c->s->holdings[i];

		if (h->pod_index < c->s->table[TT_PODS].n && c->r->is_pod[h->pod_index])
			add_held(c, (tt_span){ h->from_s, h->to_s }, 1, nobodys[h->pod_index]);
	}
	for (size_t i = 0; i < c->ret->n; i++) {
		tt_course_column *to = &c->ret->v[i];
		int64_t from = c->ret->start_s + (int64_t)i * c->ret->column_s;

		to->alive_s = to->measured_s = overlap_s((tt_span){ c->s->start_s, c->s->end_s },
		                                         from, from + c->ret->column_s);
		to->max = c->seconds[i] / (double)to->alive_s;
		to->mean = c->ret->nobodys ? c->sum[i] / (double)to->alive_s : to->max;
	}
	return TT_OK;
}

int tt_course_make(const tt_snapshot *s, const tt_settings *st, const tt_reach *r, int metric,
                   size_t most, tt_arena *arena, tt_course *ret, tt_err *err)
{
	struct course c = {
		.s = s, .st = st, .r = r, .ret = ret, .metric = metric, .arena = arena,
	};

	*ret = (tt_course){
		.metric = metric,
		.busiest = r->kind == TT_SUBJECT_CARD || r->kind == TT_SUBJECT_NODE,
	};
	TT_TRY(make_columns(&c, most, err));
	if (metric != TT_METRIC_NONE)
		TT_TRY(make_metric(&c, err));
	if (ret->kind == TT_COURSE_NONE && r->by_pods && r->n_pods)
		TT_TRY(make_held(&c, err));
	return TT_OK;
}
