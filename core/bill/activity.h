/* activity.h - how busy pods and nodes were, step by step of the aligned series, for
 * changes that depend on when something had nothing to do.
 *
 * A pod's activity is that of the cards and slices it held in the step, whoever else was
 * on them. A step in which a card was not measured, or in which telemetry places the pod on
 * no card, is not known: NaN, and neither idle nor active. Where no telemetry of a node
 * names a pod, one that asked for the whole node has all its cards. */
#ifndef TT_BILL_ACTIVITY_H
#define TT_BILL_ACTIVITY_H
#include "bill/residents.h"

/* Idle is what stays below this, in percent, for the whole step: the definition of the
 * detector of idle cards. */
#define TT_IDLE_BELOW_PCT 1.0

typedef struct tt_activity tt_activity;

/* Of a snapshot with aligned series. Errors: TT_ENOMEM. */
int tt_activity_open(const tt_snapshot *s, tt_activity **ret, tt_err *err);
void tt_activity_close(tt_activity *a);
void tt_activity_closep(tt_activity **a);
size_t tt_activity_steps(const tt_activity *a);

/* For the steps that `life` touches, and no others: mean[steps], 0..1: the mean of its cards;
 * peak[steps], percent: the largest reading of any of them. Series of one node are kept for a
 * while, so ask node by node. Errors: those of tt_snapshot_series(). */
int tt_activity_of_pod(tt_activity *a, size_t pod, tt_span life, double *mean, double *peak,
                       tt_err *err);
/* The same of all cards of a node; one card without telemetry, and nothing is known. */
int tt_activity_of_node(tt_activity *a, size_t node, tt_span life, double *mean, double *peak,
                        tt_err *err);

/* Step i, cut to the window. */
tt_span tt_activity_step(const tt_snapshot *s, size_t i);
/* The steps that `span` touches: the first, and one behind the last. */
void tt_activity_range(const tt_snapshot *s, tt_span span, size_t *ret_first, size_t *ret_end);

/* The stretches of `life` in which every step is known and idle, tidy, into `ret` (emptied
 * first); ret_known: seconds of `life` in steps that are known. */
int tt_activity_idle(const tt_snapshot *s, const double *peak, tt_span life, tt_spans *ret,
                     int64_t *ret_known_s, tt_err *err);
#endif
