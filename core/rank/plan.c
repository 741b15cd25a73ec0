#include "rank/plan.h"
#include "change/apply.h"
#include "rank/order.h"
#include "rank/uncertain.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct make {
	tt_plan *plan;
	const tt_bill *bill;
	const tt_settings *settings;
	const tt_plan_options *options;
	tt_pricer *alone;
	tt_candidate *candidates, *sure; /* [n_candidates], [n_sure] */
	size_t n_candidates, n_sure;
	int64_t window_s;
};

static int leave_out(struct make *m, tt_ranked *r, const char *why, tt_err *err)
{
	r->place = TT_LEFT_OUT;
	r->why = tt_arena_text(m->plan->arena, why, strlen(why));
	return r->why ? TT_OK : tt_no_memory(err);
}

/* --- One finding alone -------------------------------------------------------------- */

static const tt_change *first_unpriced(const tt_change *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tt_change_unpriced(&c[i]))
			return &c[i];
	return NULL;
}

/* The way that is taken: `changes` when all of them can be priced, else the first
 * alternative that can. */
static int choose(struct make *m, tt_ranked *r, tt_err *err)
{
	const tt_found *f = r->found;
	const tt_change *way = f->changes;
	size_t n = f->n_changes;

	if (!n || first_unpriced(f->changes, n)) {
		n = 0;
		for (size_t i = 0; i < f->n_alternatives && !n; i++) {
			if (!tt_change_unpriced(&f->alternatives[i])) {
				way = &f->alternatives[i];
				n = 1;
			}
		}
	}
	if (!n)
		return TT_OK;
	r->changes = tt_arena_alloc(m->plan->arena, n * sizeof *r->changes);
	if (!r->changes)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++)
		r->changes[i] = &way[i];
	r->n_changes = n;
	return TT_OK;
}

static int only_moves_money(const tt_ranked *r)
{
	for (size_t i = 0; i < r->n_changes; i++)
		if (tt_verb_lever(r->changes[i]->verb) != TT_LEVER_NONE)
			return 0;
	return 1;
}

/* A finding without a change that could be priced. */
static int place_unpriced(struct make *m, tt_ranked *r, tt_err *err)
{
	const tt_found *f = r->found;
	const tt_change *c = first_unpriced(f->changes, f->n_changes);
	char why[128];

	if (!c && f->n_alternatives)
		c = &f->alternatives[0];
	if (c) {
		snprintf(why, sizeof why, "%s is not priced yet", tt_change_unpriced(c));
		return leave_out(m, r, why, err);
	}
	if (f->effort_days > 0 && f->spend_concerned_micro != TT_MONEY_UNKNOWN) {
		r->place = TT_ENABLER;
		return TT_OK;
	}
	return leave_out(m, r, "said only: it proposes no change", err);
}

/* A finding whose own changes can't be applied harms nobody but itself. */
static int place_broken(struct make *m, tt_ranked *r, const tt_err *why, tt_err *err)
{
	if (why->status != TT_EDATA && why->status != TT_EINVAL &&
	    why->status != TT_ENODATA)
		return tt_fail(err, why->status, "%s", why->text);
	r->standalone_micro = TT_MONEY_UNKNOWN;
	return leave_out(m, r, why->text, err);
}

static int add_candidate(struct make *m, tt_ranked *r, const tt_saving *s, tt_err *err)
{
	tt_node_saving *nodes = tt_arena_alloc(m->plan->arena, (s->n + 1) * sizeof *nodes);

	r->nodes = tt_arena_alloc(m->plan->arena, (s->n + 1) * sizeof *r->nodes);
	if (!nodes || !r->nodes)
		return tt_no_memory(err);
	if (s->n)
		memcpy(nodes, s->nodes, s->n * sizeof *nodes);
	for (size_t i = 0; i < s->n; i++)
		r->nodes[i] = s->nodes[i].node;
	r->n_nodes = s->n;
	m->candidates[m->n_candidates++] = (tt_candidate){
		.r = r, .nodes = nodes, .n_nodes = s->n,
		.barred = r->risk > m->settings->risk_allowed };
	return TT_OK;
}

/* What part of a saving is not in its figure. */
static int note_unknown(struct make *m, tt_ranked *r, const tt_saving *s, tt_err *err)
{
	size_t n = 0;
	char text[96];

	for (size_t i = 0; i < s->n; i++)
		n += s->nodes[i].saving_micro == TT_MONEY_UNKNOWN;
	if (!n)
		return TT_OK;
	snprintf(text, sizeof text, "at least: %zu node%s that it frees ha%s no price", n,
	         n == 1 ? "" : "s", n == 1 ? "s" : "ve");
	r->note = tt_arena_text(m->plan->arena, text, strlen(text));
	return r->note ? TT_OK : tt_no_memory(err);
}

static int price_alone(struct make *m, tt_ranked *r, tt_err *err)
{
	tt_err why = { 0 };
	tt_saving s;

	if (tt_pricer_try(m->alone, r->changes, r->n_changes, &s, &why) < 0)
		return place_broken(m, r, &why, err);
	if (only_moves_money(r)) {
		r->standalone_micro = 0;
		r->place = TT_ENABLER;
		return TT_OK;
	}
	if (s.unknown && s.known_micro <= 0)
		return leave_out(m, r, TT_WHY_NO_PRICE, err);
	r->standalone_micro = s.known_micro;
	TT_TRY(note_unknown(m, r, &s, err));
	return add_candidate(m, r, &s, err);
}

static int weigh(struct make *m, tt_ranked *r, const tt_found *f, tt_err *err)
{
	*r = (tt_ranked){ .found = f, .place = TT_LEFT_OUT, .why = "", .kept_by = "",
		          .note = "", .unsure = "",
		          .risk = f->risk,
		          .standalone_micro = TT_MONEY_UNKNOWN,
		          .in_plan_micro = TT_MONEY_UNKNOWN };
	TT_TRY(choose(m, r, err));
	for (size_t i = 0; i < r->n_changes; i++)
		r->risk = r->changes[i]->risk > r->risk ? r->changes[i]->risk : r->risk;
	if (!r->n_changes)
		return place_unpriced(m, r, err);
	return price_alone(m, r, err);
}

/* --- All of them --------------------------------------------------------------------- */

static tt_spread spread_of(int64_t point)
{
	return (tt_spread){ .point = point, .p10 = TT_MONEY_UNKNOWN, .p50 = point,
		            .p90 = TT_MONEY_UNKNOWN };
}

static void add_to_wave(tt_plan *p, const tt_step *s)
{
	const double effort_days = s->finding->found->effort_days;
	size_t i = 0;

	while (strcmp(p->waves[i].wave, tt_wave(effort_days)) != 0)
		i++;
	p->waves[i].n++;
	p->waves[i].saving_per_month += s->marginal_per_month;
	p->waves[i].effort_days += effort_days;
}

/* Steps say per month the difference of two rounded sums, so that they add up. */
static int sum_steps(struct make *m, tt_err *err)
{
	static const char *const waves[TT_WAVES] = { "quick_win", "medium", "long" };
	tt_plan *p = m->plan;
	int64_t sum = 0, before = 0;

	p->effort_days = 0;
	for (size_t i = 0; i < TT_WAVES; i++)
		p->waves[i] = (tt_wave_sum){ .wave = waves[i] };
	for (size_t i = 0; i < p->n_steps; i++) {
		tt_step *s = &p->steps[i];
		const double effort_days = s->finding->found->effort_days;

		TT_TRY(tt_money_add(&sum, s->finding->in_plan_micro, "the saving of the plan",
		                    err));
		s->cumulative_per_month = tt_per_month(sum, m->window_s);
		s->marginal_per_month = s->cumulative_per_month - before;
		before = s->cumulative_per_month;
		p->effort_days += effort_days;
		s->cumulative_effort_days = p->effort_days;
		s->finding->in_plan_per_month = spread_of(s->marginal_per_month);
		add_to_wave(p, s);
	}
	p->saving_micro = sum;
	p->saving_per_month = spread_of(before);
	return TT_OK;
}

static void weigh_by_effort(tt_plan *p)
{
	for (size_t i = 0; i < p->n_steps; i++) {
		tt_step *s = &p->steps[i];
		const double per_day =
			(double)s->marginal_per_month / s->finding->found->effort_days;

		s->per_month_per_day = fabs(per_day) < 9e18 ? llround(per_day) : TT_MONEY_UNKNOWN;
	}
}

static void describe(const struct make *m, tt_ranked *r)
{
	const tt_found *f = r->found;
	int64_t larger = f->spend_concerned_micro;

	if (r->standalone_micro > larger) /* unknown is less than any amount */
		larger = r->standalone_micro;
	r->severity = tt_severity(larger, m->bill->total_micro);
	r->wave = tt_wave(f->effort_days);
	r->standalone_per_month = spread_of(tt_per_month(r->standalone_micro, m->window_s));
	r->concerned_per_month = tt_per_month(f->spend_concerned_micro, m->window_s);
	if (r->place != TT_IN_PLAN)
		r->in_plan_per_month = spread_of(TT_MONEY_UNKNOWN);
	for (size_t i = 0; i < r->n_lost; i++)
		r->lost[i].per_month = tt_per_month(r->lost[i].micro, m->window_s);
}

int tt_counts_alone(const tt_ranked *r)
{
	return r->place == TT_IN_PLAN || (r->place == TT_LEFT_OUT && r->n_lost);
}

/* What adding up single savings would say. */
static int sum_alone(struct make *m, tt_err *err)
{
	tt_plan *p = m->plan;
	int64_t sum = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (tt_counts_alone(p->v[i]))
			TT_TRY(tt_money_add(&sum, p->v[i]->standalone_micro,
			                    "the sum of stand-alone savings", err));
	}
	p->standalone_sum_per_month = tt_per_month(sum, m->window_s);
	return TT_OK;
}

static int descending(int64_t a, int64_t b)
{
	return a == b ? 0 : a > b ? -1 : 1;
}

static int compare_ranked(const void *pa, const void *pb)
{
	const tt_ranked *a = *(tt_ranked *const *)pa, *b = *(tt_ranked *const *)pb;
	int by = descending(a->in_plan_per_month.p50, b->in_plan_per_month.p50);

	if (!by)
		by = descending(a->standalone_per_month.p50, b->standalone_per_month.p50);
	return by ? by : strcmp(a->found->id, b->found->id);
}

static double spend_per_day(const tt_ranked *r)
{
	if (r->found->spend_concerned_micro == TT_MONEY_UNKNOWN)
		return -1;
	return r->found->effort_days > 0
	               ? (double)r->found->spend_concerned_micro / r->found->effort_days
	               : INFINITY;
}

static int compare_enablers(const void *pa, const void *pb)
{
	const tt_ranked *a = *(tt_ranked *const *)pa, *b = *(tt_ranked *const *)pb;
	double da = spend_per_day(a), db = spend_per_day(b);

	if (da != db)
		return da > db ? -1 : 1;
	return strcmp(a->found->id, b->found->id);
}

/* The lists of a plan, in their orders. */
static int make_lists(struct make *m, tt_err *err)
{
	tt_plan *p = m->plan;

	p->enablers = tt_arena_alloc(p->arena, (p->n + 1) * sizeof(tt_ranked *));
	p->left_out = tt_arena_alloc(p->arena, (p->n + 1) * sizeof(tt_ranked *));
	if (!p->enablers || !p->left_out)
		return tt_no_memory(err);
	if (p->n)
		qsort(p->v, p->n, sizeof(tt_ranked *), compare_ranked);
	for (size_t i = 0; i < p->n; i++) {
		const tt_ranked *r = p->v[i];

		if (r->place == TT_ENABLER)
			p->enablers[p->n_enablers++] = r;
		else if (r->place == TT_LEFT_OUT)
			p->left_out[p->n_left_out++] = r;
	}
	if (p->n_enablers)
		qsort(p->enablers, p->n_enablers, sizeof(tt_ranked *), compare_enablers);
	return TT_OK;
}

/* The candidates that are sure enough, as if nothing had been decided yet. */
static void begin_again(struct make *m)
{
	m->plan->n_steps = m->n_sure = 0;
	for (size_t i = 0; i < m->n_candidates; i++) {
		tt_ranked *r = m->candidates[i].r;

		r->place = TT_LEFT_OUT;
		r->why = r->unsure;
		r->kept_by = "";
		r->in_plan_micro = TT_MONEY_UNKNOWN;
		r->lost = NULL;
		r->n_lost = 0;
		if (!*r->unsure)
			m->sure[m->n_sure++] = m->candidates[i];
	}
}

/* What turns out not to be sure is left out, and the rest decided again. */
static int decide(struct make *m, tt_err *err)
{
	tt_plan *p = m->plan;
	size_t n_unsure;

	do {
		n_unsure = 0;
		begin_again(m);
		TT_TRY(tt_order_make(p, m->bill, m->settings, m->alone, m->sure, m->n_sure, err));
		TT_TRY(sum_steps(m, err));
		for (size_t i = 0; i < p->n; i++)
			describe(m, p->v[i]);
		TT_TRY(sum_alone(m, err));
		if (m->options && m->options->most_worlds)
			TT_TRY(tt_plan_uncertain(p, m->bill, m->settings, m->options, &n_unsure,
			                         err));
	} while (n_unsure);
	weigh_by_effort(p);
	return TT_OK;
}

static int make_plan(struct make *m, const tt_findings *f, tt_err *err)
{
	tt_plan *p = m->plan;
	tt_ranked *r = tt_arena_alloc(p->arena, (f->n + 1) * sizeof *r);

	p->n = f->n;
	p->v = tt_arena_alloc(p->arena, (f->n + 1) * sizeof(tt_ranked *));
	m->candidates = tt_arena_alloc(p->arena, (f->n + 1) * sizeof *m->candidates);
	m->sure = tt_arena_alloc(p->arena, (f->n + 1) * sizeof *m->sure);
	if (!r || !p->v || !m->candidates || !m->sure)
		return tt_no_memory(err);
	TT_TRY(tt_pricer_open(m->bill, m->settings, NULL, &m->alone, err));
	for (size_t i = 0; i < f->n; i++) {
		p->v[i] = &r[i];
		TT_TRY(weigh(m, &r[i], &f->v[i], err));
	}
	TT_TRY(decide(m, err));
	return make_lists(m, err);
}

int tt_plan_make(const tt_bill *b, const tt_settings *st, const tt_findings *f,
                 const tt_plan_options *o, tt_plan **ret, tt_err *err)
{
	TT_CLEANUP(tt_plan_freep) tt_plan *p = tt_zalloc(1, sizeof *p);
	struct make m = { .plan = p, .bill = b, .settings = st, .options = o,
		          .window_s = b->snapshot->end_s - b->snapshot->start_s };

	if (!p)
		return tt_no_memory(err);
	p->worlds.why = "";
	p->arena = tt_arena_new();
	if (!p->arena)
		return tt_no_memory(err);

	int rc = make_plan(&m, f, err);

	tt_pricer_close(m.alone);
	if (rc < 0)
		return rc;
	*ret = p;
	p = NULL;
	return TT_OK;
}

void tt_plan_free(tt_plan *p)
{
	if (!p)
		return;
	tt_arena_free(p->arena);
	tt_free(p);
}

void tt_plan_freep(tt_plan **p)
{
	tt_plan_free(*p);
	*p = NULL;
}
