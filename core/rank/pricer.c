#include "rank/pricer.h"
#include "bill/residents.h"
#include "change/apply.h"
#include "rank/committed.h"
#include "rank/moves.h"
#include "rank/remembered.h"
#include "rank/rescaled.h"
#include <stdlib.h>
#include <string.h>

/* What one change releases, worked out once: some changes read telemetry for that. */
struct applied {
	const tt_change *change;
	tt_release *v; size_t n;  /* in the order of a case */
	tt_charge *charges; size_t n_charges; /* what it adds besides; in the order of a case */
	tt_added *added; size_t n_added; /* capacity; in the order of a case */
	tt_deal *deals; size_t n_deals; /* in the order of a case */
	tt_rescale *rescales; size_t n_rescales;
};

struct kept {                    /* of one node, in that order */
	tt_release *v; size_t n;
	bool moves;              /* some of them */
};

struct tt_pricer {
	const tt_bill *bill;
	const tt_settings *settings;
	tt_pricer *other;        /* that applies the changes; NULL: itself */
	tt_residents residents;
	tt_remembered *remembered; /* NULL: the other has it */
	struct applied *applied; size_t n_applied, cap_applied; /* by change */
	struct kept *kept;       /* [nodes] */
	int64_t *paid_s;         /* [nodes] with what is kept */
	tt_committed committed;  /* and what they cost */
	tt_node_saving *touched; /* of the last try */
	size_t n_touched, cap_touched;
	int64_t *tried_s;        /* [n_touched] paid seconds with it */
	int64_t *tried_micro;    /* [n_touched] cost with it, but for what is metered */
	tt_u128 *listed;         /* [n_touched] what is metered more or less, as listed */
	int64_t *part;           /* [n_touched] scratch */
	tt_release *tried;       /* its releases, by node */
	size_t n_tried, cap_tried;
	tt_rescaled rescaled;
	tt_release *both;        /* scratch: kept and tried of one node */
	size_t cap_both;
	tt_moves moves;
	tt_release *moving;      /* scratch: of all nodes that anything moves from, or of all */
	size_t n_moving, cap_moving;
	tt_arena *arena;
};

/* Those that share what changes release share what that leaves to pay. */
static tt_remembered *remembered_of(const tt_pricer *p)
{
	while (p->other)
		p = p->other;
	return p->remembered;
}

int tt_pricer_open(const tt_bill *b, const tt_settings *st, tt_pricer *other, tt_pricer **ret,
                   tt_err *err)
{
	size_t n = b->snapshot->table[TT_NODES].n;
	TT_CLEANUP(tt_pricer_closep) tt_pricer *p = tt_zalloc(1, sizeof *p);

	if (!p)
		return tt_no_memory(err);
	p->bill = b;
	p->settings = st;
	tt_rescaled_init(&p->rescaled, b->snapshot, st);
	p->other = other;
	p->arena = tt_arena_new();
	if (!p->arena)
		return tt_no_memory(err);
	p->kept = tt_arena_alloc(p->arena, (n + 1) * sizeof *p->kept);
	p->paid_s = tt_arena_alloc(p->arena, (n + 1) * sizeof *p->paid_s);
	if (!p->kept || !p->paid_s)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++)
		p->paid_s[i] = b->nodes[i].paid_s;
	p->residents = tt_residents_of(b->snapshot);
	if (!other)
		TT_TRY(tt_remembered_open(b->snapshot, &p->remembered, err));
	TT_TRY(tt_committed_open(&p->committed, b, st, remembered_of(p), err));
	*ret = p;
	p = NULL;
	return TT_OK;
}

void tt_pricer_close(tt_pricer *p)
{
	if (!p)
		return;
	tt_remembered_close(p->remembered);
	tt_rescaled_free(&p->rescaled);
	tt_committed_free(&p->committed);
	tt_free(p->tried_micro);
	tt_free(p->listed);
	tt_free(p->part);
	tt_free(p->applied);
	tt_free(p->touched);
	tt_free(p->tried_s);
	tt_free(p->tried);
	tt_free(p->both);
	tt_moves_free(&p->moves);
	tt_free(p->moving);
	tt_arena_free(p->arena);
	tt_free(p);
}

void tt_pricer_closep(tt_pricer **p)
{
	tt_pricer_close(*p);
	*p = NULL;
}

/* --- What a change releases ------------------------------------------------------ */

/* Where `change` is or belongs among those that were applied. */
static size_t place_of(const tt_pricer *p, const tt_change *change)
{
	size_t lo = 0, hi = p->n_applied;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if ((uintptr_t)p->applied[mid].change < (uintptr_t)change)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* A copy of the terms that outlives the case; `same` where it is made already. */
static int own_terms(tt_pricer *p, const tt_terms *same, const tt_terms **terms, tt_err *err)
{
	tt_terms *own;

	if (!*terms || same) {
		*terms = same;
		return TT_OK;
	}
	own = tt_arena_alloc(p->arena, sizeof *own);
	if (!own)
		return tt_no_memory(err);
	*own = **terms;
	*terms = own;
	return TT_OK;
}

static int keep_applied(tt_pricer *p, size_t at, const tt_change *change, const tt_case *c,
                        tt_err *err)
{
	tt_release *v = tt_arena_alloc(p->arena, (c->n_releases + 1) * sizeof *v);
	tt_deal *deals = tt_arena_alloc(p->arena, (c->n_deals + 1) * sizeof *deals);
	tt_rescale *rescales = tt_arena_alloc(p->arena, (c->n_rescales + 1) * sizeof *rescales);
	tt_added *added = tt_arena_alloc(p->arena, (c->n_added + 1) * sizeof *added);
	tt_charge *charges = tt_arena_alloc(p->arena, (c->n_charges + 1) * sizeof *charges);

	if (!v || !deals || !added || !rescales || !charges ||
	    !TT_GROW(p->applied, p->n_applied, p->cap_applied))
		return tt_no_memory(err);
	for (size_t i = 0; i < c->n_added; i++) {
		added[i] = c->added[i];
		TT_TRY(own_terms(p, i && c->added[i - 1].terms == c->added[i].terms ?
		                 added[i - 1].terms : NULL, &added[i].terms, err));
	}
	for (size_t i = 0; i < c->n_releases; i++) {
		v[i] = c->releases[i];
		TT_TRY(own_terms(p, i && c->releases[i - 1].terms == c->releases[i].terms ?
		                 v[i - 1].terms : NULL, &v[i].terms, err));
	}
	if (c->n_charges)
		memcpy(charges, c->charges, c->n_charges * sizeof *charges);
	if (c->n_deals)
		memcpy(deals, c->deals, c->n_deals * sizeof *deals);
	if (c->n_rescales)
		memcpy(rescales, c->rescales, c->n_rescales * sizeof *rescales);
	memmove(p->applied + at + 1, p->applied + at, (p->n_applied - at) * sizeof *p->applied);
	p->applied[at] = (struct applied){ change, v, c->n_releases, charges, c->n_charges,
		                           added, c->n_added, deals, c->n_deals, rescales,
		                           c->n_rescales };
	p->n_applied++;
	return TT_OK;
}

static int apply(tt_pricer *p, const tt_change *change, const struct applied **ret, tt_err *err)
{
	while (p->other)
		p = p->other;

	size_t at = place_of(p, change);
	int rc = TT_OK;

	if (at == p->n_applied || p->applied[at].change != change) {
		tt_case c;

		tt_case_init(&c, p->bill->snapshot, p->settings);
		rc = tt_change_apply(change, &c, err);
		if (rc == TT_OK)
			rc = keep_applied(p, at, change, &c, err);
		tt_case_reset(&c);
	}
	if (rc == TT_OK)
		*ret = &p->applied[at];
	return rc;
}

/* Room for what is said of each touched node. */
static int make_room(tt_pricer *p, tt_err *err)
{
	const size_t n = p->n_touched + 1;
	int64_t *seconds = tt_realloc(p->tried_s, n, sizeof *seconds);
	int64_t *micro = seconds ? tt_realloc(p->tried_micro, n, sizeof *micro) : NULL;
	tt_u128 *listed = micro ? tt_realloc(p->listed, n, sizeof *listed) : NULL;
	int64_t *part = listed ? tt_realloc(p->part, n, sizeof *part) : NULL;

	p->tried_s = seconds ? seconds : p->tried_s;
	p->tried_micro = micro ? micro : p->tried_micro;
	p->listed = listed ? listed : p->listed;
	p->part = part ? part : p->part;
	return part ? TT_OK : tt_no_memory(err);
}

/* The releases of all the changes into p->tried, each once, and the nodes they are on. */
static int collect(tt_pricer *p, const tt_change *const *changes, size_t n, tt_err *err)
{
	size_t kept = 0;

	p->n_tried = p->n_touched = 0;
	tt_rescaled_begin(&p->rescaled);
	for (size_t i = 0; i < n; i++) {
		const struct applied *a = NULL;

		TT_TRY(apply(p, changes[i], &a, err));
		TT_TRY(tt_rescaled_charge(&p->rescaled, a->charges, a->n_charges, err));
		TT_TRY(tt_committed_deal(&p->committed, a->deals, a->n_deals, err));
		TT_TRY(tt_moves_add(&p->moves, a->added, a->n_added, err));
		TT_TRY(tt_rescaled_add(&p->rescaled, a->rescales, a->n_rescales, err));
		for (size_t j = 0; j < a->n; j++) {
			if (!TT_GROW(p->tried, p->n_tried, p->cap_tried))
				return tt_no_memory(err);
			p->tried[p->n_tried++] = a->v[j];
		}
	}
	if (n > 1 && p->n_tried)
		qsort(p->tried, p->n_tried, sizeof *p->tried, tt_release_compare);
	for (size_t i = 0; i < p->n_tried; i++) {
		const tt_release *r = &p->tried[i];

		if (kept && tt_release_compare(&p->tried[kept - 1], r) == 0)
			continue;
		if (!kept || p->tried[kept - 1].node != r->node) {
			if (!TT_GROW(p->touched, p->n_touched, p->cap_touched))
				return tt_no_memory(err);
			p->touched[p->n_touched++] = (tt_node_saving){ .node = r->node };
		}
		p->tried[kept++] = *r;
	}
	p->n_tried = kept;
	return make_room(p, err);
}

/* What is kept of `node` and the n releases at `v` into p->both, in order; how many. */
static int join(tt_pricer *p, uint32_t node, const tt_release *v, size_t n, size_t *ret_n,
                tt_err *err)
{
	const struct kept *k = &p->kept[node];
	size_t i = 0, j = 0, kept = 0;

	while (p->cap_both < k->n + n)
		if (!TT_GROW(p->both, p->cap_both, p->cap_both))
			return tt_no_memory(err);
	while (i < k->n || j < n) {
		int by = i == k->n ? 1 : j == n ? -1 : tt_release_compare(&k->v[i], &v[j]);

		p->both[kept++] = by <= 0 ? k->v[i] : v[j];
		i += by <= 0;
		j += by >= 0;
	}
	*ret_n = kept;
	return TT_OK;
}

/* --- Trying and keeping ------------------------------------------------------------ */

/* The releases of p->touched[i], from p->tried[*at], which moves behind them. */
static size_t releases_of(const tt_pricer *p, size_t i, size_t *at)
{
	size_t n = 0;

	while (*at < p->n_tried && p->tried[*at].node == p->touched[i].node) {
		n++;
		(*at)++;
	}
	return n;
}

/* The releases that are tried, from number `at`; NULL: there are none. */
static const tt_release *tried_at(const tt_pricer *p, size_t at)
{
	return p->tried ? p->tried + at : NULL;
}

/* Price node p->touched[i] with what is kept and the n releases at `v`, but for what is
 * metered of it. */
static int price_node(tt_pricer *p, size_t i, const tt_release *v, size_t n, tt_err *err)
{
	tt_node_saving *s = &p->touched[i];
	const tt_node_bill *nb = &p->bill->nodes[s->node];
	const struct kept *k = &p->kept[s->node];
	tt_held_taken is;
	tt_case was, c;

	tt_case_init(&was, p->bill->snapshot, p->settings);
	was.releases = k->v; /* the pricer's own, both: nothing to reset */
	was.n_releases = k->n;
	tt_case_init(&c, p->bill->snapshot, p->settings);
	TT_TRY(join(p, s->node, v, n, &c.n_releases, err));
	c.releases = p->both;
	TT_TRY(tt_committed_node(&p->committed, s->node, &was, &c, &is, &p->listed[i], err));
	p->tried_s[i] = is.paid_s;
	p->tried_micro[i] = is.cost_micro;
	s->freed_s = p->paid_s[s->node] - is.paid_s;
	s->saving_micro = 0;
	if (nb->price_per_hour == TT_DECIMAL_MISSING)
		s->saving_micro = s->freed_s || is.cost_micro != TT_MONEY_UNKNOWN ?
				  TT_MONEY_UNKNOWN : 0;
	else if (is.cost_micro == TT_MONEY_UNKNOWN ||
	         p->committed.cost_micro[s->node] == TT_MONEY_UNKNOWN)
		s->saving_micro = TT_MONEY_UNKNOWN;
	else
		s->saving_micro = p->committed.cost_micro[s->node] - is.cost_micro;
	return TT_OK;
}

static bool any_moves(const tt_release *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].leave == TT_MOVES)
			return true;
	return false;
}

static int add_moving(tt_pricer *p, const tt_release *v, size_t n, tt_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (!TT_GROW(p->moving, p->n_moving, p->cap_moving))
			return tt_no_memory(err);
		p->moving[p->n_moving++] = v[i];
	}
	return TT_OK;
}

/* All releases of the nodes that anything moves from (or of `all`), kept and tried, into
 * p->moving. */
static int collect_moving(tt_pricer *p, bool all, tt_err *err)
{
	const size_t nodes = p->bill->snapshot->table[TT_NODES].n;
	size_t at = 0, touched = 0;

	p->n_moving = 0;
	for (uint32_t node = 0; node < nodes; node++) {
		const struct kept *k = &p->kept[node];
		const tt_release *tried = tried_at(p, at);
		size_t n = 0, n_both;

		if (touched < p->n_touched && p->touched[touched].node == node)
			n = releases_of(p, touched++, &at);
		if (!all && !k->moves && !any_moves(tried, n))
			continue;
		TT_TRY(join(p, node, tried, n, &n_both, err));
		TT_TRY(add_moving(p, p->both, n_both, err));
	}
	return TT_OK;
}

/* What the places cost more that they move to, and what they add, with what is kept and
 * tried: what is not metered of it, and what is, as listed. */
static int price_moves(tt_pricer *p, int64_t *ret_micro, int64_t *ret_listed_micro, tt_err *err)
{
	size_t at = 0;
	tt_case c;

	for (size_t i = 0; i < p->n_touched; i++) {
		const struct kept *k = &p->kept[p->touched[i].node];
		const tt_release *v = tried_at(p, at);

		TT_TRY(tt_moves_touch(&p->moves, v, releases_of(p, i, &at), err));
		if (k->moves)
			TT_TRY(tt_moves_touch(&p->moves, k->v, k->n, err));
	}
	tt_case_init(&c, p->bill->snapshot, p->settings);
	if (p->moves.n_touched) {
		TT_TRY(collect_moving(p, false, err));
		c.releases = p->moving; /* the pricer's own: nothing to reset */
		c.n_releases = p->n_moving;
	}
	return tt_moves_try(&p->moves, &c, &p->residents, p->committed.held, ret_micro,
	                    ret_listed_micro, err);
}

/* What is saved of what is metered belongs to all nodes that are touched, by what each has
 * less or more of it. */
static int share_metered(tt_pricer *p, int64_t micro, tt_err *err)
{
	tt_u128 any = 0;
	int shift = 0;

	for (size_t i = 0; i < p->n_touched; i++) {
		if (p->touched[i].saving_micro == TT_MONEY_UNKNOWN)
			p->listed[i] = 0;
		any |= p->listed[i];
	}
	if (!any || !micro)
		return TT_OK;
	while (any >> shift >> 64) /* there are fewer than 2^32 nodes */
		shift++;
	for (size_t i = 0; i < p->n_touched; i++)
		p->listed[i] >>= shift;
	TT_TRY(tt_split(micro, p->listed, p->n_touched, p->part, err));
	for (size_t i = 0; i < p->n_touched; i++) {
		if (p->part[i])
			TT_TRY(tt_money_add(&p->touched[i].saving_micro, p->part[i],
			                    "the saving of changes", err));
	}
	return TT_OK;
}

/* What is saved of what is metered, added to what is saved of nodes. */
static int price_metered(tt_pricer *p, int64_t *known_micro, tt_err *err)
{
	int64_t micro;
	tt_case all;

	tt_case_init(&all, p->bill->snapshot, p->settings);
	if (tt_committed_deals(&p->committed)) {
		TT_TRY(collect_moving(p, true, err));
		all.releases = p->moving; /* the pricer's own: nothing to reset */
		all.n_releases = p->n_moving;
	}
	TT_TRY(tt_committed_try(&p->committed, &all, &p->moves, *known_micro, &micro, err));
	TT_TRY(tt_money_add(known_micro, micro, "the saving of changes", err));
	return share_metered(p, micro, err);
}

static int price_nodes(tt_pricer *p, tt_saving *s, tt_err *err)
{
	size_t at = 0;

	for (size_t i = 0; i < p->n_touched; i++) {
		const tt_release *v = tried_at(p, at);

		TT_TRY(price_node(p, i, v, releases_of(p, i, &at), err));
		if (p->touched[i].saving_micro == TT_MONEY_UNKNOWN)
			s->unknown = 1;
		else
			TT_TRY(tt_money_add(&s->known_micro, p->touched[i].saving_micro,
			                    "the saving of changes", err));
	}
	return TT_OK;
}

/* And what they leave it for. */
static int price_all(tt_pricer *p, tt_saving *s, tt_err *err)
{
	int64_t micro, listed, micro_of_lines;

	TT_TRY(price_nodes(p, s, err));
	TT_TRY(price_moves(p, &micro, &listed, err));
	if (micro != TT_MONEY_UNKNOWN)
		TT_TRY(tt_money_add(&s->known_micro, -micro, "the saving of changes", err));
	TT_TRY(price_metered(p, &s->known_micro, err));
	TT_TRY(tt_rescaled_try(&p->rescaled, &micro_of_lines, err));
	TT_TRY(tt_money_add(&s->known_micro, micro_of_lines, "the saving of changes", err));
	s->moved_micro = p->moves.n_touched ? micro : 0;
	if (s->moved_micro != TT_MONEY_UNKNOWN)
		return !p->moves.n_touched ? TT_OK :
			tt_money_add(&s->moved_micro, listed, "what is moved to", err);
	s->unknown = 1;
	s->known_micro = 0;
	return TT_OK;
}

int tt_pricer_try(tt_pricer *p, const tt_change *const *changes, size_t n, tt_saving *ret,
                  tt_err *err)
{
	tt_saving s = { 0 };

	TT_TRY(tt_committed_begin(&p->committed, err));
	tt_moves_begin(&p->moves);
	TT_TRY(collect(p, changes, n, err));
	TT_TRY(price_all(p, &s, err));
	s.nodes = p->touched;
	s.n = p->n_touched;
	*ret = s;
	return TT_OK;
}

int64_t tt_pricer_paid_s(const tt_pricer *p, uint32_t node)
{
	return p->paid_s[node];
}

int tt_pricer_keep(tt_pricer *p, tt_err *err)
{
	size_t at = 0, n = 0;

	for (size_t i = 0; i < p->n_touched; i++) {
		const tt_node_saving *s = &p->touched[i];
		const tt_release *v = tried_at(p, at);
		struct kept *k = &p->kept[s->node];

		TT_TRY(join(p, s->node, v, releases_of(p, i, &at), &n, err));
		k->v = tt_arena_alloc(p->arena, n * sizeof *k->v);
		if (!k->v)
			return tt_no_memory(err);
		memcpy(k->v, p->both, n * sizeof *k->v);
		k->n = n;
		k->moves = any_moves(k->v, n);
		p->paid_s[s->node] = p->tried_s[i];
		if (p->committed.cost_micro[s->node] != TT_MONEY_UNKNOWN)
			p->committed.cost_micro[s->node] = p->tried_micro[i];
	}
	TT_TRY(tt_rescaled_keep(&p->rescaled, err));
	TT_TRY(tt_moves_keep(&p->moves, tt_committed_deals(&p->committed), err));
	return tt_committed_keep(&p->committed, err);
}

/* --- What keeps a node ------------------------------------------------------------- */

static int longest_first(const void *pa, const void *pb)
{
	const tt_keeper *a = pa, *b = pb;
	int by;

	if (a->seconds != b->seconds)
		return a->seconds > b->seconds ? -1 : 1;
	by = -strcmp(a->kind, b->kind); /* pods first: they are what works */
	if (!by)
		by = strcmp(a->node, b->node);
	return by ? by : strcmp(a->id, b->id);
}

/* When a release would have something go: a pod only while it runs. */
static tt_span freeing(const tt_pricer *p, const tt_release *r)
{
	tt_span span = { r->from_s, r->to_s }, ran;
	const tt_snapshot *s = p->bill->snapshot;

	if (r->pod == TT_NO_POD)
		return span;
	if (!tt_pod_ran(s, tt_pod_at(s, r->pod), &ran))
		return (tt_span){ 0 };
	return (tt_span){ span.from_s > ran.from_s ? span.from_s : ran.from_s,
		          span.to_s < ran.to_s ? span.to_s : ran.to_s };
}

int tt_pricer_keepers(tt_pricer *p, tt_keeper **ret, size_t *ret_n, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_keeper *v = NULL;
	TT_CLEANUP(tt_spans_free) tt_spans when = { 0 };
	size_t at = 0, n_v = 0, cap = 0;
	tt_case c;

	tt_case_init(&c, p->bill->snapshot, p->settings);
	for (size_t i = 0; i < p->n_touched; i++) {
		const tt_release *tried = tried_at(p, at);
		const size_t n = releases_of(p, i, &at);
		const uint32_t node = p->touched[i].node;

		when.n = 0;
		for (size_t j = 0; j < n; j++) {
			const tt_span span = freeing(p, &tried[j]);

			TT_TRY(tt_spans_add(&when, span.from_s, span.to_s, err));
		}
		tt_spans_tidy(&when);
		TT_TRY(join(p, node, tried, n, &c.n_releases, err));
		TT_TRY(tt_keepers(&c, &p->residents, node, p->both, c.n_releases, &when, &v, &n_v,
		                  &cap, err));
	}
	if (n_v)
		qsort(v, n_v, sizeof *v, longest_first);
	*ret = v;
	*ret_n = n_v;
	v = NULL;
	return TT_OK;
}
