/* script_values.c - values to and fro, and the calls by which a script declares its rules. */
#include "base/near.h"
#include "base/text.h"
#include "rules/script_lua.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_DEPTH = 8, MOST_ENTRIES = 10000 };

/* --- Views --------------------------------------------------------------------------------- */

static const tt_view *p_view(lua_State *L, int at)
{
	const tt_view *v = lua_touserdata(L, at);

	if (!v)
		luaL_error(L, "expected a view, got a %s", luaL_typename(L, at));
	return v;
}

/* A name that a view does not have, with the one that may have been meant. */
static int p_no_field(lua_State *L, const tt_view_class *c, const char *key)
{
	const char **names = lua_newuserdatauv(L, (c->n + 1) * sizeof *names, 0);
	const char *near;

	for (size_t i = 0; i < c->n; i++)
		names[i] = c->fields[i].name;
	names[c->n] = NULL;
	near = tt_nearest_word(key, names);
	if (near)
		return luaL_error(L, "a %s has no '%s'; did you mean '%s'?", c->name, key, near);
	return luaL_error(L, "a %s has no '%s'", c->name, key);
}

static int p_index(lua_State *L) /* upvalue: names to positions + 1 */
{
	const tt_view *v = p_view(L, 1);
	const tt_view_class *c = v->class;
	tt_value ret = { 0 };

	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNUMBER) {
		ret = c->get(*v, (size_t)lua_tointeger(L, -1) - 1);
	} else if (lua_isinteger(L, 2) && c->count) {
		const lua_Integer i = lua_tointeger(L, 2);

		if (i >= 1 && (uint64_t)i <= c->count(*v))
			ret = c->item(*v, (size_t)i - 1);
	} else if (lua_type(L, 2) != LUA_TSTRING) {
		return luaL_error(L, "a %s can't be asked by a %s", c->name, luaL_typename(L, 2));
	} else if (c->find) {
		ret = c->find(*v, lua_tostring(L, 2));
	} else {
		return p_no_field(L, c, lua_tostring(L, 2));
	}
	p_push_value(L, &ret);
	return 1;
}

static int p_length(lua_State *L)
{
	const tt_view *v = p_view(L, 1);

	if (!v->class->count)
		return luaL_error(L, "a %s is no list", v->class->name);
	lua_pushinteger(L, (lua_Integer)v->class->count(*v));
	return 1;
}

static int p_same(lua_State *L)
{
	const tt_view *a = p_view(L, 1), *b = p_view(L, 2);

	lua_pushboolean(L, a->class == b->class && a->of == b->of && a->at == b->at);
	return 1;
}

/* What all views of a class share, made when the first of them is seen. */
static void p_class(lua_State *L, const tt_view_class *c)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, c) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_createtable(L, 0, (int)c->n);
	for (size_t i = 0; i < c->n; i++) {
		lua_pushinteger(L, (lua_Integer)i + 1);
		lua_setfield(L, -2, c->fields[i].name);
	}
	lua_pushcclosure(L, p_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, p_length);
	lua_setfield(L, -2, "__len");
	lua_pushcfunction(L, p_same);
	lua_setfield(L, -2, "__eq");
	lua_pushcfunction(L, p_frozen);
	lua_setfield(L, -2, "__newindex");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pushstring(L, c->name);
	lua_setfield(L, -2, "__name");
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, c);
}

/* --- To Lua -------------------------------------------------------------------------------- */

static void p_push_table(lua_State *L, const tt_entries *t)
{
	luaL_checkstack(L, 4, "a table too deep");
	lua_newtable(L);
	for (size_t i = 0; i < t->n; i++) {
		p_push_value(L, &t->v[i].key);
		p_push_value(L, &t->v[i].value);
		lua_rawset(L, -3);
	}
}

void p_push_value(lua_State *L, const tt_value *v)
{
	switch (v->kind) {
	case TT_VALUE_TRUTH:
		lua_pushboolean(L, v->truth);
		return;
	case TT_VALUE_WHOLE:
		lua_pushinteger(L, v->whole);
		return;
	case TT_VALUE_REAL:
		lua_pushnumber(L, v->real);
		return;
	case TT_VALUE_TEXT:
		lua_pushstring(L, v->text);
		return;
	case TT_VALUE_TABLE:
		p_push_table(L, v->table);
		return;
	case TT_VALUE_VIEW:
		*(tt_view *)lua_newuserdatauv(L, sizeof v->view, 0) = v->view;
		p_class(L, v->view.class);
		lua_setmetatable(L, -2);
		return;
	case TT_VALUE_MISSING:
	case TT_VALUE_FUNCTION:
		lua_pushnil(L);
		return;
	}
}

/* --- From Lua ------------------------------------------------------------------------------ */

typedef struct taking {
	tt_script *s;
	size_t entries;
	int depth;
} taking;

static void *p_arena(lua_State *L, taking *t, size_t bytes)
{
	void *p = tt_arena_alloc(t->s->call.arena, bytes);

	if (!p) {
		t->s->no_memory = true;
		luaL_error(L, "out of memory");
	}
	return p;
}

static const char *p_text(lua_State *L, taking *t, int at)
{
	size_t n;
	const char *s = lua_tolstring(L, at, &n);
	char *copy;

	if (!tt_utf8_ok(s, n))
		luaL_error(L, "a text is not UTF-8, or has a NUL in it");
	copy = p_arena(L, t, n + 1);
	memcpy(copy, s, n + 1);
	return copy;
}

static int compare_keys(const void *a, const void *b)
{
	const tt_value *x = &((const struct tt_entry *)a)->key;
	const tt_value *y = &((const struct tt_entry *)b)->key;

	if (x->kind != y->kind)
		return x->kind == TT_VALUE_WHOLE ? -1 : 1;
	if (x->kind == TT_VALUE_WHOLE)
		return (x->whole > y->whole) - (x->whole < y->whole);
	return strcmp(x->text, y->text);
}

static void p_take(lua_State *L, taking *t, int at, tt_value *ret);

static const tt_entries *p_table(lua_State *L, taking *t, int at)
{
	tt_entries *to = p_arena(L, t, sizeof *to);

	if (++t->depth > MOST_DEPTH)
		luaL_error(L, "a table is deeper than %d", MOST_DEPTH);
	luaL_checkstack(L, 4, "a table too deep");
	for (lua_pushnil(L); lua_next(L, at); lua_pop(L, 1))
		to->n++;
	t->entries += to->n;
	if (t->entries > MOST_ENTRIES)
		luaL_error(L, "a table has more than %d entries", MOST_ENTRIES);
	to->v = p_arena(L, t, (to->n + 1) * sizeof *to->v);
	to->n = 0;
	for (lua_pushnil(L); lua_next(L, at); lua_pop(L, 1)) {
		struct tt_entry *e = &to->v[to->n++];

		if (!lua_isinteger(L, -2) && lua_type(L, -2) != LUA_TSTRING)
			luaL_error(L, "a table has a %s as a key, expected texts and whole numbers",
			           luaL_typename(L, -2));
		p_take(L, t, lua_gettop(L) - 1, &e->key);
		p_take(L, t, lua_gettop(L), &e->value);
	}
	qsort(to->v, to->n, sizeof *to->v, compare_keys);
	t->depth--;
	return to;
}

static void p_take(lua_State *L, taking *t, int at, tt_value *ret)
{
	switch (lua_type(L, at)) {
	case LUA_TNIL:
		*ret = (tt_value){ 0 };
		return;
	case LUA_TBOOLEAN:
		*ret = tt_value_truth(lua_toboolean(L, at));
		return;
	case LUA_TNUMBER:
		*ret = lua_isinteger(L, at) ? tt_value_whole(lua_tointeger(L, at))
		                            : tt_value_real(lua_tonumber(L, at));
		return;
	case LUA_TSTRING:
		*ret = (tt_value){ TT_VALUE_TEXT, .text = p_text(L, t, at) };
		return;
	case LUA_TTABLE:
		*ret = (tt_value){ TT_VALUE_TABLE, .table = p_table(L, t, at) };
		return;
	case LUA_TFUNCTION:
		*ret = (tt_value){ .kind = TT_VALUE_FUNCTION };
		return;
	default: /* only views are userdata */
		*ret = (tt_value){ TT_VALUE_VIEW, .view = *p_view(L, at) };
		return;
	}
}

void p_take_value(lua_State *L, int at, tt_value *ret)
{
	taking t = { .s = tt_script_of(L) };

	p_take(L, &t, lua_absindex(L, at), ret);
}

const tt_value *tt_entries_find(const tt_entries *t, const char *key)
{
	static const tt_value missing = { .kind = TT_VALUE_MISSING };

	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].key.kind == TT_VALUE_TEXT && strcmp(t->v[i].key.text, key) == 0)
			return &t->v[i].value;
	return &missing;
}

/* --- Declaring rules ----------------------------------------------------------------------- */

static unsigned kind_at(lua_State *L, int at)
{
	switch (lua_type(L, at)) {
	case LUA_TBOOLEAN:
		return 1u << TT_VALUE_TRUTH;
	case LUA_TNUMBER:
		return lua_isinteger(L, at) ? 1u << TT_VALUE_WHOLE : 1u << TT_VALUE_REAL;
	case LUA_TSTRING:
		return 1u << TT_VALUE_TEXT;
	case LUA_TTABLE:
		return 1u << TT_VALUE_TABLE;
	case LUA_TFUNCTION:
		return 1u << TT_VALUE_FUNCTION;
	default:
		return 0;
	}
}

/* "a text or a function", of a field that got something else. */
static int p_wrong_kind(lua_State *L, const tt_rule_kind *k, const tt_rule_field *f)
{
	static const char *const words[] = { "nil", "true or false", "a whole number", "a number",
		"a text", "a table", "a view", "a function" };
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (unsigned i = 0, n = 0; i < sizeof words / sizeof *words; i++)
		if (f->kinds >> i & 1) {
			luaL_addstring(&b, n++ ? " or " : "");
			luaL_addstring(&b, words[i]);
		}
	luaL_pushresult(&b);
	return luaL_error(L, "%s: '%s' is a %s, expected %s", k->name, f->name,
	                  luaL_typename(L, 3), lua_tostring(L, -1));
}

/* Field and value are at 2 and 3. */
static void p_check_field(lua_State *L, const tt_rule_kind *k)
{
	const char *name, *near, **names;

	if (lua_type(L, 2) != LUA_TSTRING)
		luaL_error(L, "%s: a %s as the name of a field, expected a text", k->name,
		           luaL_typename(L, 2));
	name = lua_tostring(L, 2);
	if (strcmp(name, "id") == 0)
		return;
	for (size_t i = 0; i < k->n; i++)
		if (strcmp(name, k->fields[i].name) == 0) {
			if (!(k->fields[i].kinds & kind_at(L, 3)))
				p_wrong_kind(L, k, &k->fields[i]);
			return;
		}
	names = lua_newuserdatauv(L, (k->n + 2) * sizeof *names, 0);
	for (size_t i = 0; i < k->n; i++)
		names[i] = k->fields[i].name;
	names[k->n] = "id";
	names[k->n + 1] = NULL;
	near = tt_nearest_word(name, names);
	if (near)
		luaL_error(L, "%s has no field '%s'; did you mean '%s'?", k->name, name, near);
	luaL_error(L, "%s has no field '%s'", k->name, name);
}

static const char *p_id(lua_State *L, const tt_rule_kind *k)
{
	tt_script *s = tt_script_of(L);
	const char *id;
	char *copy;

	if (lua_getfield(L, 1, "id") != LUA_TSTRING)
		luaL_error(L, "%s: no id, expected one like \"large_in_dev\"", k->name);
	id = lua_tostring(L, -1);
	if (!tt_id_ok(id))
		luaL_error(L, "%s: id '%s', expected small letters, digits and _, up to 48",
		           k->name, id);
	for (size_t i = 0; i < s->n_rules; i++)
		if (strcmp(s->rules[i].id, id) == 0)
			luaL_error(L, "%s: id '%s' is that of line %d already", k->name, id,
			           s->rules[i].line);
	copy = tt_arena_text(s->arena, id, strlen(id));
	if (!copy || !TT_GROW(s->rules, s->n_rules, s->cap_rules)) {
		s->no_memory = true;
		luaL_error(L, "out of memory");
	}
	lua_pop(L, 1);
	return copy;
}

static int p_declare(lua_State *L) /* upvalue: the number of the kind */
{
	tt_script *s = tt_script_of(L);
	const size_t kind = (size_t)lua_tointeger(L, lua_upvalueindex(1));
	const tt_rule_kind *k = &s->kinds[kind];
	lua_Debug at = { 0 };
	const char *id;

	if (!s->text)
		return luaL_error(L, "%s: rules are declared while a file is read, not later",
		                  k->name);
	if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TTABLE)
		return luaL_error(L, "%s: expected one table, as in %s { id = \"...\", ... }",
		                  k->name, k->name);
	for (lua_pushnil(L); lua_next(L, 1); lua_settop(L, 2))
		p_check_field(L, k);
	for (size_t i = 0; i < k->n; i++) {
		if (k->fields[i].required && lua_getfield(L, 1, k->fields[i].name) == LUA_TNIL)
			return luaL_error(L, "%s: no '%s': %s", k->name, k->fields[i].name,
			                  k->fields[i].help);
		lua_settop(L, 1);
	}
	id = p_id(L, k);
	lua_getstack(L, 1, &at);
	lua_getinfo(L, "l", &at);
	lua_getfield(L, LUA_REGISTRYINDEX, "rules");
	lua_pushvalue(L, 1);
	lua_rawseti(L, -2, (lua_Integer)s->n_rules + 1);
	s->rules[s->n_rules++] = (tt_declared){ id, kind, at.currentline };
	return 0;
}

void p_declarations(lua_State *L)
{
	tt_script *s = tt_script_of(L);

	for (size_t i = 0; i < s->n_kinds; i++) {
		lua_pushinteger(L, (lua_Integer)i);
		lua_pushcclosure(L, p_declare, 1);
		lua_setfield(L, -2, s->kinds[i].name);
	}
}
