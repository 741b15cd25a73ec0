/* rules_judge.c - exemptions and guards. */
#include "bill/residents.h"
#include "rules/rules_parts.h"
#include <stdlib.h>
#include <string.h>

/* --- Exempt -------------------------------------------------------------------------------- */

/* Whether `rule` is for the finding. */
static int is_for(tt_rules *r, tt_loaded_rule *rule, const tt_found_view *of, bool *ret,
                  tt_err *err)
{
	const tt_found *f = of->found;
	tt_value v;

	*ret = !rule->failed && (!*rule->detector || strcmp(rule->detector, f->detector) == 0) &&
	       (!*rule->subject || strcmp(rule->subject, f->subject_id) == 0);
	if (!*ret || !rule->asks)
		return TT_OK;
	TT_TRY(tt_rules_ask(r, rule, tt_view_finding(of), &v, err));
	*ret = v.kind == TT_VALUE_TRUTH && v.truth;
	if (v.kind == TT_VALUE_TRUTH || v.kind == TT_VALUE_MISSING)
		return TT_OK;
	return tt_rules_fail(r, rule, err, "%s:%d: exempt %s: returned neither true nor false nor "
	                     "nil", rule->name.file, rule->name.line, rule->name.id);
}

/* The first rule in force that each finding is exempt by, and how many those that have ended
 * are for. */
static int ask_exempt(tt_rules *r, const tt_found_view *seen, size_t n,
                      const tt_loaded_rule **by, tt_err *err)
{
	const int64_t end_s = r->views.snapshot->end_s;

	for (size_t i = 0; i < r->n; i++) {
		tt_loaded_rule *rule = &r->v[i];
		const bool over = rule->kind == TT_RULE_EXEMPT && end_s > rule->until_s;
		size_t would = 0;

		if (rule->kind != TT_RULE_EXEMPT)
			continue;
		for (size_t k = 0; k < n && !rule->failed; k++) {
			bool is = false;

			if (over || !by[k])
				TT_TRY(is_for(r, rule, &seen[k], &is, err));
			would += is;
			if (is && !over)
				by[k] = rule;
		}
		for (size_t k = 0; k < n && rule->failed; k++)
			if (by[k] == rule)
				by[k] = NULL;
		if (over && would && !rule->failed)
			r->said.lapsed[r->said.n_lapsed++] = (tt_lapsed){
				rule->name, rule->author, rule->until, would };
	}
	return TT_OK;
}

/* Findings that stay move up; what is exempt goes to its own list. */
static void take_out(tt_rules *r, tt_findings *f, const tt_loaded_rule *const *by)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (!by[i])
			f->v[kept++] = f->v[i];
		else
			r->said.exempted[r->said.n_exempted++] = (tt_exempted){
				f->v[i], by[i]->name, by[i]->reason, by[i]->author, by[i]->until };
	}
	f->n = kept;
}

/* What a rule has seen stays: a script may keep it. */
static tt_found_view *see(tt_rules *r, const tt_findings *f)
{
	tt_found_view *seen = tt_arena_alloc(r->arena, (f->n + 1) * sizeof *seen);
	tt_found *copy = tt_arena_alloc(r->arena, (f->n + 1) * sizeof *copy);

	if (!seen || !copy)
		return NULL;
	for (size_t i = 0; i < f->n; i++) {
		copy[i] = f->v[i];
		seen[i] = (tt_found_view){ &r->views, &copy[i] };
	}
	return seen;
}

static int exempt(tt_rules *r, tt_findings *f, tt_err *err)
{
	tt_found_view *seen = see(r, f);
	TT_CLEANUP(tt_freep) const tt_loaded_rule **by = tt_zalloc(f->n + 1, sizeof *by);

	r->said.exempted = tt_arena_alloc(r->arena, (f->n + 1) * sizeof *r->said.exempted);
	r->said.lapsed = tt_arena_alloc(r->arena, (r->n + 1) * sizeof *r->said.lapsed);
	if (!seen || !by || !r->said.exempted || !r->said.lapsed)
		return tt_no_memory(err);
	TT_TRY(ask_exempt(r, seen, f->n, by, err));
	take_out(r, f, by);
	return TT_OK;
}

/* --- Guard --------------------------------------------------------------------------------- */

struct guarding {
	tt_rules *r;
	tt_loaded_rule *rule;
	tt_guarded by[TT_GUARD_DENY + 1];
};

/* A text that is a verdict, or a table { verdict, why }. */
static bool read_verdict(const tt_value *v, enum tt_guard_verdict *ret, const char **ret_why)
{
	const tt_value *word = v, *why;

	if (v->kind == TT_VALUE_MISSING) {
		*ret = TT_GUARD_ALLOW;
		return true;
	}
	if (v->kind == TT_VALUE_TABLE) {
		word = tt_entries_find(v->table, "verdict");
		why = tt_entries_find(v->table, "why");
		if (why->kind == TT_VALUE_TEXT)
			*ret_why = why->text;
		else if (why->kind != TT_VALUE_MISSING)
			return false;
	}
	for (int i = 0; word->kind == TT_VALUE_TEXT && i <= TT_GUARD_DENY; i++)
		if (strcmp(tt_guard_verdict_text((enum tt_guard_verdict)i), word->text) == 0) {
			*ret = (enum tt_guard_verdict)i;
			return true;
		}
	return false;
}

static int guard_one(struct guarding *g, tt_value of, const char *name, tt_err *err)
{
	tt_rules *r = g->r;
	const char *why = g->rule->message;
	enum tt_guard_verdict verdict;
	tt_value v;

	TT_TRY(tt_rules_ask(r, g->rule, of, &v, err));
	if (g->rule->failed)
		return TT_OK;
	if (!read_verdict(&v, &verdict, &why))
		return tt_rules_fail(r, g->rule, err, "%s:%d: guard %s: returned no verdict, "
		                     "expected \"allow\", \"warn\", \"approve\", \"deny\" or "
		                     "{ verdict = ..., why = ... }", g->rule->name.file,
		                     g->rule->name.line, g->rule->name.id);
	if (verdict == TT_GUARD_ALLOW || g->by[verdict].n++)
		return TT_OK;
	g->by[verdict].first = tt_arena_text(r->arena, name, strlen(name));
	g->by[verdict].why = tt_arena_text(r->arena, why, strlen(why));
	return g->by[verdict].first && g->by[verdict].why ? TT_OK : tt_no_memory(err);
}

static int guard_all(struct guarding *g, const tt_found_view *seen, size_t n_seen, tt_err *err)
{
	const tt_views *views = &g->r->views;
	const tt_snapshot *s = views->snapshot;
	const size_t on = g->rule->on;
	const size_t n = on == TT_GUARD_ON_POD ? s->table[TT_PODS].n
	               : on == TT_GUARD_ON_NODE ? s->table[TT_NODES].n : n_seen;

	for (size_t i = 0; i < n && !g->rule->failed; i++) {
		if (on == TT_GUARD_ON_POD)
			TT_TRY(guard_one(g, tt_view_pod(views, i), tt_pod_at(s, i)->pod, err));
		else if (on == TT_GUARD_ON_NODE)
			TT_TRY(guard_one(g, tt_view_node(views, i), tt_node_at(s, i)->node, err));
		else
			TT_TRY(guard_one(g, tt_view_finding(&seen[i]), seen[i].found->id, err));
	}
	return TT_OK;
}

static int guard(tt_rules *r, const tt_findings *f, tt_err *err)
{
	tt_found_view *seen = see(r, f);
	struct guarding *all = tt_arena_alloc(r->arena, (r->n + 1) * sizeof *all);

	r->said.guarded = tt_arena_alloc(r->arena, (r->n * TT_GUARD_DENY + 1) *
	                                                   sizeof *r->said.guarded);
	if (!seen || !all || !r->said.guarded)
		return tt_no_memory(err);
	for (size_t i = 0; i < r->n; i++) {
		all[i] = (struct guarding){ .r = r, .rule = &r->v[i] };
		if (r->v[i].kind == TT_RULE_GUARD)
			TT_TRY(guard_all(&all[i], seen, f->n, err));
	}
	for (enum tt_guard_verdict v = TT_GUARD_DENY; v > TT_GUARD_ALLOW; v--)
		for (size_t i = 0; i < r->n; i++) {
			tt_guarded *one = &all[i].by[v];

			if (!one->n || r->v[i].failed)
				continue;
			one->rule = r->v[i].name;
			one->verdict = v;
			one->on = tt_guard_on[r->v[i].on];
			r->said.guarded[r->said.n_guarded++] = *one;
		}
	return TT_OK;
}

int tt_rules_judge(tt_rules *r, tt_findings *f, tt_err *err)
{
	TT_TRY(exempt(r, f, err));
	return guard(r, f, err);
}
