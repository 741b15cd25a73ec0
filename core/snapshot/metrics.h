/* metrics.h - what the usage tables measure: column, unit, scale and range. */
#ifndef TT_SNAPSHOT_METRICS_H
#define TT_SNAPSHOT_METRICS_H
#include "maths/bins.h"
#include <trimtab/plugin.h>

typedef struct tt_metric_def {
	int metric;            /* enum tt_metric                                  */
	const char *name;      /* in SQL and reports: "sm_active_pct"             */
	const char *column;    /* in the usage tables: "sm_active_ratio"          */
	int decimals;          /* digits of the column that make one millionth    */
	enum tt_scale scale;
	int64_t max_micro;     /* largest accepted value                          */
	const char *expected;  /* for messages: "a number from 0 to 1"            */
	int of_node;           /* measured by node (node_usage), not by card      */
} tt_metric_def;

extern const tt_metric_def tt_metrics[];
#define TT_METRIC_DEFS 10

const tt_metric_def *tt_metric_def_at(int metric); /* NULL: no such metric */
#endif
