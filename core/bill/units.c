/* units.c - see units.h. Demand says how many units were in use, not by what: an owner's
 * is not measured. */
#include "units.h"
#include <assert.h>

int tt_allocate_units(tt_allocator *a, const tt_demand *d, size_t node, uint64_t unit_u6,
		      const tt_spans *paid, int *ret_found, tt_err *err)
{
	const size_t n = tt_demand_curves(d);
	const uint32_t own = a->words.of_node[node];
	const tt_u128 each = unit_u6 * TT_SHARE_SECOND;
	const tt_u128 all = each * tt_count(tt_spans_length_s(paid));
	const tt_u128 covered = each * tt_count(tt_demand_known_s(d, paid));
	TT_CLEANUP(tt_freep) tt_u128 *used = tt_zalloc(n + 1, sizeof *used);
	tt_u128 total = 0, given = 0;

	if (!used)
		return tt_no_memory(err);
	*ret_found = tt_demand_used(d, node, unit_u6, paid, used);
	if (!*ret_found)
		return TT_OK;
	for (size_t i = 0; i < n; i++)
		total += used[i];
	for (size_t i = 0; i < n; i++) {
		tt_u128 weight = total > covered ? tt_scaled(used[i], covered, total) : used[i];

		given += weight;
		TT_TRY(tt_allocator_add(a, (tt_share){
			.bucket = TT_UNATTRIBUTED, .words = tt_demand_words(d, i),
			.reason = tt_demand_owned(d, i) ? TT_NO_TELEMETRY : TT_NO_OWNER,
			.weight = weight }, err));
	}
	assert(given <= covered && covered <= all);
	TT_TRY(tt_allocator_add(a, (tt_share){ .bucket = TT_UNALLOCATED_IDLE, .words = own,
					       .weight = covered - given }, err));
	return tt_allocator_add(a, (tt_share){ .bucket = TT_UNATTRIBUTED,
					       .reason = TT_NO_ALLOCATION_DATA,
					       .words = own, .weight = all - covered }, err);
}
