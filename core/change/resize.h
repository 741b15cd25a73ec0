/* resize.h - workloads and node groups that run another number of replicas or nodes, or
 * follow a policy: what goes as releases of a case, what comes as capacity that is added.
 *
 * What needs pods to be moved without a word that they may be, is refused by name. How each
 * policy is priced: README.md. */
#ifndef TT_CHANGE_RESIZE_H
#define TT_CHANGE_RESIZE_H
#include "bill/case.h"
#include "change/change.h"

/* NULL when the change can be priced, else what of it can't. */
const char *tt_resize_unpriced(const tt_change *c);

/* Errors: TT_EDATA (a subject is not in the fleet), TT_ENODATA (what the policy needs was not
 * measured; what more of it costs is not known), TT_EINVAL (pods would have to be packed
 * anew, or to wait), those of tt_snapshot_series(). */
int tt_resize_apply(const tt_change *c, tt_case *cs, tt_err *err);
#endif
