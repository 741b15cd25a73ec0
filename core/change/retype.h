/* retype.h - work that moves to another GPU or instance type: what it needs there, how long
 * it takes, and that it fits; README.md has the rules.
 *
 * Pods move one by one, what is on their nodes otherwise stays; nodes are replaced as a
 * whole. What is there already is left alone. */
#ifndef TT_CHANGE_RETYPE_H
#define TT_CHANGE_RETYPE_H
#include "bill/case.h"
#include "change/change.h"

/* Errors: those of tt_change_apply(); TT_ENODATA (a price, the speed or a pod's memory is not
 * known), TT_EINVAL (a pod does not fit there). */
int tt_retype_apply(const tt_change *c, tt_case *cs, tt_err *err);
#endif
