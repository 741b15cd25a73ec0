/* once.h - what one purchase would be worth, as a table, JSON or CSV (commit/once.h). */
#ifndef TT_REPORT_ONCE_H
#define TT_REPORT_ONCE_H
#include "base/text.h"
#include "commit/once.h"

typedef struct tt_once_report {
	const tt_snapshot *snapshot;
	const tt_eligible *eligible;
	const tt_once *once;
	const char *pool_by;        /* word of --pool-by */
	bool keep_gaps;
} tt_once_report;

/* Append it; out->failed when memory runs out. */
void tt_once_table(const tt_once_report *r, int color, tt_buf *out);
void tt_once_json(const tt_once_report *r, tt_buf *out);
void tt_once_csv(const tt_once_report *r, tt_buf *out);

/* The offer that costs least; NULL: there is none. */
const tt_once_answer *tt_once_cheapest(const tt_once_pool *p);
/* "card", "instance", "8-card instance", as units are. */
const char *tt_once_unit(const tt_once_pool *p, char *buf, size_t size);
#endif
