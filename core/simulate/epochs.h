/* epochs.h - stretches of the horizon in which the same is held: cut where a commitment
 * begins, or ends and is not renewed.
 *
 * Within an epoch everything that is in force then covers usage in all of the window
 * (bill/held.h), so what commitments leave on demand is worked out once for each. Which of
 * them an outcome is in is pricing.h's. */
#ifndef TT_SIMULATE_EPOCHS_H
#define TT_SIMULATE_EPOCHS_H
#include "bill/held.h"

#define TT_EPOCHS_MOST 64

typedef struct tt_epochs {
	int64_t *starts; size_t n;  /* at least one: the begin of the horizon */
	int64_t until_s;
	bool renew;
} tt_epochs;

/* `cases` are what changes do; their deals end where they say. In the arena. With more ends
 * than TT_EPOCHS_MOST they count from the next of as many even steps. Errors: TT_ENOMEM. */
int tt_epochs_find(const tt_snapshot *s, int64_t from_s, int64_t until_s, bool renew,
                   const tt_case *const *cases, size_t n, tt_arena *arena, tt_epochs *ret,
                   tt_err *err);
/* What is held in epoch `i`. */
tt_held_ahead tt_epochs_ahead(const tt_epochs *e, size_t i);
/* Whether a moment of the horizon is in epoch `i`. */
bool tt_epochs_has(const tt_epochs *e, size_t i, int64_t at_s);
#endif
