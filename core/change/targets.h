/* targets.h - which pods or nodes of a fleet a subject of a change means, and in which
 * times of the window the change is in force. */
#ifndef TT_CHANGE_TARGETS_H
#define TT_CHANGE_TARGETS_H
#include "bill/case.h"
#include "change/change.h"
#include "change/hours.h"

typedef struct tt_targets {     /* zero-initialise */
	bool nodes;             /* rows of TT_NODES; else of TT_PODS */
	uint32_t *v;            /* [n] by node, then by row */
	size_t n, cap;
} tt_targets;

void tt_targets_free(tt_targets *t);

/* The nodes of a node or node group, the pods of a pod, workload or namespace, into `ret`
 * (emptied first). Errors: TT_EDATA (not in the fleet), TT_EINVAL (another kind), TT_ENOMEM. */
int tt_targets_find(const tt_change *c, const tt_change_subject *subject,
                    const tt_snapshot *s, tt_targets *ret, tt_err *err);
int tt_targets_missing(const tt_change *c, const tt_change_subject *subject, tt_err *err);
int tt_targets_refuse(const tt_change *c, const tt_change_subject *subject, tt_err *err);

/* What a case releases for target number i; false where nothing can be: a pod whose node
 * is not known. `ret_life`: when it was there, in the window. */
bool tt_targets_release(const tt_targets *t, const tt_snapshot *s, size_t i, tt_release *ret,
                        tt_span *ret_life);

/* From and until of the change, cut to the window. */
tt_span tt_change_force(const tt_change *c, const tt_snapshot *s);

/* Of [from, to) what the change's `hours` hold, or (`outside`) what they don't, tidy, into
 * `ret` (emptied first); without hours: all of it, or nothing. */
int tt_change_hours(const tt_change *c, tt_span of, bool outside, tt_spans *ret, tt_err *err);
#endif
