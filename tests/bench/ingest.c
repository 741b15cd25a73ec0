/* ingest.c - build a snapshot of a folder and say how long reading to the answers and
 * writing the file took, apart, with the memory each needed. Then, outside of those
 * times, load it and print sums of what it answers, so that a rival's answers can be
 * held against them: the line "check". */
#include "base/file.h"
#include "base/memory.h"
#include "snapshot/builder.h"
#include "snapshot/snapshot.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const char *const tables[] = { "nodes", "pods", "gpu_usage" };

static long peak_kib(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return use.ru_maxrss;
}

/* Called for every block that is read, the last time at the end of the file. */
static void note_peak(void *ctx, const char *file, int64_t done_bytes, int64_t all_bytes)
{
	long *peak = ctx;

	(void)file;
	(void)done_bytes;
	(void)all_bytes;
	*peak = peak_kib();
}

static int build(const char *folder, const char *out, int threads, tt_build_times *ret,
                 long *ret_read_peak_kib, tt_err *err)
{
	const tt_build_options options = { .threads = threads, .progress = note_peak,
		.progress_ctx = ret_read_peak_kib };
	tt_builder *b = NULL;
	char path[4096];
	int rc = tt_builder_open(out, &options, &b, err);

	if (rc == TT_OK)
		rc = tt_path_join(folder, "snapshot.yaml", path, sizeof path, err);
	if (rc == TT_OK)
		rc = tt_builder_window(b, path, err);
	for (size_t i = 0; rc == TT_OK && i < sizeof tables / sizeof *tables; i++) {
		snprintf(path, sizeof path, "%s/%s.csv", folder, tables[i]);
		if (tt_is_file(path))
			rc = tt_builder_read_csv(b, path, tables[i], NULL, 0, err);
	}
	if (rc == TT_OK)
		rc = tt_builder_finish(b, ret, err);
	tt_builder_close(b);
	return rc;
}

typedef struct sums {
	int64_t series, n, hours, readings;
	double mean, max, p50, p95, p99, hour_mean, hour_max, hour_p95;
} sums;

static int add_card(const tt_snapshot *s, const tt_carrier *c, tt_hour *hours, sums *to,
                    tt_err *err)
{
	const tt_measure *m = tt_snapshot_measure(s, c, TT_GPU_UTIL_PCT);
	tt_stats stats;

	if (!m)
		return TT_OK;
	TT_TRY(tt_measure_stats(m, &stats, err));
	TT_TRY(tt_measure_hourly(s, m, hours, err));
	to->series++;
	to->n += stats.n;
	to->mean += stats.mean;
	to->max += stats.max;
	to->p50 += stats.p50;
	to->p95 += stats.p95;
	to->p99 += stats.p99;
	for (size_t i = 0; i < tt_snapshot_hours(s); i++) {
		if (hours[i].seconds == 0)
			continue;
		to->hours++;
		to->hour_mean += hours[i].mean;
		to->hour_max += hours[i].max;
		to->hour_p95 += hours[i].p95;
	}
	return TT_OK;
}

static int check(const char *path, sums *ret, tt_err *err)
{
	tt_snapshot *s = NULL;
	int rc = tt_snapshot_load(path, &s, err);
	tt_hour *hours = rc == TT_OK ? tt_alloc(tt_snapshot_hours(s) * sizeof *hours) : NULL;

	if (rc == TT_OK && !hours)
		rc = tt_fail(err, TT_ENOMEM, "out of memory");
	for (size_t i = 0; rc == TT_OK && i < s->n_cards; i++)
		rc = add_card(s, &s->carriers[i], hours, ret, err);
	for (size_t i = 0; rc == TT_OK && i < s->n_measures; i++)
		ret->readings += s->measures[i].n;
	tt_free(hours);
	tt_snapshot_close(s);
	return rc;
}

int main(int argc, char **argv)
{
	long threads = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
	tt_build_times times = { 0, 0 };
	tt_err err = { .status = TT_OK };
	sums sum = { .series = 0 };
	struct rusage use;
	struct stat st;
	long read_peak_kib = 0;

	if (threads < 1) {
		fprintf(stderr, "usage: ingest FOLDER OUT.tt THREADS\n");
		return 2;
	}
	int rc = build(argv[1], argv[2], (int)threads, &times, &read_peak_kib, &err);
	getrusage(RUSAGE_SELF, &use);
	if (rc == TT_OK)
		rc = check(argv[2], &sum, &err);
	if (rc < 0 || stat(argv[2], &st) != 0) {
		fprintf(stderr, "ingest: %s\n", err.text);
		return 3;
	}
	printf("answers_s=%.4f write_s=%.4f build_cpu_s=%.4f read_peak_kib=%ld build_peak_kib=%ld "
	       "file_bytes=%lld readings=%lld\n", times.answers_s, times.write_s,
	       (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6, read_peak_kib,
	       use.ru_maxrss,
	       (long long)st.st_size, (long long)sum.readings);
	printf("check series=%lld n=%lld mean=%.4f max=%.1f p50=%.1f p95=%.1f p99=%.1f hours=%lld "
	       "hour_mean=%.1f hour_max=%.1f hour_p95=%.1f\n", (long long)sum.series,
	       (long long)sum.n, sum.mean, sum.max, sum.p50, sum.p95, sum.p99,
	       (long long)sum.hours, sum.hour_mean, sum.hour_max, sum.hour_p95);
	return 0;
}
