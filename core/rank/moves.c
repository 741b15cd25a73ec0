#include "rank/moves.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

void tt_moves_free(tt_moves *m)
{
	tt_free(m->kept);
	tt_free(m->tried);
	tt_free(m->touched);
	*m = (tt_moves){ 0 };
}

void tt_moves_begin(tt_moves *m)
{
	m->n_tried = m->n_touched = 0;
}

int tt_moves_touch(tt_moves *m, const tt_release *v, size_t n, tt_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].leave != TT_MOVES ||
		    (m->n_touched && m->touched[m->n_touched - 1] == v[i].terms))
			continue;
		if (!TT_GROW(m->touched, m->n_touched, m->cap_touched))
			return tt_no_memory(err);
		m->touched[m->n_touched++] = v[i].terms;
	}
	return TT_OK;
}

static int by_terms(const void *pa, const void *pb)
{
	const tt_terms *const *a = pa, *const *b = pb;

	return tt_terms_compare(*a, *b);
}

static void tidy_touched(tt_moves *m)
{
	size_t kept = 0;

	qsort(m->touched, m->n_touched, sizeof *m->touched, by_terms);
	for (size_t i = 0; i < m->n_touched; i++)
		if (!kept || tt_terms_compare(m->touched[kept - 1], m->touched[i]) != 0)
			m->touched[kept++] = m->touched[i];
	m->n_touched = kept;
}

/* Where `t` is or belongs among the kept. */
static size_t place_of(const tt_moves *m, const tt_terms *t, bool *ret_there)
{
	size_t i = 0;
	int by = -1;

	while (i < m->n_kept && (by = tt_terms_compare(m->kept[i].terms, t)) < 0)
		i++;
	*ret_there = i < m->n_kept && by == 0;
	return i;
}

/* By how much it is more than what is kept for the same terms. */
static int add_difference(const tt_moves *m, const tt_moves_cost *c, int64_t *micro,
                          tt_err *err)
{
	bool there;
	const size_t at = place_of(m, c->terms, &there);
	const int64_t was = there ? m->kept[at].micro : 0;

	if (c->micro == TT_MONEY_UNKNOWN || was == TT_MONEY_UNKNOWN) {
		*micro = TT_MONEY_UNKNOWN;
		return TT_OK;
	}
	TT_TRY(tt_money_add(micro, c->micro, "what is moved to", err));
	return tt_money_add(micro, -was, "what is moved to", err);
}

int tt_moves_try(tt_moves *m, const tt_case *c, const tt_residents *r, int64_t *ret_micro,
                 tt_err *err)
{
	TT_CLEANUP(tt_moved_free) tt_moved_list moved = { 0 };

	*ret_micro = 0;
	if (!m->n_touched)
		return TT_OK;
	tidy_touched(m);
	TT_TRY(tt_moved_make(c, r, m->touched, m->n_touched, &moved, err));
	for (size_t i = 0, k = 0; i < m->n_touched; i++) {
		tt_moves_cost one = { .terms = m->touched[i] };

		if (k < moved.n && tt_terms_compare(moved.v[k].terms, one.terms) == 0)
			one.micro = moved.v[k++].cost_micro;
		if (!TT_GROW(m->tried, m->n_tried, m->cap_tried))
			return tt_no_memory(err);
		m->tried[m->n_tried++] = one;
		if (*ret_micro != TT_MONEY_UNKNOWN)
			TT_TRY(add_difference(m, &one, ret_micro, err));
	}
	return TT_OK;
}

int tt_moves_keep(tt_moves *m, tt_err *err)
{
	for (size_t i = 0; i < m->n_tried; i++) {
		bool there;
		const size_t at = place_of(m, m->tried[i].terms, &there);

		if (!there) {
			if (!TT_GROW(m->kept, m->n_kept, m->cap_kept))
				return tt_no_memory(err);
			memmove(m->kept + at + 1, m->kept + at,
			        (m->n_kept - at) * sizeof *m->kept);
			m->n_kept++;
		}
		m->kept[at] = m->tried[i];
	}
	return TT_OK;
}
