#include "rank/paid.h"
#include <string.h>

const char *tt_paid_pricing(const tt_snapshot *s, const tt_node_saving *nodes, size_t n)
{
	const char *paid = "";

	for (size_t i = 0; i < n; i++) {
		const char *pricing = tt_node_at(s, nodes[i].node)->pricing;

		if (strcmp(pricing, "reserved") == 0 || strcmp(pricing, "owned") == 0)
			paid = pricing;
	}
	return paid;
}

bool tt_paid_strands(const tt_node_saving *nodes, size_t n, const tt_node_saving *tried,
                     size_t n_tried)
{
	for (size_t i = 0, j = 0; i < n && j < n_tried;) {
		const tt_node_saving *t = &tried[j];

		if (t->node == nodes[i].node && t->freed_s > 0 && t->saving_micro <= 0 &&
		    t->saving_micro != TT_MONEY_UNKNOWN)
			return true;
		if (t->node < nodes[i].node)
			j++;
		else
			i++;
	}
	return false;
}
