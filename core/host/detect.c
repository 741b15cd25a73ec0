/* detect.c - see detect.h. Decides which detectors have the data they need, lets the
 * pool run them, drops those that fail and runs the rest again until a round comes to
 * its end. A death that no detector can be blamed for (memory that one of them took
 * may only be missed later, by another) is settled by running each of them alone. */
#include "host/detect.h"
#include "host/pool.h"
#include "base/threads.h"
#include "snapshot/metrics.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CPU_LIMIT_S = 60, MEMORY_LIMIT_MIB = 1024, OUTPUT_LIMIT = 100000 };

typedef struct run {
	tt_job job;
	tt_subjects subjects;
	tt_harvest harvest;
	tt_findings *out;        /* its arena owns everything that stays */
	const tt_plugin **detectors;
	void **params;
	const char **failed;     /* [n_detectors] why; NULL: did not */
	const char **unexamined; /* [n_detectors] likewise */
} run;

static int no_memory(tt_err *err)
{
	return tt_fail(err, TT_ENOMEM, "running detectors: %s", tt_status_text(TT_ENOMEM));
}

/* --- What the configuration says --------------------------------------------------- */

static int unknown_detector(const run *r, const tt_settings *st, const tt_yaml *key, tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf known = { 0 };

	for (size_t d = 0; d < r->job.n_detectors; d++)
		tt_buf_printf(&known, "%s%s", d ? ", " : "; there are ", r->detectors[d]->info.id);
	if (known.failed)
		return no_memory(err);
	return tt_fail(err, TT_EDATA, "%s:%d:%d: no detector is called \"%.*s\"%s", st->path,
	               key->line, key->column, tt_utf8_shown(key->text, strlen(key->text)),
	               key->text, tt_buf_text(&known));
}

static int bind_params(run *r, const tt_settings *st, tt_err *err)
{
	const tt_yaml *map = st->detectors;

	for (size_t i = 0; map && i < map->n; i++) {
		size_t d = 0;

		while (d < r->job.n_detectors &&
		       strcmp(r->detectors[d]->info.id, map->keys[i]->text) != 0)
			d++;
		if (d == r->job.n_detectors)
			return unknown_detector(r, st, map->keys[i], err);
	}
	for (size_t d = 0; d < r->job.n_detectors; d++) {
		const tt_plugin_info *info = &r->detectors[d]->info;

		TT_TRY(tt_params_bind(info, st->path ? st->path : "",
		                      map ? tt_yaml_get(map, info->id) : NULL, r->out->arena,
		                      &r->params[d], err));
	}
	return TT_OK;
}

/* --- Needs ---------------------------------------------------------------------------- */

static int has_metric(const tt_snapshot *s, int32_t metric, int series)
{
	if (series && s->step_s <= 0)
		return 0;
	for (size_t i = 0; i < s->n_measures; i++) {
		int32_t is = s->measures[i].metric;

		if (is == metric || (metric == TT_ACTIVITY_PCT &&
		                     (is == TT_GPU_UTIL_PCT || is == TT_SM_ACTIVE_PCT)))
			return 1;
	}
	return 0;
}

static int64_t table_rows(const tt_snapshot *s, const char *table)
{
	int id = tt_table_find(table);

	if (strcmp(table, "gpu_usage") == 0)
		return s->usage_rows;
	if (strcmp(table, "node_usage") == 0)
		return s->node_usage_rows;
	return id >= 0 ? (int64_t)s->table[id].n : 0;
}

/* Why a need is not met, in words of the input; empty when it is. */
static void check_need(const tt_snapshot *s, const tt_need *need, char why[256])
{
	const tt_metric_def *def = tt_metric_def_at(need->metric);
	const char *file = def && def->of_node ? "node_usage" : "gpu_usage";

	why[0] = '\0';
	if (need->table) {
		if (table_rows(s, need->table) == 0)
			snprintf(why, 256, "no rows of %s.csv", need->table);
	} else if (table_rows(s, file) == 0) {
		snprintf(why, 256, "no rows of %s.csv", file);
	} else if (has_metric(s, need->metric, need->series)) {
		return;
	} else if (need->series && has_metric(s, need->metric, 0)) {
		snprintf(why, 256, "no aligned series: the snapshot has no step");
	} else if (need->metric == TT_ACTIVITY_PCT) {
		snprintf(why, 256, "no gpu_util_pct or sm_active_ratio: gpu_usage.csv has neither");
	} else {
		snprintf(why, 256, "no %s: %s.csv has none", def ? def->column : "metric", file);
	}
}

void tt_detect_why_not(const tt_detector *d, const tt_snapshot *s, char why[256])
{
	why[0] = '\0';
	for (uint32_t i = 0; i < d->n_needs && !why[0]; i++)
		if (d->needs[i].required)
			check_need(s, &d->needs[i], why);
}

static int keep_text(tt_arena *arena, const char *s, const char **ret, tt_err *err)
{
	*ret = tt_arena_text(arena, s, strlen(s));
	return *ret ? TT_OK : no_memory(err);
}

static int check_needs(run *r, const tt_snapshot *s, tt_err *err)
{
	char why[256];

	for (size_t d = 0; d < r->job.n_detectors; d++) {
		const tt_detector *det = &r->detectors[d]->d.detector;

		tt_detect_why_not(det, s, why);
		r->job.active[d] = !why[0];
		if (why[0])
			TT_TRY(keep_text(r->out->arena, why, &r->unexamined[d], err));
	}
	return TT_OK;
}

/* --- Preparing ------------------------------------------------------------------------- */

static int list_detectors(run *r, const tt_plugins *p, unsigned scopes, tt_err *err)
{
	tt_arena *a = r->out->arena;

	r->detectors = tt_arena_alloc(a, (p->n + 1) * sizeof *r->detectors);
	r->params = tt_arena_alloc(a, (p->n + 1) * sizeof *r->params);
	r->failed = tt_arena_alloc(a, (p->n + 1) * sizeof *r->failed);
	r->unexamined = tt_arena_alloc(a, (p->n + 1) * sizeof *r->unexamined);
	r->job.active = tt_arena_alloc(a, p->n + 1);
	if (!r->detectors || !r->params || !r->failed || !r->unexamined || !r->job.active)
		return no_memory(err);
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].kind == TT_KIND_DETECTOR &&
		    (!scopes || scopes >> p->v[i].d.detector.scope & 1))
			r->detectors[r->job.n_detectors++] = &p->v[i];
	r->job.detectors = r->detectors;
	r->job.params = r->params;
	r->job.subjects = &r->subjects;
	return TT_OK;
}

static void set_options(tt_job *job, const tt_detect_options *o)
{
	if (o)
		job->o = *o;
	if (job->o.workers <= 0)
		job->o.workers = tt_processors();
	if (job->o.in_process)
		job->o.workers = 1;
	if (job->o.cpu_limit_s <= 0)
		job->o.cpu_limit_s = CPU_LIMIT_S;
	if (job->o.memory_limit_mib <= 0)
		job->o.memory_limit_mib = MEMORY_LIMIT_MIB;
	if (job->o.output_limit <= 0)
		job->o.output_limit = OUTPUT_LIMIT;
}

/* A detector whose scope is empty has examined nothing, and that is worth saying. */
static int check_scopes(run *r, tt_err *err)
{
	unsigned there = 0;
	char why[128];

	for (size_t i = 0; i < r->subjects.n; i++)
		there |= 1u << r->subjects.v[i].scope;
	for (size_t d = 0; d < r->job.n_detectors; d++) {
		int32_t scope = r->detectors[d]->d.detector.scope;

		if (!r->job.active[d] || there & 1u << scope)
			continue;
		r->job.active[d] = 0;
		if (scope == TT_SCOPE_COMMITMENT)
			continue; /* that nothing is held is no lack of data */
		snprintf(why, sizeof why, "the snapshot has no %s to look at",
		         tt_scope_text(scope));
		TT_TRY(keep_text(r->out->arena, why, &r->unexamined[d], err));
	}
	return TT_OK;
}

static int prepare(run *r, const tt_bill *b, const tt_settings *st, tt_err *err)
{
	unsigned scopes = 0;

	TT_TRY(bind_params(r, st, err));
	TT_TRY(check_needs(r, b->snapshot, err));
	for (size_t d = 0; d < r->job.n_detectors; d++)
		if (r->job.active[d])
			scopes |= 1u << r->detectors[d]->d.detector.scope;
	TT_TRY(tt_subjects_make(b, st, scopes, r->out->arena, &r->subjects, err));
	TT_TRY(check_scopes(r, err));
	if (scopes & 1u << TT_SCOPE_FLEET) {
		/* made once, before the fork: the workers share the pages */
		tt_spend *lines = NULL;

		r->job.n_lines = tt_bill_lines(b, st, &lines, err);
		if (!lines)
			return err ? err->status : TT_ENOMEM;
		r->job.lines = lines;
	}
	return tt_harvest_init(&r->harvest, &r->job, err);
}

/* --- Rounds ----------------------------------------------------------------------------- */

static int drop(run *r, size_t d, const char *why, tt_err *err)
{
	r->job.active[d] = 0;
	return keep_text(r->out->arena, why, &r->failed[d], err);
}

/* A snapshot that can't be read is nobody's failure in here, and the end of it. */
static int one_round(run *r, tt_blame *blame, tt_err *err)
{
	TT_TRY(tt_pool_round(&r->job, &r->harvest, blame, err));
	return blame->detector == TT_BLAME_SNAPSHOT ? tt_fail(err, TT_EDATA, "%s", blame->why)
	                                            : TT_OK;
}

static int run_alone(run *r, tt_err *err)
{
	TT_CLEANUP(tt_freep) unsigned char *todo = tt_zalloc(r->job.n_detectors + 1, 1);
	tt_blame blame;

	if (!todo)
		return no_memory(err);
	memcpy(todo, r->job.active, r->job.n_detectors);
	for (size_t d = 0; d < r->job.n_detectors; d++) {
		if (!todo[d])
			continue;
		memset(r->job.active, 0, r->job.n_detectors);
		r->job.active[d] = 1;
		TT_TRY(one_round(r, &blame, err));
		if (blame.detector != TT_BLAME_NOBODY)
			TT_TRY(drop(r, d, blame.why, err));
	}
	return TT_OK;
}

static int run_rounds(run *r, tt_err *err)
{
	tt_blame blame;

	for (;;) {
		tt_harvest_clear(&r->harvest);
		TT_TRY(one_round(r, &blame, err));
		if (blame.detector == TT_BLAME_NOBODY)
			return TT_OK;
		if (blame.detector == TT_BLAME_HOST) {
			tt_harvest_clear(&r->harvest);
			return run_alone(r, err);
		}
		TT_TRY(drop(r, (size_t)blame.detector, blame.why, err));
	}
}

/* --- Results ------------------------------------------------------------------------------ */

/* What the detectors said themselves about how it went: one may have found something in one of
 * its tables, and lack another. */
static int read_states(run *r, tt_err *err)
{
	for (size_t d = 0; d < r->job.n_detectors; d++) {
		const tt_harvest_of *of = &r->harvest.of[d];

		if (r->failed[d] || r->unexamined[d])
			continue;
		if (of->failed)
			TT_TRY(drop(r, d, of->failed_why, err));
		else if (of->undecided_why[0] && !of->decided)
			TT_TRY(keep_text(r->out->arena, of->undecided_why, &r->unexamined[d], err));
	}
	return TT_OK;
}

static int read_findings(run *r, tt_err *err)
{
	tt_findings *out = r->out;

	out->v = tt_arena_alloc(out->arena, (r->harvest.n_raw + 1) * sizeof *out->v);
	if (!out->v)
		return no_memory(err);
	for (size_t i = 0; i < r->harvest.n_raw; i++) {
		const tt_raw *raw = &r->harvest.raw[i];
		const char *id = r->detectors[raw->detector]->info.id;
		tt_found *f = &out->v[out->n];
		tt_err why = { 0 };
		int rc;

		if (r->failed[raw->detector])
			continue;
		rc = tt_found_read(r->harvest.bytes.p + raw->at, raw->n_bytes, out->arena, f, &why);
		if (rc == TT_ENOMEM)
			return no_memory(err);
		if (rc < 0 || strcmp(f->detector, id) != 0)
			TT_TRY(drop(r, raw->detector, "sent what is no finding of its own", err));
		else
			out->n++;
	}
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, tt_found_compare);
	return TT_OK;
}

static size_t detector_of(const run *r, const tt_found *f)
{
	size_t d = 0;

	while (strcmp(r->detectors[d]->info.id, f->detector) != 0)
		d++;
	return d;
}

/* An id is one finding: decisions and comparisons with last week hang on it. */
static int check_ids(run *r, tt_err *err)
{
	tt_findings *out = r->out;
	size_t n = 0;
	char why[512];

	for (size_t i = 1; i < out->n; i++) {
		size_t d;

		if (strcmp(out->v[i - 1].id, out->v[i].id) != 0)
			continue;
		d = detector_of(r, &out->v[i]);
		if (r->failed[d])
			continue;
		snprintf(why, sizeof why, "has two findings \"%.60s\" about %s \"%.200s\"",
		         out->v[i].verdict, tt_subject_kind_text(out->v[i].subject_kind),
		         out->v[i].subject_id);
		TT_TRY(drop(r, d, why, err));
	}
	for (size_t i = 0; i < out->n; i++)
		if (!r->failed[detector_of(r, &out->v[i])])
			out->v[n++] = out->v[i];
	out->n = n;
	return TT_OK;
}

static int list_reasons(const run *r, const char *const *why, tt_unexamined **ret, size_t *ret_n,
                        tt_err *err)
{
	tt_unexamined *v = tt_arena_alloc(r->out->arena, (r->job.n_detectors + 1) * sizeof *v);
	size_t n = 0;

	if (!v)
		return no_memory(err);
	for (size_t d = 0; d < r->job.n_detectors; d++) {
		if (!why[d])
			continue;
		TT_TRY(keep_text(r->out->arena, r->detectors[d]->info.id, &v[n].detector, err));
		v[n++].why = why[d];
	}
	*ret = v;
	*ret_n = n;
	return TT_OK;
}

static void run_free(run *r)
{
	if (r->harvest.of)
		tt_harvest_free(&r->harvest);
}

int tt_detect(const tt_plugins *p, const tt_snapshot *s, const tt_bill *b,
              const tt_settings *st, const tt_detect_options *o, tt_findings **ret, tt_err *err)
{
	TT_CLEANUP(tt_findings_freep) tt_findings *out = tt_zalloc(1, sizeof *out);
	TT_CLEANUP(run_free) run r = { .out = out };

	if (!out || !(out->arena = tt_arena_new()))
		return no_memory(err);
	if (b->snapshot != s)
		return tt_fail(err, TT_EINTERNAL, "the bill is of another snapshot");
	set_options(&r.job, o);
	TT_TRY(list_detectors(&r, p, r.job.o.scopes, err));
	TT_TRY(prepare(&r, b, st, err));
	TT_TRY(run_rounds(&r, err));
	TT_TRY(read_states(&r, err));
	TT_TRY(read_findings(&r, err));
	TT_TRY(check_ids(&r, err));
	TT_TRY(list_reasons(&r, r.unexamined, &out->unexamined, &out->n_unexamined, err));
	TT_TRY(list_reasons(&r, r.failed, &out->failed, &out->n_failed, err));
	*ret = out;
	out = NULL;
	return TT_OK;
}

void tt_findings_free(tt_findings *f)
{
	if (!f)
		return;
	tt_arena_free(f->arena);
	tt_free(f);
}

void tt_findings_freep(tt_findings **f)
{
	tt_findings_free(*f);
}
