/* sound.h - whether what was loaded from a snapshot file is what a build can have written:
 * values in their ranges, rows and carriers in order, sums that can be true. Anybody can
 * edit a database, and everything behind the loader trusts these; so it is asked once, at
 * load, and a file that fails is damaged. What is packed is checked as it is unpacked
 * (pack.h). */
#ifndef TT_SNAPSHOT_SOUND_H
#define TT_SNAPSHOT_SOUND_H
#include "snapshot/snapshot.h"

/* Larger than any count of rows, so that sums of these never overflow. */
#define TT_COUNT_MOST INT64_C(1000000000000000)

/* Errors: TT_EDATA. O(n log n), no memory. */
int tt_snapshot_sound(const tt_snapshot *s, tt_err *err);
#endif
