/* real_fleet.h - one of the real fleets, read anew, and the facts that are known of it. Skipped
 * (exit 77) where the fleets are not at hand. */
#ifndef REAL_FLEET_H
#define REAL_FLEET_H
#include "base/clock.h"
#include "base/file.h"
#include "snapshot/builder.h"
#include "snapshot/snapshot.h"
#include "t.h"
#include <sqlite3.h>

static char scratch[900], fleets[900];

/* --- One fleet and what is expected of it ---------------------------------------------- */
typedef struct fleet {
	const char *name;
	char *json;
	sqlite3 *db;
	tt_snapshot *s;
	char file[1000];
	size_t hours;
} fleet;

static inline void build(fleet *f, const char *folder)
{
	static const char *const usage[] = { "gpu_usage", "node_usage" };
	TT_CLEANUP(tt_builder_closep) tt_builder *b = NULL;
	const tt_build_options o = { .threads = 2 };
	tt_err err = { 0 };
	char path[1200];

	snprintf(f->file, sizeof f->file, "%s/%s.db", scratch, f->name);
	T_INT(TT_OK, tt_builder_open(f->file, &o, &b, &err));
	snprintf(path, sizeof path, "%s/snapshot.yaml", folder);
	T_INT(TT_OK, tt_builder_window(b, path, &err));
	for (int i = 0; i < TT_TABLE_COUNT + 2; i++) {
		const char *table = i < TT_TABLE_COUNT ? tt_table_def_at((enum tt_table_id)i)->name
			: usage[i - TT_TABLE_COUNT];
		snprintf(path, sizeof path, "%s/%s.csv", folder, table);
		if (!tt_is_file(path))
			strncat(path, ".gz", sizeof path - strlen(path) - 1);
		if (tt_is_file(path))
			T_INT(TT_OK, tt_builder_read_csv(b, path, table, NULL, 0, &err));
	}
	T_INT(TT_OK, tt_builder_finish(b, NULL, &err));
	T_INT(TT_OK, tt_snapshot_load(f->file, &f->s, &err));
	T_STR("", err.text);
}

static inline void open_fleet(fleet *f, const char *name)
{
	char path[1000];
	size_t n;
	tt_err err = { 0 };

	*f = (fleet){ .name = name };
	snprintf(path, sizeof path, "%s/%s", fleets, name);
	build(f, path);
	strncat(path, "/expected.json", sizeof path - strlen(path) - 1);
	T_INT(TT_OK, tt_file_read(path, 1 << 20, &f->json, &n, &err));
	T_INT(SQLITE_OK, sqlite3_open(":memory:", &f->db));
	if (!f->s || !f->json || !f->db) {
		printf("%s can't be read: %s\n", name, err.text);
		exit(1);
	}
	f->hours = tt_snapshot_hours(f->s);
}

static inline void close_fleet(fleet *f)
{
	tt_snapshot_close(f->s);
	tt_free(f->json);
	sqlite3_close(f->db);
	unlink(f->file);
}

/* The fact at a JSON path below $.facts, as text: "" when there is none. */
static inline const char *fact(const fleet *f, const char *path, char *buf, size_t size)
{
	sqlite3_stmt *s = NULL;
	char at[400];

	snprintf(at, sizeof at, "$.facts.%s", path);
	sqlite3_prepare_v2(f->db, "SELECT json_extract(?1, ?2)", -1, &s, NULL);
	sqlite3_bind_text(s, 1, f->json, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 2, at, -1, SQLITE_STATIC);
	const char *text = sqlite3_step(s) == SQLITE_ROW
		? (const char *)sqlite3_column_text(s, 0) : NULL;
	snprintf(buf, size, "%s", text ? text : "");
	sqlite3_finalize(s);
	T_(text, "%s: no fact at %s", f->name, at);
	return buf;
}

static inline double number(const fleet *f, const char *path)
{
	char text[64], *end;
	const double v = strtod(fact(f, path, text, sizeof text), &end);

	T_(end > text && !*end, "%s: %s is \"%s\", which is no number", f->name, path, text);
	return v;
}

/* As read_me says: 1e-6, or 1e-9 of the larger; `within` allows more. */
static inline void same(const fleet *f, const char *path, double got, double within)
{
	const double want = number(f, path);
	const double allowed = fmax(within, fmax(1e-6, 1e-9 * fabs(want)));

	T_(fabs(got - want) <= allowed, "%s: %s is %.12g, want %.12g +- %g", f->name, path, got,
	   want,
	   allowed);
}

static inline void same_time(const fleet *f, const char *path, int64_t got)
{
	char want[64], text[TT_TIME_TEXT];

	tt_time_format(got, text);
	T_STR(fact(f, path, want, sizeof want), text);
}

/* The fact at path FMT... */
#define PATH(buf, ...) (snprintf(buf, sizeof buf, __VA_ARGS__), (const char *)buf)

static inline void find_fleets(void)
{
	const char *shared = getenv("TT_SHARED");

	snprintf(fleets, sizeof fleets, "%s/data/snapshots", shared ? shared : "");
	if (!tt_is_folder(fleets)) {
		printf("skipped: there are no real fleets in \"%s\"\n", fleets);
		exit(77);
	}
	t_folder(scratch, sizeof scratch);
}
#endif
