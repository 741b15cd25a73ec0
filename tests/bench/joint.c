/* joint.c - how long an audit's plan takes, of points and in 4,096 worlds (all of them: it
 * does not stop when they are enough). Prints medians in milliseconds.
 *
 *   joint SNAPSHOT.tt PLUGINS-FOLDER RUNS */
#include "host/detect.h"
#include "rank/plan.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void must(int rc, const tt_err *err)
{
	if (rc < 0) {
		fprintf(stderr, "joint: %s\n", err->text);
		exit(1);
	}
}

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct fleet {
	tt_snapshot *s;
	tt_settings *settings;
	tt_plugins *plugins;
	tt_case baseline;
	tt_bill *bill;
	tt_findings *findings;
	int runs;
};

/* Median time of a plan; the last of them. */
static double time_plan(const struct fleet *f, const tt_plan_options *o, double *room,
			tt_plan **ret)
{
	tt_err err = { 0 };

	*ret = NULL;
	for (int i = 0; i < f->runs; i++) {
		tt_plan_freep(ret);
		const double t = now_ms();
		must(tt_plan_make(f->bill, f->settings, f->findings, o, ret, &err), &err);
		room[i] = now_ms() - t;
	}
	qsort(room, (size_t)f->runs, sizeof *room, ascending);
	return room[f->runs / 2];
}

static void open_fleet(struct fleet *f, const char *path, const char *folder)
{
	const char *folders[] = { folder, NULL };
	const tt_detect_options d = { .workers = 2 };
	tt_err err = { 0 };

	must(tt_snapshot_load(path, &f->s, &err), &err);
	must(tt_settings_load(NULL, &f->settings, &err), &err);
	must(tt_plugins_load(folders, &f->plugins, &err), &err);
	tt_case_init(&f->baseline, f->s, f->settings);
	must(tt_bill_make(&f->baseline, f->settings, &f->bill, &err), &err);
	must(tt_detect(f->plugins, f->s, f->bill, f->settings, &d, &f->findings, &err), &err);
}

int main(int argc, char **argv)
{
	struct fleet f = { .runs = argc == 4 ? atoi(argv[3]) : 0 };
	double *room;

	if (f.runs < 1) {
		fputs("usage: joint SNAPSHOT.tt PLUGINS-FOLDER RUNS\n", stderr);
		return 2;
	}
	open_fleet(&f, argv[1], argv[2]);
	if (!(room = calloc((size_t)f.runs, sizeof *room)))
		return 4;
	printf("nodes=%zu findings=%zu", f.s->table[TT_NODES].n, f.findings->n);
	for (int threads = 0; threads <= 2; threads++) {
		const tt_plan_options o = { .seed = 1, .most_worlds = threads ? 4096 : 0,
					    .threads = threads };
		tt_plan *p;
		const double ms = time_plan(&f, &o, room, &p);

		if (threads)
			printf(" worlds=%zu threads_%d_ms=%.3f", p->worlds.n, threads, ms);
		else
			printf(" steps=%zu points_ms=%.3f", p->n_steps, ms);
		tt_plan_free(p);
	}
	putchar('\n');
	free(room);
	tt_findings_free(f.findings);
	tt_bill_free(f.bill);
	tt_plugins_free(f.plugins);
	tt_settings_free(f.settings);
	tt_snapshot_close(f.s);
	return 0;
}
