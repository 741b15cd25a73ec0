/* A script sees what it is given and nothing else, says where it went wrong, and can't hurt,
 * however it tries. */
#include "rules/script.h"
#include "t.h"
#include <time.h>

enum { KINDS = 2 };

static tt_err err;

static tt_err *fresh(void)
{
	err = (tt_err){ 0 };
	return &err;
}

/* --- What the scripts of this test see ----------------------------------------------------- */

typedef struct made {
	const char *name;
	int64_t cost_micro;
	double busy_ratio;
} made;

static const made mades[] = { { "a", 1500000, .5 }, { "b", TT_MONEY_UNKNOWN, (double)NAN } };

static tt_value made_get(tt_view v, size_t field);
static size_t two(tt_view v);
static tt_value made_item(tt_view v, size_t i);
static tt_value label(tt_view v, const char *key);

static const tt_view_field made_fields[] = { { "name", "" }, { "cost_micro", "" },
	{ "busy_ratio", "" }, { "labels", "" } };
static const tt_view_class made_class = { "workload", made_fields, 4, made_get, NULL, NULL, NULL };
static const tt_view_class list_class = { "list", NULL, 0, NULL, two, made_item, NULL };
static const tt_view_class labels_class = { "labels", NULL, 0, NULL, NULL, NULL, label };

static tt_value made_get(tt_view v, size_t field)
{
	const made *m = (const made *)v.of + v.at;

	switch (field) {
	case 0:
		return tt_value_text(m->name);
	case 1:
		return tt_value_known(m->cost_micro, TT_MONEY_UNKNOWN);
	case 2:
		return tt_value_real(m->busy_ratio);
	default:
		return tt_value_view(&labels_class, m, 0);
	}
}

static size_t two(tt_view v)
{
	(void)v;
	return 2;
}

static tt_value made_item(tt_view v, size_t i)
{
	return tt_value_view(&made_class, v.of, i);
}

static tt_value label(tt_view v, const char *key)
{
	(void)v;
	return tt_value_text(strcmp(key, "team") == 0 ? "ml" : NULL);
}

static const tt_rule_field guard_fields[] = {
	{ "help", "what it is for", 1u << TT_VALUE_TEXT, false },
	{ "most", "how many", 1u << TT_VALUE_WHOLE | 1u << TT_VALUE_REAL, false },
	{ "of", "which", 1u << TT_VALUE_TABLE, false },
	{ "rule", "what it says of a workload", 1u << TT_VALUE_FUNCTION, true },
};
static const tt_rule_field own_fields[] = {
	{ "rule", "the owner", 1u << TT_VALUE_FUNCTION | 1u << TT_VALUE_TEXT, true } };
static const tt_rule_kind kinds[KINDS] = { { "guard", guard_fields, 4 }, { "own", own_fields, 1 } };

/* --- Asking -------------------------------------------------------------------------------- */

static int open(const char *text, tt_script_limits limits, tt_script **ret)
{
	return tt_script_open("rules/x.lua", text, strlen(text), kinds, KINDS, limits, ret,
	                      fresh());
}

static const tt_script_limits usual = { 1 << 20, 200000 };

static int call(tt_script *s, tt_arena *arena, tt_value *ret)
{
	const tt_value args[] = { tt_value_view(&made_class, mades, 0),
		tt_value_view(&list_class, mades, 0) };

	return tt_script_call(s, 0, "rule", args, 2, arena, ret, fresh());
}

/* What `body` returns for (w, all); its status is in `rc`. */
static tt_value run_in(const char *body, tt_script_limits limits, tt_arena *arena, int *rc)
{
	TT_CLEANUP(tt_script_closep) tt_script *s = NULL;
	char text[4096];
	tt_value v = { 0 };

	snprintf(text, sizeof text, "guard { id = 'x', rule = function(w, all)\n%s\nend }", body);
	*rc = open(text, limits, &s);
	if (*rc == TT_OK)
		*rc = call(s, arena, &v);
	return v;
}

static void says(const char *want, const char *body)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	int rc;

	run_in(body, usual, arena, &rc);
	T_OK(rc < 0);
	T_STR(want, err.text);
}

static void gives_text(const char *want, const char *body)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	int rc;
	const tt_value v = run_in(body, usual, arena, &rc);

	T_INT(TT_OK, rc);
	if (rc)
		printf("  %s\n", err.text);
	T_INT(TT_VALUE_TEXT, v.kind);
	if (v.kind == TT_VALUE_TEXT)
		T_STR(want, v.text);
}

static void gives_whole(int64_t want, const char *body)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	int rc;
	const tt_value v = run_in(body, usual, arena, &rc);

	T_INT(TT_OK, rc);
	if (rc)
		printf("  %s\n", err.text);
	T_INT(TT_VALUE_WHOLE, v.kind);
	T_INT(want, v.whole);
}

/* --- Rules --------------------------------------------------------------------------------- */

static void test_rules(void)
{
	static const char text[] =
		"-- two rules\n"
		"local function big(w) return w.cost_micro > 1000000 end\n"
		"guard { id = 'big', help = 'dear ones', most = 2.5, of = { 'a', x = { 7 } },\n"
		"	rule = big }\n"
		"own { id = 'all_mine', rule = 'me' }\n";
	TT_CLEANUP(tt_script_closep) tt_script *s = NULL;
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_value v;

	T_INT(TT_OK, open(text, usual, &s));
	T_INT(2, tt_script_count(s));
	T_STR("big", tt_script_rule(s, 0)->id);
	T_INT(0, tt_script_rule(s, 0)->kind);
	T_INT(3, tt_script_rule(s, 0)->line);
	T_STR("all_mine", tt_script_rule(s, 1)->id);
	T_INT(1, tt_script_rule(s, 1)->kind);
	T_INT(TT_OK, tt_script_field(s, 0, "help", arena, &v, fresh()));
	T_STR("dear ones", v.text);
	T_INT(TT_OK, tt_script_field(s, 0, "most", arena, &v, fresh()));
	T_F64(2.5, v.real, 0);
	T_INT(TT_OK, tt_script_field(s, 0, "of", arena, &v, fresh()));
	T_INT(2, v.table->n);
	T_STR("a", v.table->v[0].value.text);
	T_INT(7, tt_entries_find(v.table, "x")->table->v[0].value.whole);
	T_INT(TT_VALUE_MISSING, tt_entries_find(v.table, "y")->kind);
	T_INT(TT_OK, tt_script_field(s, 1, "help", arena, &v, fresh()));
	T_INT(TT_VALUE_MISSING, v.kind);
	T_INT(TT_OK, tt_script_field(s, 0, "rule", arena, &v, fresh()));
	T_INT(TT_VALUE_FUNCTION, v.kind);
	T_INT(TT_OK, call(s, arena, &v));
	T_OK(v.kind == TT_VALUE_TRUTH && v.truth);
	T_OK(tt_script_used(s).memory_bytes > 1000 && tt_script_used(s).instructions >= 0);
}

static void refused(const char *want, const char *text)
{
	tt_script *s = NULL;

	T_OK(open(text, usual, &s) < 0);
	T_OK(!s);
	T_STR(want, err.text);
}

static void test_refused(void)
{
	refused("rules/x.lua:1: guard: no 'rule': what it says of a workload",
	        "guard { id = 'a' }");
	refused("rules/x.lua:2: guard has no field 'hlep'; did you mean 'help'?",
	        "\nguard { id = 'a', hlep = '', rule = type }");
	refused("rules/x.lua:1: guard: 'help' is a number, expected a text",
	        "guard { id = 'a', help = 1, rule = type }");
	refused("rules/x.lua:1: guard: 'most' is a string, expected a whole number or a number",
	        "guard { id = 'a', most = '1', rule = type }");
	refused("rules/x.lua:1: guard: no id, expected one like \"large_in_dev\"",
	        "guard { rule = type }");
	refused("rules/x.lua:1: guard: id 'No', expected small letters, digits and _, up to 48",
	        "guard { id = 'No', rule = type }");
	refused("rules/x.lua:2: own: id 'a' is that of line 1 already",
	        "guard { id = 'a', rule = type }\nown { id = 'a', rule = 'x' }");
	refused("rules/x.lua:1: guard: expected one table, as in guard { id = \"...\", ... }",
	        "guard('a')");
	refused("rules/x.lua:1: there is no 'gaurd'; did you mean 'guard'?", "gaurd { id = 'a' }");
	refused("rules/x.lua:1: there is no 'print'", "print('hello')");
	refused("rules/x.lua:1: 'x' can't be set: this can only be read", "x = 1");
	refused("rules/x.lua:2: unexpected symbol near '='", "\n= 1");
	refused("rules/x.lua: the error is a table, and no text", "error({})");
	refused("rules/x.lua: the error is a nil, and no text", "error()");
	refused("rules/x.lua:1: two?lines", "error('two\\nlines')");
	refused("attempt to load a binary chunk (mode is 't')", "\x1bLuaT");
	says("rules/x.lua:2: guard: rules are declared while a file is read, not later",
	     "guard { id = 'y', rule = type }");
}

/* --- Values -------------------------------------------------------------------------------- */

static void test_views(void)
{
	gives_text("a", "return w.name");
	gives_whole(1500000, "return w.cost_micro");
	gives_text("nil nil",
	           "return tostring(all[2].cost_micro) .. ' ' .. tostring(all[2].busy_ratio)");
	gives_whole(2, "return #all");
	gives_text("ab", "local t = '' for i, x in ipairs(all) do t = t .. x.name end return t");
	gives_text("ml nil", "return w.labels.team .. ' ' .. tostring(w.labels.other)");
	gives_text("same", "return w == all[1] and w ~= all[2] and 'same' or 'not'");
	says("rules/x.lua:2: a workload has no 'cost_mirco'; did you mean 'cost_micro'?",
	     "return w.cost_mirco");
	says("rules/x.lua:2: a workload has no 'zzzzz'", "return w.zzzzz");
	says("rules/x.lua:2: 'name' can't be set: this can only be read", "w.name = 'b'");
	says("rules/x.lua:2: a workload is no list", "return #w");
	says("rules/x.lua:2: a workload can't be asked by a boolean", "return w[true]");
	says("rules/x.lua:2: a workload has no text", "return tostring(w)");
	says("a table has a boolean as a key, expected texts and whole numbers",
	     "return { [true] = 1 }");
	says("a table is deeper than 8", "local t = {} t.t = t return t");
	says("a text is not UTF-8, or has a NUL in it", "return '\\0'");
	says("a text is not UTF-8, or has a NUL in it", "return '\\xff'");
}

static void test_library(void)
{
	gives_text("1=a 2=b k=d z=c ",
	           "local t = '' for k, v in pairs({ z = 'c', 'a', 'b', k = 'd' }) "
	           "do t = t .. k .. '=' .. v .. ' ' end return t");
	gives_text("true true false true", "return tostring(text.starts('ml-dev', 'ml')) .. ' ' .. "
	           "tostring(text.ends('ml-dev', 'dev')) .. ' ' .. "
	           "tostring(text.has('ml-dev', 'x')) .. ' ' .. tostring(text.has('ml-dev', ''))");
	gives_text("true false true",
	           "return tostring(text.matches('p5.48xlarge', 'p5.*')) .. ' ' .. "
	           "tostring(text.matches('p5.48xlarge', 'p4*')) .. ' ' .. "
	           "tostring(text.matches('aXbXc', '?*X?'))");
	gives_text("ml,dev,3", "return table.concat(text.words('ml-dev_3'), ',')");
	gives_text("a b|c", "return table.concat(text.words('a b,c', ','), '|')");
	gives_whole(12500000, "return money.of('12.50')");
	gives_whole(3000000, "return money.of(3)");
	gives_whole(2, "return money.of('0.0000025')"); /* half-even */
	gives_text("1,234.50", "return money.text(money.of('1234.5'))");
	gives_whole(2, "return money.times(1, '1.5')");
	gives_whole(333333, "return money.part(1000000, 1, 3)");
	gives_whole(6, "return money.sum(1, 2, 3)");
	says("rules/x.lua:2: an amount beyond 9,223,372,036,854",
	     "return money.sum(math.maxinteger, 1)");
	says("rules/x.lua:2: a number, expected a text such as \"12.50\": a number with a "
	     "point is not "
	     "exact", "return money.of(12.5)");
	says("rules/x.lua:2: '1e3', expected a decimal number like 12.34",
	     "return money.of('1e3')");
	gives_whole(1801440000, "return time.of('2027-02-01')");
	gives_text("2027-02-01T09:00:00Z 1 9", "local t = time.of('2027-02-01T09:00:00Z') "
	           "return time.text(t) .. ' ' .. time.weekday(t) .. ' ' .. time.hour(t)");
	says("rules/x.lua:2: '2027-02-30', expected a day such as \"2027-01-31\" or a time such as "
	     "\"2027-01-31T09:00:00Z\"", "return time.of('2027-02-30')");
	says("rules/x.lua:2: there is no text.'stats'; did you mean 'starts'?",
	     "return text.stats('a', 'b')");
	says("rules/x.lua:2: 'floor' can't be set: this can only be read", "math.floor = nil");
	gives_text("0.95 1.500000", "return 0.95 .. ' ' .. string.format('%f', 1.5)");
}

/* --- Scripts that mean harm ---------------------------------------------------------------- */

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void test_hostile(void)
{
	static const struct hostile {
		int rc;
		const char *want, *body;
	} v[] = {
		{ TT_ECANCELLED, "rules/x.lua:2: over its budget of 200000 instructions",
		  "while true do end" },
		{ TT_ECANCELLED, "over its budget",
		  "local function f() return f() end return f()" },
		{ TT_ENOMEM, "over its memory",
		  "local function f() return 1 + f() end return f()" },
		{ TT_ENOMEM, "rules/x.lua: over its memory of 1048576 bytes",
		  "local s = 'x' while true do s = s .. s end" },
		{ TT_ENOMEM, "over its memory", "local t = {} for i = 1, 1e9 do t[i] = i end" },
		{ TT_ENOMEM, "over its memory",
		  "local t = {} for i = 1, 1e9 do t[i] = { {} } end" },
		{ TT_ECANCELLED, "over its budget",
		  "local a = 'x' for i = 1, 16 do a = a .. a end "
		  "for i = 1, 1e9 do local b = a .. i end" },
		{ TT_ECANCELLED, "over its budget", "local t = {} for i = 1, 4000 do t[i] = i end "
		  "for i = 1, 1e9 do table.insert(t, 1, i) table.remove(t) end" },
		{ TT_ECANCELLED, "over its budget", "local a = 'a' for i = 1, 15 do a = a .. a end "
		  "for i = 1, 1e9 do text.matches(a, '*a*a*a*a*b') end" },
		{ TT_ECANCELLED, "over its budget", "local a = 'a' for i = 1, 15 do a = a .. a end "
		  "for i = 1, 1e9 do text.has(a, 'ab') end" },
		{ TT_EINVAL, "there is no 'pcall'", "pcall(error)" },
		{ TT_EINVAL, "there is no 'setmetatable'", "setmetatable({}, { __gc = error })" },
		{ TT_EINVAL, "there is no 'getmetatable'", "getmetatable('')" },
		{ TT_EINVAL, "there is no 'rawset'", "rawset(w, 'name', 1)" },
		{ TT_EINVAL, "there is no 'load'", "load('return 1')" },
		{ TT_EINVAL, "there is no 'require'", "require('os')" },
		{ TT_EINVAL, "there is no 'coroutine'", "coroutine.wrap(error)" },
		{ TT_EINVAL, "there is no 'debug'", "debug.sethook()" },
		{ TT_EINVAL, "there is no 'io'", "io.open('/etc/passwd')" },
		{ TT_EINVAL, "there is no 'os'", "os.exit(1)" },
		{ TT_EINVAL, "there is no 'collectgarbage'", "collectgarbage()" },
		{ TT_EINVAL, "there is no '_G'", "return _G" },
		{ TT_EINVAL, "there is no string.'rep'", "return ('x'):rep(1e9)" },
		{ TT_EINVAL, "there is no string.'find'", "return string.find('a', 'a')" },
		{ TT_EINVAL, "there is no string.'dump'", "return string.dump(guard)" },
		{ TT_EINVAL, "there is no math.'random'", "return math.random()" },
		{ TT_EINVAL, "there is no table.'sort'", "table.sort({})" },
		{ TT_EINVAL, "addresses change", "return string.format('%p', 'x')" },
		{ TT_EINVAL, "a function has no text", "return string.format('%s', type)" },
		{ TT_EINVAL, "the error is a userdata, and no text", "error(w)" },
		{ TT_EINVAL, "the error is a function, and no text", "error(type)" },
		{ TT_EINVAL, "attempt to compare", "return w < w" },
		{ TT_EINVAL, "'_ENV' can't be set", "_ENV._ENV = {}" },
	};

	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
		const double start = now_s();
		char first[sizeof err.text];
		int rc;

		run_in(v[i].body, usual, arena, &rc);
		T_INT(v[i].rc, rc);
		T_HAS(v[i].want, err.text);
		strcpy(first, err.text);
		run_in(v[i].body, usual, arena, &rc);
		T_STR(first, err.text); /* and the same again */
		T_OK(now_s() - start < 20); /* a fuse, far above what any of them takes */
	}
}

/* A script that went over can be asked again. */
static void test_again(void)
{
	TT_CLEANUP(tt_script_closep) tt_script *s = NULL;
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_value v, args[1] = { { .kind = TT_VALUE_WHOLE, .whole = 0 } };

	T_INT(TT_OK, open("guard { id = 'x', rule = function(n) "
	                  "if n > 0 then while true do end end return n end }", usual, &s));
	for (int i = 0; i < 4; i++) {
		args[0].whole = i % 2;
		T_INT(i % 2 ? TT_ECANCELLED : TT_OK,
		      tt_script_call(s, 0, "rule", args, 1, arena, &v, fresh()));
	}
}

/* --- Memory that runs out ------------------------------------------------------------------ */

static void test_memory(void)
{
	static const char body[] =
		"local t = {} for i = 1, 50 do t[i] = { name = w.name .. i } end "
		"return { t, w, text.words(w.labels.team) }";
	int failed = 0;

	for (uint64_t n = 1;; n++) {
		TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
		int rc;

		tt_alloc_fail_at(n, n % 2);
		run_in(body, usual, arena, &rc);
		const bool hit = tt_alloc_failed();

		tt_alloc_fail_at(0, 0);
		if (!hit) {
			T_INT(TT_OK, rc);
			break;
		}
		T_OK(rc == TT_OK || rc == TT_ENOMEM); /* Lua collects, and tries again */
		failed += rc != TT_OK;
	}
	T_OK(failed > 100);
	for (size_t bytes = 1000; bytes < 60000; bytes += 500) {
		TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
		int rc;

		run_in(body, (tt_script_limits){ bytes, 200000 }, arena, &rc);
		T_OK(rc == TT_OK || rc == TT_ENOMEM);
	}
}

int main(void)
{
	test_rules();
	test_refused();
	test_views();
	test_library();
	test_hostile();
	test_again();
	test_memory();
	return T_END();
}
