/* pool.h - node groups that run another number of nodes, or whose empty nodes go and come
 * back.
 *
 * Placement is as it was observed: pods are not moved to empty a node, whatever an
 * autoscaler would do about that. */
#ifndef TT_CHANGE_POOL_H
#define TT_CHANGE_POOL_H
#include "change/growth.h"

/* `m` are the nodes of the group; what it takes more than them is added to `extras`. Errors:
 * TT_ENODATA (of none of the nodes it is known who was there), TT_EINVAL (pods would have to
 * be packed anew, or to wait), TT_ENOMEM. */
int tt_pool_resize(const tt_change *c, const tt_change_subject *group, tt_members *m,
                   tt_case *cs, tt_extras *extras, tt_err *err);
#endif
