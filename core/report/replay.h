/* replay.h - what rules would have bought and saved, as a table, JSON or CSV
 * (commit/replays.h). */
#ifndef TT_REPORT_REPLAY_H
#define TT_REPORT_REPLAY_H
#include "base/text.h"
#include "commit/replays.h"

typedef struct tt_replay_report {
	const tt_snapshot *snapshot;
	const tt_replays *replays;
	const char *pool_by;        /* word of --pool-by */
} tt_replay_report;

/* Append it; out->failed when memory runs out. */
void tt_replay_table(const tt_replay_report *r, int color, tt_buf *out);
void tt_replay_json(const tt_replay_report *r, tt_buf *out);
void tt_replay_csv(const tt_replay_report *r, tt_buf *out);
#endif
