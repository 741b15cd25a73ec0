#include "bill/added.h"
#include "base/money.h"

int tt_added_segment(const tt_added *a, tt_segment *ret, tt_err *err)
{
	*ret = (tt_segment){ .from_s = a->from_s, .to_s = a->to_s, .nodes = a->nodes,
			     .terms = a->terms };
	TT_TRY(tt_terms_price(&a->terms, 1, TT_DECIMAL_MISSING, &ret->price_per_hour, err));
	return tt_terms_paid_u9(&a->terms, 1, &ret->paid_u9, err);
}

static int add_segment(const tt_added *a, tt_segments *ret, tt_err *err)
{
	tt_segment one;

	TT_TRY(tt_added_segment(a, &one, err));
	return tt_segments_add(ret, &one, err);
}

int tt_case_added(const tt_case *c, tt_segments *ret, tt_err *err)
{
	for (size_t i = 0; i < c->n_added; i++)
		TT_TRY(add_segment(&c->added[i], ret, err));
	return TT_OK;
}

int tt_case_added_cost(const tt_case *c, tt_held *held, int64_t *ret_micro, tt_err *err)
{
	TT_CLEANUP(tt_segments_free) tt_segments of_change = { 0 };
	int64_t total = 0, cost, listed;

	for (size_t i = 0; i < c->n_added; i++) {
		TT_TRY(add_segment(&c->added[i], &of_change, err));
		if (i + 1 < c->n_added && c->added[i + 1].address == c->added[i].address)
			continue;
		TT_TRY(tt_held_capacity_cost(held, &of_change, 1, &cost, &listed, err));
		TT_TRY(tt_money_add(&total, cost, "capacity that changes add", err));
		of_change.n = 0;
	}
	*ret_micro = total;
	return TT_OK;
}
