/* usage_report.h - what is wrong with the rows of a usage table: faults of parsed blocks, in
 * the order of the file, into rejected rows and messages with their line. */
#ifndef TT_SNAPSHOT_USAGE_REPORT_H
#define TT_SNAPSHOT_USAGE_REPORT_H
#include "snapshot/usage_parse.h"

typedef struct tt_usage_report {
	const char *table, *file;      /* as in messages */
	const tt_usage_layout *layout;
	tt_rejects *rejects;
	bool careful;                  /* blocks were cut with an eye on quotes */
	bool quoted;                   /* they were not and had to be: read it again */
	int64_t rows;                  /* rejected ones included */
	int64_t blank;                 /* lines since the last that is not */
	tt_err first;                  /* the fault that ends the reading */
	int64_t first_at;              /* its line; 0: of none */
} tt_usage_report;

/* Take the next block, whose first line is `line` of the file. */
void tt_usage_report_block(tt_usage_report *r, const tt_usage_block *b, int64_t line);
#endif
