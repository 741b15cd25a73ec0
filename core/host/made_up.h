/* made_up.h - small fleets that no cloud has seen, for trying a plugin: the plainest ones
 * and one of everything that a fleet of CSV files can hold, drawn from a seed. The same
 * arguments give the same snapshot. Nothing that is real is shown or priced with them. */
#ifndef TT_HOST_MADE_UP_H
#define TT_HOST_MADE_UP_H
#include "base/error.h"
#include <stdint.h>

enum tt_made_up {
	TT_MADE_UP_EMPTY,        /* a window and nothing in it */
	TT_MADE_UP_ONE_CARD,     /* one node, one pod, one idle card, all of it measured */
	TT_MADE_UP_MISSING,      /* rows of every table with their keys alone; one reading */
	TT_MADE_UP_RANDOM,       /* slices, prices, gaps, names that need quoting, ... */
	TT_MADE_UP_COUNT
};

/* "empty", "one card", "all missing", "random" */
const char *tt_made_up_text(enum tt_made_up which);

/* Write the snapshot `file`; its tables are in `folder` for the while. `seed` is for the
 * random one. */
int tt_made_up_build(enum tt_made_up which, uint64_t seed, const char *folder,
                     const char *file, tt_err *err);
#endif
