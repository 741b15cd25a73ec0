/* pool.h - node groups that run another number of nodes, or whose empty nodes go and come
 * back.
 *
 * Placement is as it was observed; where the autoscaler consolidates, pods are packed by
 * repack.h. */
#ifndef TT_CHANGE_POOL_H
#define TT_CHANGE_POOL_H
#include "change/growth.h"

typedef struct tt_pool_delays {         /* 0: node_groups.csv does not say */
	int64_t min_nodes, boot_s, drain_s;
} tt_pool_delays;

tt_pool_delays tt_pool_delays_of(const tt_snapshot *s, const char *group);
/* Refuses a pool of none of whose nodes it is known who was there. */
int tt_pool_unknown(const char *verb, const char *group, tt_err *err);

/* `m` are the nodes of the group; what it takes more than them is added to `extras`. Errors:
 * TT_ENODATA (of none of the nodes it is known who was there), TT_EINVAL (pods would have
 * to move, or to wait), TT_ENOMEM. */
int tt_pool_resize(const tt_change *c, const tt_change_subject *group, tt_members *m,
                   tt_case *cs, tt_extras *extras, tt_err *err);
#endif
