/* apply.c - hands each change to what knows its verb; release and label, subject by subject. */
#include "change/apply.h"
#include "change/commit.h"
#include "change/repack.h"
#include "change/reprice.h"
#include "change/resize.h"
#include "change/retype.h"
#include "change/scale.h"
#include "change/schedule.h"
#include "change/share.h"
#include "change/targets.h"
#include <string.h>

static const char priced[] = "release, resize, schedule, retype, share, scale, reprice, commit, "
			     "label";

/* What sat on a card is not told apart from the rest of its node. */
static const char *unpriced_release(const tt_change *c)
{
	for (size_t i = 0; i < c->n_subjects; i++) {
		if (c->subjects[i].kind == TT_SUBJECT_CARD && tt_change_get(c, "repack"))
			return "release of a card with repack";
	}
	return NULL;
}

const char *tt_change_unpriced(const tt_change *c)
{
	switch (c->verb) {
	case TT_RELEASE:
		return unpriced_release(c);
	case TT_LABEL: /* whose something was is one for the whole window */
		if (c->from_s != TT_TIME_MISSING || c->until_s != TT_TIME_MISSING)
			return "label with from or until";
		return NULL;
	case TT_RESIZE:
		return tt_resize_unpriced(c);
	case TT_SCHEDULE:
	case TT_SCALE:
	case TT_RETYPE:
	case TT_SHARE:
		return NULL;
	case TT_COMMIT:
		return tt_commit_unpriced(c);
	case TT_REPRICE:
		return tt_reprice_unpriced(c);
	case TT_VERB_END:
		break;
	}
	return tt_verb_text(c->verb);
}

static size_t find_node(const tt_snapshot *s, const char *id, size_t n, tt_err *err)
{
	char *name = tt_alloc(n + 1);
	size_t node;

	if (!name) {
		tt_no_memory(err);
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

/* The card that `id` names as node/gpu: either may hold a '/' itself. SIZE_MAX: none. */
static int split_card(const tt_snapshot *s, const char *id, size_t *ret_node,
		      const char **ret_gpu, tt_err *err)
{
	*ret_node = SIZE_MAX;
	for (const char *slash = strchr(id, '/'); slash; slash = strchr(slash + 1, '/')) {
		tt_err inner = { 0 };
		size_t node = find_node(s, id, (size_t)(slash - id), &inner);
		const char *gpu = node == SIZE_MAX ? NULL : find_card(s, node, slash + 1);

		if (inner.status)
			return tt_fail(err, inner.status, "%s", inner.text);
		if (gpu) {
			*ret_node = node;
			*ret_gpu = gpu;
		}
	}
	return TT_OK;
}

static int release_card(const tt_change *c, const tt_change_subject *subject,
			const tt_spans *when, tt_case *cs, tt_err *err)
{
	const tt_snapshot *s = cs->snapshot;
	const char *gpu = NULL;
	size_t node, at;

	TT_TRY(split_card(s, subject->id, &node, &gpu, err));
	if (node != SIZE_MAX)
		return tt_case_release(cs, &(tt_release){ .node = (uint32_t)node, .gpu = gpu,
							  .pod = TT_NO_POD }, when, err);
	at = tt_snapshot_find_carrier(s, subject->id);
	if (at != SIZE_MAX && *s->carriers[at].slice)
		return tt_fail(err, TT_EDATA,
			       "release: \"%s\" is a slice, which is not released alone; "
			       "expected a card like \"%s/%s\"",
			       subject->id, s->carriers[at].node, s->carriers[at].gpu);
	return tt_targets_missing(c, subject, err);
}

static int release(const tt_change *c, const tt_change_subject *subject, const tt_spans *when,
		   tt_case *cs, tt_err *err)
{
	TT_CLEANUP(tt_targets_free) tt_targets t = { 0 };
	tt_release what;
	tt_span life;

	if (subject->kind == TT_SUBJECT_CARD)
		return release_card(c, subject, when, cs, err);
	if (subject->kind == TT_SUBJECT_NAMESPACE)
		return tt_targets_refuse(c, subject, err);
	TT_TRY(tt_targets_find(c, subject, cs->snapshot, &t, err));
	for (size_t i = 0; i < t.n; i++) {
		if (tt_targets_release(&t, cs->snapshot, i, &what, &life))
			TT_TRY(tt_case_release(cs, &what, when, err));
	}
	return TT_OK;
}

static int release_each(const tt_change *c, const tt_spans *when, tt_case *cs, tt_err *err)
{
	for (size_t i = 0; i < c->n_subjects; i++)
		TT_TRY(release(c, &c->subjects[i], when, cs, err));
	return TT_OK;
}

static int release_all(const tt_change *c, tt_case *cs, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans when = { 0 };
	tt_case own;
	int rc;

	TT_TRY(tt_change_hours(c, tt_change_force(c, cs->snapshot), false, &when, err));
	TT_TRY(release_each(c, &when, cs, err));
	if (!tt_change_get(c, "repack"))
		return TT_OK;
	tt_case_init(&own, cs->snapshot, cs->settings);
	rc = release_each(c, &when, &own, err);
	if (rc == TT_OK)
		rc = tt_repack_released(&own, &when, cs, err);
	tt_case_reset(&own);
	return rc;
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
		return tt_targets_refuse(c, subject, err);
	}
	if (!is_named(cs->snapshot, r.by, r.id))
		return tt_targets_missing(c, subject, err);
	return tt_case_relabel(cs, &r, err);
}

int tt_change_apply(const tt_change *c, tt_case *cs, tt_err *err)
{
	const char *unpriced = tt_change_unpriced(c);

	if (unpriced)
		return tt_fail(err, TT_EINVAL, "%s is not priced yet; priced are %s", unpriced,
			       priced);
	if (c->verb == TT_RELEASE)
		return release_all(c, cs, err);
	if (c->verb == TT_SCHEDULE)
		return tt_schedule_apply(c, cs, err);
	if (c->verb == TT_RESIZE)
		return tt_resize_apply(c, cs, err);
	if (c->verb == TT_RETYPE)
		return tt_retype_apply(c, cs, err);
	if (c->verb == TT_SHARE)
		return tt_share_apply(c, cs, err);
	if (c->verb == TT_SCALE)
		return tt_scale_apply(c, cs, err);
	if (c->verb == TT_REPRICE)
		return tt_reprice_apply(c, cs, err);
	if (c->verb == TT_COMMIT)
		return tt_commit_apply(c, cs, err);
	for (size_t i = 0; i < c->n_subjects; i++)
		TT_TRY(label(c, &c->subjects[i], cs, err));
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
