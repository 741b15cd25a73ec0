#include "change/resize.h"
#include "change/growth.h"
#include "change/pool.h"
#include "change/sizing.h"
#include <string.h>

/* --- What can be priced ------------------------------------------------------------------ */

static bool has(const tt_change *c, const char *key)
{
	return tt_change_get(c, key) != NULL;
}

static bool is_word(const tt_change *c, const char *key, const char *word)
{
	const tt_change_arg *arg = tt_change_get(c, key);

	return arg && strcmp(arg->text, word) == 0;
}

const char *tt_resize_unpriced(const tt_change *c)
{
	const bool nodes = c->n_subjects && c->subjects[0].kind == TT_SUBJECT_NODE_GROUP;

	if (is_word(c, "consolidates", "true") &&
	    (is_word(c, "autoscaler", "none") ||
	     (!has(c, "autoscaler") && !has(c, "idle_timeout_s"))))
		return "resize with consolidates=true without an autoscaler";
	if (is_word(c, "autoscaler", "none") && has(c, "idle_timeout_s"))
		return "resize with autoscaler=none and idle_timeout_s";
	if (nodes && !has(c, "nodes") && !has(c, "autoscaler") && !has(c, "idle_timeout_s") &&
	    !has(c, "min_nodes") && !has(c, "max_nodes"))
		return "resize without nodes, autoscaler, idle_timeout_s, min_nodes or max_nodes";
	if (!nodes && !has(c, "replicas") && !has(c, "policy") && !has(c, "max_replicas") &&
	    !has(c, "min_replicas"))
		return "resize without replicas, policy, min_replicas or max_replicas";
	return NULL;
}

/* --- Replicas ---------------------------------------------------------------------------- */

/* Let all but the wanted go, in each step that is in force, and note what is missing. */
static int keep_wanted(const tt_sizing *z, tt_members *m, tt_extras *extras, tt_err *err)
{
	TT_CLEANUP(tt_sitting_free) tt_sitting now = { 0 };

	for (size_t i = 0; i < z->n; i++) {
		const tt_span step = tt_sizing_step(z, i);

		if (step.from_s >= step.to_s || z->unknown[i])
			continue;
		TT_TRY(tt_sitting_move(&now, m, step, err));
		TT_TRY(tt_sitting_keep(&now, m, step, z->wanted[i], err));
		TT_TRY(tt_extras_add(extras, step.from_s, step.to_s,
				    z->wanted[i] - (int64_t)now.n, err));
	}
	return TT_OK;
}

/* So many at most and so many at least, always. */
static int size_fixed(tt_members *m, tt_span force, int64_t most, int64_t least,
		      tt_extras *extras, tt_err *err)
{
	TT_CLEANUP(tt_sitting_free) tt_sitting all = { 0 };

	TT_TRY(tt_sitting_move(&all, m, force, err));
	TT_TRY(tt_sitting_keep(&all, m, force, most, err));
	return tt_extras_of(m, force, least < most ? least : most, extras, err);
}

static int resize_workload(const tt_change *c, const tt_change_subject *subject, tt_members *m,
			   const tt_snapshot *s, tt_extras *extras, tt_err *err)
{
	TT_CLEANUP(tt_sizing_free) tt_sizing z = { 0 };
	const tt_change_arg *replicas = tt_change_get(c, "replicas");
	const tt_span force = tt_change_force(c, s);

	if (has(c, "policy")) {
		TT_TRY(tt_sizing_make(c, subject, m, s, &z, err));
		return keep_wanted(&z, m, extras, err);
	}
	tt_sizing_limits(c, s, subject->id, &z);
	if (replicas)
		z.min = z.max = (int64_t)replicas->number;
	else if (!has(c, "min_replicas"))
		z.min = 0; /* what ran is enough */
	return size_fixed(m, force, z.max, z.min, extras, err);
}

/* --- Both -------------------------------------------------------------------------------- */

static int grow(tt_growth *g, const tt_change_subject *subject, const tt_members *m, bool nodes,
		const tt_extras *extras, tt_err *err)
{
	tt_shape shape;

	if (!extras->n)
		return TT_OK;
	if (nodes) {
		TT_TRY(tt_shape_of_nodes(g->c, subject->id, g->cs->snapshot, m, &shape, err));
		return tt_growth_nodes(g, &shape, extras, err);
	}
	TT_TRY(tt_shape_of_pods(g->c, subject->id, g->cs->snapshot, m, &shape, err));
	return tt_growth_pods(g, &shape, extras, err);
}

int tt_resize_apply(const tt_change *c, tt_case *cs, tt_err *err)
{
	TT_CLEANUP(tt_growth_close) tt_growth g = { .c = c, .cs = cs };
	TT_CLEANUP(tt_targets_free) tt_targets t = { 0 };
	TT_CLEANUP(tt_extras_free) tt_extras extras = { 0 };

	for (size_t i = 0; i < c->n_subjects; i++) {
		TT_CLEANUP(tt_members_free) tt_members m = { 0 };
		const tt_change_subject *subject = &c->subjects[i];

		extras.n = 0;
		TT_TRY(tt_targets_find(c, subject, cs->snapshot, &t, err));
		TT_TRY(tt_members_make(&t, cs->snapshot, &m, err));
		if (t.nodes)
			TT_TRY(tt_pool_resize(c, subject, &m, cs, &extras, err));
		else
			TT_TRY(resize_workload(c, subject, &m, cs->snapshot, &extras, err));
		TT_TRY(tt_members_release(&m, cs, err));
		TT_TRY(grow(&g, subject, &m, t.nodes, &extras, err));
	}
	return TT_OK;
}
