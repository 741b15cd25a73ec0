#include "maths/money_search.h"
#include "maths/money_curve.h"
#include <string.h>

enum { ROUNDS = 8 };

typedef struct search {
	tt_money_biller b;
	int64_t step;
	int64_t *at, *next;         /* [n_plans] in steps */
	int64_t *micro;             /* [n_plans] */
	tt_i128 cost;               /* at `at` */
	int64_t most;               /* steps that any plan could be spent on in an hour */
	size_t n_bills;
} search;

static size_t plans(const search *s)
{
	return s->b.u->n_plans;
}

static int bill(search *s, const int64_t *steps, tt_money_bill *ret, tt_err *err)
{
	for (size_t k = 0; k < plans(s); k++)
		s->micro[k] = steps[k] * s->step;
	s->n_bills++;
	return tt_money_bill_all(&s->b, s->micro, NULL, ret, err);
}

/* To `next`, if that is cheaper. */
static int move(search *s, bool *ret, tt_err *err)
{
	tt_money_bill bill_there;

	*ret = false;
	for (size_t k = 0; k < plans(s); k++)
		if (s->next[k] < 0 || s->next[k] > s->most)
			return TT_OK;
	TT_TRY(bill(s, s->next, &bill_there, err));
	if (bill_there.exact >= s->cost)
		return TT_OK;
	s->cost = bill_there.exact;
	memcpy(s->at, s->next, plans(s) * sizeof *s->at);
	*ret = true;
	return TT_OK;
}

/* --- Starts ----------------------------------------------------------------------------- */

/* Usage that the plans before `plan` leave at `next`: parts, rounded to whole ones. */
static void leave(search *s, size_t plan, int64_t *used)
{
	const tt_money_usage *u = s->b.u;

	for (size_t t = 0; t < u->n_rows; t++) {
		int64_t *left = used + t * u->n_items;

		memcpy(left, u->used + t * u->n_items, u->n_items * sizeof *left);
		for (size_t k = 0; k < plan; k++) {
			tt_i128 money = s->next[k] * (tt_i128)s->step * 1000000 * u->unit;

			for (size_t j = 0; j < s->b.n_covered[k]; j++) {
				const size_t i = s->b.order[k * u->n_items + j];
				const tt_decimal rate = u->rates[k * u->n_items + i];
				const tt_i128 parts = money / rate < left[i] ? money / rate
				                                             : left[i];

				left[i] -= (int64_t)parts;
				money -= parts * rate;
			}
		}
	}
}

/* The best of one plan on what is left, others at `next`. */
static int best_of_rest(search *s, size_t plan, int64_t *used, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_money_usage u = *s->b.u;
	tt_money_curve c;

	if (!arena)
		return tt_no_memory(err);
	leave(s, plan, used);
	u.used = used;
	TT_TRY(tt_money_curve_make(&u, plan, arena, &c, err));
	const tt_i128 best = tt_money_curve_best(&c) / 1000000 / s->step;

	s->next[plan] = (int64_t)(best < s->most ? best : s->most);
	return TT_OK;
}

static int start(search *s, int64_t *used, tt_err *err)
{
	const size_t n = plans(s), bytes = n * sizeof *s->next;
	bool moved;

	for (size_t k = 0; k < n; k++) {
		memset(s->next, 0, bytes);
		TT_TRY(best_of_rest(s, k, used, err));
		TT_TRY(move(s, &moved, err));
	}
	memset(s->next, 0, bytes);
	for (size_t k = 0; k < n; k++)
		TT_TRY(best_of_rest(s, k, used, err));
	TT_TRY(move(s, &moved, err));
	return TT_OK;
}

/* --- Steps ------------------------------------------------------------------------------ */

/* As far as it helps by `by` and, at the same time, by `with_by` of another plan. */
static int along(search *s, size_t plan, int64_t by, size_t with, int64_t with_by, bool *ret,
                 tt_err *err)
{
	bool moved = true;

	while (moved) {
		memcpy(s->next, s->at, plans(s) * sizeof *s->next);
		s->next[plan] += by;
		s->next[with] += with_by;
		TT_TRY(move(s, &moved, err));
		*ret = *ret || moved;
	}
	return TT_OK;
}

/* Money from one plan to another: what covers the same amount of item `i`, either way, and
 * rounded to either side. */
static int exchange(search *s, size_t a, size_t b, size_t i, int64_t length, bool *ret, tt_err *err)
{
	const tt_money_usage *u = s->b.u;
	const tt_decimal from = u->rates[a * u->n_items + i], to = u->rates[b * u->n_items + i];

	if (from <= 0 || to <= 0 || length > INT64_MAX / 4 || to / from > s->most)
		return TT_OK;
	const int64_t other = (int64_t)(length * to / from);

	TT_TRY(along(s, a, length, b, -other, ret, err));
	TT_TRY(along(s, a, -length, b, other, ret, err));
	TT_TRY(along(s, a, length, b, -other - 1, ret, err));
	return along(s, a, -length, b, other + 1, ret, err);
}

static int steps_of(search *s, int64_t length, bool *ret, tt_err *err)
{
	const size_t n = plans(s);

	for (size_t a = 0; a < n; a++) {
		TT_TRY(along(s, a, length, a, 0, ret, err));
		TT_TRY(along(s, a, -length, a, 0, ret, err));
		for (size_t b = 0; b < n; b++)
			for (size_t i = 0; b != a && i < s->b.u->n_items; i++)
				TT_TRY(exchange(s, a, b, i, length, ret, err));
	}
	return TT_OK;
}

static int walk(search *s, tt_err *err)
{
	bool moved = true;

	for (int round = 0; moved && round < ROUNDS; round++) {
		int64_t length = 1;

		moved = false;
		while (length < s->most)
			length *= 2;
		for (; length; length /= 2)
			TT_TRY(steps_of(s, length, &moved, err));
	}
	return TT_OK;
}

/* --- The search ------------------------------------------------------------------------- */

/* Steps that cover all of an hour, at the dearest rate. */
static int find_most(search *s, tt_err *err)
{
	const tt_money_usage *u = s->b.u;

	for (size_t k = 0; k < plans(s); k++)
		for (size_t t = 0; t < u->n_rows; t++) {
			tt_i128 all = 0;

			for (size_t i = 0; i < u->n_items; i++)
				if (u->rates[k * u->n_items + i] > 0)
					all += u->used[t * u->n_items + i] *
					       u->rates[k * u->n_items + i];
			all = all / u->unit / 1000000 / s->step + 1;
			if (all > INT64_MAX / 4 / s->step)
				return tt_fail(err, TT_EDATA, "row %zu uses more money per hour "
				               "than can be counted", t);
			s->most = all > s->most ? (int64_t)all : s->most;
		}
	return TT_OK;
}

int tt_money_search(const tt_money_usage *u, int64_t step_micro, tt_arena *arena,
                    tt_money_found *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *used = tt_zalloc(u->n_rows * u->n_items + 1, sizeof *used);
	search s = { .step = step_micro };
	tt_money_found f = { 0 };

	if (step_micro <= 0)
		return tt_fail(err, TT_EINVAL, "steps of %lld micro-units of money per hour, "
		               "expected more than 0", (long long)step_micro);
	TT_TRY(tt_money_biller_make(u, arena, &s.b, err));
	s.at = tt_arena_alloc(arena, (u->n_plans + 1) * sizeof *s.at);
	s.next = tt_arena_alloc(arena, (u->n_plans + 1) * sizeof *s.next);
	s.micro = tt_arena_alloc(arena, (u->n_plans + 1) * sizeof *s.micro);
	f.unused_micro = tt_arena_alloc(arena, (u->n_plans + 1) * sizeof *f.unused_micro);
	if (!used || !s.at || !s.next || !s.micro || !f.unused_micro)
		return tt_no_memory(err);
	TT_TRY(find_most(&s, err));
	TT_TRY(bill(&s, s.at, &f.none, err));
	s.cost = f.none.exact;
	TT_TRY(start(&s, used, err));
	TT_TRY(walk(&s, err));
	f.commitment_micro = s.at;
	for (size_t k = 0; k < u->n_plans; k++)
		s.at[k] *= step_micro;
	TT_TRY(tt_money_bill_all(&s.b, s.at, f.unused_micro, &f.bill, err));
	f.n_bills = s.n_bills;
	*ret = f;
	return TT_OK;
}
