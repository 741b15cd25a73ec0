/* rules_own.c - asks `own` once about each set of labels and namespace that there is. The
 * settings answer from that, so that the bill, the detectors and the reports hear the same. */
#include "bill/residents.h"
#include "rules/rules_parts.h"
#include <stdlib.h>
#include <string.h>

static int compare_owned(const void *pa, const void *pb)
{
	const tt_owned *a = pa, *b = pb;
	int by = strcmp(a->labels, b->labels);

	return by ? by : strcmp(a->namespace_, b->namespace_);
}

/* All that can have an owner, sorted, each once. */
static int collect(tt_rules *r, const tt_snapshot *s, tt_err *err)
{
	const size_t pods = s->table[TT_PODS].n, nodes = s->table[TT_NODES].n;
	tt_owned *v = tt_zalloc(pods + nodes + s->billed.n + 1, sizeof *v);
	size_t n = 0, kept = 0;

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < pods; i++) {
		const tt_pod_row *p = tt_pod_at(s, i);

		v[n++] = (tt_owned){ p->labels, p->namespace_, 1 };
	}
	for (size_t i = 0; i < nodes; i++)
		v[n++] = (tt_owned){ tt_node_at(s, i)->labels, "", 0 };
	for (size_t i = 0; i < s->billed.n; i++)
		v[n++] = (tt_owned){ s->billed.lines[i].labels, "", 0 };
	qsort(v, n, sizeof *v, compare_owned);
	for (size_t i = 0; i < n; i++) {
		if (kept && compare_owned(&v[kept - 1], &v[i]) == 0)
			v[kept - 1].pods += v[i].pods;
		else
			v[kept++] = v[i];
	}
	r->owned = v;
	r->n_owned = kept;
	return TT_OK;
}

/* Owners by one rule, of those that have none by a rule before it. */
static int ask_rule(tt_rules *r, tt_loaded_rule *rule, const tt_owned_view *seen,
                    const char **owner, const tt_loaded_rule **by, tt_err *err)
{
	tt_value v;

	for (size_t i = 0; i < r->n_owned && !rule->failed; i++) {
		if (owner[i])
			continue;
		TT_TRY(tt_rules_ask(r, rule, tt_view_owned(&seen[i]), &v, err));
		if (v.kind == TT_VALUE_MISSING)
			continue;
		if (v.kind != TT_VALUE_TEXT || !*v.text) {
			TT_TRY(tt_rules_fail(r, rule, err, "%s:%d: own %s: returned what is no "
			                     "owner, expected a text or nil", rule->name.file,
			                     rule->name.line, rule->name.id));
			continue;
		}
		owner[i] = tt_arena_text(r->arena, v.text, strlen(v.text));
		by[i] = rule;
		if (!owner[i])
			return tt_no_memory(err);
	}
	for (size_t i = 0; rule->failed && i < r->n_owned; i++)
		if (by[i] == rule)
			owner[i] = NULL;
	return TT_OK;
}

static void add_owning(tt_rules *r, const tt_loaded_rule *rule, const char *const *owner,
                       const tt_loaded_rule *const *by)
{
	tt_owning one = { rule->name, 0 };
	size_t found = 0;

	for (size_t i = 0; i < r->n_owned; i++)
		if (owner[i] && by[i] == rule) {
			one.pods += r->owned[i].pods;
			found++;
		}
	if (found)
		r->said.owning[r->said.n_owning++] = one;
}

/* Sorted as they were collected. */
static int tell(tt_rules *r, const char *const *owner, tt_settings *st, tt_err *err)
{
	tt_told_owner *told = tt_arena_alloc(r->arena, (r->n_owned + 1) * sizeof *told);
	size_t n = 0;

	if (!told)
		return tt_no_memory(err);
	for (size_t i = 0; i < r->n_owned; i++)
		if (owner[i])
			told[n++] = (tt_told_owner){ r->owned[i].labels, r->owned[i].namespace_,
				                     owner[i] };
	st->told = told;
	st->n_told = n;
	return TT_OK;
}

int tt_rules_own(tt_rules *r, const tt_snapshot *s, tt_settings *st, tt_err *err)
{
	TT_TRY(tt_views_make(&r->views, s, st, err));
	TT_TRY(collect(r, s, err));

	tt_owned_view *seen = tt_arena_alloc(r->arena, (r->n_owned + 1) * sizeof *seen);
	TT_CLEANUP(tt_freep) const char **owner = tt_zalloc(r->n_owned + 1, sizeof *owner);
	TT_CLEANUP(tt_freep) const tt_loaded_rule **by = tt_zalloc(r->n_owned + 1, sizeof *by);

	r->said.owning = tt_arena_alloc(r->arena, (r->n + 1) * sizeof *r->said.owning);
	if (!seen || !owner || !by || !r->said.owning)
		return tt_no_memory(err);
	for (size_t i = 0; i < r->n_owned; i++)
		seen[i] = (tt_owned_view){ &r->views, &r->owned[i] };
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].kind == TT_RULE_OWN) {
			TT_TRY(ask_rule(r, &r->v[i], seen, owner, by, err));
			add_owning(r, &r->v[i], owner, by);
		}
	return tell(r, owner, st, err);
}
