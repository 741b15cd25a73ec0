/* level_forecast.h - what a demand may be in each of the next segments: the profile of a
 * season, times a level that grows, times how sure one can be of that level.
 *
 * For commitments, which are decided by how long a demand is above a level and not by its
 * value in one hour. Seasons (weeks) are counted from the end of the history; those of which
 * less than half of the hours are known are left out, and what is before a season without
 * any demand does not count. Missing hours are NaN. The profile is the mean of the latest
 * seasons, each divided by its own level; the level that of the last two; growth the slope
 * of its logarithm, fading from segment to segment; the level is lognormal, with a spread
 * that grows with the square root of time. What that is worth: README.md, "Forecasts". Pure
 * functions, any thread; the same bits everywhere. */
#ifndef TT_MATHS_LEVEL_FORECAST_H
#define TT_MATHS_LEVEL_FORECAST_H
#include "base/error.h"
#include <stddef.h>

typedef struct tt_level_settings {
	size_t season_h;            /* 168 */
	double seasons;             /* in a segment: 13, a quarter */
	size_t level_seasons;       /* 2: what the level is the mean of */
	size_t profile_seasons;     /* 4 */
	size_t growth_seasons;      /* 26: growth is read over so many, with at least */
	size_t growth_least;        /* 8; with fewer nothing is said of it */
	size_t growth_mean;         /* 1: between the means of so many at either end */
	double growth_low, growth_high; /* -1.5 and 0.7: most that it is in a segment (log) */
	double damping;             /* 0.5: of growth, from one segment to the next */
	size_t spread_seasons;      /* 52: spread is read off as many steps of the log level, */
	size_t spread_step;         /* 1: each so many seasons long; of fewer than four none */
	double spread_most;         /* 0.6: of the log level after one segment */
	double spread_unknown;      /* 0.4: where growth is unknown, too */
} tt_level_settings;

/* What stands above: the forecast of the published comparison. */
tt_level_settings tt_level_defaults(void);

/* What was found to plan better with, on one region, and held on another (README.md): growth
 * over 52 seasons, between means of four; damping 0.65; spread off steps of 13. Where growth is
 * unknown the spread is 0.2: at 0.4 the mean doubles in three years, and looks like growth. */
tt_level_settings tt_level_usual(void);

typedef struct tt_level {
	double level;               /* mean of the season; 0: the last one was without demand */
	double growth, spread;      /* of the log level, of the first segment, after one */
	double damping;
	size_t seasons;             /* known ones that this rests on */
	const double *share;        /* of that, what is there in each segment, for who knows what
	                             * goes or comes; NULL: all of it. tt_level_fit() says NULL */
} tt_level;

/* Fit to y[n]; profile[season_h] starts with the hour after the last. TT_ENODATA where not
 * one whole season is known, TT_EINVAL for a setting of 0 seasons, TT_ENOMEM. O(n). */
int tt_level_fit(const double *y, size_t n, const tt_level_settings *s, double *profile,
                 tt_level *ret, tt_err *err);

/* The level in the middle of segment `q` (from 0; share has it) at z standard deviations. An
 * hour is this times the profile. */
double tt_level_at(const tt_level *l, size_t q, double z);
#endif
