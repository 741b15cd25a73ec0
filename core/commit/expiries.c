#include "commit/expiries.h"
#include "bill/residents.h"
#include <stdlib.h>
#include <string.h>

#define MONTH_S INT64_C(2628000) /* 730 hours */

typedef struct maker {
	const tt_snapshot *s;
	const tt_settings *st;
	tt_residents residents;
	int64_t until_s;            /* behind all dates */
	tt_arena *arena;
	tt_expiries *to;
} maker;

typedef struct state { int64_t held_micro, all_micro; } state; /* of a month */

static const tt_commitment_row *row_at(const maker *m, size_t i)
{
	return TT_ROW(&m->s->table[TT_COMMITMENTS], tt_commitment_row, i);
}

static int64_t month_of(const maker *m, int64_t micro)
{
	return (int64_t)tt_div_half_even((tt_i128)micro * MONTH_S, m->s->end_s - m->s->start_s);
}

/* What a month costs with what is held at `at_s`. */
static int look_at(const maker *m, int64_t at_s, state *ret, tt_err *err)
{
	const tt_held_ahead ahead = { m->s->end_s, m->until_s, at_s, false };
	TT_CLEANUP(tt_held_freep) tt_held *h = NULL;
	int64_t total;

	*ret = (state){ 0 };
	TT_TRY(tt_held_baseline_ahead(m->s, m->st, &m->residents, &ahead, &h, err));
	if (!h)
		return TT_OK;
	TT_TRY(tt_held_total(h, &total, err));
	*ret = (state){ month_of(m, tt_held_fixed_micro(h)), month_of(m, total) };
	return TT_OK;
}

/* --- Dates ------------------------------------------------------------------------------- */

static bool ends_ahead(const maker *m, size_t i)
{
	return row_at(m, i)->ends_at != TT_TIME_MISSING && row_at(m, i)->ends_at > m->s->end_s &&
	       !tt_held_unmetered(m->s, i);
}

static int by_end(const void *pa, const void *pb)
{
	const tt_commitment_row *a = *(const tt_commitment_row *const *)pa;
	const tt_commitment_row *b = *(const tt_commitment_row *const *)pb;

	if (a->ends_at != b->ends_at)
		return a->ends_at < b->ends_at ? -1 : 1;
	return strcmp(a->commitment, b->commitment);
}

static int list_dates(maker *m, tt_err *err)
{
	const size_t n = m->s->table[TT_COMMITMENTS].n;
	const tt_commitment_row **rows = tt_arena_alloc(m->arena, (n + 1) * sizeof *rows);
	tt_expiries *to = m->to;
	size_t ends = 0;

	to->v = tt_arena_alloc(m->arena, (n + 1) * sizeof *to->v);
	if (!rows || !to->v)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		to->n_open += row_at(m, i)->ends_at == TT_TIME_MISSING &&
			!tt_held_unmetered(m->s, i);
		if (ends_ahead(m, i))
			rows[ends++] = row_at(m, i);
	}
	if (ends)
		qsort(rows, ends, sizeof *rows, by_end);
	for (size_t i = 0; i < ends; i++) {
		if (!to->n || to->v[to->n - 1].at_s != rows[i]->ends_at)
			to->v[to->n++] = (tt_expiry){ .at_s = rows[i]->ends_at, .rows = &rows[i] };
		to->v[to->n - 1].n++;
	}
	m->until_s = (ends ? rows[ends - 1]->ends_at : m->s->end_s) + 1;
	return TT_OK;
}

static int make(maker *m, tt_err *err)
{
	state now, before, after;

	TT_TRY(list_dates(m, err));
	TT_TRY(look_at(m, m->s->end_s, &now, err));
	after = now;
	for (size_t i = 0; i < m->to->n; i++) {
		tt_expiry *e = &m->to->v[i];

		TT_TRY(look_at(m, e->at_s - 1, &before, err));
		TT_TRY(look_at(m, e->at_s, &after, err));
		e->ends_micro = before.held_micro - after.held_micro;
		e->more_micro = after.all_micro - before.all_micro;
		e->on_demand_micro = e->more_micro + e->ends_micro;
	}
	m->to->month_micro = now.all_micro;
	m->to->after_micro = after.all_micro;
	return TT_OK;
}

int tt_expiries_make(const tt_bill *b, const tt_settings *st, tt_arena *arena, tt_expiries *ret,
                     tt_err *err)
{
	maker m = { .s = b->snapshot, .st = st, .residents = tt_residents_of(b->snapshot),
		.arena = arena, .to = ret };

	*ret = (tt_expiries){ 0 };
	return make(&m, err);
}
