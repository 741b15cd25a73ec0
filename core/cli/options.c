#include "cli/options.h"
#include "base/near.h"
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum kind { FLAG, TEXT, WORD, WHOLE, LIST };

struct option {
	unsigned bit;
	char letter;              /* 0: only the long name */
	const char *name;
	const char *value;        /* as in the help; NULL for a flag */
	enum kind kind;
	size_t offset;            /* in tt_options */
	const char *const *words; /* WORD */
	int64_t max;              /* WHOLE, from 0; LIST: the offset of its count */
	const char *help;
};

static const char *const formats[] = { "table", "json", "csv", NULL };
static const char *const plain_formats[] = { "table", "json", NULL };
static const char *const severities[] = { "low", "medium", "high", "critical", NULL };
static const char *const colors[] = { "auto", "always", "never", NULL };

static const char *const pools[] = { "instance_type", "region", "owner", "fleet", NULL };
static const char *const units[] = { "card", "instance", NULL };
static const char *const demands[] = { "forecast", "history", NULL };
static const char *const gaps[] = { "drop", "keep", NULL };

#define AT(field) offsetof(tt_options, field)

static const struct option options[] = {
	{ TT_OPT_FORMAT, 0, "format", "table|json|csv", WORD, AT(format), formats, 0,
	  "how the result is written (table)" },
	{ TT_OPT_FORMAT_PLAIN, 0, "format", "table|json", WORD, AT(format), plain_formats, 0,
	  "how the result is written (table)" },
	{ TT_OPT_OUT_FILE, 'o', "out", "FILE", TEXT, AT(out), NULL, 0,
	  "the snapshot to write; replaces an old one once it is whole" },
	{ TT_OPT_OUT_FOLDER, 'o', "out", "DIR", TEXT, AT(out), NULL, 0,
	  "also write audit.json, audit.csv and audit.txt into this folder" },
	{ TT_OPT_COMMIT, 0, "once", NULL, FLAG, AT(once), NULL, 0,
	  "one purchase at the window's start for all of it" },
	{ TT_OPT_COMMIT, 0, "replay", NULL, FLAG, AT(replay), NULL, 0,
	  "the last quarters as this planner and others would have bought" },
	{ TT_OPT_COMMIT, 0, "portfolio", NULL, FLAG, AT(portfolio), NULL, 0,
	  "what is held: how well it is used, by whom, and when it ends" },
	{ TT_OPT_COMMIT, 0, "alarm", "RATIO", TEXT, AT(alarm), NULL, 0,
	  "name what is held and used less, with --portfolio (0.75)" },
	{ TT_OPT_COMMIT, 0, "pack", "FILE.html", TEXT, AT(pack), NULL, 0,
	  "with --portfolio: also a page for talks with vendors" },
	{ TT_OPT_COMMIT, 0, "owners", NULL, FLAG, AT(owners), NULL, 0,
	  "name owners in the --pack" },
	{ TT_OPT_COMMIT, 0, "verify", "PLAN.json", TEXT, AT(verify), NULL, 0,
	  "check a plan written with --format json; exit 1 if it fails" },
	{ TT_OPT_COMMIT, 0, "quarters", "N", WHOLE, AT(quarters), NULL, 40,
	  "to plan (as the longest term, at least 8), or replay at most (8)" },
	{ TT_OPT_COMMIT, 0, "demand", "forecast|history", WORD, AT(demand), demands, 0,
	  "of a plan, or of --once and --replay; to be said, not to be chosen" },
	{ TT_OPT_COMMIT, 0, "pool-by", "instance_type|region|owner|fleet", WORD, AT(pool_by),
	  pools, 0, "what one commitment can be for (instance_type)" },
	{ TT_OPT_COMMIT, 0, "unit", "card|instance", WORD, AT(unit), units, 0,
	  "what to commit to where usage is in cards (card)" },
	{ TT_OPT_COMMIT, 0, "gaps", "drop|keep", WORD, AT(gaps), gaps, 0,
	  "hours in which nobody used anything (drop)" },
	{ TT_OPT_COMMIT, 0, "rate-ratio", "R,...", TEXT, AT(rate_ratio), NULL, 0,
	  "committed rates over a price of 1 on demand, not the price book" },
	{ TT_OPT_COMMIT, 0, "offers", "FILE.yaml", TEXT, AT(offers), NULL, 0,
	  "what else can be bought: dated, in lots, in money, in days" },
	{ TT_OPT_COMMIT, 0, "accept", "all|quick_win|ID,...", TEXT, AT(accept), NULL, 0,
	  "plan on demand less what these findings of the audit remove" },
	{ TT_OPT_COMMIT, 0, "scenario", "FILE.yaml", TEXT, AT(scenario), NULL, 0,
	  "plan on demand as the changes of this scenario leave it" },
	{ TT_OPT_COMMIT, 0, "utilization", "RATIO", TEXT, AT(utilization), NULL, 0,
	  "also the most units of which so much is used, and what they cost" },
	{ TT_OPT_COMMIT, 0, "coverage", "RATIO", TEXT, AT(coverage), NULL, 0,
	  "also the fewest units that cover so much, and what they cost" },
	{ TT_OPT_COMMIT, 0, "chart", "FILE.svg", TEXT, AT(chart), NULL, 0,
	  "also draw demand against the ladder into this file" },
	{ TT_OPT_COMMIT, 0, "discount-rate", "R", TEXT, AT(discount_rate), NULL, 0,
	  "a year's interest that paying upfront costs, 0.08: 8 % (0)" },
	{ TT_OPT_COMMIT, 0, "resale-ratio", "R", TEXT, AT(resale_ratio), NULL, 0,
	  "reservations may be sold, for so much of what is left upfront" },
	{ TT_OPT_COMMIT, 0, "risk", NULL, FLAG, AT(risk), NULL, 0,
	  "also what waiting, foresight and freedom to move are worth" },
	{ TT_OPT_COMMIT, 0, "stranded-over", "MONEY", TEXT, AT(stranded_over), NULL, 0,
	  "how likely more than that is stranded (a quarter of what is bought)" },
	{ TT_OPT_COMMIT, 0, "stranding-weight", "W", TEXT, AT(stranding_weight), NULL, 0,
	  "what the worst losses weigh beside the mean saving, 0 to 1 (0)" },
	{ TT_OPT_COMMIT, 0, "stranding-tail", "A", TEXT, AT(stranding_tail), NULL, 0,
	  "these are the worst 1 - A of all (0.9)" },
	{ TT_OPT_COMMIT, 0, "migration-hazard", "H", TEXT, AT(migration_hazard), NULL, 0,
	  "how likely work moves where an offer can't follow, a quarter (0)" },
	{ TT_OPT_CONFIG, 0, "config", "FILE", TEXT, AT(config), NULL, 0,
	  "settings (./trimtab.yaml where that is there)" },
	{ TT_OPT_FLEET, 0, "fleet", "FLEET", TEXT, AT(fleet), NULL, 0,
	  "try it on this fleet too: one that has what it looks for" },
	{ TT_OPT_PLUGINS, 0, "plugins", "DIR", LIST, AT(folders), NULL, AT(n_folders),
	  "load the plugins of this folder too; may be given several times" },
	{ TT_OPT_RULES, 0, "rules", "FILE|DIR", LIST, AT(rules), NULL, AT(n_rules),
	  "an organisation's rules, *.lua; may be given several times" },
	{ TT_OPT_SEED, 0, "seed", "N", WHOLE, AT(seed), NULL, INT64_MAX,
	  "seed of everything random (1)" },
	{ TT_OPT_WORLDS, 0, "worlds", "N", WHOLE, AT(worlds), NULL, INT32_MAX,
	  "the most worlds to sample, a power of two (4096)" },
	{ TT_OPT_WORLD, 0, "explain", "WORLD", TEXT, AT(world), NULL, 0,
	  "show one world hour by hour: point, p10, p50, p90 or a number" },
	{ TT_OPT_THREADS, 0, "threads", "N", WHOLE, AT(threads), NULL, 64,
	  "threads and workers; 0: one for each processor (0)" },
	{ TT_OPT_LENIENT, 0, "lenient", NULL, FLAG, AT(lenient), NULL, 0,
	  "leave out rows that can't be read, count them and go on" },
	{ TT_OPT_STRICT, 0, "strict", NULL, FLAG, AT(strict), NULL, 0,
	  "exit 1 for rejected rows, failed detectors, missing data or prices" },
	{ TT_OPT_FAIL_ON, 0, "fail-on", "low|medium|high|critical", WORD, AT(fail_on),
	  severities, 0, "exit 1 when a finding is at least that severe" },
	{ TT_OPT_COLOR, 0, "color", "auto|always|never", WORD, AT(color), colors, 0,
	  "colours in tables; auto: on a terminal without NO_COLOR (auto)" },
	{ TT_OPT_IN_PROCESS, 0, "in-process", NULL, FLAG, AT(in_process), NULL, 0,
	  "run detectors inside this process, for debugging them" },
	{ TT_OPT_SHARD, 0, "shard", NULL, FLAG, AT(shard), NULL, 0,
	  "write a shard: the rows as they are, for `snapshot merge`" },
	{ TT_OPT_TIMINGS, 0, "timings", NULL, FLAG, AT(timings), NULL, 0,
	  "say how long reading and writing took" },
	{ TT_OPT_QUIET, 'q', "quiet", NULL, FLAG, AT(quiet), NULL, 0,
	  "nothing on stderr but errors" },
	{ TT_OPT_HELP, 'h', "help", NULL, FLAG, AT(help), NULL, 0, "this text" },
	{ TT_OPT_VERSION, 0, "version", NULL, FLAG, AT(version), NULL, 0, "name and version" },
};

enum { N_OPTIONS = sizeof options / sizeof *options };

/* --- Parsing --------------------------------------------------------------------------- */

static const struct option *find(unsigned allowed, const char *name, size_t n)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (options[i].bit & allowed && strlen(options[i].name) == n &&
		    strncmp(options[i].name, name, n) == 0)
			return &options[i];
	return NULL;
}

static const struct option *find_letter(unsigned allowed, char letter)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (options[i].bit & allowed && options[i].letter == letter)
			return &options[i];
	return NULL;
}

static int unknown(const char *name, unsigned allowed, const char *arg, tt_err *err)
{
	const char *words[N_OPTIONS + 1], *near;
	char option[64];
	size_t n = 0;

	snprintf(option, sizeof option, "%.*s", (int)strcspn(arg, "="), arg);
	if (strncmp(arg, "--", 2) == 0 && find(~0u, option + 2, strlen(option + 2)))
		return tt_fail(err, TT_EINVAL, "%s takes no option \"%s\"; `trimtab %s --help` "
		               "names those it takes", name, option, name);
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (options[i].bit & allowed)
			words[n++] = options[i].name;
	words[n] = NULL;
	near = strncmp(arg, "--", 2) == 0 ? tt_nearest_word(option + 2, words) : NULL;
	if (near)
		return tt_fail(err, TT_EINVAL, "unknown option \"%s\"; did you mean \"--%s\"?",
		               option, near);
	return tt_fail(err, TT_EINVAL, "unknown option \"%s\"; `trimtab %s%s--help` names those "
	               "that are known", option, name, *name ? " " : "");
}

static int bad_word(const struct option *o, const char *value, tt_err *err)
{
	const char *near = tt_nearest_word(value, o->words);

	if (near)
		return tt_fail(err, TT_EINVAL, "--%s is \"%.*s\", expected %s; did you mean "
		               "\"%s\"?", o->name, TT_SHOWN(value), o->value, near);
	return tt_fail(err, TT_EINVAL, "--%s is \"%.*s\", expected %s", o->name, TT_SHOWN(value),
	               o->value);
}

static int append(const struct option *o, const char *value, tt_options *to, tt_err *err)
{
	const char **list = (const char **)(void *)((char *)to + o->offset);
	size_t *n = (size_t *)(void *)((char *)to + o->max);

	if (*n == TT_FOLDERS_MAX)
		return tt_fail(err, TT_EINVAL, "--%s is given more than %d times", o->name,
		               TT_FOLDERS_MAX);
	list[(*n)++] = value;
	return TT_OK;
}

static int store(const struct option *o, const char *value, tt_options *to, tt_err *err)
{
	char *field = (char *)to + o->offset;
	int64_t whole;
	size_t i = 0;

	switch (o->kind) {
	case FLAG:
		memcpy(field, &(int){ 1 }, sizeof(int));
		return TT_OK;
	case WORD:
		while (o->words[i] && strcmp(o->words[i], value) != 0)
			i++;
		if (!o->words[i])
			return bad_word(o, value, err);
		memcpy(field, &value, sizeof value);
		return TT_OK;
	case TEXT:
		if (!*value)
			return tt_fail(err, TT_EINVAL, "--%s is empty, expected %s", o->name,
			               o->value);
		memcpy(field, &value, sizeof value);
		return TT_OK;
	case LIST:
		return append(o, value, to, err);
	case WHOLE:
		break;
	}
	if (!tt_parse_i64(value, strlen(value), &whole) || whole < 0 || whole > o->max)
		return tt_fail(err, TT_EINVAL, "--%s is \"%.*s\", expected a whole number from 0 "
		               "to %" PRId64, o->name, TT_SHOWN(value), o->max);
	memcpy(field, &whole, sizeof whole);
	return TT_OK;
}

/* Parse the option at argv[*i], which may take argv[*i + 1] as its value. */
static int parse_option(const char *name, unsigned allowed, int argc, char *const *argv, int *i,
                        tt_options *to, tt_err *err)
{
	const char *arg = argv[*i], *value = NULL;
	const struct option *o;

	if (arg[1] == '-') {
		size_t n = strcspn(arg + 2, "=");

		o = find(allowed, arg + 2, n);
		if (arg[2 + n] == '=')
			value = arg + 3 + n;
	} else {
		o = find_letter(allowed, arg[1]);
		if (arg[2])
			value = arg + 2;
	}
	if (!o)
		return unknown(name, allowed, arg, err);
	if (o->kind == FLAG && value)
		return tt_fail(err, TT_EINVAL, "--%s takes no value", o->name);
	if (o->kind != FLAG && !value) {
		if (*i + 1 >= argc)
			return tt_fail(err, TT_EINVAL, "--%s needs a value: %s", o->name, o->value);
		value = argv[++*i];
	}
	return store(o, value, to, err);
}

int tt_options_parse(const char *name, unsigned allowed, int argc, char *const *argv,
                     tt_options *ret, tt_err *err)
{
	tt_options to = { .format = "table", .color = "auto", .pool_by = "instance_type",
		.unit = "card", .gaps = "drop", .seed = 1,
		          .worlds = 4096 };
	int only_args = 0;

	for (int i = 0; i < argc; i++) {
		if (!only_args && strcmp(argv[i], "--") == 0) {
			only_args = 1;
		} else if (!only_args && argv[i][0] == '-' && argv[i][1]) {
			TT_TRY(parse_option(name, allowed, argc, argv, &i, &to, err));
		} else if (to.n_args == TT_ARGS_MAX) {
			return tt_fail(err, TT_EINVAL, "too many arguments: \"%.*s\"",
			               TT_SHOWN(argv[i]));
		} else {
			to.args[to.n_args++] = argv[i];
		}
	}
	*ret = to;
	return TT_OK;
}

int tt_options_leading(int argc, char *const *argv)
{
	int n = 0;

	while (n < argc && argv[n][0] == '-' && argv[n][1] && strcmp(argv[n], "--") != 0) {
		const char *arg = argv[n++];
		size_t len = arg[1] == '-' ? strcspn(arg + 2, "=") : 1;
		const struct option *o = arg[1] == '-' ? find(~0u, arg + 2, len)
			: find_letter(~0u, arg[1]);
		int has_value = arg[1] == '-' ? arg[2 + len] != '\0' : arg[2] != '\0';

		if (!o)
			return argc; /* nobody can tell whether a value follows */
		if (o->kind != FLAG && !has_value && n < argc)
			n++;
	}
	return n;
}

/* --- Help ------------------------------------------------------------------------------- */

void tt_options_help(unsigned allowed, tt_buf *out)
{
	enum { HELP_COLUMN = 33 };

	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct option *o = &options[i];
		char head[80];

		if (!(o->bit & allowed))
			continue;
		snprintf(head, sizeof head, "  %c%c%c --%s%s%s", o->letter ? '-' : ' ',
		         o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name,
		         o->value ? " " : "", o->value ? o->value : "");
		if (strlen(head) < HELP_COLUMN)
			tt_buf_printf(out, "%-*s%s\n", HELP_COLUMN, head, o->help);
		else
			tt_buf_printf(out, "%s\n%*s%s\n", head, HELP_COLUMN, "", o->help);
	}
}
