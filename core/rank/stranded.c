#include "rank/stranded.h"
#include "base/text.h"
#include "rank/pricer.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_TRIES = 6 };        /* of one pool: all of it, half, a quarter ... */

const char *const tt_stranded_words[] = { "region", "size", "card", NULL };

typedef struct pool {           /* nodes on demand that are alike */
	const uint32_t *nodes;      /* [n] those that ran longest first */
	size_t n;
	const tt_node_row *like;
	int64_t cost_micro;
	bool whole_group;           /* all nodes of their node group */
} pool;

typedef struct maker {
	const tt_bill *b;
	const tt_positions *x;
	tt_arena *arena;
	tt_pricer *alone, *joint;
	uint32_t *nodes; size_t n_nodes; /* by pool */
	pool *pools; size_t n_pools;
	tt_stranded *to;
	size_t cap, cap_left;
} maker;

typedef struct attempt {
	size_t nodes;
	const tt_change *change;
	int64_t before_micro, saving_micro; /* on top of what is kept */
} attempt;

/* --- Pools ------------------------------------------------------------------------------- */

static bool is_on_demand(const maker *m, size_t i)
{
	const tt_node_row *n = tt_node_at(m->b->snapshot, i);
	const tt_node_bill *b = &m->b->nodes[i];

	return (!*n->pricing || strcmp(n->pricing, "on_demand") == 0) && *n->instance_type &&
	       b->cost_micro != TT_MONEY_UNKNOWN && b->cost_micro > 0;
}

static int compare_words(const tt_node_row *a, const tt_node_row *b)
{
	int by = strcmp(a->provider, b->provider);

	if (!by)
		by = strcmp(a->region, b->region);
	if (!by)
		by = strcmp(a->instance_type, b->instance_type);
	if (!by)
		by = strcasecmp(a->gpu_model, b->gpu_model);
	return by ? by : strcmp(a->node_group, b->node_group);
}

typedef struct member {
	const tt_node_row *row;
	uint32_t node;
	int64_t paid_s;
} member;

static int by_pool(const void *pa, const void *pb)
{
	const member *a = pa, *b = pb;
	const int by = compare_words(a->row, b->row);

	if (by)
		return by;
	if (a->paid_s != b->paid_s)
		return a->paid_s > b->paid_s ? -1 : 1;
	return (a->node > b->node) - (a->node < b->node);
}

static size_t size_of_group(const maker *m, const char *group)
{
	size_t n = 0;

	for (size_t i = 0; i < m->b->snapshot->table[TT_NODES].n; i++)
		n += strcmp(tt_node_at(m->b->snapshot, i)->node_group, group) == 0;
	return n;
}

static int by_cost(const void *pa, const void *pb)
{
	const pool *a = pa, *b = pb;

	if (a->cost_micro != b->cost_micro)
		return a->cost_micro > b->cost_micro ? -1 : 1;
	return compare_words(a->like, b->like);
}

static int list_pools(maker *m, tt_err *err)
{
	const size_t n = m->b->snapshot->table[TT_NODES].n;
	TT_CLEANUP(tt_freep) member *v = tt_zalloc(n + 1, sizeof *v);
	size_t members = 0;

	m->nodes = tt_arena_alloc(m->arena, (n + 1) * sizeof *m->nodes);
	m->pools = tt_arena_alloc(m->arena, (n + 1) * sizeof *m->pools);
	if (!v || !m->nodes || !m->pools)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (is_on_demand(m, i))
			v[members++] = (member){ tt_node_at(m->b->snapshot, i), (uint32_t)i,
				m->b->nodes[i].paid_s };
	if (members)
		qsort(v, members, sizeof *v, by_pool);
	for (size_t i = 0; i < members; i++) {
		pool *p = m->n_pools ? &m->pools[m->n_pools - 1] : NULL;

		m->nodes[i] = v[i].node;
		if (!p || compare_words(p->like, v[i].row) != 0) {
			p = &m->pools[m->n_pools++];
			*p = (pool){ .nodes = &m->nodes[i], .like = v[i].row };
		}
		p->n++;
		p->cost_micro += m->b->nodes[v[i].node].cost_micro;
	}
	for (pool *p = m->pools; p < m->pools + m->n_pools; p++)
		p->whole_group = *p->like->node_group &&
			size_of_group(m, p->like->node_group) == p->n;
	if (m->n_pools)
		qsort(m->pools, m->n_pools, sizeof *m->pools, by_cost);
	return TT_OK;
}

/* --- Changes ------------------------------------------------------------------------------ */

static bool differs(const char *wanted, const char *is)
{
	return *wanted && strcmp(wanted, is) != 0;
}

/* What of a pool would have to change for the commitment to cover it; TT_NEAR_END: nothing, or
 * more than one change does. */
static enum tt_stranded_near nearness(const tt_commitment_row *c, const tt_node_row *n)
{
	const bool region = differs(c->region, n->region);
	const bool card = *c->gpu_model && strcasecmp(c->gpu_model, n->gpu_model) != 0;
	const bool type = differs(c->instance_type, n->instance_type);

	if (differs(c->provider, n->provider) || (region && (type || card)) ||
	    (!*n->gpu_model && card))
		return TT_NEAR_END;
	return region ? TT_NEAR_REGION : card ? TT_NEAR_CARD : type ? TT_NEAR_SIZE : TT_NEAR_END;
}

static void put_quoted(tt_buf *out, const char *s)
{
	tt_buf_putc(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			tt_buf_putc(out, '\\');
		tt_buf_putc(out, *s);
	}
	tt_buf_putc(out, '"');
}

static void put_subjects(const maker *m, const pool *p, size_t n, tt_buf *out)
{
	if (p->whole_group && n == p->n) {
		tt_buf_puts(out, "node_group:");
		put_quoted(out, p->like->node_group);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		tt_buf_puts(out, i ? ",node:" : "node:");
		put_quoted(out, tt_node_at(m->b->snapshot, p->nodes[i])->node);
	}
}

static int make_change(const maker *m, const tt_commitment_row *c, enum tt_stranded_near near,
                       const pool *p, size_t n, const tt_change **ret, tt_err *err)
{
	tt_change *change = tt_arena_alloc(m->arena, sizeof *change);
	tt_buf text = { 0 };
	int rc;

	tt_buf_puts(&text, near == TT_NEAR_REGION ? "reprice " : "retype ");
	put_subjects(m, p, n, &text);
	tt_buf_puts(&text, near == TT_NEAR_REGION ? " region=" :
	            *c->instance_type ? " instance_type=" : " gpu_model=");
	put_quoted(&text, near == TT_NEAR_REGION ? c->region :
	           *c->instance_type ? c->instance_type : c->gpu_model);
	rc = !change || text.failed ? tt_no_memory(err)
		: tt_change_parse(tt_buf_text(&text), m->arena, change, err);
	tt_buf_free(&text);
	*ret = change;
	return rc;
}

/* --- Trying ------------------------------------------------------------------------------- */

/* *ret_why NULL: `ret` holds; else it can't be done, or what it saves is not known. */
static int price(const maker *m, tt_pricer *p, const tt_change *change, int64_t *ret,
                 const char **ret_why, tt_err *err)
{
	tt_err why = { 0 };
	tt_saving s;

	*ret_why = NULL;
	if (tt_pricer_try(p, &change, 1, &s, &why) < 0) {
		if (why.status != TT_EDATA && why.status != TT_EINVAL && why.status != TT_ENODATA)
			return tt_fail(err, why.status, "%s", why.text);
		*ret_why = tt_arena_text(m->arena, why.text, strlen(why.text));
		return *ret_why ? TT_OK : tt_no_memory(err);
	}
	*ret = s.known_micro;
	if (s.moved_micro == TT_MONEY_UNKNOWN)
		*ret_why = "what it would move to has no price";
	else if (s.unknown)
		*ret_why = "what it would leave has no price";
	return TT_OK;
}

static int64_t cost_of(const maker *m, const pool *p, size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += m->b->nodes[p->nodes[i]].cost_micro;
	return sum;
}

/* Of all nodes of the pool, half of them and so on what saves most. */
static int find_best(const maker *m, const tt_commitment_row *c, enum tt_stranded_near near,
                     const pool *p, attempt *best, const char **ret_why, tt_err *err)
{
	*best = (attempt){ 0 };
	*ret_why = NULL;
	for (size_t n = p->n, tries = 0; n && tries < MOST_TRIES; n /= 2, tries++) {
		attempt a = { .nodes = n, .before_micro = cost_of(m, p, n) };
		const char *why;

		TT_TRY(make_change(m, c, near, p, n, &a.change, err));
		TT_TRY(price(m, m->joint, a.change, &a.saving_micro, &why, err));
		if (why && !*ret_why)
			*ret_why = why;
		if (why)
			continue;
		if (!best->change || a.saving_micro > best->saving_micro)
			*best = a;
	}
	return TT_OK;
}

static int add(const maker *m, tt_stranded_move **v, size_t *n, size_t *cap,
               const tt_stranded_move *move, tt_err *err)
{
	if (*n == *cap) {
		const size_t more = *cap ? 2 * *cap : 8;
		tt_stranded_move *grown = tt_arena_alloc(m->arena, more * sizeof *grown);

		if (!grown)
			return tt_no_memory(err);
		if (*n)
			memcpy(grown, *v, *n * sizeof *grown);
		*v = grown;
		*cap = more;
	}
	(*v)[(*n)++] = *move;
	return TT_OK;
}

static int take(maker *m, const attempt *best, tt_stranded_move *move, tt_err *err)
{
	tt_buf text = { 0 };
	const char *why;

	TT_TRY(price(m, m->alone, best->change, &move->alone_micro, &why, err));
	TT_TRY(price(m, m->joint, best->change, &move->saving_micro, &why, err));
	TT_TRY(tt_pricer_keep(m->joint, err));
	TT_TRY(tt_money_add(&m->to->saving_micro, move->saving_micro, "what moves save", err));
	tt_change_text(best->change, &text);
	move->change = text.failed ? NULL : tt_arena_text(m->arena, tt_buf_text(&text), text.n);
	tt_buf_free(&text);
	if (!move->change)
		return tt_no_memory(err);
	move->nodes = best->nodes;
	move->before_micro = best->before_micro;
	move->why_not = "";
	return add(m, &m->to->v, &m->to->n, &m->cap, move, err);
}

static int look_at(maker *m, size_t group, enum tt_stranded_near near, pool *p, tt_err *err)
{
	const tt_commitment_row *c = m->x->groups[group].like;
	tt_stranded_move move = { .group = group, .near = near, .like = p->like, .nodes = p->n,
		.of_nodes = p->n, .before_micro = p->cost_micro };
	attempt best;
	const char *why;

	TT_TRY(find_best(m, c, near, p, &best, &why, err));
	if (best.change && best.saving_micro > 0 &&
	    (double)best.saving_micro >= TT_STRANDED_LEAST_RATIO * (double)best.before_micro) {
		TT_TRY(take(m, &best, &move, err));
		p->n = 0; /* what stays has been tried */
		return TT_OK;
	}
	move.saving_micro = best.change ? best.saving_micro : TT_MONEY_UNKNOWN;
	move.alone_micro = TT_MONEY_UNKNOWN;
	move.why_not = best.change ? "it saves too little" : why;
	return add(m, &m->to->left, &m->to->n_left, &m->cap_left, &move, err);
}

/* What is held and has not ended; groups by what nothing uses, most first. */
static int by_unused(const void *pa, const void *pb)
{
	const tt_position_group *a = *(const tt_position_group *const *)pa;
	const tt_position_group *b = *(const tt_position_group *const *)pb;

	if (a->unused_micro != b->unused_micro)
		return a->unused_micro > b->unused_micro ? -1 : 1;
	return (a > b) - (a < b);
}

static int match(maker *m, tt_err *err)
{
	const size_t n = m->x->n_groups;
	TT_CLEANUP(tt_freep) const tt_position_group **order = tt_zalloc(n + 1, sizeof *order);

	if (!order)
		return tt_no_memory(err);
	for (size_t g = 0; g < n; g++)
		order[g] = &m->x->groups[g];
	if (n)
		qsort(order, n, sizeof *order, by_unused);
	for (size_t i = 0; i < n; i++) {
		if (order[i]->unused_micro <= 0 || !(order[i]->units > 0))
			continue;
		for (int near = 0; near < TT_NEAR_END; near++)
			for (size_t p = 0; p < m->n_pools; p++)
				if (m->pools[p].n &&
				    (int)nearness(order[i]->like, m->pools[p].like) == near)
					TT_TRY(look_at(m, (size_t)(order[i] - m->x->groups),
					               (enum tt_stranded_near)near, &m->pools[p],
					               err));
	}
	return TT_OK;
}

int tt_stranded_make(const tt_bill *b, const tt_settings *st, const tt_positions *x,
                     tt_arena *arena, tt_stranded *ret, tt_err *err)
{
	TT_CLEANUP(tt_pricer_closep) tt_pricer *alone = NULL;
	TT_CLEANUP(tt_pricer_closep) tt_pricer *joint = NULL;
	tt_stranded to = { 0 };
	maker m = { .b = b, .x = x, .arena = arena, .to = &to };

	TT_TRY(list_pools(&m, err));
	TT_TRY(tt_pricer_open(b, st, NULL, &joint, err));
	TT_TRY(tt_pricer_open(b, st, joint, &alone, err));
	m.alone = alone;
	m.joint = joint;
	TT_TRY(match(&m, err));
	*ret = to;
	return TT_OK;
}
