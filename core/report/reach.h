/* reach.h - what of the snapshot a finding is about: the nodes, carriers and pods that its
 * subject stands for. Whoever explains a finding (its series, its owner, where its numbers
 * are from) starts here. Facts only, no bill. */
#ifndef TT_REPORT_REACH_H
#define TT_REPORT_REACH_H
#include "bill/residents.h"
#include "change/change.h"

typedef struct tt_reach_pod {
	uint32_t pod;            /* row of TT_PODS */
	double held_s;           /* card-seconds: held on these carriers; what it asked
	                          * for while it ran, where telemetry never names it */
	int seen;                /* telemetry names it */
} tt_reach_pod;

typedef struct tt_reach {
	enum tt_subject_kind kind;
	int by_pods;             /* pods were meant, and carriers only while these held them */
	uint32_t *nodes; size_t n_nodes;       /* rows of TT_NODES, ascending */
	uint32_t *carriers; size_t n_carriers; /* cards and slices, ascending */
	tt_reach_pod *pods; size_t n_pods;     /* ascending; with cards or without */
	double unknown_held_s;   /* held by pods that pods.csv does not have */
	unsigned char *is_pod;   /* [pods] whether it is in `pods` */
} tt_reach;

/* Into `arena`. A subject that the snapshot does not know, and one that is no place
 * (commitment, charge, fleet), reaches nothing. Errors: TT_ENOMEM. */
int tt_reach_make(const tt_snapshot *s, enum tt_subject_kind kind, const char *id,
                  tt_arena *arena, tt_reach *ret, tt_err *err);
#endif
