/* repack_kinds.h - which nodes of a pool are alike to its pods, and on which of them a pod may
 * be: cluster, place, GPU model, labels that pods select by, taints. Not whether there is
 * room (repack_pool.h). Pure functions on rows of the snapshot. */
#ifndef TT_CHANGE_REPACK_KINDS_H
#define TT_CHANGE_REPACK_KINDS_H
#include "base/text.h"
#include "snapshot/tables.h"

/* Whether pods that select by the labels `keys` can't tell the two nodes apart, but by what
 * is free there. */
bool tt_repack_same_kind(const tt_names *keys, const tt_node_row *a, const tt_node_row *b);

/* Whether a pod that ran on `from` may be on `to`: it finds there what it asks for, and no
 * taint that it has not been seen to tolerate. What a snapshot does not say is not there. */
bool tt_repack_may_be_on(const tt_pod_row *p, bool with_cards, const tt_node_row *from,
                         const tt_node_row *to);
#endif
