/* mig.h - how the instances of a partitioned card (MIG) fit on cards.
 *
 * A card has compute slices and memory slices; an instance of a profile takes some of both,
 * and its memory slices start only where the profile says. What the profiles of a card are is
 * data and comes from outside. How many cards a demand needs is mig_cover.h's; what slicing
 * anew costs is the caller's: pods drained times their restart.
 *
 * Whole numbers only; equal choices go to the lower index. Pure functions, any thread. */
#ifndef TT_MATHS_MIG_H
#define TT_MATHS_MIG_H
#include "base/error.h"
#include <stdbool.h>

#define TT_MIG_PROFILES 16
#define TT_MIG_SLICES 32

typedef struct tt_mig_profile {
	uint32_t starts;        /* bit s: an instance may start at memory slice s */
	uint8_t memory;         /* slices, >= 1 */
	uint8_t compute;        /* slices */
	uint8_t most;           /* instances on one card; 0: as many as find room */
	int64_t mib;            /* usable, less than the label says; -1: not known */
} tt_mig_profile;

typedef struct tt_mig_geometry {
	const tt_mig_profile *profiles;
	size_t n_profiles;
	uint8_t memory, compute; /* slices of the card */
} tt_mig_geometry;

typedef struct tt_mig_placement {
	uint8_t profile, start;
} tt_mig_placement;

/* A way to slice a card; nothing more has room in it. Placements by profile, then start. */
typedef struct tt_mig_layout {
	uint8_t n;
	tt_mig_placement at[TT_MIG_SLICES];
	uint8_t count[TT_MIG_PROFILES]; /* instances of each profile */
} tt_mig_layout;

typedef struct tt_mig_layouts {
	tt_mig_layout *layouts;
	size_t n;
} tt_mig_layouts;

/* All maximal layouts, in the order of their placements; or only the first of those that
 * hold the same instances. Free with tt_mig_layouts_free(). Errors: TT_EINVAL (a geometry
 * that can't be, or with more than 100,000 layouts), TT_ENOMEM. */
int tt_mig_layouts_make(const tt_mig_geometry *g, bool distinct, tt_mig_layouts *ret,
                        tt_err *err);
void tt_mig_layouts_free(tt_mig_layouts *l);

/* The profile that takes least of the card (the larger of its shares of memory and compute
 * slices, then compute, then memory slices) and has at least so much; n_profiles: none.
 * A profile whose memory is not known holds none. */
size_t tt_mig_smallest(const tt_mig_geometry *g, int64_t mib, unsigned compute);
#endif
