#include "commit/portfolio.h"
#include "base/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_S = 3600 };

/* Cards or instances of the pool that a unit of the commitment is good for where it is like
 * that; 0: none. */
static double good_for(const tt_snapshot *s, const tt_commitment_row *c, const tt_eligible_pool *p,
                       const tt_node_row *like)
{
	if (!tt_price_covers(s, c, like))
		return 0;

	const tt_price_row *row = tt_price_listed(s, like);
	const double gpus = row && row->gpus > 0 ? row->gpus : like->gpus;

	if (p->cards == !*c->instance_type)
		return 1;
	return !(gpus > 0) ? 0 : p->cards ? gpus : 1 / gpus;
}

/* What a commitment is good for: one kind of a pool. */
typedef struct fit {
	size_t pool, like;          /* like: of all pools, one after the other */
	double good, share;         /* share: of the pool that is like that */
	bool whole;                 /* the commitment is good for all of the pool */
} fit;

typedef struct fits {
	fit *v;                     /* [n] by pool */
	size_t n, n_pools;
} fits;

static size_t n_likes(const tt_eligible *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n; i++)
		n += e->v[i].n_likes;
	return n;
}

/* Into to->v, which has room for all likes. */
static void find_fits(const tt_snapshot *s, const tt_eligible *e, const tt_commitment_row *c,
                      fits *to)
{
	size_t base = 0;

	to->n = to->n_pools = 0;
	for (size_t i = 0; i < e->n; base += e->v[i++].n_likes) {
		const tt_eligible_pool *p = &e->v[i];
		const size_t first = to->n;

		for (size_t k = 0; k < p->n_likes; k++) {
			const double good = good_for(s, c, p, &p->likes[k]);
			const double share = tt_eligible_share(p, k);

			if (good > 0)
				to->v[to->n++] = (fit){ i, base + k, good,
					share >= 0 ? share : 0, false };
		}
		to->n_pools += to->n > first;
		for (size_t k = first; k < to->n; k++)
			to->v[k].whole = to->n - first == p->n_likes;
	}
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

/* What is covered, of pools and of each of their likes; the same where there is but one. */
typedef struct coverage {
	int64_t **pools, **likes;   /* [][hours]; NULL: none yet */
} coverage;

static void cover(const tt_eligible *e, const tt_commitment_row *c, const fits *f, coverage *to)
{
	for (size_t h = 0; h < e->hours; h++) {
		double units = c->units * in_force(c, e->start_s + (int64_t)h * HOUR_S);

		for (size_t i = 0; i < f->n && units > 0; i++) {
			const fit *x = &f->v[i];
			const int64_t used = e->v[x->pool].used[h];
			int64_t *pool = &to->pools[x->pool][h], *like = &to->likes[x->like][h];
			const int64_t own = x->share < 1 ? llround((double)used * x->share) - *like
			                                 : used - *like;
			const int64_t open = own < used - *pool ? own : used - *pool;
			const double most = units * x->good * (double)TT_ELIGIBLE_ONE;
			const int64_t taken = most < (double)open ? llround(most) : open;

			if (open <= 0)
				continue;
			*pool += taken;
			*like += like == pool ? 0 : taken;
			units -= (double)taken / (double)TT_ELIGIBLE_ONE / x->good;
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
                tt_arena *arena, fits *f, coverage *to, tt_portfolio *p, tt_err *err)
{
	if (!(c->units > 0))
		return note(p, arena, c, "it is of money, not of units", err);
	find_fits(s, e, c, f);
	if (!f->n)
		return note(p, arena, c, "no pool is what it is for", err);
	for (size_t i = 0; i < f->n; i++) {
		int64_t **like = &to->likes[f->v[i].like];

		if (!*like)
			*like = e->v[f->v[i].pool].n_likes == 1 ? to->pools[f->v[i].pool]
				: tt_arena_alloc(arena, e->hours * sizeof **like);
		if (!*like)
			return tt_no_memory(err);
	}
	cover(e, c, f, to);
	return TT_OK;
}

int tt_portfolio_cover(const tt_snapshot *s, const tt_eligible *e, tt_arena *arena,
                       tt_portfolio *ret, tt_err *err)
{
	const size_t n = s->table[TT_COMMITMENTS].n, likes = n_likes(e);
	tt_portfolio p = { .covered = tt_arena_alloc(arena, (e->n + 1) * sizeof *p.covered),
		.notes = tt_arena_alloc(arena, (n + 1) * sizeof *p.notes) };
	coverage to = { p.covered, tt_arena_alloc(arena, (likes + 1) * sizeof *to.likes) };
	fits f = { .v = tt_arena_alloc(arena, (likes + 1) * sizeof *f.v) };

	if (!p.covered || !p.notes || !to.likes || !f.v)
		return tt_no_memory(err);
	for (size_t i = 0; i < e->n; i++) {
		p.covered[i] = tt_arena_alloc(arena, e->hours * sizeof **p.covered);
		if (!p.covered[i])
			return tt_no_memory(err);
	}
	for (size_t i = 0; i < n; i++) {
		const tt_commitment_row *c =
			TT_ROW(&s->table[TT_COMMITMENTS], tt_commitment_row, i);

		TT_TRY(take(s, e, c, arena, &f, &to, &p, err));
	}
	*ret = p;
	return TT_OK;
}

/* --- Ahead --------------------------------------------------------------------------------- */

/* A part of a commitment that a pool has for one of its likes. */
typedef struct part {
	const tt_commitment_row *row;
	size_t pool, like;
	double units;               /* of the pool, in 10^-9 */
} part;

typedef struct sharing {
	const tt_snapshot *s;
	const tt_eligible *e;
	tt_arena *arena;
	double *recent;             /* [pools] */
	double *taken;              /* [likes] of what begins next, when it begins */
	part *v;                    /* [n] */
	size_t n, cap;
	fits f;
	const char **notes;
	size_t *n_notes;
} sharing;

static int64_t begins(const tt_commitment_row *c, const tt_snapshot *s)
{
	return c->starts_at != TT_TIME_MISSING && c->starts_at > s->end_s ? c->starts_at
	                                                                  : s->end_s;
}

static int give(sharing *x, const tt_commitment_row *c, const fit *f, double units, tt_err *err)
{
	if (!TT_GROW(x->v, x->n, x->cap))
		return tt_no_memory(err);
	x->v[x->n++] = (part){ c, f->pool, f->like, units };
	return TT_OK;
}

/* What is said where it isn't plain which pool has it. */
static int tell(sharing *x, const tt_commitment_row *c, double left, tt_err *err)
{
	const bool many = x->f.n_pools > 1, idle = left > 1e-6 * c->units;
	tt_buf text = { 0 };

	if (!many && !idle)
		return TT_OK;
	tt_buf_printf(&text, "commitment %s", c->commitment);
	if (many)
		tt_buf_printf(&text, " is good for %zu pools: each has what it used in the last "
		              "four weeks, in the order of their names", x->f.n_pools);
	if (idle)
		tt_buf_printf(&text, "%s %.6g of its %.6g units are held against nothing: more "
		              "than was used of what it is for, in pools that have other "
		              "things too", many ? ";" : ":", left, c->units);
	x->notes[*x->n_notes] = tt_arena_text(x->arena, tt_buf_text(&text), text.n);
	tt_buf_free(&text);
	return x->notes[(*x->n_notes)++] ? TT_OK : tt_no_memory(err);
}

/* To each what it used of late and has not covered; the rest to the first that is all of what the
 * commitment is for. */
static int hand_out(sharing *x, const tt_commitment_row *row, tt_err *err)
{
	const int64_t at_s = begins(row, x->s);
	const double one = (double)TT_ELIGIBLE_ONE;
	const fit *rest = NULL;
	tt_commitment_row c = *row;
	double left = c.units;

	c.starts_at = TT_TIME_MISSING; /* also what begins after the window */
	find_fits(x->s, x->e, &c, &x->f);
	for (size_t i = 0; i < x->f.n; i++)
		x->taken[x->f.v[i].like] = 0;
	for (size_t i = 0; i < x->n; i++) /* begun before: by order */
		if (x->v[i].row->ends_at == TT_TIME_MISSING || x->v[i].row->ends_at > at_s)
			x->taken[x->v[i].like] += x->v[i].units;
	for (size_t i = 0; i < x->f.n && left > 0; i++) {
		const fit *f = &x->f.v[i];
		const double open = x->recent[f->pool] * f->share - x->taken[f->like];
		const double most = left * f->good * one, units = most < open ? most : open;

		rest = !rest && f->whole ? f : rest;
		if (!(units > 0))
			continue;
		TT_TRY(give(x, row, f, units, err));
		left -= units < most ? units / f->good / one : left;
	}
	if (rest && left > 0) {
		TT_TRY(give(x, row, rest, left * rest->good * one, err));
		left = 0;
	}
	return x->f.n ? tell(x, row, left, err) : TT_OK;
}

static int by_begin(const void *a, const void *b)
{
	const tt_commitment_row *x = *(const tt_commitment_row *const *)a,
		*y = *(const tt_commitment_row *const *)b;

	return x->starts_at != y->starts_at ? (x->starts_at > y->starts_at) -
		(x->starts_at < y->starts_at) : (x > y) - (x < y);
}

static int by_pool(const void *a, const void *b)
{
	const part *x = a, *y = b;

	return x->pool != y->pool ? (x->pool > y->pool) - (x->pool < y->pool)
	                          : (x->row > y->row) - (x->row < y->row);
}

static int hand_out_all(sharing *x, tt_err *err)
{
	const tt_rows *rows = &x->s->table[TT_COMMITMENTS];
	const tt_commitment_row **order =
		tt_arena_alloc(x->arena, (rows->n + 1) * sizeof(tt_commitment_row *));
	size_t n = 0;

	if (!order)
		return tt_no_memory(err);
	for (size_t i = 0; i < rows->n; i++) {
		const tt_commitment_row *c = TT_ROW(rows, tt_commitment_row, i);

		if (c->units > 0 && (c->ends_at == TT_TIME_MISSING || c->ends_at > x->s->end_s))
			order[n++] = c;
	}
	qsort(order, n, sizeof *order, by_begin);
	for (size_t i = 0; i < n; i++)
		TT_TRY(hand_out(x, order[i], err));
	return TT_OK;
}

/* Parts of one commitment for several likes of a pool are one lot. */
static int lots(sharing *x, tt_pool_lots *ret, tt_err *err)
{
	tt_lot *v = tt_arena_alloc(x->arena, (x->n + 1) * sizeof *v);
	size_t n = 0;

	if (!v)
		return tt_no_memory(err);
	if (x->n)
		qsort(x->v, x->n, sizeof *x->v, by_pool);
	for (size_t i = 0; i < x->n;) {
		const part *p = &x->v[i];
		tt_pool_lots *to = &ret[p->pool];
		double units = 0;

		for (; i < x->n && by_pool(p, &x->v[i]) == 0; i++)
			units += x->v[i].units;
		to->v = to->n ? to->v : &v[n];
		v[n++] = (tt_lot){ p->row->commitment, p->row, p->row->starts_at,
			p->row->ends_at, llround(units) };
		to->n++;
	}
	return TT_OK;
}

int tt_portfolio_lots(const tt_snapshot *s, const tt_eligible *e, tt_arena *arena,
                      tt_pool_lots **ret, const char **notes, size_t *n_notes, tt_err *err)
{
	const size_t n = n_likes(e);
	sharing x = { .s = s, .e = e, .arena = arena, .notes = notes, .n_notes = n_notes,
		.recent = tt_arena_alloc(arena, (e->n + 1) * sizeof *x.recent),
		.taken = tt_arena_alloc(arena, (n + 1) * sizeof *x.taken),
		.f.v = tt_arena_alloc(arena, (n + 1) * sizeof *x.f.v) };
	tt_pool_lots *to = tt_arena_alloc(arena, (e->n + 1) * sizeof *to);
	int rc = TT_OK;

	if (!x.recent || !x.taken || !x.f.v || !to)
		return tt_no_memory(err);
	for (size_t i = 0; i < e->n; i++)
		x.recent[i] = tt_eligible_recent(e, &e->v[i]);
	rc = hand_out_all(&x, err);
	rc = rc ? rc : lots(&x, to, err);
	tt_free(x.v);
	*ret = to;
	return rc;
}
