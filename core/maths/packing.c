#include "maths/packing.h"
#include "base/memory.h"
#include "maths/packing_bound.h"
#include "maths/packing_exact.h"
#include "maths/packing_greedy.h"
#include "maths/packing_states.h"

static bool better(const tt_packing *a, const tt_packing *b)
{
	if (a->n_left != b->n_left)
		return a->n_left < b->n_left;
	return a->cost < b->cost;
}

/* The best of what the heuristics find, after removal. */
static int pack_greedy(tt_packing *best, tt_err *err)
{
	static const enum tt_pack_rule rules[] = { TT_PACK_CHEAPEST_BIN, TT_PACK_CHEAPEST_SHARE };
	const size_t n_ffd = best->plan->p->n_kinds > 1 ? 2 : 1;

	for (size_t i = 0; i <= n_ffd; i++) {
		TT_CLEANUP(tt_packing_free) tt_packing s = { 0 };

		TT_TRY(tt_packing_make(best->plan, &s, err));
		if (i < n_ffd)
			tt_pack_first_fit(&s, rules[i]);
		else
			TT_TRY(tt_pack_dot(&s, err));
		TT_TRY(tt_pack_remove(&s, err));
		if (i == 0 || better(&s, best))
			tt_packing_copy(best, &s);
	}
	return TT_OK;
}

static int to_result(const tt_packing *s, tt_pack_result *ret, tt_err *err)
{
	const tt_pack_problem *p = s->plan->p;
	const size_t n_new = s->n_bins - p->n_bins;
	size_t *bin = tt_alloc(p->n_items * sizeof *bin), *kind = tt_alloc(n_new * sizeof *kind);

	if (!bin || !kind) {
		tt_free(bin);
		tt_free(kind);
		return tt_no_memory(err);
	}
	for (size_t i = 0; i < p->n_items; i++)
		bin[i] = TT_PACK_NOWHERE;
	for (size_t pos = 0; pos < s->plan->n; pos++)
		bin[s->plan->order[pos]] = s->at[pos];
	for (size_t i = 0; i < n_new; i++)
		kind[i] = s->bins[p->n_bins + i].kind;
	ret->bin = bin;
	ret->kind = kind;
	ret->n_new = n_new;
	ret->n_left = s->n_left + (p->n_items - s->plan->n);
	ret->cost = s->cost;
	return TT_OK;
}

/* `bound` is for a packing of everything that fits somewhere. One that leaves more out may
 * cost less, and is known to be the best only when the search says so. */
static int pack_planned(const tt_pack_plan *plan, enum tt_pack_how how, tt_pack_result *ret,
                        tt_err *err)
{
	TT_CLEANUP(tt_packing_free) tt_packing s = { 0 };
	tt_pack_result r = { 0 };
	int64_t bound;

	TT_TRY(tt_pack_bound(plan, &bound, err));
	TT_TRY(tt_packing_make(plan, &s, err));
	if (how == TT_PACK_BEST)
		TT_TRY(pack_greedy(&s, err));
	else if (how == TT_PACK_DOT)
		TT_TRY(tt_pack_dot(&s, err));
	else
		tt_pack_first_fit(&s, TT_PACK_CHEAPEST_BIN);
	r.proven = s.n_left == 0 && (s.cost == bound || plan->p->all_or_nothing);
	if (plan->p->all_or_nothing && plan->n < plan->p->n_items)
		r.proven = true;
	if (how == TT_PACK_BEST && plan->n_groups <= plan->p->exact_groups) {
		if (!r.proven && s.n_left == 0)
			TT_TRY(tt_pack_by_states(&s, &r.proven, &r.steps, err));
		if (!r.proven)
			TT_TRY(tt_pack_exact(&s, bound, &r.proven, &r.steps, err));
	}
	r.bound = s.n_left ? 0 : bound;
	if (r.proven && !plan->p->all_or_nothing)
		r.bound = s.cost;
	TT_TRY(to_result(&s, &r, err));
	*ret = r;
	return TT_OK;
}

int tt_pack(const tt_pack_problem *p, enum tt_pack_how how, tt_pack_result *ret, tt_err *err)
{
	TT_CLEANUP(tt_pack_plan_free) tt_pack_plan plan = { 0 };

	TT_TRY(tt_pack_plan_make(p, &plan, err));
	return pack_planned(&plan, how, ret, err);
}

void tt_pack_result_free(tt_pack_result *r)
{
	tt_free(r->bin);
	tt_free(r->kind);
	*r = (tt_pack_result){ 0 };
}
