#include "commit/net_read.h"
#include "base/text.h"
#include <string.h>

static int wrong(const char *path, const tt_yaml *y, const char *what, const char *expected,
                 tt_err *err)
{
	return tt_fail(err, TT_EDATA, "%s:%d:%d: %s is not %s", path, y->line, y->column, what,
	               expected);
}

static const char *text_of(const tt_yaml *map, const char *key)
{
	const tt_yaml *y = tt_yaml_get(map, key);

	return y && y->kind == TT_YAML_SCALAR ? y->text : NULL;
}

static int read_changes(const char *path, const tt_yaml *y, tt_arena *arena, tt_net_item *to,
                        tt_err *err)
{
	to->changes = tt_arena_alloc(arena, (y->n + 1) * sizeof *to->changes);
	if (!to->changes)
		return tt_no_memory(err);
	for (size_t i = 0; i < y->n; i++) {
		const tt_yaml *x = y->items[i];
		tt_change *c = tt_arena_alloc(arena, sizeof *c);

		if (!c)
			return tt_no_memory(err);
		if (x->kind != TT_YAML_SCALAR)
			return wrong(path, x, "changes", "a list of texts", err);
		if (tt_change_parse(x->text, arena, c, err) < 0) {
			tt_context(err, "%s:%d:%d", path, x->line, x->column);
			return TT_EDATA;
		}
		to->changes[to->n_changes++] = c;
	}
	return to->n_changes ? TT_OK : wrong(path, y, "changes", "a list of texts", err);
}

static int read_item(const char *path, const tt_yaml *y, tt_arena *arena, tt_net_item *to,
                     tt_err *err)
{
	const char *weight, *delay;
	const tt_yaml *changes;
	int64_t delay_s;
	tt_decimal d;

	if (y->kind != TT_YAML_MAP)
		return wrong(path, y, "net_of", "a list of objects", err);
	to->name = text_of(y, "name");
	weight = text_of(y, "weight");
	delay = text_of(y, "delay_s");
	changes = tt_yaml_get(y, "changes");
	if (!to->name)
		return wrong(path, y, "name", "there", err);
	if (!weight || tt_decimal_parse(weight, strlen(weight), &d) || d < 0 ||
	    d > TT_DECIMAL_ONE || d % (TT_DECIMAL_ONE / TT_NET_ALL))
		return wrong(path, y, "weight", "a number from 0 to 1 with six decimals", err);
	if (!delay || !tt_parse_i64(delay, strlen(delay), &delay_s) || delay_s < 0 ||
	    delay_s > TT_NET_DELAY_MOST_S)
		return wrong(path, y, "delay_s", "a number of seconds", err);
	if (!changes || changes->kind != TT_YAML_LIST)
		return wrong(path, y, "changes", "a list of texts", err);
	to->weight_millionths = (uint32_t)(d / (TT_DECIMAL_ONE / TT_NET_ALL));
	to->delay_s = delay_s;
	return read_changes(path, changes, arena, to, err);
}

int tt_net_read(const char *path, const tt_yaml *y, tt_arena *arena, tt_net *ret,
                bool *ret_is_net, tt_err *err)
{
	*ret = (tt_net){ 0 };
	*ret_is_net = y && !(y->kind == TT_YAML_SCALAR && y->plain && !strcmp(y->text, "null"));
	if (!*ret_is_net)
		return TT_OK;
	if (y->kind != TT_YAML_LIST)
		return wrong(path, y, "net_of", "a list of objects", err);
	ret->v = tt_arena_alloc(arena, (y->n + 1) * sizeof *ret->v);
	if (!ret->v)
		return tt_no_memory(err);
	for (size_t i = 0; i < y->n; i++)
		TT_TRY(read_item(path, y->items[i], arena, &ret->v[ret->n++], err));
	return TT_OK;
}
