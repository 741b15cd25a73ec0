/* replay.h - what the past would have cost if commitments had been bought as one or another
 * rule says, quarter by quarter, without knowing what came next.
 *
 * At the start of each of the last quarters a rule sees what was used so far and what it holds,
 * and buys units for a term; what runs beyond the end is paid pro rata. Beside this planner
 * stand the rules that the clouds' advisors follow, the online rule that knows no forecast,
 * doing nothing, and the best that could have been done by who had known it all: savings
 * are shares of that. One pool, one offer. Pure functions. */
#ifndef TT_COMMIT_REPLAY_H
#define TT_COMMIT_REPLAY_H
#include "commit/rolling.h"

enum tt_replay_rule {
	TT_REPLAY_PLANNER,          /* this one */
	TT_REPLAY_AWS_7D, TT_REPLAY_AWS_30D, TT_REPLAY_AWS_60D, /* best of these */
	TT_REPLAY_AZURE,            /* the lower of that over 30 days and over 3 */
	TT_REPLAY_GCP,              /* the least that was used in 30 days */
	TT_REPLAY_FIFTH,            /* what was used in 95 % of the hours of 30 days */
	TT_REPLAY_ONLINE,           /* maths/online_commit.h; buys in any hour */
	TT_REPLAY_NOTHING,
	TT_REPLAY_CLAIRVOYANT,
	TT_REPLAY_RULES
};

typedef struct tt_replay_task {
	const double *y;            /* [n] units used in each hour; NaN: not known, in no cost */
	size_t n;
	size_t segment_h, segments; /* 2190; 8: the last so many of the history */
	size_t term;                /* segments of an offer: 4 */
	tt_decimal rate_per_hour, price_per_hour; /* of one unit */
	tt_level_settings level;
} tt_replay_task;

typedef struct tt_replay {
	int64_t *bought[TT_REPLAY_RULES]; /* [segments] units at the start of each (or in
	                                   * it: ONLINE) */
	int64_t cost_micro[TT_REPLAY_RULES];
	double used_unit_hours;
} tt_replay;

/* In `arena`. TT_ENODATA (no history before the first of the quarters), TT_EDATA (sums don't
 * fit), TT_ENOMEM. */
int tt_replay_run(const tt_replay_task *t, tt_arena *arena, tt_replay *ret, tt_err *err);

/* "planner", "aws_30d", ... */
extern const char *const tt_replay_words[TT_REPLAY_RULES];
#endif
