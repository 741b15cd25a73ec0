/* track.h - how forecasts of a demand did at dates of its past, and how sure that makes the one
 * that a plan is made on.
 *
 * Two questions. Would another forecast have been better to plan with: each is charged, at the
 * latest dates, four weeks apart, with a quarter behind them, what its commitment would have
 * cost more than it had to (maths/forecast.h). And how far off was the level: at dates two
 * weeks apart the level is forecast for the quarters after each, and the interval that held
 * four of five of them (split conformal) takes the place of what steps of the level say, within
 * half and twice of that. It is for the worlds that a plan is priced in; what is bought
 * is decided as before. Pure functions. */
#ifndef TT_COMMIT_TRACK_H
#define TT_COMMIT_TRACK_H
#include "commit/rolling.h"
#include "maths/forecast.h"

enum { TT_TRACK_QUARTERS = 3 };

typedef struct tt_track {
	size_t origins;             /* of the scores; 0: too little is known to try any */
	tt_forecast_score scores[TT_FORECASTS]; /* as enum tt_forecast_kind; in micro-units; NaN:
	                             * no answer */
	size_t best;                /* that would have cost least */
	/* Of the quarters ahead for which there were enough dates: */
	size_t n_quarters;          /* 0: the interval is not measured */
	size_t n_errors[TT_TRACK_QUARTERS];
	double off_ratio[TT_TRACK_QUARTERS]; /* four of five were as far off at most, in the
	                             * logarithm of the level */
	double widens[TT_TRACK_QUARTERS]; /* that over what steps of the level say, 0.5 to 2 */
	double held_ratio;          /* of the latest quarter of dates, whose first quarter the
	                             * dates before would have held; NaN: too few */
} tt_track;

/* `p` is what was asked of `r`. Errors: TT_ENOMEM. */
int tt_track_make(const tt_rolling *r, const tt_rolling_plan *p, tt_track *ret, tt_err *err);

/* How much wider than its own spread says the level is in a quarter from 0. */
double tt_track_widens(const tt_track *t, size_t quarter);

/* "naive", "drift", ..., as enum tt_forecast_kind. */
extern const char *const tt_track_words[TT_FORECASTS];
#endif
