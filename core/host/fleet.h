/* fleet.h - FLEET as a user gives it: a snapshot file, or a location that one of the
 * source plugins reads. The only way from a location to a snapshot. */
#ifndef TT_HOST_FLEET_H
#define TT_HOST_FLEET_H
#include "host/plugins.h"
#include "snapshot/merge.h"
#include "snapshot/snapshot.h"

/* Build a snapshot of `location` at `out`, using the first source (by id) that probes
 * it as its own. TT_EIO when nothing is there, TT_EDATA when no source reads it. */
int tt_fleet_build(const tt_plugins *p, const char *location, const char *out,
                   const tt_build_options *o, tt_build_times *ret_times, tt_err *err);

/* Open a snapshot file, or build a temporary one from `location` (in TMPDIR or /tmp),
 * load it and remove it when the snapshot is closed. */
int tt_fleet_open(const tt_plugins *p, const char *location, const tt_build_options *o,
                  tt_snapshot **ret, tt_err *err);

/* Join the shards at locations[n] (shard files, or locations that sources read) into the
 * snapshot `out`, see merge.h. TT_EINVAL when one of them is given twice. */
int tt_fleet_merge(const tt_plugins *p, const char *const *locations, size_t n, const char *out,
                   const tt_build_options *o, tt_merge_report *ret, tt_build_times *ret_times,
                   tt_err *err);
#endif
