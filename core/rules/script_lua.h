/* script_lua.h - what the files share that know Lua.
 *
 * Lua reports errors with longjmp. A function whose name starts with p_ may be jumped out of:
 * it holds nothing that needs releasing, and it is entered only through the one door,
 * guarded() in script.c. What it makes lives in Lua or in an arena. */
#ifndef TT_RULES_SCRIPT_LUA_H
#define TT_RULES_SCRIPT_LUA_H
#include "rules/script.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

struct tt_script {
	lua_State *L;
	size_t used, limit;         /* bytes */
	int64_t left, budget;       /* instructions */
	bool over;                  /* the budget of this call is gone */
	bool no_memory;             /* ours, not the script's */
	tt_script_use use;
	const tt_rule_kind *kinds;
	size_t n_kinds;
	tt_declared *rules;
	size_t n_rules, cap_rules;
	tt_arena *arena;            /* of ids */
	char *chunk;                /* "@path" */
	const char *text;           /* while it is opened */
	size_t text_n;
	struct call {               /* while one is made */
		size_t rule;
		const char *field;
		const tt_value *args;
		size_t n_args;
		tt_arena *arena;
		tt_value *ret;
	} call;
};

tt_script *tt_script_of(lua_State *L);

/* Push the environment of a script: a table that refuses to be written and names that it
 * does not have. */
void p_library(lua_State *L);
/* Replace the table at the top by a proxy through which it can only be read. */
void p_freeze(lua_State *L);
int p_frozen(lua_State *L); /* refuses a write */

void p_push_value(lua_State *L, const tt_value *v);
void p_take_value(lua_State *L, int at, tt_value *ret); /* to the arena of the call */

/* The functions that declare rules, as fields of the table at the top. */
void p_declarations(lua_State *L);
#endif
