/* checks.c - see checks.h. A check goes through the fleets that the host would call the
 * detector with, and ends at the first thing that is not as it must be. */
#include "host/checks.h"
#include "host/claims.h"
#include "host/trial.h"
#include "base/file.h"
#include "base/threads.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Refusals of memory that are tried in one fleet; more requests are tried with gaps. */
enum { REFUSALS = 250 };

const char *tt_check_fleet_text(size_t i, char buf[32])
{
	enum tt_made_up kind = i < TT_MADE_UP_COUNT ? (enum tt_made_up)i : TT_MADE_UP_RANDOM;

	if (i >= TT_CHECK_MADE_UP)
		snprintf(buf, 32, "the given one");
	else
		snprintf(buf, 32, "%s%s", tt_made_up_text(kind),
		         i < TT_MADE_UP_COUNT ? "" : ", again");
	return buf;
}

int tt_check_load(tt_checker *k, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	size_t n = strlen(k->path);
	tt_plugin plugin;

	if (!arena)
		return tt_no_memory(err);

	int rc = tt_plugin_load(k->path, arena, &plugin, err);

	/* the path is known; what is wrong is in what follows it */
	if (rc < 0 && strncmp(err->text, k->path, n) == 0 && strncmp(err->text + n, ": ", 2) == 0)
		memmove(err->text, err->text + n + 2, strlen(err->text + n + 2) + 1);
	return rc;
}

/* --- Parameters ------------------------------------------------------------------------- */

static void *make_params(const tt_plugin_info *info, tt_arena *arena, tt_err *err)
{
	void *params = NULL;

	return tt_params_bind(info, "", NULL, arena, &params, err) < 0 ? NULL : params;
}

/* Set a number; the default of a text is all there is of it. */
static void set_param(const tt_param *p, char *params, double v)
{
	int64_t whole = v >= 9223372036854775808.0 ? INT64_MAX : (int64_t)v;

	if (p->type == TT_F64)
		memcpy(params + p->offset, &v, sizeof v);
	else if (p->type == TT_I64)
		memcpy(params + p->offset, &whole, sizeof whole);
}

/* --- The checks of a detector -------------------------------------------------------------- */

/* Look at what it said, each finding for itself. */
static int look_at(tt_checker *k, const tt_trial *t, tt_err *err)
{
	const tt_detector *d = t->detector;
	tt_check_report *r = k->report;

	for (size_t i = 0; i < t->n_found; i++) {
		const tt_found *f = &t->found[i];

		TT_TRY(tt_claims_found(d, t->params, &t->fleet->subjects, f, err));
		for (uint32_t g = 0; g < d->n_grounds && g < 64; g++)
			if (tt_ground_is_about(&d->grounds[g], f->verdict))
				r->grounds |= UINT64_C(1) << g;
		r->n_found++;
	}
	return TT_OK;
}

/* Run one trial and stay in time; *err says what went wrong. */
static int try_it(tt_checker *k, tt_trial *t, tt_err *err)
{
	int rc;

	t->detector = &k->plugin->d.detector;
	t->at = k->report->at;
	rc = tt_trial_run(t, err);
	k->report->n_calls += (int64_t)t->fleet->subjects.n;
	if (t->most_cpu_ns > k->report->most_cpu_ns)
		k->report->most_cpu_ns = t->most_cpu_ns;
	if ((int64_t)t->most_bytes > k->report->most_bytes)
		k->report->most_bytes = (int64_t)t->most_bytes;
	return rc < 0 ? rc : look_at(k, t, err);
}

typedef struct setting {         /* what most checks are made in */
	tt_trial_fleet fleet;
	tt_arena *arena;
	char *params;
	char why_not[256];       /* the host would not call the detector; "" would */
} setting;

static void setting_close(setting *s)
{
	tt_trial_fleet_close(&s->fleet);
	tt_arena_free(s->arena);
}

static int setting_open(tt_checker *k, size_t fleet, setting *s, tt_err *err)
{
	const tt_detector *d = &k->plugin->d.detector;

	s->arena = tt_arena_new();
	if (!s->arena)
		return tt_no_memory(err);
	TT_TRY(tt_trial_fleet_open(k->file[fleet], d->scope, &s->fleet, err));
	s->params = make_params(&d->info, s->arena, err);
	if (!s->params)
		return err->status;
	tt_detect_why_not(d, s->fleet.snapshot, s->why_not);
	if (!s->why_not[0] && !s->fleet.subjects.n)
		snprintf(s->why_not, sizeof s->why_not, "it has no %s", tt_scope_text(d->scope));
	return TT_OK;
}

int tt_check_declared(tt_checker *k, tt_err *err)
{
	return tt_claims_declared(&k->plugin->d.detector, err);
}

int tt_check_fleet(tt_checker *k, tt_err *err)
{
	TT_CLEANUP(setting_close) setting s = { 0 };
	TT_CLEANUP(tt_trial_free) tt_trial t = { .fleet = &s.fleet };

	TT_TRY(setting_open(k, k->which, &s, err));
	t.params = s.params;
	if (s.why_not[0]) {
		snprintf(k->report->text, sizeof k->report->text, "not called: %s", s.why_not);
		return TT_OK;
	}
	TT_TRY(try_it(k, &t, err));
	snprintf(k->report->text, sizeof k->report->text, "%zu call%s, %zu finding%s",
	         s.fleet.subjects.n, s.fleet.subjects.n == 1 ? "" : "s", t.n_found,
	         t.n_found == 1 ? "" : "s");
	return TT_OK;
}

/* For every fleet that the detector is called with. */
typedef int (*in_setting)(tt_checker *k, setting *s, tt_err *err);

static int in_all_fleets(tt_checker *k, in_setting f, tt_err *err)
{
	char name[32];

	for (size_t i = 0; i < k->n_fleets; i++) {
		TT_CLEANUP(setting_close) setting s = { 0 };

		TT_TRY(setting_open(k, i, &s, err));
		snprintf(k->report->fleet, sizeof k->report->fleet, "in fleet \"%s\"",
		         tt_check_fleet_text(i, name));
		if (!s.why_not[0])
			TT_TRY(f(k, &s, err));
	}
	return TT_OK;
}

static int at_bounds(tt_checker *k, setting *s, tt_err *err)
{
	const tt_param *p = &k->plugin->info.params[k->which];
	char text[64];

	for (int high = 0; high < 2; high++) {
		TT_CLEANUP(tt_trial_free) tt_trial t = { .fleet = &s->fleet,
			                                 .params = s->params };
		double v = high ? p->max : p->min;

		set_param(p, s->params, v);
		snprintf(k->report->with, sizeof k->report->with, "with %.48s = %s", p->key,
		         tt_format_f64(v, 6, text, sizeof text));
		TT_TRY(try_it(k, &t, err));
	}
	return TT_OK;
}

int tt_check_bounds(tt_checker *k, tt_err *err)
{
	const tt_param *p = &k->plugin->info.params[k->which];
	char low[64], high[64];

	TT_TRY(in_all_fleets(k, at_bounds, err));
	snprintf(k->report->text, sizeof k->report->text, "at %s and %s",
	         tt_format_f64(p->min, 6, low, sizeof low),
	         tt_format_f64(p->max, 6, high, sizeof high));
	return TT_OK;
}

/* --- All parameters together: a rule of several conditions is not met by moving one --- */

/* The end of its range at which a ground of `verdict` holds for the most, for a number that
 * no ground is about `otherwise`. */
static double loose_end(const tt_detector *d, const tt_param *p, const char *verdict,
                        double otherwise)
{
	for (uint32_t i = 0; i < d->n_grounds; i++) {
		const tt_ground *g = &d->grounds[i];

		if (tt_ground_is_about(g, verdict) && strcmp(g->param, p->key) == 0)
			return *g->relation == '<' ? p->max : p->min;
	}
	return otherwise;
}

enum others { AT_LOWEST, AT_HIGHEST, AT_DEFAULTS, OTHERS };

/* Each number at its loose end for `verdict` (NULL: none is), the others as said. */
static int try_loose(tt_checker *k, setting *s, const char *verdict, enum others others,
                     tt_err *err)
{
	static const char *const texts[OTHERS] = { "lowest", "highest", "defaults" };
	TT_CLEANUP(tt_trial_free) tt_trial t = { .fleet = &s->fleet, .params = s->params };
	const tt_detector *d = &k->plugin->d.detector;

	for (uint32_t i = 0; i < d->info.n_params; i++) {
		const tt_param *p = &d->info.params[i];
		double v = others == AT_LOWEST ? p->min : others == AT_HIGHEST ? p->max : p->def;

		if (p->type != TT_STR)
			set_param(p, s->params, verdict ? loose_end(d, p, verdict, v) : v);
	}
	snprintf(k->report->with, sizeof k->report->with, "with %s%.48s%sat their %s",
	         verdict ? "the loosest for \"" : "all parameters ", verdict ? verdict : "",
	         verdict ? "\", others " : "", texts[others]);
	return try_it(k, &t, err);
}

static const char *verdict_of(const tt_ground *g)
{
	return g->verdict ? g->verdict : ""; /* "": of any */
}

static int loose(tt_checker *k, setting *s, tt_err *err)
{
	const tt_detector *d = &k->plugin->d.detector;

	TT_TRY(try_loose(k, s, NULL, AT_LOWEST, err));
	TT_TRY(try_loose(k, s, NULL, AT_HIGHEST, err));
	for (uint32_t i = 0; i < d->n_grounds; i++) {
		const char *verdict = verdict_of(&d->grounds[i]);
		int before = 0;

		for (uint32_t j = 0; j < i; j++)
			before |= strcmp(verdict_of(&d->grounds[j]), verdict) == 0;
		for (int others = 0; others < OTHERS && !before; others++)
			TT_TRY(try_loose(k, s, verdict, (enum others)others, err));
	}
	return TT_OK;
}

int tt_check_loose(tt_checker *k, tt_err *err)
{
	TT_TRY(in_all_fleets(k, loose, err));
	snprintf(k->report->text, sizeof k->report->text, "all lowest, all highest%s",
	         k->plugin->d.detector.n_grounds ? ", and the loosest for each verdict" : "");
	return TT_OK;
}

static int twice(tt_checker *k, setting *s, tt_err *err)
{
	TT_CLEANUP(tt_trial_free) tt_trial a = { .fleet = &s->fleet, .params = s->params };
	TT_CLEANUP(tt_trial_free) tt_trial b = { .fleet = &s->fleet, .params = s->params,
		                                 .backwards = 1 };
	tt_err why = { 0 };

	TT_TRY(try_it(k, &a, err));
	TT_TRY(try_it(k, &b, err));
	if (tt_trial_same(&a, &b, &why) < 0)
		return tt_fail(err, TT_EINVAL, "says another thing the second time %s: it keeps "
		               "state, or reads what it was not given", why.text);
	return TT_OK;
}

int tt_check_twice(tt_checker *k, tt_err *err)
{
	TT_TRY(in_all_fleets(k, twice, err));
	snprintf(k->report->text, sizeof k->report->text, "also with the subjects backwards");
	return TT_OK;
}

static int starve(tt_checker *k, setting *s, tt_err *err)
{
	TT_CLEANUP(tt_trial_free) tt_trial full = { .fleet = &s->fleet, .params = s->params };
	uint64_t step;

	TT_TRY(try_it(k, &full, err));
	step = full.most_requests / REFUSALS + 1;
	for (uint64_t i = 1; i <= full.most_requests; i += step)
		for (int after = 0; after < 2; after++) {
			TT_CLEANUP(tt_trial_free) tt_trial t = { .fleet = &s->fleet,
				.params = s->params, .refuse_at = i, .refuse_after = after };

			snprintf(k->report->with, sizeof k->report->with,
			         "with request %llu%s refused", (unsigned long long)i,
			         after ? " and all after it" : "");
			TT_TRY(try_it(k, &t, err));
		}
	return TT_OK;
}

int tt_check_memory(tt_checker *k, tt_err *err)
{
	TT_TRY(in_all_fleets(k, starve, err));
	snprintf(k->report->text, sizeof k->report->text, "each request refused in its turn");
	return TT_OK;
}

static int cancel(tt_checker *k, setting *s, tt_err *err)
{
	TT_CLEANUP(tt_trial_free) tt_trial t = { .fleet = &s->fleet, .params = s->params,
		                                 .cancelled = 1 };

	return try_it(k, &t, err);
}

int tt_check_cancelled(tt_checker *k, tt_err *err)
{
	return in_all_fleets(k, cancel, err);
}

/* --- Two calls at once ---------------------------------------------------------------------- */

/* The two take turns: each stops at each request for memory until the other has come to
 * its next, so that what they share shows whatever the machine's mood. */
typedef struct turns {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	int turn, gone[2];
} turns;

typedef struct player {
	turns *turns;
	int me, rc;
	setting setting;
	tt_trial trial;
	tt_err err;
} player;

static void give_turn(void *ctx)
{
	const player *p = ctx;
	turns *t = p->turns;

	pthread_mutex_lock(&t->lock);
	t->turn = !p->me;
	pthread_cond_broadcast(&t->moved);
	while (t->turn != p->me && !t->gone[!p->me])
		pthread_cond_wait(&t->moved, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

static void play(void *ctx, int i)
{
	player *p = (player *)ctx + i;
	turns *t = p->turns;

	p->rc = tt_trial_run(&p->trial, &p->err);
	pthread_mutex_lock(&t->lock);
	t->gone[i] = 1;
	pthread_cond_broadcast(&t->moved);
	pthread_mutex_unlock(&t->lock);
}

static int play_both(player p[2], const tt_trial *alone, tt_err *err)
{
	tt_err why = { 0 };

	TT_TRY(tt_run_together(2, play, p, err));
	for (int i = 0; i < 2; i++) {
		if (p[i].rc < 0)
			return tt_fail(err, p[i].rc, "%s", p[i].err.text);
		if (tt_trial_same(alone, &p[i].trial, &why) < 0)
			return tt_fail(err, TT_EINVAL, "says another thing %s when it is called "
			               "twice at once: it has writable globals", why.text);
	}
	return TT_OK;
}

/* Each has a snapshot of its own: the core's are for one thread. */
static int both(tt_checker *k, size_t fleet, tt_err *err)
{
	TT_CLEANUP(setting_close) setting s = { 0 };
	TT_CLEANUP(tt_trial_free) tt_trial alone = { .fleet = &s.fleet };
	turns t = { .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER };
	player p[2] = { { .rc = 0 } };
	int rc = setting_open(k, fleet, &s, err);

	alone.params = s.params;
	if (rc == TT_OK && !s.why_not[0])
		rc = try_it(k, &alone, err);
	for (int i = 0; i < 2 && rc == TT_OK; i++) {
		rc = setting_open(k, fleet, &p[i].setting, err);
		p[i].turns = &t;
		p[i].me = i;
		p[i].trial = (tt_trial){ .fleet = &p[i].setting.fleet,
			.detector = &k->plugin->d.detector, .params = p[i].setting.params,
			.pause = give_turn, .pause_ctx = &p[i] };
	}
	if (rc == TT_OK && !s.why_not[0])
		rc = play_both(p, &alone, err);
	for (int i = 0; i < 2; i++) {
		tt_trial_free(&p[i].trial);
		setting_close(&p[i].setting);
	}
	return rc;
}

int tt_check_both(tt_checker *k, tt_err *err)
{
	char name[32];

	for (size_t i = 0; i < k->n_fleets; i++) {
		snprintf(k->report->fleet, sizeof k->report->fleet, "in fleet \"%s\"",
		         tt_check_fleet_text(i, name));
		TT_TRY(both(k, i, err));
	}
	return TT_OK;
}

/* --- Of a source ---------------------------------------------------------------------------- */

static int probe(tt_checker *k, const char *location, int *ret, tt_err *err)
{
	tt_call c;

	snprintf(k->report->at, sizeof k->report->at, "probe()");
	TT_TRY(tt_call_open(&c, TT_CALL_PROBE, err));
	*ret = k->plugin->d.source.probe(&tt_host_table, &c, location);

	int rc = tt_call_verdict(&c, *ret == 1 ? TT_OK : *ret, err);

	tt_call_close(&c);
	if (rc == TT_OK && *ret != 0 && *ret != 1)
		rc = tt_fail(err, TT_EINVAL, "probe() returned %d, expected 1 or 0", *ret);
	return rc;
}

int tt_check_probe(tt_checker *k, tt_err *err)
{
	char nowhere[PATH_MAX + 16];
	const char *const locations[] = { k->folder, k->file[0], nowhere, "", "scheme://host/x" };

	snprintf(nowhere, sizeof nowhere, "%s/nowhere", k->folder);
	for (size_t i = 0; i < TT_COUNT(locations); i++) {
		int first, second;

		TT_TRY(probe(k, locations[i], &first, err));
		TT_TRY(probe(k, locations[i], &second, err));
		if (first != second)
			return tt_fail(err, TT_EINVAL, "probe() says another thing the second "
			               "time");
	}
	snprintf(k->report->text, sizeof k->report->text,
	         "a folder, a file, a URL, and what is not there");
	return TT_OK;
}
