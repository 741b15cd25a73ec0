/* kept.h - what was worked out for one call of a detector and may be asked for by the next, so
 * that a series is unpacked for all of them at once. The host's own, of one worker. */
#ifndef TT_HOST_KEPT_H
#define TT_HOST_KEPT_H
#include "change/needs.h"
#include "host/subjects.h"

typedef struct tt_course {
	double *mean, *max;      /* [steps], in one piece */
	bool any;                /* of a card of it there is a series */
} tt_course;

typedef struct tt_courses {      /* of one metric */
	tt_course *v; size_t n;  /* of workloads [first, first + n) */
	size_t first;
} tt_courses;

/* Zero-initialise. */
typedef struct tt_kept {
	size_t until_workload;   /* those before this number will be asked for too */
	tt_needs *needs;
	tt_arena *runs_arena;    /* of `runs`; NULL: nobody has asked for them */
	tt_pod_runs runs;
	tt_courses courses[TT_METRIC_COUNT + 1]; /* the last: TT_ACTIVITY_PCT */
} tt_kept;

void tt_kept_free(tt_kept *k);
/* What its pods were seen to need; it stays the worker's. */
int tt_kept_needs(tt_kept *k, const tt_snapshot *s, tt_needs **ret, tt_err *err);
/* What the cards of a workload did step by step; with it, as far as memory allows, that of
 * the workloads behind it: those of a node share its series. */
int tt_kept_course(tt_kept *k, const tt_subjects *s, size_t workload, int metric,
                   const tt_course **ret, tt_err *err);
#endif
