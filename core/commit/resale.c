#include "commit/resale.h"
#include <math.h>
#include <string.h>

/* What an hour of one unit frees when it is sold; MISSING: it can't be, or is not known. */
static tt_decimal freed_per_hour(const tt_lot *lot, const tt_resale_terms *t)
{
	const tt_commitment_row *c = lot->row;
	const int64_t term_h = (c->ends_at - c->starts_at) / 3600;
	tt_decimal freed = c->price_per_hour;

	if (!c->kind || strcmp(c->kind, "reserved_instance") != 0 ||
	    fabs((double)lot->units_u9 - c->units * (double)t->unit) > .5 ||
	    c->starts_at == TT_TIME_MISSING || c->ends_at == TT_TIME_MISSING ||
	    c->starts_at > t->start_s || term_h <= 0)
		return TT_DECIMAL_MISSING;
	if (freed == TT_DECIMAL_MISSING) {
		if (!c->payment || strcmp(c->payment, "all") != 0)
			return TT_DECIMAL_MISSING;
		freed = 0;
	}
	if (c->upfront != TT_DECIMAL_MISSING)
		freed += tt_div_half_even(c->upfront / 1000000 * t->ratio_millionths,
		                          (tt_i128)llround(c->units * (double)term_h));
	return freed;
}

static int proceeds(const tt_rolling *r, tt_decimal freed, tt_ladder_held *to, tt_arena *arena,
                    tt_err *err)
{
	int64_t *v = tt_arena_alloc(arena, (to->end + 1) * sizeof *v);
	int64_t hours = 0;

	if (!v)
		return tt_no_memory(err);
	for (size_t s = to->end; s-- > 0;) {
		hours += r->segments[s].hours;
		TT_TRY(tt_cost_micro(freed, hours * 3600, &v[s], err));
	}
	to->proceeds_micro = v;
	return TT_OK;
}

/* Segments up to the one that the lot ends with. */
static size_t end_of(const tt_rolling *r, const tt_lot *lot, int64_t start_s)
{
	int64_t at_s = start_s;
	size_t s = 0;

	while (s < r->n_segments && (at_s += r->segments[s].hours * 3600) <= lot->ends_s)
		s++;
	return s;
}

int tt_resale_find(const tt_lot *lots, size_t n, const tt_resale_terms *t, tt_arena *arena,
                   tt_rolling *r, tt_rolling_segment *segments, const char ***ret_names,
                   tt_err *err)
{
	tt_ladder_held *v = tt_arena_alloc(arena, (n + 1) * sizeof *v);
	const char **names = tt_arena_alloc(arena, (n + 1) * sizeof *names);

	if (!v || !names)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const tt_decimal freed = freed_per_hour(&lots[i], t);
		tt_ladder_held h = { .end = end_of(r, &lots[i], t->start_s),
			.units = lots[i].units_u9 / t->unit };

		if (freed == TT_DECIMAL_MISSING || !h.end || !h.units)
			continue;
		TT_TRY(proceeds(r, freed, &h, arena, err));
		for (size_t s = 0; s < h.end; s++)
			segments[s].for_sale += h.units;
		names[r->n_for_sale] = lots[i].commitment;
		v[r->n_for_sale++] = h;
	}
	r->for_sale = v;
	*ret_names = names;
	return TT_OK;
}

int64_t tt_resale_sold(const tt_rolling *r, const tt_ladder_plan *p, size_t s, size_t quarters)
{
	int64_t units = 0;

	for (size_t h = 0; h < r->n_for_sale; h++)
		for (size_t at = 0; at <= s && s < r->for_sale[h].end; at++)
			units += r->segments[at].quarter < quarters ? p->sold[h][at] : 0;
	return units;
}
