/* allocate.c - chooses how a node divides, and what each part of it is. */
#include "allocate.h"
#include "bill/cards.h"
#include "bill/cpus.h"
#include "bill/demand.h"
#include "bill/places.h"
#include <string.h>

void tt_allocator_free(tt_allocator *a)
{
	if (!a)
		return;
	tt_residents_free(&a->residents);
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
		return tt_fail(err, TT_ENOMEM, "out of memory");
	memset(a->claim_of_pod, 0xff, pods * sizeof *a->claim_of_pod);
	a->c = c;
	a->s = c->snapshot;
	a->st = c->settings;
	TT_TRY(tt_residents_make(a->s, &a->residents, err));
	TT_TRY(tt_places_make(a->s, &a->residents, &a->places, err));
	TT_TRY(tt_words_make(c, &a->residents, arena, &a->words, err));
	*ret = a;
	a = NULL;
	return TT_OK;
}

int tt_allocate_add(tt_allocator *a, tt_share share, tt_err *err)
{
	for (int r = 0; r < TT_RULES; r++)
		TT_TRY(tt_shares_add(&a->shares[r], share, err));
	return TT_OK;
}

int tt_allocate_pod(tt_allocator *a, const tt_allotted *p, tt_err *err)
{
	const tt_words *w = &a->words.v[p->words];
	tt_share share = { .bucket = TT_UNATTRIBUTED, .reason = TT_NO_OWNER, .words = p->words,
			   .pods = p->pods, .weight = p->allocated };

	if (w->system) {
		share.bucket = TT_TAX;
		share.reason = TT_REASON_NONE;
	}
	if (w->system || !*w->owner)
		return tt_allocate_add(a, share, err);

	share.reason = TT_NO_TELEMETRY;
	share.weight = p->allocated - p->measured;
	TT_TRY(tt_allocate_add(a, share, err));
	for (int r = 0; r < TT_RULES; r++) {
		share.reason = TT_REASON_NONE;
		share.bucket = TT_ALLOCATED_IDLE;
		share.weight = p->measured - p->busy[r];
		TT_TRY(tt_shares_add(&a->shares[r], share, err));
		share.bucket = TT_PRODUCTIVE;
		share.weight = p->busy[r];
		TT_TRY(tt_shares_add(&a->shares[r], share, err));
	}
	return TT_OK;
}

/* What is left when nothing is known of who was there: demand by the hour, or nothing. */
static int allocate_unknown(tt_allocator *a, size_t node, uint64_t unit_u6,
			    const tt_spans *paid, tt_err *err)
{
	int found = 0;

	if (a->s->table[TT_DEMAND].n) {
		if (!a->demand)
			TT_TRY(tt_demand_make(a->s, &a->words, &a->demand, err));
		TT_TRY(tt_allocate_demand(a, a->demand, node, unit_u6, paid, &found, err));
	}
	if (found)
		return TT_OK;
	return tt_allocate_add(a, (tt_share){
		.bucket = TT_UNATTRIBUTED, .reason = TT_NO_ALLOCATION_DATA,
		.words = a->words.of_node[node],
		.weight = (tt_u128)unit_u6 * tt_count(tt_spans_length_s(paid)) *
			  TT_SHARE_SECOND }, err);
}

int tt_allocate_node(tt_allocator *a, size_t node, const tt_spans *paid,
		     tt_u128 *ret_per_card_second, tt_err *err)
{
	const uint64_t cards_u6 = tt_node_cards_u6(a->s, node);
	const uint64_t cpus_u6 = tt_millionths(tt_node_at(a->s, node)->cpus);
	const bool known = tt_places_known(a->places, node, cards_u6 > 0);

	for (int r = 0; r < TT_RULES; r++)
		a->shares[r].n = 0;
	*ret_per_card_second = cards_u6 ? 1000000 * TT_SHARE_SECOND : 0;
	if (known && cards_u6)
		TT_TRY(tt_allocate_cards(a, node, cards_u6, paid, err));
	else if (known && cpus_u6)
		TT_TRY(tt_allocate_cpus(a, node, cpus_u6, paid, err));
	else
		TT_TRY(allocate_unknown(a, node, cards_u6 ? cards_u6 : 1000000, paid, err));
	for (int r = 0; r < TT_RULES; r++)
		tt_shares_merge(&a->shares[r]);
	return TT_OK;
}
