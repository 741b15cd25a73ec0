/* bridge.h - nodes of a pool that went, and others that came a little later: what it takes to
 * keep the one until the other is asked for, so that the other need not be booted.
 *
 * A node that is kept is the next that is used: of several the last that emptied, so that the
 * one that has been empty for longest goes first. Demand comes when it came: whoever takes a
 * kept node works as long as on the node that was made for it, boot apart. */
#ifndef TT_CHANGE_BRIDGE_H
#define TT_CHANGE_BRIDGE_H
#include "bill/places.h"
#include "change/growth.h"

typedef struct tt_life {        /* of a node of a pool */
	bool known;             /* who was on it; else nothing below is */
	bool came, went;        /* inside the window */
	bool taken;             /* by a spot market: work broke off when it went */
	int64_t busy_s, empty_s; /* when it got its first pod, when it was left by the last;
	                          * without pods: its end, its begin */
} tt_life;

/* When anything outside the system namespaces runs on the node: tidy, into `ret`. */
int tt_node_busy(const tt_snapshot *s, const tt_settings *st, const tt_residents *r, size_t node,
                 tt_spans *ret, tt_err *err);

/* Whether a run ended with its node, and not by itself: preempted or failed so shortly before
 * the node was gone, which takes `drain_s`. */
bool tt_broke_off(const tt_pod_row *p, tt_span ran, int64_t gone_s, double drain_s);

/* ret[m->n], of members that are nodes. */
int tt_lives_find(const tt_snapshot *s, const tt_settings *st, const tt_residents *r,
                  const tt_members *m, double drain_s, tt_life *ret, tt_err *err);

/* A stretch in which the pool had a node less: from when one was empty, until as many were
 * asked for again. */
typedef struct tt_bridge_gap {
	int64_t level;          /* so many there were before, and are again */
	int64_t gap_s;          /* what a node would have waited */
	int64_t paid_s;         /* by what was there: until it was gone, and the boot */
} tt_bridge_gap;

/* Of members, ordered by when they end: fresh, `ret_n` of them. What a market opened is no
 * gap. Where it is not known who was on a node, it was empty for no longer than its drain. */
int tt_bridge_gaps(const tt_members *m, const tt_life *lives, int64_t boot_s, int64_t drain_s,
                   tt_bridge_gap **ret, size_t *ret_n, tt_err *err);

typedef struct tt_bridge_rules {
	tt_span force;
	int64_t idle_s;         /* a node is kept so long after it emptied; below 0: not */
	int64_t min_nodes;      /* so many are there always; 0: none are */
	int64_t boot_s, drain_s;
	const bool *alike;      /* [m->n] members that can stand for each other */
} tt_bridge_rules;

/* What is kept is more in `ret`, and what need not boot is gone from its member. */
int tt_bridge(const tt_bridge_rules *rules, const tt_life *lives, tt_members *m, tt_extras *ret,
              tt_err *err);
#endif
