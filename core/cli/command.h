/* command.h - the commands: one table that dispatch and help are both made from, and what
 * they share. One file per command holds the rest. */
#ifndef TT_CLI_COMMAND_H
#define TT_CLI_COMMAND_H
#include "cli/options.h"

/* What the program exits with. */
enum {
	TT_EXIT_DONE = 0,
	TT_EXIT_NEGATIVE = 1,  /* a verdict that the command exists to give is negative */
	TT_EXIT_USAGE = 2,
	TT_EXIT_INPUT = 3,     /* input could not be read, or lacks what the question needs */
	TT_EXIT_INTERNAL = 4   /* internal failure or out of memory */
};

typedef struct tt_command {
	const char *name;      /* "snapshot build" */
	const char *args;      /* as in the usage line: "FLEET" */
	const char *summary;   /* one line */
	const char *text;      /* paragraphs of --help */
	const char *example;   /* lines of --help */
	unsigned options;
	size_t n_args;
	int more_args;         /* it takes more of the last one too */
	/* Do it: TT_EXIT_DONE or TT_EXIT_NEGATIVE, or a negative status and *err. */
	int (*run)(const tt_options *o, tt_err *err);
} tt_command;

extern const tt_command tt_commands[]; /* ends with a NULL name */

int tt_cmd_audit(const tt_options *o, tt_err *err);
int tt_cmd_explain(const tt_options *o, tt_err *err);
int tt_cmd_simulate(const tt_options *o, tt_err *err);
int tt_cmd_commit(const tt_options *o, tt_err *err);
int tt_cmd_snapshot_build(const tt_options *o, tt_err *err);
int tt_cmd_snapshot_merge(const tt_options *o, tt_err *err);
int tt_cmd_snapshot_info(const tt_options *o, tt_err *err);
int tt_cmd_snapshot_check(const tt_options *o, tt_err *err);
int tt_cmd_rules_check(const tt_options *o, tt_err *err);
int tt_cmd_plugins_list(const tt_options *o, tt_err *err);
int tt_cmd_plugins_describe(const tt_options *o, tt_err *err);
int tt_cmd_plugins_check(const tt_options *o, tt_err *err);

/* The command that argv[0..argc) begins with; NULL when none does. *ret_words: how many
 * of them are its name. */
const tt_command *tt_command_find(int argc, char *const *argv, int *ret_words);
/* Why there is none. Returns TT_EINVAL. */
int tt_command_unknown(int argc, char *const *argv, tt_err *err);

/* Append `trimtab --help`, or that of one command. */
void tt_help(tt_buf *out);
int tt_help_group(const char *group, tt_buf *out); /* 0: there is no such group */
void tt_help_command(const tt_command *c, tt_buf *out);

/* Write a result to stdout, all of it or TT_EIO. Fails when the buffer failed. */
int tt_print(const tt_buf *b, tt_err *err);
/* A remark on stderr, "trimtab: ...", unless -q. */
void tt_remark(const tt_options *o, const char *fmt, ...) TT_PRINTF(2, 3);
/* Whether tables are coloured. */
int tt_wants_color(const tt_options *o);
#endif
