/* results.h - what worlds came to, world by world, before anything is summed up. */
#ifndef TT_SIMULATE_RESULTS_H
#define TT_SIMULATE_RESULTS_H
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tt_results {         /* micro-units; rows are worlds */
	size_t worlds, n_changes, n_months, n_names;
	size_t n_budgets;           /* that are asked of each world */
	bool with_service;
	uint32_t *names;            /* [n_names] a pool of that name; UINT32_MAX: charges */
	int64_t *baseline, *after, *saving;             /* [worlds] */
	int64_t *lever;                                 /* [worlds * 2] saving */
	int64_t *month_baseline, *month_after;          /* [worlds * n_months] */
	int64_t *pool_baseline, *pool_after;            /* [worlds * n_names] */
	int64_t *standalone, *in_set;                   /* [worlds * n_changes] saving */
	unsigned char *adopted;                         /* [worlds * n_changes] */
	double *interruptions;                          /* [worlds * n_changes] more, in the
	                                                 * set; NULL unless `with_service` */
	int64_t *budget_baseline, *budget_after;        /* [worlds * n_budgets * n_months] */
	/* of row 0, where there is room for them; else NULL */
	int64_t *piece_baseline, *piece_after;          /* [pieces] */
	double *piece_instances, *piece_instances_after; /* [pieces] means */
	size_t *block;                                  /* [weeks] that were drawn */
} tt_results;

/* Zeroed room for r->worlds worlds of r->n_changes, n_months, n_names, n_budgets and
 * with_service, which are set.
 * Errors: TT_ENOMEM. */
int tt_results_make(tt_results *r, tt_err *err);
/* Room for pieces, too. */
int tt_results_pieces(tt_results *r, size_t pieces, size_t weeks, tt_err *err);
void tt_results_free(tt_results *r);
#endif
