#include "simulate/capacity.h"
#include "base/memory.h"
#include "bill/added.h"
#include "bill/moved.h"
#include <string.h>
#include <strings.h>

void tt_capacity_free(tt_capacity *c)
{
	for (size_t i = 0; i < c->n; i++) {
		tt_free(c->v[i].nodes);
		tt_free(c->v[i].seconds);
	}
	tt_free(c->v);
	*c = (tt_capacity){ 0 };
}

void tt_pools_free(tt_pools *p)
{
	tt_free(p->v);
	tt_free(p->of_node);
	tt_held_free(p->held);
	*p = (tt_pools){ 0 };
}

int tt_pool_name(const tt_pool *p, tt_buf *to)
{
	tt_buf_puts(to, *p->node_group ? p->node_group :
		       *p->instance_type ? p->instance_type : "(no group)");
	if (p->terms && *p->terms->instance_type)
		tt_buf_printf(to, " as %s", p->instance_type);
	if (p->terms && (*p->terms->region || *p->terms->provider))
		tt_buf_printf(to, " in %s", *p->region ? p->region : p->provider);
	if (*p->pricing)
		tt_buf_printf(to, " (%s)", p->pricing);
	return to->failed ? TT_ENOMEM : TT_OK;
}

/* --- Which pool ----------------------------------------------------------------------- */

static bool same_pool(const tt_pool *a, const tt_pool *b)
{
	return a->price_per_hour == b->price_per_hour && a->paid_u9 == b->paid_u9 &&
	       a->follows_demand == b->follows_demand &&
	       strcmp(a->node_group, b->node_group) == 0 &&
	       strcmp(a->instance_type, b->instance_type) == 0 &&
	       strcmp(a->pricing, b->pricing) == 0 && strcmp(a->region, b->region) == 0 &&
	       strcmp(a->provider, b->provider) == 0 && strcmp(a->gpu_model, b->gpu_model) == 0 &&
	       tt_terms_compare(a->terms, b->terms) == 0;
}

static int find_pool(tt_pools *p, const tt_pool *like, uint32_t *ret, tt_err *err)
{
	size_t i = p->n;

	while (i && !same_pool(&p->v[i - 1], like))
		i--;
	if (!i) {
		if (!TT_GROW(p->v, p->n, p->cap))
			return tt_no_memory(err);
		p->v[p->n++] = *like;
		i = p->n;
	}
	*ret = (uint32_t)(i - 1);
	return TT_OK;
}

static bool is_autoscaled(const tt_snapshot *s, const char *group)
{
	const tt_node_group_row *r = tt_node_group_row_of(s, group);

	return r && *r->autoscaler && strcmp(r->autoscaler, "none") != 0;
}

static tt_pool pool_of_node(const tt_snapshot *s, size_t node, tt_decimal price_per_hour)
{
	const tt_node_row *n = tt_node_at(s, node);

	return (tt_pool){ .node_group = n->node_group, .provider = n->provider,
			  .region = n->region, .instance_type = n->instance_type,
			  .gpu_model = n->gpu_model, .pricing = n->pricing,
			  .price_per_hour = price_per_hour, .paid_u9 = TT_U9_ONE,
			  .follows_demand = strcmp(n->pricing, "reserved") != 0 &&
					    strcmp(n->pricing, "owned") != 0 &&
					    is_autoscaled(s, n->node_group) };
}

static const char *or_else(const char *s, const char *none)
{
	return *s ? s : none;
}

/* The pool of a segment of a node, whose own pool is number `own`. */
static int pool_of_segment(tt_pools *p, uint32_t own, const tt_segment *g, uint32_t *ret,
			   tt_err *err)
{
	tt_pool like = p->v[own];
	const tt_terms *t = g->terms;

	*ret = own;
	if (!t)
		return TT_OK;
	like.provider = or_else(t->provider, like.provider);
	like.region = or_else(t->region, like.region);
	like.instance_type = or_else(t->instance_type, like.instance_type);
	like.gpu_model = or_else(t->gpu_model, like.gpu_model);
	like.pricing = or_else(t->pricing, like.pricing);
	like.price_per_hour = g->price_per_hour;
	like.paid_u9 = g->paid_u9;
	like.terms = t;
	return find_pool(p, &like, ret, err);
}

/* --- Hours ---------------------------------------------------------------------------- */

static int find_hours(tt_capacity *c, const tt_pools *p, uint32_t pool, tt_pool_hours **ret,
		      tt_err *err)
{
	size_t at = 0;

	while (at < c->n && c->v[at].pool < pool)
		at++;
	if (at == c->n || c->v[at].pool != pool) {
		tt_pool_hours fresh = { .pool = pool,
					.nodes = tt_zalloc(p->hours + 1, sizeof *fresh.nodes),
					.seconds = tt_zalloc(p->hours + 1, sizeof *fresh.seconds) };

		if (!fresh.nodes || !fresh.seconds || !TT_GROW(c->v, c->n, c->cap)) {
			tt_free(fresh.nodes);
			tt_free(fresh.seconds);
			return tt_no_memory(err);
		}
		memmove(c->v + at + 1, c->v + at, (c->n - at) * sizeof *c->v);
		c->v[at] = fresh;
		c->n++;
	}
	*ret = &c->v[at];
	return TT_OK;
}

/* Where instances begin and end: nodes[] are differences until settle(), seconds[] what first
 * and last hours lack. So a segment costs the same however long it is. */
static void add_hours(const tt_pools *p, const tt_segment *g, int sign, tt_pool_hours *to)
{
	const int64_t from_s = g->from_s - p->start_s, to_s = g->to_s - p->start_s;
	const int64_t n = sign * g->nodes;

	if (from_s >= to_s)
		return;
	const size_t first = (size_t)(from_s / 3600), last = (size_t)((to_s - 1) / 3600);

	to->nodes[first] += (int32_t)n;
	to->nodes[last + 1] -= (int32_t)n;
	to->seconds[first] -= n * (from_s - (int64_t)first * 3600);
	to->seconds[last] -= n * (((int64_t)last + 1) * 3600 - to_s);
}

static void settle(tt_capacity *c, const tt_pools *p)
{
	for (size_t i = 0; i < c->n; i++) {
		tt_pool_hours *to = &c->v[i];

		for (size_t h = 0; h < p->hours; h++) {
			if (h)
				to->nodes[h] += to->nodes[h - 1];
			to->seconds[h] += (int64_t)to->nodes[h] * 3600;
		}
		to->nodes[p->hours] = 0;
	}
}

/* What of a node is not metered goes into its pools, the rest into `h`. */
static int add_node(const tt_bill *b, const tt_case *c, const tt_residents *r, size_t node,
		    int sign, tt_held *h, tt_pools *p, tt_capacity *to, tt_err *err)
{
	TT_CLEANUP(tt_segments_free) tt_segments s = { 0 };
	tt_pool_hours *hours = NULL;
	uint32_t pool;

	TT_TRY(tt_held_take(h, c, r, node, b->nodes[node].price_per_hour, sign, &s, err));
	if (b->nodes[node].price_per_hour == TT_DECIMAL_MISSING)
		for (size_t i = 0; i < s.n; i++) /* another price saves nobody knows what */
			s.v[i].terms = NULL;
	for (size_t i = 0; i < s.n; i++) {
		TT_TRY(pool_of_segment(p, p->of_node[node], &s.v[i], &pool, err));
		TT_TRY(find_hours(to, p, pool, &hours, err));
		add_hours(p, &s.v[i], sign, hours);
	}
	return TT_OK;
}

/* --- What is held --------------------------------------------------------------------- */

/* The hour of the window in which a clock hour begins or, the first, lies. */
static size_t hour_at(const tt_pools *p, int64_t at_s)
{
	const size_t hour = at_s <= p->start_s ? 0 : (size_t)((at_s - p->start_s) / 3600);

	return hour < p->hours ? hour : p->hours - 1;
}

/* What commitments leave of one kind of capacity. */
static int add_beside(const tt_held_beside *x, int sign, tt_pools *p, tt_capacity *to,
		      tt_err *err)
{
	const tt_pool like = { .node_group = "", .provider = x->like->provider,
			       .region = x->like->region,
			       .instance_type = x->like->instance_type,
			       .gpu_model = x->like->gpu_model, .pricing = "on_demand",
			       .price_per_hour = x->price_per_hour, .paid_u9 = TT_U9_ONE };
	tt_pool_hours *hours = NULL;
	uint32_t pool;

	if (x->price_per_hour <= 0)
		return TT_OK;
	TT_TRY(find_pool(p, &like, &pool, err));
	TT_TRY(find_hours(to, p, pool, &hours, err));
	for (size_t i = 0; i < x->hours; i++) {
		/* cost is price x millionths of a second */
		const int64_t seconds = (int64_t)tt_div_half_even(x->cost[i],
			x->price_per_hour * 1000000);
		const size_t at = hour_at(p, x->first_s + (int64_t)i * 3600);

		hours->seconds[at] += sign * seconds;
		hours->nodes[at] += (int32_t)(sign * ((seconds + 3599) / 3600));
	}
	return TT_OK;
}

/* Commitments as one instance that costs as much as all of them, at all times. */
static int add_fixed(const tt_held *h, int sign, tt_pools *p, tt_capacity *to, tt_err *err)
{
	const int64_t window_s = p->end_s - p->start_s;
	const tt_pool like = { .node_group = "commitments", .provider = "", .region = "",
			       .instance_type = "", .gpu_model = "", .pricing = "committed",
			       .price_per_hour = tt_div_half_even(
				       (tt_i128)tt_held_fixed_micro(h) * 1000000 * 3600, window_s),
			       .paid_u9 = TT_U9_ONE };
	tt_pool_hours *hours = NULL;
	uint32_t pool;

	if (!like.price_per_hour)
		return TT_OK;
	TT_TRY(find_pool(p, &like, &pool, err));
	TT_TRY(find_hours(to, p, pool, &hours, err));
	for (size_t i = 0; i < p->hours; i++) {
		const int64_t left_s = window_s - (int64_t)i * 3600;

		hours->nodes[i] += sign;
		hours->seconds[i] += sign * (left_s < 3600 ? left_s : 3600);
	}
	return TT_OK;
}

/* Once hours are settled. */
static int add_held(tt_held *h, int sign, tt_pools *p, tt_capacity *to, tt_err *err)
{
	tt_held_beside beside;
	int64_t total;

	if (!h)
		return TT_OK;
	TT_TRY(tt_held_total(h, &total, err));
	for (size_t i = 0; tt_held_beside_of(h, i, &beside); i++)
		TT_TRY(add_beside(&beside, sign, p, to, err));
	return add_fixed(h, sign, p, to, err);
}

/* --- Cases ---------------------------------------------------------------------------- */

int tt_capacity_baseline(const tt_bill *b, const tt_case *baseline, const tt_residents *r,
			 tt_pools *pools, tt_capacity *ret, tt_err *err)
{
	const tt_snapshot *s = b->snapshot;
	const size_t nodes = s->table[TT_NODES].n;

	*pools = (tt_pools){ .start_s = s->start_s, .end_s = s->end_s,
			     .hours = tt_snapshot_hours(s),
			     .of_node = tt_zalloc(nodes + 1, sizeof *pools->of_node) };
	if (!pools->of_node)
		return tt_no_memory(err);
	TT_TRY(tt_held_make(baseline, &pools->held, err));
	for (size_t i = 0; i < nodes; i++) {
		const tt_pool like = pool_of_node(s, i, b->nodes[i].price_per_hour);

		TT_TRY(find_pool(pools, &like, &pools->of_node[i], err));
		TT_TRY(add_node(b, baseline, r, i, 1, pools->held, pools, ret, err));
	}
	settle(ret, pools);
	return add_held(pools->held, 1, pools, ret, err);
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
static int add_moved(const tt_case *c, const tt_residents *r, tt_pools *p, tt_capacity *to,
		     tt_err *err)
{
	TT_CLEANUP(tt_moved_free) tt_moved_list moved = { 0 };
	tt_pool_hours *hours = NULL;
	uint32_t pool;

	TT_TRY(tt_moved_make(c, r, NULL, 0, &moved, err));
	for (size_t i = 0; i < moved.n; i++) {
		const tt_segments *s = &moved.v[i].segments;
		const uint32_t own = comes_from(p, c, moved.v[i].terms);

		for (size_t k = 0; k < s->n; k++) {
			TT_TRY(pool_of_segment(p, own, &s->v[k], &pool, err));
			TT_TRY(find_hours(to, p, pool, &hours, err));
			add_hours(p, &s->v[k], 1, hours);
		}
	}
	return TT_OK;
}

/* What is added is in the pool that it is like. */
static int add_added(const tt_case *c, tt_pools *p, tt_capacity *to, tt_err *err)
{
	TT_CLEANUP(tt_segments_free) tt_segments s = { 0 };
	tt_pool_hours *hours = NULL;
	uint32_t pool = 0;

	TT_TRY(tt_case_added(c, &s, err));
	for (size_t i = 0; i < s.n; i++) { /* one for each */
		const tt_terms *t = c->added[i].terms;
		const tt_pool like = {
			.node_group = c->added[i].node_group, .provider = t->provider,
			.region = t->region, .instance_type = t->instance_type,
			.gpu_model = t->gpu_model, .pricing = t->pricing,
			.price_per_hour = s.v[i].price_per_hour, .paid_u9 = s.v[i].paid_u9,
			.follows_demand = is_autoscaled(c->snapshot, c->added[i].node_group),
		};

		if (!i || c->added[i].terms != c->added[i - 1].terms ||
		    c->added[i].node_group != c->added[i - 1].node_group)
			TT_TRY(find_pool(p, &like, &pool, err));
		TT_TRY(find_hours(to, p, pool, &hours, err));
		add_hours(p, &s.v[i], 1, hours);
	}
	return TT_OK;
}

/* All of `from`, too. */
static int add_capacity(const tt_capacity *from, const tt_pools *p, tt_capacity *to, tt_err *err)
{
	tt_pool_hours *hours = NULL;

	for (size_t i = 0; i < from->n; i++) {
		TT_TRY(find_hours(to, p, from->v[i].pool, &hours, err));
		for (size_t h = 0; h < p->hours; h++) {
			hours->nodes[h] += from->v[i].nodes[h];
			hours->seconds[h] += from->v[i].seconds[h];
		}
	}
	return TT_OK;
}

/* The nodes that a case touches, out as they were and in as they are, of what is in `h`. */
static int swap_touched(const tt_bill *b, const tt_case *baseline, const tt_case *c,
			const tt_residents *r, tt_held *h, tt_pools *pools, tt_capacity *ret,
			tt_err *err)
{
	for (size_t i = 0; i < c->n_releases; i++) { /* sorted by node */
		const uint32_t node = c->releases[i].node;

		if (i && c->releases[i - 1].node == node)
			continue;
		TT_TRY(add_node(b, baseline, r, node, -1, h, pools, ret, err));
		TT_TRY(add_node(b, c, r, node, 1, h, pools, ret, err));
	}
	return TT_OK;
}

/* What else is held from then on meets every node anew. */
static int swap_all(const tt_bill *b, const tt_case *baseline, const tt_case *c,
		    const tt_residents *r, tt_held **deals, tt_pools *pools, tt_capacity *ret,
		    tt_err *err)
{
	TT_TRY(tt_held_make(c, deals, err));
	for (size_t i = 0; i < b->snapshot->table[TT_NODES].n; i++) {
		TT_TRY(add_node(b, baseline, r, i, -1, pools->held, pools, ret, err));
		TT_TRY(add_node(b, c, r, i, 1, *deals, pools, ret, err));
	}
	return TT_OK;
}

static int add_delta(const tt_bill *b, const tt_case *baseline, const tt_case *c,
		     const tt_residents *r, tt_pools *pools, tt_capacity *ret, tt_err *err)
{
	TT_CLEANUP(tt_capacity_free) tt_capacity before = { 0 };
	TT_CLEANUP(tt_held_freep) tt_held *deals = NULL;

	TT_TRY(add_held(pools->held, -1, pools, &before, err));
	if (c->n_deals)
		TT_TRY(swap_all(b, baseline, c, r, &deals, pools, ret, err));
	else
		TT_TRY(swap_touched(b, baseline, c, r, pools->held, pools, ret, err));
	TT_TRY(add_added(c, pools, ret, err));
	TT_TRY(add_moved(c, r, pools, ret, err));
	settle(ret, pools);
	TT_TRY(add_held(c->n_deals ? deals : pools->held, 1, pools, ret, err));
	return add_capacity(&before, pools, ret, err);
}

int tt_capacity_delta(const tt_bill *b, const tt_case *baseline, const tt_case *c,
		      const tt_residents *r, tt_pools *pools, tt_capacity *ret, tt_err *err)
{
	if (pools->held)
		tt_held_begin(pools->held);

	int rc = add_delta(b, baseline, c, r, pools, ret, err);

	if (pools->held)
		tt_held_undo(pools->held);
	return rc;
}

static void add_together(const tt_pools *p, uint32_t pool, const tt_capacity *c, int32_t *ret)
{
	const char *group = p->v[pool].node_group;

	for (size_t i = 0; c && i < c->n; i++) {
		const tt_pool *of = &p->v[c->v[i].pool];

		if (!of->follows_demand || strcmp(of->node_group, group) != 0)
			continue;
		for (size_t h = 0; h < p->hours; h++)
			ret[h] += c->v[i].nodes[h];
	}
}

void tt_capacity_together(const tt_pools *p, uint32_t pool, const tt_capacity *base,
			  const tt_capacity *delta, int32_t *ret)
{
	memset(ret, 0, p->hours * sizeof *ret);
	add_together(p, pool, base, ret);
	add_together(p, pool, delta, ret);
}

const tt_pool_hours *tt_capacity_of(const tt_capacity *c, uint32_t pool)
{
	for (size_t i = 0; i < c->n && c->v[i].pool <= pool; i++) {
		if (c->v[i].pool == pool)
			return &c->v[i];
	}
	return NULL;
}
