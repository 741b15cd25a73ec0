/* shares.c - collecting and joining weights; see shares.h. */
#include "shares.h"
#include <stdlib.h>

void tt_shares_free(tt_shares *s)
{
	tt_free(s->v);
	*s = (tt_shares){ 0 };
}

int tt_shares_add(tt_shares *s, tt_share share, tt_err *err)
{
	if (!share.weight)
		return TT_OK;
	if (!TT_GROW(s->v, s->n, s->cap))
		return tt_no_memory(err);
	s->v[s->n++] = share;
	return TT_OK;
}

static int compare(const void *pa, const void *pb)
{
	const tt_share *a = pa, *b = pb;

	if (a->bucket != b->bucket) /* decided from the last of enum tt_bucket to the first */
		return a->bucket > b->bucket ? -1 : 1;
	if (a->words != b->words)
		return a->words < b->words ? -1 : 1;
	return (a->reason > b->reason) - (a->reason < b->reason);
}

void tt_shares_merge(tt_shares *s)
{
	size_t kept = 0;

	if (s->n > 1)
		qsort(s->v, s->n, sizeof *s->v, compare);
	for (size_t i = 0; i < s->n; i++) {
		if (kept && compare(&s->v[kept - 1], &s->v[i]) == 0) {
			s->v[kept - 1].weight += s->v[i].weight;
			s->v[kept - 1].pods += s->v[i].pods;
		} else {
			s->v[kept++] = s->v[i];
		}
	}
	s->n = kept;
}

tt_u128 tt_scaled(tt_u128 v, tt_u128 num, tt_u128 den)
{
	tt_u128 lost = 0;

	if (num >= den)
		return v;
	for (; den >> 63; num >>= 1, den >>= 1)
		lost |= den & 1;
	den += lost; /* never up: parts of a whole must not exceed it */
	return v / den * num + v % den * num / den;
}
