/* sliding.h - the maximum of a series over a window that moves along with it.
 *
 * For policies that look ahead (how much will be needed) or back (how much was). A pure
 * function, any thread; O(n) however long the window. */
#ifndef TT_MATHS_SLIDING_H
#define TT_MATHS_SLIDING_H
#include <stddef.h>
#include <stdint.h>

/* ret[i]: the maximum of v[i + from] .. v[i + to] as far as these are in v[n]; v[i] where
 * none is. from <= to, either may be negative. `room` is for n indices; ret is not v. */
void tt_sliding_max(const int64_t *v, size_t n, int64_t from, int64_t to, size_t *room,
                    int64_t *ret);
#endif
