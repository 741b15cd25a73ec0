/* apply.c - release and label, subject by subject. */
#include "change/apply.h"
#include <string.h>

static const char priced[] = "release, label";

int tt_change_priced(const tt_change *c)
{
	if (c->verb == TT_RELEASE)
		return !tt_change_get(c, "hours");
	return c->verb == TT_LABEL;
}

static int not_there(const tt_change *c, const tt_change_subject *subject, tt_err *err)
{
	return tt_fail(err, TT_EDATA, "%s: %s \"%s\" is not in the fleet",
		       tt_verb_text(c->verb), tt_subject_kind_text(subject->kind), subject->id);
}

static size_t find_node(const tt_snapshot *s, const char *id, size_t n, tt_err *err)
{
	char *name = tt_alloc(n + 1);
	size_t node;

	if (!name) {
		tt_fail(err, TT_ENOMEM, "out of memory");
		return SIZE_MAX;
	}
	memcpy(name, id, n);
	name[n] = '\0';
	node = tt_snapshot_find_node(s, name);
	tt_free(name);
	return node;
}

/* The snapshot's own name of card `gpu` of a node; NULL when it has no such card. */
static const char *find_card(const tt_snapshot *s, size_t node, const char *gpu)
{
	size_t first, n;

	tt_node_carriers(s, node, &first, &n);
	for (size_t i = first; i < first + n; i++) {
		if (strcmp(s->carriers[i].gpu, gpu) == 0)
			return s->carriers[i].gpu;
	}
	return NULL;
}

static int release_card(const tt_change *c, const tt_change_subject *subject, tt_case *cs,
			tt_err *err)
{
	const tt_snapshot *s = cs->snapshot;
	const char *slash = strrchr(subject->id, '/');
	tt_err inner = { 0 };
	size_t node = slash ? find_node(s, subject->id, (size_t)(slash - subject->id), &inner) :
			      SIZE_MAX;

	if (inner.status)
		return tt_fail(err, inner.status, "%s", inner.text);
	if (node != SIZE_MAX) {
		const char *gpu = find_card(s, node, slash + 1);

		return gpu ? tt_case_release_card(cs, node, gpu, c->from_s, c->until_s, err) :
			     not_there(c, subject, err);
	}
	node = tt_snapshot_find_carrier(s, subject->id);
	if (node != SIZE_MAX && *s->carriers[node].slice)
		return tt_fail(err, TT_EDATA,
			       "release: \"%s\" is a slice, which is not released alone; "
			       "expected a card like \"%s/%s\"",
			       subject->id, s->carriers[node].node, s->carriers[node].gpu);
	return not_there(c, subject, err);
}

static int release_node_group(const tt_change *c, const tt_change_subject *subject, tt_case *cs,
			      tt_err *err)
{
	size_t found = 0;

	for (size_t i = 0; i < cs->snapshot->table[TT_NODES].n; i++) {
		if (strcmp(tt_node_at(cs->snapshot, i)->node_group, subject->id) != 0)
			continue;
		TT_TRY(tt_case_release_node(cs, i, c->from_s, c->until_s, err));
		found++;
	}
	return found ? TT_OK : not_there(c, subject, err);
}

static int release_workload(const tt_change *c, const tt_change_subject *subject, tt_case *cs,
			    tt_err *err)
{
	size_t found = 0;

	for (size_t i = 0; i < cs->snapshot->table[TT_PODS].n; i++) {
		if (strcmp(tt_pod_at(cs->snapshot, i)->workload, subject->id) != 0)
			continue;
		TT_TRY(tt_case_release_pod(cs, i, c->from_s, c->until_s, err));
		found++;
	}
	return found ? TT_OK : not_there(c, subject, err);
}

static int wrong_subject(const tt_change *c, const tt_change_subject *subject, tt_err *err)
{
	return tt_fail(err, TT_EINVAL, "%s takes no %s", tt_verb_text(c->verb),
		       tt_subject_kind_text(subject->kind));
}

static int release(const tt_change *c, const tt_change_subject *subject, tt_case *cs,
		   tt_err *err)
{
	size_t at;

	switch (subject->kind) {
	case TT_SUBJECT_CARD:
		return release_card(c, subject, cs, err);
	case TT_SUBJECT_NODE:
		at = tt_snapshot_find_node(cs->snapshot, subject->id);
		if (at == SIZE_MAX)
			return not_there(c, subject, err);
		return tt_case_release_node(cs, at, c->from_s, c->until_s, err);
	case TT_SUBJECT_NODE_GROUP:
		return release_node_group(c, subject, cs, err);
	case TT_SUBJECT_POD:
		at = tt_snapshot_find_pod(cs->snapshot, subject->id);
		if (at == SIZE_MAX)
			return not_there(c, subject, err);
		return tt_case_release_pod(cs, at, c->from_s, c->until_s, err);
	case TT_SUBJECT_WORKLOAD:
		return release_workload(c, subject, cs, err);
	case TT_SUBJECT_NAMESPACE:
	case TT_SUBJECT_COMMITMENT:
	case TT_SUBJECT_OFFER:
	case TT_SUBJECT_CHARGE:
	case TT_SUBJECT_FLEET:
	case TT_SUBJECT_END:
		break;
	}
	return wrong_subject(c, subject, err);
}

/* Whether any pod or node of the fleet has that word. */
static bool is_named(const tt_snapshot *s, enum tt_relabel_by by, const char *id)
{
	if (by == TT_RELABEL_POD)
		return tt_snapshot_find_pod(s, id) != SIZE_MAX;
	if (by == TT_RELABEL_NODE)
		return tt_snapshot_find_node(s, id) != SIZE_MAX;
	for (size_t i = 0; by == TT_RELABEL_NODE_GROUP && i < s->table[TT_NODES].n; i++) {
		if (strcmp(tt_node_at(s, i)->node_group, id) == 0)
			return true;
	}
	for (size_t i = 0; by != TT_RELABEL_NODE_GROUP && i < s->table[TT_PODS].n; i++) {
		const tt_pod_row *p = tt_pod_at(s, i);

		if (strcmp(by == TT_RELABEL_WORKLOAD ? p->workload : p->namespace_, id) == 0)
			return true;
	}
	return false;
}

static int label(const tt_change *c, const tt_change_subject *subject, tt_case *cs, tt_err *err)
{
	const tt_change_arg *owner = tt_change_get(c, "owner");
	tt_relabel r = { .id = subject->id };

	if (!owner || !*owner->text)
		return tt_fail(err, TT_EINVAL, "label: no owner is given");
	r.owner = owner->text;
	switch (subject->kind) {
	case TT_SUBJECT_POD:
		r.by = TT_RELABEL_POD;
		break;
	case TT_SUBJECT_WORKLOAD:
		r.by = TT_RELABEL_WORKLOAD;
		break;
	case TT_SUBJECT_NAMESPACE:
		r.by = TT_RELABEL_NAMESPACE;
		break;
	case TT_SUBJECT_NODE_GROUP:
		r.by = TT_RELABEL_NODE_GROUP;
		break;
	case TT_SUBJECT_NODE:
		r.by = TT_RELABEL_NODE;
		break;
	case TT_SUBJECT_CARD:
	case TT_SUBJECT_COMMITMENT:
	case TT_SUBJECT_OFFER:
	case TT_SUBJECT_CHARGE:
	case TT_SUBJECT_FLEET:
	case TT_SUBJECT_END:
	default:
		return wrong_subject(c, subject, err);
	}
	if (!is_named(cs->snapshot, r.by, r.id))
		return not_there(c, subject, err);
	return tt_case_relabel(cs, &r, err);
}

int tt_change_apply(const tt_change *c, tt_case *cs, tt_err *err)
{
	if (!tt_change_priced(c))
		return tt_fail(err, TT_EINVAL, "%s%s is not priced yet; priced are %s",
			       tt_verb_text(c->verb),
			       c->verb == TT_RELEASE ? " with hours" : "", priced);
	for (size_t i = 0; i < c->n_subjects; i++) {
		if (c->verb == TT_RELEASE)
			TT_TRY(release(c, &c->subjects[i], cs, err));
		else
			TT_TRY(label(c, &c->subjects[i], cs, err));
	}
	return TT_OK;
}

int tt_changes_cost(const tt_snapshot *s, const tt_settings *st,
		    const tt_change *const *changes, size_t n, int64_t *ret_micro, tt_err *err)
{
	tt_case cs;
	int rc = TT_OK;

	tt_case_init(&cs, s, st);
	for (size_t i = 0; i < n && rc == TT_OK; i++)
		rc = tt_change_apply(changes[i], &cs, err);
	if (rc == TT_OK)
		rc = tt_bill_total(&cs, ret_micro, err);
	tt_case_reset(&cs);
	return rc;
}
