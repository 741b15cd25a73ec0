#include "commit/portfolio.h"
#include "base/text.h"
#include <math.h>
#include <string.h>

enum { HOUR_S = 3600 };

/* Cards or instances of the pool that a unit of the commitment is good for; 0: none. */
static double good_for(const tt_snapshot *s, const tt_commitment_row *c, const tt_eligible_pool *p)
{
	for (size_t i = 0; i < p->n_likes; i++) {
		const tt_node_row *like = &p->likes[i];

		if (!tt_price_covers(s, c, like))
			continue;

		const tt_price_row *row = tt_price_listed(s, like);
		const double gpus = row && row->gpus > 0 ? row->gpus : like->gpus;

		if (p->cards == !*c->instance_type)
			return 1;
		return !(gpus > 0) ? 0 : p->cards ? gpus : 1 / gpus;
	}
	return 0;
}

/* Parts of a unit of the commitment that are in force in an hour, by the time of its term. */
static double in_force(const tt_commitment_row *c, int64_t from_s)
{
	int64_t from = from_s, to = from_s + HOUR_S;

	if (c->starts_at != TT_TIME_MISSING && c->starts_at > from)
		from = c->starts_at;
	if (c->ends_at != TT_TIME_MISSING && c->ends_at < to)
		to = c->ends_at;
	return to > from ? (double)(to - from) / HOUR_S : 0;
}

static void cover(const tt_eligible *e, const tt_commitment_row *c, const double *good,
                  int64_t **covered)
{
	for (size_t h = 0; h < e->hours; h++) {
		double units = c->units * in_force(c, e->start_s + (int64_t)h * HOUR_S);

		for (size_t i = 0; i < e->n && units > 0; i++) {
			const int64_t open = e->v[i].used[h] - covered[i][h];
			const double most = units * good[i] * (double)TT_ELIGIBLE_ONE;
			const int64_t taken = most < (double)open ? llround(most) : open;

			if (!(good[i] > 0) || open <= 0)
				continue;
			covered[i][h] += taken;
			units -= (double)taken / (double)TT_ELIGIBLE_ONE / good[i];
		}
	}
}

static int note(tt_portfolio *p, tt_arena *arena, const tt_commitment_row *c, const char *why,
                tt_err *err)
{
	tt_buf text = { 0 };

	tt_buf_printf(&text, "commitment %s is not taken off the usage: %s", c->commitment, why);
	p->notes[p->n_notes] = tt_arena_text(arena, tt_buf_text(&text), text.n);
	tt_buf_free(&text);
	return p->notes[p->n_notes++] ? TT_OK : tt_no_memory(err);
}

static int take(const tt_snapshot *s, const tt_eligible *e, const tt_commitment_row *c,
                tt_arena *arena, tt_portfolio *p, tt_err *err)
{
	double *good = tt_arena_alloc(arena, (e->n + 1) * sizeof *good);
	bool any = false;

	if (!good)
		return tt_no_memory(err);
	if (!(c->units > 0))
		return note(p, arena, c, "it is of money, not of units", err);
	for (size_t i = 0; i < e->n; i++) {
		good[i] = good_for(s, c, &e->v[i]);
		any = any || good[i] > 0;
	}
	if (!any)
		return note(p, arena, c, "no pool is what it is for", err);
	cover(e, c, good, p->covered);
	return TT_OK;
}

int tt_portfolio_cover(const tt_snapshot *s, const tt_eligible *e, tt_arena *arena,
                       tt_portfolio *ret, tt_err *err)
{
	const size_t n = s->table[TT_COMMITMENTS].n;
	tt_portfolio p = { .covered = tt_arena_alloc(arena, (e->n + 1) * sizeof *p.covered),
		.notes = tt_arena_alloc(arena, (n + 1) * sizeof *p.notes) };

	if (!p.covered || !p.notes)
		return tt_no_memory(err);
	for (size_t i = 0; i < e->n; i++) {
		p.covered[i] = tt_arena_alloc(arena, e->hours * sizeof **p.covered);
		if (!p.covered[i])
			return tt_no_memory(err);
	}
	for (size_t i = 0; i < n; i++) {
		const tt_commitment_row *c =
			TT_ROW(&s->table[TT_COMMITMENTS], tt_commitment_row, i);

		TT_TRY(take(s, e, c, arena, &p, err));
	}
	*ret = p;
	return TT_OK;
}

int tt_portfolio_lots(const tt_snapshot *s, const tt_eligible *e, const tt_eligible_pool *pool,
                      tt_arena *arena, tt_lot **ret, size_t *ret_n, tt_err *err)
{
	tt_lot *v = tt_arena_alloc(arena, (s->table[TT_COMMITMENTS].n + 1) * sizeof *v);
	size_t n = 0;

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < s->table[TT_COMMITMENTS].n; i++) {
		const tt_commitment_row *row =
			TT_ROW(&s->table[TT_COMMITMENTS], tt_commitment_row, i);
		tt_commitment_row c = *row;
		const tt_eligible_pool *first = e->v;
		double good = 0;

		if (!(c.units > 0) || (c.ends_at != TT_TIME_MISSING && c.ends_at <= s->end_s))
			continue;
		v[n] = (tt_lot){ c.commitment, row, c.starts_at, c.ends_at, 0 };
		c.starts_at = TT_TIME_MISSING; /* also what begins after the window */
		while (first < e->v + e->n && !((good = good_for(s, &c, first)) > 0))
			first++;
		if (first == pool) /* what is no pool's has none: the loop ends behind the last */
			v[n++].units_u9 = llround(c.units * good * (double)TT_ELIGIBLE_ONE);
	}
	*ret = v;
	*ret_n = n;
	return TT_OK;
}
