#include "rank/moves.h"
#include "base/memory.h"
#include "bill/added.h"
#include <stdlib.h>
#include <string.h>

static const char what[] = "what is moved to and added";

static void clear(tt_moves_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		tt_segments_free(&l->v[i].segments);
	l->n = 0;
}

void tt_moves_free(tt_moves *m)
{
	clear(&m->kept);
	clear(&m->tried);
	tt_free(m->kept.v);
	tt_free(m->tried.v);
	tt_free(m->touched);
	*m = (tt_moves){ 0 };
}

/* Where that belongs; `there`: it is there. */
static size_t place_of(const tt_moves_list *l, const tt_terms *t, uint64_t address, bool *there)
{
	size_t i = 0;
	int by = -1;

	for (; i < l->n; i++) {
		by = tt_terms_compare(l->v[i].terms, t);
		if (!by)
			by = (l->v[i].address > address) - (l->v[i].address < address);
		if (by >= 0)
			break;
	}
	*there = i < l->n && by == 0;
	return i;
}

/* The item of that, made where there is none. */
static tt_moves_cost *item_of(tt_moves_list *l, const tt_terms *t, uint64_t address)
{
	bool there;
	const size_t at = place_of(l, t, address, &there);

	if (there)
		return &l->v[at];
	if (!TT_GROW(l->v, l->n, l->cap))
		return NULL;
	memmove(l->v + at + 1, l->v + at, (l->n - at) * sizeof *l->v);
	l->v[at] = (tt_moves_cost){ .terms = t, .address = address };
	l->n++;
	return &l->v[at];
}

/* --- What is touched ----------------------------------------------------------------- */

void tt_moves_begin(tt_moves *m)
{
	clear(&m->tried);
	m->n_touched = 0;
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

int tt_moves_add(tt_moves *m, const tt_added *v, size_t n, tt_err *err)
{
	tt_moves_cost *to = NULL;

	for (size_t i = 0; i < n; i++) {
		tt_segment one;

		if (!i || v[i].address != v[i - 1].address) {
			to = item_of(&m->tried, NULL, v[i].address);
			if (!to)
				return tt_no_memory(err);
			to->segments.n = 0; /* the same change again is the same */
		}
		TT_TRY(tt_added_segment(&v[i], &one, err));
		TT_TRY(tt_segments_add(&to->segments, &one, err));
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

/* What the touched terms need now, into what is tried; nothing where nobody moves there. */
static int place_touched(tt_moves *m, const tt_case *c, const tt_residents *r, tt_err *err)
{
	TT_CLEANUP(tt_moved_free) tt_moved_list moved = { 0 };

	if (!m->n_touched)
		return TT_OK;
	tidy_touched(m);
	TT_TRY(tt_moved_make(c, r, m->touched, m->n_touched, &moved, err));
	for (size_t i = 0, k = 0; i < m->n_touched; i++) {
		tt_moves_cost *to = item_of(&m->tried, m->touched[i], 0);

		if (!to)
			return tt_no_memory(err);
		if (k == moved.n || tt_terms_compare(moved.v[k].terms, to->terms) != 0)
			continue;
		to->segments = moved.v[k].segments;
		moved.v[k++].segments = (tt_segments){ 0 };
	}
	return TT_OK;
}

/* --- What it costs ------------------------------------------------------------------- */

static int add_difference(int64_t *micro, int64_t is, int64_t was, tt_err *err)
{
	if (*micro == TT_MONEY_UNKNOWN || is == TT_MONEY_UNKNOWN || was == TT_MONEY_UNKNOWN) {
		*micro = TT_MONEY_UNKNOWN;
		return TT_OK;
	}
	TT_TRY(tt_money_add(micro, is, what, err));
	return tt_money_add(micro, -was, what, err);
}

int tt_moves_try(tt_moves *m, const tt_case *c, const tt_residents *r, tt_held *held,
                 int64_t *ret_micro, int64_t *ret_listed_micro, tt_err *err)
{
	*ret_micro = *ret_listed_micro = 0;
	TT_TRY(place_touched(m, c, r, err));
	for (size_t i = 0; i < m->tried.n; i++) {
		tt_moves_cost *is = &m->tried.v[i];
		tt_moves_cost none = { 0 }, *was = &none;
		bool there;
		const size_t at = place_of(&m->kept, is->terms, is->address, &there);
		int64_t micro, listed;

		if (there) {
			was = &m->kept.v[at];
			TT_TRY(tt_held_capacity_cost(held, &was->segments, -1, &micro, &listed,
			                             err));
		}
		TT_TRY(tt_held_capacity_cost(held, &is->segments, 1, &is->micro,
		                             &is->listed_micro, err));
		TT_TRY(add_difference(ret_micro, is->micro, was->micro, err));
		TT_TRY(add_difference(ret_listed_micro, is->listed_micro, was->listed_micro, err));
	}
	return TT_OK;
}

static int price_anew(tt_moves_cost *of, tt_held *held, int64_t *total, tt_err *err)
{
	int64_t listed;

	TT_TRY(tt_held_capacity_cost(held, &of->segments, 1, &of->anew_micro, &listed, err));
	return of->anew_micro == TT_MONEY_UNKNOWN ? TT_OK :
	       tt_money_add(total, of->anew_micro, what, err);
}

int tt_moves_anew(tt_moves *m, tt_held *held, int64_t *ret_micro, tt_err *err)
{
	bool there;

	*ret_micro = 0;
	for (size_t i = 0; i < m->kept.n; i++) {
		tt_moves_cost *k = &m->kept.v[i];

		if (k->micro != TT_MONEY_UNKNOWN)
			TT_TRY(tt_money_add(ret_micro, -k->micro, what, err));
		place_of(&m->tried, k->terms, k->address, &there);
		if (!there)
			TT_TRY(price_anew(k, held, ret_micro, err));
	}
	for (size_t i = 0; i < m->tried.n; i++)
		TT_TRY(price_anew(&m->tried.v[i], held, ret_micro, err));
	return TT_OK;
}

int tt_moves_keep(tt_moves *m, bool anew, tt_err *err)
{
	for (size_t i = 0; anew && i < m->kept.n; i++)
		m->kept.v[i].micro = m->kept.v[i].anew_micro;
	for (size_t i = 0; i < m->tried.n; i++) {
		tt_moves_cost *from = &m->tried.v[i];
		tt_moves_cost *to = item_of(&m->kept, from->terms, from->address);

		if (!to)
			return tt_no_memory(err);
		tt_segments_free(&to->segments);
		*to = *from;
		if (anew)
			to->micro = from->anew_micro;
		from->segments = (tt_segments){ 0 };
	}
	m->tried.n = 0;
	return TT_OK;
}
