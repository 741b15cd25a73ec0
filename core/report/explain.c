#include "report/explain.h"
#include "report/layout.h"
#include "report/provenance.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEAREST = 3 };

/* --- Units ------------------------------------------------------------------------- */

static const struct { const char *suffix, *unit; } units[] = {
	{ "_pct", "%" }, { "_mib", "MiB" }, { "_bytes_per_s", "B/s" }, { "_hours", "h" },
	{ "_per_h", "per hour" }, { "_h", "h" }, { "_s", "s" }, { "_d", "d" }, { "_days", "d" },
	{ "_w", "W" }, { "_ms", "ms" }, { "_gib_per_month", "GiB a month" }, { "_gib", "GiB" },
	{ "_per_day", "a day" }, { "_per_month", "a month" }, { "_per_hour", "an hour" },
};

static int ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), k = strlen(suffix);

	return n > k && strcmp(s + n - k, suffix) == 0;
}

const char *tt_unit_of(const char *key)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (ends_with(key, units[i].suffix))
			return units[i].unit;
	return "";
}

char *tt_value_text(const char *key, double v, int decimals, char *buf)
{
	const char *unit = tt_unit_of(key);
	char number[TT_CELL_TEXT - 16];

	if (isnan(v))
		snprintf(buf, TT_CELL_TEXT, "not known");
	else
		snprintf(buf, TT_CELL_TEXT, "%s%s%s",
		         fabs(v) >= 1e4 && fabs(v) < 1e15
		                 ? tt_format_grouped(llround(v), number, sizeof number)
		                 : tt_format_f64(v, decimals, number, sizeof number),
		         *unit ? " " : "", unit);
	return buf;
}

/* --- Finding it ---------------------------------------------------------------------- */

static size_t common(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

static int begins(const char *id, const char *with)
{
	const char *dash = strrchr(id, '-');

	return common(id, with) == strlen(with) ||
	       (dash && *with && common(dash + 1, with) == strlen(with));
}

/* How well an id fits what was typed: letters in common from the start, of its own or of
 * its part after the '-'. */
static size_t likeness(const char *id, const char *typed)
{
	const char *dash = strrchr(id, '-'), *typed_dash = strrchr(typed, '-');
	size_t n = common(id, typed), m = 0;

	if (dash)
		m = common(dash + 1, typed_dash ? typed_dash + 1 : typed);
	return n > m ? n : m;
}

/* Append up to NEAREST ids: those that begin with it, or those most like it. */
static void list_ids(const tt_plan *p, const char *typed, int matches, size_t n, tt_buf *to)
{
	size_t done = 0;

	for (size_t want = TT_CELL_TEXT; done < NEAREST && done < n; want--) {
		for (size_t i = 0; i < p->n && done < NEAREST; i++) {
			const char *id = p->v[i]->found->id;

			if (matches ? !begins(id, typed) : likeness(id, typed) != want)
				continue;
			tt_buf_printf(to, "%s%s", done++ ? ", " : "", id);
		}
		if (!want || matches)
			break;
	}
}

/* A detector that has said nothing is worth a word when its finding is asked for. */
static void say_silent(const tt_findings *f, const char *typed, tt_buf *to)
{
	size_t n = strcspn(typed, "-");

	for (size_t i = 0; i < f->n_failed; i++)
		if (strlen(f->failed[i].detector) == n &&
		    strncmp(f->failed[i].detector, typed, n) == 0)
			tt_buf_printf(to, "; %s failed: %s", f->failed[i].detector,
			              f->failed[i].why);
	for (size_t i = 0; i < f->n_unexamined; i++)
		if (strlen(f->unexamined[i].detector) == n &&
		    strncmp(f->unexamined[i].detector, typed, n) == 0)
			tt_buf_printf(to, "; %s could not run: %s", f->unexamined[i].detector,
			              f->unexamined[i].why);
}

int tt_explain_find(const tt_audit *a, const char *id, const tt_ranked **ret, tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf ids = { 0 };
	const tt_plan *p = a->plan;
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (strcmp(p->v[i]->found->id, id) == 0) {
			*ret = p->v[i];
			return TT_OK;
		}
	}
	for (size_t i = 0; i < p->n; i++) {
		if (!begins(p->v[i]->found->id, id))
			continue;
		*ret = p->v[i];
		n++;
	}
	if (n == 1)
		return TT_OK;
	for (size_t i = 0; !n && a->rules && i < a->rules->n_exempted; i++) {
		const tt_exempted *e = &a->rules->exempted[i];

		if (begins(e->found.id, id))
			return tt_fail(err, TT_ENODATA, "finding %s is exempt by %s (%s:%d) of %s: "
			               "%s", e->found.id, e->rule.id, e->rule.file, e->rule.line,
			               e->author, e->reason);
	}
	list_ids(p, id, n > 1, n ? n : p->n, &ids);
	if (n > NEAREST)
		tt_buf_puts(&ids, " ...");
	if (n)
		return tt_fail(err, TT_ENODATA, "\"%.*s\" begins the ids of %zu findings: %s",
		               TT_SHOWN(id), n, tt_buf_text(&ids));
	say_silent(a->findings, id, &ids);
	if (!p->n)
		return tt_fail(err, TT_ENODATA, "no finding \"%.*s\": this fleet has none%s",
		               TT_SHOWN(id), tt_buf_text(&ids));
	return tt_fail(err, TT_ENODATA, "no finding \"%.*s\"; the nearest of %zu: %s", TT_SHOWN(id),
	               p->n, tt_buf_text(&ids));
}

/* --- The rule --------------------------------------------------------------------------- */

static int read_params(tt_explanation *e, tt_err *err)
{
	const tt_settings *st = e->audit->settings;
	const tt_plugin_info *info = &e->plugin->info;
	const tt_yaml *map = st->detectors ? tt_yaml_get(st->detectors, info->id) : NULL;
	void *fields;

	TT_TRY(tt_params_bind(info, st->path ? st->path : "", map, e->arena, &fields, err));
	e->params = tt_arena_alloc(e->arena, (info->n_params + 1) * sizeof *e->params);
	if (!e->params)
		return tt_no_memory(err);
	for (uint32_t i = 0; i < info->n_params; i++) {
		const tt_param *p = &info->params[i];
		const tt_yaml *set = map && map->kind == TT_YAML_MAP ? tt_yaml_get(map, p->key)
		                                                     : NULL;
		const char *at = (const char *)fields + p->offset;
		tt_told_param *to = &e->params[e->n_params++];
		int64_t whole;

		*to = (tt_told_param){ .def = p, .number = NAN, .line = set ? set->line : 0 };
		if (p->type == TT_STR) {
			memcpy(&to->text, at, sizeof to->text);
		} else if (p->type == TT_I64) {
			memcpy(&whole, at, sizeof whole);
			to->number = (double)whole;
		} else {
			memcpy(&to->number, at, sizeof to->number);
		}
	}
	return TT_OK;
}

int tt_told_as_param(const tt_explanation *e, const tt_found_evidence *v)
{
	for (size_t i = 0; i < e->n_params; i++) {
		const tt_told_param *q = &e->params[i];

		if (strcmp(q->def->key, v->key) == 0)
			return q->text ? v->text && strcmp(q->text, v->text) == 0
			               : !v->text && q->number == v->value;
	}
	return 0;
}

static double evidence_of(const tt_found *f, const char *key)
{
	for (size_t i = 0; i < f->n_evidence; i++)
		if (strcmp(f->evidence[i].key, key) == 0 && !f->evidence[i].text)
			return f->evidence[i].value;
	return NAN;
}

static int compare(double a, const char *relation, double b)
{
	if (isnan(a) || isnan(b))
		return -1;
	return strcmp(relation, "<") == 0    ? a < b
	       : strcmp(relation, "<=") == 0 ? a <= b
	       : strcmp(relation, ">") == 0  ? a > b
	                                     : a >= b;
}

static int read_grounds(tt_explanation *e, tt_err *err)
{
	const tt_detector *d = &e->plugin->d.detector;
	const tt_found *f = e->ranked->found;

	e->grounds = tt_arena_alloc(e->arena, (d->n_grounds + 1) * sizeof *e->grounds);
	if (!e->grounds)
		return tt_no_memory(err);
	for (uint32_t i = 0; i < d->n_grounds; i++) {
		const tt_ground *g = &d->grounds[i];
		tt_told_ground *to = &e->grounds[e->n_grounds];

		if (g->verdict && strcmp(g->verdict, f->verdict) != 0)
			continue;
		*to = (tt_told_ground){ g, evidence_of(f, g->evidence), NAN, -1 };
		for (size_t k = 0; k < e->n_params; k++)
			if (strcmp(e->params[k].def->key, g->param) == 0)
				to->threshold = e->params[k].number;
		to->holds = compare(to->value, g->relation, to->threshold);
		e->n_grounds++;
	}
	return TT_OK;
}

/* What is drawn: the metric of the first ground that has one; without grounds the first
 * that the detector reads. */
static int course_metric(const tt_explanation *e)
{
	const tt_detector *d = e->plugin ? &e->plugin->d.detector : NULL;

	for (size_t i = 0; i < e->n_grounds; i++)
		if (e->grounds[i].def->metric != TT_METRIC_NONE)
			return e->grounds[i].def->metric;
	for (uint32_t i = 0; d && i < d->n_needs; i++)
		if (d->needs[i].metric != TT_METRIC_NONE)
			return d->needs[i].metric;
	return TT_METRIC_NONE;
}

/* --- All ------------------------------------------------------------------------------------ */

static int make(tt_explanation *e, const tt_plugins *p, size_t most, tt_err *err)
{
	const tt_audit *a = e->audit;
	const tt_found *f = e->ranked->found;

	e->plugin = tt_plugins_find(p, f->detector);
	if (e->plugin && e->plugin->kind != TT_KIND_DETECTOR)
		e->plugin = NULL;
	if (e->plugin) {
		TT_TRY(read_params(e, err));
		TT_TRY(read_grounds(e, err));
	}
	TT_TRY(tt_reach_make(a->snapshot, f->subject_kind, f->subject_id, e->arena, &e->reach,
	                     err));
	TT_TRY(tt_course_make(a->snapshot, a->settings, &e->reach, course_metric(e), most,
	                      e->arena, &e->course, err));
	TT_TRY(tt_ownership_make(a->snapshot, a->settings, &e->reach, e->arena, &e->ownership,
	                         err));
	TT_TRY(tt_effect_make(a->bill, a->settings, a->plan, e->ranked, e->arena, &e->effect,
	                      err));
	return tt_provenance_make(e, err);
}

int tt_explain_make(const tt_audit *a, const tt_plugins *p, const tt_ranked *r, size_t most,
                    tt_explanation *ret, tt_err *err)
{
	tt_explanation e = { .audit = a, .ranked = r, .arena = tt_arena_new() };
	int rc = e.arena ? make(&e, p, most, err) : tt_no_memory(err);

	if (rc < 0)
		tt_explain_reset(&e);
	else
		*ret = e;
	return rc;
}

void tt_explain_reset(tt_explanation *e)
{
	tt_arena_free(e->arena);
	*e = (tt_explanation){ 0 };
}
