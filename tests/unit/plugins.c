/* The loader: what it takes, and one clear line for everything that it refuses. Uses
 * the fixtures that are built beside the tests. */
#include "host/plugins.h"
#include "t.h"
#include <limits.h>
#include <sys/stat.h>

static char fixtures[PATH_MAX - 128];

static void find_fixtures(void)
{
	const char *own = getenv("TT_FIXTURES"), *build = getenv("TT_BUILD");

	snprintf(fixtures, sizeof fixtures, "%s%s", own ? own : build ? build : ".",
	         own ? "" : "/fixtures/plugins");
}

static void refused(const char *name, int status, const char *why)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_plugin p = { .kind = 99 };
	tt_err err = { 0 };
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s.so", fixtures, name);
	T_INT(status, tt_plugin_load(path, arena, &p, &err));
	T_INT(99, p.kind); /* untouched */
	T_HAS(path, err.text);
	T_HAS(why, err.text);
	T_OK(!strchr(err.text, '\n'));
}

static void test_refusals(void)
{
	refused("not_there", TT_EIO, "No such file");
	refused("bad_magic", TT_EABI, ": not a trimtab plugin (magic 0x12345678)");
	refused("future_major", TT_EABI, ": built for plugin ABI 2.0, this program has 1.3");
	refused("future_minor", TT_EABI, ": built for plugin ABI 1.4, this program has 1.3");
	refused("no_entry", TT_EABI, ": not a trimtab plugin: no tt_plugin_entry()");
	refused("null_entry", TT_EABI, ": tt_plugin_entry() returned NULL");
	refused("undefined_symbol", TT_EIO, "undefined symbol: tt_fixture_nowhere");
	refused("short_descriptor", TT_EABI, ": descriptor of 24 bytes is too short");
	refused("bad_kind", TT_EABI, ": plugin kind 77 is not known");
	refused("bad_id", TT_EABI, "its id \"Bad-Id\" is not");
	refused("bad_default", TT_EABI,
	        ": parameter share_ratio: its default 1.5 is not from 0 to 1");
	refused("bad_offset", TT_EABI, ": parameter share_ratio: offset 0 is not a field");
	refused("bad_need", TT_EABI, ": need 1: no table is called \"unicorns\"");
	refused("bad_ground", TT_EABI, ": ground 2: no number among the parameters is called "
	        "\"horns\"");
}

static void test_accepted(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_plugin p = { 0 };
	tt_err err = { 0 };
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/well_behaved.so", fixtures);
	T_INT(TT_OK, tt_plugin_load(path, arena, &p, &err));
	T_STR("", err.text);
	T_STR("well_behaved", p.info.id);
	T_INT(TT_KIND_DETECTOR, p.kind);
	T_INT(3, p.info.n_params);
	T_OK(p.d.detector.detect != NULL);
	T_INT(TT_SCOPE_NODE, p.d.detector.scope);
	T_STR(path, p.path);
}

static void copy(const char *from, const char *to, unsigned mode)
{
	static char bytes[4 << 20];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	size_t n = in ? fread(bytes, 1, sizeof bytes, in) : 0;

	T_OK(in && out && n > 0 && n < sizeof bytes && fwrite(bytes, 1, n, out) == n);
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	T_INT(0, chmod(to, mode));
}

static int has_line(const tt_plugins *p, const char *part)
{
	for (size_t i = 0; i < p->n_refused; i++)
		if (strstr(p->refused[i], part))
			return 1;
	return 0;
}

/* A folder with everything that a careless hand leaves in one. */
static void test_folders(void)
{
	const char *const scratch = "plugins-test";
	const char *const folders[] = { scratch, "no-such-folder", "plugins-test-2", NULL };
	TT_CLEANUP(tt_plugins_freep) tt_plugins *p = NULL;
	char from[PATH_MAX];
	tt_err err = { 0 };

	mkdir(scratch, 0755);
	mkdir("plugins-test-2", 0755);
	mkdir("plugins-test/folder.so", 0755);
	snprintf(from, sizeof from, "%s/well_behaved.so", fixtures);
	copy(from, "plugins-test/b.so", 0644);
	copy(from, "plugins-test/open.so", 0666);
	copy(from, "plugins-test/readme.txt", 0644);
	copy(from, "plugins-test/.hidden.so", 0644);
	T_OK(symlink("b.so", "plugins-test/link.so") == 0);
	snprintf(from, sizeof from, "%s/gives_up.so", fixtures);
	copy(from, "plugins-test/a.so", 0644);
	snprintf(from, sizeof from, "%s/zz_duplicate.so", fixtures);
	copy(from, "plugins-test-2/a.so", 0644);

	T_INT(TT_OK, tt_plugins_load(folders, &p, &err));
	T_INT(2, p->n);
	T_STR("gives_up", p->v[0].info.id);
	T_STR("well_behaved", p->v[1].info.id);
	T_INT(4, p->n_refused);
	T_STR("plugins-test-2/a.so: its id \"well_behaved\" is taken by plugins-test/b.so",
	      p->refused[0]);
	T_OK(has_line(p, "plugins-test/folder.so: not a regular file"));
	T_OK(has_line(p, "plugins-test/link.so: not a regular file"));
	T_OK(has_line(p, "plugins-test/open.so: anybody may write to it (mode 0666)"));
	T_OK(tt_plugins_find(p, "well_behaved") == &p->v[1]);
	T_OK(!tt_plugins_find(p, "nobody"));

	/* a folder that anybody may write to: its files are whoever's */
	tt_plugins_freep(&p);
	p = NULL;
	chmod(scratch, 0777);
	T_INT(TT_OK, tt_plugins_load(folders, &p, &err));
	T_INT(1, p->n); /* that of the second folder */
	T_INT(1, p->n_refused);
	T_OK(has_line(p, "plugins-test: anybody may write to this folder, so nothing of it"));
	chmod(scratch, 0755);

	for (const char *const *f = (const char *const[]){ "plugins-test/b.so",
	     "plugins-test/open.so", "plugins-test/readme.txt", "plugins-test/.hidden.so",
	     "plugins-test/link.so", "plugins-test/a.so", "plugins-test-2/a.so", NULL }; *f; f++)
		unlink(*f);
	rmdir("plugins-test/folder.so");
	rmdir("plugins-test-2");
	rmdir(scratch);
}

/* Without a folder before it, a name must not be looked for in the system's folders. */
static void test_bare_name(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_plugin p;
	tt_err err = { 0 };
	char from[PATH_MAX];

	snprintf(from, sizeof from, "%s/well_behaved.so", fixtures);
	copy(from, "bare.so", 0644);
	T_INT(TT_OK, tt_plugin_load("bare.so", arena, &p, &err));
	unlink("bare.so");
	copy(from, "libm.so.6", 0644);
	T_INT(TT_OK, tt_plugin_load("libm.so.6", arena, &p, &err)); /* not the C library's */
	T_STR("well_behaved", p.info.id);
	unlink("libm.so.6");
}

static void test_default_folder(void)
{
	char buf[PATH_MAX], small[4];
	tt_err err = { 0 };

	T_INT(TT_OK, tt_plugins_default_folder(buf, sizeof buf, &err));
	T_HAS("/lib/trimtab/plugins", buf);
	T_OK(tt_plugins_default_folder(small, sizeof small, &err) < 0);
}

int main(void)
{
	find_fixtures();
	test_refusals();
	test_accepted();
	test_folders();
	test_bare_name();
	test_default_folder();
	return T_END();
}
