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
	        "empty: no source reads it: csv: there is no snapshot.yaml");
	refused("folder/nodes.csv", TT_EDATA, "folder/nodes.csv: no source reads it, and it is "
	        "no snapshot file: csv: there is no snapshot.yaml");
	put("folder/nodes.csv", "node,gpus\nn1,eight\n");
	refused("folder", TT_EDATA, "nodes.csv:2:4: gpus is \"eight\"");
	put("folder/nodes.csv.gz", "");
	refused("folder", TT_EDATA, "are both there");
	T_INT(2, count_entries("tmp"));
}

/* A table that the source did not ask for is named; a pipe is not waited for. */
static void test_other_files(void)
{
	tt_snapshot *s = NULL;
	tt_err err = { 0 };

	unlink("folder/nodes.csv.gz");
	put("folder/nodes.csv", "node,gpus\nn1,8\n");
	put("folder/gpu_usages.csv", "x\n");
	put("folder/Pods.csv.gz", "x\n");
	put("folder/notes.txt", "x\n");
	T_INT(TT_OK, tt_fleet_open(plugins, "folder", &(tt_build_options){ 0 }, &s, &err));
	T_INT(2, s ? s->n_notes : 0);
	T_STR("Pods.csv.gz was not read: source csv knows no such file; did you mean pods.csv?",
	      s->notes[0]);
	T_STR("gpu_usages.csv was not read: source csv knows no such file; did you mean "
	      "gpu_usage.csv?", s->notes[1]);
	tt_snapshot_close(s);
	unlink("folder/gpu_usages.csv");
	unlink("folder/Pods.csv.gz");
	unlink("folder/notes.txt");

	T_INT(0, mkfifo("folder/pods.csv", 0600));
	refused("folder", TT_EDATA, "folder/pods.csv: not a regular file, expected a file");
	unlink("folder/pods.csv");
	T_INT(0, mkdir("folder/pods.csv", 0700));
	refused("folder", TT_EDATA, "folder/pods.csv: Is a directory, expected a file");
	rmdir("folder/pods.csv");
	T_INT(0, symlink("nowhere", "folder/pods.csv"));
	refused("folder", TT_EIO, "folder/pods.csv: No such file or directory");
	unlink("folder/pods.csv");
	T_INT(0, rename("folder/snapshot.yaml", "folder/kept"));
	T_INT(0, mkdir("folder/snapshot.yaml", 0700));
	refused("folder", TT_EDATA, "folder: no source reads it: csv: there is no snapshot.yaml");
	rmdir("folder/snapshot.yaml");
	T_INT(0, rename("folder/kept", "folder/snapshot.yaml"));
}

/* What is a snapshot already is not read by a source. */
static void test_build_of_snapshot(void)
{
	tt_err err = { 0 };

	T_INT(TT_OK, tt_fleet_build(plugins, "folder", "a.db", &(tt_build_options){ 0 }, NULL,
	                            &err));
	T_INT(TT_EDATA, tt_fleet_build(plugins, "a.db", "b.db", &(tt_build_options){ 0 }, NULL,
	                               &err));
	T_HAS("a.db: is a snapshot already", err.text);
	T_OK(!tt_is_file("b.db"));
	unlink("a.db");
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
	test_other_files();
	test_build_of_snapshot();
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
