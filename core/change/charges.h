/* charges.h - changes of what is no node: lines of the bill (snapshot/billed.h) that a stream or
 * a name means, at so many times what they cost, or at another price. */
#ifndef TT_CHANGE_CHARGES_H
#define TT_CHANGE_CHARGES_H
#include "bill/case.h"
#include "change/change.h"

/* scale or reprice of a charge. A charge is called by its ResourceId, else ServiceName, else
 * ServiceSubcategory, else ServiceCategory, else SkuMeter, else the feature that its tags name:
 * of these the first that any line has. Errors: TT_EDATA (no line is called that; it is a
 * node's), TT_EINVAL, TT_ENOMEM. */
int tt_charges_apply(const tt_change *c, const tt_change_subject *subject, tt_case *cs,
                     tt_err *err);

/* scale of a fleet, namespace or workload: lines of the stream (NULL: of all that users' demand
 * drives), of a namespace or workload those whose tags `namespace` or `workload` say so. How
 * many they are into *ret_n. Errors: TT_ENOMEM. */
int tt_charges_scale(const tt_change *c, const tt_change_subject *subject, const char *stream,
                     double factor, tt_case *cs, size_t *ret_n, tt_err *err);
#endif
