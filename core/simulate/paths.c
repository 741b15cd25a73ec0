#include "simulate/paths.h"
#include "base/threads.h"
#include "maths/elementary.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define SPREAD_MOST 5.0 /* of the level's logarithm: more is no forecast of anything */

/* --- Making -------------------------------------------------------------------- */

static int wrong(const char *what, double value, const char *want, tt_err *err)
{
	return tt_fail(err, TT_EDATA, "demand: %s is %g, expected %s", what, value, want);
}

static int check(const tt_demand_model *m, tt_err *err)
{
	if (m->n_h == 0 || m->n_h > TT_PATHS_HOURS_MOST)
		return wrong("the number of hours", (double)m->n_h, "1 to 65535", err);
	if (m->most == 0 || m->most > TT_PATHS_UNITS_MOST)
		return wrong("the limit", m->most, "1 to 65535", err);
	if (!(m->week_carry >= 0 && m->week_carry <= 1))
		return wrong("what a week carries over", m->week_carry, "0 to 1", err);
	if (!(m->hour_carry >= 0 && m->hour_carry <= 1))
		return wrong("what an hour carries over", m->hour_carry, "0 to 1", err);
	if (!(m->week_sd >= 0 && m->week_sd <= SPREAD_MOST))
		return wrong("sd of a week", m->week_sd, "0 to 5", err);
	if (!(m->hour_sd >= 0 && m->hour_sd <= SPREAD_MOST))
		return wrong("sd of an hour", m->hour_sd, "0 to 5", err);
	for (size_t h = 0; h < m->n_h; h++) {
		if (!(m->expected[h] >= 0 && m->expected[h] <= 1e9))
			return tt_fail(err, TT_EDATA, "demand: hour %zu expects %g units, "
			               "expected 0 to 1e9", h, m->expected[h]);
	}
	return TT_OK;
}

int tt_paths_make(const tt_demand_model *m, tt_stream stream, tt_arena *arena, tt_paths *ret,
                  tt_err *err)
{
	double week = 0, hour = 0; /* variances of the levels */

	TT_TRY(check(m, err));
	uint32_t weeks = (uint32_t)((m->n_h + TT_WEEK_H - 1) / TT_WEEK_H);
	float *scale = tt_arena_alloc(arena, (size_t)weeks * TT_WEEK_H * sizeof *scale);

	if (!scale)
		return tt_no_memory(err);
	for (size_t h = 0; h < m->n_h; h++) {
		if (h % TT_WEEK_H == 0)
			week = m->week_carry * m->week_carry * week + m->week_sd * m->week_sd;
		hour = m->hour_carry * m->hour_carry * hour + m->hour_sd * m->hour_sd;
		if (week + hour > SPREAD_MOST * SPREAD_MOST)
			return tt_fail(err, TT_EDATA, "demand: the level's sd reaches %g in hour "
			               "%zu, expected at most 5", sqrt(week + hour), h);
		scale[h] = (float)(m->expected[h] * tt_exp(-(week + hour) / 2));
	}
	*ret = (tt_paths){ .scale = scale, .n_h = m->n_h, .weeks = weeks, .most = m->most,
		.lanes = { .key = { stream.key[0], stream.key[1] },
		           .hour_carry = (float)m->hour_carry, .hour_sd = (float)m->hour_sd,
		           .week_carry = (float)m->week_carry, .week_sd = (float)m->week_sd,
		           .most = (float)m->most } };
	return TT_OK;
}

/* --- Drawing ------------------------------------------------------------------- */

static void start(tt_lanes *lanes, uint64_t world)
{
	lanes->world = world;
	memset(lanes->hour_level, 0, sizeof lanes->hour_level);
	memset(lanes->week_level, 0, sizeof lanes->week_level);
	memset(lanes->tilt, 0, sizeof lanes->tilt);
	memset(lanes->peak, 0, sizeof lanes->peak);
}

static void tilt(tt_lanes *lanes, uint32_t week, const tt_path_tilt *tilts, size_t n)
{
	for (size_t l = 0; l < n; l++)
		lanes->tilt[l] = (float)(tilts[l].start + tilts[l].per_week * week);
}

static size_t hours_of_week(const tt_paths *p, uint32_t week)
{
	size_t left = p->n_h - (size_t)week * TT_WEEK_H;

	return left < TT_WEEK_H ? left : TT_WEEK_H;
}

int tt_paths_hours(const tt_paths *p, uint64_t world, const tt_path_tilt *t, uint32_t *ret,
                   tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_lanes *lanes = tt_zalloc(1, sizeof *lanes);
	tt_lanes_week *draw = tt_lanes_find(p->code);

	if (!lanes)
		return tt_no_memory(err);
	start(lanes, world);
	for (uint32_t week = 0; week < p->weeks; week++) {
		if (t)
			tilt(lanes, week, t, 1);
		draw(&p->lanes, week, p->scale + (size_t)week * TT_WEEK_H, lanes);
		for (size_t h = 0; h < hours_of_week(p, week); h++)
			*ret++ = (uint32_t)lanes->demand[h * TT_LANES];
	}
	return TT_OK;
}

/* --- Pricing ------------------------------------------------------------------- */

typedef struct desk {                /* one thread's own */
	tt_lanes lanes;
	uint16_t *count;             /* [16][most + 1] hours of each demand; 0 where unused */
} desk;

typedef struct job {
	const tt_paths *p;
	const tt_path_tilt *tilts;
	const tt_commit_levels *levels;
	const tt_paths_result *ret;
	uint64_t first;
	size_t n;
	bool whole;                  /* prices are whole micro-units: no rounding */
	desk *desks;
	atomic_size_t next;          /* group of 16 worlds */
} job;

static void count_hours(const tt_lanes *lanes, size_t hours, size_t stride, uint16_t *count)
{
	const int32_t *demand = lanes->demand;

	for (size_t h = 0; h < hours; h++, demand += TT_LANES)
		for (size_t l = 0; l < TT_LANES; l++)
			count[l * stride + (uint32_t)demand[l]]++;
}

static int64_t cost_of(const job *j, size_t level, uint64_t above)
{
	const tt_commit_levels *c = j->levels;
	uint64_t committed = (uint64_t)c->units[level] * j->p->n_h;

	if (j->whole)
		return (int64_t)committed * (int64_t)(c->rate / 1000000) +
		       (int64_t)above * (int64_t)(c->on_demand / 1000000);
	return (int64_t)tt_div_half_even((tt_i128)committed * c->rate +
	                                 (tt_i128)above * c->on_demand, 1000000);
}

/* Hours above each level, from the highest down; leaves the counts at 0. */
static void settle(const job *j, uint16_t *count, uint32_t peak, size_t world)
{
	const tt_commit_levels *c = j->levels;
	uint64_t hours = 0, above = 0; /* with demand above `at`, and by how much */
	uint32_t at = peak;

	for (size_t i = c->n; i-- > 0;) {
		uint32_t level = c->units[i];

		for (; at > level; at--) {
			hours += count[at];
			above += hours;
		}
		if (j->ret->above_unit_h)
			j->ret->above_unit_h[world * c->n + i] = above;
		if (j->ret->cost_micro)
			j->ret->cost_micro[world * c->n + i] = cost_of(j, i, above);
	}
	memset(count, 0, ((size_t)peak + 1) * sizeof *count);
}

static void price_group(const job *j, size_t group, desk *d, tt_lanes_week *draw)
{
	const tt_paths *p = j->p;
	size_t from = group * TT_LANES, stride = (size_t)p->most + 1;
	size_t n = j->n - from < TT_LANES ? j->n - from : TT_LANES;

	start(&d->lanes, j->first + from);
	for (uint32_t week = 0; week < p->weeks; week++) {
		if (j->tilts)
			tilt(&d->lanes, week, j->tilts + from, n);
		draw(&p->lanes, week, p->scale + (size_t)week * TT_WEEK_H, &d->lanes);
		count_hours(&d->lanes, hours_of_week(p, week), stride, d->count);
	}
	for (size_t l = 0; l < TT_LANES; l++) {
		uint16_t *count = d->count + l * stride;

		if (l < n)
			settle(j, count, (uint32_t)d->lanes.peak[l], from + l);
		else /* a lane that nobody asked for */
			memset(count, 0, stride * sizeof *count);
	}
}

static void work(void *ctx, int i)
{
	job *j = ctx;
	size_t groups = (j->n + TT_LANES - 1) / TT_LANES;
	tt_lanes_week *draw = tt_lanes_find(j->p->code);

	for (size_t g; (g = atomic_fetch_add(&j->next, 1)) < groups;)
		price_group(j, g, &j->desks[i], draw);
}

/* No level, and no demand, costs more than an int64 holds: then no sum below overflows. */
static int check_levels(const tt_paths *p, const tt_commit_levels *c, tt_err *err)
{
	const tt_decimal most = (tt_decimal)1000000 * INT64_MAX / 2;

	for (size_t i = 0; i + 1 < c->n; i++) {
		if (c->units[i] >= c->units[i + 1])
			return tt_fail(err, TT_EINVAL, "levels %u and %u, expected rising ones",
			               c->units[i], c->units[i + 1]);
	}
	tt_decimal unit_h = (tt_decimal)p->n_h * (c->n > 0 ? c->units[c->n - 1] : 0);
	tt_decimal demand_h = (tt_decimal)p->n_h * p->most;
	tt_decimal rate = c->rate < 0 ? -c->rate : c->rate;
	tt_decimal on_demand = c->on_demand < 0 ? -c->on_demand : c->on_demand;

	if ((unit_h > 0 && rate > most / unit_h) || on_demand > most / demand_h)
		return tt_fail(err, TT_EDATA, "the cost of %zu hours of %u units is more than an "
		               "amount can be", p->n_h, p->most);
	return TT_OK;
}

static void free_desks(desk *desks, int n)
{
	for (int i = 0; desks && i < n; i++)
		tt_free(desks[i].count);
	tt_free(desks);
}

int tt_paths_price(const tt_paths *p, uint64_t first, size_t n, const tt_path_tilt *tilts,
                   const tt_commit_levels *levels, int threads, const tt_paths_result *ret,
                   tt_err *err)
{
	size_t groups = (n + TT_LANES - 1) / TT_LANES;

	TT_TRY(check_levels(p, levels, err));
	if (threads < 1 || groups < 1)
		threads = 1;
	else if ((size_t)threads > groups)
		threads = (int)groups;
	desk *desks = tt_zalloc((size_t)threads, sizeof *desks);
	bool ready = desks != NULL;

	for (int i = 0; ready && i < threads; i++) {
		desks[i].count = tt_zalloc(TT_LANES * ((size_t)p->most + 1), sizeof(uint16_t));
		ready = desks[i].count != NULL;
	}
	if (ready) {
		job j = { .p = p, .tilts = tilts, .levels = levels, .ret = ret, .first = first,
			  .n = n, .desks = desks,
			  .whole = levels->rate % 1000000 == 0 &&
			           levels->on_demand % 1000000 == 0 };
		tt_run_threads(threads, work, &j);
	}
	free_desks(desks, threads);
	return ready ? TT_OK : tt_no_memory(err);
}
