#include "simulate/service_risk.h"
#include <math.h>
#include <string.h>

struct risk {
	const tt_setup *u;
	const tt_bound_scenario *sc;
	const tt_results *worlds;
	tt_simulation *s;
};

/* --- Interruptions -------------------------------------------------------------------- */

/* How often what is on spot already is interrupted, nobody said. */
static bool is_untold(const struct risk *r, uint32_t pool)
{
	const tt_pool *p = &tt_effects_pools(r->u->effects)->v[pool];

	return strcmp(p->pricing, "spot") == 0 && !p->terms;
}

/* Nothing is interrupted where nothing can be taken away. */
static double interruptions_before(const struct risk *r)
{
	const tt_capacity *c = tt_effects_baseline(r->u->effects);

	for (size_t i = 0; i < c->n; i++) {
		if (is_untold(r, c->v[i].pool))
			return NAN;
	}
	return 0;
}

/* Whether it takes something off terms of which nobody said how often. */
static int touches_untold(const struct risk *r, size_t change, bool *ret, tt_err *err)
{
	const tt_applied *a = tt_effects_applied(r->u->effects, change);
	tt_set one = { 0 };
	size_t number;

	tt_set_add(&one, a->place);
	TT_TRY(tt_effects_of(r->u->effects, a->component, &one, &number, err));
	const tt_capacity *delta = tt_effects_delta(r->u->effects, a->component, number);
	*ret = false;
	for (size_t i = 0; i < delta->n; i++)
		*ret |= is_untold(r, delta->v[i].pool);
	return TT_OK;
}

/* More of them by a change, as far as they are known: a mean over worlds. */
static double interruptions_of(const struct risk *r, size_t change)
{
	double sum = 0;

	for (size_t w = 0; w < r->s->n_worlds; w++)
		sum += r->worlds->interruptions[w * r->worlds->n_changes + change];
	return sum / (double)r->s->n_worlds;
}

/* --- Waiting -------------------------------------------------------------------------- */

/* Of the horizon, how much of it a change is in force and realised, a mean over worlds. */
static double share_in_force(const struct risk *r, size_t change)
{
	const double horizon_s = (double)(r->s->until_s - r->s->from_s);
	double sum = 0;
	tt_outcome o;

	for (size_t w = 0; w < r->s->n_worlds; w++) {
		tt_outlook_change(r->u->outlook, w, change, &o);
		if (o.adopted && o.end_s > o.start_s)
			sum += (double)(o.end_s - o.start_s) / horizon_s * o.realised_ratio;
	}
	return sum / (double)r->s->n_worlds;
}

static int ask(const struct risk *r, size_t change, const tt_settings *st, tt_service *ret,
	       tt_err *err)
{
	tt_err why = { 0 };
	const int rc = tt_change_service(tt_effects_applied(r->u->effects, change)->change,
					 r->sc->snapshot, st, ret, &why);

	if (rc == TT_ENOMEM)
		return tt_no_memory(err);
	if (rc < 0)
		*ret = tt_service_unknown();
	return TT_OK;
}

struct latencies {              /* weighed by requests */
	double requests, before_ms, after_ms;
};

static void add_latency(struct latencies *sum, const tt_service *of, double share)
{
	const double weight = of->requests * share;

	if (!(weight > 0) || isnan(of->p95_after_ms))
		return;
	sum->requests += weight;
	sum->before_ms += weight * of->p95_before_ms;
	sum->after_ms += weight * of->p95_after_ms;
}

static void add(double *sum, double v)
{
	*sum += isnan(v) ? 0 : v;
}

static int weigh(struct risk *r, size_t i, const tt_settings *st, struct latencies *latency,
		 tt_err *err)
{
	const tt_snapshot *snapshot = r->sc->snapshot;
	const double windows = (double)(r->s->until_s - r->s->from_s) /
			       (double)(snapshot->end_s - snapshot->start_s);
	tt_sim_change *c = &r->s->changes[i];
	tt_service *of = &c->service;
	bool untold;

	TT_TRY(ask(r, i, st, of, err));
	const double share = share_in_force(r, i);
	c->added = (tt_sim_service){ .cold_starts = of->cold_starts * windows * share,
		.overload_service_minutes = of->overload_service_minutes * windows * share,
		.p95_latency_ms = of->requests > 0 ? of->p95_after_ms - of->p95_before_ms :
						     of->requests };
	if (isnan(of->cold_starts) || isnan(of->overload_service_minutes))
		r->s->service_unknown++;
	if (isnan(c->added.p95_latency_ms))
		r->s->latency_unknown++;
	add_latency(latency, of, share);
	c->added.interruptions = interruptions_of(r, i);
	TT_TRY(touches_untold(r, i, &untold, err));
	r->s->interruptions_untold += untold;
	add(&r->s->added_service.cold_starts, c->added.cold_starts);
	add(&r->s->added_service.overload_service_minutes, c->added.overload_service_minutes);
	r->s->added_service.interruptions += c->added.interruptions;
	return TT_OK;
}

static void sum_latency(tt_simulation *s, const struct latencies *l)
{
	const bool any = l->requests > 0;

	s->baseline_service.p95_latency_ms = any ? l->before_ms / l->requests : NAN;
	s->after_service.p95_latency_ms = any ? l->after_ms / l->requests : NAN;
	s->added_service.p95_latency_ms = any ?
		s->after_service.p95_latency_ms - s->baseline_service.p95_latency_ms :
		s->latency_unknown ? NAN : 0;
}

int tt_service_risk(const tt_setup *u, const tt_bound_scenario *sc, const tt_settings *st,
		    const tt_results *worlds, tt_simulation *s, tt_err *err)
{
	struct risk r = { u, sc, worlds, s };
	struct latencies latency = { 0 };

	s->added_service = (tt_sim_service){ 0 };
	for (size_t i = 0; i < sc->n_changes; i++)
		TT_TRY(weigh(&r, i, st, &latency, err));
	if (s->service_unknown && s->service_unknown == sc->n_changes) /* nobody could tell */
		s->added_service.cold_starts = s->added_service.overload_service_minutes = NAN;
	sum_latency(s, &latency);
	s->baseline_service.interruptions = interruptions_before(&r);
	s->after_service.interruptions = s->baseline_service.interruptions +
					 s->added_service.interruptions;
	return TT_OK;
}
