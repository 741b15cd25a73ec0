/* commands.c - see command.h. */
#include "cli/command.h"
#include "base/near.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMON (TT_OPT_QUIET | TT_OPT_HELP | TT_OPT_VERSION)
#define READING (TT_OPT_PLUGINS | TT_OPT_THREADS | TT_OPT_LENIENT)

const tt_command tt_commands[] = {
	{ .name = "audit", .args = "FLEET", .n_args = 1, .run = tt_cmd_audit,
	  .summary = "where the money of a fleet goes, and what to do first",
	  .text = "FLEET is a snapshot file, or a folder that a source plugin reads: snapshot.yaml "
	          "beside\nnodes.csv, pods.csv, gpu_usage.csv, prices.csv and more, each of them "
	          "optional.\n\nThe bill is split into five buckets, to the micro-unit. Detectors "
	          "propose changes; every\nchange is priced as the difference of two bills, and "
	          "the plan as all of them together.\nSavings are P50, P10 and P90 over sampled "
	          "months that are made of the measured weeks; what is\nnot sure to save is left "
	          "out. With --worlds 0 they are those of the window alone.\n",
	  .example = "  trimtab audit fleet/\n"
	             "  trimtab audit fleet/ --format json | jq .plan.saving_per_month\n"
	             "  trimtab audit fleet.db --out report/ --fail-on critical\n",
	  .options = COMMON | READING | TT_OPT_FORMAT | TT_OPT_OUT_FOLDER | TT_OPT_CONFIG |
	             TT_OPT_SEED | TT_OPT_WORLDS | TT_OPT_STRICT | TT_OPT_FAIL_ON |
	             TT_OPT_COLOR | TT_OPT_IN_PROCESS | TT_OPT_RULES },
	{ .name = "explain", .args = "FLEET ID", .n_args = 2, .run = tt_cmd_explain,
	  .summary = "why a finding is there, and where its numbers come from",
	  .text = "ID is the id of a finding in the audit, or as much of its start, or of its "
	          "part after the\n\"-\", as no other has. Shown are the evidence, the rule with "
	          "its numbers, the course of what\nwas measured, tables and prices behind it, "
	          "whose it is, and what the change does.\n",
	  .example = "  trimtab explain fleet/ idle_gpu-1f3a9c2e4b7d\n"
	             "  trimtab explain fleet.db 1f3a --format json | jq .rule.grounds\n",
	  .options = COMMON | READING | TT_OPT_FORMAT_PLAIN | TT_OPT_CONFIG | TT_OPT_SEED |
	             TT_OPT_WORLDS | TT_OPT_COLOR | TT_OPT_IN_PROCESS | TT_OPT_RULES },
	{ .name = "simulate", .args = "FLEET SCENARIO.yaml", .n_args = 2, .run = tt_cmd_simulate,
	  .summary = "what a scenario's changes would really save, and how surely",
	  .text = "SCENARIO.yaml says what would be changed, what is assumed about the future and "
	          "for how long;\nscenarios/ has some to start from. Fleet and changed fleet are "
	          "priced side by side in many\nsampled worlds: shown are baseline, after and "
	          "saving as P10, P50 and P90, the probability of\na loss, what service suffers, "
	          "and what each change saves alone and in the set.\n\n"
	          "Sampling stops at --worlds, or as soon as the mean saving is known to 1 %. The "
	          "same seed gives\nthe same bytes, for any number of threads.\n\n"
	          "--explain shows what a range is made of, one world: which of the changes are "
	          "taken up in it and\nwhen, and fleet and changed fleet hour by hour. In point "
	          "all that is assumed is at its median;\np10, p50 and p90 are the first whose "
	          "saving is that quantile.\n",
	  .example = "  trimtab simulate fleet/ scenarios/spot-training.yaml\n"
	             "  trimtab simulate fleet.db mine.yaml --format json | jq .saving_per_month\n"
	             "  trimtab simulate fleet.db mine.yaml --explain p10\n",
	  .options = COMMON | READING | TT_OPT_FORMAT | TT_OPT_CONFIG | TT_OPT_SEED |
	             TT_OPT_WORLDS | TT_OPT_WORLD | TT_OPT_COLOR },
	{ .name = "commit", .args = "FLEET", .n_args = 1, .run = tt_cmd_commit,
	  .summary = "how much of the usage to commit to, and when",
	  .text = "What to buy in each of the next quarters, pool by pool: demand is forecast from "
	          "the window, what\nis held counts to the end of its terms, and the ladder of "
	          "purchases is exact on that, with a proof\nthat --format json carries. "
	          "The plan is then priced in sampled worlds, and what is to be bought now is\n"
	          "looked at by itself: when it has paid, and what a fall in demand would do. A "
	          "stranding weight lets\nthe worst losses choose how much is bought, beside the "
	          "mean saving.\n\n"
	          "Demand is gross where nothing else is said. With --accept an audit is made, and "
	          "what its findings\nremove is taken off: all of its plan, one wave of it "
	          "(quick_win, medium, long), or the findings with\nthese ids. With --scenario the "
	          "changes of a scenario are: dates count, and a move lowers one pool and\nraises "
	          "another.\n\n"
	          "With --verify: whether such a plan is what it says: its cost is that of its "
	          "purchases on this\nfleet, and its certificate proves that none costs less. "
	          "Nothing is searched for; options are those\nof the plan.\n\n"
	          "With --once: one purchase at the start of the window for all of it, as if its "
	          "usage had been\nknown. Usage is that of demand.csv, else the lives of nodes "
	          "that are on demand or reserved;\nwhat commitments cover that are held is taken "
	          "off first. For each pool and offer of prices.csv\nthe number of units that "
	          "costs least is found by the layer rule, exactly, and what it costs, how\n"
	          "much of it is used and how much it covers.\n\n"
	          "With --replay: the last quarters of the window again, up to eight, with "
	          "commitments bought at the\nstart of each as this planner, the advisors of "
	          "clouds, or somebody who had known it all would\nhave bought them; what each "
	          "would have saved.\n\n"
	          "With --portfolio: what is held, metered as in the bill: how well it is used by "
	          "hour and by whom,\nand how much is covered of what it is for. Kinds that are "
	          "used less than --alarm are named; the\nexit status stays 0. Work on demand "
	          "elsewhere that could use what is idle is shown as changes, each\npriced on the "
	          "bill; then when what is held ends. --pack also writes a page for talks with "
	          "vendors.\n\n"
	          "A pool is what one commitment can be for; cards and instances are never added "
	          "up. Hours in\nwhich nobody used anything are taken for gaps in what was "
	          "collected.\n",
	  .example = "  trimtab commit fleet/\n"
	             "  trimtab commit fleet.db --quarters 4 --format csv\n"
	             "  trimtab commit fleet/ --accept quick_win\n"
	             "  trimtab commit fleet/ --risk --stranding-weight 0.25 --chart demand.svg\n"
	             "  trimtab commit fleet.db --format json >plan.json; "
	             "trimtab commit fleet.db --verify plan.json\n"
	             "  trimtab commit fleet/ --offers examples/offers.yaml\n"
	             "  trimtab commit history.db --replay --pool-by region\n"
	             "  trimtab commit fleet/ --portfolio --alarm 0.8 --pack talks.html\n"
	             "  trimtab commit fleet/ --once --unit instance --utilization 0.95\n"
	             "  trimtab commit fleet/ --once --pool-by region --rate-ratio 0.63,0.35\n",
	  .options = COMMON | READING | TT_OPT_FORMAT | TT_OPT_COMMIT | TT_OPT_CONFIG |
	             TT_OPT_SEED | TT_OPT_WORLDS | TT_OPT_COLOR },
	{ .name = "snapshot build", .args = "FLEET -o FILE", .n_args = 1,
	  .run = tt_cmd_snapshot_build,
	  .summary = "read a fleet once, into one file that every command takes",
	  .text = "The file is a SQLite database with views to look into it; "
	          "core/snapshot/README.md describes\nthem. It is written beside FILE and "
	          "renamed, so FILE is always whole.\n",
	  .example = "  trimtab snapshot build fleet/ -o fleet.db\n"
	             "  trimtab snapshot build january/ -o january.shard --shard\n",
	  .options = COMMON | READING | TT_OPT_OUT_FILE | TT_OPT_TIMINGS | TT_OPT_SHARD },
	{ .name = "snapshot merge", .args = "SHARD... -o FILE", .n_args = 1, .more_args = 1,
	  .run = tt_cmd_snapshot_merge,
	  .summary = "join parts of a fleet into the snapshot of the whole",
	  .text = "SHARD is a file made with `trimtab snapshot build --shard`, or a folder. A "
	          "fleet can be cut by\ntime, by node or in any other way; joined, in any order, "
	          "its shards give the snapshot that\nall rows in one folder would have given. A "
	          "row that several shards have counts once; rows\nthat contradict each other are "
	          "refused, or with --lenient left out and counted.\n\n"
	          "A shard holds rows and no answers; no other command takes one.\n",
	  .example = "  trimtab snapshot merge january.shard february.shard -o fleet.db\n"
	             "  trimtab snapshot merge regions/*/ -o fleet.db\n",
	  .options = COMMON | READING | TT_OPT_OUT_FILE | TT_OPT_TIMINGS },
	{ .name = "snapshot info", .args = "FLEET", .n_args = 1, .run = tt_cmd_snapshot_info,
	  .summary = "what a fleet's snapshot holds: window, tables, metrics",
	  .text = "",
	  .example = "  trimtab snapshot info fleet.db\n",
	  .options = COMMON | READING | TT_OPT_FORMAT_PLAIN | TT_OPT_COLOR },
	{ .name = "snapshot check", .args = "FLEET", .n_args = 1, .run = tt_cmd_snapshot_check,
	  .summary = "read all of a fleet or a snapshot file and say whether it is sound",
	  .text = "Exits 0 when it is; else 3, with one line that says where and why not.\n",
	  .example = "  trimtab snapshot check fleet/\n",
	  .options = COMMON | READING },
	{ .name = "rules check", .args = "FILE|FOLDER...", .n_args = 1, .more_args = 1,
	  .run = tt_cmd_rules_check,
	  .summary = "whether an organisation's rules can be loaded, and what they are",
	  .text = "Each file is loaded by itself and its rules are listed: line, kind, id and what "
	          "each is for.\nA field that a kind does not have is an error with a suggestion; "
	          "what a function does with a\nfleet is found by `trimtab audit --rules`. "
	          "Exits 1 if something can't be loaded.\n",
	  .example = "  trimtab rules check rules.lua ours/\n",
	  .options = COMMON },
	{ .name = "plugins list", .args = "", .n_args = 0, .run = tt_cmd_plugins_list,
	  .summary = "the detectors and sources that were found",
	  .text = "What was refused is said on stderr, each with its reason.\n",
	  .example = "  trimtab plugins list --plugins ./build\n",
	  .options = COMMON | TT_OPT_PLUGINS },
	{ .name = "plugins describe", .args = "ID", .n_args = 1, .run = tt_cmd_plugins_describe,
	  .summary = "a plugin's scope, needs and parameters",
	  .text = "",
	  .example = "  trimtab plugins describe idle_gpu\n",
	  .options = COMMON | TT_OPT_PLUGINS },
	{ .name = "plugins check", .args = "FILE", .n_args = 1, .run = tt_cmd_plugins_check,
	  .summary = "whether a plugin keeps to the contract, by trying it on made-up fleets",
	  .text = "A detector is called with fleets that are empty, of one card, all missing and "
	          "random; with\nits defaults, each parameter at both bounds, and all of them "
	          "together; twice; with memory\nrefused; cancelled; and two at once. A source is "
	          "asked what it reads. Each check is a process\nof its own, so a crash is a "
	          "verdict. Exits 0 when none failed, 1 when one did.\n\nMade-up fleets seldom "
	          "have what a rule looks for: --fleet FLEET is tried as well. That what it\n"
	          "notices is true is for its own test to show.\n",
	  .example = "  trimtab plugins check build/my_detector.so --fleet fleet/\n",
	  .options = COMMON | READING | TT_OPT_FLEET | TT_OPT_COLOR },
	{ .name = NULL },
};

/* --- Finding ------------------------------------------------------------------------------ */

/* How many of argv the name takes, 0 when it is not this command. */
static int words_of(const tt_command *c, int argc, char *const *argv)
{
	const char *rest = c->name;
	int n = 0;

	while (*rest) {
		size_t len = strcspn(rest, " ");

		if (n == argc || strlen(argv[n]) != len || strncmp(argv[n], rest, len) != 0)
			return 0;
		n++;
		rest += len + (rest[len] == ' ');
	}
	return n;
}

const tt_command *tt_command_find(int argc, char *const *argv, int *ret_words)
{
	for (const tt_command *c = tt_commands; c->name; c++) {
		*ret_words = words_of(c, argc, argv);
		if (*ret_words)
			return c;
	}
	return NULL;
}

/* What may follow `group`, as "build, info, check"; "" when it is no group. */
static const char *list_of(const char *group, char *buf, size_t size)
{
	size_t len = strlen(group), n = 0;

	buf[0] = '\0';
	for (const tt_command *c = tt_commands; c->name && n < size; c++)
		if (strncmp(c->name, group, len) == 0 && c->name[len] == ' ')
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "",
			                      c->name + len + 1);
	return buf;
}

int tt_command_unknown(int argc, char *const *argv, tt_err *err)
{
	static const char *const firsts[] = { "audit", "explain", "simulate", "snapshot",
		                              "plugins", "help", NULL };
	char list[128];
	const char *near;

	if (*list_of(argv[0], list, sizeof list)) {
		if (argc < 2 || argv[1][0] == '-')
			return tt_fail(err, TT_EINVAL, "%s needs one of: %s", argv[0], list);
		return tt_fail(err, TT_EINVAL, "%s has no \"%.*s\", only: %s", argv[0],
		               TT_SHOWN(argv[1]), list);
	}
	near = tt_nearest_word(argv[0], firsts);
	if (near)
		return tt_fail(err, TT_EINVAL, "unknown command \"%.*s\"; did you mean \"%s\"?",
		               TT_SHOWN(argv[0]), near);
	return tt_fail(err, TT_EINVAL, "unknown command \"%.*s\"; `trimtab --help` names them all",
	               TT_SHOWN(argv[0]));
}

/* --- Help ----------------------------------------------------------------------------------- */

void tt_help(tt_buf *out)
{
	tt_buf_puts(out, "trimtab finds the waste in a GPU fleet and prices every remedy.\n"
	                 "\nUsage: trimtab COMMAND [OPTIONS] [ARGUMENTS]\n\nCommands:\n");
	for (const tt_command *c = tt_commands; c->name; c++)
		tt_buf_printf(out, "  %-20s%s\n", c->name, c->summary);
	tt_buf_puts(out, "  help COMMAND        the same as COMMAND --help\n"
	                 "\nOptions of all:\n");
	tt_options_help(TT_OPT_QUIET | TT_OPT_HELP | TT_OPT_VERSION, out);
	tt_buf_puts(out, "\nExample:\n  trimtab audit fleet/\n"
	                 "\nResults go to stdout, everything else to stderr. Exit status: 0 done, "
	                 "1 a negative verdict\n(--fail-on, --strict), 2 wrong command line, "
	                 "3 input that can't be read, 4 internal failure.\n");
}

int tt_help_group(const char *group, tt_buf *out)
{
	char list[128];
	size_t len = strlen(group);

	if (!*list_of(group, list, sizeof list))
		return 0;
	tt_buf_printf(out, "Usage: trimtab %s COMMAND [OPTIONS] [ARGUMENTS]\n\nCommands:\n", group);
	for (const tt_command *c = tt_commands; c->name; c++)
		if (strncmp(c->name, group, len) == 0 && c->name[len] == ' ')
			tt_buf_printf(out, "  %-20s%s\n", c->name, c->summary);
	tt_buf_printf(out, "\nExample:\n  trimtab %s %.*s --help\n", group,
	              (int)strcspn(list, ","), list);
	return 1;
}

void tt_help_command(const tt_command *c, tt_buf *out)
{
	tt_buf_printf(out, "trimtab %s: %s\n\nUsage: trimtab %s [OPTIONS]%s%s\n", c->name,
	              c->summary, c->name, *c->args ? " " : "", c->args);
	if (*c->text)
		tt_buf_printf(out, "\n%s", c->text);
	tt_buf_puts(out, "\nOptions:\n");
	tt_options_help(c->options, out);
	tt_buf_printf(out, "\nExample:\n%s", c->example);
}

/* --- Output ----------------------------------------------------------------------------------- */

int tt_print(const tt_buf *b, tt_err *err)
{
	if (b->failed)
		return tt_fail(err, TT_ENOMEM, "writing the result: %s", tt_status_text(TT_ENOMEM));
	if (fwrite(tt_buf_text(b), 1, b->n, stdout) != b->n || fflush(stdout) != 0)
		return tt_fail(err, TT_EIO, "stdout: %s", strerror(errno));
	return TT_OK;
}

void tt_remark(const tt_options *o, const char *fmt, ...)
{
	va_list ap;

	if (o->quiet)
		return;
	fputs("trimtab: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int tt_wants_color(const tt_options *o)
{
	const char *no = getenv("NO_COLOR");

	if (strcmp(o->color, "auto") != 0)
		return strcmp(o->color, "always") == 0;
	return isatty(STDOUT_FILENO) && !(no && *no);
}
