#include "simulate/capacity.h"
#include "simulate/capacity_parts.h"
#include <string.h>
#include <strings.h>

void tt_capacity_free(tt_capacity *c)
{
	for (size_t i = 0; i < c->n; i++) {
		tt_free(c->v[i].nodes);
		tt_free(c->v[i].seconds);
		tt_free(c->v[i].extra);
		tt_free(c->v[i].more);
	}
	tt_free(c->v);
	*c = (tt_capacity){ 0 };
}

void tt_pools_free(tt_pools *p)
{
	tt_free(p->v);
	tt_free(p->of_node);
	for (size_t i = 0; p->held && i < p->epochs.n; i++)
		tt_held_free(p->held[i]);
	tt_free(p->held);
	tt_arena_free(p->arena);
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

int tt_pools_names(const tt_pools *p, uint32_t *names, size_t *n, size_t *of, tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf a = { 0 }, b = { 0 };

	*n = 0;
	for (size_t i = 0; i < p->n; i++) {
		size_t k = 0;

		a.n = 0;
		if (tt_pool_name(&p->v[i], &a) < 0)
			return tt_no_memory(err);
		for (; k < *n; k++) {
			b.n = 0;
			if (tt_pool_name(&p->v[names[k]], &b) < 0)
				return tt_no_memory(err);
			if (strcmp(tt_buf_text(&a), tt_buf_text(&b)) == 0)
				break;
		}
		if (k == *n)
			names[(*n)++] = (uint32_t)i;
		of[i] = k;
	}
	return TT_OK;
}

/* --- Which pool ----------------------------------------------------------------------- */

static bool same_pool(const tt_pool *a, const tt_pool *b)
{
	return a->price_per_hour == b->price_per_hour && a->paid_u9 == b->paid_u9 &&
	       a->follows_demand == b->follows_demand && a->epoch == b->epoch &&
	       a->is_charge == b->is_charge && a->is_beside == b->is_beside &&
	       strcmp(a->node_group, b->node_group) == 0 &&
	       strcmp(a->instance_type, b->instance_type) == 0 &&
	       strcmp(a->pricing, b->pricing) == 0 && strcmp(a->region, b->region) == 0 &&
	       strcmp(a->provider, b->provider) == 0 && strcmp(a->gpu_model, b->gpu_model) == 0 &&
	       tt_terms_compare(a->terms, b->terms) == 0;
}

int tt_pools_find(tt_pools *p, const tt_pool *like, uint32_t *ret, tt_err *err)
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

bool tt_pools_autoscaled(const tt_snapshot *s, const char *group)
{
	const tt_node_group_row *r = tt_node_group_row_of(s, group);

	return r && *r->autoscaler && strcmp(r->autoscaler, "none") != 0;
}

static const char *or_else(const char *s, const char *none)
{
	return *s ? s : none;
}

int tt_pools_of_segment(tt_pools *p, uint32_t own, const tt_segment *g, uint32_t *ret,
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
	return tt_pools_find(p, &like, ret, err);
}

/* --- Hours ---------------------------------------------------------------------------- */

int tt_capacity_hours(tt_capacity *c, const tt_pools *p, uint32_t pool, tt_pool_hours **ret,
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
void tt_capacity_add(const tt_pools *p, const tt_segment *g, int sign, tt_pool_hours *to)
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

void tt_capacity_settle(tt_capacity *c, const tt_pools *p)
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

int tt_capacity_extra(const tt_pools *p, tt_pool_hours *to, size_t hour, tt_i128 parts,
		      tt_err *err)
{
	if (!parts)
		return TT_OK;
	if (!to->extra && !(to->extra = tt_zalloc(p->hours + 1, sizeof *to->extra)))
		return tt_no_memory(err);
	to->extra[hour] += parts;
	return TT_OK;
}

int tt_capacity_parts(const tt_segments *s, tt_i128 *ret, tt_err *err)
{
	*ret = 0;
	for (size_t i = 0; i < s->n; i++) {
		const tt_segment *g = &s->v[i];
		tt_i128 a;

		if (g->price_per_hour == TT_DECIMAL_MISSING)
			continue;
		if (__builtin_mul_overflow(g->price_per_hour,
					   (tt_i128)(g->to_s - g->from_s) * g->nodes, &a) ||
		    __builtin_mul_overflow(a, (tt_i128)g->paid_u9, &a) ||
		    __builtin_add_overflow(*ret, a, ret))
			return tt_fail(err, TT_EDATA, "capacity costs more than can be counted");
	}
	return TT_OK;
}

/* --- Asking --------------------------------------------------------------------------- */

bool tt_pool_is_there(const tt_pools *p, uint32_t pool, int64_t at_s)
{
	return p->v[pool].epoch == TT_ALWAYS || tt_epochs_has(&p->epochs, p->v[pool].epoch, at_s);
}

static size_t find_group(const tt_together *t, const char *group)
{
	size_t i = 0;

	while (i < t->n && strcmp(t->groups[i], group) != 0)
		i++;
	return i;
}

static int list_groups(const tt_pools *p, const tt_capacity *c, tt_together *t, tt_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		const char *group = p->v[c->v[i].pool].node_group;

		if (find_group(t, group) < t->n)
			continue;
		if (!TT_GROW(t->groups, t->n, t->cap))
			return tt_no_memory(err);
		t->groups[t->n++] = group;
	}
	return TT_OK;
}

static void add_together(const tt_pools *p, const tt_capacity *c, tt_together *t)
{
	for (size_t i = 0; i < c->n; i++) {
		const tt_pool *of = &p->v[c->v[i].pool];
		const size_t group = of->follows_demand ? find_group(t, of->node_group) : t->n;

		for (size_t h = 0; group < t->n && h < p->hours; h++)
			t->nodes[group * p->hours + h] += c->v[i].nodes[h];
	}
}

int tt_together_make(const tt_pools *p, const tt_capacity *base, const tt_capacity *delta,
		     tt_together *ret, tt_err *err)
{
	*ret = (tt_together){ .hours = p->hours };
	TT_TRY(list_groups(p, delta ? delta : base, ret, err));
	ret->nodes = tt_zalloc(ret->n * p->hours + 1, sizeof *ret->nodes);
	if (!ret->nodes)
		return tt_no_memory(err);
	add_together(p, base, ret);
	if (delta)
		add_together(p, delta, ret);
	return TT_OK;
}

const int32_t *tt_together_of(const tt_together *t, const char *group)
{
	const size_t i = find_group(t, group);

	return i < t->n ? t->nodes + i * t->hours : NULL;
}

void tt_together_free(tt_together *t)
{
	tt_free(t->groups);
	tt_free(t->nodes);
	*t = (tt_together){ 0 };
}

const tt_pool_hours *tt_capacity_of(const tt_capacity *c, uint32_t pool)
{
	for (size_t i = 0; i < c->n && c->v[i].pool <= pool; i++) {
		if (c->v[i].pool == pool)
			return &c->v[i];
	}
	return NULL;
}
