/* strict.h - values of a scenario's YAML, checked: each fault is one line with
 * file:line:column, the value that is there and what was expected.
 *
 * Not for what the keys mean (scenario.c, assumptions.c, select.c, profiles.c). */
#ifndef TT_SIMULATE_STRICT_H
#define TT_SIMULATE_STRICT_H
#include "base/memory.h"
#include "base/money.h"
#include "base/yaml.h"

typedef struct tt_at {     /* where something is written */
	const char *file;  /* as in messages; NULL: nowhere, it is a default */
	int line, column;
} tt_at;

typedef struct tt_strict { /* one file that is being read */
	const char *file;
	tt_arena *arena;   /* for what is kept */
	tt_err *err;
} tt_strict;

#define TT_SCENARIO_TEXT_MAX 1024 /* bytes of one text */

/* A point in time: seconds since 1970, or after the horizon's begin. */
typedef struct tt_when {
	int64_t s;
	bool relative;
} tt_when;

tt_at tt_strict_at(const tt_strict *r, const tt_yaml *y);
/* TT_EDATA "file:1:2: what is "value", expected ...". */
int tt_strict_wrong(const tt_strict *r, const tt_yaml *y, const char *what,
                    const char *expected);
/* TT_EDATA "file:1:2: ..." at `at`. */
int tt_strict_fail(const tt_strict *r, tt_at at, const char *fmt, ...) TT_PRINTF(3, 4);

/* Whether `map` is a map with these keys only (NULL-terminated); names the word that is
 * near to one that isn't. */
int tt_strict_only(const tt_strict *r, const tt_yaml *map, const char *what,
                   const char *const *keys);
/* TT_EDATA: `word` is none of `words`; with the near one, or all of them. */
int tt_strict_unknown(const tt_strict *r, const tt_yaml *word, const char *what,
                      const char *const *words);
/* The value of `key`, which has to be there. */
int tt_strict_need(const tt_strict *r, const tt_yaml *map, const char *what, const char *key,
                   const tt_yaml **ret);

/* A text of one line, not empty. */
int tt_strict_text(const tt_strict *r, const tt_yaml *y, const char *what, const char **ret);
/* A number from min to max. */
int tt_strict_number(const tt_strict *r, const tt_yaml *y, const char *what, double min,
                     double max, double *ret);
/* "2026-04-01T00:00:00Z", or "+90d" after the horizon's begin. */
int tt_strict_when(const tt_strict *r, const tt_yaml *y, const char *what, tt_when *ret);
/* "2026-04-01T00:00:00Z". */
int tt_strict_time(const tt_strict *r, const tt_yaml *y, const char *what, int64_t *ret);
bool tt_when_parse(const char *s, tt_when *ret);
int tt_strict_bool(const tt_strict *r, const tt_yaml *y, const char *what, bool *ret);
/* An exact amount of money, not negative. */
int tt_strict_money(const tt_strict *r, const tt_yaml *y, const char *what, tt_decimal *ret);
/* A list with at most `most` items. */
int tt_strict_list(const tt_strict *r, const tt_yaml *y, const char *what, size_t most);
#endif
