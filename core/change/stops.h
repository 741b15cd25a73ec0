/* stops.h - from the times in which something has nothing to do to those in which it is not
 * paid for: idle timeout, cold start, and what a start costs more than the stop freed.
 *
 * In all, of gaps g between work, sum(min(g, timeout) + cold_start [g > timeout]) is paid,
 * as in maths/gaps.h. Pure functions on stretches of time. */
#ifndef TT_CHANGE_STOPS_H
#define TT_CHANGE_STOPS_H
#include "bill/spans.h"

/* Append to `off` when it is stopped, idle in the tidy stretches `idle` and stopped after
 * `timeout_s` of each. */
int tt_stops_after(const tt_spans *idle, int64_t timeout_s, tt_spans *off, tt_err *err);

/* What the tidy stops `off` free, appended to `ret`: each less the start at its end. One that
 * lasts to `end_s`, the end of its life, needs no start. A start that costs more than its
 * stop freed takes the rest from the stops behind it, then from those before it; what all of
 * them together can't pay for is lost, since nothing can be freed less than not at all. */
int tt_stops_free(const tt_spans *off, int64_t end_s, int64_t cold_start_s, tt_spans *ret,
                  tt_err *err);
#endif
