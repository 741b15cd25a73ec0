/* conformance.c - see conformance.h. Each check is one forked process that writes into
 * memory which it shares with us: what it is at, and at its end the verdict. One that does
 * not come to its end has failed at what it was at. */
#include "host/conformance.h"
#include "host/checks.h"
#include "host/confine.h"
#include "host/trial.h"
#include "base/file.h"
#include "base/leftovers.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WALL_S = 120, MEMORY_MIB = 1024 }; /* of one check */

typedef struct run {
	tt_conformance *out;
	tt_checker k;
} run;

/* --- Running one check -------------------------------------------------------------------- */

static void say_why(tt_check_report *r, const char *why, const char *at)
{
	const char *join = *at || *r->with ? " " : ", "; /* words of its own end before it */

	snprintf(r->text, sizeof r->text, "%.300s%s%.120s%s%.120s%s%.60s", why,
	         *at ? " at " : "", at, *r->with ? " " : "", r->with, *r->fleet ? join : "",
	         r->fleet);
	r->failed = 1;
}

static _Noreturn void child(tt_checker *k, tt_check f)
{
	tt_check_report *r = k->report;
	tt_err err = { 0 };

	tt_confine(WALL_S, MEMORY_MIB);
	if (f(k, &err) < 0)
		say_why(r, err.text, "");
	r->done = 1;
	_exit(0);
}

/* Wait until the other end of `fd` is closed, which is when the process is gone. */
static int wait_for(pid_t pid, int fd, int *status)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n, late;

	do
		n = poll(&p, 1, WALL_S * 1000);
	while (n < 0 && errno == EINTR);
	late = n == 0;
	if (late)
		kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return late;
}

static int run_forked(tt_checker *k, tt_check f, tt_err *err)
{
	tt_check_report *r = k->report;
	int fds[2], status = 0, late;
	char why[512];

	memset(r, 0, sizeof *r);
	if (pipe2(fds, O_CLOEXEC) != 0)
		return tt_fail(err, TT_EIO, "checking %s: %s", k->path, strerror(errno));
	pid_t pid = fork();
	if (pid == 0)
		child(k, f);
	close(fds[1]);
	if (pid > 0)
		late = wait_for(pid, fds[0], &status);
	close(fds[0]);
	if (pid < 0)
		return tt_fail(err, TT_EIO, "checking %s: %s", k->path, strerror(errno));
	if (r->done)
		return TT_OK;
	tt_confine_death(status, TT_TRIAL_CPU_S, why);
	if (late)
		snprintf(why, sizeof why, "did not return within %d s", WALL_S);
	k->hangs |= late;
	say_why(r, why, r->at);
	return TT_OK;
}

static tt_check_line *add_line(tt_conformance *c, const char *what, tt_err *err)
{
	if (!TT_GROW(c->v, c->n, c->cap)) {
		tt_no_memory(err);
		return NULL;
	}
	c->v[c->n] = (tt_check_line){ .verdict = TT_CHECK_OK };
	snprintf(c->v[c->n].what, sizeof c->v[c->n].what, "%s", what);
	return &c->v[c->n++];
}

static int run_check(run *r, const char *what, tt_check f, tt_err *err)
{
	tt_check_line *line = add_line(r->out, what, err);
	const tt_check_report *report = r->k.report;

	if (!line)
		return TT_ENOMEM;
	TT_TRY(run_forked(&r->k, f, err));
	memcpy(line->text, report->text, sizeof line->text - 1);
	line->verdict = report->failed ? TT_CHECK_FAILED : TT_CHECK_OK;
	r->out->n_failed += line->verdict == TT_CHECK_FAILED;
	r->out->n_calls += report->n_calls;
	r->out->n_found += report->n_found;
	r->out->grounds |= report->grounds;
	return TT_OK;
}

/* --- All of them ---------------------------------------------------------------------------- */

static void leave_line_out(run *r, tt_check_line *line, const char *why)
{
	snprintf(line->text, sizeof line->text, "%s", why);
	line->verdict = TT_CHECK_LEFT_OUT;
	r->out->n_left_out++;
}

/* What its defaults fail at, other checks would only say again; and who waits for ever in one
 * would in others. */
static int leave_out(run *r, const char *what, tt_err *err)
{
	tt_check_line *line = add_line(r->out, what, err);

	if (line)
		leave_line_out(r, line, "not tried: see above");
	return line ? TT_OK : TT_ENOMEM;
}

static int check_or_leave(run *r, const char *what, tt_check f, tt_err *err)
{
	return r->k.hangs || r->out->n_failed_plain ? leave_out(r, what, err)
	                                            : run_check(r, what, f, err);
}

static int check_fleets(run *r, tt_err *err)
{
	char what[64], name[32];

	for (size_t i = 0; i < r->k.n_fleets; i++) {
		const tt_check_report *report = r->k.report;

		r->k.which = i;
		snprintf(what, sizeof what, "fleet: %s", tt_check_fleet_text(i, name));
		TT_TRY(check_or_leave(r, what, tt_check_fleet, err));
		if (report->most_cpu_ns > r->out->most_cpu_ns)
			r->out->most_cpu_ns = report->most_cpu_ns;
		if (report->most_bytes > r->out->most_bytes)
			r->out->most_bytes = report->most_bytes;
	}
	return TT_OK;
}

static int check_params(run *r, tt_err *err)
{
	const tt_plugin_info *info = &r->out->plugin.info;
	char what[80];

	for (uint32_t i = 0; i < info->n_params; i++) {
		if (info->params[i].type == TT_STR)
			continue;
		r->k.which = i;
		snprintf(what, sizeof what, "%.60s", info->params[i].key);
		TT_TRY(check_or_leave(r, what, tt_check_bounds, err));
	}
	return TT_OK;
}

/* It was measured where the defaults were tried: over its budget of memory a call has failed
 * there already. */
static int check_time(run *r, tt_err *err)
{
	tt_check_line *line = add_line(r->out, "time and memory", err);

	if (!line)
		return TT_ENOMEM;
	if (r->out->n_failed || !r->out->n_calls) {
		leave_line_out(r, line, r->out->n_failed ? "not tried: see above"
		                                         : "not tried: nothing was called");
		return TT_OK;
	}
	line->verdict = r->out->most_cpu_ns > TT_TRIAL_CPU_S * INT64_C(1000000000)
		? TT_CHECK_FAILED : TT_CHECK_OK;
	snprintf(line->text, sizeof line->text, line->verdict == TT_CHECK_OK
	         ? "no call over %d s of CPU time or %d MiB" : "a call took over %d s of CPU time",
	         TT_TRIAL_CPU_S, TT_CALL_BYTES_MAX >> 20);
	r->out->n_failed += line->verdict == TT_CHECK_FAILED;
	return TT_OK;
}

/* A rule that no fleet met has not been tried, whatever else passed. */
static int check_findings(run *r, tt_err *err)
{
	tt_check_line *line = add_line(r->out, "findings", err);
	const tt_detector *d = &r->out->plugin.d.detector;
	char text[256];

	if (!line)
		return TT_ENOMEM;
	for (uint32_t i = 0; i < d->n_grounds && i < 64 && r->out->n_found; i++) {
		if (r->out->grounds >> i & 1)
			continue;
		snprintf(text, sizeof text, "none was \"%.48s\", which ground %u is about: that "
		         "was not tried", d->grounds[i].verdict, i + 1);
		leave_line_out(r, line, text);
		return TT_OK;
	}
	if (!r->out->n_found)
		leave_line_out(r, line, "none in any fleet, so nothing that it says was tried: "
		               "--fleet FLEET tries it with one that has what it looks for");
	else
		snprintf(line->text, sizeof line->text,
		         "their units, grounds, and what they would change");
	return TT_OK;
}

static int check_detector(run *r, tt_err *err)
{
	static const struct { const char *what; tt_check f; } others[] = {
		{ "all of them at once", tt_check_loose },
		{ "declared units", tt_check_declared },
		{ "called twice", tt_check_twice },
		{ "memory refused", tt_check_memory },
		{ "cancelled", tt_check_cancelled },
		{ "two calls at once", tt_check_both },
	};

	TT_TRY(check_fleets(r, err));
	TT_TRY(check_time(r, err));
	r->out->n_failed_plain = r->out->n_failed;
	TT_TRY(check_params(r, err));
	for (size_t i = 0; i < TT_COUNT(others); i++)
		TT_TRY(check_or_leave(r, others[i].what, others[i].f, err));
	return r->out->n_failed ? TT_OK : check_findings(r, err);
}

static int check_all(run *r, tt_err *err)
{
	tt_conformance *out = r->out;

	TT_TRY(run_check(r, "loads", tt_check_load, err));
	if (out->n_failed)
		return TT_OK;
	TT_TRY(tt_plugin_load(r->k.path, out->arena, &out->plugin, err));
	out->loaded = 1;
	r->k.plugin = &out->plugin;
	return out->plugin.kind == TT_KIND_DETECTOR
		? check_detector(r, err) : run_check(r, "probes", tt_check_probe, err);
}

/* --- The fleets ----------------------------------------------------------------------------- */

static int make_fleets(tt_checker *k, tt_err *err)
{
	for (size_t i = 0; i < TT_CHECK_MADE_UP; i++) {
		enum tt_made_up kind = i < TT_MADE_UP_COUNT ? (enum tt_made_up)i
		                                            : TT_MADE_UP_RANDOM;

		snprintf(k->file[i], sizeof k->file[i], "%s/%zu.db", k->folder, i);
		tt_leftover_add(k->file[i]);
		TT_TRY(tt_made_up_build(kind, i, k->folder, k->file[i], err));
	}
	return TT_OK;
}

static void remove_fleets(const tt_checker *k)
{
	for (size_t i = 0; i < TT_CHECK_MADE_UP && *k->file[i]; i++) {
		unlink(k->file[i]);
		tt_leftover_done(k->file[i]);
	}
	rmdir(k->folder);
	tt_leftover_done(k->folder);
}

static int with_fleets(run *r, tt_err *err)
{
	const char *where = getenv("TMPDIR");

	TT_TRY(tt_path_join(where && *where ? where : "/tmp", "trimtab-XXXXXX", r->k.folder,
	                    sizeof r->k.folder, err));
	if (!mkdtemp(r->k.folder))
		return tt_fail(err, TT_EIO, "%s: %s", r->k.folder, strerror(errno));
	tt_leftover_add(r->k.folder);

	int rc = make_fleets(&r->k, err);

	if (rc == TT_OK)
		rc = check_all(r, err);
	remove_fleets(&r->k);
	return rc;
}

int tt_conformance_check(const char *path, const char *fleet, tt_conformance *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) run *r = tt_zalloc(1, sizeof *r); /* long paths */
	void *shared;

	*ret = (tt_conformance){ .arena = tt_arena_new() };
	if (!r || !ret->arena)
		return tt_no_memory(err);
	shared = mmap(NULL, sizeof *r->k.report, PROT_READ | PROT_WRITE,
	              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return tt_no_memory(err);
	r->out = ret;
	r->k.path = path;
	r->k.report = shared;
	r->k.n_fleets = TT_CHECK_MADE_UP;
	if (fleet)
		snprintf(r->k.file[r->k.n_fleets++], sizeof *r->k.file, "%s", fleet);

	int rc = with_fleets(r, err);

	munmap(shared, sizeof *r->k.report);
	return rc;
}

void tt_conformance_free(tt_conformance *c)
{
	tt_arena_free(c->arena);
	tt_free(c->v);
	*c = (tt_conformance){ 0 };
}
