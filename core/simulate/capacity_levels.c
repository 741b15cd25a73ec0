/* capacity_levels.c - what autoscaled groups cost at other levels of demand where commitments are
 * held: a pool of each group and epoch, which costs nothing at the level that was. */
#include "simulate/capacity_parts.h"
#include <string.h>

enum { HOUR_S = 3600 };
#define HOUR_MICRO_S (INT64_C(1000000) * HOUR_S)

int tt_pools_find_groups(tt_pools *p, const tt_snapshot *s, tt_err *err)
{
	const tt_rows *t = &s->table[TT_NODE_GROUPS];

	if (!(p->arena = tt_arena_new()) ||
	    !(p->groups = tt_arena_alloc(p->arena, (t->n + 1) * sizeof *p->groups)))
		return tt_no_memory(err);
	for (size_t i = 0; i < t->n; i++) {
		const char *group = TT_ROW(t, tt_node_group_row, i)->node_group;

		if (tt_pools_autoscaled(s, group))
			p->groups[p->n_groups++] = group;
	}
	return TT_OK;
}

void tt_pools_take_for(const tt_pools *p, tt_held *const *held, const char *group)
{
	size_t g = 0;

	while (g < p->n_groups && strcmp(p->groups[g], group) != 0)
		g++;
	for (size_t i = 0; p->n_groups && i < p->epochs.n && held[i]; i++)
		tt_held_of_group(held[i], g, p->n_groups);
}

static int make_room(const tt_pools *p, tt_pool_hours *to, tt_err *err)
{
	if (!to->more)
		to->more = tt_zalloc((p->hours + 1) * TT_HELD_LEVELS, sizeof *to->more);
	return to->more ? TT_OK : tt_no_memory(err);
}

int tt_capacity_more(const tt_pools *p, tt_pool_hours *to, const double *more, tt_err *err)
{
	if (!more)
		return TT_OK;
	TT_TRY(make_room(p, to, err));
	for (size_t i = 0; i < p->hours * TT_HELD_LEVELS; i++)
		to->more[i] += more[i];
	return TT_OK;
}

/* Clock hour `i` of the metering, in the one or two hours of the window that it lies in. */
static void add_clock_hour(const tt_pools *p, const tt_held_levels *x, size_t i, int sign,
			   double *to)
{
	const double *more = x->more_micro + i * TT_HELD_LEVELS;
	int64_t from_s = x->first_s + (int64_t)i * HOUR_S, to_s = from_s + HOUR_S;

	from_s = from_s > p->start_s ? from_s : p->start_s;
	to_s = to_s < p->end_s ? to_s : p->end_s;
	for (int64_t at_s = from_s, next_s; at_s < to_s; at_s = next_s) {
		const int64_t hour = (at_s - p->start_s) / HOUR_S;

		next_s = p->start_s + (hour + 1) * HOUR_S;
		next_s = next_s < to_s ? next_s : to_s;
		const double part = sign * (double)(next_s - at_s) / (double)(to_s - from_s);

		for (size_t k = 0; k < TT_HELD_LEVELS; k++)
			to[(size_t)hour * TT_HELD_LEVELS + k] += part * more[k];
	}
}

/* Instances in use when hour `hour` of the window begins. */
static int32_t nodes_at(const tt_pools *p, const tt_held_levels *x, size_t hour)
{
	const size_t i = (size_t)((p->start_s + (int64_t)hour * HOUR_S - x->first_s) / HOUR_S);

	return i >= x->hours ? 0 :
	       (int32_t)((x->used_micro_s[i] + HOUR_MICRO_S - 1) / HOUR_MICRO_S);
}

static int add_levels(const tt_held_levels *x, const char *group, size_t epoch, int sign,
		      tt_pools *p, tt_capacity *to, tt_err *err)
{
	tt_pool_hours *hours = NULL;
	uint32_t pool;

	if (!x->like)
		return TT_OK;
	const tt_pool like = { .node_group = group, .provider = x->like->provider,
			       .region = x->like->region,
			       .instance_type = x->like->instance_type,
			       .gpu_model = x->like->gpu_model, .pricing = "on_demand",
			       .price_per_hour = x->price_per_hour, .paid_u9 = TT_U9_ONE,
			       .epoch = epoch, .follows_demand = true, .is_beside = true };
	TT_TRY(tt_pools_find(p, &like, &pool, err));
	TT_TRY(tt_capacity_hours(to, p, pool, &hours, err));
	TT_TRY(make_room(p, hours, err));
	for (size_t i = 0; i < x->hours; i++)
		add_clock_hour(p, x, i, sign, hours->more);
	for (size_t h = 0; h < p->hours; h++)
		hours->nodes[h] += sign * nodes_at(p, x, h);
	return TT_OK;
}

/* What is held now, into the arena; of the baseline, which comes first, it is kept. */
static int find_levels(tt_held *const *held, tt_pools *p, tt_arena *arena, tt_held_levels *to,
		       tt_err *err)
{
	for (size_t i = 0; i < p->epochs.n && held[i]; i++)
		for (size_t g = 0; g < p->n_groups; g++)
			TT_TRY(tt_held_levels_of(held[i], g, arena, &to[i * p->n_groups + g],
						 err));
	return TT_OK;
}

int tt_capacity_levels(tt_held *const *held, int sign, tt_pools *p, tt_capacity *to, tt_err *err)
{
	const size_t n = p->epochs.n * p->n_groups;
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = NULL;
	tt_held_levels *v = p->levels;

	if (!n)
		return TT_OK;
	if (!v || sign > 0) {
		if (v && !(arena = tt_arena_new()))
			return tt_no_memory(err);
		tt_arena *of = v ? arena : p->arena;
		tt_held_levels *fresh = tt_arena_alloc(of, n * sizeof *fresh);

		if (!fresh)
			return tt_no_memory(err);
		TT_TRY(find_levels(held, p, of, fresh, err));
		p->levels = v ? v : fresh;
		v = fresh;
	}
	for (size_t i = 0; i < n; i++)
		TT_TRY(add_levels(&v[i], p->groups[i % p->n_groups],
				  p->epochs.n == 1 ? TT_ALWAYS : i / p->n_groups, sign, p, to,
				  err));
	return TT_OK;
}
