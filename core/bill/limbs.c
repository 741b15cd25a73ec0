/* limbs.c - school arithmetic on 64-bit words; see limbs.h. */
#include "limbs.h"
#include <string.h>

void tt_limbs_set(uint64_t *v, size_t n, tt_u128 to)
{
	memset(v, 0, n * sizeof *v);
	v[0] = (uint64_t)to;
	if (n > 1)
		v[1] = (uint64_t)(to >> 64);
}

void tt_limbs_copy(uint64_t *v, size_t n, const uint64_t *from)
{
	memcpy(v, from, n * sizeof *v);
}

void tt_limbs_add(uint64_t *v, size_t n, const uint64_t *b)
{
	tt_u128 carry = 0;

	for (size_t i = 0; i < n; i++) {
		carry += (tt_u128)v[i] + b[i];
		v[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

void tt_limbs_sub(uint64_t *v, size_t n, const uint64_t *b)
{
	uint64_t borrow = 0;

	for (size_t i = 0; i < n; i++) {
		const tt_u128 d = (tt_u128)v[i] - b[i] - borrow;

		v[i] = (uint64_t)d;
		borrow = (uint64_t)(d >> 64) & 1;
	}
}

void tt_limbs_mul(uint64_t *v, size_t n, uint64_t by)
{
	tt_u128 carry = 0;

	for (size_t i = 0; i < n; i++) {
		carry += (tt_u128)v[i] * by;
		v[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

void tt_limbs_mul_all(uint64_t *v, size_t n, const uint64_t *by, size_t n_by)
{
	for (size_t i = 0; i < n_by; i++)
		tt_limbs_mul(v, n, by[i]);
}

void tt_limbs_product(uint64_t *v, size_t n, tt_u128 a, tt_u128 b)
{
	tt_limbs_set(v, n, a);
	tt_limbs_mul(v, n, (uint64_t)b);

	const uint64_t high = (uint64_t)(b >> 64);
	if (!high)
		return;

	const uint64_t word[2] = { (uint64_t)a, (uint64_t)(a >> 64) };
	tt_u128 carry = 0;
	for (size_t i = 1; i < n; i++) {
		carry += v[i];
		if (i <= 2)
			carry += (tt_u128)word[i - 1] * high;
		v[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

uint64_t tt_limbs_div(uint64_t *v, size_t n, uint64_t by)
{
	uint64_t rest = 0;

	for (size_t i = n; i-- > 0;) {
		const tt_u128 part = (tt_u128)rest << 64 | v[i];

		v[i] = (uint64_t)(part / by);
		rest = (uint64_t)(part % by);
	}
	return rest;
}

int tt_limbs_compare(const uint64_t *a, const uint64_t *b, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		if (a[i] != b[i])
			return a[i] > b[i] ? 1 : -1;
	}
	return 0;
}

bool tt_limbs_is_zero(const uint64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i])
			return false;
	}
	return true;
}

bool tt_limbs_round(uint64_t *v, size_t n, const uint64_t *by, size_t n_by, tt_i128 *ret)
{
	bool inexact = false;

	/* Twice the value, rounded down: its last bit and what was lost say which side of
	 * the half it is on. Dividing by one factor after the other rounds down the same. */
	tt_limbs_mul(v, n, 2);
	for (size_t i = 0; i < n_by; i++)
		inexact |= tt_limbs_div(v, n, by[i]) != 0;
	for (size_t i = 2; i < n; i++) {
		if (v[i])
			return false;
	}

	const tt_u128 twice = (n > 1 ? (tt_u128)v[1] << 64 : 0) | v[0];
	tt_u128 q = twice >> 1;
	q += (twice & 1) && (inexact || (q & 1));
	if (q >> 126)
		return false;
	*ret = (tt_i128)q;
	return true;
}
