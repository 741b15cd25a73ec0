/* service.c - per verb: stops and starts out of what the change releases, load against what
 * its policy has there. */
#include "change/service.h"
#include "base/memory.h"
#include "bill/activity.h"
#include "change/apply.h"
#include "change/latency.h"
#include "change/sizing.h"
#include "maths/cold_start.h"
#include <math.h>
#include <string.h>

enum { MINUTE_S = 60 };

static const double mib_bytes = 1048576;

/* --- A cold start ---------------------------------------------------------------------------- */

static double boot_s(const tt_snapshot *s, size_t node)
{
	const tt_rows *groups = &s->table[TT_NODE_GROUPS];
	const size_t at = tt_rows_find(groups, tt_node_at(s, node)->node_group);
	const tt_node_group_row *g =
		at == SIZE_MAX ? NULL : TT_ROW(groups, tt_node_group_row, at);

	return g && !isnan(g->boot_s) ? g->boot_s : TT_COLD_NODE_S;
}

/* Of a pod whose node has to come back for it, or of a node alone. */
double tt_service_cold_start_s(const tt_snapshot *s, const tt_release *r)
{
	const tt_rows *workloads = &s->table[TT_WORKLOADS];
	const tt_workload_row *w = NULL;
	size_t at = SIZE_MAX;

	if (r->pod == TT_NO_POD)
		return boot_s(s, r->node);
	at = tt_rows_find(workloads, tt_pod_at(s, r->pod)->workload);
	w = at == SIZE_MAX ? NULL : TT_ROW(workloads, tt_workload_row, at);
	return !w ? NAN : tt_cold_start_s(&(tt_cold_start){
		.node_s = boot_s(s, r->node), .image_bytes = w->image_size_mib * mib_bytes,
		.image_bytes_per_s = TT_COLD_IMAGE_BYTES_PER_S,
		.model_bytes = w->model_size_mib * mib_bytes,
		.read_bytes_per_s = TT_COLD_READ_BYTES_PER_S,
		.copy_bytes_per_s = TT_COLD_COPY_BYTES_PER_S, .init_s = TT_COLD_INIT_S,
	}, NULL);
}

/* --- Stops ------------------------------------------------------------------------------------ */

struct stops {
	const tt_snapshot *s;
	double said_s;          /* what a start takes; NaN: to be estimated */
	double starts, start_s; /* number, and seconds of all of them */
	tt_activity *activity;  /* NULL: not asked for */
	double *mean, *peak;
	tt_names *services;     /* workloads, else node groups */
	tt_spans *overload; size_t n, cap; /* [n] of each: nobody is there for its work */
	bool all_known;
};

static void close_stops(struct stops *p)
{
	for (size_t i = 0; i < p->n; i++)
		tt_spans_free(&p->overload[i]);
	tt_free(p->overload);
	tt_names_free(p->services);
	tt_activity_close(p->activity);
	tt_free(p->mean);
	tt_free(p->peak);
}

/* Whose stop it is: replicas of a service that lack at the same time are one overload. */
static tt_spans *overload_of(struct stops *p, const tt_release *r)
{
	const char *name = tt_node_at(p->s, r->node)->node_group;

	if (r->pod != TT_NO_POD && *tt_pod_at(p->s, r->pod)->workload)
		name = tt_pod_at(p->s, r->pod)->workload;
	if (!p->services && !(p->services = tt_names_new()))
		return NULL;
	const int64_t at = tt_names_add(p->services, name, strlen(name));
	if (at < 0)
		return NULL;
	while (p->n <= (size_t)at) {
		if (!TT_GROW(p->overload, p->n, p->cap))
			return NULL;
		p->overload[p->n++] = (tt_spans){ 0 };
	}
	return &p->overload[at];
}

static double overload_s(struct stops *p)
{
	double sum = 0;

	for (size_t i = 0; i < p->n; i++) {
		tt_spans_tidy(&p->overload[i]);
		sum += (double)tt_spans_length_s(&p->overload[i]);
	}
	return sum;
}

/* Whether work came while it was stopped. */
static int look_inside(struct stops *p, const tt_release *r, tt_spans *overload, tt_err *err)
{
	const tt_span when = { r->from_s, r->to_s };
	size_t first, end;

	if (r->pod == TT_NO_POD)
		TT_TRY(tt_activity_of_node(p->activity, r->node, when, p->mean, p->peak, err));
	else
		TT_TRY(tt_activity_of_pod(p->activity, r->pod, when, p->mean, p->peak, err));
	tt_activity_range(p->s, when, &first, &end);
	for (size_t i = first; i < end; i++) {
		const tt_span step = tt_activity_step(p->s, i);
		const int64_t from_s = step.from_s > when.from_s ? step.from_s : when.from_s;
		const int64_t to_s = step.to_s < when.to_s ? step.to_s : when.to_s;

		if (isnan(p->peak[i]))
			p->all_known = false;
		else if (p->peak[i] >= TT_IDLE_BELOW_PCT)
			TT_TRY(tt_spans_add(overload, from_s, to_s, err));
	}
	return TT_OK;
}

static int count_stop(struct stops *p, const tt_release *r, tt_err *err)
{
	tt_span life = tt_node_life(p->s, r->node), ran;
	tt_spans *overload = overload_of(p, r);

	if (!overload)
		return tt_no_memory(err);
	if (r->pod != TT_NO_POD) {
		if (!tt_pod_ran(p->s, tt_pod_at(p->s, r->pod), &ran))
			return TT_OK;
		life = ran;
	}
	if (r->to_s < life.to_s) {
		const double s = isnan(p->said_s) ? tt_service_cold_start_s(p->s, r) : p->said_s;

		p->starts++;
		p->start_s += s;
		if (s > 0)
			TT_TRY(tt_spans_add(overload, r->to_s, r->to_s + (int64_t)ceil(s), err));
	}
	return p->activity ? look_inside(p, r, overload, err) : TT_OK;
}

/* Without what its starts cost, a change releases all of what it stops. */
static int find_stops(const tt_change *c, const char *cost_key, const tt_snapshot *s,
		      const tt_settings *st, struct stops *p, tt_err *err)
{
	const tt_change free_starts = tt_change_without(c, cost_key);
	tt_case cs;
	int rc;

	tt_case_init(&cs, s, st);
	rc = tt_change_apply(&free_starts, &cs, err);
	for (size_t i = 0; i < cs.n_releases && rc == TT_OK; i++)
		rc = count_stop(p, &cs.releases[i], err);
	tt_case_reset(&cs);
	return rc;
}

static void tell_starts(struct stops *p, tt_service *ret)
{
	ret->cold_starts = p->starts;
	ret->cold_start_s = p->starts > 0 ? p->start_s / p->starts : NAN;
	ret->overload_service_minutes = isnan(p->start_s) || !p->all_known ?
					NAN : overload_s(p) / MINUTE_S;
}

/* What is stopped by the hour is not served then; what is stopped when idle, while it starts. */
static int of_schedule(const tt_change *c, const tt_snapshot *s, const tt_settings *st,
		       tt_service *ret, tt_err *err)
{
	const tt_change_arg *said = tt_change_get(c, "cold_start_s");
	const bool hours = tt_change_get(c, "hours") != NULL;
	TT_CLEANUP(close_stops) struct stops p = { .s = s, .said_s = said ? said->number : NAN,
						   .all_known = true };

	if (hours && tt_snapshot_steps(s)) {
		TT_TRY(tt_activity_open(s, &p.activity, err));
		p.mean = tt_zalloc(tt_activity_steps(p.activity), sizeof *p.mean);
		p.peak = tt_zalloc(tt_activity_steps(p.activity), sizeof *p.peak);
		if (!p.mean || !p.peak)
			return tt_no_memory(err);
	}
	p.all_known = !hours || p.activity;
	TT_TRY(find_stops(c, "cold_start_s", s, st, &p, err));
	tell_starts(&p, ret);
	return TT_OK;
}

static int of_pool(const tt_change *c, const tt_snapshot *s, const tt_settings *st,
		   tt_service *ret, tt_err *err)
{
	const tt_change_arg *said = tt_change_get(c, "boot_s");
	TT_CLEANUP(close_stops) struct stops p = { .s = s, .said_s = said ? said->number : NAN,
						   .all_known = true };

	if (tt_change_get(c, "nodes"))
		return TT_OK; /* who is left without a node is not known */
	TT_TRY(find_stops(c, "boot_s", s, st, &p, err));
	tell_starts(&p, ret);
	return TT_OK;
}

/* --- Load against replicas -------------------------------------------------------------------- */

struct load {
	double came, unserved;  /* replicas' worth, x s */
	double overload_s, known_s, starts;
	double waited;          /* load x s of wait */
	bool waits_known;
};

/* Replicas that a step has and the one before had not: they were started for it. */
static void add_steps(const tt_sizing *z, struct load *sum)
{
	int64_t before = -1;

	for (size_t i = 0; i < z->n; i++) {
		const tt_span step = tt_sizing_step(z, i);
		const double s = (double)(step.to_s - step.from_s);
		const double load = (double)z->load_u6[i] / 1e6, there = (double)z->wanted[i];

		if (step.from_s >= step.to_s || z->unknown[i]) {
			before = -1;
			continue;
		}
		sum->known_s += s;
		sum->came += load * s;
		if (load > there) {
			sum->overload_s += s;
			sum->unserved += (load - there) * s;
		}
		if (before >= 0 && z->wanted[i] > before)
			sum->starts += (double)(z->wanted[i] - before);
		before = z->wanted[i];
	}
}

static int add_subject(const tt_change *c, const tt_change_subject *subject,
		       const tt_snapshot *s, struct load *sum, tt_err *err)
{
	TT_CLEANUP(tt_targets_free) tt_targets t = { 0 };
	TT_CLEANUP(tt_members_free) tt_members m = { 0 };
	TT_CLEANUP(tt_sizing_free) tt_sizing z = { 0 };
	struct load one = { 0 };

	TT_TRY(tt_targets_find(c, subject, s, &t, err));
	TT_TRY(tt_members_make(&t, s, &m, err));
	TT_TRY(tt_sizing_make(c, subject, &m, s, &z, err));
	add_steps(&z, &one);
	if (z.simulated) { /* knows what became of what was not served at once */
		one.overload_s = (double)z.sum.overloaded_s;
		one.unserved = fmin(z.sum.unserved_load_s, one.came);
		one.starts = (double)z.sum.cold_starts;
	}
	sum->came += one.came;
	sum->unserved += one.unserved;
	sum->overload_s += one.overload_s;
	sum->known_s += one.known_s;
	sum->starts += one.starts;
	sum->waits_known &= !isnan(z.wait_s);
	sum->waited += z.wait_s * one.came;
	return TT_OK;
}

static int of_replicas(const tt_change *c, const tt_snapshot *s, tt_service *ret, tt_err *err)
{
	const tt_change_arg *ready = tt_change_get(c, "ready_s");
	struct load sum = { .waits_known = true };

	for (size_t i = 0; i < c->n_subjects; i++)
		TT_TRY(add_subject(c, &c->subjects[i], s, &sum, err));
	if (!(sum.known_s > 0))
		return TT_OK;
	ret->cold_starts = sum.starts;
	ret->cold_start_s = ready && sum.starts > 0 ? ready->number : NAN;
	ret->overload_service_minutes = sum.overload_s / MINUTE_S;
	ret->unserved_ratio = sum.came > 0 ? sum.unserved / sum.came : 0;
	ret->wait_s = sum.waits_known && sum.came > 0 ? sum.waited / sum.came : NAN;
	return TT_OK;
}

/* --- Which verb ------------------------------------------------------------------------------- */

static bool is_only_money(const tt_change *c)
{
	const tt_change_arg *pricing = tt_change_get(c, "pricing");

	if (c->verb == TT_LABEL || c->verb == TT_COMMIT)
		return true;
	return c->verb == TT_REPRICE && !tt_change_get(c, "provider") &&
	       !tt_change_get(c, "region") && (!pricing || strcmp(pricing->text, "spot") != 0);
}

tt_service tt_service_unknown(void)
{
	return (tt_service){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
}

/* --- All ------------------------------------------------------------------------------------- */

static int of_stops_and_load(const tt_change *c, const tt_snapshot *s, const tt_settings *st,
			     tt_service *ret, tt_err *err)
{
	const tt_change_arg *factor = tt_change_get(c, "factor");

	if (c->verb == TT_SCALE) { /* demand has what it takes, whatever it is */
		ret->overload_service_minutes = ret->unserved_ratio = 0;
		if (factor && factor->number <= 1 && !tt_change_get(c, "profile"))
			ret->cold_starts = 0;
	} else if (c->verb == TT_SCHEDULE) {
		return of_schedule(c, s, st, ret, err);
	} else if (c->verb == TT_RESIZE && c->subjects[0].kind == TT_SUBJECT_NODE_GROUP) {
		return of_pool(c, s, st, ret, err);
	} else if (c->verb == TT_RESIZE) {
		return of_replicas(c, s, ret, err);
	}
	return TT_OK;
}

int tt_change_service(const tt_change *c, const tt_snapshot *s, const tt_settings *st,
		      tt_service *ret, tt_err *err)
{
	tt_request_latency latency;
	tt_err why = { 0 };

	*ret = tt_service_unknown();
	if (is_only_money(c)) {
		*ret = (tt_service){ 0, NAN, 0, 0, 0, 0, NAN, NAN };
		return TT_OK;
	}
	TT_TRY(of_stops_and_load(c, s, st, ret, err));
	if (tt_change_latency(c, s, st, &latency, &why) < 0) /* it is not known, then */
		return why.status == TT_ENOMEM ? tt_no_memory(err) : TT_OK;
	ret->requests = latency.requests;
	ret->p95_before_ms = latency.p95_before_ms;
	ret->p95_after_ms = latency.p95_after_ms;
	return TT_OK;
}
