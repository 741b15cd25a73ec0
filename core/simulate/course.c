#include "simulate/course.h"
#include "base/memory.h"
#include "simulate/setup.h"
#include <string.h>

static int tell_hours(const tt_setup *u, const tt_bound_scenario *sc, const tt_results *r,
		      tt_course *c, tt_err *err)
{
	const tt_calendar *k = &u->calendar;

	c->hours = tt_arena_alloc(c->arena, (k->n_pieces + 1) * sizeof *c->hours);
	if (!c->hours)
		return tt_no_memory(err);
	for (size_t i = 0; i < k->n_pieces; i++) {
		const tt_piece *p = &k->pieces[i];
		const size_t at = tt_calendar_hour(k, r->block[p->week],
						   k->ranges[p->range].from_h);

		c->hours[c->n_hours++] = (tt_course_hour){
			.at_s = p->from_s,
			.measured_s = sc->snapshot->start_s + (int64_t)at * 3600,
			.baseline_micro = r->piece_baseline[i], .after_micro = r->piece_after[i],
			.baseline_instances = r->piece_instances[i],
			.after_instances = r->piece_instances_after[i] };
	}
	return TT_OK;
}

static int tell_changes(const tt_setup *u, const tt_results *r, uint64_t world, tt_course *c,
			tt_err *err)
{
	c->changes = tt_arena_alloc(c->arena, (r->n_changes + 1) * sizeof *c->changes);
	if (!c->changes)
		return tt_no_memory(err);
	for (size_t i = 0; i < r->n_changes; i++) {
		const char *text = tt_effects_applied(u->effects, i)->text;
		tt_course_change *to = &c->changes[c->n_changes++];
		tt_outcome o;

		tt_outlook_change(u->outlook, world, i, &o);
		to->text = tt_arena_text(c->arena, text, strlen(text));
		if (!to->text)
			return tt_no_memory(err);
		to->adopted = o.adopted;
		to->realised_ratio = o.realised_ratio;
		to->start_s = o.start_s;
		to->end_s = o.end_s;
		to->saving_micro = r->in_set[i];
	}
	return TT_OK;
}

static int tell(const tt_setup *u, const tt_bound_scenario *sc, uint64_t world, tt_course *c,
		tt_err *err)
{
	TT_CLEANUP(tt_results_free) tt_results r = { 0 };

	TT_TRY(tt_pricing_results(u->pricing, 1, false, &r, err));
	TT_TRY(tt_results_pieces(&r, u->calendar.n_pieces, u->calendar.n_weeks, err));
	TT_TRY(tt_pricing_one(u->pricing, world, &r, err));
	c->scenario = sc;
	c->world = world;
	c->from_s = u->calendar.from_s;
	c->until_s = u->calendar.until_s;
	c->baseline_micro = r.baseline[0];
	c->after_micro = r.after[0];
	TT_TRY(tell_hours(u, sc, &r, c, err));
	return tell_changes(u, &r, world, c, err);
}

int tt_simulate_course(const tt_bound_scenario *sc, const tt_bill *baseline,
		       const tt_settings *st, uint64_t seed, uint64_t world, tt_course **ret,
		       tt_err *err)
{
	TT_CLEANUP(tt_course_freep) tt_course *c = tt_zalloc(1, sizeof *c);
	TT_CLEANUP(tt_setup_free) tt_setup u = { 0 };
	const size_t worlds = world == TT_WORLD_POINT ? 1 : (size_t)world + 1;

	if (!c || !(c->arena = tt_arena_new()))
		return tt_no_memory(err);
	TT_TRY(tt_setup_make(sc, baseline, st, seed, worlds < 16 ? 16 : worlds, true, &u, err));
	c->seed = seed;
	TT_TRY(tell(&u, sc, world, c, err));
	*ret = c;
	c = NULL;
	return TT_OK;
}

void tt_course_free(tt_course *c)
{
	if (!c)
		return;
	tt_arena_free(c->arena);
	tt_free(c);
}

void tt_course_freep(tt_course **c)
{
	tt_course_free(*c);
	*c = NULL;
}
