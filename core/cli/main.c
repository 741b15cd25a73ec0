/* main.c - from argv to an exit status. Nothing but main prints errors or ends the
 * process; the rest of cli/ prints results and remarks. */
#include "cli/command.h"
#include "base/leftovers.h"
#include "base/memory.h"
#include <gsl/gsl_errno.h>
#include <locale.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int exit_of(int status)
{
	switch (status) {
	case TT_EINVAL:
		return TT_EXIT_USAGE;
	case TT_EIO:
	case TT_EDATA:
	case TT_ENODATA:
		return TT_EXIT_INPUT;
	default:
		return TT_EXIT_INTERNAL;
	}
}

static int print_help(const tt_command *c, tt_err *err)
{
	tt_buf out = { 0 };

	if (c)
		tt_help_command(c, &out);
	else
		tt_help(&out);

	int rc = tt_print(&out, err);

	tt_buf_free(&out);
	return rc;
}

static int print_version(tt_err *err)
{
	tt_buf out = { 0 };

	tt_buf_puts(&out, "trimtab " TT_VERSION "\n");

	int rc = tt_print(&out, err);

	tt_buf_free(&out);
	return rc;
}

static int run_command(const tt_command *c, int argc, char *const *argv, tt_err *err)
{
	tt_options o;

	TT_TRY(tt_options_parse(c->name, c->options, argc, argv, &o, err));
	if (o.version)
		return print_version(err);
	if (o.help)
		return print_help(c, err);
	if (o.n_args < c->n_args)
		return tt_fail(err, TT_EINVAL, "%s needs %s; for example: %.*s", c->name, c->args,
		               (int)strcspn(c->example + 2, "\n"), c->example + 2);
	if (o.n_args > c->n_args && !c->more_args)
		return tt_fail(err, TT_EINVAL, "%s takes %s; \"%.*s\" is one too many", c->name,
		               *c->args ? c->args : "no argument", TT_SHOWN(o.args[c->n_args]));
	return c->run(&o, err);
}

/* `trimtab snapshot --help` and `trimtab help snapshot`; anything else is a mistake. */
static int help_group(int argc, char *const *argv, tt_err *err)
{
	tt_buf out = { 0 };
	int rc = argc == 1 && tt_help_group(argv[0], &out) ? tt_print(&out, err) :
		tt_command_unknown(argc, argv, err);

	tt_buf_free(&out);
	return rc;
}

static int asks_help(int argc, char *const *argv)
{
	return argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
}

/* `trimtab help audit`, `trimtab help` */
static int run_help(int argc, char *const *argv, tt_err *err)
{
	const tt_command *c;
	int words;

	if (argc == 0)
		return print_help(NULL, err);
	c = tt_command_find(argc, argv, &words);
	if (!c)
		return help_group(argc, argv, err);
	return print_help(c, err);
}

/* Nothing but options. */
static int run_bare(int argc, char *const *argv, tt_err *err)
{
	tt_options o;

	TT_TRY(tt_options_parse("", ~0u, argc, argv, &o, err));
	if (o.version)
		return print_version(err);
	if (o.help)
		return print_help(NULL, err);
	return tt_fail(err, TT_EINVAL, "no command; `trimtab --help` names them all");
}

/* `first` options stand before the command's name: they belong to it all the same. */
static int run_turned(const tt_command *c, int first, int words, int argc, char *const *argv,
                      tt_err *err)
{
	size_t n = (size_t)first, rest = (size_t)(argc - first - words);
	TT_CLEANUP(tt_freep) char **turned = tt_zalloc(n + rest + 1, sizeof *turned);

	if (!turned)
		return tt_no_memory(err);
	memcpy(turned, argv, n * sizeof *turned);
	memcpy(turned + n, argv + first + words, rest * sizeof *turned);
	return run_command(c, argc - words, turned, err);
}

static int run(int argc, char *const *argv, tt_err *err)
{
	int first = tt_options_leading(argc, argv), words;
	const tt_command *c;

	if (first == argc || strcmp(argv[first], "--") == 0)
		return run_bare(argc, argv, err);
	if (strcmp(argv[first], "help") == 0)
		return run_help(argc - first - 1, argv + first + 1, err);
	c = tt_command_find(argc - first, argv + first, &words);
	if (!c && asks_help(argc - first, argv + first))
		return help_group(1, argv + first, err);
	if (!c)
		return tt_command_unknown(argc - first, argv + first, err);
	if (first == 0)
		return run_command(c, argc - words, argv + words, err);
	return run_turned(c, first, words, argc, argv, err);
}

int main(int argc, char **argv)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	tt_err err = { 0 };

	if (c)
		uselocale(c); /* nothing may depend on where it runs */
	gsl_set_error_handler_off(); /* a function out of range returns its status */
	signal(SIGPIPE, SIG_DFL); /* first: what is ignored is not watched */
	tt_leftovers_watch();

	int rc = run(argc > 0 ? argc - 1 : 0, argv + (argc > 0), &err);

	if (rc < 0) {
		fprintf(stderr, "trimtab: %s\n", err.text[0] ? err.text : tt_status_text(rc));
		rc = exit_of(rc);
	}
	if (c) {
		uselocale(LC_GLOBAL_LOCALE);
		freelocale(c);
	}
	return rc;
}
