#include "rules/views.h"
#include "bill/residents.h"
#include "snapshot/labels.h"
#include <stdio.h>
#include <string.h>

/* --- Rows of tables ------------------------------------------------------------------------ */

static tt_value of_decimal(tt_decimal d)
{
	tt_err ignored = { 0 };
	int64_t micro;

	if (d == TT_DECIMAL_MISSING || tt_cost_micro(d, 3600, &micro, &ignored) < 0)
		return (tt_value){ 0 };
	return tt_value_whole(micro);
}

static tt_value of_number(const tt_field *f, double v)
{
	return f->flags & TT_FIELD_WHOLE && !isnan(v) ? tt_value_whole((int64_t)v)
	                                              : tt_value_real(v);
}

static tt_value of_field(const tt_field *f, const void *row)
{
	const char *at = (const char *)row + f->offset;
	const char *text;
	tt_decimal decimal;
	int64_t time;
	double v;

	switch (f->type) {
	case TT_FIELD_TIME:
		memcpy(&time, at, sizeof time);
		return tt_value_known(time, TT_TIME_MISSING);
	case TT_FIELD_DECIMAL:
		memcpy(&decimal, at, sizeof decimal);
		return of_decimal(decimal);
	case TT_FIELD_F64:
		memcpy(&v, at, sizeof v);
		return of_number(f, v);
	case TT_FIELD_BOOL:
		memcpy(&v, at, sizeof v);
		return isnan(v) ? (tt_value){ 0 } : tt_value_truth(v != 0);
	case TT_FIELD_TEXT:
	case TT_FIELD_WORD:
	case TT_FIELD_LABELS:
		break;
	}
	memcpy(&text, at, sizeof text);
	return tt_value_text(text);
}

static const tt_views *views_of(tt_view v)
{
	return v.of;
}

static tt_value owner_of(const tt_views *v, const char *labels, const char *ns)
{
	return tt_value_text(tt_settings_owner(v->settings, labels, ns, v->scratch));
}

static bool is_labels(const tt_field *f)
{
	return f->type == TT_FIELD_LABELS && strcmp(f->name, "labels") == 0;
}

/* The labels of pod `row` are at 2 * row, those of a node at 2 * row + 1. */
static tt_value pod_get(tt_view v, size_t field)
{
	const tt_views *s = views_of(v);
	const tt_table_def *d = tt_table_def_at(TT_PODS);
	const tt_pod_row *row = tt_pod_at(s->snapshot, v.at);
	size_t node;

	if (field == d->n_fields)
		return owner_of(s, row->labels, row->namespace_);
	if (field > d->n_fields) {
		node = tt_snapshot_find_node(s->snapshot, row->node);
		return node == SIZE_MAX ? (tt_value){ 0 } : tt_view_node(s, node);
	}
	if (is_labels(&d->fields[field]))
		return tt_value_view(&s->labels, s, 2 * v.at);
	return of_field(&d->fields[field], row);
}

static tt_value node_get(tt_view v, size_t field)
{
	const tt_views *s = views_of(v);
	const tt_table_def *d = tt_table_def_at(TT_NODES);
	const tt_node_row *row = tt_node_at(s->snapshot, v.at);

	if (field == d->n_fields)
		return owner_of(s, row->labels, "");
	if (is_labels(&d->fields[field]))
		return tt_value_view(&s->labels, s, 2 * v.at + 1);
	return of_field(&d->fields[field], row);
}

static tt_value find_label(const tt_views *v, const char *labels, const char *key)
{
	return tt_value_text(tt_labels_get(labels, key, v->scratch, NULL));
}

static tt_value row_label(tt_view v, const char *key)
{
	const tt_views *s = views_of(v);
	const size_t row = v.at / 2;

	return find_label(s, v.at % 2 ? tt_node_at(s->snapshot, row)->labels
	                              : tt_pod_at(s->snapshot, row)->labels, key);
}

/* --- What an owner is told by -------------------------------------------------------------- */

static const tt_view_field owned_fields[] = {
	{ "namespace", "of a pod; nil for a node or a line of the bill" },
	{ "labels", "by their keys" },
};

static tt_value owned_get(tt_view v, size_t field)
{
	const tt_owned_view *o = v.of;

	if (field == 0)
		return tt_value_text(o->owned->namespace_);
	return tt_value_view(&o->views->owned_labels, o, 0);
}

static tt_value owned_label(tt_view v, const char *key)
{
	const tt_owned_view *o = v.of;

	return find_label(o->views, o->owned->labels, key);
}

/* --- Findings ------------------------------------------------------------------------------ */

static const tt_view_field finding_fields[] = {
	{ "id", "" }, { "detector", "" }, { "verdict", "" }, { "title", "" },
	{ "subject_kind", "card, node, pod, ..." }, { "subject", "its id" }, { "owner", "" },
	{ "spend_concerned_micro", "of the window" }, { "coverage_ratio", "" },
	{ "confidence_ratio", "" }, { "effort_days", "" }, { "risk", "none to high" },
	{ "evidence", "by its keys" },
};

static tt_value finding_get(tt_view v, size_t field)
{
	const tt_found_view *s = v.of;
	const tt_found *f = s->found;

	switch (field) {
	case 0: return tt_value_text(f->id);
	case 1: return tt_value_text(f->detector);
	case 2: return tt_value_text(f->verdict);
	case 3: return tt_value_text(f->title);
	case 4: return tt_value_text(tt_subject_kind_text(f->subject_kind));
	case 5: return tt_value_text(f->subject_id);
	case 6: return tt_value_text(f->owner);
	case 7: return tt_value_known(f->spend_concerned_micro, TT_MONEY_UNKNOWN);
	case 8: return tt_value_real(f->coverage_ratio);
	case 9: return tt_value_real(f->confidence_ratio);
	case 10: return tt_value_real(f->effort_days);
	case 11: return tt_value_text(tt_risk_text(f->risk));
	default: return tt_value_view(&s->views->evidence, f, 0);
	}
}

static tt_value evidence_find(tt_view v, const char *key)
{
	const tt_found *f = v.of;

	for (size_t i = 0; i < f->n_evidence; i++) {
		const tt_found_evidence *e = &f->evidence[i];

		if (strcmp(e->key, key) == 0)
			return e->text ? tt_value_text(e->text) : tt_value_real(e->value);
	}
	return (tt_value){ 0 };
}

/* --- Making -------------------------------------------------------------------------------- */

static const char *field_name(tt_arena *arena, const tt_field *f)
{
	const char *unit = f->type == TT_FIELD_TIME ? "_s"
	                 : f->type == TT_FIELD_DECIMAL ? "_micro" : "";
	char name[64];
	int n = snprintf(name, sizeof name, "%s%s", f->name, unit);

	return tt_arena_text(arena, name, (size_t)n);
}

static int of_table(tt_views *v, enum tt_table_id id, const tt_view_field *more, size_t n_more,
                    tt_view_class *ret, tt_err *err)
{
	const tt_table_def *d = tt_table_def_at(id);
	tt_view_field *fields = tt_arena_alloc(v->arena, (d->n_fields + n_more) * sizeof *fields);

	if (!fields)
		return tt_no_memory(err);
	for (size_t i = 0; i < d->n_fields; i++)
		if (!(fields[i].name = field_name(v->arena, &d->fields[i])))
			return tt_no_memory(err);
	memcpy(fields + d->n_fields, more, n_more * sizeof *more);
	ret->fields = fields;
	ret->n = d->n_fields + n_more;
	return TT_OK;
}

int tt_views_make(tt_views *v, const tt_snapshot *s, const tt_settings *st, tt_err *err)
{
	static const tt_view_field more[] = { { "owner", "nil: nobody" }, { "host", "its node" } };

	*v = (tt_views){ .snapshot = s, .settings = st, .arena = tt_arena_new(),
		         .pod = { .name = "pod", .get = pod_get },
		         .node = { .name = "node", .get = node_get },
		         .owned = { "owned", owned_fields, sizeof owned_fields /
		                    sizeof *owned_fields, owned_get, NULL, NULL, NULL },
		         .labels = { .name = "labels", .find = row_label },
		         .owned_labels = { .name = "labels", .find = owned_label },
		         .finding = { "finding", finding_fields, sizeof finding_fields /
		                      sizeof *finding_fields, finding_get, NULL, NULL, NULL },
		         .evidence = { .name = "evidence", .find = evidence_find } };
	if (!v->arena)
		return tt_no_memory(err);
	TT_TRY(tt_views_renew(v, err));
	TT_TRY(of_table(v, TT_PODS, more, 2, &v->pod, err));
	return of_table(v, TT_NODES, more, 1, &v->node, err);
}

void tt_views_reset(tt_views *v)
{
	tt_arena_free(v->scratch);
	tt_arena_free(v->arena);
	*v = (tt_views){ 0 };
}

int tt_views_renew(tt_views *v, tt_err *err)
{
	tt_arena_free(v->scratch);
	v->scratch = tt_arena_new();
	return v->scratch ? TT_OK : tt_no_memory(err);
}

tt_value tt_view_pod(const tt_views *v, size_t row)
{
	return tt_value_view(&v->pod, v, row);
}

tt_value tt_view_node(const tt_views *v, size_t row)
{
	return tt_value_view(&v->node, v, row);
}

tt_value tt_view_owned(const tt_owned_view *of)
{
	return tt_value_view(&of->views->owned, of, 0);
}

tt_value tt_view_finding(const tt_found_view *of)
{
	return tt_value_view(&of->views->finding, of, 0);
}
