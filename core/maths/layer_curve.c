#include "maths/layer_curve.h"
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

static void add(level *to, const tt_layers_demand *d, int64_t v)
{
	to->whole = v / d->unit;
	to->rest += v % d->unit;
	to->hours++;
}

/* Levels in order, each once; of few levels by counting. */
static size_t levels(const tt_layers_demand *d, int64_t most, level *v)
{
	const bool counted = (size_t)most <= d->n;
	size_t m = 0, n = 0;

	for (size_t i = 0; i < d->n; i++) {
		if (d->v[i] > 0)
			add(&v[counted ? (size_t)(d->v[i] / d->unit) : m], d, d->v[i]);
		m += d->v[i] > 0;
	}
	if (counted)
		m = (size_t)most + 1;
	else
		qsort(v, m, sizeof *v, by_whole);
	for (size_t i = 0; i < m; i++) {
		if (!v[i].hours)
			continue;
		if (n && v[n - 1].whole == v[i].whole) {
			v[n - 1].hours += v[i].hours;
			v[n - 1].rest += v[i].rest;
		} else {
			v[n++] = v[i];
		}
	}
	return n;
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
	int64_t most = 0, hours = 0, at = 0;

	for (size_t i = 0; i < d->n; i++) {
		most = d->v[i] / d->unit > most ? d->v[i] / d->unit : most;
		hours += d->v[i] > 0;
	}
	if (d->n && d->unit > INT64_MAX / 2 / (int64_t)d->n)
		return tt_fail(err, TT_EDATA, "%zu hours in parts of 1/%lld are too many", d->n,
		               (long long)d->unit);
	level *v = tt_arena_alloc(arena, (d->n + 1) * sizeof *v);
	tt_layer *layers = tt_arena_alloc(arena, (2 * d->n + 1) * sizeof *layers);

	if (!v || !layers)
		return tt_no_memory(err);
	const size_t n = levels(d, most, v);

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
