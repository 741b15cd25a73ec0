/* strict.c - the checks that every part of a scenario shares. */
#include "simulate/strict.h"
#include "base/clock.h"
#include "base/near.h"
#include "change/change.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

tt_at tt_strict_at(const tt_strict *r, const tt_yaml *y)
{
	return (tt_at){ r->file, y->line, y->column };
}

int tt_strict_fail(const tt_strict *r, tt_at at, const char *fmt, ...)
{
	char text[sizeof r->err->text];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return tt_fail(r->err, TT_EDATA, "%s:%d:%d: %s", at.file, at.line, at.column, text);
}

int tt_strict_wrong(const tt_strict *r, const tt_yaml *y, const char *what, const char *expected)
{
	const tt_at at = tt_strict_at(r, y);

	if (y->kind != TT_YAML_SCALAR)
		return tt_strict_fail(r, at, "%s is a %s, expected %s", what,
				      y->kind == TT_YAML_LIST ? "list" : "map", expected);
	return tt_strict_fail(r, at, "%s is \"%.*s\", expected %s", what,
			      tt_utf8_shown(y->text, strlen(y->text)), y->text, expected);
}

int tt_strict_unknown(const tt_strict *r, const tt_yaml *word, const char *what,
		      const char *const *words)
{
	TT_CLEANUP(tt_buf_free) tt_buf known = { 0 };
	const char *near = tt_nearest_word(word->text, words);
	const tt_at at = tt_strict_at(r, word);
	const int shown = tt_utf8_shown(word->text, strlen(word->text));

	if (near)
		return tt_strict_fail(r, at, "\"%.*s\" is no %s; did you mean \"%s\"?", shown,
				      word->text, what, near);
	for (size_t i = 0; words[i]; i++)
		tt_buf_printf(&known, "%s%s", i ? ", " : "", words[i]);
	if (known.failed)
		return tt_no_memory(r->err);
	if (!words[0])
		return tt_strict_fail(r, at, "\"%.*s\" is no %s, of which there is none", shown,
				      word->text, what);
	return tt_strict_fail(r, at, "\"%.*s\" is no %s; expected %s%s", shown, word->text, what,
			      words[1] ? "one of " : "", tt_buf_text(&known));
}

int tt_strict_only(const tt_strict *r, const tt_yaml *map, const char *what,
		   const char *const *keys)
{
	char key_of[80];

	if (map->kind != TT_YAML_MAP)
		return tt_strict_wrong(r, map, what, "keys with values");
	for (size_t i = 0; i < map->n; i++) {
		size_t k = 0;

		while (keys[k] && strcmp(keys[k], map->keys[i]->text) != 0)
			k++;
		if (keys[k])
			continue;
		snprintf(key_of, sizeof key_of, "key of %s", what);
		return tt_strict_unknown(r, map->keys[i], key_of, keys);
	}
	return TT_OK;
}

int tt_strict_need(const tt_strict *r, const tt_yaml *map, const char *what, const char *key,
		   const tt_yaml **ret)
{
	*ret = tt_yaml_get(map, key);
	if (*ret)
		return TT_OK;
	return tt_strict_fail(r, tt_strict_at(r, map), "%s has no \"%s\"", what, key);
}

int tt_strict_text(const tt_strict *r, const tt_yaml *y, const char *what, const char **ret)
{
	const size_t n = strlen(y->text);

	if (y->kind != TT_YAML_SCALAR || n == 0 || tt_line_span(y->text, n) != n)
		return tt_strict_wrong(r, y, what, "a text of one line that is not empty");
	if (n > TT_SCENARIO_TEXT_MAX)
		return tt_strict_fail(r, tt_strict_at(r, y),
				      "%s has %zu bytes, expected at most %d", what, n,
				      TT_SCENARIO_TEXT_MAX);
	*ret = y->text;
	return TT_OK;
}

int tt_strict_number(const tt_strict *r, const tt_yaml *y, const char *what, double min,
		     double max, double *ret)
{
	char low[64], high[64], expected[160];
	double v;

	if (y->kind == TT_YAML_SCALAR && tt_parse_f64(y->text, strlen(y->text), &v) && v >= min &&
	    v <= max) {
		*ret = v;
		return TT_OK;
	}
	snprintf(expected, sizeof expected, "a number from %s to %s",
		 tt_format_f64(min, 9, low, sizeof low), tt_format_f64(max, 9, high, sizeof high));
	return tt_strict_wrong(r, y, what, expected);
}

bool tt_when_parse(const char *s, tt_when *ret)
{
	tt_when w = { .relative = *s == '+' };

	if (w.relative ? !tt_duration_parse(s + 1, strlen(s + 1), &w.s) || w.s > TT_TIME_LAST
		       : strlen(s) != 20 || !tt_time_parse(s, 20, &w.s))
		return false;
	*ret = w;
	return true;
}

int tt_strict_when(const tt_strict *r, const tt_yaml *y, const char *what, tt_when *ret)
{
	if (y->kind == TT_YAML_SCALAR && tt_when_parse(y->text, ret))
		return TT_OK;
	return tt_strict_wrong(r, y, what, "a time like 2026-04-01T00:00:00Z, or like +90d after "
			       "the horizon's begin");
}

int tt_strict_time(const tt_strict *r, const tt_yaml *y, const char *what, int64_t *ret)
{
	tt_when when;

	if (y->kind == TT_YAML_SCALAR && tt_when_parse(y->text, &when) && !when.relative) {
		*ret = when.s;
		return TT_OK;
	}
	return tt_strict_wrong(r, y, what, "a time like 2026-04-01T00:00:00Z");
}

int tt_strict_bool(const tt_strict *r, const tt_yaml *y, const char *what, bool *ret)
{
	if (y->kind == TT_YAML_SCALAR && tt_parse_bool(y->text, strlen(y->text), ret))
		return TT_OK;
	return tt_strict_wrong(r, y, what, "true or false");
}

int tt_strict_money(const tt_strict *r, const tt_yaml *y, const char *what, tt_decimal *ret)
{
	tt_decimal v = 0;
	enum tt_decimal_fault fault = TT_DECIMAL_SYNTAX;

	if (y->kind == TT_YAML_SCALAR)
		fault = tt_decimal_parse(y->text, strlen(y->text), &v);
	if (fault == TT_DECIMAL_OK && v < 0)
		fault = TT_DECIMAL_SYNTAX;
	if (fault != TT_DECIMAL_OK)
		return tt_strict_wrong(r, y, what, tt_decimal_fault_text(fault));
	*ret = v;
	return TT_OK;
}

int tt_strict_list(const tt_strict *r, const tt_yaml *y, const char *what, size_t most)
{
	if (y->kind != TT_YAML_LIST)
		return tt_strict_wrong(r, y, what, "a list");
	if (y->n > most)
		return tt_strict_fail(r, tt_strict_at(r, y), "%s has %zu items, expected at most "
				      "%zu", what, y->n, most);
	return TT_OK;
}
