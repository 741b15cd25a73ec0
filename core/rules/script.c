/* script.c - the one door into Lua, and what stands behind it: limits and errors. */
#include "rules/script_lua.h"
#include <string.h>

enum {
	STEP = 1000,                /* instructions between two looks at the budget */
	BYTES = 32,                 /* as much work as one instruction */
	BLOCKS = 4                  /* no block is larger than this part of the memory */
};

tt_script *tt_script_of(lua_State *L)
{
	return *(tt_script **)lua_getextraspace(L);
}

static void *alloc(void *ud, void *ptr, size_t osize, size_t nsize)
{
	tt_script *s = ud;
	void *p;

	if (!ptr)
		osize = 0; /* for a new block Lua passes its type here */
	if (nsize == 0) {
		tt_free(ptr);
		s->used -= osize;
		return NULL;
	}
	if (nsize > osize) {
		/* One instruction can copy a long text, so what is got has to be worked for. */
		s->left -= (int64_t)((nsize - osize) / BYTES);
		if (nsize - osize > s->limit - s->used || nsize > s->limit / BLOCKS)
			return NULL;
	}
	p = tt_realloc(ptr, nsize, 1);
	if (!p)
		return NULL;
	s->used += nsize - osize;
	s->use.memory_bytes = s->used > s->use.memory_bytes ? s->used : s->use.memory_bytes;
	return p;
}

/* Every STEP instructions; once the budget is gone at every one, so that nothing inside a
 * script can go on. */
static void p_hook(lua_State *L, lua_Debug *ar)
{
	tt_script *s = tt_script_of(L);

	s->left -= STEP;
	if (s->left > 0 && !s->over)
		return;
	s->over = true;
	lua_sethook(L, p_hook, LUA_MASKCOUNT, 1);
	lua_getinfo(L, "Sl", ar); /* luaL_error would name the caller's line */
	lua_pushfstring(L, "%s:%d: over its budget of %I instructions", ar->short_src,
	                ar->currentline, (LUAI_UACINT)s->budget);
	lua_error(L);
}

static int p_message(lua_State *L)
{
	if (lua_type(L, 1) != LUA_TSTRING)
		lua_pushfstring(L, "%s: the error is a %s, and no text",
		                tt_script_of(L)->chunk + 1, luaL_typename(L, 1));
	return 1;
}

static int guarded(tt_script *s, lua_CFunction f, tt_err *err)
{
	lua_State *L = s->L;
	int rc;

	s->left = s->budget;
	s->over = s->no_memory = false;
	lua_settop(L, 0);
	lua_pushcfunction(L, p_message); /* light C functions: cannot raise */
	lua_pushcfunction(L, f);
	lua_sethook(L, p_hook, LUA_MASKCOUNT, STEP);
	rc = lua_pcall(L, 0, 0, 1);
	lua_sethook(L, NULL, 0, 0);
	if (s->budget - s->left > s->use.instructions)
		s->use.instructions = s->budget - s->left;
	if (rc == LUA_OK)
		return TT_OK;
	if (s->no_memory)
		rc = tt_no_memory(err);
	else if (rc == LUA_ERRMEM)
		rc = tt_fail(err, TT_ENOMEM, "%s: over its memory of %zu bytes", s->chunk + 1,
		             s->limit);
	else
		rc = tt_fail(err, s->over ? TT_ECANCELLED : TT_EINVAL, "%s",
		             lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?");
	lua_settop(L, 0);
	return rc;
}

/* --- Opening ------------------------------------------------------------------------------- */

static int p_open(lua_State *L)
{
	tt_script *s = tt_script_of(L);

	lua_newtable(L); /* fields of rule i are at i + 1 */
	lua_setfield(L, LUA_REGISTRYINDEX, "rules");
	p_library(L);
	if (luaL_loadbufferx(L, s->text, s->text_n, s->chunk, "t") != LUA_OK)
		return lua_error(L);
	lua_insert(L, -2);
	lua_setupvalue(L, -2, 1); /* _ENV */
	lua_call(L, 0, 0);
	return 0;
}

static int make(tt_script *s, const char *path, tt_err *err)
{
	const size_t n = strlen(path);

	s->chunk = tt_alloc(n + 2); /* "@path": Lua then prints path:line */
	s->arena = tt_arena_new();
	if (!s->chunk || !s->arena)
		return tt_no_memory(err);
	s->chunk[0] = '@';
	memcpy(s->chunk + 1, path, n + 1);
	s->L = lua_newstate(alloc, s);
	if (!s->L)
		return tt_fail(err, TT_ENOMEM, "%s: over its memory of %zu bytes", path, s->limit);
	*(tt_script **)lua_getextraspace(s->L) = s;
	return guarded(s, p_open, err);
}

int tt_script_open(const char *path, const char *text, size_t n, const tt_rule_kind *kinds,
                   size_t n_kinds, tt_script_limits limits, tt_script **ret, tt_err *err)
{
	tt_script *s = tt_zalloc(1, sizeof *s);
	int rc;

	if (!s)
		return tt_no_memory(err);
	s->text = text;
	s->text_n = n;
	s->kinds = kinds;
	s->n_kinds = n_kinds;
	s->limit = limits.memory_bytes;
	s->budget = limits.instructions;
	rc = make(s, path, err);
	s->text = NULL;
	if (rc < 0) {
		tt_script_close(s);
		return rc;
	}
	*ret = s;
	return TT_OK;
}

void tt_script_close(tt_script *s)
{
	if (!s)
		return;
	if (s->L)
		lua_close(s->L);
	tt_arena_free(s->arena);
	tt_free(s->rules);
	tt_free(s->chunk);
	tt_free(s);
}

void tt_script_closep(tt_script **s)
{
	tt_script_close(*s);
}

/* --- Asking -------------------------------------------------------------------------------- */

size_t tt_script_count(const tt_script *s)
{
	return s->n_rules;
}

const tt_declared *tt_script_rule(const tt_script *s, size_t i)
{
	return &s->rules[i];
}

tt_script_use tt_script_used(const tt_script *s)
{
	return s->use;
}

static void p_push_field(lua_State *L)
{
	const struct call *c = &tt_script_of(L)->call;

	lua_getfield(L, LUA_REGISTRYINDEX, "rules");
	lua_rawgeti(L, -1, (lua_Integer)c->rule + 1);
	lua_getfield(L, -1, c->field);
}

static int p_field(lua_State *L)
{
	p_push_field(L);
	p_take_value(L, -1, tt_script_of(L)->call.ret);
	return 0;
}

static int p_call(lua_State *L)
{
	const struct call *c = &tt_script_of(L)->call;

	p_push_field(L);
	luaL_checkstack(L, (int)c->n_args + 2, "too many arguments");
	for (size_t i = 0; i < c->n_args; i++)
		p_push_value(L, &c->args[i]);
	lua_call(L, (int)c->n_args, 1);
	p_take_value(L, -1, c->ret);
	return 0;
}

int tt_script_field(tt_script *s, size_t i, const char *field, tt_arena *arena, tt_value *ret,
                    tt_err *err)
{
	*ret = (tt_value){ 0 };
	s->call = (struct call){ .rule = i, .field = field, .arena = arena, .ret = ret };
	return guarded(s, p_field, err);
}

int tt_script_call(tt_script *s, size_t i, const char *field, const tt_value *args, size_t n_args,
                   tt_arena *arena, tt_value *ret, tt_err *err)
{
	*ret = (tt_value){ 0 };
	s->call = (struct call){ i, field, args, n_args, arena, ret };
	return guarded(s, p_call, err);
}
