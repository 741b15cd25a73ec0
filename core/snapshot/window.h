/* window.h - snapshot.yaml: the name and the window of a fleet. */
#ifndef TT_SNAPSHOT_WINDOW_H
#define TT_SNAPSHOT_WINDOW_H
#include "base/memory.h"
#include "base/error.h"

#define TT_WINDOW_MOST_S (INT64_C(40) * 366 * 86400) /* seconds in it fit 32 bits */

typedef struct tt_snapshot_window {
	const char *name, *currency, *note; /* note "" when there is none */
	int64_t start_s, end_s;
	int64_t step_s;                     /* 0: not given */
} tt_snapshot_window;

/* Read `path`; messages name `file`. Strings go into the arena. Errors: TT_EIO, TT_EDATA
 * "snapshot.yaml:3:6: end is ..., expected a time after start", TT_ENOMEM. */
int tt_window_read(const char *path, const char *file, tt_arena *arena,
                   tt_snapshot_window *ret, tt_err *err);
#endif
