/* prefix.h - the tree that this program was installed into, found from where it stands, so
 * that the tree can be moved. A build tree has the same shape. */
#ifndef TT_BASE_PREFIX_H
#define TT_BASE_PREFIX_H
#include "error.h"

/* The path `under` the tree, such as "lib/trimtab/plugins", into buf: the program is in
 * the tree's bin. Whether there is anything is not looked at.
 *
 * Errors: TT_EIO (/proc is not there), TT_EINVAL (buf is too small). */
int tt_prefix_path(const char *under, char *buf, size_t size, tt_err *err);
#endif
