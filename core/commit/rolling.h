/* rolling.h - the rolling ladder: forecast, plan the quarters ahead exactly, buy what the first
 * of them says, and plan anew a quarter later.
 *
 * A quarter ahead is not one demand but many: the profile of a week at nine levels, equally
 * likely, which get farther apart the later the quarter is. They enter the ladder as hours of
 * it, so a layer is bought where it pays over all of them. What is in force already is taken
 * off, with its ends. Knows nothing of a fleet. Pure functions. */
#ifndef TT_COMMIT_ROLLING_H
#define TT_COMMIT_ROLLING_H
#include "commit/caution.h"
#include "maths/level_forecast.h"
#include "maths/look_back.h"

/* It can be bought at the start of each quarter; where that is not so at the start but later in the
 * quarter, then. The term is cut at the end of what is planned, pro rata. */
typedef struct tt_rolling_offer {
	size_t quarters;            /* of its term, where it has no hours */
	tt_decimal rate_per_hour;   /* of one unit */
	int64_t term_h;             /* 0: quarters */
	int64_t from_h, until_h;    /* can be bought from, and before; both 0: always */
	int64_t most;               /* units of one purchase; 0: no limit */
} tt_rolling_offer;

/* A quarter, or a part of one where something that is held or offered begins or ends within it. */
typedef struct tt_rolling_segment {
	size_t quarter;             /* from 0, rising; each has at least one segment */
	int64_t hours;
	int64_t held;               /* units in force already */
	int64_t for_sale;           /* of those, what could have been sold by then */
	double held_part;           /* below 1: what is held beside these units */
	double held_money;          /* units that are covered with money (held_money.h) */
} tt_rolling_segment;

typedef struct tt_rolling {
	const double *y;            /* [n] units used in each hour so far; NaN: not known */
	size_t n;
	const tt_rolling_segment *segments; /* [n_segments] by time */
	size_t n_segments, n_quarters;
	tt_decimal price_per_hour;  /* of one unit on demand */
	const tt_rolling_offer *offers;
	size_t n_offers;
	tt_level_settings level;    /* tt_level_usual() */
	tt_caution caution;         /* none by default */
	const tt_ladder_held *for_sale; /* [n_for_sale] of what is held: resale.h */
	size_t n_for_sale;
	const double *share;        /* [n_quarters] see tt_level; NULL: all of it */
} tt_rolling;

typedef struct tt_rolling_plan {
	tt_ladder ladder;           /* offers[quarter * n_offers + offer]; as caution weighs it */
	tt_ladder_plan plan;        /* bought likewise */
	tt_ladder expected;         /* without caution: the same where there is none */
	tt_ladder_plan expects;     /* the plan on that; worths are those of `plan` */
	int64_t least_micro;        /* of the plan that costs least there, <= expects.cost_micro */
	tt_look_back look_back;     /* what of the history the level was read from */
	tt_level level;             /* what is expected: */
	double *profile;            /* [season_h] from the hour after the last */
} tt_rolling_plan;

enum { TT_ROLLING_LEVELS = 9 };
/* One of so many equally likely levels of a quarter, from the lowest. */
double tt_rolling_level(const tt_rolling_plan *p, size_t quarter, size_t i);

/* Units that are in force in a segment and not for sale, whatever they were bought with. */
double tt_rolling_held(const tt_rolling_segment *s);

/* What can be bought when, into ret[n_quarters * n_offers] as in a ladder. Errors: TT_EINVAL (does
 * not fit), TT_ENOMEM. */
int tt_rolling_offers(const tt_rolling *r, tt_arena *arena, tt_ladder_offer *ret, tt_err *err);

/* What is expected and the ladder of it, without its plan, in `arena`. Errors as below. */
int tt_rolling_ask(const tt_rolling *r, tt_arena *arena, tt_rolling_plan *ret, tt_err *err);

/* The segments of one course of demand, whose level in each quarter is levels[n_quarters], into
 * ret[n_segments]. `p` is what was asked. Errors: TT_EDATA (does not fit), TT_ENOMEM. */
int tt_rolling_course(const tt_rolling *r, const tt_rolling_plan *p, const double *levels,
                      tt_arena *arena, tt_ladder_segment *ret, tt_err *err);

/* The plan, in `arena`. TT_ENODATA where not one whole week is known; TT_EINVAL (does not
 * fit), TT_ENOMEM. */
int tt_rolling_make(const tt_rolling *r, tt_arena *arena, tt_rolling_plan *ret, tt_err *err);

/* Of a plan that is solved: what follows from it, where nothing is feared. Errors as above. */
int tt_rolling_expect(const tt_rolling *r, tt_arena *arena, tt_rolling_plan *p, tt_err *err);
#endif
