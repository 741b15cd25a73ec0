/* resize.h - workloads and node groups that run fewer replicas or nodes, or follow a policy,
 * as releases of a case.
 *
 * Only what ran can be released: growth, and what needs pods to be packed anew, is refused
 * by name. How each policy is priced: README.md. */
#ifndef TT_CHANGE_RESIZE_H
#define TT_CHANGE_RESIZE_H
#include "bill/case.h"
#include "change/change.h"

/* NULL when the change can be priced, else what of it can't. */
const char *tt_resize_unpriced(const tt_change *c);

/* Errors: TT_EDATA (a subject is not in the fleet), TT_ENODATA (the policy needs activity, or
 * to know the pods of nodes, and neither was measured), TT_EINVAL (growth), those of
 * tt_snapshot_series(). */
int tt_resize_apply(const tt_change *c, tt_case *cs, tt_err *err);
#endif
