/* rejects.h - rows that can't be read or contradict others: counted by kind, with the first
 * of each in words. Knows no table; what is wrong is for others to say. */
#ifndef TT_SNAPSHOT_REJECTS_H
#define TT_SNAPSHOT_REJECTS_H
#include "base/error.h"
#include <stdint.h>

/* Without `lenient` the first bad row ends the load with TT_EDATA. With it, rows
 * are counted and the first message of each kind is kept. */
typedef struct tt_reject {
	const char *table, *kind; /* "pods", "unknown node"; literals            */
	int64_t n;
	char first[512];
} tt_reject;

typedef struct tt_rejects {
	int lenient;
	int64_t n;
	tt_reject *kinds;
	size_t n_kinds, cap_kinds;
} tt_rejects;

/* Reject a row for the reason in `fmt` ("pods.csv:12:4: ..."). Returns TT_OK when
 * lenient (the row is then to be left out), TT_EDATA or TT_ENOMEM otherwise. */
int tt_reject_row(tt_rejects *r, tt_err *err, const char *table, const char *kind,
                  const char *fmt, ...) TT_PRINTF(5, 6);
void tt_rejects_free(tt_rejects *r);
/* Add what was rejected in a reading that turned out to be the one that counts. */
int tt_rejects_pass_on(const tt_rejects *seen, tt_rejects *to, tt_err *err);
#endif
