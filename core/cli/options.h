/* options.h - the one option parser, driven by the table that the help is made from too.
 *
 * `--name value`, `--name=value`, `-o value`, `-ovalue` and `--` are understood, options
 * and arguments in any order. It knows words, numbers and texts; whether a file is there
 * is for others to find out. */
#ifndef TT_CLI_OPTIONS_H
#define TT_CLI_OPTIONS_H
#include "base/error.h"
#include "base/text.h"

enum { TT_ARGS_MAX = 500, TT_FOLDERS_MAX = 16 };

/* Options as bits, for the set that a command takes. */
enum tt_option_bit {
	TT_OPT_FORMAT = 1 << 0,        /* table, json or csv */
	TT_OPT_FORMAT_PLAIN = 1 << 1,  /* table or json */
	TT_OPT_OUT_FILE = 1 << 2,
	TT_OPT_OUT_FOLDER = 1 << 3,
	TT_OPT_CONFIG = 1 << 4,
	TT_OPT_PLUGINS = 1 << 5,
	TT_OPT_SEED = 1 << 6,
	TT_OPT_THREADS = 1 << 7,
	TT_OPT_LENIENT = 1 << 8,
	TT_OPT_STRICT = 1 << 9,
	TT_OPT_FAIL_ON = 1 << 10,
	TT_OPT_COLOR = 1 << 11,
	TT_OPT_QUIET = 1 << 12,
	TT_OPT_IN_PROCESS = 1 << 13,
	TT_OPT_TIMINGS = 1 << 14,
	TT_OPT_HELP = 1 << 15,
	TT_OPT_VERSION = 1 << 16,
	TT_OPT_SHARD = 1 << 17,
	TT_OPT_WORLDS = 1 << 18,
	TT_OPT_FLEET = 1 << 19,
	TT_OPT_WORLD = 1 << 20,
	TT_OPT_COMMIT = 1 << 21,       /* those of commit alone */
	TT_OPT_RULES = 1 << 22
};

typedef struct tt_options {
	const char *format;            /* "table", "json", "csv" */
	const char *out, *config;      /* NULL: not given */
	const char *fleet;             /* NULL: none */
	const char *world;             /* of --explain; NULL: none */
	const char *fail_on;           /* NULL, or a severity */
	const char *pool_by, *unit, *gaps; /* words */
	const char *verify;            /* NULL: not given */
	const char *demand;            /* NULL: as fits the question */
	int64_t quarters;
	const char *rate_ratio;        /* NULL: not given */
	const char *accept, *scenario; /* of commit; NULL: not given */
	const char *offers;            /* NULL: not given */
	const char *utilization, *coverage; /* NULL: not given */
	const char *stranding_weight, *stranding_tail, *migration_hazard,
		*stranded_over, *discount_rate, *chart,
		*resale_ratio;         /* NULL: not given */
	const char *color;             /* "auto", "always", "never" */
	const char *folders[TT_FOLDERS_MAX]; /* [n_folders] of --plugins */
	size_t n_folders;
	const char *rules[TT_FOLDERS_MAX]; /* [n_rules] of --rules */
	size_t n_rules;
	int64_t seed, threads;         /* threads 0: as many as processors */
	int64_t worlds;                /* not checked to be a power of two */
	int once, replay, risk;
	int portfolio;
	const char *alarm;             /* of --portfolio; NULL: not given */
	const char *pack;              /* the same */
	int owners;
	int lenient, strict, quiet, in_process, timings, shard, help, version;
	const char *args[TT_ARGS_MAX]; /* [n_args] */
	size_t n_args;
} tt_options;

/* Read argv[0..argc) for a command called `name` that takes the options in `allowed`.
 * Strings stay argv's. Errors: TT_EINVAL, one line that names the nearest known option
 * of an unknown one. */
int tt_options_parse(const char *name, unsigned allowed, int argc, char *const *argv,
                     tt_options *ret, tt_err *err);

/* How many of argv are options, with their values, before the first that is none; all of
 * argv where one of them is not known. */
int tt_options_leading(int argc, char *const *argv);

/* Append the lines of --help about the options in `allowed`. */
void tt_options_help(unsigned allowed, tt_buf *out);
#endif
