/* bind.c - what a scenario says, about the fleet at hand. */
#include "simulate/bind.h"
#include "base/clock.h"
#include "simulate/scenario_change.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MONTH_S (730 * 3600)

struct binding {
	tt_bound_scenario *b;
	const tt_settings *st;
	tt_bound_change *changes; size_t cap;
	tt_names *texts;     /* of the changes so far */
	tt_err *err;
};

static void binding_done(struct binding *g)
{
	tt_free(g->changes);
	tt_names_free(g->texts);
}

static int fail_nothing(tt_at at, tt_err *err, const char *why)
{
	return tt_fail(err, TT_ENODATA, "%s:%d:%d: %s", at.file, at.line, at.column, why);
}

/* --- Time ---------------------------------------------------------------------- */

static int bind_horizon(struct binding *g)
{
	const tt_horizon *h = &g->b->scenario->horizon;
	tt_bound_scenario *b = g->b;
	char from[TT_TIME_TEXT], until[TT_TIME_TEXT];

	b->from_s = h->from_s == TT_TIME_MISSING ? b->snapshot->end_s : h->from_s;
	b->until_s = h->until_s == TT_TIME_MISSING
			     ? b->from_s + (int64_t)llround(h->months * MONTH_S) : h->until_s;
	if (b->until_s > b->from_s && b->until_s <= TT_TIME_LAST)
		return TT_OK;
	return tt_fail(g->err, TT_EDATA, "%s:%d:%d: the horizon ends at %s, expected a time after "
		       "its begin at %s", h->at.file ? h->at.file : b->scenario->path,
		       h->at.file ? h->at.line : 1, h->at.file ? h->at.column : 1,
		       tt_time_format(b->until_s, until), tt_time_format(b->from_s, from));
}

/* --- Changes ------------------------------------------------------------------- */

static const tt_assumed *fixed(struct binding *g, enum tt_assumption of, double v)
{
	tt_assumed *a = tt_arena_alloc(g->b->arena, sizeof *a);

	if (a)
		*a = tt_assumed_fixed(of, v);
	return a;
}

/* What holds of a change: said beside it, else in its text, else for all. NULL: no memory. */
static const tt_assumed *assumed(struct binding *g, const tt_scenario_change *from,
				 enum tt_assumption of, double in_text)
{
	if (from->assumed[of])
		return from->assumed[of];
	if (in_text != tt_assumption_defs[of].standard)
		return fixed(g, of, in_text);
	return &g->b->scenario->assumed[of];
}

static int add(struct binding *g, const tt_scenario_change *from, const tt_change *c)
{
	TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };
	const size_t before = tt_names_count(g->texts);
	tt_bound_change to = { .from = from, .change = *c };
	int64_t at;

	tt_change_text(c, &text);
	at = text.failed ? -1 : tt_names_add(g->texts, tt_buf_text(&text), text.n);
	if (at < 0)
		return tt_no_memory(g->err);
	if ((size_t)at < before) {
		const tt_at first = g->changes[at].from->at;

		return tt_fail(g->err, TT_EDATA, "%s:%d:%d: the same change as at %s:%d: %.200s",
			       from->at.file, from->at.line, from->at.column, first.file,
			       first.line, tt_buf_text(&text));
	}
	to.adoption_ratio = assumed(g, from, TT_ADOPTION, c->adoption_ratio);
	to.realisation_ratio = assumed(g, from, TT_REALISATION, c->realisation_ratio);
	to.start_delay_days = assumed(g, from, TT_START_DELAY,
				      tt_assumption_defs[TT_START_DELAY].standard);
	if (!to.adoption_ratio || !to.realisation_ratio || !to.start_delay_days ||
	    !TT_GROW(g->changes, g->b->n_changes, g->cap))
		return tt_no_memory(g->err);
	g->changes[g->b->n_changes++] = to;
	return TT_OK;
}

/* The mean of a profile of which the highest hour is 1; 1 for runs, which are even. */
static double mean_of_peak(const tt_profile *p)
{
	double peak = 0;

	for (int h = 0; p && !p->runs && h < TT_WEEK_HOURS; h++)
		peak = p->cards[h] > peak ? p->cards[h] : peak;
	return peak > 0 ? p->mean_cards / peak : 1;
}

/* The cards of all quotas of the model, or of any, that hold when the horizon begins: as a
 * mean of which the profile's highest hour is all of them. */
static int sum_quotas(struct binding *g, const tt_scenario_change *c, double *ret)
{
	const tt_rows *t = &g->b->snapshot->table[TT_QUOTAS];
	const tt_scenario_arg *model = tt_scenario_change_arg(c, "gpu_model");
	const tt_scenario_arg *profile = tt_scenario_change_arg(c, "profile");
	double sum = 0;

	for (size_t i = 0; i < t->n; i++) {
		const tt_quota_row *q = TT_ROW(t, tt_quota_row, i);

		if ((q->starts_at == TT_TIME_MISSING || q->starts_at <= g->b->from_s) &&
		    (q->ends_at == TT_TIME_MISSING || q->ends_at > g->b->from_s) &&
		    (!model || tt_pattern_match(model->text, q->gpu_model, true)))
			sum += q->gpus;
	}
	if (!(sum > 0))
		return fail_nothing(tt_scenario_change_arg(c, "gpus")->at, g->err,
			       t->n ? "gpus is \"" TT_GPUS_QUOTA "\", and no quota of the model "
				      "holds when the horizon begins"
				    : "gpus is \"" TT_GPUS_QUOTA "\", and the fleet has no "
				      "quotas.csv");
	*ret = sum;
	if (profile)
		*ret *= mean_of_peak(tt_scenario_profile(g->b->scenario, profile->text));
	return TT_OK;
}

static int make(struct binding *g, const tt_scenario_change *from,
		const tt_change_subject *subjects, size_t n, const tt_change_setting *setting)
{
	tt_change c;

	TT_TRY(tt_scenario_change_make(from, subjects, n, setting, g->b->arena, &c, g->err));
	return add(g, from, &c);
}

static int bind_each(struct binding *g, const tt_scenario_change *from,
		     const tt_change_subject *subjects, size_t n, tt_change_setting *setting)
{
	const bool standing = tt_scenario_change_asks(from, "units", TT_UNITS_STANDING);
	size_t made = 0;

	for (size_t i = 0; i < n; i++) {
		if (standing)
			TT_TRY(tt_match_standing(&from->select, subjects[i].id, g->b->snapshot,
						 g->st, &setting->standing, g->err));
		if (standing && setting->standing == 0)
			continue;
		TT_TRY(make(g, from, &subjects[i], 1, setting));
		made++;
	}
	if (made > 0)
		return TT_OK;
	return fail_nothing(tt_scenario_change_arg(from, "units")->at, g->err,
		       "units is \"" TT_UNITS_STANDING "\", and no on-demand node that an offer "
		       "would cover stood all through the window");
}

static int bind_found(struct binding *g, const tt_scenario_change *from)
{
	tt_change_setting setting = { .from_s = g->b->from_s };
	tt_change_subject *subjects = NULL;
	size_t n = 0;

	TT_TRY(tt_match_subjects(&from->select, g->b->snapshot, g->st, g->b->arena, &subjects, &n,
				 g->err));
	if (from->verb == TT_SCALE && tt_scenario_change_asks(from, "gpus", TT_GPUS_QUOTA))
		TT_TRY(sum_quotas(g, from, &setting.quota_gpus));
	if (from->each)
		return bind_each(g, from, subjects, n, &setting);
	return make(g, from, subjects, n, &setting);
}

static int bind_change(struct binding *g, const tt_scenario_change *from)
{
	tt_bound_scenario *b = g->b;
	tt_err *err = g->err, why = { 0 };
	tt_left_out *out = &b->left_out[b->n_left_out];

	if (from->text)
		return add(g, from, &from->change);
	g->err = &why;
	int rc = bind_found(g, from);
	g->err = err;
	if (rc >= 0)
		return rc;
	if (rc != TT_ENODATA || !from->optional)
		return tt_fail(err, rc, "%s", why.text);
	*out = (tt_left_out){ from, tt_arena_text(b->arena, why.text, strlen(why.text)) };
	if (!out->why)
		return tt_no_memory(err);
	b->n_left_out++;
	return TT_OK;
}

static int bind_changes(struct binding *g)
{
	const tt_scenario *s = g->b->scenario;
	tt_bound_scenario *b = g->b;

	b->left_out = tt_arena_alloc(b->arena, (s->n_changes + 1) * sizeof *b->left_out);
	if (!b->left_out)
		return tt_no_memory(g->err);
	for (size_t i = 0; i < s->n_changes; i++)
		TT_TRY(bind_change(g, &s->changes[i]));
	if (b->n_left_out && !b->n_changes)
		return tt_fail(g->err, TT_ENODATA, "nothing is left of the scenario: %s",
			       b->left_out[0].why);
	b->changes = tt_arena_alloc(b->arena, (b->n_changes + 1) * sizeof *b->changes);
	if (!b->changes)
		return tt_no_memory(g->err);
	if (b->n_changes)
		memcpy(b->changes, g->changes, b->n_changes * sizeof *b->changes);
	return TT_OK;
}

/* --- Demand and prices ----------------------------------------------------------- */

static int bind_growth(struct binding *g)
{
	const tt_scenario *s = g->b->scenario;
	tt_bound_scenario *b = g->b;

	b->growth = tt_arena_alloc(b->arena, (s->n_growth + 1) * sizeof *b->growth);
	if (!b->growth)
		return tt_no_memory(g->err);
	for (size_t i = 0; i < s->n_growth; i++) {
		tt_bound_growth *to = &b->growth[b->n_growth++];

		to->from = &s->growth[i];
		TT_TRY(tt_match_subjects(&to->from->select, b->snapshot, g->st, b->arena,
					 &to->subjects, &to->n_subjects, g->err));
	}
	return TT_OK;
}

static int compare_cuts(const void *pa, const void *pb)
{
	const tt_bound_cut *a = pa, *b = pb;

	if (a->at_s != b->at_s)
		return a->at_s < b->at_s ? -1 : 1;
	return (a->from > b->from) - (a->from < b->from);
}

static int bind_cuts(struct binding *g)
{
	const tt_scenario *s = g->b->scenario;
	tt_bound_scenario *b = g->b;

	b->cuts = tt_arena_alloc(b->arena, (s->n_cuts + 1) * sizeof *b->cuts);
	if (!b->cuts)
		return tt_no_memory(g->err);
	for (size_t i = 0; i < s->n_cuts; i++) {
		tt_bound_cut *to = &b->cuts[b->n_cuts++];
		const tt_when *when = &s->cuts[i].when;
		char text[TT_TIME_TEXT];

		to->from = &s->cuts[i];
		to->at_s = when->s + (when->relative ? b->from_s : 0);
		if (to->at_s < b->from_s || to->at_s >= b->until_s)
			return tt_fail(g->err, TT_EDATA,
				       "%s:%d:%d: a price cut at %s is not within the horizon",
				       to->from->at.file, to->from->at.line, to->from->at.column,
				       tt_time_format(to->at_s, text));
		TT_TRY(tt_match_prices(&to->from->select, b->snapshot, b->arena, &to->prices,
				       g->err));
	}
	if (b->n_cuts)
		qsort(b->cuts, b->n_cuts, sizeof *b->cuts, compare_cuts);
	return TT_OK;
}

int tt_scenario_bind(const tt_scenario *scenario, const tt_snapshot *s, const tt_settings *st,
		     tt_bound_scenario **ret, tt_err *err)
{
	TT_CLEANUP(tt_bound_scenario_freep) tt_bound_scenario *b = tt_zalloc(1, sizeof *b);
	TT_CLEANUP(binding_done) struct binding g = { .b = b, .st = st, .err = err };

	g.texts = tt_names_new();
	if (!b || !g.texts || !(b->arena = tt_arena_new()))
		return tt_no_memory(err);
	b->scenario = scenario;
	b->snapshot = s;
	TT_TRY(bind_horizon(&g));
	TT_TRY(bind_changes(&g));
	TT_TRY(bind_growth(&g));
	TT_TRY(bind_cuts(&g));
	*ret = b;
	b = NULL;
	return TT_OK;
}

void tt_bound_scenario_free(tt_bound_scenario *b)
{
	if (!b)
		return;
	tt_arena_free(b->arena);
	tt_free(b);
}

void tt_bound_scenario_freep(tt_bound_scenario **b)
{
	tt_bound_scenario_free(*b);
}

const tt_change *tt_bound_change_at(const tt_bound_change *b, size_t i)
{
	if (!i)
		return &b->change;
	return i <= b->n_also ? b->also[i - 1] : NULL;
}
