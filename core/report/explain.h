/* explain.h - why one finding is there: what was noticed, the rule with this case's
 * numbers, how much was measured, where each number is from, whose it is, and what its
 * changes do to the bill. Everything is gathered from the finding and the plugin's
 * descriptor, so that any detector is explained alike. The table and JSON show this one
 * thing (explain_table.h, explain_json.h). */
#ifndef TT_REPORT_EXPLAIN_H
#define TT_REPORT_EXPLAIN_H
#include "host/plugins.h"
#include "report/audit.h"
#include "report/effect.h"
#include "report/ownership.h"
#include "report/series.h"

typedef struct tt_told_param {       /* a parameter as the detector got it */
	const tt_param *def;
	double number;               /* NaN for a text */
	const char *text;            /* NULL for a number */
	int line;                    /* in the settings' file; 0: the default */
} tt_told_param;

typedef struct tt_told_ground {      /* a ground of the verdict, with numbers */
	const tt_ground *def;
	double value, threshold;     /* NaN: the evidence is not known */
	int holds;                   /* 1, 0; -1: not known */
} tt_told_ground;

typedef struct tt_told_source {      /* a table that numbers are from */
	const char *table, *file;    /* file NULL: none was read */
	int64_t rows;                /* in it */
	int64_t used;                /* of them that are about the subject; readings of
	                              * the metric for usage tables; -1: all of them */
	const char *used_as;         /* "reading", "node", "pod" */
} tt_told_source;

typedef struct tt_told_price {       /* an hourly price, and of how many nodes it is */
	uint32_t node;               /* the first that has it */
	size_t nodes;
} tt_told_price;

typedef struct tt_explanation {
	const tt_audit *audit;
	const tt_ranked *ranked;
	const tt_plugin *plugin;     /* NULL: not loaded */
	tt_told_param *params; size_t n_params;
	tt_told_ground *grounds; size_t n_grounds;
	const char **evidence_from;  /* [n_evidence] metric and statistic, or "" */
	tt_reach reach;
	tt_course course;
	tt_ownership ownership;
	tt_effect effect;
	tt_told_source *sources; size_t n_sources;
	tt_told_price *prices; size_t n_prices;
	tt_arena *arena;
} tt_explanation;

/* The finding whose id is `id`, or whose id or the part of it after the '-' begins with
 * it. Errors: TT_ENODATA: none or several do; the message names the nearest. */
int tt_explain_find(const tt_audit *a, const char *id, const tt_ranked **ret, tt_err *err);

/* All about one finding of the audit, which has to outlive it. `most` columns are wanted
 * of its course. Errors: TT_ENOMEM, TT_EDATA, TT_EIO. */
int tt_explain_make(const tt_audit *a, const tt_plugins *p, const tt_ranked *r, size_t most,
                    tt_explanation *ret, tt_err *err);
void tt_explain_reset(tt_explanation *e);

/* Whether evidence only repeats a parameter: its key and its value. */
int tt_told_as_param(const tt_explanation *e, const tt_found_evidence *v);

/* The unit that the name of a value ends in, as people write it: "%", "h", "MiB"; "". */
const char *tt_unit_of(const char *key);
/* "0.3 %" of "p99_activity_pct", at most `decimals` digits after the point; "not known"
 * for NaN. Into buf[TT_CELL_TEXT] (layout.h), which is returned. */
char *tt_value_text(const char *key, double v, int decimals, char *buf);
#endif
