#include "simulate/cuts.h"
#include <string.h>

static bool matches_price(const tt_snapshot *s, const tt_matched_prices *m, const tt_pool *p)
{
	for (size_t i = 0; i < m->n_prices; i++) {
		const tt_price_row *r = TT_ROW(&s->table[TT_PRICES], tt_price_row, m->prices[i]);

		if (strcmp(r->provider, p->provider) == 0 && strcmp(r->region, p->region) == 0 &&
		    strcmp(r->instance_type, p->instance_type) == 0 &&
		    strcmp(r->pricing, *p->pricing ? p->pricing : "on_demand") == 0)
			return true;
	}
	return false;
}

/* Whether the pool is what commitments leave of nodes like this one. */
static bool is_beside(const tt_snapshot *s, const tt_pools *p, const tt_pool *pool, uint32_t node)
{
	const tt_node_row *n = tt_node_at(s, node);

	return pool->is_beside && tt_held_meters(p->held[0], node) &&
	       strcmp(n->instance_type, pool->instance_type) == 0 &&
	       strcmp(n->provider, pool->provider) == 0 && strcmp(n->region, pool->region) == 0;
}

uint64_t tt_cuts_of(const tt_bound_scenario *sc, const tt_pools *p, size_t pool)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < sc->n_cuts; i++) {
		const tt_matched_prices *m = &sc->cuts[i].prices;
		bool is = matches_price(sc->snapshot, m, &p->v[pool]);

		for (size_t k = 0; k < m->n_nodes && !is; k++)
			is = p->of_node[m->nodes[k]] == pool ||
			     is_beside(sc->snapshot, p, &p->v[pool], m->nodes[k]);
		bits |= (uint64_t)is << i;
	}
	return bits;
}
