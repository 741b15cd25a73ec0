/* Memory runs out while a fleet is built into a snapshot: in every way that its files can
 * come, by way of the source plugin that `snapshot build` would use. The old file stays. */
#include "base/file.h"
#include "host/fleet.h"
#include "oom.h"
#include "oom_fleet.h"
#include <malloc.h>
#include <sys/stat.h>
#include <zlib.h>

static char folder[512], fleet[600], out_folder[600], out[700];
static int threads, lenient;
static tt_plugins *plugins;
static const char old[] = "what was there before";

static int build(tt_err *err)
{
	const tt_build_options o = { .threads = threads, .lenient = lenient };

	return tt_fleet_build(plugins, fleet, out, &o, NULL, err);
}

static void answer(tt_buf *ret)
{
	char *text = NULL;
	size_t n = 0;

	T_INT(TT_OK, tt_file_read(out, 1 << 24, &text, &n, NULL));
	T_OK(n != sizeof old - 1); /* the new one is there ... */
	tt_buf_add(ret, text, n);
	tt_free(text);
	T_INT(TT_OK, tt_file_write(out, old, sizeof old - 1, NULL));
}

static void reset(void)
{
	char *text = NULL;
	size_t n = 0;

	T_INT(TT_OK, tt_file_read(out, 1 << 24, &text, &n, NULL));
	T_STR(old, text); /* ... or the old one, whole */
	tt_free(text);
}

static void start(int n_threads, size_t n_files, size_t jump)
{
	threads = n_threads;
	mkdir(fleet, 0777);
	oom_fleet(fleet, n_files, jump);
	T_INT(TT_OK, tt_file_write(out, old, sizeof old - 1, NULL));
}

static void pack(const char *name)
{
	char path[700], packed[710];
	char *text = NULL;
	size_t n = 0;

	snprintf(path, sizeof path, "%s/%s", fleet, name);
	snprintf(packed, sizeof packed, "%s.gz", path);
	T_INT(TT_OK, tt_file_read(path, 1 << 24, &text, &n, NULL));
	gzFile f = gzopen(packed, "wb");
	T_OK(f && gzwrite(f, text, (unsigned)n) == (int)n && gzclose(f) == Z_OK);
	tt_free(text);
	unlink(path);
}

/* Rows that are wrong, of every kind that has a count and a first one of its own. */
static void spoil(void)
{
	static const char *const rows[][2] = {
		{ "nodes.csv", "d,main,,,,,,x,,,,,,,\n" }, { "pods.csv", "train-0\n" },
		{ "gpu_usage.csv", "1767571200,nowhere,0,,1,1\n1767571200,a,0,train-0,101,1\n" },
		{ "node_usage.csv", "soon,a,0.5\n" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char path[700];

		snprintf(path, sizeof path, "%s/%s", fleet, rows[i][0]);
		FILE *f = fopen(path, "a");
		T_OK(f && fputs(rows[i][1], f) >= 0 && fclose(f) == 0);
	}
}

static void try(const char *what, uint64_t stride)
{
	oom((oom_try){ .what = what, .run = build, .answer = answer, .reset = reset,
	               .folder = out_folder, .stride = { stride, 8 } });
	t_folder_remove(fleet);
}

static void load_plugins(void)
{
	const char *built = getenv("TT_BUILD");
	char path[700];
	tt_err err = { 0 };

	snprintf(path, sizeof path, "%s/lib/trimtab/plugins", built ? built : ".");
	T_INT(TT_OK, tt_plugins_load((const char *const[]){ path, NULL }, &plugins, &err));
}

int main(void)
{
	/* large tables are pages that nobody touches, thousands of times over */
	mallopt(M_MMAP_THRESHOLD, 1 << 17);
	t_folder(folder, sizeof folder);
	snprintf(fleet, sizeof fleet, "%s/fleet", folder);
	snprintf(out_folder, sizeof out_folder, "%s/out", folder);
	snprintf(out, sizeof out, "%s/fleet.db", out_folder);
	mkdir(out_folder, 0777);
	load_plugins();
	start(1, OOM_FILES, 1);
	try("every table", 1);
	start(1, OOM_FEW, 7);
	spoil();
	lenient = 1;
	try("rows out of order, some wrong", 3);
	lenient = 0;
	start(3, OOM_FEW, 1);
	try("three threads", 3);
	start(1, OOM_FEW, 1);
	pack("nodes.csv");
	pack("gpu_usage.csv");
	pack("node_usage.csv");
	try(".gz", 3);
	tt_plugins_free(plugins);
	t_folder_remove(folder);
	return T_END();
}
