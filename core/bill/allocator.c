/* allocator.c - see allocator.h. */
#include "allocator.h"
#include <assert.h>
#include <string.h>

void tt_allocator_free(tt_allocator *a)
{
	if (!a)
		return;
	tt_places_free(a->places);
	tt_demand_free(a->demand);
	tt_free(a->claim_of_pod);
	for (int r = 0; r < TT_RULES; r++)
		tt_shares_free(&a->shares[r]);
	tt_free(a);
}

void tt_allocator_freep(tt_allocator **a)
{
	tt_allocator_free(*a);
}

int tt_allocator_make(const tt_case *c, tt_arena *arena, tt_allocator **ret, tt_err *err)
{
	TT_CLEANUP(tt_allocator_freep) tt_allocator *a = tt_zalloc(1, sizeof *a);
	size_t pods = c->snapshot->table[TT_PODS].n;

	if (!a || !(a->claim_of_pod = tt_alloc((pods + 1) * sizeof *a->claim_of_pod)))
		return tt_no_memory(err);
	memset(a->claim_of_pod, 0xff, pods * sizeof *a->claim_of_pod);
	a->c = c;
	a->s = c->snapshot;
	a->st = c->settings;
	a->residents = tt_residents_of(a->s);
	TT_TRY(tt_places_make(a->s, &a->residents, &a->places, err));
	TT_TRY(tt_words_make(c, &a->residents, arena, &a->words, err));
	*ret = a;
	a = NULL;
	return TT_OK;
}

int tt_allocator_add(tt_allocator *a, tt_share share, tt_err *err)
{
	for (int r = 0; r < TT_RULES; r++)
		TT_TRY(tt_shares_add(&a->shares[r], share, err));
	return TT_OK;
}

int tt_allocator_add_pod(tt_allocator *a, const tt_allotted *p, tt_err *err)
{
	const tt_words *w = &a->words.v[p->words];
	tt_share share = { .bucket = TT_UNATTRIBUTED, .reason = TT_NO_OWNER, .words = p->words,
			   .pods = p->pods, .weight = p->allocated };

	if (w->system) {
		share.bucket = TT_TAX;
		share.reason = TT_REASON_NONE;
	}
	if (w->system || !*w->owner)
		return tt_allocator_add(a, share, err);

	assert(p->measured <= p->allocated);
	share.reason = TT_NO_TELEMETRY;
	share.weight = p->allocated - p->measured;
	TT_TRY(tt_allocator_add(a, share, err));
	for (int r = 0; r < TT_RULES; r++) {
		share.reason = TT_REASON_NONE;
		share.bucket = TT_ALLOCATED_IDLE;
		assert(p->busy[r] <= p->measured);
		share.weight = p->measured - p->busy[r];
		TT_TRY(tt_shares_add(&a->shares[r], share, err));
		share.bucket = TT_PRODUCTIVE;
		share.weight = p->busy[r];
		TT_TRY(tt_shares_add(&a->shares[r], share, err));
	}
	return TT_OK;
}
