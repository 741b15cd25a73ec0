#include "maths/layer_curve.h"
#include <stdbool.h>
#include <stdlib.h>

/* Hours whose demand fills the same number of whole layers. */
typedef struct level {
	int64_t whole, hours;
	int64_t rest;       /* parts of the layer above, over all of them */
} level;

static int by_whole(const void *a, const void *b)
{
	int64_t x = ((const level *)a)->whole, y = ((const level *)b)->whole;

	return (x > y) - (x < y);
}

/* Division is most of the work, and mostly there is nothing to divide. */
static int64_t whole_of(const tt_layers_demand *d, int64_t v)
{
	return d->unit == 1 ? v : v / d->unit;
}

/* Levels that are near each other are counted: v[] begins at `lowest`. */
static void count(const tt_layers_demand *d, int64_t lowest, level *v)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->v[i] <= 0)
			continue;

		const int64_t whole = whole_of(d, d->v[i]);

		v[whole - lowest].hours++;
		v[whole - lowest].rest += d->v[i] - whole * d->unit;
	}
}

static size_t sorted(const tt_layers_demand *d, level *v)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++) {
		if (d->v[i] <= 0)
			continue;

		const int64_t whole = whole_of(d, d->v[i]);

		v[n++] = (level){ whole, 1, d->v[i] - whole * d->unit };
	}
	qsort(v, n, sizeof *v, by_whole);
	return n;
}

/* Levels in order, each once. What comes back is gone in a moment, so it does not fill an
 * arena; NULL: out of memory. */
static level *levels(const tt_layers_demand *d, int64_t least, int64_t most, size_t *ret_n)
{
	const int64_t lowest = whole_of(d, least);
	const size_t span = (size_t)(whole_of(d, most) - lowest) + 1;
	const bool counted = span <= d->n;
	level *v = tt_zalloc(counted ? span : d->n, sizeof *v);
	size_t m = span, n = 0;

	if (!v)
		return NULL;
	if (counted)
		count(d, lowest, v);
	else
		m = sorted(d, v);
	for (size_t i = 0; i < m; i++) {
		const level x = { counted ? lowest + (int64_t)i : v[i].whole, v[i].hours,
			v[i].rest };

		if (!x.hours)
			continue;
		if (n && v[n - 1].whole == x.whole) {
			v[n - 1].hours += x.hours;
			v[n - 1].rest += x.rest;
		} else {
			v[n++] = x;
		}
	}
	*ret_n = n;
	return v;
}

static void put(tt_layer_curve *c, tt_layer *v, int64_t units, int64_t busy)
{
	if (units <= 0 || busy <= 0)
		return;
	if (c->n && v[c->n - 1].busy == busy)
		v[c->n - 1].units += units;
	else
		v[c->n++] = (tt_layer){ units, busy };
	c->units += units;
}

int tt_layer_curve_make(const tt_layers_demand *d, tt_arena *arena, tt_layer_curve *ret,
                        tt_err *err)
{
	tt_layer_curve c = { 0 };
	int64_t least = INT64_MAX, most = 0, hours = 0, at = 0;

	for (size_t i = 0; i < d->n; i++) {
		if (d->v[i] <= 0)
			continue;
		least = d->v[i] < least ? d->v[i] : least;
		most = d->v[i] > most ? d->v[i] : most;
		hours++;
	}
	if (d->n && d->unit > INT64_MAX / 2 / (int64_t)d->n)
		return tt_fail(err, TT_EDATA, "%zu hours in parts of 1/%lld are too many", d->n,
		               (long long)d->unit);
	if (!hours) {
		*ret = c;
		return TT_OK;
	}

	size_t n = 0, n_rests = 0;
	TT_CLEANUP(tt_freep) level *v = levels(d, least, most, &n);

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++)
		n_rests += v[i].rest > 0;

	/* A level that fills whole layers ends where the next begins. */
	tt_layer *layers = tt_arena_alloc(arena, (n + n_rests) * sizeof *layers);

	if (!layers)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		put(&c, layers, v[i].whole - at, hours * d->unit);
		hours -= v[i].hours;
		put(&c, layers, 1, hours * d->unit + v[i].rest);
		at = v[i].whole + (hours || v[i].rest);
	}
	c.v = layers;
	*ret = c;
	return TT_OK;
}
