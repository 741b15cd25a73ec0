/* usage_hold.h - which pod held a card when, out of the waiting rows of a carrier.
 *
 * A run (a holding that is still open) goes on while the carrier's next row names its pod,
 * also across a hole in the telemetry; it ends with the first row that does not. A shared
 * card has several runs at once. Ended runs go to the shard's spill. */
#ifndef TT_SNAPSHOT_USAGE_HOLD_H
#define TT_SNAPSHOT_USAGE_HOLD_H
#include "snapshot/usage.h"

/* Rows [0, n) of the chunk, whose t, d and values are set, into runs. */
int tt_usage_hold(tt_usage *u, tt_usage_carrier *c, tt_usage_shard *sh, size_t n, tt_err *err);
/* End run `i`. */
int tt_usage_run_close(tt_usage_carrier *c, size_t i, tt_usage_shard *sh, tt_err *err);
/* Whether waiting row `at` names `pod`. */
bool tt_usage_holds(const tt_usage_carrier *c, uint32_t at, uint32_t pod);
#endif
