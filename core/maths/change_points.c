#include "maths/change_points.h"
#include "maths/elementary.h"
#include "maths/robust.h"
#include <math.h>

int tt_change_sigma(const double *y, size_t n, double *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) double *v = tt_zalloc(n + 1, sizeof *v);
	size_t k = 0;

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 1; i < n; i++)
		if (!isnan(y[i]) && !isnan(y[i - 1]))
			v[k++] = y[i] - y[i - 1];
	const double middle = tt_median_known(v, k);

	for (size_t i = 0; i < k; i++)
		v[i] -= middle;
	*ret = tt_robust_scale(v, k) / sqrt(2);
	return TT_OK;
}

typedef struct search {
	size_t n;
	const double *sum, *squares; /* [n + 1] of what is before */
	double *best;                /* [n + 1] objective up to here */
	size_t *last;                /* [n + 1] change before here */
	size_t *open;                /* dates that may yet be the last change */
	double *tried;               /* what each of these costs */
} search;

static double cost(const search *s, size_t from, size_t to)
{
	const double sum = s->sum[to] - s->sum[from];

	return s->squares[to] - s->squares[from] - sum * sum / (double)(to - from);
}

static uint64_t run(search *s, double penalty)
{
	uint64_t n_costs = 0;
	size_t open = 1;

	s->best[0] = -penalty;
	s->open[0] = 0;
	for (size_t t = 1; t <= s->n; t++) {
		size_t kept = 0;

		s->best[t] = (double)INFINITY;
		for (size_t i = 0; i < open; i++) {
			s->tried[i] = s->best[s->open[i]] + cost(s, s->open[i], t) + penalty;
			if (s->tried[i] < s->best[t]) {
				s->best[t] = s->tried[i];
				s->last[t] = s->open[i];
			}
		}
		n_costs += open;
		for (size_t i = 0; i < open; i++)
			if (s->tried[i] - penalty <= s->best[t])
				s->open[kept++] = s->open[i];
		s->open[kept++] = t;
		open = kept;
	}
	return n_costs;
}

/* Of the values that are known, where[] they are and what is summed up before each; less their
 * mean, so that squares keep their digits. */
static size_t known(const double *y, size_t n, size_t *where, double *sum, double *squares,
                    double *ret_mean)
{
	double mean = 0;
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (isnan(y[i]))
			continue;
		mean += y[i];
		where[k++] = i;
	}
	mean = k ? mean / (double)k : 0;
	for (size_t i = 0; i < k; i++) {
		const double v = y[where[i]] - mean;

		sum[i + 1] = sum[i] + v;
		squares[i + 1] = squares[i] + v * v;
	}
	*ret_mean = mean;
	return k;
}

int tt_change_points_find(const double *y, size_t n, double penalty, tt_arena *arena,
                          tt_change_points *ret, tt_err *err)
{
	double *doubles = tt_arena_alloc(arena, 5 * (n + 1) * sizeof *doubles), mean;
	size_t *sizes = tt_arena_alloc(arena, 4 * (n + 1) * sizeof *sizes);
	tt_change_points r = { .penalty = penalty };

	if (!doubles || !sizes)
		return tt_no_memory(err);
	double *sum = doubles, *squares = sum + n + 1;
	size_t *where = sizes;
	search s = { .n = known(y, n, where, sum, squares, &mean), .sum = sum, .squares = squares,
		     .best = squares + n + 1, .tried = squares + 2 * (n + 1),
		     .last = sizes + n + 1, .open = sizes + 2 * (n + 1) };

	r.at = sizes + 3 * (n + 1);
	r.level = squares + 3 * (n + 1);
	r.level[0] = s.n ? mean : (double)NAN;
	TT_TRY(tt_change_sigma(y, n, &r.sigma, err));
	if (isnan(penalty))
		r.penalty = 2 * r.sigma * r.sigma * tt_log((double)s.n);
	if (s.n < 2 || isnan(r.penalty)) {
		*ret = r;
		return TT_OK;
	}
	r.n_costs = run(&s, r.penalty);
	r.objective = s.best[s.n];
	for (size_t t = s.n; s.last[t]; t = s.last[t])
		r.n++;
	for (size_t t = s.n, i = r.n + 1; t; t = s.last[t]) {
		r.level[--i] = mean + (sum[t] - sum[s.last[t]]) / (double)(t - s.last[t]);
		if (i)
			r.at[i - 1] = where[s.last[t]];
	}
	*ret = r;
	return TT_OK;
}
