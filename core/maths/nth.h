/* nth.h - one value of many by its rank, without sorting them all. */
#ifndef TT_MATHS_NTH_H
#define TT_MATHS_NTH_H
#include <stddef.h>

/* What would be v[rank] if v[n] were sorted from the largest down; none is NaN, rank < n. Reorders
 * v: what is before v[rank] then is at least as large, what is after it at most. O(n) mostly. */
double tt_nth_largest(double *v, size_t n, size_t rank);
#endif
