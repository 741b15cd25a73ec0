/* spans.h - stretches of time [from, to): joined, cut out of each other, measured.
 *
 * For when nodes are paid and cards are held. Whole seconds only; nothing here knows
 * a fleet. A tt_spans is zero-initialised and freed by its owner; "tidy" means sorted
 * and disjoint, as tt_spans_tidy leaves it. */
#ifndef TT_BILL_SPANS_H
#define TT_BILL_SPANS_H
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

typedef struct tt_span {
	int64_t from_s, to_s;
} tt_span;

typedef struct tt_spans {
	tt_span *v;
	size_t n, cap;
} tt_spans;

void tt_spans_free(tt_spans *s);

/* Append [from, to); one without length is left out. */
int tt_spans_add(tt_spans *s, int64_t from_s, int64_t to_s, tt_err *err);

/* The same, of one that may go on where the last ends. */
int tt_spans_extend(tt_spans *s, int64_t from_s, int64_t to_s, tt_err *err);

/* Sort, and join what overlaps or touches. */
void tt_spans_tidy(tt_spans *s);

/* What of `a` is not in `b`, both tidy, into `ret` (emptied first; neither of them). */
int tt_spans_subtract(const tt_spans *a, const tt_spans *b, tt_spans *ret, tt_err *err);

/* Append to `ret` the times that at least k >= 1 of the n tidy lists hold. */
int tt_spans_common(const tt_spans *lists, size_t n, size_t k, tt_spans *ret, tt_err *err);

/* Seconds of a tidy list, and of what it shares with [from, to). */
int64_t tt_spans_length_s(const tt_spans *s);
int64_t tt_spans_overlap_s(const tt_spans *s, int64_t from_s, int64_t to_s);
#endif
