/* trial.c - see trial.h. What is said about a subject is kept for itself, so that trials in
 * another order can be compared. */
#include "host/trial.h"
#include "host/confine.h"
#include "host/kept.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- The fleet --------------------------------------------------------------------- */

int tt_trial_fleet_open(const char *file, int32_t scope, tt_trial_fleet *f, tt_err *err)
{
	*f = (tt_trial_fleet){ .arena = tt_arena_new() };
	if (!f->arena)
		return tt_no_memory(err);
	TT_TRY(tt_settings_load(NULL, &f->settings, err));
	TT_TRY(tt_snapshot_load(file, &f->snapshot, err));
	tt_case_init(&f->baseline, f->snapshot, f->settings);
	TT_TRY(tt_bill_make(&f->baseline, f->settings, &f->bill, err));
	TT_TRY(tt_subjects_make(f->bill, f->settings, 1u << scope, f->arena, &f->subjects, err));
	if (scope == TT_SCOPE_FLEET) {
		f->n_lines = tt_bill_lines(f->bill, f->settings, &f->lines, err);
		if (!f->lines)
			return err->status;
	}
	return TT_OK;
}

void tt_trial_fleet_close(tt_trial_fleet *f)
{
	tt_bill_free(f->bill);
	if (f->snapshot)
		tt_case_reset(&f->baseline);
	tt_snapshot_close(f->snapshot);
	tt_settings_free(f->settings);
	tt_arena_free(f->arena);
	*f = (tt_trial_fleet){ 0 };
}

/* --- One call ------------------------------------------------------------------------ */

typedef struct running {
	tt_trial *trial;
	size_t subject;
	uint64_t requests;
	int refused;
} running;

static int grant(void *ctx)
{
	running *r = ctx;
	const tt_trial *t = r->trial;

	r->requests++;
	if (t->pause)
		t->pause(t->pause_ctx);
	if (!t->refuse_at || r->requests < t->refuse_at ||
	    (r->requests > t->refuse_at && !t->refuse_after))
		return 1;
	r->refused = 1;
	return 0;
}

static int put(void *ctx, const tt_buf *finding)
{
	const running *r = ctx;
	tt_trial *t = r->trial;
	tt_buf *said = &t->said[r->subject];

	tt_buf_add(said, finding->p, finding->n);
	if (said->failed || !TT_GROW(t->found, t->n_found, t->cap_found))
		return TT_ENOMEM;
	return tt_found_read(finding->p, finding->n, t->arena, &t->found[t->n_found++], NULL);
}

/* What the call may have ended with, given what was taken from it. */
static int judge(const tt_trial *t, const running *r, const tt_subject *s, int rc, tt_err *why,
                 tt_err *err)
{
	if (rc == TT_OK || rc == TT_ENODATA || r->refused ||
	    (t->cancelled && rc == TT_ECANCELLED))
		return TT_OK;
	return tt_fail(err, rc, "%s \"%.*s\": %s", tt_scope_text(s->scope), TT_SHOWN(s->id),
	               why->text);
}

static int call(tt_trial *t, const tt_subject *s, size_t subject, tt_err *err)
{
	running r = { .trial = t, .subject = subject };
	int64_t start_ns = tt_cpu_ns();
	TT_CLEANUP(tt_kept_free) tt_kept kept = { 0 };
	tt_err why = { 0 };
	tt_call c;

	TT_TRY(tt_call_open(&c, TT_CALL_DETECT, err));
	c.kept = &kept;
	c.detector = t->detector->info.id;
	c.subjects = &t->fleet->subjects;
	c.scope = s->scope;
	c.lines = t->fleet->lines;
	c.n_lines = t->fleet->n_lines;
	c.left_findings = c.limit_findings = 10000;
	c.put = put;
	c.put_ctx = c.grant_ctx = &r;
	c.grant = grant;
	c.cpu_until_ns = t->cancelled ? 0 : start_ns + TT_TRIAL_CPU_S * INT64_C(1000000000);
	if (t->at)
		snprintf(t->at, 256, "%s \"%.*s\"", tt_scope_text(s->scope), TT_SHOWN(s->id));
	if (t->at) /* cancelled() tells it in time, and a second later it is over */
		tt_confine_timer((TT_TRIAL_CPU_S + 1) * INT64_C(1000000000));

	int rc = t->detector->detect(&tt_host_table, &c, s, t->params);

	if (t->at) {
		tt_confine_timer(0);
		*t->at = '\0';
	}
	rc = tt_call_verdict(&c, rc == TT_NOT_ABOUT ? TT_OK : rc, &why);
	tt_buf_printf(&t->said[subject], "%d %s", rc, why.text);
	if (r.requests > t->most_requests)
		t->most_requests = r.requests;
	if (TT_CALL_BYTES_MAX - c.left_bytes > t->most_bytes)
		t->most_bytes = TT_CALL_BYTES_MAX - c.left_bytes;
	if (tt_cpu_ns() - start_ns > t->most_cpu_ns)
		t->most_cpu_ns = tt_cpu_ns() - start_ns;
	tt_call_close(&c);
	return judge(t, &r, s, rc, &why, err);
}

/* --- All of them ------------------------------------------------------------------------ */

static int compare_ids(const void *a, const void *b)
{
	const tt_found *x = a, *y = b;

	return strcmp(x->id, y->id);
}

/* An id is one finding: decisions and comparisons with last week hang on it. */
static int check_ids(tt_trial *t, tt_err *err)
{
	tt_found *v = t->found;

	if (t->n_found)
		qsort(v, t->n_found, sizeof *v, compare_ids);
	for (size_t i = 1; i < t->n_found; i++)
		if (strcmp(v[i - 1].id, v[i].id) == 0)
			return tt_fail(err, TT_EINVAL, "two findings \"%s\" about %s \"%.*s\"",
			               v[i].verdict, tt_subject_kind_text(v[i].subject_kind),
			               TT_SHOWN(v[i].subject_id));
	return TT_OK;
}

int tt_trial_run(tt_trial *t, tt_err *err)
{
	TT_CLEANUP(tt_decoder_reset) tt_decoder decoder = { .subjects = &t->fleet->subjects };
	size_t n = t->fleet->subjects.n;
	tt_subject s;

	t->said = tt_zalloc(n + 1, sizeof *t->said);
	t->arena = tt_arena_new();
	if (!t->said || !t->arena)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		size_t at = t->backwards ? n - 1 - i : i;

		TT_TRY(tt_decode(&decoder, at, &s, err));
		TT_TRY(call(t, &s, at, err));
	}
	return check_ids(t, err);
}

void tt_trial_free(tt_trial *t)
{
	for (size_t i = 0; t->said && i < t->fleet->subjects.n; i++)
		tt_buf_free(&t->said[i]);
	tt_free(t->said);
	tt_free(t->found);
	tt_arena_free(t->arena);
}

int tt_trial_same(const tt_trial *a, const tt_trial *b, tt_err *err)
{
	const tt_subjects *s = &a->fleet->subjects;

	for (size_t i = 0; i < s->n; i++) {
		if (a->said[i].n == b->said[i].n &&
		    memcmp(tt_buf_text(&a->said[i]), tt_buf_text(&b->said[i]),
		           a->said[i].n) == 0)
			continue;
		return tt_fail(err, TT_EINVAL, "of %s \"%.*s\"", tt_scope_text(s->v[i].scope),
		               TT_SHOWN(tt_subject_id(s, i)));
	}
	return TT_OK;
}
