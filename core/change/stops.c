#include "change/stops.h"

int tt_stops_after(const tt_spans *idle, int64_t timeout_s, tt_spans *off, tt_err *err)
{
	for (size_t i = 0; i < idle->n; i++)
		TT_TRY(tt_spans_add(off, idle->v[i].from_s + timeout_s, idle->v[i].to_s, err));
	return TT_OK;
}

int tt_stops_free(const tt_spans *off, int64_t end_s, int64_t cold_start_s, tt_spans *ret,
		  tt_err *err)
{
	const size_t first = ret->n;
	int64_t debt_s = 0;

	for (size_t i = 0; i < off->n; i++) {
		const tt_span *o = &off->v[i];
		int64_t start_s = o->to_s < end_s ? cold_start_s : 0;
		int64_t free_s = o->to_s - o->from_s - start_s - debt_s;

		debt_s = free_s < 0 ? -free_s : 0;
		if (free_s > 0)
			TT_TRY(tt_spans_add(ret, o->from_s, o->from_s + free_s, err));
	}
	while (debt_s > 0 && ret->n > first) {
		tt_span *last = &ret->v[ret->n - 1];

		if (last->to_s - last->from_s > debt_s) {
			last->to_s -= debt_s;
			break;
		}
		debt_s -= last->to_s - last->from_s;
		ret->n--;
	}
	return TT_OK;
}
