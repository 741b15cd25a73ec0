/* From a location to a snapshot: which source reads it, what is said when none does, and
 * that nothing temporary stays behind. */
#include "host/fleet.h"
#include "base/file.h"
#include "t.h"
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>

static tt_plugins *plugins;

static void load_plugins(void)
{
	const char *own = getenv("TT_PLUGINS"), *build = getenv("TT_BUILD");
	char folder[PATH_MAX];
	tt_err err = { 0 };

	snprintf(folder, sizeof folder, "%s%s", own ? own : build ? build : ".",
	         own ? "" : "/lib/trimtab/plugins");
	T_INT(TT_OK, tt_plugins_load((const char *const[]){ folder, NULL }, &plugins, &err));
	T_OK(plugins && plugins->n > 0);
	T_INT(0, plugins->n_refused);
}

static void put(const char *path, const char *text)
{
	tt_err err = { 0 };

	T_INT(TT_OK, tt_file_write(path, text, strlen(text), &err));
}

static void refused(const char *location, int status, const char *why)
{
	const tt_build_options o = { 0 };
	tt_snapshot *s = NULL;
	tt_err err = { 0 };

	T_INT(status, tt_fleet_open(plugins, location, &o, &s, &err));
	T_HAS(why, err.text);
	T_OK(!s);
}

/* Entries of the folder that temporary snapshots go to. */
static int count_entries(const char *folder)
{
	DIR *d = opendir(folder);
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

static void test_open(void)
{
	const tt_build_options o = { 0 };
	tt_snapshot *s = NULL;
	tt_err err = { 0 };

	put("folder/snapshot.yaml", "name: small\nstart: 2026-01-05T00:00:00Z\n"
	                            "end: 2026-01-06T00:00:00Z\ncurrency: USD\n");
	put("folder/nodes.csv", "node,gpus,price_per_hour\nn1,8,20\nn0,8,20\n");
	T_INT(TT_OK, tt_fleet_open(plugins, "folder", &o, &s, &err));
	T_STR("", err.text);
	if (s) {
		T_INT(2, s->table[TT_NODES].n);
		T_STR("n0", TT_ROW(&s->table[TT_NODES], tt_node_row, 0)->node);
		T_STR("csv", s->source);
		T_INT(3, count_entries("tmp")); /* one beside . and .. */
	}
	tt_snapshot_close(s);
	T_INT(2, count_entries("tmp"));

	T_INT(TT_OK, tt_fleet_build(plugins, "folder", "fleet.db", &o, NULL, &err));
	s = NULL;
	T_INT(TT_OK, tt_fleet_open(plugins, "fleet.db", &o, &s, &err));
	tt_snapshot_close(s);
	T_OK(tt_is_file("fleet.db")); /* the user's own file stays */
	unlink("fleet.db");
}

static void test_refusals(void)
{
	refused("not/there", TT_EIO, "not/there: No such file or directory");
	refused("empty", TT_EDATA,
	        "empty: no source reads it: no snapshot.yaml in this folder");
	refused("folder/nodes.csv", TT_EDATA, "folder/nodes.csv: no source reads it: neither a "
	        "snapshot file nor a folder with a snapshot.yaml");
	put("folder/nodes.csv", "node,gpus\nn1,eight\n");
	refused("folder", TT_EDATA, "nodes.csv:2:4: gpus is \"eight\"");
	put("folder/nodes.csv.gz", "");
	refused("folder", TT_EDATA, "are both there");
	T_INT(2, count_entries("tmp"));
}

static void test_no_sources(void)
{
	tt_plugins none = { 0 };
	tt_snapshot *s = NULL;
	tt_err err = { 0 };

	T_INT(TT_EDATA, tt_fleet_open(&none, "folder", &(tt_build_options){ 0 }, &s, &err));
	T_HAS("no source plugin was found", err.text);
}

int main(void)
{
	mkdir("folder", 0755);
	mkdir("empty", 0755);
	mkdir("tmp", 0755);
	setenv("TMPDIR", "tmp", 1);
	load_plugins();
	test_open();
	test_refusals();
	test_no_sources();
	tt_plugins_free(plugins);
	for (const char *const *f = (const char *const[]){ "folder/snapshot.yaml",
	     "folder/nodes.csv", "folder/nodes.csv.gz", NULL }; *f; f++)
		unlink(*f);
	rmdir("folder");
	rmdir("empty");
	rmdir("tmp");
	return T_END();
}
