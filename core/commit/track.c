#include "commit/track.h"
#include "maths/elementary.h"
#include "maths/forecast_errors.h"
#include <math.h>

enum {
	WEEK_H = 168, QUARTER_H = 2190,
	TRIED = 6, TRIED_EACH_H = 4 * WEEK_H,       /* origins of the scores */
	DATES = 26, DATES_EACH_H = 2 * WEEK_H,      /* of the intervals */
	KNOWN_H = 26 * WEEK_H,                      /* before each of these, at least */
	LOOK_H = 70 * WEEK_H,                       /* as much as a level is read from */
	ERRORS_LEAST = 8,
	MISSES_MILLIONTHS = 200000
};
#define HALF_WIDTH 1.2815515655446004 /* of four of five, in standard deviations of a normal */

const char *const tt_track_words[TT_FORECASTS] = {
	[TT_FORECAST_NAIVE] = "naive", [TT_FORECAST_DRIFT] = "drift",
	[TT_FORECAST_HOLT_WINTERS] = "holt_winters", [TT_FORECAST_LEVEL] = "level",
	[TT_FORECAST_MEDIAN] = "median",
};

typedef struct history {
	const double *y;
	size_t n;
} history;

/* --- Which would have been better ---------------------------------------------------------- */

static int64_t term_h(const tt_rolling_offer *o)
{
	return o->term_h ? o->term_h : (int64_t)o->quarters * QUARTER_H;
}

/* The lowest rate of the shortest term: what is decided first, and most often. */
static tt_decimal rate_of(const tt_rolling *r)
{
	const tt_rolling_offer *best = &r->offers[0];

	for (size_t k = 1; k < r->n_offers; k++) {
		const tt_rolling_offer *o = &r->offers[k];

		if (term_h(o) < term_h(best) || (term_h(o) == term_h(best) &&
		                                 o->rate_per_hour < best->rate_per_hour))
			best = o;
	}
	return best->rate_per_hour;
}

static int find_scores(const tt_rolling *r, const history *h, tt_track *ret, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_forecast_candidate c[TT_FORECASTS];
	const tt_forecast_task t = { .y = h->y, .n = h->n, .season_h = r->level.season_h,
		.segment_h = QUARTER_H, .horizon_h = QUARTER_H,
		.rate = (int64_t)(rate_of(r) / 1000000),
		.price = (int64_t)(r->price_per_hour / 1000000), .step_h = TRIED_EACH_H,
		.origins = TRIED, .band_h = QUARTER_H, .alpha_millionths = MISSES_MILLIONTHS };
	tt_forecast_choice choice;
	tt_err none = { 0 };

	if (!arena)
		return tt_no_memory(err);
	if (t.price <= 0 || t.rate < 0)
		return TT_OK;
	tt_forecast_usual(c);
	c[TT_FORECAST_LEVEL].level = r->level;

	const int rc = tt_forecast_choose(&t, c, TT_FORECASTS, arena, &choice, &none);

	if (rc == TT_ENODATA)
		return TT_OK;
	if (rc)
		return tt_fail(err, rc, "%s", none.text);
	ret->origins = choice.origins;
	ret->best = choice.best;
	for (size_t i = 0; i < TT_FORECASTS; i++)
		ret->scores[i] = choice.scores[i];
	return TT_OK;
}

/* --- How far off --------------------------------------------------------------------------- */

static double mean_of(const double *y)
{
	double sum = 0;
	size_t n = 0;

	for (size_t h = 0; h < QUARTER_H; h++) {
		sum += isnan(y[h]) ? 0 : y[h];
		n += isnan(y[h]) ? 0 : 1;
	}
	return 2 * n < QUARTER_H ? (double)NAN : sum / (double)n;
}

/* Of what came `quarter` quarters after hour `at`, in the logarithm; a demand that was gone is
 * infinitely far off. */
static double error_of(const history *h, size_t at, const tt_level *l, size_t quarter)
{
	const double was = mean_of(h->y + at + quarter * QUARTER_H);
	const double said = tt_level_at(l, quarter, 0);

	if (isnan(was) || !(said > 0))
		return (double)NAN;
	return was > 0 ? fabs(tt_log(was / said)) : (double)INFINITY;
}

/* errors[quarter][date], the latest date first; NaN: not known. */
static int find_errors(const tt_rolling *r, const history *h, double *profile,
                       double (*errors)[DATES], tt_err *err)
{
	for (size_t q = 0; q < TT_TRACK_QUARTERS; q++)
		for (size_t k = 0; k < DATES; k++)
			errors[q][k] = (double)NAN;
	for (size_t k = 0; k < DATES; k++) {
		const size_t ahead = QUARTER_H + k * DATES_EACH_H;
		tt_err none = { 0 };
		tt_level l;

		if (h->n < ahead + KNOWN_H)
			break;
		const size_t at = h->n - ahead, from = at > LOOK_H ? at - LOOK_H : 0;
		const int rc = tt_level_fit(h->y + from, at - from, &r->level, profile, &l, &none);

		if (rc && rc != TT_ENODATA)
			return tt_fail(err, rc, "%s", none.text);
		for (size_t q = 0; !rc && q < TT_TRACK_QUARTERS; q++)
			if ((q + 1) * QUARTER_H <= ahead)
				errors[q][k] = error_of(h, at, &l, q);
	}
	return TT_OK;
}

static size_t known_of(const double *v, size_t n, double *ret)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(v[i]))
			ret[known++] = v[i];
	return known;
}

/* Dates of one quarter ahead: would the earlier ones have held the latest? */
static double held(const double *errors, size_t n)
{
	const size_t latest = n / 4;
	double earlier[DATES];
	size_t inside = 0;

	if (!latest || n - latest < ERRORS_LEAST)
		return (double)NAN;
	for (size_t i = latest; i < n; i++)
		earlier[i - latest] = errors[i];
	const double width = tt_conformal_width(earlier, n - latest, MISSES_MILLIONTHS);

	for (size_t i = 0; i < latest; i++)
		inside += errors[i] <= width;
	return (double)inside / (double)latest;
}

static int find_intervals(const tt_rolling *r, const history *h, const tt_level *now,
                          tt_track *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) double *profile = tt_zalloc(r->level.season_h, sizeof *profile);
	double errors[TT_TRACK_QUARTERS][DATES], known[DATES];

	if (!profile)
		return tt_no_memory(err);
	TT_TRY(find_errors(r, h, profile, errors, err));
	for (size_t q = 0; q < TT_TRACK_QUARTERS && now->spread > 0; q++) {
		const size_t n = known_of(errors[q], DATES, known);

		if (!q)
			ret->held_ratio = held(known, n);
		const double width = tt_conformal_width(known, n, MISSES_MILLIONTHS);
		const double says = HALF_WIDTH * now->spread * sqrt((double)q + .5);

		if (n < ERRORS_LEAST || isinf(width))
			break;
		ret->n_errors[q] = n;
		ret->off_ratio[q] = width;
		ret->widens[q] = fmin(fmax(width / says, .5), 2);
		ret->n_quarters = q + 1;
	}
	return TT_OK;
}

int tt_track_make(const tt_rolling *r, const tt_rolling_plan *p, tt_track *ret, tt_err *err)
{
	const history h = { r->y + p->look_back.from, r->n - p->look_back.from };

	*ret = (tt_track){ .held_ratio = (double)NAN };
	if (!r->n_offers || !(p->level.level > 0))
		return TT_OK;
	TT_TRY(find_scores(r, &h, ret, err));
	return find_intervals(r, &h, &p->level, ret, err);
}

double tt_track_widens(const tt_track *t, size_t quarter)
{
	if (!t->n_quarters)
		return 1;
	return t->widens[quarter < t->n_quarters ? quarter : t->n_quarters - 1];
}
