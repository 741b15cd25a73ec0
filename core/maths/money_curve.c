#include "maths/money_curve.h"
#include <stdlib.h>

/* Where the slope changes by so much. */
typedef struct event {
	tt_i128 at, change;
} event;

static int by_place(const void *a, const void *b)
{
	const tt_i128 x = ((const event *)a)->at, y = ((const event *)b)->at;

	return (x > y) - (x < y);
}

/* What one row adds; returns how many events. */
static size_t add_row(const tt_money_usage *u, const tt_decimal *rates, const size_t *order,
                      size_t n_covered, size_t t, event *v)
{
	const tt_i128 alike = u->hours ? u->hours[t] : 1;
	tt_i128 at = 0, slope = 0;
	size_t n = 0;

	for (size_t k = 0; k < n_covered; k++) {
		const size_t i = order[k];
		const tt_i128 here = u->price[i] * TT_MONEY_SLOPE / rates[i] * alike;
		const int64_t used = u->used[t * u->n_items + i];

		if (!used)
			continue;
		v[n++] = (event){ at, here - slope };
		slope = here;
		at += used * rates[i];
	}
	if (n)
		v[n++] = (event){ at, -slope };
	return n;
}

static size_t make_pieces(const event *e, size_t n, tt_money_piece *v)
{
	tt_i128 slope = 0;
	size_t k = 0;

	for (size_t i = 0; i + 1 < n; i++) {
		slope += e[i].change;
		if (e[i + 1].at == e[i].at || slope <= 0)
			continue;
		if (k && v[k - 1].slope == slope)
			v[k - 1].width += e[i + 1].at - e[i].at;
		else
			v[k++] = (tt_money_piece){ e[i + 1].at - e[i].at, slope };
	}
	return k;
}

int tt_money_curve_make(const tt_money_usage *u, size_t plan, tt_arena *arena,
                        tt_money_curve *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) event *e = tt_zalloc(u->n_rows * (u->n_items + 1) + 1, sizeof *e);
	tt_money_biller b;
	size_t n = 0;

	if (!e)
		return tt_no_memory(err);
	TT_TRY(tt_money_biller_make(u, arena, &b, err));
	const tt_decimal *rates = u->rates + plan * u->n_items;
	const size_t *order = b.order + plan * u->n_items, n_covered = b.n_covered[plan];

	for (size_t k = 0; k < n_covered; k++)
		if (u->price[order[k]] / 1000000 > rates[order[k]])
			return tt_fail(err, TT_EINVAL, "plan %zu has a rate of %g for item %zu at "
			               "%g, expected at least a millionth of it", plan,
			               tt_decimal_f64(rates[order[k]]), order[k],
			               tt_decimal_f64(u->price[order[k]]));
	for (size_t t = 0; t < u->n_rows; t++)
		n += add_row(u, rates, order, n_covered, t, e + n);
	qsort(e, n, sizeof *e, by_place);

	tt_money_piece *v = tt_arena_alloc(arena, (n + 1) * sizeof *v);

	if (!v)
		return tt_no_memory(err);
	*ret = (tt_money_curve){ v, make_pieces(e, n, v), b.hours, u->unit };
	return TT_OK;
}

tt_decimal tt_money_curve_best(const tt_money_curve *c)
{
	tt_i128 at = 0;

	for (size_t i = 0; i < c->n && c->v[i].slope > c->hours * TT_MONEY_SLOPE; i++)
		at += c->v[i].width;
	return tt_div_half_even(at, c->unit);
}

/* Money saved by width x slope, as micro-units. */
static tt_i128 micro(const tt_money_curve *c, tt_i128 saved)
{
	return tt_div_half_even(saved, TT_MONEY_SLOPE * c->unit * 1000000);
}

static int put(tt_layer_curve *c, tt_layer *v, tt_i128 units, tt_i128 busy, tt_err *err)
{
	if (units <= 0 || busy <= 0)
		return TT_OK;
	if (busy > INT64_MAX || units > INT64_MAX - c->units)
		return tt_fail(err, TT_EDATA, "more money per hour, or saved by a step of it, than "
		               "can be counted");
	if (c->n && v[c->n - 1].busy == busy)
		v[c->n - 1].units += (int64_t)units;
	else
		v[c->n++] = (tt_layer){ (int64_t)units, (int64_t)busy };
	c->units += (int64_t)units;
	return TT_OK;
}

int tt_money_curve_layers(const tt_money_curve *c, tt_decimal step, tt_arena *arena,
                          tt_layer_curve *ret, tt_err *err)
{
	const tt_i128 most = (tt_i128)(~(tt_u128)0 >> 2);
	tt_layer *v = tt_arena_alloc(arena, (2 * c->n + 2) * sizeof *v);
	tt_layer_curve r = { .v = v };
	tt_i128 begun = 0, saved = 0; /* of a step that has begun */

	if (!v)
		return tt_no_memory(err);
	if (step <= 0 || step > INT64_MAX || (c->n && step * c->unit > most / c->v[0].slope))
		return tt_fail(err, TT_EINVAL, "steps of %g per hour, expected more than 0 and "
		               "what can be counted", tt_decimal_f64(step));
	const tt_i128 width = step * c->unit;

	for (size_t i = 0; i < c->n; i++) {
		const tt_i128 slope = c->v[i].slope;
		tt_i128 left = c->v[i].width;

		if (begun) {
			const tt_i128 part = left < width - begun ? left : width - begun;

			saved += part * slope;
			begun += part;
			left -= part;
			if (begun < width)
				continue;
			TT_TRY(put(&r, v, 1, micro(c, saved), err));
		}
		TT_TRY(put(&r, v, left / width, micro(c, width * slope), err));
		begun = left % width;
		saved = begun * slope;
	}
	TT_TRY(put(&r, v, begun ? 1 : 0, micro(c, saved), err));
	*ret = r;
	return TT_OK;
}
