/* apply.h - what a change does to a case, and what a set of changes then costs.
 *
 * Names are looked up in the case's snapshot. Only what can be priced is applied: a
 * verb that isn't priced yet is refused by name, never priced as 0. Prices are those of
 * the change fully taken up; how likely that is (adoption_ratio, realisation_ratio) and
 * what it excludes is for those who rank. */
#ifndef TT_CHANGE_APPLY_H
#define TT_CHANGE_APPLY_H
#include "bill/bill.h"
#include "change/change.h"

/* NULL when this core prices the change, else what of it is not priced: "release of a card
 * with repack". */
const char *tt_change_unpriced(const tt_change *c);

/* Edit the case, which keeps pointers into the change. In whatever order changes are
 * applied, the case is the same.
 *
 * Errors: TT_EINVAL (not priced yet; a pod has no room), TT_EDATA (a subject is not in the
 * fleet, or is a slice, which is not released alone), TT_ENOMEM. The case may be half edited
 * then. */
int tt_change_apply(const tt_change *c, tt_case *cs, tt_err *err);

/* Cost of the whole fleet with n changes; with none, the bill's total. */
int tt_changes_cost(const tt_snapshot *s, const tt_settings *st,
                    const tt_change *const *changes, size_t n, int64_t *ret_micro,
                    tt_err *err);
#endif
