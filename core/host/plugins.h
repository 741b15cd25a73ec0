/* plugins.h - every plugin that was found: loaded, checked, sorted by id.
 *
 * A plugin is a regular file *.so in one of the folders, not world-writable, that
 * exports tt_plugin_entry() with a head that fits. What is refused is kept with its one
 * line of reason; the rest goes on. Accepted plugins are never unloaded. */
#ifndef TT_HOST_PLUGINS_H
#define TT_HOST_PLUGINS_H
#include "host/params.h"

typedef struct tt_plugin {
	const char *path;
	void *dso;
	uint32_t kind;                 /* TT_KIND_* */
	tt_plugin_info info;           /* our copy; points into the plugin */
	union {                        /* fields the plugin lacks are zero */
		tt_detector detector;
		tt_source source;
	} d;
} tt_plugin;

typedef struct tt_plugins {
	tt_plugin *v; size_t n;        /* sorted by id */
	const char **refused; size_t n_refused; /* one line each, sorted by path */
	tt_arena *arena;
} tt_plugins;

/* Load one file. Errors: TT_EIO (no such file, not a regular file, world-writable, not
 * loadable), TT_EABI (no entry, bad magic, other major, newer minor, too short, bad id
 * or parameters). On failure *ret is untouched and nothing stays open. */
int tt_plugin_load(const char *path, tt_arena *arena, tt_plugin *ret, tt_err *err);

/* All plugins of `folders` (NULL-terminated); a missing folder holds none, and of one that
 * anybody may write to nothing is loaded. Of two with
 * one id the later (by folder, then file name) is refused. */
int tt_plugins_load(const char *const *folders, tt_plugins **ret, tt_err *err);
void tt_plugins_free(tt_plugins *p);
void tt_plugins_freep(tt_plugins **p);
const tt_plugin *tt_plugins_find(const tt_plugins *p, const char *id);

/* The folder ../lib/trimtab/plugins beside the running program, into buf. */
int tt_plugins_default_folder(char *buf, size_t size, tt_err *err);
#endif
