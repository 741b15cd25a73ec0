/* capacity_cases.c - what a case pays for, in pools: the baseline, and what other cases change
 * of it. Amounts are rounded where the bill rounds them, so that hours add up to it. */
#include "bill/added.h"
#include "bill/moved.h"
#include "simulate/capacity_parts.h"
#include <string.h>

/* What is being put into pools. */
struct filling {
	const tt_bill *b;
	const tt_case *c;
	const tt_residents *r;
	tt_pools *pools;
	tt_held *const *held;           /* [epochs] */
	tt_capacity *to;
};

/* --- Nodes ---------------------------------------------------------------------------- */

static tt_pool pool_of_node(const tt_snapshot *s, size_t node, tt_decimal price_per_hour)
{
	const tt_node_row *n = tt_node_at(s, node);

	return (tt_pool){ .node_group = n->node_group, .provider = n->provider,
			  .region = n->region, .instance_type = n->instance_type,
			  .gpu_model = n->gpu_model, .pricing = n->pricing,
			  .price_per_hour = price_per_hour, .paid_u9 = TT_U9_ONE,
			  .epoch = TT_ALWAYS,
			  .follows_demand = strcmp(n->pricing, "reserved") != 0 &&
					    strcmp(n->pricing, "owned") != 0 &&
					    tt_pools_autoscaled(s, n->node_group) };
}


/* The hour that ends at it, or in which it is. */
static size_t hour_before(const tt_pools *p, int64_t at_s)
{
	return (size_t)((at_s - p->start_s - 1) / 3600);
}

/* Segments in their pools, `own` where no terms say otherwise, rounded together. */
static int add_segments(const struct filling *f, uint32_t own, const tt_segments *s, int sign,
			tt_err *err)
{
	tt_pool_hours *hours = NULL;
	uint32_t pool;
	tt_i128 parts;

	for (size_t i = 0; i < s->n; i++) {
		TT_TRY(tt_pools_of_segment(f->pools, own, &s->v[i], &pool, err));
		TT_TRY(tt_capacity_hours(f->to, f->pools, pool, &hours, err));
		tt_capacity_add(f->pools, &s->v[i], sign, hours);
	}
	if (!s->n)
		return TT_OK;
	TT_TRY(tt_capacity_parts(s, &parts, err));
	parts = tt_div_half_even(parts, TT_CAPACITY_MICRO) * TT_CAPACITY_MICRO - parts;
	return tt_capacity_extra(f->pools, hours, hour_before(f->pools, s->v[s->n - 1].to_s),
				 sign * parts, err);
}

/* What of the segments is not metered, the rest into all epochs alike. */
static int take(const struct filling *f, size_t node, const tt_segments *s, int sign,
		tt_segments *rest, tt_err *err)
{
	TT_CLEANUP(tt_segments_free) tt_segments same = { 0 };
	const tt_pool *of = &f->pools->v[f->pools->of_node[node]];

	tt_pools_take_for(f->pools, f->held, of->follows_demand ? of->node_group : "");
	for (size_t i = 0; i < f->pools->epochs.n && f->held[i]; i++) {
		same.n = 0;
		TT_TRY(tt_held_take(f->held[i], node, s, sign, i ? &same : rest, err));
	}
	for (size_t i = 0; i < s->n && !f->held[0]; i++)
		TT_TRY(tt_segments_add(rest, &s->v[i], err));
	return TT_OK;
}

/* Capacity of a group that is no node: the same. */
static int take_capacity(const struct filling *f, const char *group, const tt_segments *s,
			 tt_segments *rest, tt_err *err)
{
	TT_CLEANUP(tt_segments_free) tt_segments same = { 0 };
	int64_t listed;

	tt_pools_take_for(f->pools, f->held, group);
	for (size_t i = 0; i < f->pools->epochs.n; i++) {
		same.n = 0;
		TT_TRY(tt_held_capacity(f->held[i], s, 1, i ? &same : rest, &listed, err));
	}
	return TT_OK;
}

static int add_node(const struct filling *f, size_t node, int sign, tt_err *err)
{
	TT_CLEANUP(tt_segments_free) tt_segments all = { 0 }, rest = { 0 };
	const tt_decimal price = f->b->nodes[node].price_per_hour;

	TT_TRY(tt_node_segments(f->c, f->r, node, price, &all, err));
	TT_TRY(take(f, node, &all, sign, &rest, err));
	if (price == TT_DECIMAL_MISSING)
		for (size_t i = 0; i < rest.n; i++) /* another price saves nobody knows what */
			rest.v[i].terms = NULL;
	return add_segments(f, f->pools->of_node[node], &rest, sign, err);
}

/* --- Cases ---------------------------------------------------------------------------- */

int tt_capacity_baseline(const tt_bill *b, const tt_case *baseline, const tt_residents *r,
			 const tt_epochs *epochs, bool follows, tt_pools *pools,
			 tt_capacity *ret, tt_err *err)
{
	const tt_snapshot *s = b->snapshot;
	const size_t nodes = s->table[TT_NODES].n;

	*pools = (tt_pools){ .start_s = s->start_s, .end_s = s->end_s,
			     .hours = tt_snapshot_hours(s), .epochs = *epochs,
			     .of_node = tt_zalloc(nodes + 1, sizeof *pools->of_node),
			     .held = tt_zalloc(epochs->n + 1, sizeof(tt_held *)) };
	const struct filling f = { b, baseline, r, pools, pools->held, ret };

	if (!pools->of_node || !pools->held)
		return tt_no_memory(err);
	if (follows)
		TT_TRY(tt_pools_find_groups(pools, s, err));
	TT_TRY(tt_pools_hold(pools, baseline, pools->held, err));
	for (size_t i = 0; i < nodes; i++) {
		const tt_pool like = pool_of_node(s, i, b->nodes[i].price_per_hour);

		TT_TRY(tt_pools_find(pools, &like, &pools->of_node[i], err));
		TT_TRY(add_node(&f, i, 1, err));
	}
	tt_capacity_settle(ret, pools);
	TT_TRY(tt_capacity_lines(baseline, pools, ret, err));
	TT_TRY(tt_capacity_held(pools->held, 1, pools, ret, err));
	return tt_capacity_levels(pools->held, 1, pools, ret, err);
}

/* The pool that the first of those which move to these terms comes from. */
static uint32_t comes_from(const tt_pools *p, const tt_case *c, const tt_terms *t)
{
	size_t i = 0;

	while (c->releases[i].leave != TT_MOVES || tt_terms_compare(c->releases[i].terms, t) != 0)
		i++;
	return p->of_node[c->releases[i].node];
}

/* What is moved to, in the node group that it comes from. */
static int add_moved(const struct filling *f, tt_err *err)
{
	TT_CLEANUP(tt_moved_free) tt_moved_list moved = { 0 };
	TT_CLEANUP(tt_segments_free) tt_segments rest = { 0 };

	TT_TRY(tt_moved_make(f->c, f->r, NULL, 0, &moved, err));
	for (size_t i = 0; i < moved.n; i++) {
		const uint32_t from = comes_from(f->pools, f->c, moved.v[i].terms);
		const tt_pool *of = &f->pools->v[from];

		rest.n = 0;
		TT_TRY(take_capacity(f, of->follows_demand ? of->node_group : "",
				     &moved.v[i].segments, &rest, err));
		TT_TRY(add_segments(f, from, &rest, 1, err));
	}
	return TT_OK;
}

/* A row of what is added, in the pool that it is like; what of it is not metered comes to
 * *parts, too. */
static int add_row(const struct filling *f, const tt_added *a, tt_pool_hours **hours,
		   tt_i128 *parts, tt_err *err)
{
	TT_CLEANUP(tt_segments_free) tt_segments all = { 0 }, rest = { 0 };
	const tt_terms *t = a->terms;
	tt_segment one;
	tt_i128 cost;
	uint32_t pool;

	TT_TRY(tt_added_segment(a, &one, err));
	TT_TRY(tt_segments_add(&all, &one, err));
	TT_TRY(take_capacity(f, a->node_group, &all, &rest, err));
	if (!rest.n)
		return TT_OK;
	const tt_pool like = {
		.node_group = a->node_group, .provider = t->provider, .region = t->region,
		.instance_type = t->instance_type, .gpu_model = t->gpu_model,
		.pricing = t->pricing, .price_per_hour = one.price_per_hour,
		.paid_u9 = one.paid_u9, .epoch = TT_ALWAYS,
		.follows_demand = tt_pools_autoscaled(f->c->snapshot, a->node_group)
	};
	TT_TRY(tt_pools_find(f->pools, &like, &pool, err));
	TT_TRY(tt_capacity_hours(f->to, f->pools, pool, hours, err));
	tt_capacity_add(f->pools, &one, 1, *hours);
	TT_TRY(tt_capacity_parts(&rest, &cost, err));
	*parts += cost;
	return TT_OK;
}

/* What a change adds is one amount, rounded once. */
static int add_added(const struct filling *f, tt_err *err)
{
	tt_pool_hours *hours = NULL;
	tt_i128 parts = 0;

	for (size_t i = 0; i < f->c->n_added; i++) {
		const tt_added *a = &f->c->added[i];

		TT_TRY(add_row(f, a, &hours, &parts, err));
		if (i + 1 < f->c->n_added && a[1].address == a->address)
			continue;
		parts = tt_div_half_even(parts, TT_CAPACITY_MICRO) * TT_CAPACITY_MICRO - parts;
		if (hours)
			TT_TRY(tt_capacity_extra(f->pools, hours, hour_before(f->pools, a->to_s),
						 parts, err));
		parts = 0;
	}
	return TT_OK;
}

/* All of `from`, too. */
static int add_capacity(const tt_capacity *from, const tt_pools *p, tt_capacity *to, tt_err *err)
{
	tt_pool_hours *hours = NULL;

	for (size_t i = 0; i < from->n; i++) {
		TT_TRY(tt_capacity_hours(to, p, from->v[i].pool, &hours, err));
		for (size_t h = 0; h < p->hours; h++) {
			hours->nodes[h] += from->v[i].nodes[h];
			hours->seconds[h] += from->v[i].seconds[h];
			if (from->v[i].extra)
				TT_TRY(tt_capacity_extra(p, hours, h, from->v[i].extra[h], err));
		}
		TT_TRY(tt_capacity_more(p, hours, from->v[i].more, err));
	}
	return TT_OK;
}

/* The nodes that a case touches, or all where deals meet every node anew: out as they were and
 * in as they are. */
static int swap_nodes(const struct filling *was, const struct filling *is, tt_err *err)
{
	const tt_case *c = is->c;

	for (size_t i = 0; c->n_deals && i < c->snapshot->table[TT_NODES].n; i++) {
		TT_TRY(add_node(was, i, -1, err));
		TT_TRY(add_node(is, i, 1, err));
	}
	for (size_t i = 0; !c->n_deals && i < c->n_releases; i++) { /* sorted by node */
		const uint32_t node = c->releases[i].node;

		if (i && c->releases[i - 1].node == node)
			continue;
		TT_TRY(add_node(was, node, -1, err));
		TT_TRY(add_node(is, node, 1, err));
	}
	return TT_OK;
}

static int add_delta(const struct filling *was, const struct filling *is, tt_err *err)
{
	TT_CLEANUP(tt_capacity_free) tt_capacity before = { 0 };
	tt_pools *p = is->pools;

	TT_TRY(tt_capacity_held(was->held, -1, p, &before, err));
	TT_TRY(tt_capacity_levels(was->held, -1, p, &before, err));
	TT_TRY(swap_nodes(was, is, err));
	TT_TRY(add_added(is, err));
	TT_TRY(add_moved(is, err));
	tt_capacity_settle(is->to, p);
	TT_TRY(tt_capacity_lines_delta(is->c, p, is->to, err));
	TT_TRY(tt_capacity_held(is->held, 1, p, is->to, err));
	TT_TRY(tt_capacity_levels(is->held, 1, p, is->to, err));
	return add_capacity(&before, p, is->to, err);
}

static void free_held(tt_held **held, size_t n)
{
	for (size_t i = 0; i < n; i++)
		tt_held_freep(&held[i]);
}

int tt_capacity_delta(const tt_bill *b, const tt_case *baseline, const tt_case *c,
		      const tt_residents *r, tt_pools *pools, tt_capacity *ret, tt_err *err)
{
	const size_t n = pools->epochs.n;
	TT_CLEANUP(tt_freep) tt_held **deals = tt_zalloc(n + 1, sizeof *deals);
	const struct filling was = { b, baseline, r, pools, pools->held, ret };
	const struct filling is = { b, c, r, pools, c->n_deals ? deals : pools->held, ret };
	int rc;

	if (!deals)
		return tt_no_memory(err);
	for (size_t i = 0; i < n && pools->held[i]; i++)
		tt_held_begin(pools->held[i]);
	rc = c->n_deals ? tt_pools_hold(pools, c, deals, err) : TT_OK;
	if (rc == TT_OK)
		rc = add_delta(&was, &is, err);
	for (size_t i = 0; i < n && pools->held[i]; i++)
		tt_held_undo(pools->held[i]);
	free_held(deals, n);
	return rc;
}
