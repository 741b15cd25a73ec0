/* scenario_change.c - an item's keys, and its text with the place of every argument, so that
 * what the parser of changes finds wrong is told where it stands in the file. */
#include "simulate/scenario_change.h"
#include "base/clock.h"
#include "change/values.h"
#include "change/verbs.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Keys of an item that are no arguments of its verb. */
static const char *const item_keys[] = { "verb", "select", "as", "each", "optional",
					 "name", NULL };

static const struct { const char *key; enum tt_assumption of; } own[] = {
	{ "adoption_ratio", TT_ADOPTION },
	{ "realisation_ratio", TT_REALISATION },
	{ "start_delay_days", TT_START_DELAY },
};
enum { OWN = sizeof own / sizeof *own };

static bool is_item_key(const char *key)
{
	size_t i = 0;

	while (item_keys[i] && strcmp(item_keys[i], key) != 0)
		i++;
	return item_keys[i] != NULL;
}

/* The assumption that `key` is of a change; TT_ASSUMPTIONS: none. */
static enum tt_assumption own_of(const char *key)
{
	for (size_t i = 0; i < OWN; i++) {
		if (strcmp(own[i].key, key) == 0)
			return own[i].of;
	}
	return TT_ASSUMPTIONS;
}

const tt_scenario_arg *tt_scenario_change_arg(const tt_scenario_change *c, const char *key)
{
	for (size_t i = 0; i < c->n_args; i++) {
		if (strcmp(c->args[i].key, key) == 0)
			return &c->args[i];
	}
	return NULL;
}

bool tt_scenario_change_asks(const tt_scenario_change *c, const char *key, const char *word)
{
	const tt_scenario_arg *a = c->text ? NULL : tt_scenario_change_arg(c, key);

	return a && strcmp(a->text, word) == 0;
}

/* --- Making ------------------------------------------------------------------- */

/* The text of a change, and the column from 1 at which each argument begins. */
struct composed {
	tt_buf text;
	size_t *columns; /* [n_args]; 0: left out */
};

static void composed_done(struct composed *t)
{
	tt_buf_free(&t->text);
	tt_free(t->columns);
}

static void put_quoted(tt_buf *out, const char *s)
{
	tt_buf_putc(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			tt_buf_putc(out, '\\');
		tt_buf_putc(out, *s);
	}
	tt_buf_putc(out, '"');
}

static bool is_time(const char *key)
{
	return strcmp(key, "from") == 0 || strcmp(key, "until") == 0;
}

/* The value of an argument as the fleet has it, in buf where it is not as written; NULL:
 * not known. */
static const char *value_of(const tt_scenario_arg *a, const tt_scenario_change *c,
			    const tt_change_setting *s, char buf[TT_VALUE_NUMBER])
{
	tt_when when = { 0 };
	double gpus = s->quota_gpus;

	if (is_time(a->key) && tt_when_parse(a->text, &when) && when.relative)
		return s->from_s == TT_TIME_MISSING || when.s > TT_TIME_LAST - s->from_s
			       ? NULL : tt_time_format(s->from_s + when.s, buf);
	if (c->verb == TT_COMMIT && strcmp(a->key, "units") == 0 &&
	    strcmp(a->text, TT_UNITS_STANDING) == 0)
		snprintf(buf, TT_VALUE_NUMBER, "%zu", s->standing);
	else if (c->verb == TT_SCALE && strcmp(a->key, "gpus") == 0 &&
		 strcmp(a->text, TT_GPUS_QUOTA) == 0)
		tt_value_number(&gpus, buf);
	else
		return a->text;
	return buf;
}

static int compose(const tt_scenario_change *c, const tt_change_subject *subjects, size_t n,
		   const tt_change_setting *s, struct composed *to, tt_err *err)
{
	char buf[TT_VALUE_NUMBER];

	to->columns = tt_zalloc(c->n_args + 1, sizeof *to->columns);
	if (!to->columns)
		return tt_no_memory(err);
	tt_buf_puts(&to->text, tt_verb_text(c->verb));
	for (size_t i = 0; i < n; i++) {
		tt_buf_printf(&to->text, "%s%s", i ? "," : " ",
			      tt_subject_kind_text(subjects[i].kind));
		if (subjects[i].kind == TT_SUBJECT_FLEET)
			continue;
		tt_buf_putc(&to->text, ':');
		put_quoted(&to->text, subjects[i].id);
	}
	for (size_t i = 0; i < c->n_args; i++) {
		const char *value = value_of(&c->args[i], c, s, buf);

		if (!value)
			continue;
		tt_buf_putc(&to->text, ' ');
		to->columns[i] = to->text.n + 1;
		tt_buf_printf(&to->text, "%s=", c->args[i].key);
		put_quoted(&to->text, value);
	}
	return to->text.failed ? tt_no_memory(err) : TT_OK;
}

/* Column and reason of "column 9: reason"; column 0: it names none. */
static size_t split_reason(const char *text, const char **ret_reason)
{
	size_t digits = 0;
	int64_t column = 0;

	*ret_reason = text;
	if (strncmp(text, "column ", 7) != 0)
		return 0;
	digits = strspn(text + 7, "0123456789");
	if (strncmp(text + 7 + digits, ": ", 2) != 0 || !tt_parse_i64(text + 7, digits, &column))
		return 0;
	*ret_reason = text + 7 + digits + 2;
	return (size_t)column;
}

/* Tell where in the file the fault of the text stands. */
static int refuse(const tt_scenario_change *c, const struct composed *t, const tt_err *why,
		  tt_err *err)
{
	const char *reason;
	const size_t column = split_reason(why->text, &reason);
	tt_at at = c->at;

	if (why->status != TT_EDATA)
		return tt_fail(err, why->status, "%s", why->text);
	for (size_t i = 0; i < c->n_args; i++) {
		if (t->columns[i] && column >= t->columns[i])
			at = column > t->columns[i] ? c->args[i].at : c->args[i].key_at;
	}
	return tt_fail(err, TT_EDATA, "%s:%d:%d: %s", at.file, at.line, at.column, reason);
}

int tt_scenario_change_make(const tt_scenario_change *c, const tt_change_subject *subjects,
			    size_t n, const tt_change_setting *setting, tt_arena *arena,
			    tt_change *ret, tt_err *err)
{
	TT_CLEANUP(composed_done) struct composed t = { 0 };
	tt_err why = { 0 };

	TT_TRY(compose(c, subjects, n, setting, &t, err));
	if (tt_change_parse(tt_buf_text(&t.text), arena, ret, &why) < 0)
		return refuse(c, &t, &why, err);
	return TT_OK;
}

/* --- Reading ------------------------------------------------------------------ */

/* Arguments that the verb takes, and the other keys, for messages. */
static int refuse_key(const tt_strict *r, const tt_yaml *key, enum tt_verb verb)
{
	const char *words[TT_ARG_DEFS_MAX + sizeof item_keys / sizeof *item_keys + OWN];
	char what[40];
	size_t n = 0;

	for (size_t i = 0; i < tt_arg_defs_n; i++) {
		if (tt_arg_defs[i].verb == verb || tt_arg_defs[i].verb == TT_VERB_END)
			words[n++] = tt_arg_defs[i].key;
	}
	words[n++] = "start_delay_days";
	for (size_t i = 0; item_keys[i]; i++)
		words[n++] = item_keys[i];
	words[n] = NULL;
	snprintf(what, sizeof what, "key of %s", tt_verb_text(verb));
	return tt_strict_unknown(r, key, what, words);
}

/* A list as the one text that a change has for it. */
static int join(const tt_strict *r, const tt_yaml *list, const tt_arg_def *d, const char **ret)
{
	TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };

	if (list->n == 0)
		return tt_strict_fail(r, tt_strict_at(r, list), "%s is an empty list", d->key);
	for (size_t i = 0; i < list->n; i++) {
		const char *item;

		TT_TRY(tt_strict_text(r, list->items[i], d->key, &item));
		tt_buf_printf(&text, "%s%s", i ? d->words : "", item);
	}
	*ret = text.failed ? NULL : tt_arena_text(r->arena, tt_buf_text(&text), text.n);
	return *ret ? TT_OK : tt_no_memory(r->err);
}

static int read_arg(const tt_strict *r, const tt_yaml *key, const tt_yaml *y,
		    tt_scenario_change *to)
{
	const tt_arg_set set = { .verb = to->verb };
	const size_t i = tt_arg_find(&set, key->text, strlen(key->text));
	tt_scenario_arg *a = &to->args[to->n_args];

	if (i == tt_arg_defs_n)
		return refuse_key(r, key, to->verb);
	*a = (tt_scenario_arg){ .key = tt_arg_defs[i].key, .key_at = tt_strict_at(r, key),
				.at = tt_strict_at(r, y) };
	if (y->kind == TT_YAML_LIST && tt_arg_defs[i].type == TT_ARG_LIST)
		TT_TRY(join(r, y, &tt_arg_defs[i], &a->text));
	else
		TT_TRY(tt_strict_text(r, y, a->key, &a->text));
	to->n_args++;
	return TT_OK;
}

static int read_own(const tt_strict *r, const tt_yaml *y, enum tt_assumption of,
		    tt_scenario_change *to)
{
	tt_assumed *a = tt_arena_alloc(r->arena, sizeof *a);

	if (!a)
		return tt_no_memory(r->err);
	TT_TRY(tt_assumed_read(r, y, of, a));
	to->assumed[of] = a;
	return TT_OK;
}

/* A word that stands for what the fleet has is one only where it can be found out. */
static int check_words(const tt_strict *r, const tt_scenario_change *c)
{
	if (c->verb == TT_COMMIT && tt_scenario_change_asks(c, "units", TT_UNITS_STANDING) &&
	    (c->select.as != TT_SUBJECT_OFFER || !c->each))
		return tt_strict_fail(r, tt_scenario_change_arg(c, "units")->at,
				      "units is \"" TT_UNITS_STANDING "\", which is for offers, "
				      "each by itself: expected \"as: offer\" and \"each: true\"");
	return TT_OK;
}

/* Whether the arguments go together, with a subject in the place of those to be found. */
static int check_args(const tt_strict *r, const tt_scenario_change *c)
{
	const tt_change_subject one = { c->select.as, c->select.as == TT_SUBJECT_FLEET ? "" : "x" };
	tt_change_setting s = { .from_s = 0, .standing = 1, .quota_gpus = 1 };
	tt_when when = { 0 };
	tt_change change;

	/* which of a date and a time after the horizon's begin is later is not known yet */
	for (size_t i = 0; i < c->n_args; i++) {
		if (is_time(c->args[i].key) && tt_when_parse(c->args[i].text, &when) &&
		    !when.relative)
			s.from_s = TT_TIME_MISSING;
	}
	return tt_scenario_change_make(c, &one, 1, &s, r->arena, &change, r->err);
}

static int read_by_verb(const tt_strict *r, const tt_yaml *map, const tt_yaml *verb,
			tt_scenario_change *to)
{
	const char *verbs[TT_VERB_END] = { 0 };
	const tt_yaml *each = tt_yaml_get(map, "each"), *optional = tt_yaml_get(map, "optional");
	int v = verb->kind == TT_YAML_SCALAR ? tt_verb_find(verb->text, strlen(verb->text)) : -1;

	for (int i = 1; i < TT_VERB_END; i++)
		verbs[i - 1] = tt_verb_text((enum tt_verb)i);
	if (v < 0 && verb->kind != TT_YAML_SCALAR)
		return tt_strict_wrong(r, verb, "verb", "one of the nine verbs");
	if (v < 0)
		return tt_strict_unknown(r, verb, "verb", verbs);
	to->verb = (enum tt_verb)v;
	to->args = tt_arena_alloc(r->arena, (map->n + 1) * sizeof *to->args);
	if (!to->args)
		return tt_no_memory(r->err);
	if (each)
		TT_TRY(tt_strict_bool(r, each, "each", &to->each));
	if (optional)
		TT_TRY(tt_strict_bool(r, optional, "optional", &to->optional));
	for (size_t i = 0; i < map->n; i++) {
		const tt_yaml *key = map->keys[i], *y = map->items[i];
		const enum tt_assumption of = own_of(key->text);

		if (is_item_key(key->text))
			continue;
		if (of != TT_ASSUMPTIONS)
			TT_TRY(read_own(r, y, of, to));
		/* a plain number is known to those who only read the change, too */
		if (of == TT_ASSUMPTIONS || (of != TT_START_DELAY && y->kind == TT_YAML_SCALAR))
			TT_TRY(read_arg(r, key, y, to));
	}
	TT_TRY(tt_select_read(r, map, tt_verb_text(to->verb), tt_verb_kinds(to->verb),
			      &to->select));
	TT_TRY(check_words(r, to));
	return check_args(r, to);
}

static int read_text(const tt_strict *r, const tt_yaml *map, const tt_yaml *text,
		     tt_scenario_change *to)
{
	static const char *const keys[] = { "change", "name", "adoption_ratio",
					    "realisation_ratio", "start_delay_days", NULL };
	tt_err why = { 0 };

	TT_TRY(tt_strict_only(r, map, "a change as text", keys));
	if (text->kind != TT_YAML_SCALAR)
		return tt_strict_wrong(r, text, "change", "a text like release node:x");
	if (tt_change_parse(text->text, r->arena, &to->change, &why) < 0)
		return why.status != TT_EDATA
			       ? tt_fail(r->err, why.status, "%s", why.text)
			       : tt_strict_fail(r, tt_strict_at(r, text), "change is \"%.*s\": %s",
						tt_utf8_shown(text->text, strlen(text->text)),
						text->text, why.text);
	to->text = text->text;
	to->verb = to->change.verb;
	for (size_t i = 0; i < OWN; i++) {
		const tt_yaml *y = tt_yaml_get(map, own[i].key);
		const bool said = own[i].of == TT_ADOPTION ? to->change.adoption_ratio != 1
				  : own[i].of == TT_REALISATION ? to->change.realisation_ratio != 1
								: false;

		if (!y)
			continue;
		if (said)
			return tt_strict_fail(r, tt_strict_at(r, y), "%s is in the change's text, "
					      "too; expected it once", own[i].key);
		TT_TRY(read_own(r, y, own[i].of, to));
	}
	return TT_OK;
}

int tt_scenario_change_read(const tt_strict *r, const tt_yaml *y, tt_scenario_change *ret)
{
	tt_scenario_change to = { .at = tt_strict_at(r, y), .name = "",
				  .select = { .as = TT_SUBJECT_END } };
	const tt_yaml *text = tt_yaml_get(y, "change"), *verb = tt_yaml_get(y, "verb");
	const tt_yaml *name = tt_yaml_get(y, "name");

	if (y->kind != TT_YAML_MAP)
		return tt_strict_wrong(r, y, "a change", "change: and its text, or verb: and its "
				       "arguments");
	if (!text == !verb)
		return tt_strict_fail(r, to.at, "a change has %s, expected one of \"change\" and "
				      "\"verb\"", text ? "both" : "neither");
	if (name)
		TT_TRY(tt_strict_text(r, name, "name", &to.name));
	TT_TRY(text ? read_text(r, y, text, &to) : read_by_verb(r, y, verb, &to));
	*ret = to;
	return TT_OK;
}
