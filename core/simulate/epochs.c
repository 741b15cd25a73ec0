#include "simulate/epochs.h"
#include "base/memory.h"
#include <stdlib.h>

enum { HOUR_S = 3600 };

struct edges {
	int64_t *v;
	size_t n;
	int64_t from_s, until_s, step_s;
};

/* Counts from the next whole step, as pieces of the horizon are of whole hours. */
static void add_edge(struct edges *e, int64_t at_s)
{
	int64_t at;

	if (at_s == TT_TIME_MISSING || at_s <= e->from_s || at_s >= e->until_s)
		return;
	at = e->from_s + (at_s - e->from_s + e->step_s - 1) / e->step_s * e->step_s;
	if (at < e->until_s)
		e->v[e->n++] = at;
}

static bool is_given_up(const tt_case *const *cases, size_t n, size_t row)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < cases[i]->n_deals; k++) {
			const tt_deal *d = &cases[i]->deals[k];

			if (d->kind != TT_DEAL_BUY && d->row == row)
				return true;
		}
	}
	return false;
}

static int ascending(const void *pa, const void *pb)
{
	const int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;

	return (a > b) - (a < b);
}

static void collect(const tt_snapshot *s, bool renew, const tt_case *const *cases, size_t n,
		    struct edges *e)
{
	size_t kept = 0;

	e->n = 0;
	for (size_t i = 0; i < s->table[TT_COMMITMENTS].n; i++) {
		const tt_commitment_row *r =
			TT_ROW(&s->table[TT_COMMITMENTS], tt_commitment_row, i);

		if (tt_held_unmetered(s, i))
			continue;
		add_edge(e, r->starts_at);
		if (!renew || tt_held_is_block(r) || is_given_up(cases, n, i))
			add_edge(e, r->ends_at);
	}
	for (size_t i = 0; i < n && !renew; i++) {
		for (size_t k = 0; k < cases[i]->n_deals; k++) {
			if (cases[i]->deals[k].kind == TT_DEAL_BUY)
				add_edge(e, cases[i]->deals[k].to_s);
		}
	}
	e->v[e->n++] = e->from_s;
	qsort(e->v, e->n, sizeof *e->v, ascending);
	for (size_t i = 0; i < e->n; i++) {
		if (!kept || e->v[kept - 1] != e->v[i])
			e->v[kept++] = e->v[i];
	}
	e->n = kept;
}

int tt_epochs_find(const tt_snapshot *s, int64_t from_s, int64_t until_s, bool renew,
		   const tt_case *const *cases, size_t n, tt_arena *arena, tt_epochs *ret,
		   tt_err *err)
{
	struct edges e = { .from_s = from_s, .until_s = until_s, .step_s = HOUR_S };
	size_t most = 2 * s->table[TT_COMMITMENTS].n + 1;

	for (size_t i = 0; i < n; i++)
		most += cases[i]->n_deals;
	e.v = tt_arena_alloc(arena, most * sizeof *e.v);
	if (!e.v)
		return tt_no_memory(err);
	collect(s, renew, cases, n, &e);
	if (e.n > TT_EPOCHS_MOST) {
		e.step_s = ((until_s - from_s) / TT_EPOCHS_MOST / HOUR_S + 1) * HOUR_S;
		collect(s, renew, cases, n, &e);
	}
	*ret = (tt_epochs){ .starts = e.v, .n = e.n, .until_s = until_s, .renew = renew };
	return TT_OK;
}

tt_held_ahead tt_epochs_ahead(const tt_epochs *e, size_t i)
{
	return (tt_held_ahead){ .from_s = e->starts[0], .until_s = e->until_s,
				.at_s = e->starts[i], .renew = e->renew };
}

bool tt_epochs_has(const tt_epochs *e, size_t i, int64_t at_s)
{
	return at_s >= e->starts[i] && (i + 1 == e->n || at_s < e->starts[i + 1]);
}
