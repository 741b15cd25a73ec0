#include "simulate/distributions.h"
#include "base/money.h"
#include "maths/elementary.h"
#include "simulate/beta_table.h"
#include "simulate/draws.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define BETA_LEAST 0.05
#define BETA_MOST 10000.0
#define LOG_SD_MOST 20.0  /* e to eight of them is a number still */

const char *tt_dist_kind_text(enum tt_dist_kind k)
{
	static const char *const text[TT_DIST_END] = { NULL, "fixed value", "normal", "lognormal",
		"triangular", "beta", "empirical", "bernoulli" };

	return k > 0 && k < TT_DIST_END ? text[k] : "unknown distribution";
}

/* --- Values -------------------------------------------------------------------- */

static double normal(const tt_dist *d, double u)
{
	return d->a + d->b * tt_normal_quantile(u);
}

static double triangular(const tt_dist *d, double u)
{
	double width = d->c - d->a, mode = d->b;

	if (u * width <= mode - d->a)
		return fmin(d->a + sqrt(u * width * (mode - d->a)), mode);
	return fmax(d->c - sqrt((1 - u) * width * (d->c - mode)), mode);
}

static double empirical(const tt_dist *d, double u)
{
	double goal = u * d->sums[d->n - 1];
	size_t low = 0, high = d->n - 1; /* the first whose sum reaches the goal */

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (d->sums[middle] < goal)
			low = middle + 1;
		else
			high = middle;
	}
	return d->values[low];
}

/* Without bounds. */
static double plain(const tt_dist *d, double u)
{
	switch (d->kind) {
	case TT_DIST_FIXED:
		return d->a;
	case TT_DIST_NORMAL:
		return normal(d, u);
	case TT_DIST_LOGNORMAL:
		return tt_exp(normal(d, u)); /* a is the median's logarithm */
	case TT_DIST_TRIANGULAR:
		return triangular(d, u);
	case TT_DIST_BETA:
		return d->min + (d->max - d->min) * tt_beta_table_quantile(d->beta, u);
	case TT_DIST_EMPIRICAL:
		return empirical(d, u);
	case TT_DIST_BERNOULLI:
		return u > 1 - d->a ? 1 : 0;
	case TT_DIST_END:
		break;
	}
	return NAN;
}

double tt_dist_quantile(const tt_dist *d, double u)
{
	if (d->span == 0)
		return plain(d, u);
	/* whole steps of 2^-52 only: between them the last bit of a value is noise, and it
	 * might fall */
	uint64_t bits = (uint64_t)(u * 0x1p52);

	return plain(d, tt_uniform_of_bits(d->from + (uint64_t)((tt_u128)bits * d->span >> 52)));
}

/* --- Making -------------------------------------------------------------------- */

static int wrong(const tt_dist_spec *s, const char *what, double value, const char *want,
                 tt_err *err)
{
	return tt_fail(err, TT_EDATA, "%s: %s is %g, expected %s", tt_dist_kind_text(s->kind), what,
	               value, want);
}

static int check_triangle(const tt_dist_spec *s, tt_err *err)
{
	if (!isfinite(s->a))
		return wrong(s, "low", s->a, "a number", err);
	if (!isfinite(s->b) || s->b < s->a)
		return wrong(s, "mode", s->b, "a number not below low", err);
	if (!isfinite(s->c) || s->c < s->b)
		return wrong(s, "high", s->c, "a number not below mode", err);
	return TT_OK;
}

static int check(const tt_dist_spec *s, tt_err *err)
{
	switch (s->kind) {
	case TT_DIST_FIXED:
		return isfinite(s->a) ? TT_OK : wrong(s, "value", s->a, "a number", err);
	case TT_DIST_NORMAL:
		if (!isfinite(s->a))
			return wrong(s, "mean", s->a, "a number", err);
		if (!isfinite(s->b) || s->b < 0)
			return wrong(s, "sd", s->b, "a number from 0", err);
		return TT_OK;
	case TT_DIST_LOGNORMAL:
		if (!isfinite(s->a) || s->a <= 0)
			return wrong(s, "median", s->a, "a number above 0", err);
		if (!(s->b >= 0 && s->b <= LOG_SD_MOST))
			return wrong(s, "sd of the logarithm", s->b, "0 to 20", err);
		return TT_OK;
	case TT_DIST_TRIANGULAR:
		return check_triangle(s, err);
	case TT_DIST_BETA:
		if (!(s->a >= BETA_LEAST && s->a <= BETA_MOST))
			return wrong(s, "alpha", s->a, "0.05 to 10000", err);
		if (!(s->b >= BETA_LEAST && s->b <= BETA_MOST))
			return wrong(s, "beta", s->b, "0.05 to 10000", err);
		if (isfinite(s->min) != isfinite(s->max))
			return wrong(s, "a single bound", isfinite(s->min) ? s->min : s->max,
			             "two bounds or none", err);
		return TT_OK;
	case TT_DIST_EMPIRICAL:
		if (s->n == 0)
			return tt_fail(err, TT_EDATA, "empirical: 0 values, expected at least 1");
		return TT_OK;
	case TT_DIST_BERNOULLI:
		if (!(s->a >= 0 && s->a <= 1))
			return wrong(s, "probability", s->a, "0 to 1", err);
		return TT_OK;
	case TT_DIST_END:
		break;
	}
	return tt_fail(err, TT_EDATA, "distribution %d does not exist", (int)s->kind);
}

static int none_left(const tt_dist *d, tt_err *err)
{
	return tt_fail(err, TT_EDATA, "%s: less than 1e-9 of it is between the bounds %g and %g",
	               tt_dist_kind_text(d->kind), d->min, d->max);
}

typedef struct weighted {
	double value, weight;
} weighted;

/* Equal values by weight: so the sums do not depend on the order they came in. */
static int by_value(const void *pa, const void *pb)
{
	const weighted *a = pa, *b = pb;

	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return (a->weight > b->weight) - (a->weight < b->weight);
}

static int sort_values(const tt_dist_spec *s, tt_arena *arena, tt_dist *d, tt_err *err)
{
	TT_CLEANUP(tt_freep) weighted *all = tt_zalloc(s->n, sizeof *all);
	double *values = NULL, *sums = NULL, sum = 0;

	if (s->n <= SIZE_MAX / sizeof *values) {
		values = tt_arena_alloc(arena, s->n * sizeof *values);
		sums = tt_arena_alloc(arena, s->n * sizeof *sums);
	}
	if (!all || !values || !sums)
		return tt_no_memory(err);
	for (size_t i = 0; i < s->n; i++) {
		all[i] = (weighted){ s->values[i], s->weights ? s->weights[i] : 1 };
		if (!isfinite(all[i].value))
			return wrong(s, "a value", all[i].value, "a number", err);
		if (!isfinite(all[i].weight) || all[i].weight < 0)
			return wrong(s, "a weight", all[i].weight, "a number from 0", err);
	}
	qsort(all, s->n, sizeof *all, by_value);
	for (size_t i = 0; i < s->n; i++) {
		if (all[i].weight == 0 || all[i].value < d->min || all[i].value > d->max)
			continue;
		values[d->n] = all[i].value;
		sums[d->n++] = sum += all[i].weight;
	}
	if (d->n == 0 && s->min < s->max)
		return none_left(d, err);
	if (d->n == 0 || !isfinite(sum))
		return wrong(s, "the sum of weights", sum, "a number above 0", err);
	d->values = values;
	d->sums = sums;
	return TT_OK;
}

/* The first uniform whose value is not below `bound` (or, past: is above it), in bits. By
 * halving on the quantile itself, so that the two always agree. */
static uint64_t first_bits(const tt_dist *d, double bound, bool past)
{
	uint64_t low = 0, high = UINT64_C(1) << 52;

	while (low < high) {
		uint64_t middle = (low + high) / 2;
		double v = plain(d, tt_uniform_of_bits(middle));

		if (v < bound || (past && v == bound))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int cut(tt_dist *d, tt_err *err)
{
	uint64_t from = isfinite(d->min) ? first_bits(d, d->min, false) : 0;
	uint64_t to = isfinite(d->max) ? first_bits(d, d->max, true) : UINT64_C(1) << 52;

	if (to <= from || to - from < UINT64_C(1) << 22)
		return none_left(d, err);
	d->from = from;
	d->span = to - from < UINT64_C(1) << 52 ? to - from : 0;
	return TT_OK;
}

static int make_beta(const tt_dist_spec *s, tt_arena *arena, tt_dist *d, tt_err *err)
{
	tt_beta_table *table = tt_arena_alloc(arena, sizeof *table);

	if (!table)
		return tt_no_memory(err);
	tt_beta_table_make(s->a, s->b, table);
	d->beta = table;
	if (!isfinite(d->min)) {
		d->min = 0;
		d->max = 1;
	}
	return TT_OK;
}

int tt_dist_make(const tt_dist_spec *spec, tt_arena *arena, tt_dist *ret, tt_err *err)
{
	bool free_of_bounds = spec->min == 0 && spec->max == 0;
	tt_dist d = { .kind = spec->kind, .a = spec->a, .b = spec->b, .c = spec->c };

	d.min = free_of_bounds || !isfinite(spec->min) ? -INFINITY : spec->min;
	d.max = free_of_bounds || !isfinite(spec->max) ? INFINITY : spec->max;
	TT_TRY(check(spec, err));
	if (!(d.min <= d.max))
		return tt_fail(err, TT_EDATA, "%s: bounds are %g and %g, expected the lower first",
		               tt_dist_kind_text(d.kind), d.min, d.max);
	if (d.kind == TT_DIST_BETA) {
		TT_TRY(make_beta(spec, arena, &d, err));
	} else {
		if (d.kind == TT_DIST_LOGNORMAL)
			d.a = tt_log(d.a);
		if (d.kind == TT_DIST_EMPIRICAL)
			TT_TRY(sort_values(spec, arena, &d, err));
		else if (isfinite(d.min) || isfinite(d.max))
			TT_TRY(cut(&d, err));
	}
	*ret = d;
	return TT_OK;
}

void tt_beta_posterior(double *alpha, double *beta, uint64_t realised, uint64_t closed)
{
	*alpha += (double)realised;
	*beta += (double)(closed - realised);
}
