/* match_offers.c - commitments that could be bought: rows of prices.csv for which a node stands
 * that pays on demand, and how many such nodes stood all the time.
 *
 * An offer has no id in prices.csv; its name says all that tells it from the others but the
 * date, of which the bill takes the one that counts. */
#include "change/commit.h"
#include "simulate/matching.h"
#include <string.h>

static bool is_offer(const tt_select *sel, const tt_price_row *p)
{
	return strncmp(p->pricing, "commit_", 7) == 0 &&
	       tt_select_takes(sel, TT_BY_PRICING, p->pricing) &&
	       tt_select_takes(sel, TT_BY_PAYMENT, p->payment) &&
	       tt_select_takes(sel, TT_BY_MODEL, p->gpu_model);
}

static bool covers(const tt_price_row *p, const tt_node_row *n)
{
	return strcmp(p->provider, n->provider) == 0 && strcmp(p->region, n->region) == 0 &&
	       (!*p->instance_type || strcmp(p->instance_type, n->instance_type) == 0) &&
	       (!*p->gpu_model || tt_pattern_match(p->gpu_model, n->gpu_model, true));
}

/* The nodes that a commitment could make cheaper: on demand, and meant. */
static int buyers(struct tt_matching *m, uint32_t **ret, size_t *ret_n)
{
	const size_t n = m->s->table[TT_NODES].n;
	uint32_t *v = tt_arena_alloc(m->scratch, (n + 1) * sizeof *v);

	*ret_n = 0;
	*ret = v;
	if (!v)
		return tt_no_memory(m->err);
	TT_TRY(tt_matching_hosts(m));
	for (size_t i = 0; i < n; i++) {
		const tt_node_row *row = tt_node_at(m->s, i);
		bool in = false;

		if (*row->pricing && strcmp(row->pricing, "on_demand") != 0)
			continue;
		TT_TRY(tt_matching_node(m, i, false, &in));
		if (in)
			v[(*ret_n)++] = (uint32_t)i;
	}
	return TT_OK;
}

static int offer_text(struct tt_matching *m, const tt_price_row *p, tt_buf *out)
{
	out->n = 0;
	tt_offer_name(p, out);
	return out->failed ? tt_no_memory(m->err) : TT_OK;
}

int tt_matching_offers(struct tt_matching *m)
{
	const tt_rows *t = &m->s->table[TT_PRICES];
	TT_CLEANUP(tt_buf_free) tt_buf name = { 0 };
	uint32_t *nodes;
	size_t n;

	TT_TRY(buyers(m, &nodes, &n));
	for (size_t i = 0; i < t->n; i++) {
		const tt_price_row *p = TT_ROW(t, tt_price_row, i);
		size_t k = 0;

		while (k < n && !covers(p, tt_node_at(m->s, nodes[k])))
			k++;
		if (k == n || !is_offer(m->sel, p))
			continue;
		TT_TRY(offer_text(m, p, &name));
		TT_TRY(tt_matching_add(m, tt_buf_text(&name), UINT32_MAX, true));
	}
	return TT_OK;
}

int tt_match_standing(const tt_select *sel, const char *offer, const tt_snapshot *s,
		      const tt_settings *st, size_t *ret, tt_err *err)
{
	TT_CLEANUP(tt_matching_done) struct tt_matching m = { .sel = sel, .s = s, .st = st };
	TT_CLEANUP(tt_buf_free) tt_buf name = { 0 };
	const tt_rows *t = &s->table[TT_PRICES];
	uint32_t *nodes;
	size_t n, standing = 0;

	TT_TRY(tt_matching_open(&m, err));
	TT_TRY(buyers(&m, &nodes, &n));
	for (size_t i = 0; i < t->n; i++) {
		const tt_price_row *p = TT_ROW(t, tt_price_row, i);

		if (!is_offer(sel, p))
			continue;
		TT_TRY(offer_text(&m, p, &name));
		if (strcmp(tt_buf_text(&name), offer) != 0)
			continue;
		for (size_t k = 0; k < n; k++) {
			const tt_span life = tt_node_life(s, nodes[k]);

			if (life.from_s == s->start_s && life.to_s == s->end_s &&
			    covers(p, tt_node_at(s, nodes[k]))) {
				standing++;
				nodes[k--] = nodes[--n]; /* another date of the offer: once */
			}
		}
	}
	*ret = standing;
	return TT_OK;
}
