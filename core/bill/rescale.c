#include "bill/rescale.h"
#include "base/memory.h"
#include <stdlib.h>

#define FACTOR_MOST_U9 UINT64_C(1000000000000000) /* 10^6 */

size_t tt_case_rescales(const tt_case *c, size_t line, size_t *ret_n)
{
	size_t lo = 0, hi = c->n_rescales, n = 0;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (c->rescales[mid].line < line)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo + n < c->n_rescales && c->rescales[lo + n].line == line)
		n++;
	*ret_n = n;
	return lo;
}

static int compare_times(const void *pa, const void *pb)
{
	const int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;

	return (a > b) - (a < b);
}

/* All factors in force at a time, one after the other in their order. */
static int factor_at(const tt_rescale *v, size_t n, int64_t at_s, uint64_t *ret, tt_err *err)
{
	tt_i128 factor = TT_U9_ONE;

	for (size_t i = 0; i < n; i++) {
		if (v[i].from_s > at_s || v[i].to_s <= at_s)
			continue;
		factor = tt_div_half_even(factor * (tt_i128)v[i].factor_u9, TT_U9_ONE);
		if (factor > (tt_i128)FACTOR_MOST_U9)
			return tt_fail(err, TT_EDATA, "changes make more of a charge than can be "
				       "counted");
	}
	*ret = (uint64_t)factor;
	return TT_OK;
}

/* What the parts cost more, each rounded with those before it. */
static int price_parts(const tt_case *c, size_t line, tt_line_part *v, size_t n, tt_err *err)
{
	const tt_i128 micro = c->snapshot->billed.lines[line].micro;
	const tt_i128 per = (tt_i128)(c->snapshot->end_s - c->snapshot->start_s) * TT_U9_ONE;
	tt_i128 weight = per, before = micro, now; /* window seconds x factor */

	for (size_t i = 0; i < n; i++) {
		weight += (v[i].to_s - v[i].from_s) * ((tt_i128)v[i].factor_u9 - TT_U9_ONE);
		if (__builtin_mul_overflow(weight, micro, &now) ||
		    (now = tt_div_half_even(now, per)) > INT64_MAX || now < -INT64_MAX ||
		    now - before > INT64_MAX || now - before < -INT64_MAX)
			return tt_fail(err, TT_EDATA, "changes make more of a charge than can be "
				       "counted");
		v[i].more_micro = (int64_t)(now - before);
		before = now;
	}
	return TT_OK;
}

int tt_line_parts(const tt_case *c, size_t line, tt_line_part **ret, size_t *ret_n, tt_err *err)
{
	size_t n, kept = 0;
	const tt_rescale *v = c->rescales + tt_case_rescales(c, line, &n);
	TT_CLEANUP(tt_freep) int64_t *at = tt_zalloc(2 * n + 1, sizeof *at);
	TT_CLEANUP(tt_freep) tt_line_part *parts = tt_zalloc(2 * n + 1, sizeof *parts);

	if (!at || !parts)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		at[2 * i] = v[i].from_s;
		at[2 * i + 1] = v[i].to_s;
	}
	qsort(at, 2 * n, sizeof *at, compare_times);
	for (size_t i = 0; i + 1 < 2 * n; i++) {
		tt_line_part one = { at[i], at[i + 1], TT_U9_ONE, 0 };

		if (one.from_s == one.to_s)
			continue;
		TT_TRY(factor_at(v, n, one.from_s, &one.factor_u9, err));
		if (one.factor_u9 != TT_U9_ONE)
			parts[kept++] = one;
	}
	TT_TRY(price_parts(c, line, parts, kept, err));
	*ret = parts;
	*ret_n = kept;
	parts = NULL;
	return TT_OK;
}

int tt_line_cost(const tt_case *c, size_t line, int64_t *ret_micro, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_line_part *parts = NULL;
	size_t n;

	*ret_micro = c->snapshot->billed.lines[line].micro;
	if (!c->n_rescales)
		return TT_OK;
	TT_TRY(tt_line_parts(c, line, &parts, &n, err));
	for (size_t i = 0; i < n; i++)
		*ret_micro += parts[i].more_micro;
	return TT_OK;
}

int tt_lines_cost(const tt_case *c, int64_t *ret_micro, tt_err *err)
{
	int64_t total = 0, cost;

	for (size_t i = 0; i < c->snapshot->billed.n; i++) {
		TT_TRY(tt_line_cost(c, i, &cost, err));
		TT_TRY(tt_money_add(&total, cost, "charges", err));
	}
	*ret_micro = total;
	return TT_OK;
}

const char *tt_line_owner(const tt_case *c, size_t line, tt_arena *arena)
{
	const tt_billed_line *l = &c->snapshot->billed.lines[line];
	const char *owner = tt_settings_owner(c->settings, l->labels, "", arena);

	if (!owner || *owner || l->volume == SIZE_MAX)
		return owner;
	return TT_ROW(&c->snapshot->table[TT_VOLUMES], tt_volume_row, l->volume)->owner;
}
