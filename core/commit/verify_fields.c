#include "commit/verify_fields.h"
#include "base/money.h"
#include "base/text.h"
#include <string.h>

int tt_verify_wrong(const char *path, const tt_yaml *y, const char *what, const char *expected,
                    tt_err *err)
{
	if (!y)
		return tt_fail(err, TT_EDATA, "%s: %s is missing, expected %s", path, what,
		               expected);
	return tt_fail(err, TT_EDATA, "%s:%d:%d: %s is \"%.*s\", expected %s", path, y->line,
	               y->column, what, TT_SHOWN(y->kind == TT_YAML_SCALAR ? y->text : ""),
	               expected);
}

const char *tt_verify_text_of(const tt_yaml *map, const char *key)
{
	const tt_yaml *y = map->kind == TT_YAML_MAP ? tt_yaml_get(map, key) : NULL;

	if (!y || y->kind != TT_YAML_SCALAR || (y->plain && strcmp(y->text, "null") == 0))
		return NULL;
	return y->text;
}

int tt_verify_text(const char *path, const tt_yaml *map, const char *key, const char *expected,
                   const char **ret, tt_err *err)
{
	*ret = tt_verify_text_of(map, key);
	return *ret ? TT_OK : tt_verify_wrong(path, tt_yaml_get(map, key), key, expected, err);
}

int tt_verify_whole(const char *path, const tt_yaml *map, const char *key, int64_t most,
                    int64_t *ret, tt_err *err)
{
	const char *s = tt_verify_text_of(map, key);

	if (!s || !tt_parse_i64(s, strlen(s), ret) || *ret < 0 || *ret > most)
		return tt_verify_wrong(path, tt_yaml_get(map, key), key,
		                       "a whole number, not negative", err);
	return TT_OK;
}

int tt_verify_money(const char *path, const tt_yaml *map, const char *key, int64_t *ret,
                    tt_err *err)
{
	const char *s = tt_verify_text_of(map, key);
	tt_decimal d;

	if (!s || tt_decimal_parse(s, strlen(s), &d) || d % 1000000 || d / 1000000 > INT64_MAX ||
	    d / 1000000 < -INT64_MAX)
		return tt_verify_wrong(path, tt_yaml_get(map, key), key,
		                       "an amount like \"12.340000\"", err);
	*ret = (int64_t)(d / 1000000);
	return TT_OK;
}

int tt_verify_list(const char *path, const tt_yaml *map, const char *key, const tt_yaml **ret,
                   tt_err *err)
{
	*ret = map->kind == TT_YAML_MAP ? tt_yaml_get(map, key) : NULL;
	if (!*ret || (*ret)->kind != TT_YAML_LIST)
		return tt_verify_wrong(path, *ret, key, "a list", err);
	for (size_t i = 0; i < (*ret)->n; i++)
		if ((*ret)->items[i]->kind != TT_YAML_MAP)
			return tt_verify_wrong(path, (*ret)->items[i], key, "a list of objects",
			                       err);
	return TT_OK;
}
