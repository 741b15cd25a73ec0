#include "cli/session.h"
#include "base/file.h"
#include "cli/command.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WORLDS_LEAST = 32, WORLDS_MOST = 1 << 20 };

#define SECOND_NS INT64_C(1000000000)
#define REFRESH_NS (SECOND_NS / 10)
#define CLEAR_LINE "\r\033[K"

static int64_t now_ns(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
		return 0;
	return (int64_t)t.tv_sec * SECOND_NS + t.tv_nsec;
}

void tt_progress_open(tt_progress *p, const tt_options *o)
{
	*p = (tt_progress){ .on = !o->quiet && isatty(STDERR_FILENO), .started_ns = now_ns() };
}

/* Whether the line is to be written anew. */
static bool is_due(tt_progress *p)
{
	int64_t now;

	if (!p->on)
		return false;
	now = now_ns();
	if (now - p->started_ns < SECOND_NS || now - p->last_ns < REFRESH_NS)
		return false;
	p->last_ns = now;
	p->shown = 1;
	return true;
}

void tt_progress_report(void *ctx, const char *file, int64_t done_bytes, int64_t all_bytes)
{
	const char *name = strrchr(file, '/');

	if (!is_due(ctx))
		return;
	fprintf(stderr, CLEAR_LINE "reading %.*s", TT_SHOWN(name ? name + 1 : file));
	if (all_bytes > 0 && done_bytes <= all_bytes)
		fprintf(stderr, "  %3d %%", (int)((double)done_bytes / (double)all_bytes * 100));
	fflush(stderr);
}

void tt_progress_worlds(void *ctx, size_t done, size_t most)
{
	if (!is_due(ctx))
		return;
	fprintf(stderr, CLEAR_LINE "simulated %zu of at most %zu worlds", done, most);
	fflush(stderr);
}

void tt_progress_close(tt_progress *p)
{
	if (p->shown) {
		fputs(CLEAR_LINE, stderr);
		fflush(stderr);
	}
	p->on = p->shown = 0;
}

/* Whether `text` begins with a path in the folder, or is about the folder itself. */
static int is_of_folder(const char *text, const char *folder)
{
	size_t n = strlen(folder);

	while (n > 1 && folder[n - 1] == '/')
		n--;
	return strncmp(text, folder, n) == 0 && (text[n] == '/' || text[n] == ':');
}

/* A folder that was asked for and holds no plugin is likely the wrong one. */
static void remark_empty(const tt_options *o, const tt_plugins *p)
{
	for (size_t i = 0; i < o->n_folders; i++) {
		int any = 0;

		for (size_t k = 0; k < p->n; k++)
			any |= is_of_folder(p->v[k].path, o->folders[i]);
		for (size_t k = 0; k < p->n_refused; k++)
			any |= is_of_folder(p->refused[k], o->folders[i]);
		if (!any)
			tt_remark(o, "--plugins: there is no plugin in %s", o->folders[i]);
	}
}

int tt_session_plugins(const tt_options *o, tt_plugins **ret, tt_err *err)
{
	const char *folders[TT_FOLDERS_MAX + 2];
	char own[4096];
	size_t n = 0;

	if (tt_plugins_default_folder(own, sizeof own, err) < 0)
		return err->status;
	folders[n++] = own;
	for (size_t i = 0; i < o->n_folders; i++) {
		if (!tt_is_folder(o->folders[i]))
			return tt_fail(err, TT_EIO, "--plugins: %s is no folder", o->folders[i]);
		folders[n++] = o->folders[i];
	}
	folders[n] = NULL;
	TT_TRY(tt_plugins_load(folders, ret, err));
	for (size_t i = 0; i < (*ret)->n_refused; i++)
		tt_remark(o, "plugin refused: %s", (*ret)->refused[i]);
	remark_empty(o, *ret);
	return TT_OK;
}

/* Without the folder (a program that was copied out of its tree) nothing is known of GPUs. */
static int load_catalogue(tt_settings *st, tt_err *err)
{
	char folder[4096];

	TT_TRY(tt_catalogue_default_folder(folder, sizeof folder, err));
	return tt_is_folder(folder) ? tt_catalogue_load(folder, &st->catalogue, err) : TT_OK;
}

int tt_session_settings(const tt_options *o, tt_settings **ret, tt_err *err)
{
	const bool found = !o->config && tt_is_file("trimtab.yaml");
	TT_CLEANUP(tt_settings_freep) tt_settings *st = NULL;

	TT_TRY(tt_settings_load(found ? "trimtab.yaml" : o->config, &st, err));
	TT_TRY(load_catalogue(st, err));
	if (found)
		tt_remark(o, "settings from ./trimtab.yaml");
	*ret = st;
	st = NULL;
	return TT_OK;
}

tt_build_options tt_session_build(const tt_options *o, tt_progress *p)
{
	return (tt_build_options){ .lenient = o->lenient, .threads = (int)o->threads,
		                   .progress = tt_progress_report, .progress_ctx = p };
}

int tt_session_open(const tt_options *o, const tt_plugins *p, const char *location,
                    tt_snapshot **ret, tt_err *err)
{
	tt_progress progress;

	tt_progress_open(&progress, o);
	tt_build_options b = tt_session_build(o, &progress);
	int rc = tt_fleet_open(p, location, &b, ret, err);
	tt_progress_close(&progress);
	return rc;
}

int tt_session_fleet(const tt_options *o, const tt_plugins *p, tt_snapshot **ret, tt_err *err)
{
	return tt_session_open(o, p, o->args[0], ret, err);
}

void tt_session_failed(const tt_options *o, const tt_findings *f)
{
	for (size_t i = 0; i < f->n_failed; i++)
		tt_remark(o, "detector %s failed: %s", f->failed[i].detector, f->failed[i].why);
}

int tt_session_worlds(const tt_options *o, int or_none, tt_err *err)
{
	const int64_t n = o->worlds;

	if ((n >= WORLDS_LEAST && n <= WORLDS_MOST && (n & (n - 1)) == 0) || (or_none && !n))
		return TT_OK;
	return tt_fail(err, TT_EINVAL, "--worlds is %" PRId64 ", expected %sa power of two from %d "
	               "to %d", n, or_none ? "0 or " : "", WORLDS_LEAST, WORLDS_MOST);
}
