/* script.h - one file of rules in Lua: untrusted text, bounded time and memory, and the same
 * answer on every run, with any locale and any number of threads.
 *
 * Rules are told to the program by calls such as  guard { id = "big", rule = function(w) ... }
 * Each kind has a list of fields, and what is not in it is an error with a suggestion. A
 * script knows its own text, the values of value.h and a short library (README.md); there is
 * no file, clock, address or chance in it. Source only, never bytecode.
 *
 * Each thread opens scripts of its own. Only this folder knows Lua. */
#ifndef TT_RULES_SCRIPT_H
#define TT_RULES_SCRIPT_H
#include "base/error.h"
#include "base/memory.h"
#include "rules/value.h"

typedef struct tt_script tt_script;

typedef struct tt_script_limits {
	size_t memory_bytes;        /* of all that a script holds, its code included */
	int64_t instructions;       /* of the virtual machine, for loading and for each call */
} tt_script_limits;

typedef struct tt_rule_field {
	const char *name, *help;
	unsigned kinds;             /* 1 << enum tt_value_kind, any of these */
	bool required;
} tt_rule_field;

/* Each rule also has an `id`: [a-z][a-z0-9_]*, once in a file. */
typedef struct tt_rule_kind {
	const char *name;           /* "guard" */
	const tt_rule_field *fields; /* [n] */
	size_t n;
} tt_rule_kind;

typedef struct tt_declared {
	const char *id;
	size_t kind;                /* of those given */
	int line;
} tt_declared;

/* Read and run the file's text once, which declares its rules; `path` goes into messages. The
 * kinds must outlive the script. Errors: TT_EINVAL ("path:line: reason"), TT_ECANCELLED
 * (over its instructions), TT_ENOMEM (over its memory, or ours). */
int tt_script_open(const char *path, const char *text, size_t n, const tt_rule_kind *kinds,
                   size_t n_kinds, tt_script_limits limits, tt_script **ret, tt_err *err);
void tt_script_close(tt_script *s); /* NULL is fine */
void tt_script_closep(tt_script **s);

size_t tt_script_count(const tt_script *s);
const tt_declared *tt_script_rule(const tt_script *s, size_t i); /* in the order declared */

/* What rule `i` has in a field, copied to `arena`; missing where it has nothing. A function is
 * only said to be there. Errors: TT_EINVAL (a table too deep or too large), TT_ENOMEM. */
int tt_script_field(tt_script *s, size_t i, const char *field, tt_arena *arena, tt_value *ret,
                    tt_err *err);

/* Call the function in a field of rule `i` and copy what it returns (the first value) to
 * `arena`. Errors: TT_EINVAL (it failed), TT_ECANCELLED, TT_ENOMEM; the script can be used
 * again after each. */
int tt_script_call(tt_script *s, size_t i, const char *field, const tt_value *args, size_t n_args,
                   tt_arena *arena, tt_value *ret, tt_err *err);

/* The most that was used so far, for who has to choose limits. */
typedef struct tt_script_use {
	size_t memory_bytes;
	int64_t instructions;       /* of one call, to the next thousand */
} tt_script_use;
tt_script_use tt_script_used(const tt_script *s);
#endif
