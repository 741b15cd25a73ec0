#include "maths/level_forecast.h"
#include "base/memory.h"
#include "maths/elementary.h"
#include <math.h>
#include <stdbool.h>

enum { STEPS_LEAST = 4 };

tt_level_settings tt_level_defaults(void)
{
	return (tt_level_settings){
		.season_h = 168, .seasons = 13, .level_seasons = 2, .profile_seasons = 4,
		.growth_seasons = 26, .growth_least = 8, .growth_mean = 1, .growth_low = -1.5,
		.growth_high = 0.7, .damping = 0.5, .spread_seasons = 52, .spread_step = 1,
		.spread_most = 0.6, .spread_unknown = 0.4
	};
}

tt_level_settings tt_level_usual(void)
{
	tt_level_settings s = tt_level_defaults();

	s.growth_seasons = s.spread_seasons = 52;
	s.growth_mean = 4;
	s.spread_step = 13;
	s.spread_unknown = 0.2;
	s.damping = 0.65;
	return s;
}

static bool known(double v)
{
	return !isnan(v);
}

/* A history by season, the last one first. */
typedef struct seasons {
	const double *end;          /* behind its last hour */
	size_t season_h, n;
	double *mean;               /* [n] NaN: not known */
} seasons;

static const double *season(const seasons *s, size_t ago)
{
	return s->end - (ago + 1) * s->season_h;
}

/* Means of all seasons since there was one without demand. */
static void find_means(seasons *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const double *y = season(s, i);
		double sum = 0;
		size_t n = 0;

		for (size_t h = 0; h < s->season_h; h++) {
			sum += isnan(y[h]) ? 0 : y[h];
			n += known(y[h]);
		}
		s->mean[i] = 2 * n < s->season_h || !n ? (double)NAN : sum / (double)n;
		if (s->mean[i] <= 0) {
			s->n = i;
			return;
		}
	}
}

static double level(const seasons *s, size_t most)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < s->n && n < most; i++) {
		sum += isnan(s->mean[i]) ? 0 : s->mean[i];
		n += known(s->mean[i]);
	}
	return sum / (double)n;
}

/* An hour that is missing in all of the seasons is as any other. */
static void find_profile(const seasons *s, size_t most, double *profile)
{
	for (size_t h = 0; h < s->season_h; h++) {
		double sum = 0;
		size_t n = 0, seen = 0;

		for (size_t i = 0; i < s->n && seen < most; i++) {
			const double v = season(s, i)[h] / s->mean[i];

			seen += known(s->mean[i]);
			sum += isnan(v) ? 0 : v;
			n += known(v);
		}
		profile[h] = n ? sum / (double)n : 1;
	}
}

/* Mean of the log level, and of when, of `most` known seasons from `first` on by `step`. */
typedef struct end {
	double log, ago;
	size_t first, last, n;      /* seasons ago */
} end;

static end find_end(const seasons *s, size_t first, bool back, size_t range, size_t most)
{
	end e = { 0 };

	for (size_t k = 0; k <= range && e.n < most; k++) {
		const size_t i = back ? first + k : first - k;

		if (isnan(s->mean[i]))
			continue;
		e.first = e.n ? e.first : i;
		e.last = i;
		e.log += tt_log(s->mean[i]);
		e.ago += (double)i;
		e.n++;
	}
	e.log /= (double)e.n;
	e.ago /= (double)e.n;
	return e;
}

/* Slope between the latest known seasons and the earliest of the latest growth_seasons + 1. */
static bool find_growth(const seasons *s, const tt_level_settings *set, tt_level *l)
{
	const size_t range = s->n - 1 < set->growth_seasons ? s->n - 1 : set->growth_seasons;
	const end now = find_end(s, 0, true, range, set->growth_mean);
	const end then = find_end(s, range, false, range, set->growth_mean);

	if (!now.n || then.first < now.first + set->growth_least || then.last <= now.last)
		return false;
	const double slope = (now.log - then.log) / (then.ago - now.ago);

	l->growth = fmin(set->growth_high, fmax(set->growth_low, slope * set->seasons));
	return true;
}

/* Standard deviation of the steps of the log level, after a segment of them. */
static double spread(const seasons *s, const tt_level_settings *set)
{
	const size_t length = set->spread_step;
	double sum = 0, squares = 0;
	size_t n = 0;

	for (size_t i = 0; i + length < s->n && i + 1 < set->spread_seasons; i++) {
		const double step = tt_log(s->mean[i] / s->mean[i + length]);

		if (isnan(step))
			continue;
		sum += step;
		squares += step * step;
		n++;
	}
	if (n < STEPS_LEAST)
		return set->spread_unknown;
	const double mean = sum / (double)n, variance = fmax(squares / (double)n - mean * mean, 0);

	return fmin(set->spread_most, sqrt(variance * set->seasons / (double)length));
}

static int check(const tt_level_settings *s, tt_err *err)
{
	if (s->season_h && s->level_seasons && s->profile_seasons && s->growth_mean &&
	    s->spread_step)
		return TT_OK;
	return tt_fail(err, TT_EINVAL, "seasons of %zu h, a level of %zu of them, a profile of "
	               "%zu, growth between means of %zu, spread off steps of %zu: expected "
	               "all above 0",
	               s->season_h, s->level_seasons, s->profile_seasons, s->growth_mean,
	               s->spread_step);
}

int tt_level_fit(const double *y, size_t n, const tt_level_settings *set, double *profile,
                 tt_level *ret, tt_err *err)
{
	TT_TRY(check(set, err));
	TT_CLEANUP(tt_freep) double *mean = tt_zalloc(n / set->season_h + 1, sizeof *mean);
	seasons s = { y + n, set->season_h, n / set->season_h, mean };
	const size_t all = s.n;

	if (!mean)
		return tt_no_memory(err);
	*ret = (tt_level){ .spread = set->spread_unknown, .damping = set->damping };
	find_means(&s);
	for (size_t i = 0; i < s.n; i++)
		ret->seasons += known(s.mean[i]);
	if (!ret->seasons && s.n == all)
		return tt_fail(err, TT_ENODATA, "no whole season of %zu h is known in %zu h",
		               set->season_h, n);
	find_profile(&s, set->profile_seasons, profile);
	if (!ret->seasons)
		return TT_OK;
	ret->level = level(&s, set->level_seasons);
	if (find_growth(&s, set, ret))
		ret->spread = spread(&s, set);
	return TT_OK;
}

double tt_level_at(const tt_level *l, size_t q, double z)
{
	double middle = 0, step = l->growth;

	for (size_t i = 0; i <= q; i++) {
		step *= l->damping;
		middle += i < q ? step : step / 2;
	}
	const double level = l->level * (l->share ? l->share[q] : 1);

	return level * tt_exp(middle + l->spread * sqrt((double)q + .5) * z);
}
