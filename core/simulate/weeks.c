#include "simulate/weeks.h"
#include "base/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void tt_weeks_free(tt_weeks *w)
{
	tt_free(w->first);
	tt_free(w->ran);
	tt_free(w->first_more);
	tt_free(w->more);
	*w = (tt_weeks){ 0 };
}

static int by_nodes(const void *pa, const void *pb)
{
	const tt_ran *a = pa, *b = pb;

	return (a->nodes > b->nodes) - (a->nodes < b->nodes);
}

/* Hours of one cell into v, joined by the number of instances; how many. */
static size_t collect(const tt_calendar *c, const tt_pool_hours *base, const tt_pool_hours *delta,
		      const int32_t *together, size_t range, size_t block, tt_ran *v)
{
	size_t n = 0, kept = 0;

	for (size_t h = c->ranges[range].from_h; h < c->ranges[range].to_h; h++) {
		const size_t at = tt_calendar_hour(c, block, h);
		tt_ran one = { 0 };

		if (base)
			one = (tt_ran){ base->nodes[at], base->seconds[at] };
		if (delta) {
			one.nodes += delta->nodes[at];
			one.seconds += delta->seconds[at];
		}
		if (together)
			one.nodes = together[at];
		if (one.seconds)
			v[n++] = one;
	}
	if (n)
		qsort(v, n, sizeof *v, by_nodes);
	for (size_t i = 0; i < n; i++) {
		if (kept && v[kept - 1].nodes == v[i].nodes)
			v[kept - 1].seconds += v[i].seconds;
		else
			v[kept++] = v[i];
	}
	return kept;
}

/* What hours of a cell cost beside their seconds. */
static tt_i128 extra_of(const tt_calendar *c, const tt_pool_hours *hours, size_t range,
			size_t block)
{
	tt_i128 sum = 0;

	for (size_t h = c->ranges[range].from_h; hours && hours->extra &&
	     h < c->ranges[range].to_h; h++)
		sum += hours->extra[tt_calendar_hour(c, block, h)];
	return sum;
}

static int price(const tt_pool *pool, const tt_ran *v, size_t n, tt_i128 *ret, tt_err *err)
{
	tt_i128 seconds = 0, a;

	*ret = 0;
	if (pool->price_per_hour == TT_DECIMAL_MISSING)
		return TT_OK;
	for (size_t i = 0; i < n; i++)
		seconds += v[i].seconds;
	if (__builtin_mul_overflow(pool->price_per_hour, seconds, &a) ||
	    __builtin_mul_overflow(a, (tt_i128)pool->paid_u9, &a) ||
	    a / TT_CAPACITY_MICRO >= INT64_MAX || a / TT_CAPACITY_MICRO <= -INT64_MAX)
		return tt_fail(err, TT_EDATA, "a week of a pool is more money than can be counted");
	*ret = a;
	return TT_OK;
}

static int fill(const tt_calendar *c, const tt_pool *pool, const tt_pool_hours *base,
		const tt_pool_hours *delta, const int32_t *together, tt_ran *v, tt_weeks *w,
		tt_err *err)
{
	size_t cap = 0, used = 0;

	for (size_t i = 0; i < c->n_ranges * c->n_blocks; i++) {
		const size_t n = collect(c, base, delta, together, i / c->n_blocks,
					i % c->n_blocks, v);

		TT_TRY(price(pool, v, n, &w->plain[i], err));
		w->plain[i] += extra_of(c, base, i / c->n_blocks, i % c->n_blocks) +
			       extra_of(c, delta, i / c->n_blocks, i % c->n_blocks);
		w->first[i] = used;
		for (size_t k = 0; k < n; k++) {
			if (!TT_GROW(w->ran, used, cap))
				return tt_no_memory(err);
			w->ran[used++] = v[k];
		}
	}
	w->first[c->n_ranges * c->n_blocks] = used;
	return TT_OK;
}

static void add_more(const double *from, tt_more *to)
{
	for (size_t k = 0; from && k < TT_HELD_LEVELS; k++)
		to->micro[k] += from[k];
}

/* Hours of one cell behind w->more[from], joined by the number of instances. */
static int collect_more(const tt_calendar *c, const tt_pool_hours *base,
			const tt_pool_hours *delta, const int32_t *together, size_t cell,
			size_t from, size_t *used, size_t *cap, tt_weeks *w, tt_err *err)
{
	const size_t range = cell / c->n_blocks, block = cell % c->n_blocks;

	for (size_t h = c->ranges[range].from_h; h < c->ranges[range].to_h; h++) {
		const size_t at = tt_calendar_hour(c, block, h);
		const int32_t nodes = together ? together[at] : (base ? base->nodes[at] : 0) +
				      (delta ? delta->nodes[at] : 0);
		size_t i = from;

		while (i < *used && w->more[i].nodes != nodes)
			i++;
		if (i == *used) {
			if (!TT_GROW(w->more, *used, *cap))
				return tt_no_memory(err);
			w->more[(*used)++] = (tt_more){ .nodes = nodes };
		}
		add_more(base && base->more ? base->more + at * TT_HELD_LEVELS : NULL,
			 &w->more[i]);
		add_more(delta && delta->more ? delta->more + at * TT_HELD_LEVELS : NULL,
			 &w->more[i]);
	}
	return TT_OK;
}

static int fill_more(const tt_calendar *c, const tt_pool_hours *base, const tt_pool_hours *delta,
		     const int32_t *together, tt_weeks *w, tt_err *err)
{
	const size_t cells = c->n_ranges * c->n_blocks;
	size_t used = 0, cap = 0;

	if (!(base && base->more) && !(delta && delta->more))
		return TT_OK;
	w->first_more = tt_zalloc(cells + 1, sizeof *w->first_more);
	if (!w->first_more)
		return tt_no_memory(err);
	for (size_t i = 0; i < cells; i++) {
		w->first_more[i] = used;
		TT_TRY(collect_more(c, base, delta, together, i, used, &used, &cap, w, err));
	}
	w->first_more[cells] = used;
	return TT_OK;
}

int tt_weeks_make(const tt_calendar *c, const tt_pool *pool, const tt_pool_hours *base,
		  const tt_pool_hours *delta, const int32_t *together, tt_arena *arena,
		  tt_weeks *ret, tt_err *err)
{
	const size_t cells = c->n_ranges * c->n_blocks;
	TT_CLEANUP(tt_freep) tt_ran *v = tt_zalloc(168 + 1, sizeof *v);
	tt_weeks w = { .first = tt_zalloc(cells + 1, sizeof *w.first),
		       .plain = tt_arena_alloc(arena, cells * sizeof *w.plain) };
	int rc = v && w.first && w.plain ? TT_OK : tt_no_memory(err);

	if (pool->price_per_hour != TT_DECIMAL_MISSING)
		w.micro_per_s = tt_decimal_f64(pool->price_per_hour) * 1e6 / 3600 *
				((double)pool->paid_u9 / 1e9);
	if (rc == TT_OK)
		rc = fill(c, pool, base, delta, together, v, &w, err);
	if (rc == TT_OK)
		rc = fill_more(c, base, delta, together, &w, err);
	if (rc < 0)
		tt_weeks_free(&w);
	*ret = w;
	return rc;
}

/* Instances for each that ran: whole ones, but for the error of a product. */
static double whole(double level, int32_t nodes)
{
	return nodes > 0 ? ceil(level * (double)nodes - 1e-9) / (double)nodes : level;
}

/* Between levels in a straight line; above the last as it ends. */
static double more_at(const tt_more *m, double level)
{
	const double at = level * TT_HELD_LEVEL_ONE;
	const size_t i = at >= TT_HELD_LEVELS - 1 ? TT_HELD_LEVELS - 2 : at > 0 ? (size_t)at : 0;

	return m->micro[i] + (at - (double)i) * (m->micro[i + 1] - m->micro[i]);
}

static double more_of(const tt_weeks *w, size_t cell, double level)
{
	double sum = 0;

	for (size_t i = w->first_more ? w->first_more[cell] : 0;
	     w->first_more && i < w->first_more[cell + 1]; i++)
		sum += more_at(&w->more[i], whole(level, w->more[i].nodes));
	return sum;
}

double tt_weeks_cost(const tt_weeks *w, size_t cell, double level, double price_ratio)
{
	double seconds = 0;

	if (level == 1)
		return (double)w->plain[cell] / (double)TT_CAPACITY_MICRO * price_ratio;
	for (size_t i = w->first[cell]; i < w->first[cell + 1]; i++)
		seconds += (double)w->ran[i].seconds * whole(level, w->ran[i].nodes);
	return (seconds * w->micro_per_s + more_of(w, cell, level)) * price_ratio;
}

int64_t tt_weeks_exact(const tt_weeks *w, size_t cell, tt_i128 *left_over)
{
	const tt_i128 parts = *left_over + w->plain[cell];
	const tt_i128 micro = tt_div_half_even(parts, TT_CAPACITY_MICRO);

	*left_over = parts - micro * TT_CAPACITY_MICRO;
	return (int64_t)micro;
}

double tt_weeks_hours(const tt_weeks *w, size_t cell)
{
	int64_t seconds = 0;

	for (size_t i = w->first[cell]; i < w->first[cell + 1]; i++)
		seconds += w->ran[i].seconds;
	return (double)seconds / 3600;
}

double tt_weeks_hours_at(const tt_weeks *w, size_t cell, double level)
{
	double seconds = 0;

	if (level == 1)
		return tt_weeks_hours(w, cell);
	for (size_t i = w->first[cell]; i < w->first[cell + 1]; i++)
		seconds += (double)w->ran[i].seconds * whole(level, w->ran[i].nodes);
	if (w->micro_per_s > 0) /* what is on demand more or less, in instances */
		seconds += more_of(w, cell, level) / w->micro_per_s;
	return seconds / 3600;
}
