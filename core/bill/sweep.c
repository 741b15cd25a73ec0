/* sweep.c - one pass over the edges in time.
 *
 * A running sum holds the weight that one millionth of a unit has got since the
 * start; a pod's allocation is its request times the sum's growth while it ran. That
 * is O(n log n) however many pods run side by side, and never gives out more than
 * there is, because each stretch rounds down. */
#include "sweep.h"
#include "base/memory.h"
#include <stdlib.h>

struct event {
	int64_t at_s;
	tt_ask *ask;      /* NULL: paid time starts or ends */
	int starts;
};

static int by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return (x->at_s > y->at_s) - (x->at_s < y->at_s);
}

int tt_sweep(tt_ask *asks, size_t n, uint64_t cap_u6, const tt_spans *paid, int *ret_full,
	     tt_err *err)
{
	size_t events_n = 0;
	TT_CLEANUP(tt_freep) struct event *events = tt_zalloc(2 * (n + paid->n) + 1,
							      sizeof *events);
	tt_u128 asked_u6 = 0, sum = 0;
	int is_paid = 0, full = 1;

	if (!events)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		events[events_n++] = (struct event){ asks[i].ran.from_s, &asks[i], 1 };
		events[events_n++] = (struct event){ asks[i].ran.to_s, &asks[i], 0 };
	}
	for (size_t i = 0; i < paid->n; i++) {
		events[events_n++] = (struct event){ paid->v[i].from_s, NULL, 1 };
		events[events_n++] = (struct event){ paid->v[i].to_s, NULL, 0 };
	}
	qsort(events, events_n, sizeof *events, by_time);
	for (size_t i = 0; i < events_n; i++) {
		const struct event *e = &events[i];

		if (i && is_paid && e->at_s > events[i - 1].at_s) {
			tt_u128 length = tt_count(e->at_s - events[i - 1].at_s) *
					 TT_SHARE_SECOND;

			sum += asked_u6 > cap_u6 ? tt_scaled(length, cap_u6, asked_u6) : length;
			full = full && asked_u6 >= cap_u6;
		}
		if (!e->ask) {
			is_paid = e->starts;
		} else if (e->starts) {
			e->ask->at_start = sum;
			asked_u6 += e->ask->asked_u6;
		} else {
			e->ask->allocated = (sum - e->ask->at_start) * e->ask->asked_u6;
			asked_u6 -= e->ask->asked_u6;
		}
	}
	*ret_full = full;
	return TT_OK;
}
