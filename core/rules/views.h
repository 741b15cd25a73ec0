/* views.h - what a rule may see of a fleet: pods, nodes, findings, and what an owner is told by.
 *
 * Fields are those of the snapshot's tables by their names, times with `_s` and money with
 * `_micro`; what is missing is nil. Beside them a pod and a node have `owner`, and a pod
 * `host`, the node it is on. */
#ifndef TT_RULES_VIEWS_H
#define TT_RULES_VIEWS_H
#include "bill/settings.h"
#include "finding/finding.h"
#include "rules/value.h"
#include "snapshot/snapshot.h"

/* Labels and a namespace: all that the owner of a pod, a node or a line of the bill is told
 * by. */
typedef struct tt_owned {
	const char *labels, *namespace_; /* "" none */
	size_t pods;            /* that have these */
} tt_owned;

typedef struct tt_views {
	const tt_snapshot *snapshot;
	const tt_settings *settings;
	tt_arena *scratch;      /* of texts that were made for a rule; may be emptied by
	                         * tt_views_renew() between calls */
	tt_view_class pod, node, owned, labels, owned_labels, finding, evidence;
	tt_arena *arena;
} tt_views;

/* Stays where it is while a script has seen it. Errors: TT_ENOMEM. */
int tt_views_make(tt_views *v, const tt_snapshot *s, const tt_settings *st, tt_err *err);
void tt_views_reset(tt_views *v);
int tt_views_renew(tt_views *v, tt_err *err);

tt_value tt_view_pod(const tt_views *v, size_t row);
tt_value tt_view_node(const tt_views *v, size_t row);

/* What these two are of has to outlive the script's call. */
typedef struct tt_owned_view { const tt_views *views; const tt_owned *owned; } tt_owned_view;
tt_value tt_view_owned(const tt_owned_view *of);
typedef struct tt_found_view { const tt_views *views; const tt_found *found; } tt_found_view;
tt_value tt_view_finding(const tt_found_view *of);
#endif
