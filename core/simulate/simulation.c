/* simulation.c - sets the simulation up, runs worlds until they are enough, and sums up.
 * What a world costs is pricing.c's. */
#include "simulate/simulation.h"
#include "base/memory.h"
#include "base/threads.h"
#include "simulate/lost.h"
#include "simulate/deals.h"
#include "simulate/notes.h"
#include "simulate/service_risk.h"
#include "simulate/setup.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORLDS_MOST = 4096, TOLD = 16 /* times, how far a shift of worlds is */ };

struct run {
	const tt_bound_scenario *sc;
	const tt_bill *bill;
	const tt_sim_options *o;
	tt_simulation *s;
	tt_setup u;
	tt_owners owners;
	tt_results results, point; /* of the worlds, and of the point alone */
	size_t most;            /* worlds */
};

static int set_up(struct run *r, const tt_settings *st, tt_err *err)
{
	TT_TRY(tt_setup_make(r->sc, r->bill, st, r->o->seed, r->most, false, &r->u, err));
	if (!r->o->by_world) {
		TT_TRY(tt_owners_make(r->sc, r->bill, st, r->u.effects, r->s->arena, &r->owners,
				      err));
		tt_pricing_owners(r->u.pricing, &r->owners);
	}
	TT_TRY(tt_pricing_results(r->u.pricing, 1, false, &r->point, err));
	return tt_pricing_results(r->u.pricing, r->most, !r->o->by_world, &r->results, err);
}

/* --- Running -------------------------------------------------------------------------- */

struct shift {                  /* of worlds, split over threads */
	struct run *r;
	size_t from, to;
	int threads;
	int *status;
	tt_err *errs;
};

/* The caller's thread prices the first share and tells how far it is: the others are about as
 * far with theirs. */
static int price_and_tell(const struct shift *s, size_t from, size_t to, tt_err *err)
{
	const tt_sim_options *o = s->r->o;

	for (size_t k = 0, next; from < to; from = next, k++) {
		next = k + 1 < TOLD ? from + (to - from) / (TOLD - k) : to;
		TT_TRY(tt_pricing_worlds(s->r->u.pricing, from, next, &s->r->results, err));
		o->progress(o->progress_ctx, s->from + (next - s->from) * (size_t)s->threads,
			    s->r->most);
	}
	return TT_OK;
}

static void price_share(void *ctx, int i)
{
	struct shift *s = ctx;
	const size_t n = s->to - s->from;
	const size_t from = s->from + n * (size_t)i / (size_t)s->threads;
	const size_t to = s->from + n * ((size_t)i + 1) / (size_t)s->threads;

	if (!i && s->r->o->progress)
		s->status[i] = price_and_tell(s, from, to, &s->errs[i]);
	else
		s->status[i] = tt_pricing_worlds(s->r->u.pricing, from, to, &s->r->results,
						 &s->errs[i]);
}

static int price_worlds(struct run *r, size_t from, size_t to, tt_err *err)
{
	int threads = r->o->threads > 0 ? r->o->threads : tt_processors();
	TT_CLEANUP(tt_freep) int *status = tt_zalloc(64, sizeof *status);
	TT_CLEANUP(tt_freep) tt_err *errs = tt_zalloc(64, sizeof *errs);

	if (threads > 64)
		threads = 64;
	if (!status || !errs)
		return tt_no_memory(err);
	tt_run_threads(threads, price_share,
		       &(struct shift){ r, from, to, threads, status, errs });
	for (int i = 0; i < threads; i++) {
		if (status[i] < 0)
			return tt_fail(err, status[i], "%s", errs[i].text);
	}
	return TT_OK;
}

static int run_worlds(struct run *r, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *room = tt_alloc((r->most + 1) * sizeof *room);
	tt_worlds now;

	if (!room)
		return tt_no_memory(err);
	for (size_t n = 0, to; n < r->most && !r->s->enough; n = to) {
		to = !n ? (r->most < TT_WORLDS_LEAST ? r->most : TT_WORLDS_LEAST) : 2 * n;
		if (to > r->most)
			to = r->most;
		TT_TRY(price_worlds(r, n, to, err));
		r->s->n_worlds = to;
		tt_worlds_summarise(r->results.saving, to, room, &now);
		r->s->enough = r->o->narrow_ratio > 0 &&
			       tt_worlds_enough(&now, r->o->narrow_ratio);
	}
	return TT_OK;
}

/* --- Summing up ----------------------------------------------------------------------- */

struct summary {
	struct run *r;
	int64_t *room, *column;
};

static void sum_up(const struct summary *m, const int64_t *worlds, int64_t point, tt_sim_range *ret)
{
	ret->point = point;
	tt_worlds_summarise(worlds, m->r->s->n_worlds, m->room, &ret->worlds);
}

/* Column `i` of rows of `width`. */
static void sum_column(const struct summary *m, const int64_t *rows, size_t width, size_t i,
		       int64_t point, tt_sim_range *ret)
{
	for (size_t w = 0; w < m->r->s->n_worlds; w++)
		m->column[w] = rows[w * width + i];
	sum_up(m, m->column, point, ret);
}

/* baseline, after and saving of column `i`. */
static void sum_part(const struct summary *m, const int64_t *baseline, const int64_t *after,
		     size_t width, size_t i, int64_t base_point, int64_t after_point,
		     tt_sim_part *ret)
{
	sum_column(m, baseline, width, i, base_point, &ret->baseline);
	sum_column(m, after, width, i, after_point, &ret->after);
	for (size_t w = 0; w < m->r->s->n_worlds; w++)
		m->column[w] = baseline[w * width + i] - after[w * width + i];
	sum_up(m, m->column, base_point - after_point, &ret->saving);
}

static int sum_months(const struct summary *m, tt_err *err)
{
	const tt_calendar *c = &m->r->u.calendar;
	const tt_results *x = &m->r->results;
	tt_simulation *s = m->r->s;
	char name[16];

	s->months = tt_arena_alloc(s->arena, (c->n_months + 1) * sizeof *s->months);
	if (!s->months)
		return tt_no_memory(err);
	for (size_t i = 0; i < c->n_months; i++) {
		tt_sim_part *to = &s->months[s->n_months++];

		tt_calendar_month_text(c, i, name, sizeof name);
		to->name = tt_arena_text(s->arena, name, strlen(name));
		if (!to->name)
			return tt_no_memory(err);
		to->from_s = c->month_starts[i] > c->from_s ? c->month_starts[i] : c->from_s;
		to->to_s = i + 1 < c->n_months ? c->month_starts[i + 1] : c->until_s;
		sum_part(m, x->month_baseline, x->month_after, c->n_months, i,
			 m->r->point.month_baseline[i], m->r->point.month_after[i], to);
	}
	return TT_OK;
}

static int largest_first(const void *pa, const void *pb)
{
	const tt_sim_part *a = pa, *b = pb;
	const int64_t x = a->baseline.point, y = b->baseline.point;

	return x != y ? (x > y ? -1 : 1) : strcmp(a->name, b->name);
}

static int sum_pools(const struct summary *m, tt_err *err)
{
	const tt_pools *p = tt_effects_pools(m->r->u.effects);
	const tt_results *x = &m->r->results;
	tt_simulation *s = m->r->s;
	TT_CLEANUP(tt_buf_free) tt_buf name = { 0 };

	s->pools = tt_arena_alloc(s->arena, (x->n_names + 1) * sizeof *s->pools);
	if (!s->pools)
		return tt_no_memory(err);
	for (size_t i = 0; i < x->n_names; i++) {
		tt_sim_part *to = &s->pools[s->n_pools++];

		name.n = 0;
		if (x->names[i] == UINT32_MAX)
			tt_buf_puts(&name, "(egress)");
		else if (tt_pool_name(&p->v[x->names[i]], &name) < 0)
			return tt_no_memory(err);
		to->name = tt_arena_text(s->arena, tt_buf_text(&name), name.n);
		if (!to->name)
			return tt_no_memory(err);
		to->from_s = m->r->u.calendar.from_s;
		to->to_s = m->r->u.calendar.until_s;
		sum_part(m, x->pool_baseline, x->pool_after, x->n_names, i,
			 m->r->point.pool_baseline[i], m->r->point.pool_after[i], to);
	}
	if (s->n_pools)
		qsort(s->pools, s->n_pools, sizeof *s->pools, largest_first);
	return TT_OK;
}

/* Why a change that is priced saves nothing. */
static const char *why_nothing(const struct run *r, const tt_applied *a)
{
	size_t signed_ = 0, unpriced = 0;

	for (size_t i = 0; i < a->of.n_releases; i++) {
		const char *pricing =
			tt_node_at(r->sc->snapshot, a->of.releases[i].node)->pricing;

		unpriced += r->bill->nodes[a->of.releases[i].node].price_per_hour ==
			    TT_DECIMAL_MISSING;
		signed_ += strcmp(pricing, "reserved") == 0 || strcmp(pricing, "owned") == 0;
	}
	if (unpriced)
		return "nodes that it touches have no price: what it saves of them is not known";
	if (a->of.n_releases && signed_ == a->of.n_releases)
		return "its nodes are reserved or owned: paid for all the same";
	if (a->of.n_added && !a->of.n_releases)
		return "what it adds is held already, and nothing used it";
	return "no instance goes or gets cheaper by this alone";
}

/* Whether a change begins after the horizon, or has ended before. */
static bool is_outside(const struct run *r, size_t change)
{
	tt_outcome o;

	tt_outlook_change(r->u.outlook, TT_WORLD_POINT, change, &o);
	return o.start_s >= o.end_s;
}

static int note_change(struct run *r, size_t i, tt_err *err)
{
	const tt_applied *a = tt_effects_applied(r->u.effects, i);
	tt_sim_change *c = &r->s->changes[i];

	if (is_outside(r, i))
		c->note = "it is not in force within the horizon";
	else if (a->is_dated)
		c->note = "before its date it could not have been done: it is priced in the hours "
			  "of the window after it alone";
	else if (a->of.n_deals)
		return tt_deals_note(r->sc, &a->of, r->s->arena, &c->note, err);
	else if (c->standalone.point == 0 && !c->n_together &&
		 tt_verb_lever(c->of->change.verb) != TT_LEVER_NONE)
		c->note = why_nothing(r, a);
	return TT_OK;
}

static int sum_changes(const struct summary *m, tt_err *err)
{
	struct run *r = m->r;
	const tt_results *x = &r->results;
	const size_t n = r->sc->n_changes;

	r->s->changes = tt_arena_alloc(r->s->arena, (n + 1) * sizeof *r->s->changes);
	if (!r->s->changes)
		return tt_no_memory(err);
	r->s->n_changes = n;
	for (size_t i = 0; i < n; i++) {
		tt_sim_change *c = &r->s->changes[i];
		const char *text = tt_effects_applied(r->u.effects, i)->text;
		size_t adopted = 0;

		c->of = &r->sc->changes[i];
		c->text = tt_arena_text(r->s->arena, text, strlen(text));
		if (!c->text)
			return tt_no_memory(err);
		c->note = "";
		for (size_t w = 0; w < r->s->n_worlds; w++)
			adopted += x->adopted[w * n + i];
		c->adopted_ratio = (double)adopted / (double)r->s->n_worlds;
		sum_column(m, x->standalone, n, i, r->point.standalone[i], &c->standalone);
		sum_column(m, x->in_set, n, i, r->point.in_set[i], &c->in_set);
	}
	TT_TRY(tt_simulation_lost(&r->u, r->sc, r->s, err));
	for (size_t i = 0; i < n; i++)
		TT_TRY(note_change(r, i, err));
	return TT_OK;
}

/* Months that are long enough to stand for one, over all worlds. */
static void sum_budget(const struct summary *m, size_t i, int64_t *room, tt_sim_budget *b)
{
	const tt_results *x = &m->r->results;
	const tt_simulation *s = m->r->s;
	const double amount = tt_decimal_f64(b->of->amount_per_month) * 1e6;
	size_t within = 0, before = 0, n = 0;

	for (size_t k = 0; k < s->n_worlds * s->n_months; k++) {
		const tt_sim_part *month = &s->months[k % s->n_months];
		const double per = 730.0 * 3600 / (double)(month->to_s - month->from_s);
		const size_t at = (k / s->n_months * x->n_budgets + i) * s->n_months +
				  k % s->n_months;

		if (month->to_s - month->from_s < 7 * 86400)
			continue;
		room[n] = llround((double)x->budget_after[at] * per);
		within += (double)room[n++] <= amount;
		before += (double)x->budget_baseline[at] * per <= amount;
	}
	if (!n)
		return;
	tt_order_sort(room, n);
	b->within_ratio = (double)within / (double)n;
	b->baseline_within_ratio = (double)before / (double)n;
	b->p90_per_month = tt_order_quantile(room, n, 900000);
}

static int sum_budgets(const struct summary *m, tt_err *err)
{
	const tt_owners *o = &m->r->owners;
	tt_simulation *s = m->r->s;
	TT_CLEANUP(tt_freep) int64_t *room =
		tt_alloc((s->n_worlds * s->n_months + 1) * sizeof *room);

	s->budgets = tt_arena_alloc(s->arena, (o->n + 1) * sizeof *s->budgets);
	if (!s->budgets || !room)
		return tt_no_memory(err);
	for (size_t i = 0; i < o->n; i++) {
		tt_sim_budget *b = &s->budgets[s->n_budgets++];

		*b = (tt_sim_budget){ .of = o->budgets[i], .within_ratio = NAN,
				      .baseline_within_ratio = NAN,
				      .p90_per_month = TT_MONEY_UNKNOWN };
		if (o->known[i])
			sum_budget(m, i, room, b);
	}
	return TT_OK;
}

static void free_names(tt_names **names)
{
	tt_names_free(*names);
}

/* Of pools that are touched: packing the others is no answer to this scenario. */
static int price_repacking(struct run *r, const tt_settings *st, tt_err *err)
{
	TT_CLEANUP(free_names) tt_names *groups = tt_names_new();

	if (!groups)
		return tt_no_memory(err);
	for (size_t i = 0; i < r->sc->n_changes; i++) {
		const tt_case *c = &tt_effects_applied(r->u.effects, i)->of;

		for (size_t k = 0; k < c->n_releases; k++) {
			if (!k || c->releases[k].node != c->releases[k - 1].node)
				TT_TRY(tt_repack_touched(c->snapshot, c->releases[k].node, groups,
							 err));
		}
	}
	return tt_repack_worths(r->sc->snapshot, st, groups, r->s->arena, &r->s->repacking, err);
}

static int keep_worlds(struct run *r, tt_err *err)
{
	r->s->by_world = tt_alloc(sizeof *r->s->by_world);
	if (!r->s->by_world)
		return tt_no_memory(err);
	*r->s->by_world = r->results;
	r->s->by_world->names = NULL; /* the pricing's own */
	r->results = (tt_results){ 0 };
	return TT_OK;
}

static int summarise(struct run *r, const tt_settings *st, tt_err *err)
{
	tt_simulation *s = r->s;
	const tt_results *x = &r->results;
	TT_CLEANUP(tt_freep) int64_t *room = tt_alloc((s->n_worlds + 1) * sizeof *room);
	TT_CLEANUP(tt_freep) int64_t *column = tt_alloc((s->n_worlds + 1) * sizeof *column);
	const struct summary m = { r, room, column };

	s->savings = tt_arena_alloc(s->arena, (s->n_worlds + 1) * sizeof *s->savings);
	if (!room || !column || !s->savings)
		return tt_no_memory(err);
	memcpy(s->savings, x->saving, s->n_worlds * sizeof *s->savings);
	sum_up(&m, x->baseline, r->point.baseline[0], &s->baseline);
	sum_up(&m, x->after, r->point.after[0], &s->after);
	sum_up(&m, x->saving, r->point.saving[0], &s->saving);
	for (size_t i = 0; i < 2; i++)
		sum_column(&m, x->lever, 2, i, r->point.lever[i], &s->by_lever[i]);
	s->weeks_measured = r->u.calendar.whole_weeks;
	s->unknown_gpu_hours = r->bill->unknown_gpu_hours;
	s->baseline_service = s->after_service = s->added_service =
		(tt_sim_service){ NAN, NAN, NAN, NAN };
	if (r->o->by_world)
		return keep_worlds(r, err);
	TT_TRY(sum_months(&m, err));
	TT_TRY(sum_pools(&m, err));
	TT_TRY(sum_changes(&m, err));
	TT_TRY(sum_budgets(&m, err));
	TT_TRY(price_repacking(r, st, err));
	TT_TRY(tt_service_risk(&r->u, r->sc, st, x, s, err));
	return tt_simulation_notes(&r->u, r->s, err);
}

/* --- All of it ------------------------------------------------------------------------ */

static int run(struct run *r, const tt_settings *st, tt_err *err)
{
	TT_TRY(set_up(r, st, err));
	r->s->from_s = r->u.calendar.from_s;
	r->s->until_s = r->u.calendar.until_s;
	TT_TRY(tt_pricing_one(r->u.pricing, TT_WORLD_POINT, &r->point, err));
	TT_TRY(run_worlds(r, err));
	return summarise(r, st, err);
}

int tt_simulate(const tt_bound_scenario *sc, const tt_bill *baseline, const tt_settings *st,
		const tt_sim_options *o, tt_simulation **ret, tt_err *err)
{
	TT_CLEANUP(tt_simulation_freep) tt_simulation *s = tt_zalloc(1, sizeof *s);
	struct run r = { .sc = sc, .bill = baseline, .o = o, .s = s,
			 .most = o->most_worlds ? o->most_worlds : WORLDS_MOST };

	if (!s)
		return tt_no_memory(err);
	s->scenario = sc;
	s->bill = baseline;
	s->seed = o->seed;
	if (!(s->arena = tt_arena_new()))
		return tt_no_memory(err);

	int rc = run(&r, st, err);

	tt_results_free(&r.results);
	tt_results_free(&r.point);
	tt_setup_free(&r.u);
	if (rc < 0)
		return rc;
	*ret = s;
	s = NULL;
	return TT_OK;
}

void tt_simulation_free(tt_simulation *s)
{
	if (!s)
		return;
	if (s->by_world)
		tt_results_free(s->by_world);
	tt_free(s->by_world);
	tt_arena_free(s->arena);
	tt_free(s);
}

void tt_simulation_freep(tt_simulation **s)
{
	tt_simulation_free(*s);
	*s = NULL;
}
