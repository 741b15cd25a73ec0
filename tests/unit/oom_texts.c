/* Memory runs out while what people write is read: changes, settings, windows and tables,
 * good ones and those that are refused, for which the reason must not change. */
#include "base/file.h"
#include "bill/settings.h"
#include "change/change.h"
#include "oom.h"
#include "snapshot/builder.h"

static char folder[512], path[700];
static const char *text;
static tt_arena *arena;
static tt_change change;
static tt_settings *settings;

static void put(const char *name, const char *content)
{
	snprintf(path, sizeof path, "%s/%s", folder, name);
	T_INT(TT_OK, tt_file_write(path, content, strlen(content), NULL));
}

static void reset(void)
{
	tt_arena_free(arena);
	tt_settings_free(settings);
	arena = NULL;
	settings = NULL;
}

static void try(const char *what, int (*run)(tt_err *err), void (*answer)(tt_buf *out))
{
	oom((oom_try){ .what = what, .run = run, .answer = answer, .reset = reset,
	               .folder = folder });
}

static int parse(tt_err *err)
{
	tt_buf out = { 0 };
	int rc;

	arena = tt_arena_new();
	if (!arena)
		return tt_no_memory(err);
	rc = tt_change_parse(text, arena, &change, err);
	if (rc == TT_OK) {
		tt_change_text(&change, &out);
		if (out.failed)
			rc = tt_no_memory(err);
	}
	tt_buf_free(&out);
	return rc;
}

static void put_change(tt_buf *out)
{
	tt_change_text(&change, out);
}

static void changes(void)
{
	static const char *const texts[] = {
		"release card:b/1,card:b/0,node:\"with blank\" from=2026-01-06T00:00:00Z "
		"effort_days=2",
		"schedule node_group:g hours=\"sat-sun 00:00-24:00; mon 08:00-18:00\"",
		"schedule workload:w idle_timeout_s=60",
		"label pod:p,workload:w,namespace:n owner=\"the team\" excludes=\"a,b\" "
		"adoption_ratio=0.5",
		"commit offer:o", "scale fleet",
		"release planet:x", "release card:b/1 colour=red", "release node:\"x",
		"label pod:p owner=\"\x01\"", "",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		text = texts[i];
		try("change", parse, put_change);
	}
}

static int load(tt_err *err)
{
	return tt_settings_load(path, &settings, err);
}

static void put_settings(tt_buf *out)
{
	for (size_t i = 0; settings->owner_keys[i]; i++)
		tt_buf_printf(out, "%s\n", settings->owner_keys[i]);
	for (size_t i = 0; settings->namespace_owner[i]; i++)
		tt_buf_printf(out, "%s\n", settings->namespace_owner[i]);
}

static void of_settings(void)
{
	static const char *const texts[] = {
		"owner_keys: [a, b]\nnamespace_owners:\n  web: w\n  \"x y\": z\n",
		"owner_keys: [a, b]\nowner_keys: [c]\n", "owner_key: [a]\n", "owner_keys: [a\n",
		"busy_above_pct:\n  training: 101\n", "[]\n", "\xff", "",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		put("trimtab.yaml", texts[i]);
		try("settings", load, put_settings);
	}
}

static int read_tables(tt_err *err)
{
	TT_CLEANUP(tt_builder_closep) tt_builder *b = NULL;
	static const tt_build_options o = { .threads = 1 };
	char file[700];

	snprintf(file, sizeof file, "%s/out.db", folder);
	TT_TRY(tt_builder_open(file, &o, &b, err));
	snprintf(file, sizeof file, "%s/snapshot.yaml", folder);
	TT_TRY(tt_builder_window(b, file, err));
	snprintf(file, sizeof file, "%s/nodes.csv", folder);
	TT_TRY(tt_builder_read_csv(b, file, "nodes", NULL, 0, err));
	return tt_builder_finish(b, NULL, err);
}

static void put_file(tt_buf *out)
{
	char file[700], *s = NULL;
	size_t n = 0;

	snprintf(file, sizeof file, "%s/out.db", folder);
	T_INT(TT_OK, tt_file_read(file, 1 << 24, &s, &n, NULL));
	tt_buf_add(out, s, n);
	tt_free(s);
	unlink(file);
}

#define WINDOW "name: w\nstart: 1700000000\nend: 1700003600\ncurrency: USD\n"

static void tables(void)
{
	static const char *const texts[][2] = {
		{ WINDOW, "node,gpus\n\"quoted, \"\"twice\"\"\",2\nb,4\n" },
		{ WINDOW, "node,gpus\na,2\na,4\n" }, { WINDOW, "node,gpus\na,2\n,4\n" },
		{ WINDOW, "node,gpus\na,\"2\n" }, { WINDOW, "node,node\na,b\n" },
		{ WINDOW, "gpus\n1\n" }, { WINDOW, "" }, { "name: w\n", "node\na\n" },
		{ WINDOW, "node,labels\na,\"x=1;x=2\"\n" },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		put("snapshot.yaml", texts[i][0]);
		put("nodes.csv", texts[i][1]);
		try("table", read_tables, put_file);
	}
}

int main(void)
{
	t_folder(folder, sizeof folder);
	changes();
	of_settings();
	tables();
	t_folder_remove(folder);
	return T_END();
}
