#include "change/schedule.h"
#include "base/memory.h"
#include "bill/activity.h"
#include "change/stops.h"
#include "change/targets.h"
#include <math.h>

struct schedule {
	const tt_change *c;
	tt_case *cs;
	tt_span force;
	int64_t timeout_s, cold_start_s; /* timeout_s -1: none */
	tt_activity *activity;
	double *mean, *peak;    /* [steps] of one target */
	tt_spans out;           /* of hours, in force */
	tt_spans idle, off, on, gaps, freed; /* scratch */
};

/* Whole seconds, rounded up: the side that saves less. */
static int64_t seconds(const tt_change *c, const char *key, int64_t none)
{
	const tt_change_arg *arg = tt_change_get(c, key);

	return arg ? (int64_t)ceil(arg->number) : none;
}

static int open_schedule(struct schedule *p, tt_err *err)
{
	p->timeout_s = seconds(p->c, "idle_timeout_s", -1);
	p->cold_start_s = seconds(p->c, "cold_start_s", 0);
	p->force = tt_change_force(p->c, p->cs->snapshot);
	TT_TRY(tt_change_hours(p->c, p->force, true, &p->out, err));
	if (p->timeout_s < 0)
		return TT_OK;

	if (!tt_snapshot_steps(p->cs->snapshot))
		return TT_OK; /* no subject is measured, then */
	TT_TRY(tt_activity_open(p->cs->snapshot, &p->activity, err));
	p->mean = tt_zalloc(tt_activity_steps(p->activity), sizeof *p->mean);
	p->peak = tt_zalloc(tt_activity_steps(p->activity), sizeof *p->peak);
	return p->mean && p->peak ? TT_OK : tt_no_memory(err);
}

static void close_schedule(struct schedule *p)
{
	tt_activity_close(p->activity);
	tt_free(p->mean);
	tt_free(p->peak);
	tt_spans_free(&p->out);
	tt_spans_free(&p->idle);
	tt_spans_free(&p->off);
	tt_spans_free(&p->on);
	tt_spans_free(&p->gaps);
	tt_spans_free(&p->freed);
}

static int clip(const tt_spans *v, tt_span to, tt_spans *ret, tt_err *err)
{
	ret->n = 0;
	for (size_t i = 0; i < v->n && v->v[i].from_s < to.to_s; i++) {
		int64_t from_s = v->v[i].from_s > to.from_s ? v->v[i].from_s : to.from_s;
		int64_t to_s = v->v[i].to_s < to.to_s ? v->v[i].to_s : to.to_s;

		TT_TRY(tt_spans_add(ret, from_s, to_s, err));
	}
	return TT_OK;
}

/* Stops of a target while the hours let it run: it has to be there when they begin, so
 * idleness is counted from then. */
static int stop_idle(struct schedule *p, const tt_targets *t, size_t i, tt_span life,
		     int64_t *known_s, tt_err *err)
{
	const tt_spans all = { .v = &life, .n = 1 };
	int64_t s;

	if (t->nodes)
		TT_TRY(tt_activity_of_node(p->activity, t->v[i], life, p->mean, p->peak, err));
	else
		TT_TRY(tt_activity_of_pod(p->activity, t->v[i], life, p->mean, p->peak, err));
	TT_TRY(tt_activity_idle(p->cs->snapshot, p->peak, life, &p->idle, &s, err));
	*known_s += s;
	TT_TRY(tt_spans_subtract(&all, &p->out, &p->on, err));
	for (size_t k = 0; k < p->on.n; k++) {
		TT_TRY(clip(&p->idle, p->on.v[k], &p->gaps, err));
		TT_TRY(tt_stops_after(&p->gaps, p->timeout_s, &p->off, err));
	}
	return TT_OK;
}

static int stop_target(struct schedule *p, const tt_targets *t, size_t i, int64_t *known_s,
		       tt_err *err)
{
	tt_release what;
	tt_span life, run;

	if (!tt_targets_release(t, p->cs->snapshot, i, &what, &life))
		return TT_OK;
	run = life; /* what of it the change is in force for */
	if (run.from_s < p->force.from_s)
		run.from_s = p->force.from_s;
	if (run.to_s > p->force.to_s)
		run.to_s = p->force.to_s;
	if (run.from_s >= run.to_s)
		return TT_OK;
	TT_TRY(clip(&p->out, run, &p->off, err));
	if (p->activity)
		TT_TRY(stop_idle(p, t, i, run, known_s, err));
	tt_spans_tidy(&p->off);
	p->freed.n = 0;
	TT_TRY(tt_stops_free(&p->off, life.to_s, p->cold_start_s, &p->freed, err));
	return tt_case_release(p->cs, &what, &p->freed, err);
}

static int apply(struct schedule *p, tt_targets *t, tt_err *err)
{
	TT_TRY(open_schedule(p, err));
	for (size_t k = 0; k < p->c->n_subjects; k++) {
		const tt_change_subject *subject = &p->c->subjects[k];
		int64_t known_s = 0;

		TT_TRY(tt_targets_find(p->c, subject, p->cs->snapshot, t, err));
		for (size_t i = 0; i < t->n; i++)
			TT_TRY(stop_target(p, t, i, &known_s, err));
		if (p->timeout_s >= 0 && !known_s)
			return tt_fail(err, TT_ENODATA,
				       "schedule: the activity of %s \"%s\" was not measured, "
				       "which idle_timeout_s needs",
				       tt_subject_kind_text(subject->kind), subject->id);
	}
	return TT_OK;
}

int tt_schedule_apply(const tt_change *c, tt_case *cs, tt_err *err)
{
	TT_CLEANUP(close_schedule) struct schedule p = { .c = c, .cs = cs };
	TT_CLEANUP(tt_targets_free) tt_targets t = { 0 };

	return apply(&p, &t, err);
}
