/* The option parser: it is part of the program and not of the core, so it is compiled in
 * here. */
#include "cli/options.c"
#include "t.h"

#define ALL (TT_OPT_FORMAT | TT_OPT_OUT_FOLDER | TT_OPT_PLUGINS | TT_OPT_SEED | \
	     TT_OPT_THREADS | TT_OPT_STRICT | TT_OPT_FAIL_ON | TT_OPT_QUIET | TT_OPT_HELP)

static tt_options o;
static tt_err err;

/* Parse the words of `line`. */
static int parse(const char *line)
{
	static char text[512];
	char *argv[32];
	int argc = 0;

	snprintf(text, sizeof text, "%s", line);
	for (char *s = text; *s;) {
		size_t n = strcspn(s, " ");
		int more = s[n] == ' ';

		argv[argc++] = s;
		s[n] = '\0';
		s += n + (size_t)more;
	}
	o = (tt_options){ 0 };
	err = (tt_err){ 0 };
	return tt_options_parse("audit", ALL, argc, argv, &o, &err);
}

static void test_good(void)
{
	T_INT(TT_OK, parse(""));
	T_STR("table", o.format);
	T_STR("auto", o.color);
	T_INT(1, o.seed);
	T_OK(!o.out && !o.fail_on && !o.config && !o.quiet);

	T_INT(TT_OK, parse("fleet --format json --out=dir -q --seed 7 --fail-on=high"));
	T_INT(1, o.n_args);
	T_STR("fleet", o.args[0]);
	T_STR("json", o.format);
	T_STR("dir", o.out);
	T_STR("high", o.fail_on);
	T_INT(7, o.seed);
	T_INT(1, o.quiet);

	T_INT(TT_OK, parse("-o dir -odir2 --plugins a --plugins b -- --format -q"));
	T_STR("dir2", o.out);
	T_INT(2, o.n_folders);
	T_STR("b", o.folders[1]);
	T_INT(2, o.n_args);
	T_STR("--format", o.args[0]);
	T_INT(0, o.quiet);

	T_INT(TT_OK, parse("-")); /* an argument by custom */
	T_STR("-", o.args[0]);
	T_INT(TT_OK, parse("--out=a=b"));
	T_STR("a=b", o.out);
}

static void fails(const char *line, const char *text)
{
	T_INT(TT_EINVAL, parse(line));
	T_STR(text, err.text);
}

/* As many as there is room for, and one more. */
static void test_many(void)
{
	static char name[] = "a", last[] = "b";
	char *argv[TT_ARGS_MAX + 1];

	for (int i = 0; i < TT_ARGS_MAX; i++)
		argv[i] = name;
	argv[TT_ARGS_MAX] = last;
	err = (tt_err){ 0 };
	T_INT(TT_OK, tt_options_parse("audit", ALL, TT_ARGS_MAX, argv, &o, &err));
	T_INT(TT_ARGS_MAX, o.n_args);
	T_INT(TT_EINVAL, tt_options_parse("audit", ALL, TT_ARGS_MAX + 1, argv, &o, &err));
	T_STR("too many arguments: \"b\"", err.text);
}

static void test_bad(void)
{
	fails("--formt json", "unknown option \"--formt\"; did you mean \"--format\"?");
	fails("--form json", "unknown option \"--form\"; did you mean \"--format\"?");
	fails("--zebra", "unknown option \"--zebra\"; `trimtab audit --help` names those that are "
	                 "known");
	fails("-x", "unknown option \"-x\"; `trimtab audit --help` names those that are known");
	fails("--timings", "audit takes no option \"--timings\"; `trimtab audit --help` names "
	                   "those it takes");
	fails("--format", "--format needs a value: table|json|csv");
	fails("--format jsn", "--format is \"jsn\", expected table|json|csv; did you mean "
	                      "\"json\"?");
	fails("--format 7777777", "--format is \"7777777\", expected table|json|csv");
	fails("--fail-on=", "--fail-on is \"\", expected low|medium|high|critical");
	fails("--out=", "--out is empty, expected DIR");
	fails("--quiet=1", "--quiet takes no value");
	fails("--seed -1", "--seed is \"-1\", expected a whole number from 0 to "
	                   "9223372036854775807");
	fails("--threads 65", "--threads is \"65\", expected a whole number from 0 to 64");
	fails("--threads 1e3", "--threads is \"1e3\", expected a whole number from 0 to 64");
}

/* Every option that a command takes is in its help, and no line is wider than a page. */
static void test_help(void)
{
	tt_buf out = { 0 };
	const char *line;

	tt_options_help(~0u, &out);
	T_OK(!out.failed);
	for (size_t i = 0; i < N_OPTIONS; i++) {
		char name[32];

		snprintf(name, sizeof name, "--%s", options[i].name);
		T_HAS(name, tt_buf_text(&out));
		T_HAS(options[i].help, tt_buf_text(&out));
	}
	for (line = tt_buf_text(&out); *line; line += strcspn(line, "\n") + 1)
		T_OK(strcspn(line, "\n") <= 100);
	tt_buf_free(&out);

	tt_options_help(TT_OPT_SEED, &out);
	T_STR("      --seed N                   seed of everything random (1)\n",
	      tt_buf_text(&out));
	tt_buf_free(&out);
}

static void test_nearest(void)
{
	static const char *const words[] = { "audit", "snapshot", "plugins", NULL };

	T_STR("audit", tt_nearest_word("adit", words));
	T_STR("snapshot", tt_nearest_word("snap", words));
	T_STR("plugins", tt_nearest_word("plugin", words));
	T_OK(!tt_nearest_word("help", words));
	T_OK(!tt_nearest_word("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", words));
}

int main(void)
{
	test_good();
	test_bad();
	test_many();
	test_help();
	test_nearest();
	return T_END();
}
