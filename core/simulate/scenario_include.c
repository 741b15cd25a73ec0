/* scenario_include.c - the parts of a path one after the other, each ".." takes the last. */
#include "simulate/scenario_include.h"
#include <string.h>

const char *tt_include_fault_text(enum tt_include_fault f)
{
	switch (f) {
	case TT_INCLUDE_ABSOLUTE: return "a path relative to this file";
	case TT_INCLUDE_OUTSIDE: return "a file in the folder of the scenario, or below it";
	case TT_INCLUDE_NO_FILE: return "the path of a file";
	case TT_INCLUDE_NO_MEMORY: return "memory";
	case TT_INCLUDE_OK: break;
	}
	return "";
}

/* Put the parts of `path` behind the n bytes at `to`; false when one leads out. */
static bool walk(const char *path, char *to, size_t *n)
{
	while (*path) {
		const size_t len = strcspn(path, "/");

		if (len == 2 && memcmp(path, "..", 2) == 0) {
			if (*n == 0)
				return false;
			while (*n > 0 && to[*n - 1] != '/')
				--*n;
			*n -= *n > 0;
		} else if (len > 0 && !(len == 1 && *path == '.')) {
			if (*n > 0)
				to[(*n)++] = '/';
			memcpy(to + *n, path, len);
			*n += len;
		}
		path += len + (path[len] == '/');
	}
	return true;
}

static bool names_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash ? slash + 1 : path;

	return *last && strcmp(last, ".") != 0 && strcmp(last, "..") != 0;
}

enum tt_include_fault tt_include_resolve(const char *from, const char *path, tt_arena *arena,
					 const char **ret)
{
	const char *slash = strrchr(from, '/');
	size_t n = slash ? (size_t)(slash - from) : 0;
	char *to = tt_arena_alloc(arena, n + strlen(path) + 2);

	if (!to)
		return TT_INCLUDE_NO_MEMORY;
	if (*path == '/')
		return TT_INCLUDE_ABSOLUTE;
	if (!names_file(path))
		return TT_INCLUDE_NO_FILE;
	memcpy(to, from, n);
	if (!walk(path, to, &n))
		return TT_INCLUDE_OUTSIDE;
	to[n] = '\0';
	*ret = to;
	return TT_INCLUDE_OK;
}
