/* histogram.h - how many amounts lie where, in bins whose edges a person can read.
 *
 * Edges are multiples of 1, 2 or 5 times a power of ten, so 0 is always one of them and no
 * bin mixes gains with losses. Not for drawing (simulate_figures.c), and not for quantiles
 * (maths/order_stats.h). */
#ifndef TT_REPORT_HISTOGRAM_H
#define TT_REPORT_HISTOGRAM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TT_HISTOGRAM_BINS 12

typedef struct tt_histogram {
	int64_t from, step;      /* bin i: from + i x step up to, not with, from + (i + 1) x step */
	size_t bins;             /* 0: all amounts are one and the same */
	size_t n[TT_HISTOGRAM_BINS];
	bool below, above;       /* the first, the last bin holds what lies beyond it too */
} tt_histogram;

/* Of sorted[n], n > 0. One amount in a hundred at either end may lie beyond the bins, so
 * that a few odd worlds don't squeeze all others into one. */
void tt_histogram_make(const int64_t *sorted, size_t n, tt_histogram *ret);

/* The bin that an amount is counted in; `bins` > 0. */
size_t tt_histogram_bin(const tt_histogram *h, int64_t v);

/* Lower edge of bin i; i == bins: the upper edge of the last. Held within int64. */
int64_t tt_histogram_edge(const tt_histogram *h, size_t i);
#endif
