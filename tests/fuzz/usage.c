/* usage.c - gpu_usage.csv from any bytes, with one thread and with three: the same
 * status, the same message, the same file. The first byte says how: bit 0 lenient,
 * bit 1 a step is given, bit 2 there is no nodes.csv, bit 3 the window is of one
 * second. */
#include "fuzz.h"
#include "snapshot/builder.h"
#include "snapshot/snapshot.h"
#include <sys/stat.h>

static const char nodes[] =
	"node,gpu_model,gpus,started_at,ended_at\n"
	"a,l4,2,,\n"
	"b,l4,1,,1767571800\n";
static const char pods[] =
	"pod,node,gpus,gpu_sharing,started_at,ended_at\n"
	"p,a,1,none,1767571200,\n"
	"q,a,0.5,time_slice,1767571200,\n"
	"r,a,0.5,time_slice,1767571200,\n";

static int build(unsigned how, int threads, const char *usage, const char *out, tt_err *err)
{
	char path[512];
	tt_build_options o = { .lenient = how & 1, .threads = threads };
	TT_CLEANUP(tt_builder_closep) tt_builder *b = NULL;

	TT_TRY(tt_builder_open(out, &o, &b, err));
	TT_TRY(tt_builder_window(b, fuzz_path(path, sizeof path, "snapshot.yaml"), err));
	if (!(how & 4))
		TT_TRY(tt_builder_read_csv(b, fuzz_path(path, sizeof path, "nodes.csv"), "nodes",
		                           NULL, 0, err));
	if (!(how & 4))
		TT_TRY(tt_builder_read_csv(b, fuzz_path(path, sizeof path, "pods.csv"), "pods",
		                           NULL, 0, err));
	TT_TRY(tt_builder_read_csv(b, usage, "gpu_usage", NULL, 0, err));
	return tt_builder_finish(b, NULL, err);
}

static void prepare(unsigned how)
{
	char path[512], window[160];
	int n = snprintf(window, sizeof window, "name: f\nstart: 1767571200\nend: %d\n"
	                 "currency: USD\n%s", 1767571200 + (how & 8 ? 1 : 7200),
	                 how & 2 ? "step: 60s\n" : "");

	fuzz_write(fuzz_path(path, sizeof path, "snapshot.yaml"), window, (size_t)n);
	fuzz_write(fuzz_path(path, sizeof path, "nodes.csv"), nodes, sizeof nodes - 1);
	fuzz_write(fuzz_path(path, sizeof path, "pods.csv"), pods, sizeof pods - 1);
}

/* A reading is in one hour and stands within the window, whatever the file says. */
static void check_snapshot(const char *path)
{
	tt_snapshot *s = NULL;
	tt_err err = { 0 };

	FUZZ_MUST(tt_snapshot_load(path, &s, &err) == TT_OK);
	size_t hours = tt_snapshot_hours(s);
	tt_hour *hour = malloc((hours + 1) * sizeof *hour);
	for (size_t i = 0; i < s->n_measures; i++) {
		const tt_measure *m = &s->measures[i];
		tt_stats st;
		int64_t seconds = 0;
		FUZZ_MUST(m->n > 0 && m->seconds > 0 && m->seconds <= s->end_s - s->start_s);
		FUZZ_MUST(m->n <= m->seconds && m->min_micro >= 0 && m->min_micro <= m->max_micro);
		FUZZ_MUST(tt_measure_stats(m, &st, &err) == TT_OK);
		FUZZ_MUST(st.min <= st.p50 && st.p50 <= st.p95 && st.p95 <= st.p99 &&
		          st.p99 <= st.max);
		FUZZ_MUST(tt_measure_hourly(s, m, hour, &err) == TT_OK);
		for (size_t h = 0; h < hours; h++)
			seconds += hour[h].seconds;
		FUZZ_MUST(seconds == m->seconds);
	}
	for (size_t i = 0; i < s->n_holdings; i++) {
		const tt_holding *h = &s->holdings[i];
		FUZZ_MUST(h->from_s >= s->start_s && h->to_s <= s->end_s && h->from_s < h->to_s);
		for (int b = 0; b < TT_BUSY_METRICS; b++)
			FUZZ_MUST(h->measured_s[b] <= h->to_s - h->from_s);
	}
	free(hour);
	tt_snapshot_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char usage[512], out[512];
	tt_err err[3] = { { 0 } };
	tt_buf file[3] = { { 0 } };
	int rc[3];

	if (size == 0 || size > 1 << 16)
		return 0;
	prepare(data[0]);
	fuzz_write(fuzz_path(usage, sizeof usage, "gpu_usage.csv"), data + 1, size - 1);
	fuzz_path(out, sizeof out, "out.db");
	for (int i = 0; i < 3; i++) {
		rc[i] = build(data[0], i == 1 ? 3 : 1, usage, out, &err[i]);
		fuzz_status(rc[i], TT_EDATA, &err[i]);
		FUZZ_MUST(fuzz_read(out, &file[i]) == (rc[i] == TT_OK));
		FUZZ_MUST(rc[i] == rc[0]);
		if (strcmp(err[i].text, err[0].text) != 0)
			fprintf(stderr, "%s\n%s\n", err[0].text, err[i].text);
		FUZZ_MUST(strcmp(err[i].text, err[0].text) == 0);
		FUZZ_MUST(file[i].n == file[0].n);
		FUZZ_MUST(file[i].n == 0 || memcmp(file[i].p, file[0].p, file[i].n) == 0);
		if (i == 0 && rc[i] == TT_OK)
			check_snapshot(out);
		tt_buf_free(&file[i > 0 ? i : 2]);
		unlink(out);
	}
	tt_buf_free(&file[0]);
	return 0;
}
