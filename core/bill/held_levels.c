/* held_levels.c - what hours cost when a group of nodes is asked for more or less than it was:
 * its part of what is metered, times so much, metered again beside what all others use. */
#include "bill/held_parts.h"
#include <string.h>

void tt_held_of_group(tt_held *h, size_t group, size_t n)
{
	h->n_groups = n;
	h->group = group;
}

static int64_t used_by(const tt_held_item *it, size_t group, size_t hour)
{
	return it->used_by && it->used_by[group] ? it->used_by[group][hour] : 0;
}

/* Of an hour of an island: what the group uses of it. */
static int64_t used_there(const tt_held *h, const tt_held_island *g, size_t group, size_t hour)
{
	int64_t sum = 0;

	for (size_t i = 0; i < g->n_items; i++)
		sum += used_by(&h->items[g->items[i]], group, hour);
	return sum;
}

static bool is_alike(const tt_held *h, const tt_held_island *g, size_t group, size_t hour)
{
	if (!hour || h->edge[hour])
		return false;
	for (size_t i = 0; i < g->n_items; i++) {
		const tt_held_item *it = &h->items[g->items[i]];

		if (it->used[hour] != it->used[hour - 1] ||
		    used_by(it, group, hour) != used_by(it, group, hour - 1))
			return false;
	}
	return true;
}

/* What is on demand in the hour at level `level`. */
static int cost_at(const tt_held *h, tt_held_island *g, size_t group, size_t hour, int level,
		   double *ret_micro, tt_err *err)
{
	const tt_span span = tt_held_hour_span(h, hour);
	tt_i128 sum = 0;

	for (size_t i = 0; i < g->n_items; i++) {
		const tt_held_item *it = &h->items[g->items[i]];
		const tt_i128 part = used_by(it, group, hour);

		g->used[i] = it->used[hour] + (int64_t)
			tt_div_half_even(part * (level - TT_HELD_LEVEL_ONE), TT_HELD_LEVEL_ONE);
	}
	tt_metering_sums_clear(g->s);
	TT_TRY(tt_metering_add(g->s, g->used, span.from_s, span.to_s, err));
	for (size_t i = 0; i < g->n_items; i++) {
		if (h->items[g->items[i]].way != TT_HELD_OWN_PRICE)
			sum += tt_metering_on_demand(g->s)[i];
	}
	*ret_micro = (double)sum / (double)TT_METERING_MICRO;
	return TT_OK;
}

static int add_island(const tt_held *h, tt_held_island *g, size_t group, tt_held_levels *to,
		      tt_err *err)
{
	double cost[TT_HELD_LEVELS] = { 0 };
	bool known = false;             /* of the hour before */

	for (size_t hour = 0; hour < h->hours; hour++) {
		const int64_t used = used_there(h, g, group, hour);

		to->used_micro_s[hour] += used;
		if (used && (!known || !is_alike(h, g, group, hour))) {
			for (int i = 0; i < TT_HELD_LEVELS; i++)
				TT_TRY(cost_at(h, g, group, hour, i, &cost[i], err));
		}
		known = used != 0;
		for (int i = 0; i < TT_HELD_LEVELS && used; i++)
			to->more_micro[hour * TT_HELD_LEVELS + (size_t)i] +=
				cost[i] - cost[TT_HELD_LEVEL_ONE];
	}
	return TT_OK;
}

/* What of it the group uses first, of items in their order; NULL: nothing. */
static const tt_held_item *first_used(const tt_held *h, size_t group)
{
	for (size_t i = 0; i < h->n_items; i++) {
		const tt_held_item *it = &h->items[i];

		for (size_t hour = 0; it->covered && it->way != TT_HELD_OWN_PRICE &&
		     hour < h->hours; hour++) {
			if (used_by(it, group, hour))
				return it;
		}
	}
	return NULL;
}

int tt_held_levels_of(tt_held *h, size_t group, tt_arena *arena, tt_held_levels *ret, tt_err *err)
{
	const tt_held_item *like = first_used(h, group);
	tt_held_levels to = { .first_s = h->first_hour * TT_HELD_HOUR_S, .hours = h->hours };

	*ret = to;
	if (!like)
		return TT_OK;
	to.like = &like->like;
	to.price_per_hour = like->price_per_hour;
	to.used_micro_s = tt_arena_alloc(arena, (h->hours + 1) * sizeof *to.used_micro_s);
	to.more_micro = tt_arena_alloc(arena, (h->hours + 1) * TT_HELD_LEVELS *
				       sizeof *to.more_micro);
	if (!to.used_micro_s || !to.more_micro)
		return tt_no_memory(err);
	for (size_t i = 0; i < h->n_islands; i++)
		TT_TRY(add_island(h, &h->islands[i], group, &to, err));
	*ret = to;
	return TT_OK;
}
