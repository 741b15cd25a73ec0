/* duck.c - the rival: DuckDB to the same answers on the same file, or to some of them from
 * a table of its own.
 *
 * It is given every advantage that does not change the answers: the types of all
 * columns, so that it need not guess; only the columns that the question needs are
 * used; the two questions (by card, by card and hour) are asked one after the other
 * straight of the CSV, which is quicker here than loading a table first or asking both
 * in one statement with grouping sets. Only the questions are timed, not loading the
 * library.
 *
 * The library is found at run time and its interface is declared here, so nothing of
 * DuckDB is needed to build this. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

typedef struct result { /* as in DuckDB's C interface; the fields are its own business */
	uint64_t column_count, row_count, rows_changed;
	void *columns;
	char *message;
	void *internal;
} result;

static struct library {
	const char *(*version)(void);
	int (*create_config)(void **config);
	int (*set_config)(void *config, const char *name, const char *value);
	int (*open)(const char *path, void **database, void *config, char **message);
	int (*connect)(void *database, void **connection);
	int (*query)(void *connection, const char *sql, result *ret);
	const char *(*message)(result *r);
	char *(*text)(result *r, uint64_t column, uint64_t row);
	void (*destroy)(result *r);
	void (*release)(void *p);
	void (*disconnect)(void **connection);
	void (*close)(void **database);
} duck;

static void find(void *library, const char *name, void *to)
{
	void *symbol = dlsym(library, name);

	if (!symbol) {
		fprintf(stderr, "duck: %s\n", dlerror());
		exit(1);
	}
	memcpy(to, &symbol, sizeof symbol);
}

static void load(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		fprintf(stderr, "duck: %s\n", dlerror());
		exit(1);
	}
	find(library, "duckdb_library_version", &duck.version);
	find(library, "duckdb_create_config", &duck.create_config);
	find(library, "duckdb_set_config", &duck.set_config);
	find(library, "duckdb_open_ext", &duck.open);
	find(library, "duckdb_connect", &duck.connect);
	find(library, "duckdb_query", &duck.query);
	find(library, "duckdb_result_error", &duck.message);
	find(library, "duckdb_value_varchar", &duck.text);
	find(library, "duckdb_destroy_result", &duck.destroy);
	find(library, "duckdb_free", &duck.release);
	find(library, "duckdb_disconnect", &duck.disconnect);
	find(library, "duckdb_close", &duck.close);
}

/* `path` NULL: in memory. */
static void *open_connection(const char *path, const char *threads, const char *spill,
                             void **ret_database)
{
	void *config = NULL, *connection = NULL;
	char *message = NULL;

	if (duck.create_config(&config) || duck.set_config(config, "threads", threads) ||
	    duck.set_config(config, "temp_directory", spill) ||
	    duck.open(path, ret_database, config, &message) ||
	    duck.connect(*ret_database, &connection)) {
		fprintf(stderr, "duck: %s\n", message ? message : "can't be opened");
		exit(1);
	}
	return connection;
}

static void close_connection(void *connection, void *database)
{
	duck.disconnect(&connection);
	duck.close(&database);
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_s(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
		(double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* The first row's columns into ret[n]. */
static void ask(void *connection, const char *sql, double *ret, size_t n)
{
	result r = { .columns = NULL };

	if (duck.query(connection, sql, &r)) {
		fprintf(stderr, "duck: %s\n", duck.message(&r));
		exit(1);
	}
	for (size_t i = 0; i < n; i++) {
		char *text = duck.text(&r, i, 0);
		ret[i] = text ? strtod(text, NULL) : 0;
		duck.release(text);
	}
	duck.destroy(&r);
}

/* read_csv() of the file with the types of its columns, which its header names. */
static void source(const char *path, char *ret, size_t size)
{
	char header[1024] = "";
	FILE *f = fopen(path, "r");

	if (!f || !fgets(header, sizeof header, f)) {
		fprintf(stderr, "duck: %s: can't be read\n", path);
		exit(1);
	}
	fclose(f);
	int n = snprintf(ret, size, "read_csv('%s', header=true, auto_detect=false, delim=',', "
	                 "quote='\"', escape='\"', columns={", path);
	for (char *s = header, *rest = NULL; (s = strtok_r(s, ",\"\r\n", &rest)); s = NULL) {
		size_t len = strlen(s);
		const char *end = len > 4 ? s + len - 4 : s;
		const char *type = strcmp(s, "time") == 0 ? "TIMESTAMP"
			: strcmp(end, "_pct") == 0 || strcmp(end, "atio") == 0 ||
			  strcmp(end, "_mib") == 0 || strcmp(s, "power_w") == 0 ? "DOUBLE"
			: "VARCHAR";
		n += snprintf(ret + n, size - (size_t)n, "'%s': '%s', ", s, type);
	}
	snprintf(ret + n, size - (size_t)n, "})");
}

/* All that a snapshot answers by card and by hour, straight of the CSV. */
static void answer(const char *usage, const char *threads, const char *spill)
{
	static const char by_card[] =
		"SELECT count(*), sum(n), sum(m), sum(x), sum(q[1]), sum(q[2]), sum(q[3]) FROM ("
		"SELECT node, gpu, count(gpu_util_pct) n, avg(gpu_util_pct) m, max(gpu_util_pct) x,"
		" quantile_disc(gpu_util_pct, [0.5, 0.95, 0.99]) q FROM %s GROUP BY ALL)";
	static const char by_hour[] =
		"SELECT count(*), sum(m), sum(x), sum(q) FROM ("
		"SELECT node, gpu, date_trunc('hour', time) h, count(gpu_util_pct) n,"
		" avg(gpu_util_pct) m, max(gpu_util_pct) x, quantile_disc(gpu_util_pct, 0.95) q"
		" FROM %s GROUP BY ALL)";
	char from[4096], sql[8192];
	double card[7], hour[4];
	void *database = NULL;

	source(usage, from, sizeof from);
	void *connection = open_connection(NULL, threads, spill, &database);
	double start = now_s(), cpu_start = cpu_s();
	snprintf(sql, sizeof sql, by_card, from);
	ask(connection, sql, card, 7);
	double first = now_s();
	snprintf(sql, sizeof sql, by_hour, from);
	ask(connection, sql, hour, 4);
	double end = now_s();
	printf("answers_s=%.4f by_card_s=%.4f by_hour_s=%.4f build_cpu_s=%.4f\n", end - start,
	       first - start, end - first, cpu_s() - cpu_start);
	printf("check series=%.0f n=%.0f mean=%.4f max=%.1f p50=%.1f p95=%.1f p99=%.1f hours=%.0f "
	       "hour_mean=%.1f hour_max=%.1f hour_p95=%.1f\n", card[0], card[1], card[2], card[3],
	       card[4], card[5], card[6], hour[0], hour[1], hour[2], hour[3]);
	close_connection(connection, database);
}

/* The file becomes the table `usage` of the database. */
static void load_table(const char *usage, const char *path, const char *threads,
                       const char *spill)
{
	char from[4096], sql[8192];
	void *database = NULL;
	double loaded;

	source(usage, from, sizeof from);
	void *connection = open_connection(path, threads, spill, &database);
	snprintf(sql, sizeof sql, "CREATE TABLE usage AS SELECT * FROM %s", from);
	ask(connection, sql, &loaded, 1);
	close_connection(connection, database);
}

/* Three quantiles of each card, of the table and nothing else. Asked twice: the second time
 * all that it reads is in its own memory. */
static void quantiles(const char *path, const char *threads, const char *spill)
{
	static const char sql[] =
		"SELECT count(*), sum(q[1]), sum(q[2]), sum(q[3]) FROM (SELECT node, gpu,"
		" quantile_disc(gpu_util_pct, [0.5, 0.95, 0.99]) q FROM usage GROUP BY ALL)";
	void *database = NULL, *connection = open_connection(path, threads, spill, &database);
	double q[4], start = now_s();

	ask(connection, sql, q, 4);
	double again = now_s(), cpu_again = cpu_s();
	ask(connection, sql, q, 4);
	printf("first_s=%.4f again_s=%.4f again_cpu_s=%.4f\n", again - start, now_s() - again,
	       cpu_s() - cpu_again);
	printf("check series=%.0f p50=%.1f p95=%.1f p99=%.1f\n", q[0], q[1], q[2], q[3]);
	close_connection(connection, database);
}

/* The same of six metrics, of cards as a whole. */
static void quantiles_six(const char *path, const char *threads, const char *spill)
{
#define Q(metric) "quantile_disc(" metric ", [0.5, 0.95, 0.99])"
	static const char sql[] =
		"SELECT count(*), sum(a[3]), sum(b[3]), sum(c[3]), sum(d[3]), sum(e[3]), sum(f[3])"
		" FROM (SELECT node, gpu, " Q("gpu_util_pct") " a, " Q("sm_active_ratio") " b, "
		Q("tensor_active_ratio") " c, " Q("dram_active_ratio") " d, " Q("fb_used_mib")
		" e, " Q("power_w") " f FROM usage GROUP BY ALL)";
	void *database = NULL, *connection = open_connection(path, threads, spill, &database);
	double q[7], start = now_s();

	ask(connection, sql, q, 7);
	double again = now_s(), cpu_again = cpu_s();
	ask(connection, sql, q, 7);
	printf("first_s=%.4f again_s=%.4f again_cpu_s=%.4f\n", again - start, now_s() - again,
	       cpu_s() - cpu_again);
	printf("check series=%.0f\n", q[0]);
	close_connection(connection, database);
}

int main(int argc, char **argv)
{
	if (argc >= 3)
		load(argv[1]);
	if (argc == 3 && strcmp(argv[2], "version") == 0)
		printf("%s\n", duck.version());
	else if (argc == 6 && strcmp(argv[2], "answer") == 0)
		answer(argv[3], argv[4], argv[5]);
	else if (argc == 7 && strcmp(argv[2], "load") == 0)
		load_table(argv[3], argv[4], argv[5], argv[6]);
	else if (argc == 6 && strcmp(argv[2], "quantiles") == 0)
		quantiles(argv[3], argv[4], argv[5]);
	else if (argc == 6 && strcmp(argv[2], "quantiles_six") == 0)
		quantiles_six(argv[3], argv[4], argv[5]);
	else {
		fprintf(stderr, "usage: duck libduckdb.so answer USAGE.csv THREADS SPILL_FOLDER\n"
		        "       duck libduckdb.so load USAGE.csv DATABASE THREADS SPILL_FOLDER\n"
		        "       duck libduckdb.so quantiles DATABASE THREADS SPILL_FOLDER\n"
		        "       duck libduckdb.so quantiles_six DATABASE THREADS SPILL_FOLDER\n"
		        "       duck libduckdb.so version\n");
		return 2;
	}
	return 0;
}
