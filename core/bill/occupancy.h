/* occupancy.h - which pod had which card of a node when, and what of that leaves and what
 * stays when a case releases some of it.
 *
 * Placement is sticky, so this is about what was seen. A pod that was seen on no more
 * cards of the node than it asked for had them all its run, whatever the telemetry leaves
 * out. One that was seen on more has moved: gone, it frees each only while it was seen
 * there; staying, it may be on any. What follows for the node is emptying.h's. */
#ifndef TT_BILL_OCCUPANCY_H
#define TT_BILL_OCCUPANCY_H
#include "bill/case.h"

typedef struct tt_held {            /* one pod had one card */
	size_t pod;                 /* row of TT_PODS; SIZE_MAX: not there */
	size_t card;                /* number of the card's name */
	const char *name;           /* of the pod */
	tt_span seen;
} tt_held;

typedef struct tt_occupancy {
	const tt_case *c;
	size_t node;
	uint64_t cards_u6;
	const tt_release *releases; /* those of this node, sorted */
	size_t n_releases;
	const uint32_t *pods;       /* those on this node */
	size_t n_pods;
	tt_held *held; size_t n_held; /* by pod, name, card, time */
	const char **names; size_t n_names; /* of cards, sorted, distinct */
	size_t n_measured;          /* of them, with telemetry */
	tt_spans gone;              /* release times of the pod that was asked for last */
} tt_occupancy;

/* Of the n releases of `node`. `r` may be NULL. Close it even when this
 * fails. Errors: TT_ENOMEM. */
int tt_occupancy_open(tt_occupancy *o, const tt_case *c, const tt_residents *r, size_t node,
                      const tt_release *releases, size_t n, tt_err *err);
void tt_occupancy_close(tt_occupancy *o);

/* How many of o->held from number `first` are of one pod. */
size_t tt_occupancy_group(const tt_occupancy *o, size_t first);
/* Whether telemetry places the pod on any of the cards. */
bool tt_occupancy_saw(const tt_occupancy *o, size_t pod);
/* First of the releases of `pod`; those of cards and nodes (TT_NO_POD) come last. */
size_t tt_occupancy_release(const tt_occupancy *o, size_t pod);

/* Append what a pod had in `had` to `leaving` where it is released, else to `staying`;
 * either may be NULL. */
int tt_occupancy_divide(tt_occupancy *o, size_t pod, tt_span had, tt_spans *leaving,
                        tt_spans *staying, tt_err *err);
/* The same for n of o->held, all of one pod, card by card: leaving[names], staying[names]. */
int tt_occupancy_divide_held(tt_occupancy *o, size_t first, size_t n, tt_spans *leaving,
                             tt_spans *staying, tt_err *err);
#endif
