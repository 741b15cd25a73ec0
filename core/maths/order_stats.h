/* order_stats.h - what many worlds say about one amount: mean, P10, P50, P90, how sure
 * each of them is, and whether there are worlds enough.
 *
 * Amounts are int64, so sums are exact and no order of adding matters. Quantiles are the
 * program's one quantile: the smallest value whose cumulative weight is at least q. Error
 * bars of the mean come from batches: world w belongs to batch w mod 16, which is also its
 * replicate of the Sobol points (simulate/scalars.h), so the bar is right where worlds are
 * more even than independent ones. Pure functions, any thread. */
#ifndef TT_MATHS_ORDER_STATS_H
#define TT_MATHS_ORDER_STATS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TT_BATCHES 16
#define TT_WORLDS_LEAST 256 /* no fewer are ever enough */

void tt_order_sort(int64_t *v, size_t n);

/* Smallest of v[n], sorted, n > 0, whose cumulative weight is at least q (millionths of the
 * total, 100000: P10). */
int64_t tt_order_quantile(const int64_t *sorted, size_t n, uint32_t q_millionths);

/* Between which of n sorted values the true quantile lies: ranks from 1, and with which
 * probability at least. As sure as `level` asks, unless n is too small for it: then the
 * ends are the first or last value, and `coverage` is what remains. From the binomial
 * distribution: no assumption about the values. 0 < q_millionths < 1000000. O(sqrt n). */
typedef struct tt_ranks {
	size_t low, high;
	double coverage;
} tt_ranks;
tt_ranks tt_order_interval(size_t n, uint32_t q_millionths, double level);

typedef struct tt_amount_range {
	int64_t value, low, high; /* the interval that holds the true one, 95 % */
} tt_amount_range;

typedef struct tt_worlds {
	size_t n, n_below_0;
	int64_t mean;             /* rounded half-even */
	double half_width;        /* of the mean's 95 % interval; NaN below 32 worlds */
	tt_amount_range p10, p50, p90;
} tt_worlds;

/* Summary of v[n] in the order of worlds, n > 0. `room` is for n amounts. */
void tt_worlds_summarise(const int64_t *v, size_t n, int64_t *room, tt_worlds *ret);

/* Standard error of the mean of v[n] in the order of worlds, from 16 batches; NaN below 32. */
double tt_batch_error(const int64_t *v, size_t n);

/* Whether one may stop here: n is a power of two from 256, and the half-width is below
 * `ratio` (0.01) of the mean or of the P90, or 0. Looking at powers of two only keeps
 * Sobol points even, and keeps a lucky moment from being chosen. */
bool tt_worlds_enough(const tt_worlds *w, double ratio);

/* How many independent worlds make the half-width `ratio` of the mean when the standard
 * deviation is cv times the mean: 24586 for 0.8 and 0.01. */
double tt_worlds_needed(double cv, double ratio);
#endif
