/* params.c - see params.h. Every parameter is 8 bytes wide (double, int64_t or a
 * pointer), which is what makes the checks on offsets so short. */
#include "host/params.h"
#include "base/text.h"
#include <math.h>
#include <string.h>

enum { FIELD_BYTES = 8, PARAMS_MAX = 256, STRUCT_BYTES_MAX = 65536, TEXT_BYTES_MAX = 1024 };
_Static_assert(sizeof(double) == FIELD_BYTES, "parameters are 8 bytes wide");
_Static_assert(sizeof(const char *) == FIELD_BYTES, "parameters are 8 bytes wide");

/* Whole numbers up to here are exact as double, which is what bounds are kept in. */
#define I64_LIMIT 9007199254740992.0

static const char *number_text(double v, char buf[48])
{
	return tt_format_f64(v, 6, buf, 48);
}

static int check_text(const tt_param *p, tt_err *err)
{
	if (!p->def_str || strlen(p->def_str) > TEXT_BYTES_MAX ||
	    !tt_utf8_ok(p->def_str, strlen(p->def_str)))
		return tt_fail(err, TT_EABI, "parameter %s: its default is not a text of at most "
		               "%d bytes", p->key, TEXT_BYTES_MAX);
	return TT_OK;
}

static int check_number(const tt_param *p, tt_err *err)
{
	char a[48], b[48], c[48];

	if (!isfinite(p->def) || !isfinite(p->min) || !isfinite(p->max))
		return tt_fail(err, TT_EABI, "parameter %s: default and bounds must be finite",
		               p->key);
	if (p->min > p->max)
		return tt_fail(err, TT_EABI, "parameter %s: its bounds are %s and %s, expected the "
		               "lower one first", p->key, number_text(p->min, a),
		               number_text(p->max, b));
	if (!(p->min <= p->def && p->def <= p->max))
		return tt_fail(err, TT_EABI, "parameter %s: its default %s is not from %s to %s",
		               p->key, number_text(p->def, a), number_text(p->min, b),
		               number_text(p->max, c));
	if (p->type == TT_I64 && (trunc(p->def) != p->def || trunc(p->min) != p->min ||
	                          trunc(p->max) != p->max || fabs(p->min) > I64_LIMIT ||
	                          fabs(p->max) > I64_LIMIT))
		return tt_fail(err, TT_EABI, "parameter %s: default and bounds must be whole "
		               "numbers up to 2^53", p->key);
	return TT_OK;
}

static int check_field(const tt_plugin_info *info, const tt_param *p, tt_err *err)
{
	if (p->offset % FIELD_BYTES || p->offset > info->params_size ||
	    info->params_size - p->offset < FIELD_BYTES)
		return tt_fail(err, TT_EABI, "parameter %s: offset %u is not a field of a struct "
		               "of %u bytes", p->key, p->offset, info->params_size);
	return TT_OK;
}

static int check_one(const tt_plugin_info *info, uint32_t i, tt_err *err)
{
	const tt_param *p = &info->params[i];

	if (!p->key || !tt_id_ok(p->key))
		return tt_fail(err, TT_EABI, "parameter %u: its key is not [a-z][a-z0-9_]* of at "
		               "most 48 bytes", i + 1);
	if (!p->unit || !p->help || !*p->help)
		return tt_fail(err, TT_EABI, "parameter %s: unit or help is missing", p->key);
	if (p->type != TT_F64 && p->type != TT_I64 && p->type != TT_STR)
		return tt_fail(err, TT_EABI, "parameter %s: type %d is not known", p->key, p->type);
	TT_TRY(check_field(info, p, err));
	TT_TRY(p->type == TT_STR ? check_text(p, err) : check_number(p, err));
	for (uint32_t k = 0; k < i; k++) {
		if (strcmp(info->params[k].key, p->key) == 0)
			return tt_fail(err, TT_EABI, "parameter %s is declared twice", p->key);
		if (info->params[k].offset == p->offset)
			return tt_fail(err, TT_EABI, "parameters %s and %s share a field",
			               info->params[k].key, p->key);
	}
	return TT_OK;
}

int tt_params_check(const tt_plugin_info *info, tt_err *err)
{
	if (info->n_params > PARAMS_MAX || info->params_size > STRUCT_BYTES_MAX)
		return tt_fail(err, TT_EABI, "%u parameters in %u bytes, expected at most %d in %d",
		               info->n_params, info->params_size, PARAMS_MAX, STRUCT_BYTES_MAX);
	if (info->n_params && !info->params)
		return tt_fail(err, TT_EABI, "%u parameters, but no list of them", info->n_params);
	for (uint32_t i = 0; i < info->n_params; i++)
		TT_TRY(check_one(info, i, err));
	return TT_OK;
}

/* --- Binding ------------------------------------------------------------------- */

/* Every type ends up in 8 bytes at the parameter's offset. */
static void put(void *fields, const tt_param *p, const void *value)
{
	memcpy((char *)fields + p->offset, value, FIELD_BYTES);
}

static int put_default(void *fields, const tt_param *p, tt_arena *arena, tt_err *err)
{
	int64_t whole = p->type == TT_I64 ? (int64_t)p->def : 0;
	const char *text = NULL;

	switch (p->type) {
	case TT_F64:
		put(fields, p, &p->def);
		break;
	case TT_I64:
		put(fields, p, &whole);
		break;
	default:
		text = tt_arena_text(arena, p->def_str, strlen(p->def_str));
		if (!text)
			return tt_fail(err, TT_ENOMEM, "parameters: %s", tt_status_text(TT_ENOMEM));
		put(fields, p, &text);
	}
	return TT_OK;
}

static int wrong(const tt_plugin_info *info, const char *file, const tt_param *p,
                 const tt_yaml *v, tt_err *err)
{
	char min[48], max[48];
	const char *is = v->kind == TT_YAML_SCALAR ? v->text
	                 : v->kind == TT_YAML_LIST ? "a list" : "a map";

	if (p->type == TT_STR)
		return tt_fail(err, TT_EDATA, "%s:%d:%d: %s.%s is %.*s, expected a text of at "
		               "most %d bytes", file, v->line, v->column, info->id, p->key,
		               tt_utf8_shown(is, strlen(is)), is, TEXT_BYTES_MAX);
	return tt_fail(err, TT_EDATA, "%s:%d:%d: %s.%s is %.*s, expected a %snumber from %s "
	               "to %s", file, v->line, v->column, info->id, p->key,
	               *is ? tt_utf8_shown(is, strlen(is)) : 5, *is ? is : "empty",
	               p->type == TT_I64 ? "whole " : "",
	               number_text(p->min, min), number_text(p->max, max));
}

static int put_value(void *fields, const tt_plugin_info *info, const tt_param *p,
                     const char *file, const tt_yaml *v, tt_arena *arena, tt_err *err)
{
	bool scalar = v->kind == TT_YAML_SCALAR;
	size_t n = scalar ? strlen(v->text) : 0;
	const char *text;
	int64_t whole;
	double number;

	if (p->type == TT_F64 && scalar && tt_parse_f64(v->text, n, &number) &&
	    number >= p->min && number <= p->max) {
		put(fields, p, &number);
	} else if (p->type == TT_I64 && scalar && tt_parse_i64(v->text, n, &whole) &&
	           (double)whole >= p->min && (double)whole <= p->max) {
		put(fields, p, &whole);
	} else if (p->type == TT_STR && scalar && n <= TEXT_BYTES_MAX) {
		text = tt_arena_text(arena, v->text, n);
		if (!text)
			return tt_fail(err, TT_ENOMEM, "parameters: %s", tt_status_text(TT_ENOMEM));
		put(fields, p, &text);
	} else {
		return wrong(info, file, p, v, err);
	}
	return TT_OK;
}

static const tt_param *find(const tt_plugin_info *info, const char *key)
{
	for (uint32_t i = 0; i < info->n_params; i++)
		if (strcmp(info->params[i].key, key) == 0)
			return &info->params[i];
	return NULL;
}

static int unknown_key(const tt_plugin_info *info, const char *file, const tt_yaml *key,
                       tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf known = { 0 };

	for (uint32_t i = 0; i < info->n_params; i++)
		tt_buf_printf(&known, "%s%s", i ? ", " : "; it has ", info->params[i].key);
	if (known.failed)
		return tt_no_memory(err);
	return tt_fail(err, TT_EDATA, "%s:%d:%d: %s has no parameter \"%.*s\"%s", file, key->line,
	               key->column, info->id, TT_SHOWN(key->text),
	               info->n_params ? tt_buf_text(&known) : "; it has none");
}

int tt_params_bind(const tt_plugin_info *info, const char *file, const tt_yaml *map,
                   tt_arena *arena, void **ret, tt_err *err)
{
	void *fields = tt_arena_alloc(arena, info->params_size ? info->params_size : 1);

	if (!fields)
		return tt_fail(err, TT_ENOMEM, "parameters: %s", tt_status_text(TT_ENOMEM));
	for (uint32_t i = 0; i < info->n_params; i++)
		TT_TRY(put_default(fields, &info->params[i], arena, err));
	if (map && map->kind != TT_YAML_MAP &&
	    !(map->kind == TT_YAML_SCALAR && map->plain && !*map->text))
		return tt_fail(err, TT_EDATA, "%s:%d:%d: %s is not a map of its parameters", file,
		               map->line, map->column, info->id);
	for (size_t i = 0; map && map->kind == TT_YAML_MAP && i < map->n; i++) {
		const tt_param *p = find(info, map->keys[i]->text);

		if (!p)
			return unknown_key(info, file, map->keys[i], err);
		TT_TRY(put_value(fields, info, p, file, map->items[i], arena, err));
	}
	*ret = fields;
	return TT_OK;
}
