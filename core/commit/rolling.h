/* rolling.h - the rolling ladder: forecast, plan the quarters ahead exactly, buy what the first
 * of them says, and plan anew a quarter later.
 *
 * A quarter ahead is not one demand but many: the profile of a week at nine levels, equally
 * likely, which get farther apart the later the quarter is. They enter the ladder as hours of
 * it, so a layer is bought where it pays over all of them. What is in force already is taken
 * off, with its ends. Knows nothing of a fleet. Pure functions. */
#ifndef TT_COMMIT_ROLLING_H
#define TT_COMMIT_ROLLING_H
#include "commit/ladder.h"
#include "maths/level_forecast.h"

typedef struct tt_rolling_offer {
	size_t segments;            /* of its term; cut at the end of what is planned, pro rata */
	tt_decimal rate_per_hour;   /* of one unit */
} tt_rolling_offer;

typedef struct tt_rolling {
	const double *y;            /* [n] units used in each hour so far; NaN: not known */
	size_t n;
	size_t segment_h, segments; /* 2190; 7 */
	const int64_t *held;        /* [segments] units in force already; NULL: none */
	tt_decimal price_per_hour;  /* of one unit on demand */
	const tt_rolling_offer *offers;
	size_t n_offers;
	tt_level_settings level;
} tt_rolling;

/* How demand is looked ahead at: growth over a year of weeks and not half of one, so that a season
 * is not taken for a trend; the profile of eight weeks; a spread that is capped, since a plan
 * is made anew every quarter. Chosen on region 1 of the public trace that algorithms of this
 * kind are measured on, reported on region 2: README.md. */
tt_level_settings tt_rolling_level(void);

/* The plan: bought[segment * n_offers + offer], in `arena`, and the ladder that it is of (NULL:
 * not wanted). TT_ENODATA where not one whole week is known; TT_EINVAL (does not fit),
 * TT_ENOMEM. */
int tt_rolling_plan(const tt_rolling *r, tt_arena *arena, tt_ladder *ret_ladder,
                    tt_ladder_plan *ret, tt_err *err);
#endif
