/* values.c - numbers in their shortest form, lists sorted, hours as a set of minutes:
 * equal values come out as equal bytes, since a change is known by its text. */
#include "change/values.h"
#include "base/clock.h"
#include "change/hours.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool tt_value_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("._/:@+-", c));
}

static int refuse(const tt_arg_def *d, const tt_piece *v, const char *expected, tt_err *err)
{
	return tt_fail(err, TT_EDATA, "column %zu: %s is \"%.60s\", expected %s", v->column, d->key,
	               v->text, expected);
}

static int refuse_range(const tt_arg_def *d, const tt_piece *v, tt_err *err)
{
	char min[32], max[32];

	return tt_fail(err, TT_EDATA, "column %zu: %s is \"%.60s\", expected a %s from %s to %s",
	               v->column, d->key, v->text,
	               d->type == TT_ARG_WHOLE ? "whole number" : "number",
	               tt_format_f64(d->min, 9, min, sizeof min),
	               tt_format_f64(d->max, 9, max, sizeof max));
}

char *tt_value_number(double *v, char buf[TT_VALUE_NUMBER])
{
	double back = NAN;

	for (int d = 0; d <= 9; d++) {
		tt_format_f64(*v, d, buf, TT_VALUE_NUMBER);
		if (tt_parse_f64(buf, strlen(buf), &back) && back == *v)
			return buf;
	}
	*v = back;
	return buf;
}

static int read_number(const tt_arg_def *d, const tt_piece *v, tt_arena *arena, tt_change_arg *ret,
                       tt_err *err)
{
	char buf[TT_VALUE_NUMBER];
	tt_decimal exact = 0;
	int64_t whole = 0;

	if (d->type == TT_ARG_WHOLE) {
		if (!tt_parse_i64(v->text, v->n, &whole))
			return refuse_range(d, v, err);
		ret->number = (double)whole;
	} else if (d->type == TT_ARG_DECIMAL) {
		enum tt_decimal_fault f = tt_decimal_parse(v->text, v->n, &exact);

		if (f != TT_DECIMAL_OK)
			return refuse(d, v, tt_decimal_fault_text(f), err);
		ret->number = tt_decimal_f64(exact);
	} else if (!tt_parse_f64(v->text, v->n, &ret->number)) {
		return refuse_range(d, v, err);
	}
	if (!(ret->number >= d->min && ret->number <= d->max))
		return refuse_range(d, v, err);
	if (d->type == TT_ARG_DECIMAL)
		tt_decimal_format(exact, buf, sizeof buf);
	else
		tt_value_number(&ret->number, buf);
	ret->text = tt_arena_text(arena, buf, strlen(buf));
	return ret->text ? TT_OK : tt_no_memory(err);
}

static bool has_word(const char *words, const char *s, size_t n)
{
	for (const char *w = words; *w;) {
		size_t len = strcspn(w, "|");

		if (len == n && memcmp(w, s, n) == 0)
			return true;
		w += len + (w[len] == '|');
	}
	return false;
}

static int read_word(const tt_arg_def *d, const tt_piece *v, tt_err *err)
{
	if (has_word(d->words, v->text, v->n))
		return TT_OK;
	return tt_fail(err, TT_EDATA, "column %zu: %s is \"%.60s\", expected one of %s", v->column,
	               d->key, v->text, d->words);
}

/* Names split by d->words[0], sorted and distinct; an empty one is refused. */
static int read_list(const tt_arg_def *d, const tt_piece *v, tt_arena *arena, tt_change_arg *ret,
                     tt_err *err)
{
	size_t n = 0;
	const char *names[TT_CHANGE_VALUE_MAX];
	char *copy = tt_arena_text(arena, v->text, v->n);
	char *sorted = tt_arena_alloc(arena, v->n + 1), *to = sorted;

	if (!copy || !sorted)
		return tt_no_memory(err);
	for (char *s = copy; s;) {
		size_t len = 0;

		while (tt_value_bare(s[len]))
			len++;
		if (len == 0 || (s[len] && s[len] != d->words[0]))
			return refuse(d, v,
			              d->words[0] == ','
			                      ? "ids like idle_gpu-1f3a9c2e4b7d split by ','"
			                      : "names like 1g.10gb split by '|'",
			              err);
		names[n++] = s;
		s = s[len] ? s + len : NULL;
		if (s)
			*s++ = '\0';
	}
	qsort(names, n, sizeof *names, tt_compare_texts);
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(names[i]);

		if (i && strcmp(names[i], names[i - 1]) == 0)
			continue;
		if (i)
			*to++ = d->words[0];
		memcpy(to, names[i], len);
		to += len;
	}
	ret->text = sorted;
	return TT_OK;
}

static int read_hours(const tt_arg_def *d, const tt_piece *v, tt_arena *arena, tt_change_arg *ret,
                      tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };
	tt_hours hours;
	size_t at = 0;
	const char *expected = "";

	if (!tt_hours_parse(v->text, v->n, &hours, &at, &expected))
		return tt_fail(err, TT_EDATA,
		               "column %zu: %s is \"%.60s\", expected %s at its byte %zu",
		               v->column, d->key, v->text, expected, at + 1);
	tt_hours_text(&hours, &text);
	if (text.n > TT_CHANGE_VALUE_MAX) /* days that were written together and now differ */
		return refuse(d, v, "fewer ranges: day by day they are over 1024 bytes", err);
	ret->text = tt_arena_text(arena, tt_buf_text(&text), text.n);
	return ret->text && !text.failed ? TT_OK : tt_no_memory(err);
}

static int read_time(const tt_arg_def *d, const tt_piece *v, tt_arena *arena, tt_change_arg *ret,
                     tt_err *err)
{
	char buf[TT_TIME_TEXT];
	int64_t t = 0;

	if (!tt_time_parse(v->text, v->n, &t))
		return refuse(d, v, "a time like 2026-01-05T00:00:00Z", err);
	ret->number = (double)t; /* exact up to the year 9999 and far beyond */
	tt_time_format(t, buf);
	ret->text = tt_arena_text(arena, buf, strlen(buf));
	return ret->text ? TT_OK : tt_no_memory(err);
}

int tt_value_read(const tt_arg_def *d, const tt_piece *v, tt_arena *arena, tt_change_arg *ret,
                  tt_err *err)
{
	*ret = (tt_change_arg){ .key = d->key, .text = v->text, .number = NAN };
	switch (d->type) {
	case TT_ARG_WHOLE:
	case TT_ARG_NUMBER:
	case TT_ARG_DECIMAL: return read_number(d, v, arena, ret, err);
	case TT_ARG_WORD: return read_word(d, v, err);
	case TT_ARG_LIST: return read_list(d, v, arena, ret, err);
	case TT_ARG_HOURS: return read_hours(d, v, arena, ret, err);
	case TT_ARG_TIME: return read_time(d, v, arena, ret, err);
	case TT_ARG_TEXT: break;
	}
	return TT_OK;
}
