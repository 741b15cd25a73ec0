/* snapshot.h - a snapshot in memory: facts about one window of time, immutable.
 *
 * Loaded from the one SQLite file that builder.h writes (store.h knows its shape).
 * Entities are rows of tables.h sorted by key. What is measured hangs on *carriers*
 * (cards, MIG slices and nodes): one tt_measure per metric. *Holdings* say which pod
 * held which card when, and how busy it was meanwhile. Everything is owned by the
 * snapshot; any number of threads may read it at once. */
#ifndef TT_SNAPSHOT_SNAPSHOT_H
#define TT_SNAPSHOT_SNAPSHOT_H
#include "maths/bins.h"
#include "snapshot/billed.h"
#include "snapshot/placed.h"
#include "snapshot/tables.h"

/* Measured values are kept as int64 in millionths of their unit ("micro"), so sums
 * are exact and do not depend on order. Ratios are kept as percent. */

typedef struct tt_carrier {
	const char *id;          /* "node/gpu", "node/gpu/slice"; "node" for a node */
	const char *node, *gpu, *slice; /* gpu "" for a node; slice "" for the card */
	size_t node_index;       /* row of TT_NODES                               */
	int64_t usual_step_s;    /* median distance of its times                  */
	int64_t first_s, last_s; /* its first and last time                       */
	uint32_t measure[TT_METRIC_COUNT]; /* 1 + index of its measure; 0: none   */
	size_t first_holding, n_holdings;  /* range of snapshot->holdings         */
} tt_carrier;

typedef struct tt_measure {
	uint32_t carrier;
	int32_t metric;
	int64_t n;               /* readings                                      */
	int64_t seconds;         /* that they stand for                           */
	tt_i128 sum_micro;       /* of the readings                               */
	tt_i128 sum_micro_s;     /* of reading x seconds                          */
	int64_t min_micro, max_micro;
	const unsigned char *histogram; size_t histogram_bytes; /* packed, see pack.h */
	const unsigned char *hourly; size_t hourly_bytes;
	int64_t rowid;           /* for its aligned series                        */
} tt_measure;

enum { TT_BUSY_GPU_UTIL = 0, TT_BUSY_SM_ACTIVE = 1, TT_BUSY_METRICS = 2 };
#define TT_BUSY_BINS 102 /* 0: exactly 0; k: (k-1, k] percent */

typedef struct tt_holding {
	uint32_t carrier;
	const char *pod;         /* as in gpu_usage; may be missing from TT_PODS  */
	size_t pod_index;        /* row of TT_PODS; SIZE_MAX: not there           */
	int64_t from_s, to_s;
	/* by TT_BUSY_*: seconds with a reading, the sum of reading x seconds, and
	 * seconds by whole percent */
	int64_t measured_s[TT_BUSY_METRICS];
	tt_i128 busy_micro_s[TT_BUSY_METRICS]; /* millionths of a percent x s      */
	const uint32_t *bins_s[TT_BUSY_METRICS]; /* [TT_BUSY_BINS]; NULL: none     */
} tt_holding;

typedef struct tt_series_readers tt_series_readers;

typedef struct tt_snapshot {
	const char *path;        /* of the file                                   */
	const char *name, *currency, *note, *source;
	int64_t start_s, end_s, step_s; /* step_s 0: nothing aligned               */
	tt_rows table[TT_TABLE_COUNT];
	tt_carrier *carriers;    /* cards and slices first, then nodes; each sorted
	                          * by node as strcmp() has it, then gpu, slice:
	                          * numbers as numbers and before other text      */
	size_t n_carriers, n_cards; /* the first n_cards are cards and slices      */
	tt_measure *measures; size_t n_measures;
	tt_holding *holdings; size_t n_holdings; /* by carrier, then from_s        */
	int64_t usage_rows, node_usage_rows; /* read; 0: no such file             */
	const char *usage_file, *node_usage_file; /* NULL: no such file           */
	int usage_has_pods;      /* gpu_usage named a pod at least once           */
	tt_rejects rejects;      /* of a lenient build                            */
	const char **notes; size_t n_notes;
	tt_billed billed;        /* what charges and volumes cost                  */
	tt_placed placed;        /* who is where                                   */
	int temporary;           /* close() removes the file and the folder it is in  */
	tt_series_readers *readers; /* of the file, for tt_snapshot_series()        */
	tt_arena *arena;
} tt_snapshot;

/* Load the snapshot file at `path`. Errors: TT_EIO (not usable), TT_EDATA (not a
 * snapshot of ours, newer, or damaged), TT_ENOMEM. */
int tt_snapshot_load(const char *path, tt_snapshot **ret, tt_err *err);
void tt_snapshot_close(tt_snapshot *s);
void tt_snapshot_closep(tt_snapshot **s);

/* Whether the n bytes at the start of `path` are a SQLite file. */
int tt_snapshot_is_file(const char *path);
/* Whether it says that it is a snapshot or a shard of ours, of whatever version. */
int tt_snapshot_is_ours(const char *path);

size_t tt_snapshot_find_node(const tt_snapshot *s, const char *node);   /* SIZE_MAX */
size_t tt_snapshot_find_pod(const tt_snapshot *s, const char *pod);
/* By id. O(log n) and what one node has. */
size_t tt_snapshot_find_carrier(const tt_snapshot *s, const char *id);
/* The cards and slices of a node: carriers [*ret_first, *ret_first + *ret_n). */
void tt_snapshot_cards_of(const tt_snapshot *s, const char *node, size_t *ret_first,
                          size_t *ret_n);
/* The carrier that the node itself is; SIZE_MAX when nothing of it was measured. */
size_t tt_snapshot_node_carrier(const tt_snapshot *s, const char *node);
/* The metric that tells a card's activity: SM_ACTIVE, else GPU_UTIL, else NONE. */
int tt_snapshot_activity(const tt_snapshot *s, const tt_carrier *c);
const tt_measure *tt_snapshot_measure(const tt_snapshot *s, const tt_carrier *c, int metric);

/* Statistics as plugins see them; TT_ENODATA (and NaNs) when there is no measure. */
int tt_measure_stats(const tt_measure *m, tt_stats *ret, tt_err *err);

/* Number of steps of an aligned series. */
size_t tt_snapshot_steps(const tt_snapshot *s);
/* The aligned series of `m` into mean[steps] and max[steps], NaN where unknown. Any thread,
 * and any process that was forked meanwhile; the file stays open for the next. */
int tt_snapshot_series(const tt_snapshot *s, const tt_measure *m, double *mean,
                       double *max, tt_err *err);
/* The same, and no more is written than has to be: what a card did is mostly a small part of
 * the window. mean[] and max[] are NaN but in *known, which is emptied first and then says where
 * they are not. */
int tt_snapshot_series_anew(const tt_snapshot *s, const tt_measure *m, double *mean, double *max,
                            tt_stretch *known, tt_err *err);

/* For close(): what is kept open for that. */
void tt_series_readers_close(tt_series_readers *of);

/* The same for one measure after the other, and not through the snapshot. Of one thread. */
typedef struct tt_series_reader tt_series_reader;
int tt_series_reader_open(const tt_snapshot *s, tt_series_reader **ret, tt_err *err);
void tt_series_reader_closep(tt_series_reader **r);
int tt_series_read(tt_series_reader *r, const tt_measure *m, double *mean, double *max,
                   tt_err *err);

/* Whether the file is, to the bit, what was written: reads all of it. Errors: TT_EDATA. */
int tt_snapshot_verify(const tt_snapshot *s, tt_err *err);

typedef struct tt_hour { double mean, p95, max; int32_t seconds; } tt_hour;
/* Hours from the start of the window; the last may be cut by its end. */
size_t tt_snapshot_hours(const tt_snapshot *s);
int tt_measure_hourly(const tt_snapshot *s, const tt_measure *m, tt_hour *ret, tt_err *err);

const char *tt_metric_text(int metric);     /* "gpu_util_pct"; "" unknown */
int tt_metric_find(const char *s);          /* TT_METRIC_NONE: no such metric */
#endif
