/* fleet.c - see fleet.h. Which source reads a location is asked of the sources, in the
 * order of their ids; nothing here knows what they read. */
#include "host/fleet.h"
#include "host/services.h"
#include "base/file.h"
#include "base/leftovers.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether something is there at all; a source may read URLs, which are not files. */
static int check_there(const char *location, tt_err *err)
{
	struct stat st;

	if (strstr(location, "://") || stat(location, &st) == 0)
		return TT_OK;
	return tt_fail(err, TT_EIO, "%s: %s", location, strerror(errno));
}

static int probe(const tt_plugin *p, const char *location, int *ret, tt_err *err)
{
	tt_call c;

	TT_TRY(tt_call_open(&c, TT_CALL_PROBE, err));
	int rc = p->d.source.probe(&tt_host_table, &c, location);
	*ret = rc == 1;
	rc = tt_call_verdict(&c, rc == 1 ? TT_OK : rc, err);
	tt_call_close(&c);
	return rc < 0 ? tt_context(err, "source %s", p->info.id) : TT_OK;
}

static int no_source(const tt_plugins *p, const char *location, tt_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->v[i].kind == TT_KIND_SOURCE;
	if (!n)
		return tt_fail(err, TT_EDATA, "%s: no source reads it: no source plugin was found",
		               location);
	if (tt_is_folder(location))
		return tt_fail(err, TT_EDATA, "%s: no source reads it: no snapshot.yaml in this "
		               "folder", location);
	return tt_fail(err, TT_EDATA, "%s: no source reads it: neither a snapshot file nor a "
	               "folder with a snapshot.yaml", location);
}

static int find_source(const tt_plugins *p, const char *location, const tt_plugin **ret,
                       tt_err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		int its_own = 0;

		if (p->v[i].kind != TT_KIND_SOURCE)
			continue;
		TT_TRY(probe(&p->v[i], location, &its_own, err));
		if (its_own) {
			*ret = &p->v[i];
			return TT_OK;
		}
	}
	return no_source(p, location, err);
}

/* What a service failed with already says file and line; a plugin's own words are put
 * behind its name. */
static int read_all(const tt_plugin *p, const char *location, tt_builder *b, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	void *params;
	tt_call c;

	if (!arena)
		return tt_fail(err, TT_ENOMEM, "%s: %s", location, tt_status_text(TT_ENOMEM));
	TT_TRY(tt_params_bind(&p->info, "", NULL, arena, &params, err));
	TT_TRY(tt_call_open(&c, TT_CALL_READ, err));
	c.builder = b;
	int rc = p->d.source.read(&tt_host_table, &c, location, params);
	rc = tt_call_verdict(&c, rc, err);
	if (rc < 0 && c.broken.status == TT_OK)
		tt_context(err, "%s: source %s", location, p->info.id);
	tt_call_close(&c);
	return rc;
}

int tt_fleet_build(const tt_plugins *p, const char *location, const char *out,
                   const tt_build_options *o, tt_build_times *ret_times, tt_err *err)
{
	TT_CLEANUP(tt_builder_closep) tt_builder *b = NULL;
	const tt_plugin *source = NULL;

	TT_TRY(check_there(location, err));
	TT_TRY(find_source(p, location, &source, err));
	TT_TRY(tt_builder_open(out, o, &b, err));
	tt_builder_source(b, source->info.id);
	TT_TRY(read_all(source, location, b, err));
	return tt_builder_finish(b, ret_times, err);
}

/* A folder of its own, so that whatever the builder puts beside its output is private
 * and goes with it. */
static int make_folder(char *folder, size_t size, tt_err *err)
{
	const char *where = getenv("TMPDIR");

	TT_TRY(tt_path_join(where && *where ? where : "/tmp", "trimtab-XXXXXX", folder, size, err));
	return mkdtemp(folder) ? TT_OK : tt_fail(err, TT_EIO, "%s: %s", folder, strerror(errno));
}

int tt_fleet_open(const tt_plugins *p, const char *location, const tt_build_options *o,
                  tt_snapshot **ret, tt_err *err)
{
	char folder[PATH_MAX], file[PATH_MAX];
	int rc;

	if (tt_snapshot_is_file(location))
		return tt_snapshot_load(location, ret, err);
	/* before the folder is made: most mistakes end here */
	TT_TRY(check_there(location, err));
	TT_TRY(make_folder(folder, sizeof folder, err));
	tt_leftover_add(folder);
	rc = tt_path_join(folder, "fleet.db", file, sizeof file, err);
	if (rc == TT_OK) {
		tt_leftover_add(file);
		rc = tt_fleet_build(p, location, file, o, NULL, err);
	}
	if (rc == TT_OK)
		rc = tt_snapshot_load(file, ret, err);
	if (rc == TT_OK) {
		(*ret)->temporary = 1;
		return TT_OK;
	}
	unlink(file);
	rmdir(folder);
	tt_leftover_done(file);
	tt_leftover_done(folder);
	return rc;
}
