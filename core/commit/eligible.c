#include "commit/eligible.h"
#include "base/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_S = 3600, WEEK_H = 168, RECENT_H = 4 * WEEK_H };

const char *const tt_pool_by_words[] = { "instance_type", "region", "owner", "fleet", NULL };

typedef struct maker {
	const tt_snapshot *s;
	enum tt_pool_by by;
	tt_eligible *e;
	tt_names *names;            /* of pools: number is index */
	tt_names *likes;            /* pool and what is in it */
	size_t *at;                 /* [likes] which one of its pool it is */
	size_t cap_at;
	tt_buf key;
} maker;

void tt_eligible_free(tt_eligible *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->n; i++) {
		tt_free(e->v[i].likes);
		tt_free(e->v[i].like_used);
	}
	tt_free(e->v);
	tt_arena_free(e->arena);
	tt_free(e);
}

void tt_eligible_freep(tt_eligible **e)
{
	tt_eligible_free(*e);
}

/* --- Pools ------------------------------------------------------------------------------- */

static void word(tt_buf *b, const char *s)
{
	if (b->n && *s)
		tt_buf_putc(b, ' ');
	tt_buf_puts(b, s);
}

/* A GPU model is the same in any case of letters. */
static void model(tt_buf *b, const char *s)
{
	if (b->n && *s)
		tt_buf_putc(b, ' ');
	for (; *s; s++)
		tt_buf_putc(b, *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s);
}

static void restart(tt_buf *b)
{
	b->n = 0;
	if (b->p)
		*b->p = '\0';
}

static void name(maker *m, const tt_node_row *like, const char *owner)
{
	restart(&m->key);
	switch (m->by) {
	case TT_POOL_BY_INSTANCE_TYPE:
		word(&m->key, like->provider);
		word(&m->key, like->region);
		word(&m->key, like->instance_type);
		model(&m->key, like->gpu_model);
		break;
	case TT_POOL_BY_REGION:
		word(&m->key, like->provider);
		word(&m->key, like->region);
		break;
	case TT_POOL_BY_OWNER:
		word(&m->key, *owner ? owner : "nobody");
		break;
	case TT_POOL_BY_FLEET:
		word(&m->key, "fleet");
		break;
	}
	if (!m->key.n)
		tt_buf_puts(&m->key, "unnamed");
}

/* The pool of the key that stands in m->key; NULL: out of memory. */
static tt_eligible_pool *pool(maker *m, bool cards, const char *owner)
{
	tt_eligible *e = m->e;
	const size_t n = m->key.n;

	tt_buf_putc(&m->key, cards ? '\2' : '\1');

	const int64_t i = m->key.failed ? -1 : tt_names_add(m->names, m->key.p, m->key.n);

	if (i < 0 || (size_t)i < e->n)
		return i < 0 ? NULL : &e->v[i];
	tt_eligible_pool p = { .name = tt_arena_text(e->arena, m->key.p, n), .cards = cards,
		.owner = m->by == TT_POOL_BY_OWNER ? owner : "",
		.used = tt_arena_alloc(e->arena, e->hours * sizeof *p.used) };

	if (!p.name || !p.used || !TT_GROW(e->v, e->n, e->cap))
		return NULL;
	e->v[e->n] = p;
	return &e->v[e->n++];
}

/* That something like `like` is in the pool `p`, and as which of it. */
static int add_like(maker *m, tt_eligible_pool *p, const tt_node_row *like, size_t *ret,
                    tt_err *err)
{
	const size_t known = tt_names_count(m->likes);

	restart(&m->key);
	tt_buf_printf(&m->key, "%zu\1%s\1%s\1%s\1", (size_t)(p - m->e->v), like->provider,
	              like->region, like->instance_type);
	model(&m->key, like->gpu_model);

	const int64_t i = m->key.failed ? -1 : tt_names_add(m->likes, m->key.p, m->key.n);

	if (i < 0 || !TT_GROW(p->likes, p->n_likes, p->cap_likes) ||
	    !TT_GROW(p->like_used, p->n_likes, p->cap_used) ||
	    !TT_GROW(m->at, (size_t)i, m->cap_at))
		return tt_no_memory(err);
	if ((size_t)i == known) {
		m->at[i] = p->n_likes;
		p->like_used[p->n_likes] = 0;
		p->likes[p->n_likes++] = *like;
	}
	*ret = m->at[i];
	return TT_OK;
}

static int use(maker *m, const tt_node_row *like, const char *owner, bool cards,
               tt_eligible_pool **ret, size_t *ret_like, tt_err *err)
{
	name(m, like, owner);
	*ret = pool(m, cards, owner);
	return *ret ? add_like(m, *ret, like, ret_like, err) : tt_no_memory(err);
}

static int add(const tt_eligible *e, tt_eligible_pool *p, size_t like, size_t hour, double units,
               tt_err *err)
{
	const double used = units * (double)TT_ELIGIBLE_ONE;

	if (used > 9e18 - (double)p->used[hour])
		return tt_fail(err, TT_EDATA, "pool %s uses more than 9,000,000,000 units in an "
		               "hour", p->name);
	p->used[hour] += llround(used);
	if (hour + RECENT_H >= e->hours)
		p->like_used[like] += used;
	return TT_OK;
}

/* --- What is used ----------------------------------------------------------------------- */

/* Rows of the same texts are of one pool; those of a table share them. */
typedef struct seen {
	const char *of[5];
	size_t pool, like;
} seen;

enum { SEEN = 4096 };

static size_t slot_of(const char *const of[5])
{
	uint64_t h = 0;

	for (int i = 0; i < 5; i++)
		h = (h ^ (uint64_t)(uintptr_t)of[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(h >> 52); /* of SEEN */
}

static int use_row(maker *m, const tt_demand_row *r, seen *all, tt_eligible_pool **ret,
                   size_t *ret_like, tt_err *err)
{
	const seen x = { .of = { r->provider, r->region, r->instance_type, r->gpu_model,
		r->owner } };
	seen *known = &all[slot_of(x.of)];
	const tt_node_row like = { .provider = r->provider, .region = r->region,
		.instance_type = r->instance_type, .gpu_model = r->gpu_model,
		.pricing = "on_demand", .price_per_hour = TT_DECIMAL_MISSING };

	if (known->of[0] && memcmp(known->of, x.of, sizeof x.of) == 0) {
		*ret = &m->e->v[known->pool];
		*ret_like = known->like;
		return TT_OK;
	}
	TT_TRY(use(m, &like, r->owner, *r->gpu_model, ret, ret_like, err));
	*known = x;
	known->pool = (size_t)(*ret - m->e->v);
	known->like = *ret_like;
	return TT_OK;
}

static int of_demand(maker *m, tt_err *err)
{
	TT_CLEANUP(tt_freep) seen *all = tt_zalloc(SEEN, sizeof *all);
	tt_eligible *e = m->e;

	if (!all)
		return tt_no_memory(err);
	for (size_t i = 0; i < m->s->table[TT_DEMAND].n; i++) {
		const tt_demand_row *r = TT_ROW(&m->s->table[TT_DEMAND], tt_demand_row, i);
		const int64_t hour = (r->time - e->start_s) / HOUR_S;
		tt_eligible_pool *p;
		size_t like;

		if (r->time < e->start_s || hour >= (int64_t)e->hours || !(r->units >= 0))
			continue;
		TT_TRY(use_row(m, r, all, &p, &like, err));
		TT_TRY(add(e, p, like, (size_t)hour, r->units, err));
	}
	return TT_OK;
}

bool tt_eligible_could_be(const tt_node_row *n)
{
	return !*n->pricing || strcmp(n->pricing, "on_demand") == 0 ||
	       strcmp(n->pricing, "reserved") == 0;
}

/* The hours of a node's life, each by how much of it. */
static int add_life(const tt_eligible *e, tt_eligible_pool *p, size_t at_like,
                    const tt_node_row *n, tt_err *err)
{
	const int64_t end_s = e->start_s + (int64_t)e->hours * HOUR_S;
	const int64_t from = n->started_at > e->start_s ? n->started_at : e->start_s;
	const int64_t to = n->ended_at != TT_TIME_MISSING && n->ended_at < end_s ? n->ended_at
	                                                                         : end_s;
	const double units = p->cards ? n->gpus : 1;

	for (int64_t at = from; at < to;) {
		const int64_t hour = (at - e->start_s) / HOUR_S;
		const int64_t next = e->start_s + (hour + 1) * HOUR_S;
		const int64_t until = next < to ? next : to;

		TT_TRY(add(e, p, at_like, (size_t)hour, units * (double)(until - at) / HOUR_S,
		           err));
		at = until;
	}
	return TT_OK;
}

static int of_nodes(maker *m, tt_err *err)
{
	for (size_t i = 0; i < m->s->table[TT_NODES].n; i++) {
		const tt_node_row *n = TT_ROW(&m->s->table[TT_NODES], tt_node_row, i);
		tt_node_row like = *n;
		tt_eligible_pool *p;
		size_t at_like;

		if (!tt_eligible_could_be(n))
			continue;
		like.pricing = "on_demand";
		TT_TRY(use(m, &like, "", m->by != TT_POOL_BY_INSTANCE_TYPE && n->gpus > 0, &p,
		           &at_like, err));
		TT_TRY(add_life(m->e, p, at_like, n, err));
	}
	return TT_OK;
}

/* --- All of it --------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const tt_eligible_pool *x = a, *y = b;
	const int by = strcmp(x->name, y->name);

	return by ? by : x->cards - y->cards;
}

void tt_eligible_sort(tt_eligible *e)
{
	qsort(e->v, e->n, sizeof *e->v, by_name);
}

int tt_eligible_pool_of(tt_eligible *e, const tt_node_row *like, const char *owner, size_t *ret,
                        double *ret_units, tt_err *err)
{
	const bool cards = e->of_nodes ? e->by != TT_POOL_BY_INSTANCE_TYPE && like->gpus > 0
	                               : like->gpus > 0;
	TT_CLEANUP(tt_buf_free) tt_buf room = { 0 };
	maker m = { .by = e->by, .e = e };

	name(&m, like, owner);
	room = m.key;
	if (room.failed)
		return tt_no_memory(err);
	*ret_units = cards ? like->gpus : 1;
	for (*ret = 0; *ret < e->n; ++*ret)
		if (e->v[*ret].cards == cards && strcmp(e->v[*ret].name, room.p) == 0)
			return TT_OK;
	tt_eligible_pool p = { .name = tt_arena_text(e->arena, room.p, room.n), .owner = owner,
		.cards = cards, .used = tt_arena_alloc(e->arena, e->hours * sizeof *p.used) };

	if (!p.name || !p.used || !TT_GROW(p.likes, p.n_likes, p.cap_likes))
		return tt_no_memory(err);
	p.likes[p.n_likes++] = *like;
	p.likes[0].pricing = "on_demand";
	if (!TT_GROW(e->v, e->n, e->cap)) {
		tt_free(p.likes);
		return tt_no_memory(err);
	}
	e->v[e->n++] = p;
	return TT_OK;
}

static int find_gaps(tt_eligible *e, tt_err *err)
{
	TT_CLEANUP(tt_freep) double *any = tt_zalloc(e->hours, sizeof *any);
	const double *const series[] = { any };

	e->gap = tt_arena_alloc(e->arena, e->hours * sizeof *e->gap);
	if (!e->gap || !any)
		return tt_no_memory(err);
	for (size_t h = 0; h < e->hours; h++) {
		e->gap[h] = true;
		for (size_t i = 0; e->gap[h] && i < e->n; i++)
			e->gap[h] = e->v[i].used[h] == 0;
		e->n_gaps += e->gap[h];
		any[h] = !e->gap[h];
	}
	return tt_outages_find(series, 1, e->hours, WEEK_H, e->arena, &e->stretches,
	                       &e->n_stretches, err);
}

static int fill(maker *m, tt_err *err)
{
	const tt_snapshot *s = m->s;
	tt_eligible *e = m->e;
	const int64_t end_s = s->end_s - s->end_s % HOUR_S;

	e->start_s = s->start_s + (HOUR_S - s->start_s % HOUR_S) % HOUR_S;
	if (end_s <= e->start_s)
		return tt_fail(err, TT_ENODATA, "%s: the window has no whole hour", s->name);
	e->hours = (size_t)((end_s - e->start_s) / HOUR_S);
	e->of_nodes = !s->table[TT_DEMAND].n;
	TT_TRY(e->of_nodes ? of_nodes(m, err) : of_demand(m, err));
	if (!e->n)
		return tt_fail(err, TT_ENODATA, "%s: nothing that a commitment could cover: no row "
		               "in demand.csv within the window, and no node in nodes.csv that is "
		               "on demand or reserved", s->name);
	tt_eligible_sort(e);
	return find_gaps(e, err);
}

int tt_eligible_make(const tt_snapshot *s, enum tt_pool_by by, tt_eligible **ret, tt_err *err)
{
	maker m = { .s = s, .by = by, .e = tt_zalloc(1, sizeof *m.e), .names = tt_names_new(),
		.likes = tt_names_new() };
	int r = TT_OK;

	if (m.e) {
		m.e->arena = tt_arena_new();
		m.e->by = by;
	}
	if (!m.e || !m.e->arena || !m.names || !m.likes)
		r = tt_no_memory(err);
	r = r ? r : fill(&m, err);
	tt_names_free(m.names);
	tt_names_free(m.likes);
	tt_free(m.at);
	tt_buf_free(&m.key);
	if (r)
		tt_eligible_free(m.e);
	else
		*ret = m.e;
	return r;
}

double tt_eligible_share(const tt_eligible_pool *p, size_t like)
{
	double all = 0;

	if (p->n_likes == 1) /* whenever that was */
		return 1;
	for (size_t i = 0; i < p->n_likes; i++)
		all += p->like_used[i];
	return all > 0 ? p->like_used[like] / all : (double)NAN;
}

double tt_eligible_recent(const tt_eligible *e, const tt_eligible_pool *p)
{
	double used = 0;
	size_t n = 0;

	for (size_t h = e->hours > RECENT_H ? e->hours - RECENT_H : 0; h < e->hours; h++) {
		used += e->gap[h] ? 0 : (double)p->used[h];
		n += !e->gap[h];
	}
	return n ? used / (double)n : 0;
}

void tt_eligible_units(const tt_eligible *e, const tt_eligible_pool *p, int64_t unit,
                       bool keep_gaps, double *ret)
{
	for (size_t h = 0; h < e->hours; h++)
		ret[h] = (double)p->used[h] / (double)unit;
	for (size_t i = 0; !keep_gaps && i < e->n_stretches; i++)
		for (size_t h = e->stretches[i].from; h < e->stretches[i].to; h++)
			if (!e->stretches[i].usual)
				ret[h] = (double)NAN;
}
