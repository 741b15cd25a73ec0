/* forecast.h - which of several forecasts to plan with, by what its plans would have cost.
 *
 * Each candidate is asked at several dates of the past (origins) what to commit to over the
 * horizon after it, knowing only what was before, and is charged for what then came: what an
 * hour cost more than it had to, the pinball loss at 1 - rate / price. The cheapest wins; of
 * equals the one with the smaller scaled error (MASE), then the first. A candidate that has
 * no answer at one of the origins wins against none that has. So a forecast is judged by the
 * decision it is for, and by no hour that it was made from.
 *
 * Missing hours are NaN; none is read as 0. Values are demands. Pure functions, any thread;
 * the same bits everywhere. */
#ifndef TT_MATHS_FORECAST_H
#define TT_MATHS_FORECAST_H
#include "base/memory.h"
#include "maths/level_forecast.h"
#include "maths/seasonal.h"

enum tt_forecast_kind {
	TT_FORECAST_NAIVE,
	TT_FORECAST_DRIFT,
	TT_FORECAST_HOLT_WINTERS,
	TT_FORECAST_LEVEL,           /* decides on samples, not on its middle */
	TT_FORECAST_MEDIAN           /* of the forecasts of all candidates before it */
};

typedef struct tt_forecast_candidate {
	enum tt_forecast_kind kind;
	tt_smoothing smoothing;      /* HOLT_WINTERS; of DRIFT its damping alone, per season */
	tt_level_settings level;     /* LEVEL */
} tt_forecast_candidate;

#define TT_FORECASTS 5
/* One of each kind, in the order above. */
void tt_forecast_usual(tt_forecast_candidate ret[TT_FORECASTS]);

typedef struct tt_forecast_task {
	const double *y;             /* [n] of each hour */
	size_t n, season_h;          /* 168 */
	size_t segment_h;            /* of LEVEL: 2190 */
	size_t horizon_h;
	int64_t rate, price;         /* of an hour of one unit, 0 <= rate, price > 0 */
	/* For choosing: the latest `origins` dates, step_h apart, with a horizon behind them
	 * and two seasons before. */
	size_t step_h, origins;
	size_t band_h;               /* hours of a horizon that share an interval */
	uint32_t alpha_millionths;   /* of the intervals: 100000 for 90 % */
} tt_forecast_task;

typedef struct tt_forecast_score {
	double cost;                 /* more than it had to be: per hour, in money of price */
	double mase;
	double decision;             /* units that it would commit to now */
} tt_forecast_score;

typedef struct tt_forecast_choice {
	size_t best;                 /* candidate */
	tt_forecast_score *scores;   /* [candidates] */
	double *forecast;            /* [horizon_h] of the best, from the end of y */
	size_t origins;              /* that there were */
	/* Of the best: the forecast plus and minus width holds an hour of the band with
	 * probability 1 - alpha; INFINITY: too little is known. And how many of the hours
	 * after the latest quarter of the origins were in the interval that the origins
	 * before give; NaN without. */
	size_t n_bands;
	double *width, *coverage_ratio;
} tt_forecast_choice;

/* Forecasts of all candidates from the end of y: ret[n][horizon_h], in `arena`. TT_EINVAL for
 * a task against the rules above, TT_ENOMEM. */
int tt_forecast_make(const tt_forecast_task *t, const tt_forecast_candidate *c, size_t n,
                     tt_arena *arena, double ***ret, tt_err *err);

/* As above; TT_ENODATA where the history is too short for one origin, or no candidate has an
 * answer. What it points to lives in `arena`. */
int tt_forecast_choose(const tt_forecast_task *t, const tt_forecast_candidate *c, size_t n,
                       tt_arena *arena, tt_forecast_choice *ret, tt_err *err);
#endif
