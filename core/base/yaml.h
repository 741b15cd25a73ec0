/* yaml.h - strict YAML into a small tree; the only file that includes yaml.h of
 * libyaml. Refused with file:line:column: anchors, aliases, tags, merge keys,
 * duplicate keys, second documents, over 1 MiB, over 32 deep, over 100,000 nodes,
 * invalid UTF-8. Everything is text; the caller parses it. */
#ifndef TT_BASE_YAML_H
#define TT_BASE_YAML_H
#include "memory.h"
#include "error.h"
#include <stdbool.h>

enum tt_yaml_kind { TT_YAML_SCALAR, TT_YAML_LIST, TT_YAML_MAP };

typedef struct tt_yaml {
	enum tt_yaml_kind kind;
	int line, column;              /* from 1 */
	const char *text;              /* SCALAR; "" for an empty one */
	bool plain;                    /* SCALAR without quotes; null if also "" or ~ */
	size_t n;                      /* LIST, MAP */
	struct tt_yaml **items;        /* [n] LIST values, MAP values */
	struct tt_yaml **keys;         /* [n] MAP keys (scalars) */
} tt_yaml;

/* Load `path` into nodes owned by `arena`. An empty document gives an empty MAP.
 * Errors: TT_EIO, TT_EDATA ("path:line:column: ..."), TT_ENOMEM. */
int tt_yaml_load(const char *path, tt_arena *arena, tt_yaml **ret, tt_err *err);
/* The same from n bytes; `name` goes into messages. */
int tt_yaml_parse(const char *name, const char *s, size_t n, tt_arena *arena,
                  tt_yaml **ret, tt_err *err);
/* Value of `key` in a MAP; NULL when absent. */
const tt_yaml *tt_yaml_get(const tt_yaml *map, const char *key);
/* TT_EDATA naming the first key of `map` that is not in the NULL-terminated list
 * and the keys that are allowed. */
int tt_yaml_only(const char *name, const tt_yaml *map, const char *const *keys, tt_err *err);
#endif
