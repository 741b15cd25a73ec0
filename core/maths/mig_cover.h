/* mig_cover.h - the fewest partitioned cards (MIG) that hold a number of instances of each
 * profile. Every card has one of the layouts of mig.h. Pure functions, any thread. */
#ifndef TT_MATHS_MIG_COVER_H
#define TT_MATHS_MIG_COVER_H
#include "maths/mig.h"

#define TT_MIG_MANY 1000000    /* instances of one profile that can be asked for */
#define TT_MIG_STATES ((size_t)1 << 20)

typedef struct tt_mig_cover {
	size_t *cards;          /* of each layout, how many */
	size_t n_cards;
	size_t bound;           /* no cover has fewer; the gap is n_cards - bound */
	bool proven;            /* n_cards is the least */
} tt_mig_cover;

/* The fewest cards whose layouts hold demand[n_profiles]; what they hold besides stays free.
 * `l` are layouts of `g`, distinct or all. Exact while the product of demand + 1 is at most
 * `most_states` (TT_MIG_STATES: a fraction of a second); of a larger demand whole layouts are
 * taken off first. Free with tt_mig_cover_free(). Errors: TT_EINVAL (more than TT_MIG_MANY,
 * or of a profile that no layout has), TT_ENOMEM. */
int tt_mig_cover_make(const tt_mig_geometry *g, const tt_mig_layouts *l, const uint32_t *demand,
                      size_t most_states, tt_mig_cover *ret, tt_err *err);
void tt_mig_cover_free(tt_mig_cover *c);
#endif
