#include "maths/gaps.h"
#include <stdlib.h>

double tt_gaps_cost(const double *gaps, size_t n, double timeout, double cold_start)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += gaps[i] > timeout ? timeout + cold_start : gaps[i];
	return sum;
}

static int ascending(const void *pa, const void *pb)
{
	const double *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

/* Between two gaps a longer timeout only adds to what the longer gaps cost, so the least is
 * at 0 or at a gap. */
double tt_gaps_best_timeout(double *gaps, size_t n, double cold_start, double *ret_timeout)
{
	double before = 0, best;

	if (n)
		qsort(gaps, n, sizeof *gaps, ascending);
	*ret_timeout = 0;
	best = tt_gaps_cost(gaps, n, 0, cold_start);
	for (size_t i = 0; i < n; i++) {
		before += gaps[i];
		if (i + 1 < n && gaps[i + 1] == gaps[i])
			continue; /* that one is not longer either */

		double cost = before + (double)(n - 1 - i) * (gaps[i] + cold_start);

		if (cost <= best) {
			best = cost;
			*ret_timeout = gaps[i];
		}
	}
	return best;
}

static int by_level(const void *pa, const void *pb)
{
	const tt_floor_gap *a = pa, *b = pb;

	if (a->level != b->level)
		return a->level < b->level ? -1 : 1;
	return (a->length > b->length) - (a->length < b->length);
}

tt_gaps_floor tt_gaps_best_floor(tt_floor_gap *gaps, size_t n, double cold_start, double *room)
{
	tt_gaps_floor best = { 0 };
	double kept = 0;

	if (n)
		qsort(gaps, n, sizeof *gaps, by_level);
	for (size_t i = 0;;) {
		tt_gaps_floor tried = { .floor = i ? gaps[i - 1].level : 0 };

		for (size_t k = i; k < n; k++)
			room[k - i] = gaps[k].length;
		tried.cost = kept + tt_gaps_best_timeout(room, n - i, cold_start, &tried.timeout);
		if (i && !(tried.cost < best.cost))
			return best;
		best = tried;
		if (i == n)
			return best;
		for (size_t level = gaps[i].level; i < n && gaps[i].level == level; i++)
			kept += gaps[i].length;
	}
}
