#include "maths/forecast.h"
#include "base/money.h"
#include "maths/elementary.h"
#include "maths/forecast_errors.h"
#include "maths/nth.h"
#include "maths/robust.h"
#include <math.h>
#include <string.h>

enum { POINTS = 9 };

void tt_forecast_usual(tt_forecast_candidate ret[TT_FORECASTS])
{
	for (size_t i = 0; i < TT_FORECASTS; i++)
		ret[i] = (tt_forecast_candidate){ .kind = (enum tt_forecast_kind)i,
			.smoothing = { .level = .1, .trend = .01, .season = .2, .damping = .98 },
			.level = tt_level_usual() };
	ret[TT_FORECAST_DRIFT].smoothing.damping = .9;
}

/* --- One origin ------------------------------------------------------------------------- */

typedef struct origin {
	double **points;            /* [n][horizon] */
	double *decision;           /* [n] */
	double *room;
} origin;

static size_t segments(const tt_forecast_task *t)
{
	return (t->horizon_h + t->segment_h - 1) / t->segment_h;
}

static size_t season_most(const tt_forecast_task *t, const tt_forecast_candidate *c, size_t n)
{
	size_t most = t->season_h;

	for (size_t i = 0; i < n; i++)
		if (c[i].kind == TT_FORECAST_LEVEL && c[i].level.season_h > most)
			most = c[i].level.season_h;
	return most;
}

static int check(const tt_forecast_task *t, const tt_forecast_candidate *c, size_t n,
                 tt_err *err)
{
	if (!n || !t->season_h || !t->segment_h || !t->horizon_h || !t->band_h || !t->step_h)
		return tt_fail(err, TT_EINVAL, "a forecast of %zu candidates over %zu h, seasons "
		               "of %zu h, segments of %zu h, bands of %zu h, origins %zu h apart: "
		               "expected all above 0", n, t->horizon_h, t->season_h,
		               t->segment_h, t->band_h, t->step_h);
	if (t->rate < 0 || t->price <= 0)
		return tt_fail(err, TT_EINVAL, "a rate of %lld at a price of %lld, expected 0 or "
		               "more, and more than 0", (long long)t->rate, (long long)t->price);
	if (t->alpha_millionths < 1 || t->alpha_millionths > 999999)
		return tt_fail(err, TT_EINVAL, "intervals that miss %u of 1,000,000 hours, "
		               "expected 1 to 999,999", (unsigned)t->alpha_millionths);
	for (size_t i = 0; i < n; i++)
		if (c[i].kind == TT_FORECAST_LEVEL && !c[i].level.season_h)
			return tt_fail(err, TT_EINVAL, "candidate %zu has a season of 0 h", i);
	return TT_OK;
}

static int make_origin(const tt_forecast_task *t, const tt_forecast_candidate *c, size_t n,
                       tt_arena *arena, origin *o, tt_err *err)
{
	const size_t season = season_most(t, c, n), drawn = segments(t) * POINTS * season;

	*o = (origin){
		.points = tt_arena_alloc(arena, n * sizeof *o->points),
		.decision = tt_arena_alloc(arena, n * sizeof *o->decision),
		.room = tt_arena_alloc(arena, (drawn + t->horizon_h + season + n) *
		                              sizeof *o->room),
	};
	if (!o->points || !o->decision || !o->room)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		o->points[i] = tt_arena_alloc(arena, t->horizon_h * sizeof **o->points);
		if (!o->points[i])
			return tt_no_memory(err);
	}
	return TT_OK;
}

/* The layer rule on values that are not whole: the m-th largest. Reorders v. */
static double decide(const tt_forecast_task *t, double *v, size_t n)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(v[i]))
			v[known++] = v[i];
	const tt_i128 rank = (tt_i128)t->rate * (tt_i128)known / t->price;

	if (!known)
		return (double)NAN;
	if (rank >= (tt_i128)known)
		return 0;
	return tt_nth_largest(v, known, (size_t)rank);
}

static int level(const tt_forecast_task *t, const tt_level_settings *set, size_t n, double *room,
                 double *points, double *ret_decision, tt_err *err)
{
	static const double sure[POINTS] = { .05, .15, .25, .35, .5, .65, .75, .85, .95 };
	const size_t season = set->season_h;
	double *profile = room, *v = room + season;
	tt_err none = { 0 };
	tt_level l;
	size_t k = 0;
	const int rc = tt_level_fit(t->y, n, set, profile, &l, &none);

	*ret_decision = (double)NAN;
	if (rc < 0 && rc != TT_ENODATA)
		return tt_fail(err, rc, "%s", none.text);
	for (size_t h = 0; h < t->horizon_h; h++)
		points[h] = (double)NAN;
	if (rc < 0)
		return TT_OK;
	for (size_t q = 0; q < segments(t); q++) {
		const double middle = tt_level_at(&l, q, 0);

		for (size_t h = q * t->segment_h; h < (q + 1) * t->segment_h; h++)
			if (h < t->horizon_h)
				points[h] = middle * profile[h % season];
		for (size_t i = 0; i < POINTS; i++) {
			const double at = tt_level_at(&l, q, tt_normal_quantile(sure[i]));

			for (size_t h = 0; h < season; h++)
				v[k++] = at * profile[h];
		}
	}
	*ret_decision = decide(t, v, k);
	return TT_OK;
}

static void median(const tt_forecast_task *t, const tt_forecast_candidate *c, size_t n, origin *o)
{
	for (size_t h = 0; h < t->horizon_h; h++) {
		size_t k = 0;

		for (size_t i = 0; i < n; i++)
			if (c[i].kind != TT_FORECAST_MEDIAN)
				o->room[k++] = o->points[i][h];
		o->points[n][h] = tt_median_known(o->room, k);
	}
}

/* What each candidate says and does knowing y[n] only. */
static int ask(const tt_forecast_task *t, const tt_forecast_candidate *c, size_t n_candidates,
               size_t n, origin *o, tt_err *err)
{
	for (size_t i = 0; i < n_candidates; i++) {
		double *points = o->points[i];

		switch (c[i].kind) {
		case TT_FORECAST_NAIVE:
			tt_seasonal_naive(t->y, n, t->season_h, t->horizon_h, points);
			break;
		case TT_FORECAST_DRIFT:
			tt_seasonal_drift(t->y, n, t->season_h, c[i].smoothing.damping,
			                  t->horizon_h, points);
			break;
		case TT_FORECAST_HOLT_WINTERS:
			tt_holt_winters(t->y, n, t->season_h, &c[i].smoothing, t->horizon_h,
			                o->room, points);
			break;
		case TT_FORECAST_LEVEL:
			TT_TRY(level(t, &c[i].level, n, o->room, points, &o->decision[i], err));
			continue;
		case TT_FORECAST_MEDIAN:
			median(t, c, i, o);
			break;
		}
		memcpy(o->room, points, t->horizon_h * sizeof *points);
		o->decision[i] = decide(t, o->room, t->horizon_h);
	}
	return TT_OK;
}

int tt_forecast_make(const tt_forecast_task *t, const tt_forecast_candidate *c, size_t n,
                     tt_arena *arena, double ***ret, tt_err *err)
{
	origin o;

	TT_TRY(check(t, c, n, err));
	TT_TRY(make_origin(t, c, n, arena, &o, err));
	TT_TRY(ask(t, c, n, t->n, &o, err));
	*ret = o.points;
	return TT_OK;
}

/* --- All origins ------------------------------------------------------------------------ */

/* Hours known at origin `k`, the latest first. */
static size_t origin_at(const tt_forecast_task *t, size_t k)
{
	return t->n - t->horizon_h - k * t->step_h;
}

static size_t count_origins(const tt_forecast_task *t)
{
	const size_t least = 2 * t->season_h + t->horizon_h;
	const size_t most = t->n < least ? 0 : (t->n - least) / t->step_h + 1;

	return most < t->origins ? most : t->origins;
}

/* Mean over the hours that are known of what a commitment cost more than it had to. */
static double cost_of(const tt_forecast_task *t, double decision, const double *actual)
{
	const double tau = 1 - (double)t->rate / (double)t->price;
	double sum = 0;
	size_t n = 0;

	for (size_t h = 0; h < t->horizon_h; h++) {
		if (isnan(actual[h]))
			continue;
		sum += tt_pinball(actual[h], decision, tau);
		n++;
	}
	return n ? (double)t->price * sum / (double)n : (double)NAN;
}

static bool better(const tt_forecast_score *a, const tt_forecast_score *b)
{
	if (isnan(a->cost) || isnan(b->cost))
		return !isnan(a->cost);
	if (a->cost < b->cost || a->cost > b->cost)
		return a->cost < b->cost;
	return a->mase < b->mase || (isnan(b->mase) && !isnan(a->mase));
}

/* errors[candidate][origin][hour]; an origin after which nothing is known says nothing. */
static int score(const tt_forecast_task *t, const tt_forecast_candidate *c, size_t n, origin *o,
                 tt_forecast_choice *ret, double **errors, tt_err *err)
{
	size_t counted = 0;

	for (size_t k = 0; k < ret->origins; k++) {
		const size_t at = origin_at(t, k);
		const double *actual = t->y + at;
		const double known = cost_of(t, 0, actual);

		TT_TRY(ask(t, c, n, at, o, err));
		for (size_t i = 0; i < n; i++) {
			for (size_t h = 0; h < t->horizon_h; h++)
				errors[i][k * t->horizon_h + h] = fabs(actual[h] - o->points[i][h]);
			if (isnan(known))
				continue;
			ret->scores[i].cost += cost_of(t, o->decision[i], actual);
			ret->scores[i].mase += tt_mase(t->y, at, t->season_h, actual,
			                               o->points[i], t->horizon_h);
		}
		counted += isnan(known) ? 0 : 1;
	}
	for (size_t i = 0; i < n; i++) {
		ret->scores[i].cost /= (double)counted;
		ret->scores[i].mase /= (double)counted;
		if (better(&ret->scores[i], &ret->scores[ret->best]))
			ret->best = i;
	}
	if (isnan(ret->scores[ret->best].cost))
		return tt_fail(err, TT_ENODATA, "no forecast has an answer at each of %zu origins",
		               ret->origins);
	return TT_OK;
}

/* Errors of band `b` after origins [from, to) into v. */
static size_t gather(const tt_forecast_task *t, const double *errors, size_t from, size_t to,
                     size_t b, double *v)
{
	size_t n = 0;

	for (size_t k = from; k < to; k++)
		for (size_t h = b * t->band_h; h < (b + 1) * t->band_h && h < t->horizon_h; h++)
			v[n++] = errors[k * t->horizon_h + h];
	return n;
}

static void intervals(const tt_forecast_task *t, const double *errors, tt_forecast_choice *ret,
                      double *v)
{
	const size_t held_out = ret->origins > 1 ? (ret->origins + 3) / 4 : 0;

	for (size_t b = 0; b < ret->n_bands; b++) {
		size_t n = gather(t, errors, held_out, ret->origins, b, v), known = 0, inside = 0;
		const double width = tt_conformal_width(v, n, t->alpha_millionths);

		n = held_out ? gather(t, errors, 0, held_out, b, v) : 0;
		for (size_t i = 0; i < n; i++) {
			known += isnan(v[i]) ? 0 : 1;
			inside += v[i] <= width ? 1 : 0;
		}
		ret->coverage_ratio[b] = known ? (double)inside / (double)known : (double)NAN;
		n = gather(t, errors, 0, ret->origins, b, v);
		ret->width[b] = tt_conformal_width(v, n, t->alpha_millionths);
	}
}

static int make_choice(const tt_forecast_task *t, size_t n, tt_arena *arena,
                       tt_forecast_choice *c, double ***ret_errors, tt_err *err)
{
	const size_t errors = c->origins * t->horizon_h;

	c->n_bands = (t->horizon_h + t->band_h - 1) / t->band_h;
	c->scores = tt_arena_alloc(arena, n * sizeof *c->scores);
	c->width = tt_arena_alloc(arena, c->n_bands * sizeof *c->width);
	c->coverage_ratio = tt_arena_alloc(arena, c->n_bands * sizeof *c->coverage_ratio);
	*ret_errors = tt_arena_alloc(arena, (n + 1) * sizeof **ret_errors);
	if (!c->scores || !c->width || !c->coverage_ratio || !*ret_errors)
		return tt_no_memory(err);
	for (size_t i = 0; i <= n; i++) {
		(*ret_errors)[i] = tt_arena_alloc(arena, errors * sizeof ***ret_errors);
		if (!(*ret_errors)[i])
			return tt_no_memory(err);
	}
	return TT_OK;
}

int tt_forecast_choose(const tt_forecast_task *t, const tt_forecast_candidate *c, size_t n,
                       tt_arena *arena, tt_forecast_choice *ret, tt_err *err)
{
	tt_forecast_choice choice = { 0 };
	double **errors;
	origin o;

	TT_TRY(check(t, c, n, err));
	choice.origins = count_origins(t);
	if (!choice.origins)
		return tt_fail(err, TT_ENODATA, "%zu h of history are too few to try forecasts of "
		               "%zu h: expected at least %zu h more than that", t->n, t->horizon_h,
		               2 * t->season_h);
	TT_TRY(make_choice(t, n, arena, &choice, &errors, err));
	TT_TRY(make_origin(t, c, n, arena, &o, err));
	TT_TRY(score(t, c, n, &o, &choice, errors, err));
	intervals(t, errors[choice.best], &choice, errors[n]);
	TT_TRY(ask(t, c, n, t->n, &o, err));
	for (size_t i = 0; i < n; i++)
		choice.scores[i].decision = o.decision[i];
	choice.forecast = o.points[choice.best];
	*ret = choice;
	return TT_OK;
}
