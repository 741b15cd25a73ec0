/* builder.c - the order of calls, what is left in the folder, what a file must be to be
 * loaded, and damage at random places. Memory that runs out: oom_build.c. */
#include "base/file.h"
#include "snapshot/builder.h"
#include "snapshot/snapshot.h"
#include "snapshot/store.h"
#include "t.h"
#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char folder[512];
static tt_err err;

static const char *in_folder(const char *name)
{
	static char path[4][1024];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
	return path[turn];
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(in_folder(name), "w");

	T_OK(f && fputs(text, f) >= 0);
	fclose(f);
}

/* Names in the folder that begin with `prefix`. */
static int count(const char *prefix)
{
	DIR *d = opendir(folder);
	int n = 0;

	for (const struct dirent *e; (e = readdir(d)) != NULL;)
		n += strncmp(e->d_name, prefix, strlen(prefix)) == 0 && e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void tables(void)
{
	char line[160];
	FILE *f;

	put("snapshot.yaml", "name: small\nstart: 1700000000\nend: 1700010000\ncurrency: USD\n");
	put("nodes.csv", "node,gpus,price_per_hour,labels\nn1,8,98.32,team=a\nn2,8,,\n");
	put("pods.csv", "pod,node,gpus,gpu_sharing\np1,n1,1,\np2,n1,1,\np3,n1,0.5,time_slice\n"
	    "p4,n1,1,time_slice\n");
	put("demand.csv", "time,instance_type,units\n1700002800,t,4\n1700006400,t,5\n"
	    "1700006400,u,1\n");
	put("node_usage.csv", "time,node,cpu_util_ratio\n1700000000,n1,0.5\n1700000060,n1,0.25\n");
	f = fopen(in_folder("gpu_usage.csv"), "w");
	fputs("time,node,gpu,pod,gpu_util_pct,fb_used_mib\n", f);
	for (int i = 0; i < 300; i++)
		for (int gpu = 0; gpu < 2; gpu++) {
			snprintf(line, sizeof line, "%d,n1,%d,%s,%d.5,%d\n", 1700000000 + 30 * i,
			         gpu,
			         i / 50 % 2 ? "p1" : "", i * 7 % 99, i % 3 * 1000);
			fputs(line, f);
		}
	fclose(f);
}

static const char *const all[] = { "nodes", "pods", "demand", "gpu_usage", "node_usage", NULL };

static int build_of(const char *const *names, int lenient, int threads)
{
	TT_CLEANUP(tt_builder_closep) tt_builder *b = NULL;
	tt_build_options o = { .threads = threads, .lenient = lenient };
	tt_build_times times = { -1, -1 };
	char file[64];

	err = (tt_err){ 0 };
	TT_TRY(tt_builder_open(in_folder("out.tt"), &o, &b, &err));
	tt_builder_source(b, "test");
	TT_TRY(tt_builder_window(b, in_folder("snapshot.yaml"), &err));
	for (size_t i = 0; names[i]; i++) {
		snprintf(file, sizeof file, "%s.csv", names[i]);
		TT_TRY(tt_builder_read_csv(b, in_folder(file), names[i], NULL, 0, &err));
	}
	TT_TRY(tt_builder_finish(b, &times, &err));
	T_OK(times.answers_s >= 0 && times.answers_s < 60);
	T_OK(times.write_s >= 0 && times.write_s < 60);
	return TT_OK;
}

static int build(void)
{
	return build_of(all, 0, 1);
}

/* The status of loading `name`, and of everything that a loaded snapshot can be asked. */
static int use(const char *name)
{
	TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = NULL;
	int worst = TT_OK;

	err = (tt_err){ 0 };
	TT_TRY(tt_snapshot_load(in_folder(name), &s, &err));
	size_t steps = tt_snapshot_steps(s), hours = tt_snapshot_hours(s);
	if (steps > 1000000)
		return TT_EDATA; /* damaged, and not worth its memory here */
	double *mean = tt_alloc(steps * sizeof *mean), *max = tt_alloc(steps * sizeof *max);
	tt_hour *hour = tt_alloc(hours * sizeof *hour);
	for (size_t i = 0; mean && max && hour && i < s->n_measures; i++) {
		const tt_measure *m = &s->measures[i];
		tt_stats stats;
		int rc = tt_measure_stats(m, &stats, &err);
		worst = rc < worst ? rc : worst;
		rc = tt_measure_hourly(s, m, hour, &err);
		worst = rc < worst ? rc : worst;
		rc = tt_snapshot_series(s, m, mean, max, &err);
		worst = rc < worst ? rc : worst;
	}
	tt_free(mean);
	tt_free(max);
	tt_free(hour);
	return worst;
}

/* --- Calls ------------------------------------------------------------------------------ */

static void order_of_calls(void)
{
	tt_builder *b = NULL;
	tt_build_options o = { .threads = 1 };

	T_INT(TT_OK, tt_builder_open(in_folder("out.tt"), &o, &b, &err));
	T_INT(TT_EINVAL, tt_builder_read_csv(b, in_folder("nodes.csv"), "nodes", NULL, 0, &err));
	T_HAS("nodes.csv: the window must be read before any table", err.text);
	err = (tt_err){ 0 };
	T_INT(TT_EINVAL, tt_builder_finish(b, NULL, &err));
	T_HAS("no window was read", err.text);
	err = (tt_err){ 0 };
	T_INT(TT_OK, tt_builder_window(b, in_folder("snapshot.yaml"), &err));
	T_INT(TT_EINVAL, tt_builder_window(b, in_folder("snapshot.yaml"), &err));
	err = (tt_err){ 0 };
	T_INT(TT_EINVAL, tt_builder_read_csv(b, in_folder("nodes.csv"), "nothing", NULL, 0, &err));
	T_HAS("no table \"nothing\"", err.text);
	for (int i = 0; all[i]; i++) {
		char file[64];
		snprintf(file, sizeof file, "%s.csv", all[i]);
		err = (tt_err){ 0 };
		T_INT(TT_OK, tt_builder_read_csv(b, in_folder(file), all[i], NULL, 0, &err));
		T_INT(TT_EINVAL, tt_builder_read_csv(b, in_folder(file), all[i], NULL, 0, &err));
		T_HAS("is read a second time", err.text);
	}
	tt_builder_close(b); /* nothing was finished: nothing is there */
	T_INT(0, count("out.tt"));
	T_INT(0, count("trimtab-spill"));
	tt_builder_close(NULL);

	err = (tt_err){ 0 };
	T_INT(TT_EIO, tt_builder_open(in_folder("no/such/out.tt"), &o, &b, &err));
	err = (tt_err){ 0 };
}

static void window_error(const char *yaml, const char *want)
{
	tt_builder *b = NULL;
	tt_build_options o = { .threads = 1 };

	put("bad.yaml", yaml);
	err = (tt_err){ 0 };
	T_INT(TT_OK, tt_builder_open(in_folder("out.tt"), &o, &b, &err));
	T_INT(TT_EDATA, tt_builder_window(b, in_folder("bad.yaml"), &err));
	T_HAS(want, err.text);
	tt_builder_close(b);
}

static void windows(void)
{
	window_error("", "name");
	window_error("start: 10\nend: 20\ncurrency: USD\n", "\"name\"");
	window_error("name: x\nend: 20\ncurrency: USD\n", "\"start\"");
	window_error("name: x\nstart: 10\nend: 10\ncurrency: USD\n",
	             "bad.yaml:3:6: end is \"10\", expected a time after start");
	window_error("name: x\nstart: 10\nend: 2000000000\ncurrency: USD\n", "at most 40 years");
	window_error("name: x\nstart: soon\nend: 20\ncurrency: USD\n",
	             "bad.yaml:2:8: start is \"soon\", expected YYYY-MM-DDTHH:MM:SSZ");
	window_error("name: x\nstart: 10\nend: 20\ncurrency: usd\n", "bad.yaml:4:11: currency is");
	window_error("name: \"\"\nstart: 10\nend: 20\ncurrency: USD\n",
	             "bad.yaml:1:7: name is \"\"");
	window_error("name: x\nstart: 10\nend: 20\ncurrency: USD\nstep: 0s\n",
	             "bad.yaml:5:7: step is \"0s\", expected a duration from 1s to 24h");
	window_error("name: x\nstart: 10\nend: 20\ncurrency: USD\nstep: 2d\n", "step is \"2d\"");
	window_error("name: [x]\nstart: 10\nend: 20\ncurrency: USD\n", "bad.yaml:1:7: name is");
	window_error("name: x\nstart: 10\nend: 20\ncurrency: USD\nstop: 1\n", "bad.yaml:5:1:");
	window_error("- x\n", "bad.yaml:1:1:");
}

/* --- What is left behind ---------------------------------------------------------------- */

static void leftovers(void)
{
	char name[64], own[64];
	pid_t gone = fork();

	if (gone == 0)
		_exit(0);
	T_OK(waitpid(gone, NULL, 0) == gone);
	snprintf(name, sizeof name, "out.tt.tmp-%d-7", (int)gone);
	put(name, "half a snapshot");
	snprintf(name, sizeof name, "out.tt.tmp-%d-0", (int)getppid());
	put(name, "somebody is at work");
	put("out.tt.tmp-x-0", "not ours");
	/* of a process that had our number, as in one container after the other */
	snprintf(own, sizeof own, "out.tt.tmp-%d-0", (int)getpid());
	put(own, "half a snapshot");
	put("out.tt.tmp-0-0", "not ours");
	put("other.tt.tmp-1-0", "of another snapshot");
	T_INT(5, count("out.tt"));
	T_INT(TT_OK, build());
	T_INT(4, count("out.tt")); /* the snapshot, and three that stay */
	T_OK(tt_is_file(in_folder(name)));
	unlink(in_folder(name));
	unlink(in_folder("out.tt.tmp-x-0"));
	unlink(in_folder("out.tt.tmp-0-0"));
	unlink(in_folder("other.tt.tmp-1-0"));
	T_INT(0, count("trimtab-spill"));

	/* a build that fails leaves the old file as it was */
	static const char *const bad[] = { "nodes", "bad", NULL };
	char *before = NULL, *after = NULL;
	size_t n = 0, m = 0;
	T_INT(TT_OK, tt_file_read(in_folder("out.tt"), 1 << 24, &before, &n, &err));
	T_OK(build_of(bad, 0, 1) < 0);
	put("nodes.csv", "node,gpus\nn9,8\n"); /* pods and cards are on a node that is not there */
	T_INT(TT_EDATA, build());
	T_INT(TT_OK, tt_file_read(in_folder("out.tt"), 1 << 24, &after, &m, &err));
	T_OK(n == m && memcmp(before, after, n) == 0);
	T_INT(1, count("out.tt"));
	tt_free(before);
	tt_free(after);
	tables();
}

static void loaded(void)
{
	TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = NULL;

	T_INT(TT_OK, build_of(all, 0, 3));
	T_INT(TT_OK, use("out.tt"));
	T_INT(TT_OK, tt_snapshot_load(in_folder("out.tt"), &s, &err));
	T_STR("small", s->name);
	T_STR("test", s->source);
	T_STR("USD", s->currency);
	T_INT(1700000000, s->start_s);
	T_INT(30, s->step_s);
	T_INT(3, s->n_carriers);
	T_INT(2, s->n_cards);
	T_STR("n1/0", s->carriers[0].id);
	T_STR("n1", s->carriers[2].id);
	T_INT(600, s->usage_rows);
	T_INT(2, s->node_usage_rows);
	T_INT(1, s->usage_has_pods);
	T_INT(6, s->n_holdings);
	T_STR("p1", TT_ROW(&s->table[TT_PODS], tt_pod_row, s->holdings[0].pod_index)->pod);
	T_INT(3, s->table[TT_DEMAND].n);
	T_F64(5, TT_ROW(&s->table[TT_DEMAND], tt_demand_row, 1)->units, 0);
	T_INT(1, tt_snapshot_is_file(in_folder("out.tt")));
	T_INT(0, tt_snapshot_is_file(in_folder("nodes.csv")));
	T_INT(0, tt_snapshot_is_file(in_folder("not there")));
	T_INT(TT_CPU_UTIL_PCT, s->measures[s->n_measures - 1].metric);
	T_F64(50, (double)s->measures[s->n_measures - 1].max_micro / 1e6, 0);
	T_OK(s->table[TT_NODES].n == 2 &&
	     TT_ROW(&s->table[TT_NODES], tt_node_row, 1)->price_per_hour == TT_DECIMAL_MISSING);
}

/* --- Rows that are wrong ------------------------------------------------------------------- */

static void usage_error(const char *rows, const char *want)
{
	static const char *const names[] = { "nodes", "pods", "gpu_usage", NULL };
	char text[2000], first[1024] = "";

	snprintf(text, sizeof text, "time,node,gpu,pod,gpu_util_pct\n%s", rows);
	put("gpu_usage.csv", text);
	for (int threads = 1; threads <= 4; threads++) {
		T_INT(TT_EDATA, build_of(names, 0, threads));
		T_HAS(want, err.text);
		T_STR(threads > 1 ? first : err.text, err.text);
		snprintf(first, sizeof first, "%s", err.text);
	}
	T_INT(TT_OK, build_of(names, 1, 2)); /* lenient: left out and counted */
	TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = NULL;
	T_INT(TT_OK, tt_snapshot_load(in_folder("out.tt"), &s, &err));
	T_OK(s->rejects.n > 0 && s->rejects.n_kinds == 1);
	T_STR(first, s->rejects.n_kinds ? s->rejects.kinds[0].first : "");
}

#define GOOD "1700000000,n1,0,,1\n"
#define GOOD2 "1700000060,n1,0,,1\n"

static void bad_rows(void)
{
	usage_error(GOOD "1700000060,n1,0,,101\n", "gpu_usage.csv:3:18: gpu_util_pct is \"101\"");
	usage_error(GOOD "1700000060,n1,0,,nan\n", "gpu_usage.csv:3:18: gpu_util_pct is \"nan\"");
	usage_error(GOOD "1700000060,n1,0,,-1\n", "gpu_usage.csv:3:18:");
	usage_error(GOOD "1700000060,n1,0,,99999999999999999999999\n", "gpu_usage.csv:3:18:");
	usage_error(GOOD "yesterday,n1,0,,1\n", "gpu_usage.csv:3:1: time is \"yesterday\"");
	usage_error(GOOD "1700000060,nx,0,,1\n", "gpu_usage.csv:3:12: node is \"nx\"");
	usage_error(GOOD "1700000060,,0,,1\n", "gpu_usage.csv:3:12: node is \"\"");
	usage_error(GOOD "1700000060,n1,,,1\n", "gpu_usage.csv:3:15: gpu is \"\"");
	usage_error(GOOD "1700000060,n1,0,1\n", "gpu_usage.csv:3:18: record has 4 fields, the "
	            "header has 5");
	usage_error(GOOD "1700000060,n1,0,,1,2\n", "gpu_usage.csv:3:20: record has 6 fields");
	usage_error(GOOD "1700000060,n1,0,\xff,1\n", "gpu_usage.csv:3:17: ");
	usage_error(GOOD "1700000060,n1,0,a\"b,1\n", "gpu_usage.csv:3:18: quote inside an ");
	usage_error(GOOD "1700000060,n1,0,a\rb,1\n" GOOD2,
	            "gpu_usage.csv:3:18: carriage return inside a field");
	usage_error(GOOD "1700000060,n1,0,\"a\"b,1\n" GOOD2,
	            "gpu_usage.csv:3:20: text behind a closing quote");
	usage_error(GOOD "1700000060,n1,0,\"a\"\rb,1\n" GOOD2,
	            "gpu_usage.csv:3:20: text behind a closing quote");
	usage_error(GOOD "\n" GOOD2, "gpu_usage.csv:3: is blank");
	usage_error(GOOD "\r\n\n" GOOD2 "\n", "gpu_usage.csv:3: is blank");
	usage_error(GOOD "1700000060,n1,\"a\x1f\",,1\n", "gpu_usage.csv:3:");
	usage_error(GOOD "1700000000,n1,0,,2\n", "gpu_usage.csv:3: gpu_util_pct");
	/* whole pods: also behind one that shares, and out of order */
	usage_error("1700000000,n1,0,p1,1\n1700000000,n1,0,p2,1\n", "gpu_usage.csv:3: ");
	usage_error("1700000000,n1,0,p3,1\n1700000000,n1,0,p1,1\n1700000000,n1,0,p2,1\n",
	            "gpu_usage.csv:4: ");
	usage_error(GOOD2 "1700000000,n1,0,p1,1\n1700000000,n1,0,p2,1\n", "gpu_usage.csv:4: ");
	/* of two faults the first in the file, whichever is noticed first */
	usage_error("1700000000,n1,1,,1\n1700000000,n1,1,,2\n1700000000,n1,0,,1\n"
	            "1700000000,n1,0,,2\n", "gpu_usage.csv:3: gpu_util_pct");
	tables();
}

/* A further row of a time is held against the row of its own pod, not against what the
 * card is taken for: this was refused as a contradiction. */
static void shared_cards(void)
{
	static const char *const names[] = { "nodes", "pods", "gpu_usage", NULL };
	TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = NULL;

	put("gpu_usage.csv", "time,node,gpu,pod,gpu_util_pct\n"
	    "1700000000,n1,0,p3,1\n1700000000,n1,0,p4,2\n1700000000,n1,0,p3,1\n"
	    "1700000060,n1,0,p3,5\n\n\r\n");
	T_INT(TT_OK, build_of(names, 0, 1));
	T_INT(TT_OK, tt_snapshot_load(in_folder("out.tt"), &s, &err));
	T_INT(2, s->n_notes);
	T_HAS("1 equal rows counted once", s->n_notes == 2 ? s->notes[0] : "");
	T_HAS("different readings", s->n_notes == 2 ? s->notes[1] : "");
	T_INT(7000000, s->measures[0].sum_micro); /* 2, the larger one, and 5 */
	T_INT(2, s->n_holdings);
	tables();
}

/* One line that does not end within the limit: named by its line, whatever comes before. */
static void long_line(void)
{
	static const char *const names[] = { "gpu_usage", NULL };

	for (int quoted = 0; quoted < 2; quoted++) {
		FILE *f = fopen(in_folder("gpu_usage.csv"), "w");
		fputs("time,node,gpu,gpu_util_pct\n", f);
		for (int i = 0; i < 200000; i++) /* several blocks */
			fprintf(f, "%d,n1,%d,1\n", 1700000000 + i / 100, i % 100);
		fputs(quoted ? "1700009000,\"n1" : "1700009000,n1", f);
		for (int i = 0; i < 3000000; i++)
			fputs(i % 100 == 99 && quoted ? "\n" : "x", f);
		fputs(",0,1\n", f);
		fclose(f);
		for (int threads = 1; threads <= 3; threads++) {
			T_INT(TT_EDATA, build_of(names, 0, threads));
			T_HAS("gpu_usage.csv:200002: line longer than 1048576 bytes", err.text);
		}
	}
	tables();
}

/* --- Files that are not to be loaded ------------------------------------------------------- */

static void sql(const char *name, const char *text)
{
	sqlite3 *db = NULL;

	T_INT(SQLITE_OK, sqlite3_open(in_folder(name), &db));
	T_INT(SQLITE_OK, sqlite3_exec(db, text, NULL, NULL, NULL));
	sqlite3_close(db);
}

static void copy(const char *from, const char *to, size_t n_bytes)
{
	char *text = NULL;
	size_t n = 0;

	T_INT(TT_OK, tt_file_read(in_folder(from), 1 << 24, &text, &n, &err));
	FILE *f = fopen(in_folder(to), "w");
	T_OK(f && fwrite(text, 1, n < n_bytes ? n : n_bytes, f) > 0);
	fclose(f);
	tt_free(text);
}

static void refused(void)
{
	T_INT(TT_OK, build());
	T_INT(TT_EIO, use("not there"));
	T_INT(TT_EIO, use("."));
	put("text", "this is no database, however long it is: ......................."
	    "............................................................................");
	T_INT(TT_EDATA, use("text"));
	T_HAS("not a trimtab snapshot", err.text);
	put("empty", "");
	T_INT(TT_EDATA, use("empty"));
	sql("foreign", "CREATE TABLE nodes (x); PRAGMA user_version = 1");
	T_INT(TT_EDATA, use("foreign"));
	T_HAS("a database, but not a trimtab snapshot", err.text);
	copy("out.tt", "newer", SIZE_MAX);
	sql("newer", "PRAGMA user_version = 99");
	T_INT(TT_EDATA, use("newer"));
	T_HAS("made by a newer trimtab (schema 99, this one knows up to 4)", err.text);
	copy("out.tt", "older", SIZE_MAX);
	sql("older", "PRAGMA user_version = 1");
	T_INT(TT_EDATA, use("older"));
	T_HAS("made by an older trimtab (schema 1, this one has 4): build it again", err.text);
	copy("out.tt", "strange", SIZE_MAX);
	static const char *const edits[] = {
		"UPDATE about SET value = '1600000000' WHERE key = 'end_s'",
		"UPDATE about SET value = '-9223372036854775808' WHERE key = 'start_s'",
		"UPDATE about SET value = '1700000000' WHERE key = 'start_s';"
		"UPDATE about SET value = '9223372036854775807' WHERE key = 'end_s'",
		"UPDATE about SET value = '1700010000' WHERE key = 'end_s';"
		"UPDATE demand SET n = 2000000000",
		"UPDATE demand SET n = 2; UPDATE measures SET sum_micro = '12x'",
		"UPDATE measures SET sum_micro = '12'; DELETE FROM carriers WHERE id = 3",
	};
	for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
		sql("strange", edits[i]);
		T_INT(TT_EDATA, use("strange"));
		T_HAS("damaged", err.text);
	}
	unlink(in_folder("strange"));
	struct stat st;
	T_OK(stat(in_folder("out.tt"), &st) == 0);
	for (size_t n = 1; n < (size_t)st.st_size; n += 700 + n / 20) {
		copy("out.tt", "cut", n);
		int rc = use("cut");
		T_OK(rc == TT_EDATA || rc == TT_EIO);
	}
}

/* Bytes changed at random places: anything may come out but a crash, and nothing but
 * the statuses of a file that can't be read. */
static void damaged(void)
{
	char *text = NULL;
	size_t n = 0, worst = 0;
	uint64_t z = 1;

	T_INT(TT_OK, tt_file_read(in_folder("out.tt"), 1 << 24, &text, &n, &err));
	for (int turn = 0; turn < 600; turn++) {
		FILE *f = fopen(in_folder("damaged"), "w");
		size_t at[3];
		char was[3];
		for (int k = 0; k < 3; k++) {
			z = z * UINT64_C(6364136223846793005) + 1442695040888963407;
			at[k] = (z >> 20) % n;
			was[k] = text[at[k]];
			text[at[k]] ^= (char)(1 + (z >> 56) % 255);
		}
		T_OK(fwrite(text, 1, n, f) == n);
		fclose(f);
		int rc = use("damaged");
		worst += rc < 0;
		T_(rc == TT_OK || rc == TT_EDATA || rc == TT_EIO, "%d: %s", rc, err.text);
		for (int k = 3; k-- > 0;)
			text[at[k]] = was[k];
	}
	T_OK(worst > 0);
	unlink(in_folder("damaged"));
	tt_free(text);
}

int main(void)
{
	t_folder(folder, sizeof folder);
	tables();
	order_of_calls();
	windows();
	leftovers();
	loaded();
	bad_rows();
	shared_cards();
	long_line();
	refused();
	damaged();
	t_folder_remove(folder);
	return T_END();
}
