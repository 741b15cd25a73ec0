/* rescaled.h - what a pricer's changes save of the lines of the bill that are of no node, and
 * what they charge besides (egress, the proceeds of a sale), kept and tried: only lines that a
 * try touches are priced again, and what is kept already is not charged again.
 *
 * pricer.c's own; what a line costs is bill/rescale.h's. */
#ifndef TT_RANK_RESCALED_H
#define TT_RANK_RESCALED_H
#include "bill/rescale.h"

typedef struct tt_rescaled {    /* rescales and charges alone are in the cases */
	tt_case kept, tried;
} tt_rescaled;

void tt_rescaled_init(tt_rescaled *r, const tt_snapshot *s, const tt_settings *st);
void tt_rescaled_free(tt_rescaled *r);

/* Begin a try; then give it what its changes rescale and charge. */
void tt_rescaled_begin(tt_rescaled *r);
int tt_rescaled_add(tt_rescaled *r, const tt_rescale *v, size_t n, tt_err *err);
int tt_rescaled_charge(tt_rescaled *r, const tt_charge *v, size_t n, tt_err *err);
/* What is saved on top of what is kept. */
int tt_rescaled_try(const tt_rescaled *r, int64_t *ret_micro, tt_err *err);
int tt_rescaled_keep(tt_rescaled *r, tt_err *err);
#endif
