/* replays.h - every pool of a fleet replayed on every offer, and summed rule by rule.
 *
 * The last quarters of the window, as many as leave one of history before them. Hours in which
 * nobody used anything are not known, unless gaps are kept. What is held already is not
 * looked at: the question is what a rule would have done from nothing. */
#ifndef TT_COMMIT_REPLAYS_H
#define TT_COMMIT_REPLAYS_H
#include "commit/offers.h"
#include "commit/replay.h"

typedef struct tt_replays_options {
	bool keep_gaps, whole;      /* see tt_once_options */
	const char *ratios;
	size_t quarters;            /* at most: > 0 */
} tt_replays_options;

typedef struct tt_replays_pool {
	const tt_eligible_pool *pool;
	tt_decimal rate_per_hour, price_per_hour; /* of a unit */
	tt_replay replay;
} tt_replays_pool;

typedef struct tt_replays_offer {
	const char *name;
	size_t term;                /* quarters */
	tt_replays_pool *v;         /* [n] those of the pools that have this offer */
	size_t n;
	int64_t cost_micro[TT_REPLAY_RULES]; /* of all of them */
} tt_replays_offer;

typedef struct tt_replays {
	size_t quarters;
	int64_t start_s, end_s;     /* of what is replayed */
	tt_replays_offer *v;        /* [n] by name */
	size_t n;
	size_t n_left_out;          /* pools without a price or an offer */
} tt_replays;

/* In `arena`. Errors: TT_ENODATA (the window is shorter than two quarters, or nothing has an
 * offer), TT_EINVAL (ratios), TT_EDATA (sums that don't fit), TT_ENOMEM. */
int tt_replays_make(const tt_snapshot *s, const tt_eligible *e, const tt_replays_options *o,
                    tt_arena *arena, tt_replays *ret, tt_err *err);

/* Of the saving of who had known it all, what a rule keeps: NaN where that is nothing. */
double tt_replays_share(const int64_t cost_micro[TT_REPLAY_RULES], enum tt_replay_rule rule);
#endif
