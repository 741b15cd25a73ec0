#include "report/histogram.h"
#include "base/money.h"
#include "maths/order_stats.h"

enum { BEYOND = 10000 }; /* millionths at either end: one in a hundred */

static tt_i128 floor_div(tt_i128 a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* 1, 2, 5, 10, 20 ...; 0 when the next one does not fit. */
static int64_t next_step(int64_t step)
{
	int64_t lead = step;

	while (lead >= 10)
		lead /= 10;
	if (step > INT64_MAX / 5 * 2)
		return 0;
	return lead == 2 ? step / 2 * 5 : step * 2;
}

static tt_i128 bins_of(int64_t low, int64_t high, int64_t step)
{
	return floor_div(high, step) - floor_div(low, step) + 1;
}

int64_t tt_histogram_edge(const tt_histogram *h, size_t i)
{
	tt_i128 edge = (tt_i128)h->from + (tt_i128)h->step * (int64_t)i;

	return edge > INT64_MAX ? INT64_MAX : (int64_t)edge;
}

size_t tt_histogram_bin(const tt_histogram *h, int64_t v)
{
	tt_i128 bin = floor_div((tt_i128)v - h->from, h->step);

	if (bin < 0)
		return 0;
	return bin >= (tt_i128)h->bins ? h->bins - 1 : (size_t)bin;
}

void tt_histogram_make(const int64_t *sorted, size_t n, tt_histogram *ret)
{
	int64_t low = tt_order_quantile(sorted, n, BEYOND), step = 1, next;
	int64_t high = tt_order_quantile(sorted, n, 1000000 - BEYOND);
	tt_i128 from;

	*ret = (tt_histogram){ 0 };
	if (low == high) { /* all but a few are the same: then the few are shown */
		low = sorted[0];
		high = sorted[n - 1];
	}
	if (low == high)
		return;
	while (bins_of(low, high, step) > TT_HISTOGRAM_BINS && (next = next_step(step)))
		step = next;
	from = floor_div(low, step) * step;
	ret->from = from < INT64_MIN ? INT64_MIN : (int64_t)from;
	ret->step = step;
	ret->bins = (size_t)bins_of(low, high, step);
	for (size_t i = 0; i < n; i++)
		ret->n[tt_histogram_bin(ret, sorted[i])]++;
	ret->below = sorted[0] < ret->from;
	ret->above = sorted[n - 1] >= (tt_i128)ret->from + (tt_i128)step * (int64_t)ret->bins;
}
