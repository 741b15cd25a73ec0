/* change.c - a change from its text and back: words, quoting, ranges, canonical form.
 *
 * Everything a verb takes is data in verbs.c, and values.c reads one value; here is
 * the grammar. One meaning has one text, since draws are addressed and changes are
 * compared by it: values are rewritten in one form, subjects sorted, and what equals
 * its default is left out. */
#include "change/change.h"
#include "base/clock.h"
#include "change/values.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t tt_line_span(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		const unsigned char *u = (const unsigned char *)s + i;
		size_t len = tt_utf8_next(s + i, n - i);
		bool ascii = len == 1 && (u[0] < 0x20 || u[0] == 0x7f);
		bool c1 = len == 2 && u[0] == 0xc2 && u[1] < 0xa0;
		bool separator = len == 3 && u[0] == 0xe2 && u[1] == 0x80 &&
		                 (u[2] == 0xa8 || u[2] == 0xa9); /* U+2028, U+2029 */

		if (len == 0 || ascii || c1 || separator)
			break;
		i += len;
	}
	return i;
}

/* --- Writing ------------------------------------------------------------------- */

/* Where the text goes: into a buffer, or only its hash and length. */
typedef struct sink {
	tt_buf *out; /* NULL: nowhere */
	uint64_t hash;
	size_t n;
} sink;

static void put(sink *to, const char *s, size_t n)
{
	if (to->out)
		tt_buf_add(to->out, s, n);
	to->hash = tt_hash(to->hash, s, n);
	to->n += n;
}

static void put_text(sink *to, const char *s)
{
	put(to, s, strlen(s));
}

/* An id or a value, in quotes where it needs them. */
static void put_piece(sink *to, const char *s)
{
	size_t n = 0;

	while (tt_value_bare(s[n]))
		n++;
	if (n && !s[n]) {
		put(to, s, n);
		return;
	}
	put(to, "\"", 1);
	for (; *s; s += n) {
		if (*s == '"' || *s == '\\')
			put(to, "\\", 1);
		n = 1 + strcspn(s + 1, "\"\\");
		put(to, s, n);
	}
	put(to, "\"", 1);
}

static void put_pair(sink *to, const char *key, const char *value)
{
	put(to, " ", 1);
	put_text(to, key);
	put(to, "=", 1);
	put_piece(to, value);
}

static void put_time(sink *to, const char *key, int64_t t)
{
	char buf[TT_TIME_TEXT];

	if (t != TT_TIME_MISSING)
		put_pair(to, key, tt_time_format(t, buf));
}

static void put_number(sink *to, const char *key, double v, double def)
{
	char buf[TT_VALUE_NUMBER];

	if (v != def)
		put_pair(to, key, tt_value_number(&v, buf));
}

static void put_change(sink *to, const tt_change *c)
{
	put_text(to, tt_verb_text(c->verb));
	for (size_t i = 0; i < c->n_subjects; i++) {
		const tt_change_subject *s = &c->subjects[i];

		put(to, i ? "," : " ", 1);
		put_text(to, tt_subject_kind_text(s->kind));
		if (s->kind != TT_SUBJECT_FLEET) {
			put(to, ":", 1);
			put_piece(to, s->id);
		}
	}
	for (size_t i = 0; i < c->n_args; i++)
		put_pair(to, c->args[i].key, c->args[i].text);
	put_time(to, "from", c->from_s);
	put_time(to, "until", c->until_s);
	put_number(to, "effort_days", c->effort_days, 0);
	put_number(to, "adoption_ratio", c->adoption_ratio, 1);
	put_number(to, "realisation_ratio", c->realisation_ratio, 1);
	if (c->risk != TT_RISK_NONE)
		put_pair(to, "risk", tt_risk_text(c->risk));
	if (c->excludes[0])
		put_pair(to, "excludes", c->excludes);
}

void tt_change_text(const tt_change *c, tt_buf *out)
{
	put_change(&(sink){ .out = out }, c);
}

uint64_t tt_change_hash(const tt_change *c)
{
	sink to = { .hash = TT_HASH_START };

	if (c->known_as)
		return c->known_as;
	put_change(&to, c);
	return to.hash;
}

/* --- Reading ------------------------------------------------------------------- */

typedef struct parser {
	const char *s;
	size_t n, at;
	tt_arena *arena;
	tt_change *c;
	tt_arg_set given;
	tt_err *err;
} parser;

static int check_line(parser *p)
{
	if (p->n > TT_CHANGE_TEXT_MAX)
		return tt_fail(p->err, TT_EDATA,
		               "column 1: change of %zu bytes, expected at most %zu", p->n,
		               TT_CHANGE_TEXT_MAX);

	size_t good = tt_line_span(p->s, p->n);
	if (good == p->n)
		return TT_OK;
	return tt_fail(p->err, TT_EDATA, "column %zu: byte 0x%02x, expected UTF-8 text of one line",
	               good + 1, (unsigned)(unsigned char)p->s[good]);
}

static void skip_blanks(parser *p)
{
	while (p->at < p->n && p->s[p->at] == ' ')
		p->at++;
}

/* The run of [a-z0-9_] here; may be empty. */
static size_t take_name(parser *p)
{
	size_t start = p->at;

	while (p->at < p->n && ((p->s[p->at] >= 'a' && p->s[p->at] <= 'z') ||
	                        (p->s[p->at] >= '0' && p->s[p->at] <= '9') || p->s[p->at] == '_'))
		p->at++;
	return p->at - start;
}

static int take_quoted(parser *p, tt_piece *ret)
{
	size_t start = p->at, end = start + 1, n = 0;

	for (; end < p->n && p->s[end] != '"'; end++)
		if (p->s[end] == '\\') {
			end++;
			if (end == p->n || (p->s[end] != '"' && p->s[end] != '\\'))
				return tt_fail(p->err, TT_EDATA,
				               "column %zu: '\\' alone, expected \\\" or \\\\",
				               end);
		}
	if (end == p->n)
		return tt_fail(p->err, TT_EDATA, "column %zu: quote is not closed", start + 1);

	char *text = tt_arena_text(p->arena, p->s + start + 1, end - start - 1);
	if (!text)
		return tt_no_memory(p->err);
	for (size_t i = start + 1; i < end; i++) {
		i += p->s[i] == '\\';
		text[n++] = p->s[i];
	}
	text[n] = '\0';
	p->at = end + 1;
	*ret = (tt_piece){ .text = text, .n = n, .column = start + 1 };
	return TT_OK;
}

/* An id or a value: bare, or in double quotes; one of `ends` or the end follows.
 * `what` goes into messages. */
static int take_piece(parser *p, const char *what, const char *ends, tt_piece *ret)
{
	size_t start = p->at;

	if (p->at < p->n && p->s[p->at] == '"') {
		TT_TRY(take_quoted(p, ret));
	} else {
		while (p->at < p->n && tt_value_bare(p->s[p->at]))
			p->at++;
		*ret = (tt_piece){ .n = p->at - start, .column = start + 1 };
		ret->text = tt_arena_text(p->arena, p->s + start, ret->n);
		if (!ret->text)
			return tt_no_memory(p->err);
	}
	if (p->at < p->n && !strchr(ends, p->s[p->at]))
		return tt_fail(p->err, TT_EDATA,
		               "column %zu: \"%.*s\" in %s, expected the whole in double quotes",
		               p->at + 1, (int)tt_utf8_next(p->s + p->at, p->n - p->at),
		               p->s + p->at, what);
	if (ret->n == 0)
		return tt_fail(p->err, TT_EDATA, "column %zu: %s is empty", start + 1, what);
	if (ret->n > TT_CHANGE_VALUE_MAX)
		return tt_fail(p->err, TT_EDATA, "column %zu: %s of %zu bytes, expected at most %d",
		               start + 1, what, ret->n, TT_CHANGE_VALUE_MAX);
	return TT_OK;
}

static int parse_verb(parser *p)
{
	skip_blanks(p);

	size_t start = p->at, n = strcspn(p->s + start, " ");
	int verb = tt_verb_find(p->s + start, n);
	if (verb < 0)
		return tt_fail(p->err, TT_EDATA,
		               "column %zu: no verb \"%.*s\"; expected release, resize, schedule, "
		               "retype, share, scale, reprice, commit or label",
		               start + 1, (int)(n < 60 ? n : 60), p->s + start);
	p->c->verb = p->given.verb = (enum tt_verb)verb;
	p->at = start + n;
	return TT_OK;
}

/* --- Subjects ------------------------------------------------------------------ */

static int parse_subject(parser *p, tt_change_subject *ret)
{
	const char *verb = tt_verb_text(p->c->verb);
	unsigned allowed = tt_verb_kinds(p->c->verb);
	size_t start = p->at, n = take_name(p);
	int kind = tt_subject_kind_find(p->s + start, n);
	tt_piece id = { .text = "" };

	if (kind < 0 || !(allowed >> kind & 1)) {
		TT_CLEANUP(tt_buf_free) tt_buf list = { 0 };

		tt_kinds_list(allowed, &list);
		if (list.failed)
			return tt_no_memory(p->err);
		return tt_fail(p->err, TT_EDATA, "column %zu: %s takes no \"%.*s\"; it takes %s",
		               start + 1, verb, (int)(n < 60 ? n : 60), p->s + start,
		               tt_buf_text(&list));
	}
	if (kind != TT_SUBJECT_FLEET) {
		if (p->at == p->n || p->s[p->at] != ':')
			return tt_fail(p->err, TT_EDATA,
			               "column %zu: expected ':' and an id after %s", p->at + 1,
			               tt_subject_kind_text((enum tt_subject_kind)kind));
		p->at++;
		TT_TRY(take_piece(p, "id", " ,", &id));
	} else if (p->at < p->n && p->s[p->at] != ' ' && p->s[p->at] != ',') {
		return tt_fail(p->err, TT_EDATA, "column %zu: fleet takes no id", p->at + 1);
	}
	*ret = (tt_change_subject){ .kind = (enum tt_subject_kind)kind, .id = id.text };
	p->given.kinds |= 1u << kind;
	return TT_OK;
}

static int compare_subjects(const void *a, const void *b)
{
	const tt_change_subject *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->id, y->id);
}

static int parse_subjects(parser *p)
{
	size_t most = 1, n = 0;

	skip_blanks(p);
	if (p->at == p->n)
		return tt_fail(p->err, TT_EDATA, "column %zu: expected what to %s, as kind:id",
		               p->at + 1, tt_verb_text(p->c->verb));
	for (size_t i = p->at; i < p->n; i++)
		most += p->s[i] == ',';

	tt_change_subject *v = tt_arena_alloc(p->arena, most * sizeof *v);
	if (!v)
		return tt_no_memory(p->err);
	for (;;) {
		TT_TRY(parse_subject(p, &v[n++]));
		if (p->at == p->n || p->s[p->at] != ',')
			break;
		p->at++;
	}
	qsort(v, n, sizeof *v, compare_subjects);

	size_t kept = 1;
	for (size_t i = 1; i < n; i++)
		if (compare_subjects(&v[i], &v[kept - 1]) != 0)
			v[kept++] = v[i];
	p->c->subjects = v;
	p->c->n_subjects = kept;
	return TT_OK;
}

/* --- Arguments ----------------------------------------------------------------- */

static int refuse_key(parser *p, size_t start, size_t n, bool elsewhere)
{
	TT_CLEANUP(tt_buf_free) tt_buf keys = { 0 }, kinds = { 0 };

	tt_arg_list(&p->given, &keys);
	tt_kinds_list(p->given.kinds, &kinds);
	if (keys.failed || kinds.failed)
		return tt_no_memory(p->err);
	return tt_fail(
		p->err, TT_EDATA,
		"column %zu: %s takes no \"%.*s\"%s%s; it takes %s and what every verb takes",
		start + 1, tt_verb_text(p->c->verb), (int)(n < 60 ? n : 60), p->s + start,
		elsewhere ? " for " : "", elsewhere ? tt_buf_text(&kinds) : "",
		keys.n ? tt_buf_text(&keys) : "nothing of its own");
}

static int parse_pair(parser *p)
{
	size_t start = p->at, n = take_name(p), i = tt_arg_find(&p->given, p->s + start, n);
	tt_piece value;

	if (n == 0 || p->at == p->n || p->s[p->at] != '=')
		return tt_fail(p->err, TT_EDATA, "column %zu: \"%.*s\", expected key=value",
		               start + 1, (int)strcspn(p->s + start, " "), p->s + start);
	if (i == tt_arg_defs_n || !tt_arg_fits(&p->given, i))
		return refuse_key(p, start, n, i < tt_arg_defs_n);
	if (p->given.args[i].key)
		return tt_fail(p->err, TT_EDATA,
		               "column %zu: %s is there twice, first in column %zu", start + 1,
		               tt_arg_defs[i].key, p->given.columns[i]);
	p->at++;
	TT_TRY(take_piece(p, tt_arg_defs[i].key, " ", &value));
	p->given.columns[i] = start + 1;
	return tt_value_read(&tt_arg_defs[i], &value, p->arena, &p->given.args[i], p->err);
}

static void take_common(tt_change *c, const tt_change_arg *a)
{
	if (strcmp(a->key, "from") == 0)
		c->from_s = (int64_t)a->number;
	else if (strcmp(a->key, "until") == 0)
		c->until_s = (int64_t)a->number;
	else if (strcmp(a->key, "effort_days") == 0)
		c->effort_days = a->number;
	else if (strcmp(a->key, "adoption_ratio") == 0)
		c->adoption_ratio = a->number;
	else if (strcmp(a->key, "realisation_ratio") == 0)
		c->realisation_ratio = a->number;
	else if (strcmp(a->key, "risk") == 0)
		c->risk = tt_risk_find(a->text, strlen(a->text));
	else
		c->excludes = a->text;
}

/* From the slots of the table into the change, so in the table's order. */
static int gather(parser *p)
{
	tt_change *c = p->c;

	for (size_t i = 0; i < tt_arg_defs_n; i++) {
		if (!p->given.args[i].key)
			continue;
		if (tt_arg_defs[i].verb == TT_VERB_END)
			take_common(c, &p->given.args[i]);
		else if (c->n_args < TT_CHANGE_ARGS)
			c->args[c->n_args++] = p->given.args[i];
		else
			return tt_fail(p->err, TT_EDATA, "column %zu: more than %d arguments",
			               p->given.columns[i], TT_CHANGE_ARGS);
	}
	if (c->from_s != TT_TIME_MISSING && c->until_s != TT_TIME_MISSING &&
	    c->from_s >= c->until_s)
		return tt_fail(p->err, TT_EDATA, "column 1: until is not after from");
	return TT_OK;
}

int tt_change_parse(const char *text, tt_arena *arena, tt_change *ret, tt_err *err)
{
	tt_change c = {
		.from_s = TT_TIME_MISSING,
		.until_s = TT_TIME_MISSING,
		.adoption_ratio = 1,
		.realisation_ratio = 1,
		.risk = TT_RISK_NONE,
		.excludes = "",
	};
	parser p = { .s = text, .n = strlen(text), .arena = arena, .c = &c, .err = err };

	TT_TRY(check_line(&p));
	TT_TRY(parse_verb(&p));
	TT_TRY(parse_subjects(&p));
	for (skip_blanks(&p); p.at < p.n; skip_blanks(&p))
		TT_TRY(parse_pair(&p));
	TT_TRY(tt_arg_check(&p.given, err));
	TT_TRY(gather(&p));

	/* a number or a time can be longer in its canonical form */
	sink length = { 0 };
	put_change(&length, &c);
	if (length.n > TT_CHANGE_TEXT_MAX)
		return tt_fail(err, TT_EDATA, "column 1: change of %zu bytes, expected at most %zu",
		               length.n, TT_CHANGE_TEXT_MAX);
	*ret = c;
	return TT_OK;
}

const tt_change_arg *tt_change_get(const tt_change *c, const char *key)
{
	for (size_t i = 0; i < c->n_args; i++)
		if (strcmp(c->args[i].key, key) == 0)
			return &c->args[i];
	return NULL;
}

tt_change tt_change_without(const tt_change *c, const char *key)
{
	tt_change ret = *c;

	ret.n_args = 0;
	for (size_t i = 0; i < c->n_args; i++) {
		if (strcmp(c->args[i].key, key) != 0)
			ret.args[ret.n_args++] = c->args[i];
	}
	return ret;
}
