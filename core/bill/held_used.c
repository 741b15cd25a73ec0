/* held_used.c - how much of what is held is used hour by hour, for those who ask what it is
 * good for. */
#include "bill/held_parts.h"
#include <string.h>

int tt_held_baseline_ahead(const tt_snapshot *s, const tt_settings *st, const tt_residents *r,
			   const tt_held_ahead *ahead, tt_held **ret, tt_err *err)
{
	TT_CLEANUP(tt_held_freep) tt_held *h = NULL;
	tt_held_taken taken;
	tt_node_price price;
	tt_case base;
	int64_t total;

	*ret = NULL;
	tt_case_init(&base, s, st);
	TT_TRY(tt_held_make_ahead(&base, ahead, &h, err));
	for (size_t i = 0; h && i < s->table[TT_NODES].n; i++) {
		tt_price_of_node(s, i, &price);
		TT_TRY(tt_held_node(h, &base, r, i, price.price_per_hour, 1, &taken, err));
	}
	TT_TRY(tt_held_total(h, &total, err));
	*ret = h;
	h = NULL;
	return TT_OK;
}

int tt_held_baseline(const tt_snapshot *s, const tt_settings *st, const tt_residents *r,
		     tt_held **ret, tt_err *err)
{
	return tt_held_baseline_ahead(s, st, r, NULL, ret, err);
}

static bool is_one_of(const char *id, const char *const *ids, size_t n)
{
	size_t i = 0;

	while (i < n && strcmp(ids[i], id) != 0)
		i++;
	return i < n;
}

int64_t tt_held_in_force_s(const tt_held_commitment *c, tt_span span)
{
	if (c->m.starts_s != TT_TIME_MISSING && c->m.starts_s > span.from_s)
		span.from_s = c->m.starts_s;
	if (c->m.ends_s != TT_TIME_MISSING && c->m.ends_s < span.to_s)
		span.to_s = c->m.ends_s;
	return span.from_s < span.to_s ? span.to_s - span.from_s : 0;
}

/* Units in use in the hour that was metered last. */
static double used_of(const tt_held *h, const tt_metering_sums *s, tt_span span,
		      const bool *wanted)
{
	tt_i128 micro_s = 0;

	for (size_t k = 0; k < h->n_commitments; k++) {
		const int64_t in_s = tt_held_in_force_s(&h->commitments[k], span);

		if (wanted[k] && in_s)
			micro_s += (tt_i128)h->commitments[k].m.units_micro * in_s -
				tt_metering_unused_micro_s(s, k);
	}
	return (double)micro_s / 1e6 / (double)(span.to_s - span.from_s);
}

static int meter_hours(const tt_held *h, const size_t *items, size_t n_items,
		       tt_metering_sums *s, const bool *wanted, double *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *used = tt_zalloc(n_items + 1, sizeof *used);

	if (!used)
		return tt_no_memory(err);
	for (size_t hour = 0; hour < h->hours; hour++) {
		const tt_span span = tt_held_hour_span(h, hour);

		for (size_t i = 0; i < n_items; i++)
			used[i] = h->items[items[i]].used[hour];
		tt_metering_sums_clear(s);
		TT_TRY(tt_metering_add(s, used, span.from_s, span.to_s, err));
		ret[hour] = used_of(h, s, span, wanted);
	}
	return TT_OK;
}

int tt_held_used(const tt_held *h, const char *const *ids, size_t n, tt_arena *arena,
		 double **ret, size_t *ret_n, tt_err *err)
{
	TT_CLEANUP(tt_metering_freep) tt_metering *m = NULL;
	TT_CLEANUP(tt_metering_sums_freep) tt_metering_sums *s = NULL;
	TT_CLEANUP(tt_freep) size_t *items = tt_zalloc(h->n_items + 1, sizeof *items);
	TT_CLEANUP(tt_freep) size_t *all = tt_zalloc(h->n_commitments + 1, sizeof *all);
	TT_CLEANUP(tt_freep) bool *wanted = tt_zalloc(h->n_commitments + 1, sizeof *wanted);
	size_t n_items = 0;

	*ret = tt_arena_alloc(arena, (h->hours + 1) * sizeof **ret);
	if (!items || !all || !wanted || !*ret)
		return tt_no_memory(err);
	for (size_t i = 0; i < h->n_items; i++) {
		if (h->items[i].covered)
			items[n_items++] = i;
	}
	for (size_t k = 0; k < h->n_commitments; k++) {
		all[k] = k;
		wanted[k] = h->commitments[k].m.commitment_per_hour == TT_DECIMAL_MISSING &&
			    is_one_of(h->commitments[k].commitment, ids, n);
	}
	TT_TRY(tt_held_metering(h, items, n_items, all, h->n_commitments, &m, err));
	TT_TRY(tt_metering_sums_make(m, &s, err));
	TT_TRY(meter_hours(h, items, n_items, s, wanted, *ret, err));
	*ret_n = h->hours;
	return TT_OK;
}
