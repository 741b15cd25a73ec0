#include "maths/look_back.h"
#include "base/memory.h"
#include "maths/change_points.h"
#include "maths/elementary.h"
#include "maths/robust.h"
#include <math.h>
#include <stdbool.h>

enum { DAY_H = 24, NEAR = 4, LEAST = 2, BRIEF = 8 };
#define STEP_LEAST 0.2876820724517809   /* ln 4/3: of the level, up or down */
#define STEP_SIGMAS 5                   /* of what seasons usually do */
/* What a change costs at least: steps of that size that last two seasons are not looked for. */
#define PENALTY_LEAST (STEP_LEAST * STEP_LEAST)

/* Logarithms of the means of seasons, the first one first. */
typedef struct course {
	const double *y;
	size_t n, season_h, start;  /* hours; the first season begins at `start` */
	double *log;                /* [seasons] NaN: not known */
	size_t seasons;
	double sigma, drift;        /* from one season to the next */
} course;

static double mean_of(const double *y, size_t from, size_t to, size_t *ret_known)
{
	double sum = 0;
	size_t known = 0;

	for (size_t h = from; h < to; h++) {
		sum += isnan(y[h]) ? 0 : y[h];
		known += isnan(y[h]) ? 0 : 1;
	}
	*ret_known = known;
	return known ? sum / (double)known : (double)NAN;
}

static void find_logs(course *c)
{
	size_t known;

	for (size_t i = c->seasons; i-- > 0;) {
		const size_t from = c->start + i * c->season_h;
		const double mean = mean_of(c->y, from, from + c->season_h, &known);

		if (2 * known >= c->season_h && mean <= 0) {
			c->start = from + c->season_h;
			c->seasons -= i + 1;
			c->log += i + 1;
			return;
		}
		c->log[i] = 2 * known < c->season_h ? (double)NAN : tt_log(mean);
	}
}

/* Middle of c->log[from, to). */
static double middle(const course *c, size_t from, size_t to, double *room)
{
	for (size_t i = from; i < to; i++)
		room[i - from] = c->log[i];
	return tt_median_known(room, to - from);
}

/* A median of steps over as many seasons as are looked at on either side: one jump is not in it. */
static int find_pace(course *c, double *room, tt_err *err)
{
	for (size_t i = NEAR; i < c->seasons; i++)
		room[i - NEAR] = (c->log[i] - c->log[i - NEAR]) / NEAR;
	c->drift = c->seasons > NEAR ? tt_median_known(room, c->seasons - NEAR) : 0;
	c->drift = isnan(c->drift) ? 0 : c->drift;
	return tt_change_sigma(c->log, c->seasons, &c->sigma, err);
}

static bool is_jump(const course *c, size_t at, double *room)
{
	const size_t first = at > NEAR ? at - NEAR : 0;
	const size_t last = at + NEAR < c->seasons ? at + NEAR : c->seasons;
	const double before = middle(c, first, at, room), after = middle(c, at, last, room);
	const double drift = c->drift * (double)(last - first) / 2;
	const double step = after - before - drift;
	const double now = middle(c, c->seasons - LEAST, c->seasons, room);
	const double stays = middle(c, at, c->seasons, room) - before;

	if (!(fabs(step) >= STEP_LEAST) || !(fabs(step) >= STEP_SIGMAS * c->sigma))
		return false;
	return step > 0 ? 2 * stays >= step && 2 * (now - before) >= step
	                : 2 * stays <= step && 2 * (now - before) <= step;
}

/* Whether change `i` ends a low or a high of a few seasons, after which all is as it was. */
static bool is_return(const course *c, const tt_change_points *p, size_t i, double *room)
{
	const size_t at = p->at[i], last = at + NEAR < c->seasons ? at + NEAR : c->seasons;
	const double after = middle(c, at, last, room);

	for (size_t k = i; k-- > 0 && at - p->at[k] <= BRIEF;) {
		const size_t first = p->at[k] > NEAR ? p->at[k] - NEAR : 0;

		if (fabs(after - middle(c, first, p->at[k], room)) < STEP_LEAST)
			return true;
	}
	return false;
}

/* The day, a season at most from hour `at`, that parts the days around best. */
static size_t day_of(const course *c, size_t at)
{
	const size_t low = at >= 2 * c->season_h ? at - 2 * c->season_h : at % DAY_H;
	const size_t high = at + 2 * c->season_h < c->n ? at + 2 * c->season_h : c->n;
	double most = -1;
	size_t best = at;

	for (size_t h = low + DAY_H; h + DAY_H <= high; h += DAY_H) {
		size_t n, m;
		const double before = mean_of(c->y, low, h, &n), after = mean_of(c->y, h, high, &m);
		const double parted = (before - after) * (before - after) * (double)n * (double)m /
			(double)(n + m);

		if (h + c->season_h < at || h > at + c->season_h || !(parted > most))
			continue;
		most = parted;
		best = h;
	}
	return best;
}

static int find(course *c, double *room, tt_look_back *ret, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_change_points p;
	size_t known;

	if (!arena)
		return tt_no_memory(err);
	TT_TRY(find_pace(c, room, err));
	const double penalty = 2 * c->sigma * c->sigma * tt_log((double)c->seasons);

	TT_TRY(tt_change_points_find(c->log, c->seasons, fmax(penalty, PENALTY_LEAST), arena, &p,
	                             err));
	for (size_t i = p.n; i-- > 0;) {
		if (p.at[i] < LEAST || p.at[i] + LEAST > c->seasons ||
		    !is_jump(c, p.at[i], room) || is_return(c, &p, i, room))
			continue;
		const size_t at = day_of(c, c->start + p.at[i] * c->season_h);
		const size_t near = NEAR * c->season_h;

		if (at + LEAST * c->season_h > c->n)
			continue;
		ret->from = at;
		ret->before = mean_of(c->y, at > near ? at - near : 0, at, &known);
		ret->after = mean_of(c->y, at, at + near < c->n ? at + near : c->n, &known);
		break;
	}
	return TT_OK;
}

int tt_look_back_find(const double *y, size_t n, size_t season_h, tt_look_back *ret, tt_err *err)
{
	*ret = (tt_look_back){ 0, (double)NAN, (double)NAN };
	if (!season_h || season_h % DAY_H)
		return tt_fail(err, TT_EINVAL, "seasons of %zu h, expected whole days", season_h);
	TT_CLEANUP(tt_freep) double *room = tt_zalloc(2 * (n / season_h + 1), sizeof *room);
	course c = { .y = y, .n = n, .season_h = season_h, .start = n % season_h,
		.seasons = n / season_h };

	if (!room)
		return tt_no_memory(err);
	c.log = room + n / season_h + 1;
	find_logs(&c);
	return c.seasons < 2 * LEAST ? TT_OK : find(&c, room, ret, err);
}
