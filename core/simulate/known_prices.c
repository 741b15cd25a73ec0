#include "simulate/known_prices.h"
#include "base/memory.h"
#include "bill/price.h"
#include <stdlib.h>
#include <string.h>

static bool is_market(const char *pricing)
{
	return !*pricing || strcmp(pricing, "on_demand") == 0 || strcmp(pricing, "spot") == 0;
}

/* --- Dates ---------------------------------------------------------------------------- */

static bool is_like_any(const tt_snapshot *s, const tt_price_row *p)
{
	for (size_t i = 0; i < s->table[TT_NODES].n; i++) {
		const tt_node_row *n = tt_node_at(s, i);

		if (strcmp(n->instance_type, p->instance_type) == 0 &&
		    strcmp(n->provider, p->provider) == 0 && strcmp(n->region, p->region) == 0)
			return true;
	}
	return false;
}

static bool counts(const tt_bound_scenario *sc, const tt_price_row *p)
{
	return p->as_of != TT_TIME_MISSING && p->as_of > sc->snapshot->end_s &&
	       p->as_of < sc->until_s && *p->pricing && is_market(p->pricing) &&
	       p->price_per_hour != TT_DECIMAL_MISSING && is_like_any(sc->snapshot, p);
}

static int ascending(const void *pa, const void *pb)
{
	const int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;

	return (a > b) - (a < b);
}

int tt_known_dates(const tt_bound_scenario *sc, tt_arena *arena, int64_t **ret, size_t *ret_n,
		   size_t *ret_rows, tt_err *err)
{
	const tt_rows *t = &sc->snapshot->table[TT_PRICES];
	int64_t *v = tt_arena_alloc(arena, (t->n + 1) * sizeof *v);
	size_t n = 0, kept = 0;

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < t->n && !sc->scenario->horizon.prices_stay; i++) {
		const tt_price_row *p = TT_ROW(t, tt_price_row, i);

		if (counts(sc, p))
			v[n++] = p->as_of;
	}
	if (ret_rows)
		*ret_rows = n;
	if (n)
		qsort(v, n, sizeof *v, ascending);
	for (size_t i = 0; i < n; i++) {
		if (!kept || v[kept - 1] != v[i])
			v[kept++] = v[i];
	}
	*ret = v;
	*ret_n = kept;
	return TT_OK;
}

/* --- Prices --------------------------------------------------------------------------- */

/* Whether the pool pays what the row says, on its terms. */
static bool pays(const tt_pool *pool, const tt_price_row *row)
{
	tt_decimal price = row->price_per_hour;
	const tt_terms *t = pool->terms;

	if (t && t->price_per_hour != TT_DECIMAL_MISSING && t->price_per_hour != price)
		return false;
	return (!t || tt_terms_price(&t, 1, price, &price, NULL) == TT_OK) &&
	       pool->price_per_hour == price;
}

bool tt_known_ratios(const tt_bound_scenario *sc, const tt_calendar *c, const tt_pool *pool,
		     double *ret)
{
	const tt_snapshot *s = sc->snapshot;
	const tt_node_row like = { .provider = pool->provider, .region = pool->region,
				   .instance_type = pool->instance_type,
				   .gpu_model = pool->gpu_model };
	const char *pricing = *pool->pricing ? pool->pricing : "on_demand";
	const tt_price_row *now, *then;
	bool any = false;

	if (sc->scenario->horizon.prices_stay || !is_market(pricing) || !*pool->instance_type)
		return false;
	now = tt_price_offered_at(s, &like, pricing, "none", s->end_s);
	if (!now || now->price_per_hour <= 0 || !pays(pool, now))
		return false;
	for (size_t i = 0; i < c->n_pieces; i++) {
		const int64_t at_s = c->pieces[i].from_s;

		then = at_s <= s->end_s ? now :
		       tt_price_offered_at(s, &like, pricing, "none", at_s);
		ret[i] = !then ? 1 : tt_decimal_f64(then->price_per_hour) /
				     tt_decimal_f64(now->price_per_hour);
		any |= ret[i] != 1;
	}
	return any;
}
