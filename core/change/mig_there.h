/* mig_there.h - how a card can be sliced (MIG), out of the catalogue, and cut down to the
 * profiles that a change allows. */
#ifndef TT_CHANGE_MIG_THERE_H
#define TT_CHANGE_MIG_THERE_H
#include "bill/case.h"
#include "change/change.h"
#include "maths/mig.h"

typedef struct tt_mig_there {           /* zero-initialise */
	tt_mig_profile profiles[TT_MIG_PROFILES];
	tt_mig_geometry geometry;
	tt_mig_layouts layouts;         /* distinct */
} tt_mig_there;

/* `allowed`: names split by bars; NULL: all that the card has. Errors: TT_ENODATA (the
 * catalogue does not say), TT_EINVAL (the card has no such profile). */
int tt_mig_there_find(const tt_case *cs, const char *gpu_model, const tt_change_arg *allowed,
                      tt_mig_there *ret, tt_err *err);
void tt_mig_there_free(tt_mig_there *m);
#endif
