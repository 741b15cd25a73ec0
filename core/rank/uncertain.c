#include "rank/uncertain.h"
#include "base/memory.h"
#include "simulate/simulation.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MONTH_H = 730, WEEK_H = 168 };
enum { P10 = 100000, P50 = 500000, P90 = 900000 };

struct item {                   /* a finding as the simulator has it */
	tt_ranked *r;
	tt_assumed adoption, realisation;
};

struct months {
	tt_plan *plan;
	tt_scenario scenario;
	tt_bound_scenario bound;
	tt_assumed no_delay;
	struct item *items;     /* [n] steps first, in their order */
	size_t n;
	int64_t hours;          /* whole ones of the window */
	int64_t horizon_s;
	tt_simulation *s;
	int64_t *column, *room; /* [worlds] of scratch */
};

/* --- The month that is simulated ----------------------------------------------------- */

/* A finding is taken up as a whole, so it is as likely as the least likely of its changes,
 * and as much of it is realised as of the one of which the least is. */
static void add_item(struct months *m, tt_ranked *r, bool alone)
{
	tt_bound_change *to = &m->bound.changes[m->n];
	struct item *item = &m->items[m->n++];
	double adoption = 1, realisation = 1;

	for (size_t i = 0; i < r->n_changes; i++) {
		adoption = fmin(adoption, r->changes[i]->adoption_ratio);
		realisation = fmin(realisation, r->changes[i]->realisation_ratio);
	}
	*item = (struct item){ .r = r, .adoption = tt_assumed_fixed(TT_ADOPTION, adoption),
		               .realisation = tt_assumed_fixed(TT_REALISATION, realisation) };
	*to = (tt_bound_change){ .change = *r->changes[0], .also = r->changes + 1,
		                 .n_also = r->n_changes - 1, .alone = alone,
		                 .adoption_ratio = &item->adoption,
		                 .realisation_ratio = &item->realisation,
		                 .start_delay_days = &m->no_delay };
}

static bool is_priced(const tt_ranked *r)
{
	return r->place == TT_LEFT_OUT && r->n_changes && r->standalone_micro != TT_MONEY_UNKNOWN;
}

static int gather(struct months *m, const tt_bill *b, tt_arena *arena, tt_err *err)
{
	tt_plan *p = m->plan;

	m->items = tt_arena_alloc(arena, (p->n + 1) * sizeof *m->items);
	m->bound.changes = tt_arena_alloc(arena, (p->n + 1) * sizeof *m->bound.changes);
	if (!m->items || !m->bound.changes)
		return tt_no_memory(err);
	m->scenario = (tt_scenario){ .path = "", .name = "", .note = "" };
	for (int i = 0; i < TT_ASSUMPTIONS; i++)
		m->scenario.assumed[i] = tt_assumed_default((enum tt_assumption)i);
	m->no_delay = tt_assumed_fixed(TT_START_DELAY, 0);
	m->bound.scenario = &m->scenario;
	m->bound.snapshot = b->snapshot;
	m->bound.from_s = b->snapshot->end_s;
	m->bound.until_s = m->bound.from_s + m->horizon_s;
	m->bound.in_order = true;
	for (size_t i = 0; i < p->n_steps; i++)
		add_item(m, p->steps[i].finding, false);
	for (size_t i = 0; i < p->n; i++) {
		if (is_priced(p->v[i]))
			add_item(m, p->v[i], true);
	}
	m->bound.n_changes = m->n;
	return TT_OK;
}

/* --- What worlds say ------------------------------------------------------------------ */

/* Per month. */
static int64_t quantile(const struct months *m, const int64_t *sorted, size_t n, uint32_t q)
{
	return tt_per_month(tt_order_quantile(sorted, n, q), m->horizon_s);
}

static tt_spread spread_of(const struct months *m, const int64_t *v, int64_t point)
{
	const size_t n = m->s->n_worlds;
	size_t i = 1;

	memcpy(m->room, v, n * sizeof *v);
	while (i < n && v[i] == v[0])
		i++;
	if (i < n) /* else no draw moves it */
		tt_order_sort(m->room, n);
	return (tt_spread){ point, quantile(m, m->room, n, P10),
		            quantile(m, m->room, n, P50), quantile(m, m->room, n, P90) };
}

/* sum[] += column `i` of rows of worlds. A world's sum is a part of a bill, which fits. */
static void add_column(const struct months *m, const int64_t *rows, size_t i, int64_t *sum)
{
	for (size_t w = 0; w < m->s->n_worlds; w++)
		sum[w] += rows[w * m->n + i];
}

static const int64_t *only_column(const struct months *m, const int64_t *rows, size_t i)
{
	memset(m->column, 0, m->s->n_worlds * sizeof *m->column);
	add_column(m, rows, i, m->column);
	return m->column;
}

/* What of a saving others have, split as it is in points. */
static void spread_lost(const struct months *m, size_t i)
{
	const tt_results *x = m->s->by_world;
	tt_ranked *r = m->items[i].r;
	const int64_t in_plan = r->place == TT_IN_PLAN ? r->in_plan_micro : 0;
	const double lost_micro = (double)(r->standalone_micro - in_plan);
	double p50;

	if (!r->n_lost)
		return;
	for (size_t w = 0; w < m->s->n_worlds; w++)
		m->column[w] = x->standalone[w * m->n + i] - x->in_set[w * m->n + i];
	p50 = (double)spread_of(m, m->column, 0).p50;
	for (size_t k = 0; k < r->n_lost && lost_micro > 0; k++)
		r->lost[k].per_month = llround(p50 * ((double)r->lost[k].micro / lost_micro));
}

static void spread_findings(const struct months *m)
{
	const tt_results *x = m->s->by_world;

	for (size_t i = 0; i < m->n; i++) {
		tt_ranked *r = m->items[i].r;

		r->standalone_per_month = spread_of(m, only_column(m, x->standalone, i),
		                                    r->standalone_per_month.point);
		if (r->place == TT_IN_PLAN)
			r->in_plan_per_month = spread_of(m, only_column(m, x->in_set, i),
			                                 r->in_plan_per_month.point);
		spread_lost(m, i);
	}
	for (size_t i = 0; i < m->plan->n; i++) {
		tt_spread *known = &m->plan->v[i]->standalone_per_month;

		/* a label moves no money in any world */
		if (m->plan->v[i]->place == TT_ENABLER && known->point == 0)
			*known = (tt_spread){ 0 };
	}
}

static void spread_sums(const struct months *m, int64_t *sum)
{
	const tt_results *x = m->s->by_world;
	const size_t n = m->s->n_worlds;
	tt_plan *p = m->plan;

	memset(sum, 0, n * sizeof *sum);
	for (size_t i = 0; i < p->n_steps; i++) {
		add_column(m, x->in_set, i, sum);
		p->steps[i].marginal_per_month = p->steps[i].finding->in_plan_per_month.p50;
		p->steps[i].cumulative_per_month = spread_of(m, sum, 0).p50;
	}
	p->saving_per_month = spread_of(m, sum, p->saving_per_month.point);
	for (size_t k = 0; k < TT_WAVES; k++) {
		memset(sum, 0, n * sizeof *sum);
		for (size_t i = 0; i < p->n_steps; i++) {
			if (strcmp(p->steps[i].finding->wave, p->waves[k].wave) == 0)
				add_column(m, x->in_set, i, sum);
		}
		p->waves[k].saving_per_month = spread_of(m, sum, 0).p50;
	}
	memset(sum, 0, n * sizeof *sum);
	for (size_t i = 0; i < m->n; i++) {
		if (tt_counts_alone(m->items[i].r))
			add_column(m, x->standalone, i, sum);
	}
	p->standalone_sum_per_month = spread_of(m, sum, 0).p50;
}

/* --- What is not sure ------------------------------------------------------------------ */

/* P10 of steps [from, to) together, among the worlds in which all are adopted; 0 where that
 * never comes. */
static int64_t p10_together(const struct months *m, size_t from, size_t to)
{
	const tt_results *x = m->s->by_world;
	size_t n = 0;

	for (size_t w = 0; w < m->s->n_worlds; w++) {
		int64_t sum = 0;
		size_t i = from;

		for (; i < to && x->adopted[w * m->n + i]; i++)
			sum += x->in_set[w * m->n + i];
		if (i == to)
			m->column[n++] = sum;
	}
	if (!n)
		return 0;
	tt_order_sort(m->column, n);
	return quantile(m, m->column, n, P10);
}

static int doubt(const struct months *m, size_t from, size_t to, int64_t p10, tt_err *err)
{
	char text[96], amount[48];

	snprintf(text, sizeof text, "not sure to save: P10 is %s a month",
	         p10 ? tt_money_text(p10, 2, amount, sizeof amount) : "0");
	for (size_t i = from; i < to; i++) {
		m->items[i].r->unsure = tt_arena_text(m->plan->arena, text, strlen(text));
		if (!m->items[i].r->unsure)
			return tt_no_memory(err);
	}
	return TT_OK;
}

static int find_unsure(const struct months *m, size_t *ret_n, tt_err *err)
{
	const tt_plan *p = m->plan;

	for (size_t i = 0, to; i < p->n_steps; i = to) {
		int64_t p10;

		for (to = i + 1; to < p->n_steps && p->steps[to].unit == p->steps[i].unit;)
			to++;
		p10 = p10_together(m, i, to);
		if (p10 > 0)
			continue;
		TT_TRY(doubt(m, i, to, p10, err));
		*ret_n += to - i;
	}
	return TT_OK;
}

/* --- All of it ------------------------------------------------------------------------- */

static int sum_up(struct months *m, size_t *ret_n, tt_err *err)
{
	const size_t n = m->s->n_worlds;
	TT_CLEANUP(tt_freep) int64_t *room = tt_zalloc(3 * n + 1, sizeof *room);

	if (!room)
		return tt_no_memory(err);
	m->column = room;
	m->room = room + n;
	TT_TRY(find_unsure(m, ret_n, err));
	if (*ret_n)
		return TT_OK;
	spread_findings(m);
	spread_sums(m, room + 2 * n);
	return TT_OK;
}

/* What can't be simulated is no reason to have no plan. */
static int stay_points(struct months *m, const tt_err *why, tt_err *err)
{
	if (why->status != TT_EDATA && why->status != TT_EINVAL && why->status != TT_ENODATA)
		return tt_fail(err, why->status, "%s", why->text);
	m->plan->worlds.why = tt_arena_text(m->plan->arena, why->text, strlen(why->text));
	return m->plan->worlds.why ? TT_OK : tt_no_memory(err);
}

static int run(struct months *m, const tt_bill *b, const tt_settings *st,
               const tt_plan_options *o, size_t *ret_n, tt_err *err)
{
	const tt_sim_options so = { .seed = o->seed, .most_worlds = o->most_worlds,
		                    .threads = o->threads, .narrow_ratio = o->narrow_ratio,
		                    .by_world = true };
	tt_err why = { 0 };

	m->plan->worlds = (tt_plan_worlds){ .why = "" };
	if (m->hours < 1) {
		m->plan->worlds.why = "the window is shorter than an hour";
		return TT_OK;
	}
	if (tt_simulate(&m->bound, b, st, &so, &m->s, &why) < 0)
		return stay_points(m, &why, err);
	m->plan->worlds.n = m->s->n_worlds;
	m->plan->worlds.weeks = m->s->weeks_measured;
	m->plan->worlds.rest_h = m->hours - (int64_t)m->s->weeks_measured * WEEK_H;
	return sum_up(m, ret_n, err);
}

int tt_plan_uncertain(tt_plan *plan, const tt_bill *b, const tt_settings *st,
                      const tt_plan_options *o, size_t *ret_n, tt_err *err)
{
	struct months m = { .plan = plan,
		            .hours = (b->snapshot->end_s - b->snapshot->start_s) / 3600 };
	tt_arena *arena = tt_arena_new();

	/* a window shorter than a week stands for a month as a whole, not with its first hours
	 * once more than its last */
	m.horizon_s = (m.hours < WEEK_H ? m.hours : MONTH_H) * 3600;

	int rc = arena ? gather(&m, b, arena, err) : tt_no_memory(err);

	*ret_n = 0;
	if (rc == TT_OK && m.n)
		rc = run(&m, b, st, o, ret_n, err);
	tt_simulation_free(m.s);
	tt_arena_free(arena);
	return rc;
}
