/* yaml.c - libyaml's events into a tree, with everything refused that a person would
 * not expect to happen in a configuration file.
 *
 * The children of all open collections stand on one stack; a collection that ends
 * takes its own off the top and into the arena. */
#include "yaml.h"
#include "file.h"
#include "text.h"
#include <string.h>
#include <yaml.h>

enum { MAX_BYTES = 1 << 20, MAX_DEPTH = 32, MAX_NODES = 100000 };

struct loader {
	yaml_parser_t parser;
	const char *name;
	const char *s;       /* all of the text, text_n bytes */
	size_t text_n;
	tt_arena *arena;
	tt_yaml **stack;
	size_t n, cap;
	size_t nodes;
	tt_err *err;
};

static void loader_done(struct loader *l)
{
	yaml_parser_delete(&l->parser);
	tt_free(l->stack);
}

static void names_freep(tt_names **names)
{
	tt_names_free(*names);
}

static int no_memory(tt_err *err, const char *name)
{
	return tt_fail(err, TT_ENOMEM, "%s: out of memory", name);
}

/* Fail at `mark`, which libyaml counts from 0. */
static int fail_at(struct loader *l, yaml_mark_t mark, const char *why)
{
	return tt_fail(l->err, TT_EDATA, "%s:%zu:%zu: %s", l->name, mark.line + 1, mark.column + 1,
		       why);
}

/* Where byte `offset` of s is. */
static yaml_mark_t mark_of(const char *s, size_t offset)
{
	yaml_mark_t mark = { .index = offset };

	for (size_t i = 0; i < offset; i++) {
		if (s[i] == '\n') {
			mark.line++;
			mark.column = 0;
		} else if (((unsigned char)s[i] & 0xc0) != 0x80) {
			mark.column++;
		}
	}
	return mark;
}

/* Where the text ends but for blank space. */
static size_t text_end(const char *s, size_t n)
{
	while (n > 0 && strchr(" \t\r\n", s[n - 1]))
		n--;
	return n;
}

static bool is_behind(yaml_mark_t mark, yaml_mark_t end)
{
	return mark.line > end.line || (mark.line == end.line && mark.column >= end.column);
}

static int fail_parser(struct loader *l)
{
	const yaml_parser_t *p = &l->parser;
	const char *why = p->problem ? p->problem : "not YAML";
	yaml_mark_t at = p->problem_mark, end = mark_of(l->s, text_end(l->s, l->text_n));

	if (p->error == YAML_MEMORY_ERROR)
		return no_memory(l->err, l->name);
	if (p->error == YAML_READER_ERROR) /* it reads ahead and knows no mark yet */
		return fail_at(l, mark_of(l->s, p->problem_offset), why);
	/* libyaml ends every text in a new line, which is not one of the file */
	if (is_behind(at, end))
		return is_behind(p->context_mark, end) || !p->context
			? fail_at(l, end, "the file ends where more is expected")
			: tt_fail(l->err, TT_EDATA, "%s:%zu:%zu: the file ends in the middle of "
			          "what starts in line %zu", l->name, end.line + 1,
			          end.column + 1, p->context_mark.line + 1);
	if (p->context)
		return tt_fail(l->err, TT_EDATA, "%s:%zu:%zu: %s %s (which starts in line %zu)",
			       l->name, at.line + 1, at.column + 1, why, p->context,
			       p->context_mark.line + 1);
	return fail_at(l, at, why);
}

static int next_event(struct loader *l, yaml_event_t *ret)
{
	if (!yaml_parser_parse(&l->parser, ret))
		return fail_parser(l);
	if (ret->type == YAML_ALIAS_EVENT)
		return fail_at(l, ret->start_mark, "aliases (*name) are not allowed");
	return TT_OK;
}

static int check_decoration(struct loader *l, const yaml_event_t *ev, const void *anchor,
			    const void *tag)
{
	if (anchor)
		return fail_at(l, ev->start_mark, "anchors (&name) are not allowed");
	if (tag)
		return fail_at(l, ev->start_mark, "tags (!name) are not allowed");
	return TT_OK;
}

static int new_node(struct loader *l, const yaml_event_t *ev, enum tt_yaml_kind kind,
		    tt_yaml **ret)
{
	if (++l->nodes > MAX_NODES)
		return fail_at(l, ev->start_mark, "more than 100000 values");

	tt_yaml *y = tt_arena_alloc(l->arena, sizeof *y);
	if (!y)
		return no_memory(l->err, l->name);
	y->kind = kind;
	y->line = (int)ev->start_mark.line + 1;
	y->column = (int)ev->start_mark.column + 1;
	y->text = "";
	*ret = y;
	return TT_OK;
}

static int push(struct loader *l, tt_yaml *y)
{
	if (!TT_GROW(l->stack, l->n, l->cap))
		return no_memory(l->err, l->name);
	l->stack[l->n++] = y;
	return TT_OK;
}

/* Take every `step`-th of the stack's items from `at` on into the arena. */
static int take(struct loader *l, size_t at, size_t step, size_t n, tt_yaml ***ret)
{
	tt_yaml **items = tt_arena_alloc(l->arena, n * sizeof *items);

	if (!items)
		return no_memory(l->err, l->name);
	for (size_t i = 0; i < n; i++)
		items[i] = l->stack[at + i * step];
	*ret = items;
	return TT_OK;
}

static int read_scalar(struct loader *l, const yaml_event_t *ev, tt_yaml **ret)
{
	const char *text = (const char *)ev->data.scalar.value;
	size_t n = ev->data.scalar.length;
	tt_yaml *y;

	TT_TRY(check_decoration(l, ev, ev->data.scalar.anchor, ev->data.scalar.tag));
	if (memchr(text, '\0', n))
		return fail_at(l, ev->start_mark, "a NUL in a text is not allowed");
	TT_TRY(new_node(l, ev, TT_YAML_SCALAR, &y));
	y->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	y->text = tt_arena_text(l->arena, text, n);
	if (!y->text)
		return no_memory(l->err, l->name);
	*ret = y;
	return TT_OK;
}

static int read_node(struct loader *l, const yaml_event_t *ev, int depth, tt_yaml **ret);

static int read_list(struct loader *l, const yaml_event_t *start, int depth, tt_yaml **ret)
{
	size_t base = l->n;
	tt_yaml *list;

	TT_TRY(check_decoration(l, start, start->data.sequence_start.anchor,
				start->data.sequence_start.tag));
	TT_TRY(new_node(l, start, TT_YAML_LIST, &list));
	for (;;) {
		TT_CLEANUP(yaml_event_delete) yaml_event_t ev = { 0 };
		tt_yaml *item = NULL;

		TT_TRY(next_event(l, &ev));
		if (ev.type == YAML_SEQUENCE_END_EVENT)
			break;
		TT_TRY(read_node(l, &ev, depth + 1, &item));
		TT_TRY(push(l, item));
	}
	list->n = l->n - base;
	TT_TRY(take(l, base, 1, list->n, &list->items));
	l->n = base;
	*ret = list;
	return TT_OK;
}

/* The key that `ev` is, with `seen` holding those before it, which are on the stack
 * from `base` on. */
static int read_key(struct loader *l, const yaml_event_t *ev, tt_names *seen, size_t base,
		    tt_yaml **ret)
{
	tt_yaml *key;

	if (ev->type != YAML_SCALAR_EVENT)
		return fail_at(l, ev->start_mark, "a key must be a text, not a list or a map");
	TT_TRY(read_scalar(l, ev, &key));
	if (key->plain && strcmp(key->text, "<<") == 0)
		return fail_at(l, ev->start_mark, "merge keys (<<) are not allowed");

	size_t before = tt_names_count(seen);
	int64_t number = tt_names_add(seen, key->text, strlen(key->text));
	if (number < 0)
		return no_memory(l->err, l->name);
	if ((size_t)number < before)
		return tt_fail(l->err, TT_EDATA,
			       "%s:%d:%d: key \"%s\" is there twice (first in line %d)", l->name,
			       key->line, key->column, key->text,
			       l->stack[base + 2 * (size_t)number]->line);
	*ret = key;
	return TT_OK;
}

static int read_map(struct loader *l, const yaml_event_t *start, int depth, tt_yaml **ret)
{
	TT_CLEANUP(names_freep) tt_names *seen = tt_names_new();
	size_t base = l->n;
	tt_yaml *map;

	if (!seen)
		return no_memory(l->err, l->name);
	TT_TRY(check_decoration(l, start, start->data.mapping_start.anchor,
				start->data.mapping_start.tag));
	TT_TRY(new_node(l, start, TT_YAML_MAP, &map));
	for (;;) {
		TT_CLEANUP(yaml_event_delete) yaml_event_t ev = { 0 }, next = { 0 };
		tt_yaml *key = NULL, *value = NULL;

		TT_TRY(next_event(l, &ev));
		if (ev.type == YAML_MAPPING_END_EVENT)
			break;
		TT_TRY(read_key(l, &ev, seen, base, &key));
		TT_TRY(push(l, key));
		TT_TRY(next_event(l, &next));
		TT_TRY(read_node(l, &next, depth + 1, &value));
		TT_TRY(push(l, value));
	}
	map->n = (l->n - base) / 2;
	TT_TRY(take(l, base, 2, map->n, &map->keys));
	TT_TRY(take(l, base + 1, 2, map->n, &map->items));
	l->n = base;
	*ret = map;
	return TT_OK;
}

static int read_node(struct loader *l, const yaml_event_t *ev, int depth, tt_yaml **ret)
{
	if (ev->type == YAML_SCALAR_EVENT)
		return read_scalar(l, ev, ret);
	if (depth > MAX_DEPTH)
		return fail_at(l, ev->start_mark, "lists and maps more than 32 deep");
	if (ev->type == YAML_SEQUENCE_START_EVENT)
		return read_list(l, ev, depth, ret);
	return read_map(l, ev, depth, ret);
}

static int empty_map(struct loader *l, tt_yaml **ret)
{
	const yaml_event_t start = { 0 };

	return new_node(l, &start, TT_YAML_MAP, ret);
}

static int read_stream(struct loader *l, tt_yaml **ret)
{
	TT_CLEANUP(yaml_event_delete) yaml_event_t stream = { 0 }, document = { 0 };
	TT_CLEANUP(yaml_event_delete) yaml_event_t root = { 0 }, end = { 0 }, after = { 0 };
	tt_yaml *y;

	TT_TRY(next_event(l, &stream));
	TT_TRY(next_event(l, &document));
	if (document.type == YAML_STREAM_END_EVENT)
		return empty_map(l, ret);
	TT_TRY(next_event(l, &root));
	TT_TRY(read_node(l, &root, 1, &y));
	TT_TRY(next_event(l, &end));
	TT_TRY(next_event(l, &after));
	if (after.type != YAML_STREAM_END_EVENT)
		return fail_at(l, after.start_mark, "a second document is not allowed");
	if (y->kind == TT_YAML_SCALAR && y->plain && !y->text[0])
		return empty_map(l, ret);
	*ret = y;
	return TT_OK;
}

static int check_text(struct loader *l, size_t n)
{
	if (n > MAX_BYTES)
		return tt_fail(l->err, TT_EDATA, "%s:1:1: %zu bytes, but at most %d are allowed",
			       l->name, n, MAX_BYTES);
	for (size_t i = 0, len; i < n; i += len) {
		len = tt_utf8_next(l->s + i, n - i);
		if (len == 0)
			return fail_at(l, mark_of(l->s, i), "not valid UTF-8 text");
	}
	return TT_OK;
}

int tt_yaml_parse(const char *name, const char *s, size_t n, tt_arena *arena, tt_yaml **ret,
		  tt_err *err)
{
	TT_CLEANUP(loader_done) struct loader l = { .name = name, .arena = arena, .err = err };

	l.s = n ? s : "";
	if (n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0) {
		l.s += 3;
		n -= 3;
	}
	l.text_n = n;
	TT_TRY(check_text(&l, n));
	if (!yaml_parser_initialize(&l.parser))
		return no_memory(err, name);
	yaml_parser_set_encoding(&l.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&l.parser, (const unsigned char *)l.s, n);
	return read_stream(&l, ret);
}

int tt_yaml_load(const char *path, tt_arena *arena, tt_yaml **ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) char *s = NULL;
	size_t n = 0;

	TT_TRY(tt_file_read(path, MAX_BYTES, &s, &n, err));
	return tt_yaml_parse(path, s, n, arena, ret, err);
}

const tt_yaml *tt_yaml_get(const tt_yaml *map, const char *key)
{
	if (map->kind != TT_YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (strcmp(map->keys[i]->text, key) == 0)
			return map->items[i];
	return NULL;
}

int tt_yaml_only(const char *name, const tt_yaml *map, const char *const *keys, tt_err *err)
{
	if (map->kind != TT_YAML_MAP)
		return tt_fail(err, TT_EDATA, "%s:%d:%d: expected keys with values", name,
			       map->line, map->column);
	for (size_t i = 0; i < map->n; i++) {
		const tt_yaml *key = map->keys[i];
		TT_CLEANUP(tt_buf_free) tt_buf allowed = { 0 };
		size_t k = 0;

		while (keys[k] && strcmp(keys[k], key->text) != 0)
			k++;
		if (keys[k])
			continue;
		for (k = 0; keys[k]; k++)
			tt_buf_printf(&allowed, "%s%s", k ? ", " : "", keys[k]);
		if (allowed.failed)
			return tt_no_memory(err);
		return tt_fail(err, TT_EDATA, "%s:%d:%d: unknown key \"%s\", expected one of: %s",
			       name, key->line, key->column, key->text, tt_buf_text(&allowed));
	}
	return TT_OK;
}
