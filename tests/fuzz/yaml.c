/* yaml.c - a YAML tree from any bytes: the limits that yaml.h names hold, and every
 * text is one that the rest may print. */
#include "base/yaml.h"
#include "fuzz.h"

static void dump(const tt_yaml *y, int depth, size_t *nodes, tt_buf *out)
{
	FUZZ_MUST(depth <= 32 && ++*nodes <= 100000);
	FUZZ_MUST(y->line >= 1 && y->column >= 1);
	if (y->kind == TT_YAML_SCALAR) {
		FUZZ_MUST(y->text && tt_utf8_ok(y->text, strlen(y->text)));
		tt_buf_printf(out, "%d:%d %s%s\n", y->line, y->column, y->plain ? "" : "'",
		              y->text);
		return;
	}
	tt_buf_printf(out, "%d:%d %s of %zu\n", y->line, y->column,
	              y->kind == TT_YAML_MAP ? "map" : "list", y->n);
	for (size_t i = 0; i < y->n; i++) {
		if (y->kind == TT_YAML_MAP) {
			FUZZ_MUST(y->keys[i]->kind == TT_YAML_SCALAR);
			FUZZ_MUST(tt_yaml_get(y, y->keys[i]->text) == y->items[i]);
			dump(y->keys[i], depth + 1, nodes, out);
		}
		dump(y->items[i], depth + 1, nodes, out);
	}
}

static void parse(const uint8_t *data, size_t size, tt_buf *out)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_yaml *root = NULL;
	tt_err err = { 0 };
	size_t nodes = 0;

	int rc = tt_yaml_parse("f.yaml", (const char *)data, size, arena, &root, &err);
	fuzz_status(rc, TT_EDATA, &err);
	if (rc == TT_OK)
		dump(root, 0, &nodes, out);
	else
		FUZZ_MUST(strncmp(err.text, "f.yaml:", 7) == 0);
	tt_buf_puts(out, err.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	tt_buf out[2] = { { 0 } };

	for (int i = 0; i < 2; i++)
		parse(data, size, &out[i]);
	fuzz_same(&out[0], &out[1]);
	for (int i = 0; i < 2; i++)
		tt_buf_free(&out[i]);
	return 0;
}
