/* allocate.c - chooses how a node divides. */
#include "allocate.h"
#include "bill/cards.h"
#include "bill/cpus.h"
#include "bill/units.h"

/* What is left when nothing is known of who was there: demand by the hour, or nothing. */
static int allocate_unknown(tt_allocator *a, size_t node, uint64_t unit_u6,
			    const tt_spans *paid, tt_err *err)
{
	int found = 0;

	if (a->s->table[TT_DEMAND].n) {
		if (!a->demand)
			TT_TRY(tt_demand_make(a->s, &a->words, &a->demand, err));
		TT_TRY(tt_allocate_units(a, a->demand, node, unit_u6, paid, &found, err));
	}
	if (found)
		return TT_OK;
	return tt_allocator_add(a, (tt_share){
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
