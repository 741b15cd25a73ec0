/* measured.h - a small fleet with telemetry over time, for tests of what reads it: rows go
 * into files, and a real snapshot is built of them.
 *
 *   measured m;
 *   measured_open(&m, 0, 3600, 60);
 *   measured_put(&m, "nodes", "n,1,on_demand,1");        columns: measured_head()
 *   measured_use(&m, 0, 3600, "n", "0", "p", 12.5);      a reading a minute
 *   tt_snapshot *s = measured_ready(&m);
 *   ...
 *   measured_close(&m); */
#ifndef MEASURED_H
#define MEASURED_H
#include "base/clock.h"
#include "snapshot/builder.h"
#include "snapshot/snapshot.h"
#include "t.h"
#include <stdarg.h>

#define MEASURED_START INT64_C(1767571200) /* 2026-01-05T00:00:00Z, a Monday */

enum { MEASURED_TABLES = 7 };
static const struct { const char *table, *head; } measured_heads[MEASURED_TABLES] = {
	{ "nodes", "node,node_group,gpus,pricing,price_per_hour,started_at,ended_at" },
	{ "pods", "pod,namespace,node,workload,gpus,gpu_sharing,started_at,ended_at" },
	{ "node_groups", "node_group,min_nodes,boot_s,drain_s" },
	{ "workloads", "workload,min_replicas,max_replicas" },
	{ "gpu_usage", "time,node,gpu,pod,gpu_util_pct" },
	{ "prices", "provider,region,instance_type,gpu_model,gpus,pricing,price_per_hour" },
	{ "traffic", "time,workload,requests" },
};

typedef struct measured {
	char folder[256];
	FILE *files[MEASURED_TABLES];
	int64_t start_s, end_s, step_s;
	tt_snapshot *s;
} measured;

static inline const char *measured_path(const measured *m, const char *name)
{
	static char path[320];

	snprintf(path, sizeof path, "%s/%s", m->folder, name);
	return path;
}

/* Times are seconds after MEASURED_START. */
static inline void measured_open(measured *m, int64_t end_s, int64_t step_s)
{
	char from[TT_TIME_TEXT], to[TT_TIME_TEXT];
	FILE *f;

	*m = (measured){ .start_s = MEASURED_START, .end_s = MEASURED_START + end_s,
			 .step_s = step_s };
	t_folder(m->folder, sizeof m->folder);
	f = fopen(measured_path(m, "snapshot.yaml"), "w");
	if (!f)
		exit(1);
	fprintf(f, "name: m\ncurrency: USD\nstart: %s\nend: %s\nstep: %lldm\n",
		tt_time_format(m->start_s, from), tt_time_format(m->end_s, to),
		(long long)step_s / 60);
	fclose(f);
}

/* The file of a table, begun with these columns; NULL: the usual ones. */
static inline FILE *measured_head(measured *m, const char *table, const char *head)
{
	int i = 0;

	while (strcmp(measured_heads[i].table, table) != 0)
		i++;
	if (!m->files[i]) {
		char name[32];

		snprintf(name, sizeof name, "%s.csv", table);
		m->files[i] = fopen(measured_path(m, name), "w");
		if (!m->files[i])
			exit(1);
		fprintf(m->files[i], "%s\n", head ? head : measured_heads[i].head);
	}
	return m->files[i];
}

/* A row; a time in it is written by measured_time(). */
static inline void measured_put(measured *m, const char *table, const char *fmt, ...)
	TT_PRINTF(3, 4);
static inline void measured_put(measured *m, const char *table, const char *fmt, ...)
{
	FILE *f = measured_head(m, table, NULL);
	va_list args;

	va_start(args, fmt);
	vfprintf(f, fmt, args);
	va_end(args);
	fputc('\n', f);
}

/* As text for a row or a change; "" for a negative one. */
static inline const char *measured_time(int64_t s)
{
	static char text[8][TT_TIME_TEXT];
	static int turn;

	turn = (turn + 1) % 8;
	text[turn][0] = '\0';
	return s < 0 ? text[turn] : tt_time_format(MEASURED_START + s, text[turn]);
}

/* Readings every step in [from, to). */
static inline void measured_use(measured *m, int64_t from_s, int64_t to_s, const char *node,
				const char *gpu, const char *pod, double pct)
{
	for (int64_t t = from_s; t < to_s; t += m->step_s)
		measured_put(m, "gpu_usage", "%lld,%s,%s,%s,%g", (long long)(m->start_s + t), node,
			     gpu, pod, pct);
}

static inline tt_snapshot *measured_ready(measured *m)
{
	TT_CLEANUP(tt_builder_closep) tt_builder *b = NULL;
	const tt_build_options o = { .threads = 1 };
	char out[320];
	tt_err err = { 0 };
	int rc;

	snprintf(out, sizeof out, "%s/out.tt", m->folder);
	rc = tt_builder_open(out, &o, &b, &err);
	if (rc == TT_OK)
		rc = tt_builder_window(b, measured_path(m, "snapshot.yaml"), &err);
	for (int i = 0; i < MEASURED_TABLES && rc == TT_OK; i++) {
		char name[32];

		if (!m->files[i])
			continue;
		fclose(m->files[i]);
		m->files[i] = NULL;
		snprintf(name, sizeof name, "%s.csv", measured_heads[i].table);
		rc = tt_builder_read_csv(b, measured_path(m, name), measured_heads[i].table, NULL,
					 0, &err);
	}
	if (rc == TT_OK)
		rc = tt_builder_finish(b, NULL, &err);
	if (rc == TT_OK)
		rc = tt_snapshot_load(out, &m->s, &err);
	if (rc < 0) {
		printf("measured.h: %s\n", err.text);
		exit(1);
	}
	return m->s;
}

static inline void measured_close(measured *m)
{
	tt_snapshot_close(m->s);
	t_folder_remove(m->folder);
}
#endif
