#include "change/repack_pass.h"
#include "base/memory.h"
#include "maths/consolidate.h"
#include <stdlib.h>
#include <string.h>

typedef struct vector {
	int64_t v[TT_PACK_DIMS];
} vector;

struct pass {
	const tt_repack_now *now;
	const tt_repack_pool *p;
	vector *room;           /* [nodes] with everything where it is */
	vector *own;            /* [nodes] without what is to be packed */
	bool *pinned, *shut;    /* [nodes] something can't leave; nobody can come */
	uint32_t *homes;        /* [needs] of nodes with room: how many, */
	uint32_t *only;         /* and the last of them */
	bool *counted;          /* [needs] */
	bool *may_go;           /* [nodes] each of its pods fits somewhere else */
	tt_pack_kind kinds[TT_PACK_KINDS];
	/* the problem that is packed */
	size_t *node_of_bin, *bin_of_node; /* [nodes] */
	tt_pack_item *items;    /* [n] */
	size_t *pod_of_item, *at; /* [n]: place in now->pods; bin */
	tt_consolidate_bin *bins; /* [nodes] */
	size_t n_bins, n_items;
	tt_repack_moves ret;
};

static void pass_free(struct pass *s)
{
	void *const all[] = { s->room, s->own, s->pinned, s->shut, s->homes, s->only,
			      s->counted, s->may_go, s->node_of_bin, s->bin_of_node, s->items,
			      s->pod_of_item, s->at, s->bins };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		tt_free(all[i]);
	tt_repack_moves_free(&s->ret);
}

void tt_repack_moves_free(tt_repack_moves *m)
{
	tt_free(m->to);
	*m = (tt_repack_moves){ 0 };
}

static bool pass_alloc(struct pass *s)
{
	const size_t nodes = s->p->n_nodes + 1, needs = s->p->n_needs + 1, n = s->now->n + 1;

	s->room = tt_zalloc(nodes, sizeof *s->room);
	s->own = tt_zalloc(nodes, sizeof *s->own);
	s->pinned = tt_zalloc(nodes, sizeof *s->pinned);
	s->shut = tt_zalloc(nodes, sizeof *s->shut);
	s->may_go = tt_zalloc(nodes, sizeof *s->may_go);
	s->node_of_bin = tt_zalloc(nodes, sizeof *s->node_of_bin);
	s->bin_of_node = tt_zalloc(nodes, sizeof *s->bin_of_node);
	s->bins = tt_zalloc(nodes, sizeof *s->bins);
	s->homes = tt_zalloc(needs, sizeof *s->homes);
	s->only = tt_zalloc(needs, sizeof *s->only);
	s->counted = tt_zalloc(needs, sizeof *s->counted);
	s->items = tt_zalloc(n, sizeof *s->items);
	s->pod_of_item = tt_zalloc(n, sizeof *s->pod_of_item);
	s->at = tt_zalloc(n, sizeof *s->at);
	s->ret.to = tt_zalloc(n, sizeof *s->ret.to);
	return s->room && s->own && s->pinned && s->shut && s->may_go && s->node_of_bin &&
	       s->bin_of_node && s->bins && s->homes && s->only && s->counted && s->items &&
	       s->pod_of_item && s->at && s->ret.to;
}

static const tt_repack_pod *pod_at(const struct pass *s, size_t i)
{
	return &s->p->pods[s->now->pods[i]];
}

static const tt_repack_need *need_at(const struct pass *s, size_t i)
{
	const uint32_t need = pod_at(s, i)->need;

	return need == TT_REPACK_HERE ? NULL : &s->p->needs[need];
}

static uint32_t node_at(const struct pass *s, size_t i)
{
	return s->now->at[s->now->pods[i]];
}

/* --- Which nodes could go ------------------------------------------------------------ */

static void see_pods(struct pass *s)
{
	for (size_t b = 0; b < s->p->n_nodes; b++) {
		const tt_repack_node *node = &s->p->nodes[b];

		memcpy(s->room[b].v, node->capacity, sizeof s->room[b].v);
		s->shut[b] = !s->now->up[b] || !node->takes;
	}
	for (size_t i = 0; i < s->now->n; i++) {
		const tt_repack_need *need = need_at(s, i);
		const uint32_t b = node_at(s, i);

		s->ret.to[i] = b;
		s->shut[b] |= !need;
		s->pinned[b] |= !need || !need->kinds;
		for (size_t d = 0; need && d < TT_PACK_DIMS; d++)
			s->room[b].v[d] -= need->size[d];
	}
}

static bool has_room(const struct pass *s, const tt_repack_need *need, size_t b)
{
	return !s->shut[b] && (need->kinds >> s->p->nodes[b].kind & 1) &&
	       tt_repack_fits(need->size, s->room[b].v);
}

/* Whether there is room for it on another node. Whatever else goes, there is less. */
static bool fits_elsewhere(struct pass *s, size_t i)
{
	const uint32_t number = pod_at(s, i)->need, at = node_at(s, i);
	const tt_repack_need *need = &s->p->needs[number];

	if (!s->counted[number]) {
		s->counted[number] = true;
		for (size_t b = 0; b < s->p->n_nodes && s->homes[number] < 2; b++) {
			if (!has_room(s, need, b))
				continue;
			s->homes[number]++;
			s->only[number] = (uint32_t)b;
		}
	}
	return s->homes[number] > 1 || (s->homes[number] == 1 && s->only[number] != at);
}

static bool is_under_target(const struct pass *s, size_t b)
{
	const int64_t *has = s->p->nodes[b].capacity;
	const size_t d = has[TT_REPACK_CARDS] ? TT_REPACK_CARDS : TT_REPACK_CPUS;

	return s->now->target_u6 == INT64_MAX ||
	       (tt_i128)(has[d] - s->room[b].v[d]) * 1000000 <
	       (tt_i128)s->now->target_u6 * has[d];
}

static size_t find_candidates(struct pass *s)
{
	size_t n = 0;

	for (size_t b = 0; b < s->p->n_nodes; b++)
		s->may_go[b] = s->now->up[b] && s->p->nodes[b].saving && !s->pinned[b] &&
			       is_under_target(s, b);
	for (size_t i = 0; i < s->now->n; i++) {
		const uint32_t b = node_at(s, i);

		s->may_go[b] = s->may_go[b] && fits_elsewhere(s, i);
	}
	for (size_t b = 0; b < s->p->n_nodes; b++)
		n += s->may_go[b];
	return n;
}

/* --- Emptying nodes into the others -------------------------------------------------- */

static void make_kinds(struct pass *s)
{
	for (size_t b = 0; b < s->p->n_nodes; b++) {
		const tt_repack_node *node = &s->p->nodes[b];

		for (size_t d = 0; node->kind < TT_PACK_KINDS && d < TT_PACK_DIMS; d++) {
			int64_t *most = &s->kinds[node->kind].capacity[d];

			*most = node->capacity[d] > *most ? node->capacity[d] : *most;
		}
	}
}

/* What fills a bin of the node's kind up to where the node has `room`. */
static void load_bin(const struct pass *s, size_t b, const int64_t *room, tt_pack_bin *ret)
{
	ret->kind = s->p->nodes[b].kind < TT_PACK_KINDS ? s->p->nodes[b].kind : 0;
	for (size_t d = 0; d < TT_PACK_DIMS; d++) {
		const int64_t most = s->kinds[ret->kind].capacity[d];

		ret->load[d] = room && room[d] < most ? most - room[d] : room ? 0 : most;
	}
}

/* The nodes that could go, last first, and those that could take something of them. Pods on
 * the others are there as what is taken. Of equals the first in this order goes. */
static void state_problem(struct pass *s)
{
	memcpy(s->own, s->room, s->p->n_nodes * sizeof *s->own);
	for (size_t i = 0; i < s->now->n; i++) {
		const uint32_t b = node_at(s, i);

		for (size_t d = 0; s->may_go[b] && d < TT_PACK_DIMS; d++)
			s->own[b].v[d] += need_at(s, i)->size[d];
	}
	for (size_t b = s->p->n_nodes; b-- > 0;) {
		const tt_repack_node *node = &s->p->nodes[b];
		tt_consolidate_bin *to = &s->bins[s->n_bins];

		s->bin_of_node[b] = SIZE_MAX;
		if (!s->may_go[b] && s->shut[b])
			continue;
		*to = (tt_consolidate_bin){ .saving = node->saving, .stays = !s->may_go[b] };
		load_bin(s, b, s->shut[b] ? NULL : s->own[b].v, &to->bin);
		s->node_of_bin[s->n_bins] = b;
		s->bin_of_node[b] = s->n_bins++;
	}
	for (size_t i = 0; i < s->now->n; i++) {
		const uint32_t b = node_at(s, i);
		tt_pack_item *to = &s->items[s->n_items];

		if (!s->may_go[b])
			continue;
		memcpy(to->size, need_at(s, i)->size, sizeof to->size);
		to->kinds = need_at(s, i)->kinds;
		s->bins[s->bin_of_node[b]].disruption++;
		s->at[s->n_items] = s->bin_of_node[b];
		s->pod_of_item[s->n_items++] = i;
	}
}

/* Negative: bin `a` is less worth its going than `b`. */
static int by_worth(const struct pass *s, size_t a, size_t b)
{
	const tt_consolidate_bin *x = &s->bins[a], *y = &s->bins[b];

	if (x->saving != y->saving)
		return x->saving < y->saving ? -1 : 1;
	return (x->disruption < y->disruption) - (x->disruption > y->disruption);
}

/* Of too many that would go, those that save least stay, of these the most disturbed. */
static void keep_some(const struct pass *s, tt_consolidate_result *r)
{
	while (r->n_gone > s->now->may_go) {
		size_t worst = SIZE_MAX;

		for (size_t b = 0; b < s->n_bins; b++) {
			if (r->gone[b] && (worst == SIZE_MAX || by_worth(s, b, worst) <= 0))
				worst = b;
		}
		r->gone[worst] = false;
		r->n_gone--;
		r->saving -= s->bins[worst].saving;
		for (size_t i = 0; i < s->n_items; i++) {
			if (s->at[i] == worst)
				r->to[i] = worst;
		}
	}
}

static int falling(const void *pa, const void *pb)
{
	const int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;

	return (a < b) - (a > b);
}

/* The most that so many nodes save of those that could go. */
static int most_saving(const struct pass *s, int64_t *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *v = tt_alloc((s->n_bins + 1) * sizeof *v);
	size_t n = 0;

	if (!v)
		return tt_no_memory(err);
	for (size_t b = 0; b < s->n_bins; b++) {
		if (!s->bins[b].stays)
			v[n++] = s->bins[b].saving;
	}
	qsort(v, n, sizeof *v, falling);
	*ret = 0;
	for (size_t i = 0; i < n && i < s->now->may_go; i++)
		*ret += v[i];
	return TT_OK;
}

static int empty_nodes(struct pass *s, size_t *ret_gone, tt_err *err)
{
	TT_CLEANUP(tt_consolidate_result_free) tt_consolidate_result r = { 0 };
	int64_t most = 0;

	s->ret.proven = true;
	make_kinds(s);
	if (!find_candidates(s))
		return TT_OK;
	state_problem(s);
	const tt_consolidate_problem p = {
		.n_dims = s->p->n_dims, .n_kinds = s->p->n_kinds, .n_bins = s->n_bins,
		.n_items = s->n_items, .kinds = s->kinds, .bins = s->bins, .items = s->items,
		.at = s->at, .exact_bins = TT_CONSOLIDATE_EXACT_BINS, .steps = TT_PACK_STEPS
	};
	TT_TRY(tt_consolidate(&p, &r, err));
	TT_TRY(most_saving(s, &most, err));
	keep_some(s, &r);
	most = most < r.bound ? most : r.bound;
	s->ret.gap = most > r.saving ? most - r.saving : 0;
	s->ret.proven = s->ret.gap == 0;
	for (size_t i = 0; i < s->n_items; i++)
		s->ret.to[s->pod_of_item[i]] = (uint32_t)s->node_of_bin[r.to[i]];
	*ret_gone = r.n_gone;
	return TT_OK;
}

/* --- From nothing -------------------------------------------------------------------- */

struct anew {
	struct pass *s;
	bool *free;             /* [nodes] it can be without pods */
	size_t *kind_of_node;   /* [nodes] of the free ones */
	size_t n_kinds;
	tt_pack_kind kinds[TT_PACK_KINDS];
	size_t like[TT_PACK_KINDS]; /* kind of the pool that each is of */
	tt_pack_bin *bins;      /* the others */
	size_t n_bins, n_items;
	tt_pack_result r;
	int64_t cost;           /* of the free nodes that are in use so far */
};

static void anew_free(struct anew *a)
{
	tt_free(a->free);
	tt_free(a->kind_of_node);
	tt_free(a->bins);
	tt_pack_result_free(&a->r);
}

static size_t kind_like(struct anew *a, size_t b)
{
	const tt_repack_node *node = &a->s->p->nodes[b];
	size_t k = a->s->p->n_kinds;

	while (k < a->n_kinds && (a->like[k] != node->kind || a->kinds[k].cost != node->saving ||
				  memcmp(a->kinds[k].capacity, node->capacity,
					 sizeof node->capacity) != 0))
		k++;
	if (k < a->n_kinds || k == TT_PACK_KINDS)
		return k;
	a->kinds[k] = (tt_pack_kind){ .cost = node->saving };
	memcpy(a->kinds[k].capacity, node->capacity, sizeof node->capacity);
	a->like[a->n_kinds++] = node->kind;
	return k;
}

/* Free nodes are kinds of new bins; the others exist and cost nothing more. False: the nodes
 * differ in too many ways. */
static bool sort_nodes(struct anew *a)
{
	struct pass *s = a->s;

	a->n_kinds = s->p->n_kinds;
	memcpy(a->kinds, s->kinds, sizeof a->kinds);
	s->n_bins = 0;
	for (size_t b = 0; b < s->p->n_nodes; b++) {
		a->free[b] = s->now->there[b] && s->p->nodes[b].takes && !s->pinned[b] &&
			     s->p->nodes[b].saving;
		s->bin_of_node[b] = SIZE_MAX;
		if (a->free[b]) {
			const size_t k = kind_like(a, b);

			if (k == TT_PACK_KINDS)
				return false;
			a->kind_of_node[b] = k;
			a->kinds[k].most++;
		} else if (!s->shut[b]) {
			s->node_of_bin[s->n_bins] = b;
			s->bin_of_node[b] = s->n_bins++;
		}
	}
	a->n_bins = s->n_bins;
	return true;
}

/* What stays on the others fills them; the rest is packed. */
static void sort_pods(struct anew *a)
{
	struct pass *s = a->s;

	for (size_t j = 0; j < a->n_bins; j++)
		load_bin(s, s->node_of_bin[j], s->room[s->node_of_bin[j]].v, &a->bins[j]);
	s->n_items = 0;
	for (size_t i = 0; i < s->now->n; i++) {
		const tt_repack_need *need = need_at(s, i);
		const uint32_t b = node_at(s, i);
		tt_pack_item *to = &s->items[s->n_items];

		if (!need || !need->kinds || (s->shut[b] && !a->free[b]))
			continue;
		*to = (tt_pack_item){ .kinds = need->kinds };
		memcpy(to->size, need->size, sizeof to->size);
		for (size_t k = s->p->n_kinds; k < a->n_kinds; k++)
			to->kinds |= (need->kinds >> a->like[k] & 1) << k;
		for (size_t d = 0; !a->free[b] && d < TT_PACK_DIMS; d++)
			a->bins[s->bin_of_node[b]].load[d] -= need->size[d];
		s->pod_of_item[s->n_items++] = i;
	}
	for (size_t j = 0; j < a->n_bins; j++) {
		for (size_t d = 0; d < TT_PACK_DIMS; d++)
			a->bins[j].load[d] = a->bins[j].load[d] > 0 ? a->bins[j].load[d] : 0;
	}
}

/* What the free nodes cost that have pods with the moves so far. */
static int find_cost(struct anew *a, tt_err *err)
{
	const struct pass *s = a->s;
	TT_CLEANUP(tt_freep) bool *used = tt_zalloc(s->p->n_nodes + 1, sizeof *used);

	if (!used)
		return tt_no_memory(err);
	for (size_t i = 0; i < s->now->n; i++) {
		const uint32_t b = s->ret.to[i];

		a->cost += a->free[b] && !used[b] ? s->p->nodes[b].saving : 0;
		used[b] = true;
	}
	return TT_OK;
}

struct overlap {
	size_t bin, node, pods;
};

static int by_place(const void *pa, const void *pb)
{
	const struct overlap *a = pa, *b = pb;

	if (a->bin != b->bin)
		return a->bin < b->bin ? -1 : 1;
	return (a->node > b->node) - (a->node < b->node);
}

static int by_pods(const void *pa, const void *pb)
{
	const struct overlap *a = pa, *b = pb;

	if (a->pods != b->pods)
		return a->pods > b->pods ? -1 : 1;
	return by_place(pa, pb);
}

/* Which node each new bin is: those first that have most of it already. */
static int name_bins(struct anew *a, size_t *node_of, tt_err *err)
{
	struct pass *s = a->s;
	TT_CLEANUP(tt_freep) struct overlap *v = tt_alloc((s->n_items + 1) * sizeof *v);
	size_t n = 0, kept = 0;

	if (!v)
		return tt_no_memory(err);
	for (size_t b = 0; b < a->r.n_new; b++)
		node_of[b] = SIZE_MAX;
	for (size_t i = 0; i < s->n_items; i++) {
		const size_t b = node_at(s, s->pod_of_item[i]);

		if (a->r.bin[i] >= a->n_bins && a->free[b] &&
		    a->kind_of_node[b] == a->r.kind[a->r.bin[i] - a->n_bins])
			v[n++] = (struct overlap){ a->r.bin[i] - a->n_bins, b, 1 };
	}
	qsort(v, n, sizeof *v, by_place);
	for (size_t i = 0; i < n; i++) {
		if (kept && by_place(&v[kept - 1], &v[i]) == 0)
			v[kept - 1].pods++;
		else
			v[kept++] = v[i];
	}
	qsort(v, kept, sizeof *v, by_pods);
	for (size_t i = 0; i < kept; i++) {
		if (node_of[v[i].bin] != SIZE_MAX || !a->free[v[i].node])
			continue;
		node_of[v[i].bin] = v[i].node;
		a->free[v[i].node] = false;
	}
	for (size_t j = 0, b; j < a->r.n_new; j++) {
		for (b = 0; node_of[j] == SIZE_MAX; b++) {
			if (!a->free[b] || a->kind_of_node[b] != a->r.kind[j])
				continue;
			node_of[j] = b;
			a->free[b] = false;
		}
	}
	return TT_OK;
}

static int take_over(struct anew *a, tt_err *err)
{
	struct pass *s = a->s;
	TT_CLEANUP(tt_freep) size_t *node_of = tt_alloc((a->r.n_new + 1) * sizeof *node_of);

	if (!node_of)
		return tt_no_memory(err);
	TT_TRY(name_bins(a, node_of, err));
	for (size_t i = 0; i < s->now->n; i++)
		s->ret.to[i] = node_at(s, i);
	for (size_t i = 0; i < s->n_items; i++) {
		const size_t bin = a->r.bin[i];

		s->ret.to[s->pod_of_item[i]] = (uint32_t)
			(bin < a->n_bins ? s->node_of_bin[bin] : node_of[bin - a->n_bins]);
	}
	return TT_OK;
}

static int pack_anew(struct pass *s, tt_err *err)
{
	TT_CLEANUP(anew_free) struct anew a = {
		.s = s, .free = tt_zalloc(s->p->n_nodes + 1, sizeof *a.free),
		.kind_of_node = tt_zalloc(s->p->n_nodes + 1, sizeof *a.kind_of_node),
		.bins = tt_zalloc(s->p->n_nodes + 1, sizeof *a.bins)
	};

	if (!a.free || !a.kind_of_node || !a.bins)
		return tt_no_memory(err);
	if (!sort_nodes(&a)) {
		s->ret.proven = false;
		return TT_OK;
	}
	sort_pods(&a);
	TT_TRY(find_cost(&a, err));
	const tt_pack_problem p = {
		.n_dims = s->p->n_dims, .n_kinds = a.n_kinds, .n_bins = a.n_bins,
		.n_items = s->n_items, .kinds = a.kinds, .bins = a.bins, .items = s->items,
		.exact_groups = TT_PACK_EXACT_GROUPS, .steps = TT_PACK_STEPS
	};
	TT_TRY(tt_pack(&p, TT_PACK_FFD, &a.r, err));
	if (a.r.bound < a.cost) {
		tt_pack_result_free(&a.r);
		TT_TRY(tt_pack(&p, TT_PACK_BEST, &a.r, err));
	}
	if (a.r.n_left == 0 && a.r.cost < a.cost) {
		TT_TRY(take_over(&a, err));
		a.cost = a.r.cost;
	}
	s->ret.gap = a.cost > a.r.bound ? a.cost - a.r.bound : 0;
	s->ret.proven = s->ret.gap == 0;
	return TT_OK;
}

int tt_repack_pass(const tt_repack_now *now, tt_repack_moves *ret, tt_err *err)
{
	TT_CLEANUP(pass_free) struct pass s = { .now = now, .p = now->pool };
	size_t gone = 0;

	if (!pass_alloc(&s))
		return tt_no_memory(err);
	see_pods(&s);
	TT_TRY(empty_nodes(&s, &gone, err));
	if (now->anew && gone < now->may_go)
		TT_TRY(pack_anew(&s, err));
	for (size_t i = 0; i < now->n; i++)
		s.ret.n_moved += s.ret.to[i] != node_at(&s, i);
	*ret = s.ret;
	s.ret = (tt_repack_moves){ 0 };
	return TT_OK;
}
