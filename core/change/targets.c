#include "change/targets.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

void tt_targets_free(tt_targets *t)
{
	tt_free(t->v);
	*t = (tt_targets){ 0 };
}

int tt_targets_missing(const tt_change *c, const tt_change_subject *subject, tt_err *err)
{
	return tt_fail(err, TT_EDATA, "%s: %s \"%s\" is not in the fleet",
		       tt_verb_text(c->verb), tt_subject_kind_text(subject->kind), subject->id);
}

int tt_targets_refuse(const tt_change *c, const tt_change_subject *subject, tt_err *err)
{
	return tt_fail(err, TT_EINVAL, "%s takes no %s", tt_verb_text(c->verb),
		       tt_subject_kind_text(subject->kind));
}

static int add(tt_targets *t, size_t row, tt_err *err)
{
	if (!TT_GROW(t->v, t->n, t->cap))
		return tt_no_memory(err);
	t->v[t->n++] = (uint32_t)row;
	return TT_OK;
}

static int by_node(const void *pa, const void *pb, void *ctx)
{
	const tt_snapshot *s = ctx;
	const uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	/* nodes are in the order of their names; without one a pod comes first */
	const uint32_t of_a = s->placed.node_of_pod[a] + 1, of_b = s->placed.node_of_pod[b] + 1;

	return of_a != of_b ? (of_a > of_b) - (of_a < of_b) : (a > b) - (a < b);
}

static int add_namespace(const tt_snapshot *s, const char *namespace_, tt_targets *t, tt_err *err)
{
	for (size_t i = 0; i < s->table[TT_PODS].n; i++) {
		if (strcmp(tt_pod_at(s, i)->namespace_, namespace_) == 0)
			TT_TRY(add(t, i, err));
	}
	return TT_OK;
}

static int add_workload(const tt_snapshot *s, const char *workload, tt_targets *t, tt_err *err)
{
	size_t n;
	const uint32_t *pods = tt_placed_workload(&s->placed, workload, &n);

	for (size_t i = 0; i < n; i++)
		TT_TRY(add(t, pods[i], err));
	return TT_OK;
}

static int add_group(const tt_snapshot *s, const char *group, tt_targets *t, tt_err *err)
{
	for (size_t i = 0; i < s->table[TT_NODES].n; i++) {
		if (strcmp(tt_node_at(s, i)->node_group, group) == 0)
			TT_TRY(add(t, i, err));
	}
	return TT_OK;
}

int tt_targets_find(const tt_change *c, const tt_change_subject *subject,
		    const tt_snapshot *s, tt_targets *ret, tt_err *err)
{
	size_t at = SIZE_MAX;

	ret->n = 0;
	ret->nodes = subject->kind == TT_SUBJECT_NODE || subject->kind == TT_SUBJECT_NODE_GROUP;
	switch (subject->kind) {
	case TT_SUBJECT_NODE:
		at = tt_snapshot_find_node(s, subject->id);
		break;
	case TT_SUBJECT_POD:
		at = tt_snapshot_find_pod(s, subject->id);
		break;
	case TT_SUBJECT_NODE_GROUP:
		TT_TRY(add_group(s, subject->id, ret, err));
		break;
	case TT_SUBJECT_WORKLOAD:
		TT_TRY(add_workload(s, subject->id, ret, err));
		break;
	case TT_SUBJECT_NAMESPACE:
		TT_TRY(add_namespace(s, subject->id, ret, err));
		break;
	case TT_SUBJECT_CARD:
	case TT_SUBJECT_COMMITMENT:
	case TT_SUBJECT_OFFER:
	case TT_SUBJECT_CHARGE:
	case TT_SUBJECT_FLEET:
	case TT_SUBJECT_END:
	default:
		return tt_targets_refuse(c, subject, err);
	}
	if (at != SIZE_MAX)
		TT_TRY(add(ret, at, err));
	if (!ret->nodes && ret->n > 1)
		qsort_r(ret->v, ret->n, sizeof *ret->v, by_node, (void *)(uintptr_t)s);
	return ret->n ? TT_OK : tt_targets_missing(c, subject, err);
}

bool tt_targets_release(const tt_targets *t, const tt_snapshot *s, size_t i, tt_release *ret,
			tt_span *ret_life)
{
	size_t node = t->v[i];

	*ret = (tt_release){ .pod = TT_NO_POD };
	*ret_life = (tt_span){ 0 };
	if (t->nodes) {
		*ret_life = tt_node_life(s, node);
	} else {
		const tt_pod_row *p = tt_pod_at(s, t->v[i]);

		ret->pod = t->v[i];
		node = s->placed.node_of_pod[t->v[i]];
		if (!tt_pod_ran(s, p, ret_life))
			return false;
	}
	ret->node = (uint32_t)node;
	return node != UINT32_MAX && ret_life->from_s < ret_life->to_s;
}

tt_span tt_change_force(const tt_change *c, const tt_snapshot *s)
{
	tt_span force = { s->start_s, s->end_s };

	if (c->from_s != TT_TIME_MISSING && c->from_s > force.from_s)
		force.from_s = c->from_s;
	if (c->until_s != TT_TIME_MISSING && c->until_s < force.to_s)
		force.to_s = c->until_s;
	if (force.from_s > force.to_s)
		force.from_s = force.to_s;
	return force;
}

int tt_change_hours(const tt_change *c, tt_span of, bool outside, tt_spans *ret, tt_err *err)
{
	const tt_change_arg *arg = tt_change_get(c, "hours");
	const char *expected = "";
	tt_hours hours;
	size_t at;

	ret->n = 0;
	if (!arg)
		return outside ? TT_OK : tt_spans_add(ret, of.from_s, of.to_s, err);
	if (!tt_hours_parse(arg->text, strlen(arg->text), &hours, &at, &expected))
		return tt_fail(err, TT_EINVAL, "hours is \"%s\", expected %s", arg->text,
			       expected);
	for (int64_t from_s = of.from_s, to_s; from_s < of.to_s; from_s = to_s) {
		to_s = from_s - ((from_s % 60) + 60) % 60 + 60; /* the end of its minute */
		if (to_s > of.to_s)
			to_s = of.to_s;
		if (tt_hours_at(&hours, from_s) != outside)
			TT_TRY(tt_spans_add(ret, from_s, to_s, err));
	}
	tt_spans_tidy(ret);
	return TT_OK;
}
