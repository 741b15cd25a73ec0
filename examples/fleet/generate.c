/* generate.c - trimtab-example-fleet: writes a made-up fleet as a snapshot folder.
 *
 * The folder is written under another name beside its own and renamed at the end, so that it
 * is whole or absent. It depends on nothing but the C library. */
#include "plan.h"
#include "tables.h"
#include "usage.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_USAGE 2
#define EXIT_INTERNAL 4

static const char usage_text[] =
	"Usage: trimtab-example-fleet [OPTION]... OUT_FOLDER\n"
	"Write a made-up GPU fleet with planted waste, and truth.yaml that says where.\n"
	"\n"
	"  --gpus N   cards that stand all the time, 64..20000 (256)\n"
	"  --days N   length of the window from Monday 2026-01-05, 1..366 (14)\n"
	"  --step S   seconds between two readings of a card, 10..3600 (300)\n"
	"  --seed N   another fleet of the same kind (1)\n"
	"  --clean    without the planted waste\n"
	"  --every-kind  more kinds of waste: all that detectors can say of such a fleet\n"
	"  --help     this text\n"
	"\n"
	"The same arguments give the same bytes.\n"
	"\n"
	"Example: trimtab-example-fleet --gpus 128 --days 7 --seed 3 /tmp/fleet\n"
	"         trimtab audit /tmp/fleet\n";

/* Tell "what value: why", without the parts that are NULL; returns `status`. */
static int fail(int status, const char *what, const char *value, const char *why)
{
	fprintf(stderr, "trimtab-example-fleet: %s%s%s%s%s\n", what, value ? " " : "",
		value ? value : "", why ? ": " : "", why ? why : "");
	return status;
}

static bool parse_number(const char *s, int64_t low, int64_t high, int64_t *ret)
{
	int64_t v = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || v > (INT64_MAX - 9) / 10)
			return false;
		v = v * 10 + (*s - '0');
	}
	if (v < low || v > high)
		return false;
	*ret = v;
	return true;
}

/* Returns 0, or the exit status with the reason told. */
static int parse_arguments(int argc, char **argv, struct options *o)
{
	struct { const char *name, *want; int64_t low, high, *ret; } numbers[] = {
		{ "--gpus", "expected a whole number from 64 to 20000", 64, 20000, &o->gpus },
		{ "--days", "expected a whole number from 1 to 366", 1, 366, &o->days },
		{ "--step", "expected a whole number from 10 to 3600", 10, 3600, &o->step_s },
		{ "--seed", "expected a whole number", 0, INT64_MAX / 2, &o->seed },
	};
	const size_t n = sizeof numbers / sizeof *numbers;

	for (int i = 1; i < argc; i++) {
		size_t k = 0;

		while (k < n && strcmp(argv[i], numbers[k].name) != 0)
			k++;
		if (k < n) {
			const char *value = i + 1 < argc ? argv[++i] : "";

			if (!parse_number(value, numbers[k].low, numbers[k].high, numbers[k].ret))
				return fail(EXIT_USAGE, numbers[k].name, value, numbers[k].want);
		} else if (strcmp(argv[i], "--clean") == 0) {
			o->clean = true;
		} else if (strcmp(argv[i], "--every-kind") == 0) {
			o->every_kind = true;
		} else if (argv[i][0] == '-') {
			return fail(EXIT_USAGE, "unknown option", argv[i], "try --help");
		} else if (o->folder) {
			return fail(EXIT_USAGE, "expected one folder, found also", argv[i], NULL);
		} else {
			o->folder = argv[i];
		}
	}
	if (!o->folder || !*o->folder)
		return fail(EXIT_USAGE, "no OUT_FOLDER given", NULL, "try --help");
	return 0;
}

static void plan(struct fleet *f, const struct options *o)
{
	*f = (struct fleet){ .o = *o, .start_s = WINDOW_START_S,
		.end_s = WINDOW_START_S + o->days * DAY_S };

	void (*const steps[])(struct fleet *) = { plan_nodes, plan_training, plan_weekend,
		plan_batch, plan_serving, plan_sides, plan_kinds, plan_lab, plan_system,
		truth_complete };

	for (size_t i = 0; i < sizeof steps / sizeof *steps && !f->failed; i++)
		steps[i](f);
}

static const struct {
	const char *name;
	void (*write)(const struct fleet *f, struct out *o);
} files[] = {
	{ "snapshot.yaml", table_snapshot },
	{ "nodes.csv", table_nodes },
	{ "pods.csv", table_pods },
	{ "node_groups.csv", table_node_groups },
	{ "workloads.csv", table_workloads },
	{ "prices.csv", market_prices },
	{ "commitments.csv", market_commitments },
	{ "spot_availability.csv", market_spot },
	{ "quotas.csv", market_quotas },
	{ "budgets.csv", market_budgets },
	{ "volumes.csv", market_volumes },
	{ "charges.csv", charges_write },
	{ "gpu_usage.csv", usage_cards },
	{ "node_usage.csv", usage_nodes },
	{ "traffic.csv", usage_traffic },
	{ "revenue.csv", usage_revenue },
	{ "truth.yaml", truth_write },
};
#define N_FILES (sizeof files / sizeof *files)

static int write_files(const struct fleet *f, const char *folder)
{
	for (size_t i = 0; i < N_FILES; i++) {
		struct out o;

		if (out_open(&o, folder, files[i].name))
			files[i].write(f, &o);
		if (!out_close(&o))
			return fail(EXIT_INTERNAL, "cannot write", o.path, strerror(o.error));
	}
	return 0;
}

static void discard(const char *folder)
{
	char path[4200];

	for (size_t i = 0; i < N_FILES; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
		unlink(path);
	}
	rmdir(folder);
}

/* NULL where nothing is, or an empty folder that rename() may replace; else why not. */
static const char *obstacle(const char *folder)
{
	DIR *d = opendir(folder);
	int n = 0;

	if (!d && errno == ENOENT)
		return NULL;
	if (!d)
		return errno == ENOTDIR ? "is a file" : strerror(errno);
	while (readdir(d))
		n++;
	closedir(d);
	return n > 2 ? "is there already and is not empty" : NULL; /* . and .. */
}

static int publish(const struct fleet *f)
{
	char final[4000], partial[4064];
	size_t n = strlen(f->o.folder);

	while (n > 1 && f->o.folder[n - 1] == '/')
		n--;
	if (n >= sizeof final)
		return fail(EXIT_USAGE, "OUT_FOLDER", NULL, "longer than 3999 bytes");
	memcpy(final, f->o.folder, n);
	final[n] = '\0';

	const char *why = obstacle(final);

	if (why)
		return fail(EXIT_USAGE, final, NULL, why);
	snprintf(partial, sizeof partial, "%s.partial-%ld", final, (long)getpid());
	if (mkdir(partial, 0777) != 0)
		return fail(EXIT_INTERNAL, "cannot create", partial, strerror(errno));

	int status = write_files(f, partial);

	if (status == 0 && rename(partial, final) != 0)
		status = fail(EXIT_INTERNAL, "cannot create", final, strerror(errno));
	if (status != 0)
		discard(partial);
	return status;
}

int main(int argc, char **argv)
{
	struct options o = { .gpus = 256, .days = 14, .step_s = 300, .seed = 1 };
	struct fleet f;

	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return fputs(usage_text, stdout) < 0 || fflush(stdout) != 0 ?
				EXIT_INTERNAL : 0;

	int status = parse_arguments(argc, argv, &o);

	if (status != 0)
		return status;
	plan(&f, &o);
	status = f.failed ? fail(EXIT_INTERNAL, "out of memory", NULL, NULL) : publish(&f);
	fleet_free(&f);
	return status;
}
