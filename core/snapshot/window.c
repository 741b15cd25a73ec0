#include "snapshot/window.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "base/yaml.h"
#include <string.h>

#define LARGEST_YAML (1u << 20)

static int wrong(const char *file, const tt_yaml *y, const char *key, const char *expected,
                 tt_err *err)
{
	const char *is = y->kind == TT_YAML_SCALAR ? y->text : "(not a value)";

	return tt_fail(err, TT_EDATA, "%s:%d:%d: %s is \"%.*s\", expected %s", file, y->line,
	               y->column, key, tt_utf8_shown(is, strlen(is)), is, expected);
}

static int get(const char *file, const tt_yaml *root, const char *key, int required,
               const tt_yaml **ret, tt_err *err)
{
	*ret = tt_yaml_get(root, key);
	if (!*ret && required)
		return tt_fail(err, TT_EDATA, "%s:1:1: no \"%s\", which every snapshot needs", file,
		               key);
	if (*ret && (*ret)->kind != TT_YAML_SCALAR)
		return wrong(file, *ret, key, "one value", err);
	return TT_OK;
}

static int get_time(const char *file, const tt_yaml *root, const char *key, int64_t *ret,
                    tt_err *err)
{
	const tt_yaml *y;

	TT_TRY(get(file, root, key, 1, &y, err));
	if (!tt_time_parse(y->text, strlen(y->text), ret))
		return wrong(file, y, key, "YYYY-MM-DDTHH:MM:SSZ or Unix seconds", err);
	return TT_OK;
}

static int get_words(const char *file, const tt_yaml *root, tt_snapshot_window *w, tt_err *err)
{
	const tt_yaml *y;

	TT_TRY(get(file, root, "name", 1, &y, err));
	if (y->text[0] == 0)
		return wrong(file, y, "name", "a name", err);
	w->name = y->text;
	TT_TRY(get(file, root, "currency", 1, &y, err));
	if (strlen(y->text) != 3 || strspn(y->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		return wrong(file, y, "currency", "three capital letters like USD (XXX for bare "
		             "units)", err);
	w->currency = y->text;
	TT_TRY(get(file, root, "note", 0, &y, err));
	w->note = y ? y->text : "";
	return TT_OK;
}

int tt_window_read(const char *path, const char *file, tt_arena *arena,
                   tt_snapshot_window *ret, tt_err *err)
{
	static const char *const keys[] = { "name", "start", "end", "currency", "step", "note",
		NULL };
	tt_snapshot_window w = { .step_s = 0 };
	TT_CLEANUP(tt_freep) char *text = NULL;
	tt_yaml *root;
	const tt_yaml *y;
	size_t n;

	TT_TRY(tt_file_read(path, LARGEST_YAML, &text, &n, err));
	TT_TRY(tt_yaml_parse(file, text, n, arena, &root, err));
	if (root->kind != TT_YAML_MAP)
		return tt_fail(err, TT_EDATA, "%s:1:1: expected name, start, end and currency",
		               file);
	TT_TRY(tt_yaml_only(file, root, keys, err));
	TT_TRY(get_words(file, root, &w, err));
	TT_TRY(get_time(file, root, "start", &w.start_s, err));
	TT_TRY(get_time(file, root, "end", &w.end_s, err));
	if (w.end_s <= w.start_s || w.end_s - w.start_s > TT_WINDOW_MOST_S)
		return wrong(file, tt_yaml_get(root, "end"), "end",
		             "a time after start, at most 40 years", err);
	TT_TRY(get(file, root, "step", 0, &y, err));
	if (y && (!tt_duration_parse(y->text, strlen(y->text), &w.step_s) || w.step_s < 1 ||
	          w.step_s > 86400))
		return wrong(file, y, "step", "a duration from 1s to 24h", err);
	*ret = w;
	return TT_OK;
}
