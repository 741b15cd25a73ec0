#include "rules/rules.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/near.h"
#include "rules/rules_parts.h"
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 1 << 20, RENEW_CALLS = 4096 };

static const tt_script_limits limits = { .memory_bytes = 32u << 20, .instructions = 1000000 };

#define TEXT (1u << TT_VALUE_TEXT)
#define FUNCTION (1u << TT_VALUE_FUNCTION)

static const tt_rule_field own_fields[] = {
	{ "help", "what it is for", TEXT, false },
	{ "rule", "function(thing) that returns an owner or nil", FUNCTION, true },
};
static const tt_rule_field exempt_fields[] = {
	{ "help", "what it is for", TEXT, false },
	{ "reason", "why it is not to be acted on", TEXT, true },
	{ "author", "who says so", TEXT, true },
	{ "until", "its last day or second, \"2026-12-31\"", TEXT, false },
	{ "detector", "of these findings alone", TEXT, false },
	{ "subject", "of these findings alone: the subject's id", TEXT, false },
	{ "rule", "function(finding) that returns true", FUNCTION, false },
};
static const tt_rule_field guard_fields[] = {
	{ "help", "what it is for", TEXT, false },
	{ "on", "\"pod\", \"node\" or \"finding\"", TEXT, false },
	{ "message", "what to say", TEXT, false },
	{ "rule", "function(subject) that returns \"allow\", \"warn\", \"approve\" or \"deny\"",
	  FUNCTION, true },
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

const tt_rule_kind tt_rule_kinds[TT_RULE_KINDS] = {
	[TT_RULE_OWN] = { "own", own_fields, COUNT(own_fields) },
	[TT_RULE_EXEMPT] = { "exempt", exempt_fields, COUNT(exempt_fields) },
	[TT_RULE_GUARD] = { "guard", guard_fields, COUNT(guard_fields) },
};
const char *const tt_guard_on[TT_GUARD_ON + 1] = { "pod", "node", "finding", NULL };

const char *tt_guard_verdict_text(enum tt_guard_verdict v)
{
	static const char *const texts[] = { "allow", "warn", "approve", "deny" };

	return texts[v];
}

/* --- Reading a file's rules ---------------------------------------------------------------- */

static int text_of(tt_rules *r, const tt_loaded_rule *rule, const char *field, const char **ret,
                   tt_err *err)
{
	tt_value v;

	TT_TRY(tt_script_field(rule->script, rule->at, field, r->arena, &v, err));
	*ret = v.kind == TT_VALUE_TEXT ? v.text : "";
	return TT_OK;
}

static int has_function(tt_rules *r, tt_loaded_rule *rule, tt_err *err)
{
	tt_value v;

	TT_TRY(tt_script_field(rule->script, rule->at, "rule", r->arena, &v, err));
	rule->asks = v.kind == TT_VALUE_FUNCTION;
	return TT_OK;
}

static int wrong(const tt_loaded_rule *rule, const char *field, const char *found,
                 const char *expected, tt_err *err)
{
	return tt_fail(err, TT_EINVAL, "%s:%d: %s %s: '%s' is \"%.*s\", expected %s",
	               rule->name.file, rule->name.line, rule->name.kind, rule->name.id, field,
	               TT_SHOWN(found), expected);
}

/* A day lasts to its end. */
static int read_until(tt_loaded_rule *rule, tt_err *err)
{
	char text[64];

	rule->until_s = INT64_MAX;
	if (!*rule->until)
		return TT_OK;
	snprintf(text, sizeof text, "%s%s", rule->until,
	         strlen(rule->until) == 10 && rule->until[4] == '-' ? "T23:59:59Z" : "");
	if (strchr(text, 'T') && tt_time_parse(text, strlen(text), &rule->until_s))
		return TT_OK;
	return wrong(rule, "until", rule->until,
	             "a day or a second, as 2026-12-31 or 2026-12-31T18:00:00Z", err);
}

static int read_exempt(tt_rules *r, tt_loaded_rule *rule, tt_err *err)
{
	TT_TRY(text_of(r, rule, "reason", &rule->reason, err));
	TT_TRY(text_of(r, rule, "author", &rule->author, err));
	TT_TRY(text_of(r, rule, "until", &rule->until, err));
	TT_TRY(text_of(r, rule, "detector", &rule->detector, err));
	TT_TRY(text_of(r, rule, "subject", &rule->subject, err));
	if (!rule->asks && !*rule->detector && !*rule->subject)
		return tt_fail(err, TT_EINVAL, "%s:%d: exempt %s: neither 'detector' nor 'subject' "
		               "nor 'rule', so it would be for every finding", rule->name.file,
		               rule->name.line, rule->name.id);
	return read_until(rule, err);
}

static int read_guard(tt_rules *r, tt_loaded_rule *rule, tt_err *err)
{
	const char *on, *near;
	char expected[80];

	TT_TRY(text_of(r, rule, "message", &rule->message, err));
	TT_TRY(text_of(r, rule, "on", &on, err));
	if (!*on)
		on = "pod";
	for (rule->on = 0; tt_guard_on[rule->on]; rule->on++)
		if (strcmp(tt_guard_on[rule->on], on) == 0)
			return TT_OK;
	near = tt_nearest_word(on, tt_guard_on);
	snprintf(expected, sizeof expected, "pod, node or finding%s%s%s",
	         near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return wrong(rule, "on", on, expected, err);
}

static int add_rule(tt_rules *r, tt_script *s, size_t at, const char *file, tt_err *err)
{
	const tt_declared *declared = tt_script_rule(s, at);
	tt_loaded_rule rule = { .script = s, .at = at,
		.kind = (enum tt_rule_kind_id)declared->kind, .detector = "", .subject = "",
		.reason = "", .author = "", .until = "", .message = "", .help = "",
		.name = { tt_rule_kinds[declared->kind].name, declared->id, file,
		          declared->line } };

	TT_TRY(has_function(r, &rule, err));
	TT_TRY(text_of(r, &rule, "help", &rule.help, err));
	if (rule.kind == TT_RULE_EXEMPT)
		TT_TRY(read_exempt(r, &rule, err));
	if (rule.kind == TT_RULE_GUARD)
		TT_TRY(read_guard(r, &rule, err));
	if (!TT_GROW(r->v, r->n, r->cap))
		return tt_no_memory(err);
	r->v[r->n++] = rule;
	return TT_OK;
}

static int load_file(tt_rules *r, const char *path, tt_err *err)
{
	const char *file = tt_arena_text(r->arena, path, strlen(path));
	TT_CLEANUP(tt_freep) char *text = NULL;
	tt_script *s;
	size_t n;

	if (!file || !TT_GROW(r->scripts, r->n_scripts, r->cap_scripts))
		return tt_no_memory(err);
	TT_TRY(tt_file_read(path, TEXT_MOST, &text, &n, err));
	TT_TRY(tt_script_open(file, text, n, tt_rule_kinds, TT_RULE_KINDS, limits, &s, err));
	r->scripts[r->n_scripts++] = s;
	for (size_t i = 0; i < tt_script_count(s); i++)
		TT_TRY(add_rule(r, s, i, file, err));
	return TT_OK;
}

/* --- Folders ------------------------------------------------------------------------------- */

static bool ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n > k && strcmp(s + n - k, end) == 0;
}

static int is_rules_name(const struct dirent *e)
{
	return e->d_name[0] != '.' && ends_in(e->d_name, ".lua") &&
	       !ends_in(e->d_name, "_test.lua");
}

static int by_bytes(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static void dir_closep(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int list_folder(tt_rules *r, const char *folder, const char ***names, size_t *n,
                       tt_err *err)
{
	TT_CLEANUP(dir_closep) DIR *d = opendir(folder);
	size_t cap = 0;

	if (!d)
		return tt_fail(err, TT_EIO, "%s: %s", folder, strerror(errno));
	for (const struct dirent *e; (e = readdir(d));) {
		if (!is_rules_name(e))
			continue;
		if (!TT_GROW(*names, *n, cap))
			return tt_no_memory(err);
		(*names)[*n] = tt_arena_text(r->arena, e->d_name, strlen(e->d_name));
		if (!(*names)[(*n)++])
			return tt_no_memory(err);
	}
	if (*n)
		qsort(*names, *n, sizeof **names, by_bytes); /* readdir() has no order */
	return TT_OK;
}

static int load_folder(tt_rules *r, const char *folder, tt_err *err)
{
	TT_CLEANUP(tt_freep) const char **names = NULL;
	char path[4096];
	size_t n = 0;

	TT_TRY(list_folder(r, folder, &names, &n, err));
	if (!n)
		return tt_fail(err, TT_EINVAL, "%s: no rules in this folder, expected *.lua",
		               folder);
	for (size_t i = 0; i < n; i++) {
		TT_TRY(tt_path_join(folder, names[i], path, sizeof path, err));
		TT_TRY(load_file(r, path, err));
	}
	return TT_OK;
}

/* --- Life ---------------------------------------------------------------------------------- */

int tt_rules_load(const char *const *paths, size_t n, tt_rules **ret, tt_err *err)
{
	TT_CLEANUP(tt_rules_freep) tt_rules *r = tt_zalloc(1, sizeof *r);

	if (!r || !(r->arena = tt_arena_new()))
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++)
		TT_TRY(tt_is_folder(paths[i]) ? load_folder(r, paths[i], err)
		                              : load_file(r, paths[i], err));
	r->said.files = r->n_scripts;
	r->said.rules = r->n;
	*ret = r;
	r = NULL;
	return TT_OK;
}

void tt_rules_free(tt_rules *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_scripts; i++)
		tt_script_close(r->scripts[i]);
	tt_free(r->scripts);
	tt_free(r->v);
	tt_free(r->owned);
	tt_views_reset(&r->views);
	tt_arena_free(r->arena);
	tt_free(r);
}

void tt_rules_freep(tt_rules **r)
{
	tt_rules_free(*r);
}

size_t tt_rules_count(const tt_rules *r)
{
	return r->n;
}

tt_rule_name tt_rules_name(const tt_rules *r, size_t i)
{
	return r->v[i].name;
}

const char *tt_rules_about(const tt_rules *r, size_t i)
{
	const tt_loaded_rule *rule = &r->v[i];

	return *rule->help ? rule->help : *rule->reason ? rule->reason : rule->message;
}

const tt_rules_said *tt_rules_said_of(const tt_rules *r)
{
	return &r->said;
}

/* --- Asking -------------------------------------------------------------------------------- */

int tt_rules_fail(tt_rules *r, tt_loaded_rule *rule, tt_err *err, const char *fmt, ...)
{
	tt_rule_failed *v = tt_arena_alloc(r->arena, (r->said.n_failed + 1) * sizeof *v);
	char text[sizeof err->text];
	const char *why;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	why = tt_arena_text(r->arena, text, strlen(text));
	if (!v || !why)
		return tt_no_memory(err);
	if (r->said.n_failed)
		memcpy(v, r->said.failed, r->said.n_failed * sizeof *v);
	v[r->said.n_failed++] = (tt_rule_failed){ rule->name, why };
	r->said.failed = v;
	rule->failed = true;
	return TT_OK;
}

int tt_rules_ask(tt_rules *r, tt_loaded_rule *rule, tt_value of, tt_value *ret, tt_err *err)
{
	tt_err why = { 0 };
	int rc;

	if (++r->calls % RENEW_CALLS == 0)
		TT_TRY(tt_views_renew(&r->views, err));
	rc = tt_script_call(rule->script, rule->at, "rule", &of, 1, r->views.scratch, ret, &why);
	if (rc == TT_OK)
		return TT_OK;
	if (strncmp(why.text, rule->name.file, strlen(rule->name.file)) == 0)
		return tt_rules_fail(r, rule, err, "%s", why.text);
	return tt_rules_fail(r, rule, err, "%s:%d: %s", rule->name.file, rule->name.line,
	                     why.text);
}
