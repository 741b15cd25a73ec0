/* script_library.c - the names that a script finds: what of Lua's own library is harmless, and
 * money, times and texts.
 *
 * Left out, and why: what reads files, clocks or the environment; what makes code out of text;
 * `pcall`, which could swallow the end of the budget; metatables, whose `__gc` runs without
 * limits; text patterns and `rep`, which can work for minutes in one instruction; coroutines;
 * chance; `table.sort`, whose order of equals changes. `pairs` goes by key. */
#include "base/clock.h"
#include "base/near.h"
#include "base/text.h"
#include "rules/script_lua.h"
#include <string.h>

/* --- Reading only -------------------------------------------------------------------------- */

int p_frozen(lua_State *L)
{
	return luaL_error(L, "'%s' can't be set: this can only be read",
	                  lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2)
	                                                : luaL_typename(L, 2));
}

void p_freeze(lua_State *L)
{
	lua_newtable(L); /* stays empty, so that __newindex sees every write */
	lua_newtable(L);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, p_frozen);
	lua_setfield(L, -2, "__newindex");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	lua_remove(L, -2);
}

static int p_unknown(lua_State *L) /* upvalues: the table, and what it is called */
{
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2)
	                                                : luaL_typename(L, 2);
	const char **names, *near;
	size_t n = 0;

	lua_settop(L, 2);
	for (lua_pushnil(L); lua_next(L, lua_upvalueindex(1)); lua_pop(L, 1))
		n++;
	names = lua_newuserdatauv(L, (n + 1) * sizeof *names, 0);
	n = 0;
	for (lua_pushnil(L); lua_next(L, lua_upvalueindex(1)); lua_pop(L, 1))
		names[n++] = lua_tostring(L, -2); /* stays: it is a key */
	names[n] = NULL;
	for (size_t i = 1; i < n; i++) /* the nearest is to be the same each time */
		for (size_t k = i; k && strcmp(names[k], names[k - 1]) < 0; k--) {
			const char *x = names[k];

			names[k] = names[k - 1];
			names[k - 1] = x;
		}
	near = tt_nearest_word(key, names);
	if (near)
		return luaL_error(L, "there is no %s'%s'; did you mean '%s'?",
		                  lua_tostring(L, lua_upvalueindex(2)), key, near);
	return luaL_error(L, "there is no %s'%s'", lua_tostring(L, lua_upvalueindex(2)), key);
}

/* A name that the table at the top does not have is an error, not nil. */
static void p_strict(lua_State *L, const char *name)
{
	lua_newtable(L);
	lua_pushvalue(L, -2);
	lua_pushfstring(L, "%s%s", name, *name ? "." : "");
	lua_pushcclosure(L, p_unknown, 2);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
}

/* --- Lua's own ----------------------------------------------------------------------------- */

static int p_compare(lua_State *L) /* numbers before texts; keys are distinct */
{
	const int a = lua_type(L, 1), b = lua_type(L, 2);

	lua_pushboolean(L, a != b ? a < b : lua_compare(L, 1, 2, LUA_OPLT));
	return 1;
}

static int p_next(lua_State *L) /* upvalues: table, sorted keys, position */
{
	const lua_Integer i = lua_tointeger(L, lua_upvalueindex(3)) + 1;

	lua_pushinteger(L, i);
	lua_replace(L, lua_upvalueindex(3));
	if (lua_rawgeti(L, lua_upvalueindex(2), i) == LUA_TNIL)
		return 1;
	lua_pushvalue(L, -1);
	lua_rawget(L, lua_upvalueindex(1));
	return 2;
}

static int p_pairs(lua_State *L)
{
	lua_Integer n = 0;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	lua_newtable(L);
	for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
		if (lua_type(L, -2) != LUA_TNUMBER && lua_type(L, -2) != LUA_TSTRING)
			return luaL_error(L, "pairs: a key is a %s, expected numbers and texts",
			                  luaL_typename(L, -2));
		lua_pushvalue(L, -2);
		lua_rawseti(L, 2, ++n);
	}
	lua_getfield(L, LUA_REGISTRYINDEX, "sort");
	lua_pushvalue(L, 2);
	lua_pushcfunction(L, p_compare);
	lua_call(L, 2, 0);
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, p_next, 3);
	return 1;
}

static void p_scalar(lua_State *L, int at)
{
	const int t = lua_type(L, at);

	if (t == LUA_TUSERDATA)
		luaL_error(L, "a %s has no text", ((tt_view *)lua_touserdata(L, at))->class->name);
	if (t != LUA_TNIL && t != LUA_TBOOLEAN && t != LUA_TNUMBER && t != LUA_TSTRING)
		luaL_error(L, "a %s has no text", lua_typename(L, t)); /* but its address */
}

static int p_tostring(lua_State *L)
{
	luaL_checkany(L, 1);
	p_scalar(L, 1);
	luaL_tolstring(L, 1, NULL);
	return 1;
}

static int p_format(lua_State *L) /* upvalue: Lua's own */
{
	const char *f = luaL_checkstring(L, 1);

	for (int i = 2; i <= lua_gettop(L); i++)
		p_scalar(L, i);
	for (; *f; f++)
		if (f[0] == '%' && f[1] == '%')
			f++;
		else if (f[0] == '%' && f[1 + strspn(f + 1, "-+ #0123456789.")] == 'p')
			return luaL_error(L, "format: %%p is not there: addresses change");
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, 1);
	return 1;
}

/* What moves the elements of a table works for as long as it has some. */
static int p_moving(lua_State *L) /* upvalue: Lua's own */
{
	luaL_checktype(L, 1, LUA_TTABLE);
	tt_script_of(L)->left -= (int64_t)lua_rawlen(L, 1) / 4;
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

static const char *const base_names[] = { "assert", "error", "ipairs", "select", "tonumber",
	"type", NULL };
static const char *const math_names[] = { "abs", "ceil", "exp", "floor", "fmod", "huge", "log",
	"max", "maxinteger", "min", "mininteger", "pi", "sqrt", "tointeger", "type", NULL };
static const char *const string_names[] = { "format", "len", "lower", "sub", "upper", NULL };
static const char *const table_names[] = { "concat", "insert", "remove", "unpack", NULL };

/* Replace the library at the top by a copy of what is listed. */
static void p_pick(lua_State *L, const char *const *names)
{
	lua_newtable(L);
	for (; *names; names++) {
		if (lua_getfield(L, -2, *names) == LUA_TNIL)
			luaL_error(L, "this Lua has no '%s'", *names);
		lua_setfield(L, -2, *names);
	}
	lua_remove(L, -2);
}

/* Function `name` of the table at the top becomes `f` around itself. */
static void p_wrap(lua_State *L, const char *name, lua_CFunction f)
{
	lua_getfield(L, -1, name);
	lua_pushcclosure(L, f, 1);
	lua_setfield(L, -2, name);
}

/* ("x"):rep(9) would go through the metatable of texts: it gets the table at the top. */
static void p_methods(lua_State *L)
{
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 2);
}

/* The table at the top becomes `name` of the one below, to be read only. */
static void p_give(lua_State *L, const char *name)
{
	p_strict(L, name);
	p_freeze(L);
	lua_setfield(L, -2, name);
}

static void p_own(lua_State *L)
{
	luaL_requiref(L, LUA_GNAME, luaopen_base, 0);
	p_pick(L, base_names);
	lua_pushcfunction(L, p_pairs);
	lua_setfield(L, -2, "pairs");
	lua_pushcfunction(L, p_tostring);
	lua_setfield(L, -2, "tostring");
	luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 0);
	p_pick(L, math_names);
	p_give(L, "math");
	luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 0);
	lua_getfield(L, -1, "sort");
	lua_setfield(L, LUA_REGISTRYINDEX, "sort");
	p_pick(L, table_names);
	p_wrap(L, "insert", p_moving);
	p_wrap(L, "remove", p_moving);
	p_give(L, "table");
	luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 0);
	p_pick(L, string_names);
	p_wrap(L, "format", p_format);
	p_methods(L);
	p_give(L, "string");
}

/* --- Texts --------------------------------------------------------------------------------- */

static int p_text_part(lua_State *L) /* upvalue: 0 starts, 1 ends, 2 has */
{
	const lua_Integer what = lua_tointeger(L, lua_upvalueindex(1));
	size_t n, m;
	const char *s = luaL_checklstring(L, 1, &n), *part = luaL_checklstring(L, 2, &m);
	bool yes = m <= n;

	tt_script_of(L)->left -= (int64_t)n / 32;
	if (yes && what < 2)
		yes = memcmp(what ? s + n - m : s, part, m) == 0;
	else if (yes)
		yes = memmem(s, n, part, m) != NULL;
	lua_pushboolean(L, yes);
	return 1;
}

/* '*' is any text, '?' any one byte; with one way back, so a long text is paid by the step. */
static int p_text_matches(lua_State *L)
{
	const char *s = luaL_checkstring(L, 1), *p = luaL_checkstring(L, 2);
	const char *star = NULL, *from = NULL;
	tt_script *script = tt_script_of(L);

	while (*s && script->left > 0) {
		script->left--;
		if (*p == '*') {
			star = p++;
			from = s;
		} else if (*p == *s || *p == '?') {
			p++;
			s++;
		} else if (star) {
			p = star + 1;
			s = ++from;
		} else {
			break;
		}
	}
	while (*p == '*')
		p++;
	lua_pushboolean(L, !*s && !*p);
	return 1;
}

/* The words of a text, between any of the separators (by default "-_./ "). */
static int p_text_words(lua_State *L)
{
	const char *s = luaL_checkstring(L, 1), *between = luaL_optstring(L, 2, "-_./ ");
	lua_Integer n = 0;

	lua_newtable(L);
	for (size_t k; *(s += strspn(s, between)); s += k) {
		k = strcspn(s, between);
		lua_pushlstring(L, s, k);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

static void p_texts(lua_State *L)
{
	static const char *const parts[] = { "starts", "ends", "has" };

	lua_newtable(L);
	for (int i = 0; i < 3; i++) {
		lua_pushinteger(L, i);
		lua_pushcclosure(L, p_text_part, 1);
		lua_setfield(L, -2, parts[i]);
	}
	lua_pushcfunction(L, p_text_matches);
	lua_setfield(L, -2, "matches");
	lua_pushcfunction(L, p_text_words);
	lua_setfield(L, -2, "words");
	p_give(L, "text");
}

/* --- Money: whole micro-units -------------------------------------------------------------- */

static int p_push_money(lua_State *L, tt_i128 micro)
{
	if (micro > INT64_MAX || micro < -(tt_i128)INT64_MAX)
		return luaL_error(L, "an amount beyond 9,223,372,036,854");
	lua_pushinteger(L, (lua_Integer)micro);
	return 1;
}

/* A decimal from a text, or from a whole number. */
static tt_decimal p_decimal(lua_State *L, int at)
{
	enum tt_decimal_fault f;
	tt_decimal d = 0;
	size_t n;
	const char *s;

	if (lua_isinteger(L, at))
		lua_pushfstring(L, "%I", (LUAI_UACINT)lua_tointeger(L, at));
	else if (lua_type(L, at) == LUA_TSTRING)
		lua_pushvalue(L, at);
	else
		luaL_error(L, "a %s, expected a text such as \"12.50\": a number with a point is "
		           "not exact", luaL_typename(L, at));
	s = lua_tolstring(L, -1, &n);
	f = tt_decimal_parse(s, n, &d);
	if (f)
		luaL_error(L, "'%s', expected %s", s, tt_decimal_fault_text(f));
	lua_pop(L, 1);
	return d;
}

static int p_money_of(lua_State *L)
{
	return p_push_money(L, tt_div_half_even(p_decimal(L, 1), TT_DECIMAL_ONE / 1000000));
}

static int p_money_text(lua_State *L)
{
	char text[48];

	lua_pushstring(L, tt_money_text(luaL_checkinteger(L, 1), 2, text, sizeof text));
	return 1;
}

static int p_money_times(lua_State *L)
{
	const lua_Integer micro = luaL_checkinteger(L, 1);
	const tt_decimal d = p_decimal(L, 2);

	/* So that the product fits, and is rounded once. */
	if (d > 1000000 * TT_DECIMAL_ONE || d < -1000000 * TT_DECIMAL_ONE)
		return luaL_error(L, "times: a factor beyond 1,000,000");
	return p_push_money(L, tt_div_half_even(d * micro, TT_DECIMAL_ONE));
}

static int p_money_part(lua_State *L) /* micro x a / b */
{
	const lua_Integer micro = luaL_checkinteger(L, 1), a = luaL_checkinteger(L, 2);
	const lua_Integer b = luaL_checkinteger(L, 3);

	if (b <= 0)
		return luaL_error(L, "part: of %I, expected a whole number from 1", (LUAI_UACINT)b);
	return p_push_money(L, tt_div_half_even((tt_i128)micro * a, b));
}

static int p_money_sum(lua_State *L)
{
	tt_i128 sum = 0;

	for (int i = 1; i <= lua_gettop(L); i++)
		sum += luaL_checkinteger(L, i);
	return p_push_money(L, sum);
}

/* --- Times: whole seconds, UTC ------------------------------------------------------------- */

static int p_time_of(lua_State *L)
{
	const char *s = luaL_checkstring(L, 1);
	char text[40];
	int64_t t;

	if (strlen(s) == 10) { /* a day begins at midnight */
		memcpy(text, s, 10);
		memcpy(text + 10, "T00:00:00Z", 11);
		if (strspn(s, "0123456789-") == 10 && tt_time_parse(text, 20, &t)) {
			lua_pushinteger(L, t);
			return 1;
		}
	} else if (strlen(s) == 20 && tt_time_parse(s, 20, &t)) {
		lua_pushinteger(L, t);
		return 1;
	}
	return luaL_error(L, "'%s', expected a day such as \"2027-01-31\" or a time such as "
	                  "\"2027-01-31T09:00:00Z\"", s);
}

static lua_Integer p_time(lua_State *L)
{
	const lua_Integer t = luaL_checkinteger(L, 1);

	if (t < 0 || t > TT_TIME_LAST)
		luaL_error(L, "%I is no time: expected seconds from 1970 to 9999", (LUAI_UACINT)t);
	return t;
}

static int p_time_text(lua_State *L)
{
	char text[TT_TIME_TEXT];

	lua_pushstring(L, tt_time_format(p_time(L), text));
	return 1;
}

static int p_time_hour(lua_State *L)
{
	lua_pushinteger(L, p_time(L) / 3600 % 24);
	return 1;
}

static int p_time_weekday(lua_State *L) /* 1 Monday .. 7 Sunday; 1970 began on a Thursday */
{
	lua_pushinteger(L, (p_time(L) / 86400 + 3) % 7 + 1);
	return 1;
}

static void p_money_and_time(lua_State *L)
{
	static const luaL_Reg money[] = { { "of", p_money_of }, { "part", p_money_part },
		{ "sum", p_money_sum }, { "text", p_money_text }, { "times", p_money_times },
		{ NULL, NULL } };
	static const luaL_Reg time[] = { { "hour", p_time_hour }, { "of", p_time_of },
		{ "text", p_time_text }, { "weekday", p_time_weekday }, { NULL, NULL } };

	luaL_newlib(L, money);
	p_give(L, "money");
	luaL_newlib(L, time);
	p_give(L, "time");
}

void p_library(lua_State *L)
{
	p_own(L);
	p_texts(L);
	p_money_and_time(L);
	p_declarations(L);
	p_strict(L, "");
	p_freeze(L);
}
