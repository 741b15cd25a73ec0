#include "simulate/known_prices.h"
#include "base/memory.h"
#include "bill/price.h"
#include <stdlib.h>
#include <string.h>

static bool is_market(const char *pricing)
{
	return !*pricing || strcmp(pricing, "on_demand") == 0 || strcmp(pricing, "spot") == 0;
}

/* --- What has a price ------------------------------------------------------------------- */

struct kind { const char *provider, *region, *instance_type; };
struct kinds { struct kind *v; size_t n, cap; };        /* distinct */

static void kinds_done(struct kinds *k)
{
	tt_free(k->v);
}

static bool has_kind(const struct kinds *of, const struct kind *k)
{
	for (size_t i = of->n; i-- > 0;) {
		if (strcmp(of->v[i].instance_type, k->instance_type) == 0 &&
		    strcmp(of->v[i].provider, k->provider) == 0 &&
		    strcmp(of->v[i].region, k->region) == 0)
			return true;
	}
	return false;
}

static const char *or_else(const char *s, const char *none)
{
	return *s ? s : none;
}

/* What a node is (NULL: nothing), on such terms (NULL: as it was). */
static int add_kind(struct kinds *to, const tt_node_row *n, const tt_terms *t, tt_err *err)
{
	struct kind k = { "", "", "" };

	if (n)
		k = (struct kind){ n->provider, n->region, n->instance_type };
	if (t)
		k = (struct kind){ or_else(t->provider, k.provider), or_else(t->region, k.region),
				   or_else(t->instance_type, k.instance_type) };
	if (has_kind(to, &k))
		return TT_OK;
	if (!TT_GROW(to->v, to->n, to->cap))
		return tt_no_memory(err);
	to->v[to->n++] = k;
	return TT_OK;
}

/* What a change moves to, and adds. */
static int add_kinds_of(struct kinds *to, const tt_case *c, tt_err *err)
{
	for (size_t i = 0; i < c->n_releases; i++) {
		const tt_release *r = &c->releases[i], *before = i ? r - 1 : r;

		if (r->terms && (r == before || r->terms != before->terms ||
				 r->node != before->node))
			TT_TRY(add_kind(to, tt_node_at(c->snapshot, r->node), r->terms, err));
	}
	for (size_t i = 0; i < c->n_added; i++)
		TT_TRY(add_kind(to, NULL, c->added[i].terms, err));
	return TT_OK;
}

static int find_kinds(const tt_bound_scenario *sc, const tt_effects *e, struct kinds *ret,
		      tt_err *err)
{
	for (size_t i = 0; i < sc->snapshot->table[TT_NODES].n; i++)
		TT_TRY(add_kind(ret, tt_node_at(sc->snapshot, i), NULL, err));
	for (size_t i = 0; i < sc->n_changes; i++)
		TT_TRY(add_kinds_of(ret, &tt_effects_applied(e, i)->of, err));
	return TT_OK;
}

/* --- Dates ---------------------------------------------------------------------------- */

static bool counts(const tt_bound_scenario *sc, const struct kinds *kinds, const tt_price_row *p)
{
	const struct kind k = { p->provider, p->region, p->instance_type };

	return p->as_of != TT_TIME_MISSING && p->as_of > sc->snapshot->end_s &&
	       p->as_of < sc->until_s && *p->pricing && is_market(p->pricing) &&
	       p->price_per_hour != TT_DECIMAL_MISSING && has_kind(kinds, &k);
}

static int ascending(const void *pa, const void *pb)
{
	const int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;

	return (a > b) - (a < b);
}

int tt_known_dates(const tt_bound_scenario *sc, const tt_effects *e, tt_arena *arena,
		   int64_t **ret, size_t *ret_n, size_t *ret_rows, tt_err *err)
{
	const tt_rows *t = &sc->snapshot->table[TT_PRICES];
	int64_t *v = tt_arena_alloc(arena, (t->n + 1) * sizeof *v);
	TT_CLEANUP(kinds_done) struct kinds kinds = { 0 };
	size_t n = 0, kept = 0;

	if (!v)
		return tt_no_memory(err);
	TT_TRY(find_kinds(sc, e, &kinds, err));
	for (size_t i = 0; i < t->n && !sc->scenario->horizon.prices_stay; i++) {
		const tt_price_row *p = TT_ROW(t, tt_price_row, i);

		if (counts(sc, &kinds, p))
			v[n++] = p->as_of;
	}
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
