#include "cli/accept.h"
#include "cli/session.h"
#include "simulate/trim.h"
#include <math.h>
#include <string.h>

enum { POINTS = 64 };           /* of a distribution, for its mean */

static const char *const words[] = { "all", "quick_win", "medium", "long", NULL };

void tt_accept_close(tt_accepted *a)
{
	tt_bound_scenario_free(a->bound);
	tt_scenario_free(a->scenario);
	tt_plan_free(a->plan);
	tt_findings_free(a->findings);
	tt_bill_free(a->bill);
	tt_case_reset(&a->baseline);
	tt_settings_free(a->settings);
	tt_arena_free(a->arena);
}

int tt_accept_open(tt_accepted *a, const tt_options *o, tt_err *err)
{
	if (o->accept && o->scenario)
		return tt_fail(err, TT_EINVAL, "commit takes one of --accept (findings of the "
		               "audit) and --scenario (changes of a file)");
	return o->scenario ? tt_scenario_load(o->scenario, &a->scenario, err) : TT_OK;
}

static tt_net_item *add(tt_accepted *a, const char *name, size_t n_changes)
{
	tt_net_item *to = &a->net.v[a->net.n++];

	*to = (tt_net_item){ .name = name,
		.changes = tt_arena_alloc(a->arena, (n_changes + 1) * sizeof *to->changes) };
	return to->changes ? to : NULL;
}

/* --- Findings ------------------------------------------------------------------------------ */

/* What is bought, sold or labelled is no demand. */
static bool is_of_demand(const tt_ranked *r)
{
	for (size_t i = 0; i < r->n_changes; i++)
		if (r->changes[i]->verb != TT_COMMIT && r->changes[i]->verb != TT_LABEL)
			return true;
	return false;
}

static int add_finding(tt_accepted *a, const tt_ranked *r, tt_err *err)
{
	double adoption = 1, realisation = 1;
	tt_net_item *to;

	if (!is_of_demand(r))
		return TT_OK;
	to = add(a, r->found->id, r->n_changes);
	if (!to)
		return tt_no_memory(err);
	for (size_t i = 0; i < r->n_changes; i++) {
		adoption = fmin(adoption, r->changes[i]->adoption_ratio);
		realisation = fmin(realisation, r->changes[i]->realisation_ratio);
		if (r->changes[i]->verb != TT_COMMIT && r->changes[i]->verb != TT_LABEL)
			to->changes[to->n_changes++] = r->changes[i];
	}
	to->weight_millionths = (uint32_t)lround(adoption * realisation * TT_NET_ALL);
	return TT_OK;
}

static const tt_ranked *find(const tt_plan *p, const char *id, size_t n)
{
	for (size_t i = 0; i < p->n; i++)
		if (strlen(p->v[i]->found->id) == n && strncmp(p->v[i]->found->id, id, n) == 0)
			return p->v[i];
	return NULL;
}

static int add_named(tt_accepted *a, const char *list, tt_err *err)
{
	for (const char *s = list, *next; s; s = next) {
		const size_t n = strcspn(s, ",");
		const tt_ranked *r = find(a->plan, s, n);

		next = s[n] ? s + n + 1 : NULL;
		if (!r)
			return tt_fail(err, TT_EINVAL, "--accept names \"%.*s\", which is no "
			               "finding of this fleet; expected all, quick_win, medium, "
			               "long or ids that `trimtab audit` shows", (int)n, s);
		if (!r->n_changes || !is_of_demand(r))
			return tt_fail(err, TT_EINVAL, "--accept names %s, which has no change "
			               "that is priced and takes demand away", r->found->id);
		for (size_t i = 0; i < a->net.n; i++)
			if (a->net.v[i].name == r->found->id)
				return tt_fail(err, TT_EINVAL, "--accept names %s twice",
				               r->found->id);
		TT_TRY(add_finding(a, r, err));
	}
	return TT_OK;
}

static size_t commas(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == ',';
	return n;
}

static int audit(tt_accepted *a, const tt_options *o, const tt_plugins *p, const tt_snapshot *s,
                 tt_err *err)
{
	const tt_plan_options po = { .seed = (uint64_t)o->seed,
		.most_worlds = (size_t)o->worlds, .narrow_ratio = TT_NARROW_RATIO };
	size_t word = 0;

	if (s->table[TT_DEMAND].n)
		return tt_fail(err, TT_EINVAL, "--accept: the demand of this fleet is demand.csv, "
		               "and no finding says what of it goes; --scenario can, with the "
		               "names of pools");
	TT_TRY(tt_bill_make(&a->baseline, a->settings, &a->bill, err));
	TT_TRY(tt_detect(p, s, a->bill, a->settings, &(tt_detect_options){ 0 }, &a->findings,
	                 err));
	tt_session_failed(o, a->findings);
	TT_TRY(tt_plan_make(a->bill, a->settings, a->findings, &po, &a->plan, err));
	a->net.v = tt_arena_alloc(a->arena, (a->plan->n + commas(o->accept) + 2) *
	                                    sizeof *a->net.v);
	if (!a->net.v)
		return tt_no_memory(err);
	while (words[word] && strcmp(words[word], o->accept) != 0)
		word++;
	if (!words[word])
		return add_named(a, o->accept, err);
	for (size_t i = 0; i < a->plan->n_steps; i++) {
		const tt_ranked *r = a->plan->steps[i].finding;

		if (!word || strcmp(r->wave, o->accept) == 0)
			TT_TRY(add_finding(a, r, err));
	}
	return TT_OK;
}

/* --- A scenario ---------------------------------------------------------------------------- */

/* The mean of what is assumed; `or_else` where nothing is. */
static int mean_of(const tt_assumed *a, double or_else, tt_arena *arena, double *ret, tt_err *err)
{
	tt_dist d;
	double sum = 0;

	*ret = or_else;
	if (a->spec.kind == TT_DIST_FIXED && isnan(a->spec.a))
		return TT_OK;
	TT_TRY(tt_dist_make(&a->spec, arena, &d, err));
	for (int i = 0; i < POINTS; i++)
		sum += tt_dist_quantile(&d, (i + .5) / POINTS);
	*ret = sum / POINTS;
	return TT_OK;
}

static const char *name_of(tt_accepted *a, const tt_bound_change *b)
{
	tt_buf text = { 0 };
	const char *name;

	if (b->from && b->from->name && *b->from->name)
		return b->from->name;
	tt_change_text(&b->change, &text);
	name = text.failed ? NULL : tt_arena_text(a->arena, tt_buf_text(&text), text.n);
	tt_buf_free(&text);
	return name;
}

static int add_bound(tt_accepted *a, const tt_bound_change *b, tt_err *err)
{
	double adoption, realisation, days;
	const tt_change *c;
	tt_net_item *to;

	if (b->change.verb == TT_COMMIT || b->change.verb == TT_LABEL)
		return TT_OK;
	if (tt_change_get(&b->change, "profile"))
		return tt_fail(err, TT_EDATA, "%s: %s: demand that is added by a profile is not "
		               "for a plan of commitments; expected changes of what is there",
		               a->scenario->path, name_of(a, b));
	to = add(a, name_of(a, b), b->n_also + 1);
	if (!to || !to->name)
		return tt_no_memory(err);
	for (size_t i = 0; (c = tt_bound_change_at(b, i)); i++)
		to->changes[to->n_changes++] = c;
	TT_TRY(mean_of(b->adoption_ratio, b->change.adoption_ratio, a->arena, &adoption, err));
	TT_TRY(mean_of(b->realisation_ratio, b->change.realisation_ratio, a->arena, &realisation,
	               err));
	TT_TRY(mean_of(b->start_delay_days, 0, a->arena, &days, err));
	to->weight_millionths = (uint32_t)lround(adoption * realisation * TT_NET_ALL);
	to->delay_s = llround(fmin(days, 3660)) * 86400;
	return TT_OK;
}

static int scenario(tt_accepted *a, const tt_snapshot *s, tt_err *err)
{
	TT_TRY(tt_scenario_bind(a->scenario, s, a->settings, &a->bound, err));
	if (!s->table[TT_DEMAND].n)
		TT_TRY(tt_scenario_trim(a->bound, a->settings, err));
	a->net.v = tt_arena_alloc(a->arena, (a->bound->n_changes + 1) * sizeof *a->net.v);
	if (!a->net.v)
		return tt_no_memory(err);
	for (size_t i = 0; i < a->bound->n_changes; i++)
		TT_TRY(add_bound(a, &a->bound->changes[i], err));
	return TT_OK;
}

int tt_accept_make(tt_accepted *a, const tt_options *o, const tt_plugins *p,
                   const tt_snapshot *s, tt_err *err)
{
	a->arena = tt_arena_new();
	if (!a->arena)
		return tt_no_memory(err);
	TT_TRY(tt_session_settings(o, &a->settings, err));
	tt_case_init(&a->baseline, s, a->settings);
	if (o->accept)
		return audit(a, o, p, s, err);
	return o->scenario ? scenario(a, s, err) : TT_OK;
}
