#include "maths/order_stats.h"
#include "base/money.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NORMAL_975 1.959963984540054
#define STUDENT_15_975 2.131449545559323 /* Student's t, one degree less than batches */

static int compare(const void *pa, const void *pb)
{
	int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;

	return (a > b) - (a < b);
}

void tt_order_sort(int64_t *v, size_t n)
{
	qsort(v, n, sizeof *v, compare);
}

int64_t tt_order_quantile(const int64_t *sorted, size_t n, uint32_t q_millionths)
{
	tt_u128 goal = (tt_u128)n * q_millionths; /* the first k + 1 with (k + 1) 10^6 >= goal */
	size_t reached = (size_t)((goal + 999999) / 1000000);

	return sorted[reached == 0 ? 0 : reached > n ? n - 1 : reached - 1];
}

/* Binomial weights relative to that of the mode, from where they vanish on the one side to
 * where they do on the other: 40 standard deviations at most, however large n. */
tt_ranks tt_order_interval(size_t n, uint32_t q_millionths, double level)
{
	const double q = q_millionths / 1e6, odds = q / (1 - q), tail = (1 - level) / 2;
	const double least = 1e-20, count = (double)n;
	size_t mode = (size_t)((count + 1) * q), first = mode;
	double w = 1, total = 1, low_w = 1;

	for (size_t k = mode; k > 0 && w > least; k--) {
		w *= (double)k / (count - (double)k + 1) / odds;
		total += w;
		low_w = w;
		first = k - 1;
	}
	w = 1;
	for (size_t k = mode; k < n && w > least; k++) {
		w *= (count - (double)k) / ((double)k + 1) * odds;
		total += w;
	}
	double sum = low_w / total, below_low = 0;
	size_t k = first;

	w = low_w / total;
	for (; k < n && sum < tail; k++) {
		w *= (count - (double)k) / ((double)k + 1) * odds;
		below_low = sum;
		sum += w;
	}
	tt_ranks ret = { .low = k };
	if (k == 0) { /* there is no value below the first */
		ret.low = 1;
		below_low = sum;
	}
	for (; k + 1 < n && sum < 1 - tail; k++) {
		w *= (count - (double)k) / ((double)k + 1) * odds;
		sum += w;
	}
	ret.high = k < n ? k + 1 : n; /* nor one above the last */
	ret.coverage = k < n ? sum - below_low : 0;
	return ret;
}

double tt_batch_error(const int64_t *v, size_t n)
{
	tt_i128 sum[TT_BATCHES] = { 0 };
	double mean[TT_BATCHES], all = 0, squares = 0;

	if (n < 2 * TT_BATCHES)
		return NAN;
	for (size_t i = 0; i < n; i++)
		sum[i % TT_BATCHES] += v[i];
	for (size_t b = 0; b < TT_BATCHES; b++) {
		mean[b] = (double)sum[b] / (double)(n / TT_BATCHES + (b < n % TT_BATCHES));
		all += mean[b] / TT_BATCHES;
	}
	for (size_t b = 0; b < TT_BATCHES; b++)
		squares += (mean[b] - all) * (mean[b] - all);
	return sqrt(squares / (TT_BATCHES - 1) / TT_BATCHES);
}

static tt_amount_range range(const int64_t *sorted, size_t n, uint32_t q_millionths)
{
	tt_ranks r = tt_order_interval(n, q_millionths, 0.95);

	return (tt_amount_range){ .value = tt_order_quantile(sorted, n, q_millionths),
		                  .low = sorted[r.low - 1], .high = sorted[r.high - 1] };
}

void tt_worlds_summarise(const int64_t *v, size_t n, int64_t *room, tt_worlds *ret)
{
	tt_i128 sum = 0;

	*ret = (tt_worlds){ .n = n };
	for (size_t i = 0; i < n; i++) {
		sum += v[i];
		ret->n_below_0 += v[i] < 0;
	}
	ret->mean = (int64_t)tt_div_half_even(sum, (tt_i128)n);
	ret->half_width = tt_batch_error(v, n) * STUDENT_15_975;
	memcpy(room, v, n * sizeof *v);
	tt_order_sort(room, n);
	ret->p10 = range(room, n, 100000);
	ret->p50 = range(room, n, 500000);
	ret->p90 = range(room, n, 900000);
}

bool tt_worlds_enough(const tt_worlds *w, double ratio)
{
	if (w->n < TT_WORLDS_LEAST || (w->n & (w->n - 1)) != 0)
		return false;
	return w->half_width == 0 || w->half_width < ratio * fabs((double)w->mean) ||
	       w->half_width < ratio * fabs((double)w->p90.value);
}

double tt_worlds_needed(double cv, double ratio)
{
	return ceil(NORMAL_975 * cv / ratio * (NORMAL_975 * cv / ratio));
}
