/* merge.c - shards joined against the whole built at once: by time, by node, row by row, in
 * any order, with tables copied or cut up too. What can't be joined, what contradicts,
 * damage at random places, and memory that runs out at every allocation. */
#include "base/file.h"
#include "snapshot/merge.h"
#include "snapshot/snapshot.h"
#include "t.h"

enum { MOST_SHARDS = 8, START = 1700000000, END = START + 10000 };

static char folder[512];
static tt_err err;
static tt_merge_report report;

static const char *in_folder(const char *name)
{
	static char path[8][1024];
	static int turn;

	turn = (turn + 1) % 8;
	snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
	return path[turn];
}

static const char *numbered(const char *name, int n)
{
	static char text[8][64];
	static int turn;

	turn = (turn + 1) % 8;
	snprintf(text[turn], sizeof text[turn], name, n);
	return text[turn];
}

/* --- A fleet as lines -------------------------------------------------------------------- */

typedef struct line { int table; int64_t t; int node; char text[120]; } line;

enum { NODES, PODS, PRICES, DEMAND, REVENUE, CHARGES, GPU, NODE, TABLES };
static const char *const table_name[TABLES] = { "nodes", "pods", "prices", "demand", "revenue",
	"charges", "gpu_usage", "node_usage" };
static const char charges_header[] = "ResourceId,ChargePeriodStart,ChargePeriodEnd,"
	"ChargeCategory,BillingCurrency,EffectiveCost,Tags,x_Line";
static const char *const header[TABLES] = {
	"node,gpus,price_per_hour,labels", "pod,node,gpus,gpu_sharing,started_at,ended_at",
	"instance_type,pricing,price_per_hour,as_of", "time,instance_type,units",
	"time,workload,amount", charges_header,
	"time,node,gpu,pod,gpu_util_pct,fb_used_mib,sm_active_ratio",
	"time,node,cpu_util_ratio,extra"
};

static line *lines;
static size_t n_lines;

static void add(int table, int64_t t, int node, const char *fmt, ...) TT_PRINTF(4, 5);
static void add(int table, int64_t t, int node, const char *fmt, ...)
{
	va_list args;

	lines = realloc(lines, (n_lines + 1) * sizeof *lines);
	lines[n_lines] = (line){ .table = table, .t = t, .node = node };
	va_start(args, fmt);
	vsnprintf(lines[n_lines++].text, sizeof lines->text, fmt, args);
	va_end(args);
}

static uint64_t random_state;
static unsigned draw(unsigned n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(random_state >> 33) % n;
}

/* Holes, another step on one card, shared cards, missing values, a card with one time. */
static void usage(void)
{
	for (int node = 0; node < 3; node++)
		for (int gpu = 0; gpu < 2; gpu++) {
			const int step = node == 1 && gpu == 1 ? 30 : 60;
			for (int64_t t = START + node * 7; t < END; t += step) {
				if (draw(50) == 0)
					t += step * (1 + (int)draw(12));
				const int pod = (int)((t - START) / 1700) + 3 * node;
				const unsigned busy = draw(3) ? draw(1000) : 0;
				add(GPU, t, node, "%lld,n%d,%d,p%d,%u.%u,%u,%s", (long long)t,
				    node, gpu, pod, busy / 10, busy % 10, draw(3) * 1000,
				    draw(9) ? "0.25" : "");
				if (node == 2) /* a second pod says the same, or less */
					add(GPU, t, node, "%lld,n2,%d,q%d,%u.%u,,",
					    (long long)t, gpu, gpu, busy / 10, busy % 10);
			}
		}
	for (int64_t t = START; t < END; t += 120)
		for (int node = 0; node < 3; node++)
			add(NODE, t, node, "%lld,n%d,0.%03u,x", (long long)t, node, draw(1000));
	add(GPU, START + 100, 0, "%d,n0,9,,5,,", START + 100);
	add(GPU, START - 50, 0, "%d,n0,0,before,5,,", START - 50);
	add(GPU, END + 10, 0, "%d,n0,0,after,5,,", END + 10);
}

static void fleet(void)
{
	free(lines);
	lines = NULL;
	n_lines = 0;
	random_state = 1;
	for (int i = 0; i < 3; i++)
		add(NODES, START, i, "n%d,2,%d.5,team=%d", i, i + 1, i);
	for (int i = 0; i < 16; i++)
		add(PODS, START + i * 500, i % 3, "p%d,n%d,0.5,time_slice,,", i, i / 3 % 3);
	add(PODS, START, 2, "q0,n2,0.5,mps,,");
	add(PRICES, START, 0, "a,on_demand,1.25,");
	add(PRICES, START, 0, "b,spot,0.000000000001,1690000000");
	for (int i = 0; i < 20; i++)
		add(DEMAND, START + i * 500, i % 3, "%d,%c,%d.5", START / 3600 * 3600 + i * 3600,
		    'a' + i % 2, i);
	add(REVENUE, START, 1, "1700000000,w,-3.01");
	add(REVENUE, START, 1, "1700000000,w,-3.01"); /* twice in the whole */
	for (int i = 0; i < 12; i++) /* alike but for a column that is not kept */
		add(CHARGES, START, i % 3, "r%d,%d,%d,Usage,USD,-%d.25,"
		    "\"{\"\"t\"\": \"\"%d\"\"}\",%d", i % 2, START, START + 3600, i % 3, i % 2, i);
	usage();
}

/* --- Building ----------------------------------------------------------------------------- */

static const char *const plain_yaml = "name: small\nstart: 1700000000\nend: 1700010000\n"
	"currency: USD\n";

static void put(const char *name, const char *text)
{
	FILE *f = fopen(in_folder(name), "w");

	T_OK(f && fputs(text, f) >= 0);
	fclose(f);
}

/* The lines of shard `shard` by `of` (all of them for -1) as files; a table without lines
 * has none, unless it is the whole's. */
static void put_tables(const int *of, int shard)
{
	for (int t = 0; t < TABLES; t++) {
		const char *path = in_folder(numbered("%d.csv", t));
		FILE *f = NULL;
		unlink(path);
		for (size_t i = 0; i < n_lines; i++) {
			if (lines[i].table != t || (shard >= 0 && of[i] != shard && of[i] >= 0))
				continue;
			if (!f) {
				f = fopen(path, "w");
				T_OK(f);
				fprintf(f, "%s\n", header[t]);
			}
			fprintf(f, "%s\n", lines[i].text);
		}
		if (f)
			fclose(f);
	}
}

static int build(const char *yaml, const char *out, int shard, int lenient)
{
	TT_CLEANUP(tt_builder_closep) tt_builder *b = NULL;
	const tt_build_options o = { .threads = 1, .shard = shard, .lenient = lenient };
	char path[1024];

	err = (tt_err){ 0 };
	put("snapshot.yaml", yaml);
	TT_TRY(tt_builder_open(in_folder(out), &o, &b, &err));
	tt_builder_source(b, "test");
	TT_TRY(tt_builder_window(b, in_folder("snapshot.yaml"), &err));
	for (int t = 0; t < TABLES; t++) {
		const char *from = in_folder(numbered("%d.csv", t));
		if (!tt_is_file(from))
			continue;
		snprintf(path, sizeof path, "%s/%s.csv", folder, table_name[t]);
		rename(from, path);
		TT_TRY(tt_builder_read_csv(b, path, table_name[t], NULL, 0, &err));
	}
	return tt_builder_finish(b, NULL, &err);
}

static int open_shards(const char *const *names, size_t n, tt_shard **shards)
{
	for (size_t i = 0; i < n; i++) {
		const char *path = in_folder(names[i]);
		TT_TRY(tt_shard_open(path, names[i], &shards[i], &err));
	}
	return TT_OK;
}

static int merge(const char *const *names, size_t n, const char *out, int lenient, int threads)
{
	tt_shard *shards[MOST_SHARDS] = { NULL };
	const tt_build_options o = { .threads = threads, .lenient = lenient };

	err = (tt_err){ 0 };
	int rc = open_shards(names, n, shards);
	if (rc == TT_OK)
		rc = tt_merge(shards, n, in_folder(out), &o, &report, NULL, &err);
	for (size_t i = 0; i < n; i++)
		tt_shard_close(shards[i]);
	return rc;
}

static int same_bytes(const char *a, const char *b)
{
	char *x = NULL, *y = NULL;
	size_t nx = 0, ny = 1;

	T_INT(TT_OK, tt_file_read(in_folder(a), 1 << 24, &x, &nx, &err));
	T_INT(TT_OK, tt_file_read(in_folder(b), 1 << 24, &y, &ny, &err));
	const int same = nx == ny && memcmp(x, y, nx) == 0;
	tt_free(x);
	tt_free(y);
	return same;
}

static const char *const shard_names[MOST_SHARDS] = { "0.shard", "1.shard", "2.shard", "3.shard",
	"4.shard", "5.shard", "6.shard", "7.shard" };

/* Lines go to the shards that `of` says (-1: to all), which are then joined both ways round. */
static void cut_and_join(const char *what, const int *of, int n, const char *const *yaml)
{
	const char *turned[MOST_SHARDS];

	for (int i = 0; i < n; i++) {
		put_tables(of, i);
		T_INT(TT_OK, build(yaml ? yaml[i] : plain_yaml, shard_names[i], 1, 0));
		turned[n - 1 - i] = shard_names[i];
	}
	for (int way = 0; way < 2; way++) {
		T_INT(TT_OK, merge(way ? turned : shard_names, (size_t)n, "got.tt", 0, 1 + way));
		T_(same_bytes("whole.tt", "got.tt"), "%s, %d shards: not the whole's bytes: %s",
		   what, n, err.text);
	}
}

/* --- Ways to cut ------------------------------------------------------------------------ */

static void build_whole(const char *yaml)
{
	put_tables(NULL, -1);
	T_INT(TT_OK, build(yaml, "whole.tt", 0, 0));
	T_STR("", err.text);
}

static void by_time(int *of)
{
	static const char *const yaml[3] = {
		"name: small\nstart: 1700000000\nend: 1700003333\ncurrency: USD\n",
		"name: small\nstart: 1700003333\nend: 1700007200\ncurrency: USD\n",
		"name: small\nstart: 1700007200\nend: 1700010000\ncurrency: USD\n",
	};

	for (size_t i = 0; i < n_lines; i++)
		of[i] = lines[i].t < 1700003333 ? 0 : lines[i].t < 1700007200 ? 1 : 2;
	cut_and_join("by time", of, 3, yaml);
	T_INT(0, report.copies);
	T_INT(0, report.gaps);
	/* what describes the fleet lies in every shard: each row is still one */
	for (size_t i = 0; i < n_lines; i++)
		of[i] = lines[i].table <= CHARGES ? -1 : of[i];
	cut_and_join("by time, tables copied", of, 3, yaml);
	/* 3 + 17 + 2 + 20 + 12 and 2 equal ones: of three, two are copies */
	T_INT(2 * (3 + 17 + 2 + 20 + 2 + 12), report.copies);
}

static void all_ways(void)
{
	int *of = calloc(n_lines, sizeof *of);

	by_time(of);
	for (size_t i = 0; i < n_lines; i++)
		of[i] = lines[i].table == DEMAND ? -1 : lines[i].node;
	cut_and_join("by node", of, 3, NULL);
	for (int n = 1; n <= 7; n += 2) {
		for (size_t i = 0; i < n_lines; i++)
			of[i] = lines[i].table == REVENUE ? 0 : (int)draw((unsigned)n);
		cut_and_join("at random", of, n, NULL);
	}
	free(of);
}

static void ways(void)
{
	fleet();
	build_whole(plain_yaml);
	all_ways();
	T_OK(tt_snapshot_is_ours(in_folder("0.shard")));
}

/* With a step of its own the snapshot is not that of the data. */
static void fixed_step(void)
{
	static const char yaml[] = "name: small\nstart: 1700000000\nend: 1700010000\n"
		"currency: USD\nstep: 90s\n";
	const char *const both[2] = { yaml, yaml };
	int *of = calloc(n_lines, sizeof *of);

	build_whole(yaml);
	for (size_t i = 0; i < n_lines; i++)
		of[i] = lines[i].table == REVENUE ? 0 : (int)(i % 2);
	cut_and_join("step given", of, 2, both);
	free(of);
}

/* --- Rows in two shards ----------------------------------------------------------------- */

/* The files of a shard: table by table, "" for none. */
static void shard_of(const char *name, const char *yaml, const char *const text[TABLES],
                     int lenient)
{
	for (int t = 0; t < TABLES; t++) {
		const char *path = in_folder(numbered("%d.csv", t));
		unlink(path);
		if (!text[t])
			continue;
		FILE *f = fopen(path, "w");
		T_OK(f);
		fprintf(f, "%s\n%s", header[t], text[t]);
		fclose(f);
	}
	T_INT(TT_OK, build(yaml, name, 1, lenient));
}

static const char *const two[2] = { "0.shard", "1.shard" };

static void overlap(void)
{
	TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = NULL;

	shard_of("0.shard", plain_yaml, (const char *const[TABLES]){ [GPU] =
		"1700000000,n,0,,1,,\n1700000060,n,0,,2,,\n1700000120,n,0,,3,,\n" }, 0);
	shard_of("1.shard", plain_yaml, (const char *const[TABLES]){ [GPU] =
		"1700000120,n,0,,3,,\n1700000180,n,0,,4,,\n" }, 0);
	T_INT(TT_OK, merge(two, 2, "got.tt", 0, 1));
	T_INT(TT_OK, tt_snapshot_load(in_folder("got.tt"), &s, &err));
	T_INT(1, s->n_measures);
	T_INT(4, s->measures[0].n);
	T_INT(240, s->measures[0].seconds);
	T_INT(5, s->usage_rows);
	T_INT(1, s->n_notes);
	T_STR("gpu_usage.csv: 1 equal rows counted once", s->notes[0]);
}

static void refused(const char *what, ...)
{
	va_list args;

	T_INT(TT_EDATA, merge(two, 2, "none.tt", 0, 2));
	va_start(args, what);
	for (const char *part = what; part; part = va_arg(args, const char *))
		T_HAS(part, err.text);
	va_end(args);
	T_OK(!tt_is_file(in_folder("none.tt")));
}

/* A lenient merge goes on: *how many* rows it rejects as `kind`. */
static void counted(const char *kind, int64_t n)
{
	TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = NULL;

	T_INT(TT_OK, merge(two, 2, "got.tt", 1, 2));
	T_INT(TT_OK, tt_snapshot_load(in_folder("got.tt"), &s, &err));
	T_INT(1, s->rejects.n_kinds);
	T_INT(n, s->rejects.n);
	if (s->rejects.n_kinds == 1)
		T_STR(kind, s->rejects.kinds[0].kind);
}

static void contradictions(void)
{
	shard_of("0.shard", plain_yaml, (const char *const[TABLES]){ [GPU] =
		"1700000000,n,0,,1,,\n1700000060,n,0,p,2,,\n" }, 0);
	shard_of("1.shard", plain_yaml, (const char *const[TABLES]){ [GPU] =
		"1700000060,n,0,p,5,,\n1700000120,n,0,,4,,\n" }, 0);
	refused("1.shard: gpu_usage.csv:2: gpu_util_pct is 5 for \"n/0\" at 2023-11-14T22:14:20Z",
	        ", in line 3 in 0.shard it is 2", NULL);
	counted("conflicting duplicate", 1);

	shard_of("0.shard", plain_yaml, (const char *const[TABLES]){
		[PODS] = "a,,1,none,,\n", [GPU] = "1700000060,n,0,a,,,\n" }, 0);
	shard_of("1.shard", plain_yaml, (const char *const[TABLES]){
		[PODS] = "line 7,,1,none,,\n", [GPU] = "1700000060,n,0,line 7,,,\n" }, 0);
	refused("1.shard: gpu_usage.csv:2: pod \"line 7\" needs all of card \"n/0\" at",
	        "but pod \"a\" (line 2 in 0.shard) holds it", NULL);
	counted("two whole pods on one card", 1);

	shard_of("0.shard", plain_yaml, (const char *const[TABLES]){
		[NODES] = "n,8,,\nm,1,,\n" }, 0);
	shard_of("1.shard", plain_yaml, (const char *const[TABLES]){
		[NODES] = "m,1,,\nn,4,,\n" }, 0);
	refused("1.shard: nodes.csv:3: conflicting duplicate, node \"n\": gpus is 4, in line 2 in "
	        "0.shard it is 8", NULL);
	counted("conflicting duplicate", 2);
}

static void across_tables(void)
{
	shard_of("0.shard", plain_yaml, (const char *const[TABLES]){
		[NODES] = "n,1,,\n", [PODS] = "a,n,1,,,\n" }, 0);
	shard_of("1.shard", plain_yaml, (const char *const[TABLES]){ [PODS] = "b,n,1,,,\n" }, 0);
	refused("1.shard: pods.csv:2: pod \"b\" needs 1 card of node \"n\"", "pod \"a\" (line 2 in "
	        "0.shard) holds 1 of its 1", NULL);
	counted("two whole pods on one card", 1);

	shard_of("1.shard", plain_yaml, (const char *const[TABLES]){ [PODS] = "b,x,1,,,\n" }, 0);
	refused("1.shard: pods.csv:2: node \"x\" of pod \"b\" is not in nodes.csv", NULL);

	shard_of("1.shard", plain_yaml, (const char *const[TABLES]){ [GPU] =
		"1700000060,n,0,,1,,\n1700000060,y,0,,1,,\n1700000000,y,0,,1,,\n" }, 0);
	refused("1.shard: gpu_usage.csv:3: node is \"y\", expected a node of nodes.csv", NULL);
	counted("unknown node", 2);
}

/* Rows that a lenient build left out stay left out, also for a merge that is not lenient. */
static void rejected_before(void)
{
	TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = NULL;

	shard_of("0.shard", plain_yaml, (const char *const[TABLES]){
		[GPU] = "1700000000,n,0,,1,,\n" }, 0);
	shard_of("1.shard", plain_yaml, (const char *const[TABLES]){ [NODES] = "n,-1,,\nn,1,,\n",
		[GPU] = "1700000060,n,0,,101,,\nbroken\n1700000060,n,0,,2,,\n" }, 1);
	T_INT(TT_OK, merge(two, 2, "got.tt", 0, 1));
	T_INT(TT_OK, tt_snapshot_load(in_folder("got.tt"), &s, &err));
	T_INT(3, s->rejects.n);
	T_INT(3, s->rejects.n_kinds);
	T_STR("nodes", s->rejects.kinds[0].table);
	T_HAS("1.shard: nodes.csv:2:3: gpus is \"-1\"", s->rejects.kinds[0].first);
	T_INT(4, s->usage_rows);
	T_INT(2, s->measures[0].n);
}

/* --- Not of one fleet --------------------------------------------------------------------- */

static void strangers(void)
{
	const char *const none[TABLES] = { NULL };
	static const struct { const char *yaml, *what; } other[] = {
		{ "name: small\nstart: 1700000000\nend: 1700010000\ncurrency: EUR\n",
		  "its currency is \"EUR\", that of 0.shard is \"USD\"" },
		{ "name: large\nstart: 1700000000\nend: 1700010000\ncurrency: USD\n",
		  "its name is \"large\", that of 0.shard is \"small\"" },
		{ "name: small\nstart: 1700000000\nend: 1700010000\ncurrency: USD\nstep: 5m\n",
		  "its step is \"300s\", that of 0.shard is not given" },
		{ "name: small\nstart: 2300000000\nend: 2300010000\ncurrency: USD\n",
		  "expected windows less than 17 years apart" },
	};

	shard_of("0.shard", plain_yaml, none, 0);
	for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
		shard_of("1.shard", other[i].yaml, none, 0);
		refused("1.shard: ", other[i].what, NULL);
	}
	shard_of("1.shard", "name: small\nstart: 1700020000\nend: 1700030000\ncurrency: USD\n"
	         "note: later\n", none, 0);
	T_INT(TT_OK, merge(two, 2, "got.tt", 0, 1));
	T_INT(1, report.gaps);
	T_INT(1700010000, report.gap_from_s);
	T_INT(1700020000, report.gap_to_s);
}

static void other_files(void)
{
	tt_snapshot *s = NULL;

	T_INT(TT_OK, build(plain_yaml, "1.shard", 0, 0));
	refused("1.shard: a snapshot without the rows", "--shard", NULL);
	err = (tt_err){ 0 };
	T_INT(TT_EDATA, tt_snapshot_load(in_folder("0.shard"), &s, &err));
	T_HAS("a shard, the rows of a part of a fleet; `trimtab snapshot merge`", err.text);
	put("1.shard", "no database");
	refused("1.shard", NULL);
}

/* --- Damage and memory -------------------------------------------------------------------- */

/* Join what bytes[n] say with one of them changed. */
static int join_changed(const char *bytes, size_t n, size_t at, int to)
{
	FILE *f = fopen(in_folder("0.shard"), "w");

	T_OK(f && fwrite(bytes, 1, n, f) == n);
	fseek(f, (long)at, SEEK_SET);
	fputc(to, f);
	fclose(f);
	return merge(two, 1, "got.tt", 1, 1);
}

/* Nothing crashes, wherever the damage is; a changed byte of packed rows is found. */
static void damage(void)
{
	static const char magic[] = { 0x28, (char)0xb5, 0x2f, (char)0xfd }; /* of zstd */
	char *bytes = NULL;
	size_t n = 0;
	int pieces = 0;

	fleet();
	put_tables(NULL, -1);
	T_INT(TT_OK, build(plain_yaml, "1.shard", 1, 0));
	T_INT(TT_OK, tt_file_read(in_folder("1.shard"), 1 << 24, &bytes, &n, &err));
	for (int i = 0; i < 300; i++)
		join_changed(bytes, n, draw((unsigned)n), (int)draw(256));
	for (size_t i = 0; i + 40 < n; i++) {
		if (memcmp(bytes + i, magic, sizeof magic) != 0)
			continue;
		pieces++;
		T_INT(TT_EDATA, join_changed(bytes, n, i + 30, bytes[i + 30] ^ 4));
		T_STR("0.shard: damaged: rows of a usage table", err.text);
	}
	T_OK(pieces >= 10);
	tt_free(bytes);
}

static void no_memory(void)
{
	int rc = TT_ENOMEM;

	shard_of("0.shard", plain_yaml, (const char *const[TABLES]){ [NODES] = "n,1,,\n",
		[PODS] = "p,n,1,,,\n", [GPU] = "1700000000,n,0,p,1,,\n1700000060,n,0,p,2,,\n" }, 0);
	shard_of("1.shard", plain_yaml, (const char *const[TABLES]){ [NODES] = "n,1,,\n",
		[GPU] = "1700000120,n,0,p,1,,\n", [NODE] = "1700000120,n,1,\n" }, 0);
	for (uint64_t nth = 1; rc < 0 && nth < 3000; nth++) {
		tt_alloc_fail_at(nth, 0);
		rc = merge(two, 2, "got.tt", 0, 1);
		tt_alloc_fail_at(0, 0);
		T_OK(rc == TT_ENOMEM || rc == TT_OK);
	}
	T_INT(TT_OK, rc);
}

int main(void)
{
	t_folder(folder, sizeof folder);
	ways();
	fixed_step();
	overlap();
	contradictions();
	across_tables();
	rejected_before();
	strangers();
	other_files();
	damage();
	no_memory();
	free(lines);
	t_folder_remove(folder);
	return T_END();
}
