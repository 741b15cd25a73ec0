#include "commit/held_money.h"
#include "commit/money_terms.h"
#include <string.h>

enum { HOUR_S = 3600, HALVINGS = 60 };

static bool is_money(const tt_commitment_row *r, int64_t start_s)
{
	return !(r->units > 0) && r->commitment_per_hour != TT_DECIMAL_MISSING &&
	       (r->ends_at == TT_TIME_MISSING || r->ends_at > start_s);
}

size_t tt_held_money_cuts(const tt_snapshot *s, int64_t start_s, int64_t *cuts)
{
	const tt_rows *rows = &s->table[TT_COMMITMENTS];
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++) {
		const tt_commitment_row *r = TT_ROW(rows, tt_commitment_row, i);

		if (!is_money(r, start_s))
			continue;
		if (r->starts_at > start_s)
			cuts[n++] = (r->starts_at - start_s + HOUR_S - 1) / HOUR_S;
		if (r->ends_at != TT_TIME_MISSING)
			cuts[n++] = (r->ends_at - start_s + HOUR_S - 1) / HOUR_S;
	}
	return n;
}

static bool any(const tt_snapshot *s, int64_t start_s)
{
	const tt_rows *rows = &s->table[TT_COMMITMENTS];

	for (size_t i = 0; i < rows->n; i++)
		if (is_money(TT_ROW(rows, tt_commitment_row, i), start_s))
			return true;
	return false;
}

/* The number of units that covers as much of item `i` on average; rows[t * items + item]. */
static double as_units(const tt_money_course *c, const int64_t *rows, size_t i, double covered)
{
	double low = 0, high = 0;

	if (!(covered > 0))
		return 0;
	for (size_t t = 0; t < c->n_rows; t++)
		high = high > (double)rows[t * c->n_items + i] ? high :
			(double)rows[t * c->n_items + i];
	for (int k = 0; k < HALVINGS; k++) {
		const double mid = (low + high) / 2;
		double sum = 0;

		for (size_t t = 0; t < c->n_rows; t++) {
			const double used = (double)rows[t * c->n_items + i];

			sum += used < mid ? used : mid;
		}
		if (sum < covered)
			low = mid;
		else
			high = mid;
	}
	return high / (double)TT_MONEY_ONE;
}

/* What all that is in force covers of each item, in all rows together. */
static void cover(const tt_money_course *c, const tt_money_all_terms *all, size_t s,
                  const int64_t *rows, int64_t *left, double *covered)
{
	memset(covered, 0, c->n_items * sizeof *covered);
	for (size_t t = 0; t < c->n_rows; t++) {
		const int64_t *used = &rows[t * c->n_items];

		memcpy(left, used, c->n_items * sizeof *left);
		for (size_t k = 0; k < all->n; k++)
			if (tt_money_in_force(&all->v[k], c->starts_h[s]))
				tt_money_spend(&all->v[k], all->v[k].per_hour, left);
		for (size_t i = 0; i < c->n_items; i++)
			covered[i] += (double)(used[i] - left[i]);
	}
}

/* Segment `s` of the course lies within one of the pool: its part of it. */
static void put(const tt_money_course *c, size_t s, tt_rolling_segment *v, size_t n, double units)
{
	int64_t end_h = 0;
	size_t k = 0;

	while (k + 1 < n && end_h + v[k].hours <= c->starts_h[s])
		end_h += v[k++].hours;
	v[k].held_money += units * (double)c->segments[s].hours / (double)v[k].hours;
}

/* Segments of a pool to write into. */
static tt_rolling_segment *own_segments(tt_rolling *r, tt_arena *arena)
{
	tt_rolling_segment *v = tt_arena_alloc(arena, (r->n_segments + 1) * sizeof *v);

	if (v && r->n_segments)
		memcpy(v, r->segments, r->n_segments * sizeof *v);
	r->segments = v ? v : r->segments;
	return v;
}

/* One segment at a time: the rows of all of them may not fit. */
static int fill(tt_plans *x, const tt_money_course *c, const tt_money_all_terms *all,
                tt_arena *arena, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *room = tt_arena_new();
	int64_t *rows = room ? tt_arena_alloc(room, (c->n_rows * c->n_items + 1) * sizeof *rows)
	                     : NULL;
	double *covered = room ? tt_arena_alloc(room, (c->n_items + 1) * sizeof *covered) : NULL;
	int64_t *left = room ? tt_arena_alloc(room, (c->n_items + 1) * sizeof *left) : NULL;
	tt_rolling_segment **v = room ? tt_arena_alloc(room, (c->n_items + 1) * sizeof *v) : NULL;

	if (!rows || !covered || !left || !v)
		return tt_no_memory(err);
	for (size_t i = 0; i < c->n_items; i++) {
		v[i] = own_segments(&x->v[c->items[i].pool - x->v].rolling, arena);
		if (!v[i])
			return tt_no_memory(err);
	}
	for (size_t g = 0; g < c->n_segments; g++) {
		tt_money_segment_rows(c, g, TT_MONEY_LESS_HELD, 1, rows);
		cover(c, all, g, rows, left, covered);
		for (size_t i = 0; i < c->n_items; i++)
			put(c, g, v[i], c->items[i].pool->rolling.n_segments,
			    as_units(c, rows, i, covered[i]));
	}
	return TT_OK;
}

int tt_held_money_fill(const tt_snapshot *s, tt_plans *x, tt_arena *arena, tt_err *err)
{
	const size_t rows = s->table[TT_COMMITMENTS].n;
	int64_t *cuts = tt_arena_alloc(arena, (2 * rows + 1) * sizeof *cuts);
	tt_money_all_terms all;
	tt_money_course c;

	if (!cuts)
		return tt_no_memory(err);
	if (!any(s, x->start_s))
		return TT_OK;
	TT_TRY(tt_money_items(x, arena, &c, err));
	TT_TRY(tt_money_terms_make(s, x, NULL, &c, arena, x->notes, &x->n_notes, &all, err));
	if (!all.n)
		return TT_OK;
	TT_TRY(tt_money_segments(x, cuts, tt_held_money_cuts(s, x->start_s, cuts), arena, &c, err));
	c.n_rows = tt_money_n_rows(&c);
	return fill(x, &c, &all, arena, err);
}
