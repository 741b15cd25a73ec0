/* fleet.c - see fleet.h. Which source reads a location is asked of the sources, in the
 * order of their ids; nothing here knows what they read. */
#include "host/fleet.h"
#include "host/services.h"
#include "base/file.h"
#include "base/leftovers.h"
#include "base/memory.h"
#include "base/near.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
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

/* Why not is added to `why`, where the source says so. */
static int probe(const tt_plugin *p, const char *location, int *ret, tt_buf *why, tt_err *err)
{
	tt_call c;

	TT_TRY(tt_call_open(&c, TT_CALL_PROBE, err));
	int rc = p->d.source.probe(&tt_host_table, &c, location);
	*ret = rc == 1;
	if (rc == 0 && c.err.text[0])
		tt_buf_printf(why, "%s%s: %s", why->n ? "; " : "", p->info.id, c.err.text);
	rc = tt_call_verdict(&c, rc == 1 ? TT_OK : rc, err);
	tt_call_close(&c);
	return rc < 0 ? tt_context(err, "source %s", p->info.id) : TT_OK;
}

static int no_source(const tt_plugins *p, const char *location, const tt_buf *why, tt_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->v[i].kind == TT_KIND_SOURCE;
	if (!n)
		return tt_fail(err, TT_EDATA, "%s: no source reads it: no source plugin was found",
		               location);
	return tt_fail(err, TT_EDATA, "%s: no source reads it%s%s%s", location,
	               tt_is_folder(location) ? "" : ", and it is no snapshot file",
	               why->n ? ": " : "", tt_buf_text(why));
}

static int find_source(const tt_plugins *p, const char *location, const tt_plugin **ret,
                       tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf why = { 0 };

	if (tt_snapshot_is_ours(location))
		return tt_fail(err, TT_EDATA, "%s: is a snapshot already, so there is nothing to "
		               "read it from; every command takes it as it is", location);
	for (size_t i = 0; i < p->n; i++) {
		int its_own = 0;

		if (p->v[i].kind != TT_KIND_SOURCE)
			continue;
		TT_TRY(probe(&p->v[i], location, &its_own, &why, err));
		if (its_own) {
			*ret = &p->v[i];
			return TT_OK;
		}
	}
	return no_source(p, location, &why, err);
}

/* --- What a source passes over ---------------------------------------------------------- */

/* "gpu_usage.csv" of that and of "gpu_usage.csv.gz"; 0 when it is no table at all. */
static size_t csv_name(const char *file)
{
	size_t n = strlen(file);

	if (n > 3 && strcmp(file + n - 3, ".gz") == 0)
		n -= 3;
	return n > 4 && file[0] != '.' && strncmp(file + n - 4, ".csv", 4) == 0 ? n : 0;
}

static int was_asked_for(const tt_call *c, const char *file, size_t n)
{
	for (size_t i = 0; i < c->asked.n; i++)
		if (strlen(c->asked.v[i]) == n && strncmp(c->asked.v[i], file, n) == 0)
			return 1;
	return 0;
}

/* The tables in the folder that the source did not ask for, sorted. */
static int list_unread(const tt_call *c, const char *folder, const char ***ret, size_t *ret_n)
{
	DIR *d = opendir(folder);
	const char **v = NULL;
	size_t n = 0, cap = 0;
	int rc = TT_OK;

	for (const struct dirent *e; d && rc == TT_OK && (e = readdir(d)) != NULL;) {
		size_t bytes = csv_name(e->d_name);

		if (!bytes || was_asked_for(c, e->d_name, bytes))
			continue;
		if (!TT_GROW(v, n, cap) ||
		    !(v[n++] = tt_arena_text(c->arena, e->d_name, strlen(e->d_name))))
			rc = TT_ENOMEM;
	}
	if (d)
		closedir(d);
	if (n && rc == TT_OK)
		qsort(v, n, sizeof *v, tt_compare_texts); /* readdir() has no order */
	*ret = v;
	*ret_n = n;
	return rc;
}

/* A file with a slip in its name would be missing without a word. */
static int note_unread(const tt_call *c, const char *folder, const char *source, tt_builder *b)
{
	TT_CLEANUP(tt_freep) const char **files = NULL;
	TT_CLEANUP(tt_freep) const char **known = tt_zalloc(c->asked.n + 1, sizeof *known);
	size_t n = 0;

	if (!known)
		return TT_ENOMEM;
	if (!tt_is_folder(folder))
		return TT_OK;
	if (c->asked.n)
		memcpy(known, c->asked.v, c->asked.n * sizeof *known);
	TT_TRY(list_unread(c, folder, &files, &n));
	for (size_t i = 0; i < n; i++) {
		char name[256];

		snprintf(name, sizeof name, "%.*s", (int)csv_name(files[i]), files[i]);
		const char *near = tt_nearest_word(name, known);
		TT_TRY(tt_builder_note(b, "%s was not read: source %s knows no such file%s%s%s",
		                       files[i], source, near ? "; did you mean " : "",
		                       near ? near : "", near ? "?" : ""));
	}
	return TT_OK;
}

/* --- Reading ------------------------------------------------------------------------------- */

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
	if (rc == TT_OK && note_unread(&c, location, p->info.id, b) < 0)
		rc = tt_no_memory(err);
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
 * and goes with it. Not mkdtemp(): an interrupt right behind it would leave the folder,
 * so its name is on the list of leftovers before there is one. */
static int make_folder(char *folder, size_t size, tt_err *err)
{
	const char *where = getenv("TMPDIR");
	char name[64];
	uint64_t any;

	for (int tries = 0; tries < 100; tries++) {
		if (getrandom(&any, sizeof any, 0) != sizeof any)
			return tt_fail(err, TT_EINTERNAL, "no random number: %s", strerror(errno));
		snprintf(name, sizeof name, "trimtab-%016" PRIx64, any);
		TT_TRY(tt_path_join(where && *where ? where : "/tmp", name, folder, size, err));
		tt_leftover_add(folder);
		if (mkdir(folder, 0700) == 0)
			return TT_OK;
		tt_fail(err, TT_EIO, "%s: %s", folder, strerror(errno));
		tt_leftover_done(folder);
		if (access(folder, F_OK) != 0)
			break;
	}
	return TT_EIO;
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

/* --- Shards --------------------------------------------------------------------------- */

/* A location that is no file becomes a shard for the while of the merge. Its file has no
 * name any more once it is open, so nothing stays behind. */
static int shard_of_location(const tt_plugins *p, const char *location, const char *label,
                             const tt_build_options *o, tt_shard **ret, tt_err *err)
{
	char folder[PATH_MAX], file[PATH_MAX];
	tt_build_options shard = *o;

	TT_TRY(check_there(location, err));
	TT_TRY(make_folder(folder, sizeof folder, err));
	tt_leftover_add(folder);
	shard.shard = 1;
	int rc = tt_path_join(folder, "shard.db", file, sizeof file, err);
	if (rc == TT_OK) {
		tt_leftover_add(file);
		rc = tt_fleet_build(p, location, file, &shard, NULL, err);
		if (rc == TT_OK)
			rc = tt_shard_open(file, label, ret, err);
		else
			tt_context(err, "%s", label);
		unlink(file);
		tt_leftover_done(file);
	}
	rmdir(folder);
	tt_leftover_done(folder);
	return rc;
}

/* "a" for "a/". */
static char *without_slash(const char *location)
{
	char *label = tt_strdup(location);
	size_t n = label ? strlen(label) : 0;

	while (n > 1 && label[n - 1] == '/')
		label[--n] = '\0';
	return label;
}

static int open_shard(const tt_plugins *p, const char *location, const tt_build_options *o,
                      tt_shard **ret, tt_err *err)
{
	char *label = without_slash(location);
	int rc;

	if (!label)
		rc = tt_no_memory(err);
	else if (tt_snapshot_is_file(location))
		rc = tt_shard_open(location, label, ret, err);
	else
		rc = shard_of_location(p, location, label, o, ret, err);
	tt_free(label);
	return rc;
}

/* Whether two locations are one file or folder. Others are told apart by their text. */
static int same_place(const char *a, const char *b)
{
	struct stat x, y;

	if (strcmp(a, b) == 0)
		return 1;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

int tt_fleet_merge(const tt_plugins *p, const char *const *locations, size_t n, const char *out,
                   const tt_build_options *o, tt_merge_report *ret, tt_build_times *ret_times,
                   tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_shard **shards = tt_zalloc(n, sizeof *shards);
	int rc = shards ? TT_OK : tt_no_memory(err);

	for (size_t i = 0; rc == TT_OK && i < n; i++)
		for (size_t k = 0; rc == TT_OK && k < i; k++)
			if (same_place(locations[i], locations[k]))
				rc = tt_fail(err, TT_EINVAL, "%s is given twice", locations[i]);
	for (size_t i = 0; rc == TT_OK && i < n; i++)
		rc = open_shard(p, locations[i], o, &shards[i], err);
	if (rc == TT_OK)
		rc = tt_merge(shards, n, out, o, ret, ret_times, err);
	for (size_t i = 0; shards && i < n; i++)
		tt_shard_close(shards[i]);
	return rc;
}
