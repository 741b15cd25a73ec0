/* limbs.h - whole numbers too wide for 128 bits, of a width that is known beforehand.
 *
 * A number is n words of 64 bits, the lowest first, and never negative. What metering
 * needs for fractions without rounding, and no more: nothing here allocates, and whoever
 * calls has made the words enough. */
#ifndef TT_BILL_LIMBS_H
#define TT_BILL_LIMBS_H
#include "base/money.h"
#include <stddef.h>
#include <stdint.h>

void tt_limbs_set(uint64_t *v, size_t n, tt_u128 to);
void tt_limbs_copy(uint64_t *v, size_t n, const uint64_t *from);
void tt_limbs_add(uint64_t *v, size_t n, const uint64_t *b);
void tt_limbs_sub(uint64_t *v, size_t n, const uint64_t *b); /* b <= v */
void tt_limbs_mul(uint64_t *v, size_t n, uint64_t by);
/* By a product of several, one after the other. */
void tt_limbs_mul_all(uint64_t *v, size_t n, const uint64_t *by, size_t n_by);
/* v = a x b. */
void tt_limbs_product(uint64_t *v, size_t n, tt_u128 a, tt_u128 b);
/* v / by, rounded down; the remainder is returned. */
uint64_t tt_limbs_div(uint64_t *v, size_t n, uint64_t by);

/* < 0, 0 or > 0. */
int tt_limbs_compare(const uint64_t *a, const uint64_t *b, size_t n);
bool tt_limbs_is_zero(const uint64_t *v, size_t n);

/* v / (by[0] x by[1] x ...), rounded half-even once; v, which needs one bit to spare, is
 * lost. False when the result does not fit into 127 bits. */
bool tt_limbs_round(uint64_t *v, size_t n, const uint64_t *by, size_t n_by, tt_i128 *ret);
#endif
