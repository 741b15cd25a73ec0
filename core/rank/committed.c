#include "rank/committed.h"
#include "base/memory.h"
#include <string.h>

static const char what[] = "the saving of changes";

/* --- All nodes anew ------------------------------------------------------------------ */

static int take(tt_committed *m, const tt_case *c, tt_held *h, size_t node, int sign,
                tt_held_taken *ret, tt_err *err)
{
	const tt_segments *paid;

	TT_TRY(tt_remembered_segments(m->remembered, c, node, m->bill->nodes[node].price_per_hour,
	                              &paid, err));
	return tt_held_segments(h, node, paid, sign, ret, err);
}

/* Into `h` and what is not metered into cost_micro. */
static int take_nodes(tt_committed *m, const tt_case *c, tt_held *h, int64_t *cost_micro,
                      tt_err *err)
{
	tt_held_taken taken;

	for (size_t i = 0; h && i < c->snapshot->table[TT_NODES].n; i++) {
		TT_TRY(take(m, c, h, i, 1, &taken, err));
		cost_micro[i] = taken.cost_micro;
	}
	return TT_OK;
}

int tt_committed_open(tt_committed *m, const tt_bill *b, const tt_settings *st,
                      tt_remembered *remembered, tt_err *err)
{
	const size_t n = b->snapshot->table[TT_NODES].n;
	tt_case c;

	m->bill = b;
	m->remembered = remembered;
	m->cost_micro = tt_zalloc(n + 1, sizeof *m->cost_micro);
	m->anew_cost_micro = tt_zalloc(n + 1, sizeof *m->anew_cost_micro);
	if (!m->cost_micro || !m->anew_cost_micro)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++)
		m->cost_micro[i] = b->nodes[i].cost_micro;
	tt_case_init(&c, b->snapshot, st);
	TT_TRY(tt_held_make(&c, &m->held, err));
	TT_TRY(take_nodes(m, &c, m->held, m->cost_micro, err));
	return tt_held_total(m->held, &m->held_micro, err);
}

void tt_committed_free(tt_committed *m)
{
	tt_held_free(m->held);
	tt_held_free(m->anew);
	tt_free(m->cost_micro);
	tt_free(m->anew_cost_micro);
	tt_free(m->kept.v);
	tt_free(m->both.v);
	*m = (tt_committed){ 0 };
}

/* --- Trying ---------------------------------------------------------------------------- */

static void forget(tt_committed *m)
{
	if (m->pending && m->held)
		tt_held_undo(m->held);
	m->pending = false;
	tt_held_freep(&m->anew);
}

int tt_committed_begin(tt_committed *m, tt_err *err)
{
	forget(m);
	m->both.n = 0;
	TT_TRY(tt_committed_deal(m, m->kept.v, m->kept.n, err));
	if (m->held)
		tt_held_begin(m->held);
	m->pending = true;
	return TT_OK;
}

int tt_committed_deal(tt_committed *m, const tt_deal *v, size_t n, tt_err *err)
{
	tt_deal_list *to = &m->both;

	for (size_t i = 0; i < n; i++) {
		size_t at = 0;

		while (at < to->n && tt_deal_compare(&to->v[at], &v[i]) < 0)
			at++;
		if (at < to->n && tt_deal_compare(&to->v[at], &v[i]) == 0)
			continue;
		if (!TT_GROW(to->v, to->n, to->cap))
			return tt_no_memory(err);
		memmove(to->v + at + 1, to->v + at, (to->n - at) * sizeof *to->v);
		to->v[at] = v[i];
		to->n++;
	}
	return TT_OK;
}

bool tt_committed_deals(const tt_committed *m)
{
	return m->both.n != m->kept.n;
}

int tt_committed_node(tt_committed *m, uint32_t node, const tt_case *from, const tt_case *to,
                      tt_held_taken *ret, tt_u128 *ret_listed, tt_err *err)
{
	tt_held_taken was = { 0 };

	if (m->held)
		TT_TRY(take(m, from, m->held, node, -1, &was, err));
	TT_TRY(take(m, to, m->held, node, 1, ret, err));
	*ret_listed = (tt_u128)(was.list < ret->list ? ret->list - was.list : was.list - ret->list);
	return TT_OK;
}

/* Other deals may cover any node. */
static int try_deals(tt_committed *m, tt_case *all, tt_moves *moves, int64_t *ret_micro,
                     tt_err *err)
{
	int64_t more;

	all->deals = m->both.v; /* lent, as all of the case is */
	all->n_deals = m->both.n;
	TT_TRY(tt_held_make(all, &m->anew, err));
	TT_TRY(take_nodes(m, all, m->anew, m->anew_cost_micro, err));
	TT_TRY(tt_moves_anew(moves, m->anew, &more, err));
	TT_TRY(tt_held_total(m->anew, &m->anew_micro, err));
	*ret_micro = m->held_micro - m->anew_micro;
	TT_TRY(tt_money_add(ret_micro, -more, what, err));
	for (size_t i = 0; i < all->snapshot->table[TT_NODES].n; i++) {
		const int64_t was = m->cost_micro[i], is = m->anew_cost_micro[i];

		if (was != TT_MONEY_UNKNOWN && is != TT_MONEY_UNKNOWN)
			TT_TRY(tt_money_add(ret_micro, was - is, what, err));
	}
	return TT_OK;
}

int tt_committed_try(tt_committed *m, tt_case *all, tt_moves *moves, int64_t known_micro,
                     int64_t *ret_micro, tt_err *err)
{
	*ret_micro = 0;
	if (tt_committed_deals(m)) {
		TT_TRY(try_deals(m, all, moves, ret_micro, err));
		return tt_money_add(ret_micro, -known_micro, what, err);
	}
	if (!m->held)
		return TT_OK;
	TT_TRY(tt_held_total(m->held, &m->anew_micro, err));
	*ret_micro = m->held_micro - m->anew_micro;
	return TT_OK;
}

int tt_committed_keep(tt_committed *m, tt_err *err)
{
	if (!m->held && !tt_committed_deals(m))
		return TT_OK;
	m->held_micro = m->anew_micro;
	if (!tt_committed_deals(m)) {
		tt_held_keep(m->held);
		m->pending = false;
		return TT_OK;
	}
	tt_held_free(m->held);
	m->held = m->anew;
	m->anew = NULL;
	m->pending = false;
	for (size_t i = 0; i < m->bill->snapshot->table[TT_NODES].n; i++)
		m->cost_micro[i] = m->anew_cost_micro[i];
	while (m->kept.cap < m->both.n) {
		if (!TT_GROW(m->kept.v, m->kept.cap, m->kept.cap))
			return tt_no_memory(err);
	}
	memcpy(m->kept.v, m->both.v, m->both.n * sizeof *m->kept.v);
	m->kept.n = m->both.n;
	return TT_OK;
}
