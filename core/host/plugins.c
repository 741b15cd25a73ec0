/* plugins.c - see plugins.h. The frozen head is checked before anything behind it is
 * read, and the descriptor is copied, so the rest of the core never sees a field that a
 * plugin does not have. */
#include "host/plugins.h"
#include "base/file.h"
#include "base/prefix.h"
#include "base/text.h"
#include "snapshot/metrics.h"
#include "snapshot/tables.h"
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(sizeof(tt_head) == 16, "the head keeps its layout for ever");
_Static_assert(offsetof(tt_head, abi_major) == 4, "the head keeps its layout for ever");
_Static_assert(offsetof(tt_head, size) == 8, "the head keeps its layout for ever");
_Static_assert(offsetof(tt_head, kind) == 12, "the head keeps its layout for ever");
_Static_assert(offsetof(tt_detector, info) == sizeof(tt_head), "info follows the head");
_Static_assert(offsetof(tt_source, info) == sizeof(tt_head), "info follows the head");

/* The least that ABI 1.0 asks of each kind: up to and with its last function. */
#define DETECTOR_BYTES_1_0 (offsetof(tt_detector, detect) + sizeof((tt_detector *)0)->detect)
#define SOURCE_BYTES_1_0 (offsetof(tt_source, read) + sizeof((tt_source *)0)->read)

enum { NEEDS_MAX = 64, GROUNDS_MAX = 64 };

static void dso_closep(void **dso)
{
	if (*dso)
		dlclose(*dso);
}

static int check_head(const tt_head *h, tt_err *err)
{
	if (!h)
		return tt_fail(err, TT_EABI, "tt_plugin_entry() returned NULL");
	if (h->magic != TT_ABI_MAGIC)
		return tt_fail(err, TT_EABI, "not a trimtab plugin (magic 0x%08x)", h->magic);
	if (h->abi_major != TT_ABI_MAJOR || h->abi_minor > TT_ABI_MINOR)
		return tt_fail(err, TT_EABI, "built for plugin ABI %u.%u, this program has %d.%d",
		               h->abi_major, h->abi_minor, TT_ABI_MAJOR, TT_ABI_MINOR);
	if (h->kind != TT_KIND_DETECTOR && h->kind != TT_KIND_SOURCE)
		return tt_fail(err, TT_EABI, "plugin kind %u is not known", h->kind);

	size_t least = h->kind == TT_KIND_DETECTOR ? DETECTOR_BYTES_1_0 : SOURCE_BYTES_1_0;

	if (h->size < least)
		return tt_fail(err, TT_EABI, "descriptor of %u bytes is too short, expected %zu",
		               h->size, least);
	return TT_OK;
}

static int check_line(const char *name, const char *s, tt_err *err)
{
	if (!s || !*s || strlen(s) > 200 || strchr(s, '\n') || !tt_utf8_ok(s, strlen(s)))
		return tt_fail(err, TT_EABI, "%s is not one line of 1 to 200 bytes", name);
	return TT_OK;
}

static int check_need(const tt_need *n, uint32_t i, tt_err *err)
{
	if ((n->metric != TT_METRIC_NONE) == (n->table != NULL))
		return tt_fail(err, TT_EABI, "need %u names not one metric or one table", i + 1);
	if (n->table && tt_table_find(n->table) < 0 && strcmp(n->table, "gpu_usage") != 0 &&
	    strcmp(n->table, "node_usage") != 0)
		return tt_fail(err, TT_EABI, "need %u: no table is called \"%.*s\"", i + 1,
		               TT_SHOWN(n->table));
	if (!n->table && n->metric != TT_ACTIVITY_PCT && !tt_metric_def_at(n->metric))
		return tt_fail(err, TT_EABI, "need %u: metric %d is not known", i + 1, n->metric);
	return TT_OK;
}

static int has_param(const tt_plugin_info *info, const char *key)
{
	for (uint32_t i = 0; key && i < info->n_params; i++)
		if (strcmp(info->params[i].key, key) == 0 && info->params[i].type != TT_STR)
			return 1;
	return 0;
}

static int check_ground(const tt_plugin_info *info, const tt_ground *g, uint32_t i, tt_err *err)
{
	static const char *const relations[] = { "<", "<=", ">", ">=" };
	size_t k = 0;

	if ((g->verdict && !tt_id_ok(g->verdict)) || !g->evidence || !tt_id_ok(g->evidence))
		return tt_fail(err, TT_EABI, "ground %u: verdict or evidence is not "
		               "[a-z][a-z0-9_]* of at most 48 bytes", i + 1);
	while (k < TT_COUNT(relations) && (!g->relation || strcmp(g->relation, relations[k])))
		k++;
	if (k == TT_COUNT(relations))
		return tt_fail(err, TT_EABI, "ground %u: its relation is not <, <=, > or >=",
		               i + 1);
	if (!has_param(info, g->param))
		return tt_fail(err, TT_EABI, "ground %u: no number among the parameters is called "
		               "\"%.*s\"", i + 1, TT_SHOWN(g->param ? g->param : ""));
	if (g->metric != TT_METRIC_NONE && g->metric != TT_ACTIVITY_PCT &&
	    !tt_metric_def_at(g->metric))
		return tt_fail(err, TT_EABI, "ground %u: metric %d is not known", i + 1, g->metric);
	return TT_OK;
}

static int check_detector(const tt_detector *d, tt_err *err)
{
	if (d->scope < TT_SCOPE_FLEET || d->scope > TT_SCOPE_COMMITMENT)
		return tt_fail(err, TT_EABI, "scope %d is not known", d->scope);
	if (d->n_needs > NEEDS_MAX || (d->n_needs && !d->needs))
		return tt_fail(err, TT_EABI, "%u needs, expected a list of at most %d", d->n_needs,
		               NEEDS_MAX);
	for (uint32_t i = 0; i < d->n_needs; i++)
		TT_TRY(check_need(&d->needs[i], i, err));
	if (d->n_grounds > GROUNDS_MAX || (d->n_grounds && !d->grounds))
		return tt_fail(err, TT_EABI, "%u grounds, expected a list of at most %d",
		               d->n_grounds, GROUNDS_MAX);
	for (uint32_t i = 0; i < d->n_grounds; i++)
		TT_TRY(check_ground(&d->info, &d->grounds[i], i, err));
	if (!d->detect)
		return tt_fail(err, TT_EABI, "descriptor lacks detect()");
	return TT_OK;
}

static int check_body(const tt_plugin *p, tt_err *err)
{
	if (!p->info.id || !tt_id_ok(p->info.id))
		return tt_fail(err, TT_EABI, "its id \"%.*s\" is not [a-z][a-z0-9_]* of at most "
		               "48 bytes", TT_SHOWN(p->info.id ? p->info.id : ""));
	TT_TRY(check_line("version", p->info.version, err));
	TT_TRY(check_line("summary", p->info.summary, err));
	TT_TRY(tt_params_check(&p->info, err));
	if (p->kind == TT_KIND_DETECTOR)
		return check_detector(&p->d.detector, err);
	if (!p->d.source.probe || !p->d.source.read)
		return tt_fail(err, TT_EABI, "descriptor lacks probe() or read()");
	return TT_OK;
}

static int check_file(const char *path, tt_err *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return tt_fail(err, TT_EIO, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return tt_fail(err, TT_EIO, "%s: not a regular file", path);
	if (st.st_mode & S_IWOTH)
		return tt_fail(err, TT_EIO, "%s: anybody may write to it (mode %04o), so it is not "
		               "loaded", path, (unsigned)(st.st_mode & 07777));
	return TT_OK;
}

static int has_all_segments(int fd, uint64_t size)
{
	ElfW(Ehdr) head;
	ElfW(Phdr) s;

	if (pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_phentsize != sizeof s)
		return 1; /* dlopen() has words for that */
	for (unsigned i = 0; i < head.e_phnum; i++) {
		const uint64_t at = head.e_phoff + i * sizeof s;

		if (at > size || pread(fd, &s, sizeof s, (off_t)at) != (ssize_t)sizeof s ||
		    (s.p_type == PT_LOAD && (s.p_offset > size || s.p_filesz > size - s.p_offset)))
			return 0;
	}
	return 1;
}

/* Of a file that was cut off, as by a copy that did not come to its end, dlopen() maps what
 * is not there, and whoever touches it is killed. */
static int check_whole(const char *path, tt_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), whole = 1;
	struct stat st;

	if (fd < 0)
		return tt_fail(err, TT_EIO, "%s: can't be loaded: %s", path, strerror(errno));
	if (fstat(fd, &st) == 0)
		whole = has_all_segments(fd, (uint64_t)st.st_size);
	close(fd);
	return whole ? TT_OK : tt_fail(err, TT_EIO, "%s: can't be loaded: the file is cut off",
	                               path);
}

/* dlerror() begins with the name that was opened; what follows it is the reason. */
static int dl_failed(const char *path, const char *name, tt_err *err)
{
	const char *why = dlerror();
	size_t n = strlen(name);

	if (!why)
		why = "unknown reason";
	else if (strncmp(why, name, n) == 0 && strncmp(why + n, ": ", 2) == 0)
		why += n + 2;
	return tt_fail(err, TT_EIO, "%s: can't be loaded: %s", path, why);
}

static int open_dso(const char *path, void **ret, tt_err *err)
{
	char local[PATH_MAX];
	const char *name = path;

	if (!strchr(path, '/')) { /* or dlopen() would search the system's folders */
		TT_TRY(tt_path_join(".", path, local, sizeof local, err));
		name = local;
	}
	*ret = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	return *ret ? TT_OK : dl_failed(path, name, err);
}

int tt_plugin_load(const char *path, tt_arena *arena, tt_plugin *ret, tt_err *err)
{
	TT_CLEANUP(dso_closep) void *dso = NULL;
	const tt_head *(*entry)(void);

	TT_TRY(check_file(path, err));
	TT_TRY(check_whole(path, err));
	TT_TRY(open_dso(path, &dso, err));
	void *symbol = dlsym(dso, "tt_plugin_entry");
	if (!symbol)
		return tt_fail(err, TT_EABI, "%s: not a trimtab plugin: no tt_plugin_entry()",
		               path);
	memcpy(&entry, &symbol, sizeof entry); /* object to function, as POSIX has it */

	const tt_head *head = entry();
	if (check_head(head, err) < 0)
		return tt_context(err, "%s", path);

	tt_plugin p = { .kind = head->kind };
	size_t room = p.kind == TT_KIND_DETECTOR ? sizeof p.d.detector : sizeof p.d.source;

	memcpy(&p.d, head, head->size < room ? head->size : room);
	p.info = p.kind == TT_KIND_DETECTOR ? p.d.detector.info : p.d.source.info;
	if (check_body(&p, err) < 0)
		return tt_context(err, "%s", path);
	p.path = tt_arena_text(arena, path, strlen(path));
	if (!p.path)
		return tt_fail(err, TT_ENOMEM, "%s: %s", path, tt_status_text(TT_ENOMEM));
	p.dso = dso;
	*ret = p;
	dso = NULL; /* moved: stays open until the process ends */
	return TT_OK;
}

/* --- Folders ------------------------------------------------------------------- */

typedef struct loading {
	tt_plugins *plugins;
	size_t cap, cap_refused;
} loading;

static int no_memory(tt_err *err)
{
	return tt_fail(err, TT_ENOMEM, "loading plugins: %s", tt_status_text(TT_ENOMEM));
}

static int refuse(loading *l, const char *why, tt_err *err)
{
	tt_plugins *p = l->plugins;
	const char *line = tt_arena_text(p->arena, why, strlen(why));

	if (!line || !TT_GROW(p->refused, p->n_refused, l->cap_refused))
		return no_memory(err);
	p->refused[p->n_refused++] = line;
	return TT_OK;
}

static const tt_plugin *find_unsorted(const tt_plugins *p, const char *id)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i].info.id, id) == 0)
			return &p->v[i];
	return NULL;
}

static int load_file(loading *l, const char *path, tt_err *err)
{
	tt_plugins *p = l->plugins;
	tt_err why = { 0 };
	tt_plugin one;

	if (tt_plugin_load(path, p->arena, &one, &why) < 0)
		return why.status == TT_ENOMEM ? no_memory(err) : refuse(l, why.text, err);

	const tt_plugin *first = find_unsorted(p, one.info.id);
	if (first) {
		tt_fail(&why, TT_EABI, "%s: its id \"%s\" is taken by %s", path, one.info.id,
		        first->path);
		dlclose(one.dso);
		return refuse(l, why.text, err);
	}
	if (!TT_GROW(p->v, p->n, l->cap)) {
		dlclose(one.dso);
		return no_memory(err);
	}
	p->v[p->n++] = one;
	return TT_OK;
}

static int is_plugin_name(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 3 && e->d_name[0] != '.' && strcmp(e->d_name + n - 3, ".so") == 0;
}

static int by_name(const void *a, const void *b)
{
	const char *x, *y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return strcmp(x, y);
}

static void dir_closep(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int list_folder(const char *folder, tt_arena *arena, const char ***ret, size_t *ret_n,
                       tt_err *err)
{
	TT_CLEANUP(dir_closep) DIR *d = opendir(folder);
	size_t n = 0, cap = 0;
	const char **names = NULL;

	if (!d && errno != ENOENT)
		return tt_fail(err, TT_EIO, "%s: %s", folder, strerror(errno));
	for (const struct dirent *e; d && (e = readdir(d));) {
		const char *name;

		if (!is_plugin_name(e))
			continue;
		name = tt_arena_text(arena, e->d_name, strlen(e->d_name));
		if (!name || !TT_GROW(names, n, cap)) {
			tt_free(names);
			return no_memory(err);
		}
		names[n++] = name;
	}
	if (n)
		qsort(names, n, sizeof *names, by_name); /* readdir() has no order */
	*ret = names;
	*ret_n = n;
	return TT_OK;
}

/* Where anybody can put or swap a file, what a file's own mode says means nothing. */
static int is_open_to_all(const char *folder)
{
	struct stat st;

	return stat(folder, &st) == 0 && st.st_mode & S_IWOTH;
}

static int load_folder(loading *l, const char *folder, tt_err *err)
{
	TT_CLEANUP(tt_freep) const char **names = NULL;
	char path[PATH_MAX], why[PATH_MAX + 100];
	size_t n = 0;

	TT_TRY(list_folder(folder, l->plugins->arena, &names, &n, err));
	if (n && is_open_to_all(folder)) {
		snprintf(why, sizeof why, "%s: anybody may write to this folder, so nothing of it "
		         "is loaded", folder);
		return refuse(l, why, err);
	}
	for (size_t i = 0; i < n; i++) {
		TT_TRY(tt_path_join(folder, names[i], path, sizeof path, err));
		TT_TRY(load_file(l, path, err));
	}
	return TT_OK;
}

static int by_id(const void *a, const void *b)
{
	const tt_plugin *x = a, *y = b;

	return strcmp(x->info.id, y->info.id);
}

int tt_plugins_load(const char *const *folders, tt_plugins **ret, tt_err *err)
{
	TT_CLEANUP(tt_plugins_freep) tt_plugins *p = tt_zalloc(1, sizeof *p);
	loading l = { .plugins = p };

	if (!p || !(p->arena = tt_arena_new()))
		return no_memory(err);
	for (size_t i = 0; folders[i]; i++)
		TT_TRY(load_folder(&l, folders[i], err));
	if (p->n)
		qsort(p->v, p->n, sizeof *p->v, by_id);
	if (p->n_refused)
		qsort(p->refused, p->n_refused, sizeof *p->refused, by_name);
	*ret = p;
	p = NULL;
	return TT_OK;
}

void tt_plugins_free(tt_plugins *p)
{
	if (!p)
		return;
	tt_free(p->v);
	tt_free(p->refused);
	tt_arena_free(p->arena);
	tt_free(p);
}

void tt_plugins_freep(tt_plugins **p)
{
	tt_plugins_free(*p);
}

const tt_plugin *tt_plugins_find(const tt_plugins *p, const char *id)
{
	const tt_plugin key = { .info = { .id = id } };

	return p->n ? bsearch(&key, p->v, p->n, sizeof *p->v, by_id) : NULL;
}

int tt_plugins_default_folder(char *buf, size_t size, tt_err *err)
{
	return tt_prefix_path("lib/trimtab/plugins", buf, size, err);
}
