/* usage_pack.h - a finished carrier as what the snapshot file holds of it. */
#ifndef TT_SNAPSHOT_USAGE_PACK_H
#define TT_SNAPSHOT_USAGE_PACK_H
#include "snapshot/usage.h"

typedef struct tt_packed_series {
	const tt_series_state *of;
	double quantile[3];    /* p50, p95, p99 by seconds, in the metric's unit */
	tt_buf histogram, hourly, mean, max; /* max empty: equal to mean */
} tt_packed_series;

typedef struct tt_packed_carrier {
	const char *node, *gpu, *slice; /* point into `key` */
	char *key;
	const tt_usage_carrier *of;
	tt_packed_series series[TT_METRIC_DEFS]; size_t n_series;
	tt_run *runs; size_t n_runs;    /* by from_s, then pod name */
	const char **pods;              /* [n_runs] names */
} tt_packed_carrier;

/* Order of two cards' or slices' names: nothing, numbers as numbers, other text. */
int tt_card_name_compare(const char *a, size_t na, const char *b, size_t nb);

/* Carriers that have rows, in the order of the snapshot file: by node as strcmp() has it,
 * then gpu, slice: numbers as numbers and before other text. *ret is [*ret_n], the
 * caller's to tt_free(). */
int tt_usage_order(const tt_usage *u, uint32_t **ret, size_t *ret_n, tt_err *err);

/* Refuse two carriers of which the ids are equal, as where a name holds a '/': nobody could
 * say which of them is meant. Either may be NULL. Errors: TT_EDATA, TT_ENOMEM. */
int tt_usage_check_ids(const tt_usage *gpu, const tt_usage *node, tt_err *err);

/* Cards with readings beyond what the table of nodes says that their nodes have. */
typedef struct tt_strange_cards {
	size_t cards, nodes;
	size_t first, seen;   /* row of the first such node by name, and its cards */
} tt_strange_cards;
int tt_usage_strange_cards(const tt_usage *u, const tt_rows *nodes, tt_strange_cards *ret,
                           tt_err *err);

/* Pack carrier `id`. Thread-safe for different carriers. */
int tt_usage_pack(const tt_usage *u, uint32_t id, size_t n_steps, size_t n_hours,
                  tt_packed_carrier *ret, tt_err *err);
void tt_packed_carrier_free(tt_packed_carrier *c);
#endif
