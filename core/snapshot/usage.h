/* usage.h - from rows of a usage table, in time order per carrier, to measures and
 * holdings. Constant memory: what is finished goes to a spill.
 *
 * A row stands from its time to the carrier's next time; for one usual step where that
 * is more than five steps away or there is none. The usual step is the median distance
 * of the carrier's times, known only at the end: a carrier starts with that of its
 * first rows, and where the end shows another, tt_usage_end() asks for a second pass
 * with what is now known. The same goes for rows that turn out not to be in order.
 *
 * Carriers are dealt to shards; each shard is worked on by one thread at a time, so
 * nothing is locked but the names. */
#ifndef TT_SNAPSHOT_USAGE_H
#define TT_SNAPSHOT_USAGE_H
#include "snapshot/snapshot.h"
#include "snapshot/usage_series.h"
#include <pthread.h>

#define TT_USAGE_CHUNK 128
#define TT_USAGE_SHARDS 8      /* at most */
#define TT_USAGE_MISSING INT64_MIN
#define TT_USAGE_TOO_FAR 5     /* steps */
/* The most that one table can name. Fixed, so that the tables never move under a thread
 * that reads them; untouched pages cost nothing. */
#define TT_USAGE_CARRIERS (1u << 20)
#define TT_USAGE_PODS (1u << 24)

/* A row as it travels: this head, then int64_t value[n_metrics]. */
typedef struct tt_usage_row {
	uint32_t carrier;
	int32_t t;             /* seconds from the window's start */
	uint32_t pod;          /* 0: none; else 1 + number of its name */
	uint32_t line;         /* in the file, modulo 2^32, for messages */
} tt_usage_row;

typedef struct tt_distance { int32_t s; uint32_t n; } tt_distance;

typedef struct tt_run {        /* a holding that is still open */
	uint32_t pod;
	int32_t from_s, to_s;
	int64_t measured_s[TT_BUSY_METRICS];
	tt_i128 busy_micro_s[TT_BUSY_METRICS];
	uint32_t bins_s[TT_BUSY_METRICS][TT_BUSY_BINS];
} tt_run;

typedef struct tt_seen {       /* one of several rows of a carrier's last time */
	uint32_t pod, line;
	int64_t value[TT_METRIC_DEFS];
} tt_seen;

typedef struct tt_usage_carrier { /* state of one carrier */
	int32_t t[TT_USAGE_CHUNK + 1];
	uint32_t pod[TT_USAGE_CHUNK + 1];
	int32_t *d;                /* how long each stands: the shard's, while work goes on */
	int32_t first_s;
	int32_t usual_s;           /* 0: not known yet */
	tt_distance *distances; size_t n_distances, cap_distances;
	struct tt_extra { uint32_t at, pod; } *extras; /* further pods of row `at` */
	size_t n_extras, cap_extras;
	/* [n_seen] different rows of the last time; none while it has one */
	tt_seen *seen; size_t cap_seen;
	tt_run *runs; size_t n_runs, cap_runs;
	uint64_t closed_runs;      /* spill chain of finished tt_run */
	/* what every row needs stands together */
	int32_t last_s;
	uint32_t n;                /* rows waiting */
	uint32_t line;             /* of the first row of the last time */
	uint32_t n_seen;
	uint32_t n_series;         /* that are there */
	int64_t times;             /* distinct times seen */
	/* [n_metrics], NULL until there is a reading; the waiting readings stand behind them */
	tt_series_state *series[];
} tt_usage_carrier;

/* Rows that contradict another one of the same card and time. They are left out. */
enum tt_clash_kind { TT_CLASH_PODS, TT_CLASH_VALUES, TT_CLASH_KINDS };
typedef struct tt_clash {
	int64_t n;
	uint32_t line;             /* the first in the file */
	char text[480];            /* what is wrong with it */
} tt_clash;

typedef struct tt_usage_shard {
	tt_series_scratch scratch; /* scratch.spill: the shard's */
	int32_t d[TT_USAGE_CHUNK + 1];
	int64_t duplicates, differing, outside;
	bool unordered;
	tt_err err;
	tt_clash clash[TT_CLASH_KINDS];
} tt_usage_shard;

typedef struct tt_usage {
	const char *table, *file;  /* "gpu_usage" and the path, for messages */
	int64_t start_s, end_s;
	int32_t step_s;
	int n_shards;
	const tt_metric_def *metric[TT_METRIC_DEFS];
	size_t n_metrics, row_bytes;
	int busy[TT_BUSY_METRICS]; /* column of that metric; -1: none */
	pthread_mutex_t lock;      /* of the two sets of names */
	tt_names *carriers, *pods; /* carrier key: node 0x1f gpu 0x1f slice */
	uint8_t *pod_whole;        /* [pods] needs whole cards alone */
	const tt_rows *pod_rows;
	tt_usage_carrier **state;  /* [carriers]; NULL: no row inside the window */
	tt_usage_shard shard[TT_USAGE_SHARDS];
	int lenient;
	/* from an earlier pass over the same rows: usual step by carrier; NULL none */
	const struct tt_usage *known;
} tt_usage;

/* `pods` may be NULL. Spills go to `folder`. */
int tt_usage_new(const char *table, const char *file, int64_t start_s, int64_t end_s,
                 int32_t step_s, int n_shards, const tt_metric_def *const *metric,
                 size_t n_metrics, const tt_rows *pods, const char *folder, int lenient,
                 const tt_usage *known, tt_usage **ret, tt_err *err);
void tt_usage_free(tt_usage *u);

/* Numbers for names; any thread. -1 when out of memory. */
int64_t tt_usage_carrier_number(tt_usage *u, const char *key, size_t n);
int64_t tt_usage_pod_number(tt_usage *u, const char *pod, size_t n);
int tt_usage_shard_of(const tt_usage *u, uint32_t carrier);

/* Take one row of shard `sh`. One that contradicts another is left out and counted in
 * the shard's `clash`. One before its carrier's last time sets the shard's `unordered`;
 * nothing that comes later is right then. */
int tt_usage_take(tt_usage *u, int sh, const tt_usage_row *row, const int64_t *value);
/* The same for `bytes` of rows, whose lines are counted from `line`. */
int tt_usage_take_rows(tt_usage *u, int sh, const char *rows, size_t bytes, uint32_t line);

/* The rows are all there: finish every carrier. `*ret_again` is set when the usual
 * steps or the aligned step (unless `fixed_step`) turned out other than assumed; then
 * make a new tt_usage with this one as `known` and the step in *ret_step_s. */
int tt_usage_end(tt_usage *u, bool fixed_step, bool *ret_again, int32_t *ret_step_s,
                 tt_err *err);
#endif
