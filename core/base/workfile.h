/* workfile.h - a file that grows beside the one it is to become, as TARGET.tmp-PID-N.
 *
 * Whoever makes it holds a lock on it, which ends with its process however that ends. So
 * one that can be locked, and whose process is gone, is what a killed one left; a process
 * of another container or host, whose number means nothing here, still holds its own. */
#ifndef TT_BASE_WORKFILE_H
#define TT_BASE_WORKFILE_H
#include "base/error.h"

/* Make an empty one for `target`: its path into buf, and a descriptor that holds it as long
 * as it is open. It is on the list of leftovers.h. Errors: TT_EIO, TT_EINVAL (too long). */
int tt_workfile_open(const char *target, char *buf, size_t size, int *ret_fd, tt_err *err);

/* Remove what dead processes left of `target`. Quiet: what can't be looked at stays. */
void tt_workfile_sweep(const char *target);
#endif
