/* yaml.c - the tree, and every refusal with its file, line and column. */
#include "base/yaml.h"
#include "base/file.h"
#include "base/text.h"
#include "t.h"

static const char *scalar(const tt_yaml *y)
{
	return y && y->kind == TT_YAML_SCALAR ? y->text : NULL;
}

static void tree(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *a = tt_arena_new();
	const char *s = "# the audit's settings\n"
			"name: \"a b\"\r\n"
			"keys: [team, 'x: y']\n"
			"thresholds:\n"
			"  training: 0.3\n"
			"  empty:\n"
			"  none: {}\n"
			"text: |\n"
			"  two\n"
			"  lines\n";
	tt_yaml *y = NULL;
	tt_err err = { 0 };

	T_INT(TT_OK, tt_yaml_parse("t.yaml", s, strlen(s), a, &y, &err));
	T_STR("", err.text);
	if (!y)
		return;
	T_INT(TT_YAML_MAP, y->kind);
	T_INT(4, y->n);
	T_STR("name", y->keys[0]->text);
	T_STR("a b", scalar(tt_yaml_get(y, "name")));
	T_OK(!tt_yaml_get(y, "name")->plain);

	const tt_yaml *keys = tt_yaml_get(y, "keys");
	T_INT(TT_YAML_LIST, keys->kind);
	T_INT(2, keys->n);
	T_OK(keys->items[0]->plain && !keys->items[1]->plain);
	T_STR("x: y", scalar(keys->items[1]));
	T_INT(3, keys->items[1]->line);
	T_INT(14, keys->items[1]->column);

	const tt_yaml *thresholds = tt_yaml_get(y, "thresholds");
	T_STR("0.3", scalar(tt_yaml_get(thresholds, "training")));
	T_STR("", scalar(tt_yaml_get(thresholds, "empty")));
	T_OK(tt_yaml_get(thresholds, "empty")->plain);
	T_INT(0, tt_yaml_get(thresholds, "none")->n);
	T_INT(5, thresholds->line);
	T_INT(3, thresholds->column);
	T_OK(tt_yaml_get(thresholds, "absent") == NULL);
	T_OK(tt_yaml_get(keys, "team") == NULL);
	T_STR("two\nlines\n", scalar(tt_yaml_get(y, "text")));

	const char *const some[] = { "name", "keys", "text", NULL };
	T_INT(TT_EDATA, tt_yaml_only("t.yaml", y, some, &err));
	T_STR("t.yaml:4:1: unknown key \"thresholds\", expected one of: name, keys, text",
	      err.text);
	const char *const all[] = { "text", "keys", "name", "thresholds", NULL };
	T_INT(TT_OK, tt_yaml_only("t.yaml", y, all, NULL));
	tt_err list = { 0 };
	T_INT(TT_EDATA, tt_yaml_only("t.yaml", keys, all, &list));
	T_STR("t.yaml:3:7: expected keys with values", list.text);
}

/* What is wrong with n bytes of YAML; "" when nothing. */
static const char *fault_of(const char *s, size_t n)
{
	static tt_err err;
	TT_CLEANUP(tt_arena_freep) tt_arena *a = tt_arena_new();
	tt_yaml *y = NULL;

	err = (tt_err){ 0 };
	int rc = tt_yaml_parse("t.yaml", s, n, a, &y, &err);
	T_OK(rc == TT_OK ? y != NULL : rc == TT_EDATA && y == NULL);
	return err.text;
}

static const char *fault(const char *s)
{
	return fault_of(s, strlen(s));
}

static void refusals(void)
{
	T_STR("t.yaml:3:5: key \"owner_keys\" is there twice (first in line 2)",
	      fault("a:\n    owner_keys: 1\n    owner_keys: 2\n"));
	T_STR("t.yaml:4:1: key \"a\" is there twice (first in line 1)",
	      fault("a: {x: 1, y: [1, 2]}\nb: 1\nc: 2\n\"a\": 2\n"));
	T_STR("", fault("a: {x: 1}\nb: {x: 1}\nx: 1\n"));
	T_STR("t.yaml:1:4: anchors (&name) are not allowed", fault("a: &x 1\n"));
	T_STR("t.yaml:1:4: anchors (&name) are not allowed", fault("a: &x [1]\n"));
	T_STR("t.yaml:1:4: anchors (&name) are not allowed", fault("a: &x {b: 1}\n"));
	T_STR("t.yaml:2:4: aliases (*name) are not allowed", fault("a: 1\nb: *x\n"));
	T_STR("t.yaml:1:4: tags (!name) are not allowed", fault("a: !!int 1\n"));
	T_STR("t.yaml:1:4: tags (!name) are not allowed", fault("a: !x [1]\n"));
	T_STR("t.yaml:2:1: merge keys (<<) are not allowed", fault("a: 1\n<<: {b: 1}\n"));
	T_HAS("t.yaml:1:3: a key must be a text", fault("? [a, b]\n: 1\n"));
	T_STR("t.yaml:2:1: a second document is not allowed", fault("a: 1\n---\nb: 1\n"));
	T_STR("t.yaml:2:4: not valid UTF-8 text", fault("a: 1\n\xc3\xa4: \xff\n"));
	T_STR("t.yaml:1:4: not valid UTF-8 text", fault_of("a: \0", 4));
	T_STR("t.yaml:2:4: control characters are not allowed", fault("a: 1\nb: \x01\n"));
	T_STR("t.yaml:1:4: a NUL in a text is not allowed", fault("a: \"x\\0y\"\n"));
	T_HAS("t.yaml:2:4: mapping values", fault("a: 1\n  b: 2\n"));
	T_HAS("t.yaml:1:4: ", fault("a: @x\n"));
	T_HAS("t.yaml:1:9: the file ends in the middle of what starts in line 1",
	      fault("a: [1, 2\n"));
	T_HAS("t.yaml:1:14: the file ends where more is expected", fault("owner_keys: [\n"));
	T_HAS("t.yaml:2:4: the file ends in the middle of what starts in line 1",
	      fault("a: \"x\n  y\n\n\n"));
	T_HAS("t.yaml:2:2: did not find expected ',' or '}' while parsing a flow mapping (which "
	      "starts in line 1)", fault("a: {b: 1\nc: 2\n}"));
}

static void empty_is_a_map(void)
{
	const char *empty[] = { "", "# only a comment\n", "---\n", "---\n...\n", "\xef\xbb\xbf",
				"\n\n" };

	for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
		TT_CLEANUP(tt_arena_freep) tt_arena *a = tt_arena_new();
		tt_yaml *y = NULL;

		T_INT(TT_OK, tt_yaml_parse("t", empty[i], strlen(empty[i]), a, &y, NULL));
		T_OK(y && y->kind == TT_YAML_MAP && y->n == 0 && y->line == 1);
		T_OK(y && tt_yaml_get(y, "a") == NULL);
	}
	T_STR("", fault("\xef\xbb\xbf" "a: 1\n"));
	T_STR("t.yaml:1:1: anchors (&name) are not allowed", fault("\xef\xbb\xbf&x a: 1\n"));
	T_STR("", fault_of(NULL, 0));
}

static void limits(void)
{
	TT_CLEANUP(tt_buf_free) tt_buf b = { 0 };

	for (int i = 0; i < 32; i++)
		tt_buf_putc(&b, '[');
	for (int i = 0; i < 32; i++)
		tt_buf_putc(&b, ']');
	T_STR("", fault(tt_buf_text(&b)));
	tt_buf_free(&b);
	for (int i = 0; i < 33; i++)
		tt_buf_putc(&b, '[');
	T_STR("t.yaml:1:33: lists and maps more than 32 deep", fault(tt_buf_text(&b)));
	tt_buf_free(&b);

	for (int i = 0; i < 99999; i++)
		tt_buf_puts(&b, "- 1\n");
	T_STR("", fault(tt_buf_text(&b)));
	tt_buf_puts(&b, "- 2\n");
	T_STR("t.yaml:100000:3: more than 100000 values", fault(tt_buf_text(&b)));
	tt_buf_free(&b);

	for (int i = 0; i < 49999; i++)
		tt_buf_printf(&b, "k%d: 1\n", i);
	T_STR("", fault(tt_buf_text(&b)));
	tt_buf_puts(&b, "k7: 1\n");
	T_STR("t.yaml:50000:1: key \"k7\" is there twice (first in line 8)",
	      fault(tt_buf_text(&b)));
	tt_buf_free(&b);

	while (b.n < (1 << 20))
		tt_buf_puts(&b, "# 34567\n");
	T_STR("", fault(tt_buf_text(&b)));
	tt_buf_putc(&b, '\n');
	T_HAS("t.yaml:1:1: 1048577 bytes, but at most 1048576", fault(tt_buf_text(&b)));
}

static void files(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *a = tt_arena_new();
	char folder[512], path[600], text[700];
	tt_yaml *y = NULL;
	tt_err err = { 0 };

	t_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/trimtab.yaml", folder);
	T_INT(TT_EIO, tt_yaml_load(path, a, &y, &err));
	T_HAS("trimtab.yaml: No such file or directory", err.text);
	T_INT(TT_OK, tt_file_write(path, "a: b\nc: \n", 9, NULL));
	T_INT(TT_OK, tt_yaml_load(path, a, &y, NULL));
	T_STR("b", y ? scalar(tt_yaml_get(y, "a")) : NULL);

	err = (tt_err){ 0 };
	T_INT(TT_OK, tt_file_write(path, "a: b\na: c\n", 10, NULL));
	T_INT(TT_EDATA, tt_yaml_load(path, a, &y, &err));
	snprintf(text, sizeof text, "%s:2:1: key \"a\" is there twice (first in line 1)", path);
	T_STR(text, err.text);
	t_folder_remove(folder);
}

static void out_of_memory(void)
{
	const char *s = "a: [1, 2, {b: c}]\nd: {e: f, g: [h]}\n";

	for (uint64_t nth = 1;; nth++) {
		TT_CLEANUP(tt_arena_freep) tt_arena *a = tt_arena_new();
		tt_yaml *y = NULL;
		tt_err err = { 0 };

		tt_alloc_fail_at(nth, 1);
		int rc = tt_yaml_parse("t.yaml", s, strlen(s), a, &y, &err);
		tt_alloc_fail_at(0, 0);
		if (rc == TT_OK) {
			T_OK(nth > 3);
			break;
		}
		T_INT(TT_ENOMEM, rc);
		T_STR("t.yaml: out of memory", err.text);
	}
}

int main(void)
{
	tree();
	refusals();
	empty_is_a_map();
	limits();
	files();
	out_of_memory();
	return T_END();
}
